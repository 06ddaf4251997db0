/// "Did you mean …": the known key that an unknown one was probably meant to be.
enum Suggestion {
  /// Nil when nothing is near: a wild guess misleads.
  static func nearest(_ key: String) -> String? {
    guard key.utf8.count <= 64 else { return nil }
    // `listen` at the top, or under the wrong heading.
    let last = key.split(separator: ".").last.map(String.init) ?? key
    let namesakes = NodeConfig.keys.filter { $0 == last || $0.hasSuffix("." + last) }
    if namesakes.count == 1 { return namesakes[0] }
    let known = NodeConfig.keys.map { ($0, distance(Array(key), Array($0))) }
    guard let best = known.min(by: { $0.1 < $1.1 }), best.1 <= max(2, key.count / 3) else { return nil }
    return best.0
  }

  /// Levenshtein's: insertions, deletions and replacements of characters.
  static func distance(_ left: [Character], _ right: [Character]) -> Int {
    var row = Array(0...right.count)
    for (index, character) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for (position, other) in right.enumerated() {
        let replaced = diagonal + (character == other ? 0 : 1)
        diagonal = row[position + 1]
        row[position + 1] = min(replaced, row[position] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }
}
