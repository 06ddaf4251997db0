import Glibc

/// What RocksDB's files look like from outside, for the sidecar.
enum FileWatch {
  /// One look.
  struct Sight: Hashable {
    let manifest: SidecarRecord.KnownFile
    let closedLogs: [SidecarRecord.KnownFile]
  }

  /// Makes the manifest durable as far as it is whole, and lists the write-ahead logs that grow no more.
  ///
  /// Only sizes that survive a power cut may be remembered, or a healthy store would be refused after one: the manifest
  /// is synced here, and every batch in a log but the newest was synced before its writer went on to the next log.
  ///
  /// - Returns: nil when RocksDB replaced a file meanwhile; the next look sees the new one.
  static func look(at directory: StoreDirectory, known: SidecarRecord.KnownFile?) throws(FileFailure) -> Sight? {
    guard let manifest = try? ManifestFile.current(in: directory.rocks) else { return nil }
    do throws(FileFailure) {
      let start = known?.number == manifest.number ? known?.byteCount ?? 0 : 0
      let end = try manifest.intactEnd(from: start)
      if end > start { try PosixFile(manifest.path, O_RDONLY).syncData() }
      return Sight(
        manifest: SidecarRecord.KnownFile(number: manifest.number, byteCount: end),
        closedLogs: try closedLogs(in: directory.rocks))
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  static func closedLogs(in rocks: String) throws(FileFailure) -> [SidecarRecord.KnownFile] {
    var logs: [SidecarRecord.KnownFile] = []
    for name in try PosixFile.names(in: rocks) {
      guard name.hasSuffix(".log"), let number = UInt64(name.dropLast(".log".count)),
        let byteCount = try PosixFile.byteCount(at: "\(rocks)/\(name)")
      else { continue }
      logs.append(SidecarRecord.KnownFile(number: number, byteCount: byteCount))
    }
    return logs.sorted { $0.number < $1.number }.dropLast()
  }
}
