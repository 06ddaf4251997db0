import Access
import Catalog
import Formats
import Primitives

/// One found record.
public struct FoundRecord: Sendable {
  public let partition: PartitionID
  public let key: RecordKey
  /// By selected column.
  public let values: [Value]
}

/// A column of an answer: an item, a field of a related record, or any expression.
public struct AnswerColumn: Sendable {
  public let name: String
  public let label: Label
  public let type: ExpressionType?
  let expression: CheckedExpression

  /// - Throws: `.expression` when the text is none over the entity.
  public init(_ text: String, on entity: Entity, catalog: Catalog) throws(QueryError) {
    do { expression = try catalog.check(expression: text, on: entity, expecting: nil) } catch {
      throw .expression(text, offset: error.offset, error)
    }
    name = text
    // A path bears the name of the item at its end, an expression its own text.
    let path = expression.paths.first { $0.source == text }
    label =
      entity.item(named: text)?.label ?? path.flatMap { catalog.entity($0.entity)?.item($0.item)?.label }
      ?? Label(zh: text, en: text)
    type = expression.type
  }
}

/// What an answer is sorted by.
public struct SortColumn: Sendable {
  let expression: CheckedExpression
  let isDescending: Bool

  public init(_ column: AnswerColumn, isDescending: Bool) {
    expression = column.expression
    self.isDescending = isDescending
  }

  /// Appends bytes that sort as the value does, or the other way round: every byte turned over.
  func append(_ value: Value, to writer: inout ByteWriter) {
    guard isDescending else { return IndexKey.append(value, to: &writer) }
    var plain = ByteWriter(capacity: 24)
    IndexKey.append(value, to: &plain)
    writer.raw(plain.bytes.map { ~$0 })
  }
}

extension QueryView {
  /// The records of a selection with the columns asked for.
  ///
  /// - Parameters:
  ///   - order: empty for the order of storage.
  ///   - limit: at most so many rows come back.
  /// - Complexity: a scan of the partitions that the subtree touches; memory for twice the limit.
  public func find(
    _ selection: Selection, columns: [AnswerColumn], order: [SortColumn] = [], limit: Int
  ) throws(QueryError) -> [FoundRecord] {
    guard order.isEmpty else { return try findFirst(selection, columns, order, limit) }
    var found: [FoundRecord] = []
    try forEach(selection) { (source) throws(QueryError) in
      if found.count == limit { return false }
      let values = columns.map { $0.expression.evaluate(source, today: today) }
      try source.tables.check()
      found.append(FoundRecord(partition: source.partition, key: source.key, values: values))
      return true
    }
    return found
  }

  /// The first records of an order: keeps twice as many as are wanted, and drops the worse half when there are more.
  private func findFirst(
    _ selection: Selection, _ columns: [AnswerColumn], _ order: [SortColumn], _ limit: Int
  ) throws(QueryError) -> [FoundRecord] {
    var kept: [(key: Bytes, record: FoundRecord)] = []
    var number: UInt64 = 0
    try forEach(selection) { (source) throws(QueryError) in
      var key = ByteWriter(capacity: 48)
      for column in order { column.append(column.expression.evaluate(source, today: today), to: &key) }
      try source.tables.check()
      if kept.count == limit * 2 {
        kept.sort { $0.key.precedes($1.key) }
        kept.removeLast(limit)
      }
      let values = columns.map { $0.expression.evaluate(source, today: today) }
      try source.tables.check()
      // Equals keep the order of storage, which a sort alone does not promise.
      number += 1
      key.u64(number)
      kept.append((key.bytes, FoundRecord(partition: source.partition, key: source.key, values: values)))
      return true
    }
    kept.sort { $0.key.precedes($1.key) }
    return kept.prefix(limit).map(\.record)
  }

  /// How many records a selection has.
  public func count(_ selection: Selection) throws(QueryError) -> Int {
    var count = 0
    try forEach(selection) { _ in
      count += 1
      return true
    }
    return count
  }

  /// Counts by the values of some columns, sorted by those values.
  ///
  /// - Parameter groupsMax: more groups than this are refused before memory is.
  public func tally(
    _ selection: Selection, by columns: [AnswerColumn], groupsMax: Int = 100_000
  ) throws(QueryError) -> [(values: [Value], count: Int)] {
    var places: [[Value]: Int] = [:]
    var groups: [(values: [Value], count: Int)] = []
    try forEach(selection) { (source) throws(QueryError) in
      let values = columns.map { $0.expression.evaluate(source, today: today) }
      try source.tables.check()
      if let place = places[values] {
        groups[place].count += 1
        return true
      }
      if groups.count == groupsMax { throw .tooManyRows(limit: groupsMax) }
      places[values] = groups.count
      groups.append((values, 1))
      return true
    }
    return groups.sorted { sortKey($0.values).precedes(sortKey($1.values)) }
  }

  private func sortKey(_ values: [Value]) -> Bytes {
    var writer = ByteWriter()
    for value in values { IndexKey.append(value, to: &writer) }
    return writer.bytes
  }

  /// Records that an index has under exactly these leading values, within the scope.
  ///
  /// - Parameter index: a number of ``Catalog/Entity/indexes``, or 0 for the natural key (not of child entities).
  /// - Complexity: one seek.
  public func lookUp(
    _ entity: Entity, index: UInt8, values: [Value], limit: Int
  ) throws(QueryError) -> [(partition: PartitionID, key: RecordKey, row: RowView)] {
    var writer = ByteWriter()
    writer.raw(IndexKey.prefix(entity.id, index))
    if index == 0 { writer.u8(0) }
    for value in values { IndexKey.append(value, to: &writer) }
    let prefix = writer.bytes
    var targets: [(PartitionID, RecordKey)] = []
    var damage: String?
    do {
      try reader.scan(.index, from: prefix, to: prefix.prefixEnd()) { key, value in
        let target =
          index == 0 ? value : UnsafeRawBufferPointer(rebasing: key[max(0, key.count - Keys.rowByteCount)...])
        guard let found = Keys.parseRow(target) else {
          damage = "index entry \(Bytes(key).hex)"
          return false
        }
        targets.append(found)
        return targets.count < limit
      }
    } catch { throw .store(error) }
    if let damage { throw .corrupt(damage) }
    let interval = scope.interval(in: directory)
    var finder = OwnerFinder(self, entity)
    var found: [(partition: PartitionID, key: RecordKey, row: RowView)] = []
    for (partition, key) in targets {
      guard let row = try self.row(partition, key) else {
        if isSetAside(Keys.row(partition, key), partition, key) { continue }
        throw .corrupt("an index entry without its record")
      }
      if let interval, try !interval.contains(finder.place(partition, key, row)) { continue }
      found.append((partition, key, row))
    }
    return found
  }

  /// The digest of one entity's stored rows in a partition, by scan.
  public func digest(_ partition: PartitionID, _ entity: EntityID) throws(QueryError) -> RowDigest {
    var digest = RowDigest()
    let from = Keys.entity(partition, entity)
    do {
      try reader.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
        digest.add(key: key, value: value, with: hashing)
        return true
      }
    } catch { throw .store(error) }
    return digest
  }
}
