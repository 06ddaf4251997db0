import Access
import Catalog
import Engine
import Foundation
import Messages
import Primitives
import Query
import Statistics

// The annual report of an organisation: all tables of one moment, from columns where they can say it, else from rows.

/// Filled tables of one organisation.
public struct AnnualReport: Sendable {
  /// Code and name of the organisation whose subtree is reported.
  public let orgCode: String
  public let orgName: String
  public let period: ReportPeriod
  /// In the order asked for.
  public let tables: [ReportTable]
  /// What was written beside keyed cells and as reasons for checks, in the subtree.
  public let notes: [KeyedCells.Note]
  /// Everything this node had applied when the report was made: all tables are of this moment.
  public let applied: UInt64
  /// What some pass read that is no column, and so was read from rows; nil when everything came from columns.
  public let missing: String?
}

/// How one check came out, in one line of it.
public struct ReportCheckResult: Sendable {
  public let finding: ReportFinding
  /// Why a check that should hold does not, and who said so; nil when nobody did.
  public let reason: (author: String, text: String)?
  /// Whether somebody must do something: a hard check that fails, or a soft one without a reason.
  public var isOpen: Bool { !finding.holds && (finding.check.isHard || reason == nil) }
}

extension Node {
  /// The forms and checks of the annual report.
  public var reportBook: ReportBook { .bundled }

