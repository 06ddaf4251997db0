import Primitives

/// Sorts operations into groups while a body is written: those of one entity, kind and shape share columns.
struct GroupCollector {
  /// In the order in which each came first.
  private(set) var groups: [CollectedGroup] = []
  private var numbers: [Bytes: Int] = [:]

  mutating func add(_ draft: CommitDraft, commit: Int) {
    for operation in draft.operations {
      let number = number(GroupCollector.shape(operation), operation)
      groups[number].operations.append((operation, commit))
    }
    for group in draft.inserts {
      let number = number([group.entity.value, 1], group.entity, .insert)
      groups[number].settle()
      groups[number].inserts.append((group, commit))
    }
  }

  private mutating func number(_ shape: Bytes, _ operation: Operation) -> Int {
    let kind: OperationGroup.Kind =
      switch operation.change {
      case .insert: .insert
      case .update: .update
      case .delete: .delete
      }
    return number(shape, operation.key.entity, kind)
  }

  private mutating func number(_ shape: Bytes, _ entity: EntityID, _ kind: OperationGroup.Kind) -> Int {
    if let known = numbers[shape] { return known }
    numbers[shape] = groups.count
    groups.append(CollectedGroup(entity: entity, kind: kind))
    return groups.count - 1
  }

  /// Equal for operations that share columns: inserts of one entity share all; updates share the exact set of kinds.
  private static func shape(_ operation: Operation) -> Bytes {
    switch operation.change {
    case .insert: return [operation.key.entity.value, 1]
    case .delete: return [operation.key.entity.value, 3]
    case .update(let changes):
      var writer = ByteWriter(capacity: 2 + changes.count * 5)
      writer.u8(operation.key.entity.value)
      writer.u8(2)
      for change in changes {
        writer.u8(change.section.rawValue)
        writer.u16(change.item.value)
        writer.u8(ColumnKind(of: change.old).rawValue)
        writer.u8(ColumnKind(of: change.new).rawValue)
      }
      return writer.bytes
    }
  }
}

/// One group on its way into a body.
struct CollectedGroup {
  let entity: EntityID
  let kind: OperationGroup.Kind
  /// Given one by one.
  var operations: [(operation: Operation, commit: Int)] = []
  /// New records by columns, each of one commit.
  var inserts: [(group: OperationGroup, commit: Int)] = []

  /// Makes columns of the new records that came one by one.
  mutating func settle() {
    var start = 0
    while start < operations.count {
      var end = start
      while end < operations.count, operations[end].commit == operations[start].commit { end += 1 }
      inserts.append((OperationGroup(inserting: operations[start..<end].map(\.operation)), operations[start].commit))
      start = end
    }
    operations = []
  }

  mutating func encode(commitCount: Int, dictionary: FrameDictionary?, to writer: inout ColumnWriter) {
    if kind == .insert {
      settle()
      return CollectedInserts(inserts).encode(entity, commitCount: commitCount, dictionary, to: &writer)
    }
    let rows = operations.sorted { ($0.commit, $0.operation.key) < ($1.commit, $1.operation.key) }
    CollectedGroup.encodeHead(
      entity, kind, rows.map(\.operation.key), commitCount > 1 ? rows.map { Int64($0.commit) } : nil, to: &writer)
    if kind == .update { encodeUpdates(rows.map(\.operation), dictionary, to: &writer) }
  }

  /// - Parameter commits: by row; nil when the frame has one.
  static func encodeHead(
    _ entity: EntityID, _ kind: OperationGroup.Kind, _ keys: [RecordKey], _ commits: [Int64]?,
    to writer: inout ColumnWriter
  ) {
    writer.u8(entity.value)
    writer.u8(kind.rawValue)
    writer.count(keys.count)
    if let commits { IntegerColumn.encode(commits, to: &writer) }
    Column.encodeRecords(keys.map(\.record), to: &writer)
    if keys.contains(where: { $0.ordinal != 0 }) {
      writer.u8(1)
      IntegerColumn.encode(keys.map { Int64($0.ordinal) }, to: &writer)
    } else {
      writer.u8(0)
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
      for cells in [old, new] {
        Column(section: change.section, item: change.item, kind: cells.kind, cells: [], storage: cells.storage)
          .encodeCells(&context, to: &writer)
      }
    }
  }
}

/// The new records of a group, out of one or more commits.
private struct CollectedInserts {
  typealias Place = (part: Int, row: Int)

  private let parts: [(group: OperationGroup, commit: Int)]
  /// By commit, then by key: counters become small steps, and rows reach the store in its order.
  private let order: [Place]
  private let keys: [RecordKey]
  /// Whether the only part lies in that order.
  private let isOnePart: Bool

  init(_ parts: [(group: OperationGroup, commit: Int)]) {
    self.parts = parts
    var order: [Place] = []
    var keys: [RecordKey] = []
    var isSorted = true
    for (number, part) in parts.enumerated() {
      for row in 0..<part.group.rows {
        let key = part.group.key(row)
        if let last = order.last, let lastKey = keys.last {
          isSorted = isSorted && (parts[last.part].commit, lastKey) <= (part.commit, key)
        }
        order.append((number, row))
        keys.append(key)
      }
    }
    if !isSorted {
      let places = order.indices.sorted {
        (parts[order[$0].part].commit, keys[$0]) < (parts[order[$1].part].commit, keys[$1])
      }
      order = places.map { order[$0] }
      keys = places.map { keys[$0] }
    }
    self.order = order
    self.keys = keys
    isOnePart = parts.count == 1 && isSorted
  }

