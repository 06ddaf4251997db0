import Certificates
import Formats
import Foundation
import NIOCore
import NIOTLS
import Ports
import Primitives

/// One connection: lets the peer prove who it is, then cuts messages, holds the peer to the deadlines, tells the
/// carrier. Lives on its event loop.
final class LinkHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private enum State {
    /// Not connected, or refused: nobody was told of it. Can go to securing, proving.
    case silent
    /// TLS shakes hands. Can go to proving, silent.
    case securing
    /// The parent waits for the child's proof, the child for the parent's challenge. Can go to open, silent.
    case proving(nonce: Bytes)
    /// Announced. Can go to closing, over.
    case open(Link)
    /// Dropped by us: what still comes is not heard. Can go to over.
    case closing(Link)
    /// The carrier's user was told that the link is gone, or is about to be.
    case over
  }

  private let carrier: TCPCarrier
  private let isParent: Bool
  private let examination: Examination?
  private let deliver: @Sendable (CarrierEvent) -> Void
  private var state = State.silent
  private var cutter: MessageCutter
  private var connected = NIODeadline.now()
  private var opened = NIODeadline.now()
  private var progress = NIODeadline.now()
  private var bytesSinceProgress = 0
  private var hasSpoken = false
  private var watch: RepeatedTask?
  private var place: HandshakePlaces.Place?

  init(
    _ carrier: TCPCarrier, isParent: Bool, _ examination: Examination?,
    deliver: @escaping @Sendable (CarrierEvent) -> Void
  ) {
    self.carrier = carrier
    self.isParent = isParent
    self.examination = examination
    self.deliver = deliver
    // Before the proof nobody may make us hold more than a proof.
    cutter = MessageCutter(bytesMax: LinkPreamble.proofBytesMax)
  }

  // MARK: Who is there

  func channelActive(context: ChannelHandlerContext) {
    connected = .now()
    progress = connected
    // Dialling a loopback port that nobody listens on can meet itself: TCP allows both ends to be one socket.
    let isSelf = isParent && context.localAddress == context.remoteAddress
    if !isSelf, !isParent { place = carrier.places.take(context.remoteAddress?.ipAddress ?? "") }
    guard !isSelf, isParent || place != nil else {
      if !isSelf { carrier.refusals.refused(context.remoteAddress, "XYL-LNK-0002", "too many connections at a time") }
      context.close(promise: nil)
      return
    }
    let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
    let interval = carrier.options.checkInterval
    watch = context.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
      let (handler, context) = bound.value
      handler.check(context)
    }
    if examination == nil { beginProof(context) } else { state = .securing }
    context.fireChannelActive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch (event, state) {
    case (let event as TLSUserEvent, .securing):
      guard case .handshakeCompleted = event else { return }
      // A resumed session shows no certificate to be judged; our own peers never resume.
      guard examination?.node != nil else { return refuse(context, "XYL-LNK-0006", "its session was resumed") }
      beginProof(context)
    // A queue that overflows does so with every further message: the first one ends the link.
    case (is TooMuchWaits, .open(let link)): drop(link, context, "too much waits for it")
    case (let event as CertificateDenied, .open(let link)): drop(link, context, event.reason)
    default: break
    }
  }

  private func beginProof(_ context: ChannelHandlerContext) {
    guard !isParent else {
      state = .proving(nonce: [])
      return
    }
    // SystemRandomNumberGenerator: getrandom(2).
    let nonce = (0..<LinkPreamble.nonceByteCount).map { _ in UInt8.random(in: 0...255) }
    state = .proving(nonce: nonce)
    write(.challenge(nonce: nonce), context)
  }

  private func prove(_ message: LinkPreamble, _ nonce: Bytes, _ context: ChannelHandlerContext) {
    let identity = carrier.identity
    let zero = Bytes(repeating: 0, count: 32)
    let (own, theirs) = (examination?.own ?? zero, examination?.node?.fingerprint ?? zero)
    switch (message, isParent) {
    case (.challenge(let nonce), true):
      let statement = LinkPreamble.statement(network: identity.network, nonce: nonce, parent: theirs, child: own)
      guard let key = PublicKey(exactly: identity.key) else { requirementFailed("a node's key has 32 bytes") }
      write(.proof(key: key, signature: identity.sign(statement)), context)
      open(LinkPeer(node: examination?.node?.name.node), context)
    case (.proof(let key, let signature), false):
      let statement = LinkPreamble.statement(network: identity.network, nonce: nonce, parent: own, child: theirs)
      guard key.isValid(signature, over: statement) else {
        return refuse(context, "XYL-LNK-0017", "its frame key did not sign our challenge")
      }
      open(LinkPeer(node: examination?.node?.name.node, key: key.bytes), context)
    default: refuse(context, "XYL-LNK-0017", "a message out of turn")
    }
  }

  private func open(_ peer: LinkPeer, _ context: ChannelHandlerContext) {
    guard let link = carrier.register(context.channel, isParent: isParent, examination) else {
      return refuse(context, "XYL-LNK-0002", "it is one link too many, or the node stops")
    }
    leavePlace()
    // Between two messages: what follows in the same read is cut by the new one.
    cutter = MessageCutter(bytesMax: carrier.options.messageBytesMax)
    state = .open(link)
    opened = .now()
    progress = opened
    deliver(
      isParent ? .parentConnected(link: link.number, peer: peer) : .childConnected(link: link.number, peer: peer))
    if !isParent { carrier.sendDenyLists(on: link) }
  }

  private func write(_ message: LinkPreamble, _ context: ChannelHandlerContext) {
    context.writeAndFlush(NIOAny(ByteBuffer(bytes: message.encoded())), promise: nil)
  }

  /// Ends a connection that nobody was told of.
  private func refuse(_ context: ChannelHandlerContext, _ code: String, _ reason: String) {
    switch state {
    case .securing, .proving: break
    case .silent, .open, .closing, .over: return
    }
    state = .silent
    if isParent {
      carrier.parentRefused(context.remoteAddress, code, reason)
    } else {
      carrier.refusals.refused(context.remoteAddress, code, reason)
    }
    context.close(promise: nil)
  }

  private func leavePlace() {
    if let place { carrier.places.leave(place) }
    place = nil
  }

  // MARK: Deadlines

  private func check(_ context: ChannelHandlerContext) {
    let now = NIODeadline.now()
    let options = carrier.options
    switch state {
    case .securing, .proving:
      if now - connected > options.handshakeDeadline {
        refuse(context, "XYL-LNK-0017", "it did not say who it is in time")
      }
    case .open(let link):
      if !hasSpoken, now - opened > options.firstMessageDeadline {
        drop(link, context, "no message came")
      } else if now - progress > options.idleDeadline {
        drop(link, context, "silent")
      } else if link.stuck(now) > options.writeDeadline {
        drop(link, context, "takes nothing")
      } else if let node = examination?.node, let time = carrier.security?.now(), time > node.end {
        drop(link, context, "its certificate: \(CertificateProblem.expired(end: node.end, now: time))")
      }
    case .silent, .closing, .over: break
    }
  }

  private func drop(_ link: Link, _ context: ChannelHandlerContext, _ reason: String) {
    state = .closing(link)
    carrier.log.notice("link dropped", metadata: ["link": "\(link.number)", "reason": "\(reason)"])
    context.close(promise: nil)
  }

  // MARK: Messages

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    bytesSinceProgress += bytes.readableBytes
    if bytesSinceProgress >= carrier.options.progressBytes { noteProgress() }
    // `deliver` may have closed the link or the carrier: nothing follows `disconnected`, not even from this same read.
    while isHeard {
      do throws(MessageCutter.Violation) {
        guard let message = try cutter.next(&bytes) else { return }
        take(message, context)
      } catch {
        if case .open(let link) = state {
          drop(link, context, "\(error)")
        } else {
          refuse(context, "XYL-LNK-0017", "\(error)")
        }
        return
      }
    }
  }

  private var isHeard: Bool {
    switch state {
    case .proving: true
    case .open(let link): !link.isClosing
    case .silent, .securing, .closing, .over: false
    }
  }

  private func take(_ message: Bytes, _ context: ChannelHandlerContext) {
    let preamble = message.first.map { $0 >= LinkPreamble.firstType } == true ? try? LinkPreamble(message) : nil
    switch state {
    case .proving(let nonce):
      guard let preamble else { return refuse(context, "XYL-LNK-0017", "a message out of turn") }
      prove(preamble, nonce, context)
    case .open(let link):
      noteProgress()
      guard message.first.map({ $0 >= LinkPreamble.firstType }) == true else {
        hasSpoken = true
        deliver(.received(link: link.number, message))
        return
      }
      switch (preamble, isParent) {
      case (.denyList(let text), true): carrier.receivedDenyList(text)
      case (.renewal(let text), true): carrier.receivedRenewal(text)
      case (.renewalRequest, false): carrier.renew(link)
      default: drop(link, context, "a message out of turn")
      }
    case .silent, .securing, .closing, .over: break
    }
  }

  private func noteProgress() {
    progress = .now()
    bytesSinceProgress = 0
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    switch state {
    case .securing, .proving: refuse(context, "XYL-LNK-0006", handshakeReason(error, examination))
    case .silent, .open, .closing, .over: context.close(promise: nil)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    watch?.cancel()
    leavePlace()
    switch state {
    case .open(let link), .closing(let link):
      state = .over
      carrier.forget(link)
      deliver(.disconnected(link: link.number))
    case .securing, .proving: refuse(context, "XYL-LNK-0017", "the peer hung up before it said who it is")
    case .silent, .over: break
    }
    if isParent { carrier.parentLost(lived: .now() - connected, deliver) }
  }
}

/// Tells a connection's handler that its peer's certificate is not good any more.
struct CertificateDenied: Sendable {
  let reason: String
}
