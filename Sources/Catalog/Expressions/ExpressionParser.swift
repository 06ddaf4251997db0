import Primitives

/// Recursive descent over the tokens of one source. Two counters keep hostile nesting from the stack: levels entered
/// while parsing, and the height of every tree that is built (a long sum grows to the left without entering a level).
struct ExpressionParser {
  private let tokens: [Token]
  private let limits: ExpressionLimits
  private var position = 0
  private var level = 0

  /// - Throws: when the source is too long, nested too deeply or not an expression.
  static func parse(_ source: String, limits: ExpressionLimits) throws(ExpressionError) -> Syntax {
    guard source.utf8.count <= limits.sourceBytes else {
      throw ExpressionError(
        at: limits.sourceBytes, zh: "表达式不能超过\(limits.sourceBytes)字节",
        en: "an expression has at most \(limits.sourceBytes) bytes")
    }
    var parser = ExpressionParser(tokens: try ExpressionLexer.tokens(of: source), limits: limits)
    let syntax = try parser.expression()
    guard parser.kind == .end else { throw parser.unexpected("an operator or the end", "运算符或结尾") }
    return syntax
  }

  private init(tokens: [Token], limits: ExpressionLimits) {
    self.tokens = tokens
    self.limits = limits
  }

  private var kind: Token.Kind { tokens[position].kind }
  private var offset: Int { tokens[position].offset }

  private mutating func advance() { if position < tokens.count - 1 { position += 1 } }

  private mutating func take(_ symbol: Token.Symbol) -> Bool {
    guard kind == .symbol(symbol) else { return false }
    advance()
    return true
  }

  private mutating func take(word: String) -> Bool {
    guard kind == .name(word) else { return false }
    advance()
    return true
  }

  private mutating func need(_ symbol: Token.Symbol) throws(ExpressionError) {
    guard take(symbol) else { throw unexpected("'\(symbol.rawValue)'", "“\(symbol.rawValue)”") }
  }

  private func unexpected(_ en: String, _ zh: String) -> ExpressionError {
    ExpressionError(at: offset, zh: "此处应为\(zh)", en: "expected \(en) here")
  }

  private func node(_ kind: Syntax.Kind, at offset: Int, over parts: [Syntax] = []) throws(ExpressionError) -> Syntax {
    var height = 0
    for part in parts where part.height > height { height = part.height }
    guard height < ExpressionLimits.depth else { throw tooDeep(offset) }
    return Syntax(kind: kind, offset: offset, height: height + 1)
  }

  private func tooDeep(_ offset: Int) -> ExpressionError {
    ExpressionError(
      at: offset, zh: "表达式嵌套不能超过\(ExpressionLimits.depth)层",
      en: "nested more than \(ExpressionLimits.depth) levels deep")
  }

  private mutating func enter() throws(ExpressionError) {
    level += 1
    guard level <= ExpressionLimits.depth else { throw tooDeep(offset) }
  }

  // MARK: Logic

  private mutating func expression() throws(ExpressionError) -> Syntax {
    try enter()
    defer { level -= 1 }
    let condition = try disjunction()
    let start = offset
    guard take(word: "implies") else { return condition }
    let consequence = try disjunction()
    let refuted = try node(.not(condition), at: start, over: [condition])
    return try node(.any([refuted, consequence]), at: start, over: [refuted, consequence])
  }

