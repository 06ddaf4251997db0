import AdminClient
import ArgumentParser
import Console
import Messages

/// What surrounds a command: its environment and where its output goes. Tests put sinks of their own in place.
struct Invocation: Sendable {
  var language: Language
  var environment: @Sendable (String) -> String?
  /// Nil is the process's own standard output and error.
  var sinks: (data: any ByteSink, talk: any ByteSink)?

  @TaskLocal static var current = Invocation(
    language: Language(environment: environmentVariable), environment: environmentVariable, sinks: nil)

  func output(color: ColorChoice = .auto, isQuiet: Bool = false) -> Output {
    guard let sinks else { return .standard(language: language, color: color, isQuiet: isQuiet) }
    let clock = ContinuousClock()
    let start = clock.now
    return Output(
      data: sinks.data, talk: sinks.talk, language: language, color: color, isQuiet: isQuiet, environment: environment,
      now: { clock.now - start })
  }
}

extension TableFormat: ExpressibleByArgument {}
extension Language: ExpressibleByArgument {}
extension ColorChoice: ExpressibleByArgument {}

/// The options of every command.
struct CommonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      phrase(
        "守护进程的套接字；默认 $XYLEM_SOCKET、./xylem.sock 或 /run/xylem/xylemd.sock。",
        "The daemon's socket; else $XYLEM_SOCKET, ./xylem.sock or /run/xylem/xylemd.sock."), valueName: "path"))
  var socket: String?
  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp(
      phrase("输出格式；终端默认 table，管道默认 csv。", "The format; table on a terminal, csv in a pipe."), valueName: "format"))
  var output: TableFormat?
  @Option(help: ArgumentHelp(phrase("只输出这些列，用逗号分隔。", "These columns only, comma-separated."), valueName: "a,b"))
  var columns: String?
  @Flag(help: ArgumentHelp(phrase("不输出表头。", "Leaves the heading out.")))
  var noHeaders = false
  @Option(help: ArgumentHelp(phrase("语言：zh 或 en。", "Language: zh or en.")))
  var lang: Language?
  @Option(help: ArgumentHelp(phrase("颜色：auto、always 或 never。", "Colour: auto, always or never.")))
  var color: ColorChoice = .auto
  @Option(
    help: ArgumentHelp(
      phrase("等待答复的秒数；导入不受此限。", "Seconds to wait for the answer; imports have no such limit."),
      valueName: "seconds"))
  var timeout = 60
  @Flag(name: [.customShort("q"), .long], help: ArgumentHelp(phrase("不输出说明和进度。", "No notes and no progress.")))
  var quiet = false

  func validate() throws {
    if !(1...86_400).contains(timeout) {
      throw ValidationError(phrase("--timeout 应为 1 到 86400 秒", "--timeout takes 1 to 86400 seconds"))
    }
  }

  /// Where the daemon listens: as said, as the environment says, else the first usual place where a socket is.
  func socketPath() -> String { socket ?? Self.usualSocketPath }

  /// Where it listens when nobody says.
  static var usualSocketPath: String {
    if let named = Invocation.current.environment("XYLEM_SOCKET"), !named.isEmpty { return named }
    let usual = ["./xylem.sock", "/run/xylem/xylemd.sock"]
    return usual.first(where: isSocket) ?? usual[1]
  }
}

/// A command that prints an answer of the daemon.
protocol NodeCommand: AsyncParsableCommand {
  var options: CommonOptions { get }
  func perform(_ session: Session) async throws(Failure) -> ExitStatus
}

extension NodeCommand {
  func run() async throws {
    let output = Invocation.current.output(color: options.color, isQuiet: options.quiet)
    let session = Session(options, output)
    var status = ExitStatus.done
    do throws(Failure) { status = try await perform(session) } catch {
      output.report(error, asJSON: session.isForPrograms)
      status = error.exitStatus
    }
    if status != .done { throw ExitCode(status.rawValue) }
  }
}
