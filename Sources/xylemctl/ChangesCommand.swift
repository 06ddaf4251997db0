import AdminProtocol
import ArgumentParser
import Console
import Messages

struct ChangesCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "changes",
      abstract: phrase("逐条输出变更，可从任一位置续读。", "Tells every change, from any place on, as lines of JSON."),
      discussion: examples([
        "xylemctl changes --limit 100", "xylemctl changes --since 7b0001-1000003 --follow >> feed.jsonl",
      ]))
  }
  @Option(help: ArgumentHelp(phrase("从这个游标之后开始。", "Begins after this cursor."), valueName: "cursor")) var since: String?
  @Option(help: ArgumentHelp(phrase("最多多少条。", "Ends after so many changes."), valueName: "count")) var limit: Int?
  @Flag(help: ArgumentHelp(phrase("到头后继续等待新的变更。", "Waits for more at the end."))) var follow = false
  @OptionGroup var options: CommonOptions

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError(phrase("--limit 应从 1 开始", "--limit is at least 1")) }
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var asked = ChangesParameters()
    asked.since = since
    asked.limit = limit
    asked.feed = follow ? .continuous : .normal
    let output = session.output
    let end = try await session.client().changes(asked) { _, line in
      try output.data(line + "\n")
      // A reader of ours that left ends the feed.
      if output.isReaderGone { throw CancellationError() }
    }
    if let next = end.next { output.say(session.text("续读用 --since \(next)", "go on with --since \(next)")) }
    return .done
  }
}
