import Messages
import Primitives

/// The file of rejected rows that goes back to the clerk: the same template with the columns 行、列、值、原因、建议 in front.
/// Mended and imported again, those columns are ignored.
///
/// They stand in front, not behind: a row with too few or too many cells, or with misplaced quotes, keeps its own cells
/// where they are and its reasons where the clerk looks for them. Rows with misplaced quotes are cut at their commas
/// and lose the quotes. UTF-8 with a byte order mark and CRLF, which Excel reads; text that Excel would run as a
/// formula gets an apostrophe in front, which the import takes off again.
public struct RejectsFile: Sendable {
  private let header: [String]
  /// Columns of an earlier rejects file, which are left out.
  private let dropped: [Int]
  private let language: Language

  /// - Parameters:
  ///   - header: the rejected file's first row, as ``ImportParser/header`` has it.
  ///   - language: of the reasons.
  public init(header: Bytes, language: Language) {
    let cells = CSVText.lenientCells(header)
    self.header = cells
    dropped = cells.indices.filter { TableHeader.rejectLabels.contains(TableHeader.key(cells[$0])) }
    self.language = language
  }

  /// The file's beginning: byte order mark and header.
  public var beginning: Bytes {
    var text: Bytes = [0xEF, 0xBB, 0xBF]
    let own = header.indices.filter { !dropped.contains($0) }.map { header[$0] }
    CSVText.append(row: TableHeader.rejectLabels + own, to: &text)
    return text
  }

  /// One thing that is wrong with a row, in the file's language.
  public struct Reason: Hashable, Sendable {
    /// The column's label; nil when the row as a whole is meant.
    public var column: String?
    /// What stood there, cut.
    public var value: String?
    /// What is wrong.
    public var reason: String
    /// What to do.
    public var remedy: String

    /// Takes the parts as they will stand in the file.
    public init(column: String?, value: String?, reason: String, remedy: String) {
      self.column = column
      self.value = value
      self.reason = reason
      self.remedy = remedy
    }
  }

  /// A rejected row, its reasons joined by `；`.
  public func row(_ reject: RowReject) -> Bytes {
    let reasons = reject.problems.map {
      Reason(column: $0.column, value: $0.value, reason: $0.reason[language], remedy: $0.remedy[language])
    }
    return row(line: reject.line, reasons, raw: reject.raw)
  }

  /// The same from its parts, for a reject that came over a wire.
  ///
  /// - Parameter raw: the row as it came, without line end.
  public func row(line: Int, _ reasons: [Reason], raw: String) -> Bytes {
    var cells = CSVText.lenientCells(Bytes(raw.utf8))
    if cells.count == header.count {
      cells = cells.indices.filter { !dropped.contains($0) }.map { cells[$0] }
    }
    let own = [
      "\(line)", joined(reasons.compactMap(\.column)), joined(reasons.compactMap(\.value)),
      joined(reasons.map(\.reason)), joined(reasons.map(\.remedy)),
    ]
    var text: Bytes = []
    CSVText.append(row: (own + cells).map { FormulaMark.isNeeded($0.utf8) ? "'" + $0 : $0 }, to: &text)
    return text
  }

  /// Each text once.
  private func joined(_ texts: [String]) -> String {
    var once: [String] = []
    for text in texts where !once.contains(text) { once.append(text) }
    return once.joined(separator: "；")
  }
}
