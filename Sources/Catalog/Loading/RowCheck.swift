import Primitives

/// ``RecordChecker/failures(ofFitting:today:)`` compiled for one day and many rows, as the yes or no that nearly every
/// row needs: whether nothing at all is said about it, no warning either. The checker has the words for the others.
///
/// Rules that read one item alone are asked cell by cell, those of numbers and lengths as an interval; what is left,
/// the rules between items, is asked once a row. A class, so that asking copies nothing; immutable.
public final class RowCheck: Sendable {
  /// Positions of items whose values ``isClean(_:_:)`` reads.
  public let positionsRead: [Int]
  /// By item position, checks of its cells.
  private let cells: [[CellCheck]]
  /// By item position, whether an empty cell breaks none of its own rules.
  private let emptyIsClean: [Bool]
  private let required: [Int]
  private let conditional: [(position: Int, program: ExpressionProgram)]
  private let rules: [ExpressionProgram]
  private let today: CivilDate

  private enum CellCheck {
    case number(ClosedRange<Int64>)
    case length(ClosedRange<Int64>)
    case citizen, mobile, han
    case program(ExpressionProgram)
  }

  /// - Parameter filledIn: items that the engine fills in when they are empty: they are not missed.
  public init(_ checker: RecordChecker, today: CivilDate, filledIn: [ItemID]) {
    let entity = checker.entity
    var cells = [[CellCheck]](repeating: [], count: entity.items.count)
    var emptyIsClean = [Bool](repeating: true, count: entity.items.count)
    var rules: [ExpressionProgram] = []
    var read: Set<ItemID> = []
    for check in checker.rules {
      if let from = check.from, today < from { continue }
      let items = entity.rules[check.position].condition.referencedItems
      guard items.count == 1, !entity.rules[check.position].condition.asksTree,
        entity.rules[check.position].condition.paths.isEmpty
      else {
        rules.append(check.program)
        read.formUnion(items)
        continue
      }
      let position = Int(items[0].value) - 1
      cells[position].append(RowCheck.compiled(check.program, today))
      let empty = ExpressionEvaluation(check.program, today: today).truth(check.program.root, OneField(.null))
      if empty == false { emptyIsClean[position] = false }
    }
    var required: [Int] = []
    var conditional: [(position: Int, program: ExpressionProgram)] = []
    for demand in checker.demands {
      let position = Int(demand.item.value) - 1
      if demand.isRequired {
        if !filledIn.contains(demand.item) { required.append(position) }
      } else if let condition = checker.items[demand.position].condition {
        conditional.append((position, condition.program))
        read.formUnion(condition.referencedItems)
      }
    }
    self.cells = cells
    self.emptyIsClean = emptyIsClean
    self.required = required
    self.conditional = conditional
    self.rules = rules
    self.today = today
    positionsRead = read.sorted().map { Int($0.value) - 1 }
  }

  // MARK: Cells

  /// Whether the item's own rules hold for a number, a day, a minute or a flag.
  ///
  /// - Parameter value: the same as a value, for rules of another form.
  public func isClean(_ position: Int, number: Int64, _ value: (Int64) -> Value) -> Bool {
    for check in cells[position] {
      switch check {
      case .number(let range): if !range.contains(number) { return false }
      case .length, .citizen, .mobile, .han: return false
      case .program(let program): if !holds(program, value(number)) { return false }
      }
    }
    return true
  }

  /// Whether the item's own rules hold for a text.
  public func isClean(_ position: Int, text: UnsafeBufferPointer<UInt8>) -> Bool {
    for check in cells[position] {
      switch check {
      case .number: return false
      case .length(let range): if !range.contains(Int64(countCharacters(text))) { return false }
      case .citizen: if !CitizenID.isValid(utf8: text) { return false }
      case .mobile: if !PhoneNumber.isMobile(utf8: text) { return false }
      case .han: if !PersonName.isHan(utf8: text) { return false }
      case .program(let program):
        let value = Value.text(Text(String(decoding: text, as: UTF8.self)))
        if !holds(program, value) { return false }
      }
    }
    return true
  }

