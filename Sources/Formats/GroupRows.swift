import Primitives

/// The stored rows of an insert group, one after the other in one buffer.
///
/// Put together column by column, first their sizes, then their cells: what kind a cell is, is asked once a column, and
/// nothing is allocated a row. The bytes are those of ``Row/encode(key:origin:fields:with:)``.
public struct GroupRows {
  private var bytes: Bytes
  /// Row i is `starts[i] ..< starts[i + 1]`.
  private var starts: [Int]
  /// ``Keys/rowByteCount`` bytes a row.
  private var keys: Bytes

  /// Lends key and value of `row`, for the call only.
  public func withRow<Result>(
    _ row: Int, _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Result
  ) -> Result {
    keys.withUnsafeBytes { keys in
      bytes.withUnsafeBytes { bytes in
        body(
          UnsafeRawBufferPointer(rebasing: keys[row * Keys.rowByteCount..<(row + 1) * Keys.rowByteCount]),
          UnsafeRawBufferPointer(rebasing: bytes[starts[row]..<starts[row + 1]]))
      }
    }
  }

  /// - Parameter first: the sequence of the frame's first commit.
  /// - Requires: a group of inserts.
  public init(
    _ group: OperationGroup, _ partition: PartitionID, catalog: UInt32, log: LogID, first: Sequence64,
    with hashing: Hashing
  ) {
    require(group.kind == .insert, "rows of inserts")
    let rows = group.rows
    var sections = GroupRows.sections(group)
    for number in sections.indices { sections[number].measure(group) }
    starts = []
    starts.reserveCapacity(rows + 1)
    var end = 0
    for row in 0..<rows {
      starts.append(end)
      end += 13 + varintByteCount(first.value + UInt64(group.commit(row))) + Row.checksumByteCount
      for section in sections { end += section.byteCount(row) }
    }
    starts.append(end)
    keys = []
    keys.reserveCapacity(rows * Keys.rowByteCount)
    let starts = starts
    var keyWriter = ByteWriter()
    swap(&keyWriter.bytes, &keys)
    for row in 0..<rows { Keys.appendRow(partition, group.key(row), to: &keyWriter) }
    swap(&keyWriter.bytes, &keys)
    let keys = keys
    bytes = Bytes(unsafeUninitializedCapacity: end) { buffer, count in
      // SAFETY: every byte of `0 ..< end` is written: `CellCursor` refuses to write past the end of its row, and each
      // row must end where it was measured to.
      let base = UnsafeMutableRawBufferPointer(buffer)
      var cursors: [CellCursor] = []
      cursors.reserveCapacity(rows)
      for row in 0..<rows {
        var cursor = CellCursor(base, starts[row], starts[row + 1])
        cursor.u8(Row.version)
        cursor.u32(catalog)
        cursor.u64(log.value)
        cursor.varint(first.value + UInt64(group.commit(row)))
        cursors.append(cursor)
      }
      for section in sections { section.write(group, &cursors) }
      keys.withUnsafeBytes { keys in
        for row in 0..<rows {
          let body = UnsafeRawBufferPointer(rebasing: base[starts[row]..<starts[row + 1] - Row.checksumByteCount])
          let key = UnsafeRawBufferPointer(rebasing: keys[row * Keys.rowByteCount..<(row + 1) * Keys.rowByteCount])
          cursors[row].u64(hashing.checksum(key: key, value: body))
          require(cursors[row].isAtEnd, "a row ends where it was measured to")
        }
      }
      count = end
    }
  }

  private static func sections(_ group: OperationGroup) -> [GroupSection] {
    var sections: [GroupSection] = []
    for (position, column) in group.columns.enumerated() {
      if sections.last?.section != column.section {
        sections.append(GroupSection(column.section, position, group.rows))
      }
      sections[sections.count - 1].columns = sections[sections.count - 1].columns.lowerBound..<position + 1
    }
    return sections
  }
}

/// The columns of one section of a group.
private struct GroupSection {
  let section: Section
  var columns: Range<Int>
  /// Bytes of the cells, by row.
  private var sizes: [Int]

  init(_ section: Section, _ column: Int, _ rows: Int) {
    self.section = section
    columns = column..<column
    sizes = [Int](repeating: 0, count: rows)
  }

  /// Bytes of the section in `row` with its head; 0 when it has no cells there.
  func byteCount(_ row: Int) -> Int { sizes[row] == 0 ? 0 : 2 + varintByteCount(UInt64(sizes[row])) + sizes[row] }

  mutating func measure(_ group: OperationGroup) {
    var last = [UInt16](repeating: 0, count: sizes.count)
    for position in columns {
      let column = group.columns[position]
      let item = column.item.value
      column.measure { row, byteCount in
        let gap = item - last[row] - 1
        last[row] = item
        sizes[row] += 1 + byteCount + (gap < 15 ? 0 : varintByteCount(UInt64(gap - 15)))
      }
    }
  }

  func write(_ group: OperationGroup, _ cursors: inout [CellCursor]) {
    for row in sizes.indices where sizes[row] > 0 {
      cursors[row].u8(section.rawValue)
      cursors[row].u8(Row.clear)
      cursors[row].varint(UInt64(sizes[row]))
    }
    var last = [UInt16](repeating: 0, count: sizes.count)
    for position in columns { group.columns[position].write(&cursors, &last) }
  }
}

