import Catalog
import Primitives

/// Three values as bytes that `and` and `or` are minimum and maximum of.
enum Truth {
  static let no: UInt8 = 0
  static let unknown: UInt8 = 1
  static let yes: UInt8 = 2

  static func byte(_ truth: Bool?) -> UInt8 { truth.map { $0 ? yes : no } ?? unknown }
}

/// A condition over the rows of a block.
final class Condition {
  private enum Form {
    case constant(UInt8)
    /// 3 stands for what was not asked yet.
    case table(PartTable)
    /// A number against one that is the same for all rows.
    case threshold(ColumnInput, Comparison, Int64)
    case all([Condition])
    case any([Condition])
    case not(Condition)
    case compare(Comparison, NumberSide, NumberSide, PartRows)
    case rows(PartRows)
  }

  private let form: Form
  private var known: [UInt8]
  private let scratch = BlockBuffer<UInt8>(filledWith: 0)
  private let places = BlockBuffer<Int32>(filledWith: 0)

  private static let notAsked: UInt8 = 3

  init(_ part: ExpressionPart, _ builder: EvaluatorBuilder) throws(NotInColumns) {
    let inputs = try builder.inputs(part)
    form = try Condition.form(part, inputs, builder)
    if case .table(let table) = form {
      known = [UInt8](repeating: Condition.notAsked, count: table.size)
    } else {
      known = []
    }
  }

  private static func form(
    _ part: ExpressionPart, _ inputs: [ColumnInput], _ builder: EvaluatorBuilder
  ) throws(NotInColumns) -> Form {
    if inputs.isEmpty {
      let source = InputSource([], builder.context.directory)
      return .constant(Truth.byte(part.truth(source, today: builder.context.today)))
    }
    if let threshold = try threshold(part, builder) { return threshold }
    if let table = PartTable(part, inputs, builder.context) { return .table(table) }
    switch part.form {
    case .all(let parts): return .all(try conditions(parts, builder))
    case .any(let parts): return .any(try conditions(parts, builder))
    case .not(let part): return .not(try Condition(part, builder))
    case .compare(let comparison, let left, let right):
      let rows = PartRows(part, inputs, builder.context)
      if let left = try NumberSide(left, builder), let right = try NumberSide(right, builder) {
        return .compare(comparison, left, right, rows)
      }
      return .rows(rows)
    case .item, .other: return .rows(PartRows(part, inputs, builder.context))
    }
  }

  private static func conditions(
    _ parts: [ExpressionPart], _ builder: EvaluatorBuilder
  ) throws(NotInColumns) -> [Condition] {
    var conditions: [Condition] = []
    for part in parts { conditions.append(try Condition(part, builder)) }
    return conditions
  }

  /// `birth_date < 1980-01-01`, either way round: codes of numbers ascend as the numbers do.
  private static func threshold(_ part: ExpressionPart, _ builder: EvaluatorBuilder) throws(NotInColumns) -> Form? {
    guard case .compare(let comparison, let left, let right) = part.form else { return nil }
    let (side, other, isTurned) = if case .item = left.form { (left, right, false) } else { (right, left, true) }
    guard case .item(let item) = side.form, try builder.inputs(other).isEmpty else { return nil }
    let input = try builder.item(item)
    let source = InputSource([], builder.context.directory)
    let value = other.evaluate(source, today: builder.context.today)
    guard let threshold = input.coding.threshold(value) else { return nil }
    return .threshold(input, isTurned ? comparison.turned : comparison, threshold)
  }

  // MARK: Running

