import Primitives

/// What happens on links, in order per link.
public enum CarrierEvent: Sendable {
  /// We dialled our parent and the line stands.
  case parentConnected(link: UInt64)
  /// A child dialled us and the line stands.
  case childConnected(link: UInt64)
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
  /// - Throws: when the listening address cannot be had (in use, not ours, not allowed).
  func start(_ deliver: @escaping @Sendable (CarrierEvent) -> Void) async throws
  /// Sends whole messages (with their lengths) on a link; ignored when the link is gone.
  func send(_ bytes: Bytes, on link: UInt64)
  /// Closes a link once everything sent on it before has left, or after a second.
  func close(_ link: UInt64)
  /// Stops dialling and listening and closes every link.
  func stop() async
}
