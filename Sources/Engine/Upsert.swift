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
}

extension Engine {
  /// Inserts or updates records by natural key in one commit: what an import does with a chunk of checked rows.
  ///
  /// Rows see the records of rows before them in the chunk. Rejected rows leave nothing. Importing the same rows again
  /// changes nothing and writes nothing.
  ///
  /// - Parameters:
  ///   - items: the items the file has columns for; others are left as they are.
  ///   - rules: for rows that lack what a new record needs: they change records that are there, checked as a whole,
  ///     and make none. Nil when every row is a whole record.
  ///   - dryRun: decides every outcome and writes nothing; the same for every chunk of a file.
  /// - Returns: outcomes by row, and the commit's sequence when anything was written.
  /// - Throws: `.tooLarge` when the chunk is; `.store`, `.corrupt`.
  public func upsert(
    _ entity: Entity, _ rows: [UpsertRow], items: [ItemID], rules: MergeRules? = nil, actor: Text, reason: Text,
    batch: UInt64, clock: UInt64, dryRun: DryRunRecords? = nil
  ) throws(EngineError) -> (outcomes: [UpsertOutcome], sequence: Sequence64?) {
    let chunk = UpsertChunk(entity, items: items, catalog, rules)
    chunk.earlier = dryRun
    defer { viewsRead.removeAll(keepingCapacity: true) }
    var outcomes: [UpsertOutcome] = []
    outcomes.reserveCapacity(rows.count)
    chunk.operations.reserveCapacity(rows.count)
    for row in rows { outcomes.append(try upsert(row, chunk)) }
    if let dryRun {
      dryRun.add(chunk)
      return (outcomes, nil)
    }
    guard !chunk.operations.isEmpty else { return (outcomes, nil) }
    let sequence = try commit(chunk.operations, actor: actor, reason: reason, batch: batch, clock: clock)
    return (outcomes, sequence)
  }

  private func upsert(_ row: UpsertRow, _ chunk: UpsertChunk) throws(EngineError) -> UpsertOutcome {
    var values = row.values
    for (item, labels) in row.references {
      guard let reference = chunk.references[Int(item.value) - 1] else { continue }
      var records: [RecordID] = []
      for label in labels {
        guard let record = try lookup(reference, label, chunk) else {
          if isOwnRoot(item, values, chunk.entity) { continue }
          return .rejected(.unknownReference(item, label))
        }
        records.append(record)
      }
      values[Int(item.value) - 1] =
        records.isEmpty ? .null : reference.isList ? .references(records) : .reference(records[0])
    }
    registerOwner(chunk.entity, &values)
    var parent = RecordID(mint: 0, counter: 0)
    if chunk.entity.parent != nil {
      guard let label = row.parent, let reference = chunk.parent, let record = try lookup(reference, label, chunk)
      else {
        return .rejected(.unknownParent(row.parent ?? ""))
      }
      parent = record
    }
    let value: (ItemID) -> Value = { Int($0.value) <= values.count ? values[Int($0.value) - 1] : .null }
    guard let bytes = entries.naturalKey(chunk.entity, identity.partition, parent: parent, value) else {
      return .rejected(.noNaturalKey)
    }
    let natural = HashedKey(bytes)
    if chunk.keys[natural] != nil { return .rejected(.duplicate) }
    let isFirstChild = chunk.entity.parent != nil && !mayHaveChildren(chunk.entity.id, parent)
    if !isFirstChild, let key = try target(natural) { return try update(key, natural, value, chunk) }
    if chunk.rules != nil { return .rejected(.unknownRecord) }
    let key = try newKey(chunk.entity, parent, isFirstChild, chunk)
    var fields: [Field] = []
    fields.reserveCapacity(chunk.inserted.count)
    for place in chunk.inserted {
      let value = value(place.item)
      if !value.isNull { fields.append(Field(place.section, place.item, value)) }
    }
    chunk.keys[natural] = key
    chunk.operations.append(Operation(key, .insert(fields)))
    return .inserted
  }

  private func update(
    _ key: RecordKey, _ natural: HashedKey, _ value: (ItemID) -> Value, _ chunk: UpsertChunk
  ) throws(EngineError) -> UpsertOutcome {
    let place = Keys.row(identity.partition, key)
    guard let view = try currentView(place, Scratch()) else {
      throw .corrupt("an index entry of entity \(key.entity.value) without its record")
    }
    let changes = view.changes(chunk.updated, value)
    if !changes.isEmpty, let refusal = chunk.rules?.refusal(view, changes) { return .rejected(.refused(refusal)) }
    chunk.keys[natural] = key
    if changes.isEmpty { return .unchanged }
    viewsRead[HashedKey(place)] = view
    chunk.operations.append(Operation(key, .update(changes)))
    return .updated
  }

  // MARK: References

  /// The domain's root org hangs where the parent's assignment says: the superior in its row is a label only.
  private func isOwnRoot(_ item: ItemID, _ values: [Value], _ entity: Entity) -> Bool {
    entity.id == orgItems.entity && item == orgItems.parent
      && values[Int(orgItems.code.value) - 1] == .text(identity.rootOrgCode)
  }

  /// A record whose owner item the clerk left out is registered by the node's root org.
  private func registerOwner(_ entity: Entity, _ values: inout [Value]) {
    guard let owner = entity.ownerItem, values[Int(owner.value) - 1].isNull else { return }
    values[Int(owner.value) - 1] = .reference(identity.rootOrg)
  }

  /// The record of our domain whose first natural key is this one text.
  private func lookup(
    _ reference: UpsertChunk.Reference, _ label: Text, _ chunk: UpsertChunk
  ) throws(EngineError) -> RecordID? {
    if reference.entity.id == orgItems.entity, let known = ownOrgs[label] { return known }
    guard let item = reference.item else { return nil }
    let bytes = entries.naturalKey(reference.entity, identity.partition, parent: RecordID(mint: 0, counter: 0)) {
      $0 == item ? .text(label) : .null
    }
    guard let bytes else { return nil }
    let key = HashedKey(bytes)
    if let record = chunk.keys[key] ?? chunk.earlier?.keys[key] { return record.record }
    return try target(key)?.record
  }

  // MARK: New keys

  private func newKey(
    _ entity: Entity, _ parent: RecordID, _ isFirstChild: Bool, _ chunk: UpsertChunk
  ) throws(EngineError) -> RecordKey {
    guard entity.parent != nil else { return RecordKey(entity: entity.id, record: mint()) }
    let given = chunk.ordinals[parent]
    let last =
      if let given { given } else if isFirstChild { UInt32(0) } else {
        try lastOrdinal(Keys.children(identity.partition, entity.id, of: parent))
      }
    chunk.ordinals[parent] = last + 1
    return RecordKey(entity: entity.id, record: parent, ordinal: last + 1)
  }
}
