import Primitives

/// One thing that is wrong with a record.
public struct RecordFailure: Hashable, Sendable {
  /// Stable: a rule's name (`member.birth_date.2`) or `member.birth_date.required`, `.type`, `.code`, `.derived`.
  public let name: String
  /// The item to point at.
  public let item: ItemID
  public let severity: Rule.Severity
  /// What is wrong, for a clerk. Holds no value of the record.
  public let message: Label
  /// Whether a rule failed, not the item's kind, code or requirement.
  let isOfRule: Bool
}

/// The values of one record by item position.
public struct RowFields: FieldSource {
  private let values: [Value]

  /// - Parameter values: by item position; null for absent.
  public init(_ values: [Value]) { self.values = values }

  /// The item's value, null for an item beyond the last. Constant time.
  public func value(_ item: ItemID) -> Value {
    let position = Int(item.value) - 1
    return position >= 0 && position < values.count ? values[position] : .null
  }
}

/// Checks records of one entity by themselves: kinds of values, codes, requirements, rules. Make it once per catalog
/// and entity; it is a value and may run on every thread.
public struct RecordChecker: Sendable {
  let entity: Entity
  let items: [ItemCheck]
  /// Positions in `items` of those that some record must have.
  let demands: [Demand]
  let rules: [RuleCheck]
  private let relatedRules: [RuleCheck]

  struct ItemCheck: Sendable {
    let id: ItemID
    let type: ItemType
    /// Of a closed table.
    let table: CodeTable?
    let isRequired: Bool
    let condition: CheckedExpression?
    let isDerived: Bool
  }

  /// What a record must have, without anything that copying would have to count.
  struct Demand: Sendable {
    let item: ItemID
    let position: Int
    let isRequired: Bool
  }

  struct RuleCheck: Sendable {
    let program: ExpressionProgram
    let from: CivilDate?
    let position: Int
  }

  /// Which checks are made, for those who see or change some of the items only.
  public enum Extent: Sendable {
    case whole
    /// Those that read none but these items: what can be said without seeing the others.
    case within([ItemID])
    /// Those that read at least one of these items: what a change of them can break.
    case touching([ItemID])

    fileprivate func includes(_ item: ItemID, _ others: [ItemID]) -> Bool {
      switch self {
      case .whole: true
      case .within(let items): items.contains(item) && others.allSatisfy { items.contains($0) }
      case .touching(let items): items.contains(item) || others.contains { items.contains($0) }
      }
    }
  }

  /// - Requires: `entity` belongs to `catalog`.
  public init(_ entity: Entity, in catalog: Catalog, _ extent: Extent = .whole) {
    self.entity = entity
    items = entity.items.compactMap { item in
      var table: CodeTable?
      if case .code(let name) = item.type, let found = catalog.codeTable(name), !found.isOpen { table = found }
      let isDerived = item.derivation != nil
      var isRequired = false
      var condition: CheckedExpression?
      switch item.requirement {
      case .required: isRequired = !isDerived
      case .optional: break
      case .when(let expression): condition = isDerived ? nil : expression
      }
      guard extent.includes(item.id, condition?.referencedItems ?? []) else { return nil }
      return ItemCheck(
        id: item.id, type: item.type, table: table, isRequired: isRequired, condition: condition, isDerived: isDerived)
    }
    demands = items.enumerated().compactMap { position, check in
      guard check.isRequired || check.condition != nil else { return nil }
      return Demand(item: check.id, position: position, isRequired: check.isRequired)
    }
    rules = RecordChecker.checks(entity.rules, extent)
    relatedRules = RecordChecker.checks(entity.relatedRules, extent)
  }

  private static func checks(_ rules: [Rule], _ extent: Extent) -> [RuleCheck] {
    rules.enumerated().compactMap { position, rule in
      let read = rule.condition.referencedItems
      guard let first = read.first ?? Optional(rule.item), extent.includes(first, read) else { return nil }
      return RuleCheck(program: rule.condition.program, from: rule.from, position: position)
    }
  }

