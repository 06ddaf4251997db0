import AdminProtocol
import ArgumentParser
import Console
import Glibc
import Messages

struct VersionCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "version", abstract: phrase("客户端与守护进程的版本。", "The versions of client and daemon."),
      discussion: examples(["xylemctl version", "xylemctl version -o json"]))
  }
  @OptionGroup var options: CommonOptions

  private struct Versions: Encodable {
    let schema = "xylemctl/version/v1"
    let client: String
    let daemon: VersionResponse?
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    var daemon: VersionResponse?
    do throws(Failure) { daemon = try await session.client().version() } catch {
      // The client's own version is an answer too; only an unreachable daemon is passed over.
      guard error.code == .clientUnreachable else { throw error }
      session.output.say(error.text(session.language).what)
    }
    var facts = Facts()
    facts.add("client", session.text("客户端", "Client"), .text(Release.version))
    facts.add("daemon", session.text("守护进程", "Daemon"), daemon.map { .text($0.version) } ?? .null)
    if let daemon {
      facts.add("node", session.text("节点", "Node"), .text(daemon.node))
      facts.add("protocol", session.text("链路协议", "Link protocol"), .integer(daemon.protocolVersion))
      facts.add("frame", session.text("帧格式", "Frame format"), .integer(daemon.frameVersion))
      facts.add("row", session.text("行格式", "Row format"), .integer(daemon.rowVersion))
      facts.add("catalog", session.text("目录", "Catalog"), .text(daemon.catalog))
    }
    try session.show(facts, json: Versions(client: Release.version, daemon: daemon))
    return .done
  }
}

struct InitCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "init", abstract: phrase("建立节点；由 xylemd init 执行。", "Creates a node; xylemd init does it."),
      discussion: examples(["xylemctl init --directory data --network ningbo --code 033 --name 中共宁波市委员会"]))
  }
  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp(phrase("xylemd init 的参数。", "Arguments of xylemd init.")))
  var arguments: [String] = []

  func run() throws { try becomeDaemonProgram(["init"] + arguments) }
}

struct CertificateCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "cert",
      abstract: phrase("网络自己的证书签发；由 xylemd cert 执行。", "The network's own authority; xylemd cert does it."),
      discussion: examples(["xylemctl cert --help", "xylemctl cert list --ca ca"]))
  }
  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp(phrase("xylemd cert 的参数。", "Arguments of xylemd cert.")))
  var arguments: [String] = []

  func run() throws { try becomeDaemonProgram(["cert"] + arguments) }
}

struct BenchCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "bench",
      abstract: phrase(
        "测量这台机器适合哪一级节点；由 xylemd bench 执行。", "What node this machine is good for; xylemd bench does it."),
      discussion: examples([
        "xylemctl bench disk --directory /var/lib/xylem", "xylemctl bench all --profile county -o json",
      ]))
  }
  @Argument(
    parsing: .captureForPassthrough, help: ArgumentHelp(phrase("xylemd bench 的参数。", "Arguments of xylemd bench.")))
  var arguments: [String] = []

  func run() throws { try becomeDaemonProgram(["bench"] + arguments) }
}

/// Replaces this process by `xylemd` with these arguments: what needs a store or a key without a daemon is done there.
func becomeDaemonProgram(_ arguments: [String]) throws {
  var pointers: [UnsafeMutablePointer<CChar>?] = (["xylemd"] + arguments).map { strdup($0) }
  pointers.append(nil)
  defer { for case let pointer? in pointers { free(pointer) } }
  // execv(3) returns only to say why it did not.
  if let beside = besideThisProgram("xylemd"), access(beside, X_OK) == 0 { execv(beside, pointers) }
  execvp("xylemd", pointers)
  throw Failure(.clientDamagedInstallation, ["file": "xylemd"])
}

private func besideThisProgram(_ name: String) -> String? {
  var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
  let count = buffer.withUnsafeMutableBytes { bytes in
    bytes.withMemoryRebound(to: CChar.self) { text in
      text.baseAddress.map { readlink("/proc/self/exe", $0, text.count) } ?? 0
    }
  }
  guard count > 0, let slash = buffer[..<count].lastIndex(of: UInt8(ascii: "/")) else { return nil }
  return String(decoding: buffer[...slash], as: UTF8.self) + name
}

struct CompletionCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "completion", abstract: phrase("输出命令补全脚本。", "Prints a shell's completion script."),
      discussion: examples(["xylemctl completion bash > /etc/bash_completion.d/xylemctl"]))
  }
  @Argument(help: ArgumentHelp("bash, zsh, fish")) var shell: String

  func run() throws {
    guard let known = CompletionShell(rawValue: shell) else {
      throw Failure(.clientBadArgument, ["argument": "completion", "expected": "bash, zsh, fish", "found": shell])
    }
    try Invocation.current.output().data(Xylemctl.completionScript(for: known) + "\n")
  }
}

/// `xylemctl help exit-codes`.
struct ExitCodesCommand: ParsableCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(commandName: "exit-codes", abstract: phrase("退出码的含义。", "What exit codes mean."))
  }
  @OptionGroup var options: CommonOptions

  func run() throws {
    let session = Session(options, Invocation.current.output(color: options.color, isQuiet: options.quiet))
    var table = Table([
      Column("code", title: session.text("退出码", "EXIT CODE")), Column("meaning", title: session.text("含义", "MEANING")),
    ])
    for status in ExitStatus.allCases {
      table.append([.integer(Int(status.rawValue)), .text(status.meaning[session.language])])
    }
    try session.show(table)
  }
}
