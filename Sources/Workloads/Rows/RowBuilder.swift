import Primitives

/// How a node's clerk writes dates; all three are unambiguous.
public enum DateStyle: Hashable, Sendable {
  /// `2005-09-01`
  case dashes
  /// `2005.9.1`
  case dots
  /// `2005/09/01`
  case slashes
}

/// One row of a CSV file in the making: UTF-8 cells, quoted as RFC 4180 asks, without the line end.
public struct RowBuilder: Sendable {
  /// The row so far, commas included.
  public private(set) var bytes: Bytes = []
  /// Where each cell ends in ``bytes``.
  private var ends: [Int] = []
  let dateStyle: DateStyle

  init(dateStyle: DateStyle) {
    self.dateStyle = dateStyle
    bytes.reserveCapacity(1024)
    ends.reserveCapacity(48)
  }

  /// How many cells the row has so far.
  public var cellCount: Int { ends.count }

  /// The bytes of a cell as they stand in the file, quotes included.
  public func cell(_ index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }

  private func range(_ index: Int) -> Range<Int> { (index == 0 ? 0 : ends[index - 1] + 1)..<ends[index] }

  mutating func reset() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  private mutating func open() { if !ends.isEmpty { bytes.append(UInt8(ascii: ",")) } }
  private mutating func close() { ends.append(bytes.count) }

  mutating func empty() {
    open()
    close()
  }

  /// A text of our own that needs no quotes; nil leaves the cell empty.
  mutating func plain(_ text: String?) {
    open()
    if let text { bytes.append(contentsOf: text.utf8) }
    close()
  }

  /// One cell out of several texts that need no quotes.
  mutating func joined(_ parts: String...) {
    open()
    for part in parts { bytes.append(contentsOf: part.utf8) }
    close()
  }

  /// Any text, quoted when it holds a comma, a quote or a line break.
  mutating func text(_ text: String) {
    open()
    let needsQuotes = text.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
    if needsQuotes {
      bytes.append(0x22)
      for byte in text.utf8 {
        if byte == 0x22 { bytes.append(0x22) }
        bytes.append(byte)
      }
      bytes.append(0x22)
    } else {
      bytes.append(contentsOf: text.utf8)
    }
    close()
  }

  mutating func number(_ number: Int?) {
    open()
    if let number { appendDigits(number, width: 1) }
    close()
  }

  /// A code of at least `width` digits.
  mutating func code(_ number: Int?, width: Int = 1) {
    open()
    if let number { appendDigits(number, width: width) }
    close()
  }

  /// An amount in hundredths.
  mutating func hundredths(_ amount: Int?) {
    open()
    if let amount {
      appendDigits(amount / 100, width: 1)
      bytes.append(UInt8(ascii: "."))
      appendDigits(amount % 100, width: 2)
    }
    close()
  }

  mutating func flag(_ flag: Bool?) {
    open()
    if let flag { bytes.append(contentsOf: (flag ? "是" : "否").utf8) }
    close()
  }

  mutating func date(_ date: CivilDate?) {
    open()
    if let date { append(date, dateStyle) }
    close()
  }

  /// Minutes are written `2005-09-01 14:30` in every style.
  mutating func minute(_ minute: CivilMinute) {
    open()
    append(minute.date, .dashes)
    bytes.append(0x20)
    appendDigits(minute.minuteOfDay / 60, width: 2)
    bytes.append(UInt8(ascii: ":"))
    appendDigits(minute.minuteOfDay % 60, width: 2)
    close()
  }

  private mutating func append(_ date: CivilDate, _ style: DateStyle) {
    let (year, month, day) = date.components
    let mark: UInt8 =
      switch style {
      case .dashes: UInt8(ascii: "-")
      case .dots: UInt8(ascii: ".")
      case .slashes: UInt8(ascii: "/")
      }
    appendDigits(year, width: 4)
    bytes.append(mark)
    appendDigits(month, width: style == .dots ? 1 : 2)
    bytes.append(mark)
    appendDigits(day, width: style == .dots ? 1 : 2)
  }

  private mutating func appendDigits(_ number: Int, width: Int) {
    if number < 0 {
      bytes.append(UInt8(ascii: "-"))
      return appendDigits(-number, width: width)
    }
    var divisor = 1
    var digits = 1
    while number / divisor >= 10 || digits < width {
      divisor *= 10
      digits += 1
    }
    while divisor > 0 {
      bytes.append(0x30 + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  // Ways to spoil a row.

  mutating func replace(_ index: Int, with text: String) {
    let old = range(index)
    bytes.replaceSubrange(old, with: text.utf8)
    let shift = text.utf8.count - old.count
    for position in index..<ends.count { ends[position] += shift }
  }

  /// Opens a quote before the cell that nothing closes.
  mutating func openQuote(_ index: Int) {
    bytes.insert(0x22, at: range(index).lowerBound)
    for position in index..<ends.count { ends[position] += 1 }
  }

  mutating func dropLast(_ count: Int) {
    ends.removeLast(count)
    bytes.removeLast(bytes.count - (ends.last ?? 0))
  }
}
