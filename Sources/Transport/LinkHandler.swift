import NIOCore
import NIOPosix
import Ports

/// One connection: cuts messages, enforces the deadlines, tells the carrier. Lives on its event loop.
final class LinkHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let link: UInt64
  private let isParent: Bool
  private let deliver: @Sendable (CarrierEvent) -> Void
  private let closed: @Sendable (UInt64) -> Void
  private var cutter = MessageCutter()
  private var isOpen = false
  private var hasSpoken = false
  private var lastHeard = NIODeadline.now()
  private var lastWritable = NIODeadline.now()
  private var watch: RepeatedTask?

  /// A peer that connects and says nothing.
  private static let firstWord = TimeAmount.seconds(10)
  /// A peer that was there: heartbeats come every second.
  private static let silence = TimeAmount.seconds(60)
  /// A peer that does not read what we send.
  private static let stuck = TimeAmount.seconds(30)

  init(
    link: UInt64, isParent: Bool, deliver: @escaping @Sendable (CarrierEvent) -> Void,
    closed: @escaping @Sendable (UInt64) -> Void
  ) {
    self.link = link
    self.isParent = isParent
    self.deliver = deliver
    self.closed = closed
  }

  func channelActive(context: ChannelHandlerContext) {
    isOpen = true
    lastHeard = .now()
    lastWritable = .now()
    deliver(isParent ? .parentConnected(link: link) : .childConnected(link: link))
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    watch = context.eventLoop.scheduleRepeatedTask(initialDelay: .seconds(2), delay: .seconds(2)) { _ in
      let (handler, context) = bound.value
      handler.check(context)
    }
  }

  private func check(_ context: ChannelHandlerContext) {
    let now = NIODeadline.now()
    if context.channel.isWritable { lastWritable = now }
    // A child speaks every second and its parent answers, so silence on either side is a line that broke without a
    // word.
    let isSilent = now - lastHeard > (hasSpoken ? LinkHandler.silence : LinkHandler.firstWord)
    if isSilent || now - lastWritable > LinkHandler.stuck { context.close(promise: nil) }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    lastHeard = .now()
    hasSpoken = true
    do {
      try cutter.feed(&bytes) { deliver(.received(link: link, $0)) }
    } catch { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) {
    watch?.cancel()
    guard isOpen else { return }
    isOpen = false
    closed(link)
    deliver(.disconnected(link: link))
  }
}
