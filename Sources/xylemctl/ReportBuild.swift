import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Glibc
import Messages
import ReportFiles

/// What `report build` makes.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
  case table, xlsx, html, csv, json
}

/// Fills tables and prints them or writes files. The file is made here and not by the daemon: it needs no rights on the
/// daemon's disk, and a daemon links no spreadsheet library.
struct ReportBuild: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "build",
      abstract: phrase("编制年报：屏幕、XLSX、HTML、CSV、JSON。", "Fills the tables: screen, XLSX, HTML, CSV, JSON."),
      discussion: examples([
        "xylemctl report build annual --year 2005 --org 033001 --tables T2,T3",
        "xylemctl report build annual --year 2005 -o xlsx -d out",
        "xylemctl report build annual --year 2005 -o html -d out --lang en",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("报表种类：annual。", "Which report: annual."))) var kind: String
  @OptionGroup var report: ReportOptions
  @Option(help: ArgumentHelp(phrase("只编这些表，用逗号分隔。", "These tables only, comma-separated."), valueName: "T1,T2"))
  var tables: String?
  @Option(
    name: [.customShort("o"), .customLong("output")],
    help: ArgumentHelp(
      phrase("table、xlsx、html、csv 或 json。", "table, xlsx, html, csv or json."), valueName: "format"))
  var format: ReportFormat = .table
  @Option(
    name: [.customShort("d"), .customLong("directory")],
    help: ArgumentHelp(phrase("文件写到这个文件夹。", "Files go into this folder."), valueName: "folder"))
  var folder: String?
  @Flag(
    name: .customLong("rows"),
    help: ArgumentHelp(phrase("逐行读取存储的记录；用于核对。", "Read every stored row instead of columns, to check them.")))
  var readsRows = false
  @Option(help: ArgumentHelp(phrase("守护进程的套接字。", "The daemon's socket."), valueName: "path")) var socket: String?
  @Option(help: ArgumentHelp(phrase("语言：zh 或 en。", "Language: zh or en."))) var lang: Language?
  @Option(help: ArgumentHelp(phrase("颜色：auto、always 或 never。", "Colour: auto, always or never.")))
  var color: ColorChoice = .auto
  @Option(help: ArgumentHelp(phrase("等待答复的秒数。", "Seconds to wait for the answer."), valueName: "seconds")) var timeout =
    600
  @Flag(name: [.customShort("q"), .long], help: ArgumentHelp(phrase("不输出说明和进度。", "No notes and no progress.")))
  var quiet = false

  func validate() throws {
    guard kind == "annual" else { throw ValidationError(phrase("目前只有 annual", "there is only annual")) }
  }

  func run() async throws {
    let output = Invocation.current.output(color: color, isQuiet: quiet)
    do throws(Failure) { try await perform(output) } catch {
      output.report(error, asJSON: format == .json)
      throw ExitCode(error.exitStatus.rawValue)
    }
  }

  private func perform(_ output: Output) async throws(Failure) {
    var path = CommonOptions.usualSocketPath
    if let socket { path = socket }
    var request = ReportRequest(year: report.year, org: report.org, tables: tables.map(commaSeparated))
    request.rows = readsRows ? true : nil
    let answer = try await AdminClient(socketPath: path, seconds: timeout).reportBuild(request)
    let language = output.language
    let name = "annual-\(answer.year)-\(answer.orgCode)"
    switch format {
    case .table:
      for table in answer.tables { try show(table, output) }
    case .json:
      let text = String(decoding: try StrictJSON.encode(answer), as: UTF8.self) + "\n"
      guard let folder else { return try output.data(text) }
      try write(text, name + ".json", folder, output)
    case .csv:
      guard let folder else {
        for table in answer.tables { try output.data(ReportCSV.text(table, language)) }
        return
      }
      let bar = output.progress(phrase("写入", "writing"), total: answer.tables.count, unit: Self.tables)
      for table in answer.tables {
        try write(ReportCSV.text(table, language), "\(name)-\(table.id).csv", folder, nil)
        bar.add(1)
      }
      bar.finish()
    case .html: try write(ReportHTML.text(answer, language), name + ".html", folder ?? ".", output)
    case .xlsx: try writeWorkbook(answer, folder ?? ".", name + ".xlsx", output)
    }
    let time = Human.duration(.microseconds(answer.microseconds), language)
    output.say(
      phrase(
        "\(answer.orgName) \(answer.year) 年：\(answer.tables.count) 张表，用时 \(time)",
        "\(answer.orgName) \(answer.year): \(answer.tables.count) \(answer.tables.count == 1 ? "table" : "tables") in \(time)"
      ))
    if let missing = answer.missing {
      output.say(phrase("部分由存储的记录逐行统计：\(missing)", "partly counted from stored rows: \(missing)"))
    }
  }

  private static let tables = ProgressUnit.items(Phrase("表", "tables"))

  /// Made beside and renamed: a workbook is there whole or not at all.
  private func writeWorkbook(
    _ answer: ReportResponse, _ folder: String, _ name: String, _ output: Output
  ) throws(Failure) {
    let path = try prepared(folder) + "/" + name
    let draft = path + WholeFile.unfinished
    let bar = output.progress(phrase("写入", "writing"), total: answer.tables.count, unit: Self.tables)
    try ReportWorkbook.write(answer, to: draft, output.language) { bar.advance(to: $0) }
    bar.finish()
    guard rename(draft, path) == 0 else {
      throw Failure(.clientOutput, ["file": path, "reason": systemReason(errno)])
    }
    output.say(path)
  }

  private func write(_ text: String, _ name: String, _ folder: String, _ output: Output?) throws(Failure) {
    let path = try prepared(folder) + "/" + name
    try WholeFile.write(Array(text.utf8), to: path)
    output?.say(path)
  }

  private func prepared(_ folder: String) throws(Failure) -> String {
    if mkdir(folder, 0o755) != 0, errno != EEXIST {
      throw Failure(.clientOutput, ["file": folder, "reason": systemReason(errno)])
    }
    return folder
  }

  /// One table on the terminal: the form's lines down, its columns across.
  private func show(_ response: ReportTableResponse, _ output: Output) throws(Failure) {
    let columns = response.columns.indices.filter { !response.columns[$0].working && !response.columns[$0].heading }
    var table = Table(
      [
        Column("row", title: phrase("行", "Row")),
        Column("label", title: Phrase(response.titleZH, response.titleEN)[output.language]),
      ]
        + columns.map {
          Column(
            response.columns[$0].id,
            title: Phrase(response.columns[$0].labelZH, response.columns[$0].labelEN)[output.language])
        })
    for (place, row) in response.rows.enumerated() where !row.working {
      let label = Phrase(row.labelZH, row.labelEN)[output.language]
      let kinds = Array(response.kinds[place])
      table.append(
        [.text(row.id), .text(label, shown: String(repeating: "  ", count: row.depth) + label)]
          + columns.map { column in
            if kinds[column] == "-" { return .null }
            guard let value = response.values[place][column] else { return .text("?") }
            return .decimal("\(value)")
          })
    }
    try output.table(table, TableStyle(.table))
  }
}
