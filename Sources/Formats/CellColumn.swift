import Primitives

/// The cells of one item while rows are gathered: appended row by row, read by row or taken as a ``Column``.
///
/// Numbers, days, minutes and flags lie in one array, texts in one buffer; a text that comes again and again is a
/// number into a list of distinct texts that the column shares with the columns before it. Nothing is allocated a row.
public struct CellColumn: Sendable {
  public let item: ItemID
  public let kind: ColumnKind
  /// Whether texts are numbers into `texts`.
  public let hasDictionary: Bool
  /// How many rows, with a cell or without.
  public var rows: Int { cells.count }

  /// Cell number by row, -1 where the row has none.
  private(set) var cells: [Int32] = []
  private(set) var numbers: [Int64] = []
  private(set) var texts = TextColumn.Decoded()
  private var count: Int32 = 0

  /// An empty column of numbers, days, minutes, flags or texts.
  public init(_ item: ItemID, _ kind: ColumnKind, hasDictionary: Bool = false) {
    self.item = item
    self.kind = kind
    self.hasDictionary = hasDictionary
  }

  // MARK: Gathering

  /// Prepares for `rows` rows.
  public mutating func reserve(_ rows: Int) {
    cells.reserveCapacity(rows)
    if kind != .text {
      numbers.reserveCapacity(rows)
    } else if hasDictionary {
      texts.indexes.reserveCapacity(rows)
    } else {
      texts.reserve(rows, bytesEach: 16)
    }
  }

  /// A row without a cell.
  @inline(__always)
  public mutating func appendNothing() { cells.append(-1) }

  /// A number, a day, a minute, or a flag as 0 or 1.
  @inline(__always)
  public mutating func append(number: Int64) {
    numbers.append(number)
    endCell()
  }

  /// The text with this number in the list that ``use(_:)`` will give.
  @inline(__always)
  public mutating func append(textNumbered number: Int32) {
    texts.indexes.append(number)
    endCell()
  }

  /// A text: UTF-8 in NFC.
  @inline(__always)
  public mutating func append(text: UnsafeBufferPointer<UInt8>) {
    texts.blob.append(contentsOf: text)
    texts.endText()
    endCell()
  }

  @inline(__always)
  private mutating func endCell() {
    cells.append(count)
    count += 1
  }

  /// Takes the last rows away until `rows` are left.
  public mutating func removeRows(downTo rows: Int) {
    while cells.count > rows {
      guard cells.removeLast() >= 0 else { continue }
      count -= 1
      if kind != .text {
        numbers.removeLast()
      } else if hasDictionary {
        texts.indexes.removeLast()
      } else {
        texts.places.removeLast()
        texts.blob.removeLast(texts.blob.count - Int(texts.places[texts.places.count - 1]))
      }
    }
  }

  /// An empty column of the same item, with room for `rows` rows.
  public func emptied(for rows: Int) -> CellColumn {
    var column = CellColumn(item, kind, hasDictionary: hasDictionary)
    column.reserve(rows)
    return column
  }

  /// Settles what the numbers of texts mean. Call it before anything is read.
  public mutating func use(_ dictionary: TextDictionary) {
    texts.blob = dictionary.texts.blob
    texts.places = dictionary.texts.places
    texts.isDistinct = true
  }

  // MARK: Reading

  /// Whether `row` has a cell.
  public func hasCell(_ row: Int) -> Bool { cells[row] >= 0 }

  /// The number, day, minute or flag in `row`; nil when it has none, or the column is one of texts.
  public func number(_ row: Int) -> Int64? { kind == .text || cells[row] < 0 ? nil : numbers[Int(cells[row])] }

  /// The number of the text in `row`, -1 when it has none.
  ///
  /// - Requires: a column with a dictionary.
  public func textNumber(_ row: Int) -> Int32 { cells[row] < 0 ? -1 : texts.indexes[Int(cells[row])] }

  /// The cell as a value; null when the row has none.
  public func value(_ row: Int) -> Value {
    guard cells[row] >= 0 else { return .null }
    let cell = Int(cells[row])
    switch kind {
    case .int: return .int(numbers[cell])
    case .decimal: return .decimal(numbers[cell])
    case .date: return .date(CivilDate(days: Int32(clamping: numbers[cell])))
    case .minute: return .minute(CivilMinute(minutes: numbers[cell]))
    case .bool: return .bool(numbers[cell] != 0)
    case .text: return .text(Text(String(decoding: texts.blob[texts.range(cell)], as: UTF8.self)))
    case .null, .reference, .references: return .null
    }
  }

