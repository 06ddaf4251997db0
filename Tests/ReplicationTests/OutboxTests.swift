import Formats
import Primitives
import Replication
import Testing

@Suite struct OutboxTests {
  private let stream = OutboxStream(log: 0x5_0001, generation: 7)
  private func id(_ number: UInt64) -> DispatchID {
    DispatchID(origin: LogID(node: NodeID(5), incarnation: 1), number: number)
  }

  @Test("outbox: only what is durable is handed out, and what is acknowledged is gone")
  func order() {
    var outbox = Outbox(stream)
    for number in 1...3 { #expect(outbox.add(id(UInt64(number))).place == UInt64(number)) }
    #expect(outbox.entries(after: 0).isEmpty)
    outbox.taken()
    _ = outbox.add(id(4))
    outbox.written()
    #expect(outbox.entries(after: 0).map(\.place) == [1, 2, 3])
    #expect(outbox.entries(after: 2).map(\.id) == [id(3)])
    // Nobody can have what is not durable here.
    #expect(outbox.acknowledge(4) == nil)
    #expect(outbox.acknowledge(2) == 1...2)
    #expect(outbox.acknowledge(1) == nil)
    #expect(outbox.entries(after: 0).isEmpty && outbox.entries(after: 2).map(\.place) == [3])
  }

  @Test("outbox: a child goes on only in the same stream and between what it acknowledged and what is durable")
  func continues() {
    var outbox = Outbox(stream)
    for number in 1...5 { _ = outbox.add(id(UInt64(number))) }
    outbox.taken()
    outbox.written()
    _ = outbox.acknowledge(2)
    func goesOn(_ last: UInt64, _ other: OutboxStream? = nil) -> Bool {
      outbox.continues(.init(stream: other ?? stream, last: last))
    }
    #expect(goesOn(2) && goesOn(5))
    #expect(!goesOn(1) && !goesOn(6) && !goesOn(3, OutboxStream.none))
    #expect(!goesOn(3, OutboxStream(log: stream.log, generation: 8)))
  }

  @Test("outbox: one that was kept with a hole is none")
  func kept() {
    let entries = (3...5).map { Outbox.Entry(place: $0, id: id($0)) }
    #expect(Outbox(stream, acknowledged: 2, last: 5, entries: entries)?.entries(after: 2).count == 3)
    #expect(Outbox(stream, acknowledged: 2, last: 6, entries: entries) == nil)
    #expect(Outbox(stream, acknowledged: 2, last: 5, entries: [entries[0], entries[2], entries[1]]) == nil)
  }

  @Test("inbox: takes each place of a stream once, in order, and a new stream from its beginning")
  func inbox() {
    var cursor = InboxCursor()
    #expect(cursor.judge(stream, 2) == .gap)
    #expect(cursor.judge(stream, 1) == .next)
    cursor.take(stream, 1)
    cursor.take(stream, 2)
    #expect(cursor.judge(stream, 2) == .again && cursor.judge(stream, 3) == .next && cursor.judge(stream, 4) == .gap)
    let next = OutboxStream(log: stream.log, generation: 8)
    #expect(cursor.judge(next, 3) == .gap && cursor.judge(next, 1) == .next)
  }
}

@Suite struct AncestryTests {
  private func key(_ byte: UInt8) throws -> SigningKey {
    try #require(SigningKey(seed: Bytes(repeating: byte, count: SigningKey.seedByteCount)))
  }
  private func domain(_ number: UInt64, _ key: SigningKey) -> LinkMessage.Ancestry.Top {
    .init(partition: PartitionID(number << 16 | 1), owner: NodeID(number), epoch: Epoch(1), key: key.publicKey)
  }
  private func step(_ number: UInt64, _ key: SigningKey, under above: UInt64, by signer: SigningKey)
    -> LinkMessage.Ancestry.Step
  {
    Assignment(
      partition: PartitionID(number << 16 | 1), owner: NodeID(number), epoch: Epoch(1), key: key.publicKey,
      mount: RecordID(mint: above << 16 | 1, counter: 0), rootOrgCode: "033", network: 7,
      holder: PartitionID(above << 16 | 1), signer: signer
    ).step
  }

  @Test("ancestry: every step is proved by the owner before it, and it ends with the receiver")
  func chain() throws {
    let (top, middle, own, stranger) = (try key(1), try key(2), try key(3), try key(9))
    let good = LinkMessage.Ancestry(
      top: domain(1, top), steps: [step(2, middle, under: 1, by: top), step(3, own, under: 2, by: middle)])
    let receiver = domain(3, own)
    func fault(_ ancestry: LinkMessage.Ancestry, _ known: LinkMessage.Ancestry? = nil) -> LinkMessage.Ancestry.Fault? {
      do {
        try ancestry.check(network: 7, receiver: receiver, before: known)
        return nil
      } catch { return error }
    }
    #expect(fault(good) == nil)
    let forged = LinkMessage.Ancestry(
      top: domain(1, top), steps: [step(2, stranger, under: 1, by: stranger), step(3, own, under: 2, by: stranger)])
    #expect(fault(forged) == .signature(PartitionID(2 << 16 | 1)))
    let others = LinkMessage.Ancestry(top: domain(1, top), steps: [step(2, middle, under: 1, by: top)])
    #expect(fault(others) == .notOurs)
    // What began with the parent alone may grow upwards; another top may not take its place.
    let short = LinkMessage.Ancestry(top: domain(2, middle), steps: [step(3, own, under: 2, by: middle)])
    #expect(fault(short) == nil && fault(good, short) == nil)
    #expect(fault(short, good) == .otherTop)
    let usurper = LinkMessage.Ancestry(
      top: domain(1, stranger),
      steps: [step(2, middle, under: 1, by: stranger), step(3, own, under: 2, by: middle)])
    #expect(fault(usurper, good) == .otherTop)
  }
}
