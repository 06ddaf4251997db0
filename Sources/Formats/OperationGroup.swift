import Primitives

/// Operations of one entity, kind and shape as columns.
public struct OperationGroup {
  public enum Kind: UInt8, Hashable, Sendable {
    case insert = 1
    case update = 2
    case delete = 3
  }

  /// One changed item of an update group: its old and new cells.
  public struct ChangeColumns {
    public let old: Column
    public let new: Column
  }

  public let entity: EntityID
  public let kind: Kind
  public let rows: Int
  /// Commit number by row; empty when the frame has one commit.
  private let commitNumbers: [Int32]
  private let records: [RecordID]
  /// Empty when all are 0.
  private let ordinals: [Int64]
  /// Insert groups: one per item, sorted by section and item.
  public let columns: [Column]
  /// Update groups: one per changed item, sorted by section and item.
  public let changes: [ChangeColumns]

  /// Which of the frame's commits `row` belongs to.
  public func commit(_ row: Int) -> Int { commitNumbers.isEmpty ? 0 : Int(commitNumbers[row]) }

  public func key(_ row: Int) -> RecordKey {
    RecordKey(entity: entity, record: records[row], ordinal: ordinals.isEmpty ? 0 : UInt32(clamping: ordinals[row]))
  }

  /// The changes in `row` of an update group.
  public func fieldChanges(_ row: Int) -> [FieldChange] {
    changes.map { FieldChange($0.new.section, $0.new.item, old: $0.old.value(row), new: $0.new.value(row)) }
  }

  /// The operation in `row` as values: for feeds and histories; apply goes by columns.
  public func operation(_ row: Int) -> Operation {
    switch kind {
    case .insert:
      let fields = columns.compactMap { column -> Field? in
        let value = column.value(row)
        return value.isNull ? nil : Field(column.section, column.item, value)
      }
      return Operation(key(row), .insert(fields))
    case .update: return Operation(key(row), .update(fieldChanges(row)))
    case .delete: return Operation(key(row), .delete)
    }
  }

  /// New records of one commit.
  ///
  /// - Parameter columns: sorted by section and item, each with a cell at least.
  /// - Requires: one key a row, all of `entity`.
  public init(inserting entity: EntityID, _ keys: [RecordKey], columns: [Column]) {
    self.entity = entity
    self.columns = columns
    kind = .insert
    rows = keys.count
    commitNumbers = []
    records = keys.map(\.record)
    ordinals = keys.contains { $0.ordinal != 0 } ? keys.map { Int64($0.ordinal) } : []
    changes = []
  }

  // MARK: Decoding

  init(
    _ reader: inout ByteReader, commitCount: Int, rowsMax: Int, dictionary: FrameDictionary?,
    _ budget: inout DecodingBudget
  ) throws(MalformedBytes) {
    let at = reader.offset
    entity = EntityID(try reader.u8())
    guard let kind = Kind(rawValue: try reader.u8()) else { throw MalformedBytes("insert, update or delete", at: at) }
    self.kind = kind
    rows = Int(clamping: try reader.varint())
    guard rows >= 1, rows <= rowsMax else { throw MalformedBytes("1 to \(rowsMax) rows", at: at) }
    commitNumbers = try OperationGroup.readCommits(rows, commitCount, &reader)
    records = try Column.decodeRecords(count: rows, from: &reader)
    let ordinalsAt = reader.offset
    switch try reader.u8() {
    case 0: ordinals = []
    case 1:
      ordinals = try IntegerColumn.decode(count: rows, from: &reader)
      guard ordinals.allSatisfy({ UInt32(exactly: $0) != nil }) else {
        throw MalformedBytes("ordinals", at: ordinalsAt)
      }
    default: throw MalformedBytes("ordinals or none", at: ordinalsAt)
    }
    var columns: [Column] = []
    var changes: [ChangeColumns] = []
    if kind != .delete {
      var context = ColumnContext(dictionary)
      context.budget = budget
      defer { budget = context.budget }
      var last = (section: UInt8(0), item: UInt64(0))
      for _ in 0..<(try reader.count(bytesEach: 3)) {
        let columnAt = reader.offset
        guard let section = Section(rawValue: try reader.u8()) else { throw MalformedBytes("a section", at: columnAt) }
        let number = try reader.varint()
        guard number >= 1, number <= UInt64(UInt16.max), (section.rawValue, number) > last else {
          throw MalformedBytes("columns in order", at: columnAt)
        }
        last = (section.rawValue, number)
        try context.budget.takeCells(kind == .insert ? rows : rows * 2, at: columnAt)
        let item = ItemID(UInt16(number))
        if kind == .insert {
          let column = try OperationGroup.readColumn(section, item, rows, &context, &reader)
          if let days = column.days { context.days.append(days) }
          columns.append(column)
        } else {
          changes.append(try OperationGroup.readChange(section, item, rows, &context, &reader))
        }
      }
    }
    self.columns = columns
    self.changes = changes
  }

  private static func readCommits(
    _ rows: Int, _ commitCount: Int, _ reader: inout ByteReader
  ) throws(MalformedBytes) -> [Int32] {
    if commitCount == 1 { return [] }
    let at = reader.offset
    let numbers = try IntegerColumn.decode(count: rows, from: &reader)
    guard numbers.allSatisfy({ $0 >= 0 && $0 < commitCount }) else { throw MalformedBytes("commit numbers", at: at) }
    return numbers.map { Int32($0) }
  }

  private static func readKind(_ reader: inout ByteReader) throws(MalformedBytes) -> ColumnKind {
    let at = reader.offset
    guard let kind = ColumnKind(rawValue: try reader.u8()) else { throw MalformedBytes("a kind of column", at: at) }
    return kind
  }

  private static func readColumn(
    _ section: Section, _ item: ItemID, _ rows: Int, _ context: inout ColumnContext, _ reader: inout ByteReader
  ) throws(MalformedBytes) -> Column {
    let at = reader.offset
    let kind = try readKind(&reader)
    guard kind != .null else { throw MalformedBytes("a column with cells", at: at) }
    var present: [Bool]?
    switch try reader.u8() {
    case 0: present = nil
    case 1:
      let bits = try reader.raw((rows + 7) / 8)
      present = (0..<rows).map { bits[$0 / 8] & 1 << UInt8($0 % 8) != 0 }
    default: throw MalformedBytes("a presence", at: at)
    }
    let days = context.days
    if let present, kind == .date || kind == .text {
      let places = present.indices.filter { present[$0] }
      context.days = days.map { column in places.map { column[$0] } }
    }
    defer { context.days = days }
    return try Column.decode(
      section: section, item: item, kind: kind, rows: rows, present: present, &context, from: &reader)
  }

  private static func readChange(
    _ section: Section, _ item: ItemID, _ rows: Int, _ context: inout ColumnContext, _ reader: inout ByteReader
  ) throws(MalformedBytes) -> ChangeColumns {
    let oldKind = try readKind(&reader)
    let newKind = try readKind(&reader)
    func cells(_ kind: ColumnKind) throws(MalformedBytes) -> Column {
      let absent = kind == .null ? [Bool](repeating: false, count: rows) : nil
      return try Column.decode(
        section: section, item: item, kind: kind, rows: rows, present: absent, &context, from: &reader)
    }
    return ChangeColumns(old: try cells(oldKind), new: try cells(newKind))
  }
}
