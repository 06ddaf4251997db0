import Foundation
import Primitives

/// A file that could not be used.
public struct FileProblem: Error, Hashable, Sendable {
  /// What can be done about it.
  public enum Kind: Hashable, Sendable {
    /// The system refused, in its words.
    case system(String)
    /// Others than its owner may read it; its mode in octal digits.
    case exposed(mode: String)
    /// It is there and must not be.
    case exists
    /// What it holds cannot be used.
    case unusable(String)
  }
  /// The file's path.
  public let path: String
  /// What is wrong with it.
  public let kind: Kind

  /// A problem with the file at `path`.
  public init(_ path: String, _ kind: Kind) {
    self.path = path
    self.kind = kind
  }

  static func system(_ path: String) -> FileProblem { FileProblem(path, .system(String(cString: strerror(errno)))) }
}

/// Small files of keys and certificates: whole and durable, or not there.
enum SmallFile {
  /// No file of keys, certificates or deny lists is larger.
  static let bytesMax = 16 << 20

  /// - Parameter isSecret: whether others than the owner must not be able to read it.
  static func read(_ path: String, isSecret: Bool = false) throws(FileProblem) -> Bytes {
    // Not blocking: a pipe without a writer would hold the daemon's start for ever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system(path) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw FileProblem(path, .system("it is not a regular file")) }
    let mode = status.st_mode & 0o777
    guard !isSecret || mode & 0o077 == 0 else {
      throw FileProblem(path, .exposed(mode: "0" + String(mode, radix: 8)))
    }
    guard status.st_size <= bytesMax else { throw FileProblem(path, .unusable("it is too large")) }
    var bytes: Bytes = []
    var part = Bytes(repeating: 0, count: 64 << 10)
    while true {
      let count = Foundation.read(descriptor, &part, part.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system(path) }
      if count == 0 { return bytes }
      bytes += part[..<count]
      guard bytes.count <= bytesMax else { throw FileProblem(path, .unusable("it is too large")) }
    }
  }

  static func text(_ path: String, isSecret: Bool = false) throws(FileProblem) -> String {
    guard let text = String(validating: try read(path, isSecret: isSecret), as: UTF8.self) else {
      throw FileProblem(path, .unusable("it is not UTF-8 text"))
    }
    return text
  }

  /// Writes a file whole, synced, under its name only when it is complete.
  ///
  /// - Parameters:
  ///   - replaces: whether a file that is there may go; keys never do.
  ///   - isCopy: whether the same stands elsewhere, so that nothing is lost when the power goes.
  static func write(
    _ text: String, to path: String, mode: mode_t, replaces: Bool, isCopy: Bool = false
  ) throws(FileProblem) {
    if !replaces, access(path, F_OK) == 0 { throw FileProblem(path, .exists) }
    let draft = path + ".new"
    unlink(draft)
    let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw .system(draft) }
    defer { close(descriptor) }
    // The mode whatever the umask says: a certificate must be readable by who runs the daemon.
    guard fchmod(descriptor, mode) == 0 else { throw .system(draft) }
    try writeAll(Bytes(text.utf8), descriptor, draft, isSynced: !isCopy)
    // link(2) refuses an existing name, which rename(2) would replace.
    guard (replaces ? rename(draft, path) : link(draft, path)) == 0 else {
      let problem = errno == EEXIST ? FileProblem(path, .exists) : FileProblem.system(path)
      unlink(draft)
      throw problem
    }
    if !replaces { unlink(draft) }
    if !isCopy { try syncFolder(of: path) }
  }

  /// Appends a line to a file and syncs it.
  static func append(_ text: String, to path: String) throws(FileProblem) {
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(path) }
    defer { close(descriptor) }
    try writeAll(Bytes(text.utf8), descriptor, path)
  }

  private static func writeAll(
    _ bytes: Bytes, _ descriptor: Int32, _ path: String, isSynced: Bool = true
  ) throws(FileProblem) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .system(path) }
      rest = rest.dropFirst(count)
    }
    guard !isSynced || fsync(descriptor) == 0 else { throw .system(path) }
  }

  private static func syncFolder(of path: String) throws(FileProblem) {
    let folder = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(folder) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw .system(folder) }
  }

  static func makeFolder(_ path: String) throws(FileProblem) {
    if mkdir(path, 0o700) != 0, errno != EEXIST { throw .system(path) }
  }
}
