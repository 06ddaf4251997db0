import Formats
import Primitives
import Replication

/// A live connection, numbered by whoever carries it.
public struct LinkID: Hashable, Comparable, Sendable {
  public let value: UInt64
  public init(_ value: UInt64) { self.value = value }
  public static func < (left: LinkID, right: LinkID) -> Bool { left.value < right.value }
}

/// One link as the engine sees it.
enum Link {
  /// To our parent.
  case up(Uplink)
  /// From a child that has not said hello.
  case unknown
  /// From a known child.
  case down(Downlink)
}

/// The parent's side of a link: who the child is, and what it may still send.
struct Downlink {
  let child: LogID
  let partition: PartitionID
  var credit: UInt64
  var received: UInt64 = 0
  /// Logs that came, or were announced, through this link: whose watermarks it wants.
  var logs: [LogID] = []

  /// Bytes a child may have on its way: enough to fill the line while a sync runs, small enough for 700 children.
  static let window: UInt64 = 4 << 20
}

extension Engine {
  /// How often a heartbeat leaves, in milliseconds.
  public static let heartbeatInterval: UInt64 = 1000

  /// The link to our parent was dialled and stands.
  public func parentConnected(_ id: LinkID) {
    links[id] = .up(Uplink())
    linkOrder.append(id)
    let offered = heads.keys.sorted()
    send(
      .hello(
        .init(
          network: networkHash, log: identity.log, partition: identity.partition, epoch: identity.epoch,
          key: key.publicKey, rootOrgCode: identity.rootOrgCode, parentOrgCode: identity.parentOrgCode, logs: offered)),
      on: id)
  }

  /// Somebody dialled us.
  public func childConnected(_ id: LinkID) {
    links[id] = .unknown
    linkOrder.append(id)
  }

  /// The carrier lost the link, or closed it as we asked.
  public func disconnected(_ id: LinkID) {
    links[id] = nil
    linkOrder.removeAll { $0 == id }
    heldAcknowledgements.removeAll { $0.link == id }
    flyingAcknowledgements.removeAll { $0.link == id }
  }

  /// One message without its length. What it means is done; what it cannot mean closes the link with a reason.
  ///
  /// - Throws: only for our own trouble (store, damage): the link is not to blame and stays.
  public func received(_ bytes: Bytes, on id: LinkID, clock: UInt64) throws(EngineError) {
    guard let link = links[id] else { return }
    let message: LinkMessage
    do { message = try LinkMessage(bytes) } catch {
      return refuse(id, .init(.malformed, Text("expected \(error.expected) at \(error.offset)")))
    }
    switch (link, message) {
    case (.up(let uplink), _): try receivedFromParent(message, uplink, id)
    case (.unknown, .hello(let hello)): try receivedHello(hello, id, clock)
    case (.down(let downlink), .frame(let frame)): try receivedFrame(frame, downlink, id)
    case (.down(let downlink), .heartbeat(let list)):
      receivedStatuses(list, below: downlink.partition, clock)
      // Our own sign of life: a child whose parent falls silent drops the line.
      send(.acknowledgement(.init(watermarks: [], credit: downlink.credit)), on: id)
    case (_, .refusal): close(id)
    default: refuse(id, .init(.malformed, "a message out of turn"))
    }
  }

  // MARK: From the parent

  private func receivedFromParent(_ message: LinkMessage, _ current: Uplink, _ id: LinkID) throws(EngineError) {
    var uplink = current
    do {
      switch message {
      case .welcome(let welcome):
        let marks = try uplink.received(
          welcome, own: identity.log, offered: heads.keys.sorted(), end: durableApplied, from: self)
        links[id] = .up(uplink)
        lastParentFailure = nil
        note(marks)
      case .acknowledgement(let acknowledgement):
        uplink.received(acknowledgement)
        links[id] = .up(uplink)
        note(acknowledgement.watermarks)
      case .refusal(let refusal):
        lastParentFailure = refusal
        close(id)
      default: refuse(id, .init(.malformed, "a message out of turn"))
      }
    } catch let ending as Uplink.Ending {
      if case .refuse(let refusal) = ending {
        lastParentFailure = refusal
        refuse(id, refusal)
      }
    } catch let error as EngineError { throw error } catch { requirementFailed("an uplink throws two kinds of errors") }
  }

