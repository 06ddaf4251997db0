import Formats
import Primitives
import Replication

/// Frames that go down: a parent hands a child what it lacks, a child takes back what is its own.
extension Engine {
  // MARK: The parent

  /// Logs held durably here of what hangs at or below a partition, sorted.
  func logs(atOrBelow partition: PartitionID) -> [LogID] {
    durableHeads.keys.sorted().filter { log in durableHeads[log].map { isBelow($0.partition, partition) } ?? false }
  }

  func receivedRecall(_ recall: LinkMessage.Recall, _ id: LinkID) throws(EngineError) {
    // A child says each time where it stands: before the answer it has nothing else to say.
    guard !heldRecalls.contains(where: { $0.link == id }) else {
      return refuse(id, .init(.overCredit, "a second recall before the first was answered"))
    }
    heldRecalls.append((id, recall))
    try answerRecalls()
  }

  /// Answers what waits. A frame that is applied here and not yet synced would come after the answer that says "that
  /// is all": the child would go on from a place that is no longer the end. Nor does a child get more than its turn.
  func answerRecalls() throws(EngineError) {
    guard !heldRecalls.isEmpty else { return }
    let waiting = heldRecalls
    heldRecalls = []
    for (id, recall) in waiting {
      guard case .down(var downlink) = links[id] else { continue }
      let isAllDurable = heads.keys.sorted().allSatisfy { log in
        heads[log] == durableHeads[log] || !(heads[log].map { isBelow($0.partition, downlink.partition) } ?? false)
      }
      guard isAllDurable, downlink.recalls.take(at: clock, every: Engine.recallInterval) else {
        heldRecalls.append((id, recall))
        continue
      }
      links[id] = .down(downlink)
      try answer(recall, downlink, id)
    }
  }

  private func answer(_ recall: LinkMessage.Recall, _ downlink: Downlink, _ id: LinkID) throws(EngineError) {
    do {
      let logs = logs(atOrBelow: downlink.partition)
      if let partition = try RecallAnswer.snapshot(for: recall, logs: logs, durable: durableApplied, from: self),
        let base = snapshots.bases[partition]
      {
        return offer(base.manifest, on: id)
      }
      let answer = try RecallAnswer.frames(
        for: recall, logs: logs, durable: durableApplied, bytesMax: recallBytesMax, from: self)
      recalls += answer.frames.count
      send(
        .recalled(
          .init(
            frames: answer.frames, signers: signers(of: answer.frames, downlink.partition), cursor: answer.cursor,
            isLast: answer.isLast)), on: id)
    } catch Uplink.Ending.refuse(let refusal) {
      refuse(id, refusal)
    } catch let error as EngineError { throw error } catch { requirementFailed("a recall throws two kinds of errors") }
  }

  /// Keys of earlier owners among the makers of these frames.
  private func signers(of frames: [Bytes], _ partition: PartitionID) -> [LinkMessage.Recalled.Signer] {
    var signers: [LinkMessage.Recalled.Signer] = []
    for bytes in frames {
      guard let header = try? FrameHeader(frame: bytes), header.partition == partition,
        !signers.contains(where: { $0.log == header.log }),
        let former = assignments.former(partition, header.epoch)
      else { continue }
      signers.append(.init(log: header.log, key: former.key))
    }
    return signers
  }

  // MARK: The child

  /// Our parent holds more of our own history than we do: nothing is written here until that is mended.
  func beginRecovering() {
    // What waits for its frame belongs to the history that is compared with the parent's.
    sealOpenCommits()
    guard standing == .writing else { return }
    set(.recovering)
  }

  func receivedRecalled(
    _ recalled: LinkMessage.Recalled, _ current: Uplink, _ id: LinkID, _ clock: UInt64
  ) throws(EngineError) {
    guard current.isRecalling else { return refuse(id, .init(.malformed, "frames that nobody asked for")) }
    for bytes in recalled.frames {
      if let refusal = try takeRecalled(bytes, recalled.signers) {
        lastParentFailure = refusal
        return refuse(id, refusal)
      }
    }
    var uplink = current
    do {
      if let next = try uplink.applied(recalled, offered: heads.keys.sorted(), from: self),
        Defect.active != .recallEndsEarly
      {
        links[id] = .up(uplink)
        return send(.recall(next), on: id)
      }
      if standing == .recovering { try openIncarnation(isolated: false, clock: clock) }
      try uplink.resume(offered: heads.keys.sorted(), end: durableApplied, from: self)
      links[id] = .up(uplink)
      beginFirstSync(id)
    } catch Uplink.Ending.refuse(let refusal) {
      lastParentFailure = refusal
      refuse(id, refusal)
    } catch let error as EngineError { throw error } catch { requirementFailed("an uplink throws two kinds of errors") }
  }

