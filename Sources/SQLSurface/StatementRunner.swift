import Access
import CSQLite
import Foundation
import Messages
import Primitives
import Xylem

/// Runs one statement on a connection: prepares it, learns from SQLite's plan which columns it wants, takes its moment,
/// and pushes its rows.
struct StatementRunner {
  private static let pieceRows = 256
  private static let pieceBytes = 128 << 10

  private let connection: SQLConnection
  private let reader: LongReader
  private let scope: Scope
  private let budget: Budget
  private let pipe: RowPipe

  init(_ connection: SQLConnection, _ reader: LongReader, _ scope: Scope, _ budget: Budget, _ pipe: RowPipe) {
    self.connection = connection
    self.reader = reader
    self.scope = scope
    self.budget = budget
    self.pipe = pipe
  }

  /// - Returns: the moment that was read, if any.
  func run(_ statement: SQLStatement, _ moment: TableMoment?) throws -> TableMoment? {
    // What is stored is NFC, and so must be what it is compared with.
    let text = statement.text.precomposedStringWithCanonicalMapping
    guard !text.utf8.contains(0) else { throw SQLFailure.syntax("a NUL character", "NUL 字符", nil) }
    guard text.utf8.count <= SQLLimits.textBytesMax else {
      throw SQLFailure.syntax(
        "it is longer than \(SQLLimits.textBytesMax) bytes", "语句超过 \(SQLLimits.textBytesMax) 字节", nil)
    }
    let run = connection.begin(reader, scope: scope, budget: budget, moment: moment)
    defer { connection.end() }
    var prepared = try Prepared(connection, text)
    defer { prepared.finalise() }
    var lines: [String] = []
    if !prepared.isExplain {
      lines = try explained(text)
      if moment == nil, try takeColumns(lines, run) {
        prepared.finalise()
        prepared = try Prepared(connection, text)
      }
    }
    try prepared.bind(statement.parameters)
    try step(prepared, run, lines)
    return run.moment
  }

  // MARK: Plans

  /// SQLite's plan of a statement, a line a step.
  private func explained(_ text: String) throws -> [String] {
    let explaining = try Prepared(connection, "explain query plan " + text, isWhole: false)
    defer { explaining.finalise() }
    var lines: [String] = []
    while sqlite3_step(explaining.statement) == SQLITE_ROW {
      if case .text(let line) = SQLValue(explaining.statement, 3) { lines.append(line) }
    }
    return lines
  }

  /// Takes the moment with the columns that the plan wants; true when the statement was planned with columns in mind
  /// that are not there.
  private func takeColumns(_ lines: [String], _ run: StatementRun) throws -> Bool {
    var wanted: [(entity: EntityID, withPlaces: Bool)] = []
    for number in lines.compactMap(planNumber) where number < run.plans.count {
      let plan = run.plans[number]
      guard plan.wantsColumns else { continue }
      if let place = wanted.firstIndex(where: { $0.entity == plan.entity }) {
        wanted[place].withPlaces = wanted[place].withPlaces || plan.needsPlaces
      } else {
        wanted.append((plan.entity, plan.needsPlaces))
      }
    }
    guard !wanted.isEmpty else { return false }
    run.set(try reader.moment(scope, columns: wanted))
    return wanted.contains { wanted in
      guard let schema = run.schemas.first(where: { $0.entity.id == wanted.entity }), let coded = run.coded(schema)
      else { return true }
      return schema.columns.indices.contains { schema.mayBeCoded($0) && !coded.contains($0) }
    }
  }

  /// `SCAN member VIRTUAL TABLE INDEX 7:…` names plan 7.
  private func planNumber(_ line: String) -> Int? {
    guard let range = line.range(of: "VIRTUAL TABLE INDEX ") else { return nil }
    return Int(line[range.upperBound...].prefix { $0.isNumber })
  }

  /// The plan as people read it: without numbers, which mean nothing to them.
  private func readable(_ line: String) -> String {
    guard let range = line.range(of: " VIRTUAL TABLE INDEX ") else { return line }
    let rest = line[range.upperBound...].drop { $0.isNumber }.dropFirst()
    return line[..<range.lowerBound] + " (" + rest + ")"
  }

  // MARK: Rows

