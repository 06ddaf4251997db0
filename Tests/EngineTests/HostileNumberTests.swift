import Engine
import Formats
import Primitives
import Replication
import Simulation
import Testing

// Numbers at the end of their range, from outside: refused or without effect, never the end of the node.

@Suite struct HostileNumberTests {
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

  @Test("numbers: a recall from the last position there is is answered", arguments: [UInt64.max, UInt64.max - 1])
  func recall(_ last: UInt64) throws {
    let (parent, child, _) = try pair()
    let position = LinkMessage.Position(log: child.log, last: Sequence64(last), hash: .zero)
    for cursor in [ApplySequence.zero, ApplySequence(.max), ApplySequence(.max - 1)] {
      try parent.receive(.recall(.init(positions: [position], cursor: cursor)))
      let answers = try parent.sent().compactMap { if case .recalled(let recalled) = $0 { recalled } else { nil } }
      #expect(answers.map(\.isLast) == [true] && answers.allSatisfy(\.frames.isEmpty))
    }
  }

  @Test("numbers: a welcome and an answer at the last position end the link, not the child")
  func welcome() throws {
    let child = try Bench(2, "033001", under: "033")
    for log in [child.log, LogID(node: NodeID(7), incarnation: 1)] {
      child.engine.parentConnected(LinkID(1))
      _ = child.engine.takeSends()
      let position = LinkMessage.Position(log: log, last: Sequence64(.max), hash: .zero)
      try child.receive(.welcome(.init(node: NodeID(1), positions: [position], credit: .max)))
      try child.receive(.recalled(.init(frames: [], signers: [], cursor: ApplySequence(.max), isLast: true)))
      #expect(child.engine.parentRefusal?.reason == .gap)
      child.engine.disconnected(LinkID(1))
    }
  }

  @Test("numbers: more deletions than there are records count to nothing, here and after a crash")
  func negative() throws {
    let (parent, child, head) = try pair()
    let gone = (100..<140).map { counter in
      Operation(RecordKey(entity: Bench.member, record: RecordID(child.log, counter: counter)), .delete)
    }
    try parent.receive(.frame(child.seal(gone, first: 2, previous: head).bytes))
    for _ in 0..<2 {
      let counts = parent.engine.rowCounts(child.identity.partition)
      #expect(counts.allSatisfy { $0.rows >= 0 } && parent.engine.rowCount(Bench.member) == 0)
      try parent.checkpoint()
    }
  }

  @Test("numbers: after the last epoch there is no other to give")
  func epoch() throws {
    let permit = ChildPermit(rootOrgCode: "033001", key: try Bench.key(2).publicKey)
    let child = try Bench(2, "033001", under: "033")
    let parent = try Bench(1, "033", childrenAllowed: [permit])
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello(epoch: .max))
    #expect(parent.engine.linkedChildren == [NodeID(2)])
    #expect(throws: Engine.ReclaimError.epochGiven(Epoch(.max))) {
      _ = try parent.engine.reclaim(
        child.identity.partition, for: NodeID(3), key: child.key.publicKey, actor: "operator", clock: 5)
    }
  }

  @Test("numbers: marks of any level are passed on or left out")
  func levels() throws {
    let (parent, child, _) = try pair()
    parent.engine.parentConnected(LinkID(2))
    try parent.receive(.welcome(.init(node: NodeID(9), positions: [], credit: 1 << 20)), on: 2)
    let marks = (0...255).map { LinkMessage.Watermark(level: UInt8($0), log: child.log, last: Sequence64(.max)) }
    try parent.receive(.acknowledgement(.init(watermarks: marks, credit: .max)), on: 2)
    var levels: [UInt8] = []
    for case .acknowledgement(let told) in try parent.sent() { levels += told.watermarks.map(\.level) }
    #expect(levels.sorted() == (1...31).map { UInt8($0 + 1) } + [LinkMessage.Watermark.root])
  }
}
