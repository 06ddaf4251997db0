import Ports
import Primitives

/// What must be synced before anybody is told of it: frames, their order, heads. One batch may be on its way to the
/// disk while the next is filled.
struct PendingWrites {
  private var open = WriteBatch()
  private(set) var hasInFlight = false

  var openByteCount: Int { open.byteCount }
  var isOpenEmpty: Bool { open.isEmpty }

  mutating func put(_ space: Keyspace, _ key: Bytes, _ value: Bytes) { open.put(space, key, value) }
  mutating func delete(_ space: Keyspace, _ key: Bytes) { open.delete(space, key) }
  mutating func deleteRange(_ space: Keyspace, from: Bytes, to: Bytes) { open.deleteRange(space, from: from, to: to) }

  /// Hands the open batch to the writer.
  ///
  /// - Requires: nothing is in flight.
  mutating func take() -> WriteBatch {
    require(!hasInFlight, "one batch is written at a time")
    hasInFlight = true
    defer { open = WriteBatch() }
    return open
  }

  /// The batch in flight is durable.
  mutating func written() {
    require(hasInFlight, "a batch was in flight")
    hasInFlight = false
  }
}
