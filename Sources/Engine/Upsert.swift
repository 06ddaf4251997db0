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
}

extension Engine {
  /// Inserts or updates records by natural key in one commit: what an import does with a chunk of checked rows.
  ///
  /// Rows see the records of rows before them in the chunk. Rejected rows leave nothing. Importing the same rows again
  /// changes nothing and writes nothing.
  ///
  /// - Parameters:
  ///   - items: the items the file has columns for; others are left as they are.
  ///   - dryRun: decides every outcome and writes nothing.
  /// - Returns: outcomes by row, and the commit's sequence when anything was written.
  /// - Throws: `.tooLarge` when the chunk is; `.store`, `.corrupt`.
  public func upsert(
    _ entity: Entity, _ rows: [UpsertRow], items: [ItemID], actor: Text, reason: Text, batch: UInt64, clock: UInt64,
    dryRun: Bool = false
  ) throws(EngineError) -> (outcomes: [UpsertOutcome], sequence: Sequence64?) {
    var chunk = UpsertChunk(entity: entity, items: items.filter { entity.item($0)?.derivation == nil })
    var outcomes: [UpsertOutcome] = []
    outcomes.reserveCapacity(rows.count)
    for row in rows { outcomes.append(try upsert(row, &chunk)) }
    guard !dryRun, !chunk.operations.isEmpty else { return (outcomes, nil) }
    let sequence = try commit(chunk.operations, actor: actor, reason: reason, batch: batch, clock: clock)
    return (outcomes, sequence)
  }

  private struct UpsertChunk {
    let entity: Entity
    let items: [ItemID]
    var operations: [Operation] = []
    /// Natural keys that earlier rows of the chunk inserted or changed, with the record.
    var keys: [Bytes: RecordKey] = [:]
    /// Ordinals given in this chunk; in order of first use.
    var ordinals: [(prefix: Bytes, ordinal: UInt32)] = []
    var ordinalPlaces: [Bytes: Int] = [:]
  }

  private func upsert(_ row: UpsertRow, _ chunk: inout UpsertChunk) throws(EngineError) -> UpsertOutcome {
    let entity = chunk.entity
    var values = row.values
    for (item, labels) in row.references {
      var records: [RecordID] = []
      for label in labels {
        guard let record = try resolve(item, label, values, &chunk) else {
          if isOwnRoot(item, values, entity) { continue }
          return .rejected(.unknownReference(item, label))
        }
        records.append(record)
      }
      set(item, records, entity, &values)
    }
    registerOwner(entity, &values)
    var parent = RecordID(mint: 0, counter: 0)
    if let parentEntity = entity.parent {
      guard let label = row.parent, let record = try lookup(parentEntity, label, chunk) else {
        return .rejected(.unknownParent(row.parent ?? ""))
      }
      parent = record
    }
    let value: (ItemID) -> Value = { Int($0.value) <= values.count ? values[Int($0.value) - 1] : .null }
    guard let natural = entries.naturalKey(entity, identity.partition, parent: parent, value) else {
      return .rejected(.noNaturalKey)
    }
    if chunk.keys[natural] != nil { return .rejected(.duplicate) }
    if let key = try target(natural) { return try update(key, natural, value, &chunk) }
    let key = try newKey(entity, parent, &chunk)
    let fields = sorted(chunk.items.map { ($0, value($0)) } + ownerField(entity, chunk.items, value), of: entity.id)
    chunk.keys[natural] = key
    chunk.operations.append(Operation(key, .insert(fields)))
    return .inserted
  }

  private func update(
    _ key: RecordKey, _ natural: Bytes, _ value: (ItemID) -> Value, _ chunk: inout UpsertChunk
  ) throws(EngineError) -> UpsertOutcome {
    guard let view = try currentView(Keys.row(identity.partition, key), Scratch()) else {
      throw .corrupt("an index entry of entity \(key.entity.value) without its record")
    }
    var changes: [FieldChange] = []
    for item in chunk.items {
      let old = view.value(item)
      let new = value(item)
      if old == new { continue }
      let section = Engine.section(chunk.entity.item(item)?.fieldClass ?? .b)
      changes.append(FieldChange(section, item, old: old, new: new))
    }
    chunk.keys[natural] = key
    if changes.isEmpty { return .unchanged }
    changes.sort { ($0.section, $0.item) < ($1.section, $1.item) }
    chunk.operations.append(Operation(key, .update(changes)))
    return .updated
  }

