import Formats
import Ports
import Primitives

/// How many rows each partition has of each entity: as the engine sees it, and, to be stored with the rows, as far as
/// it is durable.
struct RowCounts {
  struct Key: Hashable, Comparable {
    let partition: PartitionID
    let entity: EntityID
    static func < (left: Key, right: Key) -> Bool {
      left.partition != right.partition ? left.partition < right.partition : left.entity < right.entity
    }
  }

  private var now: [Key: Int]
  private var durable: [Key: Int]
  private var open: [(key: Key, difference: Int)] = []
  private var flying: [(key: Key, difference: Int)] = []
  /// Durable, and not what the store says.
  private var changed: Set<Key> = []

  /// - Parameter stored: as of the rows' cursor.
  init(_ stored: [Key: Int]) {
    now = stored
    durable = stored
  }

  /// Everything that has a count, 0 too, sorted.
  var keys: [Key] { now.keys.sorted() }

  /// Never below 0: an owner may delete more records than ever came here.
  subscript(_ key: Key) -> Int { Swift.max(0, now[key] ?? 0) }

  mutating func add(_ key: Key, _ difference: Int) {
    now[key, default: 0] += difference
    open.append((key, difference))
  }

  /// See ``DerivedWrites/taken()``.
  mutating func taken() {
    require(flying.isEmpty, "one batch is written at a time")
    swap(&open, &flying)
  }

  /// See ``DerivedWrites/written(upTo:)``.
  mutating func written() {
    for (key, difference) in flying where difference != 0 {
      durable[key, default: 0] += difference
      changed.insert(key)
    }
    flying.removeAll(keepingCapacity: true)
  }

  /// The durable counts that the store does not have, in the order of their keys.
  mutating func flush() -> WriteBatch {
    var batch = WriteBatch()
    for key in changed.sorted() {
      var writer = ByteWriter(capacity: 9)
      writer.varint(UInt64(clamping: durable[key] ?? 0))
      batch.put(.rows, RowsKey.count(key.partition, key.entity), writer.bytes)
    }
    changed.removeAll(keepingCapacity: true)
    return batch
  }
}
