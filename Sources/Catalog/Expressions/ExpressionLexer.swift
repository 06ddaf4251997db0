import Primitives

/// One word of an expression and where it begins.
struct Token {
  enum Kind: Equatable {
    case name(String)
    case integer(Int64)
    case decimal(units: Int64, scale: UInt8)
    case date(CivilDate)
    case months(Int64)
    case days(Int64)
    case string(String)
    case symbol(Symbol)
    case end
  }
  enum Symbol: String {
    case open = "("
    case close = ")"
    case openList = "{"
    case closeList = "}"
    case comma = ","
    case dot = "."
    case range = ".."
    case plus = "+"
    case minus = "-"
    case times = "*"
    case equal = "="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }
  let kind: Kind
  let offset: Int
}

/// Cuts a source text into tokens. Names are ASCII; anything else may stand inside quotes only.
struct ExpressionLexer {
  private let bytes: Bytes
  private var offset = 0

  init(_ source: String) { bytes = Bytes(source.utf8) }

  static func tokens(of source: String) throws(ExpressionError) -> [Token] {
    var lexer = ExpressionLexer(source)
    var tokens: [Token] = []
    repeat { tokens.append(try lexer.next()) } while tokens.last?.kind != .end
    return tokens
  }

  private func byte(_ ahead: Int = 0) -> UInt8 { offset + ahead < bytes.count ? bytes[offset + ahead] : 0 }

  private mutating func next() throws(ExpressionError) -> Token {
    while offset < bytes.count, isSpace(bytes[offset]) { offset += 1 }
    let start = offset
    guard offset < bytes.count else { return Token(kind: .end, offset: start) }
    let first = bytes[offset]
    if isDigit(first) { return Token(kind: try number(), offset: start) }
    if isNameStart(first) {
      while isNameStart(byte()) || isDigit(byte()) { offset += 1 }
      return Token(kind: .name(String(decoding: bytes[start..<offset], as: UTF8.self)), offset: start)
    }
    if first == UInt8(ascii: "'") { return Token(kind: .string(try string()), offset: start) }
    guard let symbol = symbol() else {
      throw ExpressionError(at: start, zh: "此处有不认识的字符", en: "unexpected character; text stands in single quotes")
    }
    return Token(kind: .symbol(symbol), offset: start)
  }

  private mutating func symbol() -> Token.Symbol? {
    let first = byte()
    let second = byte(1)
    let equals = UInt8(ascii: "=")
    let (symbol, length): (Token.Symbol, Int)
    switch (first, second) {
    case (UInt8(ascii: "<"), equals): (symbol, length) = (.lessOrEqual, 2)
    case (UInt8(ascii: ">"), equals): (symbol, length) = (.greaterOrEqual, 2)
    case (UInt8(ascii: "!"), equals), (UInt8(ascii: "<"), UInt8(ascii: ">")): (symbol, length) = (.unequal, 2)
    case (equals, equals): (symbol, length) = (.equal, 2)
    case (UInt8(ascii: "."), UInt8(ascii: ".")): (symbol, length) = (.range, 2)
    default:
      guard let single = Token.Symbol(rawValue: String(UnicodeScalar(first))) else { return nil }
      (symbol, length) = (single, 1)
    }
    offset += length
    return symbol
  }

  /// A string in single quotes; a quote inside is doubled.
  private mutating func string() throws(ExpressionError) -> String {
    let start = offset
    var content: Bytes = []
    offset += 1
    while offset < bytes.count {
      if byte() == UInt8(ascii: "'") {
        offset += 1
        if byte() != UInt8(ascii: "'") { return String(decoding: content, as: UTF8.self) }
      }
      content.append(bytes[offset])
      offset += 1
    }
    throw ExpressionError(at: start, zh: "引号没有结束", en: "the quote is never closed")
  }

  /// A date (`1982-09-06`), a length of time (`1y`, `6m`, `30d`), a decimal (`0.001`) or a whole number.
  private mutating func number() throws(ExpressionError) -> Token.Kind {
    let start = offset
    if let kind = try date() { return kind }
    var units: Int64 = 0
    try digits(into: &units, from: start)
    if byte() == UInt8(ascii: "."), isDigit(byte(1)) {
      offset += 1
      let pointAt = offset
      try digits(into: &units, from: start)
      guard offset - pointAt <= 9 else {
        throw ExpressionError(at: start, zh: "小数位数不能超过9位", en: "at most 9 decimals")
      }
      let scale = UInt8(offset - pointAt)
      try endOfNumber(start)
      return .decimal(units: units, scale: scale)
    }
    let unit = byte()
    if isNameStart(unit), !isNameStart(byte(1)), !isDigit(byte(1)), let kind = duration(units, unit) {
      offset += 1
      guard units <= 1_200_000 else {
        throw ExpressionError(at: start, zh: "时间长度过大", en: "the length of time is too large")
      }
      return kind
    }
    try endOfNumber(start)
    return .integer(units)
  }

  private func duration(_ count: Int64, _ unit: UInt8) -> Token.Kind? {
    switch unit {
    case UInt8(ascii: "y"): .months(count.multipliedReportingOverflow(by: 12).partialValue)
    case UInt8(ascii: "m"): .months(count)
    case UInt8(ascii: "d"): .days(count)
    default: nil
    }
  }

  private mutating func digits(into units: inout Int64, from start: Int) throws(ExpressionError) {
    while isDigit(byte()) {
      let (tenfold, tooLarge) = units.multipliedReportingOverflow(by: 10)
      let (sum, overflow) = tenfold.addingReportingOverflow(Int64(byte() - 0x30))
      guard !tooLarge, !overflow else {
        throw ExpressionError(at: start, zh: "数字过大", en: "the number is too large")
      }
      units = sum
      offset += 1
    }
  }

  private func endOfNumber(_ start: Int) throws(ExpressionError) {
    guard !isNameStart(byte()), byte() < 0x80 else {
      throw ExpressionError(at: start, zh: "数字后不能直接跟字母", en: "a letter follows the number")
    }
  }

  /// `dddd-dd-dd` is a date wherever it stands; a subtraction of such numbers needs spaces.
  private mutating func date() throws(ExpressionError) -> Token.Kind? {
    guard byte(4) == UInt8(ascii: "-"), byte(7) == UInt8(ascii: "-"), !isDigit(byte(10)) else { return nil }
    for ahead in [0, 1, 2, 3, 5, 6, 8, 9] where !isDigit(byte(ahead)) { return nil }
    let text = String(decoding: bytes[offset..<offset + 10], as: UTF8.self)
    guard let date = CivilDate(iso: text) else {
      throw ExpressionError(at: offset, zh: "没有这一天:\(text)", en: "no such day: \(text)")
    }
    offset += 10
    return .date(date)
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
private func isNameStart(_ byte: UInt8) -> Bool {
  byte >= 0x61 && byte <= 0x7A || byte >= 0x41 && byte <= 0x5A || byte == UInt8(ascii: "_")
}
