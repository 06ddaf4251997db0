import Access
import Messages
import Primitives
import Statistics

/// Rows of a table that columns in memory choose: block by block in the order of storage, or all at once in another.
final class ColumnScan {
  private static let blockRows = 2048

  private let table: TableColumns
  private let extent: OrgExtent?
  private let tests: [(column: CodedColumn, predicate: CodedColumn.Predicate)]
  private let budget: Budget
  /// Where each part begins when all stand one behind the other.
  private let firsts: [Int]
  /// What is at hand: rows `start ..< start + buffered` of the whole.
  private var part = 0
  private var start = 0
  private var buffered = 0
  /// Places at hand that were chosen, in the order in which they are told.
  private var picks: [Int32] = []
  private(set) var count = 0
  /// Codes at hand by column; loaded when first asked for.
  private var buffers: [ObjectIdentifier: UnsafeMutablePointer<Int32>] = [:]
  private var capacity = 0
  private var isWhole = false

  init(
    _ table: TableColumns, extent: OrgExtent?,
    tests: [(column: CodedColumn, predicate: CodedColumn.Predicate)], _ budget: Budget
  ) {
    self.table = table
    self.extent = extent
    self.tests = tests
    self.budget = budget
    var firsts: [Int] = []
    var next = 0
    for part in table.parts {
      firsts.append(next)
      next += part.count
    }
    self.firsts = firsts
  }

  deinit { for (_, buffer) in buffers { buffer.deallocate() } }

  /// The record of a chosen row.
  func key(_ row: Int) -> (partition: PartitionID, record: RecordID, ordinal: UInt32) {
    let place = Int(picks[row])
    if !isWhole {
      let key = table.parts[part].key(start + place)
      return (table.parts[part].partition, key.record, key.ordinal)
    }
    var low = 0
    var high = firsts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if firsts[middle] <= place { low = middle } else { high = middle }
    }
    let key = table.parts[low].key(place - firsts[low])
    return (table.parts[low].partition, key.record, key.ordinal)
  }

  /// The codes at hand of a column, by place; see ``pick(_:)``.
  func codes(_ column: CodedColumn) -> UnsafeMutablePointer<Int32> {
    if let known = buffers[ObjectIdentifier(column)], loaded.contains(ObjectIdentifier(column)) { return known }
    let buffer: UnsafeMutablePointer<Int32>
    if let known = buffers[ObjectIdentifier(column)] {
      buffer = known
    } else {
      buffer = .allocate(capacity: max(1, capacity))
      buffers[ObjectIdentifier(column)] = buffer
    }
    load(column.place, to: buffer)
    loaded.insert(ObjectIdentifier(column))
    return buffer
  }
  private var loaded: Set<ObjectIdentifier> = []

  /// The place at hand of a chosen row.
  @inline(__always)
  func pick(_ row: Int) -> Int { Int(picks[row]) }

  private func load(_ place: CodedColumn.Place, to out: UnsafeMutablePointer<Int32>) {
    guard isWhole else { return load(place, part, start..<start + buffered, to: out) }
    for (number, part) in table.parts.enumerated() { load(place, number, 0..<part.count, to: out + firsts[number]) }
  }

  private func load(
    _ place: CodedColumn.Place, _ part: Int, _ rows: Range<Int>, to out: UnsafeMutablePointer<Int32>
  ) {
    switch place {
    case .slot(let slot): table.load(slot, part, rows, to: out)
    case .owner: table.loadPlaces(part, rows, to: out)
    }
  }

  // MARK: Blocks

  /// Chooses from the next block; false at the end. ``count`` may be 0 in between.
  func nextBlock() throws(Failure) -> Bool {
    if capacity == 0 { capacity = ColumnScan.blockRows }
    start += buffered
    while part < table.parts.count, start >= table.parts[part].count {
      part += 1
      start = 0
    }
    guard part < table.parts.count else {
      count = 0
      return false
    }
    try budget.check()
    buffered = min(ColumnScan.blockRows, table.parts[part].count - start)
    choose()
    return true
  }

  /// How many rows the tests leave, without telling them.
  func matching() throws(Failure) -> Int {
    var matching = 0
    while try nextBlock() { matching += count }
    part = 0
    start = 0
    buffered = 0
    count = 0
    return matching
  }

  private var passes: [Bool] = []

  private func choose() {
    loaded.removeAll(keepingCapacity: true)
    if passes.count < buffered { passes = [Bool](repeating: true, count: max(buffered, ColumnScan.blockRows)) }
    for place in 0..<buffered { passes[place] = true }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, buffered)) { scratch in
      guard let scratch = scratch.baseAddress else { return }
      if table.loadGone(part, start..<start + buffered, to: scratch) {
        for place in 0..<buffered where scratch[place] != 0 { passes[place] = false }
      }
      if let extent {
        table.loadPlaces(part, start..<start + buffered, to: scratch)
        for place in 0..<buffered where !extent.contains(scratch[place] - 1) { passes[place] = false }
      }
    }
    for (column, predicate) in tests { apply(predicate, column) }
    picks.removeAll(keepingCapacity: true)
    for place in 0..<buffered where passes[place] { picks.append(Int32(truncatingIfNeeded: place)) }
    count = picks.count
  }

  private func apply(_ predicate: CodedColumn.Predicate, _ column: CodedColumn) {
    if case .everything = predicate { return }
    let codes = codes(column)
    passes.withUnsafeMutableBufferPointer { passes in
      switch predicate {
      case .everything: break
      case .nothing: for place in 0..<buffered { passes[place] = false }
      case .null: for place in 0..<buffered where codes[place] != 0 { passes[place] = false }
      case .notNull: for place in 0..<buffered where codes[place] == 0 { passes[place] = false }
      case .code(let code): for place in 0..<buffered where codes[place] != code { passes[place] = false }
      case .range(let range):
        for place in 0..<buffered where codes[place] == 0 || !range.contains(codes[place]) { passes[place] = false }
      case .table(let table):
        for place in 0..<buffered where !table[Int(codes[place])] { passes[place] = false }
      }
    }
  }

  // MARK: Everything in an order

  /// Chooses from all blocks, and puts what was chosen in order.
  ///
  /// - Parameter isDistinct: only the first row of those that are equal in all columns of the order.
  /// - Throws: when that would take more memory than the statement may.
  func sort(
    by order: [(column: CodedColumn, isDescending: Bool)], isDistinct: Bool
  ) throws(Failure) {
    var chosen: [Int32] = []
    while try nextBlock() {
      let base = firsts[part] + start
      for pick in picks { chosen.append(pick + Int32(truncatingIfNeeded: base)) }
    }
    try budget.gather(chosen.count * 8 + table.count * 4 * order.count)
    for (_, buffer) in buffers { buffer.deallocate() }
    buffers = [:]
    loaded = []
    isWhole = true
    capacity = table.count
    picks = chosen
    // Stable passes from the last column to the first.
    var keys: [[Int32]] = []
    for (column, isDescending) in order.reversed() {
      let key = ranks(column)
      RadixOrder.sort(&picks, by: key, isDescending: isDescending)
      keys.append(key)
      try budget.check()
    }
    if isDistinct { dropRepeated(keys) }
    count = picks.count
  }

  private func ranks(_ column: CodedColumn) -> [Int32] {
    let codes = codes(column)
    let total = table.count
    if let ranks = column.ranks { return (0..<total).map { ranks[Int(codes[$0])] } }
    // Codes below the base are negative, and null comes before all.
    return (0..<total).map { codes[$0] == 0 ? Int32.min : codes[$0] }
  }

  private func dropRepeated(_ keys: [[Int32]]) {
    var kept: [Int32] = []
    for pick in picks {
      if let last = kept.last, keys.allSatisfy({ $0[Int(last)] == $0[Int(pick)] }) { continue }
      kept.append(pick)
    }
    picks = kept
  }
}

