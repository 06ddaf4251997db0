import Primitives

/// Integers of one column, as byte planes above a minimum: the high planes of real columns are constant and cost zstd
/// nothing.
///
///     mode u8 (0 value, 1 difference to the one before) · minimum zigzag · width u8 (0…8) · width planes of count
///     bytes
enum IntegerColumn {
  static func encode(_ values: [Int64], to writer: inout ByteWriter) {
    guard let first = values.first else { return }
    let plain = range(values)
    var differences = values
    var previous: Int64 = 0
    for (position, value) in values.enumerated() {
      differences[position] = value &- previous
      previous = value
    }
    // The first difference is the first value itself: it would set the width of all, so it is stored as the minimum's
    // kin.
    differences[0] = values.count > 1 ? differences[1] : 0
    let stepped = range(differences)
    if values.count > 2, stepped.width < plain.width {
      writer.u8(1)
      writer.zigzag(first)
      planes(differences, stepped, to: &writer)
    } else {
      writer.u8(0)
      planes(values, plain, to: &writer)
    }
  }

  /// - Throws: unless exactly `count` values follow.
  static func decode(count: Int, from reader: inout ByteReader) throws(MalformedBytes) -> [Int64] {
    if count == 0 { return [] }
    let at = reader.offset
    let mode = try reader.u8()
    switch mode {
    case 0: return try readPlanes(count, &reader)
    case 1:
      let first = try reader.zigzag()
      var values = try readPlanes(count, &reader)
      values[0] = first
      var previous = first
      for position in 1..<count {
        previous = previous &+ values[position]
        values[position] = previous
      }
      return values
    default: throw MalformedBytes("a mode of integers", at: at)
    }
  }

  private static func range(_ values: [Int64]) -> (minimum: Int64, width: Int) {
    var minimum = values[0]
    var maximum = values[0]
    for value in values {
      minimum = Swift.min(minimum, value)
      maximum = Swift.max(maximum, value)
    }
    let spread = UInt64(bitPattern: maximum &- minimum)
    return (minimum, (64 - spread.leadingZeroBitCount + 7) / 8)
  }

  private static func planes(_ values: [Int64], _ range: (minimum: Int64, width: Int), to writer: inout ByteWriter) {
    writer.zigzag(range.minimum)
    writer.u8(UInt8(range.width))
    for plane in 0..<range.width {
      let shift = UInt64(plane * 8)
      for value in values {
        writer.u8(UInt8(truncatingIfNeeded: UInt64(bitPattern: value &- range.minimum) >> shift))
      }
    }
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
        for position in 0..<count {
          values[position] = values[position] &+ Int64(bitPattern: UInt64(bytes[position]) << shift)
        }
      }
    }
    return values
  }
}
