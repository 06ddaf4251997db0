import Access
import CSQLite
import Catalog
import Primitives
import Statistics

/// A column of a table whose values are codes in memory: how codes become answers, how they are compared, how they
/// sort. One per statement; texts stay where they are until it is gone.
final class CodedColumn {
  enum Kind {
    case integers(base: Int64)
    case decimals(base: Int64, scale: Double)
    case dates(base: Int64)
    case minutes(base: Int64)
    case flags
    /// A text by code, which may be null.
    case texts(count: Int)
  }

  enum Place {
    /// Codes lie in this column.
    case slot(Int)
    /// Codes are places in the tree + 1.
    case owner
  }

  let place: Place
  let kind: Kind
  private let text: (Int32) -> String?
  /// Whether some codes may stand for null.
  private let hasGaps: Bool
  /// Texts by code, made when first asked for.
  private var kept: [KeptText?]
  private var keptByCode: [Int32: KeptText] = [:]
  private var codes: [String: [Int32]]?

  /// SAFETY: allocated here, freed in deinit; SQLite may keep the pointer until the statement is finalised, and
  /// whoever runs the statement keeps this object until then.
  private struct KeptText {
    let bytes: UnsafeMutablePointer<CChar>
    let count: Int32

    init(_ text: String) {
      var text = text
      (bytes, count) = text.withUTF8 { source in
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: source.count + 1)
        for (place, byte) in source.enumerated() { copy[place] = CChar(bitPattern: byte) }
        copy[source.count] = 0
        return (copy, Int32(clamping: source.count))
      }
    }
  }

  deinit {
    for text in kept { text?.bytes.deallocate() }
    for (_, text) in keptByCode { text.bytes.deallocate() }
  }

  /// Nil when columns in memory do not have it.
  init?(_ column: TableSchema.Column, _ table: TableColumns, _ directory: OrgDirectory) {
    if case .label = column.source { hasGaps = true } else { hasGaps = false }
    switch column.source {
    case .org:
      guard table.hasPlaces else { return nil }
      place = .owner
      let orgs = directory.orgs
      kind = .texts(count: orgs.count + 1)
      text = { $0 > 0 ? orgs[Int($0) - 1].code.string : nil }
    case .item(let item):
      guard let (slot, reading) = table.column(item.id) else { return nil }
      place = .slot(slot)
      switch reading {
      case .number(let cell, let base):
        switch cell {
        case .date: kind = .dates(base: base)
        case .minute: kind = .minutes(base: base)
        case .decimal: kind = .decimals(base: base, scale: CellValue.scale(item.type))
        default: kind = .integers(base: base)
        }
        text = { CodedColumn.text(cell == .date, TableColumns.number($0, base: base)) }
      case .bool:
        kind = .flags
        text = { _ in nil }
      case .values(let values):
        kind = .texts(count: values.count)
        text = { CodedColumn.text(values[Int($0)], item.type, directory) }
      }
    case .label(let item, let codes):
      guard let (slot, reading) = table.column(item.id), case .values(let values) = reading else { return nil }
      place = .slot(slot)
      kind = .texts(count: values.count)
      text = { code in
        guard case .text(let text) = values[Int(code)] else { return nil }
        return codes.label(of: text)?.zh
      }
    case .derived, .id, .parent: return nil
    }
    if case .texts(let count) = kind { kept = [KeptText?](repeating: nil, count: count) } else { kept = [] }
  }

  private static func text(_ isDate: Bool, _ number: Int64) -> String {
    isDate ? CivilDate(days: Int32(clamping: number)).description : CivilMinute(minutes: number).description
  }

  private static func text(_ value: Value, _ type: ItemType, _ directory: OrgDirectory) -> String? {
    guard case .text(let text) = CellValue.sql(value, type, directory) else { return nil }
    return text
  }

  // MARK: Answers

  /// Answers with what a code stands for.
  func setResult(_ context: OpaquePointer?, _ code: Int32) {
    guard code != 0 else { return sqlite3_result_null(context) }
    switch kind {
    case .integers(let base): sqlite3_result_int64(context, TableColumns.number(code, base: base))
    case .decimals(let base, let scale):
      sqlite3_result_double(context, Double(TableColumns.number(code, base: base)) / scale)
    case .flags: sqlite3_result_int64(context, code == 2 ? 1 : 0)
    case .dates, .minutes:
      if keptByCode[code] == nil, let text = text(code) { keptByCode[code] = KeptText(text) }
      setResult(context, keptByCode[code])
    case .texts:
      if kept[Int(code)] == nil, let text = text(code) { kept[Int(code)] = KeptText(text) }
      setResult(context, kept[Int(code)])
    }
  }

  private func setResult(_ context: OpaquePointer?, _ text: KeptText?) {
    guard let text else { return sqlite3_result_null(context) }
    xylem_sqlite_result_kept_text(context, text.bytes, text.count)
  }

  // MARK: Tests

  /// What a test says of each code.
  enum Predicate {
    /// Nothing passes.
    case nothing
    /// All pass; null too.
    case everything
    /// Codes in the range but 0.
    case range(ClosedRange<Int32>)
    /// By code.
    case table([Bool])
    case null
    case notNull
    /// One code, not 0.
    case code(Int32)
  }

  /// The test as one of codes; everything when it cannot be said.
  func predicate(_ op: TableTest.Operator, _ values: [SQLValue]) -> Predicate {
    switch op {
    case .isNull: return nulls
    case .isNotNull: return .notNull
    case .under: return .everything
    case .isSame where values == [.null]: return nulls
    default: break
    }
    let values = values.filter { $0 != .null }
    // A comparison with null is unknown, and so is one with an empty list.
    guard !values.isEmpty else { return .nothing }
    switch kind {
    case .texts(let count): return texts(op, values, count)
    case .integers(let base): return numbers(op, values, base, scale: 1)
    case .decimals(let base, let scale): return numbers(op, values, base, scale: scale)
    case .flags: return flags(op, values)
    case .dates(let base): return dates(op, values, base)
    case .minutes: return .everything
    }
  }

  /// Codes that a table does not list have no label, though they are codes.
  private var nulls: Predicate {
    guard hasGaps, case .texts(let count) = kind else { return .null }
    return .table((0..<count).map { $0 == 0 || text(Int32($0)) == nil })
  }

  private func flags(_ op: TableTest.Operator, _ values: [SQLValue]) -> Predicate {
    guard op == .equal || op == .isSame else { return .everything }
    var table = [false, false, false]
    for value in values {
      guard case .integer(let number) = value else { return .everything }
      if number == 0 || number == 1 { table[Int(number) + 1] = true }
    }
    return .table(table)
  }

  private func numbers(
    _ op: TableTest.Operator, _ values: [SQLValue], _ base: Int64, scale: Double
  ) -> Predicate {
    var all: ClosedRange<Int32>?
    for value in values {
      let units: Double
      switch value {
      case .integer(let number): units = Double(number) * scale
      case .real(let number): units = number * scale
      // Text that looks like a number is one for SQLite.
      default: return .everything
      }
      guard units.isFinite, abs(units) < 9e15 else { return .everything }
      // One unit of room on either side: reals are not exact.
      guard let range = range(op, Int64(units.rounded(.down)) - 1, Int64(units.rounded(.up)) + 1, base) else {
        return .everything
      }
      all = all.map { min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound) } ?? range
    }
    guard let all else { return .nothing }
    return .range(all)
  }

  /// Codes that may fulfil `op` with a number in `low...high`.
  private func range(_ op: TableTest.Operator, _ low: Int64, _ high: Int64, _ base: Int64) -> ClosedRange<Int32>? {
    guard let lower = TableColumns.threshold(low, base: base), let upper = TableColumns.threshold(high, base: base)
    else { return nil }
    let (least, most) = (Int32(clamping: lower), Int32(clamping: upper))
    switch op {
    case .equal, .isSame: return least...most
    case .less, .lessOrEqual: return Int32.min...most
    case .greater, .greaterOrEqual: return least...Int32.max
    default: return nil
    }
  }

  private func dates(_ op: TableTest.Operator, _ values: [SQLValue], _ base: Int64) -> Predicate {
    var all: ClosedRange<Int32>?
    for value in values {
      guard case .text(let text) = value else { return .everything }
      guard let day = CodedColumn.day(text) else { return .everything }
      // '2005' lies before '2005-01-01' and behind every day of 2004: one day of room covers both.
      guard let range = range(op, Int64(day.days) - 1, Int64(day.days) + 1, base) else { return .everything }
      all = all.map { min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound) } ?? range
    }
    guard let all else { return .nothing }
    return .range(all)
  }

  /// The first day of what a beginning of a date says: `2005`, `2005-09`, `2005-09-30`.
  private static func day(_ text: String) -> CivilDate? {
    switch text.utf8.count {
    case 4: CivilDate(iso: text + "-01-01")
    case 7: CivilDate(iso: text + "-01")
    default: CivilDate(iso: text)
    }
  }

  private func texts(_ op: TableTest.Operator, _ values: [SQLValue], _ count: Int) -> Predicate {
    var operands: [String] = []
    for value in values {
      switch value {
      case .text(let text): operands.append(text)
      // TEXT affinity makes texts of whole numbers.
      case .integer(let number): operands.append("\(number)")
      default: return .everything
      }
    }
    if op == .equal || op == .isSame {
      let found = operands.flatMap { codesOfTexts[$0] ?? [] }
      if found.isEmpty { return .nothing }
      if found.count == 1 { return .code(found[0]) }
      var table = [Bool](repeating: false, count: count)
      for code in found { table[Int(code)] = true }
      return .table(table)
    }
    guard let operand = operands.first, let test = CodedColumn.test(op, operand) else { return .everything }
    var table = [Bool](repeating: false, count: count)
    for code in 1..<max(1, count) {
      if let text = text(Int32(code)) { table[code] = test(text) }
    }
    return .table(table)
  }

  private var codesOfTexts: [String: [Int32]] {
    if let codes { return codes }
    var all: [String: [Int32]] = [:]
    if case .texts(let count) = kind {
      for code in 1..<max(1, count) { if let text = text(Int32(code)) { all[text, default: []].append(Int32(code)) } }
    }
    codes = all
    return all
  }

  private static func test(_ op: TableTest.Operator, _ operand: String) -> ((String) -> Bool)? {
    let operand = Text(operand)
    switch op {
    case .unequal: return { Text($0) != operand }
    case .less: return { Text($0) < operand }
    case .lessOrEqual: return { !(operand < Text($0)) }
    case .greater: return { operand < Text($0) }
    case .greaterOrEqual: return { !(Text($0) < operand) }
    case .like, .glob:
      guard let prefix = prefix(of: operand.string, op) else { return nil }
      return { $0.utf8.starts(with: prefix.utf8) }
    default: return nil
    }
  }

  /// What every text that fits a pattern begins with; nil when that is nothing.
  static func prefix(of pattern: String, _ op: TableTest.Operator) -> String? {
    var prefix = ""
    for scalar in pattern.unicodeScalars {
      switch (op, scalar) {
      case (.like, "%"), (.like, "_"), (.glob, "*"), (.glob, "?"), (.glob, "["): return prefix.isEmpty ? nil : prefix
      // LIKE makes no difference between capital and small letters of ASCII.
      case (.like, "a"..."z"), (.like, "A"..."Z"), (.like, "\\"): return prefix.isEmpty ? nil : prefix
      default: prefix.unicodeScalars.append(scalar)
      }
    }
    return prefix.isEmpty ? nil : prefix
  }

  // MARK: Order

  /// What rows are sorted by instead of codes: null first, then as SQLite sorts; nil when codes do that themselves but
  /// for null.
  lazy var ranks: [Int32]? = {
    guard case .texts(let count) = kind else { return nil }
    let keyed = (1..<max(1, count)).map { code in (code: code, text: text(Int32(code)).map { Text($0) }) }
    let sorted = keyed.sorted { left, right in
      guard let first = left.text else { return right.text != nil }
      guard let second = right.text else { return false }
      return first < second
    }
    var ranks = [Int32](repeating: 0, count: count)
    var rank: Int32 = 0
    var last: Text?
    for (code, text) in sorted {
      if text == nil { continue }
      if text != last { rank += 1 }
      last = text
      ranks[code] = rank
    }
    return ranks
  }()
}
