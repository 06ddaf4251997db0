import Certificates
import Formats
import Foundation
import NIOCore
import Primitives

extension TCPCarrier {
  /// How links are protected.
  public enum Security: Sendable {
    /// TLS 1.3, both sides with certificates.
    ///
    /// - Parameters:
    ///   - files: where `credentials` came from; they are read again when they change.
    ///   - parentNode: the only node that may be the parent; nil believes any node's certificate of the network.
    case certificates(Credentials, files: CredentialFiles?, parentNode: NodeID? = nil)
    /// Nothing is encrypted and nobody proves who he is but by his frame key: for tests on the loopback device.
    case plaintextForTests
  }

  /// What a carrier is told: where, and the bounds it holds its peers to.
  public struct Options: Sendable {
    /// How links are protected.
    public var security: Security
    /// Where children dial; nil for a node without children.
    public var listen: LinkAddress?
    /// Where the parent listens; nil at the top.
    public var parent: LinkAddress?
    /// Event loop threads. One carries all links of a node; more only for a node whose loop was seen to be the limit.
    public var threads = 1
    /// Children at the same time; a further one is closed at once. 4,096 is three times the widest level of a city.
    public var linksMax = 4096
    /// Connections at the same time that have not proved who they are; a further one is closed at once.
    public var handshakesMax = 512
    /// The same from one address, so that one machine cannot take all places. Children behind one address come back.
    public var handshakesPerAddressMax = 128
    /// The largest message, type and payload, in bytes.
    public var messageBytesMax = LinkMessage.bytesMax
    /// Bytes that may wait for a peer; one more and the link is dropped. The engine's credit keeps an honest peer far
    /// below.
    public var unsentBytesMax = 128 << 20
    /// A connection that has not proved by then who it is is closed.
    public var handshakeDeadline = TimeAmount.seconds(10)
    /// A link whose first whole message has not come by then is closed. A first message is a greeting of a few KiB.
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
    /// How often the files of certificates and deny lists are looked at: a revocation must hold within 5 s.
    public var filesInterval = TimeAmount.seconds(2)
    /// The folder of the authority that renews the certificates of children, those that it issued; nil renews none.
    public var issuer: String?
    /// How long after one request for renewal the next may leave.
    public var renewalInterval = TimeAmount.minutes(10)
    /// The clock that certificates are judged by.
    public var now: @Sendable () -> Date = { Date() }

    /// The bounds of a node in service.
    public init(_ security: Security, listen: LinkAddress? = nil, parent: LinkAddress? = nil) {
      self.security = security
      self.listen = listen
      self.parent = parent
    }

    /// Often enough that no deadline is overrun by more than a quarter, and never more than every 2 s of idle cost.
    var checkInterval: TimeAmount {
      let shortest = min(handshakeDeadline, firstMessageDeadline, idleDeadline, writeDeadline).nanoseconds
      return .nanoseconds(max(1_000_000, min(TimeAmount.seconds(2).nanoseconds, shortest / 4)))
    }
  }
}
