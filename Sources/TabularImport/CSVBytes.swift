/// Finds bytes eight at a time (S. E. Anderson, "Bit Twiddling Hacks", determine if a word has a byte equal to n).
enum CSVBytes {
  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let tops: UInt64 = 0x8080_8080_8080_8080

  /// Top bits of the bytes that are zero, and perhaps of some above such a byte.
  @inline(__always)
  private static func zeros(_ word: UInt64) -> UInt64 { (word &- ones) & ~word & tops }

  @inline(__always)
  private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
  }

  /// The place of the first quote or line feed from `start` on; `limit` when none comes before it.
  static func quoteOrLineFeed(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ limit: Int) -> Int {
    var at = start
    while at + 8 <= limit {
      let word = word(bytes, at)
      let found = zeros(word ^ ones &* 0x22) | zeros(word ^ ones &* 0x0A)
      // The lowest mark is never a false one: nothing is borrowed from below it.
      if found != 0 { return at + found.trailingZeroBitCount >> 3 }
      at += 8
    }
    while at < limit, bytes[at] != 0x22, bytes[at] != 0x0A { at += 1 }
    return at
  }

  /// Steps over whole words of bytes that are no comma, quote, control character or DEL; what follows is to be looked
  /// at one by one.
  ///
  /// - Parameter all: takes the bytes passed over, one over the other.
  @inline(__always)
  static func skipPlain(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ all: inout UInt8) -> Int {
    var at = start
    var seen: UInt64 = 0
    while at + 8 <= bytes.count {
      let word = word(bytes, at)
      let low = (word &- ones &* 0x20) & ~word & tops
      let found = zeros(word ^ ones &* 0x2C) | zeros(word ^ ones &* 0x22) | zeros(word ^ ones &* 0x7F) | low
      if found != 0 { break }
      seen |= word
      at += 8
    }
    if seen & tops != 0 { all |= 0x80 }
    return at
  }
}
