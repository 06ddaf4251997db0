import Primitives

/// A position to wait for, as users carry it from one node to another: opaque to them, a vector of log positions to us.
///
/// `x1` and base 32 of `count varint · (log u64 · last varint) … · check u32`, lower case. A mistyped token is refused.
public struct PositionToken: Hashable, Sendable {
  /// Everything up to `last` of one log.
  public struct Entry: Hashable, Sendable {
    public let log: LogID
    public let last: Sequence64

    public init(log: LogID, last: Sequence64) {
      self.log = log
      self.last = last
    }
  }

  /// Most logs in one token.
  public static let entriesMax = 64
  private static let prefix = "x1"
  /// Crockford's: no letter that looks like a digit.
  private static let digits = Bytes("0123456789abcdefghjkmnpqrstvwxyz".utf8)

  public let entries: [Entry]

  public init(_ entries: [Entry]) { self.entries = entries }

  /// What users see.
  public var text: String {
    var writer = ByteWriter(capacity: 24)
    writer.count(entries.count)
    for entry in entries {
      writer.u64(entry.log.value)
      writer.varint(entry.last.value)
    }
    writer.u32(PositionToken.check(writer.bytes))
    var text = PositionToken.prefix
    var bits: UInt32 = 0
    var count = 0
    for byte in writer.bytes {
      bits = bits << 8 | UInt32(byte)
      count += 8
      while count >= 5 {
        count -= 5
        text.unicodeScalars.append(.init(PositionToken.digits[Int(bits >> UInt32(count) & 31)]))
      }
      bits &= (1 << UInt32(count)) - 1
    }
    if count > 0 { text.unicodeScalars.append(.init(PositionToken.digits[Int(bits << UInt32(5 - count) & 31)])) }
    return text
  }

  /// Reads ``text``; nil for anything else.
  public init?(_ text: String) {
    guard text.hasPrefix(PositionToken.prefix) else { return nil }
    var bytes: Bytes = []
    var bits: UInt32 = 0
    var count = 0
    for character in text.utf8.dropFirst(PositionToken.prefix.utf8.count) {
      guard let digit = PositionToken.digits.firstIndex(of: character) else { return nil }
      bits = bits << 5 | UInt32(digit)
      count += 5
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        bits &= (1 << UInt32(count)) - 1
      }
    }
    guard bytes.count > 4, let entries = try? PositionToken.read(bytes) else { return nil }
    self.entries = entries
  }

  private static func read(_ bytes: Bytes) throws(MalformedBytes) -> [Entry] {
    var reader = ByteReader(bytes)
    var entries: [Entry] = []
    let count = try reader.count(bytesEach: 9)
    guard count <= entriesMax else { throw MalformedBytes("at most \(entriesMax) positions", at: 0) }
    for _ in 0..<count { entries.append(Entry(log: try reader.logID(), last: Sequence64(try reader.varint()))) }
    let at = reader.offset
    guard try reader.u32() == check(Bytes(bytes[..<at])) else { throw MalformedBytes("a token's check", at: at) }
    try reader.finish()
    return entries
  }

  /// FNV-1a: against slips of the pen, not against anybody.
  private static func check(_ bytes: Bytes) -> UInt32 {
    bytes.reduce(0x811C_9DC5) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
  }
}
