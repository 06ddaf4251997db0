import Foundation
import Messages

/// A directory of the benchmark's own inside the one it was given; it goes with the benchmark, whatever happens.
public struct ScratchFolder: Sendable {
  public let path: String

  /// Makes it.
  ///
  /// - Parameter parent: an existing directory on the disk to be measured.
  /// - Throws: `XYL-CFG-0015` when the parent is missing, `XYL-CFG-0016` when it cannot be written.
  public init(in parent: String) throws(Failure) {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: parent, isDirectory: &isDirectory), isDirectory.boolValue else {
      throw Failure(.configDirectoryMissing, ["key": "--directory", "directory": parent])
    }
    path = parent + "/xylem-bench-" + String(UInt64.random(in: 1 << 32..<1 << 48), radix: 36)
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false) } catch {
      throw Failure(
        .configDirectoryNotWritable,
        ["key": "--directory", "directory": parent, "reason": String(describing: (error as NSError).code)])
    }
  }

  /// Removes everything in it.
  public func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// Bytes of all files below a directory.
  static func bytes(of path: String) -> Int {
    let files = FileManager.default.enumerator(atPath: path)
    var total = 0
    while let name = files?.nextObject() as? String {
      let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/" + name)
      if attributes?[.type] as? FileAttributeType == .typeRegular {
        total += (attributes?[.size] as? NSNumber)?.intValue ?? 0
      }
    }
    return total
  }
}
