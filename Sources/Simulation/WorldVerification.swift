import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication

/// Verifications in a fleet: under the storm they must never see a difference that is none; afterwards rot, loss, stray
/// rows and poison are planted, and every one must be found, mended, and stop nothing.
extension World {
  // MARK: Driving

  /// The driver's part, when everything that the node applied is written.
  func verify(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine, node.flight == nil, engine.hasVerificationEvents else { return }
    try flush(node)
    let before = node.desk.results.count
    do { try node.desk.handle(engine, node.store) } catch { throw Violation("store", "\(error)") }
    for result in node.desk.results.dropFirst(before) {
      figures.verifications += 1
      guard result.failure == nil else {
        figures.verificationsCut += 1
        // A second machine that takes no notice of its parent answers for a history of its own.
        let mayDiffer = isStormy && plan.hasDeafClones && nodes.contains(where: \.isClone)
        guard result.failure != .diverged || mayDiffer else {
          throw Violation("V1 moment", "node \(node.number): the owner's position was never here")
        }
        continue
      }
      // Nothing is planted yet: owner and ancestor speak of one moment, or they would differ.
      if !isPlanted, !result.comparison.isEqual {
        let count = result.comparison.findings.count
        throw Violation("V1 moment", "node \(node.number) sees \(count) differences where there are none")
      }
    }
  }

  /// Everything that follows from durable frames is in the store on return.
  private func flush(_ node: VirtualNode) throws(Violation) {
    if let engine = node.engine {
      while let batch = try derivedBatch(of: engine, all: true, node) { try writeDerived(batch, node) }
    }
  }

  /// Now and then some ancestor compares a domain below with its owner.
  func beginVerification(_ node: VirtualNode) {
    guard let engine = node.engine, verifying.chance(permille: 20) else { return }
    let below = nodes.filter { isBelow($0, node) }
    guard !below.isEmpty else { return }
    let target = below[verifying.below(below.count)]
    if node.desk.begin(target.identity.partition, id: verifying.next(), engine) {
      journal.note(now, "verify", node.number, UInt64(target.number))
    }
  }

  private func isBelow(_ node: VirtualNode, _ ancestor: VirtualNode) -> Bool {
    var above = node.parent
    while let number = above {
      if number == ancestor.number { return true }
      above = nodes[number].parent
    }
    return false
  }

  // MARK: Planting

  /// Plants rot and poison in a healed fleet, and holds what is found against what was planted.
  func rotAndMend() throws(Violation) {
    isPlanted = true
    for node in nodes { try check(node) }
    for node in nodes { try plant(in: node) }
    for node in nodes { try scrub(node) }
    try poison()
    try advance(to: now + 5_000)
    try converge()
    try checkTickets()
    // A row that rotted at its owner is mended there first; then its copies can be.
    for round in 0..<4 {
      for ancestor in nodes {
        for owner in nodes where isBelow(owner, ancestor) { try mend(owner, at: ancestor, mayDie: round < 2) }
      }
      for node in nodes { try retryTickets(node, mayDie: round < 2) }
    }
    try advance(to: now + 5_000)
    try converge()
    // What nobody but its owner can mend stays set aside; the owner does it now, and every ticket closes.
    try cure()
    try advance(to: now + 5_000)
    try converge()
    for node in nodes {
      guard let engine = node.engine else { continue }
      if let ticket = engine.tickets.first {
        throw Violation(
          "V4 tickets", "node \(node.number) still sets \(ticket.key.counterText) aside: \(ticket.reason)")
      }
      if engine.ticketsAbove.count > 0 {
        throw Violation("V4 tickets", "node \(node.number) is told of tickets that are closed")
      }
    }
  }

  /// Flips a bit of some rows, loses some, and copies one to a key that nobody wrote.
  private func plant(in node: VirtualNode) throws(Violation) {
    try flush(node)
    let own = Keys.partition(node.identity.partition)
    // Orgs and assignments are mended at their owner: without them a replica does not even open.
    let rows = try rows(node).filter { $0.key[8] != 1 && $0.key[8] < 200 }
    for _ in 0..<Swift.min(6, rows.count) {
      let row = rows[planting.below(rows.count)]
      guard !node.planted.contains(row.key) else { continue }
      let isOwn = row.key.starts(with: own)
      switch planting.below(isOwn ? 1 : 3) {
      case 0:
        figures.rottenRows += 1
        node.store.rot(.rows, row.key, bit: planting.below(row.value.count * 8))
        node.rotten.append(row.key)
      case 1:
        figures.lostRows += 1
        node.store.lose(.rows, row.key)
        node.lost.append(row.key)
      default:
        var key = row.key
        key.replaceSubrange(17..<25, with: Bytes(repeating: 0x7F, count: 8))
        guard !node.planted.contains(key) else { continue }
        figures.strayRows += 1
        var batch = WriteBatch()
        batch.put(.rows, key, row.value)
        do { try node.store.write(batch, .synced) } catch { throw Violation("store", "\(error)") }
        node.stray.append(key)
      }
    }
  }

