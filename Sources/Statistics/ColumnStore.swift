import Access
import Catalog
import Formats
import Ports
import Primitives
import Query

/// The columns of a node: what its statistics are counted from, beside the rows, never instead of them.
///
/// What it owns: per entity that somebody asked for, the coded items of all its records, over all partitions held.
///
/// 1. After ``load(_:from:partitions:)`` and after each ``apply(_:)`` the columns are what a reader of the stored rows
///    would see at one moment; there is no other time at which they may be asked.
/// 2. What they cannot say exactly they do not say: a question about it is refused with a reason, and rows answer it.
/// 3. Places in the tree are not stored: they follow from the directory that a question brings, so moves of
///    organisations need no change here.
public final class ColumnStore {
  public let catalog: Catalog
  private var entities: [EntityColumns?]
  private var codings = CodingTable()
  /// Child entity → entities whose columns it is joined into.
  private var joinedInto: [[EntityID]]
  private(set) var places = TreePlaces()
  private let orgEntity: EntityID?
  private let hashing = Hashing()

  /// Columns of nothing yet.
  public init(catalog: Catalog) {
    self.catalog = catalog
    entities = [EntityColumns?](repeating: nil, count: 256)
    joinedInto = [[EntityID]](repeating: [], count: 256)
    orgEntity = catalog.entity(named: "org")?.id
  }

  func columns(_ entity: EntityID) -> EntityColumns? { entities[Int(entity.value)] }

  /// Whether an entity's columns are here.
  public func holds(_ entity: EntityID) -> Bool { columns(entity) != nil }

  /// What columns, keys and dictionaries take, in bytes; nearly, since an allocator rounds up.
  public var byteCount: Int {
    codings.byteCount + entities.reduce(0) { $0 + ($1?.byteCount ?? 0) }
  }

  /// What one entity's columns and keys take, in bytes, without the dictionaries that all share.
  public func byteCount(_ entity: EntityID) -> Int { columns(entity)?.byteCount ?? 0 }

  // MARK: Loading

  /// Reads the rows of entities that are not here yet, and of the child records joined into them.
  ///
  /// - Parameter reader: a view of the moment up to which everything was applied here.
  /// - Throws: `.corrupt` for the first damaged row: nothing of these entities is kept then.
  /// - Complexity: one scan of their rows; about 2 µs a row.
  public func load(
    _ wanted: [EntityID], from reader: any StoreReader, partitions: [PartitionID]
  ) throws(QueryError) {
    for id in wanted where entities[Int(id.value)] == nil {
      guard let entity = catalog.entity(id) else { continue }
      let columns = EntityColumns(entity, catalog, &codings)
      for partition in partitions.sorted() {
        try scan(reader, partition, id) { (key, row) throws(MalformedBytes) in
          try columns.put(partition, key, row)
        }
        for child in columns.joins.map(\.child) {
          try scan(reader, partition, child) { (key, row) throws(MalformedBytes) in
            try columns.putChild(partition, key, row)
          }
        }
      }
      columns.settle()
      columns.trim()
      entities[Int(id.value)] = columns
      for join in columns.joins { joinedInto[Int(join.child.value)].append(id) }
    }
  }

  private func scan(
    _ reader: any StoreReader, _ partition: PartitionID, _ entity: EntityID,
    _ body: (RecordKey, UnsafeRawBufferPointer) throws(MalformedBytes) -> Void
  ) throws(QueryError) {
    var damage: String?
    let from = Keys.entity(partition, entity)
    do {
      try reader.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
        guard let (_, recordKey) = Keys.parseRow(key), Row.isIntact(key: key, value: value, with: hashing) else {
          damage = "row \(Bytes(key).hex)"
          return false
        }
        do throws(MalformedBytes) { try body(recordKey, value) } catch {
          damage = "row \(Bytes(key).hex): \(error.expected)"
          return false
        }
        return true
      }
    } catch { throw .store(error) }
    if let damage { throw .corrupt(damage) }
  }

  // MARK: Following

  /// Takes durable changes of rows, in the order in which they were made.
  ///
  /// - Parameter changes: of `Keyspace.rows`; others are passed over.
  /// - Returns: false when they cannot be followed (a range was removed, or a row is damaged): the columns are of no
  ///   use any more, and are to be made anew.
  /// - Complexity: about a microsecond a row.
  public func apply(_ changes: WriteBatch) -> Bool {
    var isFollowed = true
    changes.forEach { change, _ in
      guard change.space == .rows, isFollowed else { return }
      guard change.kind != .deleteRange, let (partition, key) = Keys.parseRow(change.key) else {
        isFollowed = false
        return
      }
      do throws(MalformedBytes) {
        let row = change.kind == .put ? change.value : nil
        try columns(key.entity)?.take(partition, key, row)
        for parent in joinedInto[Int(key.entity.value)] { try columns(parent)?.putChild(partition, key, row) }
      } catch { isFollowed = false }
    }
    for columns in entities { columns?.settle() }
    return isFollowed
  }

  /// Makes places in the tree those of `directory`; nothing when it is the same as before.
  func follow(_ directory: OrgDirectory) {
    let orgs = orgEntity.flatMap { codings.coding(.reference($0)) }
    places.follow(directory, orgs?.dictionary)
  }

  /// Places of the orgs of a segment, by position.
  func placesOfOrgs(_ segment: Segment) -> [Int32] { places.places(segment) }
}

extension EntityColumns {
  fileprivate func take(
    _ partition: PartitionID, _ key: RecordKey, _ row: UnsafeRawBufferPointer?
  ) throws(MalformedBytes) {
    if let row { try put(partition, key, row) } else { remove(partition, key) }
  }
}
