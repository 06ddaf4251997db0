import AdminProtocol
import Catalog
import Messages
import Xylem

/// What the HTTP interface asks of a node about reports.
public protocol ReportBackend: Sendable {
  /// `POST /v1/reports/forms`: forms without figures; with `tables` given, what each cell counts.
  func reportForms(_ request: ReportRequest) async throws -> ReportFormsResponse
  /// `POST /v1/reports/build`.
  func reportBuild(_ request: ReportRequest) async throws -> ReportResponse
  /// `POST /v1/reports/check`.
  func reportCheck(_ request: ReportRequest) async throws -> ReportChecksResponse
  /// `POST /v1/reports/drill`.
  func reportDrill(_ request: ReportDrillRequest) async throws -> ReportDrillResponse
}

extension NodeBackend {
  func reportForms(_ request: ReportRequest) throws -> ReportFormsResponse {
    let plans = try node.reportPlans(request.tables, year: request.year)
    let checks = node.reportBook.checks
    return ReportFormsResponse(
      year: request.year,
      forms: plans.map { plan in
        let questions = plan.rows.indices.map { row in
          plan.columns.indices.map { column in
            plan.question(row, column).map { "\($0.entity.name): \($0.condition)" }
          }
        }
        return ReportFormsResponse.Form(
          table: response(plan, values: []), questions: request.tables == nil ? nil : questions,
          checks: checks.count { $0.form == plan.form.id })
      })
  }

  func reportBuild(_ request: ReportRequest) async throws -> ReportResponse {
    let started = ContinuousClock.now
    let report = try await node.annualReport(
      request.tables, year: request.year, org: request.org, readsRows: request.rows ?? false, scope: scope)
    return ReportResponse(
      orgCode: report.orgCode, orgName: report.orgName, year: request.year, firstDate: report.period.first.description,
      finalDate: report.period.last.description,
      tables: report.tables.map { table in
        let width = table.plan.columns.count
        return response(
          table.plan,
          values: table.plan.rows.indices.map { Array(table.values[$0 * width..<($0 + 1) * width]) })
      }, applied: report.applied, missing: report.missing, microseconds: elapsed(started))
  }

  func reportCheck(_ request: ReportRequest) async throws -> ReportChecksResponse {
    let started = ContinuousClock.now
    let (report, results) = try await node.reportChecks(
      request.tables, year: request.year, org: request.org, scope: scope)
    return ReportChecksResponse(
      orgCode: report.orgCode, orgName: report.orgName, year: request.year,
      findings: results.map { result in
        let check = result.finding.check
        return ReportChecksResponse.Finding(
          check: check.id, form: check.form, hard: check.isHard, labelZH: check.label.zh, labelEN: check.label.en,
          formula: check.formula, line: result.finding.line?.id, left: result.finding.left,
          right: result.finding.right, holds: result.finding.holds, open: result.isOpen,
          explained: check.explanation(report.period) != nil, reason: result.reason?.text,
          reasonBy: result.reason?.author)
      }, applied: report.applied, microseconds: elapsed(started))
  }

  func reportDrill(_ request: ReportDrillRequest) async throws -> ReportDrillResponse {
    let started = ContinuousClock.now
    let limit = request.limit ?? 100
    guard (1...10_000).contains(limit) else {
      throw Failure(.apiBadParameter, ["parameter": "limit", "expected": "1…10000", "found": "\(limit)"])
    }
    let found: (question: Question, answer: Answer)
    if let check = request.check {
      found = try await node.reportExplanation(
        check: check, year: request.year, org: request.org, columns: request.select, limit: limit, scope: scope)
    } else {
      guard let table = request.table, let row = request.row, let column = request.column else {
        throw Failure(.apiBadParameter, ["parameter": "table", "expected": "table, row and column, or check"])
      }
      found = try await node.reportDrill(
        table, row: row, column: column, year: request.year, org: request.org, columns: request.select, limit: limit,
        scope: scope)
    }
    return ReportDrillResponse(
      entity: found.question.entity, condition: found.question.condition ?? "", under: found.question.under ?? "",
      records: table(found.answer, started))
  }

  private func response(_ plan: ReportPlan, values: [[Int64?]]) -> ReportTableResponse {
    func lines(_ lines: [ReportLine]) -> [ReportLineResponse] {
      lines.map {
        ReportLineResponse(
          id: $0.id, labelZH: $0.label.zh, labelEN: $0.label.en, depth: $0.depth, heading: $0.isHeading,
          working: $0.isWorking)
      }
    }
    let form = plan.form
    return ReportTableResponse(
      id: form.id, titleZH: form.label.zh, titleEN: form.label.en, unitZH: form.unit.zh, unitEN: form.unit.en,
      flow: form.isFlow, rows: lines(plan.rows), columns: lines(plan.columns),
      kinds: plan.rows.indices.map { row in
        String(plan.columns.indices.map { letter(plan, row, $0) })
      }, values: values, notesZH: form.notes.map(\.zh), notesEN: form.notes.map(\.en))
  }

  private func letter(_ plan: ReportPlan, _ row: Int, _ column: Int) -> Character {
    switch plan.cell(row, column) {
    case .none: "-"
    case .computed: "c"
    case .total: plan.isKeyed(row, column) ? "s" : "t"
    case .keyed: "k"
    }
  }
}
