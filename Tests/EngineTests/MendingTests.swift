import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication
import Simulation
import Testing

// Goal: what is made anew from the log is what the log says now, whoever wrote it, whatever comes meanwhile and
// whenever the machine dies.

@Suite struct MendingTests {
  @Test("mending: after a machine was replaced a record is made anew in the order of the owners' lives")
  func order() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(9, "033001", under: "033")
    let first = Wire(child, parent, link: 1)
    first.connect()
    let member = try child.insertion("1", name: "张伟")
    try child.commit([member])
    try settle([first])
    first.cut()
    // The new machine's number is below the old one's: by their ids its log would come first.
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
    let second = Wire(taking, parent, link: 2)
    second.connect()
    try settle([second])
    try taking.commit([try taking.change(member.key, "name", .text("张伟"), .text("李娜"))])
    try settle([second])
    for bench in [parent, taking] {
      try bench.flushDerived()
      let rowKey = Keys.row(identity.partition, member.key)
      let sound = try #require(try bench.store.get(.rows, rowKey))
      let made = try LogReplay(bench.store).made([rowKey], logs: bench.engine.logs(of: identity.partition))
      #expect(made.map(\.row) == [sound] && made[0].fault == nil)
    }
  }

  /// A parent that holds one member of a child, whose row rots there.
  private func rotten() throws -> (parent: Bench, child: Bench, wire: Wire, key: RecordKey, rowKey: Bytes) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    let member = try child.insertion("1", name: "张伟")
    try child.commit([member])
    try settle([wire])
    try parent.flushDerived()
    let rowKey = Keys.row(child.identity.partition, member.key)
    parent.store.flushAll()
    parent.store.rot(.rows, rowKey, bit: 77)
    parent.engine.setAsideDamaged(rowKey)
    try parent.sync()
    return (parent, child, wire, member.key, rowKey)
  }

  @Test("mending: a change that comes while the log is read is never overwritten by an older row")
  func meanwhile() throws {
    let (parent, child, wire, key, rowKey) = try rotten()
    let id = try #require(parent.engine.beginMending([rowKey]))
    let made = try LogReplay(parent.store).made([rowKey], logs: [child.log])
    try child.commit([try child.change(key, "name", .text("张伟"), .text("李娜"))])
    try settle([wire])
    #expect(parent.engine.tickets.map(\.count) == [2])
    let outcome = try parent.engine.mend(id, made, actor: "operator", clock: 20)
    #expect(outcome.changedMeanwhile == 1 && outcome.repaired == 0)
    try parent.engine.mendedIsStored(id)
    #expect(parent.engine.tickets.count == 1)
    // The next look reads the change too.
    #expect(try parent.remake([key], of: child.identity.partition).repaired == 1)
    #expect(try parent.store.get(.rows, rowKey) == child.row(key))
    #expect(parent.engine.tickets.isEmpty)
  }

  @Test("mending: a deletion that comes while the log is read is not undone")
  func deletedMeanwhile() throws {
    let (parent, child, wire, key, rowKey) = try rotten()
    let id = try #require(parent.engine.beginMending([rowKey]))
    let made = try LogReplay(parent.store).made([rowKey], logs: [child.log])
    try child.commit([Operation(key, .delete)])
    try settle([wire])
    #expect(try parent.engine.mend(id, made, actor: "operator", clock: 20).changedMeanwhile == 1)
    parent.engine.endMending(id)
    try parent.sync()
    #expect(try parent.store.get(.rows, rowKey) == nil && parent.engine.tickets.isEmpty)
    #expect(parent.engine.rowCount(Bench.member) == 0)
  }

  @Test("mending: a crash before the row is on the disk leaves its ticket, changed or not", arguments: [false, true])
  func crash(_ isChanged: Bool) throws {
    let (parent, child, wire, key, rowKey) = try rotten()
    let id = try #require(parent.engine.beginMending([rowKey]))
    let made = try LogReplay(parent.store).made([rowKey], logs: [child.log])
    #expect(try parent.engine.mend(id, made, actor: "operator", clock: 20).repaired == 1)
    try parent.sync()
    if isChanged {
      try child.commit([try child.change(key, "name", .text("张伟"), .text("李娜"))])
      try settle([wire])
      try parent.sync()
    }
    #expect(parent.engine.tickets.count == 1)
    wire.cut()
    try parent.crash()
    #expect(parent.engine.tickets.count == 1)
    #expect(try parent.remake([key], of: child.identity.partition).repaired == 1)
    #expect(parent.engine.tickets.isEmpty)
    #expect(try parent.store.get(.rows, rowKey) == child.row(key))
    try parent.crash()
    #expect(parent.engine.tickets.isEmpty && parent.engine.rowCount(Bench.member) == 1)
    #expect(try parent.store.get(.rows, rowKey) == child.row(key))
  }

  @Test("mending: a record that the log changes though it is not there stays aside")
  func nonsense() throws {
    let (parent, child, _, key, _) = try rotten()
    let other = RecordKey(entity: Bench.member, record: RecordID(child.log, counter: 9_000))
    let head = try #require(parent.engine.head(of: child.log))
    let frame = child.seal(
      [try child.change(other, "name", .text("张伟"), .text("李娜"))], first: head.last.value + 1, previous: head.hash)
    try parent.receive(.frame(frame.bytes), on: 1)
    try parent.sync()
    #expect(parent.engine.tickets.count == 2)
    let outcome = try parent.remake([key, other], of: child.identity.partition)
    #expect(outcome.repaired == 1 && outcome.refused == 1)
    #expect(parent.engine.tickets.map(\.key) == [other])
  }

  @Test("mending: a row that rots while rows or indexes lag keeps nobody from opening", arguments: Bench.Loss.allCases)
  func rottenAtOpening(_ loss: Bench.Loss) throws {
    let bench = try Bench(7, "033")
    let member = try bench.insertion("1", name: "张伟")
    try bench.commit([member])
    try bench.checkpoint()
    try bench.commit([try bench.change(member.key, "name", .text("张伟"), .text("李娜"))])
    try bench.write()
    let rowKey = Keys.row(bench.identity.partition, member.key)
    // What is on the disk rots, what waits in memory is lost with the crash or not.
    let twin = SimulatedStore(copyOf: bench.store)
    twin.crash(keepingRows: 0, keepingIndex: 0)
    twin.rot(.rows, rowKey, bit: 99)
    if loss == .index || loss == .both { for entry in try bench.entries() { twin.lose(.index, entry) } }
    let opened = try Bench(over: twin, of: bench)
    #expect(opened.engine.rowsSetAside == [rowKey])
    #expect(try opened.remake([member.key], of: bench.identity.partition).repaired == 1)
    #expect(opened.engine.tickets.isEmpty)
    #expect(try opened.lookup("1") == member.key)
    try bench.flushDerived()
    #expect(try opened.store.get(.rows, rowKey) == bench.store.get(.rows, rowKey))
    #expect(try opened.entries() == bench.entries())
  }
}
