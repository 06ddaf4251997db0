import Formats
import Primitives

/// What the child side of a link reads from its own store.
public protocol FrameSource {
  /// Position of the log's head here.
  func head(of log: LogID) -> LogState?
  /// Hash of the frame that ends exactly at `last`, or nil when no frame ends there.
  func hash(of log: LogID, endingAt last: Sequence64) throws -> Digest256?
  /// Apply sequence of the first frame of `log` after `last`, or nil when there is none.
  func applySequence(of log: LogID, after last: Sequence64) throws -> ApplySequence?
  /// The frame applied as number `sequence`.
  func frame(at sequence: ApplySequence) throws -> (log: LogID, last: Sequence64, bytes: Bytes)?
}

/// The child's side of a link to its parent, as a machine without I/O.
///
/// 1. Frames leave in the order in which this store applied them, so that an assignment arrives before what it allows.
/// 2. Only durable frames are sent, and only as many bytes as the parent granted.
/// 3. What the parent already has is not sent again; what it has and we lack stops the link.
///
/// awaitingWelcome → streaming → closed; awaitingWelcome → closed.
public struct Uplink {
  private enum State {
    case awaitingWelcome
    case streaming(Stream)
    case closed
  }

  private struct Stream {
    let parent: NodeID
    /// The next frame to look at.
    var next: ApplySequence
    /// What the parent had when it answered.
    var positions: [LogID: Sequence64]
    var credit: UInt64
    var sent: UInt64 = 0
  }

  /// Why the uplink ended itself.
  public enum Ending: Error, Hashable, Sendable {
    /// The parent said no.
    case refused(LinkMessage.Refusal)
    /// We must say no to the parent.
    case refuse(LinkMessage.Refusal)
  }

  private var state: State = .awaitingWelcome

  public init() {}

  public var isStreaming: Bool { if case .streaming = state { true } else { false } }
  /// The parent, once it has answered.
  public var parent: NodeID? { if case .streaming(let stream) = state { stream.parent } else { nil } }

  /// The parent's answer: decides where to go on, or that we must not.
  ///
  /// - Parameters:
  ///   - offered: the logs that the hello named.
  ///   - end: the last apply sequence handed out here.
  /// - Returns: what the parent holds already, as watermarks of level 1.
  /// - Throws: ``Ending`` when the two histories do not fit; the store's error when it cannot be read.
  public mutating func received(
    _ welcome: LinkMessage.Welcome, own: LogID, offered: [LogID], end: ApplySequence, from source: some FrameSource
  ) throws -> [LinkMessage.Watermark] {
    guard case .awaitingWelcome = state else {
      throw close(.refuse(.init(.malformed, "a second welcome")))
    }
    var positions: [LogID: Sequence64] = [:]
    var start: ApplySequence?
    for position in welcome.positions {
      positions[position.log] = position.last
      let head = source.head(of: position.log)?.last ?? .zero
      if head < position.last {
        // For others' logs a relay may be behind its parent (another path, a restored relay): it just receives again.
        guard position.log == own else { continue }
        throw close(
          .refuse(.init(.behind, "the parent holds \(position.last.value), this store ends at \(head.value)")))
      }
      if position.last == .zero { continue }
      guard try source.hash(of: position.log, endingAt: position.last) == position.hash else {
        throw close(.refuse(.init(.diverged, "log \(position.log.value) differs at \(position.last.value)")))
      }
    }
    // Logs that the parent did not mention it has nothing of.
    for log in offered {
      if let first = try source.applySequence(of: log, after: positions[log] ?? .zero) {
        start = Swift.min(start ?? first, first)
      }
    }
    state = .streaming(
      Stream(parent: welcome.node, next: start ?? end.next, positions: positions, credit: welcome.credit))
    return welcome.positions.map { .init(level: 1, log: $0.log, last: $0.last) }
  }

  public mutating func received(_ acknowledgement: LinkMessage.Acknowledgement) {
    guard case .streaming(var stream) = state else { return }
    stream.credit = Swift.max(stream.credit, acknowledgement.credit)
    state = .streaming(stream)
  }

  public mutating func received(_ refusal: LinkMessage.Refusal) -> Ending { close(.refused(refusal)) }

  /// The next frame to send, or nil when everything durable was sent or the credit is used up.
  ///
  /// - Parameter durable: the last apply sequence that is synced here.
  public mutating func nextFrame(durable: ApplySequence, from source: some FrameSource) throws -> Bytes? {
    guard case .streaming(var stream) = state else { return nil }
    // A refusal closes the link for good: only a state that still streams is kept.
    defer { if case .streaming = state { state = .streaming(stream) } }
    while stream.next <= durable {
      guard let (log, last, bytes) = try source.frame(at: stream.next) else {
        throw close(.refuse(.init(.gap, "frame \(stream.next.value) of the apply order is missing here")))
      }
      if let position = stream.positions[log], last <= position {
        stream.next = stream.next.next
        continue
      }
      // One frame may overdraw: a frame larger than the whole grant must still pass.
      guard stream.sent < stream.credit else { return nil }
      stream.sent += UInt64(bytes.count)
      stream.next = stream.next.next
      return bytes
    }
    return nil
  }

  /// Frames that are durable here and not sent yet.
  public func backlog(durable: ApplySequence) -> UInt64 {
    guard case .streaming(let stream) = state, stream.next <= durable else { return 0 }
    return durable.value - stream.next.value + 1
  }

  private mutating func close(_ ending: Ending) -> Ending {
    state = .closed
    return ending
  }
}
