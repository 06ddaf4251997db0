import Glibc
import Primitives

/// The names inside a store's directory and what the directory stands on.
struct StoreDirectory: Sendable {
  let path: String

  /// Whose store it is; the last file of a creation to appear.
  var nodeFile: String { "\(path)/NODE" }
  /// Locked while a process has the store open; holds its process id.
  var lockFile: String { "\(path)/NODE.lock" }
  /// What was acknowledged: ``Sidecar``.
  var sidecarFile: String { "\(path)/HEAD" }
  /// RocksDB's own directory.
  var rocks: String { "\(path)/rocks" }
  /// Table files on their way into RocksDB; empty between writes, whatever is there after a crash is of no use.
  var runs: String { "\(path)/runs" }

  /// Makes the directory of runs, and empties it.
  func clearRuns() throws(FileFailure) {
    if mkdir(runs, 0o700) != 0 && errno != EEXIST { throw FileFailure("create", runs) }
    for name in try PosixFile.names(in: runs) where unlink("\(runs)/\(name)") != 0 {
      throw FileFailure("remove", "\(runs)/\(name)")
    }
  }

  /// What stands under a directory, as far as it matters.
  enum FileSystem: Hashable {
    case durable
    /// Gone with the power: for tests and caches.
    case volatile
    case unsuitable(String)
  }

  func fileSystem() throws(FileFailure) -> FileSystem {
    guard let resolved = realpath(path, nil) else { throw FileFailure("resolve", path) }
    defer { free(resolved) }
    let mounts = try PosixFile.content("/proc/self/mountinfo", byteCountMax: 1 << 20)
    let kind = StoreDirectory.fileSystemName(
      of: String(cString: resolved), mountinfo: String(decoding: mounts, as: UTF8.self))
    return StoreDirectory.judge(kind ?? "unknown")
  }

  /// The type of the mount that holds `path`, from the text of /proc/self/mountinfo (proc(5)): the longest mount point
  /// that is a whole-component prefix, the last of equal ones, which lies on top.
  static func fileSystemName(of path: String, mountinfo: String) -> String? {
    var best: (length: Int, name: String)?
    for line in mountinfo.split(separator: "\n") {
      let fields = line.split(separator: " ")
      guard fields.count > 6, let dash = fields.firstIndex(of: "-"), dash + 1 < fields.count else { continue }
      let point = unescaped(fields[4])
      let holds = point == "/" || path == point || path.hasPrefix(point + "/")
      if holds && point.utf8.count >= best?.length ?? 0 { best = (point.utf8.count, String(fields[dash + 1])) }
    }
    return best?.name
  }

  /// Space, tab, line feed and backslash are written as a backslash and three octal digits.
  private static func unescaped(_ field: Substring) -> String {
    var bytes = Bytes()
    var rest = field.utf8
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == 0x5C, digits.count == 3, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 8) {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func judge(_ name: String) -> FileSystem {
    switch name {
    case "tmpfs", "ramfs": .volatile
    case "nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "9p", "glusterfs", "fuse.sshfs",
      "fuse.glusterfs",
      "fuse.s3fs", "fuse.rclone", "fuse.davfs", "davfs":
      .unsuitable("\(name) is a network file system, whose locks and syncs do not hold against a second machine")
    case "vfat", "msdos", "exfat", "ntfs", "fuseblk", "iso9660", "squashfs":
      .unsuitable("\(name) lacks the journal, renames or permissions that a store relies on")
    default: .durable
    }
  }

  /// Bytes that we may still write here.
  func freeBytes() throws(FileFailure) -> Int {
    var info = statvfs()
    guard statvfs(path, &info) == 0 else { throw FileFailure("inspect the free space of", path) }
    return Int(clamping: UInt64(info.f_bavail).multipliedReportingOverflow(by: UInt64(info.f_frsize)).partialValue)
  }

  /// The identity in the NODE file.
  func identity() throws(OpenError) -> StoreIdentity {
    let bytes: Bytes
    do throws(FileFailure) {
      bytes = try PosixFile.content(nodeFile, byteCountMax: StoreIdentity.byteCountMax)
    } catch {
      throw error.isMissing ? .notAStore(directory: path) : OpenError(error)
    }
    return try StoreIdentity.decode(bytes, file: nodeFile)
  }
}

/// Keeps a second process, and a second opener in this one, out of a store for as long as it lives. The kernel releases
/// it when the process dies, so it is never stale.
final class DirectoryLock: Sendable {
  private let file: PosixFile

  /// Lets the next opener in; idempotent.
  func release() { flock(file.descriptor, LOCK_UN) }

  init(_ directory: StoreDirectory) throws(OpenError) {
    file = try opening { () throws(FileFailure) in try PosixFile(directory.lockFile, O_RDWR | O_CREAT) }
    if flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK else { throw OpenError(FileFailure("lock", directory.lockFile)) }
      let bytes = try? file.read(at: 0, count: 16)
      throw .inUse(process: bytes.flatMap { Int32(String(decoding: $0, as: UTF8.self).prefix { $0 != "\n" }) })
    }
    do throws(FileFailure) { try file.replaceContent(Bytes("\(getpid())\n".utf8)) } catch { throw OpenError(error) }
  }
}
