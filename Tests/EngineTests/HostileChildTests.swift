import Catalog
import Engine
import Formats
import Primitives
import Replication
import Simulation
import Testing

// What a child may make its parent hold, write and send has a bound, each with its name.

@Suite struct HostileChildTests {
  private func pair() throws -> (parent: Bench, child: Bench) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    try parent.receive(.frame(try child.frames()[0]))
    try parent.sync()
    _ = parent.engine.takeSends()
    return (parent, child)
  }

  private func answers(_ bench: Bench) throws -> Int {
    try bench.sent().count { if case .recalled = $0 { true } else { false } }
  }

  @Test("recall: a second one before the first is answered ends the link")
  func secondRecall() throws {
    let (parent, child) = try pair()
    // Not durable yet: the answer has to wait.
    let head = try #require(parent.engine.head(of: child.log))
    try parent.receive(.frame(child.seal([try child.insertion("1")], first: 2, previous: head.hash).bytes))
    try parent.receive(.recall(.init(positions: [], cursor: .zero)))
    #expect(try answers(parent) == 0)
    try parent.receive(.recall(.init(positions: [], cursor: .zero)))
    #expect(try parent.refusal() == .overCredit)
  }

  @Test("recall: answers follow each other at a rate that leaves time for others, and none is lost")
  func recallRate() throws {
    let (parent, _) = try pair()
    var answered = 0
    var asked = 0
    while true {
      try parent.receive(.recall(.init(positions: [], cursor: .zero)))
      asked += 1
      let now = try answers(parent)
      answered += now
      if now == 0 { break }
      try #require(asked < 1000, "no bound")
    }
    #expect(answered == Engine.recallsMax)
    try parent.engine.pump(clock: 5 + Engine.recallInterval - 1)
    #expect(try answers(parent) == 0)
    try parent.engine.pump(clock: 5 + Engine.recallInterval)
    #expect(try answers(parent) == 1)
  }

  @Test("heartbeat: of each node the newest life is kept, once, with short texts")
  func statuses() throws {
    let (parent, child) = try pair()
    let lives = (1...1000).map { number in
      LinkMessage.NodeStatus(
        log: LogID(node: child.identity.node, incarnation: UInt16(number)), last: Sequence64(1), time: 1, rows: 1,
        bytesSent: 1, rootOrgCode: Text(String(repeating: "9", count: 40_000)))
    }
    try parent.receive(.heartbeat(Array(lives.shuffled().prefix(50) + lives.suffix(1))))
    try parent.receive(.heartbeat(Array(lives.prefix(50))))
    let kept = parent.engine.nodeStatuses.map(\.status)
    #expect(kept.map(\.log.incarnation) == [1000])
    #expect(kept.allSatisfy { $0.rootOrgCode == child.identity.rootOrgCode }, "a node is called what it is assigned as")
  }

  @Test("hello: codes longer than any catalog's are refused")
  func longCodes() throws {
    let parent = try Bench(1, "033")
    let long = Text(String(repeating: "0", count: LinkMessage.Hello.codeBytesMax + 1))
    let child = try Bench(2, long, under: "033")
    let other = try Bench(3, "033001", under: long)
    for (number, bench) in [child, other].enumerated() {
      let link = UInt64(number + 1)
      parent.engine.childConnected(LinkID(link))
      try parent.receive(bench.hello(), on: link)
      #expect(try parent.refusal(on: link) == .malformed)
    }
    #expect(parent.engine.knownAssignments.isEmpty)
  }

  @Test("hello: a child that changes its mind at every call is written down a few times, then has to wait")
  func fickle() throws {
    let parent = try Bench(1, "033")
    let code = try #require(Catalog.bundled.entity(named: "org")?.item(named: "org_code")?.id)
    for number in 1...2 {
      let key = RecordKey(entity: Bench.organisation, record: parent.engine.mint())
      let fields = parent.engine.sorted([(code, .text(Text("03300\(number)")))], of: Bench.organisation)
      try parent.commit([Operation(key, .insert(fields))])
    }
    let children = [try Bench(2, "033009", under: "033001"), try Bench(2, "033009", under: "033002")]
    let before = parent.engine.lastSequence.value
    func call(_ number: Int, clock: UInt64) throws -> LinkMessage.Refusal.Reason? {
      let link = LinkID(UInt64(10 + number))
      parent.engine.childConnected(link)
      let hello = children[number % 2].hello().encoded()
      try parent.engine.received(Bytes(hello[4...]), on: link, clock: clock)
      let reason = try parent.refusal(on: link.value)
      parent.engine.disconnected(link)
      return reason
    }
    var refused = 0
    for number in 0..<100 where try call(number, clock: 5) == .notReady { refused += 1 }
    // Half of the calls say what is written already.
    #expect(parent.engine.lastSequence.value - before == UInt64(Engine.helloCommitsMax) && refused > 40)
    // The same words again cost nothing and are heard at any time; others a while later.
    #expect(try call(Engine.helloCommitsMax - 1, clock: 5) == nil)
    #expect(try call(Engine.helloCommitsMax, clock: 5 + Engine.helloCommitInterval) == nil)
  }
}
