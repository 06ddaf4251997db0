import CSQLite
import Messages
import Primitives
import Synchronization

/// What one statement may cost. Every limit that is reached is named in the failure, with how to ask for less.
public struct SQLLimits: Sendable {
  /// From the start to the last row, the time the reader of the rows takes included.
  public var seconds = 30
  /// Rows of the answer.
  public var rows = 1_000_000
  /// What SQLite takes for sorting, grouping and temporary tables, and what is gathered for an order.
  public var memory = ByteCount.mebibytes(256)
  public init() {}

  /// Bounds of what a caller may ask for.
  public static let secondsRange = 1...3600
  public static let rowsRange = 1...100_000_000
  public static let mebibytesRange = 1...16_384

  /// Bytes of one statement's text.
  static let textBytesMax = 256 << 10
  /// Bytes of one value.
  static let valueBytesMax = 16 << 20
}

/// Says of a running statement whether it may go on.
final class Budget: Sendable {
  let limits: SQLLimits
  private let deadline: ContinuousClock.Instant
  private let isEnding: @Sendable () -> Bool
  private struct State {
    var isCancelled = false
    /// What is held outside SQLite.
    var gathered = 0
  }
  private let state = Mutex(State())
  /// SQLite counts for the whole process: what others had when the statement began is not its own.
  private let memoryBefore: Int64

  init(_ limits: SQLLimits, isEnding: @escaping @Sendable () -> Bool) {
    self.limits = limits
    self.isEnding = isEnding
    deadline = ContinuousClock.now.advanced(by: .seconds(limits.seconds))
    memoryBefore = sqlite3_memory_used()
  }

  func cancel() { state.withLock { $0.isCancelled = true } }
  var isCancelled: Bool { state.withLock { $0.isCancelled } }

  /// Time that is left.
  var remaining: Duration { deadline - ContinuousClock.now }

  /// - Throws: which limit is reached, or that nobody waits for the answer any more.
  func check() throws(Failure) {
    let (isCancelled, gathered) = state.withLock { ($0.isCancelled, $0.gathered) }
    if isCancelled { throw Failure(.sqlCancelled) }
    if isEnding() { throw Failure(.nodeStopping) }
    if ContinuousClock.now >= deadline { throw Failure(.queryTimedOut, ["seconds": "\(limits.seconds)"]) }
    if Int(sqlite3_memory_used() - memoryBefore) + gathered > limits.memory.value { throw tooMuch }
  }

  /// Counts bytes that are about to be held until the statement ends.
  func gather(_ bytes: Int) throws(Failure) {
    let gathered = state.withLock { state in
      state.gathered += bytes
      return state.gathered
    }
    if gathered > limits.memory.value { throw tooMuch }
  }

  private var tooMuch: Failure { Failure(.sqlMemory, ["maximum": "\(limits.memory.value >> 20)"]) }
}
