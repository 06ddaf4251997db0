import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Foundation
import Messages

@main
struct XylemCtl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "xylemctl", abstract: "Asks a node and shows its answer.",
    discussion: """
      xylemctl --socket city.sock tree
      xylemctl --socket city.sock query member --where "birth_date < 1950-01-01" --select name,birth_date,edu.highest
      xylemctl --socket city.sock stat member --by sex,edu.highest --under 033005
      xylemctl --socket town.sock import member member.csv

      Exit: 0 done · 2 the check found problems · 3 not found · 4 conflict · 5 temporary, try again · 6 not allowed · 64 usage
      """,
    subcommands: [
      Status.self, Tree.self, Import.self, Query.self, Stat.self, Match.self, Get.self, Verify.self, Doctor.self,
      Version.self, Initialise.self,
    ])

  /// ArgumentParser suggests for options only; a mistyped verb deserves as much.
  static func main() async {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let names = configuration.subcommands.map { $0.configuration.commandName ?? "" } + ["help"]
    let valued = ["--socket", "-o", "--output", "--columns", "--lang", "--color", "--timeout"]
    var position = 0
    while position < arguments.count, arguments[position].hasPrefix("-") {
      position += valued.contains(arguments[position]) ? 2 : 1
    }
    if position < arguments.count, !names.contains(arguments[position]) {
      let near = names.min { distance(arguments[position], $0) < distance(arguments[position], $1) } ?? "help"
      let failure = Failure(.clientUnknownCommand, ["command": arguments[position], "suggestion": near])
      Output.standard().report(failure)
      Self.exit(withError: ExitCode(64))
    }
    // Options before the verb are the verb's: `xylemctl --socket city.sock tree`.
    let ordered =
      position < arguments.count && position > 0
      ? [arguments[position]] + arguments[..<position] + arguments[(position + 1)...] : arguments
    do {
      var command = try parseAsRoot(Array(ordered))
      if var asynchronous = command as? any AsyncParsableCommand {
        try await asynchronous.run()
      } else {
        try command.run()
      }
    } catch { exit(withError: error) }
  }

  private static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (i, character) in left.enumerated() {
      var previous = row[0]
      row[0] = i + 1
      for (j, other) in right.enumerated() {
        let cost = previous + (character == other ? 0 : 1)
        previous = row[j + 1]
        row[j + 1] = min(cost, row[j] + 1, previous + 1)
      }
    }
    return row[right.count]
  }
}

extension TableFormat: ExpressibleByArgument {}
extension ColorChoice: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}

/// What every command takes.
struct Common: ParsableArguments {
  @Option(help: "The daemon's Unix socket; default $XYLEM_SOCKET.") var socket: String?
  @Option(name: [.short, .long], help: "table, json, jsonl, csv or md; default a table, csv in a pipe.") var output:
    TableFormat?
  @Option(help: "Columns to show, by key, separated by commas.") var columns: String?
  @Flag(help: "Leave the heading out.") var noHeaders = false
  @Option(help: "zh or en; default from the environment.") var lang: Language?
  @Option(help: "auto, always or never.") var color: ColorChoice = .auto
  @Option(help: "Seconds to wait for an answer.") var timeout = 60
  @Flag(name: .short, help: "Say less.") var quiet = false

  func open() -> (output: Console.Output, client: AdminClient) {
    let path = socket ?? ProcessInfo.processInfo.environment["XYLEM_SOCKET"] ?? "/run/xylem/xylemd.sock"
    return (
      Console.Output.standard(language: lang, color: color, isQuiet: quiet),
      AdminClient(socketPath: path, seconds: timeout)
    )
  }

  /// Runs one request: prints its table, or reports its failure and exits with its code.
  func run(_ body: (Console.Output, AdminClient) async throws -> Int32) async throws {
    let (out, client) = open()
    let code: Int32
    do { code = try await body(out, client) } catch let failure as Failure {
      out.report(failure, asJSON: output == .json)
      code = failure.exitCode
    }
    if code != 0 { throw ExitCode(code) }
  }

  func show(_ table: Table, _ out: Console.Output) throws {
    var style = TableStyle(output ?? .automatic(isTerminal: out.isTerminal))
    style.columns = columns?.split(separator: ",").map(String.init)
    style.showsHeader = !noHeaders
    try out.table(table, style)
  }
}

extension TableResponse {
  /// The answer as a table with headings in the reader's language.
  func table(_ language: Language) -> Table {
    var table = Table(
      columns.map {
        Console.Column($0.name, title: language == .zh ? $0.labelZH : $0.labelEN, alignment: $0.isNumber ? .right : nil)
      },
      schema: schema)
    for row in rows {
      table.append(
        zip(row, columns).map { value, column in
          guard let value else { return .null }
          if column.isNumber, let number = Int(value) { return .integer(number) }
          return .text(value)
        })
    }
    return table
  }
}
