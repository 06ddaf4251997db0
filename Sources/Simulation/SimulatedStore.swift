import Ports
import Primitives

/// A store in memory that crashes as a real one may, and fails where it is told to.
///
/// 1. A synced batch survives every crash.
/// 2. Of the rebuildable batches of one keyspace since its last flush any prefix survives, whatever was synced after
///    them and whatever survives of another keyspace: in RocksDB they live in one column family without a log, which
///    a crash cuts off at some batch.
/// 3. A batch whose sync failed shows to no reader, and after the crash it is there or not.
/// 4. After a failed sync every write is refused until the crash: the node has to open its store again.
public final class SimulatedStore: Store {
  /// A derived keyspace as flushed, and what came since.
  private struct Derived {
    /// One batch's changes of the keyspace.
    struct Part {
      let changes: [WriteBatch.Change]
      let isRebuildable: Bool
    }
    var flushed = SimulatedStoreMap()
    var since: [Part] = []
    var sinceBytes = 0

    var unsyncedCount: Int { since.count { $0.isRebuildable } }

    mutating func flush(_ map: SimulatedStoreMap) {
      flushed = map
      since = []
      sinceBytes = 0
    }
  }

  private enum Health {
    case sound
    /// A sync failed; the batch hangs between being and not being.
    case poisoned(WriteBatch)
  }

  /// As large as RocksDB's write buffer of such a keyspace: above it everything so far is flushed.
  private static let bufferBytes = 4 << 20
  private static let derivedSpaces: [Keyspace] = [.rows, .index]

  private var state = SimulatedStoreState()
  /// In the order of `derivedSpaces`.
  private var derived = derivedSpaces.map { _ in Derived() }
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
    derived = other.derived
  }

  // MARK: Faults

  /// Refuses the writes with these numbers, counted from 1 by `writeCount`, with `.full`; nothing of them is written.
  public func refuseAsFull(writes: Range<Int>) { refusedAsFull = writes }

  /// Lets the sync with this number, counted from 1 by `syncCount`, fail with `.outcomeUnknown`.
  public func failSync(number: Int) { failingSync = number }

  /// Damages the bytes at rest of `key`: every read that meets it throws `.corrupt`, until a write replaces it.
  public func damage(_ space: Keyspace, _ key: Bytes) { damage.append(SimulatedDamage(space: space, key: key)) }

  /// Rebuildable batches of a keyspace that a crash may lose.
  public func unsyncedCount(_ space: Keyspace) -> Int {
    SimulatedStore.derivedSpaces.firstIndex(of: space).map { derived[$0].unsyncedCount } ?? 0
  }

  /// Lets the value at `key` rot without anybody noticing: flips one bit of it. Reads serve the rotten bytes.
  ///
  /// - Returns: false when there is no such key, or its value is empty.
  @discardableResult
  public func rot(_ space: Keyspace, _ key: Bytes, bit: Int) -> Bool {
    guard var value = try? get(space, key), !value.isEmpty else { return false }
    let place = (bit / 8) % value.count
    value[place] ^= 1 << UInt8(bit % 8)
    state.apply(.put(space, key: key, value: value))
    flushAll()
    return true
  }

  /// Loses the value at `key` as if a file had been put back from an earlier day.
  public func lose(_ space: Keyspace, _ key: Bytes) {
    state.apply(.delete(space, key: key))
    flushAll()
  }

  /// Brings everything rebuildable to the disk: no crash loses it any more.
  public func flushAll() {
    for (number, space) in SimulatedStore.derivedSpaces.enumerated() { derived[number].flush(state[space]) }
  }

  /// Loses what a crash may lose, by `random`, and is ready as if opened again.
  public func crash(using random: inout SeededRandom) {
    let rows = random.below(unsyncedCount(.rows) + 1)
    let index = random.below(unsyncedCount(.index) + 1)
    crash(keepingRows: rows, keepingIndex: index, keepingUnknown: random.chance(permille: 500))
  }

  /// Crashes, keeping of each derived keyspace the first rebuildable batches and, of a sync that failed, its batch or
  /// not.
  ///
  /// - Requires: the counts are at most `unsyncedCount`.
  public func crash(keepingRows rows: Int, keepingIndex index: Int, keepingUnknown: Bool = false) {
    var survived = SimulatedStoreState()
    survived.maps = state.maps
    for (number, kept) in [rows, index].enumerated() {
      let space = SimulatedStore.derivedSpaces[number]
      let waiting = derived[number].unsyncedCount
      require(kept >= 0 && kept <= waiting, "\(kept) of \(waiting) batches of keyspace \(space.rawValue) kept")
      survived[space] = derived[number].flushed
      var seen = 0
      for part in derived[number].since {
        if part.isRebuildable { seen += 1 }
        if part.isRebuildable && seen > kept { continue }
        for change in part.changes { survived.apply(change) }
      }
    }
    if case .poisoned(let batch) = health, keepingUnknown {
      for change in batch.changes { survived.apply(change) }
    }
    state = survived
    health = .sound
    for (number, space) in SimulatedStore.derivedSpaces.enumerated() { derived[number].flush(state[space]) }
  }

  // MARK: Store

  /// See `Store`.
  public func write(_ batch: WriteBatch, _ durability: Durability) throws(StoreError) {
    guard !batch.isEmpty else { return }
    let isRebuildable = durability == .rebuildable
    let first = batch.changes[0].simulatedSpace
    require(
      !isRebuildable || first.isDerived && batch.changes.allSatisfy { $0.simulatedSpace == first },
      "a rebuildable write touches one derived keyspace only")
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
    for (number, space) in SimulatedStore.derivedSpaces.enumerated() {
      let changes = batch.changes.filter { $0.simulatedSpace == space }
      guard !changes.isEmpty else { continue }
      derived[number].since.append(Derived.Part(changes: changes, isRebuildable: isRebuildable))
      derived[number].sinceBytes += batch.byteCount
      if derived[number].sinceBytes > SimulatedStore.bufferBytes { derived[number].flush(state[space]) }
    }
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
