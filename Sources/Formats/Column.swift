import Primitives

/// The cells of one item over the rows of a group: decoded once, read by row, written into rows without becoming
/// values.
public struct Column {
  public let section: Section
  public let item: ItemID
  public let kind: ColumnKind
  /// Cell number by row, -1 where the row has none; empty when every row has one.
  let cells: [Int32]
  let storage: Storage

  enum Storage {
    case integers([Int64])
    case bools([Int64])
    case texts(TextColumn.Decoded)
    case references([RecordID])
    case referenceLists([[RecordID]])
  }

  /// A column of references by row, nil where the row has none; nil when none has one.
  public init?(_ section: Section, _ item: ItemID, records: [RecordID?]) {
    let found = records.compactMap { $0 }
    if found.isEmpty { return nil }
    self.init(
      section: section, item: item, kind: .reference, cells: Column.places(records.map { $0 != nil }),
      storage: .references(found))
  }

  /// The same for lists of references.
  public init?(_ section: Section, _ item: ItemID, lists: [[RecordID]?]) {
    let found = lists.compactMap { $0 }
    if found.isEmpty { return nil }
    self.init(
      section: section, item: item, kind: .references, cells: Column.places(lists.map { $0 != nil }),
      storage: .referenceLists(found))
  }

  /// Cell numbers of rows with and without cells; empty when all have one.
  private static func places(_ present: [Bool]) -> [Int32] {
    guard present.contains(false) else { return [] }
    var count: Int32 = 0
    return present.map { isPresent in
      guard isPresent else { return -1 }
      count += 1
      return count - 1
    }
  }

  @inline(__always)
  private func cell(_ row: Int) -> Int { cells.isEmpty ? row : Int(cells[row]) }

  /// The value in `row`; null when the row has none.
  public func value(_ row: Int) -> Value {
    let cell = cell(row)
    guard cell >= 0 else { return .null }
    switch storage {
    case .integers(let values):
      switch kind {
      case .decimal: return .decimal(values[cell])
      case .date: return .date(CivilDate(days: Int32(clamping: values[cell])))
      case .minute: return .minute(CivilMinute(minutes: values[cell]))
      default: return .int(values[cell])
      }
    case .bools(let values): return .bool(values[cell] != 0)
    case .texts(let texts): return .text(Text(String(decoding: texts.blob[texts.range(cell)], as: UTF8.self)))
    case .references(let records): return .reference(records[cell])
    case .referenceLists(let lists): return .references(lists[cell])
    }
  }

  /// Whether `row` has a cell.
  public func hasCell(_ row: Int) -> Bool { cell(row) >= 0 }

