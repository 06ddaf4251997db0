import Primitives

/// Rows of one entity by columns, references still as the labels a clerk writes: what an import hands to the engine.
public struct TableChunk: Sendable {
  public let rows: Int
  /// One an item at most; items without one have no cells.
  public let columns: [CellColumn]
  /// Of items that refer to records, in the order in which faults are told.
  public let labels: [LabelColumn]
  /// Child records: the parent's label by row.
  public let parents: CellColumn?

  /// - Requires: every column has `rows` rows.
  public init(rows: Int, columns: [CellColumn], labels: [LabelColumn], parents: CellColumn?) {
    require(columns.allSatisfy { $0.rows == rows } && (parents?.rows ?? rows) == rows, "columns of \(rows) rows")
    require(labels.allSatisfy { $0.numbers.count == rows }, "labels of \(rows) rows")
    self.rows = rows
    self.columns = columns
    self.labels = labels
    self.parents = parents
  }
}

/// By which labels the rows refer to records. Labels repeat: each is looked up once.
public struct LabelColumn: Sendable {
  public let item: ItemID
  /// Natural-key texts of the records referred to: each list once.
  public private(set) var labels: [[Text]] = []
  /// Position in ``labels`` by row; -1 for a row that refers to nothing.
  public private(set) var numbers: [Int32] = []

  /// No rows yet.
  public init(_ item: ItemID) { self.item = item }

  /// Settles what the numbers mean.
  public mutating func use(_ labels: [[Text]]) { self.labels = labels }

  /// A row that refers to the records of `number` in ``labels``; to none when it is -1.
  @inline(__always)
  public mutating func append(_ number: Int32) { numbers.append(number) }

  /// A row that refers to these.
  public mutating func append(labels list: [Text]) {
    if labels.last != list { labels.append(list) }
    numbers.append(Int32(labels.count - 1))
  }

  /// Takes the last rows away until `rows` are left.
  public mutating func removeRows(downTo rows: Int) { numbers.removeLast(numbers.count - rows) }
}

extension CellColumn {
  /// A column for an item's values.
  ///
  /// - Requires: a kind that is gathered, no references.
  public mutating func append(value: Value) {
    switch value {
    case .null: return appendNothing()
    case .bool(let flag): append(number: flag ? 1 : 0)
    case .int(let number), .decimal(let number): append(number: number)
    case .date(let date): append(number: Int64(date.days))
    case .minute(let minute): append(number: minute.minutes)
    case .text(let text):
      var string = text.string
      string.withUTF8 { append(text: $0) }
    case .reference, .references: requirementFailed("references are labels")
    }
    require(ColumnKind(of: value) == kind, "a value of the column's kind")
  }
}
