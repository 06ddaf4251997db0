import Primitives
import Testing

@testable import Catalog

/// Goal: no rule is a slip that always holds or never does. Method: draw records from small pools of values in which
/// every boundary of the rules lies, until the rule and each requirement was seen both true and false.
@Suite struct RuleReachTests {
  let catalog = Catalog.bundled

  @Test("rules: every rule and every requirement can hold and can fail")
  func reach() {
    var stuck: [String] = []
    for entity in catalog.entities {
      for rule in entity.declaredRules where !isReachable(rule.condition, on: entity) { stuck.append(rule.name) }
      for item in entity.items {
        guard case .when(let condition) = item.requirement, !isReachable(condition, on: entity) else { continue }
        stuck.append("\(entity.name).\(item.name) when")
      }
    }
    #expect(stuck == [])
  }

  private func isReachable(_ condition: CheckedExpression, on entity: Entity) -> Bool {
    var random = SeededRandom(seed: 99).stream(condition.source)
    var held = false
    var failed = false
    for _ in 0..<60_000 {
      var fields = Fields()
      for item in condition.referencedItems {
        if let type = entity.item(item)?.type { fields.values[item] = value(type, &random) }
      }
      for path in condition.paths {
        guard let type = catalog.entity(path.entity)?.item(path.item)?.type else { continue }
        fields.paths[path.source] = value(type, &random)
      }
      switch condition.truth(fields, today: random.chance(permille: 500) ? today : CivilDate(days: 17_000)) {
      case true?: held = true
      case false?: failed = true
      case nil: break
      }
      if held && failed { return true }
    }
    return false
  }

  private static let texts: [Text] = [
    "王", "王建国", "Li", "中共宁波市委", "13812345678", "0574-87654321", "11010519491231002X", "330203", "420106", "033",
    "033001", "033001002", "CN", "200509", "9144030071526726XG", Text(String(repeating: "会", count: 130)),
    Text(String(repeating: "会", count: 4001)), Text(String(repeating: "会", count: 20_001)), "",
  ]
  private static let numbers: [Int64] = [
    -1000, -1, 0, 1, 2, 3, 4, 5, 6, 7, 10, 15, 20, 24, 30, 39, 40, 61, 90, 91, 100, 1000, 2005, 2006, 5000, 10_000,
    20_000,
    30_000, 50_000, 60_000, 90_000, 190_001, 200_412, 200_509, 201_009, 600_000, 100_000_001, 1_000_000_000,
  ]

  private func value(_ type: ItemType, _ random: inout SeededRandom) -> Value {
    if random.chance(permille: 100) { return .null }
    let number = RuleReachTests.numbers[random.below(RuleReachTests.numbers.count)]
    switch type {
    case .text: return .text(RuleReachTests.texts[random.below(RuleReachTests.texts.count)])
    case .code(let table):
      guard let codes = catalog.codeTable(table)?.codes else { return .null }
      return random.chance(permille: 50) ? "x" : .string(codes[random.below(codes.count)].code)
    case .date:
      // Now and then the birth date of the one citizen number above, or no draw would ever match it.
      if random.chance(permille: 50) { return .day("1949-12-31") }
      return .date(CivilDate(days: Int32(random.below(38_000)) - 20_000))
    case .minute: return .minute(CivilMinute(minutes: Int64(random.below(28_800_000))))
    case .int: return .int(number)
    case .bool: return .bool(random.chance(permille: 500))
    case .decimal: return .decimal(number)
    case .reference: return .org(UInt64(random.below(2)))
    case .references: return .references((0..<random.below(8)).map { RecordID(mint: 65_537, counter: UInt64($0)) })
    }
  }
}
