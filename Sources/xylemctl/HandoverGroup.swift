import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Foundation
import Messages

struct HandoverGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "handover",
      abstract: phrase("把一条记录连同下属记录转接到另一个域。", "Hands a record with all that belongs to it to another domain."),
      discussion: examples([
        "xylemctl handover start member 330203198001021234 --to 033002 --dry-run",
        "xylemctl handover start member 330203198001021234 --to 033002", "xylemctl handover list",
        "xylemctl handover void 1b0001-204 --reason \"本人不再调动\"",
      ]),
      subcommands: [HandoverStart.self, HandoverList.self, HandoverShow.self, HandoverVoid.self])
  }
}

struct HandoverStart: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "start",
      abstract: phrase(
        "开始转接；决定返回前该记录在本节点不能修改。",
        "Begins one; until the decision is back the record cannot be changed here."),
      discussion: examples(["xylemctl handover start member 330203198001021234 --to 033002001 --days 30"]))
  }
  @Argument(help: ArgumentHelp(phrase("实体，例如 member。", "The entity, member for instance."))) var entity: String
  @Argument(help: ArgumentHelp(phrase("编号，例如公民身份号码。", "Its key: a citizen id."))) var key: String
  @Option(help: ArgumentHelp(phrase("转入组织的代码。", "Code of the org that it goes to."))) var to: String
  @Option(help: ArgumentHelp(phrase("多少天内可以接收；0 为不限。", "For how many days it may be accepted; 0 for ever.")))
  var days: Int?
  @Flag(help: ArgumentHelp(phrase("只说明会转接什么。", "Only says what would move."))) var dryRun = false
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().startHandover(
      HandoverRequest(record: "\(entity)/\(key)", to: to, days: days, dryRun: dryRun))
    if let plan = answer.plan {
      var facts = Facts()
      facts.add("record", session.text("记录", "Record"), .text(plan.record))
      facts.add("org", session.text("转入", "To"), .text(plan.org))
      facts.add("orgName", session.text("名称", "Name"), .text(plan.orgName))
      facts.add("rows", session.text("行数", "Rows"), .integer(plan.rows))
      facts.add("bytes", session.text("大小", "Size"), .integer(plan.bytes, shown: Human.bytes(plan.bytes)))
      try session.show(facts, json: plan)
      return .done
    }
    try session.show(handoverTable(answer.handovers, session))
    session.output.say(
      session.text("已开始，记录在本节点冻结，直到决定返回", "begun; the record is frozen here until the decision is back"))
    return .done
  }
}

struct HandoverList: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "list", abstract: phrase("在途的转接。", "Hand-overs that are not over, as far as this node sees."))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let open = try await session.client().handovers().handovers
    try session.show(handoverTable(open, session))
    session.output.say(session.text("在途 \(open.count) 项", "\(open.count) on their way"))
    return .done
  }
}

struct HandoverShow: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "show", abstract: phrase("一项转接的各方状态，在途或已结束。", "One hand-over, on its way or over."))
  }
  @Argument(help: ArgumentHelp(phrase("转接编号。", "The hand-over."))) var handover: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    guard let found = try await session.client().handover(handover).handovers.first else {
      throw Failure(.nodeHandoverUnknown, ["handover": handover])
    }
    var facts = Facts()
    func add(_ key: String, _ zh: String, _ en: String, _ value: String?) {
      facts.add(key, session.text(zh, en), value.map { .text($0) } ?? .null)
    }
    add("id", "编号", "Hand-over", found.id)
    add("record", "记录", "Record", found.record)
    add("source", "转出", "From", found.source)
    add("target", "转入", "To", found.target)
    add("org", "转入组织", "Org", found.org)
    add("sourceState", "转出方", "Source", found.sourceState)
    add("targetState", "转入方", "Target", found.targetState)
    add("arbiterState", "裁决方", "Arbiter", found.arbiterState)
    add("told", "已获知", "Told", found.told)
    add("reason", "原因", "Reason", found.reason)
    add(
      "expires", "截止", "Until",
      found.expires == 0
        ? nil
        : ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(found.expires) / 1000)))
    try session.show(facts, json: found)
    if found.frozenHere {
      session.output.say(session.text("记录在本节点冻结", "the record is frozen here"))
    }
    if found.hiddenHere {
      session.output.say(
        session.text("转入方的记录已到，本处转出方的副本不计", "the target's copy is here: the source's does not count"))
    }
    return .done
  }
}

struct HandoverVoid: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "void",
      abstract: phrase("请求撤回本节点发起的转接；由共同上级裁决。", "Asks one back that this node began; the common ancestor decides."))
  }
  @Argument(help: ArgumentHelp(phrase("转接编号。", "The hand-over."))) var handover: String
  @Option(help: ArgumentHelp(phrase("理由。", "Why."))) var reason = ""
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().voidHandover(handover, HandoverVoidRequest(reason: reason))
    try session.show(handoverTable(answer.handovers, session))
    session.output.say(
      session.text("已请求撤回；若已裁决转接则不再更改", "asked back; what is decided already stays decided"))
    return .done
  }
}

private func handoverTable(_ list: [HandoversResponse.Handover], _ session: Session) -> Table {
  var table = Table(
    [
      Column("id", title: session.text("编号", "HANDOVER")), Column("record", title: session.text("记录", "RECORD")),
      Column("source", title: session.text("转出", "FROM")), Column("target", title: session.text("转入", "TO")),
      Column("org", title: session.text("转入组织", "ORG")),
      Column("sourceState", title: session.text("转出方", "SOURCE")),
      Column("arbiterState", title: session.text("裁决", "ARBITER")),
      Column("targetState", title: session.text("转入方", "TARGET")),
      Column("frozen", title: session.text("冻结", "FROZEN")), Column("reason", title: session.text("原因", "REASON")),
    ], schema: "xylemctl/handovers/v1")
  func cell(_ text: String?) -> Cell { text.map { .text($0) } ?? .null }
  for one in list {
    table.append([
      .text(one.id), .text(one.record), cell(one.source), cell(one.target), cell(one.org), cell(one.sourceState),
      cell(one.arbiterState), cell(one.targetState),
      .text(one.frozenHere ? "yes" : "no", shown: one.frozenHere ? session.text("是", "yes") : session.text("否", "no")),
      cell(one.reason),
    ])
  }
  return table
}
