import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication
import Simulation
import Testing

// A pass over the store finds whatever rotted, and nothing in a sound store.

@Suite struct ScrubTests {
  private func benches() throws -> (parent: Bench, child: Bench, keys: [RecordKey]) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    let operations = try (0..<200).map { try child.insertion(Text("\($0)")) }
    for start in stride(from: 0, to: 200, by: 20) {
      try child.commit(Array(operations[start..<start + 20]))
      try child.sync()
    }
    try settle([wire])
    try parent.sync()
    return (parent, child, operations.map(\.key))
  }

  private func pass(_ bench: Bench, bytes: Int = 4096) throws -> Scrub {
    var scrub = Scrub()
    let context = Scrub.Context(.bundled, keys: bench.engine.ownerKeys)
    var steps = 0
    while !scrub.isDone {
      _ = try scrub.step(bench.store, bytesMax: bytes, context)
      steps += 1
      try #require(steps < 100_000)
    }
    return scrub
  }

  @Test("scrub: a sound store has nothing wrong, in steps of any size", arguments: [1, 300, 4096, 1 << 20])
  func sound(_ bytes: Int) throws {
    let (parent, _, _) = try benches()
    let tally = try pass(parent, bytes: bytes).tally
    #expect(tally.damaged == 0 && tally.damage.isEmpty)
    #expect(tally.rows == 203 && tally.frames >= 12 && tally.entries > 200 && tally.samples >= 7)
    #expect(tally.unverified == 0)
  }

  @Test("scrub: one flipped bit in any row is found", arguments: [0, 9, 77, 1000, 4001])
  func rows(_ bit: Int) throws {
    let (parent, child, keys) = try benches()
    let rowKey = Keys.row(child.identity.partition, keys[bit % 200])
    parent.store.rot(.rows, rowKey, bit: bit)
    let damage = try pass(parent).tally.damage
    #expect(damage.contains { $0.kind == .row && $0.key == rowKey })
  }

  @Test("scrub: a block that cannot be read is found, and what lies behind it in other entities is still looked at")
  func blocks() throws {
    let (parent, child, keys) = try benches()
    parent.store.damage(.rows, Keys.row(child.identity.partition, keys[50]))
    let tally = try pass(parent).tally
    #expect(tally.damage.map(\.kind) == [.block])
    #expect(tally.frames >= 12)
  }

  @Test("scrub: a frame that rotted, one that is lost and one that somebody else signed are found")
  func frames() throws {
    let (parent, child, _) = try benches()
    let frames = try child.frames()
    let first = try FrameCodec().parse(frames[3]).header
    parent.store.rot(.log, Keys.frame(child.log, last: first.last), bit: 8 * (8 + 300))
    #expect(try pass(parent).tally.damage.map(\.kind) == [.chain])
    parent.store.lose(.log, Keys.frame(child.log, last: first.last))
    #expect(try pass(parent).tally.damage.map(\.kind) == [.chain])
    var forged = frames[3]
    forged.replaceSubrange(144..<208, with: try Bench.key(9).sign(Bytes(forged[..<144])))
    let stored = try #require(
      try parent.store.get(.log, Keys.frame(child.log, last: try FrameCodec().parse(frames[4]).header.last)))
    var batch = WriteBatch()
    batch.put(.log, Keys.frame(child.log, last: first.last), Bytes(stored[0..<8]) + forged)
    try parent.store.write(batch, .synced)
    #expect(try pass(parent).tally.damage.map(\.kind) == [.signature])
  }

  @Test("scrub: entries without rows and rows without entries are found on samples")
  func indexes() throws {
    let (parent, child, keys) = try benches()
    // Every sample of the pass is hit when all are gone.
    for key in keys { parent.store.lose(.rows, Keys.row(child.identity.partition, key)) }
    #expect(try pass(parent).tally.damage.allSatisfy { $0.kind == .index && $0.space == .index })
    #expect(try pass(parent).tally.damaged > 0)
    let (other, _, _) = try benches()
    for entry in try other.entries() { other.store.lose(.index, entry) }
    let tally = try pass(other).tally
    #expect(tally.damaged > 0 && tally.damage.allSatisfy { $0.kind == .index && $0.space == .rows })
  }
}
