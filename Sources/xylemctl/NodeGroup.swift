import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Messages

/// Cards: who this node is, and whom it knows.
struct NodeGroup: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "node", abstract: phrase("名片：本节点和相邻节点。", "Cards: this node and its neighbours."),
      discussion: examples([
        "xylemctl node card --out 033001.xycard", "xylemctl node introduce 033.xycard", "xylemctl node neighbours",
      ]),
      subcommands: [CardCommand.self, IntroduceCommand.self, NeighboursCommand.self])
  }
}

struct CardCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "card", abstract: phrase("输出本节点的名片。", "Prints this node's card."),
      discussion: examples(["xylemctl node card", "xylemctl node card --out 033001.xycard"]))
  }
  @Option(help: ArgumentHelp(phrase("写到这个文件。", "Writes it to this file."), valueName: "file")) var out: String?
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let card = try await session.client().card()
    if let out {
      try WholeFile.write(Array(card.text.utf8), to: out)
      session.output.say(session.text("名片已写入 \(out)", "card written to \(out)"))
    } else if session.isForPrograms {
      try session.output.data(String(decoding: try StrictJSON.encode(card), as: UTF8.self) + "\n")
    } else {
      try session.output.data(card.text)
    }
    session.output.say(session.text("指纹 \(card.fingerprint)", "fingerprint \(card.fingerprint)"))
    return .done
  }
}

struct IntroduceCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "introduce", abstract: phrase("登记相邻节点的名片。", "Takes a neighbour's card."),
      discussion: examples(["xylemctl node introduce 033.xycard", "xylemctl node introduce 034.xycard --replace"]))
  }
  @Argument(help: ArgumentHelp(phrase("名片文件。", "The card's file."))) var file: String
  @Flag(help: ArgumentHelp(phrase("取代已登记的名片。", "Forgets the card known so far."))) var replace = false
  @Option(
    help: ArgumentHelp(phrase("它是上级 parent 还是下级 child；默认由代码判断。", "What it is: parent or child; else its codes tell.")))
  var `as`: String?
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let bytes = try FileChunks.whole(file, bytesMax: 1 << 16)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Failure(.linkCardRefused, ["file": file, "reason": "not UTF-8"])
    }
    let answer = try await session.client().introduce(.init(file: file, text: text, replace: replace, role: `as`))
    try session.show(NeighboursCommand.table(answer, session))
    session.output.say(
      session.text("请用电话核对指纹后再交换数据", "compare the fingerprint by telephone before data are exchanged"))
    return .done
  }
}

struct NeighboursCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "neighbours", abstract: phrase("已登记名片的上级和下级。", "Parent and children whose cards are here."),
      discussion: examples(["xylemctl node neighbours", "xylemctl node neighbours -o json"]))
  }
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    try await session.show(NeighboursCommand.table(session.client().neighbours(), session))
    return .done
  }

  static func table(_ answer: NeighboursResponse, _ session: Session) -> Table {
    var table = Table(
      [
        Column("role", title: session.text("关系", "ROLE")), Column("code", title: session.text("代码", "CODE")),
        Column("name", title: session.text("名称", "NAME")), Column("node", title: session.text("节点", "NODE")),
        Column("sent", title: session.text("已发号", "SENT")), Column("taken", title: session.text("已收号", "TAKEN")),
        Column("fingerprint", title: session.text("指纹", "FINGERPRINT")),
      ], schema: "xylemctl/neighbours/v1")
    for found in answer.neighbours {
      let role = found.role == "parent" ? session.text("上级", "parent") : session.text("下级", "child")
      table.append([
        .text(found.role, shown: role), .text(found.code), .text(found.name), .text(found.node), number(found.sent),
        number(found.taken), .text(found.fingerprint),
      ])
    }
    return table
  }
}
