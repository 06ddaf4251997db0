import Formats
import Primitives
import Replication
import Testing

/// A store's frames in memory, in apply order; frames need no content here.
private struct Shelf: FrameSource {
  var frames: [(log: LogID, last: Sequence64, bytes: Bytes)] = []

  func head(of log: LogID) -> LogState? {
    guard let frame = frames.last(where: { $0.log == log }) else { return nil }
    return LogState(last: frame.last, hash: hash(frame.bytes), time: .zero, partition: PartitionID(log.value))
  }
  func hash(of log: LogID, endingAt last: Sequence64) -> Digest256? {
    frames.first { $0.log == log && $0.last == last }.map { hash($0.bytes) }
  }
  func applySequence(of log: LogID, after last: Sequence64) -> ApplySequence? {
    frames.firstIndex { $0.log == log && $0.last > last }.map { ApplySequence(UInt64($0 + 1)) }
  }
  func frame(at sequence: ApplySequence) -> (log: LogID, last: Sequence64, bytes: Bytes)? {
    sequence.value >= 1 && sequence.value <= UInt64(frames.count) ? frames[Int(sequence.value) - 1] : nil
  }
  var end: ApplySequence { ApplySequence(UInt64(frames.count)) }
  func hash(_ bytes: Bytes) -> Digest256 { Hashing().digest(bytes) }

  mutating func add(_ log: LogID, upTo last: UInt64, size: Int = 10) {
    frames.append((log, Sequence64(last), Bytes(repeating: UInt8(truncatingIfNeeded: last), count: size)))
  }
}

private let own = LogID(node: NodeID(5), incarnation: 1)
private let plain = Uplink.Standing(own: own, isRecovering: false)
private let below = LogID(node: NodeID(9), incarnation: 1)

@Suite struct UplinkTests {
  private func shelf() -> Shelf {
    var shelf = Shelf()
    shelf.add(own, upTo: 2)
    shelf.add(below, upTo: 1)
    shelf.add(own, upTo: 3)
    shelf.add(below, upTo: 4)
    return shelf
  }

  private func welcome(_ positions: [(LogID, UInt64)], _ shelf: Shelf, credit: UInt64 = 1000) -> LinkMessage.Welcome {
    .init(
      node: NodeID(1),
      positions: positions.map { log, last in
        .init(log: log, last: Sequence64(last), hash: shelf.hash(of: log, endingAt: Sequence64(last)) ?? .zero)
      }, credit: credit)
  }

  private func open(_ positions: [(LogID, UInt64)], _ shelf: Shelf, credit: UInt64 = 1000) throws -> Uplink {
    var uplink = Uplink()
    let outcome = try uplink.received(
      welcome(positions, shelf, credit: credit), standing: plain, offered: [own, below], end: shelf.end, from: shelf)
    #expect(outcome == .streams)
    #expect(uplink.isStreaming && uplink.parent == NodeID(1))
    return uplink
  }

  private func drain(_ uplink: inout Uplink, _ shelf: Shelf) throws -> [UInt8] {
    var sent: [UInt8] = []
    while let bytes = try uplink.nextFrame(durable: shelf.end, from: shelf) { sent.append(bytes[0]) }
    return sent
  }

  @Test("uplink: sends in apply order what the parent lacks and nothing else")
  func resume() throws {
    let shelf = shelf()
    for (positions, expected) in [
      ([], [2, 1, 3, 4]), ([(own, 2)], [1, 3, 4]), ([(own, 3)], [1, 4]), ([(own, 3), (below, 1)], [4]),
      ([(own, 2), (below, 4)], [3]), ([(own, 3), (below, 4)], []),
    ] as [([(LogID, UInt64)], [UInt8])] {
      var uplink = try open(positions, shelf)
      #expect(try drain(&uplink, shelf) == expected)
    }
  }

