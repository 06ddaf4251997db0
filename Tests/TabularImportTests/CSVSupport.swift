import Primitives

@testable import TabularImport

/// A row as tests compare it.
struct ReadRow: Equatable, CustomStringConvertible {
  let line: Int
  let cells: [String]
  let fault: RowFault?
  let raw: String
  var description: String { "\(line) \(cells) \(fault.map { "\($0)" } ?? "") <\(raw.prefix(60))>" }
}

/// Reads all rows of `bytes`, fed in chunks of `size`.
func read(_ bytes: Bytes, chunk size: Int = .max, columns: Int? = nil) -> [ReadRow] {
  var reader = CSVReader()
  reader.columns = columns
  var row = CSVRow()
  var rows: [ReadRow] = []
  func drain() {
    while reader.next(into: &row) {
      rows.append(
        ReadRow(
          line: row.line, cells: (0..<row.count).map { row.string($0) }, fault: row.fault,
          raw: String(decoding: row.raw, as: UTF8.self)))
    }
  }
  var position = 0
  while position < bytes.count {
    let end = size < bytes.count - position ? position + size : bytes.count
    reader.feed(Bytes(bytes[position..<end]))
    drain()
    position = end
  }
  reader.finish()
  drain()
  return rows
}

func read(_ text: String, chunk size: Int = .max, columns: Int? = nil) -> [ReadRow] {
  read(Bytes(text.utf8), chunk: size, columns: columns)
}
