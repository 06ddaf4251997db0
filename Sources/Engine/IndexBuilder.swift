import Catalog
import Formats
import Ports
import Primitives

/// Keeps the sorted indexes: derived data behind a cursor of its own.
///
/// 1. Entries reach the store only after the rows they speak of are durable: a crash never leaves an entry without its row.
/// 2. Entries and cursor travel in one batch without write-ahead log: whatever survives a crash is complete up to its cursor,
///    and recovery replays the log from there (``Engine`` recovery).
/// 3. Who reads an index asks for a flush first, so no answer misses what is newer.
struct IndexBuilder {
  /// One entry that appears or disappears.
  struct Change {
    let key: Bytes
    /// nil removes the entry.
    let target: Bytes?
  }

  /// Entries waiting for their rows to become durable: in the open and in the flying batch.
  private var open = WriteBatch()
  private var inFlight = WriteBatch()
  /// Entries whose rows are durable.
  private var durable = WriteBatch()
  /// Newest state of pending natural-key entries, so that an import sees its own rows: as far as somebody asked.
  private var pendingNatural: [Bytes: Bytes?] = [:]
  /// What of each `pendingNatural` has seen; a later one's is more than nothing only when the earlier ones' are all.
  private var openSeen = WriteBatch.Place.start
  private var inFlightSeen = WriteBatch.Place.start
  private var durableSeen = WriteBatch.Place.start
  /// Everything in `durable` was applied at or before this.
  private var durableUpTo: ApplySequence
  /// What the store's cursor says.
  private(set) var cursor: ApplySequence

  /// A flush is due when this many entries wait; sorted runs of this size cost a fifth of single puts.
  static let entriesMax = 16_384

  init(cursor: ApplySequence) {
    self.cursor = cursor
    durableUpTo = cursor
  }

  mutating func add(_ changes: [Change]) {
    for change in changes {
      if let target = change.target { open.put(.index, change.key, target) } else { open.delete(.index, change.key) }
    }
  }

  mutating func add(_ changes: WriteBatch) { open.append(changes) }

  /// The pending target of a natural key: `.some(nil)` when its removal is pending, nil when nothing is.
  mutating func pending(_ key: Bytes) -> Bytes?? {
    durableSeen = see(durable, from: durableSeen)
    inFlightSeen = see(inFlight, from: inFlightSeen)
    openSeen = see(open, from: openSeen)
    return pendingNatural[key]
  }

  private mutating func see(_ changes: WriteBatch, from seen: WriteBatch.Place) -> WriteBatch.Place {
    guard seen < changes.end else { return seen }
    changes.forEach(from: seen) { change, _ in
      guard change.key.count > 2, change.key[2] == 0 else { return }
      pendingNatural[Bytes(change.key)] = .some(change.kind == .put ? Bytes(change.value) : nil)
    }
    return changes.end
  }

  mutating func taken() {
    require(inFlight.isEmpty, "one batch is written at a time")
    swap(&open, &inFlight)
    inFlightSeen = openSeen
    openSeen = .start
  }

  mutating func written(upTo applied: ApplySequence) {
    if durableSeen == durable.end { durableSeen = inFlightSeen.after(durableSeen) }
    if durable.isEmpty {
      swap(&durable, &inFlight)
    } else {
      durable.append(inFlight)
      inFlight.removeAll()
    }
    inFlightSeen = .start
    durableUpTo = applied
  }

  /// Whether entries for durable rows wait.
  var needsFlush: Bool { durableUpTo > cursor }
  var flushIsDue: Bool { durable.count >= IndexBuilder.entriesMax }

  /// An entry's place with the part of its key that settles most comparisons.
  private struct SortKey {
    /// Entity, index and kind of the first value.
    let head: UInt32
    let next: UInt64
    let place: WriteBatch.Place

    init(_ key: UnsafeRawBufferPointer, _ place: WriteBatch.Place) {
      var head: UInt32 = 0
      var next: UInt64 = 0
      if key.count >= 12 {
        head = UInt32(bigEndian: key.loadUnaligned(as: UInt32.self))
        next = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
      } else {
        for offset in 0..<4 { head = head << 8 | (offset < key.count ? UInt32(key[offset]) : 0) }
        for offset in 4..<12 { next = next << 8 | (offset < key.count ? UInt64(key[offset]) : 0) }
      }
      self.head = head
      self.next = next
      self.place = place
    }
  }

  /// The sorted entries with the new cursor, to be written without log.
  mutating func flush() -> WriteBatch {
    var batch = WriteBatch()
    batch.reserve(durable.count + 1, byteCount: durable.byteCount + 16)
    var order: [SortKey] = []
    order.reserveCapacity(durable.count)
    durable.forEach { change, place in order.append(SortKey(change.key, place)) }
    durable.withChanges { change in
      order.sort { left, right in
        if left.head != right.head { return left.head < right.head }
        if left.next != right.next { return left.next < right.next }
        let difference = IndexBuilder.compare(change(left.place).key, change(right.place).key)
        return difference != 0 ? difference < 0 : left.place < right.place
      }
      for position in order.indices {
        let entry = change(order[position].place)
        // The last change of a key wins.
        if position + 1 < order.count, order[position].next == order[position + 1].next,
          IndexBuilder.compare(entry.key, change(order[position + 1].place).key) == 0
        {
          continue
        }
        batch.append(entry)
      }
    }
    var writer = ByteWriter(capacity: 8)
    writer.u64(durableUpTo.value)
    batch.put(.index, IndexKey.cursor, writer.bytes)
    cursor = durableUpTo
    durable.removeAll()
    // What is still on its way is seen again by the next who asks.
    pendingNatural.removeAll(keepingCapacity: true)
    durableSeen = .start
    inFlightSeen = .start
    openSeen = .start
    return batch
  }

  /// Bytewise: below, at or above 0.
  private static func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let shared = Swift.min(left.count, right.count)
    var offset = 0
    while offset + 8 <= shared {
      let (a, b) = (
        UInt64(bigEndian: left.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
        UInt64(bigEndian: right.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      )
      if a != b { return a < b ? -1 : 1 }
      offset += 8
    }
    while offset < shared {
      if left[offset] != right[offset] { return left[offset] < right[offset] ? -1 : 1 }
      offset += 1
    }
    return left.count - right.count
  }
}
