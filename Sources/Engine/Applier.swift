import Catalog
import Formats
import Ports
import Primitives
import Replication

extension Engine {
  /// The row at `key` as the engine's own next change must see it: scratch, then pending batches, then the store.
  func currentRow(_ key: Bytes, _ scratch: Scratch) throws(EngineError) -> Bytes? {
    let hashed = HashedKey(key)
    if let pending = scratch.row(hashed) { return pending }
    if let pending = rows.pending(hashed) { return pending }
    let row: Bytes?
    do { row = try store.get(.rows, key) } catch { throw .store(error) }
    guard let row else { return nil }
    let intact = key.withUnsafeBytes { key in
      row.withUnsafeBytes { Row.isIntact(key: key, value: $0, with: codec.hashing) }
    }
    guard intact else { throw .corrupt("row \(key.hex)") }
    return row
  }

  func currentView(_ key: Bytes, _ scratch: Scratch) throws(EngineError) -> RowView? {
    if !viewsRead.isEmpty {
      let hashed = HashedKey(key)
      if scratch.row(hashed) == nil, let view = viewsRead[hashed] { return view }
    }
    guard let row = try currentRow(key, scratch) else { return nil }
    do { return try RowView(row) } catch { throw .corrupt("row \(key.hex): \(error.expected)") }
  }

  /// Puts one operation given as values into the scratch: the owner's way.
  func apply(_ operation: Operation, _ origin: Row.Origin, to scratch: Scratch) throws(EngineError) {
    let key = Keys.row(identity.partition, operation.key)
    switch operation.change {
    case .insert(let fields):
      let row = Row.encode(key: key, origin: origin, fields: fields, with: codec.hashing)
      insert(identity.partition, operation.key, key, row, scratch) { item in
        for field in fields where field.item == item { return field.value }
        return .null
      }
    case .update(let changes):
      try update(identity.partition, operation.key, key, changes, origin, scratch)
    case .delete:
      try delete(identity.partition, operation.key, key, scratch)
    }
  }

  /// Puts new records of one commit into the scratch: the owner's way, by columns.
  func insert(_ group: OperationGroup, _ origin: Row.Origin, to scratch: Scratch) {
    let partition = identity.partition
    var inserts = GroupInserts(group, partition, origin, entries.plan(group.entity), with: codec.hashing)
    for row in 0..<group.rows { inserts.apply(group, row, partition, to: scratch) }
    scratch.count(partition, group.entity, group.rows)
    guard isNoted(group.entity) else { return }
    for row in 0..<group.rows { note(partition, group.key(row), scratch) }
  }

  /// Puts all operations of an opened frame into a scratch: an ancestor's way, by columns.
  ///
  /// Inserts read nothing: that a record is new is what the frame's place in its log says (Docs/Decisions/0006).
  ///
  /// - Parameter isNew: the frame came from outside: a commit whose rows pass ``Commit/Limits/bytes``, or a frame with
  ///   more of them than an owner puts into one, ends it, as its owner would have (``Scratch/isOverfull``). A frame
  ///   that the log holds is applied whatever it is.
  func apply(_ frame: Frame, _ body: FrameBody, isNew: Bool = false) throws(EngineError) -> Scratch {
    let scratch = Scratch()
    var commitStart = 0
    let header = frame.header
    var inserts: [GroupInserts?] = []
    for group in body.groups {
      inserts.append(
        group.kind == .insert
          ? GroupInserts(
            group, header.partition,
            Row.Origin(catalog: header.catalog, log: header.log, sequence: header.first), entries.plan(group.entity),
            kinds.wrongColumns(group), with: codec.hashing) : nil)
    }
    for run in body.runs() {
      if run.startsCommit {
        scratch.endCommit()
        commitStart = scratch.rows.byteCount
      }
      let group = body.groups[run.group]
      defer { if group.entity == Succession.entity { noteSuccessions(group, run.rows, header, scratch) } }
      let origin = Row.Origin(
        catalog: header.catalog, log: header.log, sequence: Sequence64(header.first.value + UInt64(run.commit)))
      if group.kind == .insert {
        for row in run.rows { inserts[run.group]?.apply(group, row, header.partition, to: scratch) }
        noteInserts(group, run.rows, header.partition, origin, inserts[run.group]?.wrong ?? [], scratch)
        scratch.count(header.partition, group.entity, run.rows.count)
        if isNoted(group.entity) {
          for row in run.rows { note(header.partition, group.key(row), scratch) }
        }
        continue
      }
      let wrong = group.kind == .update ? kinds.firstWrongChange(group) : nil
      for row in run.rows {
        try applyChange(group, row, header.partition, origin, wrong, scratch)
        // A change of one field makes a whole row.
        guard
          !isNew
            || scratch.rows.byteCount - commitStart <= Commit.Limits.bytes.value
              && scratch.rows.byteCount <= Engine.frameBytesMax + Commit.Limits.bytes.value
        else {
          scratch.isOverfull = true
          return scratch
        }
      }
    }
    scratch.endCommit()
    if !scratch.lost.isEmpty { try dropEntries(ofLost: scratch) }
    return scratch
  }

