import Ports
import Primitives
import Rocks

/// Compares RocksDB's files with what the sidecar and the manifest say about them. RocksDB itself opens without some of
/// them and says nothing.
enum DatabaseFiles {
  /// CURRENT and the manifest, before RocksDB reads them.
  static func checkManifest(_ directory: StoreDirectory, _ known: SidecarRecord) throws(OpenError) {
    let manifest = try ManifestFile.current(in: directory.rocks)
    let intact = try opening { () throws(FileFailure) in try manifest.intactEnd(from: 0) }
    guard intact > 0 else { throw .damaged(file: manifest.path, detail: "its first record is not whole") }
    guard let before = known.manifest else { return }
    if manifest.number < before.number {
      throw .damaged(
        file: "\(directory.rocks)/CURRENT",
        detail: "it names manifest \(manifest.number), but \(before.number) was in force")
    }
    if manifest.number == before.number && intact < before.byteCount {
      throw .damaged(
        file: manifest.path, detail: "it is whole up to byte \(intact), but had \(before.byteCount) bytes before")
    }
  }

  /// Table files and write-ahead logs, with the manifest's own list at hand.
  static func check(_ database: Database, _ directory: StoreDirectory, _ known: SidecarRecord) throws {
    for file in try database.liveFiles() {
      let path = "\(directory.rocks)/\(file.name)"
      guard let byteCount = try byteCount(path) else { throw OpenError.missing(file: path) }
      guard byteCount == file.byteCount else {
        throw OpenError.damaged(file: path, detail: "it has \(byteCount) bytes, the manifest says \(file.byteCount)")
      }
    }
    // Logs from this number on are needed; RocksDB deletes older ones itself. It reads over a missing one without a
    // word.
    let oldestNeeded = try database.property("rocksdb.min-log-number-to-keep", of: OwnRecord.family) ?? 0
    for log in known.closedLogs where log.number >= oldestNeeded {
      let path = "\(directory.rocks)/\(ManifestFile.padded(log.number)).log"
      guard let byteCount = try byteCount(path) else { throw OpenError.missing(file: path) }
      guard byteCount >= log.byteCount else {
        throw OpenError.damaged(file: path, detail: "it has \(byteCount) bytes and had \(log.byteCount)")
      }
    }
  }

  private static func byteCount(_ path: String) throws(OpenError) -> Int? {
    try opening { () throws(FileFailure) in try PosixFile.byteCount(at: path) }
  }
}
