import Formats
import Ports
import Primitives
import Replication

/// What one commit or frame would change, gathered before anything is: a failure half-way leaves nothing behind.
final class Scratch {
  /// Rows put and deleted, in order.
  private(set) var rows = WriteBatch()
  private var places = ChangePlaces()
  /// By how much counts of rows change, one entry for operations of one entity in a row.
  private(set) var counts: [(key: RowCounts.Key, difference: Int)] = []
  /// Entries that appear and disappear, whole commits one after the other.
  private(set) var index = WriteBatch()
  /// Entries that the open commit makes.
  private var added = WriteBatch()
  /// A commit became larger than an owner's may be, and the rest was left undone: nothing of the scratch may be used.
  var isOverfull = false
  /// Org rows that were touched: the directory re-reads them once the scratch is accepted.
  var orgs: [(PartitionID, RecordKey)] = []
  var assignments: [(PartitionID, RecordKey)] = []
  /// Parts of hand-overs that were put.
  var handovers: [(PartitionID, RecordKey)] = []
  /// What was set aside, and what is whole again, in the order of the operations.
  /// Rows that were deleted unread: index entries lead to them still.
  private(set) var lost: [(entity: EntityID, rowKey: Bytes)] = []
  /// Put there by ``change(_:)``.
  var quarantine: [QuarantineChange] = []
  /// By row key, whether the last change of its ticket opened it.
  private var setAside: [Bytes: Bool] = [:]

  /// Puts a change of a ticket behind those that are there.
  func change(_ change: QuarantineChange) {
    quarantine.append(change)
    setAside[change.rowKey] = change.isOpen
  }

  /// Whether a record is set aside by these changes; nil when they leave it as it was.
  func isSetAside(_ rowKey: Bytes) -> Bool? { setAside[rowKey] }

  func row(_ key: HashedKey) -> Bytes?? { rows.isEmpty ? nil : places.value(key, in: rows) }

  func put(_ key: Bytes, _ row: Bytes?) {
    if let row { rows.put(.rows, key, row) } else { rows.delete(.rows, key) }
  }

  /// A row of lent bytes.
  func put(_ key: UnsafeRawBufferPointer, _ row: UnsafeRawBufferPointer) { rows.put(.rows, key, row) }

  func addEntries(_ entries: [IndexChange]) {
    for entry in entries { added.put(.index, entry.key, entry.target ?? []) }
  }

  /// An entry of lent bytes.
  func addEntry(_ key: UnsafeRawBufferPointer, _ target: UnsafeRawBufferPointer) { added.put(.index, key, target) }

  func removeEntries(_ entries: [IndexChange]) { for entry in entries { index.delete(.index, entry.key) } }

  /// Remembers a row that goes and cannot be read: nobody can say which entries it has.
  func lose(_ rowKey: Bytes, _ entity: EntityID) { lost.append((entity, rowKey)) }

  /// Removes entries that stood in the index before anything of this: what the commits here add stays.
  func removeEntriesBefore(_ entries: [IndexChange]) {
    var first = WriteBatch()
    for entry in entries { first.delete(.index, entry.key) }
    first.append(index)
    index = first
  }

  /// Ends a commit: what it removes goes before what it adds. The order of its operations means nothing, so a natural
  /// key that passes from one record to another must end with the record that has it now.
  func endCommit() {
    if index.isEmpty {
      swap(&index, &added)
    } else {
      index.append(added)
      added.removeAll()
    }
  }

  func count(_ partition: PartitionID, _ entity: EntityID, _ difference: Int) {
    let key = RowCounts.Key(partition: partition, entity: entity)
    if counts.last?.key == key {
      counts[counts.count - 1].difference += difference
    } else {
      counts.append((key, difference))
    }
  }
}
