import Engine
import Formats
import Ports
import Primitives

/// What people do to disks and machines.
extension World {
  /// One act of an operator, or none where nobody fits.
  func operate() throws(Violation) {
    let node = nodes[operators.below(nodes.count)]
    guard !node.isRetired else { return }
    switch operators.below(20) {
    case 0...5: node.backup = SimulatedStore(copyOf: node.store)
    case 6...8:
      guard !node.isClone else { return }
      try restore(node, .recovering)
    case 9...10:
      // Put back by hand, without telling the store; of leaves only: see Docs/Decisions/0022.
      guard !node.isClone, !nodes.contains(where: { $0.parent == node.number }), node.parent != nil else { return }
      try restore(node, nil)
    case 11...12:
      guard !node.isClone, let parent = node.parent.map({ nodes[$0] }), node.backup != nil, parent.backup != nil
      else { return }
      try restore(parent, .recovering)
      try restore(node, .recovering)
      figures.doubleRestores += 1
    case 13...14:
      guard !node.isClone, node.parent != nil, !nodes.contains(where: { $0.parent == node.number }) else { return }
      try restore(node, .isolated)
    case 15...16:
      guard !node.isClone, node.parent != nil, !nodes.contains(where: { $0.parent == node.number }),
        !nodes.contains(where: { $0.isClone && $0.identity.node == node.identity.node })
      else { return }
      try clone(node)
    case 17...18:
      guard !node.isClone, node.parent != nil else { return }
      try recover(node)
    default:
      guard !node.isClone, node.parent != nil, !nodes.contains(where: { $0.parent == node.number }) else { return }
      try replaceMachine(node)
    }
  }

  /// The parent gives a node's partition to a new machine with a key of its own; the old machine knows nothing of it.
  private func replaceMachine(_ node: VirtualNode) throws(Violation) {
    guard let parent = node.parent.map({ nodes[$0] }), let above = parent.engine, above.standing.mayCommit,
      let known = above.assignment(rootOrgCode: node.identity.rootOrgCode), known.owner == node.identity.node
    else { return }
    figures.replacements += 1
    // Below the old machine's id or above it: ids say nothing about whose life came first.
    let number = UInt64((nodes.count % 2 == 0 ? 100 : 5000) + nodes.count)
    let key = World.key(SeededRandom(seed: plan.seed).stream("key \(number)"))
    let identity = NodeIdentity(
      network: node.identity.network, node: NodeID(number), partition: node.identity.partition,
      epoch: Epoch(Swift.max(known.epoch, node.identity.epoch).value + 1), key: key.publicKey,
      rootOrgCode: node.identity.rootOrgCode, rootOrgName: node.identity.rootOrgName,
      parentOrgCode: node.identity.parentOrgCode)
    // The old machine goes on as a second one with its store and its key.
    try clone(node)
    node.identity = identity
    node.key = key
    // Copies of the old machine's disk are not this one's: its key would not open them.
    node.backup = nil
    try recover(node)
    try assign(node)
  }

  /// The operator of the parent makes the node's assignment what the node was told.
  ///
  /// - Returns: false when it was that already.
  @discardableResult
  private func assign(_ node: VirtualNode) throws(Violation) -> Bool {
    guard let parent = node.parent.map({ nodes[$0] }), let above = parent.engine, above.standing.mayCommit else {
      return true
    }
    var isChanged = true
    do {
      _ = try above.reclaim(
        node.identity.partition, for: node.identity.node, key: node.identity.key, epoch: node.identity.epoch,
        actor: "operator", clock: parent.clock(now))
    } catch {
      guard case .epochGiven = error else { throw Violation("engine", "\(error)") }
      isChanged = false
    }
    try step(parent)
    return isChanged
  }

  /// Puts a node's old disk back.
  private func restore(_ node: VirtualNode, _ mark: StandingMark?) throws(Violation) {
    guard let backup = node.backup else { return }
    if mark == nil { figures.silentRestores += 1 } else { figures.restores += 1 }
    if mark == .isolated { figures.isolations += 1 }
    try replace(node, by: SimulatedStore(copyOf: backup), mark)
  }

  /// Gives a node an empty disk and its key, and nothing else.
  func recover(_ node: VirtualNode) throws(Violation) {
    figures.recovers += 1
    let store = SimulatedStore()
    do { try Engine.initialiseEmpty(store, identity: node.identity) } catch { throw Violation("engine", "\(error)") }
    try replace(node, by: store, nil)
  }