  /// Remembers what is durable above and tells the children whose logs they are.
  private func note(_ marks: [LinkMessage.Watermark]) {
    for mark in marks {
      if mark.level == LinkMessage.Watermark.root {
        rootWatermarks[mark.log] = Swift.max(rootWatermarks[mark.log] ?? .zero, mark.last)
        continue
      }
      guard mark.level >= 1, mark.level < 32 else { continue }
      var levels = watermarks[mark.log] ?? []
      while levels.count < Int(mark.level) { levels.append(.zero) }
      levels[Int(mark.level) - 1] = Swift.max(levels[Int(mark.level) - 1], mark.last)
      watermarks[mark.log] = levels
    }
    for id in linkOrder {
      guard case .down(let downlink) = links[id] else { continue }
      let relayed = marks.filter { downlink.logs.contains($0.log) }.map { mark in
        LinkMessage.Watermark(
          level: mark.level == LinkMessage.Watermark.root ? mark.level : mark.level + 1, log: mark.log, last: mark.last)
      }
      if !relayed.isEmpty { send(.acknowledgement(.init(watermarks: relayed, credit: downlink.credit)), on: id) }
    }
  }

  // MARK: From children

  private func receivedHello(_ hello: LinkMessage.Hello, _ id: LinkID, _ clock: UInt64) throws(EngineError) {
    guard hello.network == networkHash else { return refuse(id, .init(.wrongNetwork, "another network")) }
    if let allowed = childrenAllowed {
      guard let permit = allowed.first(where: { $0.rootOrgCode == hello.rootOrgCode }) else {
        return refuse(id, .init(.unknownChild, Text("\(hello.rootOrgCode) is not a child of this node")))
      }
      if let key = permit.key, key != hello.key {
        return refuse(id, .init(.wrongKey, Text("\(hello.rootOrgCode) is registered here with another key")))
      }
    }
    guard hello.log.node != identity.node else {
      return refuse(id, .init(.unknownChild, "a node is not its own child"))
    }
    if let known = assignments[hello.partition], known.owner != hello.log.node || known.epoch != hello.epoch {
      return refuse(id, .init(.notOwner, "the partition belongs to another node or epoch"))
    }
    if let known = assignments[hello.partition], known.key != hello.key {
      return refuse(id, .init(.wrongKey, "the partition is assigned to another key"))
    }
    guard hello.partition != identity.partition, (holders[hello.partition] ?? identity.partition) == identity.partition
    else { return refuse(id, .init(.notOwner, "the partition hangs below another node")) }
    let mount = ownOrgs[hello.parentOrgCode] ?? identity.rootOrg
    try assign(
      Assignment(
        partition: hello.partition, owner: hello.log.node, epoch: hello.epoch, key: hello.key, mount: mount,
        rootOrgCode: hello.rootOrgCode, network: networkHash, holder: identity.partition, signer: key), clock)
    // A child has one link: an older one is a line that broke without telling us.
    for other in linkOrder {
      if case .down(let downlink) = links[other], downlink.child.node == hello.log.node { close(other) }
    }
    var downlink = Downlink(child: hello.log, partition: hello.partition, credit: Downlink.window)
    downlink.logs = hello.logs
    links[id] = .down(downlink)
    // Positions of durable frames only: what we promise to have must survive us.
    let positions = hello.logs.compactMap { log -> LinkMessage.Position? in
      guard let head = durableHeads[log] else { return nil }
      return .init(log: log, last: head.last, hash: head.hash)
    }
    send(.welcome(.init(node: identity.node, positions: positions, credit: downlink.credit)), on: id)
    var marks: [LinkMessage.Watermark] = []
    for log in hello.logs { marks.append(contentsOf: knownMarks(log)) }
    if !marks.isEmpty { send(.acknowledgement(.init(watermarks: marks, credit: downlink.credit)), on: id) }
  }

