/// Reads a row's line: a JSON array of scalars, as our daemon writes it.
struct SQLRowReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  /// The cells; nil when the bytes are anything else than one array of scalars.
  mutating func row() -> [SQLCell]? {
    guard take(UInt8(ascii: "[")) else { return nil }
    var cells: [SQLCell] = []
    if !take(UInt8(ascii: "]")) {
      repeat {
        guard let cell = cell() else { return nil }
        cells.append(cell)
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { return nil }
    }
    return position == bytes.endIndex ? cells : nil
  }

  private mutating func cell() -> SQLCell? {
    switch next {
    case UInt8(ascii: "\""): return text().map { .text($0) }
    case UInt8(ascii: "n"): return word("null") ? .null : nil
    case UInt8(ascii: "t"): return word("true") ? .integer(1) : nil
    case UInt8(ascii: "f"): return word("false") ? .integer(0) : nil
    default: return number()
    }
  }

  private mutating func word(_ word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  private mutating func number() -> SQLCell? {
    let start = position
    var isReal = false
    while let byte = next {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"): position += 1
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        isReal = true
        position += 1
      default:
        return SQLRowReader.number(String(decoding: bytes[start..<position], as: UTF8.self), isReal)
      }
    }
    return SQLRowReader.number(String(decoding: bytes[start..<position], as: UTF8.self), isReal)
  }

  private static func number(_ digits: String, _ isReal: Bool) -> SQLCell? {
    isReal ? Double(digits).map { .real($0) } : Int64(digits).map { .integer($0) }
  }

  private mutating func text() -> String? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = position
    while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
    // Most texts have no escape and are copied once.
    if take(UInt8(ascii: "\"")) { return String(validating: bytes[start..<position - 1], as: UTF8.self) }
    var text = Array(bytes[start..<position])
    while let byte = next {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escape() else { return nil }
        text.append(contentsOf: String(Character(scalar)).utf8)
      default: text.append(byte)
      }
    }
    return nil
  }

  private mutating func escape() -> Unicode.Scalar? {
    guard let byte = next else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let high = unit() else { return nil }
      guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) }
      guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), let low = unit(), (0xDC00..<0xE000).contains(low) else {
        return nil
      }
      return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    default: return nil
    }
  }

  private mutating func unit() -> UInt32? {
    guard bytes.endIndex - position >= 4 else { return nil }
    let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
    position += 4
    return UInt32(digits, radix: 16)
  }
}
