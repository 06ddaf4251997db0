import Primitives

/// Splits `total` into whole parts as `weights` say, by largest remainder; equal remainders go to the earlier part.
///
/// - Requires: weights are not negative and, when `total` is positive, some weight is positive.
/// - Parameter minimum: what every part gets before the rest is split by weight; `minimum × weights.count ≤ total`.
func apportion(_ total: Int, weights: [Double], minimum: Int = 0) -> [Int] {
  let rest = total - minimum * weights.count
  require(rest >= 0, "cannot give \(weights.count) parts at least \(minimum) of \(total)")
  let sum = weights.reduce(0, +)
  guard rest > 0 else { return [Int](repeating: minimum, count: weights.count) }
  require(sum > 0, "cannot split \(rest) among parts without weight")
  var parts: [Int] = []
  var remainders: [(Double, Int)] = []
  parts.reserveCapacity(weights.count)
  var given = 0
  for (index, weight) in weights.enumerated() {
    let exact = Double(rest) * weight / sum
    let whole = Int(exact)
    parts.append(minimum + whole)
    given += whole
    remainders.append((exact - Double(whole), index))
  }
  remainders.sort { $0.0 != $1.0 ? $0.0 > $1.0 : $0.1 < $1.1 }
  for position in 0..<(rest - given) { parts[remainders[position % remainders.count].1] += 1 }
  return parts
}

/// Like ``apportion(_:weights:minimum:)``, but no part exceeds its limit; what does not fit goes to the other parts.
///
/// - Ensures: the parts sum to `total`, or to the sum of the limits when that is less.
func apportion(_ total: Int, weights: [Double], limits: [Int]) -> [Int] {
  var parts = [Int](repeating: 0, count: weights.count)
  var rest = min(total, limits.reduce(0, +))
  while rest > 0 {
    var open = weights.indices.map { parts[$0] < limits[$0] ? weights[$0] : 0 }
    // Only parts without weight have room left: they share equally.
    if open.reduce(0, +) == 0 { open = weights.indices.map { parts[$0] < limits[$0] ? 1 : 0 } }
    for (index, share) in apportion(rest, weights: open).enumerated() {
      let fits = min(share, limits[index] - parts[index])
      parts[index] += fits
      rest -= fits
    }
  }
  return parts
}

/// A table of counts with given row and column sums whose cells are as near to `seed`'s proportions as whole numbers
/// allow: iterative proportional fitting (Deming and Stephan, 1940), then controlled rounding.
///
/// - Requires: rows and columns have equal sums; a cell with seed 0 stays empty, so each column needs enough seeded
///   cells.
func fitted(seed: [[Double]], rows: [Int], columns: [Int]) -> [[Int]] {
  require(rows.reduce(0, +) == columns.reduce(0, +), "row sums \(rows) and column sums \(columns) differ")
  var cells = seed
  for _ in 0..<200 {
    for row in rows.indices {
      let sum = cells[row].reduce(0, +)
      let factor = sum > 0 ? Double(rows[row]) / sum : 0
      for column in columns.indices { cells[row][column] *= factor }
    }
    for column in columns.indices {
      let sum = rows.indices.reduce(0) { $0 + cells[$1][column] }
      let factor = sum > 0 ? Double(columns[column]) / sum : 0
      for row in rows.indices { cells[row][column] *= factor }
    }
  }
  return rounded(cells, seed: seed, rows: rows, columns: columns)
}

