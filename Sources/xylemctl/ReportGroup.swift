import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Messages

/// The annual report: forms, figures, the people behind them, checks.
struct ReportGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "report",
      abstract: phrase("年报：编制、追溯、校核、补录。", "The annual report: build, trace, check, key in."),
      discussion: examples([
        "xylemctl report list", "xylemctl report build annual --year 2005 --org 033001 --tables T2",
        "xylemctl report build annual --year 2005 -o xlsx -d out",
        "xylemctl report drill T2 --row j1 --column women --year 2005",
        "xylemctl report check --year 2005", "xylemctl report coverage --year 2005",
      ]),
      subcommands: [
        ReportList.self, ReportShow.self, ReportBuild.self, ReportDrill.self, ReportCheckCommand.self,
        ReportCoverageCommand.self, ReportKey.self, ReportReason.self,
      ])
  }
}

/// Which report of which organisation.
struct ReportOptions: ParsableArguments {
  @Option(help: ArgumentHelp(phrase("统计年度。", "The year reported on."))) var year: Int
  @Option(
    help: ArgumentHelp(
      phrase("党组织代码；默认为本节点的根组织。", "Code of the organisation; else the node's root."), valueName: "code"))
  var org: String?
}

struct ReportList: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "list", abstract: phrase("列出各表。", "The tables there are."))
  }
  @Option(help: ArgumentHelp(phrase("按哪一年的表式。", "The form of this year."))) var year = 2005
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let forms = try await session.client().reportForms(ReportRequest(year: year)).forms
    var table = Table(
      [
        Column("table", title: session.text("表号", "Table")), Column("title", title: session.text("名称", "Title")),
        Column("kind", title: session.text("性质", "Kind")), Column("rows", title: session.text("行", "Rows")),
        Column("columns", title: session.text("列", "Columns")), Column("checks", title: session.text("校核", "Checks")),
      ], schema: "xylemctl/report-list/v1")
    for form in forms {
      table.append([
        .text(form.table.id), .text(Phrase(form.table.titleZH, form.table.titleEN)[session.language]),
        .text(
          form.table.flow ? "during" : "as_of",
          shown: form.table.flow ? session.text("期间", "during the year") : session.text("时点", "on its last day")),
        .integer(form.table.rows.count { !$0.working }), .integer(form.table.columns.count { !$0.working }),
        .integer(form.checks),
      ])
    }
    try session.show(table)
    return .done
  }
}

struct ReportShow: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "show", abstract: phrase("查看一张表的行列，或每个单元格统计什么。", "A table's lines, or what each cell counts."),
      discussion: examples(["xylemctl report show T2", "xylemctl report show T2 --cells -o csv"]))
  }
  @Argument(help: ArgumentHelp(phrase("表号，例如 T2。", "The table, T2 for instance."))) var table: String
  @Option(help: ArgumentHelp(phrase("按哪一年的表式。", "The form of this year."))) var year = 2005
  @Flag(help: ArgumentHelp(phrase("列出每个单元格及其条件。", "Every cell with its condition."))) var cells = false
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().reportForms(ReportRequest(year: year, tables: [table]))
    guard let form = answer.forms.first else { return .notFound }
    try session.show(cells ? cellTable(form, session) : lineTable(form.table, session))
    session.output.say(Phrase(form.table.titleZH, form.table.titleEN)[session.language])
    return .done
  }

  private func lineTable(_ form: ReportTableResponse, _ session: Session) -> Table {
    var table = Table(
      [
        Column("side", title: session.text("方向", "Side")), Column("id", title: session.text("标识", "Id")),
        Column("label", title: session.text("名称", "Label")),
      ], schema: "xylemctl/report-lines/v1")
    for (side, shown, lines) in [
      ("row", session.text("行", "row"), form.rows), ("column", session.text("列", "column"), form.columns),
    ] {
      for line in lines {
        let label = Phrase(line.labelZH, line.labelEN)[session.language]
        let indented = String(repeating: "  ", count: line.depth) + label
        table.append([.text(side, shown: shown), .text(line.id), .text(label, shown: indented)])
      }
    }
    return table
  }

  private func cellTable(_ form: ReportFormsResponse.Form, _ session: Session) -> Table {
    var table = Table(
      [
        Column("row", title: session.text("行", "Row")), Column("column", title: session.text("列", "Column")),
        Column("kind", title: session.text("来源", "From")), Column("entity", title: session.text("实体", "Entity")),
        Column("condition", title: session.text("条件", "Condition")),
      ], schema: "xylemctl/report-cells/v1")
    for (row, kinds) in form.table.kinds.enumerated() {
      for (column, kind) in kinds.enumerated() where kind != "-" {
        let question = form.questions.flatMap { $0[row][column] }
        let parts = question.map { $0.split(separator: ":", maxSplits: 1).map { String($0.drop { $0 == " " }) } }
        table.append([
          .text(form.table.rows[row].id), .text(form.table.columns[column].id), kindCell(kind, session),
          parts.map { .text($0[0]) } ?? .null, parts.map { .text($0.count > 1 ? $0[1] : "") } ?? .null,
        ])
      }
    }
    return table
  }
}

