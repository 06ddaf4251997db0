import Primitives

/// A form made ready for one period: the lines in force, what each cell is, and the passes over records that fill them.
///
/// Cells that look at the same records share a pass, so a table costs as many passes as it has sources, not cells.
public struct ReportPlan: Sendable {
  /// What a cell is.
  public enum Cell: Hashable, Sendable {
    /// The form has no such cell.
    case none
    case computed(pass: Int)
    /// Made of other cells of its column, or of its row.
    case total(isOfRows: Bool)
    case keyed
  }

  public let form: ReportForm
  public let period: ReportPeriod
  public let rows: [ReportLine]
  public let columns: [ReportLine]
  public let passes: [ReportPass]
  /// By row, then column.
  public let cells: [Cell]

  /// Formulas of formulas of formulas …: so deep and no deeper.
  static let formulaDepth = 8

  /// What the cell at a place is.
  public func cell(_ row: Int, _ column: Int) -> Cell { cells[row * columns.count + column] }

  /// The place of a row or column by id; nil when it is not in force.
  public func row(_ id: String) -> Int? { rows.firstIndex { $0.id == id } }
  /// See ``row(_:)``.
  public func column(_ id: String) -> Int? { columns.firstIndex { $0.id == id } }

  /// Whether a cell rests on something keyed in.
  public func isKeyed(_ row: Int, _ column: Int) -> Bool { isKeyed(row, column, 0) }

  private func isKeyed(_ row: Int, _ column: Int, _ depth: Int) -> Bool {
    switch cell(row, column) {
    case .none, .computed: false
    case .keyed: true
    case .total(let isOfRows):
      (isOfRows ? rows[row] : columns[column]).formula.contains { term in
        guard let place = isOfRows ? self.row(term.id) : self.column(term.id), depth <= Self.formulaDepth else {
          return false
        }
        return isOfRows ? isKeyed(place, column, depth + 1) : isKeyed(row, place, depth + 1)
      }
    }
  }

  /// What a computed cell counts: entity and condition, as a question may ask for them; nil for other cells.
  public func question(_ row: Int, _ column: Int) -> (entity: Entity, condition: String)? {
    guard case .computed(let number) = cell(row, column) else { return nil }
    let pass = passes[number]
    let parts =
      [pass.condition?.source]
      + [pass.rows.first { $0.place == row }, pass.columns.first { $0.place == column }].map {
        $0?.expression?.source
      }
    return (pass.entity, ReportPlan.all(parts.compactMap(\.self)) ?? "true")
  }

  /// Conditions that must all hold, as one.
  static func all(_ texts: [String]) -> String? {
    guard texts.count > 1 else { return texts.first }
    return texts.map { "(\($0))" }.joined(separator: " and ")
  }
}

/// Cells that are filled by looking at the same records once.
public struct ReportPass: Sendable {
  /// A row or column in the pass.
  public struct Line: Sendable {
    /// Among the plan's rows or columns.
    public let place: Int
    /// Nil when it is true for all.
    public let expression: CheckedExpression?
  }

  public let entity: Entity
  public let condition: CheckedExpression?
  /// What is added up; nil to count.
  public let sum: CheckedExpression?
  /// What different values are counted of; nil to count records.
  public let distinct: CheckedExpression?
  public let rows: [Line]
  public let columns: [Line]

  /// Everything that is evaluated for records, but for the condition.
  public var expressions: [CheckedExpression] {
    rows.compactMap(\.expression) + columns.compactMap(\.expression) + [sum, distinct].compactMap(\.self)
  }
}

