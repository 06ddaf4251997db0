import Formats
import Primitives

/// Rows that are more than a commit holds: what a row becomes is known only when it has been looked up, so that a chunk
/// is too large shows at its commit.
extension Engine {
  /// As ``upsert(_:actor:reason:batch:clock:dryRun:)``, in as many commits under one batch id as the rows need. A row
  /// of the first table and the records that it carries are always one commit.
  ///
  /// - Returns: outcomes by table and row, and the sequence of the last commit when anything was written.
  /// - Throws: `.tooLarge` when one row with what it carries is more than a commit, and what came before it stays;
  ///   `.store`, `.corrupt`.
  /// - Complexity: rows that must be parted are looked up once more for each halving.
  public func upsertInParts(
    _ tables: [UpsertTable], actor: Text, reason: Text, batch: UInt64, clock: UInt64, dryRun: DryRunRecords? = nil
  ) throws(EngineError) -> (outcomes: [[UpsertOutcome]], sequence: Sequence64?) {
    do {
      return try upsert(tables, actor: actor, reason: reason, batch: batch, clock: clock, dryRun: dryRun)
    } catch {
      let rows = tables.first?.rows.rows ?? 0
      guard case .tooLarge = error, rows > 1 else { throw error }
      var outcomes = tables.map { [UpsertOutcome](repeating: .unchanged, count: $0.rows.rows) }
      var last: Sequence64?
      for part in [0..<rows / 2, rows / 2..<rows] {
        let places = tables.enumerated().map { position, table in
          (0..<table.rows.rows).filter { row in
            part.contains(position == 0 ? row : table.carriers.map { Int($0[row]) } ?? 0)
          }
        }
        let parted = tables.enumerated().map { position, table in
          table.picking(places[position], from: position == 0 ? 0 : part.lowerBound)
        }
        let (found, sequence) = try upsertInParts(
          parted, actor: actor, reason: reason, batch: batch, clock: clock, dryRun: dryRun)
        for (table, rows) in places.enumerated() {
          for (place, row) in rows.enumerated() { outcomes[table][row] = found[table][place] }
        }
        last = sequence ?? last
      }
      return (outcomes, last)
    }
  }
}

extension UpsertTable {
  /// Some of the rows, in their order.
  ///
  /// - Parameter first: the row of the first table that is its first now.
  fileprivate func picking(_ places: [Int], from first: Int) -> UpsertTable {
    UpsertTable(
      entity, rows.picking(places), items: items, rules: rules,
      carriers: carriers.map { carriers in places.map { carriers[$0] - Int32(first) } })
  }
}

extension TableChunk {
  fileprivate func picking(_ places: [Int]) -> TableChunk {
    func picked(_ column: CellColumn) -> CellColumn {
      var picked = CellColumn(column.item, column.kind)
      for place in places { picked.append(value: column.value(place)) }
      return picked
    }
    return TableChunk(
      rows: places.count, columns: columns.map(picked),
      labels: labels.map { column in
        var picked = LabelColumn(column.item)
        picked.use(column.labels)
        for place in places { picked.append(column.numbers[place]) }
        return picked
      }, parents: parents.map(picked))
  }
}
