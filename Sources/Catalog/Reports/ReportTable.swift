import Primitives

/// A filled form: what one organisation's records say, at one moment.
public struct ReportTable: Sendable {
  public let plan: ReportPlan
  /// By row, then column; nil where the form has no cell and where nothing was keyed in yet.
  public let values: [Int64?]

  /// Puts a table together.
  ///
  /// - Parameters:
  ///   - counted: by pass, by its rows, then its columns.
  ///   - keyed: what was keyed in for the cell of these line ids; nil for nothing.
  /// - Requires: `counted` is of the plan's passes.
  public init(_ plan: ReportPlan, counted: [[Int64]], keyed: (_ row: String, _ column: String) -> Int64?) {
    self.plan = plan
    var values = [Int64?](repeating: nil, count: plan.cells.count)
    let width = plan.columns.count
    for (number, pass) in plan.passes.enumerated() {
      require(counted[number].count == pass.rows.count * pass.columns.count, "a pass fills all its cells")
      for (row, line) in pass.rows.enumerated() {
        for (column, other) in pass.columns.enumerated()
        where plan.cell(line.place, other.place) == .computed(pass: number) {
          values[line.place * width + other.place] = counted[number][row * pass.columns.count + column]
        }
      }
    }
    for row in plan.rows.indices {
      for column in plan.columns.indices where plan.cell(row, column) == .keyed {
        values[row * width + column] = keyed(plan.rows[row].id, plan.columns[column].id)
      }
    }
    func total(_ row: Int, _ column: Int, _ depth: Int) -> Int64? {
      guard case .total(let isOfRows) = plan.cell(row, column), depth <= ReportPlan.formulaDepth else {
        return values[row * width + column]
      }
      var sum: Int64 = 0
      for term in isOfRows ? plan.rows[row].formula : plan.columns[column].formula {
        let place = isOfRows ? plan.row(term.id) : plan.column(term.id)
        // A line that is not in force, or not keyed in yet, adds nothing.
        guard let place, let part = isOfRows ? total(place, column, depth + 1) : total(row, place, depth + 1) else {
          continue
        }
        sum = term.isSubtracted ? sum &- part : sum &+ part
      }
      return sum
    }
    for row in plan.rows.indices {
      for column in plan.columns.indices {
        if case .total = plan.cell(row, column) { values[row * width + column] = total(row, column, 0) }
      }
    }
    self.values = values
  }

  /// The figure of a cell.
  public func value(_ row: Int, _ column: Int) -> Int64? { values[row * plan.columns.count + column] }
}

/// How many cells of a form come from where.
public struct ReportCoverage: Hashable, Sendable {
  /// Counted from records, totals of such included.
  public var computed = 0
  /// Keyed in, or to be, and totals of such.
  public var keyed = 0

  /// Counts a plan's cells.
  public init(_ plan: ReportPlan) {
    for row in plan.rows.indices {
      for column in plan.columns.indices where plan.cell(row, column) != .none {
        if plan.isKeyed(row, column) { keyed += 1 } else { computed += 1 }
      }
    }
  }
}
