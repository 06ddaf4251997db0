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
  /// Behind which place frames of `log` are here, when a snapshot stands for those before; nil when all are.
  func floor(of log: LogID) -> LogFloor?
  /// The snapshot that stands for what was applied as number `sequence`, or nil when a frame was.
  func snapshot(at sequence: ApplySequence) throws -> SnapshotPlace?
}

/// The place in a log up to which a snapshot stands for its frames.
public struct LogFloor: Hashable, Sendable {
  public let last: Sequence64
  public let hash: Digest256
  /// The first number of the apply order that the snapshot stands for.
  public let first: ApplySequence

  /// A place.
  public init(last: Sequence64, hash: Digest256, first: ApplySequence) {
    self.last = last
    self.hash = hash
    self.first = first
  }
}

/// A snapshot where it stands in an apply order.
public struct SnapshotPlace: Hashable, Sendable {
  public let partition: PartitionID
  /// Up to where it speaks for each log of the partition.
  public let ends: [SnapshotManifest.LogEnd]

  /// A snapshot of a partition.
  public init(partition: PartitionID, ends: [SnapshotManifest.LogEnd]) {
    self.partition = partition
    self.ends = ends
  }
}

extension FrameSource {
  /// All frames are here.
  public func floor(of log: LogID) -> LogFloor? { nil }
  /// There is none.
  public func snapshot(at sequence: ApplySequence) throws -> SnapshotPlace? { nil }
}

/// The child's side of a link to its parent, as a machine without I/O.
///
/// 1. Frames leave in the order in which this store applied them, so that an assignment arrives before what it allows.
/// 2. Only durable frames are sent, and only as many bytes as the parent granted.
/// 3. What the parent already has is not sent again.
/// 4. A snapshot goes up where it stands in that order, when the parent lacks what it stands for; nothing passes it.
/// 5. What the parent has of our logs, or of those below, and we lack is asked for before anything is sent: a store
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
    /// The snapshot that the parent takes first.
    var snapshot: PartitionID?
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
      } else if let floor = source.floor(of: position.log), position.last < floor.last {
        // Frames from before a snapshot are not here to be compared: the snapshot itself goes up.
        continue
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
    let next = try Uplink.start(positions, offered, end, from: source)
    state = .streaming(Stream(parent: welcome.node, next: next, positions: positions, credit: welcome.credit))
  }

  /// The first entry of the apply order that the parent lacks. Logs that it did not mention it has nothing of.
  private static func start(
    _ positions: [LogID: Sequence64], _ offered: [LogID], _ end: ApplySequence, from source: some FrameSource
  ) throws -> ApplySequence {
    var start: ApplySequence?
    for log in offered {
      if let first = try source.applySequence(of: log, after: positions[log] ?? .zero) {
        start = Swift.min(start ?? first, first)
      }
    }
    return start ?? end.next
  }

  // MARK: Snapshots

  /// The snapshot that the parent must take before anything else leaves; nil when frames may.
  public var snapshotDue: PartitionID? { if case .streaming(let stream) = state { stream.snapshot } else { nil } }

  /// Whether the parent has anything of a log, as far as it said.
  public func parentHas(_ log: LogID) -> Bool {
    if case .streaming(let stream) = state { stream.positions[log] ?? .zero > .zero } else { false }
  }

  /// Nothing leaves until the parent took the snapshot of `partition`, or ``goOn(offered:end:from:)`` says otherwise.
  public mutating func hold(for partition: PartitionID) {
    guard case .streaming(var stream) = state else { return }
    stream.snapshot = partition
    state = .streaming(stream)
  }

  /// The parent has everything up to `ends`.
  public mutating func took(
    _ ends: [SnapshotManifest.LogEnd], offered: [LogID], end: ApplySequence, from source: some FrameSource
  ) throws {
    guard case .streaming(var stream) = state else { return }
    for end in ends { stream.positions[end.log] = Swift.max(stream.positions[end.log] ?? .zero, end.last) }
    state = .streaming(stream)
    try goOn(offered: offered, end: end, from: source)
  }

  /// Frames may leave again, from the first that the parent lacks.
  public mutating func goOn(offered: [LogID], end: ApplySequence, from source: some FrameSource) throws {
    guard case .streaming(var stream) = state else { return }
    stream.snapshot = nil
    stream.next = try Uplink.start(stream.positions, offered, end, from: source)
    state = .streaming(stream)
  }

  /// Asks the parent again for what is lacking, after a snapshot came down in place of frames.
  public func recallAgain(offered: [LogID], from source: some FrameSource) -> LinkMessage.Recall? {
    guard case .recalling(let pull) = state else { return nil }
    return recall(pull.cursor, offered, from: source)
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
    while stream.next <= durable, stream.snapshot == nil {
      if let place = try source.snapshot(at: stream.next) {
        if place.ends.contains(where: { stream.positions[$0.log] ?? .zero < $0.last }) {
          stream.snapshot = place.partition
          return nil
        }
        stream.next = stream.next.next
        continue
      }
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
      stream.positions[log] = last
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
