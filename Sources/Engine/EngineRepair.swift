import Formats
import Ports
import Primitives
import Replication

/// One record that a repair puts right at a replica.
public struct RowRepair: Hashable, Sendable {
  public let key: RecordKey
  /// Hash of the stored row that was compared; nil when there was none. A row that changed since is left alone.
  public let compared: Digest256?
  /// The row as the owner stores it; nil when the owner has none.
  public let row: Bytes?

  public init(key: RecordKey, compared: Digest256?, row: Bytes?) {
    self.key = key
    self.compared = compared
    self.row = row
  }
}

/// What a repair did.
public struct RepairOutcome: Hashable, Sendable {
  public internal(set) var repaired = 0
  /// The record changed since it was compared: look again.
  public internal(set) var changedMeanwhile = 0
  /// What was offered is not a row of the owner's log, or does not fit its key.
  public internal(set) var refused = 0

  public init() {}
}

extension Engine {
  /// Puts rows of a foreign partition right, by the owner's rows: nothing else of the replica changes, and never the
  /// owner's own rows. Leaves a commit without operations in our own log that says who did what: the audit line.
  ///
  /// A row is taken only when its checksum binds it to its key, when its last change is a commit of the owner's log
  /// that we hold, and when that commit did change the record.
  ///
  /// - Returns: what was done. The audit line is durable with the next batch. The rows are derived data that no frame
  ///   brings again: a crash before the store has them on disk undoes the repair, and the next comparison finds it.
  /// - Throws: `.store`; `.corrupt` for our own partition, which is repaired from its log.
  public func repair(
    _ partition: PartitionID, _ repairs: [RowRepair], actor: Text, clock: UInt64
  ) throws(EngineError) -> RepairOutcome {
    guard partition != identity.partition else { throw .corrupt("a replica's rows never replace the owner's") }
    var outcome = RepairOutcome()
    let scratch = Scratch()
    var taken: [(rowKey: Bytes, stored: Bytes?, repair: RowRepair)] = []
    for repair in repairs {
      let rowKey = Keys.row(partition, repair.key)
      let stored = try storedRow(rowKey)
      guard stored.map({ codec.hashing.digest($0) }) == repair.compared else {
        outcome.changedMeanwhile += 1
        continue
      }
      if let row = repair.row {
        guard try isOwners(row, rowKey, repair.key, partition) else {
          outcome.refused += 1
          continue
        }
      }
      taken.append((rowKey, stored, repair))
      outcome.repaired += 1
    }
    let blind = taken.filter { each in each.stored.map { !isIntact(each.rowKey, $0) } ?? true }
    try removeEntries(leadingTo: blind.map { ($0.rowKey, $0.repair.key.entity) }, scratch)
    for (rowKey, stored, repair) in taken { replace(rowKey, repair.key, partition, stored, repair.row, scratch) }
    scratch.endCommit()
    try accept(scratch)
    if outcome.repaired > 0 {
      let reason =
        "repair: \(outcome.repaired) rows of partition \(String(partition.value, radix: 16)) by their owner's"
      _ = try commit([], actor: actor, reason: Text(reason), clock: clock)
    }
    return outcome
  }

