import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Glibc
import Messages

struct SQLCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "sql", abstract: phrase("用 SQL 查询（只读，SQLite 方言）。", "Asks in SQL: read-only, SQLite's dialect."),
      discussion: examples([
        "xylemctl sql \"select nation_label, count(*) from member group by 1 order by 2 desc\"",
        "xylemctl sql \"select name from member where under(org, ?) and sex = ?\" --param 033001 --param 2",
        "xylemctl sql                               # a prompt: .help says more",
        "xylemctl sql -o csv < question.sql > answer.csv",
      ]))
  }
  @Argument(
    help: ArgumentHelp(
      phrase("一条语句；省略则进入交互方式，或从标准输入读取。", "One statement; without, a prompt, or statements from standard input.")))
  var statement: String?
  @Option(
    name: .customLong("param"),
    help: ArgumentHelp(phrase("语句中 ? 的值，可多次。", "The value of a ?; repeatable."), valueName: "value"))
  var parameters: [String] = []
  @Option(help: ArgumentHelp(phrase("最多多少行，超过则报错。", "At most so many rows; more are an error."), valueName: "rows"))
  var rows: Int?
  @Option(help: ArgumentHelp(phrase("最多多少秒。", "At most so many seconds."), valueName: "seconds")) var seconds: Int?
  @Option(help: ArgumentHelp(phrase("最多多少 MiB 内存。", "At most so many MiB of memory."), valueName: "MiB")) var memory:
    Int?
  @Flag(help: ArgumentHelp(phrase("说明每张表怎样读取。", "Say how each table is read."))) var explain = false
  @OptionGroup var unmasking: UnmaskOptions
  @OptionGroup var options: CommonOptions

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var run = SQLRun(session, format: session.format)
    run.limits = (rows, seconds, memory)
    run.showsPlan = explain
    run.unmasking = unmasking
    if let statement {
      // Whole numbers are sent as such: a date or a code with zeros in front is a text.
      try await run.ask(statement, parameters.map(SQLCommand.cell))
      return .done
    }
    guard isatty(STDIN_FILENO) == 0 || Invocation.current.sinks != nil else {
      return try await SQLPrompt(run, session).converse()
    }
    var text = ""
    while let line = readLine(strippingNewline: false) { text += line }
    for statement in SQLText.statements(text) { try await run.ask(statement, []) }
    return .done
  }

  static func cell(_ text: String) -> SQLCell {
    if let number = Int64(text), String(number) == text { return .integer(number) }
    return .text(text)
  }
}

/// Asks statements and prints their answers.
struct SQLRun {
  private let session: Session
  var format: TableFormat
  var limits: (rows: Int?, seconds: Int?, memory: Int?) = (nil, nil, nil)
  var showsPlan = false
  var showsTime = true
  /// Nil asks for nothing in the clear.
  var unmasking: UnmaskOptions?

  /// Rows that are printed at once where the format allows it.
  private static let partRows = 1000

  init(_ session: Session, format: TableFormat) {
    self.session = session
    self.format = format
  }

  /// Asks one statement and prints its answer.
  ///
  /// - Throws: why it was refused, or which limit was reached; rows printed before stay.
  func ask(_ statement: String, _ parameters: [SQLCell]) async throws(Failure) {
    var request = SQLRequest(statement)
    request.parameters = parameters.isEmpty ? nil : parameters
    (request.rows, request.seconds, request.memory) = limits
    let client = unmasking.map { session.client(unmasking: $0) } ?? session.client()
    let lines = try await client.sql(request)
    do { try await show(lines) } catch { throw client.failure(of: error, "sql") }
  }

  private func show(_ lines: SQLLines) async throws {
    var columns: [Column] = []
    var part = Table([])
    var isFirst = true
    var plan: [String] = []
    // Each row stands for itself in these; the others need all rows for their widths or brackets.
    let isParted = format == .csv || format == .jsonl
    for try await line in lines {
      switch line {
      case .head(let head):
        columns = SQLRun.columns(head)
        plan = head.plan
        part = Table(columns, schema: "xylemctl/sql/v1")
      case .row(let row):
        part.append(row.map(SQLRun.cell))
        guard isParted, part.rows.count == SQLRun.partRows else { continue }
        try session.show(part, as: format, isFirst: isFirst)
        part = Table(columns, schema: "xylemctl/sql/v1")
        isFirst = false
        if session.output.isReaderGone { return }
      case .summary(let rows, let microseconds):
        if isFirst || !part.rows.isEmpty { try session.show(part, as: format, isFirst: isFirst) }
        sayTime(rows, microseconds)
      case .problem: break
      }
    }
    if showsPlan { for line in plan { session.output.say(line) } }
  }

  private func sayTime(_ rows: Int, _ microseconds: Int) {
    guard format == .table, showsTime else { return }
    let time = Human.duration(.microseconds(microseconds), session.language)
    session.output.say(
      session.text("\(Human.exact(rows)) 行，用时 \(time)", "\(Human.exact(rows)) rows in \(time)"))
  }

  /// Columns under names of their own: two of one name would be one member in JSON.
  private static func columns(_ head: SQLHeadResponse) -> [Column] {
    var seen: [String: Int] = [:]
    return head.columns.map { column in
      let count = seen[column.name, default: 0]
      seen[column.name] = count + 1
      let key = count == 0 ? column.name : "\(column.name):\(count)"
      return Column(key, title: column.name)
    }
  }

  private static func cell(_ cell: SQLCell) -> Cell {
    switch cell {
    case .null: .null
    case .integer(let number): .integer(Int(number))
    case .real(let number): .decimal(number.description)
    case .text(let text): .text(text)
    }
  }
}

/// Statements in a text: the semicolons that end them stand outside quotes and comments.
enum SQLText {
  /// The statements of a whole text, without those that are empty.
  static func statements(_ text: String) -> [String] {
    var statements: [String] = []
    var rest = text[...]
    while let end = end(of: rest) {
      statements.append(String(rest[..<end]))
      rest = rest[rest.index(after: end)...]
    }
    statements.append(String(rest))
    return statements.filter { !$0.allSatisfy(\.isWhitespace) }
  }

  /// Where the first statement's semicolon stands; nil when it is not complete.
  static func end(of text: Substring) -> Substring.Index? {
    var quote: Character?
    var index = text.startIndex
    while index < text.endIndex {
      let character = text[index]
      if let open = quote {
        if character == open { quote = nil }
      } else if character == "'" || character == "\"" || character == "`" {
        quote = character
      } else if text[index...].hasPrefix("--") {
        index = text[index...].firstIndex(where: \.isNewline) ?? text.endIndex
        continue
      } else if text[index...].hasPrefix("/*") {
        guard let end = text[index...].range(of: "*/") else { return nil }
        index = end.upperBound
        continue
      } else if character == ";" {
        return index
      }
      index = text.index(after: index)
    }
    return nil
  }
}
