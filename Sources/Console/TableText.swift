import Messages

/// The formats every listing command offers (`-o`).
public enum TableFormat: String, CaseIterable, Sendable {
  /// Aligned columns for people.
  case table
  case json
  /// One JSON object a line.
  case jsonl
  case csv
  /// A Markdown table.
  case md

  /// What a command prints when nobody chose: a table for a person, CSV for a pipe.
  public static func automatic(isTerminal: Bool) -> TableFormat { isTerminal ? .table : .csv }
}

/// How a table is printed.
public struct TableStyle: Hashable, Sendable {
  public var format: TableFormat
  /// Keys in the order wanted (`--columns`); nil prints all.
  public var columns: [String]?
  /// False leaves the heading out of `table`, `csv` and `md` (`--no-headers`).
  public var showsHeader = true
  /// Cells in a line; longer texts are cut with `…` in `table`. Nil cuts nothing.
  public var width: Int?
  /// Puts `'` before a CSV text that a spreadsheet would take for a formula (`=`, `+`, `-`, `@`, tab or carriage return
  /// first). Numbers stay as they are.
  public var neutralizesFormulas = true
  /// CSV for Excel: byte order mark and CRLF.
  public var isForExcel = false
  /// CSV goes to a terminal: control characters inside cells are shown as escapes.
  public var isForTerminal = false

  public init(_ format: TableFormat) { self.format = format }
}

extension Table {
  /// The whole table as text, ending in a line end. Linear in the cells.
  ///
  /// - Throws: `clientUnknownColumn` when `style.columns` names a column that is not there.
  public func text(_ style: TableStyle) throws(Failure) -> String {
    var table = self
    if let keys = style.columns { table = try selecting(keys) }
    return switch style.format {
    case .table: table.aligned(style)
    case .md: table.markdown(style)
    case .csv: table.csv(style)
    case .json: table.json()
    case .jsonl: table.jsonLines()
    }
  }

  private func aligned(_ style: TableStyle) -> String {
    guard !columns.isEmpty else { return "" }
    let alignments = columns.indices.map(alignment(of:))
    let cells = rows.map { $0.map(\.visible) }
    let titles = columns.map { printable($0.title) }
    var widths = columns.indices.map { position in
      let longest = cells.map { displayWidth($0[position]) }.max() ?? 0
      return max(longest, style.showsHeader ? displayWidth(titles[position]) : 0)
    }
    if let width = style.width { fit(&widths, into: width - gap.count * (columns.count - 1), alignments) }
    func line(_ texts: [String]) -> String {
      var parts: [String] = []
      for (position, text) in texts.enumerated() {
        let cut = truncated(text, to: widths[position])
        let isLast = position == texts.count - 1
        // The last column is not filled up: no trailing spaces in what people copy.
        parts.append(
          isLast && alignments[position] == .left ? cut : padded(cut, to: widths[position], alignments[position]))
      }
      return parts.joined(separator: gap) + "\n"
    }
    return (style.showsHeader ? line(titles) : "") + cells.map(line).joined()
  }

  /// Takes cells from the widest text columns until the line fits. Numbers are never cut: half a number is a wrong
  /// number.
  private func fit(_ widths: inout [Int], into width: Int, _ alignments: [Column.Alignment]) {
    while widths.reduce(0, +) > width {
      let candidates = widths.indices.filter { alignments[$0] == .left && widths[$0] > narrowest }
      guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
      widths[widest] -= 1
    }
  }

  private func markdown(_ style: TableStyle) -> String {
    func line(_ texts: [String]) -> String {
      "| " + texts.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |\n"
    }
    var text = ""
    if style.showsHeader {
      text += line(columns.map { printable($0.title) })
      text += line(columns.indices.map { alignment(of: $0) == .right ? "---:" : "---" })
    }
    return text + rows.map { line($0.map(\.visible)) }.joined()
  }
}

private let gap = "  "
/// A text column is not cut below this.
private let narrowest = 8
