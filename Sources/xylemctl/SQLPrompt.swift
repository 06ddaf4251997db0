import AdminProtocol
import Console
import Glibc
import Messages

/// The prompt of `xylemctl sql`: statements end with a semicolon, commands begin with a point.
struct SQLPrompt {
  private var run: SQLRun
  private let session: Session
  private let history: SQLHistory

  init(_ run: SQLRun, _ session: Session) {
    self.run = run
    self.session = session
    history = SQLHistory(environment: Invocation.current.environment)
  }

  /// Reads and answers until the end of input or `.quit`.
  ///
  /// - Throws: when answers cannot be written; what a statement did wrong is told, and the prompt comes again.
  func converse() async throws(Failure) -> ExitStatus {
    var prompt = self
    session.output.say(
      session.text("以分号结束语句；.help 列出命令，.quit 退出", "Statements end with a semicolon; .help lists commands, .quit leaves")
    )
    var editor = LineEditor(history: history.lines, names: await prompt.names())
    var statement = ""
    while let line = editor.read(statement.isEmpty ? "xylem> " : "   ...> ") {
      if statement.isEmpty, line.hasPrefix(".") {
        guard try await prompt.command(line) else { break }
        continue
      }
      statement += (statement.isEmpty ? "" : "\n") + line
      if statement.allSatisfy(\.isWhitespace) { statement = "" }
      while let end = SQLText.end(of: statement[...]) {
        let whole = String(statement[..<end])
        statement = String(statement[statement.index(after: end)...].drop(while: \.isWhitespace))
        history.add(whole + ";")
        editor.remember(whole + ";")
        await prompt.answer(whole)
      }
    }
    return .done
  }

  private func answer(_ statement: String) async {
    do throws(Failure) { try await run.ask(statement, []) } catch { session.output.report(error) }
  }

  /// Words that the tab key completes.
  private func names() async -> [String] {
    var names: Set<String> = ["select", "from", "where", "group by", "order by", "limit", "under(org, ", "count(*)"]
    let question = "select table_name from xylem_tables union select column_name from xylem_columns"
    if let lines = try? await session.client().sql(SQLRequest(question)) {
      do {
        for try await line in lines {
          if case .row(let row) = line, case .text(let name)? = row.first { names.insert(name) }
        }
      } catch { return names.sorted() }
    }
    return names.sorted()
  }

  /// Runs a command; false when it was `.quit`.
  private mutating func command(_ line: String) async throws(Failure) -> Bool {
    let words = line.split(separator: " ").map(String.init)
    switch words.first ?? "" {
    case ".quit", ".exit", ".q": return false
    case ".tables": await answer("select table_name, label_zh, rows_estimated from xylem_tables")
    case ".schema":
      let name = words.count > 1 ? words[1].replacing("'", with: "''") : ""
      let condition = name.isEmpty ? "not is_hidden" : "table_name = '\(name)'"
      await answer(
        "select table_name, column_name, type, label_zh, code_table, refers_to, is_hidden from xylem_columns where "
          + condition)
    case ".mode":
      if words.count > 1, let format = TableFormat(rawValue: words[1]) {
        run.format = format
      } else {
        session.output.say(TableFormat.allCases.map(\.rawValue).joined(separator: ", "))
      }
    case ".timer": run.showsTime = words.count < 2 || words[1] != "off"
    case ".explain": run.showsPlan = words.count < 2 || words[1] != "off"
    case ".limits":
      if words.count > 1 { run.limits.rows = Int(words[1]) }
      if words.count > 2 { run.limits.seconds = Int(words[2]) }
      if words.count > 3 { run.limits.memory = Int(words[3]) }
    case ".help": session.output.say(help)
    default:
      session.output.say(session.text("没有命令 \(line)；.help 列出命令", "no command \(line); .help lists them"))
    }
    return true
  }

  private var help: String {
    session.text(
      """
      .tables                    列出表
      .schema [表]               列出列
      .mode table|json|jsonl|csv|md   输出格式
      .explain [off]             说明每张表怎样读取
      .timer [off]               说明用时
      .limits 行 秒 MiB          放宽或收紧上限
      .quit                      退出（Ctrl-D 亦可）
      """,
      """
      .tables                    the tables
      .schema [TABLE]            the columns
      .mode table|json|jsonl|csv|md   how answers are printed
      .explain [off]             how each table was read
      .timer [off]               how long it took
      .limits ROWS SECONDS MIB   what a statement may cost
      .quit                      leave; so does Ctrl-D
      """)
  }
}

/// What was typed before, in a file that its owner alone may read: statements hold names and numbers of people.
/// `XYLEM_SQL_HISTORY` names another file; empty, nothing is kept.
struct SQLHistory {
  static let linesMax = 1000
  private let path: String?

  init(environment: (String) -> String?) {
    if let named = environment("XYLEM_SQL_HISTORY") {
      path = named.isEmpty ? nil : named
    } else {
      path = environment("HOME").map { $0 + "/.xylem_sql_history" }
    }
  }

  /// Oldest first; a statement of several lines as one.
  var lines: [String] {
    guard let path, let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var lines: [String] = []
    var line: UnsafeMutablePointer<CChar>?
    var size = 0
    defer { free(line) }
    while getline(&line, &size, file) > 0, let text = line.map({ String(cString: $0) }) {
      lines.append(String(text.drop { $0.isNewline }.prefix { !$0.isNewline }))
    }
    return lines.suffix(SQLHistory.linesMax).map { $0 }
  }

  func add(_ statement: String) {
    guard let path else { return }
    let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    _ = DescriptorSink(file).write(Array((statement.replacing("\n", with: " ") + "\n").utf8))
  }
}
