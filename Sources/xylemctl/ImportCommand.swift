import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Messages

struct ImportCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "import",
      abstract: phrase("导入 CSV 文件，有被拒的行时退出码为 2。", "Imports a CSV file; exits with 2 when rows were rejected."),
      discussion: examples([
        "xylemctl import member 党员.csv --dry-run", "xylemctl import member 党员.csv",
        "xylemctl import org orgs.csv --rejects rejected.csv -o json",
        "xylemctl import member 党员和学历.csv --commit-rows 200 --wait root",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("实体，例如 member。", "The entity, member for instance."))) var entity: String
  @Argument(help: ArgumentHelp(phrase("CSV 文件。", "The CSV file."))) var file: String
  @Option(
    help: ArgumentHelp(
      phrase("被拒的行写到这里；默认为 文件名.rejects.csv。", "Rejected rows go here; else FILE.rejects.csv."), valueName: "file"))
  var rejects: String?
  @Flag(help: ArgumentHelp(phrase("只检查，不写入。", "Checks everything, writes nothing."))) var dryRun = false
  @Option(
    help: ArgumentHelp(
      phrase("每次提交多少行，1…1000；默认 1000。", "Rows of one commit, 1…1000; 1000 when not given."), valueName: "rows"))
  var commitRows: Int?
  @Option(
    help: ArgumentHelp(
      phrase(
        "等到最后一次提交在哪一级落盘：local 本节点，parent 上级，root 根。",
        "Until where the last commit must be durable: local, parent or root."), valueName: "level"))
  var wait: ImportParameters.Level = .local
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let client = session.client()
    let upload = try FileChunks(path: file)
    let bar = session.output.progress(
      session.text("导入 \(upload.name)", "importing \(upload.name)"), total: upload.length.map { Int($0) }, unit: .bytes)
    let rejected = try RejectFile(path: rejects, beside: file, isDryRun: dryRun, language: session.language)
    var summary: ImportLine.Summary?
    do {
      var parameters = ImportParameters(file: upload.name, dryRun: dryRun)
      parameters.commitRows = commitRows
      parameters.wait = wait
      let lines = try await client.importLines(entity, parameters, chunks: upload, size: upload.length)
      for try await line in lines {
        if let progress = line.progress { bar.advance(to: progress.bytes) }
        if let header = line.header { rejected.begin(header: header.raw) }
        if let reject = line.reject { try rejected.add(reject) }
        if let found = line.summary { summary = found }
      }
    } catch {
      bar.finish()
      try showRejects(rejected, isComplete: false, session)
      throw client.failure(of: error, "import")
    }
    if upload.length != nil { bar.advance(to: upload.size) }
    bar.finish()
    guard let summary else {
      throw Failure(.clientBadResponse, ["address": client.socketPath, "reason": "the import ended without a summary"])
    }
    try showRejects(rejected, isComplete: true, session)
    try show(summary, session)
    return summary.rejected > 0 ? .problemsFound : .done
  }

  private func show(_ summary: ImportLine.Summary, _ session: Session) throws(Failure) {
    var facts = Facts()
    func count(_ key: String, _ zh: String, _ en: String, _ value: Int) {
      facts.add(key, session.text(zh, en), .integer(value, shown: Human.exact(value)))
    }
    count("rows", "读取", "Read", summary.rows)
    count("inserted", "新增", "New", summary.inserted)
    count("updated", "更新", "Changed", summary.updated)
    count("unchanged", "未变", "Unchanged", summary.unchanged)
    count("rejected", "被拒", "Rejected", summary.rejected)
    if let children = summary.children, children > 0 {
      count("children", "所带下级记录", "Child records carried", children)
    }
    count("warnings", "警告", "Warnings", summary.warnings)
    facts.add("sequence", session.text("提交序号", "Commit"), number(summary.sequence))
    facts.add(
      "dry_run", session.text("仅检查", "Dry run"),
      .flag(summary.dryRun, shown: summary.dryRun ? session.text("是", "yes") : session.text("否", "no")))
    let time = Duration.milliseconds(Int64(max(0, min(summary.seconds, 1e9)) * 1000))
    facts.add(
      "milliseconds", session.text("用时", "Time"),
      .integer(Int(time / .milliseconds(1)), shown: Human.duration(time, session.language)))
    try session.show(facts, json: summary)
    if let token = summary.token {
      session.output.say(session.text("令牌 \(token)", "token \(token)"))
    }
    if summary.dryRun { session.output.say(session.text("仅检查，未写入任何数据", "dry run: nothing was written")) }
  }

  /// The first of them on the terminal, all of them in the file.
  private func showRejects(_ rejected: RejectFile, isComplete: Bool, _ session: Session) throws(Failure) {
    let count = try rejected.close(isComplete: isComplete)
    guard count > 0 else { return }
    session.output.warn(
      session.text(
        "\(count) 行被拒，见 \(rejected.path)",
        "\(count) \(count == 1 ? "row" : "rows") rejected, written to \(rejected.path)"))
    var style = TableStyle(.table)
    style.width = session.output.width
    let text = try rejected.firstFew(session.language).text(style)
    session.output.warnLines(text)
    if count > RejectFile.shownMax {
      session.output.say(
        session.text("另有 \(count - RejectFile.shownMax) 行未列出", "… \(count - RejectFile.shownMax) more"))
    }
  }
}

extension Output {
  /// Lines that belong to a warning, printed even with `-q`, each one safe for a terminal already.
  func warnLines(_ text: String) {
    for line in text.split(separator: "\n") { warn(String(line)) }
  }
}

extension ImportParameters.Level: ExpressibleByArgument {}
