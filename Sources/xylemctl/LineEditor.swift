import Console
import Glibc

/// A line while it is typed: what keys do to it. Knows no terminal.
struct LineBuffer {
  private(set) var text: [Character] = []
  private(set) var place = 0

  var string: String { String(text) }
  /// Cells before the cursor.
  var cellsBefore: Int { displayWidth(String(text[..<place])) }

  mutating func insert(_ characters: some Sequence<Character>) {
    for character in characters {
      // A combining mark joins the character before it.
      text.insert(character, at: place)
      place += 1
    }
    let joined = Array(String(text[..<place]))
    text = joined + text[place...]
    place = joined.count
  }
  mutating func left() { place = max(0, place - 1) }
  mutating func right() { place = min(text.count, place + 1) }
  mutating func home() { place = 0 }
  mutating func end() { place = text.count }
  mutating func backspace() {
    guard place > 0 else { return }
    place -= 1
    text.remove(at: place)
  }
  mutating func delete() { if place < text.count { text.remove(at: place) } }
  mutating func cutToEnd() { text.removeSubrange(place...) }
  mutating func cutToStart() {
    text.removeSubrange(..<place)
    place = 0
  }
  mutating func cutWord() {
    while place > 0, text[place - 1] == " " { backspace() }
    while place > 0, text[place - 1] != " " { backspace() }
  }
  mutating func replace(_ string: String) {
    text = Array(string)
    place = text.count
  }

  /// Completes the word before the cursor as far as all names that begin so agree.
  mutating func complete(_ names: [String]) {
    var start = place
    while start > 0, text[start - 1].isLetter || text[start - 1].isNumber || text[start - 1] == "_" { start -= 1 }
    let word = String(text[start..<place]).lowercased()
    guard !word.isEmpty else { return }
    let meant = names.filter { $0.hasPrefix(word) }
    guard var common = meant.first else { return }
    for name in meant { while !name.hasPrefix(common) { common.removeLast() } }
    insert(common.dropFirst(word.count))
  }
}

/// Reads lines from a terminal, with history and completion; from anything else, line by line.
struct LineEditor {
  private var history: [String]
  private let names: [String]

  /// - Parameter history: oldest first.
  init(history: [String], names: [String]) {
    self.history = history
    self.names = names
  }

  mutating func remember(_ line: String) {
    history.append(line.replacing("\n", with: " "))
  }

  /// The next line; nil at the end of input.
  mutating func read(_ prompt: String) -> String? {
    guard isatty(STDIN_FILENO) == 1, isatty(STDERR_FILENO) == 1 else { return readLine() }
    var before = termios()
    guard tcgetattr(STDIN_FILENO, &before) == 0 else { return readLine() }
    var raw = before
    cfmakeraw(&raw)
    raw.c_oflag = before.c_oflag
    tcsetattr(STDIN_FILENO, TCSADRAIN, &raw)
    defer { tcsetattr(STDIN_FILENO, TCSADRAIN, &before) }
    let line = edit(prompt)
    write("\r\n")
    return line
  }

  private func edit(_ prompt: String) -> String? {
    var line = LineBuffer()
    var place = history.count
    var typed = ""
    func recall(_ step: Int) {
      let next = place + step
      guard (0...history.count).contains(next) else { return }
      if place == history.count { typed = line.string }
      place = next
      line.replace(place == history.count ? typed : history[place])
    }
    draw(prompt, line)
    while let key = LineEditor.key() {
      switch key {
      case .enter: return line.string
      case .end: if line.text.isEmpty { return nil } else { line.delete() }
      case .cancel: line = LineBuffer()
      case .backspace: line.backspace()
      case .delete: line.delete()
      case .left: line.left()
      case .right: line.right()
      case .up: recall(-1)
      case .down: recall(1)
      case .lineStart: line.home()
      case .lineEnd: line.end()
      case .cutToEnd: line.cutToEnd()
      case .cutToStart: line.cutToStart()
      case .cutWord: line.cutWord()
      case .tab: line.complete(names)
      case .text(let text): line.insert(text)
      case .other: break
      }
      draw(prompt, line)
    }
    return nil
  }

  /// The whole line on one row of the screen, scrolled so that the cursor is seen.
  private func draw(_ prompt: String, _ line: LineBuffer) {
    let width = max(20, (DescriptorSink(STDERR_FILENO).width ?? 80) - displayWidth(prompt) - 1)
    var shown = printable(line.string)
    var cells = line.cellsBefore
    while cells > width {
      guard let first = shown.first else { break }
      cells -= displayWidth(String(first))
      shown.removeFirst()
    }
    while displayWidth(shown) > width { shown.removeLast() }
    write("\r\u{1B}[K\(prompt)\(shown)\r\u{1B}[\(displayWidth(prompt) + cells)C")
  }

  private func write(_ text: String) { _ = DescriptorSink(STDERR_FILENO).write(Array(text.utf8)) }

  private enum Key {
    case enter, end, cancel, backspace, delete, left, right, up, down, lineStart, lineEnd, cutToEnd, cutToStart
    case cutWord, tab, other
    case text(String)
  }

  private static func byte() -> UInt8? {
    var byte: UInt8 = 0
    while true {
      switch Glibc.read(STDIN_FILENO, &byte, 1) {
      case 1: return byte
      case -1 where errno == EINTR: continue
      default: return nil
      }
    }
  }

  private static func key() -> Key? {
    guard let first = byte() else { return nil }
    switch first {
    case 0x0D, 0x0A: return .enter
    case 0x04: return .end
    case 0x03: return .cancel
    case 0x7F, 0x08: return .backspace
    case 0x01: return .lineStart
    case 0x05: return .lineEnd
    case 0x02: return .left
    case 0x06: return .right
    case 0x0B: return .cutToEnd
    case 0x15: return .cutToStart
    case 0x17: return .cutWord
    case 0x10: return .up
    case 0x0E: return .down
    case 0x09: return .tab
    case 0x1B: return escape()
    case 0..<0x20: return .other
    default: break
    }
    var bytes = [first]
    let count = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0
    for _ in 0..<count { if let next = byte() { bytes.append(next) } }
    return .text(String(decoding: bytes, as: UTF8.self))
  }

  private static func escape() -> Key? {
    guard let second = byte(), second == UInt8(ascii: "[") || second == UInt8(ascii: "O"), let third = byte() else {
      return .other
    }
    switch third {
    case UInt8(ascii: "A"): return .up
    case UInt8(ascii: "B"): return .down
    case UInt8(ascii: "C"): return .right
    case UInt8(ascii: "D"): return .left
    case UInt8(ascii: "H"): return .lineStart
    case UInt8(ascii: "F"): return .lineEnd
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      // `1~`, `3~` and the like: the last byte ends it.
      while let next = byte(), next != UInt8(ascii: "~") {}
      switch third {
      case UInt8(ascii: "1"), UInt8(ascii: "7"): return .lineStart
      case UInt8(ascii: "3"): return .delete
      case UInt8(ascii: "4"), UInt8(ascii: "8"): return .lineEnd
      default: return .other
      }
    default: return .other
    }
  }
}
