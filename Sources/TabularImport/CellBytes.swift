import Primitives

/// A cell on its way to a value: valid UTF-8, without copying where nothing has to change.
typealias CellBytes = ArraySlice<UInt8>

extension ArraySlice where Element == UInt8 {
  /// Without blanks around: ASCII, ideographic, no-break, and the byte order mark that editors leave behind.
  var trimmed: CellBytes {
    var from = startIndex
    var to = endIndex
    while from < to {
      let length = blankLength(at: from, to)
      if length == 0 { break }
      from += length
    }
    while to > from {
      let length = blankLength(endingAt: to, from)
      if length == 0 { break }
      to -= length
    }
    return self[from..<to]
  }

  private func blankLength(at index: Int, _ end: Int) -> Int {
    let byte = self[index]
    if byte == 0x20 || byte >= 0x09 && byte <= 0x0D { return 1 }
    if byte < 0xC2 { return 0 }
    if byte == 0xC2 { return index + 1 < end && self[index + 1] == 0xA0 ? 2 : 0 }
    guard index + 2 < end else { return 0 }
    return isWideBlank(byte, self[index + 1], self[index + 2]) ? 3 : 0
  }

  private func blankLength(endingAt end: Int, _ start: Int) -> Int {
    let byte = self[end - 1]
    if byte == 0x20 || byte >= 0x09 && byte <= 0x0D { return 1 }
    if byte < 0x80 { return 0 }
    if end - start >= 2, self[end - 2] == 0xC2, byte == 0xA0 { return 2 }
    return end - start >= 3 && isWideBlank(self[end - 3], self[end - 2], byte) ? 3 : 0
  }

  /// U+3000 and U+FEFF.
  private func isWideBlank(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
    first == 0xE3 && second == 0x80 && third == 0x80 || first == 0xEF && second == 0xBB && third == 0xBF
  }

  var isASCII: Bool {
    var all: UInt8 = 0
    for byte in self { all |= byte }
    return all < 0x80
  }

  /// Whether all is ASCII without DEL or ideographs from U+4000 to U+9FFF, as nearly all text is:
  /// ``CellScalars/isPlain(_:)`` would say so too.
  var isPlain: Bool {
    withUnsafeBufferPointer { bytes in
      bytes.allSatisfy { $0 < 0x7F || $0 >= 0x80 && $0 < 0xC0 || $0 >= 0xE4 && $0 <= 0xE9 }
    }
  }

  /// Full-width letters, digits and signs (U+FF01…FF5E) as ASCII.
  var folded: CellBytes {
    guard contains(0xEF) else { return self }
    var folded: Bytes = []
    folded.reserveCapacity(count)
    var index = startIndex
    while index < endIndex {
      if self[index] == 0xEF, index + 2 < endIndex, self[index + 1] == 0xBC || self[index + 1] == 0xBD {
        let scalar = 0xF000 | UInt32(self[index + 1] & 0x3F) << 6 | UInt32(self[index + 2] & 0x3F)
        if scalar >= 0xFF01 && scalar <= 0xFF5E {
          folded.append(UInt8(truncatingIfNeeded: scalar - 0xFEE0))
          index += 3
          continue
        }
      }
      folded.append(self[index])
      index += 1
    }
    return folded[...]
  }

  /// Without the apostrophe by which a spreadsheet marks digits as text.
  var withoutTextMark: CellBytes { first == 0x27 ? dropFirst() : self }

  var string: String { String(decoding: self, as: UTF8.self) }

  /// A whole decimal number of at most `digits` digits without sign; nil for anything else.
  func digits(atMost digits: Int) -> Int? {
    guard count >= 1, count <= digits else { return nil }
    var number = 0
    for byte in self {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      number = number * 10 + Int(byte - 0x30)
    }
    return number
  }

  /// Whether this is how a spreadsheet shows a long number that it made of a code: `3.30212E+17`. Its last digits are
  /// lost.
  var isScientific: Bool {
    guard let exponent = firstIndex(where: { $0 | 0x20 == 0x65 }), exponent > startIndex, exponent + 1 < endIndex else {
      return false
    }
    func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    guard self[startIndex..<exponent].allSatisfy({ isDigit($0) || $0 == 0x2E }), isDigit(self[startIndex]) else {
      return false
    }
    let power = self[(exponent + 1)...]
    let digits = power.first == 0x2B ? power.dropFirst() : power
    // Without a sign it may be a code of its own kind.
    return (digits.count < power.count || self[startIndex..<exponent].contains(0x2E)) && !digits.isEmpty
      && digits.allSatisfy(isDigit)
  }
}

/// What text may hold.
enum CellScalars {
  /// The first character that no reader sees and that makes equal-looking texts different, or turns their order around;
  /// or the mark that an earlier conversion lost a character. Joiners stay: emoji and some scripts need them.
  static func unwanted(in text: String) -> Unicode.Scalar? {
    text.unicodeScalars.first { scalar in
      switch scalar.value {
      case 0x80...0x9F, 0xAD, 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF9...0xFFFD,
        0xE0000...0xE0FFF:
        true
      default: false
      }
    }
  }

  /// Whether the text is in NFC without a doubt and free of unwanted characters: it holds only characters that neither
  /// decompose nor compose with a neighbour.
  static func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      case 0..<0x7F, 0xA0..<0xAD, 0xAE..<0x300, 0x2010...0x2027, 0x3400..<0xA000, 0xFF00..<0xFFF0, 0x20000..<0x2F800:
        true
      // CJK signs and kana, but for the marks that combine.
      case 0x2E80..<0x3400: !(0x302A...0x302F ~= scalar.value || 0x3099...0x309A ~= scalar.value)
      default: false
      }
    }
  }
}
