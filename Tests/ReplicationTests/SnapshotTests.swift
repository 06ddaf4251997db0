import Formats
import Primitives
import Replication
import Testing

private let own = LogID(node: NodeID(5), incarnation: 1)
private let below = LogID(node: NodeID(9), incarnation: 1)

/// A store whose log of `below` begins behind a snapshot at 10, which stands at number 2 of its apply order:
/// own 1 · snapshot · own 2 · below 11 · below 12.
private struct Store: FrameSource {
  private let ends: [(log: LogID, last: UInt64)?] = [(own, 1), nil, (own, 2), (below, 11), (below, 12)]

  static let hash = Digest256(Bytes(repeating: 7, count: 32))
  var place: SnapshotPlace {
    SnapshotPlace(
      partition: PartitionID(below.value),
      ends: [.init(log: below, last: Sequence64(10), hash: Store.hash, time: .zero)])
  }

  func head(of log: LogID) -> LogState? {
    LogState(
      last: Sequence64(log == own ? 2 : 12), hash: Store.hash, time: .zero, partition: PartitionID(log.value))
  }
  func hash(of log: LogID, endingAt last: Sequence64) -> Digest256? {
    last.value == 10 || ends.contains { $0?.log == log && $0?.last == last.value } ? Store.hash : nil
  }
  func applySequence(of log: LogID, after last: Sequence64) -> ApplySequence? {
    if log == below, last.value < 10 { return ApplySequence(2) }
    return ends.firstIndex { $0?.log == log && $0?.last ?? 0 > last.value }.map { ApplySequence(UInt64($0 + 1)) }
  }
  func frame(at sequence: ApplySequence) -> (log: LogID, last: Sequence64, bytes: Bytes)? {
    guard (1...5).contains(sequence.value), let end = ends[Int(sequence.value) - 1] else { return nil }
    return (end.log, Sequence64(end.last), [UInt8(end.last)])
  }
  func floor(of log: LogID) -> LogFloor? {
    log == below ? LogFloor(last: Sequence64(10), hash: Store.hash, first: ApplySequence(2)) : nil
  }
  func snapshot(at sequence: ApplySequence) -> SnapshotPlace? { sequence.value == 2 ? place : nil }
}

@Suite struct SnapshotTests {
  private let store = Store()
  private let end = ApplySequence(5)

  private func open(_ positions: [(LogID, UInt64)]) throws -> Uplink {
    var uplink = Uplink()
    _ = try uplink.received(
      .init(
        node: NodeID(1), positions: positions.map { .init(log: $0, last: Sequence64($1), hash: Store.hash) },
        credit: 1000),
      standing: .init(own: own, isRecovering: false), offered: [own, below], end: end, from: store)
    return uplink
  }

  private func drain(_ uplink: inout Uplink) throws -> [UInt8] {
    var sent: [UInt8] = []
    while let bytes = try uplink.nextFrame(durable: end, from: store) { sent.append(bytes[0]) }
    return sent
  }

  @Test("uplink: frames before a snapshot leave, then nothing until the parent took it, then the tail")
  func order() throws {
    var uplink = try open([])
    #expect(try drain(&uplink) == [1])
    #expect(uplink.snapshotDue == store.place.partition)
    #expect(try drain(&uplink) == [])
    try uplink.took(store.place.ends, offered: [own, below], end: end, from: store)
    #expect(uplink.snapshotDue == nil)
    #expect(try drain(&uplink) == [2, 11, 12])
  }

  @Test("uplink: a parent that stands at or behind the snapshot's place gets the frames it lacks and no snapshot")
  func known() throws {
    for (last, expected) in [(10, [1, 2, 11, 12]), (11, [1, 2, 12]), (12, [1, 2])] as [(UInt64, [UInt8])] {
      var uplink = try open([(below, last)])
      #expect(try drain(&uplink) == expected)
      #expect(uplink.snapshotDue == nil)
    }
  }

  @Test("uplink: a parent that stands before the snapshot is not called diverged, and must take it")
  func before() throws {
    var uplink = try open([(own, 2), (below, 4)])
    #expect(try drain(&uplink) == [])
    #expect(uplink.snapshotDue == store.place.partition)
  }

