import Catalog
import Formats
import Ports
import Primitives

/// Keeps the sorted indexes: derived data behind a cursor of its own.
///
/// 1. Entries reach the store only after the rows they speak of are durable: a crash never leaves an entry without its row.
/// 2. Entries and cursor travel in one batch without write-ahead log: whatever survives a crash is complete up to its cursor,
///    and recovery replays the log from there (``Engine`` recovery).
/// 3. Who reads an index asks for a flush first, so no answer misses what is newer.
struct IndexBuilder {
  /// One entry that appears or disappears.
  struct Change {
    let key: Bytes
    /// nil removes the entry.
    let target: Bytes?
  }

  /// Entries waiting for their rows to become durable: in the open and in the flying batch.
  private var open: [Change] = []
  private var inFlight: [Change] = []
  /// Entries whose rows are durable.
  private var durable: [Change] = []
  /// Newest state of pending natural-key entries, so that an import sees its own rows.
  private var pendingNatural: [Bytes: Bytes?] = [:]
  /// Everything in `durable` was applied at or before this.
  private var durableUpTo: ApplySequence
  /// What the store's cursor says.
  private(set) var cursor: ApplySequence

  /// A flush is due when this many entries wait; sorted runs of this size cost a fifth of single puts.
  static let entriesMax = 16_384

  init(cursor: ApplySequence) {
    self.cursor = cursor
    durableUpTo = cursor
  }

  mutating func add(_ changes: [Change]) {
    open.append(contentsOf: changes)
    for change in changes where change.key[2] == 0 { pendingNatural[change.key] = .some(change.target) }
  }

  /// The pending target of a natural key: `.some(nil)` when its removal is pending, nil when nothing is.
  func pending(_ key: Bytes) -> Bytes?? { pendingNatural[key] }

  mutating func taken() {
    require(inFlight.isEmpty, "one batch is written at a time")
    swap(&open, &inFlight)
  }

  mutating func written(upTo applied: ApplySequence) {
    durable.append(contentsOf: inFlight)
    inFlight.removeAll(keepingCapacity: true)
    durableUpTo = applied
  }

  /// Whether entries for durable rows wait.
  var needsFlush: Bool { durableUpTo > cursor }
  var flushIsDue: Bool { durable.count >= IndexBuilder.entriesMax }

  /// The sorted entries with the new cursor, to be written without log.
  mutating func flush() -> WriteBatch {
    var batch = WriteBatch()
    // The last change of a key wins; a stable order by position keeps it last.
    let order = durable.indices.sorted {
      durable[$0].key == durable[$1].key ? $0 < $1 : durable[$0].key.precedes(durable[$1].key)
    }
    for position in order {
      let change = durable[position]
      if let target = change.target { batch.put(.index, change.key, target) } else { batch.delete(.index, change.key) }
    }
    var writer = ByteWriter(capacity: 8)
    writer.u64(durableUpTo.value)
    batch.put(.index, IndexKey.cursor, writer.bytes)
    cursor = durableUpTo
    durable.removeAll(keepingCapacity: true)
    if open.isEmpty && inFlight.isEmpty {
      pendingNatural.removeAll(keepingCapacity: true)
    } else if pendingNatural.count > IndexBuilder.entriesMax * 4 {
      // Under steady load one side is never empty: keep only what is still on its way.
      pendingNatural.removeAll(keepingCapacity: true)
      for change in inFlight + open where change.key[2] == 0 { pendingNatural[change.key] = .some(change.target) }
    }
    return batch
  }
}

/// Which entries a record has: a pure function of its content.
///
/// Natural key 0: `01 entity 00 · parent? · items · partition → row key`. Index n: `01 entity n · items · row key → nothing`.
struct IndexEntries {
  private let catalog: Catalog

  init(catalog: Catalog) { self.catalog = catalog }

  /// The entries of a record with these values.
  func entries(_ partition: PartitionID, _ key: RecordKey, _ value: (ItemID) -> Value) -> [IndexBuilder.Change] {
    guard let entity = catalog.entity(key.entity) else { return [] }
    let target = Keys.row(partition, key)
    var changes: [IndexBuilder.Change] = []
    changes.reserveCapacity(1 + entity.indexes.count)
    if let natural = naturalKey(entity, partition, parent: key.record, value) {
      changes.append(.init(key: natural, target: target))
    }
    for index in entity.indexes {
      let values = index.items.map(value)
      // A record that lacks the first item is not looked up by it.
      guard let first = values.first, !first.isNull else { continue }
      var writer = ByteWriter(capacity: 80)
      writer.raw(IndexKey.prefix(entity.id, index.number))
      for value in values { IndexKey.append(value, to: &writer) }
      writer.raw(target)
      changes.append(.init(key: writer.bytes, target: []))
    }
    return changes
  }

  /// The natural-key entry's key, or nil when no natural key is complete.
  func naturalKey(
    _ entity: Entity, _ partition: PartitionID, parent: RecordID, _ value: (ItemID) -> Value
  ) -> Bytes? {
    for (number, items) in entity.naturalKeys.enumerated() {
      let values = items.map(value)
      if values.contains(.null) { continue }
      var writer = ByteWriter(capacity: 64)
      writer.raw(IndexKey.prefix(entity.id, 0))
      writer.u8(UInt8(number))
      if entity.parent != nil { IndexKey.append(.reference(parent), to: &writer) }
      for value in values { IndexKey.append(value, to: &writer) }
      writer.u64(partition.value)
      return writer.bytes
    }
    return nil
  }

  /// Whether a change of these items can change any entry of the entity.
  func touches(_ entity: EntityID, _ changes: [FieldChange]) -> Bool {
    guard let entity = catalog.entity(entity) else { return false }
    return changes.contains { change in
      entity.naturalKeys.contains { $0.contains(change.item) }
        || entity.indexes.contains { $0.items.contains(change.item) }
    }
  }
}
