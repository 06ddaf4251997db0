import AdminAPI
import Console
import Foundation
import Logging
import Messages
import Synchronization
import Testing

@testable import xylemctl

/// A folder in /tmp that is gone after the test; short, for socket paths are.
func withFolder<Result>(_ body: (String) async throws -> Result) async throws -> Result {
  let path = "/tmp/xyl-\(UUID().uuidString.prefix(8))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record("\(path) stays: \(error)") } }
  return try await body(path)
}

/// A server over `backend` in a folder of its own, for as long as `body` runs.
func withServer<Result: Sendable>(
  _ backend: FakeBackend = FakeBackend(),
  _ body: @escaping @Sendable (_ folder: String, _ socket: String) async throws -> Result
) async throws -> Result {
  try await withFolder { folder in
    let socket = folder + "/x.sock"
    return try await serving(backend, socket) { try await body(folder, socket) }
  }
}

func serving<Result: Sendable>(
  _ backend: FakeBackend, _ socket: String, _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  var log = Logger(label: "test")
  log.logLevel = .critical
  let (ready, announce) = AsyncStream<Void>.makeStream()
  let server = AdminServer(backend: backend, socketPath: socket, log: log) { announce.finish() }
  return try await withThrowingTaskGroup(of: Result?.self) { group in
    group.addTask {
      defer { announce.finish() }
      try await server.run()
      return nil
    }
    group.addTask {
      for await _ in ready {}
      return try await body()
    }
    defer { group.cancelAll() }
    while let finished = try await group.next() { if let finished { return finished } }
    throw CancellationError()
  }
}

/// What a command did.
struct Run {
  let status: Int32
  let data: String
  let talk: String
}

/// Runs a command in this process with sinks of its own.
func run(
  _ arguments: [String], language: Language = .en, isTerminal: Bool = false, environment: [String: String] = [:]
) async -> Run {
  let data = MemorySink(isTerminal: isTerminal, width: isTerminal ? 100 : nil)
  let talk = MemorySink()
  let invocation = Invocation(
    language: language, environment: { environment[$0] ?? ($0 == "NO_COLOR" ? "1" : nil) }, sinks: (data, talk))
  let status = await Invocation.$current.withValue(invocation) { await Xylemctl.run(arguments) }
  return Run(status: status, data: data.text, talk: talk.text)
}

/// Runs `work` on a thread of its own: what blocks must not hold the threads that the server needs to answer.
func blocking<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Swift.Result { try work() }) }
  }
}

/// One HTTP exchange by hand: what was sent goes out as it is, the answer comes back whole.
func exchange(_ socketPath: String, _ text: String) async throws -> String {
  try await blocking { try exchangeNow(socketPath, text) }
}

private func exchangeNow(_ socketPath: String, _ text: String) throws -> String {
  let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socketPath.utf8)) }
  let status = withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  try #require(status == 0)
  // Nobody waits for ever for a server that does not answer.
  var patience = timeval(tv_sec: 10, tv_usec: 0)
  setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
  // The server may refuse and leave before it has read all of it.
  _ = signal(SIGPIPE, SIG_IGN)
  _ = DescriptorSink(descriptor).write(Array(text.utf8))
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count <= 0 { return String(decoding: answer, as: UTF8.self) }
    answer += buffer.prefix(count)
  }
}
