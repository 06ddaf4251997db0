import Formats
import Ports
import Primitives
import Replication

/// The holder's side of a snapshot: an owner makes one for a parent that has nothing, whoever holds one offers it where
/// frames would be missing, and chunks are sent as they are asked for.
extension Engine {
  // MARK: Up

  /// A stream to the parent began: whether our own domain goes up as a snapshot first. The rule is `FirstSync`'s; and
  /// no domain below us may have changed hands.
  func beginFirstSync(_ id: LinkID) {
    guard case .up(var uplink) = links[id], uplink.isStreaming, standing.mayCommit,
      snapshots.bases[identity.partition]?.covered == nil
    else { return }
    // Our assignments would come before what earlier owners below us wrote, and ancestors take that only in its epoch:
    // a domain that took one back from somebody tells its history in order.
    let hasReclaimed = assignments.all.contains {
      holders[$0.partition] == identity.partition && !assignments.formerKeys($0.partition).isEmpty
    }
    if hasReclaimed { return }
    let own = logs(of: identity.partition)
    let rows = rowCounts(identity.partition).reduce(0) { $0 + $1.rows }
    guard !own.contains(where: uplink.parentHas), rows >= snapshots.rowsMin else { return }
    uplink.hold(for: identity.partition)
    links[id] = .up(uplink)
  }

  /// Offers what a stream to the parent stands still for.
  func offerSnapshots() throws(EngineError) {
    for id in linkOrder {
      guard case .up(var uplink) = links[id], let partition = uplink.snapshotDue, snapshots.offered[id] == nil else {
        continue
      }
      if snapshots.bases[partition] == nil {
        guard isQuiet else {
          snapshots.isWanted = true
          continue
        }
        snapshots.isWanted = false
        if try !makeSnapshot() {
          // A row that cannot be read goes into no snapshot; frames do not need it.
          try goOn(&uplink)
          links[id] = .up(uplink)
          continue
        }
      }
      guard let base = snapshots.bases[partition] else { continue }
      snapshots.offered[id] = base.manifest.id
      offer(base.manifest, on: id)
    }
  }

  private func goOn(_ uplink: inout Uplink) throws(EngineError) {
    do { try uplink.goOn(offered: heads.keys.sorted(), end: durableApplied, from: self) } catch {
      throw EngineError(uplink: error)
    }
  }

  func offer(_ manifest: SnapshotManifest, on id: LinkID) {
    let (partition, epoch) = (manifest.facts.partition, manifest.facts.epoch)
    let signer: PublicKey
    if partition == identity.partition, manifest.keyID == key.id {
      signer = key.publicKey
    } else if let known = assignments[partition], known.epoch == epoch {
      signer = known.key
    } else {
      signer = assignments.former(partition, epoch)?.key ?? key.publicKey
    }
    send(.snapshotOffer(.init(manifest: manifest.bytes, signer: signer)), on: id)
    var isDownward = false
    if case .down = links[id] { isDownward = true }
    snapshots.note(.offered(partition: partition, last: manifest.current.last, isDownward: isDownward))
  }

  /// The parent took what it was offered, or has it already.
  func receivedOutcome(_ outcome: LinkMessage.SnapshotOutcome, _ id: LinkID) throws(EngineError) {
    guard case .up(var uplink) = links[id], snapshots.offered[id] == outcome.snapshot,
      let base = snapshots.base(outcome.snapshot)
    else { return }
    snapshots.offered[id] = nil
    snapshots.asked[id] = nil
    guard outcome.state == .taken else { return close(id) }
    let logs = base.manifest.facts.logs
    do { try uplink.took(logs, offered: heads.keys.sorted(), end: durableApplied, from: self) } catch {
      throw EngineError(uplink: error)
    }
    links[id] = .up(uplink)
    note(logs.map { .init(level: 1, log: $0.log, last: $0.last) })
    // It did its work; every frame it stood for is here.
    if base.covered == nil { dropOwnSnapshot() }
  }

  func dropOwnSnapshot() {
    snapshots.remove(identity.partition)
    writes.delete(.meta, MetaKey.base(identity.partition))
    let prefix = Keys.snapshots(of: identity.partition)
    writes.deleteRange(.log, from: prefix, to: prefix.prefixEnd() ?? [])
  }

  // MARK: Making

