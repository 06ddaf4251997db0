import Access
import Catalog
import Primitives
import Query

/// The cells of a report's pass, counted over columns in one look at each record.
///
/// A record has one class for each group of row conditions and one for each group of column conditions; what is counted
/// is pairs of classes, and cells are sums of pairs. So the work a record is the number of pairs of groups, which is
/// the number of different columns that the form reads, not the number of its cells.
public struct ReportScan {
  private let scan: ColumnScan
  private let base: [PredicateGroup]
  private let rows: [PredicateGroup]
  private let columns: [PredicateGroup]
  private let sum: ValueIDs?
  private let distinct: ValueIDs?
  private let rowCount: Int
  private let columnCount: Int
  /// How many records were looked at by the last run.
  public private(set) var rowsLookedAt = 0

  /// What a pass reads.
  ///
  /// - Throws: what is never a column.
  public static func needs(_ pass: ReportPass, _ catalog: Catalog) throws(NotInColumns) -> QuestionNeeds {
    let condition = pass.condition.map { [$0] } ?? []
    return try QuestionNeeds(
      try selection(pass, catalog), pass.expressions + condition, readsPlace: true, catalog)
  }

  /// - Parameter moment: `today` is the last day of the pass's period.
  /// - Throws: what the pass reads that is no column: count rows then.
  public init(
    _ pass: ReportPass, _ store: ColumnStore, _ moment: ColumnMoment
  ) throws(NotInColumns) {
    store.follow(moment.directory)
    let context = QuestionContext(today: moment.today, directory: moment.directory)
    scan = try ColumnScan(try Self.selection(pass, store.catalog), moment.extent, store, context)
    base = try PredicateGroup.groups(pass.condition.map { Self.conjuncts($0.whole) } ?? [], scan.builder)
    rows = try PredicateGroup.groups(pass.rows.map { $0.expression?.whole }, scan.builder)
    columns = try PredicateGroup.groups(pass.columns.map { $0.expression?.whole }, scan.builder)
    if let measure = pass.sum { sum = try ValueIDs(measure.whole, scan.builder) } else { sum = nil }
    if let measure = pass.distinct {
      distinct = try ValueIDs(measure.whole, scan.builder)
    } else {
      distinct = nil
    }
    rowCount = pass.rows.count
    columnCount = pass.columns.count
  }

  /// The pass's condition is tested here, group by group, not by the selection.
  private static func selection(_ pass: ReportPass, _ catalog: Catalog) throws(NotInColumns) -> Selection {
    do { return try Selection(pass.entity.name, condition: nil, under: nil, catalog: catalog) } catch {
      throw NotInColumns(name: pass.entity.name)
    }
  }

  private static func conjuncts(_ part: ExpressionPart) -> [ExpressionPart?] {
    guard case .all(let parts) = part.form else { return [part] }
    return parts.flatMap(conjuncts)
  }

  /// The cells, by row, then column.
  ///
  /// - Complexity: linear in the records of the subtree's partitions.
  public mutating func cells() -> [Int64] {
    let picked = BlockBuffer<Int32>(filledWith: 0)
    let identity = BlockBuffer<Int32>(filledWith: 0)
    let weights = BlockBuffer<Int64>(filledWith: 1)
    for row in 0..<blockRows { identity.pointer[row] = Int32(row) }
    var pairs = rows.map { _ in columns.map { _ in PairCounts() } }
    var seen = [Set<Int32>](repeating: [], count: distinct == nil ? 0 : rowCount * columnCount)
    rowsLookedAt = scan.forEachBlock { _, _, picks in
      let last = picks.rows[picks.count - 1]
      let all = Picks(rows: UnsafePointer(identity.pointer), count: Int(last) + 1)
      let kept = keep(picks, all, picked.pointer)
      guard kept.count > 0 else { return true }
      for group in rows { group.load(kept, all) }
      for group in columns { group.load(kept, all) }
      if let distinct {
        note(distinct, kept, &seen)
        return true
      }
      if let sum { Self.load(sum, kept, weights.pointer) }
      for (row, group) in rows.enumerated() {
        for (column, other) in columns.enumerated() {
          pairs[row][column].add(group, other, kept.count, sum == nil ? nil : UnsafePointer(weights.pointer))
        }
      }
      return true
    }
    withExtendedLifetime((picked, identity, weights)) {}
    if distinct != nil { return seen.map { Int64($0.count) } }
    var cells = [Int64](repeating: 0, count: rowCount * columnCount)
    for (row, group) in rows.enumerated() {
      for (column, other) in columns.enumerated() {
        pairs[row][column].forEach(group, other) { rowMember, columnMember, count in
          cells[rowMember * columnCount + columnMember] &+= count
        }
      }
    }
    return cells
  }

