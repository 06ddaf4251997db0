import Primitives

/// The natural keys of the rows taken so far, to find a second row about the same record.
///
/// Keys are kept as fingerprints of 128 bits, so that memory does not depend on their length: two of a million keys are
/// confused with a probability below 10^-26. 32 bytes a row and 8 to 16 of the index: 340,000 rows take 15 MB. At
/// ``keysMax`` rows it takes no more; later duplicates are then left to the store.
struct KeyLedger {
  static let keysMax = 4_000_000

  private struct Entry {
    let key: (UInt64, UInt64)
    let row: UInt64
    let line: UInt32
  }

  /// Blocks of equal size: growing copies no entry.
  private var blocks: [[Entry]] = []
  private static let blockBits = 12
  private var count = 0
  /// Position of an entry plus one, by the key's low bits; 0 is free. At most half full.
  private var slots = [UInt32](repeating: 0, count: 1024)

  /// What is known about a key.
  enum Finding: Equatable {
    case new
    /// The row on this line has the key and the same bytes.
    case same(line: Int)
    /// The row on this line has the key and other bytes.
    case other(line: Int)
  }

  func find(_ key: (UInt64, UInt64), row: UInt64) -> Finding {
    let position = Int(slots[slot(of: key)])
    guard position > 0 else { return .new }
    let entry = entry(position - 1)
    return entry.row == row ? .same(line: Int(entry.line)) : .other(line: Int(entry.line))
  }

  /// - Requires: ``find(_:row:)`` called the key new.
  mutating func insert(_ key: (UInt64, UInt64), row: UInt64, line: Int) {
    guard count < KeyLedger.keysMax else { return }
    if (count + 1) * 2 > slots.count { grow() }
    if count & (1 << KeyLedger.blockBits - 1) == 0 {
      blocks.append([])
      blocks[blocks.count - 1].reserveCapacity(1 << KeyLedger.blockBits)
    }
    let slot = slot(of: key)
    blocks[blocks.count - 1].append(Entry(key: key, row: row, line: UInt32(clamping: line)))
    count += 1
    slots[slot] = UInt32(count)
  }

  private func entry(_ position: Int) -> Entry {
    blocks[position >> KeyLedger.blockBits][position & (1 << KeyLedger.blockBits - 1)]
  }

  /// The slot that holds the key, or the free one where it belongs.
  private func slot(of key: (UInt64, UInt64)) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: key.0) & mask
    while true {
      let position = Int(slots[slot])
      if position == 0 || entry(position - 1).key == key { return slot }
      slot = (slot + 1) & mask
    }
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for position in 0..<count { slots[slot(of: entry(position).key)] = UInt32(position + 1) }
  }
}

/// 128 bits out of any bytes, the same on every machine. Against chance, not against an adversary: who forges two keys
/// with one fingerprint gets one of their own rows refused.
struct Fingerprint {
  private var low: UInt64 = 0x9E37_79B9_7F4A_7C15
  private var high: UInt64 = 0xD1B5_4A32_D192_ED03

  mutating func add(_ bytes: some Collection<UInt8>) {
    if bytes.withContiguousStorageIfAvailable({ add(UnsafeRawBufferPointer($0)) }) == nil {
      Bytes(bytes).withUnsafeBytes { add($0) }
    }
  }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var at = 0
    while at + 8 <= bytes.count {
      mix(UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
      at += 8
    }
    var word: UInt64 = 0
    while at < bytes.count {
      word = word << 8 | UInt64(bytes[at])
      at += 1
    }
    // The length goes in as well: parts that follow each other keep their borders.
    mix(word)
    mix(UInt64(truncatingIfNeeded: bytes.count))
  }

  mutating func mix(_ word: UInt64) {
    low = Fingerprint.fold(low ^ word, 0xA076_1D64_78BD_642F)
    high = Fingerprint.fold(high &+ word, 0xE703_7ED1_A0B4_28DB)
  }

  var value: (UInt64, UInt64) {
    (Fingerprint.fold(low, high | 1), Fingerprint.fold(high ^ low.byteSwapped, 0x8EBC_6AF0_9C88_C6E3))
  }

  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
