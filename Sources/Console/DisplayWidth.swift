extension Unicode.Scalar {
  /// Cells this code point adds in a terminal: 0 for controls, marks and joiners, 2 for East Asian wide, else 1.
  var cells: Int {
    // Half of what is printed is ASCII; nothing below U+0300 is wide or combining.
    if value < 0x300 { return value < 0x20 || (0x7F..<0xA0).contains(value) ? 0 : 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .lineSeparator, .paragraphSeparator, .surrogate: return 0
    default: break
    }
    // Vowels and finals of Hangul join the leading consonant, which is wide.
    if (0x1160...0x11FF).contains(value) || (0xD7B0...0xD7FF).contains(value) { return 0 }
    return isEastAsianWide(value) ? 2 : 1
  }
}

extension Character {
  /// Cells this user-perceived character takes in a terminal.
  var cells: Int {
    let scalars = unicodeScalars
    guard let first = scalars.first else { return 0 }
    var cells = first.cells
    var joined = false
    let isFlag = isRegionalIndicator(first.value)
    for scalar in scalars.dropFirst() {
      switch scalar.value {
      case 0x200D: joined = true
      // A presentation selector turns a narrow symbol into a wide emoji.
      case 0xFE0F: if cells == 1 && first.properties.isEmoji { cells = 2 }
      case 0x1F3FB...0x1F3FF: break
      case _ where joined: joined = false
      case let value where isFlag && isRegionalIndicator(value): break
      default: cells += scalar.cells
      }
    }
    return cells
  }
}

/// How many cells `text` takes in a terminal. Text for people goes through ``printable(_:)`` first: controls count
/// nothing.
public func displayWidth(_ text: some StringProtocol) -> Int {
  var cells = 0
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text.utf8.count }
  for character in text { cells += character.cells }
  return cells
}

/// `text` made safe and single-line for a terminal: control characters, line separators and bidirectional overrides
/// become visible escapes (`\n`, `\t`, `\u{1B}`), so that data can neither move the cursor nor disguise itself.
public func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isUnsafeInTerminal) else { return text }
  var safe = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": safe += "\\n"
    case "\r": safe += "\\r"
    case "\t": safe += "\\t"
    case _ where isUnsafeInTerminal(scalar): safe += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    default: safe.unicodeScalars.append(scalar)
    }
  }
  return safe
}

/// The longest beginning of `text` that fits `width` cells, with `…` at the end when something was cut.
public func truncated(_ text: String, to width: Int) -> String {
  guard displayWidth(text) > width else { return text }
  guard width > 0 else { return "" }
  var kept = ""
  var cells = 0
  for character in text {
    guard cells + character.cells <= width - 1 else { break }
    kept.append(character)
    cells += character.cells
  }
  return kept + "…"
}

/// `text` with spaces to `width` cells; unchanged when it is wider.
func padded(_ text: String, to width: Int, _ alignment: Column.Alignment) -> String {
  let spaces = String(repeating: " ", count: max(0, width - displayWidth(text)))
  return alignment == .right ? spaces + text : text + spaces
}

private func isUnsafeInTerminal(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
  default: false
  }
}

private func isRegionalIndicator(_ value: UInt32) -> Bool { (0x1F1E6...0x1F1FF).contains(value) }

private func isEastAsianWide(_ value: UInt32) -> Bool {
  var low = 0
  var high = eastAsianWide.count
  while low < high {
    let middle = (low + high) / 2
    if value > eastAsianWide[middle].upperBound { low = middle + 1 } else { high = middle }
  }
  return low < eastAsianWide.count && eastAsianWide[low].contains(value)
}
