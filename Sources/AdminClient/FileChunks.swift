import Glibc
import Messages

/// A file in pieces, read as somebody asks for them: its length never matters to memory. Iterate it once.
public struct FileChunks: AsyncSequence, Sendable {
  /// Without the folder.
  public let name: String
  /// Bytes in the file when it was opened; 0 for pipes and devices.
  public let size: Int
  /// What an upload may promise: nil for pipes and devices, which end when they end.
  public let length: Int64?
  private let file: OpenFile

  /// Opens it.
  ///
  /// - Throws: `clientFileMissing`, `clientFileUnreadable`.
  public init(path: String) throws(Messages.Failure) {
    name = path.split(separator: "/").last.map(String.init) ?? path
    file = try OpenFile(path: path)
    let known = try file.size()
    size = known ?? 0
    length = known.map { Int64($0) }
  }

  /// Starts at the beginning; only the first iteration sees everything.
  public func makeAsyncIterator() -> Iterator { Iterator(file: file) }

  /// Hands the parts out in order.
  public struct Iterator: AsyncIteratorProtocol {
    let file: OpenFile
    /// - Throws: ``Failure`` (`clientFileUnreadable`).
    public mutating func next() async throws -> [UInt8]? {
      let bytes = try file.read()
      return bytes.isEmpty ? nil : bytes
    }
  }

  /// A small file whole.
  ///
  /// - Throws: `clientFileMissing`, `clientFileUnreadable`; also when it is longer than `bytesMax`.
  public static func whole(_ path: String, bytesMax: Int) throws(Messages.Failure) -> [UInt8] {
    let file = try OpenFile(path: path)
    var bytes: [UInt8] = []
    while true {
      let more = try file.read()
      if more.isEmpty { return bytes }
      bytes += more
      guard bytes.count <= bytesMax else {
        throw Messages.Failure(.clientFileUnreadable, ["file": path, "reason": "longer than \(bytesMax) bytes"])
      }
    }
  }
}

/// A file open for reading, closed with its last owner.
final class OpenFile: Sendable {
  private static let chunkBytes = 256 << 10
  private let descriptor: Int32
  private let path: String

  init(path: String) throws(Failure) {
    self.path = path
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw Failure(.clientFileMissing, ["file": path]) }
      throw Failure(.clientFileUnreadable, ["file": path, "reason": systemReason(errno)])
    }
  }

  deinit { close(descriptor) }

  func size() throws(Failure) -> Int? {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw unreadable(errno) }
    if facts.st_mode & S_IFMT == S_IFDIR { throw unreadable(EISDIR) }
    return facts.st_mode & S_IFMT == S_IFREG ? Int(facts.st_size) : nil
  }

  /// The next bytes; empty at the end.
  func read() throws(Failure) -> [UInt8] {
    var reason: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: OpenFile.chunkBytes) { buffer, count in
      var result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      while result < 0 && errno == EINTR { result = Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
      if result < 0 { reason = errno }
      count = Swift.max(0, result)
    }
    if reason != 0 { throw unreadable(reason) }
    return bytes
  }

  private func unreadable(_ number: Int32) -> Failure {
    Failure(.clientFileUnreadable, ["file": path, "reason": systemReason(number)])
  }
}

/// What the system calls an error number.
public func systemReason(_ number: Int32) -> String {
  strerror(number).map { String(cString: $0) } ?? "errno \(number)"
}
