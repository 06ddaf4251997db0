import Formats
import Primitives
import Replication
import Testing

private let log = LogID(node: NodeID(5), incarnation: 1)

@Suite struct LogTests {
  private func frame(_ first: UInt64, count: Int = 1, previous: Digest256 = .zero, actor: Text = "a") -> Frame {
    let commits = (0..<count).map { number in
      Commit(
        actor: actor, reason: "", batch: 0, time: HybridTime(milliseconds: first + UInt64(number)), operations: [])
    }
    return FrameCodec().seal(
      commits, network: 1, log: log, partition: PartitionID(8), epoch: Epoch(1), catalog: 1, first: Sequence64(first),
      previous: previous)
  }

  @Test("log: a frame is the next, a duplicate, a gap or a fork")
  func continuation() {
    let first = frame(1, count: 3)
    let second = frame(4, count: 2, previous: first.hash)
    let empty = LogState.empty(PartitionID(8))
    let head = LogState(after: first)
    #expect(Continuation(of: first, after: empty) == .next)
    #expect(Continuation(of: second, after: empty) == .gap)
    #expect(Continuation(of: second, after: head) == .next)
    #expect(Continuation(of: first, after: head) == .duplicate)
    #expect(Continuation(of: first, after: LogState(after: second)) == .duplicate)
    #expect(Continuation(of: frame(1, count: 3, actor: "b"), after: head) == .fork)
    #expect(Continuation(of: frame(4, previous: .zero), after: head) == .fork)
    #expect(Continuation(of: frame(3, count: 4, previous: first.hash), after: head) == .fork)
    #expect(Continuation(of: frame(7, previous: second.hash), after: head) == .gap)
  }

  @Test("log: a head survives its bytes, and other bytes are refused")
  func head() throws {
    let head = LogState(after: frame(1, count: 3))
    #expect(try LogState(head.encoded) == head)
    for count in 0..<head.encoded.count {
      #expect(throws: MalformedBytes.self) { try LogState(Array(head.encoded[..<count])) }
    }
    #expect(throws: MalformedBytes.self) { try LogState(head.encoded + [0]) }
    #expect(throws: MalformedBytes.self) { try LogState(head.encoded.dropLast(8) + Bytes(repeating: 0, count: 8)) }
  }

  @Test("assignment: survives its fields; fields that are none are refused")
  func assignment() {
    let assignment = Assignment(
      partition: PartitionID(.max), owner: NodeID(0xFFFF_FFFF_FFFF), epoch: Epoch(.max),
      mount: RecordID(mint: 3, counter: 4), rootOrgCode: "033")
    let fields = assignment.fields
    func value(_ item: ItemID, without missing: Int?, _ replaced: Value = .null) -> Value {
      guard let place = fields.firstIndex(where: { $0.item == item }) else { return .null }
      return place == missing ? replaced : fields[place].value
    }
    #expect(Assignment { value($0, without: nil) } == assignment)
    for place in fields.indices { #expect(Assignment { value($0, without: place) } == nil) }
    for (place, bad) in [
      (0, Value.int(0)), (1, .int(0)), (1, .int(-1)), (1, .int(1 << 48)), (2, .int(-1)), (2, .int(1 << 32)),
    ] {
      #expect(Assignment { value($0, without: place, bad) } == nil)
    }
  }

  @Test("assignment: allows exactly its owner in exactly its epoch")
  func table() {
    var table = AssignmentTable()
    let partition = PartitionID(8)
    table.set(
      Assignment(
        partition: partition, owner: NodeID(5), epoch: Epoch(2), mount: RecordID(mint: 1, counter: 0), rootOrgCode: "1")
    )
    #expect(table.allows(NodeID(5), partition, Epoch(2)))
    #expect(!table.allows(NodeID(6), partition, Epoch(2)) && !table.allows(NodeID(5), PartitionID(9), Epoch(2)))
    #expect(!table.allows(NodeID(5), partition, Epoch(1)) && !table.allows(NodeID(5), partition, Epoch(3)))
    table.remove(partition)
    #expect(!table.allows(NodeID(5), partition, Epoch(2)) && table.all.isEmpty)
  }
}
