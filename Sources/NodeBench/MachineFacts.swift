import Foundation
import Glibc

/// The machine a figure belongs to: without it a figure says nothing.
public struct MachineFacts: Codable, Hashable, Sendable {
  /// The processor's name, as the kernel has it.
  public let processor: String
  public let cores: Int
  public let memoryBytes: Int
  public let kernel: String
  /// Of the scratch directory.
  public let fileSystem: String
  public let freeBytes: Int
  /// Work that others have for the processors: the load of the last minute before the run.
  public let loadBefore: Double
  /// When the run began, in UTC.
  public let time: String

  /// Reads the facts of this machine and of the file system that holds `directory`.
  public static func read(directory: String) -> MachineFacts {
    func lines(_ path: String) -> [Substring] {
      ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: "\n")
    }
    func value(_ path: String, _ name: String) -> String {
      lines(path).first { $0.hasPrefix(name) }?.split(separator: ":").last.map {
        $0.trimmingCharacters(in: .whitespaces)
      } ?? "?"
    }
    let memory = value("/proc/meminfo", "MemTotal").split(separator: " ").first.flatMap { Int($0) } ?? 0
    var system = utsname()
    uname(&system)
    let release = withUnsafeBytes(of: system.release) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    var disk = statvfs()
    let isKnown = statvfs(directory, &disk) == 0
    return MachineFacts(
      processor: value("/proc/cpuinfo", "model name"), cores: ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: memory * 1024, kernel: release, fileSystem: fileSystem(of: directory, lines("/proc/self/mounts")),
      freeBytes: isKnown ? Int(disk.f_bavail) * Int(disk.f_frsize) : 0,
      loadBefore: lines("/proc/loadavg").first?.split(separator: " ").first.flatMap { Double($0) } ?? 0,
      time: ISO8601DateFormatter().string(from: Date()))
  }

  /// Whether what is synced here survives a loss of power: not in a file system that lives in memory.
  public var isDurable: Bool { !["tmpfs", "ramfs"].contains(fileSystem) }

  /// The type of the mount that holds a path: of those whose place is a prefix of it, the longest and latest.
  private static func fileSystem(of directory: String, _ mounts: [Substring]) -> String {
    let path = URL(fileURLWithPath: directory).resolvingSymlinksInPath().path + "/"
    var (type, length) = ("?", 0)
    for mount in mounts {
      let fields = mount.split(separator: " ")
      guard fields.count > 2 else { continue }
      let place = fields[1] == "/" ? "/" : fields[1] + "/"
      if path.hasPrefix(place), place.utf8.count >= length { (type, length) = (String(fields[2]), place.utf8.count) }
    }
    return type
  }
}
