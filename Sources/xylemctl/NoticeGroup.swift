import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Foundation
import Messages

struct NoticeGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "notice", abstract: phrase("下发通知与更正请求，查看回执。", "Notices to nodes below, and their receipts."),
      discussion: examples([
        "xylemctl notice send \"年报截止\" --text \"12 月 20 日前报送\" --under 033",
        "xylemctl notice send \"请核对\" --text \"出生日期有误\" --about member/330203198001021234",
        "xylemctl notice list", "xylemctl notice receipts 1b-1-9c41d2e07a55",
        "xylemctl notice recall 1b-1-9c41d2e07a55",
      ]),
      subcommands: [NoticeSend.self, NoticeList.self, NoticeRead.self, NoticeReceipts.self, NoticeRecall.self])
  }
}

struct NoticeSend: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "send",
      abstract: phrase("向下级节点发通知；--about 则是更正请求。", "Sends a notice down; with --about a correction request."),
      discussion: examples([
        "xylemctl notice send \"年报截止\" --text \"12 月 20 日前报送\" --level 1",
        "xylemctl notice send \"年报截止\" --file 通知.txt --to 033001,033002 --dry-run",
      ]))
  }
  @Argument(help: ArgumentHelp(phrase("标题。", "The title."))) var title: String
  @Option(help: ArgumentHelp(phrase("正文。", "The text."))) var text: String?
  @Option(help: ArgumentHelp(phrase("正文文件，UTF-8。", "A file with the text, UTF-8.")))
  var file: String?
  @Option(help: ArgumentHelp(phrase("该组织及其下各级。", "Everybody at or under this org."))) var under: String?
  @Option(help: ArgumentHelp(phrase("下面第几级节点，1 为直属。", "Nodes so many levels below; 1 are the children."))) var level:
    Int?
  @Option(help: ArgumentHelp(phrase("这些组织的管理节点，逗号分隔。", "The owners of these orgs, by commas."))) var to: String?
  @Option(help: ArgumentHelp(phrase("请该记录的所有者更正，如 member/编号。", "The owner of this record, to correct it: member/KEY.")))
  var about: String?
  @Flag(help: ArgumentHelp(phrase("只说明会发给多少节点。", "Only says how many nodes are meant."))) var dryRun = false
  @OptionGroup var options: CommonOptions

  func validate() throws {
    guard [under != nil, level != nil, to != nil, about != nil].count(where: { $0 }) == 1 else {
      throw ValidationError(
        phrase("请用 --under、--level、--to、--about 之一", "One of --under, --level, --to and --about says to whom"))
    }
    guard text == nil || file == nil else {
      throw ValidationError(phrase("--text 与 --file 只用其一", "--text or --file, not both"))
    }
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var body = text ?? ""
    if let file { body = try wholeText(file) }
    let answer = try await session.client().sendNotice(
      NoticeRequest(
        title: title, text: body, under: under, level: level,
        to: to.map { $0.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } }, about: about,
        dryRun: dryRun))
    if dryRun {
      session.output.say(
        session.text("将发给 \(answer.meant ?? 0) 个节点", "would go to \(answer.meant ?? 0) nodes"))
      return .done
    }
    try session.show(noticeTable(answer.notices, session))
    session.output.say(
      session.text("已发出，应收 \(answer.meant ?? 0) 个节点", "sent; \(answer.meant ?? 0) nodes are meant"))
    return .done
  }

  private func wholeText(_ path: String) throws(Failure) -> String {
    let bytes = try FileChunks.whole(path, bytesMax: (64 << 10) + 1)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.clientBadArgument, ["argument": "--file", "expected": "UTF-8", "found": path])
    }
    return text
  }
}

struct NoticeList: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "list", abstract: phrase("收到的和发出的通知，最新的在前。", "Notices that came and that were sent, newest first."))
  }
  @Flag(help: ArgumentHelp(phrase("只列未读的。", "Only those nobody here has read."))) var unread = false
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let notices = try await session.client().notices().notices.filter {
      !unread || $0.forThisNode && !$0.read && !$0.recalled
    }
    try session.show(noticeTable(notices, session))
    let open = notices.count { $0.forThisNode && !$0.read && !$0.recalled }
    session.output.say(session.text("\(notices.count) 份，未读 \(open) 份", "\(notices.count) notices, \(open) unread"))
    return .done
  }
}

