import AdminClient
import Console
import Glibc
import Messages

/// Files that are there whole and durable, or not at all: a stick pulled out while one is written leaves a name that
/// says so.
enum WholeFile {
  /// Ends the name of a file that is not finished.
  static let unfinished = ".part"

  /// Writes beside, syncs, renames.
  ///
  /// - Throws: `clientOutput`; what was at `path` before is still there.
  static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    let draft = path + unfinished
    func failure(_ number: Int32) -> Failure {
      Failure(.clientOutput, ["file": path, "reason": systemReason(number)])
    }
    let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw failure(errno) }
    var problem: Int32?
    switch DescriptorSink(file).write(bytes) {
    case .written: if fsync(file) != 0 { problem = errno }
    case .readerGone: problem = EPIPE
    case .failed(let number): problem = number
    }
    if close(file) != 0, problem == nil { problem = errno }
    if problem == nil, rename(draft, path) != 0 { problem = errno }
    if let problem {
      unlink(draft)
      throw failure(problem)
    }
    // The name is durable too, where the file system knows how (FAT's directories cannot always be synced).
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    let directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  static func isFolder(_ path: String) -> Bool {
    var facts = stat()
    return path.hasSuffix("/") || stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
  }
}
