import Formats
import Ports
import Primitives
import Replication

/// What children are sent, and what is sent to us, over links and in packages.
extension Engine {
  /// Bytes of dispatches on their way to one child and not acknowledged; one dispatch may overdraw. Beside it nothing
  /// else that a parent sends a child waits: acknowledgements and questions are small.
  static let dispatchWindow = 256 << 10

  // MARK: The parent

  /// Puts a dispatch into a child's outbox. A child that never asked has none: it gets what holds when it comes.
  func enqueue(_ id: DispatchID, _ child: PartitionID) {
    guard var outbox = dispatches.outboxes[child] else { return }
    let entry = outbox.add(id)
    dispatches.outboxes[child] = outbox
    guard !outbox.isOverfull || isLinked(child) else { return dropOutbox(of: child) }
    dispatches.openOutboxes.insert(child)
    writes.put(.meta, MetaKey.outboxEntry(child, entry.place), id.encoded)
    putHead(of: child)
  }

  func isLinked(_ child: PartitionID) -> Bool {
    linkOrder.contains { id in
      guard dispatches.lanes[id] != nil, case .down(let downlink) = links[id] else { return false }
      return downlink.partition == child
    }
  }

  /// `log u64 · generation u64 · acknowledged varint · last varint`
  private func putHead(of child: PartitionID) {
    guard let outbox = dispatches.outboxes[child] else { return }
    var writer = ByteWriter(capacity: 32)
    outbox.stream.write(to: &writer)
    writer.varint(outbox.acknowledged)
    writer.varint(outbox.last)
    writes.put(.meta, MetaKey.outbox(child), writer.bytes)
  }

  /// Forgets what waits for a child that stays away; its head stays, so that the next outbox has another name.
  private func dropOutbox(of child: PartitionID) {
    guard let outbox = dispatches.outboxes[child] else { return }
    for entry in outbox.entries { writes.delete(.meta, MetaKey.outboxEntry(child, entry.place)) }
    dispatches.dropped[child] = outbox.stream.generation
    dispatches.outboxes[child] = nil
    dispatches.openOutboxes.remove(child)
    var writer = ByteWriter(capacity: 32)
    OutboxStream(log: 0, generation: outbox.stream.generation).write(to: &writer)
    writer.varint(0)
    writer.varint(0)
    writes.put(.meta, MetaKey.outbox(child), writer.bytes)
  }

  /// Begins a child's outbox anew with everything that holds and goes its way.
  func beginOutbox(of child: PartitionID) {
    let before = dispatches.outboxes[child]?.stream.generation ?? dispatches.dropped[child] ?? 0
    if dispatches.outboxes[child] != nil { dropOutbox(of: child) }
    dispatches.dropped[child] = nil
    var outbox = Outbox(OutboxStream(log: identity.log.value, generation: generation(after: before)))
    for id in dispatches.held.keys.sorted() {
      guard let held = dispatches.held[id], !held.isRecalled,
        goes(held.head.audience, distance: Int(held.distance), to: child)
      else { continue }
      let entry = outbox.add(id)
      writes.put(.meta, MetaKey.outboxEntry(child, entry.place), id.encoded)
    }
    dispatches.outboxes[child] = outbox
    dispatches.openOutboxes.insert(child)
    putHead(of: child)
    // A file may have begun it while a link stands.
    for id in linkOrder where dispatches.lanes[id] != nil {
      if case .down(let downlink) = links[id], downlink.partition == child { dispatches.lanes[id] = .init(sent: 0) }
    }
  }