struct NoticeRead: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "read", abstract: phrase("阅读一份通知；发出者会得知。", "Shows a notice; its sender learns that it was read."))
  }
  @Argument(help: ArgumentHelp(phrase("通知编号，如列表所示。", "The notice, as the list calls it."))) var notice: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let answer = try await session.client().noticeAction(notice, NoticeActionRequest(action: "read"))
    guard let found = answer.notices.first else { throw Failure(.linkNoticeUnknown, ["notice": notice]) }
    var facts = Facts()
    facts.add("id", session.text("编号", "Notice"), .text(found.id))
    facts.add("from", session.text("发自", "From"), .text(found.from))
    facts.add("time", session.text("时间", "Sent"), timeCell(found.time))
    facts.add("title", session.text("标题", "Title"), .text(found.title ?? ""))
    facts.add("text", session.text("正文", "Text"), .text(found.text ?? ""))
    if let record = found.record { facts.add("record", session.text("记录", "Record"), .text(record)) }
    try session.show(facts, json: found)
    return .done
  }
}

struct NoticeReceipts: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "receipts",
      abstract: phrase("一份通知在各下级的送达和阅读数。", "How many nodes below have a notice, and read it, by child."))
  }
  @Argument(help: ArgumentHelp(phrase("通知编号。", "The notice."))) var notice: String
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    guard let found = try await session.client().notice(notice).notices.first else {
      throw Failure(.linkNoticeUnknown, ["notice": notice])
    }
    var table = Table(
      [
        Column("code", title: session.text("代码", "CODE")), Column("meant", title: session.text("应收", "MEANT")),
        Column("delivered", title: session.text("已收", "DELIVERED")), Column("read", title: session.text("已读", "READ")),
      ], schema: "xylemctl/receipts/v1")
    for child in found.children {
      table.append([
        .text(child.code), .integer(child.meant), .integer(child.delivered), .integer(child.read),
      ])
    }
    try session.show(table)
    session.output.say(
      session.text(
        "应收 \(found.meant)，已收 \(found.delivered)，已读 \(found.readCount)",
        "\(found.meant) meant, \(found.delivered) delivered, \(found.readCount) read"))
    return .done
  }
}

struct NoticeRecall: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "recall", abstract: phrase("撤回本节点发出的通知。", "Recalls a notice that this node sent."),
      discussion: examples(["xylemctl notice recall 1b-1-9c41d2e07a55 --dry-run"]))
  }
  @Argument(help: ArgumentHelp(phrase("通知编号。", "The notice."))) var notice: String
  @Flag(help: ArgumentHelp(phrase("只说明会怎样。", "Only says what would happen."))) var dryRun = false
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let client = session.client()
    if dryRun {
      guard let found = try await client.notice(notice).notices.first else {
        throw Failure(.linkNoticeUnknown, ["notice": notice])
      }
      try session.show(noticeTable([found], session))
      session.output.say(
        session.text(
          "将从 \(found.delivered) 个节点撤回", "would be withdrawn from the \(found.delivered) nodes that have it"))
      return .done
    }
    let answer = try await client.noticeAction(notice, NoticeActionRequest(action: "recall"))
    try session.show(noticeTable(answer.notices, session))
    session.output.say(session.text("已撤回，正在通知下级", "recalled; nodes below are being told"))
    return .done
  }
}

private func timeCell(_ milliseconds: UInt64) -> Cell {
  let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
  return .text(ISO8601DateFormatter().string(from: date))
}

private func noticeTable(_ notices: [NoticesResponse.Notice], _ session: Session) -> Table {
  var table = Table(
    [
      Column("id", title: session.text("编号", "NOTICE")), Column("kind", title: session.text("种类", "KIND")),
      Column("time", title: session.text("时间", "SENT")), Column("from", title: session.text("发自", "FROM")),
      Column("audience", title: session.text("发往", "TO")), Column("title", title: session.text("标题", "TITLE")),
      Column("state", title: session.text("状态", "STATE")), Column("meant", title: session.text("应收", "MEANT")),
      Column("delivered", title: session.text("已收", "DELIVERED")), Column("read", title: session.text("已读", "READ")),
    ], schema: "xylemctl/notices/v1")
  for notice in notices {
    let state =
      notice.recalled
      ? ("recalled", session.text("已撤回", "recalled"))
      : notice.levelsAbove == 0
        ? ("sent", session.text("已发", "sent"))
        : notice.read ? ("read", session.text("已读", "read")) : ("unread", session.text("未读", "unread"))
    table.append([
      .text(notice.id), .text(notice.kind), timeCell(notice.time), .text(notice.from), .text(notice.audience),
      notice.title.map { .text($0) } ?? .null, .text(state.0, shown: state.1), .integer(notice.meant),
      .integer(notice.delivered), .integer(notice.readCount),
    ])
  }
  return table
}
