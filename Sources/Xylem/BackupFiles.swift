import Formats
import Foundation
import Messages
import Primitives
import RocksStorage

/// Files and directories of backups: copied with their hash, synced before anybody is told.
extension Backups {
  static func resolved(_ path: String) -> String { URL(fileURLWithPath: path).resolvingSymlinksInPath().path }

  static func byteCount(_ path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? Int) ?? 0
  }

  static func failed(_ operation: String, _ path: String) -> Failure {
    Failure(.storageIO, ["operation": operation, "reason": String(cString: strerror(errno)), "file": path])
  }

  /// Refuses work that would fill the device.
  static func requireSpace(_ needed: Int, at path: String) throws(Failure) {
    var facts = statvfs()
    guard statvfs(path, &facts) == 0 else { throw failed("inspect the free space of", path) }
    let free = Int(
      clamping: UInt64(facts.f_bavail).multipliedReportingOverflow(by: UInt64(facts.f_frsize)).partialValue)
    let reserve = 64 << 20
    guard free > needed + reserve else {
      throw Failure(
        .storageFull, ["free": "\(free >> 20) MiB", "reserve": "\((needed + reserve) >> 20) MiB", "directory": path])
    }
  }

  /// Reads a file and its hash; with a target also writes it there, synced.
  static func copy(_ source: String, to target: String?, as name: String) throws(Failure) -> BackupManifest.File {
    guard let input = FileHandle(forReadingAtPath: source) else {
      throw Failure(.storageBackupDamaged, ["file": source, "reason": "it is missing or cannot be read"])
    }
    defer { try? input.close() }
    var output: FileHandle?
    if let target {
      let path = "\(target)/\(name)"
      let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard descriptor >= 0 else { throw failed("create", path) }
      output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
    do {
      var hash = RunningDigest()
      var count = 0
      while let part = try input.read(upToCount: 1 << 20), !part.isEmpty {
        part.withUnsafeBytes { hash.update($0) }
        try output?.write(contentsOf: part)
        count += part.count
      }
      try output?.synchronize()
      try output?.close()
      return BackupManifest.File(name: name, byteCount: count, digest: hash.finish().bytes.hex)
    } catch { throw failed(target == nil ? "read" : "copy", source) }
  }

  static func write(_ data: Data, to path: String) throws(Failure) {
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failed("create", path) }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      try file.write(contentsOf: data)
      try file.synchronize()
      try file.close()
    } catch { throw failed("write", path) }
  }

  static func sync(_ directory: String) throws(Failure) {
    let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failed("open", directory) }
    defer { Glibc.close(descriptor) }
    guard fsync(descriptor) == 0 else { throw failed("sync", directory) }
  }

  // MARK: The last proof

  private static let proofName = "PROVEN"

  static func remember(_ backup: String, in directory: String) throws(Failure) {
    let text = "\(ISO8601DateFormatter().string(from: Date())) \(URL(fileURLWithPath: backup).lastPathComponent)\n"
    try write(Data(text.utf8), to: "\(directory)/\(proofName)")
  }

  /// When a backup of the node in `directory` was last put back and found whole; nil when never.
  public static func lastProof(in directory: String) -> Date? {
    guard let text = try? String(contentsOfFile: "\(directory)/\(proofName)", encoding: .utf8),
      let stamp = text.split(separator: " ").first
    else { return nil }
    return ISO8601DateFormatter().date(from: String(stamp))
  }
}

extension Node {
  /// Makes a backup of this node below `directory`, while it runs: in a new directory named after the domain and the
  /// time.
  ///
  /// - Returns: where it is and what it says.
  /// - Throws: `XYL-API-0006` for a place inside the store, `XYL-STO-0009` when a backup of this second is there,
  ///   `XYL-STO-0001` without room; storage failures. Nothing is left behind then.
  public func backup(
    into directory: String, progress: @escaping Backups.Progress = { _, _ in }
  ) async throws(Failure) -> Backups.Found {
    let (store, identity) = (store, identity)
    do {
      return try await readers.perform {
        try Backups.create(store, identity: identity, into: directory, progress: progress)
      }
    } catch { throw Failure(anyError: error, directory: directory) }
  }
}
