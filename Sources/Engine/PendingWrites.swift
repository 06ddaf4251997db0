import Ports
import Primitives

/// The newest state of the rows in a batch, by key.
///
/// Built only as far as somebody asks: an ancestor that applies inserts never reads them back and hashes no key.
struct RowPlaces {
  private var places: [Bytes: WriteBatch.Place] = [:]
  private var seen = WriteBatch.Place.start

  /// The row at `key` in `batch`: `.some(nil)` when it is deleted there, nil when the batch does not touch it.
  ///
  /// - Requires: always the same batch, which only grows.
  mutating func row(_ key: Bytes, in batch: WriteBatch) -> Bytes?? {
    if seen < batch.end {
      batch.forEach(from: seen) { change, place in if change.space == .rows { places[Bytes(change.key)] = place } }
      seen = batch.end
    }
    guard let place = places[key] else { return nil }
    return batch.withChanges { change in
      let change = change(place)
      return .some(change.kind == .put ? Bytes(change.value) : nil)
    }
  }
}

/// Changes that are not durable yet: one batch being written, one being filled. The engine reads its own rows through
/// them; nobody else sees them.
struct PendingWrites {
  private struct Generation {
    var batch = WriteBatch()
    var places = RowPlaces()
  }

  private var open = Generation()
  private var inFlight: Generation?

  var hasInFlight: Bool { inFlight != nil }
  var openByteCount: Int { open.batch.byteCount }
  var isOpenEmpty: Bool { open.batch.isEmpty }

  mutating func put(_ space: Keyspace, _ key: Bytes, _ value: Bytes) { open.batch.put(space, key, value) }

  /// Takes over whole changes.
  mutating func append(_ changes: WriteBatch) { open.batch.append(changes) }

  /// The pending row at `key`: `.some(nil)` when its deletion is pending, nil when nothing is.
  mutating func row(_ key: Bytes) -> Bytes?? {
    if let row = open.places.row(key, in: open.batch) { return row }
    guard let flying = inFlight?.batch else { return nil }
    return inFlight?.places.row(key, in: flying) ?? nil
  }

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
