import Primitives

/// Combinations of small numbers → groups, numbered as they are met.
///
/// While a few bits a number are enough, a group is found by putting the bits side by side; beyond ``bitsMax`` in all
/// by
/// interning one number after the other.
struct GroupTable {
  /// A table of more than 2^18 places would not stay in the caches.
  private static let bitsMax = 18

  private let width: Int
  /// The numbers of each group, one after the other.
  private(set) var members: [Int32] = []
  private(set) var count = 0
  private var bits: [Int]
  private var dense: [Int32] = []
  /// By number but the first: (what the ones before gave, this number) → next; used once the table is too large.
  private var interned: [[UInt64: Int32]] = []
  private var isDense = true

  init(width: Int) {
    self.width = width
    bits = [Int](repeating: 1, count: width)
    dense = [Int32](repeating: -1, count: 1 << width)
    if width > GroupTable.bitsMax { makeSparse() }
  }

  /// The numbers of a group.
  func numbers(_ group: Int) -> ArraySlice<Int32> { members[group * width..<(group + 1) * width] }

  /// Writes the group of each of `rows` rows.
  ///
  /// - Parameters:
  ///   - ids: one buffer of numbers a column.
  ///   - counts: how many numbers each column has so far.
  /// - Returns: false when there would be more than `groupsMax`.
  mutating func load(
    _ ids: [UnsafePointer<Int32>], counts: [Int], rows: Int, groupsMax: Int, to out: UnsafeMutablePointer<Int32>
  ) -> Bool {
    grow(counts)
    guard isDense else { return loadSparse(ids, rows, groupsMax, out) }
    if let first = ids.first {
      out.update(from: first, count: rows)
    } else {
      out.update(repeating: 0, count: rows)
    }
    var shift = width > 0 ? bits[0] : 0
    for column in ids.indices.dropFirst() {
      let numbers = ids[column]
      for row in 0..<rows { out[row] |= numbers[row] << Int32(truncatingIfNeeded: shift) }
      shift += bits[column]
    }
    var isWithin = true
    for row in 0..<rows {
      let place = Int(out[row])
      var group = dense[place]
      if group < 0 {
        guard count < groupsMax else {
          isWithin = false
          break
        }
        group = Int32(truncatingIfNeeded: count)
        dense[place] = group
        for column in ids { members.append(column[row]) }
        count += 1
      }
      out[row] = group
    }
    return isWithin
  }

  /// Makes room for the numbers there are.
  private mutating func grow(_ counts: [Int]) {
    guard isDense, zip(counts, bits).contains(where: { $0 > 1 << $1 }) else { return }
    for column in 0..<width { while counts[column] > 1 << bits[column] { bits[column] += 1 } }
    guard bits.reduce(0, +) <= GroupTable.bitsMax else { return makeSparse() }
    dense = [Int32](repeating: -1, count: 1 << bits.reduce(0, +))
    for group in 0..<count {
      var (place, shift) = (0, 0)
      for (column, number) in numbers(group).enumerated() {
        place |= Int(number) << shift
        shift += bits[column]
      }
      dense[place] = Int32(truncatingIfNeeded: group)
    }
  }

  private mutating func makeSparse() {
    isDense = false
    dense = []
    interned = [[UInt64: Int32]](repeating: [:], count: width)
    for group in 0..<count { sparseGroup(Array(numbers(group)), group) }
  }

  /// Remembers the way to a group.
  private mutating func sparseGroup(_ numbers: [Int32], _ group: Int) {
    var prefix: Int32 = 0
    for column in 0..<width {
      let key = UInt64(UInt32(bitPattern: prefix)) << 32 | UInt64(UInt32(bitPattern: numbers[column]))
      if let known = interned[column][key] {
        prefix = known
        continue
      }
      prefix = column == width - 1 ? Int32(truncatingIfNeeded: group) : Int32(interned[column].count)
      interned[column][key] = prefix
    }
  }

  private mutating func loadSparse(
    _ ids: [UnsafePointer<Int32>], _ rows: Int, _ groupsMax: Int, _ out: UnsafeMutablePointer<Int32>
  ) -> Bool {
    for row in 0..<rows {
      var prefix: Int32? = 0
      for column in 0..<width {
        guard let known = prefix else { break }
        let key = UInt64(UInt32(bitPattern: known)) << 32 | UInt64(UInt32(bitPattern: ids[column][row]))
        prefix = interned[column][key]
      }
      if let group = prefix {
        out[row] = group
        continue
      }
      guard count < groupsMax else { return false }
      let numbers = ids.map { $0[row] }
      sparseGroup(numbers, count)
      members.append(contentsOf: numbers)
      out[row] = Int32(truncatingIfNeeded: count)
      count += 1
    }
    return true
  }
}