/// Where a cell comes from, for people.
func kindCell(_ kind: Character, _ session: Session) -> Cell {
  switch kind {
  case "c": .text("counted", shown: session.text("计数", "counted"))
  case "t", "s": .text("total", shown: session.text("合成", "total"))
  default: .text("keyed", shown: session.text("补录", "keyed in"))
  }
}

struct ReportDrill: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "drill",
      abstract: phrase("列出单元格所统计的人，或校核不符的原因。", "The records behind a cell, or behind a failing check."),
      discussion: examples([
        "xylemctl report drill T2 --row j1 --column women --year 2005 --org 033001",
        "xylemctl report drill --check T4.1 --year 2005 -o csv",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("表号。", "The table."))) var table: String?
  @Option(help: ArgumentHelp(phrase("行标识。", "Id of the row."))) var row: String?
  @Option(help: ArgumentHelp(phrase("列标识。", "Id of the column."))) var column: String?
  @Option(help: ArgumentHelp(phrase("校核编号。", "Id of a check."))) var check: String?
  @Option(help: ArgumentHelp(phrase("要显示的信息项，用逗号分隔。", "Items to show, comma-separated."), valueName: "a,b"))
  var select: String?
  @Option(help: ArgumentHelp(phrase("最多多少行。", "At most so many rows."), valueName: "rows")) var limit = 100
  @OptionGroup var report: ReportOptions
  @OptionGroup var options: CommonOptions

  func validate() throws {
    if check == nil, table == nil || row == nil || column == nil {
      throw ValidationError(
        phrase("给出表号、--row 和 --column，或 --check", "give a table with --row and --column, or --check"))
    }
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var request = ReportDrillRequest(year: report.year, org: report.org)
    (request.table, request.row, request.column, request.check) = (table, row, column, check)
    request.select = select.map(commaSeparated)
    request.limit = limit
    let answer = try await session.client().reportDrill(request)
    try session.show(
      xylemctl.table(answer.records, session.language, schema: "xylemctl/report-drill/v1"))
    session.output.say("\(answer.entity): \(answer.condition)")
    if answer.records.rows.count == limit {
      session.output.say(session.text("已到 --limit \(limit)，可能还有更多", "stopped at --limit \(limit); there may be more"))
    }
    return .done
  }
}

