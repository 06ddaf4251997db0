import Catalog
import Messages
import Primitives

/// Turns a clerk's cell into a value, or says what is wrong with it.
struct CellParser {
  let catalog: Catalog
  let normalise: @Sendable (String) -> String

  enum Outcome {
    case value(Value)
    /// Natural-key texts of the records meant.
    case labels([Text])
    case fault(ErrorCode)
  }

  func parse(_ cell: String, _ item: Item) -> Outcome {
    let text = CellParser.trimmed(cell)
    if text.isEmpty { return .value(.null) }
    switch item.type {
    case .text: return .value(.text(Text(normal(text))))
    case .code(let table): return code(CellParser.folded(text), table)
    case .date: return CellParser.date(CellParser.folded(text)).map { .value(.date($0)) } ?? .fault(.importBadDate)
    case .minute:
      return CellParser.minute(CellParser.folded(text)).map { .value(.minute($0)) } ?? .fault(.importBadDate)
    case .int: return Int64(CellParser.folded(text)).map { .value(.int($0)) } ?? .fault(.importBadNumber)
    case .bool: return CellParser.bool(CellParser.folded(text)).map { .value(.bool($0)) } ?? .fault(.importBadBool)
    case .decimal(let scale):
      return CellParser.decimal(CellParser.folded(text), scale).map { .value(.decimal($0)) } ?? .fault(.importBadNumber)
    case .reference: return .labels([Text(CellParser.folded(normal(text)))])
    case .references:
      return .labels(text.split(separator: "|").map { Text(CellParser.folded(normal(CellParser.trimmed(String($0))))) })
    }
  }

  private func code(_ text: String, _ name: String) -> Outcome {
    guard let table = catalog.codeTable(name) else { return .value(.text(Text(text))) }
    let code = Text(text)
    if table.contains(code) || table.isOpen { return .value(.text(code)) }
    // A clerk may write the label instead; it counts when it is the only one.
    return table.code(labelled: code).map { .value(.text($0)) } ?? .fault(.importWrongCode)
  }

  /// Text in NFC. Most cells have no character that could compose, and skip the work.
  private func normal(_ text: String) -> String {
    for scalar in text.unicodeScalars {
      let value = scalar.value
      // Latin-1 and Han (the common blocks) are in NFC as they are; whatever else appears goes through the normaliser.
      if value < 0x300 || value >= 0x2E80 && value < 0xA000 || value >= 0xFF00 && value < 0xFFF0 { continue }
      return normalise(text)
    }
    return text
  }

  /// Without blanks around, the ideographic one included.
  static func trimmed(_ text: String) -> String {
    func isBlank(_ scalar: Unicode.Scalar) -> Bool {
      scalar == " " || scalar == "\t" || scalar == "\u{3000}" || scalar == "\u{A0}"
    }
    guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last, isBlank(first) || isBlank(last)
    else {
      return text
    }
    var view = text.unicodeScalars[...]
    while let scalar = view.first, isBlank(scalar) { view.removeFirst() }
    while let scalar = view.last, isBlank(scalar) { view.removeLast() }
    return String(view)
  }

  /// Full-width digits, letters and signs as ASCII.
  static func folded(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.value >= 0xFF01 && $0.value <= 0xFF5E }) else { return text }
    var folded = ""
    for scalar in text.unicodeScalars {
      let inRange = scalar.value >= 0xFF01 && scalar.value <= 0xFF5E
      folded.unicodeScalars.append(inRange ? Unicode.Scalar(scalar.value - 0xFEE0) ?? scalar : scalar)
    }
    return folded
  }

  /// `2005-09-01`, `2005-9-1`, with `.` or `/`, `20050901`, `2005年9月1日`; nothing that leaves a part out.
  static func date(_ text: String) -> CivilDate? {
    if let date = CivilDate(iso: text) { return date }
    let utf8 = Array(text.utf8)
    if utf8.count == 8, let number = Int(text), utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      return CivilDate(year: number / 10_000, month: number / 100 % 100, day: number % 100)
    }
    var parts = text.split(whereSeparator: { "-./年月日".contains($0) }).map(String.init)
    guard parts.count == 3, text.filter({ "-./年月".contains($0) }).count == 2, parts[0].utf8.count == 4 else {
      return nil
    }
    let numbers = parts.compactMap { part -> Int? in
      part.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } && part.utf8.count <= 4 ? Int(part) : nil
    }
    parts = []
    return numbers.count == 3 ? CivilDate(year: numbers[0], month: numbers[1], day: numbers[2]) : nil
  }

  /// A date, a blank, `HH:MM`.
  static func minute(_ text: String) -> CivilMinute? {
    if let minute = CivilMinute(iso: text) { return minute }
    let parts = text.split(separator: " ").map(String.init)
    guard parts.count == 2, let date = date(parts[0]) else { return nil }
    return CivilMinute(iso: "\(date) \(parts[1].utf8.count == 4 ? "0" + parts[1] : parts[1])")
  }

  static func bool(_ text: String) -> Bool? {
    switch text {
    case "是", "1", "true", "TRUE": true
    case "否", "0", "false", "FALSE": false
    default: nil
    }
  }

  /// Exact: more decimals than the scale are refused unless they are zeros.
  static func decimal(_ text: String, _ scale: UInt8) -> Int64? {
    var digits = Substring(text)
    let isNegative = digits.first == "-"
    if isNegative { digits.removeFirst() }
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), !parts[0].isEmpty else { return nil }
    var fraction = parts.count == 2 ? String(parts[1]) : ""
    while fraction.utf8.count > Int(scale), fraction.last == "0" { fraction.removeLast() }
    guard fraction.utf8.count <= Int(scale) else { return nil }
    let all = parts[0] + fraction + String(repeating: "0", count: Int(scale) - fraction.utf8.count)
    guard all.utf8.count <= 18, all.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let number = Int64(all) else {
      return nil
    }
    return isNegative ? -number : number
  }
}
