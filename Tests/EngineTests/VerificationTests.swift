import Engine
import Formats
import Ports
import Primitives
import Replication
import Simulation
import Testing

// An ancestor finds, at one position of the owner's log, exactly the rows that differ, and a repair puts right those.

@Suite struct VerificationTests {
  private struct Tree {
    let root: Bench
    let middle: Bench
    let leaf: Bench
    let wires: [Wire]
    let desks = [VerificationDesk(), VerificationDesk(), VerificationDesk()]
    var benches: [Bench] { [root, middle, leaf] }

    /// Carries messages and lets the desks work until nothing moves any more.
    func settle(clock: UInt64 = 10) throws {
      for _ in 0..<200 {
        var moved = false
        for (bench, desk) in zip(benches, desks) {
          try bench.sync()
          try desk.handle(bench.engine, bench.store)
          try bench.engine.pump(clock: clock)
          try bench.sync()
          for (link, bytes) in bench.engine.takeSends() {
            moved = true
            guard let wire = wires.first(where: { $0.link == link.value }) else { continue }
            let other = wire.child === bench ? wire.parent : wire.child
            try other.engine.received(Bytes(bytes[4...]), on: link, clock: clock)
          }
          for link in bench.engine.takeClosings() { wires.first { $0.link == link.value }?.cut() }
        }
        if !moved { return }
      }
    }
  }

  private func tree(members: Int = 300) throws -> (tree: Tree, keys: [RecordKey]) {
    let root = try Bench(1, "033")
    let middle = try Bench(2, "033001", under: "033")
    let leaf = try Bench(3, "033001001", under: "033001")
    let tree = Tree(
      root: root, middle: middle, leaf: leaf, wires: [Wire(middle, root, link: 1), Wire(leaf, middle, link: 2)])
    for wire in tree.wires { wire.connect() }
    let operations = try (0..<members).map { try leaf.insertion(Text("\($0)")) }
    for start in stride(from: 0, to: members, by: 50) {
      try leaf.commit(Array(operations[start..<min(start + 50, members)]))
    }
    try tree.settle()
    for bench in tree.benches { try bench.flushDerived() }
    return (tree, operations.map(\.key))
  }

  private func row(_ bench: Bench, _ key: RecordKey) -> Bytes { Keys.row(bench.identity.partition, key) }

  @Test("verification: equal stores cost one digest an entity")
  func equal() throws {
    let (tree, _) = try tree()
    #expect(tree.desks[0].begin(tree.leaf.identity.partition, id: 1, tree.root.engine))
    try tree.settle()
    let result = try #require(tree.desks[0].results.first)
    #expect(result.failure == nil && result.comparison.isEqual && result.comparison.findings.isEmpty)
    #expect(result.comparison.entities.map(\.rowsHere) == [1, 300])
    #expect(result.comparison.received == 2 && tree.desks[2].answered == 1 && tree.desks[1].answered == 0)
  }

