import Primitives

/// How a cell's bytes are to be read; 4 bits in a row's tag. Numbers are part of the disk and wire format.
public enum CellKind: UInt8, Hashable, Sendable {
  /// A count of bytes, then NFC UTF-8.
  case text = 1
  case int = 2
  case decimal = 3
  case date = 4
  case minute = 5
  /// No bytes follow.
  case `false` = 6
  case `true` = 7
  /// `mint u64 · counter varint`
  case reference = 8
  /// A count, then references.
  case references = 9
}

/// What a column holds: cells of one kind, where `false` and `true` are one column.
public enum ColumnKind: UInt8, Hashable, Comparable, Sendable {
  /// The absent side of a change.
  case null = 0
  case text = 1
  case int = 2
  case decimal = 3
  case date = 4
  case minute = 5
  case bool = 6
  case reference = 8
  case references = 9

  public init(of value: Value) {
    switch value {
    case .null: self = .null
    case .bool: self = .bool
    case .int: self = .int
    case .decimal: self = .decimal
    case .date: self = .date
    case .minute: self = .minute
    case .text: self = .text
    case .reference: self = .reference
    case .references: self = .references
    }
  }

  /// The kind of column that cells of a kind stand in.
  init(of cell: CellKind) {
    switch cell {
    case .text: self = .text
    case .int: self = .int
    case .decimal: self = .decimal
    case .date: self = .date
    case .minute: self = .minute
    case .false, .true: self = .bool
    case .reference: self = .reference
    case .references: self = .references
    }
  }

  public static func < (left: ColumnKind, right: ColumnKind) -> Bool { left.rawValue < right.rawValue }
}

/// Which part of a row a field lies in: sections can be encrypted and withheld apart from each other.
public enum Section: UInt8, Hashable, Comparable, Sendable, CaseIterable {
  /// Field classes A and B.
  case general = 1
  /// Class C: personal.
  case personal = 2
  /// Class D: restricted until decision.
  case restricted = 3

  public static func < (left: Section, right: Section) -> Bool { left.rawValue < right.rawValue }
}

/// One cell: the bytes of one value, without its item. The same bytes in rows at every level.
public enum Cell {
  /// Writes the tag's kind and the cell's content.
  ///
  /// - Requires: not null: absent items have no cell.
  static func write(_ value: Value, gap: UInt16, to writer: inout ByteWriter) {
    switch value {
    case .null: requirementFailed("null has no cell")
    case .bool(let flag): writeTag(flag ? .true : .false, gap, &writer)
    case .int(let number):
      writeTag(.int, gap, &writer)
      writer.zigzag(number)
    case .decimal(let number):
      writeTag(.decimal, gap, &writer)
      writer.zigzag(number)
    case .date(let date):
      writeTag(.date, gap, &writer)
      writer.zigzag(Int64(date.days))
    case .minute(let minute):
      writeTag(.minute, gap, &writer)
      writer.zigzag(minute.minutes)
    case .text(let text):
      writeTag(.text, gap, &writer)
      writer.text(text.string)
    case .reference(let record):
      writeTag(.reference, gap, &writer)
      write(record, &writer)
    case .references(let records):
      writeTag(.references, gap, &writer)
      writer.count(records.count)
      for record in records { write(record, &writer) }
    }
  }

  /// `gap` items lie between this one and the one before: 4 bits, 15 = a varint follows.
  @inline(__always)
  static func writeTag(_ kind: CellKind, _ gap: UInt16, _ writer: inout ByteWriter) {
    if gap < 15 {
      writer.u8(UInt8(truncatingIfNeeded: gap) << 4 | kind.rawValue)
    } else {
      writer.u8(0xF0 | kind.rawValue)
      writer.varint(UInt64(gap - 15))
    }
  }

  static func write(_ record: RecordID, _ writer: inout ByteWriter) {
    writer.u64(record.mint)
    writer.varint(record.counter)
  }

  static func readRecord(_ reader: inout ByteReader) throws(MalformedBytes) -> RecordID {
    RecordID(mint: try reader.u64(), counter: try reader.varint())
  }

  /// Reads the content that follows a tag of `kind`.
  static func read(_ kind: CellKind, _ reader: inout ByteReader) throws(MalformedBytes) -> Value {
    switch kind {
    case .false: return .bool(false)
    case .true: return .bool(true)
    case .int: return .int(try reader.zigzag())
    case .decimal: return .decimal(try reader.zigzag())
    case .date: return .date(try readDate(&reader))
    case .minute: return .minute(CivilMinute(minutes: try reader.zigzag()))
    case .text: return .text(Text(try reader.text()))
    case .reference: return .reference(try readRecord(&reader))
    case .references:
      let count = try reader.count(bytesEach: 9)
      var records: [RecordID] = []
      records.reserveCapacity(count)
      for _ in 0..<count { records.append(try readRecord(&reader)) }
      return .references(records)
    }
  }

  /// Steps over the content that follows a tag of `kind`.
  static func skip(_ kind: CellKind, _ reader: inout ByteReader) throws(MalformedBytes) {
    switch kind {
    case .false, .true: return
    case .int, .decimal, .date, .minute: _ = try reader.varint()
    case .text: _ = try reader.skip(try reader.count())
    case .reference: _ = try readRecord(&reader)
    case .references: for _ in 0..<(try reader.count(bytesEach: 9)) { _ = try readRecord(&reader) }
    }
  }

  private static func readDate(_ reader: inout ByteReader) throws(MalformedBytes) -> CivilDate {
    let start = reader.offset
    guard let days = Int32(exactly: try reader.zigzag()) else { throw MalformedBytes("a day that exists", at: start) }
    return CivilDate(days: days)
  }
}
