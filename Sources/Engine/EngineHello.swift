import Formats
import Ports
import Primitives
import Replication

/// A child's hello: who it is, what it may write, where it goes on.
extension Engine {
  func receivedHello(_ hello: LinkMessage.Hello, _ id: LinkID, _ clock: UInt64) throws(EngineError) {
    guard hello.network == networkHash else { return refuse(id, .init(.wrongNetwork, "another network")) }
    let codes = [hello.rootOrgCode, hello.parentOrgCode]
    guard codes.allSatisfy({ $0.string.utf8.count <= LinkMessage.Hello.codeBytesMax }) else {
      return refuse(id, .init(.malformed, Text("a code of over \(LinkMessage.Hello.codeBytesMax) bytes")))
    }
    if let contradiction = contradiction(hello, peers[id] ?? LinkPeer()) { return refuse(id, contradiction) }
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
    // A store that lacks its own tail cannot say what its children have, and may assign nothing.
    guard standing.mayCommit || Defect.active == .recoveringParentWelcomes else {
      return refuse(id, .init(.notReady, whyNotReady))
    }
    if let known = assignments[hello.partition], known.owner != hello.log.node || known.epoch != hello.epoch,
      Defect.active != .helloTakesOver
    {
      if known.epoch > hello.epoch {
        let text = "the partition is node \(known.owner.value)'s in epoch \(known.epoch.value)"
        return refuse(id, .init(.fenced, Text("\(text), this is node \(hello.log.node.value) in \(hello.epoch.value)")))
      }
      return refuse(id, .init(.notOwner, "the partition belongs to another node or epoch"))
    }
    if let known = assignments[hello.partition], known.key != hello.key, Defect.active != .helloTakesOver {
      return refuse(id, .init(.wrongKey, "the partition is assigned to another key"))
    }
    guard hello.partition != identity.partition, (holders[hello.partition] ?? identity.partition) == identity.partition
    else { return refuse(id, .init(.notOwner, "the partition hangs below another node")) }
    guard assignments[hello.partition] != nil || isItsFirst(hello) || isRegistered(hello) else {
      return refuse(
        id, .init(.notOwner, "the partition was another's first, and nothing here says who holds it: register its key"))
    }
    // A child has one link: an older one is a line that broke without telling us, or another machine's.
    // A card that a person brought is no machine: it leaves the link that stands alone.
    if id != .package, Defect.active != .twinIsWelcomed, let older = olderLink(of: hello.log.node) {
      return askPresence(on: older, for: hello, id, clock)
    }
    try admit(hello, id, clock)
  }

  /// What a child is told that cannot come now: a fenced parent gets ready by no waiting.
  private var whyNotReady: Text {
    switch standing {
    case .fenced(let reason): Text("this node is fenced and waits for its operator: \(reason)")
    case .opening, .writing: "this node has not written the first frame of its new incarnation yet"
    case .recovering: "this node pulls its own history back first"
    }
  }

  /// Whether the partition is one that the child minted itself and nobody gave on: all that a stranger may bring. What
  /// we assigned to anybody else would be set aside above us, had the partition a holder there.
  private func isItsFirst(_ hello: LinkMessage.Hello) -> Bool {
    hello.epoch == Epoch(1) && hello.partition.value >> 16 == hello.log.node.value
  }

  /// Whether the operator vouches for the child by its key: the way back when this node lost the assignment.
  private func isRegistered(_ hello: LinkMessage.Hello) -> Bool {
    let permit = childrenAllowed?.first { $0.rootOrgCode == hello.rootOrgCode }
    return hello.epoch > Epoch(0) && permit?.key == hello.key
  }

  /// Welcomes a child that may come.
  private func admit(_ hello: LinkMessage.Hello, _ id: LinkID, _ clock: UInt64) throws(EngineError) {
    let mount = ownOrgs[hello.parentOrgCode] ?? identity.rootOrg
    let assignment = Assignment(
      partition: hello.partition, owner: hello.log.node, epoch: hello.epoch, key: hello.key, mount: mount,
      rootOrgCode: hello.rootOrgCode, network: networkHash, holder: identity.partition, signer: key)
    if assignments[hello.partition] != assignment {
      var bucket = helloCommits[hello.log.node] ?? TokenBucket(size: Engine.helloCommitsMax)
      let mayWrite = bucket.take(at: clock, every: Engine.helloCommitInterval)
      helloCommits[hello.log.node] = bucket
      guard mayWrite else {
        return refuse(id, .init(.notReady, "its assignment was corrected often just now: come again in a minute"))
      }
    }
    // One link a child.
    for other in linkOrder where id != .package {
      if case .down(let downlink) = links[other], downlink.child.node == hello.log.node { close(other) }
    }
    try assign(assignment, clock)
    var downlink = Downlink(child: hello.log, partition: hello.partition, credit: admission.window(id))
    downlink.logs = hello.logs
    links[id] = .down(downlink)
    // Positions of durable frames only: what we promise to have must survive us.
    // All that hangs at or below the child, so that a store which lost a log learns that there was one.
    var known = Set(hello.logs)
    if Defect.active != .welcomeIsForgetful { known.formUnion(logs(atOrBelow: hello.partition)) }
    let positions = known.sorted().compactMap { log -> LinkMessage.Position? in
      guard let head = durableHeads[log] else { return nil }
      return .init(log: log, last: head.last, hash: head.hash)
    }
    send(.welcome(.init(node: identity.node, positions: positions, credit: downlink.credit)), on: id)
    var marks: [LinkMessage.Watermark] = []
    for log in hello.logs { marks.append(contentsOf: knownMarks(log)) }
    if !marks.isEmpty { send(.acknowledgement(.init(watermarks: marks, credit: downlink.credit)), on: id) }
    if !quarantine.isEmpty || !reportedAbove.isEmpty { tellTickets(on: id) }
  }

  /// What a hello says against what its sender proved before it: who its certificate names, and which key it holds.
  private func contradiction(_ hello: LinkMessage.Hello, _ peer: LinkPeer) -> LinkMessage.Refusal? {
    if let node = peer.node, node != hello.log.node {
      return .init(.wrongCertificate, "the certificate is another node's")
    }
    if let key = peer.key, key != hello.key.bytes { return .init(.wrongKey, "the key that was proved is another") }
    return nil
  }

  func knownMarks(_ log: LogID) -> [LinkMessage.Watermark] {
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
  func assign(_ assignment: Assignment, _ clock: UInt64) throws(EngineError) {
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
    // What the assignment allows may arrive before the next write: in the apply order it must come after it, or our
    // own parent
    // refuses it.
    sealOpenCommits()
  }
}
