import Catalog
import Formats
import Primitives

/// One row of an import: values by item position, references still as the labels a clerk writes.
public struct UpsertRow: Sendable {
  /// By item position; null for absent. References stay null here and stand in `references`.
  public let values: [Value]
  /// Natural-key texts of the records referred to.
  public let references: [(item: ItemID, labels: [Text])]
  /// For a child record: its parent's natural key.
  public let parent: Text?

  public init(values: [Value], references: [(item: ItemID, labels: [Text])], parent: Text?) {
    self.values = values
    self.references = references
    self.parent = parent
  }
}

/// What became of a row.
public enum UpsertOutcome: Hashable, Sendable {
  case inserted
  case updated
  /// The record has exactly these values: nothing was written.
  case unchanged
  case rejected(UpsertRejection)
}

/// Why a row cannot be taken here.
public enum UpsertRejection: Hashable, Sendable {
  /// No record of this domain has the natural key that the item names.
  case unknownReference(ItemID, Text)
  /// No record of this domain has the parent's natural key.
  case unknownParent(Text)
  /// Too little to tell which record it is.
  case noNaturalKey
  /// A row of the same batch has the same natural key.
  case duplicate
  /// No record has the natural key, and the row holds too little to make one.
  case unknownRecord
  /// The record would break a rule, or lack what it needs.
  case refused(RecordFailure)
  /// The row of the first table that carries it was rejected.
  case carrier
  /// The record, or the one it belongs to, is on its way to another domain, or comes from there.
  case frozen(RecordKey, RecordID)
  /// The record is, or would be, of an org that the writer may not write for.
  case outsideScope
}

/// What one import file brings to a commit.
public struct UpsertTable {
  public let entity: Entity
  public let rows: TableChunk
  /// The items the file has columns for; others are left as they are.
  public let items: [ItemID]
  /// For rows that lack what a new record needs: they change records that are there, checked as a whole, and make none.
  /// Nil when every row is a whole record.
  public let rules: MergeRules?
  /// For child records that rows of the first table carry: by record, that row; it takes them along or not.
  public let carriers: [Int32]?
  /// Whether the writer may write records of an org; nil for every org of the domain.
  public let permits: (@Sendable (RecordID) -> Bool)?

  public init(
    _ entity: Entity, _ rows: TableChunk, items: [ItemID], rules: MergeRules? = nil, carriers: [Int32]? = nil,
    permits: (@Sendable (RecordID) -> Bool)? = nil
  ) {
    require(carriers.map { $0.count == rows.rows } ?? true, "a carrier a record")
    self.entity = entity
    self.rows = rows
    self.items = items
    self.rules = rules
    self.carriers = carriers
    self.permits = permits
  }
}

extension Engine {
  /// Inserts or updates records by natural key in one commit: what an import does with a chunk of checked rows.
  ///
  /// Rows see the records of rows before them, those of earlier tables among them: a member's education may come with
  /// the member. Rejected rows leave nothing. Importing the same rows again changes nothing and writes nothing.
  ///
  /// - Parameters:
  ///   - tables: of different entities.
  ///   - dryRun: decides every outcome and writes nothing; the same for every chunk of a file.
  /// - Returns: outcomes by table and row, and the commit's sequence when anything was written.
  /// - Throws: `.tooLarge` when the chunk is; `.store`, `.corrupt`.
  public func upsert(
    _ tables: [UpsertTable], actor: Text, reason: Text, batch: UInt64, clock: UInt64, dryRun: DryRunRecords? = nil
  ) throws(EngineError) -> (outcomes: [[UpsertOutcome]], sequence: Sequence64?) {
    defer { viewsRead.removeAll(keepingCapacity: true) }
    var chunks: [UpsertChunk] = []
    var outcomes: [[UpsertOutcome]] = []
    for table in tables {
      let chunk = UpsertChunk(table, catalog, entries, earlier: chunks, dryRun: dryRun)
      var found: [UpsertOutcome] = []
      found.reserveCapacity(table.rows.rows)
      for row in 0..<table.rows.rows {
        if let carrier = table.carriers?[row], case .rejected = outcomes[0][Int(carrier)] {
          found.append(.rejected(.carrier))
        } else {
          found.append(try upsert(row, chunk))
        }
      }
      outcomes.append(found)
      chunks.append(chunk)
    }
    if let dryRun {
      for chunk in chunks { dryRun.add(chunk) }
      return (outcomes, nil)
    }
    var operations: [Operation] = []
    var inserts: [OperationGroup] = []
    for chunk in chunks {
      guard let group = chunk.insertGroup else {
        operations += chunk.changes.map(\.operation)
        continue
      }
      if chunk.changes.isEmpty { inserts.append(group) } else { operations += chunk.operations(with: group) }
    }
    guard !operations.isEmpty || !inserts.isEmpty else { return (outcomes, nil) }
    let sequence = try commit(
      operations, inserts: inserts, actor: actor, reason: reason, batch: batch, clock: clock)
    return (outcomes, sequence)
  }

