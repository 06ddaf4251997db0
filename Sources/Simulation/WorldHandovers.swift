import Engine
import Formats
import Primitives
import Replication

/// A hand-over as the world knows it: what the record was when it was frozen.
struct Move {
  let record: RecordKey
  let source: PartitionID
  let target: PartitionID
  /// Record and child records with their fields, when it began.
  let frozen: [RecordKey: [ItemID: Value]]
  var hasArrived = false
  var hasLeft = false
}

/// Records move between domains while everything breaks; in every store each counts once.
extension World {
  /// Hands a record to another domain, asks one back, or tries what may not be done.
  func move(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine, !node.isStale else { return }
    let clock = node.clock(now)
    if moving.chance(permille: 250) {
      let own = engine.openHandovers.filter { $0.isFrozenHere && $0.source?.state == .prepared }
      guard !own.isEmpty else { return }
      do throws(HandoverRefusal) {
        _ = try engine.voidHandover(
          own[moving.below(own.count)].facts.id, reason: "changed his mind", actor: "clerk", clock: clock)
        figures.handoversAskedBack += 1
      } catch { throw Violation("engine", "node \(node.number) cannot ask back: \(error)") }
      return try step(node)
    }
    guard let entity = catalog.entity(named: "member"), nodes.count > 1 else { return }
    let members = node.model.keys(of: entity.id)
    let other = nodes[moving.below(nodes.count)]
    guard !members.isEmpty, other.number != node.number, let there = other.engine else { return }
    let record = members[moving.below(members.count)]
    let orgs = there.directory.orgs.filter { $0.partition == other.identity.partition }
    guard !orgs.isEmpty else { return }
    let code = orgs[moving.below(orgs.count)].code
    // Some end before anybody can accept, some long after, some never.
    let milliseconds: UInt64 = [0, 0, 1500, 20_000, 3_600_000][moving.below(5)]
    let wasMoving = engine.frozen(record) != nil
    let id: RecordID
    do throws(HandoverRefusal) {
      id = try engine.startHandover(
        record, to: code, milliseconds: milliseconds, actor: "clerk", clock: clock
      ).id
    } catch {
      switch error {
      case .unknownOrg, .engine(.readOnly), .sameDomain: return
      case .moving where wasMoving: return
      default: throw Violation("engine", "node \(node.number) cannot hand over: \(error)")
      }
    }
    guard !wasMoving else { throw Violation("I7 once", "record \(record.record.counter) moves twice at a time") }
    let target = engine.openHandovers.first { $0.facts.id == id }?.facts.target.partition
    moves[id] = Move(
      record: record, source: node.identity.partition, target: target ?? other.identity.partition,
      frozen: aggregate(record, node.model))
    figures.handovers += 1
    try step(node)
  }

  private func aggregate(_ record: RecordKey, _ model: DomainModel) -> [RecordKey: [ItemID: Value]] {
    model.records.filter { key, _ in
      key.record == record.record
        && (key.entity == record.entity || catalog.entity(key.entity)?.parent == record.entity)
    }
  }

  /// Mirrors what hand-overs do to a domain, and holds it against what was frozen.
  func follow(_ node: VirtualNode, _ engine: Engine) {
    let life = node.life
    engine.observeHandovers { [unowned self, unowned engine, unowned node] sequence, operations in
      guard node.life == life, node.engine === engine || node.engine == nil else { return }
      note(operations, at: node)
      node.model.take(.init(log: engine.identity.log, sequence: sequence, operations: operations))
    }
  }

  private func note(_ operations: [Formats.Operation], at node: VirtualNode) {
    guard let record = operations.first?.key.record,
      let id = node.engine?.openHandovers.first(where: { $0.facts.record.record == record })?.facts.id,
      let move = moves[id]
    else {
      moveViolation = Violation("I7 known", "node \(node.number) moves what nobody handed over")
      return
    }
    if case .insert = operations[0].change {
      var come: [RecordKey: [ItemID: Value]] = [:]
      for case .insert(let fields) in operations.map(\.change) {
        let key = operations[come.count].key
        come[key] = Dictionary(uniqueKeysWithValues: fields.map { ($0.item, $0.value) })
      }
      let owner = catalog.entity(move.record.entity)?.ownerItem
      let isSame =
        come.count == move.frozen.count
        && move.frozen.allSatisfy { key, items in
          guard let there = come[key] else { return false }
          return there.filter { key != move.record || $0.key != owner }
            == items.filter { key != move.record || $0.key != owner }
        }
      if !isSame { moveViolation = Violation("I7 content", "hand-over \(id.counter) brings something else") }
      moves[id]?.hasArrived = true
      figures.handoversMoved += 1
    } else {
      if aggregate(move.record, node.model) != move.frozen {
        moveViolation = Violation("I7 frozen", "hand-over \(id.counter): the source changed what it had frozen")
      }
      moves[id]?.hasLeft = true
    }
  }

