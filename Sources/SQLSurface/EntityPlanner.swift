import CSQLite
import Catalog
import Primitives

/// Chooses how an entity's table is read: by id, by parent, through an index, or by a scan to which as many conditions
/// as possible, and the order, are handed down.
struct EntityPlanner {
  private struct Constraint {
    let place: Int
    let column: Int
    let op: TableTest.Operator
  }

  let schema: TableSchema
  /// Rows of the table, an estimate, at least 1.
  let rows: Int
  /// The columns that codes in memory say; nil while that is not known: then those count whose type allows it.
  let coded: Set<Int>?
  /// False when the scope is everything.
  let isScoped: Bool

  private let info: UnsafeMutablePointer<sqlite3_index_info>
  private let constraints: [Constraint]
  /// Whether at most some rows of the answer are wanted.
  private let hasLimit: Bool

  init(
    _ schema: TableSchema, rows: Int, coded: Set<Int>?, isScoped: Bool,
    _ info: UnsafeMutablePointer<sqlite3_index_info>
  ) {
    self.schema = schema
    self.rows = max(1, rows)
    self.coded = coded
    self.isScoped = isScoped
    self.info = info
    var constraints: [Constraint] = []
    var hasLimit = false
    for place in 0..<Int(info.pointee.nConstraint) {
      let constraint = info.pointee.aConstraint[place]
      if Int32(constraint.op) == SQLITE_INDEX_CONSTRAINT_LIMIT { hasLimit = true }
      guard constraint.usable != 0, constraint.iColumn >= 0, let op = TableTest.Operator(number: constraint.op) else {
        continue
      }
      // NOCASE finds more than bytes do: only the plain comparison is ours.
      guard let collation = sqlite3_vtab_collation(info, Int32(place)), String(cString: collation) == "BINARY" else {
        continue
      }
      constraints.append(Constraint(place: place, column: Int(constraint.iColumn), op: op))
    }
    self.constraints = constraints
    self.hasLimit = hasLimit
  }

  /// The plan, and what SQLite is told of it but for its number and text.
  func plan() -> TablePlan {
    if let column = schema.idColumn, let equal = equality(column) { return byID(equal) }
    if let column = schema.parentColumn, let equal = equality(column) { return byParent(equal) }
    return byIndex() ?? scan()
  }

  private func equality(_ column: Int) -> Constraint? {
    // `is` may be asked about null, which no look-up finds.
    constraints.first { $0.column == column && $0.op == .equal }
  }

  private func take(_ constraint: Constraint, _ argument: Int) {
    info.pointee.aConstraintUsage[constraint.place].argvIndex = Int32(argument + 1)
  }

  private func tell(cost: Double, rows: Double) {
    info.pointee.estimatedCost = cost
    info.pointee.estimatedRows = Int64(max(1, rows))
  }

  private func byID(_ constraint: Constraint) -> TablePlan {
    take(constraint, 0)
    tell(cost: 5, rows: 1)
    info.pointee.idxFlags = Int32(SQLITE_INDEX_SCAN_UNIQUE)
    var plan = TablePlan(entity: schema.entity.id, access: .record(argument: 0))
    plan.text = "record: _id ="
    return plan
  }

  private func byParent(_ constraint: Constraint) -> TablePlan {
    take(constraint, 0)
    tell(cost: 10, rows: 4)
    var plan = TablePlan(entity: schema.entity.id, access: .children(argument: 0))
    plan.text = "children: _parent ="
    return plan
  }

  // MARK: Indexes

  private func byIndex() -> TablePlan? {
    var best: (number: UInt8, name: String, run: [Constraint], isWhole: Bool)?
    for (number, name, items) in indexes {
      var run: [Constraint] = []
      for item in items {
        guard let column = schema.column(of: item), let equal = equality(column) else { break }
        run.append(equal)
      }
      let isWhole = run.count == items.count
      guard !run.isEmpty, run.count > best?.run.count ?? 0 || (number == 0 && isWhole) else { continue }
      best = (number, name, run, isWhole)
    }
    guard let best else { return nil }
    for (argument, constraint) in best.run.enumerated() { take(constraint, argument) }
    var isList = false
    if best.run.count == 1, sqlite3_vtab_in(info, Int32(best.run[0].place), -1) != 0 {
      isList = sqlite3_vtab_in(info, Int32(best.run[0].place), 1) != 0
    }
    let isUnique = best.number == 0 && best.isWhole
    let found = isUnique ? 1 : Double(rows) / (best.isWhole ? 1000 : 100) + 1
    tell(cost: 8 + found * 4, rows: found * (isList ? 8 : 1))
    if isUnique, !isList { info.pointee.idxFlags = Int32(SQLITE_INDEX_SCAN_UNIQUE) }
    var plan = TablePlan(
      entity: schema.entity.id,
      access: .index(
        number: best.number, columns: best.run.map(\.column), arguments: Array(best.run.indices), isList: isList))
    let names = best.run.map { schema.columns[$0.column].name + (isList ? " in" : " =") }
    plan.text = "index \(best.name): \(names.joined(separator: "; "))"
    return plan
  }

