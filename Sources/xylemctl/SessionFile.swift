import Glibc
import Messages

/// Where a login is kept between two commands: one file for each daemon's socket, which nobody else may read.
///
/// `$XYLEM_SESSION` names another file; else it lies in `$XDG_RUNTIME_DIR/xylem`, which the system empties when the
/// user leaves, or in `~/.xylem`.
struct SessionFile {
  /// Nil when there is no place for one.
  let path: String?

  init(socketPath: String) {
    let environment = Invocation.current.environment
    func named(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    if let file = named("XYLEM_SESSION") {
      path = file
    } else if let folder = named("XDG_RUNTIME_DIR") {
      path = "\(folder)/xylem/\(SessionFile.name(socketPath))"
    } else {
      path = named("HOME").map { "\($0)/.xylem/\(SessionFile.name(socketPath))" }
    }
  }

  /// A name that two sockets hardly share: FNV-1a of the absolute path. Two that did would use each other's token,
  /// which the daemon refuses.
  private static func name(_ socketPath: String) -> String {
    let resolved = realpath(socketPath, nil)
    defer { free(resolved) }
    let text = resolved.map { String(cString: $0) } ?? socketPath
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return "session-" + String(hash, radix: 16)
  }

  /// The token, or nil without a login. A file that others may read is passed over: it may be anybody's.
  var token: String? {
    guard let path else { return nil }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & 0o077 == 0, facts.st_uid == geteuid() else { return nil }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let text = String(decoding: buffer[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
    return text.isEmpty ? nil : text
  }

  /// Keeps a token.
  ///
  /// - Throws: `clientOutput` when the file cannot be written.
  func keep(_ token: String) throws(Failure) {
    guard let path else {
      throw Failure(.clientOutput, ["file": "XYLEM_SESSION", "reason": "neither it nor HOME is set"])
    }
    if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o700) }
    // A new file, so that one that others may read is not written into.
    unlink(path)
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(.clientOutput, ["file": path, "reason": "errno \(errno)"]) }
    defer { close(descriptor) }
    let bytes = Array((token + "\n").utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Failure(.clientOutput, ["file": path, "reason": "errno \(errno)"])
    }
  }

  /// Forgets it.
  func remove() { if let path { unlink(path) } }
}
