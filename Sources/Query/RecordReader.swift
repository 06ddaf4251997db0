import Access
import Catalog
import Formats
import Primitives

extension QueryView {
  /// The place in preorder of the org that owns a record, -1 when unknown.
  public func place(
    _ partition: PartitionID, _ key: RecordKey, _ row: RowView, _ entity: Entity
  ) throws(QueryError) -> Int32 {
    var finder = OwnerFinder(self, entity)
    return try finder.place(partition, key, row)
  }
}

/// A record that was selected without its row.
public struct ChosenRecord: Sendable {
  public let partition: PartitionID
  public let key: RecordKey

  /// The record under a key.
  public init(partition: PartitionID, key: RecordKey) {
    self.partition = partition
    self.key = key
  }
}

/// Values of records that were selected elsewhere: what is known of them is taken from there, and a row is read when an
/// expression asks for something else. One per answer.
public final class RecordReader {
  private let view: QueryView
  private let entity: Entity
  private let tables: PathTables
  private var finder: OwnerFinder
  private let isOrg: Bool
  private let orgItems: (code: ItemID?, name: ItemID?)
  private var loaded: RecordSource?

  /// Reads records of one entity from a view.
  public init(_ view: QueryView, _ entity: Entity) {
    self.view = view
    self.entity = entity
    tables = PathTables(view)
    finder = OwnerFinder(view, entity)
    isOrg = entity.name == "org"
    orgItems = (entity.item(named: "org_code")?.id, entity.item(named: "org_name")?.id)
  }

  /// An expression's value for a record.
  ///
  /// - Parameter known: the item's value, or nil when only the row knows.
  /// - Throws: `.corrupt` when the row is damaged or gone.
  public func value(
    of expression: CheckedExpression, _ record: ChosenRecord, known: (ItemID) -> Value?
  ) throws(QueryError) -> Value {
    // Most answers show items as they are, and columns or the directory know most of those.
    if case .item(let item) = expression.whole.form, let value = known(item) ?? ofDirectory(record, item) {
      return value
    }
    let source = try source(record)
    let value = expression.evaluate(source, today: view.today)
    try tables.check()
    return value
  }

  /// Code and name of an org, which the directory has; an empty one may be absent in the row.
  private func ofDirectory(_ record: ChosenRecord, _ item: ItemID) -> Value? {
    guard isOrg, item == orgItems.code || item == orgItems.name, let org = view.directory.org(record.key.record)
    else { return nil }
    let text = item == orgItems.code ? org.code : org.name
    return text.isEmpty ? nil : .text(text)
  }

  private func source(_ record: ChosenRecord) throws(QueryError) -> RecordSource {
    if let loaded, loaded.partition == record.partition, loaded.key == record.key { return loaded }
    guard let row = try view.row(record.partition, record.key) else {
      throw .corrupt("the row of \(record.key) is gone")
    }
    let place = try finder.place(record.partition, record.key, row)
    let source = RecordSource(
      partition: record.partition, key: record.key, row: row, place: place, entity: entity, tables: tables)
    loaded = source
    return source
  }
}

/// The first records of an order: keeps twice as many as are wanted, and drops the worse half when there are more.
public struct FirstRecords<Record> {
  private let limit: Int
  private var kept: [(key: Bytes, record: Record)] = []

  /// - Requires: `limit` is at least 1.
  public init(limit: Int) { self.limit = limit }

  /// Takes a record into account.
  ///
  /// - Parameter key: what its sort columns appended (``SortColumn/append(_:to:)``), then its row's key: equals stand
  ///   in
  ///   the order of storage.
  public mutating func add(_ key: Bytes, _ record: Record) {
    if kept.count == limit * 2 {
      kept.sort { $0.key.precedes($1.key) }
      kept.removeLast(limit)
    }
    kept.append((key, record))
  }

  /// The first ones, in order.
  public var records: [Record] { kept.sorted { $0.key.precedes($1.key) }.prefix(limit).map(\.record) }
}
