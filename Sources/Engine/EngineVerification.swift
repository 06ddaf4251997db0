import Formats
import Primitives
import Replication

/// What the driver has to do for a verification. Snapshots are the driver's: an engine has none.
public enum VerificationEvent: Hashable, Sendable {
  /// Owner: hold a snapshot of everything durable for this conversation, then say ``Engine/holds(_:)`` before anything
  /// else is written.
  case hold(VerificationQuestion)
  /// Owner: answer from the moment held, by ``Engine/answer(_:)``; ``VerificationQuestion/Kind/end`` wants none.
  case asked(VerificationQuestion)
  /// Asker: the owner's position is reached. Hold a snapshot once everything applied is durable, then say
  /// ``Engine/momentTaken(_:)``; until then the log stands still here.
  case reached(id: UInt64)
  /// Asker: the owner's answer.
  case answered(VerificationAnswer)
  /// Asker: it is over.
  case failed(id: UInt64, VerificationFailure)
}

/// Why a verification ended without a result.
public enum VerificationFailure: Hashable, Sendable {
  /// No link leads to the owner now, or it broke.
  case unreachable
  case busy
  case gone
  case damagedAtOwner
  /// At this position of the log the owner has another frame, or fewer than we.
  case diverged

  init(_ told: VerificationAnswer.Failure) {
    switch told {
    case .unreachable: self = .unreachable
    case .busy: self = .busy
    case .gone: self = .gone
    case .damaged: self = .damagedAtOwner
    }
  }
}

/// Compares rows with their owner at one position of its log.
///
/// 1. The owner's position leaves before any frame behind it: it finds an ancestor at that position or before it.
/// 2. When the ancestor has applied exactly that frame, frames of the log wait until it holds its moment: both sides
///    speak of the same commits.
/// 3. Questions come from above and are answered from below, never otherwise; relays pass them on and keep no rows.
struct Verifications {
  enum Stage: Hashable {
    case asked
    /// The owner holds this; we are on our way there.
    case awaiting(LinkMessage.Position)
    case held
  }
  struct Conversation {
    let partition: PartitionID
    let link: LinkID
    var stage = Stage.asked
  }
  struct Relay {
    let up: LinkID
    let down: LinkID
  }

  var conversations: [UInt64: Conversation] = [:]
  var relays: [UInt64: Relay] = [:]
  /// Owner: which uplink a conversation came from.
  var served: [UInt64: LinkID] = [:]
  var events: [VerificationEvent] = []

  /// Conversations that a relay carries at a time, and that an owner answers.
  static let relaysMax = 64

  /// Where a log must stand still until a moment is taken.
  func barrier(_ log: LogID) -> LinkMessage.Position? {
    for id in conversations.keys.sorted() {
      if case .awaiting(let position) = conversations[id]?.stage, position.log == log { return position }
    }
    return nil
  }
}

extension Engine {
  /// Asks the owner of a partition below us to hold a moment for a comparison.
  ///
  /// - Parameter id: names the conversation; random, so that two ancestors never take the same.
  /// - Returns: false when no linked child leads there.
  public func beginVerification(id: UInt64, of partition: PartitionID) -> Bool {
    guard let link = childLink(to: partition), verifications.conversations[id] == nil else { return false }
    verifications.conversations[id] = .init(partition: partition, link: link)
    send(.question(.init(id: id, number: 0, partition: partition, .begin)), on: link)
    return true
  }

  /// Asks a further question in a conversation; its answer comes as an event. Ignored when the conversation is over.
  public func ask(_ question: VerificationQuestion) {
    guard let conversation = verifications.conversations[question.id] else { return }
    send(.question(question), on: conversation.link)
  }

  /// Gives the owner's moment back.
  public func endVerification(id: UInt64) {
    guard let conversation = verifications.conversations.removeValue(forKey: id) else { return }
    send(.question(.init(id: id, number: .max, partition: conversation.partition, .end)), on: conversation.link)
  }

  /// Whether the driver has something to do: for a moment everything derived must be in the store.
  public var hasVerificationEvents: Bool { !verifications.events.isEmpty }

  /// What the driver has to do, in order.
  public func takeVerificationEvents() -> [VerificationEvent] {
    defer { verifications.events.removeAll() }
    return verifications.events
  }

  /// Owner: the driver holds a snapshot of everything durable for this question.
  public func holds(_ question: VerificationQuestion) {
    let head = durableHeads[identity.log] ?? .empty(identity.partition)
    answer(.init(to: question, .position(.init(log: identity.log, last: head.last, hash: head.hash))))
  }

  /// Owner: sends an answer back the way its question came.
  public func answer(_ answer: VerificationAnswer) {
    guard let link = verifications.served[answer.id] else { return }
    if case .failed = answer.kind { verifications.served[answer.id] = nil }
    send(.answer(answer), on: link)
  }

  /// Asker: the driver holds its snapshot; the log goes on.
  public func momentTaken(_ id: UInt64) { verifications.conversations[id]?.stage = .held }

  /// Whether the rows of a partition stand durably at the position that a conversation waits for.
  public func isAtPosition(_ id: UInt64) -> Bool {
    guard let conversation = verifications.conversations[id], case .awaiting(let position) = conversation.stage else {
      return false
    }
    return durableHeads[position.log]?.last ?? .zero == position.last
  }

