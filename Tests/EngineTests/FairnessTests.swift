import Engine
import Formats
import Primitives
import Replication
import Testing

// No child's backlog stands before another's commit, and children that return at once catch up in turn.

@Suite struct FairnessTests {
  /// Frames of about 300 KB that compress badly.
  private func heavyFrames(_ child: Bench, _ count: Int, first: UInt64, previous: Digest256) throws -> [Frame] {
    var random = SeededRandom(seed: 7)
    var previous = previous
    return try (0..<count).map { number in
      let letters: Bytes = (0..<320_000).map { _ in UInt8(33 + random.below(90)) }
      let name = Text(String(decoding: letters, as: UTF8.self))
      let operation = try child.insertion("\(first)-\(number)", name: name)
      let frame = child.seal([operation], first: first + UInt64(number), previous: previous)
      previous = frame.hash
      return frame
    }
  }

  private func credit(_ bench: Bench, on link: UInt64) throws -> UInt64 {
    var credit: UInt64 = 0
    for message in try bench.sent(on: link) {
      switch message {
      case .welcome(let welcome): credit = max(credit, welcome.credit)
      case .acknowledgement(let acknowledgement): credit = max(credit, acknowledgement.credit)
      default: continue
      }
    }
    return credit
  }

  @Test("fairness: who catches up has a large window after its first frames, which wait behind its share")
  func share() throws {
    let parent = try Bench(1, "033")
    let (heavy, light) = (try Bench(2, "033001", under: "033"), try Bench(3, "033002", under: "033"))
    for (child, link) in [(heavy, UInt64(1)), (light, 2)] {
      parent.engine.childConnected(LinkID(link))
      try parent.receive(child.hello(), on: link)
      try parent.write()
    }
    let start = try credit(parent, on: 1)
    #expect(start == 256 << 10)
    let frames = try heavyFrames(heavy, 10, first: 1, previous: .zero)
    try parent.receive(.frame(frames[0].bytes))
    try parent.write()
    let granted = try credit(parent, on: 1)
    #expect(granted > 4 << 20 && parent.engine.admissionFacts.catchingUp == 1)
    for frame in frames.dropFirst() { try parent.receive(.frame(frame.bytes)) }
    #expect(try parent.refusal() == nil)
    let waiting = parent.engine.admissionFacts.frames
    #expect(waiting > 0 && waiting < 9, "\(waiting) wait")
    try parent.receive(.frame(try light.frames()[0]), on: 2)
    #expect(parent.engine.head(of: light.log)?.last == Sequence64(1), "the other child's commit goes at once")
    var rounds = 0
    while parent.engine.head(of: heavy.log)?.last != Sequence64(10), rounds < 20 {
      rounds += 1
      try parent.write()
      try parent.engine.pump(clock: 10)
    }
    #expect(rounds >= 1 && rounds < 20 && !parent.engine.hasWaitingFrames)
  }

  @Test("fairness: of twelve children that return at once eight catch up and four wait in line, then get their turn")
  func admission() throws {
    let parent = try Bench(1, "033")
    var children: [(bench: Bench, link: UInt64, next: Frame)] = []
    for number in 0..<12 {
      let child = try Bench(UInt64(10 + number), Text("0330\(10 + number)"), under: "033")
      let link = UInt64(number + 1)
      parent.engine.childConnected(LinkID(link))
      try parent.receive(child.hello(), on: link)
      try parent.write()
      let frames = try heavyFrames(child, 2, first: 1, previous: .zero)
      try parent.receive(.frame(frames[0].bytes), on: link)
      children.append((child, link, frames[1]))
    }
    try parent.write()
    #expect(parent.engine.admissionFacts.catchingUp == 8 && parent.engine.admissionFacts.waiting == 4)
    _ = parent.engine.takeSends()
    parent.engine.disconnected(LinkID(children[0].link))
    #expect(parent.engine.admissionFacts.catchingUp == 8 && parent.engine.admissionFacts.waiting == 3)
    let told = parent.engine.takeSends()
    #expect(told.count == 1, "who has the slot now is told at once")
  }

  @Test("fairness: heartbeats beyond a bucket are dropped and counted")
  func heartbeats() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    try parent.write()
    for _ in 0..<25 { try parent.receive(.heartbeat([child.engine.ownStatus(5)])) }
    #expect(parent.engine.heartbeatsDropped == 15 && parent.engine.linkedChildren.count == 1)
  }

  @Test("freshness: a domain is as fresh as the last sign of life that left nothing lacking")
  func freshness() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    try settle([wire], clock: 1_000)
    try settle([wire], clock: 3_000)
    func fresh(_ clock: UInt64) throws -> Freshness {
      try #require(parent.engine.freshness(clock: clock).first { $0.partition == child.identity.partition }).freshness
    }
    #expect(try fresh(3_500).verdict == .ok, "it moved a moment ago")
    #expect(try fresh(7_000).verdict == .idle && fresh(7_000).age == 4_000 && fresh(7_000).lag == 0)
    #expect(try fresh(9_000).verdict == .stalled)
    parent.engine.disconnected(LinkID(1))
    #expect(try fresh(3_500).verdict == .broken)
    parent.engine.noteComparison(of: child.identity.partition, differing: 3)
    #expect(try fresh(3_500).verdict == .diverged)
  }
}
