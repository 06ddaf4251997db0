import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication
import Simulation
import Testing

// What the engine itself reads of rows when it opens follows from signed frames: a row that rots keeps nobody shut.

@Suite struct DamagedTreeTests {
  enum Fault: CaseIterable, Sendable {
    /// A bit flips: the row's checksum says so.
    case bit
    /// The block cannot be read: a scan that meets it fails.
    case block
  }

  /// A root, a middle node in its second life with an org of its own, and a leaf below it.
  private func fleet() throws -> (root: Bench, middle: Bench, leaf: Bench, org: RecordKey, wires: [Wire]) {
    let root = try Bench(1, "033")
    let first = try Bench(2, "033001", under: "033")
    try StandingMark.isolated.write(to: first.store)
    try first.crash()
    try first.sync()
    let middle = first
    let code = try #require(Catalog.bundled.entity(named: "org")?.item(named: "org_code")?.id)
    let org = RecordKey(entity: Bench.organisation, record: middle.engine.mint())
    try middle.commit([
      Operation(org, .insert(middle.engine.sorted([(code, .text("033001007"))], of: Bench.organisation)))
    ])
    let leaf = try Bench(3, "033001007001", under: "033001007")
    let wires = [Wire(middle, root, link: 1), Wire(leaf, middle, link: 2)]
    for wire in wires { wire.connect() }
    try settle(wires)
    return (root, middle, leaf, org, wires)
  }

  @Test(
    "open: a damaged org, assignment or succession row is made from the log, with a ticket",
    arguments: Fault.allCases, ["org", "assignment", "succession"])
  func opens(_ fault: Fault, _ what: String) throws {
    let (root, middle, leaf, org, wires) = try fleet()
    let log = middle.engine.identity.log
    #expect(log.incarnation == 2)
    let key =
      switch what {
      case "org": org
      case "assignment": Assignment.key(leaf.identity.partition)
      default: Succession.key(log)
      }
    for wire in wires { wire.cut() }
    let rowKey = Keys.row(middle.identity.partition, key)
    for bench in [root, middle] {
      try bench.checkpoint()
      switch fault {
      case .bit: #expect(bench.store.rot(.rows, rowKey, bit: 77))
      case .block: bench.store.damage(.rows, rowKey)
      }
      try bench.crash(losing: .nothing)
      #expect(bench.engine.directory.org(org.record)?.code == "033001007")
      #expect(bench.engine.directory.org(leaf.identity.rootOrg)?.parent == org.record)
      #expect(bench.engine.holder(of: leaf.identity.partition) == middle.identity.partition)
      #expect(bench.engine.currentLog != nil && bench.engine.standing == .writing)
      if what != "succession" {
        #expect(bench.engine.tickets.map(\.key) == [key] && bench.engine.tickets.map(\.reason) == [.damaged])
      }
    }
    for wire in wires { wire.connect() }
    try leaf.commit([leaf.insertion("1")])
    try middle.commit([middle.insertion("2")])
    try settle(wires)
    #expect(root.engine.head(of: leaf.log) == leaf.engine.head(of: leaf.log))
    #expect(root.engine.head(of: log) == middle.engine.head(of: log))
  }
}
