import Primitives

/// The forms of cells that need no change on their way to a value, told from their bytes: what ``CellMapper`` would
/// give back as it is. It may call a plain cell not plain, never the other way round.
///
/// - Requires: valid UTF-8 without control characters but the tab, not empty.
enum PlainCell {
  /// Text without blanks around or a mark in front, in NFC without a doubt, free of unwanted characters.
  @inline(__always)
  static func isText(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    let count = bytes.count
    // A blank, an apostrophe; U+3000 and U+FEFF begin with these two, the no-break blank with C2.
    switch bytes[0] {
    case 0...0x20, 0x27, 0xC2, 0xE3, 0xEF: return false
    default: break
    }
    if bytes[count - 1] <= 0x20 { return false }
    var at = 0
    while at < count {
      let byte = bytes[at]
      if byte < 0x7F || byte >= 0x80 && byte < 0xC0 || byte >= 0xE4 && byte <= 0xE9 {
        at += 1
        continue
      }
      // Full-width forms but blanks and specials: U+FF00 to U+FFEF.
      if byte == 0xEF, bytes[at + 1] == 0xBC || bytes[at + 1] == 0xBD || bytes[at + 1] == 0xBE {
        at += 3
        continue
      }
      // The middle dot of names.
      if byte == 0xC2, bytes[at + 1] == 0xB7 {
        at += 2
        continue
      }
      return false
    }
    return true
  }

  /// Visible ASCII that no spreadsheet touched.
  ///
  /// - Parameter isCitizen: an old number, or one with a small x, gets its proper form elsewhere.
  @inline(__always)
  static func isIdentifier(_ bytes: UnsafeBufferPointer<UInt8>, isCitizen: Bool) -> Bool {
    if bytes[0] == 0x27 { return false }
    for byte in bytes where byte <= 0x20 || byte >= 0x7F || byte | 0x20 == 0x65 { return false }
    return !isCitizen || bytes.count != 15 && bytes[bytes.count - 1] != 0x78
  }

  /// The day of `2005-09-01`, with slashes or points too, or `20050901`; nil for any other form, and for a day that the
  /// calendar lacks.
  @inline(__always)
  static func days(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    let step: Int
    switch bytes.count {
    case 10 where bytes[4] == bytes[7] && bytes[4] >= 0x2D && bytes[4] <= 0x2F: step = 1
    case 8: step = 0
    default: return nil
    }
    var isNumber = true
    func number(_ from: Int, _ count: Int) -> Int {
      var value = 0
      for place in from..<from + count {
        let digit = bytes[place] &- 0x30
        isNumber = isNumber && digit < 10
        value = value * 10 + Int(digit)
      }
      return value
    }
    let (year, month, day) = (number(0, 4), number(4 + step, 2), number(6 + 2 * step, 2))
    guard isNumber else { return nil }
    return CivilDate(year: year, month: month, day: day).map { Int64($0.days) }
  }
}
