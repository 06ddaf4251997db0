import Catalog
import Formats
import Primitives

/// A figure of each group beside its count: the sum of an expression, say. Records whose value is null do not count; of
/// a group with none but those every figure is null, and the number of distinct values 0.
public struct Measure: Sendable {
  /// What is worked out of a group's values.
  public enum Kind: String, Sendable, CaseIterable {
    case sum, mean, min, max, distinct

    var label: Label {
      switch self {
      case .sum: Label(zh: "合计", en: "Sum of")
      case .mean: Label(zh: "平均", en: "Mean of")
      case .min: Label(zh: "最小", en: "Least")
      case .max: Label(zh: "最大", en: "Greatest")
      case .distinct: Label(zh: "不同值数", en: "Distinct")
      }
    }
  }

  public let kind: Kind
  /// What is measured.
  public let column: AnswerColumn
  /// What ``result(sum:count:)`` and the other figures are; nil when always null.
  public let type: ExpressionType?

  /// Decimals that a mean has beyond those of what it is of.
  public static let meanScale: UInt8 = 4

  /// - Throws: `.expression` when the text is none over the entity, or its values cannot be measured so: sums are of
  ///   numbers, means of numbers and dates, least and greatest of what has an order.
  public init(_ kind: Kind, _ text: String, on entity: Entity, catalog: Catalog) throws(QueryError) {
    column = try AnswerColumn(text, on: entity, catalog: catalog)
    self.kind = kind
    guard let source = column.type else {
      type = kind == .distinct ? .int : nil
      return
    }
    guard let type = Measure.type(kind, source) else {
      let error = ExpressionError(
        at: 0, zh: "这样的值没有“\(kind.label.zh)”", en: "values of this type have no \(kind.rawValue)")
      throw .expression(text, offset: 0, error)
    }
    self.type = type
  }

  /// `sum(due_amount)`.
  public var name: String { "\(kind.rawValue)(\(column.name))" }
  /// The name in both languages: 应交金额合计.
  public var label: Label {
    Label(zh: "\(column.label.zh)\(kind.label.zh)", en: "\(kind.label.en) \(column.label.en)")
  }

  private static func type(_ kind: Kind, _ source: ExpressionType) -> ExpressionType? {
    switch (kind, source) {
    case (.distinct, .months), (.distinct, .references): nil
    case (.distinct, _): .int
    case (.sum, .int), (.sum, .days): .int
    case (.sum, .decimal): source
    case (.mean, .int), (.mean, .days): .decimal(scale: meanScale)
    case (.mean, .decimal(let scale)): .decimal(scale: scale + meanScale)
    case (.mean, .date): .date
    case (.min, .days), (.max, .days): .int
    case (.min, .int), (.max, .int), (.min, .decimal), (.max, .decimal), (.min, .date), (.max, .date), (.min, .minute),
      (.max, .minute), (.min, .text), (.max, .text), (.min, .code), (.max, .code):
      source
    default: nil
    }
  }

  // MARK: Arithmetic

  /// The number that sums, means and order of numbers go by; nil for null and for what is no number.
  public static func number(_ value: Value) -> Int64? {
    switch value {
    case .int(let number), .decimal(let number): number
    case .date(let date): Int64(date.days)
    case .minute(let minute): minute.minutes
    default: nil
    }
  }

  /// A sum or mean from the exact sum of the numbers of `count` records. What leaves 64 bits is null, as in
  /// expressions;
  /// means are rounded half away from zero, to whole days when they are dates.
  public func result(sum: Int128, count: Int) -> Value {
    guard count > 0 else { return .null }
    guard kind == .mean else { return value(sum) }
    guard type != .date else { return value(Measure.quotient(sum, Int128(count))) }
    return value(Measure.quotient(sum * 10_000, Int128(count)))
  }

  private func value(_ number: Int128) -> Value {
    guard let number = Int64(exactly: number) else { return .null }
    switch type {
    case .decimal: return .decimal(number)
    case .date: return Int32(exactly: number).map { .date(CivilDate(days: $0)) } ?? .null
    default: return .int(number)
    }
  }

  private static func quotient(_ sum: Int128, _ count: Int128) -> Int128 {
    let (quotient, remainder) = sum.quotientAndRemainder(dividingBy: count)
    guard remainder.magnitude * 2 >= count.magnitude else { return quotient }
    return quotient + (sum < 0 ? -1 : 1)
  }

  /// Whether `left` comes before `right` among values of one type.
  public static func precedes(_ left: Value, _ right: Value) -> Bool {
    if case .text(let left) = left, case .text(let right) = right { return left < right }
    guard let left = number(left), let right = number(right) else { return false }
    return left < right
  }
}

/// One group of an answer.
public struct TallyGroup: Hashable, Sendable {
  /// By column.
  public let values: [Value]
  public let count: Int
  /// By measure.
  public let figures: [Value]

  /// A group as it is listed.
  public init(values: [Value], count: Int, figures: [Value]) {
    self.values = values
    self.count = count
    self.figures = figures
  }

  /// The order in which groups are listed: by their values, null first.
  public static func sorted(_ groups: [TallyGroup]) -> [TallyGroup] {
    let keyed = groups.map { group in
      var writer = ByteWriter()
      for value in group.values { IndexKey.append(value, to: &writer) }
      return (key: writer.bytes, group: group)
    }
    return keyed.sorted { $0.key.precedes($1.key) }.map(\.group)
  }
}

/// One measure of one group while rows are read.
struct MeasureState {
  private var sum: Int128 = 0
  private var count = 0
  private var best: Value = .null
  private var seen: Set<Value> = []

  mutating func add(_ value: Value, _ measure: Measure) {
    guard !value.isNull else { return }
    count += 1
    switch measure.kind {
    case .sum, .mean: sum += Int128(Measure.number(value) ?? 0)
    case .min: if best.isNull || Measure.precedes(value, best) { best = value }
    case .max: if best.isNull || Measure.precedes(best, value) { best = value }
    case .distinct: seen.insert(value)
    }
  }

  func result(_ measure: Measure) -> Value {
    switch measure.kind {
    case .sum, .mean: measure.result(sum: sum, count: count)
    case .min, .max: best
    case .distinct: .int(Int64(seen.count))
    }
  }
}
