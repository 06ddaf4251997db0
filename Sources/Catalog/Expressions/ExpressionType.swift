import Primitives

/// What an expression yields, known before any record is read.
public enum ExpressionType: Hashable, Sendable {
  case bool
  case int
  /// An integer of `10^-scale` units.
  case decimal(scale: UInt8)
  case date
  case minute
  case text
  /// A code of the named table; compares with text.
  case code(table: String)
  case reference(EntityID)
  case references(EntityID)
  /// A length of time in months (`1y`, `6m`, `years(n)`); only to be added to or taken from a date.
  case months
  /// A length of time in days (`30d`, `days(n)`); compares with whole numbers.
  case days

  /// The type of what an item holds.
  public init(_ type: ItemType) {
    self =
      switch type {
      case .text: .text
      case .code(let table): .code(table: table)
      case .date: .date
      case .minute: .minute
      case .int: .int
      case .bool: .bool
      case .decimal(let scale): .decimal(scale: scale)
      case .reference(let entity): .reference(entity)
      case .references(let entity): .references(entity)
      }
  }

  /// How an error names the type.
  var label: Label {
    switch self {
    case .bool: Label(zh: "是/否", en: "true or false")
    case .int: Label(zh: "整数", en: "a whole number")
    case .decimal: Label(zh: "小数", en: "a decimal number")
    case .date: Label(zh: "日期", en: "a date")
    case .minute: Label(zh: "时间", en: "a time")
    case .text: Label(zh: "文本", en: "text")
    case .code(let table): Label(zh: "代码(\(table))", en: "a code of \(table)")
    case .reference: Label(zh: "引用", en: "a reference")
    case .references: Label(zh: "引用列表", en: "a list of references")
    case .months: Label(zh: "月数", en: "a number of months")
    case .days: Label(zh: "天数", en: "a number of days")
    }
  }

  var isText: Bool {
    switch self {
    case .text, .code: true
    default: false
    }
  }

  /// Decimals of a number, 0 for whole numbers and days; nil for what is no number.
  var scale: UInt8? {
    switch self {
    case .int, .days: 0
    case .decimal(let scale): scale
    default: nil
    }
  }

  /// The table of a code type.
  var table: String? {
    if case .code(let table) = self { return table }
    return nil
  }
}

extension Value {
  /// What a clerk would call empty: null, a text without characters, a list without references. `is null` and
  /// requirements both mean this.
  public var isEmpty: Bool {
    switch self {
    case .null: true
    case .text(let text): text.isEmpty
    case .references(let references): references.isEmpty
    default: false
    }
  }
}
