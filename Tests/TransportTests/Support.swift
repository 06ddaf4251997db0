import Certificates
import Formats
import Foundation
import Logging
import NIOCore
import Ports
import Primitives
import Synchronization

@testable import Transport

/// What a carrier told, in order.
final class Events: Sendable {
  private let events = Mutex<[CarrierEvent]>([])

  var all: [CarrierEvent] { events.withLock { $0 } }
  func note(_ event: CarrierEvent) { events.withLock { $0.append(event) } }

  /// Without the copies that ``received`` makes: for asking again and again.
  var receivedCount: Int {
    events.withLock { events in events.count { if case .received = $0 { true } else { false } } }
  }
  var received: [Bytes] {
    all.compactMap { if case .received(_, let bytes) = $0 { bytes } else { nil } }
  }
  var childLinks: [UInt64] {
    all.compactMap { if case .childConnected(let link, _) = $0 { link } else { nil } }
  }
  var parentLinks: [UInt64] {
    all.compactMap { if case .parentConnected(let link, _) = $0 { link } else { nil } }
  }
  var disconnected: [UInt64] {
    all.compactMap { if case .disconnected(let link) = $0 { link } else { nil } }
  }
}

/// Waits until `condition` holds; false after `seconds`.
func eventually(seconds: Double = 10, _ condition: () -> Bool) async -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while ContinuousClock.now < end {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(5))
  }
  return condition()
}

/// `length u32 · bytes`, as the engine frames it.
func framed(_ bytes: Bytes) -> Bytes {
  (0..<4).map { UInt8(truncatingIfNeeded: bytes.count >> (24 - 8 * $0)) } + bytes
}

func anyPort() throws -> LinkAddress { try LinkAddress("127.0.0.1:0") }

func address(_ carrier: TCPCarrier) throws -> LinkAddress { try LinkAddress("127.0.0.1:\(carrier.port ?? 0)") }

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A node that proves itself with a frame key of its own.
func speaker(_ node: UInt64 = 1, network: String = "test") -> LinkIdentity {
  guard let key = SigningKey(seed: Bytes(repeating: UInt8(truncatingIfNeeded: node), count: 32)) else {
    requirementFailed("a seed of 32 bytes is one")
  }
  return LinkIdentity(network: network, node: NodeID(node), key: key.publicKey.bytes) { key.sign($0) }
}

extension TCPCarrier.Options {
  /// Without encryption: what is tested is not that.
  init(listen: LinkAddress? = nil, parent: LinkAddress? = nil) {
    self.init(.plaintextForTests, listen: listen, parent: parent)
  }
}

extension TCPCarrier {
  func start(_ deliver: @escaping @Sendable (CarrierEvent) -> Void) async throws {
    try await start(as: speaker(), deliver)
  }
}

/// Runs `body` with a started carrier and stops it in the end, whatever happens.
func withCarrier(
  _ options: TCPCarrier.Options, _ body: (TCPCarrier, Events) async throws -> Void
) async throws {
  let carrier = TCPCarrier(options, log: quiet)
  let events = Events()
  try await carrier.start { events.note($0) }
  do { try await body(carrier, events) } catch {
    await carrier.stop()
    throw error
  }
  await carrier.stop()
}

/// A parent and a child that have met; `adjust` changes both sides' options.
func withPair(
  _ adjust: (inout TCPCarrier.Options) -> Void = { _ in },
  _ body: (_ parent: (TCPCarrier, Events), _ child: (TCPCarrier, Events)) async throws -> Void
) async throws {
  var upper = TCPCarrier.Options(listen: try anyPort())
  adjust(&upper)
  try await withCarrier(upper) { parent, parentEvents in
    var lower = TCPCarrier.Options(parent: try address(parent))
    adjust(&lower)
    try await withCarrier(lower) { child, childEvents in
      guard await eventually({ !parentEvents.childLinks.isEmpty && !childEvents.parentLinks.isEmpty }) else {
        throw Missed.meeting
      }
      try await body((parent, parentEvents), (child, childEvents))
    }
  }
}

/// Why a test could not even begin to check.
enum Missed: Error {
  case meeting
  case bytes(Int)
}

/// A peer without manners: a blocking socket.
final class RawPeer {
  private let socket: Int32

  /// - Parameter proves: whether it says who it is before anything else, as a link without certificates begins.
  init(port: Int, proves: Bool = true) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw POSIXError(.EMFILE) }
    var on: Int32 = 1
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
    // A read that waits longer than this returns nothing, so that no test hangs.
    var patience = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw POSIXError(.ECONNREFUSED) }
    if proves { try prove() }
  }

  private func prove() throws {
    var challenge: Bytes = []
    while challenge.count < 37 {
      var part = Bytes(repeating: 0, count: 37 - challenge.count)
      let count = recv(socket, &part, part.count, 0)
      // Closed at once: a test that expects that goes on to see it.
      if count <= 0 { return }
      challenge += part[..<count]
    }
    guard case .challenge(let nonce) = try LinkPreamble(Bytes(challenge[4...])) else { throw Missed.meeting }
    let identity = speaker(2)
    let zero = Bytes(repeating: 0, count: 32)
    let statement = LinkPreamble.statement(network: identity.network, nonce: nonce, parent: zero, child: zero)
    guard let key = PublicKey(exactly: identity.key) else { throw Missed.meeting }
    write(LinkPreamble.proof(key: key, signature: identity.sign(statement)).encoded())
  }

  deinit { Glibc.close(socket) }

  /// Returns how many bytes the kernel took.
  /// Ends our sending side, as a peer does that saw the end and has nothing more to say.
  func hangUp() { shutdown(socket, Int32(SHUT_WR)) }

  @discardableResult func write(_ bytes: Bytes) -> Int {
    Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Everything until the other side ends, and how it ended: 0, or the errno.
  func readToEnd() -> (bytes: Bytes, errno: Int32) {
    var all: Bytes = []
    var part = Bytes(repeating: 0, count: 65_536)
    while true {
      let count = recv(socket, &part, part.count, 0)
      if count <= 0 { return (all, count == 0 ? 0 : errno) }
      all += part[..<count]
    }
  }
}
