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

/// Sorts operations into groups while a body is written.
struct GroupCollector {
  struct Group {
    let entity: EntityID
    let kind: OperationGroup.Kind
    var operations: [(operation: Operation, commit: Int)] = []
  }

  private(set) var groups: [Group] = []
  private var numbers: [Bytes: Int] = [:]

  mutating func add(_ operation: Operation, commit: Int) {
    let shape = GroupCollector.shape(operation)
    if let number = numbers[shape] {
      groups[number].operations.append((operation, commit))
      return
    }
    numbers[shape] = groups.count
    let kind: OperationGroup.Kind =
      switch operation.change {
      case .insert: .insert
      case .update: .update
      case .delete: .delete
      }
    groups.append(Group(entity: operation.key.entity, kind: kind, operations: [(operation, commit)]))
  }

  /// Equal for operations that share columns: inserts of one entity share all; updates share the exact set of kinds.
  private static func shape(_ operation: Operation) -> Bytes {
    var writer = ByteWriter()
    writer.u8(operation.key.entity.value)
    switch operation.change {
    case .insert: writer.u8(1)
    case .update(let changes):
      writer.u8(2)
      for change in changes {
        writer.u8(change.section.rawValue)
        writer.u16(change.item.value)
        writer.u8(ColumnKind(of: change.old).rawValue)
        writer.u8(ColumnKind(of: change.new).rawValue)
      }
    case .delete: writer.u8(3)
    }
    return writer.bytes
  }
}

extension GroupCollector.Group {
  func encode(commitCount: Int, dictionary: FrameDictionary?, to writer: inout ColumnWriter) {
    // By commit, then by key: counters become small steps, and rows reach the store in its order.
    let rows = operations.sorted { ($0.commit, $0.operation.key) < ($1.commit, $1.operation.key) }
    writer.u8(entity.value)
    writer.u8(kind.rawValue)
    writer.count(rows.count)
    if commitCount > 1 { IntegerColumn.encode(rows.map { Int64($0.commit) }, to: &writer) }
    Column.encodeRecords(rows.map(\.operation.key.record), to: &writer)
    if rows.contains(where: { $0.operation.key.ordinal != 0 }) {
      writer.u8(1)
      IntegerColumn.encode(rows.map { Int64($0.operation.key.ordinal) }, to: &writer)
    } else {
      writer.u8(0)
    }
    switch kind {
    case .insert: encodeInserts(rows.map(\.operation), dictionary, to: &writer)
    case .update: encodeUpdates(rows.map(\.operation), dictionary, to: &writer)
    case .delete: break
    }
  }

  private func encodeInserts(
    _ operations: [Operation], _ dictionary: FrameDictionary?, to writer: inout ColumnWriter
  ) {
    let fields = operations.map { operation -> [Field] in
      guard case .insert(let fields) = operation.change else { requirementFailed("inserts in a group of inserts") }
      return fields
    }
    let order = columnOrder(fields)
    writer.count(order.count)
    var positions = [Int](repeating: 0, count: fields.count)
    var context = ColumnContext(dictionary)
    for (section, item, kind) in order {
      var cells = ColumnCells(kind, capacity: fields.count)
      var places: [Int] = []
      places.reserveCapacity(fields.count)
      var bits = Bytes(repeating: 0, count: (fields.count + 7) / 8)
      for (row, rowFields) in fields.enumerated() where positions[row] < rowFields.count {
        let field = rowFields[positions[row]]
        guard field.section == section, field.item == item else { continue }
        cells.append(field.value)
        places.append(row)
        bits[row / 8] |= 1 << UInt8(row % 8)
        positions[row] += 1
      }
      writer.u8(section.rawValue)
      writer.varint(UInt64(item.value))
      writer.u8(kind.rawValue)
      let full = places.count == fields.count
      writer.u8(full ? 0 : 1)
      if !full { writer.raw(bits) }
      let days = context.days
      if !full, kind == .date || kind == .text { context.days = days.map { column in places.map { column[$0] } } }
      cells.encode(&context, to: &writer)
      context.days = days
      if full, kind == .date { context.days.append(cells.numbers) }
    }
    require(zip(positions, fields).allSatisfy { $0 == $1.count }, "fields are sorted by section and item")
  }

  /// Every (section, item) that any row has, in order, with its kind.
  private func columnOrder(_ rows: [[Field]]) -> [(section: Section, item: ItemID, kind: ColumnKind)] {
    var kinds: [UInt32: ColumnKind] = [:]
    var keys: [UInt32] = []
    for row in rows {
      for field in row {
        let key = UInt32(field.section.rawValue) << 16 | UInt32(field.item.value)
        if kinds[key] == nil {
          kinds[key] = ColumnKind(of: field.value)
          keys.append(key)
        }
      }
    }
    return keys.sorted().map { key in
      guard let section = Section(rawValue: UInt8(key >> 16)), let kind = kinds[key] else {
        requirementFailed("a key made of a section")
      }
      return (section, ItemID(UInt16(truncatingIfNeeded: key)), kind)
    }
  }

  private func encodeUpdates(
    _ operations: [Operation], _ dictionary: FrameDictionary?, to writer: inout ColumnWriter
  ) {
    var context = ColumnContext(dictionary)
    let rows = operations.map { operation -> [FieldChange] in
      guard case .update(let changes) = operation.change else { requirementFailed("updates in a group of updates") }
      return changes
    }
    writer.count(rows[0].count)
    for (position, change) in rows[0].enumerated() {
      let oldKind = ColumnKind(of: change.old)
      let newKind = ColumnKind(of: change.new)
      writer.u8(change.section.rawValue)
      writer.varint(UInt64(change.item.value))
      writer.u8(oldKind.rawValue)
      writer.u8(newKind.rawValue)
      var old = ColumnCells(oldKind, capacity: rows.count)
      var new = ColumnCells(newKind, capacity: rows.count)
      for row in rows {
        old.append(row[position].old)
        new.append(row[position].new)
      }
      old.encode(&context, to: &writer)
      new.encode(&context, to: &writer)
    }
  }
}
