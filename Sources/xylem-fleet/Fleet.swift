import AdminClient
import AdminProtocol
import Certificates
import Foundation
import Messages
import Primitives

/// Daemons of one network, started and stopped by us: one process a node, links and sockets of this machine only.
final class Fleet: @unchecked Sendable {
  // SAFETY: `processes` is filled before any task uses the fleet and emptied after all of them ended.
  let network: Network
  let directory: String
  let binaries: String
  private let socketDirectory: String
  private var processes: [String: Process] = [:]
  /// What each node's creation printed for its parent: code and public key.
  private var permits: [String: String] = [:]
  private let portBase: Int
  private let today: String

  /// - Parameters:
  ///   - directory: where stores, configurations and logs go; one directory holds everything.
  ///   - binaries: where `xylemd` is.
  init(network: Network, directory: String, binaries: String, today: String) throws {
    self.network = network
    self.directory = directory
    self.binaries = binaries
    self.today = today
    // Unix socket paths end at 107 bytes; a deep directory gets its sockets in the temporary one.
    let beside = directory + "/sockets"
    socketDirectory = beside.utf8.count < 80 ? beside : NSTemporaryDirectory() + "xylem-\(getpid())"
    try FileManager.default.createDirectory(atPath: socketDirectory, withIntermediateDirectories: true)
    portBase = try Fleet.freePorts(network.nodes.count)
  }

  func socket(_ node: FleetNode) -> String { "\(socketDirectory)/\(node.code).sock" }
  func client(_ node: FleetNode, seconds: Int = 120) -> AdminClient {
    AdminClient(socketPath: socket(node), seconds: seconds)
  }

  /// Where the network's authority is: tours show what it does.
  var authorityFolder: String { directory + "/ca" }

  /// Creates every store and a certificate for each node, then starts every daemon, parents first; returns when all
  /// answer.
  ///
  /// Stores come first: a parent's configuration names its children with the keys that their creation printed.
  func start(_ told: (Int) -> Void) async throws {
    for node in network.nodes { try create(node) }
    try issueCertificates()
    for (number, node) in network.nodes.enumerated() {
      let home = "\(directory)/\(node.code)"
      try configuration(node, number).write(toFile: home + "/xylemd.yaml", atomically: true, encoding: .utf8)
      processes[node.code] = try spawn(["serve", "--config", home + "/xylemd.yaml"], log: home + "/xylemd.log")
      told(number + 1)
    }
    for node in network.nodes { try await waitUntilReady(node) }
  }