  /// Everything wrong with the record by itself, in the order of its items, rules last. Empty for a good record; a
  /// record with warnings only may be accepted.
  ///
  /// - Complexity: a few microseconds for a member; allocates only for failures.
  public func failures(of fields: some FieldSource, today: CivilDate) -> [RecordFailure] {
    var failures: [RecordFailure] = []
    for check in items { examine(check, fields.value(check.id), fields, today, &failures) }
    run(rules, entity.rules, fields, today, &failures)
    return failures
  }

  /// ``failures(of:today:)`` for values that were made from text by their items' kinds and code tables, computed
  /// items left out: only requirements and rules can fail then.
  /// Not generic: an importer runs it for every row, and a source of another module would not be inlined.
  public func failures(ofFitting fields: RowFields, today: CivilDate) -> [RecordFailure] {
    var failures: [RecordFailure] = []
    for demand in demands where fields.value(demand.item).isEmpty {
      if demand.isRequired || items[demand.position].condition?.truth(fields, today: today) == true {
        failures.append(failure(items[demand.position], "required", zh: "不能为空", en: "is required"))
      }
    }
    run(rules, entity.rules, fields, today, &failures)
    return failures
  }

  /// What is wrong between this record and those it refers to. `fields` must follow paths; what it cannot see passes.
  public func relatedFailures(of fields: some FieldSource, today: CivilDate) -> [RecordFailure] {
    var failures: [RecordFailure] = []
    run(relatedRules, entity.relatedRules, fields, today, &failures)
    return failures
  }

  private func run(
    _ checks: [RuleCheck], _ rules: [Rule], _ fields: some FieldSource, _ today: CivilDate,
    _ failures: inout [RecordFailure]
  ) {
    for check in checks {
      if let from = check.from, today < from { continue }
      let evaluation = ExpressionEvaluation(check.program, today: today)
      guard evaluation.truth(check.program.root, fields) == false else { continue }
      let rule = rules[check.position]
      // One message an item: what is missing or of the wrong kind is not also too short.
      if failures.contains(where: { $0.item == rule.item && !$0.isOfRule }) { continue }
      failures.append(
        RecordFailure(name: rule.name, item: rule.item, severity: rule.severity, message: rule.message, isOfRule: true))
    }
  }

  private func examine(
    _ check: ItemCheck, _ value: Value, _ fields: some FieldSource, _ today: CivilDate,
    _ failures: inout [RecordFailure]
  ) {
    if value.isEmpty {
      guard check.isRequired || check.condition?.truth(fields, today: today) == true else { return }
      failures.append(failure(check, "required", zh: "不能为空", en: "is required"))
    } else if check.isDerived {
      failures.append(failure(check, "derived", zh: "由系统计算,不能填写", en: "is computed and cannot be filled in"))
    } else if !fits(value, check.type) {
      failures.append(failure(check, "type", zh: "的数据类型不对", en: "holds a value of the wrong kind"))
    } else if let table = check.table, case .text(let code) = value, !table.contains(code) {
      failures.append(
        failure(check, "code", zh: "不是代码表\(table.name)中的代码", en: "is no code of table \(table.name)"))
    }
  }

  private func failure(_ check: ItemCheck, _ kind: String, zh: String, en: String) -> RecordFailure {
    let item = entity.item(check.id)
    let label = item?.label ?? entity.label
    return RecordFailure(
      name: "\(entity.name).\(item?.name ?? "").\(kind)", item: check.id, severity: .refusal,
      message: Label(zh: label.zh + zh, en: "\(label.en) \(en)"), isOfRule: false)
  }

  private func fits(_ value: Value, _ type: ItemType) -> Bool {
    switch (value, type) {
    case (.text, .text), (.text, .code), (.int, .int), (.bool, .bool), (.decimal, .decimal), (.reference, .reference),
      (.references, .references):
      true
    case (.date(let date), .date): isCalendarDay(date)
    case (.minute(let minute), .minute): isCalendarDay(minute.date)
    default: false
    }
  }
}