  @Test("uplink: goes on with what is added later, and sends only what is durable")
  func later() throws {
    var shelf = shelf()
    var uplink = try open([(own, 3), (below, 4)], shelf)
    let durable = shelf.end
    shelf.add(own, upTo: 7)
    #expect(try uplink.nextFrame(durable: durable, from: shelf) == nil)
    #expect(uplink.backlog(durable: shelf.end) == 1)
    #expect(try drain(&uplink, shelf) == [7])
    #expect(uplink.backlog(durable: shelf.end) == 0)
  }

  @Test("uplink: what the parent has more of, of our own log or of those below, is asked for from where we stand")
  func behind() throws {
    for log in [own, below] {
      var uplink = Uplink()
      let shelf = shelf()
      let outcome = try uplink.received(
        .init(node: NodeID(1), positions: [.init(log: log, last: Sequence64(9), hash: shelf.hash([9]))], credit: 9),
        standing: plain, offered: [own, below], end: shelf.end, from: shelf)
      guard case .recalls(let recall) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(recall.cursor == .zero && recall.positions.map(\.last.value) == [3, 4])
      #expect(uplink.isRecalling && !uplink.isStreaming && uplink.parent == NodeID(1))
    }
  }

  @Test("uplink: after the last answer everything promised must be there, then frames leave")
  func recalled() throws {
    var shelf = shelf()
    var uplink = Uplink()
    let last = Bytes(repeating: 9, count: 10)
    let welcome = LinkMessage.Welcome(
      node: NodeID(1), positions: [.init(log: own, last: Sequence64(9), hash: shelf.hash(last))], credit: 1000)
    _ = try uplink.received(welcome, standing: plain, offered: [own, below], end: shelf.end, from: shelf)
    let early = uplink
    #expect(throws: Uplink.Ending.self) {
      var other = early
      _ = try other.applied(answer(5, isLast: true), offered: [own, below], from: shelf)
    }
    let next = try uplink.applied(answer(5, isLast: false), offered: [own, below], from: shelf)
    #expect(next?.cursor == ApplySequence(5))
    #expect(throws: Uplink.Ending.self) {
      var other = uplink
      _ = try other.applied(answer(5, isLast: false), offered: [own, below], from: shelf)
    }
    shelf.add(own, upTo: 9)
    #expect(try uplink.applied(answer(6, isLast: true), offered: [own, below], from: shelf) == nil)
    try uplink.resume(offered: [own, below], end: shelf.end, from: shelf)
    #expect(uplink.isStreaming)
    #expect(try drain(&uplink, shelf) == [1, 4])
  }

  private func answer(_ cursor: UInt64, isLast: Bool) -> LinkMessage.Recalled {
    .init(frames: [], signers: [], cursor: ApplySequence(cursor), isLast: isLast)
  }

  @Test("uplink: a later life of this node at the parent fences us; a recovering store asks for it")
  func fenced() throws {
    let shelf = shelf()
    let later = LogID(node: own.node, incarnation: 2)
    let welcome = LinkMessage.Welcome(
      node: NodeID(1), positions: [.init(log: later, last: Sequence64(1), hash: .zero)], credit: 9)
    #expect {
      var uplink = Uplink()
      _ = try uplink.received(welcome, standing: plain, offered: [own], end: shelf.end, from: shelf)
    } throws: { error in
      guard case .refuse(let refusal)? = error as? Uplink.Ending else { return false }
      return refusal.reason == .fenced
    }
    var uplink = Uplink()
    _ = try uplink.received(
      welcome, standing: .init(own: own, isRecovering: true), offered: [own], end: shelf.end, from: shelf)
    #expect(uplink.isRecalling)
  }

  @Test("uplink: a parent that has more of an earlier life than we followed is to be reconciled by a person")
  func isolated() {
    let shelf = shelf()
    let welcome = LinkMessage.Welcome(
      node: NodeID(1), positions: [.init(log: own, last: Sequence64(9), hash: .zero)], credit: 9)
    #expect {
      var uplink = Uplink()
      let second = Uplink.Standing(own: LogID(node: own.node, incarnation: 2), isRecovering: false)
      _ = try uplink.received(welcome, standing: second, offered: [own], end: shelf.end, from: shelf)
    } throws: { error in
      guard case .refuse(let refusal)? = error as? Uplink.Ending else { return false }
      return refusal.reason == .diverged
    }
  }

  @Test("uplink: another history at the parent stops the link, also where no frame of ours ends", arguments: [2, 1])
  func diverged(_ last: UInt64) {
    let shelf = shelf()
    var uplink = Uplink()
    let other = LinkMessage.Welcome(
      node: NodeID(1),
      positions: [.init(log: own, last: Sequence64(last), hash: Digest256(Bytes(repeating: 1, count: 32)))],
      credit: 9)
    #expect {
      _ = try uplink.received(other, standing: plain, offered: [own], end: shelf.end, from: shelf)
    } throws: { error in
      guard case .refuse(let refusal)? = error as? Uplink.Ending else { return false }
      return refusal.reason == .diverged
    }
  }

  @Test("uplink: sends as many bytes as were granted, one frame may overdraw, and a grant never falls")
  func credit() throws {
    let shelf = shelf()
    var uplink = try open([], shelf, credit: 15)
    #expect(try drain(&uplink, shelf) == [2, 1])
    uplink.received(LinkMessage.Acknowledgement(watermarks: [], credit: 3))
    #expect(try drain(&uplink, shelf) == [])
    uplink.received(LinkMessage.Acknowledgement(watermarks: [], credit: 30))
    #expect(try drain(&uplink, shelf) == [3])
    uplink.received(LinkMessage.Acknowledgement(watermarks: [], credit: .max))
    #expect(try drain(&uplink, shelf) == [4])
  }

  @Test("uplink: nothing is sent before the welcome; a second welcome and a hole in the apply order close it for good")
  func misuse() throws {
    var shelf = shelf()
    var silent = Uplink()
    #expect(try silent.nextFrame(durable: shelf.end, from: shelf) == nil && silent.parent == nil)
    var uplink = try open([], shelf)
    #expect(throws: Uplink.Ending.self) {
      _ = try uplink.received(welcome([], shelf), standing: plain, offered: [], end: shelf.end, from: shelf)
    }
    #expect(!uplink.isStreaming)
    var holed = try open([], shelf)
    shelf.frames.removeLast()
    let end = shelf.end.next
    #expect(throws: Uplink.Ending.self) {
      while try holed.nextFrame(durable: end, from: shelf) != nil {}
    }
    #expect(!holed.isStreaming)
  }

  @Test("uplink: a refusal by the parent ends it")
  func refused() throws {
    var uplink = try open([], shelf())
    let refusal = LinkMessage.Refusal(.gap, "x")
    #expect(uplink.received(refusal) == .refused(refusal))
    #expect(!uplink.isStreaming)
  }

  @Test("uplink: any parent's positions and any grants end in exactly the missing frames, once (300 random histories)")
  func random() throws {
    var random = SeededRandom(seed: 3)
    for _ in 0..<300 {
      var shelf = Shelf()
      var lasts: [LogID: UInt64] = [:]
      for _ in 0..<(1 + random.below(30)) {
        let log = random.chance(permille: 500) ? own : below
        let last = (lasts[log] ?? 0) + 1 + UInt64(random.below(3))
        lasts[log] = last
        shelf.add(log, upTo: last, size: 1 + random.below(20))
      }
      var positions: [(LogID, UInt64)] = []
      for log in [own, below] where random.chance(permille: 700) {
        let ends = shelf.frames.filter { $0.log == log }.map(\.last.value)
        if !ends.isEmpty { positions.append((log, ends[random.below(ends.count)])) }
      }
      let held = Dictionary(uniqueKeysWithValues: positions)
      let missing = shelf.frames.filter { $0.last.value > held[$0.log] ?? 0 }.map(\.bytes)
      var uplink = try open(positions, shelf, credit: 0)
      var sent: [Bytes] = []
      var credit: UInt64 = 0
      while credit < 2000 {
        credit += UInt64(random.below(40))
        uplink.received(LinkMessage.Acknowledgement(watermarks: [], credit: credit))
        while let bytes = try uplink.nextFrame(durable: shelf.end, from: shelf) { sent.append(bytes) }
      }
      #expect(sent == missing)
    }
  }
}
