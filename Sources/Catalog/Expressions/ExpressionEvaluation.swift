import Primitives

/// One run of a program over one record. Recursion is as deep as the tree, which the checker bounded.
///
/// The methods are generic, not the type: a generic struct would copy the field source into every run and find its own
/// members through run-time layout (measured: most of the way from 7.0 to 4.7 µs for the check of a member).
struct ExpressionEvaluation {
  let program: ExpressionProgram
  let today: CivilDate

  init(_ program: ExpressionProgram, today: CivilDate) {
    self.program = program
    self.today = today
  }

  /// The node's truth; nil is unknown. Logic stops at the first operand that decides.
  func truth<Fields: FieldSource>(_ position: Int32, _ fields: Fields) -> Bool? {
    switch program.nodes[Int(position)] {
    case .all(let first, let count):
      var result: Bool? = true
      for operand in first..<first + count {
        let part = truth(program.operands[Int(operand)], fields)
        if part == false { return false }
        if part == nil { result = nil }
      }
      return result
    case .any(let first, let count):
      var result: Bool? = false
      for operand in first..<first + count {
        let part = truth(program.operands[Int(operand)], fields)
        if part == true { return true }
        if part == nil { result = nil }
      }
      return result
    case .not(let part): return truth(part, fields).map { !$0 }
    case .compare(let comparison, let left, let right):
      let first = value(left, fields)
      if case .null = first { return nil }
      return compare(comparison, first, value(right, fields))
    case .member(let part, let list): return program.lists[Int(list)].contains(value(part, fields))
    case .isEmpty(let part): return value(part, fields).isEmpty
    case .under(let item, let code):
      guard case .text(let code) = program.constants[Int(code)] else { return nil }
      return fields.isUnder(item, orgCode: code)
    default:
      if case .bool(let truth) = value(position, fields) { return truth }
      return nil
    }
  }

  func value<Fields: FieldSource>(_ position: Int32, _ fields: Fields) -> Value {
    switch program.nodes[Int(position)] {
    case .item(let item): return fields.value(item)
    case .constant(let constant): return program.constants[Int(constant)]
    case .today: return .date(today)
    case .path(let path): return fields.value(along: program.paths[Int(path)])
    case .not, .all, .any, .compare, .member, .isEmpty, .under: return truth(position, fields).map(Value.bool) ?? .null
    case .negate(let part): return negated(value(part, fields))
    case .arithmetic(let operation, let left, let right):
      return arithmetic(operation, value(left, fields), value(right, fields))
    case .rescale(let part, let factor): return rescaled(value(part, fields), factor)
    case .addMonths(let date, let months): return added(value(date, fields), months: value(months, fields))
    case .addDays(let date, let days): return added(value(date, fields), days: value(days, fields))
    case .daysBetween(let later, let earlier):
      guard case .date(let later) = value(later, fields), case .date(let earlier) = value(earlier, fields) else {
        return .null
      }
      return .int(Int64(later.days) - Int64(earlier.days))
    case .call(let function, let first): return call(function, first, fields)
    case .round(let part, let divisor): return rounded(value(part, fields), divisor)
    case .choose(let condition, let first, let second):
      return truth(condition, fields) == true ? value(first, fields) : value(second, fields)
    case .coalesce(let first, let second):
      let found = value(first, fields)
      return found.isEmpty ? value(second, fields) : found
    }
  }

  /// Values of two different kinds come only from a record that does not fit its catalog: unknown, like null.
  @inline(__always)
  private func compare(_ comparison: Comparison, _ left: Value, _ right: Value) -> Bool? {
    switch (left, right) {
    case (.text(let left), .text(let right)): comparison.holds(left, right)
    case (.date(let left), .date(let right)): comparison.holds(left.days, right.days)
    case (.int(let left), .int(let right)): comparison.holds(left, right)
    case (.decimal(let left), .decimal(let right)): comparison.holds(left, right)
    case (.minute(let left), .minute(let right)): comparison.holds(left.minutes, right.minutes)
    case (.bool(let left), .bool(let right)): comparison.holds(left ? 1 : 0, right ? 1 : 0)
    case (.reference(let left), .reference(let right)): comparison.holds(left, right)
    default: nil
    }
  }

  private func negated(_ value: Value) -> Value {
    switch value {
    case .int: arithmetic(.subtract, .int(0), value)
    case .decimal: arithmetic(.subtract, .decimal(0), value)
    default: .null
    }
  }

  /// - Ensures: unknown when either is unknown or the result leaves 64 bits.
  private func arithmetic(_ operation: Arithmetic, _ left: Value, _ right: Value) -> Value {
    let (first, second, isDecimal): (Int64, Int64, Bool)
    switch (left, right) {
    case (.int(let left), .int(let right)): (first, second, isDecimal) = (left, right, false)
    case (.decimal(let left), .decimal(let right)), (.decimal(let left), .int(let right)),
      (.int(let left), .decimal(let right)):
      (first, second, isDecimal) = (left, right, true)
    default: return .null
    }
    let (result, overflow) =
      switch operation {
      case .add: first.addingReportingOverflow(second)
      case .subtract: first.subtractingReportingOverflow(second)
      case .multiply: first.multipliedReportingOverflow(by: second)
      }
    if overflow { return .null }
    return isDecimal ? .decimal(result) : .int(result)
  }

  private func rescaled(_ value: Value, _ factor: Int64) -> Value {
    switch value {
    case .int(let units), .decimal(let units):
      let (result, overflow) = units.multipliedReportingOverflow(by: factor)
      return overflow ? .null : .decimal(result)
    default: return .null
    }
  }

  private func rounded(_ value: Value, _ divisor: Int64) -> Value {
    guard case .decimal(let units) = value else { return .null }
    let (quotient, remainder) = units.quotientAndRemainder(dividingBy: divisor)
    // |remainder| < divisor ≤ 10^18, so doubling it stays inside 64 bits.
    guard remainder.magnitude * 2 >= divisor.magnitude else { return .decimal(quotient) }
    return .decimal(quotient + (units < 0 ? -1 : 1))
  }

  private func added(_ date: Value, months: Value) -> Value {
    guard case .date(let date) = date, case .int(let count) = months, isCalendarDay(date),
      count.magnitude <= 120_000
    else { return .null }
    return .date(date.adding(months: Int(count)))
  }

  private func added(_ date: Value, days: Value) -> Value {
    guard case .date(let date) = date, case .int(let count) = days, count.magnitude <= 4_000_000 else {
      return .null
    }
    let result = date.adding(days: Int(count))
    return isCalendarDay(result) ? .date(result) : .null
  }
}

/// Between 0001-01-01 and 9999-12-31, the calendar of ``CivilDate``.
func isCalendarDay(_ date: CivilDate) -> Bool { date.days >= -719_162 && date.days <= 2_932_896 }
