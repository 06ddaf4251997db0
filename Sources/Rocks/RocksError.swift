import CRocksDB

/// Why RocksDB refused, told apart as far as a caller reacts differently. The C API gives text only, so the kind is
/// read from the text of release 7.8.3; an unknown text is ``Kind/other``.
public struct RocksError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure the status text names.
  public enum Kind: Hashable, Sendable {
    /// Damaged bytes at rest or in memory.
    case corruption
    /// No space or quota left on the device.
    case noSpace
    /// A file, directory or database that is not there.
    case notFound
    /// Another process, or another handle of this one, holds the database.
    case busy
    /// The device or the operating system failed in another way.
    case device
    /// The options or arguments do not fit this database.
    case invalidArgument
    /// A text that this release of ours does not know.
    case other
  }

  /// What to react to.
  public let kind: Kind
  /// RocksDB's own words, with file names but never a value.
  public let status: String

  /// An error of our own in RocksDB's terms.
  public init(_ kind: Kind, _ status: String) {
    self.kind = kind
    self.status = status
  }

  /// Reads the kind from a status text.
  init(status: String) {
    self.status = status
    kind = RocksError.kind(of: status)
  }

  /// The status text.
  public var description: String { status }

  static func kind(of status: String) -> Kind {
    // A table file that is gone is reported as the manifest's corruption.
    if status.hasPrefix("Corruption") { return status.contains("No such file or directory") ? .notFound : .corruption }
    if status.hasPrefix("IO error") {
      if status.hasPrefix("IO error: No space left") || status.contains("Disk quota exceeded") { return .noSpace }
      if status.hasPrefix("IO error: No such file") { return .notFound }
      if status.hasPrefix("IO error: lock ") || status.hasPrefix("IO error: While lock file") { return .busy }
      return .device
    }
    if status.hasPrefix("NotFound") || status.contains("does not exist (create_if_missing is false)") {
      return .notFound
    }
    if status.hasPrefix("Resource busy") { return .busy }
    if status.hasPrefix("Invalid argument") || status.hasPrefix("Not implemented") { return .invalidArgument }
    return .other
  }
}

/// Calls a C function that reports failure through a `char**`, frees the text and throws it: the only place where such
/// a text is born and dies.
///
/// On failure the C API returns null or nothing, so a thrown call leaves nothing to release.
func checked<Value>(
  _ call: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
) throws(RocksError) -> Value {
  var text: UnsafeMutablePointer<CChar>?
  let value = call(&text)
  guard let text else { return value }
  defer { rocksdb_free(text) }
  throw RocksError(status: String(cString: text))
}

extension Array where Element == UInt8 {
  /// Lends the bytes as C wants them. An empty array has no address of its own, and RocksDB's assertions want one.
  @inline(__always)
  func withChars<Value>(_ body: (UnsafePointer<CChar>, Int) -> Value) -> Value {
    withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else {
        var none: CChar = 0
        return withUnsafePointer(to: &none) { body($0, 0) }
      }
      return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) { body($0, bytes.count) }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Lends the bytes as C wants them; see the same of arrays.
  @inline(__always)
  func withChars<Value>(_ body: (UnsafePointer<CChar>, Int) -> Value) -> Value {
    guard let base = baseAddress else {
      var none: CChar = 0
      return withUnsafePointer(to: &none) { body($0, 0) }
    }
    return body(base.assumingMemoryBound(to: CChar.self), count)
  }
}
