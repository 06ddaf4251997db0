import Primitives

/// How much the new values of a frame are, known before a row is made of them: a column names one long text for many
/// rows in a few bytes.
extension FrameBody {
  /// No owner's frame has more in all: it closes one that has 2 MiB of rows, and a commit brings
  /// ``Commit/Limits/bytes`` at most. A third more than both.
  static let valueBytesMax = 8 << 20

  /// - Throws: when a commit's new values, or all of them, pass what an owner's may be. Rows are never smaller than
  ///   their values, so nothing that an owner committed is refused.
  static func checkValueBytes(_ groups: [OperationGroup], commits: Int, at offset: Int) throws(MalformedBytes) {
    let commitMax = Commit.Limits.bytes.value
    let total = groups.reduce(0) { $0 + $1.valueByteCount }
    guard total <= valueBytesMax else { throw MalformedBytes("at most \(valueBytesMax) bytes of values", at: offset) }
    guard total > commitMax else { return }
    var byCommit = [Int](repeating: 0, count: commits)
    for group in groups { group.addValueBytes(to: &byCommit) }
    guard byCommit.allSatisfy({ $0 <= commitMax }) else {
      throw MalformedBytes("at most \(commitMax) bytes of values a commit", at: offset)
    }
  }
}

extension OperationGroup {
  /// Columns of what rows will hold: old values are compared, never stored.
  private var stored: [Column] { kind == .insert ? columns : changes.map(\.new) }

  fileprivate var valueByteCount: Int { stored.reduce(0) { $0 + $1.valueByteCount } }

  fileprivate func addValueBytes(to byCommit: inout [Int]) {
    for column in stored { for row in 0..<rows { byCommit[commit(row)] += column.valueByteCount(row) } }
  }
}

extension Column {
  /// Of a reference: its mint, and one byte of its counter at least.
  private static let referenceBytesMin = 9

  /// Bytes of all cells whose size is not that of their column's own bytes; others are small.
  fileprivate var valueByteCount: Int {
    switch storage {
    case .integers, .bools: 0
    case .texts(let texts):
      texts.indexes.isEmpty ? texts.blob.count : (0..<texts.count).reduce(0) { $0 + texts.range($1).count }
    case .references(let records): records.count * Column.referenceBytesMin
    case .referenceLists(let lists): lists.reduce(0) { $0 + $1.count * Column.referenceBytesMin }
    }
  }

  fileprivate func valueByteCount(_ row: Int) -> Int {
    let cell = cells.isEmpty ? row : Int(cells[row])
    guard cell >= 0 else { return 0 }
    switch storage {
    case .integers, .bools: return 0
    case .texts(let texts): return texts.range(cell).count
    case .references: return Column.referenceBytesMin
    case .referenceLists(let lists): return lists[cell].count * Column.referenceBytesMin
    }
  }
}
