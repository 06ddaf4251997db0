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
    if let refusal = reasonAgainst(frame, below: downlink.partition) { return refuse(id, refusal) }
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
    let (objection, succession) = reasonAgainstLog(of: frame, body)
    if let objection { return refuse(id, objection) }
    let scratch = try apply(frame, body)
    guard let holder = assignments[header.partition],
      try assignsOnlyItsOwn(scratch, header.partition, signedBy: holder.key)
    else {
      return refuse(id, .init(.notOwner, "an assignment that its holder may not make"))
    }
    guard hasRoom(scratch.quarantine) else {
      return refuse(id, .init(.diverged, Text("over \(QuarantineTable.ticketsMax) records would be set aside")))
    }
    try accept(scratch)
    append(frame)
    logMoved[header.log] = clock
    arrived(at: LogState(after: frame), header.log)
    refreshed(header.log)
    noteOpening(frame, succession)
    if !downlink.logs.contains(header.log) {
      downlink.logs.append(header.log)
      links[id] = .down(downlink)
    }
    heldAcknowledgements.append((id, header.log, header.last))
  }

  /// Why a frame is not its partition's owner's: nothing else in it is looked at before this is known.
  func reasonAgainst(_ frame: Frame, below top: PartitionID) -> LinkMessage.Refusal? {
    let header = frame.header
    let name = "log \(header.log.value), partition \(header.partition.value)"
    guard isBelow(header.partition, top) else {
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
  ///
  /// - Parameter signer: the key that made the frame.
  func assignsOnlyItsOwn(
    _ scratch: Scratch, _ partition: PartitionID, signedBy signer: PublicKey
  ) throws(EngineError) -> Bool {
    for (_, key) in scratch.assignments {
      // A record that is gone took the memory of its epochs along: an older owner could come back.
      guard let view = try currentView(Keys.row(partition, key), scratch) else { return false }
      guard let assignment = Assignment(view.value) else { return false }
      if key == Assignment.formerKey(assignment.partition, assignment.epoch) {
        // What was signed before is kept for whoever checks old frames: exactly as it was known here.
        guard
          assignments[assignment.partition] == assignment
            || assignments.former(assignment.partition, assignment.epoch) == assignment
        else { return false }
        continue
      }
      guard Assignment.key(assignment.partition) == key,
        assignment.partition != identity.partition, (holders[assignment.partition] ?? partition) == partition,
        assignments[assignment.partition].map(assignment.follows) ?? true,
        assignment.isSigned(by: signer, network: networkHash, holder: partition)
      else { return false }
    }
    return true
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

  /// Believes what is told of nodes that hang at or below the child; of others it cannot know anything.
  func receivedStatuses(_ list: [LinkMessage.NodeStatus], below child: PartitionID, _ clock: UInt64) {
    let known = assignments.all.filter { isBelow($0.partition, child) }.map(\.owner).sorted()
    for status in list where known.contains(status.log.node) {
      statuses[status.log] = status
      statusSeen[status.log] = clock
      refreshed(status.log)
      if !statusChanged.contains(status.log) { statusChanged.append(status.log) }
    }
  }
}
