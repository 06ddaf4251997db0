import Catalog
import Formats
import Primitives

/// What all rows of a table share, and what they leave behind. A class, so that a row's work copies none of it.
final class UpsertChunk {
  typealias Place = (section: Section, item: ItemID)
  /// What a row is read against: no commit is under way yet.
  let nothing = Scratch()

  let entity: Entity
  let table: TableChunk
  let rules: MergeRules?
  let permits: (@Sendable (RecordID) -> Bool)?
  /// What a row sets in a record that is there, in row order.
  let updated: [Place]
  /// The same for a new record, which gets its owner even when the file does not tell it.
  private let inserted: [Place]
  /// By position in the table's labels, what they stand for.
  let labelReferences: [Reference?]
  /// The entity of parents.
  let parent: Reference?
  /// Position in ``found`` of the item that owns the record; -1 for a child record.
  let owner: Int
  /// By item position, its cells; nil for an item without.
  private let columns: [Cells?]
  /// By item position, a position in ``found``; -1 for none.
  private let places: [Int]
  private let plan: IndexEntries.Plan?
  private let parents: Cells?

  /// What the labels of the row at hand mean; behind them, the owner when no label tells it.
  var found: [Found]
  /// By position and number of label, what was found for it.
  var known: [[Found?]]
  /// Of the row before, when it has one.
  var lastParent: RecordID?

  /// Rows that make new records, with their keys.
  private(set) var newRows: [Int32] = []
  private var newKeys: [RecordKey] = []
  /// ``found`` of the new rows, by position.
  private var newFound: [[Found]]
  /// Updates, each with the number of new records before it.
  var changes: [(operation: Operation, newBefore: Int)] = []
  /// Natural keys that earlier rows inserted or changed, with the record.
  var keys: [HashedKey: RecordKey] = [:]
  /// Last ordinals given in this chunk, by parent.
  var ordinals: [RecordID: UInt32] = [:]
  /// Tables that came before, and in a dry run what earlier chunks would have made.
  private let earlier: [UpsertChunk]
  private let dryRun: DryRunRecords?

  /// What a label means.
  enum Found {
    case none
    case one(RecordID)
    case list([RecordID])
  }

  /// A column behind one reference: reading a row of it copies nothing.
  private final class Cells {
    let column: CellColumn
    init(_ column: CellColumn) { self.column = column }
  }

  /// The entity that labels stand for records of.
  final class Reference {
    let entity: Entity
    /// The item by whose text a record is named; nil when it has no natural key.
    let item: ItemID?
    let isList: Bool
    let plan: IndexEntries.Plan?

    init?(_ target: EntityID, isList: Bool, _ catalog: Catalog, _ entries: IndexEntries) {
      guard let entity = catalog.entity(target) else { return nil }
      self.entity = entity
      self.isList = isList
      item = entity.naturalKeys.first?.first
      plan = entries.plan(target)
    }
  }

  init(
    _ upsert: UpsertTable, _ catalog: Catalog, _ entries: IndexEntries, earlier: [UpsertChunk], dryRun: DryRunRecords?
  ) {
    let entity = upsert.entity
    let table = upsert.rows
    self.entity = entity
    self.table = table
    self.earlier = earlier
    self.dryRun = dryRun
    rules = upsert.rules
    permits = upsert.permits
    plan = entries.plan(entity.id)
    parents = table.parents.map(Cells.init)
    func rowPlaces(_ items: [ItemID]) -> [Place] {
      items.compactMap { id -> Place? in
        guard let item = entity.item(id), item.derivation == nil else { return nil }
        return (Engine.section(item.fieldClass), id)
      }.sorted { ($0.section, $0.item) < ($1.section, $1.item) }
    }
    updated = rowPlaces(upsert.items)
    inserted = rowPlaces(
      upsert.items + [entity.ownerItem].compactMap { $0 }.filter { !upsert.items.contains($0) })
    labelReferences = table.labels.map { label in
      switch entity.item(label.item)?.type {
      case .reference(let target): Reference(target, isList: false, catalog, entries)
      case .references(let target): Reference(target, isList: true, catalog, entries)
      default: nil
      }
    }
    parent = entity.parent.flatMap { Reference($0, isList: false, catalog, entries) }
    var columns = [Cells?](repeating: nil, count: entity.items.count)
    var places = [Int](repeating: -1, count: entity.items.count)
    for column in table.columns { columns[Int(column.item.value) - 1] = Cells(column) }
    for (position, label) in table.labels.enumerated() { places[Int(label.item.value) - 1] = position }
    var owner = -1
    if let item = entity.ownerItem {
      owner = places[Int(item.value) - 1] >= 0 ? places[Int(item.value) - 1] : table.labels.count
      places[Int(item.value) - 1] = owner
    }
    self.owner = owner
    self.columns = columns
    self.places = places
    found = [Found](repeating: .none, count: Swift.max(table.labels.count, owner + 1))
    known = table.labels.map { [Found?](repeating: nil, count: $0.labels.count) }
    newFound = found.map { _ in [] }
  }

  /// The record that an earlier row made for a natural key.
  func made(_ key: HashedKey) -> RecordKey? {
    if let made = keys[key] { return made }
    for chunk in earlier { if let made = chunk.keys[key] { return made } }
    return dryRun?.keys[key]
  }

  // MARK: A row