  /// The same for rows of one entity given as values.
  public func upsert(
    _ entity: Entity, _ rows: [UpsertRow], items: [ItemID], rules: MergeRules? = nil, actor: Text, reason: Text,
    batch: UInt64, clock: UInt64, dryRun: DryRunRecords? = nil, permits: (@Sendable (RecordID) -> Bool)? = nil
  ) throws(EngineError) -> (outcomes: [UpsertOutcome], sequence: Sequence64?) {
    let table = UpsertTable(entity, TableChunk(entity, rows), items: items, rules: rules, permits: permits)
    let (outcomes, sequence) = try upsert(
      [table], actor: actor, reason: reason, batch: batch, clock: clock, dryRun: dryRun)
    return (outcomes[0], sequence)
  }

  private func upsert(_ row: Int, _ chunk: UpsertChunk) throws(EngineError) -> UpsertOutcome {
    if let rejection = try resolve(row, chunk) { return .rejected(rejection) }
    var parent = RecordID(mint: 0, counter: 0)
    if chunk.entity.parent != nil {
      guard let record = try lookupParent(row, chunk) else {
        return .rejected(.unknownParent(chunk.parentLabel(row) ?? ""))
      }
      parent = record
    }
    guard let bytes = chunk.naturalKey(row, identity, parent: parent) else { return .rejected(.noNaturalKey) }
    let natural = HashedKey(bytes)
    if chunk.keys[natural] != nil { return .rejected(.duplicate) }
    let isFirstChild = chunk.entity.parent != nil && !mayHaveChildren(chunk.entity.id, parent)
    if chunk.entity.parent != nil, let id = handovers.frozen[parent]?.id {
      // Whoever may not write here does not learn that something moves.
      if try isOutside(row, chunk, parent: parent, nil) { return .rejected(.outsideScope) }
      return .rejected(.frozen(RecordKey(entity: chunk.entity.id, record: parent), id))
    }
    if !isFirstChild, let key = try target(natural) {
      if try isOutside(row, chunk, parent: parent, key) { return .rejected(.outsideScope) }
      if let id = comingHandover(natural) { return .rejected(.frozen(key, id)) }
      return try update(row, key, natural, chunk)
    }
    if try isOutside(row, chunk, parent: parent, nil) { return .rejected(.outsideScope) }
    if chunk.rules != nil { return .rejected(.unknownRecord) }
    let key = try newKey(chunk.entity, parent, isFirstChild, chunk)
    chunk.keys[natural] = key
    chunk.insert(row, key)
    return .inserted
  }

  private func update(
    _ row: Int, _ key: RecordKey, _ natural: HashedKey, _ chunk: UpsertChunk
  ) throws(EngineError) -> UpsertOutcome {
    let place = Keys.row(identity.partition, key)
    guard let view = try currentView(place, chunk.nothing) else {
      throw .corrupt("an index entry of entity \(key.entity.value) without its record")
    }
    let changes = view.changes(chunk.updated, holds: { chunk.holds($0, row, $1) }) { chunk.value($0, row) }
    if !changes.isEmpty, let refusal = chunk.rules?.refusal(view, changes) { return .rejected(.refused(refusal)) }
    chunk.keys[natural] = key
    if changes.isEmpty { return .unchanged }
    if let id = frozen(key) { return .rejected(.frozen(key, id)) }
    viewsRead[HashedKey(place)] = view
    chunk.changes.append((Operation(key, .update(changes)), chunk.newRows.count))
    return .updated
  }

