import Formats
import Primitives
import Replication

/// A child's frames: what is asked of one before it is applied, and what it does.
extension Engine {
  func receivedFrame(_ bytes: Bytes, _ current: Downlink, _ id: LinkID) throws(EngineError) {
    var downlink = current
    guard downlink.received < downlink.credit else {
      return refuse(id, .init(.overCredit, "more bytes than were granted"))
    }
    downlink.received += UInt64(bytes.count)
    links[id] = .down(downlink)
    // A package is taken at one go, and waits for no comparison.
    guard id != .package else { return try applyPackaged(bytes) }
    guard queues.isOpen(id) else { return queues.push(bytes, id) }
    if try !applyFrame(bytes, id) { queues.push(bytes, id) }
  }

  /// Whether frames wait that could go into the open batch: the driver need not sleep.
  public var hasWaitingFrames: Bool { queues.waiting.contains(where: queues.hasShare) || snapshots.wantsTurn }

  private func applyPackaged(_ bytes: Bytes) throws(EngineError) {
    guard try !applyFrame(bytes, .package) else { return }
    failAwaiting()
    _ = try applyFrame(bytes, .package)
  }

  /// Applies what waits, one frame a link and turn, until every link had its share of the open batch.
  func applyWaiting() throws(EngineError) {
    var hasMoved = !queues.isEmpty
    while hasMoved {
      hasMoved = false
      for id in queues.turns where queues.hasShare(id) {
        guard let bytes = queues.first(id), try applyFrame(bytes, id) else { continue }
        queues.removeFirst(id)
        hasMoved = true
      }
    }
  }

  /// Applies one frame, or ends its link with a reason.
  ///
  /// - Returns: false when it must wait for a moment to be taken.
  private func applyFrame(_ bytes: Bytes, _ id: LinkID) throws(EngineError) -> Bool {
    guard case .down(let downlink) = links[id] else { return true }
    let frame: Frame
    do { frame = try codec.parse(bytes) } catch {
      refuse(id, .init(.malformed, Text("frame: \(error)")))
      return true
    }
    if mustWait(frame.header) || waitsForSnapshot(frame.header.partition) { return false }
    queues.took(bytes.count, id)
    try apply(frame, downlink, id)
    guard case .down(var downlink) = links[id] else { return true }
    downlink.applied += UInt64(bytes.count)
    links[id] = .down(downlink)
    return true
  }

  private func apply(_ frame: Frame, _ current: Downlink, _ id: LinkID) throws(EngineError) {
    var downlink = current
    let header = frame.header
    guard header.network == networkHash else { return refuse(id, .init(.wrongNetwork, "a frame of another network")) }
    let signer: PublicKey
    switch verdict(on: frame, from: downlink) {
    case .allowed(let key): signer = key
    case .refused(let refusal): return object(refusal, frame, downlink, id)
    }
    switch Continuation(of: frame, after: heads[header.log] ?? .empty(header.partition)) {
    case .next: break
    case .duplicate: return acknowledge(again: header.log, header.last, id)
    case .gap:
      return object(
        .init(.gap, Text("log \(header.log.value): \(header.first.value) does not follow")), frame, downlink, id)
    case .fork:
      return object(
        .init(.diverged, Text("log \(header.log.value) forks at \(header.first.value)")), frame, downlink, id)
    }
    let body: FrameBody
    do { body = try codec.open(frame) } catch {
      guard case .unknownDictionary(let number) = error else {
        return object(.init(.malformed, Text("frame body: \(error)")), frame, downlink, id)
      }
      return refuse(id, .init(.unknownDictionary, Text("dictionary \(number) came with a later release")))
    }
    let (objection, succession) = reasonAgainstLog(of: frame, body)
    if let objection { return object(objection, frame, downlink, id) }
    let scratch = try apply(frame, body, isNew: true)
    guard !scratch.isOverfull else {
      return object(.init(.malformed, "a commit that is larger than a commit may be"), frame, downlink, id)
    }
    guard try assignsOnlyItsOwn(scratch, header.partition, at: (header.log, header.last), signedBy: signer) else {
      return object(.init(.notOwner, "an assignment that its holder may not make"), frame, downlink, id)
    }
    try keepOwnOrgs(scratch, header)
    guard hasRoom(scratch, header.partition) else {
      return refuse(id, .init(.diverged, Text("over \(QuarantineTable.ticketsMax) records would be set aside")))
    }
    try accept(scratch)
    append(frame)
    logMoved[header.log] = clock
    arrived(at: LogState(after: frame), header.log)
    refreshed(header.log)
    noteOpening(frame, succession)
    logsLeftOut.remove(header.log)
    if !downlink.logs.contains(header.log) {
      downlink.logs.append(header.log)
      links[id] = .down(downlink)
    }
    heldAcknowledgements.append((id, header.log, header.last))
  }

