import Foundation

/// A few threads that run reads: RocksDB blocks, and blocking belongs on threads of our own (measured: four blocking
/// calls in plain actors froze an unrelated task for 0.8 s).
final class ReaderPool: @unchecked Sendable {
  // SAFETY: everything mutable is guarded by `condition`.
  private let condition = NSCondition()
  private var jobs: [@Sendable () -> Void] = []
  private var isStopping = false
  private var running: Int

  init(count: Int) {
    running = count
    for number in 0..<count {
      let thread = Thread { [self] in run() }
      thread.name = "xylem-read-\(number)"
      thread.start()
    }
  }

  /// Runs `body` on one of the threads.
  func perform<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      condition.lock()
      if isStopping {
        condition.unlock()
        continuation.resume(throwing: Failure(.nodeStopping))
        return
      }
      jobs.append { continuation.resume(with: Swift.Result { try body() }) }
      condition.signal()
      condition.unlock()
    }
  }

  /// Runs `body` on one of the threads, some time; not when the pool is stopping.
  func post(_ body: @escaping @Sendable () -> Void) {
    condition.lock()
    defer { condition.unlock() }
    guard !isStopping else { return }
    jobs.append(body)
    condition.signal()
  }

  /// Ends the threads after the jobs that wait.
  func stop() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      condition.lock()
      isStopping = true
      condition.broadcast()
      condition.unlock()
      let waiter = Thread { [self] in
        condition.lock()
        while running > 0 { condition.wait() }
        condition.unlock()
        continuation.resume()
      }
      waiter.start()
    }
  }

  private func run() {
    while true {
      condition.lock()
      while jobs.isEmpty && !isStopping { condition.wait() }
      guard !jobs.isEmpty else {
        running -= 1
        condition.broadcast()
        condition.unlock()
        return
      }
      let job = jobs.removeFirst()
      condition.unlock()
      job()
    }
  }
}
