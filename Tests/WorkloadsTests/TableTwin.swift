import Foundation
import Testing
import Workloads

/// A dumb reader of the data set's CSV files, written from the documented rules and nothing else.
struct TableTwin {
  struct Row {
    /// Physical line on which the row starts, from 1.
    let line: Int
    /// Nil for a row whose quotes or column count are wrong.
    let cells: [String]?
  }

  let header: [String]
  let rows: [Row]
  let dates: DateStyle

  init(path: String, style: FileStyle) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let encoding = style.encoding == .gb18030 ? String.Encoding(rawValue: 0x8000_0632) : .utf8
    var text = try #require(String(data: data, encoding: encoding), "\(path) is not in the encoding of its node")
    if style.encoding == .utf8WithMark {
      #expect(data.starts(with: [0xEF, 0xBB, 0xBF]), "\(path) lacks its mark")
      if text.unicodeScalars.first == "\u{FEFF}" { text.unicodeScalars.removeFirst() }
    }
    let lineEnd = style.endsInCarriageReturn ? [0x0D, 0x0A] as [UInt8] : [0x0A]
    var scanner = RowScanner(bytes: [UInt8](text.utf8), lineEnd: lineEnd)
    let first = try #require(scanner.next(columns: nil)?.cells)
    var rows: [Row] = []
    while let row = scanner.next(columns: first.count) { rows.append(row) }
    header = first
    self.rows = rows
    dates = style.dates
  }
}

/// RFC 4180, and: a quoting error or a wrong column count in a row of several physical lines makes its first line one
/// bad row.
private struct RowScanner {
  let bytes: [UInt8]
  let lineEnd: [UInt8]
  var offset = 0
  var line = 1

  init(bytes: [UInt8], lineEnd: [UInt8]) {
    self.bytes = bytes
    self.lineEnd = lineEnd
  }

  mutating func next(columns: Int?) -> TableTwin.Row? {
    guard offset < bytes.count else { return nil }
    let start = line
    if let (cells, end) = scan(), columns == nil || cells.count == columns {
      line += bytes[offset..<end].count { $0 == 0x0A }
      offset = end
      return TableTwin.Row(line: start, cells: cells)
    }
    while offset < bytes.count, bytes[offset] != 0x0A { offset += 1 }
    offset += 1
    line += 1
    return TableTwin.Row(line: start, cells: nil)
  }

  private func scan() -> (cells: [String], end: Int)? {
    var cells: [String] = []
    var position = offset
    while true {
      var cell: [UInt8] = []
      if position < bytes.count, bytes[position] == 0x22 {
        position += 1
        while true {
          guard position < bytes.count else { return nil }
          if bytes[position] != 0x22 {
            cell.append(bytes[position])
          } else if position + 1 < bytes.count, bytes[position + 1] == 0x22 {
            cell.append(0x22)
            position += 1
          } else {
            break
          }
          position += 1
        }
        position += 1
      } else {
        while position < bytes.count, bytes[position] != 0x2C, !endsLine(position) {
          if bytes[position] == 0x22 { return nil }
          cell.append(bytes[position])
          position += 1
        }
      }
      cells.append(String(decoding: cell, as: UTF8.self))
      if position == bytes.count { return (cells, position) }
      if endsLine(position) { return (cells, position + lineEnd.count) }
      guard bytes[position] == 0x2C else { return nil }
      position += 1
    }
  }

  private func endsLine(_ position: Int) -> Bool {
    bytes[position] == lineEnd[0] && bytes[position...].prefix(lineEnd.count).elementsEqual(lineEnd)
  }
}