  /// In a quiet network no later batch would say that a frame which came twice is durable.
  private func acknowledge(again log: LogID, _ last: Sequence64, _ id: LinkID) {
    let again = (link: id, log: log, last: last)
    if isDurable(again) { acknowledge([again]) } else { heldAcknowledgements.append(again) }
  }

  /// What cannot be taken ends the link of who made it, or vouches for it as the domain above. A child that passes on
  /// frames of a partition which hangs elsewhere was dialled by mistake and cannot know better: that log is left out,
  /// and everything else it sends goes on.
  private func object(_ refusal: LinkMessage.Refusal, _ frame: Frame, _ downlink: Downlink, _ id: LinkID) {
    let header = frame.header
    guard hangsElsewhere(header.partition, from: downlink), header.log.node != downlink.child.node else {
      return refuse(id, refusal)
    }
    // Named once a log, not once a frame.
    let name = "log \(header.log.node.value).\(header.log.incarnation) of partition \(header.partition.value)"
    note(.init(.fenced, Text("\(name) came through node \(downlink.child.node.value) and is left out")), of: header.log)
    logsLeftOut.insert(header.log)
    acknowledge(again: header.log, durableHeads[header.log]?.last ?? .zero, id)
  }

  /// Whether a partition is known to hang at another place than at or below this child.
  private func hangsElsewhere(_ partition: PartitionID, from downlink: Downlink) -> Bool {
    holders[partition] != nil && !isBelow(partition, downlink.partition)
  }

  /// What a frame's header and signature say, before anything else in it is looked at.
  enum FrameVerdict {
    /// Its owner made it, with this key.
    case allowed(PublicKey)
    case refused(LinkMessage.Refusal)
  }

  /// Whether a frame is its partition's owner's. The way it came matters for what is unknown here only: who holds a
  /// partition here may write it on every way.
  private func verdict(on frame: Frame, from downlink: Downlink) -> FrameVerdict {
    let header = frame.header
    guard isBelow(header.partition, downlink.partition) || hangsElsewhere(header.partition, from: downlink) else {
      return .refused(.init(.notOwner, Text("\(name(header)): not below this child")))
    }
    return verdict(on: frame, passedBy: downlink)
  }

  /// The same for a frame that came down.
  func verdict(on frame: Frame, below top: PartitionID) -> FrameVerdict {
    guard isBelow(frame.header.partition, top) else {
      return .refused(.init(.notOwner, Text("\(name(frame.header)): not below this node")))
    }
    return verdict(on: frame, passedBy: nil)
  }

  private func name(_ header: FrameHeader) -> String {
    "log \(header.log.value), partition \(header.partition.value)"
  }

  private func verdict(on frame: Frame, passedBy downlink: Downlink?) -> FrameVerdict {
    let header = frame.header
    switch assignments.judge(header.log.node, header.partition, header.epoch) {
    case .allowed(let key): return verdict(on: frame, signedBy: key)
    case .notOwner, .wrongEpoch:
      if let key = formerKey(header, passedBy: downlink) { return verdict(on: frame, signedBy: key) }
    }
    guard assignments[header.partition]?.owner == header.log.node else {
      return .refused(.init(.notOwner, Text("\(name(header)): not its owner")))
    }
    return .refused(
      .init(.wrongEpoch, Text("\(name(header)): epoch \(header.epoch.value) is not the present one")))
  }

  private func verdict(on frame: Frame, signedBy key: PublicKey) -> FrameVerdict {
    do { try codec.verify(frame, by: key) } catch {
      let name = name(frame.header)
      guard case .wrongKey(let id) = error else {
        return .refused(
          .init(.badSignature, Text("\(name): \(frame.header.first.value) is not signed by its owner")))
      }
      return .refused(.init(.wrongKey, Text("\(name): key \(id) is not its owner's")))
    }
    return .allowed(key)
  }

