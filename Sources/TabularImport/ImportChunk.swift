import Catalog
import Formats
import Primitives

/// Rows that passed every check of their own, by columns; references are still labels.
public struct ImportChunk: Sendable {
  /// Its entity.
  public let entity: Entity
  /// The rows for the engine.
  public let table: TableChunk
  /// Child records that rows carry.
  public let companions: [Companion]
  private let lines: [Int]
  private let raw: Bytes
  /// Row i came as `rawEnds[i - 1] ..< rawEnds[i]` of ``raw``.
  private let rawEnds: [Int]

  /// Child records of one kind.
  public struct Companion: Sendable {
    /// Theirs.
    public let entity: Entity
    /// The records for the engine.
    public let table: TableChunk
    /// By record, the row that carries it.
    public let rows: [Int32]
    /// What the file has columns for.
    public let items: [ItemID]
  }

  init(
    _ entity: Entity, _ table: TableChunk, companions: [Companion] = [], lines: [Int] = [], raw: Bytes = [],
    rawEnds: [Int] = []
  ) {
    require(lines.count == table.rows && rawEnds.count == table.rows, "a line and a text a row")
    self.entity = entity
    self.table = table
    self.companions = companions
    self.lines = lines
    self.raw = raw
    self.rawEnds = rawEnds
  }

  /// How many rows.
  public var count: Int { table.rows }
  public var isEmpty: Bool { table.rows == 0 }

  /// Physical line on which a row begins; the first line of the file is 1.
  public func line(_ row: Int) -> Int { lines[row] }

  /// A row as it came, without line end: for the rejects file, should the store refuse it.
  public func raw(_ row: Int) -> Bytes { Bytes(raw[(row == 0 ? 0 : rawEnds[row - 1])..<rawEnds[row]]) }

  /// One row as values.
  public func row(_ row: Int) -> ImportRow {
    var values = [Value](repeating: .null, count: entity.items.count)
    for column in table.columns { values[Int(column.item.value) - 1] = column.value(row) }
    let references = table.labels.compactMap { label -> (item: ItemID, labels: [Text])? in
      label.numbers[row] < 0 ? nil : (label.item, label.labels[Int(label.numbers[row])])
    }
    var parent: Text?
    if case .text(let text) = table.parents?.value(row) { parent = text }
    return ImportRow(
      line: line(row), values: values, references: references, parent: parent, raw: raw(row))
  }

  /// Every row as values.
  public var rows: [ImportRow] { (0..<count).map { row($0) } }
}
