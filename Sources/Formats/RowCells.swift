import Primitives

/// Steps over the cells of a stored row where they lie: nothing is allocated, and values are made only of the cells
/// that
/// are asked for. For readers of whole tables; ``RowView`` is for those who come back to one row.
public struct RowCells {
  private let row: UnsafeRawBufferPointer
  private var offset: Int
  private let end: Int
  private var sectionEnd: Int
  private var lastItem: UInt64 = 0
  /// The cell at hand, after ``next()`` returned true.
  public private(set) var item = ItemID(0)
  public private(set) var kind = CellKind.false
  private var start = 0
  private var cellEnd = 0

  /// - Parameter row: a stored row whose checksum was verified; lent as long as this is used.
  /// - Throws: when the bytes are not a row of this version.
  public init(_ row: UnsafeRawBufferPointer) throws(MalformedBytes) {
    self.row = row
    end = row.count - Row.checksumByteCount
    guard end > 13, row[0] == Row.version else { throw MalformedBytes("row version \(Row.version)", at: 0) }
    offset = 13
    sectionEnd = 0
    _ = try varint()
    sectionEnd = offset
  }

  /// Steps to the next cell; false after the last.
  ///
  /// - Throws: when the bytes are not a row's.
  public mutating func next() throws(MalformedBytes) -> Bool {
    while offset == sectionEnd {
      guard offset < end else { return false }
      guard end - offset > 2, row[offset + 1] == Row.clear else {
        throw MalformedBytes("a section in clear", at: offset)
      }
      offset += 2
      let length = try varint()
      guard length <= UInt64(end - offset) else { throw MalformedBytes("a section inside its row", at: offset) }
      sectionEnd = offset + Int(length)
      lastItem = 0
    }
    let tag = row[offset]
    guard let kind = CellKind(rawValue: tag & 15) else { throw MalformedBytes("a known kind of cell", at: offset) }
    offset += 1
    var gap = UInt64(tag >> 4)
    if gap == 15 { gap += try varint() & 0xFFFF_FFFF }
    lastItem += gap + 1
    guard lastItem <= UInt64(UInt16.max) else { throw MalformedBytes("an item number", at: offset) }
    item = ItemID(UInt16(lastItem))
    self.kind = kind
    start = offset
    try skip(kind)
    guard offset <= sectionEnd else { throw MalformedBytes("a cell inside its section", at: offset) }
    cellEnd = offset
    return true
  }

  private mutating func skip(_ kind: CellKind) throws(MalformedBytes) {
    switch kind {
    case .false, .true: return
    case .int, .decimal, .date, .minute: _ = try varint()
    case .text: try skip(bytes: try varint())
    case .reference:
      try skip(bytes: 8)
      _ = try varint()
    case .references:
      let count = try varint()
      guard count <= UInt64(end - offset) / 9 else { throw MalformedBytes("a list inside its row", at: offset) }
      for _ in 0..<count {
        try skip(bytes: 8)
        _ = try varint()
      }
    }
  }

  private mutating func skip(bytes count: UInt64) throws(MalformedBytes) {
    guard count <= UInt64(end - offset) else { throw MalformedBytes("\(count) bytes", at: offset) }
    offset += Int(count)
  }

  private mutating func varint() throws(MalformedBytes) -> UInt64 {
    let (value, next) = try RowCells.varint(row, offset, end)
    offset = next
    return value
  }

  @inline(__always)
  private static func varint(
    _ row: UnsafeRawBufferPointer, _ start: Int, _ end: Int
  ) throws(MalformedBytes) -> (value: UInt64, next: Int) {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var offset = start
    while offset < end, shift < 64 {
      let byte = row[offset]
      offset += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return (value, offset) }
      shift += 7
    }
    throw MalformedBytes("a variable integer", at: start)
  }

  // MARK: The cell at hand

  /// The number in a cell of kind int, decimal, date (days) or minute; of others, nil.
  public var number: Int64? {
    switch kind {
    case .int, .decimal, .date, .minute:
      // `next` stepped over it already.
      guard let (value, _) = try? RowCells.varint(row, start, end) else { return nil }
      return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    default: return nil
    }
  }

  /// The bytes of a text; of others, nil. Lent with the row.
  public var text: UnsafeRawBufferPointer? {
    guard kind == .text, let (count, first) = try? RowCells.varint(row, start, end) else { return nil }
    return UnsafeRawBufferPointer(rebasing: row[first..<first + Int(count)])
  }

  /// The record that a reference names; of others, nil.
  public var reference: RecordID? {
    guard kind == .reference, let (counter, _) = try? RowCells.varint(row, start + 8, end) else { return nil }
    return RecordID(
      mint: UInt64(bigEndian: row.loadUnaligned(fromByteOffset: start, as: UInt64.self)), counter: counter)
  }

  /// The cell's value, as ``RowView/value(_:)`` gives it.
  public var value: Value {
    let bytes = Bytes(row[start..<cellEnd])
    var reader = ByteReader(bytes)
    return (try? Cell.read(kind, &reader)) ?? .null
  }
}