  /// The item's value in `row`.
  ///
  /// - Requires: references of the row at hand only.
  func value(_ item: ItemID, _ row: Int) -> Value {
    let position = Int(item.value) - 1
    guard position < columns.count else { return .null }
    if places[position] >= 0 {
      switch found[places[position]] {
      case .none: return .null
      case .one(let record): return .reference(record)
      case .list(let records): return .references(records)
      }
    }
    return columns[position]?.column.value(row) ?? .null
  }

  /// Whether the item's cell in `row` is this stored one.
  func holds(_ item: ItemID, _ row: Int, _ stored: StoredCell) -> Bool {
    let position = Int(item.value) - 1
    if places[position] < 0 { return columns[position]?.column.holds(row, stored) ?? false }
    switch found[places[position]] {
    case .none: return false
    case .one(let record): return stored.refers(to: [record], isList: false)
    case .list(let records): return stored.refers(to: records, isList: true)
    }
  }

  func parentLabel(_ row: Int) -> Text? {
    if case .text(let label) = parents?.column.value(row) { label } else { nil }
  }

  /// Whether the row's parent has the label of the one before.
  func hasParentOfRow(before row: Int) -> Bool { parents?.column.isEqual(row, row - 1) ?? false }

  /// The natural-key entry's key of the row's parent; nil when the row names none.
  func parentKey(_ row: Int, _ identity: NodeIdentity) -> Bytes? {
    guard let parents, let parent, let item = parent.item else { return nil }
    return parent.plan?.naturalKey(
      identity.partition, parent: RecordID(mint: 0, counter: 0), has: { $0 == item && parents.column.hasCell(row) },
      append: { parents.column.appendIndexKey(row, to: &$1) })
  }

  /// The natural-key entry's key; nil when no key is complete.
  func naturalKey(_ row: Int, _ identity: NodeIdentity, parent: RecordID) -> Bytes? {
    plan?.naturalKey(identity.partition, parent: parent) { item in
      let position = Int(item.value) - 1
      if places[position] >= 0 {
        if case .none = found[places[position]] { return false }
        return true
      }
      return columns[position]?.column.hasCell(row) ?? false
    } append: { item, writer in
      let position = Int(item.value) - 1
      if places[position] >= 0 {
        IndexKey.append(value(item, row), to: &writer)
      } else {
        columns[position]?.column.appendIndexKey(row, to: &writer)
      }
    }
  }

  // MARK: What rows leave

  /// Takes the row as a new record.
  func insert(_ row: Int, _ key: RecordKey) {
    newRows.append(Int32(row))
    newKeys.append(key)
    for position in found.indices { newFound[position].append(found[position]) }
  }

  /// The new records as columns; nil when there are none.
  var insertGroup: OperationGroup? {
    if newRows.isEmpty { return nil }
    let rows = newRows.count == table.rows ? nil : newRows
    let columns = inserted.compactMap { section, item -> Column? in
      let position = Int(item.value) - 1
      if places[position] >= 0 { return references(section, item, newFound[places[position]]) }
      return self.columns[position]?.column.column(section, rows)
    }
    return OperationGroup(inserting: entity.id, newKeys, columns: columns)
  }

  private func references(_ section: Section, _ item: ItemID, _ found: [Found]) -> Column? {
    if case .references = entity.item(item)?.type {
      return Column(section, item, lists: found.map { if case .list(let records) = $0 { records } else { nil } })
    }
    return Column(section, item, records: found.map { if case .one(let record) = $0 { record } else { nil } })
  }

  /// New records and updates one by one, in the order of their rows.
  func operations(with group: OperationGroup) -> [Operation] {
    var operations: [Operation] = []
    operations.reserveCapacity(group.rows + changes.count)
    var next = 0
    for row in 0..<group.rows {
      while next < changes.count, changes[next].newBefore == row {
        operations.append(changes[next].operation)
        next += 1
      }
      operations.append(group.operation(row))
    }
    return operations + changes[next...].map(\.operation)
  }
}

extension TableChunk {
  /// Rows given as values.
  ///
  /// - Requires: values of their items' types, references as labels.
  init(_ entity: Entity, _ rows: [UpsertRow]) {
    var columns: [CellColumn] = []
    for (position, item) in entity.items.enumerated() {
      guard let kind = ColumnKind(item.type) else { continue }
      var column = CellColumn(item.id, kind)
      column.reserve(rows.count)
      for row in rows { column.append(value: position < row.values.count ? row.values[position] : .null) }
      columns.append(column)
    }
    var referring: [ItemID] = []
    for row in rows { for (item, _) in row.references where !referring.contains(item) { referring.append(item) } }
    let labels = referring.map { item in
      var column = LabelColumn(item)
      for row in rows {
        if let labels = row.references.first(where: { $0.item == item })?.labels {
          column.append(labels: labels)
        } else {
          column.append(-1)
        }
      }
      return column
    }
    var parents = CellColumn(ItemID(1), .text)
    for row in rows { parents.append(value: row.parent.map(Value.text) ?? .null) }
    self.init(rows: rows.count, columns: columns, labels: labels, parents: parents)
  }
}

extension ColumnKind {
  /// Of an item's cells; nil for references.
  init?(_ type: ItemType) {
    switch type {
    case .text, .code: self = .text
    case .date: self = .date
    case .minute: self = .minute
    case .int: self = .int
    case .decimal: self = .decimal
    case .bool: self = .bool
    case .reference, .references: return nil
    }
  }
}