  /// A name for an outbox that begins: a hash over its life, the one before and the clock. Counting on from the one before,
  /// or the clock alone, gave the same name twice where a store was put back twice and its clock stood before what it
  /// remembered: the child then took the second stream for the first, and went on behind what it never had.
  private func generation(after before: UInt64) -> UInt64 {
    var writer = ByteWriter(capacity: 24)
    writer.u64(identity.log.value)
    writer.u64(before)
    writer.u64(clock)
    return codec.hashing.digest(writer.bytes).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// A child says how far it has come: what it has leaves its outbox, and the rest may follow.
  ///
  /// - Parameter id: the link it came on; nil for a package, which says nothing new while a link stands.
  func receivedPosition(_ position: LinkMessage.OutboxPosition, _ child: PartitionID, on id: LinkID?) {
    if id == nil, isLinked(child) { return }
    let isFirst = id.map { dispatches.lanes[$0] == nil } ?? true
    let goesOn = dispatches.outboxes[child].map { $0.continues(position) && $0.stream.log == identity.log.value }
    if goesOn == true {
      if let gone = dispatches.outboxes[child]?.acknowledge(position.last) {
        for place in gone { writes.delete(.meta, MetaKey.outboxEntry(child, place)) }
        putHead(of: child)
      }
    } else if isFirst, goesOn == nil || Defect.active != .outboxNeverBeginsAnew {
      beginOutbox(of: child)
    }
    guard let id, let outbox = dispatches.outboxes[child] else { return }
    if isFirst {
      dispatches.lanes[id] = .init(sent: outbox.acknowledged)
      sendAncestry(to: child, on: id)
    } else {
      dispatches.lanes[id]?.inFlight.removeAll { $0.place <= outbox.acknowledged }
    }
  }

  func forgetLane(_ id: LinkID) {
    dispatches.lanes[id] = nil
    if dispatches.told?.link == id { dispatches.told = nil }
  }

  private var ownDomain: LinkMessage.Ancestry.Top {
    .init(partition: identity.partition, owner: identity.node, epoch: identity.epoch, key: key.publicKey)
  }

  /// Whose signatures a child may believe: those above us, ours, and its own assignment.
  func ancestry(for child: PartitionID) -> LinkMessage.Ancestry? {
    guard let assignment = assignments[child] else { return nil }
    // What was told of an earlier owner of our domain says nothing of us.
    if let known = dispatches.ancestry, known.domains.last == ownDomain {
      return .init(top: known.top, steps: known.steps + [assignment.step])
    }
    return .init(top: ownDomain, steps: [assignment.step])
  }

  private func sendAncestry(to child: PartitionID, on id: LinkID) {
    if let ancestry = ancestry(for: child) { send(.ancestry(ancestry), on: id) }
  }

  /// Sends what waits and fits the window, one message a child and turn; and upwards what we have taken.
  func pumpOutboxes() throws(EngineError) {
    for id in linkOrder {
      switch links[id] {
      case .down(let downlink): try pumpOutbox(of: downlink.partition, on: id)
      case .up(let uplink) where uplink.isStreaming: tellParent(on: id)
      default: continue
      }
    }
  }

  private func pumpOutbox(of child: PartitionID, on id: LinkID) throws(EngineError) {
    guard var lane = dispatches.lanes[id], let outbox = dispatches.outboxes[child] else { return }
    // Begun anew by a file meanwhile: the child will say where it stands.
    guard lane.sent >= outbox.acknowledged else {
      dispatches.lanes[id]?.sent = outbox.acknowledged
      return
    }
    guard !waiting(outbox, lane.sent).isEmpty else { return }
    let (message, places) = try some(
      of: outbox, for: child, after: lane.sent, bytesMax: Engine.dispatchWindow - lane.byteCount)
    guard let message else { return }
    lane.inFlight.append(contentsOf: places)
    lane.sent = places.last?.place ?? lane.sent
    dispatches.lanes[id] = lane
    send(.dispatches(message), on: id)
  }

  private func waiting(_ outbox: Outbox, _ place: UInt64) -> ArraySlice<Outbox.Entry> {
    Defect.active == .dispatchLeavesEarly
      ? outbox.entries(after: place, to: outbox.last) : outbox.entries(after: place)
  }

  /// The next of an outbox, durable and within `bytesMax`; one may overdraw.
  func some(
    of outbox: Outbox, for child: PartitionID, after place: UInt64, bytesMax: Int
  ) throws(EngineError) -> (LinkMessage.Dispatches?, [(place: UInt64, byteCount: Int)]) {
    let ancestry = ancestry(for: child)
    var list: [Bytes] = []
    var places: [(place: UInt64, byteCount: Int)] = []
    var byteCount = 0
    for entry in waiting(outbox, place) {
      guard byteCount < bytesMax else { break }
      var bytes: Bytes = []
      // What is gone, withdrawn before it went, or made by an owner whom another replaced leaves an empty place:
      // numbers stay contiguous, and nothing is sent that could not be proved.
      if let held = dispatches.held[entry.id], !held.isRecalled {
        let dispatch = try dispatch(entry.id)
        if ancestry?.domain(of: dispatch) != nil { bytes = dispatch.bytes }
      }
      list.append(bytes)
      places.append((entry.place, bytes.count + 16))
      byteCount += bytes.count + 16
    }
    guard let first = places.first?.place else { return (nil, []) }
    return (.init(stream: outbox.stream, first: first, list: list), places)
  }

  // MARK: The child

  /// The parent tells whose signatures count; what cannot be believed changes nothing.
  func received(_ ancestry: LinkMessage.Ancestry) {
    guard ancestry != dispatches.ancestry else { return }
    do throws(LinkMessage.Ancestry.Fault) {
      try ancestry.check(network: networkHash, receiver: ownDomain, before: dispatches.ancestry)
    } catch {
      dispatches.refused += 1
      return
    }
    dispatches.ancestry = ancestry
    writes.put(.meta, MetaKey.ancestry, ancestry.encoded)
    for id in linkOrder where dispatches.lanes[id] != nil {
      if case .down(let downlink) = links[id] { sendAncestry(to: downlink.partition, on: id) }
    }
  }

  /// Takes what came of the parent's outbox, each dispatch once.
  ///
  /// A dispatch that cannot be proved ends the taking, not the link: frames go on upwards, and the next link, or the
  /// next package, tries again.
  ///
  /// - Returns: why the line or the parent is at fault, when it is.
  func received(_ some: LinkMessage.Dispatches, on id: LinkID? = nil) throws(EngineError) -> LinkMessage.Refusal? {
    if let id, dispatches.deaf == id { return nil }
    for (number, bytes) in some.list.enumerated() {
      let place = some.first + UInt64(number)
      switch dispatches.cursor.judge(some.stream, place) {
      case .again: continue
      case .gap: return .init(.gap, Text("place \(place) of an outbox does not follow \(dispatches.cursor.last)"))
      case .next: break
      }
      if !bytes.isEmpty {
        let dispatch: Dispatch
        do { dispatch = try Dispatch(bytes, hashing: codec.hashing) } catch {
          return .init(.malformed, Text("dispatch at place \(place): \(error.expected)"))
        }
        guard isProvable(dispatch) else {
          dispatches.refused += 1
          dispatches.deaf = id
          return nil
        }
        if let refusal = try take(dispatch) { return refusal }
      }
      dispatches.cursor.take(some.stream, place)
      var writer = ByteWriter(capacity: 24)
      some.stream.write(to: &writer)
      writer.varint(place)
      writes.put(.meta, MetaKey.inbox, writer.bytes)
    }
    return nil
  }

  private func isProvable(_ dispatch: Dispatch) -> Bool {
    dispatch.head.network == networkHash && dispatch.isWhole && dispatches.ancestry?.domain(of: dispatch) != nil
  }

  /// Takes one dispatch, unless it is here; says that its signature is wrong when it is.
  private func take(_ dispatch: Dispatch) throws(EngineError) -> LinkMessage.Refusal? {
    let id = dispatch.head.id
    if dispatches.held[id] != nil, Defect.active != .dispatchIsTakenTwice {
      // The parent may have lost what it was told of it.
      if dispatches.durableReceipts[id] != nil { dispatches.untold.append(id) }
      return nil
    }
    guard let known = dispatches.ancestry?.domain(of: dispatch),
      dispatch.isSigned(by: known.domain.key) || Defect.active == .dispatchIsNotVerified
    else { return .init(.badSignature, Text("dispatch \(id.text) is not signed by its origin")) }
    try accept(dispatch, distance: known.distance)
    return nil
  }

  /// Tells the parent what is durable here of its outbox, and what is new of receipts.
  private func tellParent(on id: LinkID) {
    let cursor = dispatches.durableCursor
    if dispatches.told.map({ $0.link != id || $0.cursor != cursor }) ?? true {
      if dispatches.told?.link != id { dispatches.untold = dispatches.durableReceipts.keys.sorted() }
      dispatches.told = (id, cursor)
      send(.outboxPosition(.init(stream: cursor.stream, last: cursor.last)), on: id)
    }
    guard !dispatches.untold.isEmpty else { return }
    let some = untoldReceipts
    told(some)
    if !some.isEmpty { send(.receipts(some), on: id) }
  }
}
