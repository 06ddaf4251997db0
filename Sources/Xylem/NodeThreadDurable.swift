import Engine
import Messages

/// Work on the node's thread whose caller waits until all of it lasts.
extension NodeThread {
  /// Runs `body`, and returns only when everything that the engine took up to then is written and synced.
  func performWritten<Result: Sendable>(
    _ body: @escaping @Sendable (Engine) throws -> Result
  ) async throws(Failure) -> Result {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        post { [self] engine in
          do {
            let result = try body(engine)
            writtenWaiters.append { failure in
              if let failure { continuation.resume(throwing: failure) } else { continuation.resume(returning: result) }
            }
          } catch { continuation.resume(throwing: error) }
        } orElse: {
          continuation.resume(throwing: $0)
        }
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Runs `body` when rows and indexes of everything durable are on the disk, and returns when what it changed is
  /// synced.
  ///
  /// Cost: what is in memory of both is written to files, on the node's thread.
  func performStored<Result: Sendable>(
    _ body: @escaping @Sendable (Engine) throws -> Result
  ) async throws(Failure) -> Result {
    do {
      return try await withCheckedThrowingContinuation { continuation in
        post { [self] engine in
          readDemands.append { [self] failure in
            if let failure { return continuation.resume(throwing: failure) }
            do {
              try store.storeDerived()
              let result = try body(engine)
              writtenWaiters.append { failure in
                if let failure {
                  continuation.resume(throwing: failure)
                } else {
                  continuation.resume(returning: result)
                }
              }
            } catch { continuation.resume(throwing: error) }
          }
        } orElse: {
          continuation.resume(throwing: $0)
        }
      }
    } catch { throw Failure(anyError: error) }
  }
}