  // MARK: References

  private func resolve(
    _ item: ItemID, _ label: Text, _ values: [Value], _ chunk: inout UpsertChunk
  ) throws(EngineError) -> RecordID? {
    switch chunk.entity.item(item)?.type {
    case .reference(let target), .references(let target): return try lookup(target, label, chunk)
    default: return nil
    }
  }

  /// The domain's root org hangs where the parent's assignment says: the superior in its row is a label only.
  private func isOwnRoot(_ item: ItemID, _ values: [Value], _ entity: Entity) -> Bool {
    entity.id == orgItems.entity && item == orgItems.parent
      && values[Int(orgItems.code.value) - 1] == .text(identity.rootOrgCode)
  }

  private func set(_ item: ItemID, _ records: [RecordID], _ entity: Entity, _ values: inout [Value]) {
    let place = Int(item.value) - 1
    if case .references = entity.item(item)?.type {
      values[place] = records.isEmpty ? .null : .references(records)
    } else {
      values[place] = records.first.map { .reference($0) } ?? .null
    }
  }

  /// A record whose owner item the clerk left out is registered by the node's root org.
  private func registerOwner(_ entity: Entity, _ values: inout [Value]) {
    guard let owner = entity.ownerItem, values[Int(owner.value) - 1].isNull else { return }
    values[Int(owner.value) - 1] = .reference(identity.rootOrg)
  }

  private func ownerField(
    _ entity: Entity, _ items: [ItemID], _ value: (ItemID) -> Value
  ) -> [(ItemID, Value)] {
    guard let owner = entity.ownerItem, !items.contains(owner) else { return [] }
    return [(owner, value(owner))]
  }

  /// The record of our domain whose first natural key is this one text.
  private func lookup(_ target: EntityID, _ label: Text, _ chunk: UpsertChunk) throws(EngineError) -> RecordID? {
    if target == orgItems.entity, let known = ownOrgs[label] { return known }
    guard let entity = catalog.entity(target), let item = entity.naturalKeys.first?.first else { return nil }
    let key = entries.naturalKey(entity, identity.partition, parent: RecordID(mint: 0, counter: 0)) {
      $0 == item ? .text(label) : .null
    }
    guard let key else { return nil }
    if let record = chunk.keys[key] { return record.record }
    return try self.target(key)?.record
  }

  /// Where a natural key points: in entries that wait, then in the store.
  func target(_ natural: Bytes) throws(EngineError) -> RecordKey? {
    let found: Bytes?
    if let pending = index.pending(natural) { found = pending } else { found = try value(.index, natural) }
    guard let found else { return nil }
    guard let (_, key) = found.withUnsafeBytes({ Keys.parseRow($0) }) else { throw .corrupt("index \(natural.hex)") }
    return key
  }

  // MARK: New keys

  private func newKey(_ entity: Entity, _ parent: RecordID, _ chunk: inout UpsertChunk) throws(EngineError) -> RecordKey
  {
    guard entity.parent != nil else { return RecordKey(entity: entity.id, record: mint()) }
    let prefix = Keys.children(identity.partition, entity.id, of: parent)
    let ordinal: UInt32
    if let place = chunk.ordinalPlaces[prefix] {
      ordinal = chunk.ordinals[place].ordinal + 1
      chunk.ordinals[place].ordinal = ordinal
    } else {
      ordinal = try lastOrdinal(prefix) + 1
      chunk.ordinalPlaces[prefix] = chunk.ordinals.count
      chunk.ordinals.append((prefix, ordinal))
    }
    return RecordKey(entity: entity.id, record: parent, ordinal: ordinal)
  }

  func lastOrdinal(_ prefix: Bytes) throws(EngineError) -> UInt32 {
    if let pending = openOrdinals[prefix] ?? flyingOrdinals[prefix] { return pending }
    do {
      guard let last = try store.last(.rows, from: prefix, to: prefix.prefixEnd()) else { return 0 }
      return last.key.withUnsafeBytes { Keys.parseRow($0)?.key.ordinal ?? 0 }
    } catch { throw .store(error) }
  }
}
