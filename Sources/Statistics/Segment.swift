import Primitives

/// The columns of one entity's records in one partition.
///
/// 1. Position p of every column speaks of the record `keys.key(p)`; a record keeps its position until ``settle()``.
/// 2. A deleted record's position stays, marked in `dead`, until then.
/// 3. Candidates of a join that are not the chosen one of a living parent lie in `spare`, ascending by ordinal.
final class Segment {
  let partition: PartitionID
  private(set) var keys = RowKeys()
  private(set) var columns: [CodeColumn]
  /// 1 for positions whose record is gone.
  private(set) var dead = CodeColumn()
  private(set) var deadCount = 0
  /// Changes whenever some position gets another key.
  private(set) var keysVersion = 0
  /// By join.
  private var spare: [[RecordID: [Join.Candidate]]]
  private var lastPosition = -1
  private var lastParent = -1

  init(_ partition: PartitionID, columns: Int, joins: Int) {
    self.partition = partition
    self.columns = [CodeColumn](repeating: CodeColumn(), count: columns)
    spare = [[RecordID: [Join.Candidate]]](repeating: [:], count: joins)
  }

  /// Positions, dead ones too.
  var count: Int { keys.count }
  var byteCount: Int {
    keys.byteCount + dead.byteCount + columns.reduce(0) { $0 + $1.byteCount + MemoryLayout<CodeColumn>.stride }
      + spare.reduce(0) { $0 + $1.capacity * 96 } + 128
  }

  /// The position of a record that is here, or nil.
  func position(_ key: RowKeys.Key) -> Int? {
    guard let position = keys.position(key, hint: lastPosition + 1), dead[position] == 0 else { return nil }
    return position
  }

  /// Puts a record's own codes, of the first columns.
  func put(_ key: RowKeys.Key, _ codes: [Int32], _ joins: [Join]) {
    if let position = keys.position(key, hint: lastPosition + 1) {
      columns.withUnsafeMutableBufferPointer { columns in
        for (slot, code) in codes.enumerated() { columns[slot][position] = code }
      }
      lastPosition = position
      guard dead[position] == 1 else { return }
      dead[position] = 0
      deadCount -= 1
    } else {
      lastPosition = keys.count
      keys.append(key)
      keysVersion += 1
      dead.append(0)
      columns.withUnsafeMutableBufferPointer { columns in
        for slot in columns.indices { columns[slot].append(slot < codes.count ? codes[slot] : 0) }
      }
    }
    for number in joins.indices { adopt(number, joins[number], lastPosition, key.record) }
  }

  /// Removes a record; its children, if any are left, wait for it.
  func remove(_ key: RowKeys.Key, _ joins: [Join]) {
    guard let position = keys.position(key, hint: lastPosition + 1), dead[position] == 0 else { return }
    for number in joins.indices { release(number, joins[number], position, key.record) }
    dead[position] = 1
    deadCount += 1
  }

  // MARK: Joins

  /// A child's row changed: `candidate` when it fulfils the join's condition now, nil when it does not or is gone.
  func set(_ number: Int, _ join: Join, of parent: RecordID, ordinal: UInt32, _ candidate: Join.Candidate?) {
    let position = parentPosition(parent)
    if candidate != nil, let position, columns[join.firstColumn][position] == 0, spare[number][parent] == nil {
      return choose(candidate, join, position)
    }
    if let position, candidate == nil, columns[join.firstColumn][position] == 0, spare[number][parent] == nil { return }
    if let position { release(number, join, position, parent) }
    var all = spare[number][parent] ?? []
    all.removeAll { $0.ordinal == ordinal }
    if let candidate {
      let place = all.firstIndex { $0.ordinal > ordinal } ?? all.count
      all.insert(candidate, at: place)
    }
    spare[number][parent] = all.isEmpty ? nil : all
    if let position { adopt(number, join, position, parent) }
  }

  private func parentPosition(_ parent: RecordID) -> Int? {
    guard let position = keys.position(RowKeys.Key(parent, 0), hint: lastParent + 1) else { return nil }
    lastParent = position
    return dead[position] == 0 ? position : nil
  }

  /// The candidate with the highest ordinal becomes the chosen one.
  private func adopt(_ number: Int, _ join: Join, _ position: Int, _ parent: RecordID) {
    guard !spare[number].isEmpty, var all = spare[number][parent], let last = all.popLast() else { return }
    choose(last, join, position)
    spare[number][parent] = all.isEmpty ? nil : all
  }

  /// The chosen candidate goes back to the others.
  private func release(_ number: Int, _ join: Join, _ position: Int, _ parent: RecordID) {
    let ordinal = UInt32(bitPattern: columns[join.firstColumn][position])
    guard ordinal != 0 else { return }
    let codes = join.slots.indices.map { columns[join.firstColumn + 1 + $0][position] }
    spare[number][parent, default: []].append(Join.Candidate(ordinal: ordinal, codes: codes))
    choose(nil, join, position)
  }

  private func choose(_ candidate: Join.Candidate?, _ join: Join, _ position: Int) {
    columns.withUnsafeMutableBufferPointer { columns in
      columns[join.firstColumn][position] = Int32(bitPattern: candidate?.ordinal ?? 0)
      for slot in join.slots.indices { columns[join.firstColumn + 1 + slot][position] = candidate?.codes[slot] ?? 0 }
    }
  }

  // MARK: Order

  /// Sorts positions by key and drops dead ones, when there are so many of either that it pays.
  func settle() {
    guard keys.tailCount > max(1024, count / 8) || deadCount > max(1024, count / 4) else { return }
    let living = keys.order.filter { dead[Int($0)] == 0 }
    for slot in columns.indices { columns[slot] = columns[slot].picking(living) }
    keys = keys.picking(living)
    keysVersion += 1
    dead = CodeColumn(repeating: 0, count: living.count)
    deadCount = 0
    lastPosition = -1
    lastParent = -1
  }

  /// Gives back memory that growing took in advance.
  func trim() {
    keys.trim()
    for slot in columns.indices { columns[slot].trim() }
  }
}