  private func create(_ node: FleetNode) throws {
    let home = "\(directory)/\(node.code)"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    if !FileManager.default.fileExists(atPath: home + "/store") {
      var arguments = [
        "init", "--directory", home + "/store", "--network", Fleet.networkName, "--code", node.code, "--name",
        node.displayName,
      ]
      if let parent = node.parentCode { arguments += ["--parent-code", parent] }
      let initialise = try spawn(arguments, log: home + "/xylemd.log", output: home + "/child.txt")
      initialise.waitUntilExit()
      guard initialise.terminationStatus == 0 else { throw Fleet.failed("xylemd init", home) }
    }
    guard let line = try? String(contentsOfFile: home + "/child.txt", encoding: .utf8) else {
      throw Fleet.failed("xylemd init", home)
    }
    permits[node.code] = line.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// An authority of this network's own, and what it issues: every link runs under TLS, as in service.
  private func issueCertificates() throws {
    do {
      let authority = try AuthorityFolder.create(
        authorityFolder, network: Fleet.networkName, name: "quickstart root",
        days: Authority.Life.authorityDays, now: Date())
      for node in network.nodes {
        _ = try authority.issue(to: try id(node), label: node.code, into: tls(node), now: Date())
      }
    } catch let problem as FileProblem {
      throw Failure(.configCertificate, ["file": problem.path, "reason": "\(problem.kind)"])
    }
  }

  /// Where a node's certificate is, its log, and where its children dial.
  func tls(_ node: FleetNode) -> String { "\(directory)/\(node.code)/tls" }

  func log(_ node: FleetNode) -> String { "\(directory)/\(node.code)/xylemd.log" }
  func port(_ node: FleetNode) -> Int { portBase + (network.nodes.firstIndex { $0.code == node.code } ?? 0) }

  /// The id that its creation drew, from the store's NODE file.
  private func id(_ node: FleetNode) throws -> NodeID {
    let home = "\(directory)/\(node.code)"
    let text = (try? String(contentsOfFile: home + "/store/NODE", encoding: .utf8)) ?? ""
    let digits = text.split(separator: "\n").first { $0.hasPrefix("node: ") }?.dropFirst(6) ?? ""
    guard let id = UInt64(digits, radix: 16).flatMap({ NodeID(exactly: $0) }) else {
      throw Fleet.failed("xylemd init", home)
    }
    return id
  }

  private static let networkName = "quickstart"

  private func configuration(_ node: FleetNode, _ number: Int) -> String {
    var text = "node:\n  directory: \"\(directory)/\(node.code)/store\"\nadmin:\n  socket: \"\(socket(node))\"\n"
    text += "tls:\n  certificate: \"\(tls(node))/node.crt\"\n  key: \"\(tls(node))/node.key\"\n"
    text += "  authorities: \"\(tls(node))/authorities.crt\"\n"
    text += "calendar:\n  today: \(today)\nlog:\n  level: notice\n"
    text += "link:\n"
    if !node.isLeaf {
      let children = network.nodes.filter { $0.parentCode == node.code }.map { "\"\(permits[$0.code] ?? $0.code)\"" }
      text += "  listen: 127.0.0.1:\(portBase + number)\n  children: [\(children.joined(separator: ", "))]\n"
    }
    if !node.isOffline, let parent = network.nodes.firstIndex(where: { $0.code == node.parentCode }) {
      text += "  parent: 127.0.0.1:\(portBase + parent)\n"
    }
    return text
  }

  /// - Parameter output: where standard output goes, beside the log that has everything else.
  private func spawn(_ arguments: [String], log: String, output: String? = nil) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binaries + "/xylemd")
    process.arguments = arguments
    if !FileManager.default.fileExists(atPath: log) { try Data().write(to: URL(fileURLWithPath: log)) }
    let handle = FileHandle(forWritingAtPath: log)
    handle?.seekToEndOfFile()
    if let output { try Data().write(to: URL(fileURLWithPath: output)) }
    process.standardOutput = output.flatMap { FileHandle(forWritingAtPath: $0) } ?? handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    if arguments.first == "serve" { Interruption.started(process.processIdentifier) }
    return process
  }

  private func waitUntilReady(_ node: FleetNode) async throws {
    let client = client(node, seconds: 5)
    for _ in 0..<300 {
      if (try? await client.version()) != nil { return }
      if processes[node.code]?.isRunning == false { break }
      try await Task.sleep(for: .milliseconds(50))
    }
    throw Fleet.failed("xylemd", "\(directory)/\(node.code)")
  }

  /// Asks every daemon to stop, children first, and waits.
  func stop() async {
    for node in network.nodes.reversed() { processes[node.code]?.terminate() }
    let deadline = ContinuousClock.now + .seconds(15)
    for process in processes.values {
      while process.isRunning, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(20)) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
    }
    processes = [:]
    Interruption.allEnded()
    if !socketDirectory.hasPrefix(directory) { try? FileManager.default.removeItem(atPath: socketDirectory) }
  }

  private static func failed(_ what: String, _ home: String) -> Failure {
    Failure(.clientUnreachable, ["address": what, "reason": "it ended; see \(home)/xylemd.log"])
  }

  /// First of `count` ports in a row that nobody listens on. Where the search begins depends on the process: between
  /// looking and listening another fleet, started at the same time, would find the same ones.
  private static func freePorts(_ count: Int) throws -> Int {
    for number in 0..<40 {
      let base = 20_000 + (number + Int(getpid())) % 40 * 1000
      if (base..<base + count).allSatisfy(isFree) { return base }
    }
    throw Failure(.configPortInUse, ["address": "127.0.0.1:20000-60000", "key": "link.listen"])
  }

  private static func isFree(_ port: Int) -> Bool {
    let handle = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(handle) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(handle, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    } == 0
  }
}
