import Engine
import Formats
import Primitives
import Replication
import Simulation
import Testing

// A node dialled into the wrong parent, or a stranger that names another's partition, costs that parent nothing but a
// ticket.

@Suite struct RehomeTests {
  /// A root with two children, and a leaf below the first.
  private func fleet() throws -> (root: Bench, first: Bench, second: Bench, leaf: Bench, wires: [Wire]) {
    let root = try Bench(1, "033")
    let first = try Bench(2, "033001", under: "033")
    let second = try Bench(3, "033002", under: "033")
    let leaf = try Bench(4, "033001001", under: "033001")
    let wires = [Wire(first, root, link: 1), Wire(second, root, link: 2), Wire(leaf, first, link: 3)]
    for wire in wires { wire.connect() }
    try settle(wires)
    return (root, first, second, leaf, wires)
  }

  @Test("re-homed: what the wrong parent assigned is set aside above it, and everything else flows")
  func wrongParent() throws {
    let (root, first, second, leaf, wires) = try fleet()
    wires[2].cut()
    let wrong = Wire(leaf, second, link: 4)
    wrong.connect()
    let moved = [wires[0], wires[1], wrong]
    try leaf.commit([leaf.insertion("1")])
    try settle(moved)
    try second.commit([second.insertion("2")])
    try settle(moved)
    try settle(moved, clock: 10 + 2 * Engine.heartbeatInterval)
    #expect(root.engine.refusals == 0)
    #expect(root.engine.head(of: second.log) == second.engine.head(of: second.log))
    #expect(root.engine.head(of: leaf.log) == leaf.engine.head(of: leaf.log), "a good signature is good on every way")
    let ticket = try #require(root.engine.tickets.first)
    #expect(root.engine.tickets.count == 1 && ticket.reason == .notAllowed)
    #expect(ticket.key == Assignment.key(leaf.identity.partition) && ticket.partition == second.identity.partition)
    #expect(second.engine.ticketsAbove.tickets.map(\.ticket.key) == [ticket.key], "its maker is told")
    for bench in [root, second] {
      for wire in moved { wire.cut() }
      try bench.crash()
      #expect(root.engine.holder(of: leaf.identity.partition) == first.identity.partition)
      for wire in moved { wire.connect() }
      try leaf.commit([leaf.insertion("again")])
      try second.commit([second.insertion("again")])
      try settle(moved)
      #expect(root.engine.head(of: second.log) == second.engine.head(of: second.log))
      #expect(root.engine.head(of: leaf.log) == leaf.engine.head(of: leaf.log))
    }
    #expect(try !root.engine.retry(Keys.row(ticket.partition, ticket.key)), "only its maker can take it back")
    // Home again: the line that the assignment names goes on where the other one stopped.
    wrong.cut()
    wires[2].connect()
    try leaf.commit([leaf.insertion("home")])
    try settle(wires)
    #expect(first.engine.head(of: leaf.log) == leaf.engine.head(of: leaf.log))
    #expect(root.engine.head(of: leaf.log) == leaf.engine.head(of: leaf.log))
    // The wrong parent takes it back: the ticket goes with it, the true assignment stays.
    try second.commit([Operation(ticket.key, .delete)])
    try settle(wires)
    #expect(root.engine.tickets.isEmpty && root.engine.refusals == 0)
    #expect(root.engine.holder(of: leaf.identity.partition) == first.identity.partition)
  }

  @Test("re-homed: a fenced owner that found another parent stops nobody but itself")
  func fencedOwner() throws {
    let (root, first, second, leaf, wires) = try fleet()
    wires[2].cut()
    _ = try first.engine.reclaim(
      leaf.identity.partition, for: NodeID(9), key: Bench.key(9).publicKey, actor: "operator", clock: 5)
    try settle(wires)
    let wrong = Wire(leaf, second, link: 4)
    wrong.connect()
    let moved = [wires[0], wires[1], wrong]
    for number in 0..<40 {
      // Over the small window together, were they never granted anew.
      try leaf.commit([leaf.insertion("\(number)", name: Text(Bench.noise(20_000, seed: UInt64(number))))])
      try settle(moved)
    }
    try second.commit([second.insertion("2")])
    try settle(moved)
    #expect(root.engine.head(of: second.log) == second.engine.head(of: second.log))
    #expect(root.engine.head(of: leaf.log)?.last == Sequence64(1), "nothing that its owner made after the reclaim")
    #expect(root.engine.refusals == 0 && root.engine.incidents.map(\.reason) == [.fenced])
    #expect(second.engine.head(of: leaf.log) == leaf.engine.head(of: leaf.log))
  }

  @Test("hello: an unknown partition is believed in its first epoch from the node that minted it")
  func minted() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let strange: [LinkMessage] = [
      child.hello(partition: PartitionID(7 << 16 | 1)), child.hello(epoch: 2), child.hello(epoch: .max),
      child.hello(epoch: 0),
    ]
    for (number, hello) in strange.enumerated() {
      let link = UInt64(10 + number)
      parent.engine.childConnected(LinkID(link))
      try parent.receive(hello, on: link)
      #expect(try parent.refusal(on: link) == .notOwner, "\(number)")
    }
    #expect(parent.engine.knownAssignments.isEmpty && parent.engine.takeWrites() == nil)
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    #expect(parent.engine.linkedChildren == [NodeID(2)])
  }

  @Test("hello: an owner that the operator registered with its key is believed after its parent lost the assignment")
  func registered() throws {
    let child = try Bench(2, "033001", under: "033")
    let permit = ChildPermit(rootOrgCode: "033001", key: child.identity.key)
    let parent = try Bench(1, "033", childrenAllowed: [permit, ChildPermit(rootOrgCode: "033002")])
    parent.engine.childConnected(LinkID(2))
    try parent.receive(child.hello(partition: PartitionID(7 << 16 | 1), epoch: 3, code: "033002"), on: 2)
    #expect(try parent.refusal(on: 2) == .notOwner, "vouched for under another code")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello(partition: PartitionID(7 << 16 | 1), epoch: 3))
    #expect(parent.engine.linkedChildren == [NodeID(2)])
  }
}