  /// Whether the item's own rules hold for references.
  public func isClean(_ position: Int, references: Value) -> Bool {
    for case .program(let program) in cells[position] where !holds(program, references) { return false }
    return true
  }

  /// Whether the item's own rules hold without a cell.
  public func isCleanWhenEmpty(_ position: Int) -> Bool { emptyIsClean[position] }

  private func holds(_ program: ExpressionProgram, _ value: Value) -> Bool {
    ExpressionEvaluation(program, today: today).truth(program.root, OneField(value)) != false
  }

  // MARK: Rows

  /// Whether everything that is demanded is there and every rule between items holds.
  ///
  /// - Parameters:
  ///   - fields: values at ``positionsRead``.
  ///   - isPresent: by item position, whether the row has a cell.
  public func isClean(_ fields: RowFields, _ isPresent: [Bool]) -> Bool {
    for position in required where !isPresent[position] { return false }
    for program in rules where ExpressionEvaluation(program, today: today).truth(program.root, fields) == false {
      return false
    }
    for (position, program) in conditional where !isPresent[position] && demands(program, fields) { return false }
    return true
  }

  private func demands(_ program: ExpressionProgram, _ fields: RowFields) -> Bool {
    ExpressionEvaluation(program, today: today).truth(program.root, fields) == true
  }

  // MARK: Compiling

  /// A rule that reads one item alone.
  private static func compiled(_ program: ExpressionProgram, _ today: CivilDate) -> CellCheck {
    switch program.nodes[Int(program.root)] {
    case .call(.gb11643, let first) where isItem(program, program.operands[Int(first)]): return .citizen
    case .call(.mobile, let first) where isItem(program, program.operands[Int(first)]): return .mobile
    case .call(.hanName, let first) where isItem(program, program.operands[Int(first)]): return .han
    case .member(let part, let list):
      guard case .ranges(let ranges) = program.lists[Int(list)], ranges.count == 1 else { break }
      return interval(program, part, ranges[0])
    case .compare(let comparison, let left, let right):
      guard let bound = number(program, right, today), let range = comparison.range(of: bound) else { break }
      return interval(program, left, range)
    default: break
    }
    return .program(program)
  }

  private static func interval(_ program: ExpressionProgram, _ part: Int32, _ range: ClosedRange<Int64>) -> CellCheck {
    switch program.nodes[Int(part)] {
    case .item: .number(range)
    case .call(.len, let first) where isItem(program, program.operands[Int(first)]): .length(range)
    default: .program(program)
    }
  }

  private static func isItem(_ program: ExpressionProgram, _ node: Int32) -> Bool {
    if case .item = program.nodes[Int(node)] { true } else { false }
  }

  private static func number(_ program: ExpressionProgram, _ node: Int32, _ today: CivilDate) -> Int64? {
    switch program.nodes[Int(node)] {
    case .today: return Int64(today.days)
    case .constant(let constant):
      switch program.constants[Int(constant)] {
      case .int(let number), .decimal(let number): return number
      case .date(let date): return Int64(date.days)
      default: return nil
      }
    default: return nil
    }
  }
}

/// The only field that a rule reads.
private struct OneField: FieldSource {
  let value: Value
  init(_ value: Value) { self.value = value }
  func value(_ item: ItemID) -> Value { value }
}

extension Comparison {
  /// The numbers that stand to `bound` as the comparison says; nil when they are no interval.
  fileprivate func range(of bound: Int64) -> ClosedRange<Int64>? {
    switch self {
    case .equal: bound...bound
    case .unequal: nil
    case .less: bound == .min ? nil : Int64.min...bound - 1
    case .lessOrEqual: Int64.min...bound
    case .greater: bound == .max ? nil : bound + 1...Int64.max
    case .greaterOrEqual: bound...Int64.max
    }
  }
}
