import AdminClient
import AdminProtocol
import CSQLite
import Glibc
import Messages

/// A SQLite file that is filled table by table: written once, in one transaction a table, with a bounded cache, so that
/// memory stays flat. An extract that is not finished is removed.
final class Extract {
  private let path: String
  private var database: OpaquePointer?
  private var insertion: OpaquePointer?
  private var isFinished = false
  /// Everything the node had applied at the moment that was read.
  private(set) var applied: UInt64?
  private var table = ""
  /// Columns of each table with their code tables, as `xylem_columns` says.
  private var codes: [(table: String, column: String, codes: String?)] = []
  private var columnPlaces: [String: Int] = [:]

  /// - Throws: `clientOutput` when the file cannot be made.
  init(path: String) throws(Failure) {
    self.path = path
    unlink(path)
    // The register of people: for its owner alone, whatever the process's mask says.
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Failure(.clientOutput, ["file": path, "reason": systemReason(errno)]) }
    close(file)
    guard sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else { throw failure }
    // The file is new and thrown away when this fails: no journal is needed until the end.
    try run("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -8192; pragma page_size = 8192")
  }

  deinit {
    sqlite3_finalize(insertion)
    sqlite3_close_v2(database)
    if !isFinished { unlink(path) }
  }

  private var failure: Failure {
    Failure(
      .clientOutput, ["file": path, "reason": sqlite3_errmsg(database).map { String(cString: $0) } ?? "sqlite"])
  }

  private func run(_ sql: String) throws(Failure) {
    guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else { throw failure }
  }

  private func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
  private func text(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

  /// Begins the next table.
  func begin(_ head: SQLHeadResponse) throws(Failure) {
    try endTable()
    table = head.table ?? "t"
    applied = applied ?? head.applied
    columnPlaces = [:]
    for (place, column) in head.columns.enumerated() { columnPlaces[column.name] = place }
    let columns = head.columns.map { "\(quoted($0.name)) \($0.type ?? "")" }.joined(separator: ", ")
    try run("create table \(quoted(table))(\(columns)); begin")
    let places = head.columns.map { _ in "?" }.joined(separator: ",")
    let insert = "insert into \(quoted(table)) values (\(places))"
    guard sqlite3_prepare_v2(database, insert, -1, &insertion, nil) == SQLITE_OK else { throw failure }
  }

  private func endTable() throws(Failure) {
    guard insertion != nil else { return }
    sqlite3_finalize(insertion)
    insertion = nil
    try run("commit")
    for column in ["_id", "_parent", "org"] where columnPlaces[column] != nil {
      try run("create index \(quoted("\(table)_\(column)")) on \(quoted(table))(\(quoted(column)))")
    }
  }

  /// Adds a row to the table that was begun last.
  func add(_ row: [SQLCell]) throws(Failure) {
    for (place, cell) in row.enumerated() {
      let number = Int32(place + 1)
      let status: Int32 =
        switch cell {
        case .null: sqlite3_bind_null(insertion, number)
        case .integer(let value): sqlite3_bind_int64(insertion, number, value)
        case .real(let value): sqlite3_bind_double(insertion, number, value)
        case .text(let text): xylem_sqlite_bind_text(insertion, number, text, Int32(clamping: text.utf8.count))
        }
      guard status == SQLITE_OK else { throw failure }
    }
    guard sqlite3_step(insertion) == SQLITE_DONE else { throw failure }
    sqlite3_reset(insertion)
    if table == "xylem_columns" { note(row) }
  }

  private func note(_ row: [SQLCell]) {
    func cell(_ name: String) -> String? {
      guard let place = columnPlaces[name], place < row.count, case .text(let text) = row[place] else { return nil }
      return text
    }
    guard let table = cell("table_name"), let column = cell("column_name") else { return }
    codes.append((table, column, cell("code_table")))
  }

  /// Adds what explains the tables, and makes the file durable.
  func finish(_ facts: [(String, String)]) throws(Failure) {
    try endTable()
    try run("create index codes_code on codes(code_table, code); create table readme(about text, says text); begin")
    for (about, says) in facts { try run("insert into readme values (\(text(about)), \(text(says)))") }
    try run("commit")
    var tables: [String] = []
    for entry in codes where entry.codes != nil && tables.last != entry.table { tables.append(entry.table) }
    for table in tables {
      let labels = codes.filter { $0.table == table }.compactMap { entry in
        entry.codes.map { codes in
          "(select label_zh from codes where code_table = \(text(codes)) and code = t.\(quoted(entry.column))) as "
            + quoted(entry.column + "_label")
        }
      }
      try run(
        "create view \(quoted(table + "_labelled")) as select t.*, \(labels.joined(separator: ", ")) from "
          + "\(quoted(table)) t")
    }
    guard sqlite3_close(database) == SQLITE_OK else { throw failure }
    database = nil
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Failure(.clientOutput, ["file": path, "reason": systemReason(errno)]) }
    defer { close(file) }
    guard fsync(file) == 0 else { throw Failure(.clientOutput, ["file": path, "reason": systemReason(errno)]) }
    isFinished = true
  }
}
