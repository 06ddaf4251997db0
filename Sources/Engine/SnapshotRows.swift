import Formats
import Ports
import Primitives
import Replication

/// Single rows of the snapshot that a partition's log begins behind: what frames before it would have told.
struct SnapshotRows {
  private let reader: any StoreReader
  private let hashing: Hashing
  private let compression = Compression(level: SnapshotChunk.compressionLevel)

  init(_ reader: any StoreReader, with hashing: Hashing) {
    self.reader = reader
    self.hashing = hashing
  }

  /// The snapshot that stands for a partition's earlier frames here, or nil when all frames are here.
  func base(of partition: PartitionID) throws(EngineError) -> SnapshotBase? {
    let bytes: Bytes?
    do { bytes = try reader.get(.meta, MetaKey.base(partition)) } catch { throw .store(error) }
    guard let bytes else { return nil }
    let base: SnapshotBase
    do { base = try SnapshotBase(bytes, with: hashing) } catch { throw .corrupt("a snapshot's manifest") }
    return base.covered == nil ? nil : base
  }

  /// The rows that the snapshot has at these keys.
  ///
  /// - Complexity: unpacks each chunk that one of the keys may lie in.
  func rows(_ keys: [Bytes], of base: SnapshotBase) throws(EngineError) -> [Bytes: Bytes] {
    let manifest = base.manifest
    let (partition, chunks) = (manifest.facts.partition, manifest.facts.chunks)
    let prefix = Keys.partition(partition)
    var found: [Bytes: Bytes] = [:]
    var number = -1
    var wanted: Set<Bytes> = []
    func read() throws(EngineError) {
      guard number >= 0, !wanted.isEmpty else { return }
      let key = Keys.snapshotChunk(partition, manifest.current.log, manifest.current.last, number: UInt32(number))
      let bytes: Bytes?
      do { bytes = try reader.get(.log, key) } catch { throw .store(error) }
      let what = "chunk \(number) of the snapshot of partition \(partition.value)"
      guard let bytes, hashing.digest(bytes) == chunks[number].digest else { throw .corrupt(what) }
      do {
        try SnapshotChunk.forEachRow(
          bytes, chunks[number], before: number + 1 < chunks.count ? chunks[number + 1].first : nil, of: partition,
          with: compression
        ) { key, row in
          let key = Bytes(key)
          if wanted.contains(key) { found[key] = Bytes(row) }
        }
      } catch { throw .corrupt("\(what): \(error.expected)") }
    }
    for key in keys.sorted(by: { $0.precedes($1) }) where key.starts(with: prefix) {
      let own = Bytes(key.dropFirst(8))
      var next = number
      while next + 1 < chunks.count, !own.precedes(chunks[next + 1].first) { next += 1 }
      if next != number {
        try read()
        number = next
        wanted = []
      }
      wanted.insert(key)
    }
    try read()
    return found
  }
}
