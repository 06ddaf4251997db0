import Primitives

/// A key's bytes with their hash, worked out once: arrays of bytes are hashed byte by byte, which costs as much as a
/// read.
struct HashedKey: Hashable {
  let bytes: Bytes
  let number: UInt64

  init(_ bytes: Bytes) {
    self.bytes = bytes
    number = bytes.withUnsafeBytes { HashedKey.number($0) }
  }

  /// The hash of a key's bytes.
  static func number(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var sum = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
    var at = 0
    func mix(_ word: UInt64) {
      let product = (sum ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
      sum = product.high ^ product.low
    }
    while at + 8 <= bytes.count {
      mix(bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at += 8
    }
    var rest: UInt64 = 0
    while at < bytes.count {
      rest = rest << 8 | UInt64(bytes[at])
      at += 1
    }
    mix(rest)
    return sum
  }

  func hash(into hasher: inout Hasher) { hasher.combine(number) }
}

/// Records of our own domain by natural key, as many as fit: children, references and repeated imports name records
/// that were seen a moment ago.
///
/// Holds what the next commit would see, never anything else: every commit tells it which keys appear and disappear.
/// A key that is not here says nothing.
struct KeyCache {
  /// 32,768 keys take at most 5 MB; nothing is held before the first key.
  static let slotCount = 1 << 15

  private var slots: [(key: HashedKey, record: RecordKey)?] = []

  func record(_ key: HashedKey) -> RecordKey? {
    guard !slots.isEmpty, let found = slots[slot(key)], found.key == key else { return nil }
    return found.record
  }

  /// Child records are left out: no other record names them.
  mutating func put(_ key: HashedKey, _ record: RecordKey) {
    guard record.ordinal == 0 else { return }
    if slots.isEmpty { slots = Array(repeating: nil, count: KeyCache.slotCount) }
    slots[slot(key)] = (key, record)
  }

  mutating func remove(_ key: HashedKey) {
    guard !slots.isEmpty, slots[slot(key)]?.key == key else { return }
    slots[slot(key)] = nil
  }

  private func slot(_ key: HashedKey) -> Int { Int(truncatingIfNeeded: key.number) & (KeyCache.slotCount - 1) }
}

/// Tells for the entities that had no record when the engine opened which natural keys no record has: a first import
/// reads nothing from the store to learn that its rows are new.
///
/// A Bloom filter over every key that a record ever had since: it may take a new key for a known one, which then
/// costs the read, never the other way round.
struct NewKeyFilter {
  /// 8 Mbit, 1 MB, from the first key on: one in a hundred of 800,000 keys is taken wrongly.
  private static let wordCount = 1 << 17

  /// Entities whose records all came since.
  private let entities: [Bool]
  private var words: [UInt64] = []

  /// - Parameter entities: by number, whether it has no record yet.
  init(emptyEntities entities: [Bool]) { self.entities = entities }

  /// Whether no record of the entity has the key, for certain.
  func isNew(_ entity: EntityID, _ key: HashedKey) -> Bool {
    guard entities[Int(entity.value)] else { return false }
    guard !words.isEmpty else { return true }
    for bit in NewKeyFilter.bits(key) where words[bit >> 6] & 1 << (bit & 63) == 0 { return true }
    return false
  }

  mutating func insert(_ entity: EntityID, _ key: HashedKey) {
    guard entities[Int(entity.value)] else { return }
    if words.isEmpty { words = Array(repeating: 0, count: NewKeyFilter.wordCount) }
    for bit in NewKeyFilter.bits(key) { words[bit >> 6] |= 1 << (bit & 63) }
  }

  /// Six places out of 64 well-mixed bits, by double hashing.
  private static func bits(_ key: HashedKey) -> some Sequence<Int> {
    let step = key.number &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<6).lazy.map { round in
      Int(truncatingIfNeeded: (key.number &+ UInt64(round) &* step) >> 41)
    }
  }
}