  /// One pass over a store finds every rotten row.
  private func scrub(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine else { return }
    try flush(node)
    var scrub = Scrub()
    let context = Scrub.Context(catalog, keys: engine.ownerKeys)
    var found: [Bytes] = []
    while !scrub.isDone {
      let damage: [Scrub.Damage]
      do { damage = try scrub.step(node.store, bytesMax: 2000, context) } catch { throw Violation("store", "\(error)") }
      if plan.mutant != .scrubForgetsRows { found += damage.filter { $0.kind == .row }.map(\.key) }
    }
    for key in node.rotten where !found.contains(key) {
      throw Violation("V3 scrub", "node \(node.number): a pass did not find \(key.hex)")
    }
    if let key = found.first(where: { !node.rotten.contains($0) && !node.stray.contains($0) }) {
      throw Violation("V3 scrub", "node \(node.number): \(key.hex) is sound")
    }
    for key in found { engine.setAsideDamaged(key) }
    try step(node)
  }

  /// Owners change what others lost, and commit values of a kind that no catalog allows.
  private func poison() throws(Violation) {
    for node in nodes {
      guard let engine = node.engine else { continue }
      var operations: [Formats.Operation] = []
      for key in node.model.keys where nodes.contains(where: { $0.isPlanted(Keys.row(node.identity.partition, key)) }) {
        guard !node.isPlanted(Keys.row(node.identity.partition, key)),
          let change = node.workload.change(key, node.model)
        else { continue }
        if planting.chance(permille: 500) { operations.append(change) }
      }
      if let poison = poisonRecord(engine) {
        figures.poisonRecords += 1
        node.poison.append(poison.key)
        operations.append(poison)
      }
      try commit(operations, node)
    }
  }

  private func poisonRecord(_ engine: Engine) -> Formats.Operation? {
    guard let (entity, item) = poisonPlace else { return nil }
    let key = RecordKey(entity: entity.id, record: engine.mint())
    return Operation(key, .insert([Field(Engine.section(item.fieldClass), item.id, .int(20_260_230))]))
  }

  /// An entity that the workload leaves alone, and a date of it.
  private var poisonPlace: (entity: Entity, item: Item)? {
    for entity in catalog.entities where entity.parent == nil && !["member", "org", "unit"].contains(entity.name) {
      if let item = entity.items.first(where: { $0.type == .date && $0.derivation == nil }) { return (entity, item) }
    }
    return nil
  }

  private func cure() throws(Violation) {
    guard let (_, item) = poisonPlace else { return }
    for node in nodes where !node.poison.isEmpty {
      let change = FieldChange(
        Engine.section(item.fieldClass), item.id, old: .int(20_260_230), new: .date(CivilDate(days: 7)))
      try commit(node.poison.map { Operation($0, .update([change])) }, node)
    }
  }

  private func commit(_ operations: [Formats.Operation], _ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine, !operations.isEmpty else { return }
    do {
      let sequence = try engine.commit(operations, actor: "clerk", reason: "poison", clock: node.clock(now))
      node.model.take(.init(log: engine.identity.log, sequence: sequence, operations: operations))
    } catch { throw Violation("engine", "node \(node.number) refused a commit: \(error)") }
    try step(node)
  }

  /// Every ancestor sets poison aside, and its owner knows.
  private func checkTickets() throws(Violation) {
    for node in nodes {
      var stored = 0
      do {
        try node.store.scan(.meta, from: MetaKey.tickets, to: MetaKey.tickets.prefixEnd()) { _, _ in
          stored += 1
          return true
        }
      } catch { throw Violation("store", "\(error)") }
      guard stored == node.engine?.tickets.count else {
        throw Violation("V4 tickets", "node \(node.number) holds \(stored) tickets that would survive it")
      }
    }
    for owner in nodes {
      for key in owner.poison {
        for ancestor in nodes where isBelow(owner, ancestor) {
          let isThere = ancestor.engine?.tickets.contains { $0.key == key && $0.reason == .wrongKind } ?? false
          guard isThere else {
            throw Violation("V4 tickets", "node \(ancestor.number) serves poison of \(owner.number)")
          }
        }
        let levels = owner.engine?.ticketsAbove.tickets.filter { $0.ticket.key == key }.map(\.level) ?? []
        let depth = nodes.count { isBelow(owner, $0) }
        guard levels.sorted() == (0..<depth).map({ UInt8($0 + 1) }) else {
          throw Violation("V4 tickets", "node \(owner.number) is told \(levels) of its poison, \(depth) are above")
        }
      }
    }
  }

  // MARK: Mending

