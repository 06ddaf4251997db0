import Access
import Foundation
import Messages
import Testing
import Xylem

private let scope = Authoriser.embedder("test")

@Suite struct NodeReportTests {
  private func open(_ pad: Scratchpad) async throws -> Node {
    try Node.create(at: pad.path + "/node", network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-12-31")
    return try await Node.open(at: pad.path + "/node", options: options)
  }

  private func applicant(_ number: Int, _ org: RecordID) throws -> [String: Value] {
    let birth = try #require(CivilDate(iso: number % 3 == 0 ? "1960-05-02" : "1985-01-02"))
    let applied = try #require(CivilDate(iso: "2005-0\(1 + number % 6)-06"))
    return [
      "applicant_name": .text(Text("申请人\(number)")), "id_card": .text(Text(citizenID(number))),
      "sex": .text(number % 2 == 0 ? "2" : "1"), "birth_date": .date(birth), "nation": .text("01"),
      "edu_code": .text("21"), "job_code": .text(number % 2 == 0 ? "342" : "111"), "org_code": .reference(org),
      "apply_date": .date(applied), "is_league_member": .bool(false), "stage": .text("10"),
      "talk_date": .date(applied.adding(days: 10)),
    ]
  }

  private func keyed(_ org: RecordID, _ value: Int64, row: String, column: String = "new") throws -> [String: Value] {
    [
      "form_id": .text("T9"), "report_year": .int(2005), "row_id": .text(Text(row)), "column_id": .text(Text(column)),
      "cell_value": .int(value), "keyed_by": .text("张敏"), "org_id": .reference(org),
      "keyed_on": .date(try #require(CivilDate(iso: "2005-12-30"))),
    ]
  }

  private func value(_ report: AnnualReport, _ form: String, _ row: String, _ column: String) throws -> Int64? {
    let table = try #require(report.tables.first { $0.plan.form.id == form })
    return table.value(try #require(table.plan.row(row)), try #require(table.plan.column(column)))
  }

  @Test("report: a node's tables follow its commits, columns and rows alike, and children add to what is keyed in")
  func follows() async throws {
    let pad = try Scratchpad()
    let node = try await open(pad)
    let root = node.identity.rootOrg
    for number in 0..<12 {
      let values = try applicant(number, root)
      _ = try await node.commit(as: "zhang") { try $0.insert("applicant", values) }
    }
    let cell = try keyed(root, 40, row: "all")
    _ = try await node.commit(as: "zhang") { try $0.insert("report_cell", cell) }
    let quick = try await node.annualReport(["T20", "T9"], year: 2005, scope: scope)
    let slow = try await node.annualReport(["T20", "T9"], year: 2005, readsRows: true, scope: scope)
    #expect(quick.tables.map(\.values) == slow.tables.map(\.values))
    #expect(quick.orgCode == "033" && quick.missing == nil)
    #expect(try value(quick, "T20", "all", "all") == 12)
    #expect(try value(quick, "T20", "j1", "all") == 6 && value(quick, "T20", "j3", "women") == 6)
    #expect(try value(quick, "T20", "all", "a35") == 8)
    #expect(try value(quick, "T9", "all", "new") == 40 && value(quick, "T9", "all", "remote") == nil)
    // A year before anybody applied.
    let before = try await node.annualReport(["T20"], year: 2004, scope: scope)
    #expect(before.tables[0].values.allSatisfy { $0 == 0 })
    await node.close()
  }

  @Test("report: a cell leads to the records behind it; what is keyed in or made of others does not")
  func drill() async throws {
    let pad = try Scratchpad()
    let node = try await open(pad)
    let root = node.identity.rootOrg
    for number in 0..<6 {
      let values = try applicant(number, root)
      _ = try await node.commit(as: "zhang") { try $0.insert("applicant", values) }
    }
    let found = try await node.reportDrill(
      "T20", row: "j1", column: "a35", year: 2005, columns: ["applicant_name"], limit: 10, scope: scope)
    let report = try await node.annualReport(["T20"], year: 2005, scope: scope)
    #expect(Int64(found.answer.rows.count) == (try value(report, "T20", "j1", "a35")))
    #expect(found.question.entity == "applicant")
    func refusal(_ form: String, _ row: String, _ column: String) async -> ErrorCode? {
      do {
        _ = try await node.reportDrill(
          form, row: row, column: column, year: 2005, columns: nil, limit: 10, scope: scope)
        return nil
      } catch { return error.code }
    }
    #expect(await refusal("T1", "due", "n") == .reportNotCounted)
    #expect(await refusal("T9", "all", "new") == .reportNotCounted)
    #expect(await refusal("T20", "j9", "all") == .reportUnknownCell)
    #expect(await refusal("T99", "all", "all") == .reportUnknownForm)
    await node.close()
  }

  @Test("report: a reader gets tables of organisations that the scope holds whole, and of no others")
  func scopes() async throws {
    let pad = try Scratchpad()
    let node = try await open(pad)
    let elsewhere = try #require(Authoriser.narrowed(scope, to: RecordID(mint: 5, counter: 5), in: .empty))
    let root = try #require(Authoriser.narrowed(scope, to: node.identity.rootOrg, in: .empty))
    func refusal(_ scope: Scope, _ org: String?, year: Int = 2005) async -> ErrorCode? {
      do {
        _ = try await node.annualReport(["T2"], year: year, org: org, scope: scope)
        return nil
      } catch { return error.code }
    }
    // Whoever may not know of an organisation is told what is told of one that does not exist.
    #expect(await refusal(elsewhere, nil) == .queryUnknownOrg)
    #expect(await refusal(root, nil) == nil)
    #expect(await refusal(scope, "033999") == .queryUnknownOrg)
    #expect(await refusal(scope, nil, year: 99) == .reportYear)
    await node.close()
  }

  @Test("report: a soft check that fails is open until somebody writes the reason")
  func reasons() async throws {
    let pad = try Scratchpad()
    let node = try await open(pad)
    let root = node.identity.rootOrg
    let village: [String: Value] = [
      "unit_name": .text("五乡村"), "unit_category": .text("16"), "is_legal_entity": .bool(false),
      "subordination": .text("72"), "region_code": .text("330212"), "staff_total": .int(3), "staff_members": .int(0),
      "org_state": .text("53"), "unit_status": .text("1"), "village_income_yuan": .decimal(100),
      "registered_by": .reference(root),
    ]
    _ = try await node.commit(as: "zhang") { try $0.insert("unit", village) }
    func result() async throws -> ReportCheckResult {
      let checked = try await node.reportChecks(["T40"], year: 2005, scope: scope)
      return try #require(checked.results.first { $0.finding.check.id == "T40.1" })
    }
    let open = try await result()
    #expect(open.isOpen && open.finding.left == 0 && open.finding.right == 1 && open.reason == nil)
    var cell = try keyed(root, 0, row: "T40.1", column: Node.reasonColumn)
    cell["form_id"] = .text("T40")
    cell["cell_note"] = .text("书记待选举")
    let reason = cell
    _ = try await node.commit(as: "zhang") { try $0.insert("report_cell", reason) }
    let explained = try await result()
    #expect(!explained.isOpen && !explained.finding.holds)
    #expect(explained.reason?.author == "张敏" && explained.reason?.text == "书记待选举")
    // The records that explain it: there is no organisation of the village to have a secretary.
    let behind = try await node.reportExplanation(
      check: "T40.1", year: 2005, columns: nil, limit: 10, scope: scope)
    #expect(behind.answer.rows.isEmpty && behind.question.entity == "org")
    await node.close()
  }
}
