import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Foundation
import Messages

struct Import: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Imports a CSV file; bad rows go to a rejects file, good rows are in.",
    discussion: """
      xylemctl --socket town.sock import member member.csv
      xylemctl --socket town.sock import member member.csv --dry-run

      The rejects file has line, column, value, reason and what to do for each bad row. Importing a file again changes nothing.
      """)
  @OptionGroup var common: Common
  @Argument(help: "Entity: org, unit, member …") var entity: String
  @Argument(help: "The CSV file: UTF-8 or GB18030.") var file: String
  @Option(help: "Where bad rows go; default FILE.rejects.csv.") var rejects: String?
  @Flag(help: "Check everything, write nothing.") var dryRun = false

  func run() async throws {
    try await common.run { out, client in
      guard FileManager.default.fileExists(atPath: file) else {
        throw Failure(.clientFileMissing, ["file": file, "action": "read"])
      }
      let source = try FileChunks(path: file)
      let bar = out.progress((file as NSString).lastPathComponent, total: source.size, unit: .bytes)
      var bad: [ImportLine.Reject] = []
      var summary: ImportLine.Summary?
      try await client.importFile(
        entity, name: (file as NSString).lastPathComponent, dryRun: dryRun, chunks: source, size: Int64(source.size)
      ) { line in
        if let progress = line.progress { bar.advance(to: progress.bytes) }
        if let reject = line.reject { bad.append(reject) }
        summary = line.summary ?? summary
      }
      bar.finish()
      guard let summary else { throw Failure(.clientBadResponse, ["address": file, "reason": "no summary"]) }
      let zh = out.language == .zh
      if !bad.isEmpty { try writeRejects(bad, out, zh) }
      var table = Table(
        ["inserted", "updated", "unchanged", "rejected", "seconds"].map {
          Column($0, title: title($0, zh), alignment: .right)
        },
        schema: "xylem/import/v1")
      table.append([
        .integer(summary.inserted), .integer(summary.updated), .integer(summary.unchanged), .integer(summary.rejected),
        .decimal(String(format: "%.2f", summary.seconds)),
      ])
      try common.show(table, out)
      return summary.rejected == 0 ? 0 : 2
    }
  }

  private func title(_ key: String, _ zh: Bool) -> String {
    guard zh else { return key }
    return ["inserted": "新增", "updated": "更新", "unchanged": "未变", "rejected": "拒绝", "seconds": "秒"][key] ?? key
  }

  private func writeRejects(_ bad: [ImportLine.Reject], _ out: Console.Output, _ zh: Bool) throws {
    let path = rejects ?? file + ".rejects.csv"
    var table = Table(["行", "列", "值", "原因", "建议"].map { Column($0, title: $0) } + [Column("raw", title: "原行")])
    for reject in bad {
      table.append([
        .integer(reject.line), .text(reject.column ?? ""), .text(reject.value ?? ""),
        .text("\(reject.code) \(zh ? reject.reasonZH : reject.reasonEN)"), .text(zh ? reject.tryZH : reject.tryEN),
        .text(reject.raw),
      ])
    }
    var style = TableStyle(.csv)
    style.isForExcel = true
    try Data(try table.text(style).utf8).write(to: URL(fileURLWithPath: path))
    for reject in bad.prefix(10) {
      out.warn("\(file):\(reject.line) \(reject.column ?? "") \(zh ? reject.reasonZH : reject.reasonEN)")
    }
    if bad.count > 10 { out.say(zh ? "… 另有 \(bad.count - 10) 行" : "… and \(bad.count - 10) more") }
    out.say(zh ? "被拒的行在 \(path)" : "rejected rows are in \(path)")
  }
}