  // MARK: References

  /// Finds what the row's labels mean.
  private func resolve(_ row: Int, _ chunk: UpsertChunk) throws(EngineError) -> UpsertRejection? {
    for position in chunk.table.labels.indices {
      let number = Int(chunk.table.labels[position].numbers[row])
      if number < 0 {
        chunk.found[position] = .none
        continue
      }
      if let known = chunk.known[position][number] {
        chunk.found[position] = known
        continue
      }
      guard let reference = chunk.labelReferences[position] else { continue }
      var records: [RecordID] = []
      for label in chunk.table.labels[position].labels[number] {
        if let record = try lookup(reference, label, chunk) {
          records.append(record)
        } else if !isOwnRoot(chunk.table.labels[position].item, row, chunk) {
          return .unknownReference(chunk.table.labels[position].item, label)
        }
      }
      chunk.found[position] =
        records.isEmpty ? .none : reference.isList ? .list(records) : .one(records[0])
      // Rows may make records that later ones of their own kind refer to, and a root's superior is nobody.
      if reference.entity.id != chunk.entity.id { chunk.known[position][number] = chunk.found[position] }
    }
    registerOwner(chunk)
    return nil
  }

  /// The domain's root org hangs where the parent's assignment says: the superior in its row is a label only.
  private func isOwnRoot(_ item: ItemID, _ row: Int, _ chunk: UpsertChunk) -> Bool {
    chunk.entity.id == orgItems.entity && item == orgItems.parent
      && chunk.value(orgItems.code, row) == .text(identity.rootOrgCode)
  }

  /// A record whose owner item the clerk left out is registered by the node's root org.
  private func registerOwner(_ chunk: UpsertChunk) {
    guard chunk.owner >= 0, case .none = chunk.found[chunk.owner] else { return }
    chunk.found[chunk.owner] = .one(identity.rootOrg)
  }

  private func lookupParent(_ row: Int, _ chunk: UpsertChunk) throws(EngineError) -> RecordID? {
    // Children of one record stand together.
    if row > 0, let last = chunk.lastParent, chunk.hasParentOfRow(before: row) { return last }
    chunk.lastParent = nil
    guard let key = chunk.parentKey(row, identity) else { return nil }
    chunk.lastParent = try record(HashedKey(key), chunk)?.record
    return chunk.lastParent
  }

  /// The record of our domain whose first natural key is this one text.
  private func lookup(
    _ reference: UpsertChunk.Reference, _ label: Text, _ chunk: UpsertChunk
  ) throws(EngineError) -> RecordID? {
    if reference.entity.id == orgItems.entity, let known = ownOrgs[label] { return known }
    guard let item = reference.item, let plan = reference.plan else { return nil }
    let bytes = plan.naturalKey(
      identity.partition, parent: RecordID(mint: 0, counter: 0), has: { $0 == item },
      append: { IndexKey.append(.text(label), to: &$1) })
    guard let bytes else { return nil }
    return try record(HashedKey(bytes), chunk)?.record
  }

  private func record(_ key: HashedKey, _ chunk: UpsertChunk) throws(EngineError) -> RecordKey? {
    if let record = chunk.made(key) { return record }
    return try target(key)
  }

  // MARK: New keys

  private func newKey(
    _ entity: Entity, _ parent: RecordID, _ isFirstChild: Bool, _ chunk: UpsertChunk
  ) throws(EngineError) -> RecordKey {
    guard entity.parent != nil else { return RecordKey(entity: entity.id, record: mint()) }
    let given = chunk.ordinals[parent]
    let last = if let given { given } else if isFirstChild { UInt32(0) } else { try lastOrdinal(entity.id, of: parent) }
    chunk.ordinals[parent] = last + 1
    return RecordKey(entity: entity.id, record: parent, ordinal: last + 1)
  }
}
