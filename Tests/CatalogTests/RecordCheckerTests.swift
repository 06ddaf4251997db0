import Primitives
import Testing

@testable import Catalog

@Suite struct RecordCheckerTests {
  let catalog = Catalog.bundled

  /// A member without a fault.
  func goodMember() throws -> Fields {
    Fields(
      try #require(catalog.entity(named: "member")),
      [
        "member_id": "M0000001", "name": "王建国", "id_card": "11010519491231002X", "sex": "2",
        "birth_date": .day("1949-12-31"), "nation": "01", "job_code": "42", "branch_code": .org(7),
        "branch_entry_date": .day("1990-01-01"), "branch_entry_kind": "101", "member_category": "1",
        "member_state": "1", "join_date": .day("1985-07-01"), "join_kind": "1112", "sponsor_1": "李四", "sponsor_2": "张三",
        "full_date": .day("1986-07-01"), "address": "浙江省宁波市海曙区中山西路", "mobile": "13812345678",
      ])
  }

  func failures(_ entity: String, _ fields: Fields, on day: CivilDate = today) throws -> [String] {
    let entity = try #require(catalog.entity(named: entity))
    return RecordChecker(entity, in: catalog).failures(of: fields, today: day).map(\.name)
  }

  @Test("records: a good member has no failure")
  func good() throws { #expect(try failures("member", goodMember()) == []) }

  @Test(
    "records: one wrong field gives exactly its failures (item, value, failures)",
    arguments: [
      ("name", .null, ["member.name.required"]), ("name", "", ["member.name.required"]),
      ("name", "王", ["member.name.1"]), ("name", "Wang Wu", ["member.name.2"]), ("sex", "7", ["member.sex.code"]),
      ("sex", "1", ["member.sex.1"]), ("sex", .int(2), ["member.sex.type"]),
      ("id_card", "110105194912310020", ["member.id_card.1"]),
      ("birth_date", .day("1949-12-30"), ["member.birth_date.1"]), ("native_place", "3302", ["member.native_place.1"]),
      ("full_date", .null, ["member.full_date.required"]), ("full_date", .day("1986-06-30"), ["member.full_date.1"]),
      ("sponsor_1", .null, ["member.sponsor_1.required"]), ("sponsor_2", "李四", ["member.sponsor_2.1"]),
      ("join_date", .day("1967-12-30"), ["member.join_date.1"]),
      ("branch_entry_kind", "241", ["member.branch_entry_kind.1"]), ("stratum", "2", ["member.stratum.1"]),
      ("is_migrant_worker", .bool(true), ["member.is_migrant_worker.1"]),
      ("mobile", "12812345678", ["member.mobile.1"]),
      ("lost_contact_date", .day("2005-01-01"), ["member.lost_reason.required"]),
      ("age", .int(3), ["member.age.derived"]),
      ("probation_end_date", .day("1986-07-01"), ["member.probation_end_date.derived"]),
      ("branch_entry_date", .day("2005-09-02"), ["member.branch_entry_date.2"]),
      ("work_start_date", .date(CivilDate(days: .max)), ["member.work_start_date.type"]),
      ("household_region", "420106", []), ("party_age_adjust", .int(601), ["member.party_age_adjust.1"]),
    ] as [(String, Value, [String])])
  func oneFault(item: String, value: Value, expected: [String]) throws {
    var fields = try goodMember()
    let entity = try #require(catalog.entity(named: "member"))
    fields.values[try #require(entity.item(named: item)).id] = value
    #expect(try failures("member", fields) == expected)
  }

  @Test("records: what old members lack was not required when they joined")
  func oldMember() throws {
    var fields = try goodMember()
    let entity = try #require(catalog.entity(named: "member"))
    func set(_ name: String, _ value: Value) throws {
      fields.values[try #require(entity.item(named: name)).id] = value
    }
    try set("join_date", .day("1970-07-01"))
    try set("full_date", .day("1970-07-01"))
    try set("sponsor_1", .null)
    try set("sponsor_2", .null)
    #expect(try failures("member", fields) == [])
    // Party age counts from joining, not from conversion, for those who joined between 1969 and 1977.
    try set("full_date", .day("1975-07-01"))
    let age = try catalog.check(expression: "party_age", on: entity, expecting: .int)
    #expect(age.evaluate(fields, today: today) == .int(35))
  }

  @Test("records: dues follow the scale of their month")
  func dues() throws {
    let entity = try #require(catalog.entity(named: "dues"))
    func check(_ period: Int64, _ base: Int64, _ rate: Int64, _ due: Int64) throws -> [String] {
      try failures(
        "dues",
        Fields(
          entity,
          [
            "period": .int(period), "base_kind": "1", "base_amount": .decimal(base), "rate_permille": .decimal(rate),
            "due_amount": .decimal(due), "paid_amount": .decimal(0), "relief_kind": "0",
          ]))
    }
    #expect(try check(200509, 150_000, 20_000, 3_000) == [])
    #expect(try check(200509, 150_001, 20_000, 3_000) == ["dues.rate_permille.4"])
    #expect(try check(200509, 150_001, 30_000, 4_500) == [])
    #expect(try check(201009, 600_000, 15_000, 9_000) == [])
    #expect(try check(201009, 600_000, 15_000, 9_001) == ["dues.due_amount.2"])
    #expect(try check(200513, 600_000, 15_000, 9_000).contains("dues.period.1"))
  }

  @Test("records: dated rules of the admission follow the date of the record")
  func admission() throws {
    let entity = try #require(catalog.entity(named: "applicant"))
    var fields = Fields(entity, ["apply_date": .day("2004-01-01"), "talk_date": .day("2004-06-01")])
    #expect(!(try failures("applicant", fields)).contains("applicant.talk_date.1"))
    fields = Fields(entity, ["apply_date": .day("2015-01-01"), "talk_date": .day("2015-02-02")])
    #expect(try failures("applicant", fields, on: CivilDate(days: 16_600)).contains("applicant.talk_date.1"))
  }

  @Test("records: a rule with a first day sleeps until that day")
  func from() throws {
    let text = """
      entity org 1 组织 | Organisation
        item code text required A 代码 | Code
          refuse from 2014-05-28 code = 'x' | 应为x | Must be x
          warn len(code) = 1 | 应为一个字 | One character
      """
    let catalog = try Catalog.load(text: text)
    let org = try #require(catalog.entity(named: "org"))
    let checker = RecordChecker(org, in: catalog)
    let fields = Fields(org, ["code": "yy"])
    let first = try #require(CivilDate(iso: "2014-05-28"))
    #expect(checker.failures(of: fields, today: first.adding(days: -1)).map(\.severity) == [.warning])
    #expect(checker.failures(of: fields, today: first).map(\.severity) == [.refusal, .warning])
  }

  @Test("records: rules over other records pass until their records are seen")
  func related() throws {
    let entity = try #require(catalog.entity(named: "org_term"))
    let checker = RecordChecker(entity, in: catalog)
    var fields = Fields(entity, ["term_start_date": .day("2019-01-01"), "term_years": .int(3)])
    #expect(checker.relatedFailures(of: fields, today: today) == [])
    fields.paths["org.org_category"] = "611"
    #expect(checker.relatedFailures(of: fields, today: today).map(\.name) == ["org_term.term_years.3"])
  }
}
