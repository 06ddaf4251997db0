import Glibc
import Primitives

/// A call of the operating system that failed.
struct FileFailure: Error {
  let action: String
  let path: String
  let number: Int32

  /// - Parameter action: what was tried, as in "open".
  init(_ action: String, _ path: String, _ number: Int32 = errno) {
    self.action = action
    self.path = path
    self.number = number
  }

  var isMissing: Bool { number == ENOENT || number == ENOTDIR }
  var isFull: Bool { number == ENOSPC || number == EDQUOT }
  var text: String { "cannot \(action) \(path): \(String(cString: strerror(number)))" }
}

/// An open file; closed when the last reference goes.
final class PosixFile: Sendable {
  let path: String
  let descriptor: Int32

  init(_ path: String, _ flags: Int32, mode: mode_t = 0o600) throws(FileFailure) {
    self.path = path
    descriptor = open(path, flags | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileFailure("open", path) }
  }

  deinit { close(descriptor) }

  /// The bytes of `offset ..< offset + count`, fewer at the end of the file.
  func read(at offset: Int, count: Int) throws(FileFailure) -> Bytes {
    var bytes = Bytes(repeating: 0, count: count)
    var done = 0
    while done < count {
      let part = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress! + done, count - done, off_t(offset + done))
      }
      if part < 0 && errno == EINTR { continue }
      guard part >= 0 else { throw FileFailure("read", path) }
      if part == 0 { break }
      done += part
    }
    bytes.removeLast(count - done)
    return bytes
  }

  func write(_ bytes: Bytes, at offset: Int) throws(FileFailure) {
    var done = 0
    while done < bytes.count {
      let part = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress! + done, bytes.count - done, off_t(offset + done))
      }
      if part < 0 && errno == EINTR { continue }
      guard part > 0 else { throw FileFailure("write", path) }
      done += part
    }
  }

  func replaceContent(_ bytes: Bytes) throws(FileFailure) {
    guard ftruncate(descriptor, 0) == 0 else { throw FileFailure("truncate", path) }
    try write(bytes, at: 0)
  }

  func syncData() throws(FileFailure) {
    guard fdatasync(descriptor) == 0 else { throw FileFailure("sync", path) }
  }

  var byteCount: Int {
    get throws(FileFailure) {
      var info = stat()
      guard fstat(descriptor, &info) == 0 else { throw FileFailure("inspect", path) }
      return Int(info.st_size)
    }
  }

  /// Who may read, write and run it, the lower nine bits.
  var mode: mode_t {
    get throws(FileFailure) {
      var info = stat()
      guard fstat(descriptor, &info) == 0 else { throw FileFailure("inspect", path) }
      return info.st_mode & 0o777
    }
  }

  /// The whole of a file that is at most `byteCountMax` long; longer ones are not ours.
  static func content(_ path: String, byteCountMax: Int) throws(FileFailure) -> Bytes {
    let file = try PosixFile(path, O_RDONLY)
    guard try file.byteCount <= byteCountMax else { throw FileFailure("read", path, EFBIG) }
    return try file.read(at: 0, count: byteCountMax)
  }

  /// Writes a file so that it is there whole and durable, or not at all. Nothing may be at `path`, or it is replaced.
  static func place(_ bytes: Bytes, at path: String, in directory: String) throws(FileFailure) {
    let draft = path + ".new"
    let file = try PosixFile(draft, O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(bytes, at: 0)
    guard fsync(file.descriptor) == 0 else { throw FileFailure("sync", draft) }
    guard rename(draft, path) == 0 else { throw FileFailure("rename", draft) }
    try syncDirectory(directory)
  }

  static func syncDirectory(_ path: String) throws(FileFailure) {
    let directory = try PosixFile(path, O_RDONLY | O_DIRECTORY)
    guard fsync(directory.descriptor) == 0 else { throw FileFailure("sync", path) }
  }

  /// The size of the file at `path`, or nil when there is none.
  static func byteCount(at path: String) throws(FileFailure) -> Int? {
    var info = stat()
    if stat(path, &info) == 0 { return Int(info.st_size) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw FileFailure("inspect", path)
  }

  /// The names in a directory, sorted, without "." and "..".
  static func names(in directory: String) throws(FileFailure) -> [String] {
    guard let stream = opendir(directory) else { throw FileFailure("list", directory) }
    defer { closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw FileFailure("list", directory) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }
}