  /// Appends the cell of `row` as ``IndexKey/append(_:to:)`` appends its value.
  public func appendIndexKey(_ row: Int, to writer: inout ByteWriter) {
    let cell = cell(row)
    guard cell >= 0, case .texts(let texts) = storage else { return IndexKey.append(value(row), to: &writer) }
    let range = texts.range(cell)
    // Only plain ASCII is its own key: 00 is escaped, and what is no UTF-8 is mended as in a value.
    let isPlain = texts.blob.withUnsafeBufferPointer { blob in
      var bits: UInt8 = 0
      var hasZero = false
      for offset in range {
        bits |= blob[offset]
        hasZero = hasZero || blob[offset] == 0
      }
      return bits < 0x80 && !hasZero
    }
    guard isPlain else { return IndexKey.append(value(row), to: &writer) }
    writer.u8(5)
    texts.blob.withUnsafeBytes { writer.bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: $0[range])) }
    writer.u8(0)
  }

  /// Days by row when this is a date column without gaps: what later columns of the group may refer to.
  var days: [Int64]? {
    if kind == .date, cells.isEmpty, case .integers(let days) = storage { return days }
    return nil
  }

  // MARK: Encoding

  /// Record ids: a dictionary of mints (usually one), which mint by row, counters.
  static func encodeRecords(_ records: [RecordID], to writer: inout ColumnWriter) {
    var numbers: [UInt64: Int64] = [:]
    var mints: [UInt64] = []
    var indexes: [Int64] = []
    indexes.reserveCapacity(records.count)
    for record in records {
      if let number = numbers[record.mint] {
        indexes.append(number)
      } else {
        numbers[record.mint] = Int64(mints.count)
        indexes.append(Int64(mints.count))
        mints.append(record.mint)
      }
    }
    writer.count(mints.count)
    for mint in mints { writer.u64(mint) }
    IntegerColumn.encode(indexes, to: &writer)
    IntegerColumn.encode(records.map { Int64(bitPattern: $0.counter) }, to: &writer)
  }

  static func decodeRecords(count: Int, from reader: inout ByteReader) throws(MalformedBytes) -> [RecordID] {
    let at = reader.offset
    let mintCount = try reader.count(bytesEach: 8)
    var mints: [UInt64] = []
    for _ in 0..<mintCount { mints.append(try reader.u64()) }
    let indexes = try IntegerColumn.decode(count: count, from: &reader)
    let counters = try IntegerColumn.decode(count: count, from: &reader)
    var records: [RecordID] = []
    records.reserveCapacity(count)
    for (index, counter) in zip(indexes, counters) {
      guard index >= 0, index < mintCount else { throw MalformedBytes("an index into the mints", at: at) }
      records.append(RecordID(mint: mints[Int(index)], counter: UInt64(bitPattern: counter)))
    }
    return records
  }

  // MARK: Decoding

  /// Reads the cells of a column of `rows` rows.
  ///
  /// - Parameter present: which rows have a cell; nil when all have.
  static func decode(
    section: Section, item: ItemID, kind: ColumnKind, rows: Int, present: [Bool]?, _ context: inout ColumnContext,
    from reader: inout ByteReader
  ) throws(MalformedBytes) -> Column {
    var cells: [Int32] = []
    var count = rows
    if let present {
      count = 0
      cells.reserveCapacity(rows)
      for flag in present {
        cells.append(flag ? Int32(count) : -1)
        if flag { count += 1 }
      }
    }
    let at = reader.offset
    let storage: Storage
    switch kind {
    case .null: storage = .integers([])
    case .int, .decimal, .minute: storage = .integers(try IntegerColumn.decode(count: count, from: &reader))
    case .date:
      let days = try IntegerColumn.decode(count: count, days: context.days, from: &reader)
      guard days.allSatisfy({ Int32(exactly: $0) != nil }) else { throw MalformedBytes("days that exist", at: at) }
      storage = .integers(days)
    case .bool:
      let flags = try IntegerColumn.decode(count: count, from: &reader)
      guard flags.allSatisfy({ $0 == 0 || $0 == 1 }) else { throw MalformedBytes("flags", at: at) }
      storage = .bools(flags)
    case .text:
      storage = .texts(try TextColumn.decode(count: count, &context, from: &reader))
    case .reference: storage = .references(try decodeRecords(count: count, from: &reader))
    case .references:
      var lists: [[RecordID]] = []
      let lengths = try IntegerColumn.decode(count: count, from: &reader)
      var total = 0
      for length in lengths {
        guard length >= 0, length <= DecodingBudget.cellsMax - total else {
          throw MalformedBytes("a list in the body", at: at)
        }
        total += Int(length)
      }
      try context.budget.takeCells(total, at: at)
      let records = try decodeRecords(count: total, from: &reader)
      var position = 0
      for length in lengths {
        lists.append(Array(records[position..<position + Int(length)]))
        position += Int(length)
      }
      storage = .referenceLists(lists)
    }
    return Column(section: section, item: item, kind: kind, cells: cells, storage: storage)
  }

  init(section: Section, item: ItemID, kind: ColumnKind, cells: [Int32], storage: Storage) {
    self.section = section
    self.item = item
    self.kind = kind
    self.cells = cells
    self.storage = storage
  }
}
