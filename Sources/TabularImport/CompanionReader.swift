import Catalog
import Formats
import Primitives

/// Reads the child records of one kind that a file's rows carry beside their own. A row without a cell in the child's
/// columns has none.
struct CompanionReader {
  let entity: Entity
  let header: TableHeader
  let mapper: RowMapper
  private var gatherer: RowGatherer
  /// The child's columns.
  private let columns: [Int]
  /// By record gathered, its row.
  private var rows: [Int32] = []

  init(
    _ entity: Entity, _ header: TableHeader, _ catalog: Catalog, file: String, today: CivilDate, _ cells: CellMapper
  ) {
    self.entity = entity
    self.header = header
    mapper = RowMapper(entity: entity, header: header, catalog: catalog, file: file, today: today, cells: cells)
    gatherer = RowGatherer(mapper, catalog)
    columns = header.columns.indices.filter { if case .item = header.columns[$0] { true } else { false } }
  }

  /// Whether the row carries a child.
  func isCarried(_ row: CSVRow) -> Bool { columns.contains { !row.cell($0).isEmpty && !row.cell($0).trimmed.isEmpty } }

  /// Takes a clean child; false when it needs a closer look.
  mutating func takeClean(_ row: CSVRow, _ number: Int) -> Bool {
    guard gatherer.takeClean(row) else { return false }
    rows.append(Int32(number))
    return true
  }

  mutating func append(_ outcome: RowMapper.Outcome, _ row: CSVRow, _ number: Int) {
    gatherer.append(outcome, row)
    rows.append(Int32(number))
  }

  /// Takes away what the row with this number and later ones carried.
  mutating func removeRows(from number: Int) {
    while let last = rows.last, last >= number {
      rows.removeLast()
      gatherer.removeLast()
    }
  }

  mutating func take() -> ImportChunk.Companion {
    defer { rows = [] }
    return ImportChunk.Companion(entity: entity, table: gatherer.take(), rows: rows, items: header.items)
  }
}
