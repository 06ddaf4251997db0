import Certificates
import Formats
import Logging
import NIOCore
import NIOPosix
import Ports
import Primitives
import Synchronization

/// Links over TCP, under TLS 1.3 with certificates at both ends.
///
/// One event loop thread carries all links of a node: a node stays small, and per-link order comes for free. The
/// parent is dialled until it answers, with full-jitter back-off.
///
/// 1. Per link: connected, then messages in order, then `disconnected`, then nothing.
/// 2. Whatever is asked of a link or carrier that is gone is ignored.
/// 3. `Options` bounds what a peer can make us hold or wait for.
/// 4. Nobody hears of a link before its peer's certificate was found good and, from a child, its frame key proved.
public final class TCPCarrier: LinkCarrier {
  private enum Phase {
    /// Can go to running, stopped.
    case idle
    /// Can go to stopped.
    case running(MultiThreadedEventLoopGroup)
    case stopped
  }

  private struct State {
    var phase = Phase.idle
    var identity: LinkIdentity?
    var links: [UInt64: Link] = [:]
    var childCount = 0
    var parentLink: UInt64?
    var nextLink: UInt64 = 1
    var listener: (any Channel)?
    var backOff: BackOff
    var random = SystemRandomNumberGenerator()
  }

  let options: Options
  let log: Logger
  let places: HandshakePlaces
  let refusals: RefusalLog
  private let state: Mutex<State>
  /// Nil on links without encryption; set when the carrier starts.
  private let securityState = Mutex<LinkSecurity?>(nil)
  private let lastParentRefusal = Mutex<String?>(nil)
  private let sent = Atomic<UInt64>(0)
  private let received = Atomic<UInt64>(0)

  /// A carrier that does nothing until ``start(_:)``.
  public init(_ options: Options, log: Logger) {
    self.options = options
    self.log = log
    places = HandshakePlaces(most: options.handshakesMax, mostPerAddress: options.handshakesPerAddressMax)
    refusals = RefusalLog(log)
    state = Mutex(State(backOff: options.backOff))
  }

  /// The port children reach us at, once started: the kernel's choice when 0 was asked for.
  public var port: Int? { state.withLock { $0.listener?.localAddress?.port } }
  /// Bytes that the kernel took on all links together, TLS and handshakes included.
  public var bytesSent: UInt64 { sent.load(ordering: .relaxed) }
  /// Bytes that came in on all links together, counted the same way.
  public var bytesReceived: UInt64 { received.load(ordering: .relaxed) }

  var security: LinkSecurity? { securityState.withLock { $0 } }

  /// Who we are. A handler asks only while its connection lives, so the carrier was started.
  var identity: LinkIdentity {
    state.withLock { state in
      guard let identity = state.identity else { requirementFailed("a connection needs a started carrier") }
      return identity
    }
  }

  /// Listens, then begins to dial. To be called once.
  ///
  /// - Throws: `ListenError`; the carrier is stopped then and holds nothing.
  public func start(
    as identity: LinkIdentity, _ deliver: @escaping @Sendable (CarrierEvent) -> Void
  ) async throws {
    try secure(identity)
    let group = try state.withLock { state throws(ListenError) in
      if case .stopped = state.phase { throw .stopped }
      guard case .idle = state.phase else { requirementFailed("a carrier is started once") }
      let group = MultiThreadedEventLoopGroup(numberOfThreads: options.threads)
      state.phase = .running(group)
      state.identity = identity
      return group
    }
    if let address = options.listen {
      do {
        let listener = try await listen(address, group, deliver)
        let isRunning = state.withLock { state in
          state.listener = listener
          if case .running = state.phase { return true }
          return false
        }
        // Stopped while the kernel bound: the group's shutdown closes the listener.
        guard isRunning else { throw ListenError.stopped }
      } catch {
        await stop()
        switch error {
        case let error as ListenError: throw error
        case let error as IOError where error.errnoCode == EADDRINUSE: throw ListenError.addressInUse(address)
        case let error as IOError: throw ListenError.refused(address, errno: error.errnoCode)
        default: throw ListenError.refused(address, errno: 0)
        }
      }
    }
    watchFiles(on: group.next())
    dial(deliver)
  }

  /// Makes TLS ready; the certificate must be this node's.
  private func secure(_ identity: LinkIdentity) throws(ListenError) {
    guard case .certificates(let credentials, _, let parentNode) = options.security else { return }
    let name = NodeName(network: identity.network, node: identity.node)
    guard credentials.own.name == name else {
      throw .otherNode(certificate: "\(credentials.own.name)", store: "\(name)")
    }
    do {
      let security = try LinkSecurity(
        credentials, parentNode: parentNode, closeDeadline: options.closeDeadline, now: options.now)
      securityState.withLock { $0 = security }
    } catch { throw .security("\(error)") }
  }

