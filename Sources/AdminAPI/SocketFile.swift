import Glibc
import Messages

/// The file of a Unix socket: only its owner may open it, and a live daemon is never pushed aside.
///
/// The listener binds inside a folder that nobody else may enter; the file moves to its place, already narrowed, once
/// connections are taken. So it is never open to others, not for a moment, and no process-wide mask is touched.
struct SocketFile: Sendable {
  /// Where clients find it.
  let path: String
  /// Where the listener binds.
  let bindPath: String
  private let folder: String
  private let mode: mode_t

  /// - Throws: `configPortInUse` when somebody answers at `path` or when it is something else than a socket: the
  ///   operator frees the path or names another; `configDirectoryNotWritable` when no folder can be made beside it.
  init(path: String, mode: mode_t = 0o600) throws(Failure) {
    self.path = path
    self.mode = mode
    try SocketFile.requireRoom(path)
    let parent = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    var template = Array((parent + ".xylemXXXXXX").utf8CString)
    // mkdtemp(3) makes it with mode 0700.
    guard template.withUnsafeMutableBufferPointer({ $0.baseAddress.map { mkdtemp($0) != nil } ?? false }) else {
      throw Failure(.configDirectoryNotWritable, ["directory": parent.isEmpty ? "." : parent, "key": "admin.socket"])
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    bindPath = folder + "/s"
  }

  /// Puts the bound socket in its place, replacing a dead one's file.
  ///
  /// - Returns: why it could not: a daemon that serves on no path helps nobody.
  func publish() -> Failure? {
    guard chmod(bindPath, mode) == 0, rename(bindPath, path) == 0 else {
      return Failure(
        .configDirectoryNotWritable, ["directory": path, "key": "admin.socket", "reason": "errno \(errno)"])
    }
    rmdir(folder)
    return nil
  }

  /// Removes what is left after the listener is gone.
  func remove() {
    unlink(bindPath)
    rmdir(folder)
    unlink(path)
  }

  private static func requireRoom(_ path: String) throws(Failure) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    guard facts.st_mode & S_IFMT == S_IFSOCK, !isAnswered(path) else {
      throw Failure(.configPortInUse, ["address": path, "key": "admin.socket"])
    }
  }

  private static func isAnswered(_ path: String) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { target in
      // One byte stays zero: the end of the path (unix(7)).
      guard bytes.count < target.count else { return false }
      target.copyBytes(from: bytes)
      return true
    }
    guard fits else { return false }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    // A full backlog is a daemon too.
    return status == 0 || errno == EAGAIN
  }
}