  /// Puts damaged rows right from the signed log that brought them, which this store holds: at the owner itself, and at
  /// a replica that has no line.
  ///
  /// - Parameter rows: by row key, what ``LogReplay`` made of the record's whole history; nil when it ends deleted.
  /// - Returns: how many were put right; as durable as a repair (``repair(_:_:actor:clock:)``).
  public func restore(
    _ rows: [(rowKey: Bytes, row: Bytes?)], actor: Text, clock: UInt64
  ) throws(EngineError) -> RepairOutcome {
    var outcome = RepairOutcome()
    let scratch = Scratch()
    var taken: [(rowKey: Bytes, key: RecordKey, partition: PartitionID, row: Bytes?)] = []
    for (rowKey, row) in rows {
      guard quarantine[rowKey]?.reason == .damaged, let (partition, key) = rowKey.withUnsafeBytes({ Keys.parseRow($0) })
      else {
        outcome.changedMeanwhile += 1
        continue
      }
      // Overwritten since by the next change of the record: then it is whole again.
      if let stored = try storedRow(rowKey), isIntact(rowKey, stored) {
        closeTicket(rowKey)
        outcome.changedMeanwhile += 1
        continue
      }
      taken.append((rowKey, key, partition, row))
      outcome.repaired += 1
    }
    try removeEntries(leadingTo: taken.map { ($0.rowKey, $0.key.entity) }, scratch)
    for (rowKey, key, partition, row) in taken { replace(rowKey, key, partition, nil, row, scratch) }
    scratch.endCommit()
    try accept(scratch)
    if outcome.repaired > 0 {
      _ = try commit(
        [], actor: actor, reason: Text("restore: \(outcome.repaired) damaged rows from the log"), clock: clock)
    }
    return outcome
  }

  private func isIntact(_ rowKey: Bytes, _ row: Bytes) -> Bool {
    rowKey.withUnsafeBytes { key in row.withUnsafeBytes { Row.isIntact(key: key, value: $0, with: codec.hashing) } }
  }

  /// The row as it lies in batch or store, intact or not; nil when there is none or its block cannot be read.
  private func storedRow(_ rowKey: Bytes) throws(EngineError) -> Bytes? {
    if let pending = rows.pending(rowKey) { return pending }
    do { return try store.get(.rows, rowKey) } catch {
      guard case .corrupt = error else { throw .store(error) }
      return nil
    }
  }

  private func isOwners(
    _ row: Bytes, _ rowKey: Bytes, _ key: RecordKey, _ partition: PartitionID
  ) throws(EngineError) -> Bool {
    guard isIntact(rowKey, row), let view = try? RowView(row) else { return false }
    let origin = view.origin
    guard let head = heads[origin.log], head.partition == partition, origin.sequence <= head.last else { return false }
    if let floor = snapshots.floors[origin.log], origin.sequence <= floor.last, let base = snapshots.bases[partition] {
      // The commit's frame is not here; the owner signed the row itself.
      return try SnapshotRows(store, with: codec.hashing).rows([rowKey], of: base)[rowKey] == row
    }
    guard
      let frame = try frame(of: origin.log, holding: origin.sequence), frame.header.first <= origin.sequence
    else { return false }
    let body: FrameBody
    do { body = try codec.open(frame) } catch { throw .corrupt("a frame of log \(origin.log.value)") }
    let commit = Int(origin.sequence.value - frame.header.first.value)
    return body.groups.contains { group in
      group.entity == key.entity && group.kind != .delete
        && (0..<group.rows).contains { group.commit($0) == commit && group.key($0) == key }
    }
  }

  /// Puts a row in the place of what is stored, with its entries and its ticket.
  ///
  /// Counters are left alone: they count what the log did, and the log did not change.
  private func replace(
    _ rowKey: Bytes, _ key: RecordKey, _ partition: PartitionID, _ stored: Bytes?, _ row: Bytes?, _ scratch: Scratch
  ) {
    if let stored, isIntact(rowKey, stored), let old = try? RowView(stored) {
      scratch.removeEntries(entries.entries(partition, key, old.value))
    }
    scratch.put(rowKey, row)
    var wrong: ItemID?
    if let row, let view = try? RowView(row) {
      scratch.addEntries(entries.entries(partition, key, view.value))
      wrong = kinds.firstWrong(key.entity, view)
      if let wrong {
        scratch.quarantine.append(
          .open(
            QuarantineTicket(
              partition: partition, key: key, reason: .wrongKind, item: wrong, log: view.origin.log,
              sequence: view.origin.sequence)))
      }
    }
    if wrong == nil { scratch.quarantine.append(.close(rowKey)) }
    if key.entity == orgItems.entity { scratch.orgs.append((partition, key)) }
    if key.entity == Assignment.entity { scratch.assignments.append((partition, key)) }
  }

