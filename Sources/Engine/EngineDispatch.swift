import Access
import Formats
import Ports
import Primitives
import Replication

/// Why a dispatch was not made, read or withdrawn. Nothing was changed.
public enum DispatchRefusal: Error, Hashable, Sendable {
  /// No dispatch of that name is here.
  case unknown(DispatchID)
  /// Another node made it.
  case notOurs(DispatchID)
  /// So many of this node's are live; some must be withdrawn first.
  case full(Int)
  /// No domain below is meant.
  case nobody
  case engine(EngineError)
}

/// Dispatches: what this node says to those below, and what comes from above.
///
/// 1. A dispatch, the places it takes in outboxes and the place up to which the parent's outbox was taken are one
///    synced batch: taken once, relayed for certain.
/// 2. What is believed is signed by a node whose key the ancestry names; anything else is stepped over and counted, so
///    that one bad dispatch holds up nobody.
/// 3. Kinds and audiences of later releases are kept and relayed as they came.
extension Engine {
  /// Live dispatches without a topic that one node may have made.
  public static let dispatchesMax = 4096
  /// Dispatches that a node holds at most before the oldest withdrawn ones are forgotten.
  static let dispatchesHeldMax = 16_384

  /// Makes a dispatch and puts it into the outboxes of those it is for; durable with the next batch.
  ///
  /// - Throws: `.full`, `.engine(.readOnly)`.
  func issue(
    _ kind: UInt16, topic: RecordID = Dispatch.noTopic, to audience: Audience, body: Bytes, clock: UInt64
  ) throws(DispatchRefusal) -> DispatchID {
    guard standing.mayCommit else { throw .engine(.readOnly(standing)) }
    let id = name(kind, topic, audience, body, clock)
    let dispatch = Dispatch(
      id, kind: kind, network: networkHash, time: clock, topic: topic, audience: audience, body: body, key: key,
      hashing: codec.hashing)
    do throws(EngineError) { try accept(dispatch, distance: 0) } catch { throw .engine(error) }
    return id
  }

  /// A name for what is about to be said: 48 bits of a hash over a number of our mint, the clock and the content. A
  /// number alone would come again in a store that was put back twice, and who has the first would ignore the second.
  private func name(
    _ kind: UInt16, _ topic: RecordID, _ audience: Audience, _ body: Bytes, _ clock: UInt64
  ) -> DispatchID {
    var number: UInt64
    repeat {
      var writer = ByteWriter(capacity: 96)
      writer.u64(identity.log.value)
      writer.u64(mint().counter)
      writer.u64(clock)
      writer.u16(kind)
      writer.u64(topic.mint)
      writer.u64(topic.counter)
      writer.raw(codec.hashing.digest(body).bytes)
      number = codec.hashing.digest(writer.bytes).bytes.prefix(6).reduce(0) { $0 << 8 | UInt64($1) }
    } while dispatches.held[DispatchID(origin: identity.log, number: number)] != nil
    return DispatchID(origin: identity.log, number: number)
  }

  /// Says something to people below: a notice, or with a subject a request to correct a record.
  ///
  /// A commit without operations in our own log says who said it, and names the dispatch by its body's hash.
  ///
  /// - Returns: its name, and the commit.
  /// - Throws: `.full`, `.nobody`, `.engine`.
  public func say(
    _ notice: NoticeBody, to audience: Audience, actor: Text, clock: UInt64
  ) throws(DispatchRefusal) -> (id: DispatchID, sequence: Sequence64) {
    guard dispatches.ownCount < Engine.dispatchesMax else { throw .full(Engine.dispatchesMax) }
    guard !addressed(audience).isEmpty else { throw .nobody }
    let body = notice.encoded
    let kind = notice.subject == nil ? DispatchKind.notice : DispatchKind.correction
    let id = try issue(kind, to: audience, body: body, clock: clock)
    let hash = Bytes(codec.hashing.digest(body).bytes.prefix(8)).hex
    return (id, try audit("dispatch \(id.text): kind \(kind), body \(hash)", actor, clock))
  }

