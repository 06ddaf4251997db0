import Engine
import Foundation
import Messages
import Primitives
import Synchronization

extension NodeThread {
  /// Puts a key of the node's own and returns when it is written and synced.
  ///
  /// Blocks until the node's thread comes round: not for the cooperative pool, nor for the node's thread itself.
  func keepNow(_ key: Bytes, _ value: Bytes) throws {
    let outcome = Mutex<Failure?>(nil)
    let semaphore = DispatchSemaphore(value: 0)
    perform { engine in
      engine.keep(key, value)
    } whenWritten: { failure in
      outcome.withLock { $0 = failure }
      semaphore.signal()
    }
    semaphore.wait()
    if let failure = outcome.withLock({ $0 }) { throw failure }
  }
}