  private func listen(
    _ address: LinkAddress, _ group: MultiThreadedEventLoopGroup, _ deliver: @escaping @Sendable (CarrierEvent) -> Void
  ) async throws -> any Channel {
    guard let place = address.socketAddress else { throw ListenError.refused(address, errno: EADDRNOTAVAIL) }
    return try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 256)
      // Allows a port whose old connections linger; two listeners on one port stay refused.
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [self] in prepare($0, isParent: false, deliver) }
      .bind(to: place).get()
  }

  private func prepare(
    _ channel: any Channel, isParent: Bool, _ deliver: @escaping @Sendable (CarrierEvent) -> Void
  ) -> EventLoopFuture<Void> {
    channel.eventLoop.makeCompletedFuture {
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(WireCounter(self))
      var examination: Examination?
      if let security {
        let fresh = Examination(own: security.credentials.own.fingerprint)
        try pipeline.addHandler(security.handler(isParent: isParent, fresh))
        examination = fresh
      }
      try pipeline.addHandler(LinkHandler(self, isParent: isParent, examination, deliver: deliver))
    }
  }

  private func dial(_ deliver: @escaping @Sendable (CarrierEvent) -> Void) {
    guard let parent = options.parent else { return }
    let attempt = state.withLock { state -> EventLoopFuture<any Channel>? in
      guard case .running(let group) = state.phase else { return nil }
      let client = ClientBootstrap(group: group)
        .connectTimeout(options.dialDeadline)
        .channelOption(.tcpOption(.tcp_nodelay), value: 1)
        .channelInitializer { [self] in prepare($0, isParent: true, deliver) }
      // A name is looked up on a thread of NIO's own, each time anew: parents move.
      guard let address = parent.socketAddress else { return client.connect(host: parent.host, port: parent.port) }
      return client.connect(to: address)
    }
    // Once connected, it is the handler that learns of the end.
    attempt?.whenFailure { [self] _ in parentLost(lived: .zero, deliver) }
  }

  /// Dials again after a pause; called when an attempt failed or the parent's line broke after `lived`.
  func parentLost(lived: TimeAmount, _ deliver: @escaping @Sendable (CarrierEvent) -> Void) {
    state.withLock { state in
      guard case .running(let group) = state.phase else { return }
      if lived >= options.steadyAfter { state.backOff.reset() }
      let pause = state.backOff.next(using: &state.random)
      group.next().scheduleTask(in: .milliseconds(pause)) { [self] in dial(deliver) }
    }
  }

  /// Gives a connection its number, or nil when it is one too many or the carrier stops.
  func register(_ channel: any Channel, isParent: Bool, _ examination: Examination?) -> Link? {
    state.withLock { state in
      // The parent's line is never the one too many: a full node still reports upward.
      guard case .running = state.phase, isParent || state.childCount < options.linksMax else { return nil }
      let link = Link(
        number: state.nextLink, channel: channel, isParent: isParent, examination: examination,
        unsentBytesMax: options.unsentBytesMax)
      state.nextLink += 1
      state.links[link.number] = link
      if isParent {
        state.parentLink = link.number
        lastParentRefusal.withLock { $0 = nil }
      } else {
        state.childCount += 1
      }
      return link
    }
  }

  /// Tells of a parent that we refused or that refused us, once for each reason: we dial again and again.
  func parentRefused(_ address: SocketAddress?, _ code: String, _ reason: String) {
    let isNews = lastParentRefusal.withLock { last in
      defer { last = reason }
      return last != reason
    }
    if isNews { refusals.refused(address, code, reason) }
  }

  /// The links that stand now.
  var openLinks: [Link] { state.withLock { state in Array(state.links.values) } }

  /// The link is gone.
  func forget(_ link: Link) {
    state.withLock { state in
      guard state.links.removeValue(forKey: link.number) != nil else { return }
      if state.parentLink == link.number { state.parentLink = nil } else { state.childCount -= 1 }
    }
  }

  func countSent(_ count: Int) { sent.wrappingAdd(UInt64(count), ordering: .relaxed) }
  func countReceived(_ count: Int) { received.wrappingAdd(UInt64(count), ordering: .relaxed) }

  /// Queues whole messages (with their lengths) for a link; ignored when the link is gone or closing. Costs one copy;
  /// a peer that lets more than `Options.unsentBytesMax` wait is dropped.
  public func send(_ bytes: Bytes, on link: UInt64) { withLink(link) { $0.send(bytes) } }

  /// Closes a link once everything sent on it before has left, or after a second; nothing more is delivered from it
  /// but its `disconnected`.
  public func close(_ link: UInt64) { withLink(link) { $0.close(within: options.closeDeadline) } }

  /// Under the lock, so that nothing reaches an event loop that ``stop()`` has begun to shut down; `body` only queues.
  private func withLink(_ number: UInt64, _ body: (Link) -> Void) {
    state.withLock { state in
      guard case .running = state.phase, let link = state.links[number] else { return }
      body(link)
    }
  }

  /// Stops dialling and listening and closes every link without waiting for what is unsent. On return every link was
  /// told `disconnected` and no thread is left; a second call does nothing.
  public func stop() async {
    let (phase, links, listener) = state.withLock { state in
      defer { state.phase = .stopped }
      return (state.phase, Array(state.links.values), state.listener)
    }
    guard case .running(let group) = phase else { return }
    try? await listener?.close().get()
    // All at once: each waits for its peer's good-bye, for as long as a link that we close may take.
    let closings = links.map { $0.channel.close() }
    for closing in closings { try? await closing.get() }
    do { try await group.shutdownGracefully() } catch {
      log.warning("the event loop did not stop cleanly", metadata: ["reason": "\(error)"])
    }
  }
}
