import Primitives

/// The present cells of one column on their way into a body; those of its kind are gathered, the rest stays empty.
struct ColumnCells {
  let kind: ColumnKind
  /// Of numbers, days, minutes and flags.
  private(set) var numbers: [Int64] = []
  private var texts = TextColumn.Decoded()
  private var records: [RecordID] = []
  private var lists: [[RecordID]] = []

  init(_ kind: ColumnKind, capacity: Int) {
    self.kind = kind
    switch kind {
    case .int, .decimal, .date, .minute, .bool: numbers.reserveCapacity(capacity)
    case .text: texts.reserve(capacity, bytesEach: 8)
    case .reference: records.reserveCapacity(capacity)
    case .references: lists.reserveCapacity(capacity)
    case .null: break
    }
  }

  /// - Requires: a value of the column's kind: an item has one kind in a frame.
  @inline(__always)
  mutating func append(_ value: Value) {
    require(ColumnKind(of: value) == kind, "one kind per item in a frame")
    switch value {
    case .null: return
    case .int(let number), .decimal(let number): numbers.append(number)
    case .date(let date): numbers.append(Int64(date.days))
    case .minute(let minute): numbers.append(minute.minutes)
    case .bool(let flag): numbers.append(flag ? 1 : 0)
    case .text(let text):
      var string = text.string
      string.withUTF8 { texts.append($0) }
    case .reference(let record): records.append(record)
    case .references(let list): lists.append(list)
    }
  }

  /// A cell of another column.
  ///
  /// - Requires: the column is of this kind.
  @inline(__always)
  mutating func append(_ column: Column, cell: Int) {
    switch column.storage {
    case .integers(let values), .bools(let values): numbers.append(values[cell])
    case .texts(let from):
      let range = from.range(cell)
      from.blob.withUnsafeBufferPointer { texts.append(UnsafeBufferPointer(rebasing: $0[range])) }
    case .references(let values): records.append(values[cell])
    case .referenceLists(let values): lists.append(values[cell])
    }
  }

  /// The cells for a ``Column``.
  var storage: Column.Storage {
    switch kind {
    case .bool: .bools(numbers)
    case .text: .texts(texts)
    case .reference: .references(records)
    case .references: .referenceLists(lists)
    case .null, .int, .decimal, .date, .minute: .integers(numbers)
    }
  }
}

extension Column {
  /// Writes the cells; nothing when there are none.
  func encodeCells(_ context: inout ColumnContext, to writer: inout ColumnWriter) {
    switch storage {
    case .integers(let numbers):
      if kind == .null { return }
      IntegerColumn.encode(numbers, days: kind == .date ? context.days : [], to: &writer)
    case .bools(let flags): IntegerColumn.encode(flags, to: &writer)
    case .texts(let texts): if texts.count > 0 { TextColumn.encode(texts, &context, to: &writer) }
    case .references(let records): Column.encodeRecords(records, to: &writer)
    case .referenceLists(let lists):
      IntegerColumn.encode(lists.map { Int64($0.count) }, to: &writer)
      Column.encodeRecords(lists.flatMap { $0 }, to: &writer)
    }
  }
}
