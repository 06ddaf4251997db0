import Formats
import Ports
import Primitives
import Replication

/// What is counted of dispatches on its way up: a word for each dispatch and child, the last one holds.
extension Engine {
  /// The next receipts that the parent was not told, of dispatches that are held here.
  var untoldReceipts: [LinkMessage.Receipt] {
    var list: [LinkMessage.Receipt] = []
    var seen: Set<DispatchID> = []
    for id in dispatches.untold {
      guard list.count < LinkMessage.receiptsMax else { break }
      guard dispatches.held[id].map({ $0.distance > 0 }) ?? false, seen.insert(id).inserted,
        let receipt = dispatches.durableReceipts[id]
      else { continue }
      list.append(receipt)
    }
    return list
  }

  /// The parent was told these.
  func told(_ receipts: [LinkMessage.Receipt]) {
    let told = Set(receipts)
    dispatches.untold = dispatches.untold.filter { id in
      guard let held = dispatches.held[id], held.distance > 0, let receipt = dispatches.durableReceipts[id] else {
        return false
      }
      return !told.contains(receipt)
    }
  }

  /// A child tells what it and those below it counted.
  func receivedReceipts(_ receipts: [LinkMessage.Receipt], of child: PartitionID) {
    for receipt in receipts where dispatches.held[receipt.id] != nil {
      var counts = DispatchCounts(delivered: receipt.delivered, read: receipt.read)
      if Defect.active == .receiptsAreAdded { counts.add(dispatches.tallies[receipt.id]?.sum ?? DispatchCounts()) }
      var tally = dispatches.tallies[receipt.id] ?? DispatchTally()
      guard tally.set(counts, of: child) else { continue }
      dispatches.tallies[receipt.id] = tally
      dispatches.openReceipts.append(receipt.id)
      noteDelivered(receipt.id)
      var writer = ByteWriter(capacity: 8)
      writer.u32(counts.delivered)
      writer.u32(counts.read)
      writes.put(.meta, MetaKey.dispatchReceipt(receipt.id, child), writer.bytes)
    }
  }

  // MARK: Opening

  /// Reads dispatches, outboxes, counts and what is believed.
  func loadDispatches() throws(EngineError) {
    if let bytes = try value(.meta, MetaKey.ancestry) {
      do { dispatches.ancestry = try LinkMessage.Ancestry(bytes) } catch { throw .corrupt("the ancestry") }
    }
    try forEachMeta(MetaKey.dispatches) { _, value in
      guard value.count > 2, let dispatch = try? Dispatch(Bytes(value[2...]), hashing: codec.hashing) else {
        return false
      }
      remember(dispatch, flags: value[0], distance: value[1])
      return true
    }
    try forEachMeta(MetaKey.dispatchReceipts) { key, value in
      var reader = ByteReader(key, from: 1, to: key.count)
      var numbers = ByteReader(value)
      guard let id = try? reader.dispatchID(), let child = (try? reader.u64()).flatMap({ PartitionID(exactly: $0) }),
        let delivered = try? numbers.u32(), let read = try? numbers.u32()
      else { return false }
      guard dispatches.held[id] != nil else { return true }
      _ = dispatches.tallies[id, default: DispatchTally()].set(.init(delivered: delivered, read: read), of: child)
      return true
    }
    for id in dispatches.held.keys.sorted() where dispatches.held[id]?.head.hasTopic == false {
      let counts = dispatches.counts(id)
      if counts != DispatchCounts() {
        dispatches.durableReceipts[id] = .init(id: id, delivered: counts.delivered, read: counts.read)
      }
    }
    // Which packages the parent answered is not kept: after an opening the next one tells everything once more.
    dispatches.untold = dispatches.durableReceipts.keys.sorted()
    try loadOutboxes()
    if isRoot { dispatches.staleDomains = Set(partitions + [identity.partition]) }
  }

  private func remember(_ dispatch: Dispatch, flags: UInt8, distance: UInt8) {
    let head = dispatch.head
    var held = HeldDispatch(head: head, distance: distance, isForUs: flags & 1 != 0)
    held.isRead = flags & 2 != 0
    held.isRecalled = flags & 4 != 0
    dispatches.held[head.id] = held
    if head.hasTopic {
      dispatches.topics[.init(node: head.id.origin.node, kind: head.kind, topic: head.topic)] = head.id
    } else if distance == 0, head.kind != DispatchKind.recall, !held.isRecalled {
      dispatches.ownCount += 1
    }
    if head.kind == DispatchKind.recall {
      var reader = ByteReader(dispatch.body)
      if let target = try? reader.dispatchID() { dispatches.recalls[target] = head.id }
    }
  }

  private func loadOutboxes() throws(EngineError) {
    if let bytes = try value(.meta, MetaKey.inbox) {
      var reader = ByteReader(bytes)
      guard let stream = try? OutboxStream(&reader), let last = try? reader.varint() else {
        throw .corrupt("the place in the parent's outbox")
      }
      dispatches.cursor = InboxCursor(stream: stream, last: last)
      dispatches.flyingCursor = dispatches.cursor
      dispatches.durableCursor = dispatches.cursor
    }
    var entries: [PartitionID: [Outbox.Entry]] = [:]
    try forEachMeta(MetaKey.outboxEntries) { key, value in
      var reader = ByteReader(key, from: 1, to: key.count)
      var names = ByteReader(value)
      guard let child = (try? reader.u64()).flatMap({ PartitionID(exactly: $0) }), let place = try? reader.u64(),
        let id = try? names.dispatchID()
      else { return false }
      entries[child, default: []].append(.init(place: place, id: id))
      return true
    }
    try forEachMeta(MetaKey.outboxes) { key, value in
      var reader = ByteReader(key, from: 1, to: key.count)
      var head = ByteReader(value)
      guard let child = (try? reader.u64()).flatMap({ PartitionID(exactly: $0) }),
        let stream = try? OutboxStream(&head), let acknowledged = try? head.varint(), let last = try? head.varint()
      else { return false }
      guard stream.log != 0 else {
        dispatches.dropped[child] = stream.generation
        return true
      }
      dispatches.outboxes[child] = Outbox(
        stream, acknowledged: acknowledged, last: last, entries: entries[child] ?? [])
      return dispatches.outboxes[child] != nil
    }
  }
}