  func encode(
    _ entity: EntityID, commitCount: Int, _ dictionary: FrameDictionary?, to writer: inout ColumnWriter
  ) {
    let commits = commitCount > 1 ? order.map { Int64(parts[$0.part].commit) } : nil
    CollectedGroup.encodeHead(entity, .insert, keys, commits, to: &writer)
    let columns = isOnePart ? parts[0].group.columns : merged
    writer.count(columns.count)
    var context = ColumnContext(dictionary)
    for column in columns { encode(column, &context, to: &writer) }
  }

  private func encode(_ column: Column, _ context: inout ColumnContext, to writer: inout ColumnWriter) {
    writer.u8(column.section.rawValue)
    writer.varint(UInt64(column.item.value))
    writer.u8(column.kind.rawValue)
    if column.cells.isEmpty {
      writer.u8(0)
      column.encodeCells(&context, to: &writer)
      if let days = column.days { context.days.append(days) }
      return
    }
    writer.u8(1)
    var bits = Bytes(repeating: 0, count: (keys.count + 7) / 8)
    var places: [Int] = []
    places.reserveCapacity(keys.count)
    for row in 0..<keys.count where column.cells[row] >= 0 {
      bits[row / 8] |= 1 << UInt8(row % 8)
      places.append(row)
    }
    writer.raw(bits)
    let days = context.days
    if column.kind == .date || column.kind == .text {
      context.days = days.map { column in places.map { column[$0] } }
    }
    column.encodeCells(&context, to: &writer)
    context.days = days
  }

  /// The columns of all parts, their rows in order.
  private var merged: [Column] {
    var shapes: [UInt32: (section: Section, item: ItemID, kind: ColumnKind)] = [:]
    for part in parts {
      for column in part.group.columns {
        let shape = shapes[UInt32(column.section.rawValue) << 16 | UInt32(column.item.value)]
        require(shape == nil || shape?.kind == column.kind, "one kind per item in a frame")
        shapes[UInt32(column.section.rawValue) << 16 | UInt32(column.item.value)] = (
          column.section, column.item, column.kind
        )
      }
    }
    return shapes.keys.sorted().compactMap { shape in
      shapes[shape].map { merged($0.section, $0.item, $0.kind) }
    }
  }

  private func merged(_ section: Section, _ item: ItemID, _ kind: ColumnKind) -> Column {
    let columns = parts.map { part in part.group.columns.first { $0.item == item && $0.section == section } }
    var gathered = ColumnCells(kind, capacity: order.count)
    var cells: [Int32] = []
    cells.reserveCapacity(order.count)
    var count: Int32 = 0
    for place in order {
      guard let column = columns[place.part], column.hasCell(place.row) else {
        cells.append(-1)
        continue
      }
      gathered.append(column, cell: column.cells.isEmpty ? place.row : Int(column.cells[place.row]))
      cells.append(count)
      count += 1
    }
    let isFull = Int(count) == order.count
    return Column(section: section, item: item, kind: kind, cells: isFull ? [] : cells, storage: gathered.storage)
  }
}

extension OperationGroup {
  /// New records of one commit, given one by one.
  ///
  /// - Requires: inserts of one entity, fields sorted by section and item.
  public init(inserting operations: [Operation]) {
    require(!operations.isEmpty, "a group has operations")
    let fields = operations.map { operation -> [Field] in
      guard case .insert(let fields) = operation.change else { requirementFailed("inserts in a group of inserts") }
      return fields
    }
    var positions = [Int](repeating: 0, count: fields.count)
    var columns: [Column] = []
    for (section, item, kind) in OperationGroup.columnOrder(fields) {
      var gathered = ColumnCells(kind, capacity: fields.count)
      var cells: [Int32] = []
      cells.reserveCapacity(fields.count)
      var count: Int32 = 0
      for (row, rowFields) in fields.enumerated() {
        guard positions[row] < rowFields.count, rowFields[positions[row]].section == section,
          rowFields[positions[row]].item == item
        else {
          cells.append(-1)
          continue
        }
        gathered.append(rowFields[positions[row]].value)
        positions[row] += 1
        cells.append(count)
        count += 1
      }
      let isFull = Int(count) == fields.count
      columns.append(
        Column(section: section, item: item, kind: kind, cells: isFull ? [] : cells, storage: gathered.storage))
    }
    require(zip(positions, fields).allSatisfy { $0 == $1.count }, "fields are sorted by section and item")
    self.init(inserting: operations[0].key.entity, operations.map(\.key), columns: columns)
  }

  /// Every (section, item) that any row has, in order, with its kind.
  private static func columnOrder(_ rows: [[Field]]) -> [(section: Section, item: ItemID, kind: ColumnKind)] {
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
}
