import Ports
import Primitives

/// A store in memory that crashes as a real one may, and fails where it is told to.
///
/// 1. A synced batch survives every crash.
/// 2. Of the rebuildable batches since the last flush any prefix survives, whatever was synced after them: in RocksDB
///    they live in one column family without a log, which a crash cuts off at some batch.
/// 3. A batch whose sync failed shows to no reader, and after the crash it is there or not.
/// 4. After a failed sync every write is refused until the crash: the node has to open its store again.
public final class SimulatedStore: Store {
  /// One batch's changes of the index keyspace.
  private struct IndexBatch {
    let changes: [WriteBatch.Change]
    let isRebuildable: Bool
  }

  private enum Health {
    case sound
    /// A sync failed; the batch hangs between being and not being.
    case poisoned(WriteBatch)
  }

  /// As large as RocksDB's write buffer for the index: above it everything so far is flushed.
  private static let indexBufferBytes = 8 << 20

  private var state = SimulatedStoreState()
  /// The index as flushed, and what came since.
  private var indexFlushed = SimulatedStoreMap()
  private var indexSince: [IndexBatch] = []
  private var indexSinceBytes = 0
  private var health = Health.sound
  private var damage: [SimulatedDamage] = []
  private var refusedAsFull: Range<Int> = 0..<0
  private var failingSync: Int?

  /// Calls of `write` so far, refused ones too.
  public private(set) var writeCount = 0
  /// Synced batches tried so far, failed ones too.
  public private(set) var syncCount = 0

  /// An empty store.
  public init() {}

  /// A copy of the disk as it is now: what a backup, a clone or a stolen machine has.
  public init(copyOf other: SimulatedStore) {
    state = other.state
    indexFlushed = other.indexFlushed
    indexSince = other.indexSince
    indexSinceBytes = other.indexSinceBytes
  }

  // MARK: Faults

  /// Refuses the writes with these numbers, counted from 1 by `writeCount`, with `.full`; nothing of them is written.
  public func refuseAsFull(writes: Range<Int>) { refusedAsFull = writes }

  /// Lets the sync with this number, counted from 1 by `syncCount`, fail with `.outcomeUnknown`.
  public func failSync(number: Int) { failingSync = number }

  /// Damages the bytes at rest of `key`: every read that meets it throws `.corrupt`, until a write replaces it.
  public func damage(_ space: Keyspace, _ key: Bytes) { damage.append(SimulatedDamage(space: space, key: key)) }

  /// Rebuildable batches that a crash may lose.
  public var unsyncedCount: Int { indexSince.count { $0.isRebuildable } }

  /// Loses what a crash may lose, by `random`, and is ready as if opened again.
  public func crash(using random: inout SeededRandom) {
    let kept = random.below(unsyncedCount + 1)
    crash(keepingUnsynced: kept, keepingUnknown: random.chance(permille: 500))
  }

  /// Crashes, keeping the first `count` rebuildable batches and, of a sync that failed, its batch or not.
  ///
  /// - Requires: `count` is at most `unsyncedCount`.
  public func crash(keepingUnsynced count: Int, keepingUnknown: Bool = false) {
    require(count >= 0 && count <= unsyncedCount, "\(count) of \(unsyncedCount) batches kept")
    var survived = SimulatedStoreState()
    survived.maps = state.maps
    survived[.index] = indexFlushed
    var seen = 0
    for batch in indexSince {
      if batch.isRebuildable { seen += 1 }
      if batch.isRebuildable && seen > count { continue }
      for change in batch.changes { survived.apply(change) }
    }
    if case .poisoned(let batch) = health, keepingUnknown {
      for change in batch.changes { survived.apply(change) }
    }
    state = survived
    health = .sound
    flushIndex()
  }

  private func flushIndex() {
    indexFlushed = state[.index]
    indexSince = []
    indexSinceBytes = 0
  }

  // MARK: Store

  /// See `Store`.
  public func write(_ batch: WriteBatch, _ durability: Durability) throws(StoreError) {
    guard !batch.isEmpty else { return }
    let isRebuildable = durability == .rebuildable
    require(
      !isRebuildable || batch.changes.allSatisfy { $0.simulatedSpace == .index },
      "a rebuildable write touches the index keyspace only")
    writeCount += 1
    if case .poisoned = health { throw .outcomeUnknown("refused, nothing was written: an earlier sync failed") }
    if refusedAsFull.contains(writeCount) { throw .full("simulated: no space for write \(writeCount)") }
    if !isRebuildable {
      syncCount += 1
      if syncCount == failingSync {
        health = .poisoned(batch)
        throw .outcomeUnknown("simulated: sync \(syncCount) failed")
      }
    }
    for change in batch.changes {
      state.apply(change)
      mend(change)
    }
    remember(batch, isRebuildable)
  }

  private func mend(_ change: WriteBatch.Change) {
    if damage.isEmpty { return }
    switch change {
    case .put(let space, let key, _), .delete(let space, let key):
      damage.removeAll { $0.space == space && $0.key == key }
    case .deleteRange(let space, let from, let to):
      damage.removeAll { $0.space == space && !$0.key.precedes(from) && $0.key.precedes(to) }
    }
  }

  private func remember(_ batch: WriteBatch, _ isRebuildable: Bool) {
    let changes = isRebuildable ? batch.changes : batch.changes.filter { $0.simulatedSpace == .index }
    guard !changes.isEmpty else { return }
    indexSince.append(IndexBatch(changes: changes, isRebuildable: isRebuildable))
    indexSinceBytes += batch.byteCount
    if indexSinceBytes > SimulatedStore.indexBufferBytes { flushIndex() }
  }

  /// See `StoreReader`.
  public func get(_ space: Keyspace, _ key: Bytes) throws(StoreError) -> Bytes? {
    try SimulatedStoreView(state, damage).get(space, key)
  }

  /// See `StoreReader`.
  public func scan(
    _ space: Keyspace, from: Bytes, to: Bytes?,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) {
    try SimulatedStoreView(state, damage).scan(space, from: from, to: to, body)
  }

  /// See `StoreReader`.
  public func last(_ space: Keyspace, from: Bytes, to: Bytes?) throws(StoreError) -> (key: Bytes, value: Bytes)? {
    try SimulatedStoreView(state, damage).last(space, from: from, to: to)
  }

  /// See `Store`.
  public func withSnapshot<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
    let view = SimulatedStoreView(state, damage)
    defer { view.end() }
    return try body(view)
  }
}