  /// The picked rows for which the pass's condition is true.
  private func keep(_ picks: Picks, _ all: Picks, _ out: UnsafeMutablePointer<Int32>) -> Picks {
    guard !base.isEmpty else { return picks }
    var picks = picks
    for group in base {
      group.load(picks, all)
      let passes = group.classes.map { $0.allSatisfy(\.self) }
      let ids = group.ids
      var kept = 0
      for pick in 0..<picks.count {
        out[kept] = picks.rows[pick]
        kept += passes[Int(ids[pick])] ? 1 : 0
      }
      picks = Picks(rows: UnsafePointer(out), count: kept)
      if kept == 0 { break }
    }
    return picks
  }

  /// Remembers the picked rows' values in every cell that they are in: a value counts once a cell, whatever its
  /// classes.
  private func note(_ distinct: ValueIDs, _ picks: Picks, _ seen: inout [Set<Int32>]) {
    distinct.load(picks)
    for pick in 0..<picks.count {
      let id = distinct.ids[pick]
      guard !distinct.values[Int(id)].isNull else { continue }
      for group in rows {
        for (row, isTrue) in zip(group.members, group.classes[Int(group.ids[pick])]) where isTrue {
          for other in columns {
            for (column, isTrue) in zip(other.members, other.classes[Int(other.ids[pick])]) where isTrue {
              seen[row * columnCount + column].insert(id)
            }
          }
        }
      }
    }
  }

  private static func load(_ sum: ValueIDs, _ picks: Picks, _ out: UnsafeMutablePointer<Int64>) {
    sum.load(picks)
    for pick in 0..<picks.count {
      out[pick] = Measure.number(sum.values[Int(sum.ids[pick])]) ?? 0
    }
  }
}

/// How many records, or what sum, each pair of classes of two groups has.
private struct PairCounts {
  private var counts: [Int64] = []
  private var width = 0
  private var height = 0

  mutating func add(
    _ rows: PredicateGroup, _ columns: PredicateGroup, _ count: Int, _ weights: UnsafePointer<Int64>?
  ) {
    if rows.classes.count > height || columns.classes.count > width {
      grow(max(height, rows.classes.count), max(width, columns.classes.count))
    }
    let (rowIDs, columnIDs, width) = (rows.ids, columns.ids, width)
    counts.withUnsafeMutableBufferPointer { counts in
      if let weights {
        for pick in 0..<count { counts[Int(rowIDs[pick]) * width + Int(columnIDs[pick])] &+= weights[pick] }
      } else {
        for pick in 0..<count { counts[Int(rowIDs[pick]) * width + Int(columnIDs[pick])] += 1 }
      }
    }
  }

  private mutating func grow(_ newHeight: Int, _ newWidth: Int) {
    // Twice, so that classes that come one by one do not copy each time.
    let (height, width) = (newHeight * 2, newWidth * 2)
    var grown = [Int64](repeating: 0, count: height * width)
    for row in 0..<self.height {
      for column in 0..<self.width { grown[row * width + column] = counts[row * self.width + column] }
    }
    (counts, self.height, self.width) = (grown, height, width)
  }

  /// Gives every pair of members that is true in some pair of classes its part.
  func forEach(_ rows: PredicateGroup, _ columns: PredicateGroup, _ body: (Int, Int, Int64) -> Void) {
    for (row, rowTruths) in rows.classes.enumerated() where row < height {
      for (column, columnTruths) in columns.classes.enumerated() where column < width {
        let count = counts[row * width + column]
        guard count != 0 else { continue }
        for (rowMember, isTrue) in zip(rows.members, rowTruths) where isTrue {
          for (columnMember, isTrue) in zip(columns.members, columnTruths) where isTrue {
            body(rowMember, columnMember, count)
          }
        }
      }
    }
  }
}
