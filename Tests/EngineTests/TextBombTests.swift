import Engine
import Formats
import Primitives
import Replication
import Testing

// A few bytes that stand for many: what a frame would become is known before anything of it is made.

@Suite struct TextBombTests {
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

  private let name = Text(Bench.noise(64 << 10, seed: 1))

  private func seal(_ commits: [[Formats.Operation]], _ child: Bench, _ head: Digest256) -> Frame {
    let commits = commits.map {
      Commit(actor: "x", reason: "", batch: 0, time: HybridTime(milliseconds: 9), operations: $0)
    }
    return FrameCodec().seal(
      commits, network: Engine.networkHash(Bench.network), log: child.log, partition: child.identity.partition,
      epoch: Epoch(1), catalog: Engine.catalogID(.bundled), first: Sequence64(2), previous: head, key: child.key)
  }

  private func insertions(_ count: Int, _ child: Bench) throws -> [Formats.Operation] {
    try (0..<count).map { _ in try child.insertion("\(child.engine.mint().counter)", name: name) }
  }

  @Test("text bomb: a commit whose texts pass its 4 MiB, or a frame of many such, is no frame", arguments: [65, 63])
  func insert(_ count: Int) throws {
    let (parent, child, head) = try pair()
    // Sound commits, one by one, but more of them than any owner puts into a frame.
    let commits = try (0..<(count == 65 ? 1 : 3)).map { _ in try insertions(count, child) }
    let frame = seal(commits, child, head)
    #expect(frame.bytes.count < 200_000)
    try parent.receive(.frame(frame.bytes))
    #expect(try parent.refusal() == .malformed)
    #expect(parent.engine.head(of: child.log)?.last == Sequence64(1))
  }

  @Test("text bomb: what a commit may hold is taken")
  func largest() throws {
    let (parent, child, head) = try pair()
    try parent.receive(.frame(seal([try insertions(63, child)], child, head).bytes))
    #expect(try parent.refusal() == nil)
    #expect(parent.engine.head(of: child.log)?.last == Sequence64(2))
  }

  @Test("text bomb: changes count like new records, old values do not")
  func update() throws {
    let (parent, child, head) = try pair()
    let key = RecordKey(entity: Bench.member, record: RecordID(child.log, counter: 1))
    func changes(_ old: Value, _ new: Value) throws -> [Formats.Operation] {
      try (0..<70).map {
        try child.change(
          RecordKey(entity: key.entity, record: RecordID(child.log, counter: UInt64($0 + 1))), "name", old, new)
      }
    }
    try parent.receive(.frame(seal([try changes(.text(name), .text("a"))], child, head).bytes))
    #expect(try parent.refusal() == nil)
    let last = try #require(parent.engine.head(of: child.log))
    let bomb = child.seal(try changes(.text("a"), .text(name)), first: 3, previous: last.hash)
    try parent.receive(.frame(bomb.bytes))
    #expect(try parent.refusal() == .malformed)
  }
}