  private var indexes: [(number: UInt8, name: String, items: [ItemID])] {
    let entity = schema.entity
    var all: [(number: UInt8, name: String, items: [ItemID])] = []
    if entity.parent == nil, let key = entity.naturalKeys.first { all.append((0, "key", key)) }
    return all + entity.indexes.map { ($0.number, $0.name, $0.items) }
  }

  // MARK: Scans

  private func scan() -> TablePlan {
    var plan = TablePlan(entity: schema.entity.id)
    var share = 1.0
    for constraint in constraints where applies(constraint) {
      let argument = plan.tests.count
      take(constraint, argument)
      var isList = false
      if constraint.op == .equal, sqlite3_vtab_in(info, Int32(constraint.place), -1) != 0 {
        isList = sqlite3_vtab_in(info, Int32(constraint.place), 1) != 0
      }
      share *= isList ? min(1, constraint.op.share * 4) : constraint.op.share
      plan.tests.append(
        TableTest(column: constraint.column, op: constraint.op, argument: argument, isList: isList))
    }
    plan.readsRows = used.contains { !isCoded($0) }
    plan.needsPlaces =
      isScoped || used.contains { schema.orgColumn == $0 } || plan.tests.contains { $0.column == schema.orgColumn }
    plan.order = servedOrder(plan)
    if !plan.order.isEmpty {
      info.pointee.orderByConsumed = 1
      plan.grouping = grouping(plan)
    }
    plan.wantsColumns = mayHaveColumns && (!plan.readsRows || !plan.tests.isEmpty || !plan.order.isEmpty)
    let found = Double(rows) * share
    // A row costs ten times what a line of columns does.
    tell(cost: plan.wantsColumns ? Double(rows) * 0.05 + found : Double(rows) * 2, rows: found)
    plan.text = text(plan)
    return plan
  }

  private func applies(_ constraint: Constraint) -> Bool {
    if constraint.op == .under { return constraint.column == schema.orgColumn }
    return isCoded(constraint.column)
  }

  private var mayHaveColumns: Bool { coded.map { !$0.isEmpty } ?? true }

  /// Whether codes in memory say what the column shows.
  private func isCoded(_ column: Int) -> Bool { coded?.contains(column) ?? schema.mayBeCoded(column) }

  /// Columns that the statement reads; of those from the 64th on it is only known whether there are some.
  private var used: [Int] {
    schema.columns.indices.filter { column in
      if isKey(column) { return false }
      return info.pointee.colUsed & (UInt64(1) << UInt64(min(column, 63))) != 0
    }
  }

  private func isKey(_ column: Int) -> Bool { column == schema.idColumn || column == schema.parentColumn }

  private func servedOrder(_ plan: TablePlan) -> [TablePlan.Order] {
    let count = Int(info.pointee.nOrderBy)
    guard mayHaveColumns, (1...8).contains(count) else { return [] }
    // Each row that passes would be read out of order: only worth it when few are.
    guard !plan.readsRows || hasLimit else { return [] }
    var order: [TablePlan.Order] = []
    for place in 0..<count {
      let term = info.pointee.aOrderBy[place]
      guard term.iColumn >= 0, isCoded(Int(term.iColumn)) else { return [] }
      order.append(TablePlan.Order(column: Int(term.iColumn), isDescending: term.desc != 0))
    }
    return order
  }

  private func grouping(_ plan: TablePlan) -> TablePlan.Grouping {
    // Leaving rows out is right only when no condition can tell the rows of a group apart, so when nothing else of them
    // is read at all.
    let inOrder = plan.order.reduce(UInt64(0)) { $0 | UInt64(1) << UInt64(min($1.column, 63)) }
    let isAlone = info.pointee.colUsed & ~inOrder == 0 && inOrder & (1 << 63) == 0
    switch sqlite3_vtab_distinct(info) {
    case 1: return .grouped
    case 2: return isAlone ? .distinct : .grouped
    case 3: return isAlone ? .sortedDistinct : .sorted
    default: return .sorted
    }
  }

  private func text(_ plan: TablePlan) -> String {
    var parts = plan.tests.map { test in
      let name = test.op == .under ? "under(org)" : schema.columns[test.column].name
      return test.op == .under ? name : "\(name) \(test.isList ? "in" : test.op.rawValue)"
    }
    if !plan.order.isEmpty {
      let names = plan.order.map { schema.columns[$0.column].name + ($0.isDescending ? " desc" : "") }
      let how =
        switch plan.grouping {
        case .sorted: "sorted by"
        case .grouped: "grouped by"
        case .distinct, .sortedDistinct: "distinct"
        }
      parts.append("\(how) \(names.joined(separator: ", "))")
    }
    let source = plan.wantsColumns ? (plan.readsRows ? "columns and rows" : "columns") : "rows"
    return parts.isEmpty ? source : "\(source): \(parts.joined(separator: "; "))"
  }
}