  private func replace(_ node: VirtualNode, by store: SimulatedStore, _ mark: StandingMark?) throws(Violation) {
    journal.note(now, "disk replaced", node.number)
    if node.engine != nil { crash(node) }
    witness.willLose(node, among: nodes, keeping: store)
    store.crash(keepingRows: 0, keepingIndex: 0)
    do { if let mark { try mark.write(to: store) } } catch { throw Violation("store", "\(error)") }
    node.store = store
    node.backup = operators.chance(permille: 500) ? node.backup : nil
    do {
      node.acknowledgedLog = try node.store.get(.meta, MetaKey.identity).map { try NodeIdentity($0).log } ?? node.log
      node.acknowledged = try node.durableLast(node.acknowledgedLog)
    } catch { throw Violation("store", "\(error)") }
    node.model = try witness.model(of: store, node.identity.partition, codec: codec)
    try witness.sawStart(of: node, among: nodes, codec: codec)
    try dispatchWitness.sawStart(of: node, codec: codec)
  }

  /// Starts a second machine with a copy of a disk as it is, or as it was.
  private func clone(_ node: VirtualNode) throws(Violation) {
    figures.clones += 1
    let number = nodes.count
    let twin = VirtualNode(
      number: number, parent: node.parent, identity: node.identity, key: node.key, skew: node.skew,
      workload: Workload(
        catalog: catalog, prefix: "clone \(number)", random: SeededRandom(seed: plan.seed).stream("clone \(number)")),
      isClone: true)
    let source = operators.chance(permille: 500) ? node.backup ?? node.store : node.store
    twin.store = SimulatedStore(copyOf: source)
    twin.store.crash(keepingRows: 0, keepingIndex: 0)
    if plan.hasDeafClones, operators.chance(permille: 500) {
      do { try StandingMark.isolated.write(to: twin.store) } catch { throw Violation("store", "\(error)") }
    }
    nodes.append(twin)
    journal.note(now, "clone", number)
    do {
      twin.acknowledgedLog = try twin.store.get(.meta, MetaKey.identity).map { try NodeIdentity($0).log } ?? twin.log
      twin.acknowledged = try twin.durableLast(twin.acknowledgedLog)
    } catch { throw Violation("store", "\(error)") }
    twin.model = try witness.model(of: twin.store, twin.identity.partition, codec: codec)
    try witness.sawStart(of: twin, among: nodes, codec: codec)
    try dispatchWitness.sawStart(of: twin, codec: codec)
    twin.life = 1
    try open(twin)
    schedule(.work(node: number), after: 1)
    schedule(.tick(node: number), after: UInt64(number))
    // The first machine begins a new life while the second goes on in the old one.
    if plan.hasDeafClones, !node.isRetired, operators.chance(permille: 400) { try restore(node, .recovering) }
  }

  /// What an engine did in its life goes into the figures.
  func tell(_ node: VirtualNode) {
    guard let engine = node.engine else { return }
    figures.recalledFrames += engine.recalls
    if case .fenced = engine.standing { figures.fences += 1 }
    if engine.identity.incarnation > 1 { figures.incarnations += 1 }
    figures.snapshots.engines.add(engine.snapshotFigures)
  }

  /// The storm is over: operators do what the refusals tell them, from the top downwards, until nobody is refused any
  /// more for what he is.
  func mend() throws(Violation) {
    let limit = now + plan.convergenceMillisecondsMax
    var quiet = 0
    while quiet < 8 {
      guard now < limit else { throw Violation("I13 converge", "nodes are refused for what they are") }
      try advance(to: now + 500)
      quiet += 1
      for node in nodes where !node.isRetired {
        if let engine = node.engine, engine.standing.mayCommit, !needsOperator(engine) { continue }
        quiet = 0
        guard let engine = node.engine else {
          try open(node)
          continue
        }
        if let reason = engine.parentRefusal?.reason, reason == .notOwner || reason == .wrongKey {
          // The parent lost what it had decided, with its disk.
          if try assign(node) { continue }
          // It is refused for what it holds, not for what it is.
          try recover(node)
          break
        } else if needsOperator(engine), node.parent != nil {
          try recover(node)
          break
        }
      }
    }
  }

  private func needsOperator(_ engine: Engine) -> Bool {
    if case .fenced = engine.standing { return true }
    guard !engine.isLinkedToParent, let refusal = engine.parentRefusal else { return false }
    return [.behind, .diverged, .fenced, .twin, .notOwner, .wrongKey].contains(refusal.reason)
  }

  /// What a sidecar would be told is what the store would be found to hold.
  func checkHead(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine, plan.hasOperators else { return }
    let found: Ports.LogHead?
    do { found = try Engine.readHead(node.store) } catch { throw Violation("store", "\(error)") }
    guard let found, found.covers(engine.durableHead) else {
      throw Violation("I1 sidecar", "node \(node.number) would not open: \(String(describing: found))")
    }
  }
}
