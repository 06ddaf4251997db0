import Primitives

/// What the cells of one column meant lately: codes, dates, flags and references repeat from row to row, and are then
/// neither decoded nor looked up again.
///
/// Only cells of at most ``bytesMax`` bytes that were read without fault or repair; a few KB a column.
struct CellMemo {
  /// A short cell as it came: its bytes and their count, so two keys are equal when the cells are.
  struct Key: Equatable {
    let low: UInt64
    let high: UInt64
  }

  static let bytesMax = 15
  static let emptyCell = Key(low: 0, high: 0)
  private static let slotBits: UInt64 = 6

  private var slots: [(key: Key, outcome: CellMapper.Outcome)]

  init() {
    slots = Array(repeating: (CellMemo.emptyCell, .value(.null)), count: 1 << CellMemo.slotBits)
  }

  /// Remembers nothing.
  static let none = CellMemo(slots: [])

  private init(slots: [(key: Key, outcome: CellMapper.Outcome)]) { self.slots = slots }

  func outcome(_ key: Key) -> CellMapper.Outcome? {
    guard !slots.isEmpty else { return nil }
    let place = CellMemo.slot(key)
    return slots[place].key == key ? slots[place].outcome : nil
  }

  mutating func remember(_ key: Key, _ outcome: CellMapper.Outcome) {
    if !slots.isEmpty { slots[CellMemo.slot(key)] = (key, outcome) }
  }

  private static func slot(_ key: Key) -> Int {
    Int(truncatingIfNeeded: ((key.low ^ key.high &* 31) &* 0x9E37_79B9_7F4A_7C15) >> (64 - slotBits))
  }
}

extension CellMapper.Kind {
  /// Whether cells of the kind are worth remembering.
  var repeats: Bool {
    switch self {
    case .code, .date, .minute, .flag, .reference, .references: true
    case .text, .identifier, .number: false
    }
  }
}

extension CSVRow {
  /// The cell's bytes as a key, or nil when they are too many.
  func shortCell(_ index: Int) -> CellMemo.Key? {
    let (from, to) = cells[index]
    let count = to - from
    guard count <= CellMemo.bytesMax else { return nil }
    return bytes.withUnsafeBufferPointer { bytes in
      var words: (UInt64, UInt64) = (0, 0)
      var at = from
      while at < to && at - from < 8 {
        words.0 = words.0 << 8 | UInt64(bytes[at])
        at += 1
      }
      while at < to {
        words.1 = words.1 << 8 | UInt64(bytes[at])
        at += 1
      }
      return CellMemo.Key(low: words.0, high: words.1 | UInt64(count) << 56)
    }
  }
}