extension Column {
  /// Calls `body` for every row that has a cell, with the bytes of the cell's content.
  @inline(__always)
  fileprivate func measure(_ body: (_ row: Int, _ byteCount: Int) -> Void) {
    switch storage {
    case .integers(let values): forEachCell(values.count) { row, cell in body(row, zigzagByteCount(values[cell])) }
    case .bools(let values): forEachCell(values.count) { row, _ in body(row, 0) }
    case .texts(let texts):
      forEachCell(texts.indexes.isEmpty ? texts.places.count - 1 : texts.indexes.count) { row, cell in
        let count = texts.range(cell).count
        body(row, varintByteCount(UInt64(count)) + count)
      }
    case .references(let records):
      forEachCell(records.count) { row, cell in body(row, 8 + varintByteCount(records[cell].counter)) }
    case .referenceLists(let lists):
      forEachCell(lists.count) { row, cell in
        body(
          row, lists[cell].reduce(varintByteCount(UInt64(lists[cell].count))) { $0 + 8 + varintByteCount($1.counter) })
      }
    }
  }

  fileprivate func write(_ cursors: inout [CellCursor], _ last: inout [UInt16]) {
    let item = item.value
    func tag(_ kind: CellKind, _ row: Int, _ cursor: inout CellCursor) {
      let gap = item - last[row] - 1
      last[row] = item
      if gap < 15 {
        cursor.u8(UInt8(truncatingIfNeeded: gap) << 4 | kind.rawValue)
      } else {
        cursor.u8(0xF0 | kind.rawValue)
        cursor.varint(UInt64(gap - 15))
      }
    }
    switch storage {
    case .integers(let values):
      let kind: CellKind = kind == .decimal ? .decimal : kind == .date ? .date : kind == .minute ? .minute : .int
      forEachCell(values.count) { row, cell in
        tag(kind, row, &cursors[row])
        cursors[row].varint(zigzag(values[cell]))
      }
    case .bools(let values):
      forEachCell(values.count) { row, cell in tag(values[cell] != 0 ? .true : .false, row, &cursors[row]) }
    case .texts(let texts):
      texts.blob.withUnsafeBytes { blob in
        forEachCell(texts.indexes.isEmpty ? texts.places.count - 1 : texts.indexes.count) { row, cell in
          let range = texts.range(cell)
          tag(.text, row, &cursors[row])
          cursors[row].varint(UInt64(range.count))
          cursors[row].raw(UnsafeRawBufferPointer(rebasing: blob[range]))
        }
      }
    case .references(let records):
      forEachCell(records.count) { row, cell in
        tag(.reference, row, &cursors[row])
        cursors[row].u64(records[cell].mint)
        cursors[row].varint(records[cell].counter)
      }
    case .referenceLists(let lists):
      forEachCell(lists.count) { row, cell in
        tag(.references, row, &cursors[row])
        cursors[row].varint(UInt64(lists[cell].count))
        for record in lists[cell] {
          cursors[row].u64(record.mint)
          cursors[row].varint(record.counter)
        }
      }
    }
  }

  /// - Parameter count: of cells.
  @inline(__always)
  private func forEachCell(_ count: Int, _ body: (_ row: Int, _ cell: Int) -> Void) {
    if cells.isEmpty {
      for cell in 0..<count { body(cell, cell) }
    } else {
      for row in cells.indices where cells[row] >= 0 { body(row, Int(cells[row])) }
    }
  }
}

/// Writes the bytes of one row, and not one behind its end.
private struct CellCursor {
  // SAFETY: lives inside the closure that lends the buffer; every write checks the room that is left in the row.
  private let base: UnsafeMutableRawBufferPointer
  private var offset: Int
  private let end: Int

  init(_ base: UnsafeMutableRawBufferPointer, _ start: Int, _ end: Int) {
    require(start <= end && end <= base.count, "a row inside the buffer")
    self.base = base
    offset = start
    self.end = end
  }

  var isAtEnd: Bool { offset == end }

  @inline(__always)
  private mutating func take(_ count: Int) -> Int {
    require(count <= end - offset, "a cell inside its row")
    let start = offset
    offset += count
    return start
  }

  @inline(__always)
  mutating func u8(_ value: UInt8) { base[take(1)] = value }
  @inline(__always)
  mutating func u32(_ value: UInt32) { base.storeBytes(of: value.bigEndian, toByteOffset: take(4), as: UInt32.self) }
  @inline(__always)
  mutating func u64(_ value: UInt64) { base.storeBytes(of: value.bigEndian, toByteOffset: take(8), as: UInt64.self) }

  @inline(__always)
  mutating func varint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      u8(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    u8(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  mutating func raw(_ bytes: UnsafeRawBufferPointer) {
    let start = take(bytes.count)
    UnsafeMutableRawBufferPointer(rebasing: base[start..<start + bytes.count]).copyMemory(from: bytes)
  }
}

@inline(__always)
private func zigzag(_ value: Int64) -> UInt64 { UInt64(bitPattern: value << 1 ^ value >> 63) }

@inline(__always)
private func zigzagByteCount(_ value: Int64) -> Int { varintByteCount(zigzag(value)) }

/// Bytes of a variable integer: 7 bits each.
@inline(__always)
private func varintByteCount(_ value: UInt64) -> Int { value < 0x80 ? 1 : (70 - value.leadingZeroBitCount) / 7 }