  /// Removes the entries of rows that cannot be read, or are not there: a pass over the indexes of their entities.
  private func removeEntries(leadingTo rows: [(rowKey: Bytes, entity: EntityID)], _ scratch: Scratch)
    throws(EngineError)
  {
    var entities = rows.map(\.entity).sorted()
    entities = entities.enumerated().filter { $0.offset == 0 || entities[$0.offset - 1] != $0.element }.map(\.element)
    for entity in entities {
      let wanted = Set(rows.filter { $0.entity == entity }.map(\.rowKey))
      scratch.removeEntries(try entriesLeading(to: wanted, entity))
    }
  }
}

/// Makes the rows of a few records anew from the log that wrote them.
public struct LogReplay {
  private let reader: any StoreReader
  private let codec = FrameCodec()

  public init(_ reader: any StoreReader) { self.reader = reader }

  /// The rows of these records as the logs of their partitions leave them; those that end deleted have none.
  ///
  /// - Parameter logs: the logs of the partitions, in the order of their incarnations.
  /// - Throws: `.corrupt` when a frame cannot be read.
  /// - Complexity: reads the logs from their first frame.
  public func rows(_ rowKeys: [Bytes], logs: [LogID]) throws(EngineError) -> [(rowKey: Bytes, row: Bytes?)] {
    var rows: [Bytes: Bytes] = [:]
    let wanted = Set(rowKeys)
    var failure: EngineError?
    var floors: [LogID: Sequence64] = [:]
    try takeSnapshots(of: rowKeys, &rows, &floors)
    for log in logs {
      let from = floors[log].map { Keys.frame(log, last: $0.next) } ?? Keys.log(log)
      do {
        try reader.scan(.log, from: from, to: Keys.log(log).prefixEnd()) { key, value in
          do throws(EngineError) { try fold(Bytes(value.dropFirst(8)), wanted, &rows) } catch { failure = error }
          return failure == nil
        }
      } catch { throw .store(error) }
      if let failure { throw failure }
    }
    return rowKeys.map { ($0, rows[$0]) }
  }

  /// Where a log begins behind a snapshot, so do the records' histories.
  private func takeSnapshots(
    of rowKeys: [Bytes], _ rows: inout [Bytes: Bytes], _ floors: inout [LogID: Sequence64]
  ) throws(EngineError) {
    let snapshots = SnapshotRows(reader, with: codec.hashing)
    var seen: Set<PartitionID> = []
    for key in rowKeys {
      guard let partition = key.withUnsafeBytes({ Keys.parseRow($0)?.partition }), seen.insert(partition).inserted,
        let base = try snapshots.base(of: partition)
      else { continue }
      for (key, row) in try snapshots.rows(rowKeys, of: base).sorted(by: { $0.key.precedes($1.key) }) {
        rows[key] = row
      }
      for end in base.manifest.facts.logs { floors[end.log] = end.last }
    }
  }

  private func fold(_ bytes: Bytes, _ wanted: Set<Bytes>, _ rows: inout [Bytes: Bytes]) throws(EngineError) {
    let frame: Frame
    let body: FrameBody
    do {
      frame = try codec.parse(bytes)
      body = try codec.open(frame)
    } catch { throw .corrupt("a frame of the log: \(error)") }
    let header = frame.header
    body.forEachOperation { group, row in
      let rowKey = Keys.row(header.partition, group.key(row))
      guard wanted.contains(rowKey) else { return }
      let origin = Row.Origin(
        catalog: header.catalog, log: header.log, sequence: Sequence64(header.first.value + UInt64(group.commit(row))))
      switch group.operation(row).change {
      case .insert(let fields):
        rows[rowKey] = Row.encode(key: rowKey, origin: origin, fields: fields, with: codec.hashing)
      case .update(let changes):
        guard let known = rows[rowKey], let view = try? RowView(known) else { return }
        rows[rowKey] = view.applying(changes, key: rowKey, origin: origin, with: codec.hashing)
      case .delete: rows[rowKey] = nil
      }
    }
  }
}
