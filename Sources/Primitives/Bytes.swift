/// Owned bytes. One name for "these bytes are mine", everywhere in the engine.
public typealias Bytes = [UInt8]

extension Array where Element == UInt8 {
  /// Bytewise order, the order of keys in every store.
  @inlinable
  public func precedes(_ other: Bytes) -> Bool {
    let shared = Swift.min(count, other.count)
    for index in 0..<shared where self[index] != other[index] { return self[index] < other[index] }
    return count < other.count
  }

  /// The smallest key after every key that starts with these bytes, or nil when none exists (all bytes 0xFF).
  public func prefixEnd() -> Bytes? {
    var end = self
    while let last = end.popLast() {
      if last != 0xFF { return end + [last + 1] }
    }
    return nil
  }

  /// The bytes that lower-case hexadecimal spells, or nil for anything ``hex`` does not write.
  public init?(hex: some StringProtocol) {
    var high: UInt8?
    var bytes: Bytes = []
    for digit in hex.utf8 {
      let nibble: UInt8
      switch digit {
      case 0x30...0x39: nibble = digit - 0x30
      case 0x61...0x66: nibble = digit - 0x57
      default: return nil
      }
      if let first = high {
        bytes.append(first << 4 | nibble)
        high = nil
      } else {
        high = nibble
      }
    }
    guard high == nil else { return nil }
    self = bytes
  }

  /// Lower-case hexadecimal, two digits a byte.
  public var hex: String {
    var text = ""
    text.reserveCapacity(count * 2)
    for byte in self {
      text.unicodeScalars.append(Unicode.Scalar(hexDigit(byte >> 4)))
      text.unicodeScalars.append(Unicode.Scalar(hexDigit(byte & 15)))
    }
    return text
  }
}

private func hexDigit(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x57 + nibble }

/// A count of bytes, so that no bare integer stands beside another in a signature.
public struct ByteCount: Hashable, Comparable, Sendable {
  public let value: Int
  public init(_ value: Int) { self.value = value }
  public static func kibibytes(_ count: Int) -> ByteCount { ByteCount(count << 10) }
  public static func mebibytes(_ count: Int) -> ByteCount { ByteCount(count << 20) }
  public static func < (left: ByteCount, right: ByteCount) -> Bool { left.value < right.value }
}
