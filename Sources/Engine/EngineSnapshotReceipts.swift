import Formats
import Ports
import Primitives
import Replication

/// The receiver's side of a snapshot: what is asked of an offer and of every chunk before it is stored.
extension Engine {
  /// Takes what is about snapshots; false for every other message.
  func takesSnapshot(_ message: LinkMessage, _ link: Link, _ id: LinkID, _ clock: UInt64) throws(EngineError) -> Bool {
    switch link {
    case .up: parentHeard = clock
    case .down: break
    case .unknown, .waiting: return false
    }
    switch message {
    case .snapshotOffer(let offer): try receivedOffer(offer, link, id)
    case .snapshotWant(let want): try receivedWant(want, id)
    case .snapshotPart(let part): try receivedPart(part, id)
    case .snapshotOutcome(let outcome): try receivedOutcome(outcome, id)
    default: return false
    }
    return true
  }

  // MARK: Offers

  private func receivedOffer(_ offer: LinkMessage.SnapshotOffer, _ link: Link, _ id: LinkID) throws(EngineError) {
    let manifest: SnapshotManifest
    do { manifest = try SnapshotManifest(offer.manifest, with: codec.hashing) } catch {
      return refuse(id, .init(.malformed, Text("snapshot: \(error.expected) at \(error.offset)")))
    }
    if let refusal = reasonAgainst(manifest, offer.signer, link) { return end(id, refusal) }
    switch try standing(of: manifest) {
    case .refused(let refusal): end(id, refusal)
    case .known:
      snapshots.promises.append(.init(link: id, partition: manifest.facts.partition, manifest: manifest))
    case .wanted: begin(manifest, from: id)
    }
  }

  private func end(_ id: LinkID, _ refusal: LinkMessage.Refusal) {
    if case .up = links[id] { lastParentFailure = refusal }
    refuse(id, refusal)
  }

  /// Why a manifest is not its partition's owner's, or not for us.
  private func reasonAgainst(
    _ manifest: SnapshotManifest, _ signer: PublicKey, _ link: Link
  ) -> LinkMessage.Refusal? {
    let facts = manifest.facts
    let name = "snapshot of partition \(facts.partition.value)"
    guard facts.network == networkHash else { return .init(.wrongNetwork, "a snapshot of another network") }
    var signer = signer
    switch link {
    case .up(let uplink):
      guard uplink.isRecalling, isBelow(facts.partition, identity.partition) else {
        return .init(.malformed, "a snapshot that nobody asked for")
      }
    case .down(let downlink):
      guard facts.partition != identity.partition, isBelow(facts.partition, downlink.partition) else {
        return .init(.notOwner, Text("\(name): not below this child"))
      }
    case .unknown, .waiting: return .init(.malformed, "a message out of turn")
    }
    if facts.partition != identity.partition {
      switch assignments.judge(manifest.current.log.node, facts.partition, facts.epoch) {
      case .notOwner: return .init(.notOwner, Text("\(name): not its owner's"))
      case .wrongEpoch: return .init(.wrongEpoch, Text("\(name): epoch \(facts.epoch.value) is not the present one"))
      case .allowed(let key): signer = key
      }
    }
    if Defect.active == .manifestIsNotVerified { return nil }
    return manifest.isSigned(by: signer) ? nil : .init(.badSignature, Text("\(name) is not signed by its owner"))
  }

  private enum ManifestStanding {
    /// Everything it stands for is here.
    case known
    case wanted
    case refused(LinkMessage.Refusal)
  }

  /// What a snapshot is to the logs that are here.
  private func standing(of manifest: SnapshotManifest) throws(EngineError) -> ManifestStanding {
    let facts = manifest.facts
    func diverged(_ log: LogID) -> ManifestStanding {
      .refused(.init(.diverged, Text("log \(log.value) is another history than its owner's snapshot")))
    }
    let isKnown = facts.logs.allSatisfy { heads[$0.log]?.last ?? .zero >= $0.last }
    if isKnown {
      for end in facts.logs where try hash(of: end.log, endingAt: end.last).map({ $0 != end.hash }) ?? false {
        return diverged(end.log)
      }
      return .known
    }
    for log in logs(of: facts.partition) {
      guard let head = heads[log], let end = manifest.end(of: log),
        head.last < end.last || head.last == end.last && head.hash == end.hash
      else { return diverged(log) }
    }
    return .wanted
  }

  /// Goes on with a snapshot of which chunks are here, or begins another.
  private func begin(_ manifest: SnapshotManifest, from id: LinkID) {
    let partition = manifest.facts.partition
    if var known = snapshots.receiving[partition], known.receipt.manifest == manifest {
      known.link = id
      known.receipt.reconnect()
      snapshots.figures.chunksResumed += known.receipt.durable
      snapshots.receiving[partition] = known
      snapshots.note(note(of: manifest, here: known.receipt.durable))
      return
    }
    if let known = snapshots.receiving[partition]?.receipt.manifest { dropChunks(of: known) }
    writes.put(.meta, MetaKey.receipt(partition), manifest.bytes)
    snapshots.receiving[partition] = .init(receipt: SnapshotReceipt(manifest, durable: 0), link: id)
    snapshots.note(note(of: manifest, here: 0))
  }

  private func note(of manifest: SnapshotManifest, here: Int) -> SnapshotNote {
    .receiving(
      partition: manifest.facts.partition, rows: manifest.rows, chunks: manifest.facts.chunks.count, here: here)
  }

