import Formats
import Ports
import Primitives

/// What one commit or frame would change, gathered before anything is: a failure half-way leaves nothing behind.
struct Scratch {
  private(set) var order: [Bytes] = []
  private(set) var rows: [Bytes: Bytes?] = [:]
  private(set) var counts: [CountKey: Int] = [:]
  private(set) var countOrder: [CountKey] = []
  var index: [IndexBuilder.Change] = []
  /// Org rows that were touched: the directory re-reads them once the scratch is accepted.
  var orgs: [(PartitionID, RecordKey)] = []
  var assignments: [(PartitionID, RecordKey)] = []

  struct CountKey: Hashable, Comparable {
    let partition: PartitionID
    let entity: EntityID
    static func < (left: CountKey, right: CountKey) -> Bool {
      left.partition != right.partition ? left.partition < right.partition : left.entity < right.entity
    }
  }

  func row(_ key: Bytes) -> Bytes?? { rows[key] }

  mutating func put(_ key: Bytes, _ row: Bytes?) {
    if rows.updateValue(row, forKey: key) == nil { order.append(key) }
  }

  mutating func count(_ partition: PartitionID, _ entity: EntityID, _ difference: Int) {
    let key = CountKey(partition: partition, entity: entity)
    if counts[key] == nil { countOrder.append(key) }
    counts[key, default: 0] += difference
  }
}