  /// Now and then, where nothing is half done: every record that moves counts exactly once in this store.
  func watchMoves(_ node: VirtualNode) throws(Violation) {
    if let moveViolation { throw moveViolation }
    guard plan.moves, let engine = node.engine, node.flight == nil, !engine.wantsWrite,
      !engine.openHandovers.isEmpty, moving.chance(permille: 200)
    else { return }
    try checkMoves(node, engine)
  }

  private func checkMoves(_ node: VirtualNode, _ engine: Engine) throws(Violation) {
    while let batch = try derivedBatch(of: engine, all: true, node) { try writeDerived(batch, node) }
    let hidden = engine.rowsHandedOver
    for id in moves.keys.sorted() {
      guard let move = moves[id], !dead.contains(move.record.record) else { continue }
      var copies = 0
      var seen = 0
      for partition in engine.partitions {
        let key = Keys.row(partition, move.record)
        do {
          guard try node.store.get(.rows, key) != nil else { continue }
        } catch { throw Violation("store", "\(error)") }
        copies += 1
        if !hidden.contains(key) { seen += 1 }
      }
      if copies > seen { figures.copiesHidden += 1 }
      guard seen <= 1 else {
        throw Violation("I7 twice", "record \(move.record.record.counter) counts \(seen) times at node \(node.number)")
      }
      // Who holds both domains, and knows that it moves, had it before and has it ever after.
      let knows: Bool
      do { knows = try engine.handover(id)?.source != nil } catch { throw Violation("engine", "\(error)") }
      // One that moved on may be where this store sees nothing.
      let others = moves.keys.sorted().compactMap { moves[$0] }.filter { $0.record == move.record }
      guard !knows || !others.allSatisfy({ holdsBoth(node, $0) }) || seen == 1 else {
        throw Violation("I7 nowhere", "record \(move.record.record.counter) counts nowhere at node \(node.number)")
      }
    }
  }

  private func holdsBoth(_ node: VirtualNode, _ move: Move) -> Bool {
    [move.source, move.target].allSatisfy { partition in
      var current = nodes.first { $0.identity.partition == partition }
      while let one = current {
        if one.number == node.number { return true }
        current = one.parent.map { nodes[$0] }
      }
      return false
    }
  }

  /// A hand-over that is not over somewhere; nil when all are.
  func whatIsOnItsWay() -> String? {
    for node in nodes where !node.isRetired {
      guard let open = node.engine?.openHandovers.first else { continue }
      let states = [open.source?.state, open.target?.state, open.arbiter?.state, open.told]
      let words = nodes.compactMap { other -> String? in
        guard other.identity.partition == open.facts.target.partition, let engine = other.engine else { return nil }
        let told = engine.openHandovers.first { $0.facts.id == open.facts.id }?.told
        let held = engine.dispatchFacts.filter { $0.head.kind == 5 || $0.head.kind == 6 }.map {
          "\($0.head.id.text) \($0.head.kind) \($0.isForUs) \($0.isRecalled)"
        }
        return "target \(other.number) was told \(String(describing: told)), holds \(held)"
      }
      return "I7 node \(node.number): hand-over \(open.facts.id.counter) is open: \(states), \(words)"
    }
    return nil
  }

  /// Everything that moved is where it went, and nowhere else.
  func checkMoves() throws(Violation) {
    guard plan.moves else { return }
    for node in nodes where !node.isRetired {
      if let engine = node.engine { try checkMoves(node, engine) }
    }
    for id in moves.keys.sorted() {
      guard let move = moves[id], let root = nodes.first?.engine else { continue }
      let facts: HandoverFacts?
      do { facts = try root.handover(id) } catch { throw Violation("engine", "\(error)") }
      // Begun by an engine that died before it was durable.
      guard let facts else { continue }
      let hasMoved = facts.source?.state == .released
      guard hasMoved == (facts.target?.state == .inserted), hasMoved || facts.source?.state == .voided else {
        throw Violation("I7 end", "hand-over \(id.counter) ended in two ways")
      }
      if !hasMoved { figures.handoversVoided += 1 }
      guard !hasMoved || move.hasArrived && move.hasLeft else {
        throw Violation("I7 end", "hand-over \(id.counter) moved without anybody seeing it")
      }
    }
  }
}
