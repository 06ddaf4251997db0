import Catalog
import Engine
import Formats
import Foundation
import Primitives
import Simulation
import TabularImport
import Testing
import Workloads

/// Commits as nodes of the synthetic city make them: its files go through the import and an engine, as in production.
struct CityFrames {
  /// Per node: its member rows in commits of up to `rows`.
  private(set) var inserts: [Commit] = []
  /// Rows of the other entities, units first, per file one commit of at most `rows`.
  private(set) var others: [Commit] = []
  /// Per node: one commit that changes the `job_code` of `rows` members.
  private(set) var bulkUpdates: [Commit] = []
  /// Per node: `rows` commits that change the `job_code` of one member each, as three clerks come across them, one to
  /// eight seconds apart.
  private(set) var singleUpdates: [[Commit]] = []

  /// - Parameters:
  ///   - seed: of the city; what a dictionary was trained on must not be measured again.
  ///   - rows: how many rows a commit has.
  ///   - nodesMax: how many nodes with at least `rows` members are looked at.
  init(seed: UInt64, members: Int, rows: Int, nodesMax: Int) throws {
    let plan = try CityPlan(seed: seed, members: members, nodes: .small)
    var random = SeededRandom(seed: seed)
    let large = plan.nodes.indices.filter { plan.rowCount(of: .member, node: $0) >= rows }
    // The large nodes of one kind follow each other: spread the choice over all kinds.
    let step = Swift.max(1, large.count / nodesMax)
    for node in stride(from: 0, to: large.count, by: step).prefix(nodesMax).map({ large[$0] }) {
      try read(plan, node, rows, &random)
    }
  }

  private mutating func read(_ plan: CityPlan, _ node: Int, _ rows: Int, _ random: inout SeededRandom) throws {
    let code = plan.nodes[node].orgCode
    let key = try #require(SigningKey(seed: Bytes(repeating: 1, count: SigningKey.seedByteCount)))
    let identity = NodeIdentity(
      network: "ningbo", node: NodeID(0x5A5A_0000_0000 + UInt64(node)), key: key.publicKey, rootOrgCode: Text(code),
      rootOrgName: Text(plan.nodes[node].displayName), parentOrgCode: code == "033" ? "" : "033")
    let store = SimulatedStore()
    try Engine.initialise(store, identity: identity, catalog: .bundled, key: key, clock: 1)
    let engine = try Engine(store: store, catalog: .bundled, key: key)
    var clock: UInt64 = 1_127_000_000_000
    for entity in WorkloadEntity.allCases {
      let described = try #require(Catalog.bundled.entity(named: entity.name))
      var parser = ImportParser(
        entity: described, file: entity.name, catalog: .bundled, today: CityPlan.today, normalise: { $0 })
      parser.feed(Bytes((entity.header(.bundled).joined(separator: ",") + "\n").utf8))
      plan.visitRows(of: entity, node: node) { parser.feed($0.row.bytes + [0x0A]) }
      parser.finish()
      while true {
        let (parsed, _) = parser.next(rows)
        if parsed.isEmpty { break }
        clock += 50 + UInt64(random.below(300))
        _ = try engine.upsert(
          [UpsertTable(described, parsed.table, items: parser.items)], actor: "importer", reason: "import",
          batch: clock << 12, clock: clock)
        guard let batch = engine.takeWrites() else { continue }
        try store.write(batch, .synced)
        engine.written()
      }
    }
    try collect(store, identity, engine, rows, &random)
  }

  private mutating func collect(
    _ store: SimulatedStore, _ identity: NodeIdentity, _ engine: Engine, _ rows: Int, _ random: inout SeededRandom
  ) throws {
    let codec = FrameCodec()
    let member = try #require(Catalog.bundled.entity(named: "member"))
    let job = try #require(member.item(named: "job_code"))
    var members: [(key: RecordKey, job: Value)] = []
    var frames: [Bytes] = []
    try store.scan(.log, from: Keys.log(identity.log), to: Keys.log(identity.log).prefixEnd()) { _, value in
      frames.append(Bytes(value[8...]))
      return true
    }
    for bytes in frames.dropFirst() {
      let body = try codec.open(codec.parse(bytes))
      let head = body.commits[0]
      var operations: [Formats.Operation] = []
      body.forEachOperation { group, row in operations.append(group.operation(row)) }
      let commit = Commit(
        actor: head.actor, reason: head.reason, batch: head.batch, time: head.time, operations: operations)
      guard operations[0].key.entity == member.id else {
        others.append(commit)
        continue
      }
      if operations.count == rows { inserts.append(commit) }
      for operation in operations {
        guard case .insert(let fields) = operation.change, let field = fields.first(where: { $0.item == job.id })
        else { continue }
        members.append((operation.key, field.value))
      }
    }
    for place in members.indices.dropFirst() { members.swapAt(place, random.below(place + 1)) }
    var clock: UInt64 = 1_130_000_000_000
    let section = Engine.section(job.fieldClass)
    var changes: [Formats.Operation] = []
    for (key, old) in members where changes.count < rows {
      let new = members[random.below(members.count)].job
      if old == new { continue }
      changes.append(Operation(key, .update([FieldChange(section, job.id, old: old, new: new)])))
    }
    guard changes.count == rows else { return }
    bulkUpdates.append(
      Commit(
        actor: "clerk", reason: "岗位调整", batch: 7, time: HybridTime(milliseconds: clock),
        operations: changes.sorted { $0.key < $1.key }))
    singleUpdates.append(
      changes.map { change in
        clock += 1000 + UInt64(random.below(7000))
        return Commit(
          actor: Text("clerk\(random.below(3))"), reason: "岗位变动", batch: 0,
          time: HybridTime(milliseconds: clock), operations: [change])
      })
  }
}