  private func step(_ prepared: Prepared, _ run: StatementRun, _ lines: [String]) throws {
    let statement = prepared.statement
    let width = sqlite3_column_count(statement)
    let columns = (0..<width).map { column in
      SQLHead.Column(
        name: sqlite3_column_name(statement, column).map { String(cString: $0) } ?? "",
        type: sqlite3_column_decltype(statement, column).map { String(cString: $0) })
    }
    let plan = lines.map(readable)
    try budget.check()
    // The first row is sought before anything is promised: what fails at once fails instead of an answer.
    var isRow = try advance(statement)
    try pipe.push(.head(SQLHead(columns: columns, applied: run.moment?.applied, plan: plan)), budget)
    var rows: [[SQLValue]] = []
    var (bytes, total) = (0, 0)
    while isRow {
      total += 1
      guard total <= budget.limits.rows else { throw Failure(.sqlRows, ["maximum": "\(budget.limits.rows)"]) }
      let row = (0..<width).map { SQLValue(statement, $0) }
      bytes += row.reduce(0) { $0 + $1.byteCount }
      rows.append(row)
      if rows.count == StatementRunner.pieceRows || bytes > StatementRunner.pieceBytes {
        try pipe.push(.rows(rows), budget)
        (rows, bytes) = ([], 0)
      }
      isRow = try advance(statement)
    }
    if !rows.isEmpty { try pipe.push(.rows(rows), budget) }
  }

  private func advance(_ statement: OpaquePointer?) throws -> Bool {
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default: throw SQLFailure.running(connection)
    }
  }
}

/// A statement that SQLite has understood; finalised once, at the latest with this object.
final class Prepared {
  let statement: OpaquePointer
  let isExplain: Bool
  private var isFinalised = false

  /// - Parameter isWhole: whether anything behind the statement is refused.
  /// - Throws: why it cannot be run, and where.
  init(_ connection: SQLConnection, _ text: String, isWhole: Bool = true) throws {
    connection.forgetFailure()
    var text = text
    let (status, prepared, used) = text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        var statement: OpaquePointer?
        var tail: UnsafePointer<CChar>?
        let status = sqlite3_prepare_v3(
          connection.database, characters.baseAddress, Int32(characters.count), 0, &statement, &tail)
        let used = tail.flatMap { tail in characters.baseAddress.map { tail - $0 } } ?? characters.count
        return (status, statement, used)
      }
    }
    guard status == SQLITE_OK else { throw SQLFailure.preparing(connection, text) }
    guard let prepared else { throw SQLFailure.syntax("there is no statement", "没有语句", nil) }
    statement = prepared
    isExplain = sqlite3_stmt_isexplain(prepared) != 0
    // What gives no columns asks nothing, even where it would change nothing here.
    guard sqlite3_stmt_readonly(prepared) != 0, sqlite3_column_count(prepared) > 0 else {
      throw Failure(.sqlNotAllowed, ["action": "writing", "action.zh": "写入"])
    }
    guard isWhole else { return }
    let rest = String(decoding: text.utf8.dropFirst(used), as: UTF8.self)
    if Prepared.saysSomething(rest) {
      let before = String(decoding: text.utf8.prefix(used), as: UTF8.self)
      throw Failure(.sqlOneStatement, ["position": "\(before.count + 1)"])
    }
  }

  deinit { finalise() }

  func finalise() {
    guard !isFinalised else { return }
    isFinalised = true
    sqlite3_finalize(statement)
  }

  func bind(_ parameters: [SQLValue]) throws {
    let count = Int(sqlite3_bind_parameter_count(statement))
    guard count == parameters.count else {
      throw Failure(.sqlParameters, ["expected": "\(count)", "found": "\(parameters.count)"])
    }
    for (place, parameter) in parameters.enumerated() {
      var parameter = parameter
      if case .text(let text) = parameter { parameter = .text(text.precomposedStringWithCanonicalMapping) }
      guard parameter.bind(statement, Int32(place + 1)) == SQLITE_OK else {
        throw SQLFailure.syntax("parameter \(place + 1) is too long", "第 \(place + 1) 个参数过长", nil)
      }
    }
  }

  /// Whether a text holds more than spaces, semicolons and comments.
  static func saysSomething(_ text: String) -> Bool {
    var rest = Substring(text)
    while true {
      rest = rest.drop { $0.isWhitespace || $0 == ";" }
      if rest.hasPrefix("--") {
        rest = rest.drop { !$0.isNewline }
      } else if rest.hasPrefix("/*") {
        guard let end = rest.dropFirst(2).range(of: "*/") else { return false }
        rest = rest[end.upperBound...]
      } else {
        return !rest.isEmpty
      }
    }
  }
}
