import Formats
import Ports
import Primitives

/// Changes of one derived keyspace on their way into the store, behind a cursor.
///
/// The log holds every operation, so what follows from it need not be synced with it (Docs/Decisions/0016):
///
/// 1. A change reaches the store only after the frames it follows from are durable: a crash never leaves something
///    that no log says.
/// 2. Changes and cursor travel in one batch: whatever of the keyspace survives a crash is complete up to its cursor,
///    and recovery makes the rest again from the frames after it.
/// 3. Until then the engine reads them here, the newest first; who reads the store asks for a flush before.
///
/// Changes stand in one buffer in the order they were made: first those whose frames are durable, then those of the
/// batch that is being written, then those of the open one.
struct DerivedWrites {
  /// How far a part of the buffer goes.
  private struct Mark {
    var place = WriteBatch.Place.start
    var count = 0

    func without(_ mark: Mark) -> Mark { Mark(place: place.without(mark.place), count: count - mark.count) }
  }

  private let cursorKey: Bytes
  private let space: Keyspace
  private let bytesMax: Int
  private var changes = WriteBatch()
  private var durable = Mark()
  private var flying = Mark()
  private var places = ChangePlaces()
  /// Everything in the durable part was applied at or before this.
  private var durableUpTo: ApplySequence
  /// What the store's cursor says.
  private(set) var cursor: ApplySequence

  /// - Parameters:
  ///   - cursorKey: sorts before every key that is added.
  ///   - bytesMax: so many bytes of durable changes wait at most, and those of one batch more.
  init(_ space: Keyspace, cursorKey: Bytes, cursor: ApplySequence, bytesMax: Int) {
    self.space = space
    self.cursorKey = cursorKey
    self.cursor = cursor
    self.bytesMax = bytesMax
    durableUpTo = cursor
  }

  mutating func add(_ more: WriteBatch) { changes.append(more) }

  mutating func add(_ entries: [IndexChange]) {
    for entry in entries {
      if let target = entry.target {
        changes.put(space, entry.key, target)
      } else {
        changes.delete(space, entry.key)
      }
    }
  }

