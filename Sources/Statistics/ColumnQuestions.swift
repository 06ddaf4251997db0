import Access
import Catalog
import Formats
import Primitives
import Query

/// What a question over columns is about.
public struct ColumnMoment: Sendable {
  public let directory: OrgDirectory
  /// Orgs that may be seen and are asked for; nil for all, see ``Query/Selection/extent(_:in:)``.
  public let extent: OrgExtent?
  public let today: CivilDate

  /// - Requires: `directory` is of the moment up to which the columns were brought.
  public init(directory: OrgDirectory, extent: OrgExtent?, today: CivilDate) {
    self.directory = directory
    self.extent = extent
    self.today = today
  }
}

/// A question that columns can answer, ready to run.
public struct ColumnQuestion {
  private let scan: ColumnScan
  private let context: QuestionContext
  /// How many records were looked at by the last run.
  public private(set) var rowsLookedAt = 0

  /// - Throws: what the question reads that is no column: ask the rows then.
  public init(_ selection: Selection, _ store: ColumnStore, _ moment: ColumnMoment) throws(NotInColumns) {
    store.follow(moment.directory)
    context = QuestionContext(today: moment.today, directory: moment.directory)
    scan = try ColumnScan(selection, moment.extent, store, context)
  }

  /// How many records the selection has.
  public mutating func count() -> Int {
    var count = 0
    rowsLookedAt = scan.forEachBlock { _, _, picks in
      count += picks.count
      return true
    }
    return count
  }

  /// Counts by the values of some columns, with figures beside the counts, as ``Query/QueryView`` gives them.
  ///
  /// - Throws: `.tooManyRows` for more groups than `groupsMax`.
  public mutating func tally(
    _ tally: ColumnTally, groupsMax: Int = QueryView.groupsMax
  ) throws(QueryError) -> [TallyGroup] {
    let groups = BlockBuffer<Int32>(filledWith: 0)
    var table = GroupTable(width: tally.keys.count)
    var counts: [Int] = []
    rowsLookedAt = try scan.forEachBlock { (_, _, picks) throws(QueryError) in
      for key in tally.keys { key.load(picks) }
      let isWithin = table.load(
        tally.keys.map(\.ids), counts: tally.keys.map(\.values.count), rows: picks.count, groupsMax: groupsMax,
        to: groups.pointer)
      guard isWithin else { throw .tooManyRows(limit: groupsMax) }
      if counts.count < table.count { counts += [Int](repeating: 0, count: table.count - counts.count) }
      counts.withUnsafeMutableBufferPointer { counts in
        for pick in 0..<picks.count { counts[Int(groups.pointer[pick])] += 1 }
      }
      for measure in tally.measures { measure.add(picks, groups: groups.pointer, groupCount: table.count) }
      return true
    }
    return TallyGroup.sorted(
      counts.indices.map { group in
        TallyGroup(
          values: zip(tally.keys, table.numbers(group)).map { $0.values[Int($1)] }, count: counts[group],
          figures: tally.measures.map { $0.result(group) })
      })
  }

  /// Prepares groups and figures of this question.
  public func prepareTally(by columns: [AnswerColumn], measures: [Measure]) throws(NotInColumns) -> ColumnTally {
    try ColumnTally(columns, measures, scan.builder)
  }

  /// The records of the selection, in the order of storage.
  ///
  /// - Parameter limit: at most so many; nil for all.
  public mutating func records(limit: Int? = nil) -> [SelectedRecord] {
    var found: [SelectedRecord] = []
    let entity = scan.builder.entity
    let limit = limit ?? Int.max
    let isSorted = entity.segments.allSatisfy(\.keys.isSorted)
    rowsLookedAt = scan.forEachBlock { segment, start, picks in
      for pick in 0..<picks.count {
        let row = start + Int(picks.rows[pick])
        found.append(SelectedRecord(entity, segment, row))
      }
      return !isSorted || found.count < limit
    }
    if !isSorted { found.sort { ($0.partition, $0.key) < ($1.partition, $1.key) } }
    return Array(found.prefix(limit))
  }
}

extension ColumnQuestion {
  /// Prepares an order of this question's records.
  public func prepareOrder(_ columns: [SortColumn]) throws(NotInColumns) -> ColumnOrder {
    try ColumnOrder(columns, scan.builder)
  }

  /// The first records of the selection in an order.
  public mutating func records(_ order: ColumnOrder, limit: Int) -> [SelectedRecord] {
    var first = FirstRecords<SelectedRecord>(limit: limit)
    let entity = scan.builder.entity
    rowsLookedAt = scan.forEachBlock { segment, start, picks in
      for key in order.keys { key.ids.load(picks) }
      for pick in 0..<picks.count {
        let record = SelectedRecord(entity, segment, start + Int(picks.rows[pick]))
        var writer = ByteWriter(capacity: 64)
        for key in order.keys { key.column.append(key.ids.values[Int(key.ids.ids[pick])], to: &writer) }
        writer.raw(Keys.row(record.partition, record.key))
        first.add(writer.bytes, record)
      }
      return true
    }
    return first.records
  }
}

/// What a question's records are sorted by.
public struct ColumnOrder {
  let keys: [(column: SortColumn, ids: ValueIDs)]

  init(_ columns: [SortColumn], _ builder: EvaluatorBuilder) throws(NotInColumns) {
    var keys: [(column: SortColumn, ids: ValueIDs)] = []
    for column in columns { keys.append((column, try ValueIDs(column.expression.whole, builder))) }
    self.keys = keys
  }
}

/// Groups and figures of a question.
public struct ColumnTally {
  let keys: [ValueIDs]
  let measures: [ColumnMeasure]

  init(_ columns: [AnswerColumn], _ measures: [Measure], _ builder: EvaluatorBuilder) throws(NotInColumns) {
    var keys: [ValueIDs] = []
    for column in columns { keys.append(try ValueIDs(column.expression.whole, builder)) }
    var prepared: [ColumnMeasure] = []
    for measure in measures { prepared.append(try ColumnMeasure(measure, builder)) }
    self.keys = keys
    self.measures = prepared
  }
}

/// A record that a question selected; what columns know of it can be read without its row.
public struct SelectedRecord {
  public let partition: PartitionID
  public let key: RecordKey
  private let entity: EntityColumns
  private let segment: Segment
  private let row: Int

  init(_ entity: EntityColumns, _ segment: Segment, _ row: Int) {
    self.entity = entity
    self.segment = segment
    self.row = row
    partition = segment.partition
    let key = segment.keys.key(row)
    self.key = RecordKey(entity: entity.entity.id, record: key.record, ordinal: key.ordinal)
  }

  /// The item's value, or nil when it is no column.
  ///
  /// - Requires: nothing was applied to the columns since.
  public func value(_ item: ItemID) -> Value? {
    guard let column = entity.column(item), let coding = entity.coding(column: column) else { return nil }
    return coding.value(segment.columns[column][row])
  }
}
