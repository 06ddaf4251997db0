import AdminAPI
import ArgumentParser
import Certificates
import Foundation
import Logging
import Messages
import NodeConfiguration
import Ports
import Primitives
import ServiceLifecycle
import Xylem
import XylemNetwork

@main
struct XylemDaemon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "xylemd", abstract: "The node daemon.",
    discussion: """
      xylemd init --directory data --network ningbo --code 033 --name 中共宁波市委员会
      xylemd serve --config node.yaml
      """,
    subcommands: [
      Initialise.self, Serve.self, CheckConfig.self, BackupCommand.self, RestoreCommand.self, RecoverCommand.self,
      EvidenceCommand.self, CertificateCommand.self, AuditCommand.self, BenchCommand.self,
    ])
}

struct Initialise: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Creates a node's store; the only command that creates anything.",
    discussion: """
      xylemd init --config node.yaml
      xylemd init --directory data --network ningbo --code 033001 --name 中共宁波市海曙区委员会 --parent-code 033
      """)

  @Option(help: "The YAML file: takes network, node.directory, code, name, parent_code and id from it.")
  var config: String?
  @Option(help: "A missing or empty directory.") var directory: String?
  @Option(help: "The network's name; frames never cross networks.") var network: String?
  @Option(help: "Code of the domain's root org, quoted: '033001'.") var code: String?
  @Option(help: "Name of the domain's root org.") var name: String?
  @Option(help: "Code of the org above; leave out at the top.") var parentCode: String?

  func run() async throws {
    let config = try readConfig(
      config,
      flags: [
        "node.directory": directory, "network": network, "node.code": code, "node.name": name,
        "node.parent_code": parentCode,
      ])
    do throws(Failure) {
      func demand(_ value: String?, _ key: String, _ example: String) throws(Failure) -> String {
        if let value { return value }
        let flag = "--" + (key.split(separator: ".").last.map(String.init) ?? key)
        throw Failure(
          .configKeyMissing, ["key": key, "example": "\(key): \(example), \(flag)", "file": self.config ?? "-"])
      }
      let network = try demand(config.network, "network", "ningbo")
      let code = try demand(config.code, "node.code", "\"033001\"")
      let name = try demand(config.name, "node.name", "中共宁波市海曙区委员会")
      let identity = try Node.create(
        at: config.directory, network: network, code: code, name: name, parentCode: config.parentCode ?? "",
        id: config.id?.value)
      FileHandle.standardError.write(Data("created \(config.directory) for \(code) \(name)\n".utf8))
      // The parent's link.children takes this line, which is the one that goes to standard output.
      FileHandle.standardOutput.write(Data("\(code)=\(identity.key.bytes.hex)\n".utf8))
    } catch { throw stop(error) }
  }
}

/// The effective configuration, or every reason why there is none.
func readConfig(
  _ path: String?, flags: [String: String?], isPlaintextForTests: Bool = false
) throws -> NodeConfig {
  let (config, failures) = ConfigReader.read(
    path: path, environment: ProcessInfo.processInfo.environment, flags: flags.compactMapValues { $0 },
    isPlaintextForTests: isPlaintextForTests)
  guard failures.isEmpty else {
    for failure in failures { report(failure) }
    throw ExitCode(failures[0].exitCode)
  }
  return config
}

struct ConfigOptions: ParsableArguments {
  @Option(help: "The YAML file.") var config: String?
  @Option(help: "Overrides node.directory.") var directory: String?
  @Option(help: "Overrides admin.socket.") var socket: String?
  @Option(help: "Overrides link.listen.") var listen: String?
  @Option(help: "Overrides link.parent.") var parent: String?

  @Flag(
    name: .customLong("insecure-plaintext-for-tests"),
    help: "Links without encryption and certificates, on the loopback device only. For tests of other things.")
  var isPlaintextForTests = false

  func read() throws -> NodeConfig {
    try readConfig(
      config,
      flags: [
        "node.directory": directory, "admin.socket": socket, "link.listen": listen, "link.parent": parent,
      ], isPlaintextForTests: isPlaintextForTests)
  }
}

