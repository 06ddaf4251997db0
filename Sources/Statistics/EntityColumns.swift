import Catalog
import Formats
import Primitives

/// The columns of one entity: its items, what is joined in from child records, and its segments, one a partition.
final class EntityColumns {
  let entity: Entity
  private(set) var items: ItemCodes
  private(set) var joins: [Join]
  /// Sorted by partition.
  private(set) var segments: [Segment] = []
  private var segmentPlaces: [PartitionID: Int] = [:]
  /// Least and greatest code of each column ever put, 0 among them; shrinks only when columns are loaded anew.
  private(set) var ranges: [ClosedRange<Int32>]
  private var codes: [Int32]
  private var childCodes: [[Int32]]
  /// Joins with a chosen child of ordinal 0, which is how a column says that there is none.
  private var isJoinBroken: [Bool]

  init(_ entity: Entity, _ catalog: Catalog, _ codings: inout CodingTable) {
    self.entity = entity
    items = ItemCodes(entity, &codings) { _ in true }
    var joins: [Join] = []
    var next = items.slots.count
    for relation in entity.relations {
      guard let join = Join(relation, catalog, &codings, firstColumn: next) else { continue }
      joins.append(join)
      next += join.columnCount
    }
    self.joins = joins
    ranges = [ClosedRange<Int32>](repeating: 0...0, count: next)
    codes = [Int32](repeating: 0, count: items.slots.count)
    childCodes = joins.map { [Int32](repeating: 0, count: $0.items.slots.count) }
    isJoinBroken = joins.map { _ in false }
  }

  /// Every column, joins included.
  var columnCount: Int { ranges.count }
  var byteCount: Int { segments.reduce(0) { $0 + $1.byteCount } }
  /// Records, over all partitions.
  var count: Int { segments.reduce(0) { $0 + $1.count - $1.deadCount } }

  /// How a column's codes are read.
  func coding(column: Int) -> Coding? {
    if column < items.slots.count { return items.slots[column].coding }
    for join in joins where column > join.firstColumn && column < join.firstColumn + join.columnCount {
      return join.items.slots[join.slots[column - join.firstColumn - 1]].coding
    }
    return nil
  }

  /// The column of an item; nil when it is none, or when some record holds what codes cannot say.
  func column(_ item: ItemID) -> Int? {
    guard let slot = items.slot(item), !items.isUnfit[slot] else { return nil }
    return slot
  }

  /// The column of an item of a chosen child; nil as for ``column(_:)``.
  func column(child: EntityID, where condition: String, _ item: ItemID) -> Int? {
    for (number, join) in joins.enumerated() where join.child == child && join.condition == condition {
      guard !isJoinBroken[number], let column = join.column(item), !join.isUnfit(column: column) else { return nil }
      return column
    }
    return nil
  }

  /// The records of a partition, or nil when it has none.
  func segment(_ partition: PartitionID) -> Segment? { segmentPlaces[partition].map { segments[$0] } }

  private func makeSegment(_ partition: PartitionID) -> Segment {
    if let known = segment(partition) { return known }
    let segment = Segment(partition, columns: columnCount, joins: joins.count)
    let place = segments.firstIndex { $0.partition > partition } ?? segments.count
    segments.insert(segment, at: place)
    for place in place..<segments.count { segmentPlaces[segments[place].partition] = place }
    return segment
  }

  // MARK: Changes

  /// A row of this entity as it is now.
  func put(_ partition: PartitionID, _ key: RecordKey, _ row: UnsafeRawBufferPointer) throws(MalformedBytes) {
    try items.encode(row, to: &codes)
    ranges.withUnsafeMutableBufferPointer { ranges in
      for (slot, code) in codes.enumerated() where !ranges[slot].contains(code) {
        ranges[slot] = min(code, ranges[slot].lowerBound)...max(code, ranges[slot].upperBound)
      }
    }
    makeSegment(partition).put(RowKeys.Key(key.record, key.ordinal), codes, joins)
  }

  /// A row of this entity is gone.
  func remove(_ partition: PartitionID, _ key: RecordKey) {
    segment(partition)?.remove(RowKeys.Key(key.record, key.ordinal), joins)
  }

  /// A row of another entity, whose records may be joined in here, is so now; nil when it is gone.
  func putChild(
    _ partition: PartitionID, _ key: RecordKey, _ row: UnsafeRawBufferPointer?
  ) throws(MalformedBytes) {
    for number in joins.indices where joins[number].child == key.entity {
      var candidate: Join.Candidate?
      if let row {
        try joins[number].items.encode(row, to: &childCodes[number])
        let join = joins[number]
        let source = CodesSource(join: join, codes: childCodes[number])
        // The condition does not read the day: any will do.
        if join.expression.truth(source, today: CivilDate(days: 0)) == true {
          candidate = Join.Candidate(ordinal: key.ordinal, codes: join.slots.map { childCodes[number][$0] })
          isJoinBroken[number] = isJoinBroken[number] || key.ordinal == 0
          for (place, code) in (candidate?.codes ?? []).enumerated() { widen(join.firstColumn + 1 + place, code) }
        }
      }
      if candidate == nil, segment(partition) == nil { continue }
      makeSegment(partition).set(number, joins[number], of: key.record, ordinal: key.ordinal, candidate)
    }
  }

  private func widen(_ column: Int, _ code: Int32) {
    guard !ranges[column].contains(code) else { return }
    ranges[column] = min(code, ranges[column].lowerBound)...max(code, ranges[column].upperBound)
  }

  /// Sorts what came out of order, when it pays.
  func settle() { for segment in segments { segment.settle() } }
  /// Gives back memory that growing took in advance.
  func trim() { for segment in segments { segment.trim() } }
}
