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
}
