import Primitives

/// Writes what ``CSVReader`` reads.
public enum CSVText {
  /// Appends a cell, in quotes when it holds a comma, a quote or a line end.
  public static func append(_ cell: some Collection<UInt8>, to text: inout Bytes) {
    guard cell.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else {
      text.append(contentsOf: cell)
      return
    }
    text.append(0x22)
    for byte in cell {
      if byte == 0x22 { text.append(0x22) }
      text.append(byte)
    }
    text.append(0x22)
  }

  /// Appends a row of cells with CRLF, the line end of RFC 4180. A row whose only cell is empty is written `""`, which
  /// is not an empty line.
  public static func append(row cells: [String], to text: inout Bytes) {
    if cells.count == 1 && cells[0].isEmpty { text += [0x22, 0x22] }
    for (index, cell) in cells.enumerated() {
      if index > 0 { text.append(0x2C) }
      append(cell.utf8, to: &text)
    }
    text += [0x0D, 0x0A]
  }

  /// The cells of a row as well as they can be told: like the reader for a good row, and for one with misplaced quotes
  /// cut at every comma and without the quotes. For showing a bad row to the clerk, never for taking it.
  static func lenientCells(_ raw: Bytes) -> [String] {
    var reader = CSVReader()
    reader.feed(raw)
    reader.finish()
    var row = CSVRow()
    if reader.next(into: &row), row.fault == nil, row.rawCount == raw.count {
      return (0..<row.count).map { row.string($0) }
    }
    let cells = raw.split(separator: 0x2C, omittingEmptySubsequences: false)
    return cells.map { cell in String(decoding: cell.filter { $0 != 0x22 }, as: UTF8.self) }
  }
}
