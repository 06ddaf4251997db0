import Engine
import Formats
import Ports
import Primitives
import Replication

/// Snapshots as formats have them, read without an engine.
enum SnapshotAudit {
  /// What each partition's log begins behind in a store.
  static func bases(
    of store: any StoreReader, _ codec: FrameCodec
  ) throws(Violation) -> [PartitionID: SnapshotBase] {
    var bases: [PartitionID: SnapshotBase] = [:]
    var damage = false
    do {
      try store.scan(.meta, from: MetaKey.bases, to: MetaKey.bases.prefixEnd()) { _, value in
        guard let base = try? SnapshotBase(Bytes(value), with: codec.hashing) else {
          damage = true
          return false
        }
        bases[base.manifest.facts.partition] = base
        return true
      }
    } catch { throw Violation("store", "\(error)") }
    if damage { throw Violation("I14 damage", "a stored manifest") }
    return bases
  }

  /// The manifest of the snapshot that a batch takes.
  static func manifest(
    of partition: PartitionID, in batch: WriteBatch, _ codec: FrameCodec
  ) throws(Violation) -> SnapshotManifest {
    for change in batch.changes {
      if case .put(.meta, let key, let value) = change, key == MetaKey.base(partition),
        let base = try? SnapshotBase(value, with: codec.hashing)
      {
        return base.manifest
      }
    }
    throw Violation("I2 atomic", "a snapshot has a place in the apply order and is no base")
  }
}

extension Witness {
  /// A node took a snapshot: it must be its owner's history, signed by the owner, and no node may go back by it (I3,
  /// I4, I6: an explicit mark, never a skip).
  mutating func sawSnapshot(
    _ manifest: SnapshotManifest, of node: VirtualNode, among nodes: [VirtualNode]
  ) throws(Violation) {
    let (partition, current) = (manifest.facts.partition, manifest.current)
    let what = "snapshot of partition \(partition.value) at \(current.last.value) at node \(node.number)"
    guard let owner = nodes.first(where: { $0.identity.node == current.log.node }),
      owner.identity.partition == partition
    else { throw Violation("foreign partition", what) }
    guard manifest.isSigned(by: owner.identity.key) else { throw Violation("signature", what) }
    var chain: [Digest256] = []
    var next = current.hash
    while next != .zero, let before = previous[next] {
      chain.append(next)
      next = before
    }
    guard next == .zero else { throw Violation("I4 prefix", "\(what) is no history of its owner") }
    for end in manifest.facts.logs {
      guard chain.contains(end.hash) else { throw Violation("I4 prefix", "\(what) is not its owner's") }
      let place = Place(node: node.number, log: end.log)
      guard heads[place]?.last ?? .zero <= end.last else { throw Violation("I6 gap", "\(what) goes back") }
      heads[place] = (end.last, end.hash)
      guard node.identity.partition != partition else { continue }
      let position = Position(log: end.log, last: end.last)
      guard registered[position] ?? end.hash == end.hash else {
        throw Violation("I3 one writer", "\(what): two histories were merged")
      }
      registered[position] = end.hash
      partitions[end.log] = partition
      registeredLast[end.log] = Swift.max(registeredLast[end.log] ?? .zero, end.last)
    }
    currents[Seat(node: node.number, partition: partition)] = current.log
  }

  /// What clients wrote up to a frame, over the bounds of logs, oldest first.
  func history(upTo hash: Digest256) throws(Violation) -> [DomainModel.Taken] {
    var frames: [[DomainModel.Taken]] = []
    var next = hash
    while next != .zero {
      guard let commits = archive[next], let before = previous[next] else {
        throw Violation("I4 prefix", "a snapshot of a history that nobody made")
      }
      frames.append(commits)
      next = before
    }
    return frames.reversed().flatMap { $0 }
  }
}

extension StoreAudit {
  /// Puts what snapshots brought where frames go on from it.
  ///
  /// - Returns: where each log's frames count from.
  func takeSnapshots(
    of store: any StoreReader, _ folded: inout Folded
  ) throws(Violation) -> [LogID: LogState] {
    var floors: [LogID: LogState] = [:]
    let bases = try SnapshotAudit.bases(of: store, codec)
    for partition in bases.keys.sorted() {
      guard let base = bases[partition], base.covered != nil else { continue }
      folded.bases.append(partition)
      for end in base.manifest.facts.logs {
        let state = LogState(last: end.last, hash: end.hash, time: end.time, partition: partition)
        floors[end.log] = state
        folded.heads.append((end.log, state))
      }
      try takeRows(of: base.manifest, from: store, &folded)
    }
    return floors
  }

  private func takeRows(
    of manifest: SnapshotManifest, from store: any StoreReader, _ folded: inout Folded
  ) throws(Violation) {
    let (chunks, current) = (manifest.facts.chunks, manifest.current)
    let compression = Compression()
    for (number, facts) in chunks.enumerated() {
      let key = Keys.snapshotChunk(manifest.facts.partition, current.log, current.last, number: UInt32(number))
      let bytes: Bytes?
      do { bytes = try store.get(.log, key) } catch { throw Violation("store", "\(name): \(error)") }
      guard let bytes, codec.hashing.digest(bytes) == facts.digest else {
        throw Violation("I14 damage", "\(name): chunk \(number) of a snapshot")
      }
      var records: [(key: Bytes, record: Folded.Record)] = []
      do throws(MalformedBytes) {
        try SnapshotChunk.forEachRow(
          bytes, facts, before: number + 1 < chunks.count ? chunks[number + 1].first : nil,
          of: manifest.facts.partition, with: compression
        ) { key, row in
          guard let (_, recordKey) = Keys.parseRow(key), let view = try? RowView(Bytes(row)) else { return }
          records.append((Bytes(key), .init(key: recordKey, fields: view.fields, origin: view.origin)))
        }
      } catch { throw Violation("I14 damage", "\(name): chunk \(number) of a snapshot: \(error.expected)") }
      for (key, record) in records { folded.records[key] = record }
    }
  }
}

extension World {
  /// Flips a bit in a chunk, or lets a stranger sign a manifest that he changed.
  func damageSnapshot(_ message: inout Bytes) {
    switch try? LinkMessage(message) {
    case .snapshotPart(let part):
      var bytes = part.bytes
      bytes[network.below(bytes.count)] ^= 1 << UInt8(network.below(8))
      figures.snapshots.damagedChunks += 1
      let changed = LinkMessage.snapshotPart(.init(snapshot: part.snapshot, number: part.number, bytes: bytes))
      message = Bytes(changed.encoded()[4...])
    case .snapshotOffer(let offer):
      guard let manifest = try? SnapshotManifest(offer.manifest, with: codec.hashing) else { return }
      let (facts, current) = (manifest.facts, manifest.current)
      var hash = current.hash.bytes
      hash[network.below(hash.count)] ^= 1
      let forged = SnapshotManifest(
        .init(
          network: facts.network, partition: facts.partition, epoch: facts.epoch, catalog: facts.catalog,
          logs: facts.logs.dropLast() + [
            .init(log: current.log, last: current.last, hash: Digest256(hash), time: current.time)
          ], counts: facts.counts, chunks: facts.chunks),
        signer: stranger, with: codec.hashing)
      figures.snapshots.forgedManifests += 1
      let changed = LinkMessage.snapshotOffer(.init(manifest: forged.bytes, signer: offer.signer))
      message = Bytes(changed.encoded()[4...])
    default: return
    }
  }
}