  /// Withdraws a dispatch of our own everywhere; its signed head stays, for the audit.
  ///
  /// - Throws: `.unknown`, `.notOurs`, `.engine`.
  public func recall(
    _ id: DispatchID, actor: Text, clock: UInt64
  ) throws(DispatchRefusal) -> (id: DispatchID, sequence: Sequence64) {
    // What machines say to each other is not for people to take back.
    guard let held = dispatches.held[id],
      held.head.kind == DispatchKind.notice || held.head.kind == DispatchKind.correction
    else { throw .unknown(id) }
    guard id.origin.node == identity.node else { throw .notOurs(id) }
    if let known = dispatches.recalls[id] { return (known, lastSequence) }
    let recall = try issue(DispatchKind.recall, to: held.head.audience, body: id.encoded, clock: clock)
    return (recall, try audit("dispatch \(id.text): recalled by \(recall.text)", actor, clock))
  }

  /// Somebody at this node read a dispatch that is for it; durable with the next batch, and told upwards.
  ///
  /// - Returns: what it says.
  /// - Throws: `.unknown` when it is not here, not for this node, or withdrawn.
  public func read(
    _ id: DispatchID, actor: Text, clock: UInt64
  ) throws(DispatchRefusal) -> (dispatch: Dispatch, sequence: Sequence64) {
    guard var held = dispatches.held[id], !held.isRecalled, held.isForUs || held.distance == 0 else {
      throw .unknown(id)
    }
    let dispatch: Dispatch
    do throws(EngineError) { dispatch = try self.dispatch(id) } catch { throw .engine(error) }
    guard held.isForUs, !held.isRead, standing.mayCommit else { return (dispatch, lastSequence) }
    held.isRead = true
    put(held, dispatch.bytes)
    dispatches.openReceipts.append(id)
    return (dispatch, try audit("dispatch \(id.text): read", actor, clock))
  }

  private func audit(_ text: String, _ actor: Text, _ clock: UInt64) throws(DispatchRefusal) -> Sequence64 {
    do { return try commit([], actor: actor, reason: Text(text), clock: clock) } catch { throw .engine(error) }
  }

  /// A dispatch that is held here.
  func dispatch(_ id: DispatchID) throws(EngineError) -> Dispatch {
    if let bytes = dispatches.fresh[id], let dispatch = try? Dispatch(bytes, hashing: codec.hashing) { return dispatch }
    guard let value = try value(.meta, MetaKey.dispatch(id)), value.count > 2,
      let dispatch = try? Dispatch(Bytes(value[2...]), hashing: codec.hashing)
    else { throw .corrupt("dispatch \(id.text)") }
    return dispatch
  }

  // MARK: Taking

  /// Takes a dispatch that is not here: keeps it, does what its kind means, and puts it on its way down.
  func accept(_ dispatch: Dispatch, distance: Int) throws(EngineError) {
    let head = dispatch.head
    var held = HeldDispatch(
      head: head, distance: UInt8(clamping: distance),
      isForUs: distance > 0 && isForUs(head.audience, distance: distance))
    if head.hasTopic {
      let topic = DispatchMemory.Topic(node: head.id.origin.node, kind: head.kind, topic: head.topic)
      // What comes later is newer: outboxes keep order, and one that is begun anew has only what holds.
      if let known = dispatches.topics[topic] { drop(known) }
      dispatches.topics[topic] = head.id
    } else if distance == 0, head.kind != DispatchKind.recall {
      dispatches.ownCount += 1
    }
    if dispatches.recalls[head.id] != nil { held.isRecalled = true }
    if head.kind == DispatchKind.recall, let target = recalled(by: dispatch) { try withdraw(target, head.id) }
    put(held, held.isRecalled ? dispatch.withdrawn : dispatch.bytes)
    if held.isForUs, !head.hasTopic { dispatches.openReceipts.append(head.id) }
    for child in childPartitions where goes(head.audience, distance: distance, to: child) { enqueue(head.id, child) }
    if held.isForUs, !held.isRecalled { try arrived(dispatch) }
  }

  /// What a recall withdraws: a dispatch of the same node.
  private func recalled(by recall: Dispatch) -> DispatchID? {
    var reader = ByteReader(recall.body)
    guard let target = try? reader.dispatchID(), reader.isAtEnd, target.origin.node == recall.head.id.origin.node
    else { return nil }
    return target
  }

