import Primitives

// Typing of comparisons, arithmetic, lists and functions.

extension ExpressionChecker {
  // MARK: Comparison

  mutating func compared(
    _ comparison: Comparison, _ left: Syntax, _ right: Syntax, at offset: Int
  ) throws(ExpressionError) -> Operand {
    var first = try operand(left)
    var second = try operand(right)
    guard let firstType = first.type, let secondType = second.type else {
      throw ExpressionError(
        at: offset, zh: "与空值比较请用 is null", en: "a comparison with null is never true; write 'is null'")
    }
    if firstType.scale != nil, secondType.scale != nil {
      (first, second, _) = try aligned(first, second, at: offset)
    } else if firstType.isText, secondType.isText {
      try checkCode(right, of: firstType, comparison)
      try checkCode(left, of: secondType, comparison)
    } else {
      guard firstType == secondType, firstType != .months else { throw incomparable(firstType, secondType, right) }
      switch firstType {
      case .bool, .reference:
        guard !comparison.needsOrder else {
          throw ExpressionError(
            at: offset, zh: "\(firstType.label.zh)只能比较是否相等", en: "\(firstType.label.en) has no order; use = or !=")
        }
      case .references: throw incomparable(firstType, secondType, right)
      default: break
      }
    }
    return add(.compare(comparison, first.node, second.node), .bool)
  }

  private func incomparable(_ left: ExpressionType, _ right: ExpressionType, _ syntax: Syntax) -> ExpressionError {
    var zh = "\(left.label.zh)不能与\(right.label.zh)比较"
    var en = "\(left.label.en) does not compare with \(right.label.en)"
    if left.isText, right == .int { (zh, en) = (zh + ";代码要加引号", en + "; codes are text: put it in quotes") }
    if left == .months || right == .months {
      (zh, en) = (zh + ";请写成 日期 + 6m 再比较", en + "; add the months to a date and compare dates")
    }
    return ExpressionError(at: syntax.offset, zh: zh, en: en)
  }

  /// A literal beside a code item must be a code of its table: a typing mistake here would be silently false for ever.
  func checkCode(_ syntax: Syntax, of type: ExpressionType, _ comparison: Comparison) throws(ExpressionError) {
    guard !comparison.needsOrder, let table = closedTable(type), case .constant(.text(let code), _) = syntax.kind
    else { return }
    guard table.contains(code) else { throw notCode(code, table, at: syntax.offset) }
  }

  private func closedTable(_ type: ExpressionType) -> CodeTable? {
    guard let name = type.table, let table = catalog.codeTable(name), !table.isOpen else { return nil }
    return table
  }

  private func notCode(_ code: Text, _ table: CodeTable, at offset: Int) -> ExpressionError {
    ExpressionError(
      at: offset, zh: "代码表\(table.name)中没有“\(code.string)”", en: "'\(code.string)' is no code of \(table.name)")
  }

  // MARK: Arithmetic

  /// Both operands at the larger of their scales.
  private mutating func aligned(
    _ left: Operand, _ right: Operand, at offset: Int
  ) throws(ExpressionError) -> (Operand, Operand, ExpressionType) {
    let leftScale = left.type?.scale ?? 0
    let rightScale = right.type?.scale ?? 0
    let scale = max(leftScale, rightScale)
    guard scale > 0 else { return (left, right, .int) }
    let type = ExpressionType.decimal(scale: scale)
    return (scaled(left, from: leftScale, to: type, scale), scaled(right, from: rightScale, to: type, scale), type)
  }

  private mutating func scaled(
    _ operand: Operand, from: UInt8, to type: ExpressionType, _ scale: UInt8
  ) -> Operand {
    guard operand.type != type else { return operand }
    return add(.rescale(operand.node, factor: powerOfTen(scale - from)), type)
  }