extension ReportBook {
  /// A form for one period.
  ///
  /// - Requires: the form is one of this book's.
  /// - Complexity: checks the texts of all its lines anew: a millisecond or so; keep it.
  public func plan(_ form: ReportForm, _ period: ReportPeriod) -> ReportPlan {
    let rows = form.rows.filter { $0.isInForce(period) }
    let columns = form.columns.filter { $0.isInForce(period) }
    var kinds: [PassKind] = []
    var cells: [ReportPlan.Cell] = []
    for (rowPlace, row) in rows.enumerated() {
      for (columnPlace, column) in columns.enumerated() {
        if row.isHeading || column.isHeading || !row.admits(column) || !column.admits(row) {
          cells.append(.none)
        } else if !row.formula.isEmpty || !column.formula.isEmpty {
          cells.append(.total(isOfRows: !row.formula.isEmpty))
        } else if row.isKeyed || column.isKeyed {
          cells.append(.keyed)
        } else {
          let source = row.source ?? column.source ?? form.source
          let kind = PassKind(source: source, measure: row.measure ?? column.measure ?? .count)
          guard rows.text(rowPlace, on: source.entity) != nil, columns.text(columnPlace, on: source.entity) != nil
          else {
            cells.append(.none)
            continue
          }
          let number = kinds.firstIndex(of: kind) ?? kinds.count
          if number == kinds.count { kinds.append(kind) }
          cells.append(.computed(pass: number))
        }
      }
    }
    let passes = kinds.enumerated().map { number, kind in
      func places(_ count: Int, _ isUsed: (Int) -> Bool) -> [Int] { (0..<count).filter(isUsed) }
      let usedRows = places(rows.count) { row in
        columns.indices.contains { cells[row * columns.count + $0] == .computed(pass: number) }
      }
      let usedColumns = places(columns.count) { column in
        rows.indices.contains { cells[$0 * columns.count + column] == .computed(pass: number) }
      }
      return pass(kind, usedRows, rows, usedColumns, columns, period)
    }
    return ReportPlan(form: form, period: period, rows: rows, columns: columns, passes: passes, cells: cells)
  }

  private struct PassKind: Hashable {
    let source: ReportSource
    let measure: ReportMeasure
  }

  private func pass(
    _ kind: PassKind, _ usedRows: [Int], _ rows: [ReportLine], _ usedColumns: [Int], _ columns: [ReportLine],
    _ period: ReportPeriod
  ) -> ReportPass {
    guard let entity = catalog.entity(named: kind.source.entity) else {
      requirementFailed("a form's entity was checked when it was read")
    }
    func checked(_ text: String) -> CheckedExpression {
      do { return try catalog.check(expression: period.question(text), on: entity, expecting: nil) } catch {
        requirementFailed("a form's text was checked when it was read: \(text): \(error.message.en)")
      }
    }
    func lines(_ used: [Int], _ lines: [ReportLine]) -> [ReportPass.Line] {
      used.map { place in
        let text = lines.text(place, on: entity.name) ?? ""
        return ReportPass.Line(place: place, expression: text.isEmpty ? nil : checked(text))
      }
    }
    var (sum, distinct): (CheckedExpression?, CheckedExpression?)
    switch kind.measure {
    case .count: break
    case .sum(let text): sum = checked(text)
    case .distinct(let text): distinct = checked(text)
    }
    return ReportPass(
      entity: entity, condition: kind.source.condition.map(checked), sum: sum, distinct: distinct,
      rows: lines(usedRows, rows), columns: lines(usedColumns, columns))
  }
}

extension ReportLine {
  /// Whether the line stands in the form of a period.
  func isInForce(_ period: ReportPeriod) -> Bool {
    from.map { period.last >= $0 } ?? true && until.map { period.last <= $0 } ?? true
  }

  func admits(_ other: ReportLine) -> Bool { only.isEmpty || only.contains(other.id) }
}

extension [ReportLine] {
  /// What must hold of records of an entity in a line: its predicate and those of the lines it is a part of; empty when
  /// nothing must, nil when one of them says nothing about such records.
  fileprivate func text(_ place: Int, on entity: String) -> String? {
    var texts: [String] = []
    var depth = self[place].depth + 1
    for line in self[...place].reversed() where line.depth < depth {
      depth = line.depth
      if !line.predicates.isEmpty {
        guard let found = line.predicates.first(where: { $0.entity == entity }) else { return nil }
        texts.append(found.text)
      }
      if depth == 0 { break }
    }
    return ReportPlan.all(texts.reversed()) ?? ""
  }
}
