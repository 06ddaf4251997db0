import Catalog
import Engine
import Formats
import Primitives
import Replication
import Simulation
import Testing

// Goal: a store that was put back, copied or rebuilt never forks its log unnoticed, and comes back to where it was.

@Suite struct TenureTests {
  /// A child that is linked, synced and has a member; with a copy of its disk from before.
  private func pair() throws -> (parent: Bench, child: Bench, wire: Wire, before: SimulatedStore) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    try settle([wire])
    let before = SimulatedStore(copyOf: child.store)
    try child.commit([child.insertion("1")])
    try child.commit([child.insertion("2")])
    try settle([wire])
    wire.cut()
    return (parent, child, wire, before)
  }

  /// The child's engine over another disk.
  private func reopened(_ child: Bench, _ store: SimulatedStore) throws -> Bench { try Bench(over: store, of: child) }

  @Test("restore: an older disk asks its parent, gets its tail, and goes on under the next incarnation")
  func restore() throws {
    let (parent, child, _, before) = try pair()
    let lost = try #require(child.engine.head(of: child.log))
    let back = try reopened(child, before)
    let wire = Wire(back, parent, link: 2)
    wire.connect()
    try settle([wire])
    #expect(back.engine.standing == .writing && back.engine.identity.incarnation == 2)
    #expect(back.engine.head(of: child.log) == lost)
    try back.commit([back.insertion("3")])
    try settle([wire])
    let log = back.engine.identity.log
    #expect(parent.engine.head(of: log) == back.engine.head(of: log))
    #expect(parent.engine.head(of: child.log) == lost)
    #expect(back.engine.rowCount(Bench.member) == 3 && parent.engine.rowCount(Bench.member) == 3)
  }

  @Test("restore: until the parent answered nothing is committed, also after a crash, and no child is welcomed")
  func readOnly() throws {
    let (_, child, _, before) = try pair()
    try StandingMark.recovering.write(to: before)
    let back = try reopened(child, before)
    for _ in 0..<2 {
      #expect(throws: EngineError.readOnly(.recovering)) { try back.commit([back.insertion("9")]) }
      let grandchild = try Bench(3, "033001001", under: "033001")
      back.engine.childConnected(LinkID(7))
      try back.receive(grandchild.hello(), on: 7)
      #expect(try back.refusal(on: 7) == .notReady)
      try back.crash()
    }
  }

  @Test("restore: whoever wrote before asking has forked, is fenced, and keeps what it wrote")
  func fork() throws {
    let (parent, child, _, before) = try pair()
    let back = try reopened(child, before)
    try back.commit([back.insertion("fork")])
    try back.write()
    let forked = try #require(back.engine.head(of: child.log))
    let wire = Wire(back, parent, link: 2)
    wire.connect()
    try settle([wire])
    guard case .fenced = back.engine.standing else {
      Issue.record("\(back.engine.standing)")
      return
    }
    #expect(back.engine.incidents.count == 1 && parent.engine.incidents.map(\.reason) == [.diverged])
    #expect(back.engine.head(of: child.log) == forked && parent.engine.rowCount(Bench.member) == 2)
    try back.crash()
    #expect(throws: EngineError.self) { try back.commit([back.insertion("8")]) }
  }

  @Test("clone: the older life is fenced once a newer one is registered")
  func olderLife() throws {
    let (parent, child, _, before) = try pair()
    let back = try reopened(child, before)
    let wire = Wire(back, parent, link: 2)
    wire.connect()
    try settle([wire])
    wire.cut()
    try child.commit([child.insertion("late")])
    try child.write()
    let again = Wire(child, parent, link: 3)
    again.connect()
    try settle([again])
    guard case .fenced = child.engine.standing else {
      Issue.record("\(child.engine.standing)")
      return
    }
    #expect(parent.engine.head(of: child.log)?.last == Sequence64(3))
  }

  @Test("isolated: a store goes on without its parent, and is held apart when the parent had more")
  func isolated() throws {
    let (parent, child, _, before) = try pair()
    try StandingMark.isolated.write(to: before)
    let alone = try reopened(child, before)
    try alone.write()
    #expect(alone.engine.isIsolated && alone.engine.standing == .writing)
    try alone.commit([alone.insertion("alone")])
    try alone.write()
    let wire = Wire(alone, parent, link: 2)
    wire.connect()
    try settle([wire])
    #expect(alone.engine.parentRefusal?.reason == .diverged && alone.engine.standing == .writing)
    #expect(parent.engine.rowCount(Bench.member) == 2 && parent.engine.head(of: alone.engine.identity.log) == nil)
  }

  @Test("isolated: when nothing was lost the parent takes the new incarnation as it is")
  func isolatedWithoutLoss() throws {
    let (parent, child, _, _) = try pair()
    let copy = SimulatedStore(copyOf: child.store)
    try StandingMark.isolated.write(to: copy)
    let alone = try reopened(child, copy)
    try alone.write()
    try alone.commit([alone.insertion("alone")])
    let wire = Wire(alone, parent, link: 2)
    wire.connect()
    try settle([wire])
    #expect(parent.engine.rowCount(Bench.member) == 3)
  }

  @Test("empty disk: a node with an old id gets everything back, and the parent deletes nothing")
  func emptyDisk() throws {
    let (parent, child, _, _) = try pair()
    let empty = SimulatedStore()
    try Engine.initialiseEmpty(empty, identity: child.identity)
    let back = try reopened(child, empty)
    #expect(throws: EngineError.readOnly(.recovering)) { try back.commit([]) }
    let wire = Wire(back, parent, link: 2)
    wire.connect()
    try settle([wire])
    #expect(back.engine.identity.incarnation == 2 && back.engine.rowCount(Bench.member) == 2)
    #expect(back.engine.head(of: child.log) == parent.engine.head(of: child.log))
    try back.flushDerived()
    #expect(try back.lookup("2") != nil)
  }

  @Test("succession: a first frame without the record, or with an older place, is refused")
  func succession() throws {
    let (parent, child, _, _) = try pair()
    let second = LogID(node: child.identity.node, incarnation: 2)
    let head = try #require(child.engine.head(of: child.log))
    func opening(_ last: UInt64) -> Formats.Operation {
      let succession = Succession(
        log: second, follows: child.log, last: Sequence64(last), hash: head.hash, isIsolated: false)
      return Operation(Succession.key(second), .insert(succession.fields))
    }
    let wanted: [(operation: Formats.Operation, reason: LinkMessage.Refusal.Reason?)] = [
      (try child.insertion("x"), .fenced), (opening(2), .behind), (opening(4), .gap), (opening(3), nil),
    ]
    for (number, (operation, reason)) in wanted.enumerated() {
      let link = UInt64(10 + number)
      parent.engine.childConnected(LinkID(link))
      try parent.receive(child.hello(), on: link)
      try parent.receive(.frame(child.seal([operation], log: second).bytes), on: link)
      #expect(try parent.refusal(on: link) == reason, "\(number)")
      parent.engine.disconnected(LinkID(link))
      try parent.engine.pump(clock: 6)
    }
    #expect(parent.engine.head(of: second)?.last == Sequence64(1))
  }

  @Test("reclaim: the old owner is fenced, a new machine gets the domain with its history and goes on")
  func reclaim() throws {
    let (parent, child, _, _) = try pair()
    let newcomer = try Bench(4, "unused")
    let identity = NodeIdentity(
      network: Bench.network, node: NodeID(4), partition: child.identity.partition, epoch: Epoch(2),
      key: newcomer.key.publicKey, rootOrgCode: "033001", rootOrgName: "党组织", parentOrgCode: "033")
    _ = try parent.engine.reclaim(
      child.identity.partition, for: NodeID(4), key: newcomer.key.publicKey, actor: "operator", clock: 5)
    try parent.write()
    let empty = SimulatedStore()
    try Engine.initialiseEmpty(empty, identity: identity)
    let taking = try Bench(over: empty, of: newcomer, identity: identity)
    let wire = Wire(taking, parent, link: 2)
    wire.connect()
    try settle([wire])
    #expect(taking.engine.standing == .writing && taking.engine.rowCount(Bench.member) == 2)
    try taking.commit([taking.insertion("3")])
    try settle([wire])
    #expect(parent.engine.rowCount(Bench.member) == 3)
    try child.commit([child.insertion("late")])
    try child.write()
    let old = Wire(child, parent, link: 3)
    old.connect()
    try settle([old, wire])
    guard case .fenced = child.engine.standing else {
      Issue.record("\(child.engine.standing)")
      return
    }
    #expect(parent.engine.rowCount(Bench.member) == 3)
    // The epoch that was given once does not come back, and the old key is kept for whoever checks old frames.
    #expect(throws: Engine.ReclaimError.epochGiven(Epoch(2))) {
      _ = try parent.engine.reclaim(
        child.identity.partition, for: NodeID(2), key: child.key.publicKey, epoch: Epoch(2), actor: "x", clock: 5)
    }
    try parent.crash()
    #expect(parent.engine.assignment(rootOrgCode: "033001")?.epoch == Epoch(2))
  }

  @Test("clone: a child that takes no notice of what its parent has is refused with the first frame of a closed life")
  func deafChild() throws {
    let (parent, child, _, before) = try pair()
    let back = try reopened(child, before)
    let wire = Wire(back, parent, link: 2)
    wire.connect()
    try settle([wire])
    wire.cut()
    let head = try #require(parent.engine.head(of: child.log))
    try child.commit([child.insertion("late")])
    try child.write()
    parent.engine.childConnected(LinkID(9))
    try parent.receive(child.hello(), on: 9)
    for frame in try child.frames() { try parent.receive(.frame(frame), on: 9) }
    #expect(try parent.refusal(on: 9) == .fenced)
    #expect(parent.engine.head(of: child.log) == head && parent.engine.rowCount(Bench.member) == 2)
  }

  @Test("recall: in our own epoch no key but ours makes our history, whatever the parent tells")
  func forgedHistory() throws {
    let (_, child, _, _) = try pair()
    let stranger = try Bench.key(66)
    let forged = child.seal([try child.insertion("forged")], key: stranger)
    for told in [[], [LinkMessage.Recalled.Signer(log: child.log, key: stranger.publicKey)]] {
      let empty = SimulatedStore()
      try Engine.initialiseEmpty(empty, identity: child.identity)
      let back = try reopened(child, empty)
      back.engine.parentConnected(LinkID(1))
      try back.receive(
        .welcome(
          .init(node: NodeID(1), positions: [.init(log: child.log, last: Sequence64(1), hash: forged.hash)], credit: 99)
        ))
      _ = try back.sent()
      try back.receive(
        .recalled(.init(frames: [forged.bytes], signers: told, cursor: ApplySequence(2), isLast: true)))
      #expect(try back.refusal() == .badSignature)
      #expect(back.engine.logHeads.isEmpty && back.engine.standing == .recovering)
    }
  }

  @Test("fenced: a parent that waits for its operator says so, and not that it only needs time")
  func fencedParent() throws {
    let parent = try Bench(1, "033")
    try StandingMark.fenced("node 7 holds the partition").write(to: parent.store)
    try parent.crash()
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    let refusals = try parent.sent().compactMap { message -> LinkMessage.Refusal? in
      if case .refusal(let refusal) = message { return refusal }
      return nil
    }
    #expect(refusals.map(\.reason) == [.notReady])
    #expect(refusals[0].detail.string.contains("node 7 holds the partition"))
  }

  @Test("reclaim: a parent put back from before gets the old owner's end through the new one")
  func earlierEpoch() throws {
    let (parent, child, _, _) = try pair()
    try parent.sync()
    let before = SimulatedStore(copyOf: parent.store)
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    for number in 0..<5 { try child.commit([child.insertion("late \(number)")]) }
    try settle([wire])
    wire.cut()
    let newcomer = try Bench(4, "unused")
    let identity = NodeIdentity(
      network: Bench.network, node: NodeID(4), partition: child.identity.partition, epoch: Epoch(2),
      key: newcomer.key.publicKey, rootOrgCode: "033001", rootOrgName: "党组织", parentOrgCode: "033")
    func reclaim(_ parent: Bench) throws {
      _ = try parent.engine.reclaim(
        child.identity.partition, for: NodeID(4), key: newcomer.key.publicKey, actor: "operator", clock: 5)
      try parent.write()
    }
    try reclaim(parent)
    let empty = SimulatedStore()
    try Engine.initialiseEmpty(empty, identity: identity)
    let taking = try Bench(over: empty, of: newcomer, identity: identity)
    let takes = Wire(taking, parent, link: 2)
    takes.connect()
    try settle([takes])
    try taking.commit([taking.insertion("new")])
    try settle([takes])
    takes.cut()
    // The parent's disk of yesterday: neither the end of the old owner's log nor the reclaim.
    let back = try Bench(over: before, of: parent)
    #expect(back.engine.head(of: child.log) != taking.engine.head(of: child.log))
    try reclaim(back)
    // The old owner itself is fenced, and its frames pass on no other line than the new owner's.
    let old = Wire(child, back, link: 3)
    old.connect()
    try settle([old])
    guard case .fenced = child.engine.standing else {
      Issue.record("\(child.engine.standing)")
      return
    }
    let again = Wire(taking, back, link: 4)
    again.connect()
    try settle([again])
    #expect(back.engine.refusals <= 1 && taking.engine.parentRefusal == nil)
    #expect(back.engine.head(of: child.log) == taking.engine.head(of: child.log))
    #expect(back.engine.head(of: identity.log) == taking.engine.head(of: identity.log))
    let head = try #require(back.engine.head(of: child.log))
    let late = child.seal([try child.insertion("9")], first: head.last.value + 1, previous: head.hash)
    try back.receive(.frame(late.bytes), on: 4)
    #expect(try back.refusal(on: 4) == .fenced)
  }
}
