import Catalog
import Formats
import Primitives

/// One index entry that appears or disappears.
struct IndexChange {
  let key: Bytes
  /// nil removes the entry.
  let target: Bytes?
}

/// Which entries a record has: a pure function of its content.
///
/// Natural key 0: `01 entity 00 · parent? · items · partition → row key`.
/// Index n: `01 entity n · items · row key → nothing`.
struct IndexEntries {
  /// What of an entity its entries are made from.
  struct Plan {
    let entity: EntityID
    let isChild: Bool
    let naturalKeys: [[ItemID]]
    let indexes: [IndexDefinition]

    init(_ entity: Entity) {
      self.entity = entity.id
      isChild = entity.parent != nil
      naturalKeys = entity.naturalKeys
      indexes = entity.indexes
    }

    /// The natural-key entry's key of a record whose items `append` writes; nil when no natural key is complete.
    @inline(__always)
    func naturalKey(
      _ partition: PartitionID, parent: RecordID, has: (ItemID) -> Bool, append: (ItemID, inout ByteWriter) -> Void
    ) -> Bytes? {
      for (number, items) in naturalKeys.enumerated() where items.allSatisfy(has) {
        var writer = ByteWriter(capacity: 64)
        writer.u8(1)
        writer.u8(entity.value)
        writer.u8(0)
        writer.u8(UInt8(number))
        if isChild { IndexKey.append(.reference(parent), to: &writer) }
        for item in items { append(item, &writer) }
        writer.u64(partition.value)
        return writer.bytes
      }
      return nil
    }
  }

  /// By entity id.
  private let plans: [Plan?]

  init(catalog: Catalog) {
    var plans = [Plan?](repeating: nil, count: 256)
    for entity in catalog.entities { plans[Int(entity.id.value)] = Plan(entity) }
    self.plans = plans
  }

  /// Nil for an entity that the catalog does not know: it has no entries.
  func plan(_ entity: EntityID) -> Plan? { plans[Int(entity.value)] }

  /// The entries of a record with these values.
  func entries(_ partition: PartitionID, _ key: RecordKey, _ value: (ItemID) -> Value) -> [IndexChange] {
    guard let plan = plan(key.entity) else { return [] }
    let target = Keys.row(partition, key)
    var changes: [IndexChange] = []
    changes.reserveCapacity(1 + plan.indexes.count)
    if let natural = naturalKey(plan, partition, parent: key.record, value) {
      changes.append(.init(key: natural, target: target))
    }
    for index in plan.indexes {
      let values = index.items.map(value)
      // A record that lacks the first item is not looked up by it.
      guard let first = values.first, !first.isNull else { continue }
      var writer = ByteWriter(capacity: 80)
      writer.raw(IndexKey.prefix(plan.entity, index.number))
      for value in values { IndexKey.append(value, to: &writer) }
      writer.raw(target)
      changes.append(.init(key: writer.bytes, target: []))
    }
    return changes
  }

  /// Puts the entries of a stored row where they go, from its cells as they lie: what ``entries(_:_:_:)`` makes of its
  /// values, for rows that come by the hundred thousand.
  ///
  /// - Parameter rowKey: the row's whole key.
  func put(
    _ partition: PartitionID, _ key: RecordKey, _ view: RowView, _ rowKey: UnsafeRawBufferPointer,
    to entries: inout DerivedWrites
  ) {
    guard let plan = plan(key.entity) else { return }
    let natural = plan.naturalKey(
      partition, parent: key.record, has: view.has, append: { view.appendIndexKey($0, to: &$1) })
    if let natural { natural.withUnsafeBytes { entries.put($0, rowKey) } }
    var writer = ByteWriter(capacity: 96)
    for index in plan.indexes {
      guard let first = index.items.first, view.has(first) else { continue }
      writer.bytes.removeAll(keepingCapacity: true)
      writer.u8(1)
      writer.u8(plan.entity.value)
      writer.u8(index.number)
      for item in index.items { view.appendIndexKey(item, to: &writer) }
      writer.bytes.append(contentsOf: rowKey)
      writer.bytes.withUnsafeBytes { entries.put($0, UnsafeRawBufferPointer(start: nil, count: 0)) }
    }
  }

  /// The natural-key entry's key, or nil when no natural key is complete.
  func naturalKey(
    _ entity: Entity, _ partition: PartitionID, parent: RecordID, _ value: (ItemID) -> Value
  ) -> Bytes? { plan(entity.id).flatMap { naturalKey($0, partition, parent: parent, value) } }

  private func naturalKey(
    _ plan: Plan, _ partition: PartitionID, parent: RecordID, _ value: (ItemID) -> Value
  ) -> Bytes? {
    plan.naturalKey(
      partition, parent: parent, has: { !value($0).isNull }, append: { IndexKey.append(value($0), to: &$1) })
  }

  /// Whether a change of these items can change any entry of the entity.
  func touches(_ entity: EntityID, _ changes: [FieldChange]) -> Bool {
    guard let plan = plan(entity) else { return false }
    return changes.contains { change in
      plan.naturalKeys.contains { $0.contains(change.item) }
        || plan.indexes.contains { $0.items.contains(change.item) }
    }
  }
}

/// Makes the same entries for the rows of an insert group, from its columns.
struct GroupEntries {
  /// Columns by position in the group; -1 for an item without a column.
  private let naturalKeys: [[Int]]
  private let indexes: [(number: UInt8, columns: [Int])]
  private let plan: IndexEntries.Plan
  private var writer = ByteWriter(capacity: 160)

  init(_ plan: IndexEntries.Plan, _ group: OperationGroup) {
    func position(_ item: ItemID) -> Int { group.columns.firstIndex { $0.item == item } ?? -1 }
    self.plan = plan
    naturalKeys = plan.naturalKeys.map { $0.map(position) }
    indexes = plan.indexes.map { ($0.number, $0.items.map(position)) }
  }

  /// Puts the entries of the record in `row` into the scratch.
  ///
  /// - Parameter target: the record's row key.
  mutating func add(
    _ group: borrowing OperationGroup, _ row: Int, _ partition: PartitionID, _ record: RecordID,
    _ target: UnsafeRawBufferPointer, to scratch: Scratch
  ) {
    for number in naturalKeys.indices
    where naturalKeys[number].allSatisfy({ $0 >= 0 && group.columns[$0].hasCell(row) }) {
      begin(0)
      writer.u8(UInt8(number))
      if plan.isChild { IndexKey.append(.reference(record), to: &writer) }
      for column in naturalKeys[number] { group.columns[column].appendIndexKey(row, to: &writer) }
      writer.u64(partition.value)
      writer.bytes.withUnsafeBytes { scratch.addEntry($0, target) }
      break
    }
    for position in indexes.indices {
      guard let first = indexes[position].columns.first, first >= 0, group.columns[first].hasCell(row) else { continue }
      begin(indexes[position].number)
      for column in indexes[position].columns {
        if column < 0 {
          IndexKey.append(.null, to: &writer)
        } else {
          group.columns[column].appendIndexKey(row, to: &writer)
        }
      }
      writer.bytes.append(contentsOf: target)
      writer.bytes.withUnsafeBytes { scratch.addEntry($0, UnsafeRawBufferPointer(start: nil, count: 0)) }
    }
  }

  /// ``IndexKey/prefix(_:_:)``, in place.
  private mutating func begin(_ number: UInt8) {
    writer.bytes.removeAll(keepingCapacity: true)
    writer.u8(1)
    writer.u8(plan.entity.value)
    writer.u8(number)
  }
}