  private func knownMarks(_ log: LogID) -> [LinkMessage.Watermark] {
    var marks: [LinkMessage.Watermark] = []
    if isRoot, let head = durableHeads[log] {
      marks.append(.init(level: LinkMessage.Watermark.root, log: log, last: head.last))
    }
    for (number, last) in (watermarks[log] ?? []).enumerated() where last > .zero {
      marks.append(.init(level: UInt8(number + 2), log: log, last: last))
    }
    if let root = rootWatermarks[log] { marks.append(.init(level: LinkMessage.Watermark.root, log: log, last: root)) }
    return marks
  }

  /// Makes or corrects an assignment record in our own partition.
  private func assign(_ assignment: Assignment, _ clock: UInt64) throws(EngineError) {
    let key = Assignment.key(assignment.partition)
    let operation: Operation
    if let known = assignments[assignment.partition] {
      if known == assignment { return }
      let old = known.fields
      let changes = zip(old, assignment.fields).filter { $0.value != $1.value }.map {
        FieldChange($0.section, $0.item, old: $0.value, new: $1.value)
      }
      operation = Operation(key, .update(changes))
    } else {
      operation = Operation(key, .insert(assignment.fields))
    }
    _ = try commit([operation], actor: "system", reason: "link", clock: clock)
    // What the assignment allows may arrive before the next write: in the apply order it must come after it, or our own parent
    // refuses it.
    sealOpenCommits()
  }

  private func receivedFrame(_ bytes: Bytes, _ current: Downlink, _ id: LinkID) throws(EngineError) {
    var downlink = current
    guard downlink.received < downlink.credit else {
      return refuse(id, .init(.overCredit, "more bytes than were granted"))
    }
    downlink.received += UInt64(bytes.count)
    links[id] = .down(downlink)
    let frame: Frame
    do { frame = try codec.parse(bytes) } catch {
      return refuse(id, .init(.malformed, Text("frame: \(error)")))
    }
    let header = frame.header
    guard header.network == networkHash else { return refuse(id, .init(.wrongNetwork, "a frame of another network")) }
    if let refusal = reasonAgainst(frame, downlink) { return refuse(id, refusal) }
    switch Continuation(of: frame, after: heads[header.log] ?? .empty(header.partition)) {
    case .next: break
    case .duplicate:
      // In a quiet network no later batch would say that a frame which came twice is durable.
      let again = (link: id, log: header.log, last: header.last)
      if isDurable(again) { acknowledge([again]) } else { heldAcknowledgements.append(again) }
      return
    case .gap: return refuse(id, .init(.gap, Text("log \(header.log.value): \(header.first.value) does not follow")))
    case .fork: return refuse(id, .init(.diverged, Text("log \(header.log.value) forks at \(header.first.value)")))
    }
    let body: FrameBody
    do { body = try codec.open(frame) } catch {
      guard case .unknownDictionary(let number) = error else {
        return refuse(id, .init(.malformed, Text("frame body: \(error)")))
      }
      return refuse(id, .init(.unknownDictionary, Text("dictionary \(number) came with a later release")))
    }
    do {
      let scratch = try apply(frame, body)
      guard try assignsOnlyItsOwn(scratch, header.partition) else {
        return refuse(id, .init(.notOwner, "an assignment that its holder may not make"))
      }
      try accept(scratch)
    } catch {
      // A change of a record that is not here: owner and replica differ, which is the link's matter; the rest is ours.
      guard case .notFound(let key) = error else { throw error }
      return refuse(id, .init(.diverged, Text("entity \(key.entity.value): a change of a record that is not here")))
    }
    append(frame)
    if !downlink.logs.contains(header.log) {
      downlink.logs.append(header.log)
      links[id] = .down(downlink)
    }
    heldAcknowledgements.append((id, header.log, header.last))
  }

