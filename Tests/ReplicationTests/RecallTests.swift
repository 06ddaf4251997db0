import Formats
import Primitives
import Replication
import Testing

@Suite struct SuccessionTests {
  private let first = LogID(node: NodeID(5), incarnation: 1)
  private let second = LogID(node: NodeID(5), incarnation: 2)
  private let hash = Digest256(Bytes(repeating: 7, count: 32))

  private func succession(_ last: UInt64, _ hash: Digest256? = nil) -> Succession {
    Succession(log: second, follows: first, last: Sequence64(last), hash: hash ?? self.hash, isIsolated: false)
  }
  private var head: LogState {
    LogState(last: Sequence64(10), hash: hash, time: .zero, partition: PartitionID(first.value))
  }

  @Test("succession: its record is read back as it was written, and nothing less is one")
  func record() {
    let made = succession(10)
    let fields = made.fields
    #expect(Succession { item in fields.first { $0.item == item }?.value ?? .null } == made)
    for field in fields {
      #expect(
        Succession { item in item == field.item ? .null : fields.first { $0.item == item }?.value ?? .null } == nil)
    }
  }

  @Test("succession: opens a log exactly where the one before ends; anything else has its own refusal")
  func place() {
    func reason(_ succession: Succession?, _ log: LogID? = nil, after: LogID? = nil) -> LinkMessage.Refusal.Reason? {
      Lineage.reason(against: succession, opening: log ?? second, after: after ?? first, at: head)?.reason
    }
    #expect(reason(succession(10)) == nil)
    #expect(reason(nil) == .fenced)
    #expect(reason(succession(9)) == .behind)
    #expect(reason(succession(11)) == .gap)
    #expect(reason(succession(10, .zero)) == .diverged)
    #expect(reason(succession(10), first, after: second) == .fenced)
    #expect(reason(succession(10), after: LogID(node: NodeID(6), incarnation: 1)) == .fenced)
  }

  @Test("lineage: a log is the first, the current, one not opened yet, or closed by another")
  func lineage() {
    var lineage = Lineage()
    let partition = PartitionID(first.value)
    #expect(lineage.place(of: first, partition, isHere: false) == .first)
    lineage.opened(first, partition, nil)
    #expect(lineage.place(of: first, partition, isHere: true) == .current)
    #expect(lineage.place(of: second, partition, isHere: false) == .unopened(after: first))
    lineage.opened(second, partition, succession(10))
    #expect(lineage.place(of: first, partition, isHere: true) == .closed(by: second))
    #expect(lineage.current(partition) == second && lineage.succession(second) == succession(10))
  }
}
