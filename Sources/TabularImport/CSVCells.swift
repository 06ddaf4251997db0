import Primitives

/// Cuts one whole row into cells.
enum CSVCells {
  private static let quote: UInt8 = 0x22
  private static let comma: UInt8 = 0x2C

  /// Fills the row's cells, or its fault. Faults of the row's structure go before faults of its content.
  static func cut(_ region: UnsafeBufferPointer<UInt8>, _ row: inout CSVRow) {
    row.keep(region)
    var cutter = Cutter(bytes: region)
    while true {
      let isQuoted = cutter.position < region.count && region[cutter.position] == quote
      if let fault = isQuoted ? cutter.quoted(&row) : cutter.plain(&row) {
        return fail(fault, row.cells.count, &row)
      }
      let cell = row.cells[row.cells.count - 1]
      if cell.to - cell.from > CSVReader.fieldBytesMax { return fail(.tooLong, row.cells.count - 1, &row) }
      if cutter.position >= region.count { break }
      cutter.position += 1
    }
    if let (byte, index) = cutter.control { return fail(.control(byte), index, &row) }
    // All bytes below 0x80 are ASCII and need no second look.
    if cutter.seen >= 0x80, !isUTF8(region) {
      let index = row.cells.indices.first { String(validating: row.cell($0), as: UTF8.self) == nil }
      fail(.notUTF8, index, &row)
    }
  }

  private static func isUTF8(_ region: UnsafeBufferPointer<UInt8>) -> Bool {
    (try? UTF8Span(validating: region.span)) != nil
  }

  private static func fail(_ fault: RowFault, _ index: Int?, _ row: inout CSVRow) {
    row.fault = fault
    row.faultCell = index
  }

  private struct Cutter {
    let bytes: UnsafeBufferPointer<UInt8>
    var position = 0
    /// All bytes of cells so far, one over the other.
    var seen: UInt8 = 0
    /// The first control character and its cell.
    var control: (byte: UInt8, cell: Int)?

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// Reads up to the next comma or the end.
    mutating func plain(_ row: inout CSVRow) -> RowFault? {
      let from = position
      var all = seen
      var next = CSVBytes.skipPlain(UnsafeRawBufferPointer(bytes), position, &all)
      while next < bytes.count {
        let byte = bytes[next]
        if byte == CSVCells.comma { break }
        if byte == CSVCells.quote { return .strayQuote }
        if (byte < 0x20 && byte != 0x09 || byte == 0x7F) && control == nil { control = (byte, row.cells.count) }
        all |= byte
        next += 1
      }
      seen = all
      position = next
      row.cells.append((from, next))
      return nil
    }

    /// Reads a quoted field up to the comma behind it or the end.
    mutating func quoted(_ row: inout CSVRow) -> RowFault? {
      let from = position + 1
      var next = from
      var doubled = 0
      var spansLines = false
      while true {
        guard next < bytes.count else { return .openQuote }
        let byte = bytes[next]
        if byte == CSVCells.quote {
          guard next + 1 < bytes.count, bytes[next + 1] == CSVCells.quote else { break }
          doubled += 1
          next += 2
          continue
        }
        if byte == 0x0A {
          spansLines = true
        } else if (byte < 0x20 && byte != 0x09 && byte != 0x0D || byte == 0x7F) && control == nil {
          control = (byte, row.cells.count)
        }
        seen |= byte
        next += 1
      }
      position = next + 1
      if position < bytes.count, bytes[position] != CSVCells.comma { return spansLines ? .openQuote : .strayQuote }
      if doubled == 0 {
        row.cells.append((from, next))
      } else {
        unescape(from, next, &row)
      }
      return nil
    }

    private func unescape(_ from: Int, _ to: Int, _ row: inout CSVRow) {
      let start = row.bytes.count
      var position = from
      while position < to {
        row.bytes.append(bytes[position])
        position += bytes[position] == CSVCells.quote ? 2 : 1
      }
      row.cells.append((start, row.bytes.count))
    }
  }
}