  private mutating func disjunction() throws(ExpressionError) -> Syntax {
    var parts = [try conjunction()]
    let start = offset
    while take(word: "or") { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : try node(.any(parts), at: start, over: parts)
  }

  private mutating func conjunction() throws(ExpressionError) -> Syntax {
    var parts = [try negation()]
    let start = offset
    while take(word: "and") { parts.append(try negation()) }
    return parts.count == 1 ? parts[0] : try node(.all(parts), at: start, over: parts)
  }

  private mutating func negation() throws(ExpressionError) -> Syntax {
    let start = offset
    guard take(word: "not") else { return try predicate() }
    try enter()
    defer { level -= 1 }
    let part = try negation()
    return try node(.not(part), at: start, over: [part])
  }

  private mutating func predicate() throws(ExpressionError) -> Syntax {
    let left = try sum()
    let start = offset
    if let comparison = comparison() {
      advance()
      let right = try sum()
      if self.comparison() != nil { throw unexpected("'and' between two comparisons", "“and”") }
      return try node(.compare(comparison, left, right), at: start, over: [left, right])
    }
    if take(word: "is") {
      let negated = take(word: "not")
      guard take(word: "null") else { throw unexpected("'null'", "“null”") }
      return try negate(try node(.isNull(left), at: start, over: [left]), negated, at: start)
    }
    if take(word: "in") { return try node(.membership(left, try list()), at: start, over: [left]) }
    if kind == .name("not"), position + 1 < tokens.count, tokens[position + 1].kind == .name("in") {
      advance()
      advance()
      return try negate(try node(.membership(left, try list()), at: start, over: [left]), true, at: start)
    }
    if take(word: "under") {
      guard case .string(let code) = kind else {
        throw unexpected("the code of an organisation in quotes", "加引号的党组织代码")
      }
      advance()
      return try node(.under(left, code), at: start, over: [left])
    }
    return left
  }

  private func negate(_ part: Syntax, _ negated: Bool, at start: Int) throws(ExpressionError) -> Syntax {
    negated ? try node(.not(part), at: start, over: [part]) : part
  }

  private func comparison() -> Comparison? {
    guard case .symbol(let symbol) = kind else { return nil }
    switch symbol {
    case .equal: return .equal
    case .unequal: return .unequal
    case .less: return .less
    case .lessOrEqual: return .lessOrEqual
    case .greater: return .greater
    case .greaterOrEqual: return .greaterOrEqual
    default: return nil
    }
  }

  private mutating func list() throws(ExpressionError) -> [ListEntry] {
    try need(.openList)
    var entries: [ListEntry] = []
    repeat {
      guard entries.count < limits.listValues else {
        throw ExpressionError(
          at: offset, zh: "列表不能超过\(limits.listValues)个值", en: "a list has at most \(limits.listValues) values")
      }
      let low = try literal()
      entries.append(ListEntry(low: low, high: take(.range) ? try literal() : nil))
    } while take(.comma)
    try need(.closeList)
    return entries
  }

  private mutating func literal() throws(ExpressionError) -> Syntax {
    let start = offset
    let negative = take(.minus)
    guard let constant = constant(negative: negative) else { throw unexpected("a value", "一个值") }
    advance()
    return try node(constant, at: start)
  }

  // MARK: Arithmetic

  private mutating func sum() throws(ExpressionError) -> Syntax {
    var left = try product()
    while true {
      let start = offset
      let operation: Arithmetic
      if take(.plus) {
        operation = .add
      } else if take(.minus) {
        operation = .subtract
      } else {
        return left
      }
      let right = try product()
      left = try node(.arithmetic(operation, left, right), at: start, over: [left, right])
    }
  }

  private mutating func product() throws(ExpressionError) -> Syntax {
    var left = try signed()
    while true {
      let start = offset
      guard take(.times) else { return left }
      let right = try signed()
      left = try node(.arithmetic(.multiply, left, right), at: start, over: [left, right])
    }
  }

  private mutating func signed() throws(ExpressionError) -> Syntax {
    let start = offset
    guard take(.minus) else { return try primary() }
    if let constant = constant(negative: true) {
      advance()
      return try node(constant, at: start)
    }
    try enter()
    defer { level -= 1 }
    let part = try signed()
    return try node(.negate(part), at: start, over: [part])
  }

  /// The literal at hand, with its sign; nil when there is none or a sign makes no sense.
  private func constant(negative: Bool) -> Syntax.Kind? {
    let sign: Int64 = negative ? -1 : 1
    switch kind {
    case .integer(let value): return .constant(.int(sign * value), .int)
    case .decimal(let units, let scale): return .constant(.decimal(sign * units), .decimal(scale: scale))
    case .months(let count): return .constant(.int(sign * count), .months)
    case .days(let count): return .constant(.int(sign * count), .days)
    case .date(let date) where !negative: return .constant(.date(date), .date)
    case .string(let text) where !negative: return .constant(.text(Text(text)), .text)
    default: return nil
    }
  }

  private mutating func primary() throws(ExpressionError) -> Syntax {
    let start = offset
    if let constant = constant(negative: false) {
      advance()
      return try node(constant, at: start)
    }
    if take(.open) {
      let inner = try expression()
      try need(.close)
      return inner
    }
    guard case .name(let name) = kind else { throw unexpected("a value", "一个值") }
    guard !ExpressionParser.operators.contains(name) else { throw unexpected("a value", "一个值") }
    advance()
    if let kind = ExpressionParser.constants(name) { return try node(kind, at: start) }
    if take(.open) {
      let arguments = try arguments()
      return try node(.call(name, arguments), at: start, over: arguments)
    }
    var names = [name]
    while take(.dot) {
      guard case .name(let next) = kind else { throw unexpected("a name", "名称") }
      guard names.count <= ExpressionLimits.pathSteps else {
        throw unexpected("at most \(ExpressionLimits.pathSteps) relations", "至多\(ExpressionLimits.pathSteps)级关联")
      }
      names.append(next)
      advance()
    }
    return try node(.name(names), at: start)
  }

  private mutating func arguments() throws(ExpressionError) -> [Syntax] {
    if take(.close) { return [] }
    var arguments: [Syntax] = []
    repeat {
      guard arguments.count < 8 else { throw unexpected("')'", "“)”") }
      arguments.append(try expression())
    } while take(.comma)
    try need(.close)
    return arguments
  }

  private static func constants(_ name: String) -> Syntax.Kind? {
    switch name {
    case "true": .constant(.bool(true), .bool)
    case "false": .constant(.bool(false), .bool)
    case "null": .null
    case "today": .today
    default: nil
    }
  }

  private static let operators = ["and", "or", "not", "in", "is", "implies", "under"]
  /// Words that no item, relation or alias may be called.
  static let reserved = operators + ["true", "false", "null", "today"]
}
