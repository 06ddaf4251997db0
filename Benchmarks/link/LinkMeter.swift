import Certificates
import Formats
import Foundation
import Logging
import Ports
import Primitives
import Synchronization
import Transport

/// What a link costs: bytes a second and processor time of both ends together, without encryption and under TLS, in one
/// run; and what a handshake costs.
///
///     swift run -c release link-meter [MEBIBYTES]
@main
struct LinkMeter {
  static func main() async throws {
    let mebibytes = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 512
    let folder = NSTemporaryDirectory() + "link-meter-\(getpid())"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let city = try AuthorityFolder.create(folder + "/ca", network: "meter", name: "root", days: 10, now: Date())
    var security: [UInt64: TCPCarrier.Security] = [:]
    for node in [1, 2] as [UInt64] {
      let home = "\(folder)/\(node)"
      _ = try city.issue(to: NodeID(node), label: "\(node)", into: home, now: Date())
      let files = CredentialFiles(
        certificate: home + "/node.crt", key: home + "/node.key", authorities: home + "/authorities.crt")
      security[node] = .certificates(try await Credentials.load(files, at: Date()), files: nil)
    }
    say("link        bytes    message     MiB/s   processor s/GiB   wire bytes/byte")
    for size in [64 << 10, 1 << 10] {
      let bytes = size == 64 << 10 ? mebibytes << 20 : mebibytes << 17
      // Interleaved, so that a busy machine slows both.
      for _ in 0..<3 {
        for (name, upper, lower) in [
          ("plaintext", TCPCarrier.Security.plaintextForTests, TCPCarrier.Security.plaintextForTests),
          ("TLS 1.3", security[1] ?? .plaintextForTests, security[2] ?? .plaintextForTests),
        ] { try await throughput(name, upper, lower, size: size, bytes: bytes) }
      }
    }
    try await handshakes("plaintext", .plaintextForTests, .plaintextForTests)
    try await handshakes("TLS 1.3", security[1] ?? .plaintextForTests, security[2] ?? .plaintextForTests)
  }

  private static func throughput(
    _ name: String, _ upper: TCPCarrier.Security, _ lower: TCPCarrier.Security, size: Int, bytes: Int
  ) async throws {
    let pair = try await Pair(upper, lower)
    let message = pair.message(size)
    let count = bytes / size
    let began = ContinuousClock.now
    let processor = processorSeconds()
    var sent = 0
    // 8 MiB on their way, twice the engine's credit for one child.
    let window = max(8, (8 << 20) / size)
    while pair.received < count {
      while sent < count, sent - pair.received < window {
        pair.send(message)
        sent += 1
      }
      try await Task.sleep(for: .microseconds(200))
    }
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    let cost = processorSeconds() - processor
    let rate = Double(bytes) / 1_048_576 / seconds
    let wire = Double(pair.wireBytes) / Double(bytes)
    say(
      name.padding(toLength: 9, withPad: " ", startingAt: 0)
        + String(format: " %9d %10d %9.0f %17.2f %17.4f", bytes, size, rate, cost * 1_073_741_824 / Double(bytes), wire)
    )
    await pair.stop()
  }

  private static func handshakes(_ name: String, _ upper: TCPCarrier.Security, _ lower: TCPCarrier.Security)
    async throws
  {
    let began = processorSeconds()
    let count = 200
    for _ in 0..<count { await (try Pair(upper, lower)).stop() }
    let each = (processorSeconds() - began) * 1000 / Double(count)
    say(
      name.padding(toLength: 9, withPad: " ", startingAt: 0)
        + String(format: " connection: %.2f ms of processor, both ends", each))
  }
}

/// A parent and a child that have met.
private final class Pair: Sendable {
  private let parent: TCPCarrier
  private let child: TCPCarrier
  private let link: UInt64
  private let counter: Counter

  init(_ upper: TCPCarrier.Security, _ lower: TCPCarrier.Security) async throws {
    let quiet = Logger(label: "meter") { _ in SwiftLogNoOpLogHandler() }
    let counter = Counter()
    parent = TCPCarrier(
      TCPCarrier.Options(upper, listen: try LinkAddress("127.0.0.1:0")), log: quiet)
    try await parent.start(as: identity(1)) { if case .received = $0 { counter.add() } }
    child = TCPCarrier(
      TCPCarrier.Options(lower, parent: try LinkAddress("127.0.0.1:\(parent.port ?? 0)")), log: quiet)
    let (links, found) = AsyncStream<UInt64>.makeStream()
    try await child.start(as: identity(2)) { if case .parentConnected(let link, _) = $0 { found.yield(link) } }
    var first: UInt64 = 0
    for await link in links {
      first = link
      break
    }
    link = first
    self.counter = counter
  }

  var received: Int { counter.value }
  var wireBytes: UInt64 { parent.bytesReceived }
  func send(_ bytes: Bytes) { child.send(bytes, on: link) }

  func message(_ size: Int) -> Bytes {
    // Not all the same byte, as little as packed frames are.
    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) & 0x7F }
    return (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) } + body
  }

  func stop() async {
    await child.stop()
    await parent.stop()
  }
}

private final class Counter: Sendable {
  private let count = Atomic<Int>(0)
  var value: Int { count.load(ordering: .relaxed) }
  func add() { count.wrappingAdd(1, ordering: .relaxed) }
}

private func identity(_ node: UInt64) -> LinkIdentity {
  guard let key = SigningKey(seed: Bytes(repeating: UInt8(node), count: 32)) else {
    requirementFailed("a seed of 32 bytes is one")
  }
  return LinkIdentity(network: "meter", node: NodeID(node), key: key.publicKey.bytes) { key.sign($0) }
}

private func processorSeconds() -> Double {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
  return seconds(usage.ru_utime) + seconds(usage.ru_stime)
}

private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
