import Access
import Catalog
import Formats
import Ports
import Primitives

/// Why a query could not be answered.
public enum QueryError: Error, Hashable, Sendable {
  /// A stored row is damaged: no answer is better than a wrong one.
  case corrupt(String)
  case store(StoreError)
  /// The expression does not parse or type-check.
  case expression(String, offset: Int, ExpressionError)
  case unknownEntity(String)
  case unknownItem(String)
  case unknownOrg(Text)
  /// Two orgs have this code; each by its name, with the code of the org above it.
  case ambiguousOrg(Text, Text, Text)
  /// More rows than the caller may get or the limit allows.
  case tooManyRows(limit: Int)
  /// The scope has this item masked, so nothing but its mask may come of it.
  case masked(String, FieldClass)
  /// The scope does not have this entity.
  case entityNotPermitted(String)
}

/// One moment of a store for queries: a snapshot with the org tree of the same moment.
public struct QueryView {
  let reader: any StoreReader
  let catalog: Catalog
  let directory: OrgDirectory
  /// Every partition held here, sorted.
  let partitions: [PartitionID]
  let scope: Scope
  /// What of `directory` the scope sees; nil for everything.
  let visible: OrgExtent?
  let today: CivilDate
  /// Keys of rows that no answer may use, sorted: records that are set aside.
  let setAside: Set<Bytes>
  let hashing = Hashing()

  /// - Parameter setAside: keys of the rows of records that are set aside; their child records are left out too.
  /// - Requires: indexes are flushed up to the snapshot; `directory` and `partitions` are of the same moment.
  public init(
    reader: any StoreReader, catalog: Catalog, directory: OrgDirectory, partitions: [PartitionID], scope: Scope,
    today: CivilDate, setAside: [Bytes] = []
  ) {
    self.setAside = Set(setAside)
    self.reader = reader
    self.catalog = catalog
    self.directory = directory
    self.partitions = partitions
    self.scope = scope
    visible = scope.extent(in: directory)
    self.today = today
  }

  /// The orgs to look at: what the scope allows of the subtree asked for; nil for everything.
  func extent(under: Text?) throws(QueryError) -> OrgExtent? { try scope.extent(under: under, in: directory) }

  /// Which partitions can have records of the subtree asked for, within the scope; sorted.
  ///
  /// - Throws: `.unknownOrg`, `.ambiguousOrg`.
  public func partitions(under: Text?) throws(QueryError) -> [PartitionID] {
    partitions(in: try extent(under: under)).map(\.partition)
  }

  /// The partitions of `some` of which the scope sees every org: what is told of one as a whole tells nothing of
  /// others.
  public func wholly(_ some: [PartitionID]) -> [PartitionID] {
    guard let visible else { return some }
    var outside: Set<PartitionID> = []
    for org in directory.orgs where !visible.contains(org.start) { outside.insert(org.partition) }
    return some.filter { !outside.contains($0) }
  }

  /// Whether a record is set aside, or a part of one that is.
  func isSetAside(_ rowKey: Bytes, _ partition: PartitionID, _ key: RecordKey) -> Bool {
    if setAside.contains(rowKey) { return true }
    guard key.ordinal != 0, let parent = catalog.entity(key.entity)?.parent else { return false }
    return setAside.contains(Keys.row(partition, RecordKey(entity: parent, record: key.record)))
  }

  /// Which partitions can have records of orgs in `extent`, and whether all of theirs are inside.
  func partitions(in extent: OrgExtent?) -> [(partition: PartitionID, whole: Bool)] {
    guard let extent else { return partitions.map { ($0, true) } }
    var bounds: [PartitionID: (inside: Int, outside: Int)] = [:]
    for org in directory.orgs {
      if extent.contains(org.start) {
        bounds[org.partition, default: (0, 0)].inside += 1
      } else {
        bounds[org.partition, default: (0, 0)].outside += 1
      }
    }
    return partitions.compactMap { partition in
      guard let bound = bounds[partition], bound.inside > 0 else { return nil }
      return (partition, bound.outside == 0 && extent.countsUnplaced)
    }
  }

  /// Calls `body` for every intact row of an entity of a partition until it returns false.
  ///
  /// - Throws: `.corrupt` for the first damaged row: a partial answer is never given as whole.
  func scan(
    _ partition: PartitionID, _ entity: EntityID, _ body: (RecordKey, RowView) throws(QueryError) -> Bool
  ) throws(QueryError) {
    try scan(prefix: Keys.entity(partition, entity), body)
  }

  /// The child records of one entity that a record has, by ordinal.
  public func children(
    _ partition: PartitionID, _ entity: EntityID, of record: RecordID
  ) throws(QueryError) -> [(key: RecordKey, row: RowView)] {
    var found: [(key: RecordKey, row: RowView)] = []
    try scan(prefix: Keys.children(partition, entity, of: record)) { (key, row) throws(QueryError) in
      found.append((key, row))
      return true
    }
    return found
  }

  private func scan(
    prefix: Bytes, _ body: (RecordKey, RowView) throws(QueryError) -> Bool
  ) throws(QueryError) {
    try scan(from: prefix, to: prefix.prefixEnd(), body)
  }

  /// As ``scan(_:_:_:)``, for a range of rows of one partition.
  func scan(
    from: Bytes, to: Bytes?, _ body: (RecordKey, RowView) throws(QueryError) -> Bool
  ) throws(QueryError) {
    var failure: QueryError?
    do {
      try reader.scan(.rows, from: from, to: to) { key, value in
        if !setAside.isEmpty, let (partition, recordKey) = Keys.parseRow(key),
          isSetAside(Bytes(key), partition, recordKey)
        {
          return true
        }
        guard let (_, recordKey) = Keys.parseRow(key), Row.isIntact(key: key, value: value, with: hashing),
          let view = try? RowView(Bytes(value))
        else {
          failure = .corrupt("row \(Bytes(key).hex)")
          return false
        }
        do throws(QueryError) { return try body(recordKey, view) } catch {
          failure = error
          return false
        }
      }
    } catch { throw .store(error) }
    if let failure { throw failure }
  }

  /// The row of one record, or nil.
  func row(_ partition: PartitionID, _ key: RecordKey) throws(QueryError) -> RowView? {
    let rowKey = Keys.row(partition, key)
    if !setAside.isEmpty, isSetAside(rowKey, partition, key) { return nil }
    let bytes: Bytes?
    do { bytes = try reader.get(.rows, rowKey) } catch { throw .store(error) }
    guard let bytes else { return nil }
    let intact = rowKey.withUnsafeBytes { key in
      bytes.withUnsafeBytes { Row.isIntact(key: key, value: $0, with: hashing) }
    }
    guard intact, let view = try? RowView(bytes) else { throw .corrupt("row \(rowKey.hex)") }
    return view
  }
}