  private func dropChunks(of manifest: SnapshotManifest) {
    writes.deleteRange(.log, from: manifest.key, to: manifest.key.prefixEnd() ?? [])
  }

  /// Lets go of a snapshot that cannot be taken.
  func dropReceipt(_ partition: PartitionID) {
    guard let known = snapshots.receiving.removeValue(forKey: partition) else { return }
    dropChunks(of: known.receipt.manifest)
    writes.delete(.meta, MetaKey.receipt(partition))
  }

  // MARK: Chunks

  private func receivedPart(_ part: LinkMessage.SnapshotPart, _ id: LinkID) throws(EngineError) {
    for partition in snapshots.receiving.keys.sorted() {
      guard var known = snapshots.receiving[partition], known.link == id,
        known.receipt.manifest.id == part.snapshot
      else { continue }
      switch known.receipt.place(of: part.number) {
      case .duplicate: return
      case .stray: return refuse(id, .init(.malformed, "a chunk that nobody asked for"))
      case .next: break
      }
      let manifest = known.receipt.manifest
      if let refusal = check(part, of: manifest) { return end(id, refusal) }
      let position = manifest.current
      writes.put(
        .log, Keys.snapshotChunk(partition, position.log, position.last, number: part.number), part.bytes)
      known.receipt.take()
      snapshots.figures.chunksReceived += 1
      snapshots.bytesReceived += UInt64(part.bytes.count)
      snapshots.receiving[partition] = known
      return
    }
  }

  /// What keeps a chunk from being stored. Its bytes are the owner's by the manifest; that they are rows as this node
  /// makes them of frames is looked at all the same, for expressions and checksums rely on it.
  private func check(_ part: LinkMessage.SnapshotPart, of manifest: SnapshotManifest) -> LinkMessage.Refusal? {
    let number = Int(part.number)
    let facts = manifest.facts.chunks[number]
    let name = "chunk \(number) of the snapshot of partition \(manifest.facts.partition.value)"
    if Defect.active != .chunkIsNotVerified {
      guard part.bytes.count == Int(facts.byteCount), codec.hashing.digest(part.bytes) == facts.digest else {
        return .init(.badSignature, Text("\(name) is not what its owner signed"))
      }
    }
    var damage: String?
    var tickets: [QuarantineChange] = []
    do {
      try forEachRow(part.bytes, number, of: manifest) { key, row in
        guard damage == nil else { return }
        guard Row.isIntact(key: key, value: row, with: codec.hashing), let view = try? RowView(Bytes(row)),
          let (partition, recordKey) = Keys.parseRow(key)
        else { return damage = "a row that is not intact" }
        if let item = kinds.firstWrongCell(recordKey.entity, view) {
          tickets.append(
            .open(
              QuarantineTicket(
                partition: partition, key: recordKey, reason: .wrongKind, item: item, log: view.origin.log,
                sequence: view.origin.sequence)))
        }
      }
    } catch { damage = "\(error.expected) at \(error.offset)" }
    if Defect.active == .chunkIsNotVerified { damage = nil }
    if let damage { return .init(.malformed, Text("\(name): \(damage)")) }
    let scratch = Scratch()
    for ticket in tickets { scratch.change(ticket) }
    guard hasRoom(scratch, manifest.facts.partition) else {
      return .init(.diverged, Text("over \(QuarantineTable.ticketsMax) records would be set aside"))
    }
    note(tickets)
    return nil
  }

  // MARK: Turns

  /// What a turn of the driver brings forward: chunks are asked for, complete snapshots are taken, takings are told.
  func pumpSnapshots() throws(EngineError) {
    var active = 0
    for partition in snapshots.receiving.keys.sorted() {
      guard var known = snapshots.receiving[partition], let id = known.link, !known.receipt.isComplete else { continue }
      active += 1
      guard active <= Snapshots.receivingMax else { break }
      guard let (from, count) = known.receipt.want() else { continue }
      snapshots.receiving[partition] = known
      send(.snapshotWant(.init(snapshot: known.receipt.manifest.id, from: from, count: count)), on: id)
    }
    for partition in snapshots.ready {
      // Each taking opens a batch: the next waits for another quiet moment.
      guard isQuiet else { break }
      try takeSnapshot(partition)
    }
    try keepPromises()
  }

  /// Tells who offered a snapshot that it is here, once nothing can take it away any more.
  private func keepPromises() throws(EngineError) {
    for promise in snapshots.promises {
      let isDurable = promise.manifest.facts.logs.allSatisfy { durableHeads[$0.log]?.last ?? .zero >= $0.last }
      guard isDurable, !snapshots.untouched.contains(promise.partition) else { continue }
      snapshots.promises.removeAll { $0.link == promise.link && $0.manifest.id == promise.manifest.id }
      switch links[promise.link] {
      case .down:
        send(.snapshotOutcome(.init(snapshot: promise.manifest.id, state: .taken)), on: promise.link)
        acknowledge(promise.manifest.facts.logs.map { (promise.link, $0.log, $0.last) })
      case .up(let uplink):
        guard let recall = uplink.recallAgain(offered: heads.keys.sorted(), from: self) else { continue }
        send(.recall(recall), on: promise.link)
      case .unknown, .waiting, nil: continue
      }
    }
  }
}
