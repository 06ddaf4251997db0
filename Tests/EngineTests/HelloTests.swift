import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication
import Testing

// What a parent does with strangers, and with children that say what they must not.

@Suite struct HelloTests {
  @Test("hello: a child of the same network is welcomed and assigned")
  func welcomed() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    guard case .welcome(let welcome) = try #require(try parent.sent().first) else { throw BenchError.noItem("welcome") }
    #expect(welcome.node == NodeID(1) && welcome.positions.isEmpty && welcome.credit > 0)
    #expect(parent.engine.knownAssignments.map(\.partition) == [child.identity.partition])
    #expect(parent.engine.linkedChildren == [NodeID(2)])
    try parent.write()
    try parent.crash()
    #expect(parent.engine.knownAssignments.map(\.owner) == [NodeID(2)])
  }

  @Test("hello: another network is refused")
  func wrongNetwork() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello(network: "elsewhere"))
    #expect(try parent.refusal() == .wrongNetwork)
    #expect(parent.engine.takeClosings() == [LinkID(1)] && parent.engine.knownAssignments.isEmpty)
  }

  @Test("hello: what the certificate or the proof of the connection says otherwise is refused")
  func contradicted() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let cases: [(LinkPeer, LinkMessage.Refusal.Reason)] = [
      (LinkPeer(node: NodeID(3)), .wrongCertificate),
      (LinkPeer(node: NodeID(2), key: try Bench.key(3).publicKey.bytes), .wrongKey),
    ]
    for (number, (peer, reason)) in cases.enumerated() {
      parent.engine.childConnected(LinkID(UInt64(number + 1)), peer: peer)
      try parent.receive(child.hello(), on: UInt64(number + 1))
      #expect(try parent.refusal(on: UInt64(number + 1)) == reason)
    }
    #expect(parent.engine.knownAssignments.isEmpty)
    parent.engine.childConnected(LinkID(9), peer: LinkPeer(node: NodeID(2), key: child.identity.key.bytes))
    try parent.receive(child.hello(), on: 9)
    #expect(parent.engine.linkedChildren == [NodeID(2)])
  }

  @Test("hello: a parent whose welcome is not its certificate's node gets nothing")
  func contradictedParent() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    child.engine.parentConnected(LinkID(1), peer: LinkPeer(node: NodeID(3)))
    try parent.receive(child.hello())
    for (_, bytes) in parent.engine.takeSends() {
      try child.engine.received(Bytes(bytes[4...]), on: LinkID(1), clock: 10)
    }
    #expect(child.engine.parentRefusal?.reason == .wrongCertificate && !child.engine.isLinkedToParent)
  }

  @Test("hello: a child that is not allowed is refused and leaves no assignment")
  func notAllowed() throws {
    let parent = try Bench(1, "033", childrenAllowed: [ChildPermit(rootOrgCode: "033002")])
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    #expect(try parent.refusal() == .unknownChild)
    #expect(parent.engine.takeWrites() == nil && parent.engine.refusals == 1)
  }

  @Test("hello: a child that the operator registered with its key is welcomed with that key only")
  func registeredKey() throws {
    let child = try Bench(2, "033001", under: "033")
    let permit = try #require(ChildPermit("033001=\(child.identity.key.bytes.hex)"))
    let parent = try Bench(1, "033", childrenAllowed: [permit])
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello(key: Bench.key(3).publicKey))
    #expect(try parent.refusal() == .wrongKey)
    #expect(parent.engine.knownAssignments.isEmpty)
    parent.engine.childConnected(LinkID(2))
    try parent.receive(child.hello(), on: 2)
    #expect(parent.engine.knownAssignments.map(\.key) == [child.identity.key])
    for text in ["", "=", "033001=", "033001=00", "033001=\(String(repeating: "g", count: 64))"] {
      #expect(ChildPermit(text) == nil, "\(text)")
    }
  }

  @Test("hello: once assigned, a partition takes no other key, also after a restart")
  func keyIsKept() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    try parent.write()
    try parent.crash()
    parent.engine.childConnected(LinkID(2))
    try parent.receive(child.hello(key: Bench.key(3).publicKey), on: 2)
    #expect(try parent.refusal(on: 2) == .wrongKey)
    parent.engine.childConnected(LinkID(3))
    try parent.receive(child.hello(), on: 3)
    #expect(parent.engine.linkedChildren == [NodeID(2)])
    #expect(parent.engine.takeWrites() == nil, "the same assignment is not written again")
  }

  @Test("hello: nobody is given the parent's own partition")
  func ownPartition() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello(partition: parent.identity.partition))
    #expect(try parent.refusal() == .notOwner)
    #expect(parent.engine.knownAssignments.isEmpty)
  }

  @Test("hello: a node is not its own child")
  func ownNode() throws {
    let parent = try Bench(1, "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(parent.hello())
    #expect(try parent.refusal() == .unknownChild)
  }

  @Test("hello: a partition in another epoch, or of another node, is refused", arguments: [false, true])
  func otherOwner(_ isOtherNode: Bool) throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let thief = try Bench(3, "033002", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    parent.engine.childConnected(LinkID(2))
    if isOtherNode {
      try parent.receive(thief.hello(partition: child.identity.partition), on: 2)
    } else {
      try parent.receive(child.hello(epoch: 2), on: 2)
    }
    #expect(try parent.refusal(on: 2) == .notOwner)
    #expect(parent.engine.linkedChildren == [NodeID(2)])
  }

  @Test("hello: a grandchild that dials its grandparent is refused, and the grandparent lives on")
  func skippedLevel() throws {
    let root = try Bench(1, "033")
    let middle = try Bench(2, "033001", under: "033")
    let leaf = try Bench(3, "033001001", under: "033001")
    let wires = [Wire(middle, root, link: 1), Wire(leaf, middle, link: 2)]
    for wire in wires { wire.connect() }
    try settle(wires)
    root.engine.childConnected(LinkID(9))
    try root.receive(leaf.hello(), on: 9)
    #expect(try root.refusal(on: 9) == .notOwner)
    try middle.commit([middle.insertion("1")])
    try settle(wires)
    #expect(root.engine.head(of: middle.log) == middle.engine.head(of: middle.log))
  }

  /// A parent to which a child is linked, and whom somebody calls as that child again.
  private func calledTwice() throws -> (parent: Bench, number: UInt64) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    for link: UInt64 in [1, 2] {
      parent.engine.childConnected(LinkID(link))
      try parent.receive(child.hello(), on: link)
    }
    var number: UInt64?
    for case .presence(let asked) in try parent.sent(on: 1) where !asked.isAnswer { number = asked.number }
    #expect(parent.engine.takeClosings().isEmpty)
    return (parent, try #require(number))
  }

  @Test("hello: a newer link of a child waits for the older one, which is closed when it does not answer")
  func twice() throws {
    let (parent, _) = try calledTwice()
    try parent.engine.pump(clock: 5 + Engine.presencePatience - 1)
    #expect(parent.engine.takeClosings().isEmpty)
    try parent.engine.pump(clock: 5 + Engine.presencePatience)
    #expect(parent.engine.takeClosings() == [LinkID(1)] && parent.engine.linkedChildren == [NodeID(2)])
  }

  @Test("hello: a newer link is welcomed as soon as the older one has ended")
  func ended() throws {
    let (parent, _) = try calledTwice()
    parent.engine.disconnected(LinkID(1))
    try parent.engine.pump(clock: 6)
    #expect(parent.engine.linkedChildren == [NodeID(2)] && parent.engine.takeClosings().isEmpty)
  }

  @Test("hello: when the older link answers, the newer one is a second machine, refused and written down")
  func twin() throws {
    let (parent, number) = try calledTwice()
    try parent.receive(.presence(.init(number: number + 1, isAnswer: true)), on: 1)
    #expect(try parent.refusal(on: 2) == nil)
    try parent.receive(.presence(.init(number: number, isAnswer: true)), on: 1)
    #expect(try parent.refusal(on: 2) == .twin)
    #expect(parent.engine.linkedChildren == [NodeID(2)] && parent.engine.incidents.map(\.reason) == [.twin])
    try parent.write()
    try parent.crash()
    #expect(parent.engine.incidents.map(\.reason) == [.twin])
  }

  @Test("hello: bytes that are no message, and messages out of turn, end the link")
  func nonsense() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.engine.received([99, 1, 2], on: LinkID(1), clock: 5)
    #expect(try parent.refusal() == .malformed)
    parent.engine.childConnected(LinkID(2))
    try parent.receive(.frame(try child.frames()[0]), on: 2)
    #expect(try parent.refusal(on: 2) == .malformed)
    parent.engine.childConnected(LinkID(3))
    try parent.receive(child.hello(), on: 3)
    try parent.receive(child.hello(), on: 3)
    #expect(try parent.refusal(on: 3) == .malformed)
    #expect(parent.engine.linkedChildren.isEmpty)
  }
}