  /// Fills tables for the calendar year, in the order asked for; all of them are of one moment.
  ///
  /// Records count as they are now: what joined, was held or was founded after the year is left out, what was changed
  /// since is seen as it is. For an exact year's end, report on that day.
  ///
  /// - Parameters:
  ///   - ids: forms by id; nil for all.
  ///   - org: code of the organisation whose subtree is meant; nil for this node's root.
  ///   - readsRows: read every stored row even where columns could answer: the slow twin.
  /// - Throws: `reportUnknownForm`, `reportYear`, `queryUnknownOrg`, `nodeNotAllowed` when the scope does not hold the
  ///   whole subtree, or what reading met.
  public func annualReport(
    _ ids: [String]? = nil, year: Int, org: String? = nil, readsRows: Bool = false, scope: Scope
  ) async throws(Failure) -> AnnualReport {
    let plans = try reportPlans(ids, year: year)
    let asked = AskedReport(
      plans: plans, period: try Self.period(year), year: year, under: org.map { Text($0) } ?? identity.rootOrgCode,
      catalog: catalog)
    let thread = thread
    let keeper = columns
    let catalog = catalog
    @Sendable func view(_ moment: ReadMoment) -> QueryView {
      QueryView(
        reader: moment.snapshot.reader, catalog: catalog, directory: moment.directory, partitions: moment.partitions,
        scope: scope, today: asked.period.last, setAside: moment.setAside)
    }
    do {
      return try await readers.perform {
        if !readsRows {
          do {
            let needs = asked.needs()
            return try keeper.ask(thread, needing: needs.entities, readsRows: needs.readsRows) { store, moment in
              try asked.answer(view(moment), moment, store, scope, readsRows: needs.readsRows)
            }
          } catch is NotInColumns {
            // Some record holds what codes cannot say, or is set aside: rows know.
          }
        }
        let moment = try thread.momentNow()
        defer { moment.snapshot.release() }
        return try asked.answer(view(moment), moment, nil, scope, readsRows: true)
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Works out checks: every one that reads only `ids`, or all.
  ///
  /// - Throws: as ``annualReport(_:year:org:readsRows:scope:)``.
  public func reportChecks(
    _ ids: [String]? = nil, year: Int, org: String? = nil, scope: Scope
  ) async throws(Failure) -> (report: AnnualReport, results: [ReportCheckResult]) {
    let report = try await annualReport(ids, year: year, org: org, scope: scope)
    var tables: [String: ReportTable] = [:]
    for table in report.tables { tables[table.plan.form.id] = table }
    var results: [ReportCheckResult] = []
    for check in reportBook.checks {
      for finding in check.findings({ tables[$0] }) {
        let key = KeyedCells.Key(form: check.form, row: check.id, column: Self.reasonColumn)
        let note = report.notes.first { $0.key == key && $0.org == report.orgCode }
        results.append(ReportCheckResult(finding: finding, reason: note.map { ($0.author, $0.text) }))
      }
    }
    return (report, results)
  }

  /// The column under which the reason for a failed check is kept: its row is the check's id.
  public static let reasonColumn = "reason"

  /// The records that a cell counts.
  ///
  /// - Parameters:
  ///   - columns: item names, paths or expressions to show.
  /// - Throws: `reportUnknownForm`, `reportUnknownCell`, `reportNotCounted` for a cell that is made of others or keyed
  ///   in, and what a question throws.
  public func reportDrill(
    _ form: String, row: String, column: String, year: Int, org: String? = nil, columns: [String]?, limit: Int,
    scope: Scope
  ) async throws(Failure) -> (question: Question, answer: Answer) {
    let plan = try reportPlans([form], year: year)[0]
    guard let rowPlace = plan.row(row) else { throw unknownLine(form, row, plan.rows) }
    guard let columnPlace = plan.column(column) else { throw unknownLine(form, column, plan.columns) }
    guard let asked = plan.question(rowPlace, columnPlace) else {
      throw Failure(.reportNotCounted, ["form": form, "row": row, "column": column])
    }
    return try await drill(asked.entity, asked.condition, org, columns, limit, scope)
  }

  /// The records that explain why a check fails.
  ///
  /// - Throws: `reportUnknownForm` for a check that does not exist; `reportNotCounted` for one that names no records.
  public func reportExplanation(
    check id: String, year: Int, org: String? = nil, columns: [String]?, limit: Int, scope: Scope
  ) async throws(Failure) -> (question: Question, answer: Answer) {
    guard let check = reportBook.checks.first(where: { $0.id == id }) else {
      throw Failure(.reportUnknownForm, ["form": id])
    }
    guard let explained = check.explanation(try Self.period(year)), let entity = catalog.entity(named: explained.entity)
    else { throw Failure(.reportNotCounted, ["form": check.form, "row": id, "column": "-"]) }
    return try await drill(entity, explained.condition, org, columns, limit, scope)
  }

  private func drill(
    _ entity: Entity, _ condition: String, _ org: String?, _ columns: [String]?, _ limit: Int, _ scope: Scope
  ) async throws(Failure) -> (question: Question, answer: Answer) {
    let question = Question(entity.name, where: condition, under: org ?? identity.rootOrgCode.string)
    let shown = columns ?? Self.drillColumns(entity)
    return (question, try await find(question, columns: shown, limit: limit, scope: scope))
  }

  /// Who it is, and of which organisation.
  private static func drillColumns(_ entity: Entity) -> [String] {
    switch entity.name {
    case "member": ["name", "sex", "birth_date", "join_date", "job_code", "branch.org_code", "branch.org_name"]
    case "applicant": ["applicant_name", "sex", "birth_date", "apply_date", "stage", "org.org_code"]
    case "org": ["org_code", "org_name", "org_category", "founded_date"]
    case "unit": ["unit_name", "unit_category", "org_state", "staff_total", "staff_members"]
    case "reward_penalty": ["rp_title", "rp_code", "rp_level", "rp_date", "member.name", "org.org_code"]
    case "org_term", "party_post", "activity", "dues_remit":
      ["org.org_code", "org.org_name"]
        + entity.items.filter { $0.derivation == nil && $0.fieldClass == .b }.prefix(4).map(\.name)
    default:
      ["member.name", "member.branch_code"]
        + entity.items.filter { $0.derivation == nil && $0.fieldClass == .b }.prefix(5).map(\.name)
    }
  }

  // MARK: Plans

  /// The years a report can be about.
  public static let reportYears = 1921...9999

  private static func period(_ year: Int) throws(Failure) -> ReportPeriod {
    guard reportYears.contains(year) else {
      throw Failure(
        .reportYear, ["year": "\(year)", "expected": "\(reportYears.lowerBound)…\(reportYears.upperBound)"])
    }
    return ReportPeriod(year: year)
  }

  /// Forms made ready for a year.
  ///
  /// - Throws: `reportUnknownForm`, `reportYear`.
  public func reportPlans(_ ids: [String]?, year: Int) throws(Failure) -> [ReportPlan] {
    let period = try Self.period(year)
    var plans: [ReportPlan] = []
    for id in ids ?? reportBook.forms.map(\.id) {
      guard let form = reportBook.form(id) else { throw Failure(.reportUnknownForm, ["form": id]) }
      plans.append(planCache.plan(form, period, of: reportBook))
    }
    return plans
  }

  private func unknownLine(_ form: String, _ id: String, _ lines: [ReportLine]) -> Failure {
    let known = lines.filter { !$0.isHeading }.map(\.id).joined(separator: ", ")
    return Failure(.reportUnknownCell, ["form": form, "line": id, "known": known])
  }
}

/// A report as it is filled.
private struct AskedReport: Sendable {
  let plans: [ReportPlan]
  let period: ReportPeriod
  let year: Int
  let under: Text
  let catalog: Catalog

  /// Which entities' columns are read, and whether rows are read besides.
  func needs() -> (entities: [EntityID], readsRows: Bool) {
    var entities: [EntityID] = []
    var readsRows = plans.contains { $0.cells.contains(.keyed) }
    for pass in plans.flatMap(\.passes) {
      do {
        for entity in try ReportScan.needs(pass, catalog).entities where !entities.contains(entity) {
          entities.append(entity)
        }
      } catch { readsRows = true }
    }
    return (entities.sorted(), readsRows)
  }

  /// - Parameters:
  ///   - store: nil to read rows only.
  ///   - readsRows: whether the moment's rows may be read.
  /// - Throws: ``NotInColumns`` when rows would have to be read and may not.
  func answer(
    _ view: QueryView, _ moment: ReadMoment, _ store: ColumnStore?, _ scope: Scope, readsRows: Bool
  ) throws -> AnnualReport {
    let extent = try Selection("org", condition: nil, under: under, catalog: catalog)
      .extent(scope, in: moment.directory)
    // A report names its organisation: a part of it under that name would be wrong without looking so.
    let org = OrgExtent.org(code: under, in: moment.directory, knownTo: scope.extent(in: moment.directory))
    if let extent, let org, !extent.covers(org.start..<org.end) {
      throw Failure(
        .nodeNotAllowed,
        ["user": scope.actor.string, "org": under.string, "action": "report", "action.zh": "编制报表"])
    }
    // What leads to other records is judged row by row for whoever sees a part.
    let gate = ReadGate(scope, catalog)
    var missing: String?
    let keyed = readsRows ? try view.keyedCells(year: year, under: under) : KeyedCells()
    var tables: [ReportTable] = []
    for plan in plans {
      var counted: [[Int64]] = []
      for pass in plan.passes {
        let reason = gate.reasonForRows(pass)
        if let reason, !readsRows { throw NotInColumns(name: reason) }
        if let reason { missing = missing ?? reason }
        if let store, reason == nil {
          do throws(NotInColumns) {
            var scan = try ReportScan(
              pass, store, ColumnMoment(directory: moment.directory, extent: extent, today: period.last))
            counted.append(scan.cells())
            continue
          } catch {
            guard readsRows else { throw error }
            missing = missing ?? error.name
          }
        }
        counted.append(try view.reportCells(pass, under: under))
      }
      let id = plan.form.id
      tables.append(
        ReportTable(plan, counted: counted) { keyed.value(KeyedCells.Key(form: id, row: $0, column: $1)) })
    }
    return AnnualReport(
      orgCode: under.string, orgName: org?.name.string ?? "", period: period,
      tables: tables, notes: keyed.notes, applied: moment.applied.value, missing: missing)
  }
}

/// Plans made so far: making one checks all its texts anew.
private final class PlanCache: @unchecked Sendable {
  // SAFETY: `plans` is guarded by `lock`.
  private let lock = NSLock()
  private var plans: [Key: ReportPlan] = [:]

  private struct Key: Hashable {
    let form: String
    let period: ReportPeriod
  }

  /// Some years of all tables; then it begins anew.
  private static let plansMax = 512

  func plan(_ form: ReportForm, _ period: ReportPeriod, of book: ReportBook) -> ReportPlan {
    lock.lock()
    defer { lock.unlock() }
    let key = Key(form: form.id, period: period)
    if let known = plans[key] { return known }
    if plans.count >= Self.plansMax { plans.removeAll() }
    let plan = book.plan(form, period)
    plans[key] = plan
    return plan
  }
}

private let planCache = PlanCache()
