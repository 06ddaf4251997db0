/// The border of the HTTP interface: what a text must be before any decoder sees it.
///
/// 1. Valid UTF-8 without a byte order mark, at most ``Limits/bytesMax`` long, nested at most ``Limits/depthMax`` deep.
/// 2. One value of RFC 8259 and nothing after it but white space; no lone surrogates.
/// 3. No object names a member twice, also not by escapes or by canonically equal spellings: two readers would
///    disagree on it.
/// 4. With ``Numbers/integers``, no fraction and no exponent: `1.0` is not an integer, whatever a decoder thinks.
public enum StrictJSON {
  /// Which numbers are taken.
  public enum Numbers: Sendable {
    case integers
    case any
  }

  /// The bounds of one text.
  public struct Limits: Sendable {
    public var bytesMax: Int
    public var depthMax: Int

    /// Requests are small; answers of the daemon may carry 100,000 rows.
    public static let request = Limits(bytesMax: 2 << 20, depthMax: 32)
    public static let answer = Limits(bytesMax: 256 << 20, depthMax: 32)
  }

  /// What is wrong, and at which byte (from 0).
  public struct Fault: Error, Hashable, Sendable {
    public let reason: String
    public let offset: Int
  }

  /// Returns if `bytes` is acceptable. One pass, no value is built.
  ///
  /// - Throws: the first fault.
  public static func check(_ bytes: [UInt8], numbers: Numbers, limits: Limits = .request) throws(Fault) {
    guard bytes.count <= limits.bytesMax else {
      throw Fault(reason: "longer than \(limits.bytesMax) bytes", offset: limits.bytesMax)
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw Fault(reason: "a byte order mark", offset: 0) }
    if let offset = firstInvalidUTF8(bytes) { throw Fault(reason: "not UTF-8", offset: offset) }
    var scanner = Scanner(bytes: bytes, numbers: numbers, depthMax: limits.depthMax)
    try scanner.value(depth: 1)
    scanner.skipSpace()
    guard scanner.isAtEnd else { throw scanner.fault("text after the value") }
  }
}

private struct Scanner {
  let bytes: [UInt8]
  let numbers: StrictJSON.Numbers
  let depthMax: Int
  var position = 0

  var isAtEnd: Bool { position == bytes.count }
  var next: UInt8? { isAtEnd ? nil : bytes[position] }

  func fault(_ reason: String) -> StrictJSON.Fault { StrictJSON.Fault(reason: reason, offset: position) }

  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    position += 1
    return true
  }

  mutating func value(depth: Int) throws(StrictJSON.Fault) {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): try object(depth)
    case UInt8(ascii: "["): try array(depth)
    case UInt8(ascii: "\""): _ = try string(isKept: false)
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): try number()
    case nil: throw fault("the text ends where a value is expected")
    default: throw fault("a value is expected")
    }
  }

  private mutating func object(_ depth: Int) throws(StrictJSON.Fault) {
    guard depth <= depthMax else { throw fault("nested deeper than \(depthMax)") }
    position += 1
    skipSpace()
    if take(UInt8(ascii: "}")) { return }
    var names: Set<String> = []
    repeat {
      skipSpace()
      let start = position
      guard next == UInt8(ascii: "\"") else { throw fault("a member name is expected") }
      let name = try string(isKept: true)
      guard names.insert(name).inserted else { throw StrictJSON.Fault(reason: "a member named twice", offset: start) }
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw fault("“:” is expected") }
      try value(depth: depth + 1)
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw fault("“,” or “}” is expected") }
  }

  private mutating func array(_ depth: Int) throws(StrictJSON.Fault) {
    guard depth <= depthMax else { throw fault("nested deeper than \(depthMax)") }
    position += 1
    skipSpace()
    if take(UInt8(ascii: "]")) { return }
    repeat {
      try value(depth: depth + 1)
      skipSpace()
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw fault("“,” or “]” is expected") }
  }

  private mutating func word(_ word: StaticString) throws(StrictJSON.Fault) {
    for byte in word.description.utf8 {
      guard take(byte) else { throw fault("a value is expected") }
    }
  }

  private mutating func number() throws(StrictJSON.Fault) {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if take(UInt8(ascii: "0")) {
      if let byte = next, isDigit(byte) { throw fault("a number starts with 0") }
    } else {
      try digits()
    }
    var isWhole = true
    if take(UInt8(ascii: ".")) {
      isWhole = false
      try digits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isWhole = false
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    if numbers == .integers && !isWhole {
      throw StrictJSON.Fault(reason: "an integer is written without fraction and exponent", offset: start)
    }
  }

  private mutating func digits() throws(StrictJSON.Fault) {
    guard let first = next, isDigit(first) else { throw fault("a digit is expected") }
    while let byte = next, isDigit(byte) { position += 1 }
  }

  private func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// Reads a string; its content is put together only when it is a name.
  private mutating func string(isKept: Bool) throws(StrictJSON.Fault) -> String {
    position += 1
    var content: [UInt8] = []
    while let byte = next {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        let scalar = try escape()
        if isKept { content += Array(String(Character(scalar)).utf8) }
      case 0..<0x20: throw fault("a control character inside a string")
      default:
        if isKept { content.append(byte) }
        position += 1
      }
    }
    throw fault("the string is never closed")
  }

  private mutating func escape() throws(StrictJSON.Fault) -> Unicode.Scalar {
    position += 1
    guard let byte = next else { throw fault("the string is never closed") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw fault("an unknown escape")
    }
    let high = try hexUnit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw fault("half a surrogate pair") }
    let low = try hexUnit()
    guard (0xDC00...0xDFFF).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
    else { throw fault("half a surrogate pair") }
    return scalar
  }

  private mutating func hexUnit() throws(StrictJSON.Fault) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw fault("four hexadecimal digits are expected")
      }
      unit = unit << 4 | UInt32(digit)
      position += 1
    }
    return unit
  }
}

/// The offset of the first byte that is not UTF-8, or nil.
private func firstInvalidUTF8(_ bytes: [UInt8]) -> Int? {
  if String(validating: bytes, as: UTF8.self) != nil { return nil }
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  var offset = 0
  while true {
    switch decoder.decode(&iterator) {
    case .scalarValue(let scalar): offset += UTF8.width(scalar)
    case .emptyInput: return bytes.count
    case .error: return offset
    }
  }
}
