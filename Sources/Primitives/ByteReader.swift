/// Why bytes could not be read as what they claim to be, and where.
public struct MalformedBytes: Error, Hashable, Sendable {
  /// What was expected, in a few words for a log; never the content.
  public let expected: String
  /// Offset of the first byte that does not fit, from the start of the input.
  public let offset: Int

  public init(_ expected: String, at offset: Int) {
    self.expected = expected
    self.offset = offset
  }
}

/// Reads what ``ByteWriter`` wrote, treating every byte as hostile: a count is checked against the bytes that are left
/// before anything is allocated, and nothing traps.
public struct ByteReader {
  @usableFromInline let bytes: Bytes
  /// The next byte to be read, from the start of the array.
  public private(set) var offset: Int
  /// One past the last byte that may be read.
  public let end: Int

  public init(_ bytes: Bytes) { self.init(bytes, from: 0, to: bytes.count) }

  /// Reads a part of `bytes` without copying it.
  ///
  /// - Requires: the range lies inside `bytes`.
  public init(_ bytes: Bytes, from start: Int, to end: Int) {
    require(start >= 0 && start <= end && end <= bytes.count, "range \(start)..<\(end) of \(bytes.count) bytes")
    self.bytes = bytes
    self.offset = start
    self.end = end
  }

  public var remaining: Int { end - offset }
  public var isAtEnd: Bool { offset == end }

  @inline(__always)
  private mutating func take(_ count: Int, _ expected: String) throws(MalformedBytes) -> Int {
    guard count >= 0, count <= end - offset else { throw MalformedBytes(expected, at: offset) }
    let start = offset
    offset += count
    return start
  }

  public mutating func u8() throws(MalformedBytes) -> UInt8 { bytes[try take(1, "one byte")] }

  public mutating func u16() throws(MalformedBytes) -> UInt16 {
    let start = try take(2, "two bytes")
    return UInt16(bytes[start]) << 8 | UInt16(bytes[start + 1])
  }

  public mutating func u32() throws(MalformedBytes) -> UInt32 {
    let start = try take(4, "four bytes")
    var value: UInt32 = 0
    for index in start..<start + 4 { value = value << 8 | UInt32(bytes[index]) }
    return value
  }

  public mutating func u64() throws(MalformedBytes) -> UInt64 {
    let start = try take(8, "eight bytes")
    var value: UInt64 = 0
    for index in start..<start + 8 { value = value << 8 | UInt64(bytes[index]) }
    return value
  }

  /// LEB128 in its shortest form; a longer form of the same number is refused, so that equal values have equal bytes.
  public mutating func varint() throws(MalformedBytes) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while offset < end {
      let byte = bytes[offset]
      offset += 1
      if shift == 63 && byte > 1 { throw MalformedBytes("a variable integer below 2^64", at: start) }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 {
        if byte == 0 && shift != 0 { throw MalformedBytes("the shortest form of a variable integer", at: start) }
        return value
      }
      shift += 7
    }
    throw MalformedBytes("the rest of a variable integer", at: start)
  }

  public mutating func zigzag() throws(MalformedBytes) -> Int64 {
    let value = try varint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A count of things that each take at least `bytesEach` of the bytes that are left: the caller may allocate for it.
  public mutating func count(bytesEach: Int = 1) throws(MalformedBytes) -> Int {
    let start = offset
    let value = try varint()
    guard value <= UInt64(remaining / Swift.max(bytesEach, 1)) || bytesEach == 0 && value <= 1 << 24 else {
      throw MalformedBytes("a count that fits the bytes left", at: start)
    }
    return Int(value)
  }

  public mutating func raw(_ count: Int) throws(MalformedBytes) -> Bytes {
    let start = try take(count, "\(count) bytes")
    return Bytes(bytes[start..<start + count])
  }

  /// Steps over `count` bytes and returns where they begin.
  public mutating func skip(_ count: Int) throws(MalformedBytes) -> Int { try take(count, "\(count) bytes") }

  public mutating func block() throws(MalformedBytes) -> Bytes { try raw(count()) }

  /// A counted string; refused unless it is valid UTF-8.
  public mutating func text() throws(MalformedBytes) -> String {
    let length = try count()
    let start = try take(length, "text of \(length) bytes")
    guard let text = String(validating: bytes[start..<start + length], as: UTF8.self) else {
      throw MalformedBytes("valid UTF-8", at: start)
    }
    return text
  }

  /// Lends `count` bytes from offset `start`, for the call only.
  ///
  /// - Requires: the bytes were stepped over before (``skip(_:)``).
  public func withBytes<Result>(from start: Int, count: Int, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    require(start >= 0 && count >= 0 && start + count <= offset, "lends only what was read")
    return bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start..<start + count])) }
  }

  /// - Throws: unless everything was read: trailing bytes are never ignored.
  public func finish() throws(MalformedBytes) {
    guard isAtEnd else { throw MalformedBytes("the end", at: offset) }
  }
}