struct CheckConfig: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config", abstract: "Checks a configuration and shows every key with its source.")
  @OptionGroup var options: ConfigOptions

  func run() throws {
    let config = try options.read()
    for key in NodeConfig.keys {
      let line = "\(key): \(config.text(of: key) ?? "-")    # \(config.origins[key] ?? "default")\n"
      FileHandle.standardOutput.write(Data(line.utf8))
    }
  }
}

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "serve", abstract: "Runs the node until SIGTERM.")
  @OptionGroup var options: ConfigOptions

  func run() async throws {
    let config = try options.read()
    let isJSON = config.logFormat == "json"
    let level = Logger.Level(rawValue: config.logLevel) ?? .info
    LoggingSystem.bootstrap { label in
      var handler: any LogHandler = isJSON ? JSONLogHandler(label: label) : StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
    let log = Logger(label: "xylemd")
    do { try await serve(config, log) } catch let failure as Failure { throw stop(placed(failure, config)) }
  }

  /// The failure with the place in the configuration where its reader mends it.
  private func placed(_ failure: Failure, _ config: NodeConfig) -> Failure {
    let key: String
    switch failure.code {
    case .configPortInUse: key = failure.value(of: "key") ?? "link.listen"
    case .configCertificate: key = failure.value(of: "key") ?? "tls.certificate"
    case .configSecretExposed where failure.value(of: "key") != nil: key = failure.value(of: "key") ?? "tls.key"
    case .configOtherNode, .configDirectoryMissing, .storageNotAStore: key = "node.directory"
    default: return failure
    }
    let place = config.origins[key].map { "\(key) (\($0))" } ?? key
    return Failure(
      failure.code, fields: failure.fields.filter { $0.name != "key" } + [Failure.Field(name: "key", value: place)])
  }

  private func serve(_ config: NodeConfig, _ log: Logger) async throws {
    var nodeOptions = Node.Options()
    nodeOptions.children = config.children
    nodeOptions.expected.network = config.network
    nodeOptions.expected.rootOrgCode = config.code
    nodeOptions.expected.node = config.id
    nodeOptions.importRejectsMax = config.importRejectsMax
    nodeOptions.firstSyncRowsMin = config.snapshotRows
    nodeOptions.setMemory(cache: config.cache, writeBuffers: config.writeBuffer)
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: config.directory, isDirectory: &isDirectory), isDirectory.boolValue
    else { throw Failure(.configDirectoryMissing, ["directory": config.directory, "key": "node.directory"]) }
    nodeOptions.today = config.today.flatMap { CivilDate(iso: $0) }
    let carrier = try await carrier(config, log)
    let node = try await Node.open(at: config.directory, options: nodeOptions, carrier: carrier, log: log)
    log.info("serving", metadata: ["org": "\(node.identity.rootOrgCode)", "socket": "\(config.socket)"])
    let server = AdminServer(
      node: node, socketPath: config.socket, isOpenToAll: config.isSocketOpenToAll, log: log)
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(service: server, successTerminationBehavior: .gracefullyShutdownGroup),
          // A node that cannot write ends the process, so that whoever watches it sees an exit.
          .init(service: NodeWatch(node: node), failureTerminationBehavior: .gracefullyShutdownGroup),
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: log))
    do { try await group.run() } catch {
      await node.close()
      throw error
    }
    await node.close()
    log.info("stopped")
  }
}

/// The links that a configuration asks for; nil when it asks for none.
private func carrier(_ config: NodeConfig, _ log: Logger) async throws(Failure) -> (any LinkCarrier)? {
  if config.listen == nil, config.parent == nil { return nil }
  let protection: Links.Protection
  if config.isPlaintextForTests {
    log.warning("INSECURE: links are not encrypted and nobody proves who he is; this is for tests only")
    protection = .insecurePlaintextForTests
  } else {
    guard let certificate = config.tlsCertificate, let key = config.tlsKey, let authorities = config.tlsAuthorities
    else {
      requirementFailed("a configuration with links and without certificates is refused")
    }
    protection = .certificates(
      CredentialFiles(certificate: certificate, key: key, authorities: authorities, denied: config.tlsRevoked),
      parentNode: config.parentNode, issuer: config.tlsIssuer)
  }
  return try await Links.carrier(listen: config.listen, parent: config.parent, protection: protection, log: log)
}

/// Fails when the node stops of itself.
private struct NodeWatch: Service {
  let node: Node

  func run() async throws {
    try await cancelWhenGracefulShutdown {
      if let failure = await node.untilStopped() { throw failure }
      // Asked to stop: the group ends when the server has.
      try? await gracefulShutdown()
    }
  }
}

func report(_ failure: Failure) {
  let language = Language.current
  FileHandle.standardError.write(Data((failure.text(language).lines.joined(separator: "\n") + "\n").utf8))
}

func stop(_ failure: Failure) -> ExitCode {
  report(failure)
  return ExitCode(failure.exitCode)
}

extension Language {
  /// From `XYLEM_LANG`, `LC_ALL`, `LANG`: Chinese when one of them begins with zh, in this order.
  static var current: Language {
    let environment = ProcessInfo.processInfo.environment
    let name = environment["XYLEM_LANG"] ?? environment["LC_ALL"] ?? environment["LANG"] ?? ""
    return name.hasPrefix("zh") ? .zh : .en
  }
}
