import Access
import Catalog
import Formats
import Primitives

/// A stored record that was read.
public struct StoredRecord {
  public let partition: PartitionID
  public let key: RecordKey
  public let row: RowView

  init(partition: PartitionID, key: RecordKey, row: RowView) {
    self.partition = partition
    self.key = key
    self.row = row
  }
}

/// Reads an entity's records piece by piece, in the order of storage, inside a scope and a subtree: for readers that
/// cannot be called back.
///
/// Memory: one piece. What is set aside is left out; a damaged row ends the reading.
public struct RowCursor {
  private let view: QueryView
  private let entity: Entity
  private let extent: OrgExtent?
  private let parts: [(partition: PartitionID, whole: Bool)]
  private var part = 0
  private var from: Bytes = []
  private var finder: OwnerFinder

  /// - Parameter wanted: the orgs whose records are wanted; nil for all that the view's scope allows, which bounds them
  ///   in any case.
  public init(_ view: QueryView, _ entity: Entity, in wanted: OrgExtent?) {
    self.view = view
    self.entity = entity
    if let wanted, let allowed = view.visible {
      extent = OrgExtent(wanted.ranges.flatMap { allowed.clamped(to: $0).ranges })
    } else {
      extent = wanted ?? view.visible
    }
    parts = view.partitions(in: extent)
    finder = OwnerFinder(view, entity)
  }

  /// The next records, none when none of those looked at was wanted; nil at the end.
  ///
  /// - Parameter count: so many rows are looked at.
  /// - Complexity: one seek and `count` rows.
  public mutating func next(_ count: Int) throws(QueryError) -> [StoredRecord]? {
    guard part < parts.count else { return nil }
    let (partition, whole) = parts[part]
    let prefix = Keys.entity(partition, entity.id)
    if from.isEmpty { from = prefix }
    var records: [StoredRecord] = []
    records.reserveCapacity(count)
    var looked = 0
    var last: Bytes?
    var finder = finder
    try view.scan(from: from, to: prefix.prefixEnd()) { (key, row) throws(QueryError) in
      looked += 1
      var isWanted = true
      if let extent, !whole { isWanted = extent.contains(try finder.place(partition, key, row)) }
      if isWanted { records.append(StoredRecord(partition: partition, key: key, row: row)) }
      guard looked == count else { return true }
      last = Keys.row(partition, key)
      return false
    }
    self.finder = finder
    if let last {
      from = last + [0]
    } else {
      part += 1
      from = []
    }
    return records
  }
}

/// Reads single records of one entity, and what follows from them. One per answer.
public final class RecordFetcher {
  private let view: QueryView
  private let entity: Entity
  private let tables: PathTables
  private var finder: OwnerFinder
  /// Where records of a mint were last found.
  private var homes: [UInt64: PartitionID] = [:]

  /// Reads records of one entity from a view.
  public init(_ view: QueryView, _ entity: Entity) {
    self.view = view
    self.entity = entity
    tables = PathTables(view)
    finder = OwnerFinder(view, entity)
  }

  /// A record by its partition and key; nil when it is not there, outside the scope, or set aside.
  public func record(_ partition: PartitionID, _ key: RecordKey) throws(QueryError) -> StoredRecord? {
    guard let row = try view.row(partition, key) else { return nil }
    let record = StoredRecord(partition: partition, key: key, row: row)
    return try isVisible(record) ? record : nil
  }

  /// A record by its key alone.
  ///
  /// - Complexity: one look-up where records of that mint were found before, else one a partition.
  public func record(_ key: RecordKey) throws(QueryError) -> StoredRecord? {
    for partition in candidates(key.record) {
      if let record = try record(partition, key) {
        homes[key.record.mint] = partition
        return record
      }
    }
    return nil
  }

  /// The records of this entity, a child entity, under a record.
  public func children(of parent: RecordID) throws(QueryError) -> [StoredRecord] {
    for partition in candidates(parent) {
      var found: [StoredRecord] = []
      for child in try view.children(partition, entity.id, of: parent) {
        let record = StoredRecord(partition: partition, key: child.key, row: child.row)
        if try isVisible(record) { found.append(record) }
      }
      guard found.isEmpty else {
        homes[parent.mint] = partition
        return found
      }
    }
    return []
  }

  private func candidates(_ record: RecordID) -> [PartitionID] {
    // Most records never left the domain that minted them, whose partition bears the mint's number.
    let likely = homes[record.mint] ?? PartitionID(exactly: record.mint)
    guard let likely, view.partitions.contains(likely) else { return view.partitions }
    return [likely] + view.partitions.filter { $0 != likely }
  }

  private func isVisible(_ record: StoredRecord) throws(QueryError) -> Bool {
    guard let visible = view.visible else { return true }
    return try visible.contains(place(record)) || view.scope.owns(record.key.record)
  }

  /// The place in preorder of the org that owns a record, -1 when unknown.
  public func place(_ record: StoredRecord) throws(QueryError) -> Int32 {
    try finder.place(record.partition, record.key, record.row)
  }

  /// Records that an index has under exactly these leading values, as ``QueryView/lookUp(_:index:values:limit:)``.
  public func lookUp(index: UInt8, values: [[Value]]) throws(QueryError) -> [StoredRecord] {
    try view.lookUp(entity, index: index, each: values, limit: Int.max).flatMap { found in
      found.map { StoredRecord(partition: $0.partition, key: $0.key, row: $0.row) }
    }
  }

  /// An expression's value for a record.
  public func value(of expression: CheckedExpression, _ record: StoredRecord) throws(QueryError) -> Value {
    let place = expression.asksTree ? try self.place(record) : -1
    let source = RecordSource(
      partition: record.partition, key: record.key, row: record.row, place: place, entity: entity, tables: tables)
    let value = expression.evaluate(source, today: view.today)
    try tables.check()
    return value
  }
}
