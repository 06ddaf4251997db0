import Messages
import Ports
import Synchronization

/// What a carrier tells before the node's thread is there to hear it: handed over in order, then passed on at once.
final class EarlyEvents: Sendable {
  private enum State {
    case gathering([CarrierEvent])
    case passing(NodeThread)
  }
  private let state = Mutex<State>(.gathering([]))

  func take(_ event: CarrierEvent) {
    // Under the lock, so that nothing overtakes what was gathered; delivering only appends to the thread's mailbox.
    state.withLock { state in
      switch state {
      case .gathering(var events):
        events.append(event)
        state = .gathering(events)
      case .passing(let thread): thread.deliver(event)
      }
    }
  }

  func hand(to thread: NodeThread) {
    state.withLock { state in
      if case .gathering(let events) = state { for event in events { thread.deliver(event) } }
      state = .passing(thread)
    }
  }
}

/// Whether and why a node's thread ended, for those who wait for it.
final class NodeEnding: Sendable {
  private struct State {
    var hasEnded = false
    var failure: Failure?
    var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
    var nextWaiter: UInt64 = 0
  }
  private let state = Mutex(State())

  func end(_ failure: Failure?) {
    let waiters = state.withLock { state in
      state.hasEnded = true
      state.failure = failure
      defer { state.waiters = [:] }
      return state.waiters
    }
    for waiter in waiters.values { waiter.resume() }
  }

  /// Returns when the thread has ended or the task is cancelled: why it ended of itself, or nil.
  func wait() async -> Failure? {
    let number = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.hasEnded || Task.isCancelled { return true }
          state.waiters[number] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiters.removeValue(forKey: number) }?.resume()
    }
    return state.withLock { $0.failure }
  }
}
