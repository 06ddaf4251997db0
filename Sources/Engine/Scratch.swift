import Formats
import Ports
import Primitives

/// What one commit or frame would change, gathered before anything is: a failure half-way leaves nothing behind.
struct Scratch {
  private(set) var order: [Bytes] = []
  private(set) var rows: [Bytes: Bytes?] = [:]
  private(set) var counts: [CountKey: Int] = [:]
  private(set) var countOrder: [CountKey] = []
  /// Entries that appear and disappear, whole commits one after the other.
  private(set) var index: [IndexBuilder.Change] = []
  /// Entries that the open commit makes.
  private var added: [IndexBuilder.Change] = []
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

  mutating func addEntries(_ entries: [IndexBuilder.Change]) { added.append(contentsOf: entries) }

  mutating func removeEntries(_ entries: [IndexBuilder.Change]) {
    for entry in entries { index.append(.init(key: entry.key, target: nil)) }
  }

  /// Ends a commit: what it removes goes before what it adds. The order of its operations means nothing, so a natural key that
  /// passes from one record to another must end with the record that has it now.
  mutating func endCommit() {
    index.append(contentsOf: added)
    added.removeAll(keepingCapacity: true)
  }

  mutating func count(_ partition: PartitionID, _ entity: EntityID, _ difference: Int) {
    let key = CountKey(partition: partition, entity: entity)
    if counts[key] == nil { countOrder.append(key) }
    counts[key, default: 0] += difference
  }
}
