import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Glibc
import Messages

struct ExportCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "export", abstract: phrase("导出全部数据供分析。", "Writes everything into a file for analysts."),
      discussion: examples([
        "xylemctl export sqlite 党员库.sqlite",
        "sqlite3 -readonly register.sqlite \"select count(*) from member_labelled\"",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("格式：sqlite。", "The format: sqlite."))) var format: String
  @Argument(help: ArgumentHelp(phrase("要写的文件。", "The file to write."))) var file: String
  @Flag(help: ArgumentHelp(phrase("覆盖已有文件。", "Replaces a file that is there."))) var force = false
  @OptionGroup var unmasking: UnmaskOptions
  @OptionGroup var options: CommonOptions

  func validate() throws {
    guard format == "sqlite" else {
      throw ValidationError(phrase("格式应为 sqlite", "the format is sqlite"))
    }
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    guard force || access(file, F_OK) != 0 else {
      throw Failure(
        .clientBadArgument,
        [
          "argument": "FILE", "found": file,
          "expected": session.text("不存在的文件，或加 --force", "a file that is not there, or --force"),
        ])
    }
    let client = session.client(unmasking: unmasking)
    let status = try await client.status()
    let total = status.rows.reduce(0) { $0 + $1.rows }
    let extract = try Extract(path: file + WholeFile.unfinished)
    let bar = session.output.progress(
      session.text("导出", "exporting"), total: total, unit: .items(Phrase("行", "rows")))
    defer { bar.finish() }
    var count = 0
    do {
      let lines = try await client.export()
      for try await line in lines {
        switch line {
        case .head(let head): try extract.begin(head)
        case .row(let row):
          try extract.add(row)
          count += 1
          if count % 1000 == 0 { bar.advance(to: min(count, total)) }
        case .summary, .problem: break
        }
      }
      try extract.finish(facts(status, extract.applied))
    } catch { throw client.failure(of: error, "export") }
    guard rename(file + WholeFile.unfinished, file) == 0 else {
      throw Failure(.clientOutput, ["file": file, "reason": systemReason(errno)])
    }
    session.output.say(
      session.text("已写入 \(file)：\(Human.exact(count)) 行", "\(file) written: \(Human.exact(count)) rows"))
    return .done
  }

  private func facts(_ status: StatusResponse, _ applied: UInt64?) -> [(String, String)] {
    [
      ("network", status.network), ("org", "\(status.rootOrgCode) \(status.rootOrgName)"), ("node", status.node),
      ("applied", applied.map { "\($0)" } ?? ""), ("made by", "xylemctl \(Release.version)"),
      ("contents", "One moment of the node: all tables were read from one snapshot."),
      (
        "codes",
        "Tables hold codes; NAME_labelled are views with what the codes mean beside them; codes lists them all."
      ),
      ("ids", "_id names a record, _parent the record that a child record belongs to, org the owning organisation."),
      ("dates", "ISO texts: date('2005-09-30'), strftime('%Y', birth_date). Flags are 0 and 1."),
      ("personal data", "This file holds personal data. Keep it as you keep the register itself."),
    ]
  }
}
