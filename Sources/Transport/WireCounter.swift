import NIOCore

/// Counts what goes over the wire, TLS and all: the first handler of every connection.
final class WireCounter: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let carrier: TCPCarrier

  init(_ carrier: TCPCarrier) { self.carrier = carrier }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    carrier.countReceived(unwrapInboundIn(data).readableBytes)
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let count = unwrapOutboundIn(data).readableBytes
    let taken = promise ?? context.eventLoop.makePromise()
    taken.futureResult.whenSuccess { [carrier] in carrier.countSent(count) }
    context.write(data, promise: taken)
  }
}
