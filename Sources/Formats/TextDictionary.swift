import Primitives

/// Distinct texts under numbers in the order in which they came.
public struct TextDictionary: Sendable {
  var texts = TextColumn.Decoded()
  private var table = TextTable()

  /// An empty one.
  public init() { texts.isDistinct = true }

  /// How many texts.
  public var count: Int { texts.places.count - 1 }

  /// The number of a text; nil when it is not here.
  public func known(_ text: UnsafeBufferPointer<UInt8>) -> Int32? { find(text, TextTable.hash(text)) }

  @inline(__always)
  private func find(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt64) -> Int32? {
    texts.blob.withUnsafeBufferPointer { blob in
      table.find(hash) { number in
        let range = texts.range(Int(number))
        return range.count == text.count && blob[range].elementsEqual(text)
      }
    }
  }

  /// Lends the text with a number.
  public func withText(_ number: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
    texts.blob.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[texts.range(Int(number))])) }
  }

  /// The number of a text, a new one when it was not here.
  public mutating func number(_ text: UnsafeBufferPointer<UInt8>) -> Int32 {
    let hash = TextTable.hash(text)
    if let found = find(text, hash) { return found }
    let number = Int32(count)
    texts.append(text)
    table.insert(hash, number)
    return number
  }
}

/// Finds numbers by hash: open addressing, at most half full.
struct TextTable {
  private var hashes: [UInt64]
  private var numbers: [Int32]
  private var count = 0

  /// - Requires: a power of two.
  init(capacity: Int = 32) {
    hashes = [UInt64](repeating: 0, count: capacity * 2)
    numbers = [Int32](repeating: -1, count: capacity * 2)
  }

  /// Well mixed bits of some bytes, the same on every machine.
  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let raw = UnsafeRawBufferPointer(bytes)
    var sum = UInt64(truncatingIfNeeded: raw.count) &* 0x9E37_79B9_7F4A_7C15
    var at = 0
    while at + 8 <= raw.count {
      sum = mix(sum, raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at += 8
    }
    var rest: UInt64 = 0
    while at < raw.count {
      rest = rest << 8 | UInt64(raw[at])
      at += 1
    }
    return mix(sum, rest)
  }

  @inline(__always)
  private static func mix(_ sum: UInt64, _ word: UInt64) -> UInt64 {
    let product = (sum ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }

  /// The number under `hash` for which `isIt` holds.
  @inline(__always)
  func find(_ hash: UInt64, _ isIt: (Int32) -> Bool) -> Int32? {
    var slot = Int(truncatingIfNeeded: hash) & (numbers.count - 1)
    while numbers[slot] >= 0 {
      if hashes[slot] == hash, isIt(numbers[slot]) { return numbers[slot] }
      slot = (slot + 1) & (numbers.count - 1)
    }
    return nil
  }

  /// - Requires: the number is not here.
  mutating func insert(_ hash: UInt64, _ number: Int32) {
    if (count + 1) * 2 > numbers.count { grow() }
    place(hash, number)
    count += 1
  }

  private mutating func place(_ hash: UInt64, _ number: Int32) {
    var slot = Int(truncatingIfNeeded: hash) & (numbers.count - 1)
    while numbers[slot] >= 0 { slot = (slot + 1) & (numbers.count - 1) }
    hashes[slot] = hash
    numbers[slot] = number
  }

  private mutating func grow() {
    let (oldHashes, oldNumbers) = (hashes, numbers)
    hashes = [UInt64](repeating: 0, count: oldHashes.count * 2)
    numbers = [Int32](repeating: -1, count: oldNumbers.count * 2)
    for slot in oldNumbers.indices where oldNumbers[slot] >= 0 { place(oldHashes[slot], oldNumbers[slot]) }
  }
}
