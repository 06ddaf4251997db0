import Primitives

/// Why a row could not be read as cells.
public enum RowFault: Hashable, Sendable {
  /// How many cells it has; the header has another number.
  case ragged(cells: Int, expected: Int)
  /// A quoted field is not closed before the end, or before the row's bytes are too many to be meant.
  case openQuote
  /// Text follows a closing quote, or a quote stands inside an unquoted field.
  case strayQuote
  /// A field or row larger than the limits.
  case tooLong
  /// Bytes that are no UTF-8.
  case notUTF8
  /// A control character, NUL for instance.
  case control(UInt8)
}

/// One row of the file.
public struct CSVRow: Sendable {
  /// Physical line on which it begins; the first line of the file is 1.
  public let line: Int
  public let cells: [String]
  /// nil for a good row; a bad one has no cells but the raw text of its first line.
  public let fault: RowFault?
  /// The row's bytes as they came, without line end; for bad rows its first physical line, cut at 4 KiB.
  public let raw: Bytes
}

/// Reads RFC 4180 from chunks of any size, with physical lines, in bounded memory.
///
/// Recovery: a row that is faulty costs one physical line. When a quoted field does not end as it should, or a row that
/// spans several lines has the wrong number of cells, reading falls back to the row's first line, reports that line
/// alone, and goes on with the next: one forgotten quote never swallows the file.
public struct CSVReader {
  /// Longest field; a meeting's minutes have 20,000 characters.
  public static let fieldBytesMax = 256 << 10
  /// Longest row.
  public static let rowBytesMax = 1 << 20
  private static let rawBytesMax = 4096

  /// Cells that every row must have; nil until the header was read.
  public var columns: Int?
  private var buffer: Bytes = []
  private var start = 0
  private var line = 1
  private var isFinished = false
  /// Inside a line that was given up as too long: its rest is thrown away.
  private var isSkipping = false

  public init() {}

  public mutating func feed(_ chunk: Bytes) {
    if start > 0 {
      buffer.removeFirst(start)
      start = 0
    }
    buffer.append(contentsOf: chunk)
  }

  /// No more bytes come.
  public mutating func finish() { isFinished = true }

  /// The next row, or nil when more bytes are needed (or, after ``finish()``, none are left).
  public mutating func next() -> CSVRow? {
    while true {
      if isSkipping {
        guard skipLine() else { return nil }
        continue
      }
      guard start < buffer.count else { return nil }
      // An empty line is no row.
      if buffer[start] == 0x0A {
        start += 1
        line += 1
        continue
      }
      if buffer[start] == 0x0D, start + 1 < buffer.count, buffer[start + 1] == 0x0A {
        start += 2
        line += 1
        continue
      }
      switch parse() {
      case .row(let row): return row
      case .needsMore: return nil
      }
    }
  }

  private enum Step {
    case row(CSVRow)
    case needsMore
  }

  private mutating func parse() -> Step {
    var cells: [String] = []
    cells.reserveCapacity(columns ?? 16)
    var position = start
    var lines = 0
    let end = buffer.count
    while true {
      let cell: String
      if position < end, buffer[position] == 0x22 {
        var text: Bytes = []
        position += 1
        var segment = position
        while true {
          guard position < end else {
            if isFinished || position - start > CSVReader.rowBytesMax { return fail(.openQuote) }
            return .needsMore
          }
          let byte = buffer[position]
          if byte == 0x22 {
            guard position + 1 < end || isFinished else { return .needsMore }
            if position + 1 < end, buffer[position + 1] == 0x22 {
              text.append(contentsOf: buffer[segment...position])
              position += 2
              segment = position
              continue
            }
            text.append(contentsOf: buffer[segment..<position])
            position += 1
            break
          }
          if byte == 0x0A { lines += 1 }
          if position - segment + text.count > CSVReader.fieldBytesMax {
            return fail(lines > 0 ? .openQuote : .tooLong)
          }
          position += 1
        }
        if let fault = CSVReader.fault(text[...]) { return fail(fault) }
        guard let valid = String(validating: text, as: UTF8.self) else { return fail(.notUTF8) }
        cell = valid
        if position < end, buffer[position] != 0x2C, buffer[position] != 0x0A, buffer[position] != 0x0D {
          return fail(.strayQuote)
        }
      } else {
        let from = position
        var quoteSeen = false
        while position < end, buffer[position] != 0x2C, buffer[position] != 0x0A, buffer[position] != 0x0D {
          if buffer[position] == 0x22 { quoteSeen = true }
          position += 1
        }
        if position - from > CSVReader.fieldBytesMax { return fail(.tooLong) }
        guard position < end || isFinished else { return .needsMore }
        if quoteSeen { return fail(.strayQuote) }
        if let fault = CSVReader.fault(buffer[from..<position]) { return fail(fault) }
        guard let valid = String(validating: buffer[from..<position], as: UTF8.self) else { return fail(.notUTF8) }
        cell = valid
      }
      cells.append(cell)
      if position < end, buffer[position] == 0x2C {
        position += 1
        if position - start > CSVReader.rowBytesMax { return fail(.tooLong) }
        continue
      }
      // The row's end: LF, CRLF, CR at the very end, or the end of the file.
      var after = position
      if after < end, buffer[after] == 0x0D {
        guard after + 1 < end || isFinished else { return .needsMore }
        after += 1
        if after < end, buffer[after] != 0x0A { return fail(.control(0x0D)) }
      }
      if after < end { after += 1 }
      if let columns, cells.count != columns { return fail(.ragged(cells: cells.count, expected: columns)) }
      let row = CSVRow(line: line, cells: cells, fault: nil, raw: Bytes(buffer[start..<position]))
      line += lines + 1
      start = after
      return .row(row)
    }
  }

  /// Gives up the row's first physical line.
  private mutating func fail(_ fault: RowFault) -> Step {
    let rest = buffer[start...]
    let lineEnd = rest.firstIndex(of: 0x0A)
    // The line's end may still be on its way; what is longer than any row is thrown away as it comes.
    if lineEnd == nil, !isFinished, rest.count <= CSVReader.rowBytesMax { return .needsMore }
    let end = lineEnd ?? buffer.count
    var raw = Bytes(buffer[start..<min(end, start + CSVReader.rawBytesMax)])
    if raw.last == 0x0D { raw.removeLast() }
    let row = CSVRow(line: line, cells: [], fault: fault, raw: raw)
    if let lineEnd {
      start = lineEnd + 1
      line += 1
    } else {
      start = buffer.count
      isSkipping = !isFinished
    }
    return .row(row)
  }

  /// Throws away the rest of a line; false when its end has not come.
  private mutating func skipLine() -> Bool {
    guard let end = buffer[start...].firstIndex(of: 0x0A) else {
      start = buffer.count
      return false
    }
    start = end + 1
    line += 1
    isSkipping = false
    return true
  }

  private static func fault(_ bytes: ArraySlice<UInt8>) -> RowFault? {
    for byte in bytes where byte < 0x20 && byte != 0x09 && byte != 0x0A && byte != 0x0D { return .control(byte) }
    return nil
  }
}
