import Catalog
import Primitives

// Reports from stored rows, cell by cell and record by record: the plain meaning of a form, against which the quick way
// over columns is held, and what answers when columns cannot.

extension QueryView {
  /// The cells of a report's pass, by row, then column.
  ///
  /// - Parameter under: code of the org whose report it is; nil for all that the scope allows.
  /// - Throws: `.unknownOrg`; `.corrupt` for a damaged row.
  /// - Complexity: every row of the pass's entity in the subtree's partitions, times rows and columns of the form.
  public func reportCells(_ pass: ReportPass, under: Text?) throws(QueryError) -> [Int64] {
    let selection = try Selection(
      pass.entity.name, condition: pass.condition?.source, under: under, catalog: catalog)
    var cells = [Int64](repeating: 0, count: pass.rows.count * pass.columns.count)
    var seen = [Set<Value>](repeating: [], count: pass.distinct == nil ? 0 : cells.count)
    let today = today
    try forEach(selection, evaluating: pass.expressions) { (source) throws(QueryError) in
      let weight = pass.sum.map { Measure.number($0.evaluate(source, today: today)) ?? 0 } ?? 1
      /// What is unknown counts nowhere.
      func isTrue(_ line: ReportPass.Line) -> Bool {
        guard let expression = line.expression else { return true }
        return expression.truth(source, today: today) == true
      }
      let value = pass.distinct?.evaluate(source, today: today)
      for (row, line) in pass.rows.enumerated() where isTrue(line) {
        for (column, other) in pass.columns.enumerated() where isTrue(other) {
          let cell = row * pass.columns.count + column
          if let value {
            if !value.isNull { seen[cell].insert(value) }
          } else {
            cells[cell] &+= weight
          }
        }
      }
      try source.tables.check()
      return true
    }
    for (cell, values) in seen.enumerated() { cells[cell] = Int64(values.count) }
    return cells
  }

  /// What was keyed into cells of reports: `form`, `row`, `column` and the sum over the subtree.
  ///
  /// - Throws: as ``reportCells(_:under:)``.
  public func keyedCells(year: Int, under: Text?) throws(QueryError) -> KeyedCells {
    let selection = try Selection(
      "report_cell", condition: "report_year = \(year)", under: under, catalog: catalog)
    func item(_ name: String) -> ItemID? { selection.entity.item(named: name)?.id }
    guard let form = item("form_id"), let row = item("row_id"), let column = item("column_id"),
      let value = item("cell_value"), let note = item("cell_note"), let author = item("keyed_by"),
      let org = item("org_id")
    else { return KeyedCells() }
    var found = KeyedCells()
    try forEach(selection) { (source) throws(QueryError) in
      func text(_ item: ItemID) -> String { if case .text(let text) = source.value(item) { text.string } else { "" } }
      let key = KeyedCells.Key(form: text(form), row: text(row), column: text(column))
      if case .int(let number) = source.value(value) { found.add(number, to: key) }
      if !text(note).isEmpty, case .reference(let owner) = source.value(org) {
        let code = self.directory.org(owner)?.code.string ?? ""
        found.notes.append(KeyedCells.Note(key: key, org: code, author: text(author), text: text(note)))
      }
      return true
    }
    return found
  }
}

/// What was keyed in for a year, summed over a subtree.
public struct KeyedCells: Sendable {
  /// A cell by the ids of its form and lines.
  public struct Key: Hashable, Sendable {
    public let form: String
    public let row: String
    public let column: String
    /// The cell of these ids.
    public init(form: String, row: String, column: String) {
      self.form = form
      self.row = row
      self.column = column
    }
  }
  /// What somebody wrote beside a cell or, as the reason for a failed check, beside a check.
  public struct Note: Sendable {
    public let key: Key
    /// Code of the org whose cell it is.
    public let org: String
    public let author: String
    public let text: String
  }

  private var sums: [Key: Int64] = [:]
  /// In the order of storage.
  public fileprivate(set) var notes: [Note] = []

  /// Nothing keyed in.
  public init() {}

  mutating func add(_ number: Int64, to key: Key) { sums[key, default: 0] &+= number }

  /// The sum in a cell; nil when nobody keyed anything into it.
  public func value(_ key: Key) -> Int64? { sums[key] }
}
