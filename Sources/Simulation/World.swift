import Catalog
import Engine
import Formats
import Ports
import Primitives

/// A fleet of real engines over simulated stores, lines and clocks, in one thread, from one seed.
///
/// 1. Nothing but the plan decides what happens: each part draws from a stream of its own.
/// 2. The world only does what a machine and a network may do; a mutant of the plan is the one exception.
/// 3. Oracles see every synced batch of every node; engines never see the oracles.
///
/// Phases: safety (work and faults), liveness (all is healed and must converge), audit (every store against its log).
public final class World {
  let plan: WorldPlan
  let catalog: Catalog
  private(set) var now: UInt64 = 1_700_000_000_000
  var nodes: [VirtualNode]
  var lines: [Line] = []
  private var events = EventQueue()
  var faults: SeededRandom
  var network: SeededRandom
  var disk: SeededRandom
  var operators: SeededRandom
  /// Somebody's key who is no node of the fleet.
  let stranger: SigningKey
  private var pace: SeededRandom
  var courier: SeededRandom
  /// What was put on sticks, by number.
  var sticks: [Stick] = []
  /// The one package of each number, as it left its node.
  var packageHashes: [PackageName: Digest256] = [:]
  var verifying: SeededRandom
  var planting: SeededRandom
  var speaking: SeededRandom
  var moving: SeededRandom
  /// Every hand-over that was begun, by id.
  var moves: [RecordID: Move] = [:]
  /// Records that clients deleted.
  var dead: Set<RecordID> = []
  /// What a hand-over did that it may not, found where nothing can be thrown.
  var moveViolation: Violation?
  /// Every dispatch that left its origin's hands durably.
  var dispatchWitness = DispatchWitness()
  /// Whether stores differ by the world's doing.
  var isPlanted = false
  var journal = Journal()
  var figures = WorldFigures()
  var witness = Witness()
  /// Whether things may break.
  var isStormy = true
  private let start: UInt64

  private init(_ plan: WorldPlan, _ catalog: Catalog) {
    self.plan = plan
    self.catalog = catalog
    start = now
    let seeds = SeededRandom(seed: plan.seed)
    faults = seeds.stream("faults")
    network = seeds.stream("network")
    stranger = World.key(seeds.stream("stranger"))
    disk = seeds.stream("disk")
    operators = seeds.stream("operators")
    pace = seeds.stream("pace")
    courier = seeds.stream("courier")
    verifying = seeds.stream("verifying")
    planting = seeds.stream("planting")
    speaking = seeds.stream("speaking")
    moving = seeds.stream("moving")
    var clocks = seeds.stream("clocks")
    nodes = plan.parents.enumerated().map { number, parent in
      let code = World.code(number, plan.parents)
      let key = World.key(seeds.stream("key \(number)"))
      let identity = NodeIdentity(
        network: "simulated", node: NodeID(UInt64(1000 + number * 17)), key: key.publicKey, rootOrgCode: code,
        rootOrgName: Text("党组织 \(code)"),
        parentOrgCode: parent.map { World.code($0, plan.parents) } ?? "")
      return VirtualNode(
        number: number, parent: parent, identity: identity, key: key, skew: Int64(clocks.below(600_000)) - 300_000,
        workload: Workload(catalog: catalog, prefix: "\(number)", random: seeds.stream("work \(number)")))
    }
    for node in nodes { node.desk.mutant = plan.mutant }
  }

