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

/// Checks records of one entity by themselves: kinds of values, codes, requirements, rules. Make it once per catalog
/// and entity; it is a value and may run on every thread.
public struct RecordChecker: Sendable {
  private let entity: Entity
  private let items: [ItemCheck]
  private let rules: [RuleCheck]
  private let relatedRules: [RuleCheck]

  private struct ItemCheck: Sendable {
    let id: ItemID
    let type: ItemType
    /// Of a closed table.
    let table: CodeTable?
    let isRequired: Bool
    let condition: CheckedExpression?
    let isDerived: Bool
  }

  private struct RuleCheck: Sendable {
    let program: ExpressionProgram
    let from: CivilDate?
    let position: Int
  }

  /// - Requires: `entity` belongs to `catalog`.
  public init(_ entity: Entity, in catalog: Catalog) {
    self.entity = entity
    items = entity.items.map { item in
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
      return ItemCheck(
        id: item.id, type: item.type, table: table, isRequired: isRequired, condition: condition, isDerived: isDerived)
    }
    rules = RecordChecker.checks(entity.rules)
    relatedRules = RecordChecker.checks(entity.relatedRules)
  }

  private static func checks(_ rules: [Rule]) -> [RuleCheck] {
    rules.enumerated().map { RuleCheck(program: $1.condition.program, from: $1.from, position: $0) }
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
