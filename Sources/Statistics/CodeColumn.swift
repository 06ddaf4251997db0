import Primitives

/// A column of small numbers, as narrow as what it holds: no bytes at all while every row has the same code, then one,
/// two or four a row. It widens by itself and never narrows.
struct CodeColumn {
  private enum Width {
    case none, one, two, four
  }

  private(set) var count = 0
  private var width = Width.none
  /// What every row holds while the width is none.
  private var constant: Int32 = 0
  private var ones: [UInt8] = []
  private var twos: [Int16] = []
  private var fours: [Int32] = []

  init() {}

  /// - Parameter count: so many rows that all hold `code`.
  init(repeating code: Int32, count: Int) {
    constant = code
    self.count = count
  }

  subscript(_ row: Int) -> Int32 {
    get {
      switch width {
      case .none: constant
      case .one: Int32(ones[row])
      case .two: Int32(twos[row])
      case .four: fours[row]
      }
    }
    set {
      widen(for: newValue)
      switch width {
      case .none: break
      case .one: ones[row] = UInt8(truncatingIfNeeded: newValue)
      case .two: twos[row] = Int16(truncatingIfNeeded: newValue)
      case .four: fours[row] = newValue
      }
    }
  }

  mutating func append(_ code: Int32) {
    if count == 0, width == .none { constant = code }
    widen(for: code)
    switch width {
    case .none: break
    case .one:
      CodeColumn.makeRoom(&ones)
      ones.append(UInt8(truncatingIfNeeded: code))
    case .two:
      CodeColumn.makeRoom(&twos)
      twos.append(Int16(truncatingIfNeeded: code))
    case .four:
      CodeColumn.makeRoom(&fours)
      fours.append(code)
    }
    count += 1
  }

  /// Copies the codes of `rows` to `out`.
  func unpack(_ rows: Range<Int>, to out: UnsafeMutablePointer<Int32>) {
    let count = rows.count
    switch width {
    case .none: out.update(repeating: constant, count: count)
    case .one: ones.withUnsafeBufferPointer { CodeColumn.copy($0, rows, out) }
    case .two: twos.withUnsafeBufferPointer { CodeColumn.copy($0, rows, out) }
    case .four: fours.withUnsafeBufferPointer { CodeColumn.copy($0, rows, out) }
    }
  }

  @inline(__always)
  private static func copy<Element: FixedWidthInteger>(
    _ source: UnsafeBufferPointer<Element>, _ rows: Range<Int>, _ out: UnsafeMutablePointer<Int32>
  ) {
    require(rows.upperBound <= source.count, "rows of this column")
    guard let base = source.baseAddress?.advanced(by: rows.lowerBound) else { return }
    for row in 0..<rows.count { out[row] = Int32(truncatingIfNeeded: base[row]) }
  }

  /// The column with its rows in another order, some left out.
  func picking(_ rows: [Int32]) -> CodeColumn {
    var picked = self
    picked.count = rows.count
    switch width {
    case .none: break
    case .one: picked.ones = rows.map { ones[Int($0)] }
    case .two: picked.twos = rows.map { twos[Int($0)] }
    case .four: picked.fours = rows.map { fours[Int($0)] }
    }
    return picked
  }

  /// Gives back memory that growing took in advance.
  mutating func trim() {
    CodeColumn.trim(&ones)
    CodeColumn.trim(&twos)
    CodeColumn.trim(&fours)
  }

  /// What the arrays take, with room to grow.
  var byteCount: Int {
    [(ones.capacity, 1), (twos.capacity, 2), (fours.capacity, 4)].reduce(0) { sum, part in
      sum + (part.0 == 0 ? 0 : part.0 * part.1 + 32)
    }
  }

  private mutating func widen(for code: Int32) {
    switch width {
    case .none:
      guard code != constant else { return }
      let both = CodeColumn.width(of: constant, code)
      width = both
      switch both {
      case .none: break
      case .one: ones = Array(repeating: UInt8(truncatingIfNeeded: constant), count: count)
      case .two: twos = Array(repeating: Int16(truncatingIfNeeded: constant), count: count)
      case .four: fours = Array(repeating: constant, count: count)
      }
    case .one:
      guard code < 0 || code > 0xFF else { return }
      width = CodeColumn.width(of: code, code)
      if width == .two { twos = ones.map { Int16($0) } } else { fours = ones.map { Int32($0) } }
      ones = []
    case .two:
      guard code < Int32(Int16.min) || code > Int32(Int16.max) else { return }
      width = .four
      fours = twos.map { Int32($0) }
      twos = []
    case .four: break
    }
  }

  private static func width(of first: Int32, _ second: Int32) -> Width {
    let (low, high) = (min(first, second), max(first, second))
    if low >= 0, high <= 0xFF { return .one }
    return low >= Int32(Int16.min) && high <= Int32(Int16.max) ? .two : .four
  }

  /// Grows by an eighth: a column that doubles would waste half of a city's memory.
  private static func makeRoom<Element>(_ array: inout [Element]) {
    if array.count == array.capacity { array.reserveCapacity(array.count + max(32, array.count / 8)) }
  }

  private static func trim<Element>(_ array: inout [Element]) {
    guard array.capacity > array.count + 64 else { return }
    array = array.withUnsafeBufferPointer { source in
      Array(unsafeUninitializedCapacity: source.count) { target, count in
        if let from = source.baseAddress { target.baseAddress?.initialize(from: from, count: source.count) }
        count = source.count
      }
    }
  }
}
