import Messages

/// `POST /v1/sql`: one statement of SQLite's dialect, read-only.
public struct SQLRequest: Codable, Sendable {
  public var sql: String
  /// One value for each `?`: a text, an integer, true or false, or null.
  public var parameters: [SQLCell]?
  /// The most rows of the answer; more are refused, not cut off.
  public var rows: Int?
  /// The most seconds until the last row.
  public var seconds: Int?
  /// The most memory, in MiB.
  public var memory: Int?
  /// A token that an answer gave: wait until all of it is here.
  public var atLeast: String?
  /// Refuse an answer over data older than so many seconds.
  public var maxAge: Int?

  /// A request with the daemon's own limits.
  public init(_ sql: String) { self.sql = sql }

  /// The members a request may have.
  public static let members = ["sql", "parameters", "rows", "seconds", "memory", "atLeast", "maxAge"]

  /// Rows of an answer that comes as one document; longer ones are streamed.
  public static let documentRowsMax = 100_000
}

/// What comes before the rows of an answer.
public struct SQLHeadResponse: Codable, Sendable {
  /// A column of the answer.
  public struct Column: Codable, Hashable, Sendable {
    public var name: String
    /// `TEXT`, `INTEGER` or `REAL` when it is a column of a table; absent for what is computed.
    public var type: String?

    public init(name: String, type: String?) {
      self.name = name
      self.type = type
    }
  }
  /// The table whose rows follow; in exports only.
  public var table: String?
  public var columns: [Column]
  /// Everything the node had applied at the moment that was read.
  public var applied: UInt64?
  /// How each table is read.
  public var plan: [String]
  /// Of what the answer may cover.
  public var freshness: FreshnessResponse?

  public init(columns: [Column], applied: UInt64?, plan: [String]) {
    self.columns = columns
    self.applied = applied
    self.plan = plan
  }
}

/// A line of a streamed answer (`application/x-ndjson`): the head, then a JSON array a row, then the summary or a
/// problem.
public enum SQLLine: Sendable {
  case head(SQLHeadResponse)
  case row([SQLCell])
  case summary(rows: Int, microseconds: Int)
  case problem(ImportLine.Problem)
}

/// A cell of an answer, or a parameter: JSON's null, integer, number, text; bytes are texts of hexadecimal digits.
public enum SQLCell: Codable, Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let flag = try? container.decode(Bool.self) {
      self = .integer(flag ? 1 : 0)
    } else if let number = try? container.decode(Int64.self) {
      self = .integer(number)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .integer(let number): try container.encode(number)
    case .real(let number): try container.encode(number)
    case .text(let text): try container.encode(text)
    }
  }

  /// Writes the cell as JSON.
  public func write(to json: inout JSONText) {
    switch self {
    case .null: json.null()
    case .integer(let number): json.int(Int(number))
    case .real(let number):
      // A reader tells by the point that it is no integer.
      number.isFinite ? json.number(SQLCell.digits(number)) : json.string(number > 0 ? "Infinity" : "-Infinity")
    case .text(let text): json.string(text)
    }
  }

  /// The shortest decimal that reads back equal: `12.34`, `1.0`, `1.5e+300`.
  static func digits(_ number: Double) -> String { number.description }
}

extension SQLLine {
  /// A row as its line.
  public static func text(row: [SQLCell]) -> String {
    var json = JSONText()
    json.array { json in for cell in row { cell.write(to: &json) } }
    json.endLine()
    return json.text
  }

  /// A line that is read: rows by hand, for there are many.
  ///
  /// - Throws: `clientBadResponse`.
  public static func read(_ bytes: ArraySlice<UInt8>, from address: String) throws(Failure) -> SQLLine {
    if bytes.first == UInt8(ascii: "[") {
      var reader = SQLRowReader(bytes)
      guard let row = reader.row() else {
        throw Failure(.clientBadResponse, ["address": address, "reason": "a row that is none"])
      }
      return .row(row)
    }
    let line = try StrictJSON.decodeAnswer(NamedLine.self, Array(bytes), from: address)
    if let head = line.head { return .head(head) }
    if let problem = line.problem { return .problem(problem) }
    if let summary = line.summary { return .summary(rows: summary.rows, microseconds: summary.microseconds) }
    throw Failure(.clientBadResponse, ["address": address, "reason": "a line of an unknown kind"])
  }

  /// A line that is no row.
  ///
  /// - Throws: `apiInternal`: our mistake.
  public func encoded() throws(Failure) -> [UInt8] {
    var line = NamedLine()
    switch self {
    case .row(let row): return Array(SQLLine.text(row: row).utf8)
    case .head(let head): line.head = head
    case .summary(let rows, let microseconds): line.summary = .init(rows: rows, microseconds: microseconds)
    case .problem(let problem): line.problem = problem
    }
    return try StrictJSON.encode(line) + [0x0A]
  }

  private struct NamedLine: Codable {
    struct Summary: Codable {
      var rows: Int
      var microseconds: Int
    }
    var head: SQLHeadResponse?
    var summary: Summary?
    var problem: ImportLine.Problem?
  }
}