  /// Why a frame is not its partition's owner's: nothing else in it is looked at before this is known.
  private func reasonAgainst(_ frame: Frame, _ downlink: Downlink) -> LinkMessage.Refusal? {
    let header = frame.header
    let name = "log \(header.log.value), partition \(header.partition.value)"
    guard isBelow(header.partition, downlink.partition) else {
      return .init(.notOwner, Text("\(name): not below this child"))
    }
    switch assignments.judge(header.log.node, header.partition, header.epoch) {
    case .notOwner: return .init(.notOwner, Text("\(name): not its owner"))
    case .wrongEpoch: return .init(.wrongEpoch, Text("\(name): epoch \(header.epoch.value) is not the present one"))
    case .allowed(let key):
      do { try codec.verify(frame, by: key) } catch {
        guard case .wrongKey(let id) = error else {
          return .init(.badSignature, Text("\(name): \(header.first.value) is not signed by its owner"))
        }
        return .init(.wrongKey, Text("\(name): key \(id) is not its owner's"))
      }
      return nil
    }
  }

  /// Whether a frame assigns no partition but new ones and those that hang below its own already, each signed with the
  /// key that the frame's own partition is assigned to: nobody gives away what is another's.
  private func assignsOnlyItsOwn(_ scratch: Scratch, _ partition: PartitionID) throws(EngineError) -> Bool {
    for (_, key) in scratch.assignments {
      // A record that is gone took the memory of its epochs along: an older owner could come back.
      guard let view = try currentView(Keys.row(partition, key), scratch) else { return false }
      guard let assignment = Assignment(view.value), Assignment.key(assignment.partition) == key,
        assignment.partition != identity.partition, (holders[assignment.partition] ?? partition) == partition,
        assignments[assignment.partition].map(assignment.follows) ?? true,
        let holder = assignments[partition],
        assignment.isSigned(by: holder.key, network: networkHash, holder: partition)
      else { return false }
    }
    return true
  }

  /// Whether `partition` hangs at or below `top`, by the way of assignments.
  private func isBelow(_ partition: PartitionID, _ top: PartitionID) -> Bool {
    var current = partition
    for _ in 0..<32 {
      if current == top { return true }
      guard let above = holders[current] else { return false }
      current = above
    }
    return false
  }

  /// Believes what is told of nodes that hang at or below the child; of others it cannot know anything.
  private func receivedStatuses(_ list: [LinkMessage.NodeStatus], below child: PartitionID, _ clock: UInt64) {
    let known = assignments.all.filter { isBelow($0.partition, child) }.map(\.owner).sorted()
    for status in list where known.contains(status.log.node) {
      statuses[status.log] = status
      statusSeen[status.log] = clock
      if !statusChanged.contains(status.log) { statusChanged.append(status.log) }
    }
  }

  // MARK: Out

  /// After a batch is synced: tells each child what of its logs is durable here, and grants as much again as it used.
  func acknowledgeWritten() {
    var written = flyingAcknowledgements
    flyingAcknowledgements = []
    // Second copies that came while the first was being written: no batch of their own carries them.
    if heldAcknowledgements.contains(where: isDurable) {
      written.append(contentsOf: heldAcknowledgements.filter(isDurable))
      heldAcknowledgements.removeAll(where: isDurable)
    }
    acknowledge(written)
  }

  private func isDurable(_ frame: (link: LinkID, log: LogID, last: Sequence64)) -> Bool {
    frame.last <= durableHeads[frame.log]?.last ?? .zero
  }

  private func acknowledge(_ frames: [(link: LinkID, log: LogID, last: Sequence64)]) {
    var byLink: [LinkID: [LogID: Sequence64]] = [:]
    for (id, log, last) in frames { byLink[id, default: [:]][log] = last }
    for id in linkOrder {
      guard let logs = byLink[id], case .down(var downlink) = links[id] else { continue }
      downlink.credit = downlink.received + Downlink.window
      links[id] = .down(downlink)
      var marks: [LinkMessage.Watermark] = []
      for log in logs.keys.sorted() {
        guard let last = logs[log] else { continue }
        marks.append(.init(level: 1, log: log, last: last))
        if isRoot { marks.append(.init(level: LinkMessage.Watermark.root, log: log, last: last)) }
      }
      send(.acknowledgement(.init(watermarks: marks, credit: downlink.credit)), on: id)
    }
  }

