import Primitives

/// Which family of keys; each has its own order and its own durability. Numbers are part of the disk format.
public enum Keyspace: UInt8, Hashable, Sendable, CaseIterable {
  /// Current rows: (partition, entity, record, ordinal) → row. Derived from the log, with its cursor and the counts
  /// of rows.
  case rows = 0
  /// Frames: (log, last sequence) → frame.
  case log = 1
  /// Apply order: apply sequence → (log, last sequence).
  case order = 2
  /// Heads, counters, identity.
  case meta = 3
  /// Entries of the sorted indexes, derived from the log, with their cursor.
  case index = 4

  /// Whether everything in it can be made again from the log: it is written behind a cursor that lies in the same
  /// keyspace, so whatever survives a crash is complete up to its cursor.
  public var isDerived: Bool { self == .rows || self == .index }
}

/// How long a write lasts.
public enum Durability: Sendable {
  /// On return the batch survives `kill -9` and power loss.
  case synced
  /// Atomic, but a crash may lose it together with every later rebuildable write of the same keyspace; a later synced
  /// write does not save it. For derived data with its cursor in the same batch, so the batch touches one keyspace
  /// only, and that is a derived one (`Keyspace.isDerived`). Cheapest by far when it is large and its keys ascend,
  /// each once: it is then stored as it is, sorted, instead of being sorted in again.
  case rebuildable
}

/// Why the store could not do it. Each case is something a caller reacts to differently.
public enum StoreError: Error, Hashable, Sendable {
  /// Not enough space; reads go on, writes are refused until space returns.
  case full(String)
  /// Damaged bytes at rest: never served. Says which file or block, without personal data.
  case corrupt(String)
  /// The write may or may not be durable (a failed sync). The store is poisoned: every later write says so.
  case outcomeUnknown(String)
  /// The device or the operating system failed in another way.
  case unavailable(String)
}

/// One consistent view; later writes do not show. Must be released before the store closes, which its owner guarantees
/// by closure scope.
public protocol StoreReader {
  /// The value at `key`, or nil.
  func get(_ space: Keyspace, _ key: Bytes) throws(StoreError) -> Bytes?

  /// Calls `body` for every key in `from ..< to` (nil = to the end) in bytewise order until it returns false. A damaged
  /// block throws instead of ending the scan early: a scan that returned is complete.
  ///
  /// The buffers are lent for the call only.
  func scan(
    _ space: Keyspace, from: Bytes, to: Bytes?,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError)

  /// Calls `body` for every key that begins with one of `prefixes`, one prefix after the other; false goes on to the
  /// next
  /// prefix. As ``scan(_:from:to:_:)`` for each, for less; prefixes that ascend cost least.
  func scan(
    _ space: Keyspace, prefixes: [Bytes],
    _ body: (_ prefix: Int, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError)

  /// The last key in `from ..< to` with its value, or nil.
  func last(_ space: Keyspace, from: Bytes, to: Bytes?) throws(StoreError) -> (key: Bytes, value: Bytes)?
}

extension StoreReader {
  /// Scan by scan.
  public func scan(
    _ space: Keyspace, prefixes: [Bytes],
    _ body: (_ prefix: Int, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) {
    for (number, prefix) in prefixes.enumerated() {
      try scan(space, from: prefix, to: prefix.prefixEnd()) { body(number, $0, $1) }
    }
  }
}

/// An ordered key-value store with atomic, durable batches: all that the engine needs, and no more.
///
/// One thread writes; any thread may take a snapshot. `ConformanceTests` hold every implementation to this contract.
public protocol Store: StoreReader, AnyObject {
  /// Applies all changes or none.
  ///
  /// - Throws: `.full` when nothing was written; `.outcomeUnknown` when the batch may or may not be there.
  func write(_ batch: WriteBatch, _ durability: Durability) throws(StoreError)

  /// Runs `body` on a view of this moment.
  func withSnapshot<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result
}
