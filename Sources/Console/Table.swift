import Messages
import Primitives

/// One cell: the exact content for programs, and how people see it when that differs.
public struct Cell: Hashable, Sendable {
  enum Content: Hashable, Sendable {
    case null
    case text(String)
    case integer(Int)
    /// Decimal digits, exact.
    case decimal(String)
    case flag(Bool)
  }

  let content: Content
  /// For the human formats only; nil shows the content itself.
  let shown: String?

  private init(_ content: Content, shown: String?) {
    self.content = content
    self.shown = shown
  }

  /// Nothing: `—` for people, `null` in JSON, empty in CSV.
  public static let null = Cell(.null, shown: nil)

  /// A text; `shown` is what people see instead (a label for a code).
  public static func text(_ text: String, shown: String? = nil) -> Cell { Cell(.text(text), shown: shown) }

  /// A whole number; `shown` is what people see instead (`1.4 GiB` for bytes).
  public static func integer(_ value: Int, shown: String? = nil) -> Cell { Cell(.integer(value), shown: shown) }

  /// A number as exact decimal digits (`-12.34`); digits outside JSON's grammar of numbers become text.
  public static func decimal(_ digits: String, shown: String? = nil) -> Cell { Cell(.decimal(digits), shown: shown) }

  /// Yes or no.
  public static func flag(_ value: Bool, shown: String? = nil) -> Cell { Cell(.flag(value), shown: shown) }

  var isNumber: Bool {
    switch content {
    case .integer, .decimal: true
    case .null, .text, .flag: false
    }
  }

  /// The content for programs.
  var exact: String {
    switch content {
    case .null: ""
    case .text(let text): text
    case .integer(let value): String(value)
    case .decimal(let digits): digits
    case .flag(let value): value ? "true" : "false"
    }
  }

  /// One line for people, safe for a terminal.
  var visible: String {
    if let shown { return printable(shown) }
    return content == .null ? "—" : printable(exact)
  }
}

/// One column: its key for programs and its heading for people.
public struct Column: Hashable, Sendable {
  /// Where the cells stand when the column is wider.
  public enum Alignment: Sendable {
    case left
    case right
  }

  /// The member's name in JSON, the header in CSV, the word that `--columns` takes; English, never localised.
  public let key: String
  /// The heading for people, in their language.
  public let title: String
  /// Nil: right when every cell is a number, else left.
  public let alignment: Alignment?

  public init(_ key: String, title: String, alignment: Alignment? = nil) {
    self.key = key
    self.title = title
    self.alignment = alignment
  }
}

/// Rows under named columns: what every listing command produces and one renderer prints in every format.
public struct Table: Hashable, Sendable {
  public let columns: [Column]
  /// Each as long as `columns`.
  public private(set) var rows: [[Cell]] = []
  /// The name of the JSON shape (`xylemctl/status/v1`); nil writes a bare array.
  public let schema: String?

  public init(_ columns: [Column], schema: String? = nil) {
    self.columns = columns
    self.schema = schema
  }

  /// Adds a row.
  ///
  /// - Requires: one cell for each column.
  public mutating func append(_ row: [Cell]) {
    require(row.count == columns.count, "a row of \(row.count) cells under \(columns.count) columns")
    rows.append(row)
  }

  /// This table with the columns of `keys` only, in that order.
  ///
  /// - Throws: `clientUnknownColumn` with the columns there are.
  public func selecting(_ keys: [String]) throws(Failure) -> Table {
    var positions: [Int] = []
    for key in keys {
      guard let position = columns.firstIndex(where: { $0.key == key }) else {
        throw Failure(
          .clientUnknownColumn, ["column": key, "columns": columns.map(\.key).joined(separator: ", ")])
      }
      positions.append(position)
    }
    var selected = Table(positions.map { columns[$0] }, schema: schema)
    for row in rows { selected.append(positions.map { row[$0] }) }
    return selected
  }

  func alignment(of position: Int) -> Column.Alignment {
    if let alignment = columns[position].alignment { return alignment }
    var sawNumber = false
    for row in rows where row[position].content != .null {
      guard row[position].isNumber else { return .left }
      sawNumber = true
    }
    return sawNumber ? .right : .left
  }
}
