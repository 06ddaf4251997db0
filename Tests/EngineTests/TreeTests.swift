import Catalog
import Engine
import Formats
import Primitives
import Replication
import Testing

@Suite struct TreeTests {
  /// Root, middle, leaf and the lines between them, connected and settled.
  private func chain() throws -> (root: Bench, middle: Bench, leaf: Bench, wires: [Wire]) {
    let root = try Bench(1, "033")
    let middle = try Bench(2, "033001", under: "033")
    let leaf = try Bench(3, "033001001", under: "033001")
    let wires = [Wire(middle, root, link: 1), Wire(leaf, middle, link: 2)]
    for wire in wires { wire.connect() }
    try settle(wires)
    return (root, middle, leaf, wires)
  }

  @Test("watermarks: a leaf learns what its parent, its grandparent and the root hold")
  func watermarks() throws {
    let (root, middle, leaf, wires) = try chain()
    let sequence = try leaf.commit([leaf.insertion("1")])
    #expect(leaf.engine.watermark(leaf.log, level: 1) < sequence)
    try settle(wires)
    for level: UInt8 in [1, 2, 255] { #expect(leaf.engine.watermark(leaf.log, level: level) == sequence) }
    #expect(middle.engine.watermark(leaf.log, level: 1) == sequence)
    #expect(leaf.engine.watermark(leaf.log, level: 3) == .zero)
    #expect(root.engine.watermark(root.log, level: 255) == root.engine.durableSequence)
    #expect(root.engine.head(of: leaf.log) == leaf.engine.head(of: leaf.log))
  }

  @Test("watermarks: come back after the relay between was restarted")
  func watermarksAfterRestart() throws {
    let (_, middle, leaf, wires) = try chain()
    let sequence = try leaf.commit([leaf.insertion("1")])
    try settle(wires)
    for wire in wires { wire.cut() }
    try middle.crash()
    try leaf.crash()
    #expect(leaf.engine.watermark(leaf.log, level: 2) == .zero)
    // The leaf is there first: what the relay learns later must still reach it.
    wires[1].connect()
    try settle(wires)
    #expect(leaf.engine.watermark(leaf.log, level: 1) == sequence)
    wires[0].connect()
    try settle(wires)
    for level: UInt8 in [1, 2, 255] { #expect(leaf.engine.watermark(leaf.log, level: level) == sequence) }
  }

  @Test("relay: what was written while the parent was away follows when it is back")
  func catchUp() throws {
    let (root, middle, leaf, wires) = try chain()
    wires[0].cut()
    for number in 0..<50 {
      try leaf.commit([leaf.insertion("\(number)")])
      if number % 7 == 0 { try middle.commit([middle.insertion("m\(number)")]) }
      try settle(wires)
    }
    #expect(root.engine.rowCount(Bench.member) == 0)
    wires[0].connect()
    try settle(wires)
    #expect(root.engine.rowCount(Bench.member) == 58)
    #expect(root.engine.head(of: leaf.log) == leaf.engine.head(of: leaf.log))
    #expect(root.engine.head(of: middle.log) == middle.engine.head(of: middle.log))
  }

  @Test("relay: an assignment comes before what it allows, though a slow write stood in between")
  func assignmentFirst() throws {
    let root = try Bench(1, "033")
    let middle = try Bench(2, "033001", under: "033")
    let leaf = try Bench(3, "033001001", under: "033001")
    try middle.commit([middle.insertion("1")])
    let batch = try #require(middle.engine.takeWrites())
    middle.engine.childConnected(LinkID(2))
    try middle.receive(leaf.hello(), on: 2)
    try middle.receive(.frame(try leaf.frames()[0]), on: 2)
    try middle.store.write(batch, .synced)
    middle.engine.written()
    let wire = Wire(middle, root, link: 1)
    wire.connect()
    try settle([wire])
    #expect(root.engine.refusals == 0)
    #expect(root.engine.head(of: leaf.log)?.last == Sequence64(1))
  }

  @Test("relay: a welcome that comes while a batch is being written skips nothing")
  func welcomeDuringWrite() throws {
    let root = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let wire = Wire(child, root, link: 1)
    wire.connect()
    try settle([wire])
    wire.cut()
    try child.commit([child.insertion("1")])
    let batch = try #require(child.engine.takeWrites())
    wire.connect()
    for (link, bytes) in child.engine.takeSends() { try root.engine.received(Bytes(bytes[4...]), on: link, clock: 5) }
    for (link, bytes) in root.engine.takeSends() { try child.engine.received(Bytes(bytes[4...]), on: link, clock: 5) }
    try child.store.write(batch, .synced)
    child.engine.written()
    try settle([wire])
    #expect(root.engine.head(of: child.log)?.last == Sequence64(2) && root.engine.refusals == 0)
  }

  @Test("heartbeat: the newest sign of life counts, also from a clock that stepped back a year")
  func clockBack() throws {
    let (root, _, leaf, wires) = try chain()
    let year: UInt64 = 31_536_000_000
    try settle(wires, clock: 2 * year)
    try leaf.commit([leaf.insertion("1")])
    try settle(wires, clock: year)
    // The leaf's sign has to pass the relay's next heartbeat.
    try settle(wires, clock: year + 2000)
    let seen = root.engine.nodeStatuses.first { $0.status.log == leaf.log }
    #expect(seen?.status.last == Sequence64(2) && seen?.seen == year + 2000)
  }

  @Test("orgs: a child's root org hangs where its hello says, and moves when that org goes")
  func mounts() throws {
    let root = try Bench(1, "033")
    let code = try #require(Catalog.bundled.entity(named: "org")?.item(named: "org_code")?.id)
    let key = RecordKey(entity: Bench.organisation, record: root.engine.mint())
    try root.commit([Operation(key, .insert(root.engine.sorted([(code, .text("033007"))], of: Bench.organisation)))])
    let child = try Bench(2, "033007001", under: "033007")
    let wire = Wire(child, root, link: 1)
    wire.connect()
    try settle([wire])
    #expect(root.engine.directory.org(child.identity.rootOrg)?.parent == key.record)
    wire.cut()
    try root.commit([Operation(key, .delete)])
    wire.connect()
    try settle([wire])
    #expect(root.engine.directory.org(child.identity.rootOrg)?.parent == root.identity.rootOrg)
  }

  /// A root with two linked children.
  private func siblings() throws -> (root: Bench, first: Bench, second: Bench, wires: [Wire]) {
    let root = try Bench(1, "033")
    let first = try Bench(2, "033001", under: "033")
    let second = try Bench(3, "033002", under: "033")
    let wires = [Wire(first, root, link: 1), Wire(second, root, link: 2)]
    for wire in wires { wire.connect() }
    try settle(wires)
    return (root, first, second, wires)
  }

  private func organisation(_ id: RecordID, _ code: Text, under parent: RecordID? = nil) throws -> Formats.Operation {
    let org = try #require(Catalog.bundled.entity(named: "org"))
    let above = try #require(org.item(named: "parent_org_code")?.id)
    var values: [(ItemID, Value)] = [(try #require(org.item(named: "org_code")?.id), .text(code))]
    if let parent { values.append((above, .reference(parent))) }
    let fields = values.map { item, value in
      Field(Engine.section(org.item(item)?.fieldClass ?? .b), item, value)
    }.sorted { ($0.section, $0.item) < ($1.section, $1.item) }
    return Operation(RecordKey(entity: Bench.organisation, record: id), .insert(fields))
  }

  @Test("orgs: a child that writes down another domain's org under its id changes nothing there")
  func stolenOrg() throws {
    let (root, first, second, wires) = try siblings()
    let own = root.engine.mint()
    try root.commit([organisation(own, "033009", under: root.identity.rootOrg)])
    let ahead = RecordID(first.log, counter: 77)
    try second.commit([
      organisation(root.identity.rootOrg, "999"), organisation(own, "998"),
      organisation(first.identity.rootOrg, "997"), organisation(ahead, "996"),
    ])
    try settle(wires)
    // Who minted an id has it, also when another wrote it down before.
    try first.commit([organisation(ahead, "033001008", under: first.identity.rootOrg)])
    try settle(wires)
    func check(_ root: Bench) throws {
      let directory = root.engine.directory
      #expect(directory.org(root.identity.rootOrg)?.code == "033" && directory.org(own)?.code == "033009")
      #expect(directory.org(first.identity.rootOrg)?.code == "033001")
      #expect(directory.org(ahead)?.code == "033001008" && directory.org(ahead)?.partition == first.identity.partition)
      #expect(directory.org(code: "999") == nil && directory.org(code: "996") == nil)
      #expect(root.engine.tickets.map(\.reason) == Array(repeating: .notAllowed, count: 4))
      #expect(root.engine.tickets.allSatisfy { $0.partition == second.identity.partition })
      let leaf = try Bench(9, "033009001", under: "033009")
      root.engine.childConnected(LinkID(9))
      try root.receive(leaf.hello(), on: 9)
      #expect(root.engine.directory.org(own) != nil)
      #expect(root.engine.knownAssignments.first { $0.owner == NodeID(9) }?.mount == own, "its code still leads to it")
      root.engine.disconnected(LinkID(9))
    }
    try check(root)
    try root.sync()
    try root.crash()
    try check(root)
    // Taken back, the tickets go, and what was there stays.
    for wire in wires { wire.cut() }
    for wire in wires { wire.connect() }
    let stolen = [root.identity.rootOrg, own, first.identity.rootOrg, ahead]
    try second.commit(stolen.map { Operation(RecordKey(entity: Bench.organisation, record: $0), .delete) })
    try settle(wires)
    #expect(root.engine.tickets.isEmpty && root.engine.directory.org(own)?.code == "033009")
    #expect(root.engine.directory.org(ahead)?.code == "033001008")
  }

  @Test("orgs: an org hangs below its own domain's root, whatever its row says")
  func foreignParent() throws {
    let (root, first, second, wires) = try siblings()
    let org = second.engine.mint()
    try second.commit([organisation(org, "033002001", under: first.identity.rootOrg)])
    try settle(wires)
    #expect(root.engine.directory.org(org)?.parent == second.identity.rootOrg)
  }
}
