/// Appends numbers and byte strings in the encodings that our formats use. Integers of fixed width are big-endian, so
/// that keys sort as numbers; variable integers are LEB128 (7 bits a byte, low bits first).
public struct ByteWriter: Sendable {
  /// What was written so far.
  public var bytes: Bytes

  public init(capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  @inlinable public mutating func u8(_ value: UInt8) { bytes.append(value) }

  @inlinable public mutating func u16(_ value: UInt16) {
    bytes.append(UInt8(truncatingIfNeeded: value >> 8))
    bytes.append(UInt8(truncatingIfNeeded: value))
  }

  @inlinable public mutating func u32(_ value: UInt32) {
    u16(UInt16(truncatingIfNeeded: value >> 16))
    u16(UInt16(truncatingIfNeeded: value))
  }

  @inlinable public mutating func u64(_ value: UInt64) {
    u32(UInt32(truncatingIfNeeded: value >> 32))
    u32(UInt32(truncatingIfNeeded: value))
  }

  /// LEB128: 1 byte below 128, at most 10.
  @inlinable public mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// LEB128 of a count.
  ///
  /// - Requires: not negative.
  @inlinable public mutating func count(_ value: Int) {
    require(value >= 0, "a count is not negative")
    varint(UInt64(value))
  }

  /// Signed LEB128 by zigzag: small magnitudes of either sign are short.
  @inlinable public mutating func zigzag(_ value: Int64) {
    varint(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  @inlinable public mutating func raw(_ value: some Sequence<UInt8>) { bytes.append(contentsOf: value) }

  /// A count, then that many bytes.
  @inlinable public mutating func block(_ value: Bytes) {
    count(value.count)
    bytes.append(contentsOf: value)
  }

  /// A count of UTF-8 bytes, then the bytes.
  @inlinable public mutating func text(_ value: String) {
    count(value.utf8.count)
    bytes.append(contentsOf: value.utf8)
  }
}
