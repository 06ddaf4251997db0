import Primitives

/// Which record stands at which position of a segment.
///
/// 1. The first `sortedCount` positions ascend by key, so that finding one is a binary search and takes no memory.
/// 2. The positions behind them came out of order; `tail` knows them. Whoever owns the segment sorts anew when the tail
///    grows long.
/// 3. A position keeps its key until ``picking(_:)``.
struct RowKeys {
  /// A record in a segment, whose entity and partition are known.
  struct Key: Hashable, Comparable {
    let record: RecordID
    let ordinal: UInt32

    init(_ record: RecordID, _ ordinal: UInt32) {
      self.record = record
      self.ordinal = ordinal
    }

    static func < (left: Key, right: Key) -> Bool {
      left.record != right.record ? left.record < right.record : left.ordinal < right.ordinal
    }
  }

  private var mints: [UInt64] = []
  private var mintNumbers = CodeColumn()
  private var lows: [UInt32] = []
  /// Upper halves of the counters; empty while all are zero.
  private var highs: [UInt32] = []
  private var ordinals = CodeColumn()
  private var sortedCount = 0
  private var tail: [Key: Int32] = [:]

  var count: Int { lows.count }
  /// Positions that came out of order.
  var tailCount: Int { count - sortedCount }
  /// Whether positions are in the order of keys.
  var isSorted: Bool { sortedCount == count }

  var byteCount: Int {
    mints.capacity * 8 + mintNumbers.byteCount + lows.capacity * 4 + highs.capacity * 4 + ordinals.byteCount
      + tail.capacity * 48
  }

  func key(_ position: Int) -> Key {
    let high = highs.isEmpty ? 0 : UInt64(highs[position]) << 32
    return Key(
      RecordID(mint: mints[Int(mintNumbers[position])], counter: high | UInt64(lows[position])),
      UInt32(bitPattern: ordinals[position]))
  }

  /// Where the record stands, or nil.
  ///
  /// - Parameter hint: a position that is tried first: whoever goes through records in order knows the next.
  func position(_ key: Key, hint: Int = -1) -> Int? {
    if hint >= 0, hint < count, self.key(hint) == key { return hint }
    // New records mostly come behind all others.
    if sortedCount > 0, tail.isEmpty, self.key(sortedCount - 1) < key { return nil }
    var low = 0
    var high = sortedCount
    while low < high {
      let middle = (low + high) / 2
      if self.key(middle) < key { low = middle + 1 } else { high = middle }
    }
    if low < sortedCount, self.key(low) == key { return low }
    return tail.isEmpty ? nil : tail[key].map(Int.init)
  }

  /// Gives a new record the next position.
  ///
  /// - Requires: the key has none.
  mutating func append(_ key: Key) {
    let position = count
    let mintNumber: Int
    if let last = mints.last, last == key.record.mint {
      mintNumber = mints.count - 1
    } else if let known = mints.firstIndex(of: key.record.mint) {
      mintNumber = known
    } else {
      mintNumber = mints.count
      mints.append(key.record.mint)
    }
    let isNext = isSorted && (position == 0 || self.key(position - 1) < key)
    mintNumbers.append(Int32(mintNumber))
    if lows.count == lows.capacity { lows.reserveCapacity(lows.count + max(32, lows.count / 8)) }
    lows.append(UInt32(truncatingIfNeeded: key.record.counter))
    let high = UInt32(truncatingIfNeeded: key.record.counter >> 32)
    if !highs.isEmpty {
      highs.append(high)
    } else if high != 0 {
      highs = [UInt32](repeating: 0, count: position) + [high]
    }
    ordinals.append(Int32(bitPattern: key.ordinal))
    if isNext { sortedCount = count } else { tail[key] = Int32(position) }
  }

  /// Positions in the order of keys: the tail is sorted and merged.
  var order: [Int32] {
    let late = (Int32(sortedCount)..<Int32(count)).map { (key: key(Int($0)), position: $0) }
      .sorted { $0.key < $1.key }
    var order: [Int32] = []
    order.reserveCapacity(count)
    var next = 0
    for (key, position) in late {
      while next < sortedCount, self.key(next) < key {
        order.append(Int32(next))
        next += 1
      }
      order.append(position)
    }
    order.append(contentsOf: Int32(next)..<Int32(sortedCount))
    return order
  }

  /// The keys at `positions`, which from now on are 0, 1, ….
  ///
  /// - Requires: `positions` are in the order of keys.
  func picking(_ positions: [Int32]) -> RowKeys {
    var picked = self
    picked.mintNumbers = mintNumbers.picking(positions)
    picked.lows = positions.map { lows[Int($0)] }
    picked.highs = highs.isEmpty ? [] : positions.map { highs[Int($0)] }
    picked.ordinals = ordinals.picking(positions)
    picked.sortedCount = positions.count
    picked.tail = [:]
    return picked
  }

  mutating func trim() {
    mintNumbers.trim()
    ordinals.trim()
    if lows.capacity > lows.count + 64 { lows = lows.map { $0 } }
  }
}
