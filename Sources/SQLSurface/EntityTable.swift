import Access
import CSQLite
import Catalog
import Formats
import Messages
import Primitives
import Query
import Statistics
import Xylem

/// An entity of the catalog as a table.
final class EntityTable: VirtualTable {
  let schema: TableSchema
  /// Numbers for rows, given when SQLite asks for them: it tells rows apart by them.
  private var rowids: [RowIdentity: Int64] = [:]
  private var rowidsRun = 0

  struct RowIdentity: Hashable {
    let partition: PartitionID
    let record: RecordID
    let ordinal: UInt32
  }

  init(_ connection: SQLConnection, _ schema: TableSchema) {
    self.schema = schema
    super.init(connection)
  }

  override var declaration: String { schema.declaration }
  override func takesUnder() -> Bool { schema.orgColumn != nil }
  override func open() -> VirtualCursor { EntityCursor(self) }

  override func bestIndex(_ info: UnsafeMutablePointer<sqlite3_index_info>) -> (number: Int32, text: String) {
    let run = connection.run
    let planner = EntityPlanner(
      schema, rows: run.rowCounts[Int(schema.entity.id.value)], coded: run.coded(schema), isScoped: run.isScoped, info)
    let plan = planner.plan()
    return (run.add(plan), plan.text)
  }

  /// The same number for the same row as long as a statement runs.
  func rowid(_ row: RowIdentity) -> Int64 {
    if rowidsRun != connection.run.number {
      rowids = [:]
      rowidsRun = connection.run.number
    }
    if let known = rowids[row] { return known }
    let number = Int64(rowids.count + 1)
    rowids[row] = number
    return number
  }
}

/// Reads an entity's rows as its plan says: single records, a scan of rows, or columns.
final class EntityCursor: VirtualCursor {
  private static let pieceRows = 256

  private let table: EntityTable
  private let schema: TableSchema
  private var run: StatementRun { table.connection.run }
  private var fetcher: RecordFetcher?
  private var moment: TableMoment?
  /// Rows at hand, unless columns choose them.
  private var records: [StoredRecord] = []
  private var rows: RowCursor?
  private var scan: ColumnScan?
  private var isSorted = false
  private var coded: [CodedColumn?] = []
  /// The row behind the last line of columns that was asked for more than columns know.
  private var fetched: (row: Int, record: StoredRecord)?

  init(_ table: EntityTable) {
    self.table = table
    schema = table.schema
  }

  override func filter(_ number: Int32, _ arguments: [[SQLValue]]) throws {
    let plan = run.plans[Int(number)]
    let moment = try run.requireMoment()
    self.moment = moment
    records = []
    rows = nil
    scan = nil
    isSorted = false
    fetched = nil
    let fetcher = fetcher ?? RecordFetcher(moment.view, schema.entity)
    self.fetcher = fetcher
    switch plan.access {
    case .record(let argument):
      guard case .text(let text)? = arguments[argument].first, let id = RecordText.parse(text) else { return }
      let key = RecordKey(entity: schema.entity.id, record: id.record, ordinal: id.ordinal)
      guard (schema.entity.parent != nil) == (id.ordinal != 0) else { return }
      if let record = try fetcher.record(key) { take([record]) }
    case .children(let argument):
      guard case .text(let text)? = arguments[argument].first, let id = RecordText.parse(text), id.ordinal == 0 else {
        return
      }
      take(try fetcher.children(of: id.record))
    case .index(let number, let columns, let places, _):
      let sides = places.map { arguments[$0] }
      if let values = keys(columns, sides, moment) {
        take(try fetcher.lookUp(index: number, values: values))
      } else {
        rows = RowCursor(moment.view, schema.entity, in: nil)
      }
    case .scan: try scan(plan, arguments, moment)
    }
  }

  private func take(_ found: [StoredRecord]) {
    records = found
    count = found.count
  }

  /// The values to look up, one list a look-up; nil when one cannot be said exactly.
  private func keys(_ columns: [Int], _ sides: [[SQLValue]], _ moment: TableMoment) -> [[Value]]? {
    var keys: [[Value]] = [[]]
    for (column, side) in zip(columns, sides) {
      guard case .item(let item) = schema.columns[column].source else { return nil }
      var values: [Value] = []
      var seen: Set<Value> = []
      for value in side {
        switch CellValue.equal(value, item.type, moment.directory) {
        case .value(let value): if seen.insert(value).inserted { values.append(value) }
        case .nothing: break
        case .unknown: return nil
        }
      }
      keys = keys.flatMap { key in values.map { key + [$0] } }
    }
    return keys
  }

  // MARK: Scans