  /// Writes a ``Truth`` byte for each of the first `count` rows of the block that the inputs have loaded.
  ///
  /// - Parameter all: the numbers from 0, for tables.
  func fill(_ out: UnsafeMutablePointer<UInt8>, _ all: Picks) {
    let count = all.count
    switch form {
    case .constant(let truth): out.update(repeating: truth, count: count)
    case .table(let table): fill(out, table, all)
    case .threshold(let input, let comparison, let threshold):
      Condition.fill(out, input.codes, count, comparison, threshold)
    case .all(let parts):
      parts[0].fill(out, all)
      for part in parts.dropFirst() {
        part.fill(scratch.pointer, all)
        for row in 0..<count { out[row] = min(out[row], scratch.pointer[row]) }
      }
    case .any(let parts):
      parts[0].fill(out, all)
      for part in parts.dropFirst() {
        part.fill(scratch.pointer, all)
        for row in 0..<count { out[row] = max(out[row], scratch.pointer[row]) }
      }
    case .not(let part):
      part.fill(out, all)
      for row in 0..<count { out[row] = Truth.yes - out[row] }
    case .compare(let comparison, let left, let right, let rows):
      for row in 0..<count {
        let (first, second) = (left.number(row), right.number(row))
        if first.kind == .other || second.kind == .other {
          out[row] = Truth.byte(rows.truth(row))
        } else if first.kind == .null || first.kind != second.kind {
          out[row] = Truth.unknown
        } else {
          out[row] = comparison.holds(first.number, second.number) ? Truth.yes : Truth.no
        }
      }
    case .rows(let rows): for row in 0..<count { out[row] = Truth.byte(rows.truth(row)) }
    }
  }

  private func fill(_ out: UnsafeMutablePointer<UInt8>, _ table: PartTable, _ all: Picks) {
    table.places(all, to: places.pointer)
    let places = places.pointer
    known.withUnsafeMutableBufferPointer { known in
      for row in 0..<all.count {
        let place = Int(places[row])
        if known[place] == Condition.notAsked { known[place] = Truth.byte(table.truth(place)) }
        out[row] = known[place]
      }
    }
  }

  private static func fill(
    _ out: UnsafeMutablePointer<UInt8>, _ codes: UnsafePointer<Int32>, _ count: Int, _ comparison: Comparison,
    _ threshold: Int64
  ) {
    // The outermost codes are never given, so a threshold beyond all codes may be one of them.
    let bound = Int32(clamping: threshold)
    switch comparison {
    case .equal: fill(out, codes, count) { $0 == bound }
    case .unequal: fill(out, codes, count) { $0 != bound }
    case .less: fill(out, codes, count) { $0 < bound }
    case .lessOrEqual: fill(out, codes, count) { $0 <= bound }
    case .greater: fill(out, codes, count) { $0 > bound }
    case .greaterOrEqual: fill(out, codes, count) { $0 >= bound }
    }
  }

  @inline(__always)
  private static func fill(
    _ out: UnsafeMutablePointer<UInt8>, _ codes: UnsafePointer<Int32>, _ count: Int, _ holds: (Int32) -> Bool
  ) {
    for row in 0..<count {
      out[row] = codes[row] == 0 ? Truth.unknown : holds(codes[row]) ? Truth.yes : Truth.no
    }
  }
}

extension Comparison {
  /// What holds of the sides when they change places.
  fileprivate var turned: Comparison {
    switch self {
    case .equal, .unequal: self
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }
}

/// One side of a comparison of two columns: `join_date` or `birth_date + 18y`, as numbers.
final class NumberSide {
  enum Kind: UInt8 {
    case notAsked, null, int, decimal, date, minute, other
  }

  private let input: ColumnInput
  private let table: PartTable
  private var known: [(kind: Kind, number: Int64)]

  /// Nil when it has not exactly one input, or one with too many codes.
  init?(_ part: ExpressionPart, _ builder: EvaluatorBuilder) throws(NotInColumns) {
    let inputs = try builder.inputs(part)
    guard inputs.count == 1, let table = PartTable(part, inputs, builder.context) else { return nil }
    input = inputs[0]
    self.table = table
    known = [(Kind, Int64)](repeating: (.notAsked, 0), count: table.size)
  }

  func number(_ row: Int) -> (kind: Kind, number: Int64) {
    let place = Int(input.codes[row] &- input.range.lowerBound)
    if known[place].kind == .notAsked {
      known[place] =
        switch table.value(place) {
        case .null: (.null, 0)
        case .int(let number): (.int, number)
        case .decimal(let number): (.decimal, number)
        case .date(let date): (.date, Int64(date.days))
        case .minute(let minute): (.minute, minute.minutes)
        default: (.other, 0)
        }
    }
    return known[place]
  }
}
