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
/// 3. What the parent already has is not sent again.
/// 4. What the parent has of our logs, or of those below, and we lack is asked for before anything is sent: a store
///    that was put back pulls its tail. Two histories at one position stop the link.
///
/// awaitingWelcome → streaming → closed; awaitingWelcome → recalling → streaming; any → closed.
public struct Uplink {
  private enum State {
    case awaitingWelcome
    case recalling(Pull)
    case streaming(Stream)
    case closed
  }

  private struct Pull {
    let welcome: LinkMessage.Welcome
    var cursor = ApplySequence.zero
  }

  /// What the parent's answer leads to.
  public enum Outcome: Hashable, Sendable {
    /// Frames may leave.
    case streams
    /// Our store holds less than the parent: ask it for the rest.
    case recalls(LinkMessage.Recall)
  }

  /// How this store came to be what it is.
  public struct Standing: Hashable, Sendable {
    /// The log written last here.
    public let own: LogID
    /// The store was put back or rebuilt: it asks the parent before anything else.
    public let isRecovering: Bool

    /// A store with the log it wrote last.
    public init(own: LogID, isRecovering: Bool) {
      self.own = own
      self.isRecovering = isRecovering
    }
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
  /// Whether frames are being pulled from the parent.
  public var isRecalling: Bool { if case .recalling = state { true } else { false } }
  /// The parent, once it has answered.
  public var parent: NodeID? {
    switch state {
    case .streaming(let stream): stream.parent
    case .recalling(let pull): pull.welcome.node
    case .awaitingWelcome, .closed: nil
    }
  }

  /// The parent's answer: decides where to go on, or that we must not.
  ///
  /// - Parameters:
  ///   - offered: every log held here.
  ///   - end: the last apply sequence handed out here.
  /// - Throws: ``Ending`` when the two histories do not fit; the store's error when it cannot be read.
  public mutating func received(
    _ welcome: LinkMessage.Welcome, standing: Standing, offered: [LogID], end: ApplySequence,
    from source: some FrameSource
  ) throws -> Outcome {
    guard case .awaitingWelcome = state else {
      throw close(.refuse(.init(.malformed, "a second welcome")))
    }
    var lacks = standing.isRecovering
    for position in welcome.positions {
      let head = source.head(of: position.log)?.last ?? .zero
      if head < position.last {
        if let refusal = Uplink.reason(against: position, standing, head) { throw close(.refuse(refusal)) }
        lacks = true
      } else if position.last > .zero {
        guard try source.hash(of: position.log, endingAt: position.last) == position.hash else {
          throw close(.refuse(.init(.diverged, "log \(position.log.value) differs at \(position.last.value)")))
        }
      }
    }
    if lacks {
      state = .recalling(Pull(welcome: welcome))
      return .recalls(recall(.zero, offered, from: source))
    }
    try stream(welcome, offered, end, from: source)
    return .streams
  }

  /// Why we must not go on under a parent that has more of a log than we have; nil when we only have to ask for it.
  private static func reason(
    against position: LinkMessage.Position, _ standing: Standing, _ head: Sequence64
  ) -> LinkMessage.Refusal? {
    // Others' logs: a relay that was put back, or that took a partition over.
    guard position.log.node == standing.own.node, position.log != standing.own else { return nil }
    let (theirs, ours) = (position.log.incarnation, standing.own.incarnation)
    if theirs > ours, !standing.isRecovering {
      return .init(.fenced, Text("incarnation \(theirs) of this node is registered, this store is \(ours)"))
    }
    if theirs < ours {
      return .init(
        .diverged,
        Text(
          "the parent holds \(position.last.value) of incarnation \(theirs), incarnation \(ours) went on from \(head.value): to be reconciled"
        ))
    }
    return nil
  }

  private func recall(
    _ cursor: ApplySequence, _ offered: [LogID], from source: some FrameSource
  ) -> LinkMessage.Recall {
    .init(
      positions: offered.compactMap { log in
        source.head(of: log).map { .init(log: log, last: $0.last, hash: $0.hash) }
      }, cursor: cursor)
  }

  /// The parent's frames were applied here; says what to ask next, or that nothing is left to ask for. Then the caller
  /// does what it must do before it writes on, and calls ``resume(offered:end:from:)``.
  public mutating func applied(
    _ recalled: LinkMessage.Recalled, offered: [LogID], from source: some FrameSource
  ) throws -> LinkMessage.Recall? {
    guard case .recalling(var pull) = state else {
      throw close(.refuse(.init(.malformed, "frames that nobody asked for")))
    }
    guard recalled.isLast || recalled.cursor > pull.cursor else {
      throw close(.refuse(.init(.malformed, "an answer that does not go on")))
    }
    pull.cursor = recalled.cursor
    state = .recalling(pull)
    if !recalled.isLast { return recall(recalled.cursor, offered, from: source) }
    for position in pull.welcome.positions {
      let head = source.head(of: position.log)
      guard let head, head.last > position.last || head.last == position.last && head.hash == position.hash else {
        throw close(
          .refuse(
            .init(
              .gap,
              Text("log \(position.log.value): \(position.last.value) was promised, \(head?.last.value ?? 0) came"))))
      }
    }
    return nil
  }

  /// Lets frames leave after everything was pulled.
  public mutating func resume(offered: [LogID], end: ApplySequence, from source: some FrameSource) throws {
    guard case .recalling(let pull) = state else { return }
    try stream(pull.welcome, offered, end, from: source)
  }

  private mutating func stream(
    _ welcome: LinkMessage.Welcome, _ offered: [LogID], _ end: ApplySequence, from source: some FrameSource
  ) throws {
    var positions: [LogID: Sequence64] = [:]
    for position in welcome.positions { positions[position.log] = position.last }
    var start: ApplySequence?
    // Logs that the parent did not mention it has nothing of.
    for log in offered {
      if let first = try source.applySequence(of: log, after: positions[log] ?? .zero) {
        start = Swift.min(start ?? first, first)
      }
    }
    state = .streaming(
      Stream(parent: welcome.node, next: start ?? end.next, positions: positions, credit: welcome.credit))
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
