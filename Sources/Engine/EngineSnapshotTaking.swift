import Catalog
import Formats
import Ports
import Primitives
import Replication

/// How a snapshot whose chunks are all durable becomes the base of its partition.
extension Engine {
  /// The rows of a snapshot that the engine itself reads.
  private struct OwnRows {
    var orgs: [(key: RecordKey, view: RowView)] = []
    var assignments: [(key: RecordKey, assignment: Assignment)] = []
    var successions: [Succession] = []
  }

  /// Puts the snapshot into the open batch: apply order, heads, base. Its rows follow when the batch is durable.
  ///
  /// - Requires: ``isQuiet``: whatever was applied before is in the store, and comes first in the apply order.
  func takeSnapshot(_ partition: PartitionID) throws(EngineError) {
    guard let known = snapshots.receiving[partition] else { return }
    let manifest = known.receipt.manifest
    let own: OwnRows
    do throws(MalformedBytes) { own = try ownRows(of: manifest) } catch {
      return give(up: partition, known.link, .init(.malformed, Text("snapshot: \(error.expected)")))
    }
    if let refusal = reasonAgainst(own, manifest, known.link) { return give(up: partition, known.link, refusal) }
    let held = logs(of: partition)
    // What came by frames while the chunks did may be as far: then this is not needed.
    guard manifest.facts.logs.contains(where: { heads[$0.log]?.last ?? .zero < $0.last }) else {
      if let id = known.link { snapshots.promises.append(.init(link: id, partition: partition, manifest: manifest)) }
      return dropReceipt(partition)
    }
    guard held.allSatisfy({ log in manifest.end(of: log)?.last ?? .zero >= heads[log]?.last ?? .zero }) else {
      return give(up: partition, known.link, .init(.diverged, "a snapshot of another history than what is here"))
    }
    // Logs jump: a comparison that waits for its moment between here and there would never get it.
    failAwaiting()
    snapshots.receiving[partition] = nil
    writes.delete(.meta, MetaKey.receipt(partition))
    if let old = snapshots.bases[partition]?.manifest, old.key != manifest.key {
      writes.deleteRange(.log, from: old.key, to: old.key.prefixEnd() ?? [])
    }
    applied = applied.next
    writes.put(.order, Keys.order(applied), manifest.key)
    let base = SnapshotBase(manifest: manifest, covered: .init(first: applied, last: applied))
    writes.put(.meta, MetaKey.base(partition), base.encoded)
    snapshots.set(base)
    snapshots.untouched.append(partition)
    if held.isEmpty { snapshots.figures.taken += 1 } else { snapshots.figures.replaced += 1 }
    snapshots.note(
      .taken(
        partition: partition, last: manifest.current.last, rows: manifest.rows, replaces: !held.isEmpty))
    for end in manifest.facts.logs {
      place(end.log, at: LogState(last: end.last, hash: end.hash, time: end.time, partition: partition))
      logMoved[end.log] = clock
      arrived(at: LogState(last: end.last, hash: end.hash, time: end.time, partition: partition), end.log)
      refreshed(end.log)
    }
    note(countsOf: manifest)
    try closeTickets(of: manifest)
    note(own, manifest)
    if let id = known.link {
      snapshots.promises.append(.init(link: id, partition: partition, manifest: manifest))
      if case .down(var downlink) = links[id] {
        for end in manifest.facts.logs where !downlink.logs.contains(end.log) { downlink.logs.append(end.log) }
        links[id] = .down(downlink)
      }
    }
  }

  private func give(up partition: PartitionID, _ link: LinkID?, _ refusal: LinkMessage.Refusal) {
    dropReceipt(partition)
    guard let link else { return }
    if case .up = links[link] { lastParentFailure = refusal }
    refuse(link, refusal)
  }

  // MARK: The engine's own rows

  private func ownRows(of manifest: SnapshotManifest) throws(MalformedBytes) -> OwnRows {
    var own = OwnRows()
    let chunks = manifest.facts.chunks
    let wanted = [orgItems.entity, Assignment.entity, Succession.entity]
    for number in chunks.indices {
      let first = chunks[number].first[0]
      let last = number + 1 < chunks.count ? chunks[number + 1].first[0] : .max
      guard wanted.contains(where: { ($0.value >= first) && ($0.value <= last) }) else { continue }
      var failure = false
      let bytes: Bytes
      do throws(EngineError) { bytes = try chunk(number, of: manifest) } catch {
        throw MalformedBytes("chunk \(number) as it was stored", at: 0)
      }
      try forEachRow(bytes, number, of: manifest) { key, row in
        guard let (_, recordKey) = Keys.parseRow(key), wanted.contains(recordKey.entity) else { return }
        guard let view = try? RowView(Bytes(row)) else { return failure = true }
        switch recordKey.entity {
        case orgItems.entity: own.orgs.append((recordKey, view))
        case Assignment.entity:
          guard let assignment = Assignment(view.value) else { return failure = true }
          own.assignments.append((recordKey, assignment))
        default:
          guard let succession = Succession(view.value) else { return failure = true }
          own.successions.append(succession)
        }
      }
      if failure { throw MalformedBytes("records of the engine", at: 0) }
    }
    return own
  }