  /// The key of an earlier owner, whose log the present one goes on from: a store that was put back lacks its end, and
  /// only the present owner's line may bring it. Whether that log may still grow is for the lineage to say.
  private func formerKey(_ header: FrameHeader, passedBy downlink: Downlink?) -> PublicKey? {
    guard let present = assignments[header.partition], header.epoch < present.epoch,
      let former = assignments.former(header.partition, header.epoch), former.owner == header.log.node
    else { return nil }
    if let downlink, downlink.partition == header.partition, downlink.child.node != present.owner { return nil }
    guard downlink.map({ isBelow(header.partition, $0.partition) }) ?? true else { return nil }
    return former.key
  }

  /// Whether a frame assigns no partition but new ones and those that hang below its own already, each signed with the
  /// key that the frame's own partition is assigned to: nobody gives away what is another's.
  ///
  /// What it says of a partition that another holds is set aside instead: the frame's owner may have been told so by a
  /// node that was dialled into the wrong place, and its log cannot be taken back. The row is kept, and means nothing.
  ///
  /// - Parameter signer: the key that made the frame.
  func assignsOnlyItsOwn(
    _ scratch: Scratch, _ partition: PartitionID, at end: (log: LogID, last: Sequence64), signedBy signer: PublicKey
  ) throws(EngineError) -> Bool {
    let touched = scratch.assignments
    scratch.assignments = []
    for (_, key) in touched {
      let rowKey = Keys.row(partition, key)
      let view = try currentView(rowKey, scratch)
      if let subject = PartitionID(exactly: key.record.mint), isAnothers(subject, than: partition) {
        scratch.change(
          view == nil
            ? .close(rowKey)
            : .open(
              QuarantineTicket(
                partition: partition, key: key, reason: .notAllowed, log: end.log, sequence: end.last)))
        continue
      }
      // A record that is gone took the memory of its epochs along: an older owner could come back.
      guard let view, let assignment = Assignment(view.value) else { return false }
      scratch.assignments.append((partition, key))
      if key == Assignment.formerKey(assignment.partition, assignment.epoch) {
        // What was signed before is kept for whoever checks old frames: exactly as it was known here.
        guard
          assignments[assignment.partition] == assignment
            || assignments.former(assignment.partition, assignment.epoch) == assignment
        else { return false }
        continue
      }
      guard Assignment.key(assignment.partition) == key,
        assignments[assignment.partition].map(assignment.follows) ?? true,
        assignment.isSigned(by: signer, network: networkHash, holder: partition)
      else { return false }
    }
    return true
  }

  /// Whether somebody else than the owner of `partition` has `subject` to give: it is ours, its own, or hangs below
  /// another.
  func isAnothers(_ subject: PartitionID, than partition: PartitionID) -> Bool {
    subject == identity.partition || subject == partition || (holders[subject] ?? partition) != partition
  }

  /// Whether `partition` hangs at or below `top`, by the way of assignments.
  func isBelow(_ partition: PartitionID, _ top: PartitionID) -> Bool {
    var current = partition
    for _ in 0..<32 {
      if current == top { return true }
      guard let above = holders[current] else { return false }
      current = above
    }
    return false
  }

  /// Believes what is told of nodes that hang at or below the child; of others it cannot know anything. Of a node's
  /// lives the newest counts, and it is called what its assignment says: what is kept has the size of the network.
  func receivedStatuses(_ list: [LinkMessage.NodeStatus], below child: PartitionID, _ clock: UInt64) {
    var codes: [NodeID: Text] = [:]
    for assignment in assignments.all where isBelow(assignment.partition, child) {
      codes[assignment.owner] = assignment.rootOrgCode
    }
    for status in list {
      let log = status.log
      guard let code = codes[log.node] else { continue }
      if let known = statusLogs[log.node], known != log {
        guard known < log else { continue }
        statuses[known] = nil
        statusSeen[known] = nil
        completeAt[known] = nil
        statusChanged.removeAll { $0 == known }
      }
      statusLogs[log.node] = log
      statuses[log] = .init(
        log: log, last: status.last, time: status.time, rows: status.rows, bytesSent: status.bytesSent,
        rootOrgCode: code)
      statusSeen[log] = clock
      refreshed(log)
      if !statusChanged.contains(log) { statusChanged.append(log) }
    }
  }
}