private func rounded(_ cells: [[Double]], seed: [[Double]], rows: [Int], columns: [Int]) -> [[Int]] {
  var counts = cells.map { $0.map { Int($0) } }
  var rowGaps = rows.indices.map { rows[$0] - counts[$0].reduce(0, +) }
  var columnGaps = columns.indices.map { column in
    columns[column] - counts.reduce(0) { $0 + $1[column] }
  }
  // Fitting that did not converge can overshoot a row or column by a few; take those back first.
  for row in rows.indices {
    for column in columns.indices where rowGaps[row] < 0 || columnGaps[column] < 0 {
      let excess = min(counts[row][column], max(-rowGaps[row], -columnGaps[column]))
      counts[row][column] -= excess
      rowGaps[row] += excess
      columnGaps[column] += excess
    }
  }
  var order: [(fraction: Double, row: Int, column: Int)] = []
  for row in rows.indices {
    for column in columns.indices where seed[row][column] > 0 {
      order.append((cells[row][column] - Double(counts[row][column]), row, column))
    }
  }
  order.sort { ($1.fraction, $0.row, $0.column) < ($0.fraction, $1.row, $1.column) }
  for (_, row, column) in order where rowGaps[row] > 0 && columnGaps[column] > 0 {
    counts[row][column] += 1
    rowGaps[row] -= 1
    columnGaps[column] -= 1
  }
  settle(&counts, seed: seed, rowGaps: &rowGaps, columnGaps: &columnGaps)
  return counts
}

/// Places what rounding left over: directly where the cell may hold something, else by moving one unit aside in another
/// row.
private func settle(_ counts: inout [[Int]], seed: [[Double]], rowGaps: inout [Int], columnGaps: inout [Int]) {
  for row in rowGaps.indices {
    for column in columnGaps.indices where rowGaps[row] > 0 && columnGaps[column] > 0 && seed[row][column] > 0 {
      let amount = min(rowGaps[row], columnGaps[column])
      counts[row][column] += amount
      rowGaps[row] -= amount
      columnGaps[column] -= amount
    }
  }
  for row in rowGaps.indices {
    for column in columnGaps.indices {
      while rowGaps[row] > 0 && columnGaps[column] > 0 {
        guard let (otherRow, otherColumn) = detour(counts, seed: seed, from: row, to: column) else {
          requirementFailed("no table of counts has these sums and empty cells")
        }
        counts[row][otherColumn] += 1
        counts[otherRow][otherColumn] -= 1
        counts[otherRow][column] += 1
        rowGaps[row] -= 1
        columnGaps[column] -= 1
      }
    }
  }
}

private func detour(_ counts: [[Int]], seed: [[Double]], from row: Int, to column: Int) -> (row: Int, column: Int)? {
  for otherRow in counts.indices where otherRow != row && seed[otherRow][column] > 0 {
    for otherColumn in counts[otherRow].indices
    where otherColumn != column && counts[otherRow][otherColumn] > 0 && seed[row][otherColumn] > 0 {
      return (otherRow, otherColumn)
    }
  }
  return nil
}

/// Rows of counts that are drawn without replacement, so that exactly the planned number of each column comes out.
struct Deck: Sendable {
  private var counts: [[Int]]
  private var totals: [Int]

  init(_ counts: [[Int]]) {
    self.counts = counts
    totals = counts.map { $0.reduce(0, +) }
  }

  /// A deck of one row from which `chosen` of `total` draws are 1.
  init(chosen: Int, of total: Int) { self.init([[total - chosen, chosen]]) }

  /// - Requires: the row has draws left.
  mutating func draw(_ row: Int = 0, _ random: inout SeededRandom) -> Int {
    var position = random.below(totals[row])
    totals[row] -= 1
    for column in counts[row].indices {
      if position < counts[row][column] {
        counts[row][column] -= 1
        return column
      }
      position -= counts[row][column]
    }
    requirementFailed("a deck's total exceeds its counts")
  }
}

extension SeededRandom {
  /// One of the elements, each equally likely.
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  /// A number of the range, each equally likely.
  mutating func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }
}

/// Values with weights, drawn with replacement in logarithmic time.
struct Weighted<Element: Sendable>: Sendable {
  private let elements: [Element]
  private let ends: [Int]

  /// - Requires: weights are positive.
  init(_ pairs: [(Element, Int)]) {
    elements = pairs.map(\.0)
    var end = 0
    ends = pairs.map { pair in
      end += pair.1
      return end
    }
  }

  func draw(_ random: inout SeededRandom) -> Element {
    let position = random.below(ends[ends.count - 1])
    var low = 0
    var high = ends.count - 1
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > position { high = middle } else { low = middle + 1 }
    }
    return elements[low]
  }
}
