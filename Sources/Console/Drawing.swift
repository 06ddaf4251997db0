/// The line art before each row of a tree given in preorder: `├─ `, `└─ `, `│  `. Rows of depth 0 stand at the margin.
///
/// A depth that jumps (0, 2) is drawn as if the missing level were there. Linear in rows × depth.
///
/// - Parameter depths: the depth of each row, from 0.
public func treePrefixes(depths: [Int]) -> [String] {
  var prefixes = [String](repeating: "", count: depths.count)
  // Seen from below: whether a sibling follows at each level before the branch ends.
  var follows: [Bool] = []
  for (row, rawDepth) in depths.enumerated().reversed() {
    let depth = max(0, rawDepth)
    if follows.count > depth + 1 { follows.removeLast(follows.count - depth - 1) }
    while follows.count <= depth { follows.append(false) }
    if depth > 0 {
      for level in 1..<max(1, depth) { prefixes[row] += follows[level] ? "│  " : "   " }
      prefixes[row] += follows[depth] ? "├─ " : "└─ "
    }
    follows[depth] = true
  }
  return prefixes
}

/// A line of bars for a series, scaled from the smallest value to the largest; a gap in the data is a space.
///
/// - Parameters:
///   - values: in order; nil and values that are not finite are gaps.
///   - width: at most this many cells; longer series show the largest value of each stretch.
public func sparkline(_ values: [Double?], width: Int) -> String {
  guard width > 0, !values.isEmpty else { return "" }
  let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  let count = min(width, values.count)
  let points: [Double?] = (0..<count).map { index in
    values[index * values.count / count..<(index + 1) * values.count / count].compactMap { $0 }.filter(\.isFinite).max()
  }
  let known = points.compactMap { $0 }
  guard let low = known.min(), let high = known.max() else { return String(repeating: " ", count: count) }
  return String(
    points.map { point in
      guard let point else { return " " }
      // Halves first: the span of two finite numbers may itself be infinite.
      let share = high > low ? (point / 2 - low / 2) / (high / 2 - low / 2) : 0
      return bars[min(bars.count - 1, Int(share * Double(bars.count)))]
    })
}