  private func insert(
    _ partition: PartitionID, _ recordKey: RecordKey, _ key: Bytes, _ row: Bytes, _ scratch: Scratch,
    _ value: (ItemID) -> Value
  ) {
    scratch.put(key, row)
    scratch.count(partition, recordKey.entity, 1)
    scratch.addEntries(entries.entries(partition, recordKey, value))
    note(partition, recordKey, scratch)
  }

  func update(
    _ partition: PartitionID, _ recordKey: RecordKey, _ key: Bytes, _ changes: [FieldChange], _ origin: Row.Origin,
    _ scratch: Scratch
  ) throws(EngineError) {
    guard let view = try currentView(key, scratch) else { throw .notFound(recordKey) }
    let row = view.applying(changes, key: key, origin: origin, with: codec.hashing)
    if entries.touches(recordKey.entity, changes) {
      let old = entries.entries(partition, recordKey, view.value)
      let new = entries.entries(partition, recordKey) { item in
        changes.first { $0.item == item }?.new ?? view.value(item)
      }
      scratch.removeEntries(old.filter { entry in !new.contains { $0.key == entry.key } })
      scratch.addEntries(new.filter { entry in !old.contains { $0.key == entry.key } })
    }
    scratch.put(key, row)
    note(partition, recordKey, scratch)
  }

  func delete(
    _ partition: PartitionID, _ recordKey: RecordKey, _ key: Bytes, _ scratch: Scratch
  ) throws(EngineError) {
    guard let view = try currentView(key, scratch) else { throw .notFound(recordKey) }
    scratch.removeEntries(entries.entries(partition, recordKey, view.value))
    scratch.put(key, nil)
    scratch.count(partition, recordKey.entity, -1)
    note(partition, recordKey, scratch)
  }

  /// Remembers orgs and assignments, which the engine itself reads.
  func note(_ partition: PartitionID, _ key: RecordKey, _ scratch: Scratch) {
    if key.entity == orgItems.entity { scratch.orgs.append((partition, key)) }
    if key.entity == Assignment.entity { scratch.assignments.append((partition, key)) }
    if Engine.isHandover(key.entity) { scratch.handovers.append((partition, key)) }
  }

  /// Moves a scratch into the open batch; from here on it will be durable with it, or the engine is reopened.
  func accept(_ scratch: Scratch) throws(EngineError) {
    derive(scratch, index: true)
    note(scratch.quarantine)
    for (partition, key) in scratch.assignments { try noteAssignment(partition, key, scratch) }
    for (partition, key) in scratch.orgs { try noteOrg(partition, key, scratch) }
    for (partition, key) in scratch.handovers { try noteHandover(partition, key, scratch) }
    noteTouched(scratch)
  }

  /// Takes over what follows from operations that the log holds or will hold with the open batch.
  ///
  /// - Parameter index: false when the index on disk has the entries already.
  func derive(_ scratch: Scratch, index hasNewEntries: Bool) {
    rows.add(scratch.rows)
    durableRows.accept(scratch.rows)
    for (key, difference) in scratch.counts { counts.add(key, difference) }
    if hasNewEntries { index.add(scratch.index) }
  }

  private func noteAssignment(_ partition: PartitionID, _ key: RecordKey, _ scratch: Scratch) throws(EngineError) {
    let view = try currentView(Keys.row(partition, key), scratch)
    if let view, let assignment = Assignment(view.value) {
      if key == Assignment.key(assignment.partition) {
        assignments.set(assignment)
        holders[assignment.partition] = partition
        orgsChanged(in: assignment.partition)
      } else {
        assignments.remember(assignment)
      }
    } else if let child = PartitionID(exactly: key.record.mint) {
      assignments.remove(child)
      holders[child] = nil
      orgsChanged(in: child)
    }
    directoryIsStale = true
  }
}

/// The inserts of one group: their rows and what their entries are made from.
struct GroupInserts {
  private let rows: GroupRows
  private var entries: GroupEntries?
  /// Columns of a wrong kind: their rows are set aside.
  let wrong: [Column]

  /// - Parameters:
  ///   - first: with the sequence of the group's commit 0.
  ///   - wrong: see ``wrong``.
  init(
    _ group: OperationGroup, _ partition: PartitionID, _ first: Row.Origin, _ plan: IndexEntries.Plan?,
    _ wrong: [Column] = [], with hashing: Hashing
  ) {
    self.wrong = wrong
    rows = GroupRows(
      group, partition, catalog: first.catalog, log: first.log, first: first.sequence, with: hashing)
    entries = plan.map { GroupEntries($0, group) }
  }

  mutating func apply(_ group: OperationGroup, _ row: Int, _ partition: PartitionID, to scratch: Scratch) {
    rows.withRow(row) { key, value in
      scratch.put(key, value)
      entries?.add(group, row, partition, group.key(row).record, key, to: scratch)
    }
  }
}
