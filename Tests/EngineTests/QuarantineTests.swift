import Catalog
import Engine
import Formats
import Primitives
import Replication
import Testing

// What a replica cannot take is set aside record by record; the frame stays, the rest of it applies, the owner learns
// of
// it. Method: owners that seal what no engine would commit.

@Suite struct QuarantineTests {
  /// A parent that has welcomed a child on link 1, the child, and what the child's log holds so far.
  private func pair() throws -> (parent: Bench, child: Bench, head: Digest256) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    let frame = try child.frames()[0]
    try parent.receive(.frame(frame))
    try parent.sync()
    _ = parent.engine.takeSends()
    return (parent, child, try FrameCodec().parse(frame).hash)
  }

  private func ghost(_ child: Bench, _ counter: UInt64 = 99) -> RecordKey {
    RecordKey(entity: Bench.member, record: RecordID(child.log, counter: counter))
  }

  private func rowKey(_ child: Bench, _ key: RecordKey) -> Bytes { Keys.row(child.identity.partition, key) }

  @Test("quarantine: a change of a record that is not here is set aside; the rest of its commit and of the log apply")
  func absent() throws {
    let (parent, child, head) = try pair()
    let sound = try child.insertion("1")
    let first = child.seal(
      [try child.change(ghost(child), "name", .text("a"), .text("b")), sound], first: 2, previous: head)
    try parent.receive(.frame(first.bytes))
    let second = child.seal([try child.insertion("2")], first: 3, previous: first.hash)
    try parent.receive(.frame(second.bytes))
    try parent.sync()
    #expect(try parent.refusal() == nil)
    #expect(parent.engine.head(of: child.log)?.last == Sequence64(3))
    #expect(try parent.store.get(.rows, rowKey(child, sound.key)) != nil)
    let ticket = try #require(parent.engine.tickets.first)
    #expect(parent.engine.tickets.count == 1 && ticket.key == ghost(child) && ticket.reason == .absent)
    #expect(ticket.log == child.log && ticket.sequence == Sequence64(2) && ticket.count == 1)
  }

  @Test("quarantine: a ticket survives a crash with its frame, and a second change counts on it")
  func durable() throws {
    let (parent, child, head) = try pair()
    let first = child.seal([try child.change(ghost(child), "name", .text("a"), .text("b"))], first: 2, previous: head)
    try parent.receive(.frame(first.bytes))
    try parent.sync()
    try parent.crash()
    #expect(parent.engine.tickets.map(\.sequence) == [Sequence64(2)])
    parent.engine.childConnected(LinkID(2))
    try parent.receive(child.hello(), on: 2)
    let second = child.seal(
      [try child.change(ghost(child), "name", .text("b"), .text("c"))], first: 3, previous: first.hash)
    try parent.receive(.frame(second.bytes), on: 2)
    #expect(parent.engine.tickets.map(\.count) == [2])
    #expect(parent.engine.tickets.map(\.sequence) == [Sequence64(3)])
  }

  @Test("quarantine: a value of another kind than the catalog's is stored as it came and set aside until it is mended")
  func wrongKind() throws {
    let (parent, child, head) = try pair()
    let name = try child.item("name")
    let section = Engine.section(name.fieldClass)
    let key = ghost(child)
    let insert = Operation(key, .insert([Field(section, name.id, .int(7))]))
    let first = child.seal([insert], first: 2, previous: head)
    try parent.receive(.frame(first.bytes))
    try parent.sync()
    let stored = try #require(try parent.store.get(.rows, rowKey(child, key)))
    #expect(try RowView(stored).value(name.id) == .int(7))
    #expect(parent.engine.tickets.map(\.reason) == [.wrongKind] && parent.engine.tickets.map(\.item) == [name.id])
    #expect(parent.engine.rowsSetAside == [rowKey(child, key)])
    let mend = Operation(key, .update([FieldChange(section, name.id, old: .int(7), new: .text("张伟"))]))
    let second = child.seal([mend], first: 3, previous: first.hash)
    try parent.receive(.frame(second.bytes))
    try parent.sync()
    #expect(parent.engine.tickets.isEmpty)
    try parent.crash()
    #expect(parent.engine.tickets.isEmpty, "the ticket is gone from the store too")
  }

  @Test(
    "quarantine: an update that puts a wrong kind sets the record aside; its deletion by the owner closes the ticket")
  func deletion() throws {
    let (parent, child, head) = try pair()
    let name = try child.item("name")
    let section = Engine.section(name.fieldClass)
    let insert = try child.insertion("1")
    let first = child.seal([insert], first: 2, previous: head)
    let update = Operation(insert.key, .update([FieldChange(section, name.id, old: .text("张伟"), new: .bool(true))]))
    let second = child.seal([update], first: 3, previous: first.hash)
    let third = child.seal([Operation(insert.key, .delete)], first: 4, previous: second.hash)
    try parent.receive(.frame(first.bytes))
    try parent.receive(.frame(second.bytes))
    #expect(parent.engine.tickets.map(\.reason) == [.wrongKind])
    try parent.receive(.frame(third.bytes))
    try parent.sync()
    #expect(parent.engine.tickets.isEmpty)
    #expect(try parent.store.get(.rows, rowKey(child, insert.key)) == nil)
  }

  @Test("quarantine: a row that rotted here stops neither its link nor its record's deletion")
  func rotten() throws {
    let (parent, child, head) = try pair()
    let insert = try child.insertion("1")
    let first = child.seal([insert, try child.insertion("2")], first: 2, previous: head)
    try parent.receive(.frame(first.bytes))
    try parent.sync()
    try parent.flushDerived()
    parent.store.rot(.rows, rowKey(child, insert.key), bit: 77)
    let second = child.seal(
      [try child.change(insert.key, "name", .text("张伟"), .text("王芳"))], first: 3, previous: first.hash)
    try parent.receive(.frame(second.bytes))
    #expect(try parent.refusal() == nil)
    #expect(parent.engine.tickets.map(\.reason) == [.damaged])
    let third = child.seal([Operation(insert.key, .delete)], first: 4, previous: second.hash)
    try parent.receive(.frame(third.bytes))
    try parent.sync()
    try parent.flushDerived()
    #expect(parent.engine.tickets.isEmpty)
    #expect(parent.engine.rowCounts(child.identity.partition).first { $0.entity == Bench.member }?.rows == 1)
    let dangling = try parent.entries().filter { $0.suffix(29).elementsEqual(rowKey(child, insert.key)) }
    #expect(dangling.isEmpty, "its entries went with it")
  }

  @Test("quarantine: an entity of a newer catalog is kept and passed on, and nothing is wrong with it")
  func unknownEntity() throws {
    let (parent, child, head) = try pair()
    let key = RecordKey(entity: EntityID(199), record: RecordID(child.log, counter: 5))
    let frame = child.seal(
      [Operation(key, .insert([Field(.general, ItemID(1), .text("new"))]))], first: 2, previous: head)
    try parent.receive(.frame(frame.bytes))
    try parent.sync()
    #expect(parent.engine.tickets.isEmpty && parent.engine.head(of: child.log)?.last == Sequence64(2))
    #expect(try parent.store.get(.rows, rowKey(child, key)) != nil)
  }

  @Test("quarantine: the ticket comes down to the owner over every relay, and its end too")
  func told() throws {
    let root = try Bench(1, "033")
    let middle = try Bench(2, "033001", under: "033")
    let leaf = try Bench(3, "033001001", under: "033001")
    let wires = [Wire(middle, root, link: 1), Wire(leaf, middle, link: 2)]
    for wire in wires { wire.connect() }
    let insert = try leaf.insertion("1")
    try leaf.commit([insert])
    try settle(wires)
    // The root alone lost the row.
    try root.sync()
    root.store.lose(.rows, rowKey(leaf, insert.key))
    try leaf.commit([try leaf.change(insert.key, "name", .text("张伟"), .text("王芳"))])
    try settle(wires)
    try settle(wires, clock: 5000)
    #expect(root.engine.tickets.map(\.key) == [insert.key] && middle.engine.tickets.isEmpty)
    #expect(middle.engine.ticketsAbove.tickets.map(\.level) == [1])
    #expect(leaf.engine.ticketsAbove.tickets.map(\.level) == [2])
    #expect(leaf.engine.ticketsAbove.tickets.map(\.ticket.key) == [insert.key])
    try leaf.commit([Operation(insert.key, .delete)])
    try settle(wires, clock: 9000)
    try settle(wires, clock: 13_000)
    #expect(root.engine.tickets.isEmpty && leaf.engine.ticketsAbove.tickets.isEmpty)
  }

  @Test("quarantine: a retry closes what is sound again, a skip stays out of answers and says why")
  func operators() throws {
    let (parent, child, head) = try pair()
    let deletion = child.seal([Operation(ghost(child), .delete)], first: 2, previous: head)
    try parent.receive(.frame(deletion.bytes))
    let change = child.seal(
      [try child.change(ghost(child, 98), "name", .text("a"), .text("b"))], first: 3, previous: deletion.hash)
    try parent.receive(.frame(change.bytes))
    try parent.sync()
    #expect(parent.engine.tickets.count == 2)
    #expect(try parent.engine.retry(rowKey(child, ghost(child))), "it is gone at its owner too")
    #expect(try !parent.engine.retry(rowKey(child, ghost(child, 98))))
    try parent.engine.skip(rowKey(child, ghost(child, 98)), why: "asked the owner")
    try parent.sync()
    try parent.crash()
    #expect(parent.engine.tickets.map(\.skipped) == ["asked the owner"])
    #expect(parent.engine.rowsSetAside.count == 1)
    #expect(throws: EngineError.self) { try parent.engine.skip(rowKey(child, ghost(child, 5)), why: "x") }
  }
}
