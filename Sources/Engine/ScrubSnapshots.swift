import Formats
import Ports
import Primitives
import Replication

/// What a pass over the log must know of snapshots: which chunks there should be, and where logs begin behind one.
struct ScrubSnapshots {
  private var manifests: [Bytes: SnapshotManifest] = [:]
  private var ends: [LogID: SnapshotManifest.LogEnd] = [:]

  /// Reads every manifest of a moment. One that cannot be read is found by opening, which refuses.
  init(_ reader: any StoreReader, _ hashing: Hashing) throws(StoreError) {
    try reader.scan(.meta, from: MetaKey.bases, to: MetaKey.bases.prefixEnd()) { _, value in
      guard let base = try? SnapshotBase(Bytes(value), with: hashing) else { return true }
      manifests[base.manifest.key] = base.manifest
      if base.covered != nil { for end in base.manifest.facts.logs { ends[end.log] = end } }
      return true
    }
    try reader.scan(.meta, from: MetaKey.receipts, to: MetaKey.receipts.prefixEnd()) { _, value in
      guard let manifest = try? SnapshotManifest(Bytes(value), with: hashing) else { return true }
      manifests[manifest.key] = manifest
      return true
    }
  }

  /// Whether a key is a chunk's.
  static func isChunk(_ key: Bytes) -> Bool { key.count == 36 && key.prefix(8).allSatisfy { $0 == 0 } }

  /// Whether a chunk is the one that its manifest names. One that no manifest names was left behind by a crash and is
  /// overwritten or removed by the next snapshot.
  func isIntact(_ key: Bytes, _ value: UnsafeRawBufferPointer, _ hashing: Hashing) -> Bool {
    guard let manifest = manifests[Bytes(key.prefix(32))] else { return true }
    let number = key.suffix(4).reduce(0) { $0 << 8 | Int($1) }
    return number < manifest.facts.chunks.count && hashing.digest(value) == manifest.facts.chunks[number].digest
  }

  /// Whether a frame is the first behind the snapshot that its log begins with here.
  func isBehindSnapshot(_ header: FrameHeader) -> Bool {
    guard let end = ends[header.log] else { return false }
    return header.first == end.last.next && header.previous == end.hash
  }
}