  /// An ancestor compares with an owner, finds exactly what differs, and repairs it.
  private func mend(_ owner: VirtualNode, at ancestor: VirtualNode, mayDie: Bool) throws(Violation) {
    let name = "node \(ancestor.number) against \(owner.number)"
    let partition = owner.identity.partition
    let expected = try differences(owner, ancestor)
    guard let engine = ancestor.engine, ancestor.desk.begin(partition, id: verifying.next(), engine) else {
      throw Violation("V2 found", "\(name): no way to the owner")
    }
    let before = ancestor.desk.results.count
    try step(ancestor)
    let limit = now + 30_000
    while ancestor.desk.results.count == before {
      guard now < limit else { throw Violation("V2 found", "\(name): no result") }
      try advance(to: now + 50)
    }
    let result = ancestor.desk.results[before]
    let found = result.comparison.findings.map { Keys.row(partition, $0.key) }.sorted { $0.precedes($1) }
    guard result.failure == nil, found == expected else {
      throw Violation("V2 found", "\(name): found \(found.count) of \(expected.count) differences")
    }
    figures.differences += found.count
    if plan.mutant == .repairIsSkipped { return }
    // Where the row rotted at its owner our log says what we hold, and there is nothing to put; where it rotted at both
    // ours may have been mended before.
    let planted = found.filter(ancestor.isPlanted)
    let repairs = planted.count { !owner.isPlanted($0) }...planted.count
    let outcome = try remake(found, of: partition, at: ancestor, mayDie: mayDie)
    guard repairs.contains(outcome.repaired), outcome.repaired + outcome.refused == found.count else {
      throw Violation("V2 found", "\(name): repaired \(outcome.repaired) of \(repairs), refused \(outcome.refused)")
    }
  }

  /// Makes records anew from the log, as a driver does; now and then the machine dies before their rows are on the
  /// disk.
  private func remake(
    _ keys: [Bytes], of partition: PartitionID, at node: VirtualNode, mayDie: Bool
  ) throws(Violation) -> RepairOutcome {
    guard let engine = node.engine, !keys.isEmpty, let id = engine.beginMending(keys) else { return RepairOutcome() }
    try step(node)
    try flush(node)
    let outcome: RepairOutcome
    do {
      let made = try LogReplay(node.store).made(keys, logs: engine.logs(of: partition))
      outcome = try engine.mend(id, made, actor: "operator", clock: node.clock(now))
    } catch { throw Violation("engine", "node \(node.number): \(error)") }
    if outcome.repaired > 0 {
      node.model.take(.init(log: engine.identity.log, sequence: engine.lastSequence, operations: []))
    }
    try step(node)
    try flush(node)
    let diesEarly = mayDie && planting.chance(permille: 300)
    if plan.mutant == .ticketsCloseEarly || !diesEarly {
      if plan.mutant != .ticketsCloseEarly { node.store.flushAll() }
      do { try engine.mendedIsStored(id) } catch { throw Violation("engine", "node \(node.number): \(error)") }
      try step(node)
    }
    guard diesEarly else { return outcome }
    figures.deathsWhileMending += 1
    crash(node)
    try open(node, isSound: false)
    try advance(to: now + 5_000)
    return outcome
  }

  /// Rows that are not the same in two stores.
  private func differences(_ owner: VirtualNode, _ ancestor: VirtualNode) throws(Violation) -> [Bytes] {
    try flush(owner)
    try flush(ancestor)
    let prefix = Keys.partition(owner.identity.partition)
    var theirs: [Bytes: Bytes] = [:]
    for row in try rows(owner) where row.key.starts(with: prefix) { theirs[row.key] = row.value }
    var keys: [Bytes] = []
    for row in try rows(ancestor) where row.key.starts(with: prefix) {
      if theirs.removeValue(forKey: row.key) != row.value { keys.append(row.key) }
    }
    return (keys + theirs.keys).sorted { $0.precedes($1) }
  }

  /// An operator looks again at what is damaged or gone: an owner has nobody else to make its rows again.
  private func retryTickets(_ node: VirtualNode, mayDie: Bool) throws(Violation) {
    for owner in nodes {
      let partition = owner.identity.partition
      let tickets = node.engine?.tickets.filter { $0.partition == partition && $0.reason != .wrongKind } ?? []
      _ = try remake(tickets.map { Keys.row($0.partition, $0.key) }, of: partition, at: node, mayDie: mayDie)
    }
  }

  private func rows(_ node: VirtualNode) throws(Violation) -> [(key: Bytes, value: Bytes)] {
    var all: [(key: Bytes, value: Bytes)] = []
    do {
      try node.store.scan(.rows, from: RowsKey.first, to: nil) { key, value in
        all.append((Bytes(key), Bytes(value)))
        return true
      }
    } catch { throw Violation("store", "\(error)") }
    return all
  }
}

extension RecordKey {
  fileprivate var counterText: String { "\(entity.value)-\(record.counter)-\(ordinal)" }
}
