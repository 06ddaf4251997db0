import Catalog
import Engine
import Formats
import Ports
import Primitives
import Simulation
import Testing

// Goal: rows, counts and indexes follow from the log whatever a crash takes of each, and nobody reads less than is
// durable.

@Suite struct DerivedRecoveryTests {
  /// Every row, count and entry, with both cursors.
  private func derived(_ bench: Bench) throws -> [[Bytes]] {
    try bench.flushDerived()
    return try [Keyspace.rows, .index].map { space in
      var all: [Bytes] = []
      try bench.store.scan(space, from: [], to: nil) { key, value in
        all.append(Bytes(key) + Bytes(value))
        return true
      }
      return all
    }
  }

  private func education(_ parent: RecordKey, _ ordinal: UInt32, _ bench: Bench) throws -> Formats.Operation {
    let entity = try #require(Catalog.bundled.entity(named: "member_edu"))
    let code = try #require(entity.item(named: "edu_code"))
    return Operation(
      RecordKey(entity: entity.id, record: parent.record, ordinal: ordinal),
      .insert(bench.engine.sorted([(code.id, .text("11"))], of: entity.id)))
  }

  /// Commits of every kind, written and flushed at moments of their own.
  private func work(_ bench: Bench, _ random: inout SeededRandom, _ steps: Int) throws {
    var members: [(key: RecordKey, name: Text)] = []
    for step in 0..<steps {
      switch random.below(10) {
      case 0...4:
        let insertion = try bench.insertion(Text("card \(step)"), name: Text("名\(step)"))
        members.append((insertion.key, Text("名\(step)")))
        try bench.commit([insertion, education(insertion.key, 1, bench)])
      case 5...7 where !members.isEmpty:
        let number = random.below(members.count)
        let name = Text("改\(step)")
        try bench.commit([bench.change(members[number].key, "name", .text(members[number].name), .text(name))])
        members[number].name = name
      case 8 where !members.isEmpty:
        let member = members.remove(at: random.below(members.count))
        let entity = try #require(Catalog.bundled.entity(named: "member_edu")).id
        try bench.commit([
          Operation(RecordKey(entity: entity, record: member.key.record, ordinal: 1), .delete),
          Operation(member.key, .delete),
        ])
      default:
        try bench.write()
        if random.chance(permille: 500) { try bench.flushDerived() }
      }
    }
    try bench.write()
  }

