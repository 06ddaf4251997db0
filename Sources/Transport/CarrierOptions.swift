import Formats
import NIOCore

extension TCPCarrier {
  /// What a carrier is told: where, and the bounds it holds its peers to.
  public struct Options: Sendable {
    /// Where children dial; nil for a node without children.
    public var listen: LinkAddress?
    /// Where the parent listens; nil at the top.
    public var parent: LinkAddress?
    /// Event loop threads. One carries all links of a node; more only for a node whose loop was seen to be the limit.
    public var threads = 1
    /// Children at the same time; a further one is closed at once. 4,096 is three times the widest level of a city.
    public var linksMax = 4096
    /// The largest message, type and payload, in bytes.
    public var messageBytesMax = LinkMessage.bytesMax
    /// Bytes that may wait for a peer; one more and the link is dropped. The engine's credit keeps an honest peer far
    /// below.
    public var unsentBytesMax = 128 << 20
    /// A connection whose first whole message has not come by then is closed. A first message is a greeting of a few
    /// KiB.
    public var firstMessageDeadline = TimeAmount.seconds(10)
    /// A link that made no progress for so long is closed; progress is a whole message or ``progressBytes`` of one,
    /// so that dripping bytes keeps no link open. Heartbeats come far more often.
    public var idleDeadline = TimeAmount.seconds(60)
    /// See ``idleDeadline``: the slowest line of which a large message is still awaited, 64 KiB a minute.
    public var progressBytes = 64 << 10
    /// A peer that has not taken a byte of what waits for it for so long is dropped.
    public var writeDeadline = TimeAmount.seconds(30)
    /// How long a link that we close may still take what was sent before.
    public var closeDeadline = TimeAmount.seconds(1)
    /// How long one attempt to dial the parent may take.
    public var dialDeadline = TimeAmount.seconds(5)
    /// Bounds of the pause between two attempts.
    public var backOff = BackOff()
    /// A parent's line that lived so long starts the back-off over when it breaks.
    public var steadyAfter = TimeAmount.seconds(30)

    /// The bounds of a node in service.
    public init(listen: LinkAddress? = nil, parent: LinkAddress? = nil) {
      self.listen = listen
      self.parent = parent
    }

    /// Often enough that no deadline is overrun by more than a quarter, and never more than every 2 s of idle cost.
    var checkInterval: TimeAmount {
      let shortest = min(firstMessageDeadline, idleDeadline, writeDeadline).nanoseconds
      return .nanoseconds(max(1_000_000, min(TimeAmount.seconds(2).nanoseconds, shortest / 4)))
    }
  }
}
