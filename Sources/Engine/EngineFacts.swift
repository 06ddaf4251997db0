import Formats
import Primitives
import Replication

/// What an engine tells of itself: counts, partitions, logs, how far it is durable above.
extension Engine {
  /// How many rows of an entity are here, all partitions together.
  public func rowCount(_ entity: EntityID) -> Int {
    counts.keys.reduce(0) { $0 + ($1.entity == entity ? counts[$1] : 0) }
  }

  /// How many rows a partition has of each entity, sorted.
  public func rowCounts(_ partition: PartitionID) -> [(entity: EntityID, rows: Int)] {
    counts.keys.filter { $0.partition == partition }.map { ($0.entity, counts[$0]) }
  }

  /// How many rows each entity has over all partitions, by entity number.
  public var rowTotals: [Int] {
    var totals = [Int](repeating: 0, count: 256)
    for key in counts.keys { totals[Int(key.entity.value)] += counts[key] }
    return totals
  }

  /// Every partition held here, sorted.
  public var partitions: [PartitionID] {
    var all: [PartitionID] = []
    for key in counts.keys where all.last != key.partition { all.append(key.partition) }
    return all
  }

  /// Every log held here with its head, sorted by log.
  public var logHeads: [(log: LogID, head: LogState)] {
    heads.keys.sorted().compactMap { log in heads[log].map { (log, $0) } }
  }

  /// How far our own log, or another, is durable at `level` above (1 = parent); zero when unknown.
  public func watermark(_ log: LogID, level: UInt8) -> Sequence64 {
    if level == LinkMessage.Watermark.root {
      return isRoot ? durableHeads[log]?.last ?? .zero : rootWatermarks[log] ?? .zero
    }
    guard let marks = watermarks[log], level >= 1, Int(level) <= marks.count else { return .zero }
    return marks[Int(level) - 1]
  }

  /// Whether this node stands at the top of its network.
  public var isRoot: Bool { identity.parentOrgCode.isEmpty }
}
