import Engine
import Formats
import Primitives
import Replication
import Simulation
import Testing

// Which log of a partition is written now is what the opening frames said, never what a row says today: rows are the
// owner's to change.

@Suite struct LineageTests {
  /// A child in its second life, linked to its parent.
  private func reborn() throws -> (parent: Bench, child: Bench, first: LogID, wire: Wire) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    try settle([wire])
    wire.cut()
    let copy = SimulatedStore(copyOf: child.store)
    try StandingMark.recovering.write(to: copy)
    let back = try Bench(over: copy, of: child)
    let again = Wire(back, parent, link: 2)
    again.connect()
    try settle([again])
    #expect(back.engine.identity.incarnation == 2)
    return (parent, back, child.log, again)
  }

  @Test("lineage: a child that deletes the record of its own succession keeps no ancestor from opening")
  func deleted() throws {
    let (parent, child, first, wire) = try reborn()
    let log = child.engine.identity.log
    try child.commit([Operation(Succession.key(log), .delete)])
    try settle([wire])
    wire.cut()
    for bench in [parent, child] { try bench.crash() }
    #expect(child.engine.currentLog == log && child.engine.standing == .writing)
    wire.connect()
    try child.commit([child.insertion("1")])
    try settle([wire])
    #expect(parent.engine.head(of: log) == child.engine.head(of: log))
    #expect(parent.engine.tickets.map(\.reason) == [.notAllowed], "whoever looks sees what was done")
    let ended = try #require(parent.engine.head(of: first))
    let late = child.seal([try child.insertion("late")], first: ended.last.value + 1, previous: ended.hash)
    try parent.receive(.frame(late.bytes), on: 2)
    #expect(try parent.refusal(on: 2) == .fenced)
  }

  @Test("lineage: an invented succession closes no log and opens none")
  func invented() throws {
    let (parent, child, first, wire) = try reborn()
    let log = child.engine.identity.log
    let third = LogID(node: child.identity.node, incarnation: 3)
    let head = try #require(child.engine.head(of: log))
    let invented = Succession(log: third, follows: log, last: head.last, hash: head.hash, isIsolated: false)
    try child.commit([Operation(Succession.key(third), .insert(invented.fields))])
    try settle([wire])
    wire.cut()
    try parent.crash()
    wire.connect()
    try child.commit([child.insertion("1")])
    try settle([wire])
    #expect(parent.engine.head(of: log) == child.engine.head(of: log))
    let ended = try #require(parent.engine.head(of: first))
    let late = child.seal([try child.insertion("late")], first: ended.last.value + 1, previous: ended.hash)
    try parent.receive(.frame(late.bytes), on: 2)
    #expect(try parent.refusal(on: 2) == .fenced)
  }

  @Test("lineage: an opening that cannot be read fences its partition, not the store")
  func torn() throws {
    let (parent, child, _, wire) = try reborn()
    let log = child.engine.identity.log
    try child.commit([Operation(Succession.key(log), .delete)])
    try settle([wire])
    wire.cut()
    try parent.checkpoint()
    parent.store.rot(.log, Keys.frame(log, last: Sequence64(1)), bit: 8 * 230)
    try parent.crash(losing: .nothing)
    wire.connect()
    try child.commit([child.insertion("1")])
    try settle([wire])
    #expect(child.engine.parentRefusal?.reason == .diverged)
    let sibling = try Bench(4, "033002", under: "033")
    let other = Wire(sibling, parent, link: 7)
    other.connect()
    try settle([other])
    #expect(parent.engine.head(of: sibling.log) == sibling.engine.head(of: sibling.log))
  }
}
