import Primitives
import Testing

@testable import Catalog

@Suite struct BundledCatalogTests {
  let catalog = Catalog.bundled

  @Test("bundled: 274 information items over 19 entities and one of our own, 83 code tables of 1,096 codes")
  func counts() {
    #expect(catalog.entities.count == 20)
    #expect(catalog.codeTables.count == 83)
    #expect(catalog.codeTables.map(\.codes.count).reduce(0, +) == 1096)
    let expected: [(String, Int)] = [
      ("org", 30), ("org_term", 13), ("party_post", 8), ("unit", 27), ("member", 42), ("member_edu", 10),
      ("member_duty", 9), ("membership_change", 11), ("applicant", 32), ("activity", 12), ("dues", 12),
      ("dues_remit", 5), ("floating", 11), ("hardship", 7), ("reward_penalty", 9), ("transfer", 16), ("appraisal", 8),
      ("overseas", 6), ("delegate", 6),
    ]
    for (name, count) in expected {
      let items = catalog.entity(named: name)?.items ?? []
      #expect(items.prefix(while: \.isInformationItem).count == count, "\(name)")
      #expect(items.filter(\.isInformationItem).count == count, "\(name): counted items come first")
    }
    #expect(expected.map(\.1).reduce(0, +) == 274)
  }

  @Test("bundled: types and requirements are those of the register")
  func kinds() {
    var kinds: [String: Int] = [:]
    for item in catalog.entities.flatMap(\.items) where item.isInformationItem {
      switch item.type {
      case .text: kinds["text", default: 0] += 1
      case .code: kinds["code", default: 0] += 1
      case .date, .minute: kinds["date", default: 0] += 1
      case .int: kinds["int", default: 0] += 1
      case .bool: kinds["bool", default: 0] += 1
      case .decimal: kinds["decimal", default: 0] += 1
      case .reference, .references: kinds["ref", default: 0] += 1
      }
    }
    #expect(kinds == ["code": 77, "date": 62, "text": 54, "int": 30, "bool": 23, "ref": 16, "decimal": 12])
    let required = catalog.entities.flatMap(\.items).filter {
      if case .required = $0.requirement { return $0.isInformationItem }
      return false
    }
    #expect(required.count == 127)
  }