  /// Makes a snapshot of our own domain as it is durable now, its chunks synced on return.
  ///
  /// Holds the engine for one scan of the domain: chunks of one moment cannot be made around commits without keeping
  /// the moment, and the engine's door to the store knows none that outlives a call.
  ///
  /// - Returns: false when a row is damaged.
  /// - Requires: ``isQuiet``.
  private func makeSnapshot() throws(EngineError) -> Bool {
    let partition = identity.partition
    let ends = ownLogEnds
    guard let current = ends.last else { return false }
    var chunker = SnapshotChunker(
      bytesAim: snapshots.chunkBytes, compression: snapshotCompression, hashing: codec.hashing)
    var batch = WriteBatch()
    let all = Keys.snapshots(of: partition)
    batch.deleteRange(.log, from: all, to: all.prefixEnd() ?? [])
    var number: UInt32 = 0
    var isIntact = true
    var failure: StoreError?
    func put(_ chunk: Bytes) {
      batch.put(.log, Keys.snapshotChunk(partition, current.log, current.last, number: number), chunk)
      number += 1
      guard batch.byteCount >= Engine.runBytesMax else { return }
      do throws(StoreError) { try store.write(batch, .synced) } catch { failure = error }
      batch = WriteBatch()
    }
    let range = Keys.partition(partition)
    do throws(StoreError) {
      try store.scan(.rows, from: range, to: range.prefixEnd()) { key, row in
        isIntact = key.count == Keys.rowByteCount && Row.isIntact(key: key, value: row, with: codec.hashing)
        guard isIntact else { return false }
        if let chunk = chunker.add(key, row) { put(chunk) }
        return failure == nil && number < SnapshotManifest.Limits.chunks
      }
    } catch {
      guard case .corrupt = error else { throw .store(error) }
      isIntact = false
    }
    if let failure { throw .store(failure) }
    let (last, counts) = chunker.finish()
    if let last { put(last) }
    guard isIntact, number < SnapshotManifest.Limits.chunks else {
      snapshots.note(.notMade)
      return false
    }
    let facts = SnapshotManifest.Facts(
      network: networkHash, partition: partition, epoch: identity.epoch, catalog: catalogID,
      logs: Defect.active == .snapshotSaysLater ? laterEnds(ends) : ends, counts: counts, chunks: chunker.chunks)
    let base = SnapshotBase(
      manifest: SnapshotManifest(facts, signer: key, with: codec.hashing), covered: nil)
    batch.put(.meta, MetaKey.base(partition), base.encoded)
    do { try store.write(batch, .synced) } catch { throw .store(error) }
    snapshots.set(base)
    snapshots.figures.made += 1
    snapshots.note(.made(rows: base.manifest.rows, chunks: chunker.chunks.count, byteCount: base.manifest.byteCount))
    return true
  }

  /// Every log of our own domain where it stands, in the order of its owners' lives.
  private var ownLogEnds: [SnapshotManifest.LogEnd] {
    var ends: [SnapshotManifest.LogEnd] = []
    var next = lineage.current(identity.partition)
    while let log = next, let head = heads[log] {
      ends.append(.init(log: log, last: head.last, hash: head.hash, time: head.time))
      next = lineage.succession(log)?.follows
    }
    return ends.reversed()
  }

  /// The planted bug: rows of one moment, and the position of another.
  private func laterEnds(_ ends: [SnapshotManifest.LogEnd]) -> [SnapshotManifest.LogEnd] {
    guard let last = ends.last else { return ends }
    return ends.dropLast() + [
      .init(log: last.log, last: Sequence64(last.last.value + 1), hash: last.hash, time: last.time)
    ]
  }

  // MARK: Chunks

  /// Sends what is asked for, to whoever may have it: the parent everything, a child what is its own or below.
  func receivedWant(_ want: LinkMessage.SnapshotWant, _ id: LinkID) throws(EngineError) {
    guard let base = snapshots.base(want.snapshot) else {
      return send(.snapshotOutcome(.init(snapshot: want.snapshot, state: .gone)), on: id)
    }
    if case .down(let downlink) = links[id] {
      guard isBelow(base.manifest.facts.partition, downlink.partition) else {
        return refuse(id, .init(.notOwner, "a snapshot of somebody else's partition"))
      }
    }
    snapshots.asked[id] = want.from
    let count = UInt32(base.manifest.facts.chunks.count)
    guard want.from < count else { return refuse(id, .init(.malformed, "a chunk that the manifest does not have")) }
    let end = Swift.min(count, want.from + Swift.min(want.count, LinkMessage.SnapshotWant.countMax))
    for number in want.from..<end {
      let bytes = try chunk(Int(number), of: base.manifest)
      send(.snapshotPart(.init(snapshot: want.snapshot, number: number, bytes: bytes)), on: id)
      snapshots.figures.chunksSent += 1
    }
  }
}

extension EngineError {
  /// What an uplink throws while it only reads our own store.
  init(uplink error: any Error) {
    guard let own = error as? EngineError else { requirementFailed("an uplink that reads ends nothing") }
    self = own
  }
}
