import Ports
import Primitives

/// Changes that are not durable yet: one batch being written, one being filled. The engine reads its own rows through them;
/// nobody else sees them.
struct PendingWrites {
  private struct Generation {
    var batch = WriteBatch()
    /// Row key → row, or nil for a deleted one.
    var rows: [Bytes: Bytes?] = [:]
  }

  private var open = Generation()
  private var inFlight: Generation?

  var hasInFlight: Bool { inFlight != nil }
  var openByteCount: Int { open.batch.byteCount }
  var isOpenEmpty: Bool { open.batch.isEmpty }

  mutating func put(_ space: Keyspace, _ key: Bytes, _ value: Bytes) { open.batch.put(space, key, value) }

  mutating func putRow(_ key: Bytes, _ row: Bytes?) {
    if let row { open.batch.put(.rows, key, row) } else { open.batch.delete(.rows, key) }
    open.rows[key] = .some(row)
  }

  /// The pending row at `key`: `.some(nil)` when its deletion is pending, nil when nothing is.
  func row(_ key: Bytes) -> Bytes?? { open.rows[key] ?? inFlight?.rows[key] }

  /// Hands the open batch to the writer.
  ///
  /// - Requires: nothing is in flight.
  mutating func take() -> WriteBatch {
    require(inFlight == nil, "one batch is written at a time")
    let batch = open.batch
    inFlight = open
    open = Generation()
    return batch
  }

  /// The batch in flight is durable; its rows are read from the store from now on.
  mutating func written() {
    require(inFlight != nil, "a batch was in flight")
    inFlight = nil
  }
}
