import Primitives

/// The named functions of the language. All are pure, total and give unknown for unknown arguments, except `if` and
/// `coalesce`.
enum ExpressionFunction: String, Sendable, CaseIterable {
  case len
  case startsWith = "starts_with"
  case endsWith = "ends_with"
  case contains
  case digits
  case hanName = "han_name"
  case isOrgCode = "is_org_code"
  case gb11643
  case birthOf = "birth_of"
  case sexOf = "sex_of"
  case uscc18
  case orgcode9
  case phone
  case mobile
  case region
  case region6
  case region9
  case region12
  case country2
  case remittancePeriod = "remittance_period"
  case validMonth = "valid_month"
  case year
  case month
  case day
  case date
  case yyyymm
  case age
  case decade
  case div
  case years
  case months
  case days
  case round
  case count
  case `if`
  case coalesce

  /// What one argument must be.
  enum Parameter {
    case text, literalText, int, smallLiteral, date, minute, decimal, references
  }

  /// Arguments and result of every function whose result does not depend on its arguments' types; nil for `if`,
  /// `coalesce` and `round`, which the checker types itself.
  var signature: (parameters: [Parameter], result: ExpressionType)? {
    switch self {
    case .len: ([.text], .int)
    case .startsWith, .endsWith: ([.text, .text], .bool)
    case .contains: ([.text, .literalText], .bool)
    case .digits, .hanName, .isOrgCode, .gb11643, .uscc18, .orgcode9, .phone, .mobile, .region, .region6, .region9,
      .region12, .country2, .remittancePeriod:
      ([.text], .bool)
    case .birthOf: ([.text], .date)
    case .sexOf: ([.text], .text)
    case .validMonth: ([.int], .bool)
    case .year, .month, .day, .yyyymm, .decade: ([.date], .int)
    case .div: ([.int, .int], .int)
    case .date: ([.minute], .date)
    case .age: ([.date, .date], .int)
    case .years, .months: ([.int], .months)
    case .days: ([.int], .days)
    case .count: ([.references], .int)
    case .round, .if, .coalesce: nil
    }
  }
}

extension ExpressionFunction.Parameter {
  func accepts(_ type: ExpressionType?) -> Bool {
    guard let type else { return true }
    switch self {
    case .text, .literalText: return type.isText
    case .int, .smallLiteral: return type == .int || type == .days
    case .date: return type == .date
    case .minute: return type == .minute
    case .decimal: if case .decimal = type { return true }
    case .references: if case .references = type { return true }
    }
    return false
  }

  var label: Label {
    switch self {
    case .text: ExpressionType.text.label
    case .literalText: Label(zh: "加引号的短文本", en: "a short text in quotes")
    case .int: ExpressionType.int.label
    case .smallLiteral: Label(zh: "0至6的数字", en: "a number from 0 to 6")
    case .date: ExpressionType.date.label
    case .minute: ExpressionType.minute.label
    case .decimal: ExpressionType.decimal(scale: 0).label
    case .references: Label(zh: "引用列表", en: "a list of references")
    }
  }
}
