import Primitives

extension JSONValue {
  /// Reads a text of objects, lists, strings and whole numbers.
  ///
  /// - Throws: ``ParseError`` for anything else, and for nesting deeper than ``depthMax``.
  init(parsing text: String) throws(ParseError) {
    var parser = JSONParser(bytes: Bytes(text.utf8))
    self = try parser.parseWhole()
  }
}

private struct JSONParser {
  private let bytes: Bytes
  private var offset = 0

  init(bytes: Bytes) { self.bytes = bytes }

  mutating func parseWhole() throws(JSONValue.ParseError) -> JSONValue {
    let value = try parse(depth: 0)
    skipBlanks()
    guard offset == bytes.count else { throw failure("text after the value") }
    return value
  }

  private func failure(_ reason: String) -> JSONValue.ParseError {
    JSONValue.ParseError(offset: offset, reason: reason)
  }

  private mutating func skipBlanks() {
    while offset < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[offset]) { offset += 1 }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipBlanks()
    guard offset < bytes.count, bytes[offset] == byte else { return false }
    offset += 1
    return true
  }

  private mutating func parse(depth: Int) throws(JSONValue.ParseError) -> JSONValue {
    guard depth < JSONValue.depthMax else { throw failure("nested too deeply") }
    skipBlanks()
    guard offset < bytes.count else { throw failure("a value is missing") }
    switch bytes[offset] {
    case UInt8(ascii: "\""): return .string(try parseString())
    case UInt8(ascii: "["): return try parseArray(depth)
    case UInt8(ascii: "{"): return try parseObject(depth)
    default: return .number(try parseNumber())
    }
  }

  private mutating func parseArray(_ depth: Int) throws(JSONValue.ParseError) -> JSONValue {
    offset += 1
    var elements: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return .array(elements) }
    repeat { elements.append(try parse(depth: depth + 1)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw failure("] is missing") }
    return .array(elements)
  }

  private mutating func parseObject(_ depth: Int) throws(JSONValue.ParseError) -> JSONValue {
    offset += 1
    var members: [(String, JSONValue)] = []
    if take(UInt8(ascii: "}")) { return .object(members) }
    repeat {
      skipBlanks()
      guard offset < bytes.count, bytes[offset] == UInt8(ascii: "\"") else { throw failure("a name is missing") }
      let name = try parseString()
      guard take(UInt8(ascii: ":")) else { throw failure(": is missing") }
      members.append((name, try parse(depth: depth + 1)))
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw failure("} is missing") }
    return .object(members)
  }

  private mutating func parseNumber() throws(JSONValue.ParseError) -> Int {
    let start = offset
    while offset < bytes.count, bytes[offset] == UInt8(ascii: "-") || (0x30...0x39).contains(bytes[offset]) {
      offset += 1
    }
    guard let number = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
      throw failure("not a whole number")
    }
    return number
  }

  private mutating func parseString() throws(JSONValue.ParseError) -> String {
    offset += 1
    var content: Bytes = []
    while offset < bytes.count {
      let byte = bytes[offset]
      offset += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"): content += try parseEscape()
      default: content.append(byte)
      }
    }
    throw failure("a text has no end")
  }

  private mutating func parseEscape() throws(JSONValue.ParseError) -> Bytes {
    guard offset < bytes.count else { throw failure("a text has no end") }
    offset += 1
    switch bytes[offset - 1] {
    case UInt8(ascii: "n"): return [0x0A]
    case UInt8(ascii: "r"): return [0x0D]
    case UInt8(ascii: "t"): return [0x09]
    case UInt8(ascii: "u"):
      guard offset + 4 <= bytes.count,
        let value = UInt32(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(value)
      else { throw failure("a bad escape") }
      offset += 4
      return Bytes(String(scalar).utf8)
    case let byte where [UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/")].contains(byte): return [byte]
    default: throw failure("a bad escape")
    }
  }
}
