import Catalog
import Primitives

/// What somebody may have meant.
enum Suggestions {
  private static let shownMax = 3

  /// The name closest to `word` when at most a third of its characters differ.
  static func name(_ word: String, among known: [String]) -> String? {
    nearest(word, among: known.map { ($0, $0) }).first
  }

  /// Codes with their labels for a cell that is none: `01 汉族`. Digits are compared with codes, anything else with
  /// labels.
  static func codes(_ cell: String, in table: CodeTable) -> [String] {
    if cell.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      // A spreadsheet drops leading zeros: this is the first thing to think of.
      let padded = (1...2).compactMap { count -> String? in
        let code = String(repeating: "0", count: count) + cell
        return table.label(of: Text(code)).map { "\(code) \($0.zh)" }
      }
      if !padded.isEmpty { return padded }
      return nearest(cell, among: table.codes.map { ($0.code, "\($0.code) \($0.label.zh)") })
    }
    let parts = table.codes.filter { $0.label.zh.contains(cell) || cell.contains($0.label.zh) }
    if !parts.isEmpty, parts.count <= shownMax { return parts.map { "\($0.code) \($0.label.zh)" } }
    return nearest(cell, among: table.codes.map { ($0.label.zh, "\($0.code) \($0.label.zh)") })
  }

  private static func nearest(_ word: String, among known: [(name: String, shown: String)]) -> [String] {
    let letters = Array(word.prefix(40))
    var found: [(distance: Int, shown: String)] = []
    for (name, shown) in known {
      let limit = max(1, min(name.count, letters.count) / 3)
      // A word of one letter is near to every other of one letter, which says nothing.
      guard abs(name.count - letters.count) <= limit, letters.count > 1 else { continue }
      let distance = distance(letters, Array(name))
      if distance <= limit { found.append((distance, shown)) }
    }
    guard let best = found.map(\.distance).min() else { return [] }
    return found.filter { $0.distance == best }.prefix(shownMax).map(\.shown)
  }

  /// Insertions, deletions and replacements.
  private static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (position, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = position + 1
      for column in 0..<right.count {
        let replaced = diagonal + (letter == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