  mutating func calculated(
    _ operation: Arithmetic, _ left: Syntax, _ right: Syntax, at offset: Int
  ) throws(ExpressionError) -> Operand {
    let first = try operand(left)
    let second = try operand(right)
    guard let firstType = first.type, let secondType = second.type else { return add(constant: .null, nil) }
    if operation != .multiply, firstType == .date {
      return try dated(operation, first, second, secondType, at: right.offset)
    }
    guard firstType.scale != nil, secondType.scale != nil else {
      let wrong = firstType.scale == nil ? (left, firstType) : (right, secondType)
      throw mismatch(at: wrong.0.offset, found: wrong.1, expected: ExpressionType.int.label)
    }
    if operation == .multiply {
      let scale = (firstType.scale ?? 0) + (secondType.scale ?? 0)
      guard scale <= 12 else {
        throw ExpressionError(at: offset, zh: "乘积的小数位数超过12位", en: "the product has more than 12 decimals")
      }
      return add(.arithmetic(.multiply, first.node, second.node), scale == 0 ? .int : .decimal(scale: scale))
    }
    let (lower, upper, type) = try aligned(first, second, at: offset)
    return add(.arithmetic(operation, lower.node, upper.node), type)
  }

  private mutating func dated(
    _ operation: Arithmetic, _ date: Operand, _ other: Operand, _ type: ExpressionType, at offset: Int
  ) throws(ExpressionError) -> Operand {
    if type == .date, operation == .subtract { return add(.daysBetween(date.node, other.node), .int) }
    let amount = operation == .subtract ? add(.negate(other.node), type) : other
    switch type {
    case .months: return add(.addMonths(date.node, amount.node), .date)
    case .days: return add(.addDays(date.node, amount.node), .date)
    default:
      throw ExpressionError(
        at: offset, zh: "日期只能加减 1y、6m、30d 这样的时间长度",
        en: "to a date add lengths of time such as 1y, 6m, 30d or days(n)")
    }
  }

  // MARK: Lists

  mutating func membership(_ part: Syntax, _ entries: [ListEntry]) throws(ExpressionError) -> Operand {
    let found = try operand(part)
    guard let type = found.type else {
      throw ExpressionError(at: part.offset, zh: "空值不在任何列表中", en: "null is in no list")
    }
    if type.isText { return add(list: try texts(entries, type), of: found) }
    return add(list: try ranges(entries, type), of: found)
  }

  private func texts(_ entries: [ListEntry], _ type: ExpressionType) throws(ExpressionError) -> ValueList {
    var texts: [Text] = []
    for entry in entries {
      guard case .constant(.text(let text), _) = entry.low.kind, entry.high == nil else {
        throw ExpressionError(
          at: entry.low.offset, zh: "此列表的值应为加引号的文本", en: "this list holds texts in quotes, without ranges")
      }
      if let table = closedTable(type), !table.contains(text) { throw notCode(text, table, at: entry.low.offset) }
      texts.append(text)
    }
    return .texts(texts.sorted())
  }

