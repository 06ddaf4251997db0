import Catalog
import Engine
import Formats
import Primitives
import Simulation
import Testing

// Goal: whatever a crash takes of the indexes, the engine opens with exactly the entries that the rows have.

@Suite struct IndexRecoveryTests {
  /// A node with one member, which the indexes on disk have.
  private func bench() throws -> (Bench, RecordKey) {
    let bench = try Bench(7, "033")
    let operation = try bench.insertion("1")
    try bench.commit([operation])
    try bench.checkpoint()
    #expect(try bench.lookup("1") == operation.key)
    return (bench, operation.key)
  }

  /// The same content in a store whose indexes were built from nothing.
  private func expectExact(
    _ bench: Bench, _ cards: [(Text, RecordKey)], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    for (card, key) in cards { #expect(try bench.lookup(card) == key, sourceLocation: sourceLocation) }
    // A natural key and, as no birth date is given, one entry under the name.
    #expect(try bench.entries().count == cards.count * 2, sourceLocation: sourceLocation)
  }

  /// Flushes, dies with a loss and comes back.
  private func crash(_ bench: Bench, _ loss: Bench.Loss) throws {
    try bench.flushDerived()
    try bench.crash(losing: loss)
  }

  @Test("indexes: entries follow their rows and survive with their cursor", arguments: Bench.Loss.allCases)
  func followed(_ loss: Bench.Loss) throws {
    let (bench, key) = try bench()
    try expectExact(bench, [("1", key)])
    try crash(bench, loss)
    try expectExact(bench, [("1", key)])
  }

  @Test("indexes: none reached the disk, all are built from the rows or the log", arguments: Bench.Loss.allCases)
  func rebuilt(_ loss: Bench.Loss) throws {
    let bench = try Bench(7, "033")
    let operation = try bench.insertion("1")
    try bench.commit([operation])
    try bench.write()
    try crash(bench, loss)
    try expectExact(bench, [("1", operation.key)])
  }

  @Test("indexes: a value that came and went leaves no entry", arguments: Bench.Loss.allCases)
  func cameAndWent(_ loss: Bench.Loss) throws {
    let (bench, key) = try bench()
    try bench.commit([bench.change(key, "id_card", .text("1"), .text("2"))])
    try bench.write()
    try bench.commit([bench.change(key, "id_card", .text("2"), .text("3"))])
    try bench.commit([bench.change(key, "name", .text("张伟"), .text("王芳"))])
    try bench.write()
    try crash(bench, loss)
    try expectExact(bench, [("3", key)])
    #expect(try bench.lookup("1") == nil && bench.lookup("2") == nil)
  }

  @Test("indexes: a record deleted after the cursor leaves no entry", arguments: Bench.Loss.allCases)
  func deleted(_ loss: Bench.Loss) throws {
    let (bench, key) = try bench()
    try bench.commit([Operation(key, .delete)])
    try bench.write()
    try crash(bench, loss)
    try expectExact(bench, [])
  }

  @Test(
    "indexes: a record deleted and made anew under the same key has the new entries only",
    arguments: Bench.Loss.allCases)
  func remade(_ loss: Bench.Loss) throws {
    let (bench, key) = try bench()
    try bench.commit([Operation(key, .delete)])
    try bench.commit([bench.insertion("9", name: "刘洋", key: key)])
    try bench.write()
    try crash(bench, loss)
    try expectExact(bench, [("9", key)])
  }

  @Test("indexes: a natural key passes to another record within one commit", arguments: Bench.Loss.allCases)
  func passedOn(_ loss: Bench.Loss) throws {
    let (bench, key) = try bench()
    let other = try bench.insertion("2")
    try bench.commit([other])
    try bench.checkpoint()
    // The receiver is named first: the order of operations means nothing.
    try bench.commit([
      bench.change(other.key, "id_card", .text("2"), .text("1")),
      bench.change(key, "id_card", .text("1"), .text("2")),
    ])
    try bench.write()
    try crash(bench, loss)
    try expectExact(bench, [("1", other.key), ("2", key)])
  }

  @Test("indexes: a natural key passes on while the receiver was touched first", arguments: Bench.Loss.allCases)
  func passedOnLater(_ loss: Bench.Loss) throws {
    let (bench, key) = try bench()
    let other = try bench.insertion("2")
    try bench.commit([other])
    try bench.checkpoint()
    try bench.commit([bench.change(other.key, "name", .text("张伟"), .text("王芳"))])
    try bench.commit([bench.change(key, "id_card", .text("1"), .text("5"))])
    try bench.commit([bench.change(other.key, "id_card", .text("2"), .text("1"))])
    try bench.write()
    try crash(bench, loss)
    try expectExact(bench, [("1", other.key), ("5", key)])
  }

  @Test("indexes: an ancestor ends with the owner's entries when a natural key passes within a frame")
  func passedOnAtAncestor() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    let first = try child.insertion("1")
    try child.commit([first])
    // One frame: its inserts come before its deletions in every commit, as its groups stand.
    let second = try child.insertion("1")
    try child.commit([second, Operation(first.key, .delete)])
    try settle([wire])
    try parent.flushDerived()
    try child.flushDerived()
    #expect(try parent.entries() == child.entries())
    #expect(try child.lookup("1") == second.key)
  }

  @Test("indexes: the disk is never further behind than so many frames, though no entry of theirs changes")
  func bounded() throws {
    let (bench, key) = try bench()
    bench.engine.framesUnstoredMax = 20
    func lag() throws -> UInt64 {
      let twin = SimulatedStore(copyOf: bench.store)
      twin.crash(keepingRows: 0, keepingIndex: 0)
      let value = try #require(try twin.get(.index, IndexKey.cursor))
      var reader = ByteReader(value)
      return bench.engine.durableApplied.value - (try reader.u64())
    }
    var old = Value.null
    var stored = 0
    for number in 0..<100 {
      let new = Value.text(Text("路\(number)号"))
      try bench.commit([bench.change(key, "address", old, new)])
      old = new
      try bench.write()
      if bench.engine.wantsStoring {
        try bench.flushDerived()
        bench.store.flushAll()
        bench.engine.derivedIsStored()
        stored += 1
      }
      #expect(try lag() <= 20)
    }
    #expect((4...6).contains(stored))
    try bench.crash()
    try expectExact(bench, [("1", key)])
  }
}