  /// The owner's position that a conversation waits for; nil when it waits for none.
  public func position(of id: UInt64) -> LinkMessage.Position? {
    guard case .awaiting(let position) = verifications.conversations[id]?.stage else { return nil }
    return position
  }

  private func childLink(to partition: PartitionID) -> LinkID? {
    linkOrder.first { id in
      if case .down(let downlink) = links[id] { isBelow(partition, downlink.partition) } else { false }
    }
  }

  // MARK: Messages

  func receivedQuestion(_ question: VerificationQuestion, _ id: LinkID) {
    guard question.partition != identity.partition else { return serve(question, id) }
    if let relay = verifications.relays[question.id], relay.up == id {
      send(.question(question), on: relay.down)
      if question.kind == .end { verifications.relays[question.id] = nil }
      return
    }
    guard question.kind != .end else { return }
    guard question.kind == .begin, let down = childLink(to: question.partition) else {
      return send(.answer(.init(to: question, .failed(.unreachable))), on: id)
    }
    guard verifications.relays.count < Verifications.relaysMax else {
      return send(.answer(.init(to: question, .failed(.busy))), on: id)
    }
    verifications.relays[question.id] = .init(up: id, down: down)
    send(.question(question), on: down)
  }

  private func serve(_ question: VerificationQuestion, _ id: LinkID) {
    switch question.kind {
    case .begin:
      // A store that lacks its tail, or whose new log has no durable frame, has no position that an ancestor could
      // reach and has not passed: it would hold that log back and wait, or call the two diverged.
      guard verifications.served.count < Verifications.relaysMax, standing.mayCommit else {
        return send(.answer(.init(to: question, .failed(.busy))), on: id)
      }
      verifications.served[question.id] = id
      verifications.events.append(.hold(question))
    case .end:
      guard verifications.served.removeValue(forKey: question.id) != nil else { return }
      verifications.events.append(.asked(question))
    default:
      guard verifications.served[question.id] == id else {
        return send(.answer(.init(to: question, .failed(.gone))), on: id)
      }
      verifications.events.append(.asked(question))
    }
  }

  func receivedAnswer(_ answer: VerificationAnswer, _ id: LinkID) {
    if let relay = verifications.relays[answer.id] {
      guard relay.down == id else { return }
      if case .failed = answer.kind { verifications.relays[answer.id] = nil }
      return send(.answer(answer), on: relay.up)
    }
    guard let conversation = verifications.conversations[answer.id], conversation.link == id,
      conversation.partition == answer.partition
    else { return }
    switch (answer.kind, conversation.stage) {
    case (.failed(let failure), _):
      fail(answer.id, VerificationFailure(failure))
    case (.position(let position), .asked):
      // The log of the partition's owner, and no other: a relay cannot name one of its own.
      guard assignments[answer.partition]?.owner == position.log.node else { return fail(answer.id, .diverged) }
      // A machine that has not got its history back yet has nothing to be compared with.
      guard position.last > .zero else { return fail(answer.id, .gone) }
      verifications.conversations[answer.id]?.stage = .awaiting(position)
      arrived(at: heads[position.log] ?? .empty(answer.partition), position.log)
    case (.position, _), (_, .asked), (_, .awaiting): fail(answer.id, .gone)
    case (_, .held): verifications.events.append(.answered(answer))
    }
  }

  /// A log has come this far: conversations that wait for the position, or find that it can never come, go on.
  func arrived(at head: LogState, _ log: LogID) {
    guard !verifications.conversations.isEmpty else { return }
    for id in verifications.conversations.keys.sorted() {
      guard case .awaiting(let position) = verifications.conversations[id]?.stage, position.log == log,
        head.last >= position.last
      else { continue }
      if head.last == position.last, head.hash == position.hash {
        verifications.events.append(.reached(id: id))
      } else {
        fail(id, .diverged)
      }
    }
  }

  /// Gives up the comparisons that hold frames back.
  func failAwaiting() {
    for id in verifications.conversations.keys.sorted() {
      if case .awaiting = verifications.conversations[id]?.stage { fail(id, .gone) }
    }
  }

  private func fail(_ id: UInt64, _ failure: VerificationFailure) {
    guard verifications.conversations[id] != nil else { return }
    endVerification(id: id)
    verifications.events.append(.failed(id: id, failure))
  }

  /// Whether a frame must wait behind a moment that is about to be taken.
  func mustWait(_ header: FrameHeader) -> Bool {
    guard !verifications.conversations.isEmpty, let position = verifications.barrier(header.log) else { return false }
    return header.first > position.last
  }

  func forgetVerifications(of link: LinkID) {
    for id in verifications.relays.keys.sorted() {
      guard let relay = verifications.relays[id] else { continue }
      guard relay.up == link || relay.down == link else { continue }
      verifications.relays[id] = nil
      if relay.down == link {
        send(.answer(.init(id: id, number: 0, partition: identity.partition, .failed(.unreachable))), on: relay.up)
      }
    }
    for id in verifications.served.keys.sorted() where verifications.served[id] == link {
      verifications.served[id] = nil
      verifications.events.append(.asked(.init(id: id, number: .max, partition: identity.partition, .end)))
    }
    for id in verifications.conversations.keys.sorted() where verifications.conversations[id]?.link == link {
      verifications.conversations[id] = nil
      verifications.events.append(.failed(id: id, .unreachable))
    }
  }
}