  @Test("bundled: ids of entities never change")
  func ids() {
    let ids = catalog.entities.map { "\($0.id.value) \($0.name)" }.joined(separator: ", ")
    #expect(
      ids == """
        1 org, 2 unit, 3 member, 4 applicant, 5 reward_penalty, 6 transfer, 7 report_cell, 10 member_edu, \
        11 member_duty, 12 membership_change, 13 dues, 14 floating, 15 hardship, 16 appraisal, 17 overseas, 18 delegate, 20 org_term, \
        21 party_post, 22 activity, 23 dues_remit
        """)
  }

  @Test("bundled: every item is checked by its type, a rule, a requirement, a derivation, or waits for a named feature")
  func everyItemIsAccountedFor() {
    var withRule = 0
    var waiting = 0
    // Free of rules in the register itself: any number of any size, or a serial that the engine gives.
    let free = [
      "party_post.post_code", "unit.staff_total", "reward_penalty.rp_no", "transfer.transfer_no",
      "activity.activity_no",
      "member_edu.edu_no", "member_duty.duty_no", "membership_change.change_no", "member_duty.duty_name",
    ]
    var unaccounted: [String] = []
    for entity in catalog.entities {
      for item in entity.items {
        let hasRule = entity.declaredRules.contains { $0.item == item.id }
        let waits = entity.laterRules.contains { $0.item == item.id }
        if hasRule { withRule += 1 }
        if waits { waiting += 1 }
        var isConditional = false
        if case .when = item.requirement { isConditional = true }
        let isTyped: Bool =
          switch item.type {
          case .code, .bool: true
          default: false
          }
        if hasRule || waits || isConditional || isTyped || item.derivation != nil { continue }
        if !free.contains("\(entity.name).\(item.name)") { unaccounted.append("\(entity.name).\(item.name)") }
      }
    }
    #expect(unaccounted == [])
    #expect(withRule > 150)
    let rules = catalog.entities.map(\.rules.count).reduce(0, +)
    let related = catalog.entities.map(\.relatedRules.count).reduce(0, +)
    let later = catalog.entities.flatMap(\.laterRules)
    print("items with rules \(withRule), waiting \(waiting); rules \(rules), related \(related), later \(later.count)")
    for feature in CatalogBuilder.features {
      #expect(later.contains { $0.feature == feature }, "no rule waits for \(feature)")
    }
  }

  @Test("bundled: no rule refuses what it does not know (an empty record)")
  func emptyRecord() {
    for entity in catalog.entities {
      for rule in entity.declaredRules {
        #expect(rule.condition.truth(Fields(), today: today) != false, "\(rule.name)")
      }
    }
  }

  @Test("bundled: rules that follow paths are kept apart from rules of one record")
  func partition() {
    for entity in catalog.entities {
      #expect(entity.rules.filter { !$0.condition.paths.isEmpty }.isEmpty)
      #expect(entity.relatedRules.filter { $0.condition.paths.isEmpty }.isEmpty)
      #expect(entity.rules.count + entity.relatedRules.count == entity.declaredRules.count)
    }
  }

  @Test("bundled: labels and messages are in both languages, and labels are unique within an entity")
  func labels() {
    for entity in catalog.entities {
      #expect(Set(entity.items.map(\.label.zh)).count == entity.items.count, "\(entity.name)")
      for rule in entity.declaredRules {
        #expect(rule.message.zh.unicodeScalars.contains { $0.value > 0x3000 }, "\(rule.name)")
        #expect(rule.message.en.utf8.first.map { $0 < 0x80 } == true, "\(rule.name)")
      }
    }
  }

  @Test("bundled: records of their own have an owner item, children a parent, all a natural key")
  func structure() {
    for entity in catalog.entities {
      #expect(!entity.naturalKeys.isEmpty, "\(entity.name)")
      if entity.name == "org" || entity.parent != nil {
        #expect(entity.ownerItem == nil)
      } else {
        #expect(entity.ownerItem != nil, "\(entity.name)")
      }
    }
  }

  @Test("bundled: the paths that people will type type-check")
  func usefulExpressions() throws {
    let member = try #require(catalog.entity(named: "member"))
    for source in [
      "age >= 60 and joined < 1990-01-01", "edu.highest in {'10', '11'}", "org under '033001'",
      "branch.secretary.age < 35",
      "branch.org_category = '631'", "unit.unit_name = '宁波大学'", "party_age >= 50",
    ] {
      _ = try catalog.check(expression: source, on: member, expecting: .bool)
    }
    let org = try #require(catalog.entity(named: "org"))
    _ = try catalog.check(expression: "secretary.age > 60 or secretary.edu.highest = '61'", on: org, expecting: .bool)
  }

  @Test("bundled: a label leads back to its code only when it is the label of one code")
  func codesByLabel() throws {
    let sexes = try #require(catalog.codeTable("SEX"))
    #expect(sexes.code(labelled: "女") == "2")
    #expect(sexes.code(labelled: "女性") == nil)
    #expect(sexes.label(of: "1")?.en == "Male")
    #expect(try #require(catalog.codeTable("REGION")).isOpen)
    let colours = try #require(try Catalog.load(text: sample).codeTable("COLOUR"))
    #expect(colours.code(labelled: "红") == "1")
    #expect(colours.code(labelled: "蓝") == nil)
    for table in catalog.codeTables {
      for code in table.codes {
        let found = table.code(labelled: Text(code.label.zh))
        #expect(found == nil || found == Text(code.code))
      }
    }
  }
}
