import Engine
import Foundation
import Formats
import Ports
import Primitives
import RocksStorage
import Synchronization

/// The driver's part of verifications: moments held for others and for ourselves, answers handed to who waits for them.
///
/// Moments are dear: while one is held RocksDB keeps what it shows. So there are at most ``momentsMax`` for others, and
/// one that nothing is asked of goes after ``idleSeconds``.
final class VerificationHub: Sendable {
  /// Moments held for ancestors at a time.
  static let momentsMax = 2
  /// How long an unused moment is kept for an ancestor.
  static let idleSeconds: TimeInterval = 120

  /// What a verification of ours is told.
  enum Event: Sendable {
    /// Our moment stands at the owner's position.
    case moment(HeldSnapshot, LinkMessage.Position)
    case answered(VerificationAnswer)
    case failed(VerificationFailure)
  }

  private struct Held {
    let snapshot: HeldSnapshot
    var used: Date
    var readers = 0
    var isReleased = false
  }
  private struct State {
    var held: [UInt64: Held] = [:]
    var waiters: [UInt64: AsyncStream<Event>.Continuation] = [:]
  }
  private let state = Mutex(State())

  // MARK: Asking

  /// Where the events of one of our conversations arrive.
  func events(_ id: UInt64) -> AsyncStream<Event> {
    let (stream, continuation) = AsyncStream.makeStream(of: Event.self)
    state.withLock { $0.waiters[id] = continuation }
    return stream
  }

  func tell(_ id: UInt64, _ event: Event) {
    guard let waiter = state.withLock({ $0.waiters[id] }) else {
      if case .moment(let snapshot, _) = event { snapshot.release() }
      return
    }
    if case .terminated = waiter.yield(event), case .moment(let snapshot, _) = event { snapshot.release() }
  }

  /// Nobody waits for this conversation any more.
  func end(_ id: UInt64) { state.withLock { $0.waiters.removeValue(forKey: id) }?.finish() }

  // MARK: Answering

  /// Keeps a moment for an ancestor's questions; false when there are too many.
  func hold(_ id: UInt64, _ snapshot: () throws(StoreError) -> HeldSnapshot) throws(StoreError) -> Bool {
    releaseIdle()
    let count = state.withLock { $0.held.count }
    guard count < VerificationHub.momentsMax else { return false }
    let held = Held(snapshot: try snapshot(), used: Date())
    state.withLock { $0.held[id] = held }
    return true
  }

  /// Runs `body` over the moment held for a conversation; nil when there is none.
  func withMoment<Result>(_ id: UInt64, _ body: (any StoreReader) throws -> Result) rethrows -> Result? {
    let snapshot = state.withLock { state -> HeldSnapshot? in
      guard let held = state.held[id], !held.isReleased else { return nil }
      state.held[id]?.readers += 1
      state.held[id]?.used = Date()
      return held.snapshot
    }
    guard let snapshot else { return nil }
    defer { finishReading(id) }
    return try body(snapshot.reader)
  }

  private func finishReading(_ id: UInt64) {
    let done = state.withLock { state -> HeldSnapshot? in
      state.held[id]?.readers -= 1
      guard let held = state.held[id], held.isReleased, held.readers == 0 else { return nil }
      state.held[id] = nil
      return held.snapshot
    }
    done?.release()
  }

  /// Gives a moment back, at once or when the reader that is at it has finished.
  func release(_ id: UInt64) {
    let done = state.withLock { state -> HeldSnapshot? in
      state.held[id]?.isReleased = true
      guard let held = state.held[id], held.readers == 0 else { return nil }
      state.held[id] = nil
      return held.snapshot
    }
    done?.release()
  }

  private func releaseIdle() {
    let limit = Date(timeIntervalSinceNow: -VerificationHub.idleSeconds)
    let idle = state.withLock { state in state.held.filter { $0.value.used < limit }.map(\.key) }
    for id in idle { release(id) }
  }

  /// The node closes: every moment goes, every waiter learns of it.
  func close() {
    let (held, waiters) = state.withLock { state in (state.held.map(\.key), state.waiters.map(\.value)) }
    for id in held { release(id) }
    for waiter in waiters { waiter.finish() }
  }
}

/// Answers an ancestor's questions on a reader thread: a scan of millions of rows must not hold the node up.
final class Answering: Sendable {
  /// Set once, before anything is asked.
  let thread = Mutex<NodeThread?>(nil)

  func answer(_ question: VerificationQuestion, _ hub: VerificationHub, _ readers: ReaderPool) {
    guard let thread = thread.withLock({ $0 }) else { return }
    Task {
      let kind: VerificationAnswer.Kind
      do {
        kind =
          try await readers.perform {
            try hub.withMoment(question.id) { reader in
              try RangeDigests(reader, question.partition).answer(question.kind)
            }
          } ?? .failed(.gone)
      } catch { kind = .failed(.damaged) }
      // A node that stops closes its links: nobody waits for the answer any more.
      try? await thread.perform { $0.answer(VerificationAnswer(to: question, kind)) }
    }
  }
}