struct ReportCheckCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "check",
      abstract: phrase("校核：表内和表间关系。不成立时退出码为 2。", "Relations within and between tables; exit 2 when one is open."),
      discussion: examples([
        "xylemctl report check --year 2005", "xylemctl report check --year 2005 --org 033001 --all",
      ]))
  }
  @Option(help: ArgumentHelp(phrase("只校核这些表，用逗号分隔。", "These tables only, comma-separated."), valueName: "T1,T2"))
  var tables: String?
  @Flag(help: ArgumentHelp(phrase("也列出成立的。", "Those that hold, too."))) var all = false
  @OptionGroup var report: ReportOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let request = ReportRequest(year: report.year, org: report.org, tables: tables.map(commaSeparated))
    let answer = try await session.client().reportCheck(request)
    var table = Table(
      [
        Column("check", title: session.text("编号", "Check")), Column("kind", title: session.text("性质", "Kind")),
        Column("state", title: session.text("结果", "Result")), Column("line", title: session.text("行列", "Line")),
        Column("left", title: session.text("左", "Left")), Column("right", title: session.text("右", "Right")),
        Column("difference", title: session.text("差", "Difference")),
        Column("label", title: session.text("内容", "What must hold")),
        Column("formula", title: session.text("公式", "Formula")),
        Column("reason", title: session.text("原因", "Reason")),
      ], schema: "xylemctl/report-check/v1")
    for finding in answer.findings where all || !finding.holds {
      let state =
        finding.holds
        ? Cell.text("holds", shown: session.text("成立", "holds"))
        : finding.open
          ? .text("open", shown: session.text("不成立", "fails"))
          : .text("explained", shown: session.text("已说明", "explained"))
      table.append([
        .text(finding.check),
        .text(
          finding.hard ? "hard" : "soft", shown: finding.hard ? session.text("硬", "hard") : session.text("软", "soft")),
        state, finding.line.map { .text($0) } ?? .null, .decimal("\(finding.left)"), .decimal("\(finding.right)"),
        .decimal("\(finding.left &- finding.right)"),
        .text(Phrase(finding.labelZH, finding.labelEN)[session.language]), .text(finding.formula),
        finding.reason.map { .text($0 + (finding.reasonBy.map { " (\($0))" } ?? "")) } ?? .null,
      ])
    }
    try session.show(table)
    let open = answer.findings.filter(\.open)
    let (count, hard) = (answer.findings.count, open.count { $0.hard })
    session.output.say(
      session.text(
        "\(answer.orgName) \(report.year) 年：\(count) 条关系，\(open.count) 条待处理，其中硬性 \(hard) 条",
        "\(answer.orgName) \(report.year): \(count) relations, \(open.count) open, \(hard) of them hard"))
    if let first = open.first(where: \.explained) {
      session.output.say(
        session.text(
          "查看有关记录：xylemctl report drill --check \(first.check) --year \(report.year)",
          "see the records: xylemctl report drill --check \(first.check) --year \(report.year)"))
    }
    return open.isEmpty ? .done : .problemsFound
  }
}

struct ReportCoverageCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "coverage",
      abstract: phrase("各表有多少单元格由记录计数、补录、尚缺。", "How many cells are counted, keyed in, missing."))
  }
  @OptionGroup var report: ReportOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().reportBuild(ReportRequest(year: report.year, org: report.org))
    var table = Table(
      [
        Column("table", title: session.text("表号", "Table")), Column("title", title: session.text("名称", "Title")),
        Column("computed", title: session.text("计数", "Counted")),
        Column("keyed", title: session.text("已补录", "Keyed in")),
        Column("missing", title: session.text("尚缺", "Missing")),
      ], schema: "xylemctl/report-coverage/v1")
    var sums = [0, 0, 0]
    for form in answer.tables {
      var counts = [0, 0, 0]
      for (row, kinds) in form.kinds.enumerated() {
        for (column, kind) in kinds.enumerated() {
          switch kind {
          case "c", "t": counts[0] += 1
          // A total of what was keyed in; 0 while nothing was.
          case "s": counts[form.values[row][column] == 0 ? 2 : 1] += 1
          case "k": counts[form.values[row][column] == nil ? 2 : 1] += 1
          default: break
          }
        }
      }
      for place in sums.indices { sums[place] += counts[place] }
      table.append(
        [.text(form.id), .text(Phrase(form.titleZH, form.titleEN)[session.language])] + counts.map { .integer($0) })
    }
    try session.show(table)
    session.output.say(
      session.text(
        "共 \(sums.reduce(0, +)) 个单元格：计数 \(sums[0])，已补录 \(sums[1])，尚缺 \(sums[2])",
        "\(sums.reduce(0, +)) cells: \(sums[0]) counted, \(sums[1]) keyed in, \(sums[2]) missing"))
    return .done
  }
}
