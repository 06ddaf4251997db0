import Ports
import Primitives
import Synchronization

/// Durable changes of rows on their way from the node's thread to the columns. Closed until columns are wanted.
final class RowFeed: Sendable {
  private struct State {
    var isOpen = false
    /// Rises with each opening and each loss: what was built under another number has missed changes.
    var generation = 0
    var batches: [(applied: ApplySequence, rows: WriteBatch)] = []
    var byteCount = 0
    var isDrainWanted = false
  }
  private let state = Mutex(State())

  /// When so much waits, it is worth a reader's time although nobody asked.
  static let drainBytes = 8 << 20
  /// When so much waits, the readers cannot follow: it is dropped, and columns are loaded anew when next wanted.
  static let bytesMax = 256 << 20

  /// Begins to take changes; returns the number of this opening.
  func open() -> Int {
    state.withLock { state in
      if !state.isOpen {
        state.isOpen = true
        state.generation += 1
      }
      return state.generation
    }
  }

  /// What the node's thread is told of a batch.
  enum Reply {
    case taken
    /// So much waits that somebody should follow; said once until somebody did.
    case drain
    /// Nobody follows any more.
    case closed
  }

  func add(_ rows: WriteBatch, _ applied: ApplySequence) -> Reply {
    state.withLock { state in
      guard state.isOpen else { return .closed }
      state.batches.append((applied, rows))
      state.byteCount += rows.byteCount
      guard state.byteCount <= RowFeed.bytesMax else {
        // Whoever has an earlier number knows from this that changes are missing.
        state = State(generation: state.generation + 1)
        return .closed
      }
      guard state.byteCount > RowFeed.drainBytes, !state.isDrainWanted else { return .taken }
      state.isDrainWanted = true
      return .drain
    }
  }

  /// Rows were replaced without changes that could be followed: whoever followed begins anew.
  func lose() { state.withLock { state in state = State(generation: state.generation + 1) } }

  /// The batches up to `applied`, or all there are, in order, and the number of the opening they belong to.
  func take(upTo applied: ApplySequence? = nil) -> (generation: Int, batches: [WriteBatch]) {
    state.withLock { state in
      let count = state.batches.prefix { $0.applied <= applied ?? $0.applied }.count
      let taken = state.batches[..<count].map(\.rows)
      state.batches.removeFirst(count)
      state.byteCount = state.batches.reduce(0) { $0 + $1.rows.byteCount }
      state.isDrainWanted = false
      return (state.generation, taken)
    }
  }
}
