import Primitives

/// Integers of one column, as byte planes above a minimum: the high planes of real columns are constant and cost zstd
/// nothing.
///
///     mode u8: 0 value · 1 difference to the row before: first zigzag · 2 dictionary: distinct values less one u8,
///     differences between them as varints after the first as zigzag, then one plane of indexes ·
///     3 + n difference to the value of the same row in the n-th earlier column of days
///     then, but for mode 2: minimum zigzag · width u8 (0…8) · width planes of count bytes, low plane first
enum IntegerColumn {
  private static let plain: UInt8 = 0
  private static let stepped: UInt8 = 1
  private static let dictionary: UInt8 = 2
  private static let referring: UInt8 = 3
  /// How many earlier columns a column may refer to.
  static let referencesMax = 16

  /// - Parameter days: of the same rows, columns that the decoder has by then.
  static func encode(_ values: [Int64], days: [[Int64]] = [], to writer: inout ColumnWriter) {
    guard let first = values.first else { return }
    let whole = range(values)
    if values.count > 2 {
      var steps = differences(values)
      // The first value would set the width of all, so it stands apart and a step that is there anyway takes its place.
      steps[0] = steps[1]
      let stepRange = range(steps)
      if stepRange.width < whole.width {
        writer.u8(stepped)
        writer.zigzag(first)
        return planes(steps, stepRange, to: &writer)
      }
    }
    if whole.width >= 2, values.count >= 64 {
      let distinct = distinctCount(values, below: .max) ?? values.count
      if let (column, rest) = nearest(values, days, distinct) {
        writer.u8(referring + UInt8(column))
        return planes(rest, range(rest), to: &writer)
      }
      if distinct <= 256, distinct * 4 <= values.count { return encodeDictionary(values, to: &writer) }
    }
    writer.u8(plain)
    planes(values, whole, to: &writer)
  }

  private static func encodeDictionary(_ values: [Int64], to writer: inout ColumnWriter) {
    let sorted = Set(values).sorted()
    writer.u8(dictionary)
    writer.u8(UInt8(sorted.count - 1))
    writer.zigzag(sorted[0])
    for place in 1..<Swift.max(1, sorted.count) {
      writer.varint(UInt64(bitPattern: sorted[place] &- sorted[place - 1]))
    }
    writer.cut()
    writer.fill(values.count) { out in
      for (place, value) in values.enumerated() { out[place] = UInt8(truncatingIfNeeded: index(of: value, in: sorted)) }
    }
    writer.cut()
  }

