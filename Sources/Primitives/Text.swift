/// Text as the store knows it: NFC UTF-8, equal and ordered by its bytes.
///
/// Swift's `String` compares by canonical equivalence (measured: é in two normal forms is one dictionary key but two
/// store keys). The border normalises once; from there on bytes decide, and short texts (15 bytes) need no allocation.
public struct Text: Hashable, Comparable, Sendable, ExpressibleByStringInterpolation, CustomStringConvertible {
  public let string: String

  /// - Requires: `string` is in NFC; what comes from outside passes the importer's or API's normaliser first.
  @inlinable public init(_ string: String) { self.string = string }
  public init(stringLiteral value: String) { string = value }

  public var description: String { string }
  public var isEmpty: Bool { string.isEmpty }
  /// How many UTF-8 bytes.
  public var byteCount: Int { string.utf8.count }
  /// How many user-perceived characters; linear.
  public var characterCount: Int { string.count }

  public static func == (left: Text, right: Text) -> Bool {
    // A string of our own lends its bytes; comparing views instead costs five times as much.
    var (left, right) = (left.string, right.string)
    return left.withUTF8 { left in right.withUTF8 { left.count == $0.count && left.elementsEqual($0) } }
  }

  public static func < (left: Text, right: Text) -> Bool {
    left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var text = string
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }

  /// Whether the text begins with `prefix`, bytewise; the test that prefix codes (region, job, org category) live by.
  public func starts(with prefix: Text) -> Bool { string.utf8.starts(with: prefix.string.utf8) }
}
