import Formats
import Primitives
import Replication
import Testing

private let log = LogID(node: NodeID(5), incarnation: 1)

@Suite struct LogTests {
  private let key: SigningKey
  private let otherKey: SigningKey

  init() throws {
    key = try #require(SigningKey(seed: Bytes(repeating: 5, count: SigningKey.seedByteCount)))
    otherKey = try #require(SigningKey(seed: Bytes(repeating: 6, count: SigningKey.seedByteCount)))
  }

  private func frame(_ first: UInt64, count: Int = 1, previous: Digest256 = .zero, actor: Text = "a") -> Frame {
    let commits = (0..<count).map { number in
      Commit(
        actor: actor, reason: "", batch: 0, time: HybridTime(milliseconds: first + UInt64(number)), operations: [])
    }
    return FrameCodec().seal(
      commits, network: 1, log: log, partition: PartitionID(8), epoch: Epoch(1), catalog: 1, first: Sequence64(first),
      previous: previous, key: key)
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
    let assignment = assignment(PartitionID(.max), NodeID(0xFFFF_FFFF_FFFF), Epoch(.max))
    let fields = assignment.fields
    func value(_ item: ItemID, without missing: Int?, _ replaced: Value = .null) -> Value {
      guard let place = fields.firstIndex(where: { $0.item == item }) else { return .null }
      return place == missing ? replaced : fields[place].value
    }
    #expect(Assignment { value($0, without: nil) } == assignment)
    for place in fields.indices { #expect(Assignment { value($0, without: place) } == nil) }
    for (place, bad) in [
      (0, Value.int(0)), (1, .int(0)), (1, .int(-1)), (1, .int(1 << 48)), (2, .int(-1)), (2, .int(1 << 32)),
      (5, .text("00")), (5, .text(Text(String(repeating: "A", count: 64)))), (6, .text("")),
      (6, .text(Text(key.publicKey.bytes.hex))),
    ] {
      #expect(Assignment { value($0, without: place, bad) } == nil)
    }
  }

  private func assignment(
    _ partition: PartitionID, _ owner: NodeID, _ epoch: Epoch, mount: UInt64 = 3, code: Text = "033",
    key: PublicKey? = nil
  ) -> Assignment {
    Assignment(
      partition: partition, owner: owner, epoch: epoch, key: key ?? self.key.publicKey,
      mount: RecordID(mint: mount, counter: 4), rootOrgCode: code, network: 7, holder: PartitionID(9), signer: self.key)
  }

  @Test("assignment: its signature covers every part, the network and the partition that holds it")
  func signature() {
    let good = assignment(PartitionID(8), NodeID(5), Epoch(2))
    #expect(good.isSigned(by: key.publicKey, network: 7, holder: PartitionID(9)))
    #expect(!good.isSigned(by: otherKey.publicKey, network: 7, holder: PartitionID(9)))
    #expect(!good.isSigned(by: key.publicKey, network: 8, holder: PartitionID(9)))
    #expect(!good.isSigned(by: key.publicKey, network: 7, holder: PartitionID(10)))
    let others = [
      assignment(PartitionID(9), NodeID(5), Epoch(2)), assignment(PartitionID(8), NodeID(6), Epoch(2)),
      assignment(PartitionID(8), NodeID(5), Epoch(3)), assignment(PartitionID(8), NodeID(5), Epoch(2), mount: 4),
      assignment(PartitionID(8), NodeID(5), Epoch(2), code: "034"),
      assignment(PartitionID(8), NodeID(5), Epoch(2), key: otherKey.publicKey),
    ]
    for other in others {
      let fields = other.fields.dropLast() + good.fields.suffix(1)
      let mixed = Assignment { item in fields.first { $0.item == item }?.value ?? .null }
      #expect(mixed?.isSigned(by: key.publicKey, network: 7, holder: PartitionID(9)) == false, "\(other)")
    }
  }

  @Test("assignment: a later epoch follows, an earlier one or another owner in the same does not")
  func succession() {
    let known = assignment(PartitionID(8), NodeID(5), Epoch(2))
    #expect(assignment(PartitionID(8), NodeID(6), Epoch(3), key: otherKey.publicKey).follows(known))
    #expect(assignment(PartitionID(8), NodeID(5), Epoch(2), mount: 5, code: "034").follows(known))
    #expect(!assignment(PartitionID(8), NodeID(5), Epoch(1)).follows(known))
    #expect(!assignment(PartitionID(8), NodeID(6), Epoch(2)).follows(known))
    #expect(!assignment(PartitionID(8), NodeID(5), Epoch(2), key: otherKey.publicKey).follows(known))
  }

  @Test("assignment: allows exactly its owner in exactly its epoch")
  func table() {
    var table = AssignmentTable()
    let partition = PartitionID(8)
    table.set(assignment(partition, NodeID(5), Epoch(2)))
    #expect(table.judge(NodeID(5), partition, Epoch(2)) == .allowed(key.publicKey))
    #expect(table.judge(NodeID(6), partition, Epoch(2)) == .notOwner)
    #expect(table.judge(NodeID(5), PartitionID(9), Epoch(2)) == .notOwner)
    #expect(table.judge(NodeID(5), partition, Epoch(1)) == .wrongEpoch)
    #expect(table.judge(NodeID(5), partition, Epoch(3)) == .wrongEpoch)
    table.remove(partition)
    #expect(table.judge(NodeID(5), partition, Epoch(2)) == .notOwner && table.all.isEmpty)
  }
}
