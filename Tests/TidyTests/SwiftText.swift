/// Swift source with comments and the text of string literals blanked out, so that a word found in it is code. Offsets
/// and line breaks stay where they were. Interpolations are code.
func codeOnly(_ source: [UInt8]) -> [UInt8] {
  var scanner = CodeScanner(source)
  scanner.run()
  return scanner.output
}

private struct CodeScanner {
  /// A string literal that is open, and how many parentheses are open in its interpolation (0: we are in its text).
  struct Literal {
    let hashes: Int
    let isMultiline: Bool
    var parentheses = 0
  }

  let source: [UInt8]
  var output: [UInt8]
  private var index = 0
  private var open: [Literal] = []

  init(_ source: [UInt8]) {
    self.source = source
    output = source
  }

  mutating func run() {
    while index < source.count {
      if let literal = open.last, literal.parentheses == 0 { scanText(literal) } else { scanCode() }
    }
  }

  private func byte(_ offset: Int) -> UInt8 { index + offset < source.count ? source[index + offset] : 0 }

  private mutating func blank(_ count: Int) {
    for _ in 0..<count where index < source.count {
      if source[index] != 0x0A { output[index] = 0x20 }
      index += 1
    }
  }

  private mutating func scanCode() {
    switch (source[index], byte(1)) {
    case (0x2F, 0x2F): while index < source.count && source[index] != 0x0A { blank(1) }
    case (0x2F, 0x2A): skipBlockComment()
    case (0x22, _), (0x23, 0x22), (0x23, 0x23): openLiteral()
    case (0x28, _):
      if !open.isEmpty { open[open.count - 1].parentheses += 1 }
      index += 1
    case (0x29, _):
      guard !open.isEmpty else {
        index += 1
        return
      }
      open[open.count - 1].parentheses -= 1
      // The parenthesis that ends an interpolation goes with the one that began it: code stays balanced.
      if open[open.count - 1].parentheses == 0 { blank(1) } else { index += 1 }
    default: index += 1
    }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if byte(0) == 0x2F && byte(1) == 0x2A {
        depth += 1
        blank(2)
      } else if byte(0) == 0x2A && byte(1) == 0x2F {
        depth -= 1
        blank(2)
      } else {
        blank(1)
      }
    } while depth > 0 && index < source.count
  }

  private mutating func openLiteral() {
    var hashes = 0
    while byte(hashes) == 0x23 { hashes += 1 }
    guard byte(hashes) == 0x22 else {
      index += max(1, hashes)
      return
    }
    let isMultiline = byte(hashes + 1) == 0x22 && byte(hashes + 2) == 0x22
    open.append(Literal(hashes: hashes, isMultiline: isMultiline))
    blank(hashes + (isMultiline ? 3 : 1))
  }

  private mutating func scanText(_ literal: Literal) {
    func hashesFollow(_ offset: Int) -> Bool { (0..<literal.hashes).allSatisfy { byte(offset + $0) == 0x23 } }
    if source[index] == 0x5C && hashesFollow(1) {
      let isInterpolation = byte(1 + literal.hashes) == 0x28
      blank(2 + literal.hashes)
      if isInterpolation { open[open.count - 1].parentheses = 1 }
      return
    }
    let quotes = literal.isMultiline ? 3 : 1
    let closes = (0..<quotes).allSatisfy { byte($0) == 0x22 } && hashesFollow(quotes)
    // A line end closes a broken one-line literal: a file that does not compile must not blind the rest of the check.
    if closes || (!literal.isMultiline && source[index] == 0x0A) {
      open.removeLast()
      blank(closes ? quotes + literal.hashes : 1)
      return
    }
    blank(1)
  }
}

/// One word of code and what stands around it.
struct Word {
  let text: String
  let line: Int
  /// Offset of its first byte in the file.
  let offset: Int
  /// The last byte before it that is no space; 0 at the start of the file.
  let before: UInt8
  /// Up to two bytes after it, spaces left out.
  let after: [UInt8]
  /// The byte right behind it.
  let next: UInt8
}

/// The identifiers, keywords and numbers of blanked code, in order.
func words(in code: [UInt8]) -> [Word] {
  func isWordByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte) || (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F
      || byte >= 0x80
  }
  var found: [Word] = []
  var line = 1
  var before: UInt8 = 0
  var index = 0
  while index < code.count {
    let byte = code[index]
    guard isWordByte(byte) else {
      if byte == 0x0A { line += 1 } else if byte != 0x20 { before = byte }
      index += 1
      continue
    }
    let start = index
    while index < code.count && isWordByte(code[index]) { index += 1 }
    var after: [UInt8] = []
    var ahead = index
    while ahead < code.count && after.count < 2 {
      if code[ahead] != 0x20 && code[ahead] != 0x0A { after.append(code[ahead]) }
      ahead += 1
    }
    found.append(
      Word(
        text: String(decoding: code[start..<index], as: UTF8.self), line: line, offset: start, before: before,
        after: after,
        next: index < code.count ? code[index] : 0))
    before = code[index - 1]
  }
  return found
}