  /// Why the records of a snapshot cannot be: logs that do not follow one another, assignments that their holder may
  /// not make.
  private func reasonAgainst(
    _ own: OwnRows, _ manifest: SnapshotManifest, _ link: LinkID?
  ) -> LinkMessage.Refusal? {
    let (partition, logs) = (manifest.facts.partition, manifest.facts.logs)
    // The chunks may have taken weeks: who may write the partition is asked again.
    if partition != identity.partition, Defect.active != .manifestIsNotVerified {
      guard
        case .allowed(let key) = assignments.judge(manifest.current.log.node, partition, manifest.facts.epoch),
        manifest.isSigned(by: key)
      else { return .init(.notOwner, "a snapshot of an earlier owner") }
    }
    for (number, end) in logs.enumerated() {
      let succession = own.successions.first { $0.log == end.log }
      guard number > 0 else {
        if succession != nil { return .init(.gap, "a snapshot whose first log follows another") }
        continue
      }
      let before = logs[number - 1]
      guard let succession, succession.follows == before.log, succession.last == before.last,
        succession.hash == before.hash
      else { return .init(.gap, "a snapshot whose logs do not follow one another") }
    }
    // A partition that changed hands keeps what its earlier owners signed.
    var signers = assignments.formerKeys(partition)
    if let known = assignments[partition] { signers.append(known.key) }
    if partition == identity.partition { signers.append(key.publicKey) }
    for (recordKey, assignment) in own.assignments {
      let child = assignment.partition
      // Not its to give: set aside when the snapshot is taken, as frames would have left it.
      guard !isAnothers(child, than: partition) else { continue }
      let isFormer = recordKey == Assignment.formerKey(child, assignment.epoch)
      guard isFormer || recordKey == Assignment.key(child),
        isFormer || (assignments[child].map(assignment.follows) ?? true),
        // Taking back our own, we judged who signed what when we took it first; the key then may be lost.
        partition == identity.partition
          || signers.contains(where: { assignment.isSigned(by: $0, network: networkHash, holder: partition) })
      else { return .init(.notOwner, "an assignment that its holder may not make") }
    }
    return nil
  }

  func note(countsOf manifest: SnapshotManifest) {
    let partition = manifest.facts.partition
    var wanted: [EntityID: Int] = [:]
    for (entity, _) in rowCounts(partition) { wanted[entity] = 0 }
    for count in manifest.facts.counts { wanted[count.entity] = Int(clamping: count.rows) }
    for entity in wanted.keys.sorted() {
      let key = RowCounts.Key(partition: partition, entity: entity)
      counts.add(key, (wanted[entity] ?? 0) - counts[key])
    }
  }

  private func note(_ own: OwnRows, _ manifest: SnapshotManifest) {
    let partition = manifest.facts.partition
    for end in manifest.facts.logs {
      lineage.opened(end.log, partition, own.successions.first { $0.log == end.log })
    }
    takeOrgs(own.orgs, of: partition, at: manifest.current)
    for child in holders.keys.sorted() where holders[child] == partition {
      let isKept = own.assignments.contains { $0.key == Assignment.key(child) }
      guard !isKept else { continue }
      assignments.remove(child)
      holders[child] = nil
      orgsChanged(in: child)
    }
    for (key, assignment) in own.assignments {
      guard !isAnothers(assignment.partition, than: partition) else {
        let end = manifest.current
        note([
          .open(
            QuarantineTicket(partition: partition, key: key, reason: .notAllowed, log: end.log, sequence: end.last))
        ])
        continue
      }
      guard key == Assignment.key(assignment.partition) else {
        assignments.remember(assignment)
        continue
      }
      assignments.set(assignment)
      holders[assignment.partition] = partition
      orgsChanged(in: assignment.partition)
    }
    directoryIsStale = true
    if partition == identity.partition {
      for end in manifest.facts.logs {
        noteOwn(end.log, LogState(last: end.last, hash: end.hash, time: end.time, partition: partition))
      }
    }
  }

  /// Records that were set aside are whole again, unless the snapshot brings them as they must not be.
  private func closeTickets(of manifest: SnapshotManifest) throws(EngineError) {
    let partition = manifest.facts.partition
    let tickets = quarantine.all.filter { $0.partition == partition }
    for ticket in tickets where ticket.reason != .wrongKind { closeTicket(Keys.row(partition, ticket.key)) }
  }
}
