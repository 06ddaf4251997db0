import Logging
import NIOCore
import NIOPosix
import Ports
import Primitives
import Synchronization

/// Links over TCP on the loopback device.
///
/// One event loop thread carries all links of a node: a node stays small, and per-link order comes for free. The parent
/// is dialled until it answers, with full-jitter back-off.
public final class TCPCarrier: LinkCarrier {
  private struct State {
    var channels: [UInt64: any Channel] = [:]
    var nextLink: UInt64 = 1
    var listener: (any Channel)?
    var isStopping = false
    var failures = 0
  }

  /// Connections beyond this are closed at once.
  public static let linksMax = 4096
  private static let dialTimeout = TimeAmount.seconds(5)
  private static let backOffFirst: Int64 = 100
  private static let backOffMost: Int64 = 10_000

  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let listenAddress: LinkAddress?
  private let parentAddress: LinkAddress?
  private let log: Logger
  private let state = Mutex(State())

  /// - Parameters:
  ///   - listen: where children dial; nil for a node without children.
  ///   - parent: where the parent listens; nil at the top.
  public init(listen: LinkAddress?, parent: LinkAddress?, log: Logger) {
    listenAddress = listen
    parentAddress = parent
    self.log = log
  }

  /// The port children reach us at, once started: the kernel's choice when 0 was asked for.
  public var port: Int? { state.withLock { $0.listener?.localAddress?.port } }

  public func start(_ deliver: @escaping @Sendable (CarrierEvent) -> Void) async throws {
    if let listenAddress {
      let listener = try await ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 256)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
        .childChannelInitializer { [self] channel in accept(channel, isParent: false, deliver) }
        .bind(host: listenAddress.host, port: listenAddress.port).get()
      state.withLock { $0.listener = listener }
    }
    dial(deliver)
  }

  private func accept(
    _ channel: any Channel, isParent: Bool, _ deliver: @escaping @Sendable (CarrierEvent) -> Void
  ) -> EventLoopFuture<Void> {
    let link = state.withLock { state -> UInt64? in
      guard !state.isStopping, state.channels.count < TCPCarrier.linksMax else { return nil }
      defer { state.nextLink += 1 }
      state.channels[state.nextLink] = channel
      return state.nextLink
    }
    guard let link else { return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported) }
    return channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(
        LinkHandler(link: link, isParent: isParent, deliver: deliver) { [self] link in
          state.withLock { $0.channels[link] = nil }
          if isParent { dialAgain(deliver) }
        })
    }
  }

  private func dial(_ deliver: @escaping @Sendable (CarrierEvent) -> Void) {
    guard let parentAddress, !state.withLock({ $0.isStopping }) else { return }
    ClientBootstrap(group: group)
      .connectTimeout(TCPCarrier.dialTimeout)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { [self] channel in accept(channel, isParent: true, deliver) }
      .connect(host: parentAddress.host, port: parentAddress.port)
      .whenComplete { [self] result in
        switch result {
        case .success: state.withLock { $0.failures = 0 }
        case .failure: dialAgain(deliver)
        }
      }
  }

  /// Full jitter: a random part of a bound that doubles, so that 700 children of a restarted parent do not come at
  /// once.
  private func dialAgain(_ deliver: @escaping @Sendable (CarrierEvent) -> Void) {
    let bound = state.withLock { state -> Int64? in
      guard !state.isStopping else { return nil }
      state.failures = min(state.failures + 1, 10)
      return min(TCPCarrier.backOffMost, TCPCarrier.backOffFirst << Int64(state.failures - 1))
    }
    guard let bound else { return }
    group.next().scheduleTask(in: .milliseconds(.random(in: 10...max(bound, 11)))) { [self] in dial(deliver) }
  }

  public func send(_ bytes: Bytes, on link: UInt64) {
    guard let channel = state.withLock({ $0.channels[link] }) else { return }
    channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
  }

  public func close(_ link: UInt64) {
    guard let channel = state.withLock({ $0.channels[link] }) else { return }
    // Written in order after everything sent before; the second is for a peer that does not read.
    channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
    channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
  }

  public func stop() async {
    let (channels, listener) = state.withLock { state in
      state.isStopping = true
      return (Array(state.channels.values), state.listener)
    }
    try? await listener?.close().get()
    for channel in channels { try? await channel.close().get() }
    do { try await group.shutdownGracefully() } catch {
      log.warning("the event loop did not stop cleanly", metadata: ["reason": "\(error)"])
    }
  }
}
