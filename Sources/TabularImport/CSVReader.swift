import Primitives

/// Reads RFC 4180 from chunks of any size, with physical lines, in bounded memory: one chunk and ``rowBytesMax``.
///
/// What it never does: swallow a file behind one forgotten quote. Where a row's borders are in doubt (a quote that does
/// not end as it should, more than the limits, another number of cells than the header) the row's first physical line
/// is given up as one bad row, and reading goes on with the next line, even when the row seemed to span several. Rows
/// and lines do not depend on how the bytes were cut into chunks.
///
/// A row is found in two steps. Every quote switches between inside and outside, and a line feed outside ends the row;
/// that needs one pass and no look back, however the bytes come. Then the whole row is cut into cells, and there errors
/// show: in a row without errors both steps agree on where it ends.
public struct CSVReader: Sendable {
  /// Longest field; the minutes of a meeting have 20,000 characters.
  public static let fieldBytesMax = 256 << 10
  /// Longest row.
  public static let rowBytesMax = 1 << 20
  /// How much is kept of a row that is too long.
  static let keptBytesMax = 4 << 10

  /// Cells that every row must have; nil until the header was read.
  public var columns: Int?

  private var buffer: Bytes = []
  /// Offset of the buffer's first byte from the start of what was fed.
  private var base = 0
  /// Where the current row begins in the buffer, and how far it was looked at.
  private var start = 0
  private var scanned = 0
  private var isInside = false
  /// The row's first line feed, when it stands inside quotes.
  private var firstLineEnd: Int?
  private var line = 1
  private var isFinished = false
  /// Inside a line that was given up as too long: its rest is thrown away as it comes.
  private var isSkipping = false

  public init() {}

  /// Takes the next bytes of the file, of any number.
  public mutating func feed(_ chunk: Bytes) {
    if start > 0 {
      buffer.removeFirst(start)
      base += start
      scanned -= start
      firstLineEnd = firstLineEnd.map { $0 - start }
      start = 0
    }
    buffer.append(contentsOf: chunk)
  }

  /// Bytes held at the moment, for tests of the bound.
  var bufferedBytes: Int { buffer.count - start }

  /// No more bytes come: the last row may end without a line feed.
  public mutating func finish() { isFinished = true }

  /// Reads the next row; empty lines are skipped.
  ///
  /// - Returns: false when more bytes are needed or, after ``finish()``, none are left. `row` is then void.
  public mutating func next(into row: inout CSVRow) -> Bool {
    while true {
      if isSkipping {
        guard skipLine() else { return false }
        continue
      }
      guard start < buffer.count else { return false }
      row.reset(line: line, offset: base + start)
      let lineFeed = findEnd()
      if let lineFeed {
        if take(upTo: lineFeed, next: lineFeed + 1, &row) { return true }
      } else if scanned - start > CSVReader.rowBytesMax {
        giveUp(&row)
        return true
      } else if isFinished {
        if isInside {
          giveUp(&row)
          return true
        }
        if take(upTo: buffer.count, next: buffer.count, &row) { return true }
      } else {
        return false
      }
    }
  }

  /// The line feed that ends the row, or nil when it has not come or the row is too long.
  private mutating func findEnd() -> Int? {
    let limit = min(buffer.count, start + CSVReader.rowBytesMax + 1)
    var position = scanned
    var inside = isInside
    var innerLineFeed = firstLineEnd
    let found = buffer.withUnsafeBytes { bytes in
      while true {
        position = CSVBytes.quoteOrLineFeed(bytes, position, limit)
        guard position < limit else { return false }
        if bytes[position] == 0x22 {
          inside.toggle()
        } else {
          if !inside { return true }
          if innerLineFeed == nil { innerLineFeed = position }
        }
        position += 1
      }
    }
    scanned = position
    isInside = inside
    firstLineEnd = innerLineFeed
    return found ? position : nil
  }

  /// Cuts the row that ends at `end` into cells; false for an empty line.
  private mutating func take(upTo end: Int, next: Int, _ row: inout CSVRow) -> Bool {
    let contentEnd = withoutReturn(start, end)
    guard contentEnd > start else {
      advance(to: next, lines: 1)
      return false
    }
    let from = start
    let lines = firstLineEnd == nil ? 1 : buffer[start..<min(end + 1, buffer.count)].count { $0 == 0x0A }
    buffer.withUnsafeBufferPointer { bytes in
      CSVCells.cut(UnsafeBufferPointer(rebasing: bytes[from..<contentEnd]), &row)
    }
    if row.fault == nil, let columns, row.count != columns {
      row.fault = .ragged(cells: row.count, expected: columns)
    }
    guard let fault = row.fault else {
      advance(to: next, lines: lines)
      return true
    }
    if fault.isStructural {
      giveUpFirstLine(end: firstLineEnd ?? end, next: firstLineEnd.map { $0 + 1 } ?? next, fault, &row)
    } else {
      row.cells.removeAll(keepingCapacity: true)
      advance(to: next, lines: lines)
    }
    return true
  }

  /// Gives up a row that the limit or the end of the file cut off.
  private mutating func giveUp(_ row: inout CSVRow) {
    let from = start
    let to = scanned
    let isCut = to - from > CSVReader.rowBytesMax
    buffer.withUnsafeBufferPointer { bytes in
      CSVCells.cut(UnsafeBufferPointer(rebasing: bytes[from..<to]), &row)
    }
    var fault = row.fault ?? .tooLong
    if !fault.isStructural { fault = .tooLong }
    // Whether the quote of a single line would be closed behind the limit is not known.
    if fault == .openQuote, firstLineEnd == nil, isCut { fault = .tooLong }
    if let firstLineEnd {
      giveUpFirstLine(end: firstLineEnd, next: firstLineEnd + 1, fault, &row)
    } else {
      giveUpFirstLine(end: to, next: to, fault, &row)
      // Its line feed, which counts the line, is still to come.
      isSkipping = isCut
      if isCut { line -= 1 }
    }
  }

  private mutating func giveUpFirstLine(end: Int, next: Int, _ fault: RowFault, _ row: inout CSVRow) {
    let faultCell = row.faultCell
    row.reset(line: line, offset: base + start)
    row.fault = fault
    row.faultCell = faultCell
    var end = withoutReturn(start, end)
    if fault == .tooLong { end = min(end, start + CSVReader.keptBytesMax) }
    let from = start
    buffer.withUnsafeBufferPointer { row.keep(UnsafeBufferPointer(rebasing: $0[from..<end])) }
    advance(to: next, lines: 1)
  }

  private func withoutReturn(_ start: Int, _ end: Int) -> Int {
    end > start && buffer[end - 1] == 0x0D ? end - 1 : end
  }

  private mutating func advance(to position: Int, lines: Int) {
    start = position
    scanned = position
    isInside = false
    firstLineEnd = nil
    line += lines
  }

  /// Throws away the rest of a line; false when its end has not come.
  private mutating func skipLine() -> Bool {
    guard let end = buffer[start...].firstIndex(of: 0x0A) else {
      advance(to: buffer.count, lines: 0)
      return false
    }
    advance(to: end + 1, lines: 1)
    isSkipping = false
    return true
  }
}
