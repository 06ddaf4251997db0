import Primitives

/// Citizen ids (GB 11643: region 6, birth date 8, serial 3, check 1) as what is not implied: region, the birth date's
/// difference to a date column of the same rows, serial. Used only when every text is a valid id.
///
///     date column + 1, or 0 · regions · birth dates · serials
enum CitizenIDColumn {
  private struct Parts {
    let region: Int64
    let birth: Int64
    let serial: Int64
  }

  static func encode(_ texts: TextColumn.Texts, dates: [[Int64]], to writer: inout ColumnWriter) -> Bool {
    guard texts[0].count == 18 else { return false }
    var parts: [Parts] = []
    parts.reserveCapacity(texts.count)
    for row in 0..<texts.count {
      guard let part = parse(texts[row]) else { return false }
      parts.append(part)
    }
    let (column, births) = nearest(parts, dates)
    writer.u8(3)
    writer.count(column + 1)
    IntegerColumn.encode(parts.map(\.region), to: &writer)
    IntegerColumn.encode(births, to: &writer)
    IntegerColumn.encode(parts.map(\.serial), to: &writer)
    return true
  }

  /// The date column that equals most birth dates (-1 when none equals half), and what is left to say.
  private static func nearest(_ parts: [Parts], _ dates: [[Int64]]) -> (column: Int, births: [Int64]) {
    for (column, days) in dates.enumerated() where days.count == parts.count {
      var equal = 0
      for (part, day) in zip(parts, days) where part.birth == day { equal += 1 }
      if equal * 2 > parts.count { return (column, zip(parts, days).map { $0.birth &- $1 }) }
    }
    return (-1, parts.map(\.birth))
  }

  /// Appends `count` ids to `decoded`.
  static func decode(
    count: Int, dates: [[Int64]], into decoded: inout TextColumn.Decoded, from reader: inout ByteReader
  ) throws(MalformedBytes) {
    let at = reader.offset
    let column = Int(clamping: try reader.varint()) - 1
    let regions = try IntegerColumn.decode(count: count, from: &reader)
    var births = try IntegerColumn.decode(count: count, from: &reader)
    let serials = try IntegerColumn.decode(count: count, from: &reader)
    if column >= 0 {
      guard column < dates.count, dates[column].count == count else {
        throw MalformedBytes("an earlier date column", at: at)
      }
      for row in 0..<count { births[row] = births[row] &+ dates[column][row] }
    }
    decoded.reserve(count, bytesEach: 18)
    var digits = Bytes(repeating: 0x30, count: 18)
    for row in 0..<count {
      guard compose(regions[row], births[row], serials[row], into: &digits) else {
        throw MalformedBytes("a citizen id", at: at)
      }
      decoded.append(digits)
    }
  }

  private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  private static let checks = Bytes("10X98765432".utf8)

  /// - Requires: 17 digits from index 0 on.
  @inline(__always)
  private static func check(_ seventeen: some RandomAccessCollection<UInt8>) -> UInt8 {
    var sum = 0
    for (byte, weight) in zip(seventeen, weights) { sum += Int(byte &- 0x30) * weight }
    return checks[sum % 11]
  }

  private static func parse(_ id: UnsafeBufferPointer<UInt8>) -> Parts? {
    guard id.count == 18 else { return nil }
    func digits(_ places: Range<Int>) -> Int64? { TextColumn.digits(id[places]) }
    guard let region = digits(0..<6), let year = digits(6..<10), let month = digits(10..<12),
      let day = digits(12..<14), let serial = digits(14..<17), id[17] == check(id[0..<17]),
      let birth = CivilDate(year: Int(year), month: Int(month), day: Int(day))
    else { return nil }
    return Parts(region: region, birth: Int64(birth.days), serial: serial)
  }

  /// Writes the 18 characters; false when the parts are out of range.
  private static func compose(_ region: Int64, _ birth: Int64, _ serial: Int64, into id: inout Bytes) -> Bool {
    guard let days = Int32(exactly: birth) else { return false }
    let (year, month, day) = CivilDate(days: days).components
    guard (1...9999).contains(year),
      TextColumn.digits(region, 6, into: &id, at: 0),
      TextColumn.digits(Int64(year * 10_000 + month * 100 + day), 8, into: &id, at: 6),
      TextColumn.digits(serial, 3, into: &id, at: 14)
    else { return false }
    id[17] = check(id[0..<17])
    return true
  }
}