  private func ranges(_ entries: [ListEntry], _ type: ExpressionType) throws(ExpressionError) -> ValueList {
    var ranges: [ClosedRange<Int64>] = []
    for entry in entries {
      let low = try number(entry.low, as: type)
      let high = try entry.high.map { (syntax) throws(ExpressionError) in try number(syntax, as: type) } ?? low
      guard low <= high else {
        throw ExpressionError(at: entry.low.offset, zh: "范围的起点大于终点", en: "the range ends before it begins")
      }
      ranges.append(low...high)
    }
    ranges.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
    var merged: [ClosedRange<Int64>] = []
    for range in ranges {
      if let last = merged.last, last.upperBound >= range.lowerBound {
        merged[merged.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return .ranges(merged)
  }

  /// A literal of a list as the number that the evaluator compares.
  private func number(_ syntax: Syntax, as type: ExpressionType) throws(ExpressionError) -> Int64 {
    if case .constant(let value, let found) = syntax.kind {
      if type == .date, case .date(let date) = value { return Int64(date.days) }
      if let scale = type.scale, let from = found.scale, from <= scale {
        let units: Int64? =
          switch value {
          case .int(let units), .decimal(let units): units
          default: nil
          }
        if let units {
          let (product, overflow) = units.multipliedReportingOverflow(by: powerOfTen(scale - from))
          if !overflow { return product }
        }
      }
    }
    throw ExpressionError(
      at: syntax.offset, zh: "此列表的值应为\(type.label.zh)", en: "this list holds values that are \(type.label.en)")
  }

  // MARK: Functions

  mutating func called(_ name: String, _ arguments: [Syntax], at offset: Int) throws(ExpressionError) -> Operand {
    guard let function = ExpressionFunction(rawValue: name) else {
      throw ExpressionError(at: offset, zh: "没有函数\(name)", en: "no function \(name)")
    }
    guard let (parameters, result) = function.signature else { return try typed(function, arguments, at: offset) }
    try need(parameters.count, arguments, function, at: offset)
    var children: [Operand] = []
    for (parameter, argument) in zip(parameters, arguments) {
      let child = try operand(argument)
      if let type = child.type, !parameter.accepts(type) {
        throw mismatch(at: argument.offset, found: type, expected: parameter.label)
      }
      if case .literalText = parameter { try needShortLiteral(argument) }
      children.append(child)
    }
    if function == .startsWith { try checkPrefix(arguments[1], of: children[0].type) }
    return add(.call(function, first: add(children: children)), result)
  }

  private func need(
    _ count: Int, _ arguments: [Syntax], _ function: ExpressionFunction, at offset: Int
  ) throws(ExpressionError) {
    guard arguments.count == count else {
      throw ExpressionError(
        at: offset, zh: "函数\(function.rawValue)需要\(count)个参数", en: "\(function.rawValue) takes \(count) arguments")
    }
  }

  private func needShortLiteral(_ argument: Syntax) throws(ExpressionError) {
    if case .constant(.text(let text), _) = argument.kind,
      (1...ExpressionLimits.patternBytes).contains(text.byteCount)
    {
      return
    }
    throw ExpressionError(
      at: argument.offset, zh: "此参数应为加引号的短文本",
      en: "this argument is a text in quotes of 1 to \(ExpressionLimits.patternBytes) bytes")
  }

  /// A prefix that no code of a closed table has is a typing mistake.
  private func checkPrefix(_ argument: Syntax, of type: ExpressionType?) throws(ExpressionError) {
    guard let type, let table = closedTable(type), case .constant(.text(let prefix), _) = argument.kind else { return }
    guard table.codes.contains(where: { Text($0.code).starts(with: prefix) }) else {
      throw notCode(prefix, table, at: argument.offset)
    }
  }

  private mutating func typed(
    _ function: ExpressionFunction, _ arguments: [Syntax], at offset: Int
  ) throws(ExpressionError) -> Operand {
    switch function {
    case .if:
      try need(3, arguments, function, at: offset)
      let choice = try condition(arguments[0])
      let (first, second, type) = try unified(arguments[1], arguments[2], at: offset)
      return add(.choose(choice.node, first.node, second.node), type)
    case .coalesce:
      try need(2, arguments, function, at: offset)
      let (first, second, type) = try unified(arguments[0], arguments[1], at: offset)
      return add(.coalesce(first.node, second.node), type)
    default:
      try need(2, arguments, .round, at: offset)
      return try rounded(arguments[0], arguments[1])
    }
  }

  private mutating func unified(
    _ left: Syntax, _ right: Syntax, at offset: Int
  ) throws(ExpressionError) -> (Operand, Operand, ExpressionType?) {
    let first = try operand(left)
    let second = try operand(right)
    guard let firstType = first.type, let secondType = second.type, firstType != secondType else {
      return (first, second, first.type ?? second.type)
    }
    if firstType.isText, secondType.isText { return (first, second, .text) }
    if firstType.scale != nil, secondType.scale != nil {
      let (lower, upper, type) = try aligned(first, second, at: offset)
      return (lower, upper, type)
    }
    throw mismatch(at: right.offset, found: secondType, expected: firstType.label)
  }

  private mutating func rounded(_ number: Syntax, _ digits: Syntax) throws(ExpressionError) -> Operand {
    let found = try operand(number)
    guard case .decimal(let scale)? = found.type else {
      throw mismatch(
        at: number.offset, found: found.type ?? .int, expected: ExpressionFunction.Parameter.decimal.label)
    }
    guard case .constant(.int(let kept), _) = digits.kind, (0...6).contains(kept) else {
      let label = ExpressionFunction.Parameter.smallLiteral.label
      throw ExpressionError(at: digits.offset, zh: "此处应为\(label.zh)", en: "expected \(label.en)")
    }
    let target = UInt8(kept)
    let type = ExpressionType.decimal(scale: target)
    if target >= scale { return scaled(found, from: scale, to: type, target) }
    return add(.round(found.node, divisor: powerOfTen(scale - target)), type)
  }
}

/// - Requires: at most 18.
private func powerOfTen(_ exponent: UInt8) -> Int64 {
  require(exponent <= 18, "10^\(exponent) does not fit 64 bits")
  var power: Int64 = 1
  for _ in 0..<exponent { power *= 10 }
  return power
}