/// Sorts places by small numbers in linear time, keeping the order of equals.
enum RadixOrder {
  static func sort(_ places: inout [Int32], by key: [Int32], isDescending: Bool) {
    guard places.count > 1, var least = places.first.map({ key[Int($0)] }) else { return }
    var most = least
    for place in places {
      least = min(least, key[Int(place)])
      most = max(most, key[Int(place)])
    }
    let span = UInt64(Int64(most) - Int64(least))
    func digit(_ place: Int32) -> UInt32 {
      let distance = UInt32(truncatingIfNeeded: Int64(key[Int(place)]) - Int64(least))
      return isDescending ? UInt32(truncatingIfNeeded: span) - distance : distance
    }
    if span < 1 << 16 { return pass(&places, buckets: Int(span) + 1) { Int(digit($0)) } }
    pass(&places, buckets: 1 << 16) { Int(digit($0) & 0xFFFF) }
    pass(&places, buckets: 1 << 16) { Int(digit($0) >> 16) }
  }

  @inline(__always)
  private static func pass(_ places: inout [Int32], buckets: Int, _ bucket: (Int32) -> Int) {
    var ends = [Int](repeating: 0, count: buckets + 1)
    for place in places { ends[bucket(place) + 1] += 1 }
    for number in 1...buckets { ends[number] += ends[number - 1] }
    var sorted = [Int32](repeating: 0, count: places.count)
    for place in places {
      let bucket = bucket(place)
      sorted[ends[bucket]] = place
      ends[bucket] += 1
    }
    places = sorted
  }
}