  /// Applies one frame that came down, if it is what it must be; otherwise says why not.
  private func takeRecalled(
    _ bytes: Bytes, _ signers: [LinkMessage.Recalled.Signer]
  ) throws(EngineError) -> LinkMessage.Refusal? {
    let frame: Frame
    let body: FrameBody
    do { frame = try codec.parse(bytes) } catch { return .init(.malformed, Text("recalled frame: \(error)")) }
    let header = frame.header
    guard header.network == networkHash else { return .init(.wrongNetwork, "a recalled frame of another network") }
    let (refusal, signer) = maker(of: frame, signers)
    if let refusal { return refusal }
    switch Continuation(of: frame, after: heads[header.log] ?? .empty(header.partition)) {
    case .next: break
    case .duplicate: return nil
    case .gap: return .init(.gap, Text("log \(header.log.value): \(header.first.value) does not follow"))
    case .fork: return .init(.diverged, Text("log \(header.log.value) forks at \(header.first.value)"))
    }
    do { body = try codec.open(frame) } catch { return .init(.malformed, Text("recalled frame body: \(error)")) }
    let (objection, succession) = reasonAgainstLog(of: frame, body)
    if let objection { return objection }
    let scratch = try apply(frame, body, isNew: true)
    guard !scratch.isOverfull else { return .init(.malformed, "a recalled commit larger than a commit may be") }
    guard let signer,
      try assignsOnlyItsOwn(scratch, header.partition, at: (header.log, header.last), signedBy: signer)
    else {
      return .init(.notOwner, "a recalled assignment that its holder may not make")
    }
    try keepOwnOrgs(scratch, header)
    guard hasRoom(scratch, header.partition) else {
      return .init(.diverged, Text("over \(QuarantineTable.ticketsMax) records would be set aside"))
    }
    try accept(scratch)
    append(frame)
    logMoved[header.log] = clock
    arrived(at: LogState(after: frame), header.log)
    refreshed(header.log)
    noteOpening(frame, succession)
    noteOwn(header.log, LogState(after: frame))
    return nil
  }

  /// Whose key made a frame at or below our partition: our own, an earlier owner's as the parent tells it, or the
  /// assigned one.
  ///
  /// In the epoch that is ours nobody but this node writes and no key but ours signs, whatever the parent tells: it may
  /// hand our history back, and not make it.
  private func maker(
    of frame: Frame, _ signers: [LinkMessage.Recalled.Signer]
  ) -> (LinkMessage.Refusal?, PublicKey?) {
    let header = frame.header
    guard header.partition == identity.partition else {
      switch verdict(on: frame, below: identity.partition) {
      case .allowed(let key): return (nil, key)
      case .refused(let refusal): return (refusal, nil)
      }
    }
    guard header.epoch <= identity.epoch else {
      return (.init(.wrongEpoch, Text("log \(header.log.value): epoch \(header.epoch.value) is after ours")), nil)
    }
    let told = signers.first { $0.log == header.log }?.key
    let isOurs = header.epoch == identity.epoch && Defect.active != .toldSignerIsBelieved
    guard !isOurs || header.log.node == identity.node else {
      return (.init(.notOwner, Text("log \(header.log.value): epoch \(header.epoch.value) is ours")), nil)
    }
    let signer = isOurs ? key.publicKey : told ?? key.publicKey
    if Defect.active == .recalledIsNotVerified { return (nil, signer) }
    do { try codec.verify(frame, by: signer) } catch {
      return (
        .init(.badSignature, Text("log \(header.log.value): \(header.first.value) is not signed by its owner")), nil
      )
    }
    return (nil, signer)
  }
}
