import Catalog
import Engine
import Formats
import Ports
import Primitives
import Simulation
import Testing

@Suite struct CommitTests {
  @Test("init: a store that has a node takes no second one")
  func initialiseTwice() throws {
    let bench = try Bench(7, "033")
    #expect(throws: EngineError.corrupt("the store has a node already")) {
      try Engine.initialise(bench.store, identity: bench.identity, catalog: .bundled, key: bench.key, clock: 2)
    }
    #expect(bench.engine.rowCount(Bench.organisation) == 1)
  }

  @Test("init: a sync that fails leaves an empty store or a whole node (both outcomes)", arguments: [false, true])
  func initialiseCrash(_ kept: Bool) throws {
    let store = SimulatedStore()
    store.failSync(number: 1)
    let key = try Bench.key(7)
    let identity = NodeIdentity(
      network: "bench", node: NodeID(7), key: key.publicKey, rootOrgCode: "033", rootOrgName: "党组织", parentOrgCode: "")
    #expect(throws: EngineError.self) {
      try Engine.initialise(store, identity: identity, catalog: .bundled, key: key, clock: 1)
    }
    store.crash(keepingRows: 0, keepingIndex: 0, keepingUnknown: kept)
    if kept {
      #expect(try Engine(store: store, catalog: .bundled, key: key).rowCount(Bench.organisation) == 1)
    } else {
      try Engine.initialise(store, identity: identity, catalog: .bundled, key: key, clock: 1)
      #expect(try Engine(store: store, catalog: .bundled, key: key).lastSequence == Sequence64(1))
    }
  }

  @Test("open: a store without a node is refused")
  func openEmpty() throws {
    let key = try Bench.key(7)
    #expect(throws: EngineError.corrupt("the store has no identity")) {
      try Engine(store: SimulatedStore(), catalog: .bundled, key: key)
    }
  }

  @Test("open: a store with another node's key is refused, and so is its creation")
  func otherKey() throws {
    let bench = try Bench(7, "033")
    let other = try Bench.key(8)
    #expect(throws: EngineError.wrongKey) { try Engine(store: bench.store, catalog: .bundled, key: other) }
    #expect(throws: EngineError.wrongKey) {
      try Engine.initialise(SimulatedStore(), identity: bench.identity, catalog: .bundled, key: other, clock: 1)
    }
  }

  @Test("commit: a sequence is durable when its batch is synced, not before")
  func durable() throws {
    let bench = try Bench(7, "033")
    let sequence = try bench.commit([bench.insertion("1")])
    #expect(sequence == Sequence64(2) && bench.engine.durableSequence == Sequence64(1))
    let batch = try #require(bench.engine.takeWrites())
    #expect(bench.engine.durableSequence == Sequence64(1))
    #expect(bench.engine.takeWrites() == nil, "one batch is in flight at a time")
    try bench.store.write(batch, .synced)
    bench.engine.written()
    #expect(bench.engine.durableSequence == sequence && bench.engine.durableHead.sequence == sequence)
  }

  @Test("commit: more than 4096 operations or 4 MiB are refused and leave nothing")
  func limits() throws {
    let bench = try Bench(7, "033")
    let many = try (0...4096).map { try bench.insertion("\($0)") }
    #expect(throws: EngineError.tooLarge(operations: 4097, bytes: 0)) { try bench.commit(many) }
    let long = Text(String(repeating: "x", count: 1 << 20))
    let wide = try (0..<5).map { try bench.insertion("\($0)", name: long) }
    #expect(throws: EngineError.self) { try bench.commit(wide) }
    #expect(bench.engine.takeWrites() == nil && bench.engine.rowCount(Bench.member) == 0)
    try bench.commit(Array(many.dropLast()))
    try bench.write()
    #expect(bench.engine.rowCount(Bench.member) == 4096)
  }

  @Test("commit: a change or deletion of an unknown record is refused and leaves nothing of the whole commit")
  func unknownRecord() throws {
    let bench = try Bench(7, "033")
    let ghost = RecordKey(entity: Bench.member, record: RecordID(bench.log, counter: 99))
    let good = try bench.insertion("1")
    for bad in [try bench.change(ghost, "name", .text("a"), .text("b")), Operation(ghost, .delete)] {
      #expect(throws: EngineError.notFound(ghost)) { try bench.commit([good, bad]) }
    }
    #expect(bench.engine.takeWrites() == nil && bench.engine.lastSequence == Sequence64(1))
    #expect(bench.engine.rowCount(Bench.member) == 0)
    try bench.commit([good])
    try bench.write()
    try bench.flushDerived()
    #expect(try bench.lookup("1") == good.key)
  }

  @Test("commit: later commits see earlier ones that are open or in flight")
  func pendingRows() throws {
    let bench = try Bench(7, "033")
    let first = try bench.insertion("1")
    try bench.commit([first])
    try bench.commit([bench.change(first.key, "name", .text("张伟"), .text("王芳"))])
    let batch = try #require(bench.engine.takeWrites())
    try bench.commit([bench.change(first.key, "name", .text("王芳"), .text("李娜"))])
    try bench.commit([Operation(first.key, .delete)])
    #expect(throws: EngineError.notFound(first.key)) { try bench.commit([Operation(first.key, .delete)]) }
    try bench.store.write(batch, .synced)
    bench.engine.written()
    #expect(try bench.row(first.key) != nil)
    try bench.write()
    #expect(try bench.row(first.key) == nil && bench.engine.rowCount(Bench.member) == 0)
  }

  @Test("commit: a hundred thousand empty commits make frames that can be opened")
  func emptyCommits() throws {
    let bench = try Bench(7, "033")
    for _ in 0..<10_000 { try bench.commit([]) }
    try bench.write()
    let codec = FrameCodec()
    var commits = 0
    for bytes in try bench.frames() {
      let body = try codec.open(codec.parse(bytes))
      #expect(body.commits.count <= 4096)
      commits += body.commits.count
    }
    #expect(commits == 10_001)
  }

  @Test("restart: heads, counters, ids and the chain go on where the durable state ended")
  func restart() throws {
    let bench = try Bench(7, "033")
    let operation = try bench.insertion("1")
    try bench.commit([operation])
    try bench.write()
    let head = bench.engine.head(of: bench.log)
    let lost = try bench.insertion("2")
    try bench.commit([lost])
    try bench.crash()
    #expect(bench.engine.head(of: bench.log) == head && bench.engine.lastSequence == Sequence64(2))
    #expect(bench.engine.rowCount(Bench.member) == 1 && bench.engine.partitions == [bench.identity.partition])
    #expect(bench.engine.mint() == lost.key.record, "an id that was never durable may be given again, none that was")
    let next = try bench.insertion("3")
    #expect(next.key.record.counter > operation.key.record.counter)
    #expect(try bench.commit([next]) == Sequence64(3))
    try bench.write()
    let codec = FrameCodec()
    let frames = try bench.frames().map { try codec.parse($0) }
    #expect(frames.map(\.header.first.value) == [1, 2, 3])
    #expect(zip(frames.dropFirst(), frames).allSatisfy { $0.header.previous == $1.hash })
  }

  @Test("restart: a damaged row is reported, never served")
  func damagedRow() throws {
    let bench = try Bench(7, "033")
    let operation = try bench.insertion("1")
    try bench.commit([operation])
    try bench.write()
    var batch = WriteBatch()
    let key = Keys.row(bench.identity.partition, operation.key)
    var row = try #require(try bench.row(operation.key))
    row[row.count / 2] ^= 1
    batch.put(.rows, key, row)
    try bench.store.write(batch, .synced)
    #expect(throws: EngineError.corrupt("row \(key.hex)")) {
      try bench.commit([bench.change(operation.key, "name", .text("张伟"), .text("b"))])
    }
  }

  @Test("commit: more old values than a frame holds are too large for one, not the end of the node")
  func oldValues() throws {
    let bench = try Bench(7, "033")
    let insertions = try (0..<40).map { try bench.insertion("\($0)") }
    try bench.commit(insertions)
    let long = Text(String(repeating: "长", count: 200_000))
    let cleared = try insertions.map { try bench.change($0.key, "name", .text(long), .text("short")) }
    #expect(throws: EngineError.tooLarge(operations: 40, bytes: 24_000_000)) { try bench.commit(cleared) }
    try bench.commit(Array(cleared[..<2]))
    try bench.sync()
    #expect(bench.engine.rowCount(Bench.member) == 40)
  }
}
