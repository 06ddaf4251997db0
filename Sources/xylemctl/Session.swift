import AdminClient
import AdminProtocol
import Console
import Glibc
import Messages

/// One run of a command: how it prints and whom it asks.
final class Session: Sendable {
  let output: Output
  let format: TableFormat
  private let style: TableStyle
  private let socketPath: String
  private let timeout: Int

  init(_ options: CommonOptions, _ output: Output) {
    self.output = output
    format = options.output ?? .automatic(isTerminal: output.isTerminal)
    var style = TableStyle(format)
    style.columns = options.columns.map { $0.split(separator: ",").map(String.init) }
    style.showsHeader = !options.noHeaders
    self.style = style
    socketPath = options.socketPath()
    timeout = options.timeout
  }

  var language: Language { output.language }
  /// Whether failures go out as JSON too.
  var isForPrograms: Bool { format == .json || format == .jsonl }

  /// A client of the daemon named on the command line, or of another one.
  func client(_ socket: String? = nil) -> AdminClient {
    let path = socket ?? socketPath
    var client = AdminClient(socketPath: path, seconds: timeout)
    client.token = SessionFile(socketPath: path).token
    return client
  }

  /// Where the login at the daemon is kept.
  var sessionFile: SessionFile { SessionFile(socketPath: socketPath) }

  /// A client that asks for masked items in the clear.
  func client(unmasking options: UnmaskOptions) -> AdminClient {
    var client = client()
    client.unmaskReason = options.unmask ? options.reason : nil
    return client
  }

  func show(_ table: Table) throws(Failure) { try output.table(table, style) }

  /// Prints a table in another format than the session's, or only its rows: the next part of a long one.
  func show(_ table: Table, as format: TableFormat, isFirst: Bool = true) throws(Failure) {
    var style = style
    style.format = format
    if !isFirst { style.showsHeader = false }
    try output.table(table, style)
  }

  /// Prints one thing with several facts: as the daemon's own JSON, as one CSV row, or a fact a line for people.
  func show(_ facts: Facts, json: some Encodable) throws(Failure) {
    switch format {
    case .json, .jsonl:
      try output.data(String(decoding: try StrictJSON.encode(json), as: UTF8.self) + "\n")
    case .csv: try show(facts.row)
    case .table, .md:
      var style = style
      if format == .table { style.showsHeader = false }
      try output.table(style.columns == nil ? facts.sheet(language) : facts.row, style)
    }
  }

  func text(_ zh: String, _ en: String) -> String { Phrase(zh, en)[language] }
}

/// Facts about one thing, in reading order.
struct Facts {
  private var facts: [(column: Column, cell: Cell)] = []

  /// - Parameters:
  ///   - key: the name for programs.
  ///   - title: the name for people.
  mutating func add(_ key: String, _ title: String, _ cell: Cell) { facts.append((Column(key, title: title), cell)) }

  /// All facts as one row.
  var row: Table {
    var table = Table(facts.map(\.column))
    table.append(facts.map(\.cell))
    return table
  }

  /// A fact a line.
  func sheet(_ language: Language) -> Table {
    var table = Table([
      Column("name", title: Phrase("项目", "Fact")[language]),
      Column("value", title: Phrase("值", "Value")[language], alignment: .left),
    ])
    for fact in facts { table.append([.text(fact.column.title), fact.cell]) }
    return table
  }
}

func isSocket(_ path: String) -> Bool {
  var facts = stat()
  return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFSOCK
}
