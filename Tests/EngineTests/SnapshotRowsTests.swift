import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication
import Simulation
import Testing

// Goal: what is asked of the log elsewhere (a repair, a restore, the scrub) is answered from the snapshot where the log
// begins behind one.

@Suite struct SnapshotRowsTests {
  /// A parent that took forty members by snapshot and one change by a frame.
  private func benches() throws -> (parent: Bench, child: Bench, keys: [RecordKey]) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    child.engine.firstSyncRowsMin = 5
    child.engine.snapshotChunkBytes = 500
    let operations = try (0..<40).map { try child.insertion(Text("33020319800101\(1000 + $0)")) }
    for operation in operations { try child.commit([operation]) }
    try child.sync()
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    try settle([wire])
    let keys = operations.map(\.key)
    try child.commit([child.change(keys[3], "name", .text("张伟"), .text("李娜"))])
    try settle([wire])
    try parent.sync()
    #expect(parent.engine.snapshotFigures.taken == 1)
    return (parent, child, keys)
  }

  private func damage(in bench: Bench) throws -> [Scrub.Damage] {
    var scrub = Scrub()
    let context = Scrub.Context(.bundled, keys: bench.engine.ownerKeys)
    while !scrub.isDone { _ = try scrub.step(bench.store, bytesMax: 4096, context) }
    return scrub.tally.damage
  }

  @Test("scrub: chunks and a log that begins behind a snapshot are sound, and a chunk that rotted is found")
  func scrub() throws {
    let (parent, child, _) = try benches()
    #expect(try damage(in: parent).isEmpty)
    let manifest = try #require(try parent.base(of: child.identity.partition)).manifest
    let key = Keys.snapshotChunk(
      child.identity.partition, manifest.current.log, manifest.current.last, number: 2)
    parent.store.rot(.log, key, bit: 77)
    #expect(try damage(in: parent).map(\.key) == [key])
  }

  @Test("restore: a damaged row is made again from snapshot and frames, and none is taken for deleted")
  func restore() throws {
    let (parent, child, keys) = try benches()
    let logs = parent.engine.logs(of: child.identity.partition)
    let rowKeys = [keys[3], keys[7]].map { Keys.row(child.identity.partition, $0) }
    let stored = try rowKeys.map { try parent.store.get(.rows, $0) }
    let made = try LogReplay(parent.store).made(rowKeys, logs: logs)
    #expect(made.map(\.row) == stored && stored.allSatisfy { $0 != nil } && made.allSatisfy { $0.fault == nil })
    parent.store.rot(.rows, rowKeys[1], bit: 300)
    parent.engine.setAsideDamaged(rowKeys[1])
    #expect(try parent.remake([keys[7]], of: child.identity.partition).repaired == 1)
    try parent.sync()
    #expect(try parent.store.get(.rows, rowKeys[1]) == stored[1])
  }

  @Test("status: a snapshot on its way is told with its chunks, and a domain whose log begins behind one")
  func transfers() throws {
    let (parent, child, _) = try benches()
    #expect(parent.engine.snapshotTransfers.isEmpty && child.engine.snapshotTransfers.isEmpty)
    #expect(parent.engine.snapshotBases.map(\.partition) == [child.identity.partition])
    let notes = parent.engine.takeSnapshotNotes()
    guard case .receiving(_, let rows, let chunks, 0)? = notes.first, case .installed? = notes.last else {
      Issue.record("\(notes)")
      return
    }
    #expect(rows == 41 && chunks > 5 && parent.engine.takeSnapshotNotes().isEmpty)
    #expect(child.engine.takeSnapshotNotes().count == 2)
  }
}

extension Bench {
  fileprivate func base(of partition: PartitionID) throws -> SnapshotBase? {
    try store.get(.meta, MetaKey.base(partition)).map { try SnapshotBase($0, with: Hashing()) }
  }
}
