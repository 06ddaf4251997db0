/// `POST /v1/reports/build` and `/v1/reports/check`: which tables of which organisation.
public struct ReportRequest: Codable, Sendable {
  public var year: Int
  /// Code of the organisation whose subtree is meant; absent, the node's root.
  public var org: String?
  /// Ids of forms; absent, all.
  public var tables: [String]?
  /// Reads every stored row even where columns in memory could answer.
  public var rows: Bool?

  /// A report for a calendar year.
  public init(year: Int, org: String? = nil, tables: [String]? = nil) {
    self.year = year
    self.org = org
    self.tables = tables
  }

  /// The members a request may have.
  public static let members = ["year", "org", "tables", "rows"]
}

/// `POST /v1/reports/drill`: the records behind a cell, or behind a check that fails.
public struct ReportDrillRequest: Codable, Sendable {
  public var year: Int
  public var org: String?
  /// A cell by the ids of its form and lines; absent when `check` is given.
  public var table: String?
  public var row: String?
  public var column: String?
  /// A check by its id.
  public var check: String?
  /// Item names, paths or expressions to show.
  public var select: [String]?
  public var limit: Int?

  /// Nothing yet but the year.
  public init(year: Int, org: String? = nil) {
    self.year = year
    self.org = org
  }

  /// The members a request may have.
  public static let members = ["year", "org", "table", "row", "column", "check", "select", "limit"]
}

/// A row or column of a table.
public struct ReportLineResponse: Codable, Sendable {
  public var id: String
  public var labelZH: String
  public var labelEN: String
  /// How many levels below the top.
  public var depth: Int
  /// It groups others and has no cells.
  public var heading: Bool
  /// It is worked with and not printed.
  public var working: Bool

  /// A line as it is printed.
  public init(id: String, labelZH: String, labelEN: String, depth: Int, heading: Bool, working: Bool) {
    self.id = id
    self.labelZH = labelZH
    self.labelEN = labelEN
    self.depth = depth
    self.heading = heading
    self.working = working
  }
}

/// A filled table, or with no values a form.
public struct ReportTableResponse: Codable, Sendable {
  public var id: String
  public var titleZH: String
  public var titleEN: String
  public var unitZH: String
  public var unitEN: String
  /// It tells what happened during the period; else how things stood on its last day.
  public var flow: Bool
  public var rows: [ReportLineResponse]
  public var columns: [ReportLineResponse]
  /// By row: a letter for each column. `c` counted, `t` a total of such, `k` keyed in, `s` a total with
  /// something keyed in, `-` no cell.
  public var kinds: [String]
  /// By row, then column; absent in a form.
  public var values: [[Int64?]]
  public var notesZH: [String]
  public var notesEN: [String]

  /// A table of these lines and cells.
  public init(
    id: String, titleZH: String, titleEN: String, unitZH: String, unitEN: String, flow: Bool,
    rows: [ReportLineResponse], columns: [ReportLineResponse], kinds: [String], values: [[Int64?]], notesZH: [String],
    notesEN: [String]
  ) {
    self.id = id
    self.titleZH = titleZH
    self.titleEN = titleEN
    self.unitZH = unitZH
    self.unitEN = unitEN
    self.flow = flow
    self.rows = rows
    self.columns = columns
    self.kinds = kinds
    self.values = values
    self.notesZH = notesZH
    self.notesEN = notesEN
  }
}

/// Filled tables of one organisation, all of one moment.
public struct ReportResponse: Codable, Sendable {
  public var schema = "xylem/report/v1"
  public var orgCode: String
  public var orgName: String
  public var year: Int
  public var firstDate: String
  public var finalDate: String
  public var tables: [ReportTableResponse]
  /// Everything the node had applied when the report was made.
  public var applied: UInt64
  /// What some table read that is no column, and so was read from rows.
  public var missing: String?
  public var microseconds: Int

  /// A report with its tables.
  public init(
    orgCode: String, orgName: String, year: Int, firstDate: String, finalDate: String, tables: [ReportTableResponse],
    applied: UInt64, missing: String?, microseconds: Int
  ) {
    self.orgCode = orgCode
    self.orgName = orgName
    self.year = year
    self.firstDate = firstDate
    self.finalDate = finalDate
    self.tables = tables
    self.applied = applied
    self.missing = missing
    self.microseconds = microseconds
  }
}

/// How the checks of a report came out.
public struct ReportChecksResponse: Codable, Sendable {
  /// One line of one check.
  public struct Finding: Codable, Sendable {
    public var check: String
    public var form: String
    public var hard: Bool
    public var labelZH: String
    public var labelEN: String
    public var formula: String
    /// The line it is about, when it is about each line.
    public var line: String?
    public var left: Int64
    public var right: Int64
    public var holds: Bool
    /// A hard check that fails, or a soft one without a reason.
    public var open: Bool
    /// Whether `drill` shows the records that explain it.
    public var explained: Bool
    public var reason: String?
    public var reasonBy: String?

    /// One comparison with its outcome.
    public init(
      check: String, form: String, hard: Bool, labelZH: String, labelEN: String, formula: String, line: String?,
      left: Int64, right: Int64, holds: Bool, open: Bool, explained: Bool, reason: String?, reasonBy: String?
    ) {
      self.check = check
      self.form = form
      self.hard = hard
      self.labelZH = labelZH
      self.labelEN = labelEN
      self.formula = formula
      self.line = line
      self.left = left
      self.right = right
      self.holds = holds
      self.open = open
      self.explained = explained
      self.reason = reason
      self.reasonBy = reasonBy
    }
  }

  public var schema = "xylem/report-checks/v1"
  public var orgCode: String
  public var orgName: String
  public var year: Int
  /// Every comparison that was made, in the order of the forms.
  public var findings: [Finding]
  public var applied: UInt64
  public var microseconds: Int

  /// The checks of one organisation's report.
  public init(
    orgCode: String, orgName: String, year: Int, findings: [Finding], applied: UInt64, microseconds: Int
  ) {
    self.orgCode = orgCode
    self.orgName = orgName
    self.year = year
    self.findings = findings
    self.applied = applied
    self.microseconds = microseconds
  }
}

/// `POST /v1/reports/forms`: forms without figures, with what each cell counts.
public struct ReportFormsResponse: Codable, Sendable {
  /// One form.
  public struct Form: Codable, Sendable {
    public var table: ReportTableResponse
    /// By row, then column: what a counted cell counts, as entity and condition; absent for other cells.
    public var questions: [[String?]]?
    public var checks: Int

    /// A form with or without the questions behind its cells.
    public init(table: ReportTableResponse, questions: [[String?]]?, checks: Int) {
      self.table = table
      self.questions = questions
      self.checks = checks
    }
  }

  public var schema = "xylem/report-forms/v1"
  public var year: Int
  public var forms: [Form]

  /// The forms of a year.
  public init(year: Int, forms: [Form]) {
    self.year = year
    self.forms = forms
  }
}

/// Records behind a cell, and the question that found them.
public struct ReportDrillResponse: Codable, Sendable {
  public var schema = "xylem/report-drill/v1"
  public var entity: String
  public var condition: String
  public var under: String
  public var records: TableResponse

  /// An answer with its question.
  public init(entity: String, condition: String, under: String, records: TableResponse) {
    self.entity = entity
    self.condition = condition
    self.under = under
    self.records = records
  }
}
