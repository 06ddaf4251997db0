import Primitives

/// Why a row could not be read as cells.
public enum RowFault: Hashable, Sendable {
  /// How many cells it has; the header has another number.
  case ragged(cells: Int, expected: Int)
  /// A quote is not closed before the row's end, the file's end, or the row's limit; or it is closed lines later by a
  /// quote that was meant to open another field.
  case openQuote
  /// Text follows a closing quote, or a quote stands inside an unquoted field.
  case strayQuote
  /// A field or row larger than ``CSVReader/fieldBytesMax`` or ``CSVReader/rowBytesMax``.
  case tooLong
  /// Bytes that are no UTF-8.
  case notUTF8
  /// A control character, NUL for instance; a carriage return counts when no line feed follows and no quotes stand
  /// around.
  case control(UInt8)

  /// Whether the row's borders are in doubt: then its first physical line alone is given up.
  var isStructural: Bool {
    switch self {
    case .ragged, .openQuote, .strayQuote, .tooLong: true
    case .notUTF8, .control: false
    }
  }
}

/// One row of a file. Meant to be used again for the next row: ``CSVReader/next(into:)`` keeps its memory.
public struct CSVRow: Sendable {
  /// Physical line on which it begins; the first line of the file is 1.
  public internal(set) var line = 0
  /// Where it begins, in bytes from the start of what was fed.
  public internal(set) var offset = 0
  /// Nil for a good row; a bad one has no cells.
  public internal(set) var fault: RowFault?
  /// Position of the cell at fault, from 0; nil where the row as a whole is.
  public internal(set) var faultCell: Int?

  /// The row as it came, then the cells whose doubled quotes had to be made single.
  var bytes: Bytes = []
  var rawCount = 0
  /// Each cell as a range of ``bytes``.
  var cells: [(from: Int, to: Int)] = []

  public init() {}

  /// How many cells.
  public var count: Int { cells.count }

  /// A cell without its quotes, valid UTF-8.
  ///
  /// - Requires: `index` is below ``count``.
  public func cell(_ index: Int) -> ArraySlice<UInt8> { bytes[cells[index].from..<cells[index].to] }

  /// ``cell(_:)`` as text.
  public func string(_ index: Int) -> String { String(decoding: cell(index), as: UTF8.self) }

  /// The row's bytes as they came, without line end; of a bad row the lines that were given up, of one that is too long
  /// the first 4 KiB.
  public var raw: ArraySlice<UInt8> { bytes[0..<rawCount] }

  mutating func reset(line: Int, offset: Int) {
    self.line = line
    self.offset = offset
    fault = nil
    faultCell = nil
    bytes.removeAll(keepingCapacity: true)
    rawCount = 0
    cells.removeAll(keepingCapacity: true)
  }

  mutating func keep(_ region: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: region)
    rawCount = region.count
  }
}
