import Primitives

/// An atomic set of changes, in one buffer: a batch of thousands of small changes costs no allocation each.
public struct WriteBatch: Sendable {
  /// One change, with its bytes copied out.
  public enum Change: Sendable {
    case put(Keyspace, key: Bytes, value: Bytes)
    case delete(Keyspace, key: Bytes)
    /// Removes `from ..< to`.
    case deleteRange(Keyspace, from: Bytes, to: Bytes)
  }

  /// What a change does with its two byte strings.
  public enum Kind: UInt8, Sendable {
    /// Key and value.
    case put
    /// Key and nothing.
    case delete
    /// First key, and the key after the last.
    case deleteRange
  }

  /// One change, lent while its batch is read.
  public struct LentChange {
    public let kind: Kind
    public let space: Keyspace
    /// The key, or where a range begins.
    public let key: UnsafeRawBufferPointer
    /// The value, nothing, or where a range ends.
    public let value: UnsafeRawBufferPointer
  }

  /// Where a change stands in its batch, and how far a batch has come.
  public struct Place: Hashable, Comparable, Sendable {
    let offset: Int
    /// Before the first change.
    public static let start = Place(offset: 0)
    /// This place of a batch in one that it was appended to at `end`.
    public func after(_ end: Place) -> Place { Place(offset: end.offset + offset) }
    /// This place after everything before `place`, which is no later, was removed from its batch.
    public func without(_ place: Place) -> Place { Place(offset: offset - place.offset) }
    public static func < (left: Place, right: Place) -> Bool { left.offset < right.offset }
  }

  /// `kind u8 · keyspace u8 · key length u32 · value length u32 · key · value`, one change after the other. Lives in
  /// memory only.
  private var buffer: Bytes = []
  private static let headByteCount = 10
  /// How many changes.
  public private(set) var count = 0

  public init() {}

  public var isEmpty: Bool { count == 0 }
  /// Keys and values together.
  public var byteCount: Int { buffer.count - count * WriteBatch.headByteCount }
  /// Where the next change will stand.
  public var end: Place { Place(offset: buffer.count) }

  /// Makes room for `byteCount` more bytes of keys and values in `count` changes.
  public mutating func reserve(_ count: Int, byteCount: Int) {
    buffer.reserveCapacity(buffer.count + byteCount + count * WriteBatch.headByteCount)
  }

  public mutating func removeAll() {
    buffer.removeAll(keepingCapacity: true)
    count = 0
  }

  /// Forgets the `count` changes before `place`; places that are kept are to be asked for theirs `without` it.
  ///
  /// - Requires: `place` is one of this batch or its end, with `count` changes before it.
  public mutating func removeFirst(_ count: Int, before place: Place) {
    if place == end { return removeAll() }
    buffer.removeSubrange(..<place.offset)
    self.count -= count
  }

  /// How many bytes of keys and values `count` changes have that end at `end`.
  public static func byteCount(of count: Int, from start: Place = .start, to end: Place) -> Int {
    end.offset - start.offset - count * headByteCount
  }

  // MARK: Adding

  public mutating func put(_ space: Keyspace, _ key: Bytes, _ value: Bytes) {
    key.withUnsafeBytes { key in value.withUnsafeBytes { add(.put, space, key, $0) } }
  }

  public mutating func delete(_ space: Keyspace, _ key: Bytes) {
    key.withUnsafeBytes { add(.delete, space, $0, UnsafeRawBufferPointer(start: nil, count: 0)) }
  }

  public mutating func deleteRange(_ space: Keyspace, from: Bytes, to: Bytes) {
    from.withUnsafeBytes { from in to.withUnsafeBytes { add(.deleteRange, space, from, $0) } }
  }

  /// A put of lent bytes.
  public mutating func put(_ space: Keyspace, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    add(.put, space, key, value)
  }

  /// Adds those changes of `other` that stand at `places`, in the order of `places`.
  ///
  /// - Requires: they are places of `other`.
  public mutating func append(_ places: [Place], of other: WriteBatch) {
    other.buffer.withUnsafeBytes { bytes in
      for place in places {
        let change = WriteBatch.change(bytes, place.offset)
        let end = place.offset + WriteBatch.headByteCount + change.key.count + change.value.count
        buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[place.offset..<end]))
        count += 1
      }
    }
  }

  /// All changes of `other` after our own.
  public mutating func append(_ other: WriteBatch) {
    buffer.append(contentsOf: other.buffer)
    count += other.count
  }

  private mutating func add(
    _ kind: Kind, _ space: Keyspace, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
  ) {
    require(key.count <= UInt32.max && value.count <= UInt32.max, "a key or value is below 4 GiB")
    withUnsafeTemporaryAllocation(byteCount: WriteBatch.headByteCount, alignment: 1) { head in
      head[0] = kind.rawValue
      head[1] = space.rawValue
      head.storeBytes(of: UInt32(key.count), toByteOffset: 2, as: UInt32.self)
      head.storeBytes(of: UInt32(value.count), toByteOffset: 6, as: UInt32.self)
      buffer.append(contentsOf: head)
    }
    buffer.append(contentsOf: key)
    buffer.append(contentsOf: value)
    count += 1
  }

  // MARK: Reading

  /// Every change in order, copied out; a later change of one key wins.
  public var changes: [Change] {
    var all: [Change] = []
    all.reserveCapacity(count)
    forEach { change, _ in
      switch change.kind {
      case .put: all.append(.put(change.space, key: Bytes(change.key), value: Bytes(change.value)))
      case .delete: all.append(.delete(change.space, key: Bytes(change.key)))
      case .deleteRange: all.append(.deleteRange(change.space, from: Bytes(change.key), to: Bytes(change.value)))
      }
    }
    return all
  }

  /// Lends every change from `place` on and before `end`, in order, with its place; the buffers are lent for the call
  /// only.
  ///
  /// - Requires: `place` and `end` are ones of this batch; nil is its end.
  public func forEach(from place: Place = .start, to end: Place? = nil, _ body: (LentChange, Place) -> Void) {
    buffer.withUnsafeBytes { bytes in
      var offset = place.offset
      let end = end?.offset ?? bytes.count
      while offset < end {
        let change = WriteBatch.change(bytes, offset)
        body(change, Place(offset: offset))
        offset += WriteBatch.headByteCount + change.key.count + change.value.count
      }
    }
  }

  /// Lends the changes of this batch by their places; the buffers are lent for the call only.
  ///
  /// - Requires: the places asked for are ones of this batch.
  public func withChanges<Result>(_ body: ((Place) -> LentChange) -> Result) -> Result {
    buffer.withUnsafeBytes { bytes in body { WriteBatch.change(bytes, $0.offset) } }
  }

  private static func change(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> LentChange {
    // Both were written from these enumerations.
    guard let kind = Kind(rawValue: bytes[offset]), let space = Keyspace(rawValue: bytes[offset + 1]) else {
      requirementFailed("a place of this batch")
    }
    let keyCount = Int(bytes.loadUnaligned(fromByteOffset: offset + 2, as: UInt32.self))
    let valueCount = Int(bytes.loadUnaligned(fromByteOffset: offset + 6, as: UInt32.self))
    let start = offset + headByteCount
    return LentChange(
      kind: kind, space: space, key: UnsafeRawBufferPointer(rebasing: bytes[start..<start + keyCount]),
      value: UnsafeRawBufferPointer(rebasing: bytes[start + keyCount..<start + keyCount + valueCount]))
  }
}
