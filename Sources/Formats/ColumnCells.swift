import Primitives

/// The present cells of one column on their way into a body; those of its kind are gathered, the rest stays empty.
struct ColumnCells {
  let kind: ColumnKind
  /// Of numbers, days, minutes and flags.
  private(set) var numbers: [Int64] = []
  private var texts: [Text] = []
  private var records: [RecordID] = []
  private var lists: [[RecordID]] = []

  init(_ kind: ColumnKind, capacity: Int) {
    self.kind = kind
    switch kind {
    case .int, .decimal, .date, .minute, .bool: numbers.reserveCapacity(capacity)
    case .text: texts.reserveCapacity(capacity)
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
    case .text(let text): texts.append(text)
    case .reference(let record): records.append(record)
    case .references(let list): lists.append(list)
    }
  }

  /// Writes the cells; nothing when there are none.
  func encode(_ context: inout ColumnContext, to writer: inout ColumnWriter) {
    switch kind {
    case .null: return
    case .date: IntegerColumn.encode(numbers, days: context.days, to: &writer)
    case .int, .decimal, .minute, .bool: IntegerColumn.encode(numbers, to: &writer)
    case .text: if !texts.isEmpty { TextColumn.encode(texts, &context, to: &writer) }
    case .reference: Column.encodeRecords(records, to: &writer)
    case .references:
      IntegerColumn.encode(lists.map { Int64($0.count) }, to: &writer)
      Column.encodeRecords(lists.flatMap { $0 }, to: &writer)
    }
  }
}
