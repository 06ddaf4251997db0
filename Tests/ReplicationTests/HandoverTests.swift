import Formats
import Primitives
import Replication
import Testing

@Suite struct HandoverTests {
  private let facts = HandoverRecord.Facts(
    id: RecordID(mint: 0x5_0001, counter: 8),
    record: RecordKey(entity: EntityID(3), record: RecordID(mint: 1, counter: 2)), source: PartitionID(0x5_0001),
    target: .init(org: RecordID(mint: 0x6_0001, counter: 0), partition: PartitionID(0x6_0001)),
    hash: Digest256(Bytes(repeating: 4, count: 32)), expires: 1000)
  private let arbiter = Handover.Roles(isSource: false, isTarget: false, isArbiter: true)
  private let target = Handover.Roles(isSource: false, isTarget: true, isArbiter: false)
  private let source = Handover.Roles(isSource: true, isTarget: false, isArbiter: false)

  private func known(
    _ source: HandoverRecord.State?, _ arbiter: HandoverRecord.State?, _ target: HandoverRecord.State?,
    told: HandoverRecord.State? = nil
  ) -> Handover {
    var handover = Handover()
    handover.source = source.map { HandoverRecord(facts, .source, $0, reason: "why") }
    handover.arbiter = arbiter.map { HandoverRecord(facts, .arbiter, $0) }
    handover.target = target.map { HandoverRecord(facts, .target, $0, reason: "no") }
    handover.told = told
    return handover
  }

  @Test("hand-over: a part is read back as it was written, its changes are what differs")
  func record() {
    let made = HandoverRecord(facts, .source, .prepared, reason: "调动", rows: "3:0;10:1,2")
    func read(_ fields: [Field]) -> HandoverRecord? {
      HandoverRecord(made.key) { item in fields.first { $0.item == item }?.value ?? .null }
    }
    #expect(read(made.fields) == made)
    for field in made.fields where ![9, 10].contains(field.item.value) {
      #expect(read(made.fields.filter { $0.item != field.item }) == nil)
    }
    #expect(made.becoming(.released).changes(from: made).map(\.item) == [ItemID(1)])
  }

  @Test("hand-over: keys of an aggregate are said in words and read again; other words are none")
  func rows() {
    let keys = [(3, 0), (10, 1), (10, 7), (11, 2)].map {
      RecordKey(entity: EntityID(UInt8($0.0)), record: facts.record.record, ordinal: UInt32($0.1))
    }
    #expect(HandoverRows.text(keys) == "3:0;10:1,7;11:2")
    #expect(HandoverRows.keys(HandoverRows.text(keys), of: facts.record.record) == keys)
    for text in ["", "3", "3:", "3:x", "300:1", "3:1;", "3:1,,2"] {
      #expect(HandoverRows.keys(Text(text), of: facts.record.record) == nil, "\(text)")
    }
  }

  @Test("hand-over: the arbiter asks, decides once, and lets the source go only when the target has it")
  func arbiterSteps() {
    func step(_ handover: Handover, _ clock: UInt64 = 1) -> Handover.Step? {
      handover.step(arbiter, hasOffer: false, clock: clock)
    }
    #expect(step(known(.prepared, nil, nil)) == .offer)
    #expect(step(known(.voidAsked, nil, nil)) == .void("withdrawn before it was offered"))
    #expect(step(known(.prepared, .offered, nil)) == nil)
    #expect(step(known(.prepared, .offered, nil), 1000) == .void("expired before it was accepted"))
    #expect(step(known(.prepared, .offered, .accepted), 5000) == .decide)
    #expect(step(known(.voidAsked, .offered, .accepted)) == .void("why"))
    #expect(step(known(.prepared, .offered, .refused)) == .void("no"))
    // Decided is decided: neither time nor the source's wish undoes it.
    #expect(step(known(.voidAsked, .decided, .accepted), 5000) == nil)
    #expect(step(known(.voidAsked, .decided, .inserted)) == .finalise)
    #expect(step(known(.prepared, .void, .accepted)) == nil)
    #expect(step(known(.prepared, .finalised, .inserted)) == nil)
  }

  @Test("hand-over: the target answers once and takes the rows only when it was decided")
  func targetSteps() {
    func step(_ handover: Handover, offer: Bool = true) -> Handover.Step? {
      handover.step(target, hasOffer: offer, clock: 1)
    }
    #expect(step(known(nil, nil, nil, told: .offered)) == .answer)
    #expect(step(known(nil, nil, nil, told: .void)) == nil)
    #expect(step(known(nil, nil, .accepted, told: .offered)) == nil)
    #expect(step(known(nil, nil, .accepted, told: .decided)) == .insert)
    #expect(step(known(nil, nil, .accepted, told: .decided), offer: false) == nil)
    #expect(step(known(nil, nil, .accepted, told: .void)) == .forget)
    for final in [HandoverRecord.State.inserted, .voided, .refused] {
      #expect(step(known(nil, nil, final, told: .decided)) == nil)
    }
  }

  @Test("hand-over: the source stays frozen until it hears that the target has it, or that nothing moves")
  func sourceSteps() {
    func step(_ handover: Handover) -> Handover.Step? { handover.step(source, hasOffer: false, clock: 9999) }
    for told in [nil, HandoverRecord.State.offered, .decided] {
      #expect(step(known(.prepared, nil, nil, told: told)) == nil)
      #expect(known(.prepared, nil, nil, told: told).isFrozen)
    }
    #expect(step(known(.voidAsked, nil, nil, told: .finalised)) == .release)
    #expect(step(known(.prepared, nil, nil, told: .void)) == .thaw)
    #expect(!known(.released, nil, nil).isFrozen && !known(.voided, nil, nil).isFrozen)
  }

  @Test("hand-over: whoever holds both copies hides the source's, from when the other came until it goes")
  func hiding() {
    #expect(!known(.prepared, .decided, .accepted).isSourceHidden)
    #expect(known(.prepared, .decided, .inserted).isSourceHidden)
    #expect(known(.voidAsked, .finalised, .inserted).isSourceHidden)
    #expect(!known(.released, .finalised, .inserted).isSourceHidden)
  }
}
