import AdminProtocol
import Messages

/// A table as it lies on paper: a heading of merged cells over numbered columns, rows with their labels and numbers.
///
/// One layout for every kind of file, so that a spreadsheet and a page never disagree.
public struct ReportSheet: Sendable {
  /// A cell of the heading.
  public struct Heading: Hashable, Sendable {
    /// From the heading's first row and the first column of figures.
    public let row: Int
    public let column: Int
    public let rowSpan: Int
    public let columnSpan: Int
    public let text: String
  }
  /// A line of figures.
  public struct Row: Sendable {
    public let text: String
    /// Levels of indentation.
    public let depth: Int
    /// As the form numbers its lines, from 1; nil for a line that only groups others.
    public let number: Int?
    public let cells: [Cell]
  }
  /// A figure.
  public enum Cell: Hashable, Sendable {
    case value(Int64)
    /// To be keyed in, and not yet.
    case missing
    /// The form has no such cell.
    case none
  }

  /// 表2, or Table 2.
  public let name: String
  public let title: String
  public let unit: String
  public let headings: [Heading]
  public let headingRows: Int
  public let columnCount: Int
  public let rows: [Row]
  public let notes: [String]

  /// Lays a table out.
  public init(_ table: ReportTableResponse, _ language: Language) {
    let number = String(table.id.drop { $0 == "T" })
    name = Phrase("表\(number)", "Table \(number)")[language]
    title = Phrase(table.titleZH, table.titleEN)[language]
    unit = Phrase(table.unitZH, table.unitEN)[language]
    notes = language == .zh ? table.notesZH : table.notesEN
    let shown = table.columns.indices.filter { !table.columns[$0].working }
    var grid = HeadingGrid(shown.map { table.columns[$0] }, language)
    grid.layOut()
    headings = grid.headings
    headingRows = grid.depth
    let leaves = grid.leaves.map { shown[$0] }
    columnCount = leaves.count
    var line = 0
    var rows: [Row] = []
    for (place, row) in table.rows.enumerated() where !row.working {
      if !row.heading { line += 1 }
      let kinds = place < table.kinds.count ? Array(table.kinds[place].utf8) : []
      let cells = leaves.map { column -> Cell in
        guard column < kinds.count, kinds[column] != UInt8(ascii: "-") else { return .none }
        guard place < table.values.count, column < table.values[place].count else { return .missing }
        return table.values[place][column].map(Cell.value) ?? .missing
      }
      rows.append(
        Row(
          text: Phrase(row.labelZH, row.labelEN)[language], depth: row.depth, number: row.heading ? nil : line,
          cells: cells))
    }
    self.rows = rows
  }
}

/// The heading as a tree laid into a grid: a column with parts of its own stands beside them as their subtotal.
private struct HeadingGrid {
  private let columns: [ReportLineResponse]
  private let language: Language
  /// Rows of the heading.
  let depth: Int
  private(set) var headings: [ReportSheet.Heading] = []
  /// Columns that have figures, in order.
  private(set) var leaves: [Int] = []

  init(_ columns: [ReportLineResponse], _ language: Language) {
    self.columns = columns
    self.language = language
    var depth = 1
    for (place, column) in columns.enumerated() {
      let hasParts = place + 1 < columns.count && columns[place + 1].depth > column.depth
      depth = max(depth, column.depth + (hasParts ? 2 : 1))
    }
    self.depth = depth
  }

  mutating func layOut() { layOut(0..<columns.count, row: 0) }

  private mutating func layOut(_ range: Range<Int>, row: Int) {
    var place = range.lowerBound
    while place < range.upperBound {
      let column = columns[place]
      let end = columns[(place + 1)..<range.upperBound].firstIndex { $0.depth <= column.depth } ?? range.upperBound
      let text = Phrase(column.labelZH, column.labelEN)[language]
      let first = leaves.count
      if end == place + 1 {
        leaves.append(place)
        headings.append(.init(row: row, column: first, rowSpan: depth - row, columnSpan: 1, text: text))
      } else {
        if !column.heading {
          leaves.append(place)
          headings.append(
            .init(
              row: row + 1, column: first, rowSpan: depth - row - 1, columnSpan: 1,
              text: Phrase("合计", "Total")[language]))
        }
        layOut(place + 1..<end, row: row + 1)
        headings.append(
          .init(row: row, column: first, rowSpan: 1, columnSpan: leaves.count - first, text: text))
      }
      place = end
    }
  }
}