  /// Lets frames leave for the parent as credit allows, and heartbeats when they are due.
  ///
  /// - Parameter framesMax: how many frames at most before the driver looks after other things.
  public func pump(clock: UInt64, framesMax: Int = 64) throws(EngineError) {
    for id in linkOrder {
      guard case .up(var uplink) = links[id], uplink.isStreaming else { continue }
      var frames = 0
      while frames < framesMax {
        let next: Bytes?
        do { next = try uplink.nextFrame(durable: durableApplied, from: self) } catch let ending as Uplink.Ending {
          if case .refuse(let refusal) = ending { refuse(id, refusal) }
          return
        } catch let error as EngineError { throw error } catch {
          requirementFailed("an uplink throws two kinds of errors")
        }
        guard let next else { break }
        send(.frame(next), on: id)
        frames += 1
      }
      links[id] = .up(uplink)
      if clock >= lastHeartbeat + Engine.heartbeatInterval || clock < lastHeartbeat {
        lastHeartbeat = clock
        sendHeartbeat(on: id, clock)
      }
    }
  }

  private func sendHeartbeat(on id: LinkID, _ clock: UInt64) {
    var list = [ownStatus(clock)]
    for log in statusChanged.sorted() { if let status = statuses[log] { list.append(status) } }
    statusChanged = []
    send(.heartbeat(list), on: id)
  }

  /// Our own sign of life.
  public func ownStatus(_ clock: UInt64) -> LinkMessage.NodeStatus {
    let rows = rowCounts(identity.partition).reduce(0) { $0 + $1.rows }
    return .init(
      log: identity.log, last: durableSequence, time: clock, rows: UInt64(rows), bytesSent: bytesSent,
      rootOrgCode: identity.rootOrgCode)
  }

  private func send(_ message: LinkMessage, on id: LinkID) {
    let bytes = message.encoded()
    if case .up = links[id] { bytesSent += UInt64(bytes.count) }
    sends.append((id, bytes))
  }

  private func refuse(_ id: LinkID, _ refusal: LinkMessage.Refusal) {
    refusals += 1
    send(.refusal(refusal), on: id)
    close(id)
  }

  private func close(_ id: LinkID) {
    closings.append(id)
    disconnected(id)
  }

  /// Bytes to be sent, in order per link; the caller sends them all.
  public func takeSends() -> [(link: LinkID, bytes: Bytes)] {
    defer { sends.removeAll(keepingCapacity: true) }
    return sends
  }

  /// Links to be closed after their bytes were sent.
  public func takeClosings() -> [LinkID] {
    defer { closings.removeAll(keepingCapacity: true) }
    return closings
  }

  /// Whether the parent has welcomed us on a link that stands.
  public var isLinkedToParent: Bool {
    linkOrder.contains { if case .up(let uplink) = links[$0] { uplink.isStreaming } else { false } }
  }

  /// Frames that are durable here and not sent to the parent; without a link, at least the own commits that the
  /// parent is not known to have.
  public var backlog: UInt64 {
    for id in linkOrder {
      if case .up(let uplink) = links[id], uplink.isStreaming { return uplink.backlog(durable: durableApplied) }
    }
    let there = watermark(identity.log, level: 1)
    return isRoot || there >= durableSequence ? 0 : durableSequence.value - there.value
  }

  /// Why the parent, or we, ended the last link; nil when the last one stands or none was refused.
  public var parentRefusal: LinkMessage.Refusal? { lastParentFailure }

  /// Nodes whose links stand here now, sorted.
  public var linkedChildren: [NodeID] {
    linkOrder.compactMap { if case .down(let downlink) = links[$0] { downlink.child.node } else { nil } }.sorted()
  }

  /// The newest sign of life of every node below, with our clock when it came; sorted by log.
  public var nodeStatuses: [(status: LinkMessage.NodeStatus, seen: UInt64)] {
    statuses.keys.sorted().compactMap { log in statuses[log].map { ($0, statusSeen[log] ?? 0) } }
  }

  /// Every assignment known here, sorted by partition.
  public var knownAssignments: [Assignment] { assignments.all }
}
