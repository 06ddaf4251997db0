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

  /// A record with its columns.
  public init(partition: PartitionID, key: RecordKey, values: [Value]) {
    self.partition = partition
    self.key = key
    self.values = values
  }
}

/// A column of an answer: an item, a field of a related record, or any expression.
public struct AnswerColumn: Sendable {
  public let name: String
  public let label: Label
  public let type: ExpressionType?
  public let expression: CheckedExpression

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
  public let expression: CheckedExpression
  public let isDescending: Bool

  public init(_ column: AnswerColumn, isDescending: Bool) {
    expression = column.expression
    self.isDescending = isDescending
  }

  /// Appends bytes that sort as the value does, or the other way round: every byte turned over.
  public func append(_ value: Value, to writer: inout ByteWriter) {
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
    let masks = try ReadGate(scope, catalog).masks(columns, order: order, on: selection.entity)
    guard order.isEmpty else { return try findFirst(selection, columns, masks, order, limit) }
    var found: [FoundRecord] = []
    try forEach(selection, evaluating: columns.map(\.expression)) { (source) throws(QueryError) in
      if found.count == limit { return false }
      let values = zip(columns, masks).map { column, mask in
        mask.apply { column.expression.evaluate(source, today: today) }
      }
      try source.tables.check()
      found.append(FoundRecord(partition: source.partition, key: source.key, values: values))
      return true
    }
    return found
  }

  private func findFirst(
    _ selection: Selection, _ columns: [AnswerColumn], _ masks: [Mask], _ order: [SortColumn], _ limit: Int
  ) throws(QueryError) -> [FoundRecord] {
    var first = FirstRecords<FoundRecord>(limit: limit)
    try forEach(selection, evaluating: columns.map(\.expression) + order.map(\.expression)) {
      (source) throws(QueryError) in
      var key = ByteWriter(capacity: 48)
      for column in order { column.append(column.expression.evaluate(source, today: today), to: &key) }
      let values = zip(columns, masks).map { column, mask in
        mask.apply { column.expression.evaluate(source, today: today) }
      }
      try source.tables.check()
      key.raw(Keys.row(source.partition, source.key))
      first.add(key.bytes, FoundRecord(partition: source.partition, key: source.key, values: values))
      return true
    }
    return first.records
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

  /// Counts by the values of some columns, with figures beside the counts, sorted by those values.
  ///
  /// - Parameter groupsMax: more groups than this are refused before memory is.
  /// - Complexity: a scan of the partitions that the subtree touches.
  public func tally(
    _ selection: Selection, by columns: [AnswerColumn], measures: [Measure] = [],
    groupsMax: Int = QueryView.groupsMax
  ) throws(QueryError) -> [TallyGroup] {
    try ReadGate(scope, catalog).check(columns, measures, on: selection.entity)
    var places: [[Value]: Int] = [:]
    var groups: [(values: [Value], count: Int, states: [MeasureState])] = []
    let none = [MeasureState](repeating: MeasureState(), count: measures.count)
    let read = columns.map(\.expression) + measures.map(\.column.expression)
    try forEach(selection, evaluating: read) { (source) throws(QueryError) in
      let values = columns.map { $0.expression.evaluate(source, today: today) }
      try source.tables.check()
      var place = places[values] ?? -1
      if place < 0 {
        if groups.count == groupsMax { throw .tooManyRows(limit: groupsMax) }
        place = groups.count
        places[values] = place
        groups.append((values, 0, none))
      }
      groups[place].count += 1
      for (number, measure) in measures.enumerated() {
        groups[place].states[number].add(measure.column.expression.evaluate(source, today: today), measure)
      }
      try source.tables.check()
      return true
    }
    return TallyGroup.sorted(
      groups.map { group in
        TallyGroup(
          values: group.values, count: group.count, figures: zip(group.states, measures).map { $0.result($1) })
      })
  }

  /// The most groups of one answer.
  public static let groupsMax = 100_000

  /// Records that an index has under exactly these leading values, within the scope.
  ///
  /// - Parameter index: a number of ``Catalog/Entity/indexes``, or 0 for the natural key (not of child entities).
  /// - Complexity: one seek.
  public func lookUp(
    _ entity: Entity, index: UInt8, values: [Value], limit: Int
  ) throws(QueryError) -> [(partition: PartitionID, key: RecordKey, row: RowView)] {
    try lookUp(entity, index: index, each: [values], limit: limit)[0]
  }

  /// ``lookUp(_:index:values:limit:)`` for many at once.
  ///
  /// - Parameter limit: of records for each.
  /// - Returns: one list for each of `values`, in their order.
  /// - Complexity: one seek each, in the order of the index, on one iterator.
  public func lookUp(
    _ entity: Entity, index: UInt8, each values: [[Value]], limit: Int
  ) throws(QueryError) -> [[(partition: PartitionID, key: RecordKey, row: RowView)]] {
    let prefixes = values.enumerated().map { (place: $0, bytes: indexPrefix(entity, index, $1)) }
      .sorted { $0.bytes.precedes($1.bytes) }
    var targets = [[(PartitionID, RecordKey)]](repeating: [], count: values.count)
    var damage: String?
    do {
      try reader.scan(.index, prefixes: prefixes.map(\.bytes)) { number, key, value in
        let target =
          index == 0 ? value : UnsafeRawBufferPointer(rebasing: key[max(0, key.count - Keys.rowByteCount)...])
        guard let found = Keys.parseRow(target) else {
          damage = "index entry \(Bytes(key).hex)"
          return false
        }
        targets[prefixes[number].place].append(found)
        // What lies outside the scope must not use up the room of what lies inside.
        return targets[prefixes[number].place].count < (visible == nil ? limit : QueryView.homonymsMax)
      }
    } catch { throw .store(error) }
    if let damage { throw .corrupt(damage) }
    var finder = OwnerFinder(self, entity)
    var answers: [[(partition: PartitionID, key: RecordKey, row: RowView)]] = []
    for some in targets {
      var found: [(partition: PartitionID, key: RecordKey, row: RowView)] = []
      for (partition, key) in some {
        guard let row = try self.row(partition, key) else {
          if isSetAside(Keys.row(partition, key), partition, key) { continue }
          throw .corrupt("an index entry without its record")
        }
        if let visible, !scope.owns(key.record), try !visible.contains(finder.place(partition, key, row)) { continue }
        if found.count < limit { found.append((partition, key, row)) }
      }
      answers.append(found)
    }
    return answers
  }

  /// How many records with the same leading values are looked at for somebody who sees a part of them: more people of
  /// one name and birth date than a nation has.
  private static let homonymsMax = 10_000

  private func indexPrefix(_ entity: Entity, _ index: UInt8, _ values: [Value]) -> Bytes {
    var writer = ByteWriter(capacity: 64)
    writer.raw(IndexKey.prefix(entity.id, index))
    if index == 0 { writer.u8(0) }
    for value in values { IndexKey.append(value, to: &writer) }
    return writer.bytes
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