  static func key(_ source: SeededRandom) -> SigningKey {
    var random = source
    let seed = (0..<SigningKey.seedByteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    guard let key = SigningKey(seed: seed) else { requirementFailed("a seed of the right length is a key") }
    return key
  }

  private static func code(_ number: Int, _ parents: [Int?]) -> Text {
    guard let parent = parents[number] else { return "033" }
    return Text("\(code(parent, parents))\(String(1000 + number).dropFirst())")
  }

  /// Runs a plan from its first commit to its audit.
  ///
  /// - Parameter catalog: must describe `org`, and `member`, `unit` and their children for a workload with all kinds
  ///   of rows.
  public static func run(_ plan: WorldPlan, catalog: Catalog) -> WorldResult {
    #if DEBUG
      return Defect.$active.withValue(plan.mutant?.defect) { World(plan, catalog).run() }
    #else
      return World(plan, catalog).run()
    #endif
  }

  private func run() -> WorldResult {
    let world = self
    var violation: Violation?
    do { try world.runPhases() } catch { violation = error }
    for node in world.nodes { world.figures.refusals += node.refusals }
    return WorldResult(
      seed: plan.seed, violation: violation, figures: world.figures, hash: world.journal.hash,
      milliseconds: world.now - world.start, table: violation == nil ? "" : world.table())
  }

  private func runPhases() throws(Violation) {
    for node in nodes {
      do {
        try Engine.initialise(
          node.store, identity: node.identity, catalog: catalog, key: node.key, clock: node.clock(now))
      } catch { throw Violation("engine", "node \(node.number) cannot be created: \(error)") }
      try witness.sawStart(of: node, among: nodes, codec: codec)
      try open(node)
    }
    if plan.carriesFiles { chooseOffline() }
    for node in nodes {
      events.add(.work(node: node.number), at: now + 1)
      events.add(.tick(node: node.number), at: now + UInt64(node.number))
      events.add(.speak(node: node.number), at: now + 50 + UInt64(speaking.below(2000)))
      if node.parent != nil, !node.isOffline {
        // Where snapshots are looked for, there is something to be carried when the first line stands.
        events.add(.dial(node: node.number), at: now + UInt64(1 + network.below(plan.takesSnapshots ? 6000 : 500)))
      }
    }
    if plan.moves {
      figures.hasMoves = true
      for node in nodes { events.add(.move(node: node.number), at: now + 500 + UInt64(moving.below(2000))) }
    }
    if plan.breaks { events.add(.fault, at: now + 1000) }
    if plan.carriesFiles { handOutSticks() }
    figures.hasOperators = plan.hasOperators
    figures.hasSnapshots = plan.takesSnapshots
    if plan.hasOperators { events.add(.operate, at: now + 500) }
    try advance(to: start + plan.safetyMilliseconds)
    try heal()
    try mend()
    try converge()
    if plan.rots { try rotAndMend() }
    try audit()
  }

  let codec = FrameCodec()

  func schedule(_ event: Event, after milliseconds: UInt64) { events.add(event, at: now + milliseconds) }

  func advance(to limit: UInt64) throws(Violation) {
    while let (time, event) = events.next(notAfter: limit) {
      now = Swift.max(now, time)
      try handle(event)
    }
    now = limit
  }

  private func handle(_ event: Event) throws(Violation) {
    switch event {
    case .work(let number):
      guard isStormy else { return }
      try work(nodes[number])
      schedule(.work(node: number), after: UInt64(5 + pace.below(400)))
    case .tick(let number):
      if isStormy { beginVerification(nodes[number]) }
      try step(nodes[number])
      schedule(.tick(node: number), after: UInt64(50 + pace.below(200)))
    case .diskDone(let number, let life):
      let node = nodes[number]
      guard node.life == life, node.engine != nil, let batch = node.flight else { return }
      node.flight = nil
      if try write(batch, node) { try step(node) }
    case .arrive(let line, let side): try arrive(line, side)
    case .dial(let number): try dial(nodes[number])
    case .export(let number): try export(nodes[number])
    case .carry(let stick): try carry(stick)
    case .move(let number):
      guard isStormy else { return }
      try move(nodes[number])
      schedule(.move(node: number), after: UInt64(300 + moving.below(2000)))
    case .speak(let number):
      guard isStormy else { return }
      try speak(nodes[number])
      schedule(.speak(node: number), after: UInt64(200 + speaking.below(2500)))
    case .restart(let number):
      if nodes[number].engine == nil, !nodes[number].isRetired { try open(nodes[number]) }
    case .operate:
      guard isStormy else { return }
      try operate()
      schedule(.operate, after: UInt64(100 + operators.below(1100)))
    case .fault:
      guard isStormy else { return }
      breakSomething()
      schedule(.fault, after: UInt64(100 + faults.below(1500)))
    }
  }

  // MARK: One node

  private func work(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine else { return }
    if node.isStale {
      guard engine.standing.mayCommit || plan.mutant != nil, engine.lastSequence == engine.durableSequence else {
        return
      }
      node.model = try witness.model(of: node.store, node.identity.partition, codec: codec)
      node.isStale = false
    }
    let (operations, handsOver) = node.workload.commit(node.model, engine)
    guard !operations.isEmpty else { return }
    let sequence: Sequence64
    do {
      sequence = try engine.commit(operations, actor: "clerk", reason: "work", clock: node.clock(now))
    } catch {
      if case .readOnly(let standing) = error, standing == engine.standing, !standing.mayCommit {
        figures.refusedCommits += 1
        return
      }
      if case .frozen(let key, let id) = error, moves[id]?.record.record == key.record {
        figures.frozenCommits += 1
        return
      }
      throw Violation("engine", "node \(node.number) refused a commit: \(error)")
    }
    node.model.take(.init(log: engine.identity.log, sequence: sequence, operations: operations))
    for operation in operations where operation.change == .delete { dead.insert(operation.key.record) }
    figures.commits += 1
    if handsOver { figures.keyHandovers += 1 }
    journal.note(now, "commit", node.number, sequence.value)
    try step(node)
  }

  /// What a driver does after every event: write, tell, send, close. It may die between any two of these.
  func step(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine else { return }
    if !engine.standing.mayCommit { node.isStale = true }
    if node.flight == nil, let batch = engine.takeWrites() {
      if plan.mutant == .syncIsReportedEarly {
        engine.written()
        node.acknowledge()
        node.flight = batch
        if dies(node) { return }
        node.flight = nil
        try store(batch, node)
      } else if isStormy, disk.chance(permille: 100) {
        figures.slowWrites += 1
        node.flight = batch
        schedule(.diskDone(node: node.number, life: node.life), after: UInt64(1 + disk.below(300)))
      } else {
        node.flight = batch
        if dies(node) { return }
        node.flight = nil
        guard try write(batch, node) else { return }
      }
    }
    let isWanted = disk.chance(permille: 30)
    while let batch = try derivedBatch(of: engine, all: isWanted, node) {
      if dies(node) { return }
      try writeDerived(batch, node)
    }
    if engine.wantsStoring {
      while let batch = try derivedBatch(of: engine, all: true, node) { try writeDerived(batch, node) }
      node.store.flushAll()
      engine.derivedIsStored()
      figures.storings += 1
    }
    try verify(node)
    do { try engine.pump(clock: node.clock(now)) } catch { throw Violation("engine", "node \(node.number): \(error)") }
    try watchMoves(node)
    if dies(node) { return }
    for (link, bytes) in engine.takeSends() {
      if dies(node) { return }
      transmit(bytes, from: node, on: Int(link.value))
    }
    for link in engine.takeClosings() {
      try checkTwin(node, Int(link.value))
      hangUp(node, Int(link.value))
    }
    try releasePackages(node)
  }

  /// Syncs a batch and tells the engine; false when the node died in between.
  private func write(_ batch: WriteBatch, _ node: VirtualNode) throws(Violation) -> Bool {
    guard let engine = node.engine else { return false }
    if plan.mutant == .storeDropsSyncedBatch, disk.chance(permille: 10) {
      journal.note(now, "batch dropped", node.number)
    } else {
      try store(batch, node)
    }
    if dies(node) { return false }
    engine.written()
    node.acknowledge()
    try checkHead(node)
    journal.note(now, "written", node.number, engine.durableApplied.value)
    return true
  }

  private func store(_ batch: WriteBatch, _ node: VirtualNode) throws(Violation) {
    do {
      try node.store.write(plan.mutant == .ticketsAreLost ? withoutTickets(batch) : batch, .synced)
    } catch { throw Violation("store", "\(error)") }
    figures.frames += try witness.saw(batch, of: node, among: nodes, codec: codec)
    try dispatchWitness.saw(batch, of: node, codec: codec)
  }

  private func withoutTickets(_ batch: WriteBatch) -> WriteBatch {
    var kept = WriteBatch()
    for change in batch.changes {
      switch change {
      case .put(.meta, let key, _) where key.first == MetaKey.tickets.first: continue
      case .put(let space, let key, let value): kept.put(space, key, value)
      case .delete(let space, let key): kept.delete(space, key)
      case .deleteRange(let space, let from, let to): kept.deleteRange(space, from: from, to: to)
      }
    }
    return kept
  }

  func derivedBatch(of engine: Engine, all: Bool, _ node: VirtualNode) throws(Violation) -> WriteBatch? {
    do { return try engine.takeDerivedWrites(all: all) } catch {
      throw Violation("engine", "node \(node.number): \(error)")
    }
  }

  func writeDerived(_ batch: WriteBatch, _ node: VirtualNode) throws(Violation) {
    var batch = batch
    let victim: Bytes? =
      switch plan.mutant {
      case .storeKeepsCursorOnly: IndexKey.cursor
      case .storeKeepsRowsCursorOnly: RowsKey.cursor
      default: nil
      }
    let isOfVictim = batch.changes.contains { change in
      if case .put(_, let key, _) = change { return key == victim }
      return false
    }
    if let victim, isOfVictim, disk.chance(permille: 200) {
      var cursorOnly = WriteBatch()
      for change in batch.changes {
        if case .put(let space, let key, let value) = change, key == victim {
          cursorOnly.put(space, key, value)
        }
      }
      batch = cursorOnly
    }
    do { try node.store.write(batch, .rebuildable) } catch { throw Violation("store", "\(error)") }
  }

  /// Few, so that a run meets it.
  static let framesUnstoredMax: UInt64 = 40

  /// What an opening has to do again is bounded, whatever a crash took.
  private func checkLag(_ node: VirtualNode) throws(Violation) {
    func number(_ space: Keyspace, _ key: Bytes) throws(Violation) -> UInt64 {
      do {
        guard let bytes = try node.store.get(space, key) else { return 0 }
        var reader = ByteReader(bytes)
        return (try? reader.u64()) ?? 0
      } catch { throw Violation("store", "\(error)") }
    }
    let applied = try number(.meta, MetaKey.applied)
    for cursor in [try number(.rows, RowsKey.cursor), try number(.index, IndexKey.cursor)]
    where applied > cursor + World.framesUnstoredMax + World.framesOneBatch {
      throw Violation("I10 bounded", "node \(node.number) applies \(applied - cursor) frames again")
    }
  }

  /// Frames that one batch may bring besides.
  private static let framesOneBatch: UInt64 = 64

  /// Opens an engine over what the node's store has, and holds it against what was promised.
  ///
  /// - Parameter isSound: false where rot is planted that nobody has mended yet.
  func open(_ node: VirtualNode, isSound: Bool = true) throws(Violation) {
    try checkLag(node)
    let engine: Engine
    do { engine = try Engine(store: node.store, catalog: catalog, key: node.key) } catch {
      throw Violation("engine", "node \(node.number) does not open: \(error)")
    }
    engine.framesUnstoredMax = World.framesUnstoredMax
    engine.recallBytesMax = plan.recallBytesMax
    node.engine = engine
    if plan.takesSnapshots {
      engine.firstSyncRowsMin = 2
      engine.snapshotChunkBytes = 400
    }
    node.life += 1
    follow(node, engine)
    journal.note(now, "open", node.number, engine.lastSequence.value)
    let found: Sequence64
    do { found = try node.durableLast(node.acknowledgedLog) } catch { throw Violation("store", "\(error)") }
    guard found >= node.acknowledged else {
      throw Violation(
        "I1 durable", "node \(node.number) ends at \(found.value), acknowledged was \(node.acknowledged.value)")
    }
    node.acknowledge()
    node.model = try witness.model(of: node.store, node.identity.partition, codec: codec)
    node.isStale = false
    if plan.hasOperators, isStormy, node.parent != nil, !node.isClone, operators.chance(permille: 150) {
      // As it comes up: perhaps the first frame of its new life is not on the disk.
      node.backup = SimulatedStore(copyOf: node.store)
    }
    if node.life > 1 {
      if isSound { try check(node) }
      if node.parent != nil, !node.isOffline {
        schedule(.dial(node: node.number), after: UInt64(1 + network.below(1000)))
      }
    }
  }
}