  private static func index(of value: Int64, in sorted: [Int64]) -> Int {
    var low = 0
    var high = sorted.count - 1
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The earlier column whose differences have far fewer different values than the column itself.
  private static func nearest(
    _ values: [Int64], _ days: [[Int64]], _ distinct: Int
  ) -> (column: Int, rest: [Int64])? {
    var best: (column: Int, rest: [Int64])?
    var fewest = distinct * 3 / 4
    for (column, reference) in days.prefix(referencesMax).enumerated() where reference.count == values.count {
      let rest = zip(values, reference).map { $0 &- $1 }
      if let found = distinctCount(rest, below: fewest) {
        fewest = found
        best = (column, rest)
      }
    }
    return best
  }

  /// How many different values; nil when they are not fewer than `limit`.
  ///
  /// Marks in a bit map where the values lie close together, as days do, and in a hash table elsewhere.
  private static func distinctCount(_ values: [Int64], below limit: Int) -> Int? {
    let (minimum, maximum) = bounds(values)
    let spread = UInt64(bitPattern: maximum &- minimum)
    var count = 0
    if spread < 1 << 16 {
      var marks = [UInt64](repeating: 0, count: Int(spread >> 6) + 1)
      for value in values {
        let place = Int(truncatingIfNeeded: value &- minimum)
        let bit: UInt64 = 1 << UInt64(place & 63)
        if marks[place >> 6] & bit != 0 { continue }
        marks[place >> 6] |= bit
        count += 1
        if count >= limit { return nil }
      }
      return count
    }
    var table = TextTable(capacity: Int(1) << (Int.bitWidth - values.count.leadingZeroBitCount))
    for (place, value) in values.enumerated() {
      let product = (UInt64(bitPattern: value) ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
      let hash = product.high ^ product.low
      if table.find(hash, { values[Int($0)] == value }) != nil { continue }
      table.insert(hash, Int32(place))
      count += 1
      if count >= limit { return nil }
    }
    return count
  }

  private static func differences(_ values: [Int64]) -> [Int64] {
    var out = values
    for place in 1..<values.count { out[place] = values[place] &- values[place - 1] }
    return out
  }

  /// - Throws: unless exactly `count` values follow.
  static func decode(
    count: Int, days: [[Int64]] = [], from reader: inout ByteReader
  ) throws(MalformedBytes) -> [Int64] {
    if count == 0 { return [] }
    let at = reader.offset
    let mode = try reader.u8()
    switch mode {
    case plain: return try readPlanes(count, &reader)
    case stepped:
      let first = try reader.zigzag()
      var values = try readPlanes(count, &reader)
      values[0] = first
      var previous = first
      for position in 1..<count {
        previous = previous &+ values[position]
        values[position] = previous
      }
      return values
    case dictionary: return try readDictionary(count, &reader)
    default:
      let column = Int(mode - referring)
      guard column < referencesMax, column < days.count, days[column].count == count else {
        throw MalformedBytes("an earlier column of days", at: at)
      }
      var values = try readPlanes(count, &reader)
      for (position, day) in days[column].enumerated() { values[position] = values[position] &+ day }
      return values
    }
  }

  private static func readDictionary(_ count: Int, _ reader: inout ByteReader) throws(MalformedBytes) -> [Int64] {
    let at = reader.offset
    let last = Int(try reader.u8())
    var distinct = [try reader.zigzag()]
    for place in 0..<last { distinct.append(distinct[place] &+ Int64(bitPattern: try reader.varint())) }
    let start = try reader.skip(count)
    var isInside = true
    let values = reader.withBytes(from: start, count: count) { bytes in
      [Int64](unsafeUninitializedCapacity: count) { out, filled in
        for position in 0..<count {
          let index = Int(bytes[position])
          if index > last { isInside = false }
          out.initializeElement(at: position, to: distinct[Swift.min(index, last)])
        }
        filled = count
      }
    }
    guard isInside else { throw MalformedBytes("indexes into \(last + 1) integers", at: at) }
    return values
  }

  private static func bounds(_ values: [Int64]) -> (minimum: Int64, maximum: Int64) {
    var minimum = values[0]
    var maximum = values[0]
    for value in values {
      minimum = Swift.min(minimum, value)
      maximum = Swift.max(maximum, value)
    }
    return (minimum, maximum)
  }

  private static func range(_ values: [Int64]) -> (minimum: Int64, width: Int) {
    let (minimum, maximum) = bounds(values)
    let spread = UInt64(bitPattern: maximum &- minimum)
    return (minimum, (64 - spread.leadingZeroBitCount + 7) / 8)
  }

  private static func planes(
    _ values: [Int64], _ range: (minimum: Int64, width: Int), to writer: inout ColumnWriter
  ) {
    writer.zigzag(range.minimum)
    writer.u8(UInt8(range.width))
    for plane in 0..<range.width {
      let shift = UInt64(plane * 8)
      writer.cut()
      writer.fill(values.count) { out in
        for place in values.indices {
          out[place] = UInt8(truncatingIfNeeded: UInt64(bitPattern: values[place] &- range.minimum) >> shift)
        }
      }
    }
    if range.width > 0 { writer.cut() }
  }

  private static func readPlanes(_ count: Int, _ reader: inout ByteReader) throws(MalformedBytes) -> [Int64] {
    let minimum = try reader.zigzag()
    let at = reader.offset
    let width = Int(try reader.u8())
    guard width <= 8 else { throw MalformedBytes("a width of at most 8 bytes", at: at) }
    let (size, overflow) = width.multipliedReportingOverflow(by: count)
    guard !overflow, size <= reader.remaining else { throw MalformedBytes("\(width) planes", at: at) }
    var values = [Int64](repeating: minimum, count: count)
    for plane in 0..<width {
      let shift = UInt64(plane * 8)
      let start = try reader.skip(count)
      reader.withBytes(from: start, count: count) { bytes in
        values.withUnsafeMutableBufferPointer { values in
          for position in 0..<count {
            values[position] = values[position] &+ Int64(bitPattern: UInt64(bytes[position]) << shift)
          }
        }
      }
    }
    return values
  }
}
