import AdminClient
import Foundation
import Messages
import Testing

/// The folder of built programs, beside the test bundle.
let programs: String =
  CommandLine.arguments.first.map { URL(fileURLWithPath: $0).deletingLastPathComponent().path } ?? "."

/// How a program ended and what it said.
struct Ended: Sendable {
  let status: Int32
  let text: String
}

/// Runs a program to its end; its waiting does not hold a thread of the tests' pool.
///
/// - Parameter folder: where it is; our own programs lie beside the tests.
func run(
  _ program: String, _ arguments: [String], folder: String = programs, environment: [String: String] = [:]
) async throws -> Ended {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      continuation.resume(
        with: Result {
          let process = Process()
          process.executableURL = URL(fileURLWithPath: folder + "/" + program)
          process.arguments = arguments
          process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
          let pipe = Pipe()
          process.standardOutput = pipe
          process.standardError = pipe
          process.standardInput = FileHandle.nullDevice
          try process.run()
          let output = pipe.fileHandleForReading.readDataToEndOfFile()
          process.waitUntilExit()
          return Ended(status: process.terminationStatus, text: String(decoding: output, as: UTF8.self))
        })
    }
  }
}

/// A scratch folder under a short path, for sockets' paths end at 107 bytes.
func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
  let path = "/tmp/xylemd-\(UInt32.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

/// A port nobody listens on at this moment.
func freePort() -> Int {
  let handle = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(handle) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  return withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      _ = bind(handle, pointer, length)
      _ = getsockname(handle, pointer, &length)
    }
    return Int(UInt16(bigEndian: $0.pointee.sin_port))
  }
}

/// Daemons in a chain: the first is the top, each next one is a child of the one before.
final class Chain: @unchecked Sendable {
  // SAFETY: `processes` is touched by the one task that kills and starts; others use sockets only.
  let folder: String
  let codes: [String]
  private let ports: [Int]
  private let parents: [Int]
  private var processes: [Process?]

  /// - Parameter parents: whose child each node is; nil is the one before. The first node is the top.
  init(_ folder: String, _ nodes: [(code: String, name: String)], under parents: [Int]? = nil) async throws {
    self.parents = parents ?? nodes.indices.map { $0 - 1 }
    self.folder = folder
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    codes = nodes.map(\.code)
    ports = nodes.map { _ in freePort() }
    processes = nodes.map { _ in nil }
    for (number, node) in nodes.enumerated() {
      var text = "network: chain\nnode:\n  directory: \(folder)/\(node.code)\n  code: \"\(node.code)\"\n"
      text += "  name: \(node.name)\n"
      if number > 0 { text += "  parent_code: \"\(nodes[self.parents[number]].code)\"\n" }
      text += "tls:\n  certificate: \(tls(number))/node.crt\n  key: \(tls(number))/node.key\n"
      text += "  authorities: \(tls(number))/authorities.crt\n"
      text += "admin:\n  socket: \(folder)/\(node.code).sock\n"
      text += "calendar:\n  today: 2005-09-30\nlog:\n  level: notice\nlink:\n  listen: 127.0.0.1:\(ports[number])\n"
      if number > 0 { text += "  parent: 127.0.0.1:\(ports[self.parents[number]])\n" }
      try text.write(toFile: configuration(number), atomically: true, encoding: .utf8)
      let made = try await run("xylemd", ["init", "--config", configuration(number)])
      #expect(made.status == 0, "\(made.text)")
    }
    let authority = try await run("xylemd", ["cert", "init-ca", "--ca", ca, "--network", "chain", "--name", "root"])
    #expect(authority.status == 0, "\(authority.text)")
    for (number, code) in codes.enumerated() {
      let issued = try await run(
        "xylemd", ["cert", "issue", "--ca", ca, "--directory", "\(folder)/\(code)", "--out", tls(number)])
      #expect(issued.status == 0, "\(issued.text)")
    }
  }

  func configuration(_ number: Int) -> String { "\(folder)/\(codes[number]).yaml" }
  /// The folder of the chain's authority, and of a node's certificate.
  var ca: String { folder + "/ca" }
  func tls(_ number: Int) -> String { "\(folder)/tls-\(codes[number])" }
  func port(_ number: Int) -> Int { ports[number] }
  func log(_ number: Int) -> String {
    (try? String(contentsOfFile: "\(folder)/\(codes[number]).log", encoding: .utf8)) ?? ""
  }
  func client(_ number: Int, seconds: Int = 20) -> AdminClient {
    AdminClient(socketPath: "\(folder)/\(codes[number]).sock", seconds: seconds)
  }

  /// Starts a daemon and returns when it answers.
  func start(_ number: Int) async throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: programs + "/xylemd")
    process.arguments = ["serve", "--config", configuration(number)]
    let log = "\(folder)/\(codes[number]).log"
    if !FileManager.default.fileExists(atPath: log) { _ = FileManager.default.createFile(atPath: log, contents: nil) }
    let handle = FileHandle(forWritingAtPath: log)
    handle?.seekToEndOfFile()
    process.standardOutput = handle
    process.standardError = handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    processes[number] = process
    let client = client(number, seconds: 2)
    for _ in 0..<600 {
      if (try? await client.version()) != nil { return }
      if !process.isRunning { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    let told = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
    Issue.record("the daemon of \(codes[number]) does not serve: \(told.suffix(2000))")
    throw CancellationError()
  }

  /// Ends a daemon the hard way, or politely, and returns its exit status.
  @discardableResult
  func end(_ number: Int, _ signal: Int32) async -> Int32 {
    guard let process = processes[number] else { return -1 }
    kill(process.processIdentifier, signal)
    while process.isRunning { try? await Task.sleep(for: .milliseconds(5)) }
    processes[number] = nil
    return process.terminationStatus
  }

  func endAll() async {
    for number in codes.indices { await end(number, SIGKILL) }
  }
}
