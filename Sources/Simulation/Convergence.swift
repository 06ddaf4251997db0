import Engine
import Formats
import Primitives

extension World {
  /// Lets healed time pass until every ancestor has everything and every owner knows it.
  func converge() throws(Violation) {
    let refusals = nodes.reduce(0) { $0 + $1.refusals }
    let limit = now + plan.convergenceMillisecondsMax
    while true {
      guard let missing = try whatIsMissing() else { break }
      guard now < limit else { throw Violation("I13 converge", missing) }
      try advance(to: now + 500)
    }
    let since = nodes.reduce(0) { $0 + $1.refusals } - refusals
    guard since == 0 else { throw Violation("I13 converge", "\(since) links were refused without any fault") }
  }

  /// What still keeps the fleet from being equal everywhere; nil when nothing does.
  private func whatIsMissing() throws(Violation) -> String? {
    for owner in nodes where !owner.isRetired {
      guard let engine = owner.engine else { return "node \(owner.number) is down" }
      let log = engine.identity.log
      if let missing = whatIsMissing(of: owner) { return missing }
      guard engine.durableSequence == engine.lastSequence, let head = engine.head(of: log) else {
        return "node \(owner.number) has not written everything"
      }
      var level: UInt8 = 0
      var above = owner.parent
      while let number = above {
        level += 1
        let ancestor = nodes[number]
        guard ancestor.engine?.head(of: log) == head else {
          return "node \(number) lacks frames of node \(owner.number)"
        }
        guard engine.watermark(log, level: level) == head.last else {
          return
            "node \(owner.number) knows \(engine.watermark(log, level: level).value) of \(head.last.value) at level \(level)"
        }
        above = ancestor.parent
      }
      guard engine.watermark(log, level: LinkMessage.Watermark.root) == head.last else {
        return "node \(owner.number) does not know that the root has \(head.last.value)"
      }
    }
    if let open = whatIsOnItsWay() { return open }
    return try whatIsUntold()
  }

  /// Earlier logs of an owner's partition that an ancestor has not as the owner has them.
  private func whatIsMissing(of owner: VirtualNode) -> String? {
    var above = owner.parent
    while let number = above {
      for (log, head) in owner.engine?.logHeads ?? [] where nodes[number].engine?.head(of: log) != head {
        return "node \(number) stands elsewhere in log \(log.node.value).\(log.incarnation) than node \(owner.number)"
      }
      above = nodes[number].parent
    }
    return nil
  }

  /// What an ancestor had and some disk kept is at its owner again (I1 at the level of the parent, I16).
  private func checkRegistered() throws(Violation) {
    for log in witness.registeredLast.keys.sorted() {
      guard let last = witness.registeredLast[log],
        let owner = nodes.first(where: { $0.identity.partition == witness.partitions[log] && !$0.isClone })
      else { continue }
      let expected = Swift.min(last, witness.survivable[log] ?? last)
      let held: Sequence64
      do { held = try owner.durableLast(log) } catch { throw Violation("store", "\(error)") }
      guard held >= expected else {
        throw Violation(
          "I16 owned",
          "node \(owner.number) holds \(held.value) of log \(log.node.value).\(log.incarnation), \(expected.value) was registered"
        )
      }
    }
  }

  /// No node is ever told more than its ancestors' stores hold (I1 at the level of the parent).
  func checkWatermarks(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine, plan.mutant == nil, !plan.hasOperators else { return }
    var level: UInt8 = 0
    var above = node.parent
    while let number = above {
      level += 1
      let told = engine.watermark(engine.identity.log, level: level)
      let held: Sequence64
      do { held = try nodes[number].durableLast(engine.identity.log) } catch { throw Violation("store", "\(error)") }
      guard told <= held else {
        throw Violation(
          "I1 watermark", "node \(node.number) was told \(told.value) at level \(level), there is \(held.value)")
      }
      above = nodes[number].parent
    }
  }

  /// Every store against its log; then everybody dies once more and must come back equal.
  func audit() throws(Violation) {
    try checkRegistered()
    try checkDispatches()
    try checkMoves()
    for node in nodes where !node.isRetired { try check(node) }
    for node in nodes where !node.isRetired {
      for (partition, digest) in try digests(node) {
        guard let owner = nodes.first(where: { $0.identity.partition == partition }) else {
          throw Violation("foreign partition", "node \(node.number) holds rows of partition \(partition.value)")
        }
        let original = try digests(owner).first { $0.partition == partition }?.digest
        guard original == digest else { throw Violation("digest", "nodes \(owner.number) and \(node.number) differ") }
        journal.mix(digest.high)
        journal.mix(digest.low)
      }
    }
    for node in nodes where !node.isRetired { crash(node) }
    for node in nodes where !node.isRetired { try open(node) }
  }

  private func digests(_ node: VirtualNode) throws(Violation) -> [(partition: PartitionID, digest: RowDigest)] {
    var all: [(partition: PartitionID, digest: RowDigest)] = []
    do {
      try node.store.scan(.rows, from: RowsKey.first, to: nil) { key, value in
        guard let (partition, _) = Keys.parseRow(key) else { return false }
        if all.last?.partition != partition { all.append((partition, RowDigest())) }
        all[all.count - 1].digest.add(key: key, value: value, with: codec.hashing)
        return true
      }
    } catch { throw Violation("store", "\(error)") }
    return all
  }

  /// A store against its log, its indexes against its rows, and the owner's rows against what its clients wrote.
  func check(_ node: VirtualNode) throws(Violation) {
    guard let engine = node.engine else { return }
    while let batch = try derivedBatch(of: engine, all: true, node) { try writeDerived(batch, node) }
    let audit = StoreAudit(catalog: catalog, codec: codec, name: "node \(node.number)")
    let folded = try audit.check(node.store)
    // The engine may have taken what is not durable yet; the model is compared when nothing waits.
    guard engine.lastSequence == engine.durableSequence, !node.isStale || engine.standing.mayCommit else { return }
    if node.isStale {
      node.model = try witness.model(of: node.store, node.identity.partition, codec: codec)
      node.isStale = false
    }
    // A store that was emptied has no root org until its parent has handed it back.
    guard !engine.logHeads.isEmpty else { return }
    try audit.compare(folded, with: node.model, of: node.identity)
  }

  /// Node states and the last events, for whoever has to find out why.
  func table() -> String {
    var rows = ["node parent up   own    durable acked  applied links rows"]
    for node in nodes {
      let engine = node.engine
      let numbers: [String] = [
        "\(node.number)", node.parent.map { "\($0)" } ?? "-", engine == nil ? "no" : "yes",
        "\(engine?.lastSequence.value ?? 0)", "\(engine?.durableSequence.value ?? 0)", "\(node.acknowledged.value)",
        "\(engine?.durableApplied.value ?? 0)", "\(engine?.linkedChildren.count ?? 0)", "\(node.model.keys.count)",
      ]
      rows.append(numbers.map { $0 + String(repeating: " ", count: Swift.max(1, 7 - $0.count)) }.joined())
      for (log, head) in engine?.logHeads ?? [] { rows.append("    log \(log.value) at \(head.last.value)") }
      if let engine { rows.append("    life \(engine.identity.incarnation), \(engine.standing)") }
      if let refusal = engine?.parentRefusal { rows.append("    refusal: \(refusal.reason) \(refusal.detail)") }
    }
    return (rows + journal.recent.suffix(Journal.recentMax)).joined(separator: "\n")
  }
}
