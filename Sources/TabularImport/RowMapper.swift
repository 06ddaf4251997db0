import Catalog
import Messages
import Primitives

/// Cells to values, requirements and rules: everything that can be said about a row by itself. A class, so that using
/// it for a row copies nothing; what it remembers of earlier rows changes no outcome.
final class RowMapper {
  let entity: Entity
  let header: TableHeader
  let cells: CellMapper
  let checker: RecordChecker
  let today: CivilDate
  private let file: String
  private let plans: [Plan]
  /// Cells seen lately, by column.
  private var memos: [CellMemo]
  /// The item position of each column; -1 for others.
  private let positions: [Int]
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
    checker = RecordChecker(entity, in: catalog, header.missing.isEmpty ? .whole : .within(header.items))
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
    positions = plans.map { if case .item(let position, _) = $0 { position } else { -1 } }
    memos = plans.map { plan in
      if case .item(_, let kind) = plan, kind.repeats { CellMemo() } else { CellMemo.none }
    }
  }

  /// - Requires: a row without fault, with the header's number of cells.
  func map(_ row: CSVRow) -> Outcome {
    var outcome = Outcome(values: [Value](repeating: .null, count: entity.items.count))
    // Positions of items whose cells could not be read: they count as unknown, not as empty.
    var unread: [Int] = []
    for (column, position) in positions.enumerated() {
      let key = row.shortCell(column)
      if position >= 0 {
        if key == CellMemo.emptyCell { continue }
        if let key, let known = memos[column].outcome(key) {
          take(known, position, &outcome)
          continue
        }
      }
      switch plans[column] {
      case .ignored: continue
      case .parent(let kind): parent(row, column, kind, &outcome)
      case .item(let position, let kind): map(row, column, key, position, kind, &outcome, &unread)
      }
    }
    check(row, unread, &outcome)
    return outcome
  }

  private func map(
    _ row: CSVRow, _ column: Int, _ key: CellMemo.Key?, _ position: Int, _ kind: CellMapper.Kind,
    _ outcome: inout Outcome, _ unread: inout [Int]
  ) {
    var repairs: [CellMapper.Repair] = []
    let found = cells.map(row.cell(column), kind, { repairs.append($0) })
    if case .fault(let fault) = found {
      unread.append(position)
      outcome.problems.append(problem(fault, row, column))
    } else {
      if let key, repairs.isEmpty { memos[column].remember(key, found) }
      take(found, position, &outcome)
    }
    for repair in repairs {
      outcome.warnings.append("\(entity.name).\(entity.items[position].name).\(repair.rawValue)")
    }
  }

  private func take(_ found: CellMapper.Outcome, _ position: Int, _ outcome: inout Outcome) {
    switch found {
    case .value(let value): outcome.values[position] = value
    case .labels(let labels):
      if !labels.isEmpty { outcome.references.append((ItemID(UInt16(position + 1)), labels)) }
    case .fault: break
    }
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
    // Rules see a reference that is still a label as some record, the same for equal labels.
    for (item, labels) in outcome.references {
      outcome.values[Int(item.value) - 1] = RowMapper.standIn(entity.items[Int(item.value) - 1], labels)
    }
    let failures = checker.failures(ofFitting: RowFields(outcome.values), today: today)
    for (item, _) in outcome.references { outcome.values[Int(item.value) - 1] = .null }
    for failure in failures {
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

  /// 128 bits of a label are a record's id for as long as rules compare them.
  static func standIn(_ item: Item, _ labels: [Text]) -> Value {
    func record(_ label: Text) -> RecordID {
      var print = Fingerprint()
      print.add(label.string.utf8)
      return RecordID(mint: print.value.0, counter: print.value.1)
    }
    if case .references = item.type { return .references(labels.map(record)) }
    return .reference(record(labels[0]))
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
