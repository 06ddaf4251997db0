import Foundation
import Synchronization

/// Directories in which backups of this process keep a store's files together, one each: two backups at a time do not
/// take each other's away.
enum Checkpoints {
  private static let prefix = "checkpoint"
  private static let active = Mutex<Set<String>>([])

  /// A path of its own in a store's directory; nothing is there yet.
  ///
  /// What processes that died left behind goes: links to files that RocksDB keeps or dropped, and nothing else. The
  /// store's lock says that no other process is at work in the directory.
  static func begin(in directory: String) throws -> String {
    let path = "\(directory)/\(prefix)-\(UUID().uuidString)"
    try active.withLock { active in
      for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasPrefix(prefix) {
        let old = "\(directory)/\(name)"
        if !active.contains(old) { try FileManager.default.removeItem(atPath: old) }
      }
      active.insert(path)
    }
    return path
  }

  /// Removes what is at a path of ``begin(in:)``.
  static func end(_ path: String) {
    try? FileManager.default.removeItem(atPath: path)
    active.withLock { _ = $0.remove(path) }
  }
}
