import Primitives

/// Texts with numbers in them, such as addresses and dialled numbers: what stands between the numbers is a shape that
/// comes again, the numbers are integers, gathered by what follows them (组, 号, 幢, 室).
///
///     distinct shapes varint · their lengths as integers · their bytes, each number replaced by byte 00 ·
///     shape by row as integers · per kind of number: integers
///
/// A number is a run of 1 to 15 digits without a leading zero; other digits belong to the shape. Kinds are numbered in
/// the order of shapes; the last one takes what comes after it.
enum ShapeColumn {
  private static let gap: UInt8 = 0
  private static let digitsMax = 15
  static let kindsMax = 16

  static func encode(_ texts: TextColumn.Texts, to writer: inout ColumnWriter) -> Bool {
    var shapes = ShapeTable()
    var found: [Int64] = []
    var indexes: [Int64] = []
    indexes.reserveCapacity(texts.count)
    for row in 0..<texts.count {
      guard split(texts[row], into: &shapes.blob, &found) else { return false }
      indexes.append(Int64(shapes.endShape()))
    }
    guard found.count * 2 >= texts.count else { return false }
    var kinds = Kinds()
    let kindsOf = shapes.ranges.map { kinds.of(shapes.blob[$0]) }
    var columns: [[Int64]] = []
    var next = 0
    for index in indexes {
      for kind in kindsOf[Int(index)] {
        while columns.count <= kind { columns.append([]) }
        columns[kind].append(found[next])
        next += 1
      }
    }
    writer.u8(4)
    writer.count(shapes.ranges.count)
    IntegerColumn.encode(shapes.ranges.map { Int64($0.count) }, to: &writer)
    writer.cut()
    writer.raw(shapes.blob)
    writer.cut()
    IntegerColumn.encode(indexes, to: &writer)
    for column in columns { IntegerColumn.encode(column, to: &writer) }
    return true
  }

  /// Appends the shape of a text and its numbers; false when it has the byte that stands for numbers.
  private static func split(
    _ bytes: UnsafeBufferPointer<UInt8>, into blob: inout Bytes, _ numbers: inout [Int64]
  ) -> Bool {
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      if byte == gap { return false }
      guard byte >= 0x30, byte <= 0x39 else {
        blob.append(byte)
        place += 1
        continue
      }
      let start = place
      var number: Int64 = 0
      while place < bytes.count, bytes[place] >= 0x30, bytes[place] <= 0x39 {
        number = number &* 10 &+ Int64(bytes[place] &- 0x30)
        place += 1
      }
      if place - start <= digitsMax, byte != 0x30 || place - start == 1 {
        blob.append(gap)
        numbers.append(number)
      } else {
        blob.append(contentsOf: bytes[start..<place])
      }
    }
    return true
  }

  static func decode(
    count: Int, _ budget: inout DecodingBudget, into decoded: inout TextColumn.Decoded, from reader: inout ByteReader
  ) throws(MalformedBytes) {
    let at = reader.offset
    let distinct = Int(clamping: try reader.varint())
    guard distinct <= count else { throw MalformedBytes("no more shapes than texts", at: at) }
    var shapes: [Bytes] = []
    let lengths = try IntegerColumn.decode(count: distinct, from: &reader)
    for length in lengths {
      guard length >= 0, length <= reader.remaining else { throw MalformedBytes("a shape inside the body", at: at) }
      shapes.append(try reader.raw(Int(length)))
    }
    var kinds = Kinds()
    let kindsOf = shapes.map { kinds.of($0[...]) }
    let indexes = try IntegerColumn.decode(count: count, from: &reader)
    var counts: [Int] = []
    for index in indexes {
      guard index >= 0, index < distinct else { throw MalformedBytes("an index into the shapes", at: at) }
      let list = kindsOf[Int(index)]
      try budget.takeCells(list.count, at: at)
      for kind in list {
        while counts.count <= kind { counts.append(0) }
        counts[kind] += 1
      }
    }
    var columns: [[Int64]] = []
    for count in counts { columns.append(try IntegerColumn.decode(count: count, from: &reader)) }
    var cursors = [Int](repeating: 0, count: counts.count)
    decoded.reserve(count, bytesEach: 24)
    for (row, index) in indexes.enumerated() {
      var slot = 0
      for byte in shapes[Int(index)] {
        guard byte == gap else {
          decoded.blob.append(byte)
          continue
        }
        let kind = kindsOf[Int(index)][slot]
        slot += 1
        append(columns[kind][cursors[kind]], to: &decoded.blob)
        cursors[kind] += 1
      }
      decoded.endText()
      try budget.takeBytes(decoded.range(row).count, at: at)
    }
  }

  private static func append(_ number: Int64, to blob: inout Bytes) {
    // A hostile number may be negative: its digits are as good as any, nothing trusts them.
    var rest = number.magnitude
    let start = blob.count
    repeat {
      blob.append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    if blob.count - start > 1 { blob[start...].reverse() }
  }

  /// Gives numbers to kinds of numbers by the text that follows them.
  private struct Kinds {
    private var numbers: [Bytes: Int] = [:]

    /// The kind of every number of a shape.
    mutating func of(_ shape: ArraySlice<UInt8>) -> [Int] {
      var list: [Int] = []
      var place = shape.firstIndex(of: gap)
      while let start = place {
        let next = shape[(start + 1)...].firstIndex(of: gap)
        let literal = Bytes(shape[(start + 1)..<(next ?? shape.endIndex)])
        if let known = numbers[literal] {
          list.append(known)
        } else {
          let number = Swift.min(numbers.count, kindsMax - 1)
          numbers[literal] = number
          list.append(number)
        }
        place = next
      }
      return list
    }
  }
}

/// Distinct byte strings in the order in which they first came, found again by hash.
private struct ShapeTable {
  /// Every distinct shape once, then what is being appended.
  var blob: Bytes = []
  private(set) var ranges: [Range<Int>] = []
  /// Number of a shape plus one by hash; 0 is free.
  private var slots = [Int32](repeating: 0, count: 1024)

  /// Takes what was appended since the last call as one shape and returns its number.
  mutating func endShape() -> Int {
    let start = ranges.last?.upperBound ?? 0
    if ranges.count * 2 >= slots.count { grow() }
    let slot = slot(of: start..<blob.count)
    if slots[slot] != 0 {
      blob.removeSubrange(start...)
      return Int(slots[slot]) - 1
    }
    ranges.append(start..<blob.count)
    slots[slot] = Int32(ranges.count)
    return ranges.count - 1
  }

  private func slot(of range: Range<Int>) -> Int {
    blob.withUnsafeBufferPointer { blob in
      var hash: UInt64 = 0xCBF2_9CE4_8422_2325
      for place in range { hash = (hash ^ UInt64(blob[place])) &* 0x0000_0100_0000_01B3 }
      var slot = Int(truncatingIfNeeded: hash ^ hash >> 32) & (slots.count - 1)
      while slots[slot] != 0, !blob[ranges[Int(slots[slot]) - 1]].elementsEqual(blob[range]) {
        slot = (slot + 1) & (slots.count - 1)
      }
      return slot
    }
  }

  private mutating func grow() {
    slots = [Int32](repeating: 0, count: slots.count * 4)
    for (number, range) in ranges.enumerated() { slots[slot(of: range)] = Int32(number + 1) }
  }
}
