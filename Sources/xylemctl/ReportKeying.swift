import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Glibc
import Messages
import Primitives

/// Keys a figure into a cell that no record can fill.
struct ReportKey: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "key",
      abstract: phrase("补录一个单元格；上级自动汇总。", "Keys a figure into a cell; superiors add it up."),
      discussion: examples([
        "xylemctl report key T9 --row all --column new --value 120 --by 张敏 --year 2005 --org 033001",
        "xylemctl import report_cell 补录.csv",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("表号。", "The table."))) var table: String
  @Option(help: ArgumentHelp(phrase("行标识。", "Id of the row."))) var row: String
  @Option(help: ArgumentHelp(phrase("列标识。", "Id of the column."))) var column: String
  @Option(parsing: .unconditional, help: ArgumentHelp(phrase("数值。", "The figure."))) var value: Int64
  @Option(help: ArgumentHelp(phrase("填报人。", "Who keys it in."))) var by: String
  @Option(help: ArgumentHelp(phrase("说明。", "A note."))) var note: String?
  @Option(help: ArgumentHelp(phrase("填报日期；默认为今天。", "The day it is keyed in; else today."), valueName: "YYYY-MM-DD"))
  var on: String?
  @OptionGroup var report: ReportOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let forms = try await session.client().reportForms(ReportRequest(year: report.year, tables: [table])).forms
    guard let form = forms.first?.table else { return .notFound }
    guard let rowPlace = form.rows.firstIndex(where: { $0.id == row }),
      let columnPlace = form.columns.firstIndex(where: { $0.id == column }),
      Array(form.kinds[rowPlace])[columnPlace] == "k"
    else {
      throw Failure(
        .clientBadArgument,
        [
          "argument": "--row, --column", "found": "\(row), \(column)",
          "expected": session.text("\(table) 中需补录的单元格", "a cell of \(table) that is keyed in"),
        ])
    }
    return try await keyIn(
      form: table, row: row, column: column, value: value, note: note, by: by, on: on, report, session)
  }
}

/// Writes down why a check that should hold does not.
struct ReportReason: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "reason",
      abstract: phrase("为不成立的软性校核写明原因。", "Gives a soft check that fails its reason."),
      discussion: examples([
        "xylemctl report reason T2.7 --text 部分预备党员已按期转正 --by 张敏 --year 2005 --org 033001"
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("校核编号。", "The check."))) var check: String
  @Option(help: ArgumentHelp(phrase("原因。", "The reason."))) var text: String
  @Option(help: ArgumentHelp(phrase("说明人。", "Who gives it."))) var by: String
  @Option(help: ArgumentHelp(phrase("填报日期；默认为今天。", "The day it is keyed in; else today."), valueName: "YYYY-MM-DD"))
  var on: String?
  @OptionGroup var report: ReportOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().reportCheck(ReportRequest(year: report.year, org: report.org))
    guard let finding = answer.findings.first(where: { $0.check == check }) else {
      throw Failure(.reportUnknownForm, ["form": check])
    }
    guard !finding.hard else {
      throw Failure(
        .clientBadArgument,
        [
          "argument": "check", "found": check,
          "expected": session.text("软性校核；硬性的须改正记录", "a soft check; what a hard one finds is to be put right"),
        ])
    }
    return try await keyIn(
      form: finding.form, row: check, column: "reason", value: 0, note: text, by: by, on: on, report, session)
  }
}

/// One record of `report_cell`, through the import that every record goes through.
private func keyIn(
  form: String, row: String, column: String, value: Int64, note: String?, by: String, on day: String?,
  _ report: ReportOptions,
  _ session: Session
) async throws(Failure) -> ExitStatus {
  let client = session.client()
  let org: String
  if let given = report.org { org = given } else { org = try await client.status().rootOrgCode }
  // Days count in UTC+8, like every date of the catalog.
  let today = CivilDate(days: Int32((time(nil) + 8 * 3600) / 86_400))
  let names = "form_id,report_year,row_id,column_id,cell_value,cell_note,keyed_by,keyed_on,org_id"
  let cells = [form, "\(report.year)", row, column, "\(value)", note ?? "", by, day ?? today.description, org]
  let line = cells.map {
    "\"" + $0.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
  let bytes = Array((names + "\r\n" + line.joined(separator: ",") + "\r\n").utf8)
  let chunks = AsyncStream<[UInt8]> { stream in
    stream.yield(bytes)
    stream.finish()
  }
  var status = ExitStatus.done
  var outcome: ImportLine.Summary?
  do {
    for try await line in try await client.importLines(
      "report_cell", ImportParameters(file: "report"), chunks: chunks, size: Int64(bytes.count))
    {
      for reason in line.reject?.reasons ?? [] {
        session.output.complain(Phrase(reason.reasonZH, reason.reasonEN)[session.language])
        status = .problemsFound
      }
      outcome = line.summary ?? outcome
    }
  } catch { throw client.failure(of: error, "import") }
  if status == .done, let outcome {
    session.output.say(
      outcome.inserted > 0
        ? session.text("已补录", "keyed in")
        : outcome.updated > 0 ? session.text("已更改", "changed") : session.text("未变", "unchanged"))
  }
  return status
}
