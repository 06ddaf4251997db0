import NIOCore
import Ports

/// One connection: cuts messages, holds the peer to the deadlines, tells the carrier. Lives on its event loop.
final class LinkHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private enum State {
    /// Not connected, or refused: nobody was told of it. Can go to open.
    case silent
    /// Announced. Can go to over.
    case open(Link)
    /// The carrier's user was told that the link is gone, or is about to be.
    case over
  }

  private let carrier: TCPCarrier
  private let isParent: Bool
  private let deliver: @Sendable (CarrierEvent) -> Void
  private var state = State.silent
  private var cutter: MessageCutter
  private var connected = NIODeadline.now()
  private var progress = NIODeadline.now()
  private var bytesSinceProgress = 0
  private var hasSpoken = false
  private var watch: RepeatedTask?

  init(_ carrier: TCPCarrier, isParent: Bool, deliver: @escaping @Sendable (CarrierEvent) -> Void) {
    self.carrier = carrier
    self.isParent = isParent
    self.deliver = deliver
    cutter = MessageCutter(bytesMax: carrier.options.messageBytesMax)
  }

  func channelActive(context: ChannelHandlerContext) {
    connected = .now()
    progress = connected
    // Dialling a loopback port that nobody listens on can meet itself: TCP allows both ends to be one socket.
    let isSelf = isParent && context.localAddress == context.remoteAddress
    guard !isSelf, let link = carrier.register(context.channel, isParent: isParent) else {
      context.close(promise: nil)
      return
    }
    state = .open(link)
    deliver(isParent ? .parentConnected(link: link.number) : .childConnected(link: link.number))
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let interval = carrier.options.checkInterval
    watch = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      let (handler, context) = bound.value
      handler.check(context)
    }
  }

  private func check(_ context: ChannelHandlerContext) {
    guard case .open(let link) = state else { return }
    let now = NIODeadline.now()
    let options = carrier.options
    if !hasSpoken, now - connected > options.firstMessageDeadline {
      drop(link, context, "no message came")
    } else if now - progress > options.idleDeadline {
      drop(link, context, "silent")
    } else if link.stuck(now) > options.writeDeadline {
      drop(link, context, "takes nothing")
    }
  }

  private func drop(_ link: Link, _ context: ChannelHandlerContext, _ reason: String) {
    carrier.log.notice("link dropped", metadata: ["link": "\(link.number)", "reason": "\(reason)"])
    context.close(promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    carrier.countReceived(bytes.readableBytes)
    bytesSinceProgress += bytes.readableBytes
    if bytesSinceProgress >= carrier.options.progressBytes { noteProgress() }
    // `deliver` may have closed the link or the carrier: nothing follows `disconnected`, not even from this same read.
    while case .open(let link) = state, !link.isClosing {
      do throws(MessageCutter.Violation) {
        guard let message = try cutter.next(&bytes) else { return }
        hasSpoken = true
        noteProgress()
        deliver(.received(link: link.number, message))
      } catch {
        drop(link, context, "\(error)")
        return
      }
    }
  }

  private func noteProgress() {
    progress = .now()
    bytesSinceProgress = 0
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    // A queue that overflows does so with every further message: the first one ends the link.
    if event is TooMuchWaits, case .open(let link) = state { drop(link, context, "too much waits for it") }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  func channelInactive(context: ChannelHandlerContext) {
    watch?.cancel()
    if case .open(let link) = state {
      state = .over
      carrier.forget(link)
      deliver(.disconnected(link: link.number))
    }
    if isParent { carrier.parentLost(lived: .now() - connected, deliver) }
  }
}
