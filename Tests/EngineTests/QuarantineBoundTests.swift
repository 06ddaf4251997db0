import Engine
import Formats
import Ports
import Primitives
import Replication
import Simulation
import Testing

// What setting aside may cost, and whom.

@Suite struct QuarantineBoundTests {
  private func pair(_ parent: Bench? = nil, _ number: UInt64 = 2, link: UInt64 = 1) throws -> (
    parent: Bench, child: Bench, head: Digest256
  ) {
    let parent = try parent ?? Bench(1, "033")
    let child = try Bench(number, "03300\(number)", under: "033")
    parent.engine.childConnected(LinkID(link))
    try parent.receive(child.hello(), on: link)
    let frame = try child.frames()[0]
    try parent.receive(.frame(frame), on: link)
    try parent.sync()
    _ = parent.engine.takeSends()
    return (parent, child, try FrameCodec().parse(frame).hash)
  }

  private func key(_ child: Bench, _ counter: Int) -> RecordKey {
    RecordKey(entity: Bench.member, record: RecordID(child.log, counter: UInt64(counter)))
  }

  /// New members whose name is a number.
  private func poison(_ child: Bench, _ counters: Range<Int>) throws -> [Formats.Operation] {
    let name = try child.item("name")
    return counters.map {
      Operation(key(child, $0), .insert([Field(Engine.section(name.fieldClass), name.id, .int(7))]))
    }
  }

  private func cure(_ child: Bench, _ counters: Range<Int>) throws -> [Formats.Operation] {
    try counters.map { try child.change(key(child, $0), "name", .int(7), .text("sound")) }
  }

  private func send(
    _ operations: [Formats.Operation], _ parent: Bench, _ child: Bench, link: UInt64 = 1
  ) throws -> LinkMessage.Refusal.Reason? {
    let head = try #require(parent.engine.head(of: child.log))
    let frame = child.seal(operations, first: head.last.value + 1, previous: head.hash)
    try parent.receive(.frame(frame.bytes), on: link)
    try parent.write()
    return try parent.refusal(on: link)
  }

  @Test("quarantine: 6,500 records are mended in two frames, though as many changes more would not fit")
  func mended() throws {
    let (parent, child, _) = try pair()
    for start in stride(from: 0, to: 6500, by: 3250) {
      #expect(try send(poison(child, start..<start + 3250), parent, child) == nil)
    }
    #expect(parent.engine.tickets.count == 6500)
    #expect(try send(cure(child, 0..<4096), parent, child) == nil)
    #expect(parent.engine.tickets.count == 2404)
    // The same ones again are no new tickets.
    #expect(try send(cure(child, 4096..<6500), parent, child) == nil)
    #expect(parent.engine.tickets.isEmpty)
  }

  @Test("quarantine: a child that fills its share takes nothing from its siblings")
  func shares() throws {
    let (parent, child, _) = try pair()
    let (_, sibling, _) = try pair(parent, 3, link: 2)
    for start in stride(from: 0, to: 8000, by: 4000) {
      #expect(try send(poison(child, start..<start + 4000), parent, child) == nil)
    }
    #expect(try send(poison(child, 8000..<12_000), parent, child) == .diverged)
    #expect(try send(poison(sibling, 0..<4000), parent, sibling, link: 2) == nil)
    #expect(parent.engine.tickets.count == 12_000)
  }

  /// A store that counts the scans of one keyspace.
  private final class CountingStore: Store {
    let store: SimulatedStore
    private(set) var indexScans = 0
    init(_ store: SimulatedStore) { self.store = store }

    func get(_ space: Keyspace, _ key: Bytes) throws(StoreError) -> Bytes? { try store.get(space, key) }
    func scan(
      _ space: Keyspace, from: Bytes, to: Bytes?,
      _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
    ) throws(StoreError) {
      if space == .index { indexScans += 1 }
      try store.scan(space, from: from, to: to, body)
    }
    func last(_ space: Keyspace, from: Bytes, to: Bytes?) throws(StoreError) -> (key: Bytes, value: Bytes)? {
      try store.last(space, from: from, to: to)
    }
    func write(_ batch: WriteBatch, _ durability: Durability) throws(StoreError) { try store.write(batch, durability) }
    func withSnapshot<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
      try store.withSnapshot(body)
    }
  }

  @Test("quarantine: a thousand deletions of records that are not here are one pass over the index, and fast")
  func oneScan() throws {
    let (parent, child, _) = try pair()
    #expect(try send((0..<50).map { try child.insertion("\($0)", key: key(child, $0)) }, parent, child) == nil)
    try parent.checkpoint()
    // Half of the rows got lost, their entries did not.
    for counter in 0..<25 { parent.store.lose(.rows, Keys.row(child.identity.partition, key(child, counter))) }
    let counting = CountingStore(parent.store)
    parent.engine = try Engine(store: counting, catalog: .bundled, key: parent.key)
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    #expect(try send((0..<1000).map { Operation(key(child, $0), .delete) }, parent, child) == nil)
    try parent.sync()
    #expect(counting.indexScans == 1)
    #expect(try parent.entries().isEmpty, "no entry leads to a record that is gone")
    #expect(parent.engine.tickets.count == 975)
  }

  @Test("quarantine: an index block that cannot be read keeps no frame out")
  func damagedIndex() throws {
    let (parent, child, _) = try pair()
    #expect(try send((0..<5).map { try child.insertion("\($0)", key: key(child, $0)) }, parent, child) == nil)
    try parent.checkpoint()
    parent.store.lose(.rows, Keys.row(child.identity.partition, key(child, 1)))
    parent.store.damage(.index, try #require(parent.entries().first))
    try parent.crash(losing: .nothing)
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    #expect(try send([Operation(key(child, 1), .delete)], parent, child) == nil)
    #expect(parent.engine.head(of: child.log)?.last == Sequence64(3))
  }
}