  @Test("verification: rot, loss and a stray row are found by range over a relay, and a repair puts right only those")
  func differences() throws {
    let (tree, keys) = try tree(members: 5000)
    let partition = tree.leaf.identity.partition
    let stray = RecordKey(entity: Bench.member, record: RecordID(tree.leaf.log, counter: 90_000))
    tree.root.store.rot(.rows, row(tree.leaf, keys[1234]), bit: 100)
    tree.root.store.lose(.rows, row(tree.leaf, keys[4000]))
    var batch = tree.root.store.copyOfRow(row(tree.leaf, keys[7]), at: row(tree.leaf, stray))
    try tree.root.store.write(batch, .synced)
    batch.removeAll()
    let before = try tree.root.store.rows(partition)
    #expect(tree.desks[0].begin(partition, id: 9, tree.root.engine))
    try tree.settle()
    let result = try #require(tree.desks[0].results.first)
    #expect(!result.comparison.isEqual)
    #expect(
      result.comparison.findings.sorted { $0.key < $1.key } == [
        .init(key: keys[1234], kind: .different), .init(key: keys[4000], kind: .missing),
        .init(key: stray, kind: .extra),
      ])
    #expect(result.comparison.received < 500, "5,000 rows, three differences: \(result.comparison.received) digests")
    let outcome = try tree.root.remake(result.comparison.findings.map(\.key), of: partition)
    #expect(outcome.repaired == 3 && outcome.refused == 0 && outcome.changedMeanwhile == 0)
    try tree.settle()
    let after = try tree.root.store.rows(partition)
    #expect(after == (try tree.leaf.store.rows(partition)))
    #expect(Set(before).symmetricDifference(after).count == 4, "one row was replaced, one came, one went")
    // A count that does not follow would tell a lie in every status.
    #expect(tree.root.engine.rowCounts(partition).map(\.rows) == [1, 5000 + 1 - 1])
  }

  @Test("verification: under a stream of commits both sides speak of the same position")
  func moving() throws {
    let (tree, keys) = try tree()
    let partition = tree.leaf.identity.partition
    for number in 0..<20 {
      try tree.leaf.commit([
        try tree.leaf.change(keys[number], "name", .text("张伟"), .text(Text("name \(number)")))
      ])
      if number == 5 { #expect(tree.desks[0].begin(partition, id: 3, tree.root.engine)) }
      // Only the wires move, so that frames and questions meet in every order.
      for wire in [0, 1, 0].map({ tree.wires[$0] }) {
        for bench in [wire.child, wire.parent] {
          try bench.sync()
          let place = tree.benches.firstIndex { $0 === bench } ?? 0
          try tree.desks[place].handle(bench.engine, bench.store)
          try bench.engine.pump(clock: 10)
          for (link, bytes) in bench.engine.takeSends() {
            guard let target = tree.wires.first(where: { $0.link == link.value }) else { continue }
            let other = target.child === bench ? target.parent : target.child
            try other.engine.received(Bytes(bytes[4...]), on: link, clock: 10)
          }
        }
      }
    }
    try tree.settle()
    let result = try #require(tree.desks[0].results.first)
    #expect(result.failure == nil && result.comparison.isEqual)
    #expect(tree.root.engine.head(of: tree.leaf.log) == tree.leaf.engine.head(of: tree.leaf.log))
  }

  @Test("verification: a row that an owner, or whoever answers for it, makes up is seen and never taken")
  func forgery() throws {
    let (tree, keys) = try tree()
    let partition = tree.leaf.identity.partition
    let rowKey = row(tree.leaf, keys[0])
    let stored = try #require(try tree.root.store.get(.rows, rowKey))
    // One field changed, the commit right, and the checksum too.
    let view = try RowView(stored)
    let name = try tree.leaf.item("name")
    let forged = view.applying(
      [FieldChange(Engine.section(name.fieldClass), name.id, old: .text("张伟"), new: .text("李娜"))], key: rowKey,
      origin: view.origin, with: Hashing())
    var batch = WriteBatch()
    batch.put(.rows, rowKey, forged)
    try tree.leaf.store.write(batch, .synced)
    #expect(tree.desks[0].begin(partition, id: 4, tree.root.engine))
    try tree.settle()
    let result = try #require(tree.desks[0].results.first)
    #expect(result.comparison.findings == [.init(key: keys[0], kind: .different)])
    let outcome = try tree.root.remake([keys[0]], of: partition)
    #expect(outcome.repaired == 0 && outcome.refused == 1)
    #expect(try tree.root.store.get(.rows, rowKey) == stored)
  }

  @Test("verification: an owner whose new log has no durable frame yet is busy, and its log is not held back")
  func opening() throws {
    let (tree, _) = try tree()
    try StandingMark.isolated.write(to: tree.leaf.store)
    for wire in tree.wires { wire.cut() }
    try tree.leaf.crash()
    #expect(tree.leaf.engine.standing == .opening)
    for wire in tree.wires { wire.connect() }
    let question = VerificationQuestion(id: 5, number: 0, partition: tree.leaf.identity.partition, .begin)
    try tree.leaf.receive(.question(question), on: 2)
    let answers = try tree.leaf.sent(on: 2).compactMap { message -> VerificationAnswer.Kind? in
      if case .answer(let answer) = message { return answer.kind }
      return nil
    }
    #expect(answers == [.failed(.busy)])
    #expect(!tree.leaf.engine.hasVerificationEvents)
  }

  @Test("verification: an owner who answers without end is not listened to for ever")
  func endless() throws {
    let (tree, _) = try tree(members: 3)
    var comparison = RangeComparison(tree.leaf.identity.partition)
    var digest = RowDigest()
    for number in 0..<100 as Range<UInt8> {
      [number].withUnsafeBytes { digest.add(key: $0, value: $0, with: Hashing()) }
    }
    var answers = 0
    var question: VerificationQuestion.Kind? = comparison.first
    while question != nil {
      answers += 1
      try #require(answers <= RangeComparison.answersMax)
      let parts = (0..<32 as Range<UInt8>).map {
        RangeDigest(RowRange(from: [3, 0, 0, 0, $0], to: [3, 0, 0, 0, $0 + 1]), digest)
      }
      let whole = [RangeDigest(RowRange(from: [3], to: [4]), digest)]
      question = try comparison.received(.digests(answers == 1 ? whole : parts), tree.root.store)
    }
    #expect(answers == RangeComparison.answersMax && comparison.isCut)
  }

  @Test("verification: a link that breaks ends it on both sides, and so does a way that does not exist")
  func broken() throws {
    let (tree, _) = try tree()
    let partition = tree.leaf.identity.partition
    #expect(!tree.desks[0].begin(PartitionID(77), id: 1, tree.root.engine))
    #expect(tree.desks[0].begin(partition, id: 2, tree.root.engine))
    tree.wires[0].cut()
    try tree.settle()
    #expect(tree.desks[0].results.map(\.failure) == [.unreachable])
    tree.wires[0].connect()
    tree.wires[1].cut()
    try tree.settle()
    #expect(tree.desks[0].begin(partition, id: 3, tree.root.engine))
    try tree.settle()
    #expect(tree.desks[0].results.map(\.failure) == [.unreachable, .unreachable])
  }

  @Test("restore: a rotten row of the owner is made again from its own log, byte for byte")
  func restore() throws {
    let (tree, keys) = try tree()
    let leaf = tree.leaf
    try leaf.commit([try leaf.change(keys[3], "name", .text("张伟"), .text("李娜"))])
    try leaf.sync()
    let rowKey = row(leaf, keys[3])
    let sound = try #require(try leaf.store.get(.rows, rowKey))
    leaf.store.rot(.rows, rowKey, bit: 40)
    leaf.engine.setAsideDamaged(rowKey)
    #expect(leaf.engine.rowsSetAside == [rowKey])
    #expect(try leaf.remake([keys[3]], of: leaf.identity.partition).repaired == 1)
    #expect(try leaf.store.get(.rows, rowKey) == sound)
    #expect(leaf.engine.tickets.isEmpty)
    #expect(leaf.engine.rowCounts(leaf.identity.partition).map(\.rows) == [1, 300])
  }
}

extension SimulatedStore {
  fileprivate func rows(_ partition: PartitionID) throws -> [Bytes] {
    var all: [Bytes] = []
    try scan(.rows, from: Keys.partition(partition), to: Keys.partition(partition).prefixEnd()) { key, value in
      all.append(Bytes(key) + Bytes(value))
      return true
    }
    return all
  }

  fileprivate func copyOfRow(_ from: Bytes, at to: Bytes) -> WriteBatch {
    var batch = WriteBatch()
    if let value = try? get(.rows, from) { batch.put(.rows, to, value) }
    return batch
  }
}
