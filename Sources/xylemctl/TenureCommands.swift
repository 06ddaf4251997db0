import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Messages

struct BackupGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "backup", abstract: phrase("备份：建立、列出、验证。", "Backups: make, list, prove."),
      discussion: examples([
        "xylemctl backup create --to /backup/xylem", "xylemctl backup list --in /backup/xylem",
        "xylemctl backup verify --from /backup/xylem/033001-20261125T230000Z --key /secure/KEY",
      ]), subcommands: [BackupCreate.self, BackupList.self, BackupVerify.self])
  }
}

struct BackupCreate: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "create", abstract: phrase("不停机备份；不含密钥文件 KEY。", "A backup while the node runs; KEY is not in it."),
      discussion: examples(["xylemctl backup create --to /backup/xylem"]))
  }
  @Option(help: ArgumentHelp(phrase("守护进程所在机器上的目录，绝对路径。", "A directory of the daemon's machine, absolute.")))
  var to: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let made = try await session.client().backup(BackupRequest(directory: to))
    var facts = Facts()
    facts.add("path", session.text("备份", "Backup"), .text(made.path))
    facts.add("sequence", session.text("提交序号", "Commits"), number(made.sequence))
    facts.add("applied", session.text("已应用", "Applied"), number(made.applied))
    facts.add("files", session.text("文件", "Files"), .integer(made.files))
    facts.add("bytes", session.text("大小", "Size"), .integer(made.bytes, shown: Human.bytes(made.bytes)))
    facts.add(
      "microseconds", session.text("用时", "Took"),
      .integer(made.microseconds, shown: Human.duration(.microseconds(made.microseconds), session.language)))
    try session.show(facts, json: made)
    session.output.say(
      session.text(
        "尚未验证：xylemctl backup verify --from \(made.path)", "not proved yet: xylemctl backup verify --from \(made.path)")
    )
    return .done
  }
}

/// Verbs that need a store and no daemon.
struct BackupList: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "list", abstract: phrase("列出目录中的备份；由 xylemd 执行。", "Backups in a directory; xylemd does it."))
  }
  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
  func run() throws { try becomeDaemonProgram(["backup", "list"] + arguments) }
}

struct BackupVerify: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "verify",
      abstract: phrase("真正恢复一次来验证；由 xylemd 执行。", "Proves a backup by restoring it; xylemd does it."))
  }
  @Argument(parsing: .captureForPassthrough) var arguments: [String] = []
  func run() throws { try becomeDaemonProgram(["backup", "verify"] + arguments) }
}

struct DomainGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "domain", abstract: phrase("下级各域归谁管理。", "Who owns the domains below."),
      discussion: examples([
        "xylemctl domain list", "xylemctl domain reclaim 033001",
        "xylemctl domain reclaim 033001 --to 3f9a…=9c41… --epoch 3",
      ]), subcommands: [DomainList.self, DomainReclaim.self])
  }
}

struct DomainList: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "list", abstract: phrase("直属各域：管理节点与任次。", "The domains directly below: owners and epochs."))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    try session.show(domainTable(try await session.client().domains(), session))
    return .done
  }
}

struct DomainReclaim: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "reclaim",
      abstract: phrase(
        "收回一个域并交给新的节点；原节点从此被隔离。", "Takes a domain back and gives it to a new node; the old one is fenced."),
      discussion: examples([
        "xylemctl domain reclaim 033001", "xylemctl domain reclaim 033001 --to 3f9a…=9c41… --epoch 3",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("该域根组织的代码。", "Code of the domain's root org."))) var code: String
  @Option(
    help: ArgumentHelp(
      phrase("新节点与公钥，如 xylemd recover 所印。", "The new node and its key, as xylemd recover printed."),
      valueName: "node=key"))
  var to: String?
  @Option(help: ArgumentHelp(phrase("新节点建立时所说的任次。", "The epoch the new node was created with."))) var epoch: Int?
  @Flag(help: ArgumentHelp(phrase("只说明会怎样。", "Only says what would happen."))) var dryRun = false
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let parts = to.map { $0.split(separator: "=", maxSplits: 1).map(String.init) } ?? []
    guard to == nil || parts.count == 2 else {
      throw Failure(.clientBadArgument, ["argument": "--to", "expected": "NODE=KEY", "found": to ?? ""])
    }
    let client = session.client()
    if dryRun {
      let known = try await client.domains().domains.filter { $0.code == code }
      guard let domain = known.first else { throw Failure(.nodeUnknownOrg, ["org": code]) }
      session.output.say(
        session.text(
          "节点 \(domain.node) 将被隔离，任次 \(domain.epoch) → \(epoch ?? domain.epoch + 1)",
          "node \(domain.node) would be fenced, epoch \(domain.epoch) → \(epoch ?? domain.epoch + 1)"))
      try session.show(domainTable(DomainResponse(domains: known), session))
      return .done
    }
    let made = try await client.reclaim(
      ReclaimRequest(code: code, node: parts.first, key: parts.last, epoch: epoch))
    try session.show(domainTable(made, session))
    if to == nil, let domain = made.domains.first {
      session.output.say(
        session.text("在新机器上：", "on the new machine: ")
          + "xylemd recover --directory DIR --partition \(domain.partition) --epoch \(domain.epoch + 1) …")
    }
    return .done
  }
}

private func domainTable(_ answer: DomainResponse, _ session: Session) -> Table {
  var table = Table(
    [
      Column("code", title: session.text("代码", "CODE")), Column("node", title: session.text("管理节点", "OWNER")),
      Column("epoch", title: session.text("任次", "EPOCH")),
      Column("partition", title: session.text("分区", "PARTITION")), Column("key", title: session.text("公钥", "KEY")),
    ], schema: "xylemctl/domain/v1")
  for domain in answer.domains {
    table.append([
      .text(domain.code), .text(domain.node), .integer(domain.epoch), .text(domain.partition), .text(domain.key),
    ])
  }
  return table
}