  private func scan(_ plan: TablePlan, _ arguments: [[SQLValue]], _ moment: TableMoment) throws {
    var extent = moment.scope.extent(in: moment.directory)
    for test in plan.tests where test.column == schema.orgColumn {
      guard let asked = try place(test, arguments[test.argument], moment) else { continue }
      extent = extent?.clamped(to: asked) ?? OrgExtent([asked])
    }
    guard plan.wantsColumns, let columns = moment.columns[schema.entity.id], extent == nil || columns.hasPlaces else {
      if !plan.order.isEmpty { throw Failure(.apiInternal, ["reference": "an order without columns"]) }
      rows = RowCursor(moment.view, schema.entity, in: extent)
      return
    }
    if coded.isEmpty {
      coded = schema.columns.map { CodedColumn($0, columns, moment.directory) }
      run.pins.append(contentsOf: coded.compactMap { $0 })
    }
    var tests: [(column: CodedColumn, predicate: CodedColumn.Predicate)] = []
    for test in plan.tests where test.op != .under {
      guard let column = coded[test.column] else { continue }
      let predicate = column.predicate(test.op, arguments[test.argument])
      if case .nothing = predicate { return }
      tests.append((column, predicate))
    }
    let scan = ColumnScan(columns, extent: extent, tests: tests, run.budget)
    if !plan.order.isEmpty {
      var order: [(column: CodedColumn, isDescending: Bool)] = []
      for term in plan.order {
        guard let column = coded[term.column] else {
          throw Failure(.apiInternal, ["reference": "an order without its column"])
        }
        order.append((column, term.isDescending))
      }
      let isDistinct = plan.grouping == .distinct || plan.grouping == .sortedDistinct
      try scan.sort(by: order, isDistinct: isDistinct)
      isSorted = true
      count = scan.count
    } else if plan.readsRows, try scan.matching() * 3 > columns.count {
      // Most rows are wanted whole: one after the other costs less than one by one.
      rows = RowCursor(moment.view, schema.entity, in: extent)
      return
    }
    self.scan = scan
  }

  /// Which places an `under` or an equality of `org` leaves; nil when all may be meant.
  private func place(_ test: TableTest, _ values: [SQLValue], _ moment: TableMoment) throws -> Range<Int32>? {
    guard test.op == .under || test.op == .equal || test.op == .isSame, values.count == 1 else { return nil }
    switch values[0] {
    case .null: return test.op == .isSame ? nil : 0..<0
    case .text(let code):
      if test.op == .under { return try OrgFunctions.interval(under: code, moment) }
      let extent = moment.scope.extent(in: moment.directory)
      guard let org = OrgExtent.org(code: Text(code), in: moment.directory, knownTo: extent) else { return 0..<0 }
      return org.start..<org.start + 1
    default: return nil
    }
  }

  override func refill() throws -> Bool {
    if let scan {
      guard !isSorted, try scan.nextBlock() else { return false }
      fetched = nil
      count = scan.count
      return true
    }
    try run.budget.check()
    guard rows != nil, let piece = try rows?.next(EntityCursor.pieceRows) else { return false }
    take(piece)
    return true
  }

  // MARK: Cells

  override func column(_ column: Int, _ context: OpaquePointer?) throws {
    if let scan, let coded = coded[column] {
      return coded.setResult(context, scan.codes(coded)[scan.pick(row)])
    }
    guard let moment, let fetcher else { return }
    switch schema.columns[column].source {
    case .id:
      let identity = identity
      SQLSurface.setResult(context, RecordText.text(identity.record, ordinal: identity.ordinal))
    case .parent: SQLSurface.setResult(context, RecordText.text(identity.record))
    case .org:
      let place = try fetcher.place(record())
      guard place >= 0 else { return sqlite3_result_null(context) }
      SQLSurface.setResult(context, moment.directory.orgs[Int(place)].code.string)
    case .item(let item):
      SQLSurface.setResult(context, CellValue.sql(try record().row.value(item.id), item.type, moment.directory))
    case .derived(let item, let expression):
      SQLSurface.setResult(
        context, CellValue.sql(try fetcher.value(of: expression, record()), item.type, moment.directory))
    case .label(let item, let table):
      guard case .text(let code) = try record().row.value(item.id), let label = table.label(of: code) else {
        return sqlite3_result_null(context)
      }
      SQLSurface.setResult(context, label.zh)
    }
  }

  private var identity: EntityTable.RowIdentity {
    if let scan {
      let key = scan.key(row)
      return .init(partition: key.partition, record: key.record, ordinal: key.ordinal)
    }
    let record = records[row]
    return .init(partition: record.partition, record: record.key.record, ordinal: record.key.ordinal)
  }

  /// The stored record of the row at hand.
  private func record() throws -> StoredRecord {
    guard scan != nil else { return records[row] }
    if let fetched, fetched.row == row { return fetched.record }
    let identity = identity
    let key = RecordKey(entity: schema.entity.id, record: identity.record, ordinal: identity.ordinal)
    guard let record = try fetcher?.record(identity.partition, key) else {
      throw QueryError.corrupt("the row of \(key) is gone")
    }
    fetched = (row, record)
    return record
  }

  override func rowid() throws -> Int64 { table.rowid(identity) }
}
