import Catalog
import Messages
import Primitives

/// Cells to values, requirements and rules: everything that can be said about a row by itself. Never changes; a class,
/// so that using it for a row copies nothing.
final class RowMapper {
  let entity: Entity
  private let header: TableHeader
  private let cells: CellMapper
  private let checker: RecordChecker
  private let today: CivilDate
  private let file: String
  private let plans: [Plan]
  /// The column of each item; nil when the file has none.
  private let columnOfItem: [Int?]

  private enum Plan {
    case item(position: Int, CellMapper.Kind)
    case parent(CellMapper.Identifier?)
    case ignored
  }

  /// What a row turned out to be.
  struct Outcome {
    var values: [Value]
    var references: [(item: ItemID, labels: [Text])] = []
    var parent: Text?
    /// Of cells in the order of columns, then of rules in theirs.
    var problems: [RowProblem] = []
    /// Names of rules that warned, and of repairs.
    var warnings: [String] = []
  }

  init(
    entity: Entity, header: TableHeader, catalog: Catalog, file: String, today: CivilDate, cells: CellMapper
  ) {
    self.entity = entity
    self.header = header
    self.cells = cells
    self.today = today
    self.file = file
    checker = RecordChecker(entity, in: catalog)
    let parentKind = entity.parent.flatMap { CellMapper.Kind.key(of: $0, catalog) }
    var columnOfItem = [Int?](repeating: nil, count: entity.items.count)
    plans = header.columns.enumerated().map { column, meaning in
      switch meaning {
      case .ignored: return .ignored
      case .parent: return .parent(parentKind)
      case .item(let position):
        columnOfItem[position] = column
        return .item(position: position, CellMapper.Kind(entity.items[position], entity, catalog))
      }
    }
    self.columnOfItem = columnOfItem
  }

  /// - Requires: a row without fault, with the header's number of cells.
  func map(_ row: CSVRow) -> Outcome {
    var outcome = Outcome(values: [Value](repeating: .null, count: entity.items.count))
    // Positions of items whose cells could not be read: they count as unknown, not as empty.
    var unread: [Int] = []
    for (column, plan) in plans.enumerated() {
      switch plan {
      case .ignored: continue
      case .parent(let kind): parent(row, column, kind, &outcome)
      case .item(let position, let kind):
        var repairs: [CellMapper.Repair] = []
        switch cells.map(row.cell(column), kind, { repairs.append($0) }) {
        case .value(let value): outcome.values[position] = value
        case .labels(let labels):
          if !labels.isEmpty { outcome.references.append((entity.items[position].id, labels)) }
        case .fault(let fault):
          unread.append(position)
          outcome.problems.append(problem(fault, row, column))
        }
        for repair in repairs {
          outcome.warnings.append("\(entity.name).\(entity.items[position].name).\(repair.rawValue)")
        }
      }
    }
    check(row, unread, &outcome)
    return outcome
  }

  private func place(_ row: CSVRow) -> [(String, String)] { [("file", file), ("row", "\(row.line)")] }

  private func problem(_ fault: CellFault, _ row: CSVRow, _ column: Int) -> RowProblem {
    let value = row.cell(column).trimmed.string
    return RowProblem(fault, column: header.labels[column], value: value, place: place(row))
  }

  private func parent(_ row: CSVRow, _ column: Int, _ kind: CellMapper.Identifier?, _ outcome: inout Outcome) {
    switch cells.map(row.cell(column), .reference(kind), { _ in }) {
    case .labels(let labels): outcome.parent = labels.first
    case .value: break
    case .fault(let fault): return outcome.problems.append(problem(fault, row, column))
    }
    if outcome.parent == nil {
      outcome.problems.append(RowProblem(.importEmptyRequired, column: header.labels[column], place(row)))
    }
  }

  // MARK: Requirements and rules

  private func check(_ row: CSVRow, _ unread: [Int], _ outcome: inout Outcome) {
    let fields = ImportFields(outcome, entity)
    for failure in checker.failures(of: fields, today: today) {
      if failure.severity == .warning {
        outcome.warnings.append(failure.name)
        continue
      }
      guard let item = entity.item(failure.item) else { continue }
      let position = Int(failure.item.value) - 1
      if unread.contains(position) || failure.name.hasSuffix(".required") && entity.isFilledIn(item) { continue }
      let rule = entity.rules.first { $0.name == failure.name }
      // What a rule says about a cell that could not be read means nothing.
      if let rule, rule.condition.referencedItems.contains(where: { unread.contains(Int($0.value) - 1) }) { continue }
      outcome.problems.append(problem(failure, rule, item, position, row))
    }
  }

  private func problem(
    _ failure: RecordFailure, _ rule: Rule?, _ item: Item, _ position: Int, _ row: CSVRow
  ) -> RowProblem {
    let column = item.label.zh
    let value = columnOfItem[position].map { row.cell($0).trimmed.string }
    if failure.name.hasSuffix(".required") && rule == nil {
      return RowProblem(.importEmptyRequired, column: column, place(row))
    }
    let message = Phrase(failure.message.zh, failure.message.en)
    let fields = place(row) + [("rule", failure.name), ("text", message.zh)]
    let checksCharacter = ["gb11643(", "uscc18(", "orgcode9("].contains { rule?.condition.source.contains($0) == true }
    return RowProblem(
      checksCharacter ? .importBadCheckDigit : .importRuleFailed, column: column, value: value, fields, reason: message)
  }
}

/// A row's values as rules see them: a reference that is still a label stands for some record, the same for equal
/// labels.
private struct ImportFields: FieldSource {
  let values: [Value]
  let standIns: [(item: ItemID, value: Value)]

  init(_ outcome: RowMapper.Outcome, _ entity: Entity) {
    values = outcome.values
    var labels: [Text] = []
    standIns = outcome.references.map { item, own in
      let records = own.map { label in
        let known = labels.firstIndex(of: label)
        if known == nil { labels.append(label) }
        return RecordID(mint: 0, counter: UInt64(known ?? labels.count - 1))
      }
      if case .references = entity.item(item)?.type { return (item, .references(records)) }
      return (item, .reference(records[0]))
    }
  }

  func value(_ item: ItemID) -> Value {
    guard item.value >= 1, Int(item.value) <= values.count else { return .null }
    let value = values[Int(item.value) - 1]
    guard case .null = value else { return value }
    return standIns.first { $0.item == item }?.value ?? .null
  }
}
