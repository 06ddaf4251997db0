import Primitives
import Testing

@testable import Catalog

@Suite struct ExpressionSemanticsTests {
  let catalog: Catalog
  let person: Entity
  let fields: Fields

  init() throws {
    catalog = try Catalog.load(text: sample)
    person = try #require(catalog.entity(named: "person"))
    var fields = Fields(
      person,
      [
        "card": "11010519491231002X", "home": .org(5), "birth": .day("1968-02-29"), "a": .int(7), "b": .int(-3),
        "money": .decimal(123_456), "rate": .decimal(5_000), "p": .bool(true), "q": .bool(false), "colour": "21",
        "place": "330203002", "seen": .minute(CivilMinute(today, minute: 600)), "friends": .references([]),
        "friend": .org(9), "heads": .int(4),
      ])
    fields.paths = ["home.code": "033001", "study.level": "21", "home.boss.birth": .day("1950-05-05")]
    fields.trees = ["2 033": true, "0 033001": false]
    self.fields = fields
  }

  func evaluate(_ source: String) throws -> Value {
    try catalog.check(expression: source, on: person, expecting: nil).evaluate(fields, today: today)
  }

  @Test(
    "semantics: logic (source)",
    arguments: [
      "a = 7", "a == 7", "a != b", "a <> b", "b < 0", "a + b * 2 = 1", "(a + b) * 2 = 8", "-a = -7", "- - a = 7",
      "a - b - 1 = 9",
      "a in {1..3, 5..9}", "a not in {1, 2}", "b in {-3}", "c is null", "a is not null", "c is not null implies q",
      "q implies r", "p or r", "not (q and r)", "p and not q", "colour = '21'", "colour in {'1', '21'}",
      "starts_with(colour, '2')", "colour < '9'", "friends is null", "count(friends) = 0", "friend = friend",
      "money = 1234.56", "money > 1000", "money + 1 = 1235.56", "money in {1000..2000}", "money in {1234.56}",
      "round(money * rate * 0.001, 2) = 6.17", "round(-1.005, 2) = -1.01", "round(1.004, 2) = 1", "a = 7.0",
      "birth + 1y = 1969-02-28", "birth + 4y = 1972-02-29", "birth - 1m = 1968-01-29", "birth + 1d = 1968-03-01",
      "birth in {1960-01-01..1969-12-31}", "today = 2005-09-01", "today - 2005-08-01 = 31d", "today - 2005-08-01 = 31",
      "date(seen) = today", "seen = seen", "year(birth) = 1968", "month(birth) = 2", "day(birth) = 29",
      "yyyymm(birth) = 196802", "age(birth, 2005-02-28) = 36", "age = 37", "decade = 370", "born = birth",
      "today + months(a) = 2006-04-01", "today + days(a) = 2005-09-08", "today + years(a) = 2012-09-01", "heads = 4",
      "gb11643(card)", "birth_of(card) = 1949-12-31", "sex_of(card) = '2'", "len(card) = 18", "region9(place)",
      "region(place)",
      "not region6(place)", "not mobile(card)", "digits('0123')", "not digits('12a')", "not digits('')",
      "contains('宁波市海曙区', '海曙')", "not contains('abc', 'ac')", "ends_with('党支部', '支部')", "len('支部é') = 3",
      "len('e\u{301}x') = 2", "han_name('欧阳·娜')", "not han_name('Li')", "'it''s' != 'its'", "valid_month(200512)",
      "not valid_month(200500)", "if(p, a, b) = 7", "if(r, a, b) = -3", "coalesce(c, a) = 7", "coalesce(c, 0) = 0",
      "home.code = '033001'", "study.level = '21'", "home.boss.birth < 1960-01-01", "home under '033'",
      "not (org under '033001')", "true", "not false", "is_org_code('033001')", "phone('0574-87654321')",
    ])
  func holds(source: String) throws { #expect(try evaluate(source) == .bool(true), "\(source)") }

  @Test(
    "semantics: unknown (source)",
    arguments: [
      "c = 1", "not (c = 1)", "c in {1}", "c not in {1}", "r", "not r", "p and r", "q or r", "c + 1 = 2", "c * 0 = 0",
      "a + 9223372036854775807 = 0", "a * 9223372036854775807 = 0", "money * 9223372036854775807 = 0",
      "9223372036854775807 > 0.5", "today + days(9223372036854775807) = today",
      "today + years(9223372036854775807) = today",
      "today + months(99999999) = today", "2005-09-01 + days(3000000) = today", "birth_of('1') = today",
      "study.number = 1",
      "home under '999'", "null and p", "r implies r", "len(null) = 1", "age(birth, null) > 1",
    ])
  func unknown(source: String) throws { #expect(try evaluate(source) == .null, "\(source)") }

  @Test("semantics: and, or, not, implies follow SQL's three values (all nine pairs)")
  func truthTables() throws {
    let values: [Bool?] = [true, false, nil]
    for left in values {
      for right in values {
        var fields = Fields()
        if let item = person.item(named: "p") { fields.values[item.id] = left.map(Value.bool) ?? .null }
        if let item = person.item(named: "q") { fields.values[item.id] = right.map(Value.bool) ?? .null }
        func truth(_ source: String) throws -> Bool? {
          try catalog.check(expression: source, on: person, expecting: .bool).truth(fields, today: today)
        }
        let all: Bool? = left == false || right == false ? false : left == nil || right == nil ? nil : true
        let any: Bool? = left == true || right == true ? true : left == nil || right == nil ? nil : false
        let implied: Bool? = left == false || right == true ? true : left == nil || right == nil ? nil : false
        #expect(try truth("p and q") == all)
        #expect(try truth("p or q") == any)
        #expect(try truth("p implies q") == implied)
        #expect(try truth("not p") == left.map { !$0 })
        #expect(try truth("p = q") == (left == nil || right == nil ? nil : left == right))
      }
    }
  }

  @Test("semantics: referenced items are sorted, once each, through derivations; paths and the tree are told")
  func referenced() throws {
    let checked = try catalog.check(
      expression: "decade > a and b < a and home.code = '1' and home.code != '2' and org under '033'", on: person,
      expecting: .bool)
    #expect(checked.referencedItems == ["birth", "a", "b"].compactMap { person.item(named: $0)?.id })
    #expect(checked.paths.map(\.source) == ["home.code"])
    #expect(checked.asksTree)
    let step = try catalog.check(expression: "study.level", on: person, expecting: .text).paths[0].steps[0]
    #expect(step == .child(EntityID(10), where: "best"))
    let course = try #require(catalog.entity(named: "course"))
    #expect(try catalog.check(expression: "person.age", on: course, expecting: .int).paths[0].steps == [.parent])
  }

  @Test("semantics: a value of another type than its item's is unknown, not a trap")
  func foreignValues() throws {
    let wrong: [Value] = [.bool(true), .int(.min), .decimal(.max), .day("2005-01-01"), "x", .org(1), .references([])]
    let sources = [
      "a + 1 > b", "-a > 0", "money * 2 > 1", "birth + 1y > today", "len(card) > 1", "age > 1", "seen > seen",
      "p and q",
      "colour in {'1'}", "a in {1..5}", "count(friends) > 1", "round(money, 0) > 1", "coalesce(a, b) = 1",
    ]
    for source in sources {
      let checked = try catalog.check(expression: source, on: person, expecting: .bool)
      for value in wrong {
        var fields = Fields()
        for item in person.items { fields.values[item.id] = value }
        _ = checked.truth(fields, today: today)
      }
    }
    var fields = Fields()
    fields.values[try #require(person.item(named: "a")).id] = "7"
    #expect(try catalog.check(expression: "a = 7", on: person, expecting: .bool).truth(fields, today: today) == nil)
  }

  @Test("semantics: dates at the calendar's ends do not overflow")
  func extremeDates() throws {
    var fields = Fields()
    let birth = try #require(person.item(named: "birth")).id
    for days in [Int32.min, -719_163, -719_162, 2_932_896, 2_932_897, .max] {
      fields.values[birth] = .date(CivilDate(days: days))
      for source in [
        "birth + 9999y", "birth - 120000m", "birth + 1200000d", "birth + days(4000000)", "birth - 1d", "age",
        "yyyymm(birth)",
      ] {
        let checked = try catalog.check(expression: source, on: person, expecting: nil)
        if case .date(let date) = checked.evaluate(fields, today: today) { #expect(isCalendarDay(date)) }
      }
    }
  }
}