  @Test("derived: whatever prefixes of rows and indexes survive, opening makes the same of them (40 seeds)")
  func everyLoss() throws {
    var losses = Set<[Bool]>()
    for seed in 0..<40 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let bench = try Bench(7, "033")
      try work(bench, &random, 60)
      let applied = bench.engine.durableApplied
      let twin = SimulatedStore(copyOf: bench.store)
      let expected = try derived(bench)
      // What was flushed before the crash, not what the line above flushed.
      let kept = [Keyspace.rows, .index].map { space in
        let all = twin.unsyncedCount(space)
        return random.chance(permille: 300) ? all : random.below(all + 1)
      }
      let (rows, index) = (kept[0], kept[1])
      losses.insert([rows < twin.unsyncedCount(.rows), index < twin.unsyncedCount(.index)])
      twin.crash(keepingRows: rows, keepingIndex: index)
      let opened = try Bench(over: twin, of: bench)
      #expect(opened.engine.durableApplied == applied)
      #expect(try derived(opened) == expected, "seed \(seed): \(rows) and \(index) batches kept")
      // And once more: what opening wrote may be lost like anything else.
      twin.crash(using: &random)
      let again = try Bench(over: twin, of: bench)
      #expect(try derived(again) == expected, "seed \(seed), opened again")
      #expect(again.engine.rowCount(Bench.member) == bench.engine.rowCount(Bench.member))
    }
    #expect(losses.count == 4)
  }

  @Test("derived: a commit reads what earlier ones did, durable or not, stored or not")
  func ownReads() throws {
    let bench = try Bench(7, "033")
    let operation = try bench.insertion("1", name: "一")
    try bench.commit([operation])
    for (number, name) in ["二", "三", "四", "五"].enumerated() as EnumeratedSequence<[Text]> {
      let old = try #require(try bench.engine.ownRow(operation.key)).value(try bench.item("name").id)
      try bench.commit([bench.change(operation.key, "name", old, .text(name))])
      if number > 0 { try bench.write() }
      if number > 1 { try bench.flushDerived() }
    }
    try bench.write()
    let row = try RowView(try #require(try bench.row(operation.key)))
    #expect(row.value(try bench.item("name").id) == .text("五"))
  }

  @Test("derived: a deleted child record no longer counts, stored or not", arguments: [false, true])
  func deletedChild(_ isFlushed: Bool) throws {
    let bench = try Bench(7, "033")
    let member = try bench.insertion("1")
    let first = try education(member.key, 1, bench)
    let second = try education(member.key, 2, bench)
    try bench.commit([member, first, second])
    func last() throws -> UInt32 { try bench.engine.lastOrdinal(first.key.entity, of: member.key.record) }
    func settle() throws {
      try bench.write()
      if isFlushed { try bench.flushDerived() }
    }
    try settle()
    #expect(try last() == 2)
    try bench.commit([Operation(first.key, .delete)])
    try settle()
    #expect(try last() == 2)
    try bench.commit([Operation(second.key, .delete)])
    #expect(try last() == 0)
    try settle()
    #expect(try last() == 0)
    try bench.commit([first])
    try settle()
    #expect(try last() == 1)
    try bench.flushDerived()
    #expect(try last() == 1)
  }

  @Test("derived: rows and indexes ahead of a log whose end is gone are made again from what is left of it")
  func logCut() throws {
    let bench = try Bench(7, "033")
    try bench.commit([bench.insertion("1")])
    try bench.checkpoint()
    let expected = try derived(bench)
    let head = try #require(try bench.store.get(.meta, MetaKey.head(bench.log)))
    let second = try bench.insertion("2")
    try bench.commit([second])
    try bench.checkpoint()
    #expect(try bench.lookup("2") == second.key)
    // As an operator leaves it who accepted that the last frame is lost.
    let applied = bench.engine.durableApplied
    let key = try #require(try bench.store.get(.order, Keys.order(applied)))
    var cut = WriteBatch()
    cut.delete(.log, key)
    cut.delete(.order, Keys.order(applied))
    cut.put(.meta, MetaKey.head(bench.log), head)
    var before = ByteWriter()
    before.u64(applied.value - 1)
    cut.put(.meta, MetaKey.applied, before.bytes)
    try bench.store.write(cut, .synced)
    try bench.crash()
    #expect(try derived(bench) == expected)
    #expect(try bench.lookup("2") == nil && bench.engine.rowCount(Bench.member) == 1)
  }

  @Test("derived: rows of frames that are lost do not come back when the log has grown past them")
  func logCutAndGrown() throws {
    let bench = try Bench(7, "033")
    try bench.commit([bench.insertion("1")])
    try bench.checkpoint()
    let head = try #require(try bench.store.get(.meta, MetaKey.head(bench.log)))
    for card in ["lost 1", "lost 2", "lost 3"] as [Text] {
      try bench.commit([bench.insertion(card)])
      try bench.write()
    }
    try bench.checkpoint()
    let applied = bench.engine.durableApplied.value
    var cut = WriteBatch()
    for sequence in applied - 2...applied {
      let key = try #require(try bench.store.get(.order, Keys.order(ApplySequence(sequence))))
      cut.delete(.log, key)
      cut.delete(.order, Keys.order(ApplySequence(sequence)))
    }
    cut.put(.meta, MetaKey.head(bench.log), head)
    var before = ByteWriter()
    before.u64(applied - 3)
    cut.put(.meta, MetaKey.applied, before.bytes)
    try bench.store.write(cut, .synced)
    try bench.crash()
    for card in ["a", "b", "c", "d", "e"] as [Text] {
      try bench.commit([bench.insertion(card)])
      try bench.write()
    }
    // Nothing of what opening made again has reached the disk.
    try bench.crash()
    try bench.flushDerived()
    #expect(bench.engine.rowCount(Bench.member) == 6)
    #expect(try bench.lookup("lost 2") == nil)
    for card in ["1", "a", "e"] as [Text] { #expect(try bench.lookup(card) != nil, "\(card.string)") }
  }

  @Test("derived: what waits in memory is written when there is much of it, without being asked for")
  func bound() throws {
    let bench = try Bench(7, "033")
    var batches: [(space: Keyspace, byteCount: Int)] = []
    let name = Text(String(repeating: "名", count: 60))
    for round in 0..<40 {
      try bench.commit((0..<500).map { try bench.insertion(Text("\(round) \($0)"), name: name) })
      try bench.write()
      while let batch = try bench.engine.takeDerivedWrites(all: false) {
        batches.append((batch.withChanges { $0(.start).space }, batch.byteCount))
        try bench.store.write(batch, .rebuildable)
      }
    }
    #expect(batches.contains { $0.space == .rows } && batches.contains { $0.space == .index })
    for batch in batches { #expect((4 << 20..<5 << 20).contains(batch.byteCount)) }
    #expect(bench.engine.rowCount(Bench.member) == 20_000)
    try bench.crash()
    #expect(bench.engine.rowCount(Bench.member) == 20_000)
    try bench.flushDerived()
    #expect(try bench.entries().count == 40_000)
  }
}
