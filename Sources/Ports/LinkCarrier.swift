import Primitives

/// Who the node is that a carrier speaks for, and how it proves that.
public struct LinkIdentity: Sendable {
  /// The network's name.
  public let network: String
  /// The node; a certificate must name it.
  public let node: NodeID
  /// The Ed25519 public key that the node's frames are signed with, 32 bytes.
  public let key: Bytes
  /// Signs with the secret half; called from the carrier's threads.
  public let sign: @Sendable (Bytes) -> Bytes

  /// An identity whose parts belong together.
  public init(network: String, node: NodeID, key: Bytes, sign: @escaping @Sendable (Bytes) -> Bytes) {
    self.network = network
    self.node = node
    self.key = key
    self.sign = sign
  }
}

/// What a carrier found out about the node at the other end before it delivered anything from it.
public struct LinkPeer: Hashable, Sendable {
  /// The node that its certificate names; nil on a link without certificates.
  public let node: NodeID?
  /// The key whose owner signed this connection's challenge; nil for a parent, whose certificate speaks for it.
  public let key: Bytes?

  /// What is known; nil is not known.
  public init(node: NodeID? = nil, key: Bytes? = nil) {
    self.node = node
    self.key = key
  }
}

/// What happens on links, in order per link.
public enum CarrierEvent: Sendable {
  /// We dialled our parent, the line stands, and it is who it must be.
  case parentConnected(link: UInt64, peer: LinkPeer)
  /// A child dialled us, the line stands, and it proved who it is.
  case childConnected(link: UInt64, peer: LinkPeer)
  /// One whole message, without its length.
  case received(link: UInt64, Bytes)
  /// The line is gone, by whoever's doing; the link's number is never used again.
  case disconnected(link: UInt64)
}

/// Carries messages between a node and its parent and children. Implementations own sockets and threads; the engine
/// knows none of them.
///
/// Contract: bytes given to ``send(_:on:)`` leave in order; `length u32 · type u8 · payload` framing is the caller's,
/// the carrier only cuts incoming bytes into messages and refuses lengths over the limit before it allocates. The
/// parent is dialled again after a loss, with full-jitter back-off. What a peer may have on its way is bounded by the
/// engine's credit.
public protocol LinkCarrier: AnyObject, Sendable {
  /// Starts listening and dialling. `deliver` is called from the carrier's threads, never concurrently for one link.
  ///
  /// - Throws: when the listening address cannot be had (in use, not ours, not allowed), or the carrier's certificate
  ///   is not this node's.
  func start(as identity: LinkIdentity, _ deliver: @escaping @Sendable (CarrierEvent) -> Void) async throws
  /// Sends whole messages (with their lengths) on a link; ignored when the link is gone.
  func send(_ bytes: Bytes, on link: UInt64)
  /// Closes a link once everything sent on it before has left, or after a second.
  func close(_ link: UInt64)
  /// Stops dialling and listening and closes every link.
  func stop() async
}