  /// A put of lent bytes.
  mutating func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) { changes.put(space, key, value) }

  /// The pending value of `key`: `.some(nil)` when its removal is pending, nil when nothing is.
  mutating func pending(_ key: Bytes) -> Bytes?? { pending(HashedKey(key)) }

  mutating func pending(_ key: HashedKey) -> Bytes?? {
    guard !changes.isEmpty else { return nil }
    return places.value(key, in: changes)
  }

  /// Lends every key that was put and is not in the store yet, with its value; a later removal may follow.
  func forEachPut(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) {
    changes.forEach { change, _ in if change.kind == .put { body(change.key, change.value) } }
  }

  /// Bytes of changes whose frames are not durable.
  var openByteCount: Int {
    WriteBatch.byteCount(of: changes.count - durable.count, from: durable.place, to: changes.end)
  }

  // MARK: Turns

  /// What was added so far goes with the batch that is taken now.
  mutating func taken() { flying = Mark(place: changes.end, count: changes.count) }

  /// The batch that was taken last is durable, everything up to `applied`.
  mutating func written(upTo applied: ApplySequence) {
    durable = flying
    durableUpTo = applied
  }

  /// Whether the store's cursor is behind what is durable.
  var needsFlush: Bool { durableUpTo > cursor }
  /// Whether so much waits that it must go.
  var flushIsDue: Bool { WriteBatch.byteCount(of: durable.count, to: durable.place) >= bytesMax }

  /// The durable changes in the order of their keys, of each key the last, with the new cursor in front.
  ///
  /// - Parameter first: changes that go between the cursor and the rest, in the order of their keys.
  mutating func flush(first: WriteBatch = WriteBatch()) -> WriteBatch {
    var batch = WriteBatch()
    batch.reserve(
      1 + first.count + durable.count,
      byteCount: 24 + first.byteCount + WriteBatch.byteCount(of: durable.count, to: durable.place))
    var writer = ByteWriter(capacity: 8)
    writer.u64(durableUpTo.value)
    batch.put(space, cursorKey, writer.bytes)
    batch.append(first)
    appendSorted(to: &batch)
    cursor = durableUpTo
    changes.removeFirst(durable.count, before: durable.place)
    flying = flying.without(durable)
    durable = Mark()
    // What is still on its way is seen again by the next who asks.
    places = ChangePlaces()
    return batch
  }

  private func appendSorted(to batch: inout WriteBatch) {
    var order = space == .rows ? rowOrder() : entryOrder()
    var kept: [WriteBatch.Place] = []
    kept.reserveCapacity(order.count)
    changes.withChanges { change in
      order.sort { left, right in
        if left.head != right.head { return left.head < right.head }
        if left.next != right.next { return left.next < right.next }
        if left.last != right.last { return left.last < right.last }
        let difference = left.isWhole ? 0 : compare(change(left.place).key, change(right.place).key)
        return difference != 0 ? difference < 0 : left.place < right.place
      }
      // The last change of a key wins.
      for position in order.indices {
        if position + 1 < order.count {
          let (this, next) = (order[position], order[position + 1])
          let isSame =
            this.head == next.head && this.next == next.next && this.last == next.last
            && (this.isWhole || compare(change(this.place).key, change(next.place).key) == 0)
          if isSame { continue }
        }
        kept.append(order[position].place)
      }
    }
    batch.append(kept, of: changes)
  }

  /// A change's place with so much of its key that bytes are seldom compared.
  private struct SortKey {
    var head: UInt32
    let next: UInt64
    let last: UInt64
    /// Whether the three tell keys apart by themselves.
    let isWhole: Bool
    let place: WriteBatch.Place
  }

  /// Entries by their first twenty bytes.
  private func entryOrder() -> [SortKey] {
    var order: [SortKey] = []
    order.reserveCapacity(durable.count)
    changes.forEach(to: durable.place) { change, place in
      let key = change.key
      var (head, next, last): (UInt32, UInt64, UInt64) = (0, 0, 0)
      if key.count >= 20 {
        head = UInt32(bigEndian: key.loadUnaligned(as: UInt32.self))
        next = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 4, as: UInt64.self))
        last = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 12, as: UInt64.self))
      } else {
        func byte(_ offset: Int) -> UInt8 { offset < key.count ? key[offset] : 0 }
        for offset in 0..<4 { head = head << 8 | UInt32(byte(offset)) }
        for offset in 4..<12 { next = next << 8 | UInt64(byte(offset)) }
        for offset in 12..<20 { last = last << 8 | UInt64(byte(offset)) }
      }
      order.append(SortKey(head: head, next: next, last: last, isWhole: false, place: place))
    }
    return order
  }

  /// Rows by the rank of what stands before the counter in their keys, of which there are few, then counter and
  /// ordinal.
  private func rowOrder() -> [SortKey] {
    let prefixByteCount = 17
    var prefixes: [Bytes] = []
    var numbers: [Bytes: UInt32] = [:]
    var current: UInt32 = 0
    var order: [SortKey] = []
    order.reserveCapacity(durable.count)
    changes.forEach(to: durable.place) { change, place in
      let key = change.key
      require(key.count == Keys.rowByteCount, "a row's key")
      let prefix = UnsafeRawBufferPointer(rebasing: key[..<prefixByteCount])
      // Rows of one entity come together.
      if prefixes.isEmpty || !prefixes[Int(current)].elementsEqual(prefix) {
        let bytes = Bytes(prefix)
        current = numbers[bytes] ?? UInt32(prefixes.count)
        if current == prefixes.count {
          prefixes.append(bytes)
          numbers[bytes] = current
        }
      }
      order.append(
        SortKey(
          head: current, next: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: prefixByteCount, as: UInt64.self)),
          last: UInt64(UInt32(bigEndian: key.loadUnaligned(fromByteOffset: 25, as: UInt32.self))), isWhole: true,
          place: place))
    }
    var ranks = [UInt32](repeating: 0, count: prefixes.count)
    let sorted = prefixes.indices.sorted { prefixes[$0].lexicographicallyPrecedes(prefixes[$1]) }
    for (rank, number) in sorted.enumerated() { ranks[number] = UInt32(rank) }
    for position in order.indices { order[position].head = ranks[Int(order[position].head)] }
    return order
  }
}

/// Bytewise: below, at or above 0.
private func compare(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
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

/// Where the newest change of each key of a batch stands.
///
/// Built only as far as somebody asks: an ancestor that applies inserts never reads them back and hashes no key.
struct ChangePlaces {
  /// By the key's hash: the newest change of the key that came first with it.
  private var places: [UInt64: WriteBatch.Place] = [:]
  /// Those of other keys with a hash that is taken.
  private var others: [HashedKey: WriteBatch.Place] = [:]
  private var seen = WriteBatch.Place.start

  /// The value of `key` in `batch`: `.some(nil)` when it is deleted there, nil when the batch does not touch it.
  ///
  /// - Requires: always the same batch, which only grows.
  mutating func value(_ key: HashedKey, in batch: WriteBatch) -> Bytes?? {
    if seen < batch.end { see(batch) }
    return key.bytes.withUnsafeBytes { bytes in
      batch.withChanges { change in
        if let place = places[key.number], compare(change(place).key, bytes) == 0 { return value(change(place)) }
        guard !others.isEmpty, let place = others[key] else { return nil }
        return value(change(place))
      }
    }
  }

  private func value(_ change: WriteBatch.LentChange) -> Bytes?? {
    .some(change.kind == .put ? Bytes(change.value) : nil)
  }

  private mutating func see(_ batch: WriteBatch) {
    batch.withChanges { lent in
      batch.forEach(from: seen) { change, place in
        let number = HashedKey.number(change.key)
        if let first = places[number], compare(lent(first).key, change.key) != 0 {
          others[HashedKey(Bytes(change.key))] = place
        } else {
          places[number] = place
        }
      }
    }
    seen = batch.end
  }
}
