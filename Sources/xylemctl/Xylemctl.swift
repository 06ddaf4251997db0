import AdminProtocol
import ArgumentParser
import Console
import Messages

/// The thin client of a node: it sends one request over the daemon's Unix socket and prints the answer. No business
/// rule and no store is linked in.
@main
struct Xylemctl: AsyncParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "xylemctl",
      abstract: phrase("查看和操作一个节点。", "Looks after a node."),
      discussion: examples([
        "xylemctl status",
        "xylemctl import member 党员.csv --dry-run",
        "xylemctl query member --where \"sex = '2'\" --under 033001 --select name,birth_date --limit 20",
        "xylemctl stat member --by sex,edu.highest -o csv",
      ]),
      version: Release.version,
      subcommands: [
        StatusCommand.self, TreeCommand.self, ImportCommand.self, QueryCommand.self, StatCommand.self,
        SQLCommand.self, ExportCommand.self, ChangesCommand.self, MatchCommand.self, ReportGroup.self,
        GetCommand.self, CatalogCommand.self, VerifyCommand.self, QueueCommand.self, WaitCommand.self,
        DoctorCommand.self, BundleGroup.self, NodeGroup.self, VersionCommand.self, BackupGroup.self, DomainGroup.self,
        NoticeGroup.self, HandoverGroup.self, LoginCommand.self, LogoutCommand.self, WhoamiCommand.self, UserGroup.self,
        AccessGroup.self, AuditGroup.self, WhereCommand.self, InitCommand.self, CertificateCommand.self,
        BenchCommand.self,
        CompletionCommand.self, ExitCodesCommand.self,
      ])
  }

  static func main() async {
    let status = await run(Array(CommandLine.arguments.dropFirst()))
    exitProcess(status)
  }

  /// Parses and runs one command line; returns the exit status instead of ending the process, so that tests may call
  /// it.
  static func run(_ arguments: [String]) async -> Int32 {
    var invocation = Invocation.current
    if let language = askedLanguage(arguments) { invocation.language = language }
    return await Invocation.$current.withValue(invocation) { await execute(arguments) }
  }

  private static func execute(_ arguments: [String]) async -> Int32 {
    let output = Invocation.current.output()
    do {
      let prepared = try prepare(
        arguments, commands: configuration.subcommands.compactMap { $0.configuration.commandName })
      var command = try parseAsRoot(prepared)
      if var command = command as? any AsyncParsableCommand { try await command.run() } else { try command.run() }
      return ExitStatus.done.rawValue
    } catch {
      guard let failure = error as? Failure else { return explain(error, output) }
      output.report(failure, asJSON: asksForJSON(arguments))
      return failure.exitCode
    }
  }

  /// Help and version are data, mistakes are talk; a bare exit code was explained by its command.
  private static func explain(_ error: any Error, _ output: Output) -> Int32 {
    if let code = error as? ExitCode { return code.rawValue }
    let status = exitCode(for: error).rawValue
    let text = fullMessage(for: error)
    if status != 0 {
      output.complain(text)
    } else if !text.isEmpty {
      do { try output.data(text.hasSuffix("\n") ? text : text + "\n") } catch {
        output.report(error)
        return error.exitCode
      }
    }
    return status
  }
}
