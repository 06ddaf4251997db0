import AdminAPI
import AdminProtocol

/// A report of fixed figures: two rows, two columns, one cell to be keyed in.
extension FakeBackend {
  private func table(_ values: [[Int64?]]) -> ReportTableResponse {
    func line(_ id: String, _ zh: String, _ en: String) -> ReportLineResponse {
      ReportLineResponse(id: id, labelZH: zh, labelEN: en, depth: 0, heading: false, working: false)
    }
    return ReportTableResponse(
      id: "T2", titleZH: "党员基本情况", titleEN: "Members", unitZH: "人", unitEN: "persons", flow: false,
      rows: [line("all", "总计", "Total"), line("j1", "农牧渔民", "Farmers")],
      columns: [line("all", "总数", "Total"), line("women", "女", "Women")], kinds: ["cc", "tk"], values: values,
      notesZH: ["注"], notesEN: ["Note"])
  }

  func reportForms(_ request: ReportRequest) async throws -> ReportFormsResponse {
    let questions: [[String?]]? =
      request.tables == nil ? nil : [["member: true", "member: sex = '2'"], [nil, nil]]
    return ReportFormsResponse(
      year: request.year, forms: [.init(table: table([]), questions: questions, checks: 1)])
  }

  func reportBuild(_ request: ReportRequest) async throws -> ReportResponse {
    ReportResponse(
      orgCode: request.org ?? "033", orgName: "中共宁波市委", year: request.year, firstDate: "\(request.year)-01-01",
      finalDate: "\(request.year)-12-31", tables: [table([[12, 5], [7, nil]])], applied: 9, missing: nil,
      microseconds: 1500)
  }

  func reportCheck(_ request: ReportRequest) async throws -> ReportChecksResponse {
    ReportChecksResponse(
      orgCode: "033", orgName: "中共宁波市委", year: request.year,
      findings: [
        .init(
          check: "T2.1", form: "T2", hard: true, labelZH: "相等", labelEN: "Equal", formula: "T2[all,*] = T2[j1,*]",
          line: "women", left: 12, right: 7, holds: false, open: request.org != "033001", explained: true, reason: nil,
          reasonBy: nil),
        .init(
          check: "T2.2", form: "T2", hard: false, labelZH: "不大于", labelEN: "At most",
          formula: "T2[j1,all] <= T2[all,all]",
          line: nil, left: 7, right: 12, holds: true, open: false, explained: false, reason: nil, reasonBy: nil),
      ], applied: 9, microseconds: 10)
  }

  func reportDrill(_ request: ReportDrillRequest) async throws -> ReportDrillResponse {
    ReportDrillResponse(
      entity: "member", condition: "sex = '2'", under: request.org ?? "033",
      records: TableResponse(
        columns: [.init(name: "name", labelZH: "姓名", labelEN: "Name")], rows: [["王芳"]], microseconds: 3, applied: 9))
  }
}