  /// Whether the row's cell is this stored one; a row without a cell has none.
  public func holds(_ row: Int, _ stored: StoredCell) -> Bool {
    guard cells[row] >= 0 else { return false }
    let cell = Int(cells[row])
    let content = stored.content
    switch (stored.kind, self.kind) {
    case (.true, .bool): return numbers[cell] != 0
    case (.false, .bool): return numbers[cell] == 0
    case (.int, .int), (.decimal, .decimal), (.date, .date), (.minute, .minute):
      let number = numbers[cell]
      return varint(content)?.value == UInt64(bitPattern: number << 1 ^ number >> 63)
    case (.text, .text):
      let range = texts.range(cell)
      guard let (count, start) = varint(content), count == UInt64(range.count), content.count - start == range.count
      else { return false }
      return texts.blob[range].elementsEqual(content[start...])
    default: return false
    }
  }

  /// LEB128 at the start, and where it ends.
  @inline(__always)
  private func varint(_ bytes: UnsafeRawBufferPointer) -> (value: UInt64, end: Int)? {
    var value: UInt64 = 0
    for (place, byte) in bytes.prefix(10).enumerated() {
      value |= UInt64(byte & 0x7F) << UInt64(7 * place)
      if byte < 0x80 { return (value, place + 1) }
    }
    return nil
  }

  /// Lends the text in `row`; nil when the row has none.
  ///
  /// - Requires: a column of texts.
  public func withText<Result>(_ row: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result? {
    guard cells[row] >= 0 else { return nil }
    let range = texts.range(Int(cells[row]))
    return texts.blob.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  /// Whether two rows have the same text, or none.
  ///
  /// - Requires: a column of texts.
  public func isEqual(_ row: Int, _ other: Int) -> Bool {
    guard cells[row] >= 0, cells[other] >= 0 else { return cells[row] == cells[other] }
    let (left, right) = (texts.range(Int(cells[row])), texts.range(Int(cells[other])))
    return left == right || left.count == right.count && texts.blob[left].elementsEqual(texts.blob[right])
  }

  /// Appends the cell of `row` as ``IndexKey/append(_:to:)`` appends its value.
  public func appendIndexKey(_ row: Int, to writer: inout ByteWriter) {
    guard kind == .text, cells[row] >= 0 else { return IndexKey.append(value(row), to: &writer) }
    let range = texts.range(Int(cells[row]))
    writer.u8(5)
    texts.blob.withUnsafeBufferPointer { IndexKey.append(UnsafeBufferPointer(rebasing: $0[range]), to: &writer) }
    writer.u8(0)
  }

  /// The cells of `rows` in their order, or of all when nil, as a column of a group; nil when none of them has a cell.
  public func column(_ section: Section, _ rows: [Int32]?) -> Column? {
    guard let rows else {
      return count == 0
        ? nil : Column(section: section, item: item, kind: kind, cells: isFull ? [] : cells, storage: storage)
    }
    var places: [Int32] = []
    var picked: [Int32] = []
    places.reserveCapacity(rows.count)
    picked.reserveCapacity(rows.count)
    for row in rows {
      let cell = cells[Int(row)]
      places.append(cell < 0 ? -1 : Int32(picked.count))
      if cell >= 0 { picked.append(cell) }
    }
    if picked.isEmpty { return nil }
    if picked.count == rows.count { places = [] }
    return Column(section: section, item: item, kind: kind, cells: places, storage: storage(of: picked))
  }

  private var isFull: Bool { Int(count) == cells.count }

  private var storage: Column.Storage {
    switch kind {
    case .text: .texts(texts)
    case .bool: .bools(numbers)
    default: .integers(numbers)
    }
  }

  private func storage(of picked: [Int32]) -> Column.Storage {
    switch kind {
    case .text: .texts(texts.picked(picked))
    case .bool: .bools(picked.map { numbers[Int($0)] })
    default: .integers(picked.map { numbers[Int($0)] })
    }
  }
}