  private func withdraw(_ target: DispatchID, _ recall: DispatchID) throws(EngineError) {
    if Defect.active == .recallIsIgnored { return }
    dispatches.recalls[target] = recall
    guard var held = dispatches.held[target], !held.isRecalled else { return }
    held.isRecalled = true
    if held.distance == 0, !held.head.hasTopic { dispatches.ownCount -= 1 }
    put(held, try dispatch(target).withdrawn)
    forgetOldest()
  }

  func put(_ held: HeldDispatch, _ bytes: Bytes) {
    dispatches.held[held.head.id] = held
    dispatches.fresh[held.head.id] = bytes
    dispatches.openFresh.append(held.head.id)
    writes.put(.meta, MetaKey.dispatch(held.head.id), held.prefix + bytes)
  }

  /// Forgets a dispatch whose place another took.
  private func drop(_ id: DispatchID) {
    dispatches.held[id] = nil
    dispatches.fresh[id] = nil
    dispatches.tallies[id] = nil
    writes.delete(.meta, MetaKey.dispatch(id))
  }

  /// Keeps what is held within its bound: the oldest withdrawn dispatches go, with what withdrew them.
  private func forgetOldest() {
    guard dispatches.held.count > Engine.dispatchesHeldMax else { return }
    let old = dispatches.held.keys.sorted().filter { dispatches.held[$0]?.isRecalled ?? false }
    for id in old.prefix(dispatches.held.count - Engine.dispatchesHeldMax) {
      if let recall = dispatches.recalls[id] { drop(recall) }
      dispatches.recalls[id] = nil
      drop(id)
    }
  }

  // MARK: Ways

  /// Domains directly below our own, sorted.
  var childPartitions: [PartitionID] {
    if let known = dispatches.children { return known }
    let children = assignments.all.map(\.partition).filter { holders[$0] == identity.partition }
    dispatches.children = children
    return children
  }

  /// Whether a domain lies above our own.
  func isAbove(_ partition: PartitionID) -> Bool {
    dispatches.ancestry?.domains.dropLast().contains { $0.partition == partition } ?? false
  }

  /// Whether this node, so many links below the origin, is meant.
  func isForUs(_ audience: Audience, distance: Int) -> Bool {
    switch audience {
    case .subtree(let top): top.partition == identity.partition || isAbove(top.partition)
    case .level(let level): Int(level) == distance
    case .list(let places): places.contains { $0.partition == identity.partition }
    case .other: false
    }
  }

  /// Whether somebody at or below a child is meant.
  func goes(_ audience: Audience, distance: Int, to child: PartitionID) -> Bool {
    if Defect.active == .audienceIsIgnored { return true }
    switch audience {
    case .subtree(let top):
      if top.partition == identity.partition {
        guard let org = directory.org(top.org), let mount = assignments[child]?.mount else { return false }
        return directory.contains(mount, under: org)
      }
      return isBelow(top.partition, child) || isAbove(top.partition)
    case .level(let level): return distance < Int(level)
    case .list(let places): return places.contains { isBelow($0.partition, child) }
    case .other: return true
    }
  }

  /// Domains below that an audience means, sorted: as many receipts can come, as far as is known here.
  ///
  /// - Parameter distance: how many links the origin lies above us.
  public func addressed(_ audience: Audience, distance: Int = 0) -> [PartitionID] {
    assignments.all.map(\.partition).filter { partition in
      switch audience {
      case .subtree(let top):
        if partition == top.partition || isAbove(top.partition) { return true }
        guard let org = directory.org(top.org), let mount = assignments[partition]?.mount else { return false }
        return directory.contains(mount, under: org)
      case .level(let level): return depth(of: partition).map { $0 + distance } == Int(level)
      case .list(let places): return places.contains { $0.partition == partition }
      case .other: return false
      }
    }
  }

  /// How many links a domain lies below our own; nil when it does not.
  private func depth(of partition: PartitionID) -> Int? {
    var current = partition
    for depth in 0..<LinkMessage.Ancestry.stepsMax {
      if current == identity.partition { return depth }
      guard let above = holders[current] else { return nil }
      current = above
    }
    return nil
  }

  /// What a dispatch for this node does beside being held.
  func arrived(_ dispatch: Dispatch) throws(EngineError) { try arrivedHandover(dispatch) }
}