  @Test("recall: frames up to the snapshot, then the snapshot, then the frames behind it")
  func recall() throws {
    func recall(_ positions: [(LogID, UInt64)], _ cursor: UInt64) -> LinkMessage.Recall {
      .init(
        positions: positions.map { .init(log: $0, last: Sequence64($1), hash: Store.hash) },
        cursor: ApplySequence(cursor))
    }
    let logs = [own, below]
    let empty = recall([], 0)
    #expect(try RecallAnswer.snapshot(for: empty, logs: logs, durable: end, from: store) == nil)
    let first = try RecallAnswer.frames(for: empty, logs: logs, durable: end, from: store)
    #expect(first.frames == [[1]] && first.cursor == ApplySequence(2) && !first.isLast)
    let second = recall([(own, 1)], 2)
    #expect(try RecallAnswer.snapshot(for: second, logs: logs, durable: end, from: store) == store.place.partition)
    let third = recall([(own, 1), (below, 10)], 2)
    #expect(try RecallAnswer.snapshot(for: third, logs: logs, durable: end, from: store) == nil)
    let rest = try RecallAnswer.frames(for: third, logs: logs, durable: end, from: store)
    #expect(rest.frames == [[2], [11], [12]] && rest.isLast)
    // Whoever asks for other logs only is not told of it.
    let others = try RecallAnswer.frames(for: empty, logs: [own], durable: end, from: store)
    #expect(others.frames == [[1], [2]] && others.isLast)
  }

  private func receipt(_ chunks: Int, durable: Int = 0) throws -> SnapshotReceipt {
    let signer = try #require(SigningKey(seed: Bytes(repeating: 1, count: SigningKey.seedByteCount)))
    let list = (0..<chunks).map { number in
      SnapshotManifest.Chunk(
        first: [3] + Bytes(repeating: 0, count: 19) + [UInt8(number)], rows: 1, byteCount: 1, byteCountUnpacked: 1,
        digest: .zero)
    }
    let facts = SnapshotManifest.Facts(
      network: 1, partition: PartitionID(below.value), epoch: Epoch(1), catalog: 0, logs: store.place.ends,
      counts: [.init(entity: EntityID(3), rows: UInt64(chunks))], chunks: list)
    return SnapshotReceipt(SnapshotManifest(facts, signer: signer, with: Hashing()), durable: durable)
  }

  @Test("receipt: never more than a window beyond what is durable is asked for, however syncs come (200 runs)")
  func window() throws {
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let chunks = 1 + random.below(60)
      var receipt = try receipt(chunks)
      var onTheWay: [UInt32] = []
      var sent = [Int](repeating: 0, count: chunks)
      var (durable, flying, breaks) = (0, 0, 0)
      while !receipt.isComplete {
        if let (from, count) = receipt.want() {
          for number in from..<from + count {
            sent[Int(number)] += 1
            onTheWay.append(number)
            #expect(Int(number) < durable + SnapshotReceipt.window)
          }
        }
        switch random.below(10) {
        case 0...5:
          guard !onTheWay.isEmpty else { break }
          let number = onTheWay.removeFirst()
          guard receipt.place(of: number) == .next else { break }
          receipt.take()
        case 6, 7:
          receipt.taken()
          flying = receipt.received
        case 8:
          receipt.written()
          durable = flying
        default:
          guard breaks < 5 else { break }
          breaks += 1
          onTheWay = []
          if random.chance(permille: 500) {
            // A crash keeps what was synced.
            receipt = SnapshotReceipt(receipt.manifest, durable: durable)
            flying = durable
          } else {
            receipt.reconnect()
          }
        }
      }
      #expect(sent.allSatisfy { $0 >= 1 })
      #expect(sent.reduce(0, +) <= chunks + breaks * SnapshotReceipt.window)
    }
  }

  @Test("receipt: a chunk that is here is a duplicate, one that nobody asked for is a stray")
  func places() throws {
    var receipt = try receipt(30, durable: 3)
    #expect(receipt.place(of: 3) == .stray)
    #expect(receipt.want().map { [$0.from, $0.count] } == [3, 16])
    #expect(receipt.want() == nil)
    #expect(receipt.place(of: 2) == .duplicate && receipt.place(of: 3) == .next && receipt.place(of: 4) == .stray)
  }

  @Test("base: what a store remembers of a snapshot is read back")
  func base() throws {
    let manifest = try receipt(3).manifest
    for covered in [nil, SnapshotBase.Covered(first: ApplySequence(4), last: ApplySequence(9))] {
      let base = SnapshotBase(manifest: manifest, covered: covered)
      #expect(try SnapshotBase(base.encoded, with: Hashing()) == base)
    }
    var bytes = SnapshotBase(manifest: manifest, covered: nil).encoded
    bytes[8] = 1
    #expect(throws: MalformedBytes.self) { try SnapshotBase(bytes, with: Hashing()) }
  }
}
