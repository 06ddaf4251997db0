import AdminProtocol
import ArgumentParser
import Console
import Messages

/// What is done with the queue of records set aside.
enum QueueAction: String, ExpressibleByArgument, CaseIterable {
  case list
  case show
  case retry
  case skip
}

struct QueueCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "queue",
      abstract: phrase("被隔离的记录：列出、查看、重试、搁置。", "Records set aside: list, show, retry, skip."),
      discussion: examples([
        "xylemctl queue", "xylemctl queue show 3-1b0001-17-0", "xylemctl queue retry 3-1b0001-17-0",
        "xylemctl queue skip 3-1b0001-17-0 --reason \"owner informed\"",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("list、show、retry 或 skip。", "list, show, retry or skip.")))
  var action: QueueAction = .list
  @Argument(help: ArgumentHelp(phrase("记录，如列表所示。", "The record, as the list calls it."))) var record: String?
  @Option(help: ArgumentHelp(phrase("搁置的理由，会告知其所有者。", "Why it is skipped; its owner is told."))) var reason: String?
  @OptionGroup var options: CommonOptions

  func validate() throws {
    if action != .list && record == nil {
      throw ValidationError(phrase("请给出记录", "Which record? Name it as the list does"))
    }
    if action == .skip && (reason ?? "").isEmpty {
      throw ValidationError(phrase("skip 需要 --reason", "skip takes --reason"))
    }
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let client = session.client()
    guard let record, action != .list else {
      let items = try await client.queue().items
      try session.show(table(items, session))
      let open = items.count { $0.skipped == nil }
      session.output.say(
        session.text("\(items.count) 条，其中 \(open) 条待处理", "\(items.count) records, \(open) open"))
      return .done
    }
    switch action {
    case .list: return .done
    case .show:
      let items = try await client.queue().items.filter { $0.record == record }
      guard !items.isEmpty else { throw Failure(.nodeRecordNotFound, ["entity": "queue", "record": record]) }
      try session.show(table(items, session))
      for item in items { session.output.say(advice(item, session)) }
      return .done
    case .retry:
      let isClosed = try await client.queueAction(record, QueueActionRequest(action: "retry")).closed
      session.output.say(
        isClosed
          ? session.text("记录已恢复", "the record is part of answers again")
          : session.text("仍然不对，继续隔离", "still wrong: it stays set aside"))
      return isClosed ? .done : .problemsFound
    case .skip:
      _ = try await client.queueAction(record, QueueActionRequest(action: "skip", reason: reason))
      session.output.say(session.text("已搁置，并告知其所有者", "skipped; its owner is told"))
      return .done
    }
  }

  private func table(_ items: [QueueResponse.Item], _ session: Session) -> Table {
    var table = Table(
      [
        Column("record", title: session.text("记录", "RECORD")), Column("code", title: session.text("代码", "CODE")),
        Column("entity", title: session.text("实体", "ENTITY")), Column("reason", title: session.text("原因", "REASON")),
        Column("item", title: session.text("信息项", "ITEM")), Column("sequence", title: session.text("提交", "COMMIT")),
        Column("operations", title: session.text("操作数", "OPERATIONS")),
        Column("where", title: session.text("位置", "WHERE")), Column("skipped", title: session.text("搁置", "SKIPPED")),
      ], schema: "xylemctl/queue/v1")
    for item in items {
      table.append([
        .text(item.record), .text(item.code), .text(item.entity), .text(item.reason, shown: reason(item, session)),
        item.item.map { .text($0) } ?? .null, number(item.sequence), .integer(item.operations),
        .integer(
          item.level,
          shown: item.level == 0
            ? session.text("本节点", "here") : session.text("上 \(item.level) 级", "\(item.level) above")),
        item.skipped.map { .text($0) } ?? .null,
      ])
    }
    return table
  }

  private func reason(_ item: QueueResponse.Item, _ session: Session) -> String {
    switch item.reason {
    case "absent": session.text("记录不在此处", "not here")
    case "wrongKind": session.text("值的类型不对", "wrong kind of value")
    case "damaged": session.text("存储损坏", "damaged at rest")
    case "notAllowed": session.text("不归其所有者", "not its writer's to say")
    default: item.reason
    }
  }

  private func advice(_ item: QueueResponse.Item, _ session: Session) -> String {
    if item.level > 0 {
      return session.text(
        "上级不采用这条记录：在本节点更正或删除它", "an ancestor leaves this record out: correct or delete it here")
    }
    return switch item.reason {
    case "absent":
      session.text("运行 xylemctl verify --repair，从所有者补回", "xylemctl verify --repair fetches it from its owner")
    case "damaged":
      session.text("运行 xylemctl queue retry，从日志重建", "xylemctl queue retry makes it anew from the log")
    case "notAllowed":
      session.text(
        "接错的节点接回其上级，写错的由写入者更正；queue skip 可静音",
        "dial the node into its own parent, or correct it where it was written; queue skip silences it")
    default: session.text("由所有者更正；升级后可 retry", "its owner corrects it; after an upgrade, retry")
    }
  }
}

/// How far a commit must have got.
enum WaitLevel: String, ExpressibleByArgument, CaseIterable {
  case local
  case parent
  case root
}

struct WaitCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "wait",
      abstract: phrase(
        "等到令牌所指的数据在此处（或上级、顶层）落盘。", "Waits until what a token names is durable here, at the parent or at the top."),
      discussion: examples(["xylemctl wait x1… --level root", "xylemctl wait x1… && xylemctl stat member"]))
  }
  @Argument(help: ArgumentHelp(phrase("导入或查询给出的令牌。", "The token that an import or an answer gave."))) var token: String
  @Option(help: ArgumentHelp(phrase("local、parent 或 root。", "local, parent or root."))) var level: WaitLevel = .local
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    // The daemon gives up first, with a reason.
    let seconds = max(1, options.timeout - 1)
    let answer = try await session.client().wait(
      WaitRequest(token: token, level: level.rawValue, seconds: min(seconds, WaitRequest.secondsMax)))
    session.output.say(
      session.text(
        "已到达，等了 \(Human.duration(.milliseconds(answer.milliseconds), session.language))",
        "there, after \(Human.duration(.milliseconds(answer.milliseconds), session.language))"))
    return .done
  }
}
