import Formats
import Ports
import Primitives

/// What one commit or frame would change, gathered before anything is: a failure half-way leaves nothing behind.
final class Scratch {
  /// Rows put and deleted, in order.
  private(set) var rows = WriteBatch()
  private var places = RowPlaces()
  private(set) var counts: [CountKey: Int] = [:]
  private(set) var countOrder: [CountKey] = []
  /// The count that the last operation changed, and by how much since: operations of one entity come together.
  private var runningCount: (key: CountKey, difference: Int)?
  /// Entries that appear and disappear, whole commits one after the other.
  private(set) var index = WriteBatch()
  /// Entries that the open commit makes.
  private var added = WriteBatch()
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

  func row(_ key: Bytes) -> Bytes?? { rows.isEmpty ? nil : places.row(key, in: rows) }

  func put(_ key: Bytes, _ row: Bytes?) {
    if let row { rows.put(.rows, key, row) } else { rows.delete(.rows, key) }
  }

  /// A row of lent bytes.
  func put(_ key: UnsafeRawBufferPointer, _ row: UnsafeRawBufferPointer) { rows.put(.rows, key, row) }

  func addEntries(_ entries: [IndexBuilder.Change]) {
    for entry in entries { added.put(.index, entry.key, entry.target ?? []) }
  }

  /// An entry of lent bytes.
  func addEntry(_ key: UnsafeRawBufferPointer, _ target: UnsafeRawBufferPointer) { added.put(.index, key, target) }

  func removeEntries(_ entries: [IndexBuilder.Change]) { for entry in entries { index.delete(.index, entry.key) } }

  /// Ends a commit: what it removes goes before what it adds. The order of its operations means nothing, so a natural key that
  /// passes from one record to another must end with the record that has it now.
  func endCommit() {
    settleCount()
    if index.isEmpty {
      swap(&index, &added)
    } else {
      index.append(added)
      added.removeAll()
    }
  }

  func count(_ partition: PartitionID, _ entity: EntityID, _ difference: Int) {
    let key = CountKey(partition: partition, entity: entity)
    if let running = runningCount, running.key == key {
      runningCount = (key, running.difference + difference)
      return
    }
    settleCount()
    runningCount = (key, difference)
  }

  private func settleCount() {
    guard let (key, difference) = runningCount else { return }
    if counts[key] == nil { countOrder.append(key) }
    counts[key, default: 0] += difference
    runningCount = nil
  }
}
