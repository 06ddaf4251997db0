import Foundation
import Messages

/// Gets a configuration's text, or the reason why there is none.
enum ConfigFile {
  /// A configuration has a few lines; what is larger is not one.
  static let bytesMax = 1 << 20

  static func read(_ path: String) throws(Failure) -> String {
    let bytes = try contents(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      // The repaired text differs first where the fault is.
      let repaired = String(decoding: bytes, as: UTF8.self).utf8
      let offset = zip(bytes, repaired).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? bytes.count
      throw Failure(.configNotUTF8, ["file": path, "offset": "\(offset)"])
    }
    return text
  }

  private static func contents(_ path: String) throws(Failure) -> [UInt8] {
    // Not blocking: a pipe without a writer would hold the daemon's start for ever.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { throw Failure(.configFileMissing, ["file": path]) }
      throw unreadable(path, String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw unreadable(path, String(cString: strerror(errno))) }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw unreadable(path, "it is a directory")
    default: throw unreadable(path, "it is not a regular file")
    }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Foundation.read(descriptor, &part, part.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw unreadable(path, String(cString: strerror(errno))) }
      if count == 0 { return bytes }
      bytes += part[..<count]
      guard bytes.count <= bytesMax else { throw unreadable(path, "it is larger than 1 MiB") }
    }
  }

  private static func unreadable(_ path: String, _ reason: String) -> Failure {
    Failure(.configFileUnreadable, ["file": path, "reason": reason])
  }
}
