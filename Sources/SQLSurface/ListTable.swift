import CSQLite

/// A small table that is made when it is read: the org tree, code tables, what tables and columns there are. An
/// equality of its first column finds rows without looking at all of them.
final class ListTable: VirtualTable {
  struct Column {
    let name: String
    let type: String
  }

  let columns: [Column]
  /// Plans by number; below zero, where no entity's plan is.
  private static let whole: Int32 = -2
  fileprivate static let lookUp: Int32 = -1

  /// Made once a statement.
  private let make: (StatementRun) throws -> [[SQLValue]]
  private var rows: (run: Int, rows: [[SQLValue]], places: [SQLValue: [Int]])?

  init(_ connection: SQLConnection, _ columns: [Column], _ make: @escaping (StatementRun) throws -> [[SQLValue]]) {
    self.columns = columns
    self.make = make
    super.init(connection)
  }

  override var declaration: String {
    "CREATE TABLE x(\(columns.map { "\"\($0.name)\" \($0.type)" }.joined(separator: ", ")))"
  }
  override func open() -> VirtualCursor { ListCursor(self) }
  override func takesUnder() -> Bool { false }

  override func bestIndex(_ info: UnsafeMutablePointer<sqlite3_index_info>) -> (number: Int32, text: String) {
    for place in 0..<Int(info.pointee.nConstraint) {
      let constraint = info.pointee.aConstraint[place]
      guard constraint.usable != 0, constraint.iColumn == 0, Int32(constraint.op) == SQLITE_INDEX_CONSTRAINT_EQ,
        let collation = sqlite3_vtab_collation(info, Int32(place)), String(cString: collation) == "BINARY"
      else { continue }
      info.pointee.aConstraintUsage[place].argvIndex = 1
      info.pointee.estimatedCost = 2
      info.pointee.estimatedRows = 2
      return (ListTable.lookUp, "look-up: \(columns[0].name) =")
    }
    info.pointee.estimatedCost = 5000
    info.pointee.estimatedRows = 5000
    return (ListTable.whole, "list")
  }

  fileprivate func loaded() throws -> (rows: [[SQLValue]], places: [SQLValue: [Int]]) {
    let run = connection.run
    if let rows, rows.run == run.number { return (rows.rows, rows.places) }
    let made = try make(run)
    try run.budget.gather(made.reduce(0) { $0 + $1.reduce(48) { $0 + $1.byteCount } })
    var places: [SQLValue: [Int]] = [:]
    for (place, row) in made.enumerated() { places[row[0], default: []].append(place) }
    rows = (run.number, made, places)
    return (made, places)
  }
}

private final class ListCursor: VirtualCursor {
  private let table: ListTable
  private var rows: [[SQLValue]] = []
  private var places: [Int]?

  init(_ table: ListTable) { self.table = table }

  override func filter(_ plan: Int32, _ arguments: [[SQLValue]]) throws {
    let loaded = try table.loaded()
    rows = loaded.rows
    places = nil
    if plan == ListTable.lookUp, let value = arguments.first?.first {
      switch value {
      case .text: places = loaded.places[value] ?? []
      case .null: places = []
      // What another type is equal to, SQLite finds out itself.
      default: places = nil
      }
    }
    count = places?.count ?? rows.count
  }

  override func column(_ column: Int, _ context: OpaquePointer?) throws {
    setResult(context, rows[places?[row] ?? row][column])
  }

  override func rowid() throws -> Int64 { Int64(places?[row] ?? row) + 1 }
}
