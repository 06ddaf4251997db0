import AdminProtocol
import ArgumentParser
import Console
import Glibc
import Messages
import Primitives

struct AuditGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "audit", abstract: phrase("审计日志：列出、验证、导出、谁看过。", "The audit log: list, verify, export, who saw."),
      discussion: examples([
        "xylemctl audit list --act unmasking", "xylemctl audit who-saw member 330203198001021234",
        "xylemctl audit export --out audit.xya", "xylemctl audit verify audit.xya --key 9f3a…",
      ]),
      subcommands: [AuditList.self, AuditVerify.self, AuditExport.self, AuditWhoSaw.self])
  }
}

struct AuditList: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "list", abstract: phrase("列出审计条目，默认最后 100 条。", "Lists entries; the last 100."))
  }
  @Option(help: ArgumentHelp(phrase("从该编号之后起。", "Those after this number."))) var after: UInt64?
  @Option(help: ArgumentHelp(phrase("最多多少条。", "At most so many."))) var limit = 100
  @Option(help: ArgumentHelp(phrase("只列这一类，如 login、unmasking。", "This kind only: login, unmasking …"))) var act: String?
  @Option(help: ArgumentHelp(phrase("只列这个用户。", "This user only."))) var user: String?
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var request = AuditRequest()
    request.after = after
    request.limit = limit
    request.act = act
    request.user = user
    try session.show(auditTable(try await session.client().audit(request), session))
    return .done
  }
}

struct AuditWhoSaw: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "who-saw",
      abstract: phrase(
        "谁看过一条记录；“可能”指只记行数的大批查询。", "Who saw a record; “maybe” are large answers, of which the number is kept."),
      discussion: examples(["xylemctl audit who-saw member 330203198001021234", "xylemctl audit who-saw 3-1b0001-17-0"])
    )
  }
  @Argument(help: ArgumentHelp(phrase("记录号，或实体与编号。", "The record's id, or entity and natural key."))) var record:
    [String]
  @Option(help: ArgumentHelp(phrase("最多多少条。", "At most so many."))) var limit = 1000
  @OptionGroup var options: CommonOptions

  func validate() throws {
    if !(1...2).contains(record.count) {
      throw ValidationError(phrase("请给出记录号，或实体与编号", "Which record? Its id, or entity and key"))
    }
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var request = AuditRequest()
    request.limit = limit
    if record.count == 1 { request.record = record[0] } else { (request.entity, request.key) = (record[0], record[1]) }
    try session.show(auditTable(try await session.client().audit(request), session))
    return .done
  }
}

private func auditTable(_ answer: AuditResponse, _ session: Session) -> Table {
  var table = Table(
    [
      Column("number", title: session.text("编号", "NUMBER"), alignment: .right),
      Column("time", title: session.text("时间", "TIME")), Column("act", title: session.text("行为", "ACT")),
      Column("actor", title: session.text("用户", "ACTOR")), Column("session", title: session.text("会话", "SESSION")),
      Column("org", title: session.text("组织", "ORG")), Column("count", title: session.text("行数", "ROWS")),
      Column("detail", title: session.text("说明", "DETAIL")), Column("records", title: session.text("记录", "RECORDS")),
      Column("named", title: session.text("确定", "CERTAIN")), Column("hash", title: session.text("哈希", "HASH")),
    ], schema: "xylemctl/audit/v1")
  for entry in answer.entries {
    let records = entry.records
    table.append([
      number(entry.number), .text(utcText(entry.time)), .text(entry.act), .text(entry.actor),
      entry.session.isEmpty ? .null : .text(entry.session), entry.org.map { .text($0) } ?? .null,
      number(entry.count), entry.detail.isEmpty ? .null : .text(entry.detail),
      records.isEmpty
        ? .null
        : .text(
          records.joined(separator: " "),
          shown: records.count > 2 ? "\(records[0]) … (\(records.count))" : records.joined(separator: " ")),
      entry.named.map {
        .text($0 ? "true" : "false", shown: $0 ? session.text("是", "yes") : session.text("可能", "maybe"))
      } ?? .null,
      .text(entry.hash, shown: String(entry.hash.prefix(12))),
    ])
  }
  return table
}

/// `2026-11-26T02:11:45Z` from milliseconds since 1970.
func utcText(_ milliseconds: UInt64) -> String {
  var seconds = time_t(clamping: milliseconds / 1000)
  var parts = tm()
  gmtime_r(&seconds, &parts)
  func two(_ value: Int32) -> String { (value < 10 ? "0" : "") + String(value) }
  return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
}

struct AuditVerify: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "verify",
      abstract: phrase("验证审计链：在节点上，或离线验证导出的文件。", "Follows the chain: at the node, or, with a file, without one."),
      discussion: examples([
        "xylemctl audit verify", "xylemctl audit verify audit.xya --key 9f3a… --known 1204=77ab…",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("导出的文件；由 xylemd audit verify 验证。", "An export; xylemd audit verify reads it.")))
  var file: String?
  @Option(help: ArgumentHelp(phrase("节点公钥，十六进制。", "The node's public key in hexadecimal."))) var key: String?
  @Option(help: ArgumentHelp(phrase("先前记下的“编号=哈希”。", "NUMBER=HASH noted at an earlier check."))) var known: String?
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    if let file {
      var arguments = ["audit", "verify", file]
      if let key { arguments += ["--key", key] }
      if let known { arguments += ["--known", known] }
      do { try becomeDaemonProgram(arguments) } catch {
        throw error as? Failure ?? Failure(.clientDamagedInstallation, ["file": "xylemd"])
      }
    }
    let answer = try await session.client().verifyAudit()
    var facts = Facts()
    facts.add("entries", session.text("条目", "Entries"), number(answer.entries))
    facts.add("heads", session.text("签名链头", "Signed heads"), number(answer.heads))
    facts.add("covered", session.text("已签名至", "Signed up to"), number(answer.covered))
    facts.add("last", session.text("最后一条", "Last"), number(answer.last))
    facts.add("hash", session.text("哈希", "Hash"), .text(answer.hash))
    facts.add("key", session.text("节点公钥", "Public key"), .text(answer.key))
    try session.show(facts, json: answer)
    session.output.say(session.text("审计链完整", "the chain holds"))
    return .done
  }
}

struct AuditExport: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "export",
      abstract: phrase("导出审计链，可用公钥离线验证。", "Writes the chain to a file that the public key is enough to check."),
      discussion: examples(["xylemctl audit export --out audit.xya"]))
  }
  @Option(help: ArgumentHelp(phrase("写到这个文件；不覆盖。", "The file; none is overwritten."))) var out: String
  @Option(help: ArgumentHelp(phrase("从该编号之后起。", "Entries after this number."))) var after: UInt64?
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let bytes = try await session.client().exportAudit(AuditExportRequest(after: after))
    let descriptor = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Failure(.clientOutput, ["file": out, "reason": "errno \(errno)"]) }
    defer { close(descriptor) }
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { rest in
        write(descriptor, UnsafeRawBufferPointer(rebasing: rest[offset...]).baseAddress, rest.count - offset)
      }
      guard count > 0 else { throw Failure(.clientOutput, ["file": out, "reason": "errno \(errno)"]) }
      offset += count
    }
    session.output.say(session.text("已写入 \(out)，\(bytes.count) 字节", "wrote \(out), \(bytes.count) bytes"))
    return .done
  }
}
