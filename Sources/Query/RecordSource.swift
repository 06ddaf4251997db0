import Access
import Catalog
import Formats
import Primitives

/// A stored record as expressions see it: its own cells, fields of related records, its place in the tree.
struct RecordSource: FieldSource {
  let partition: PartitionID
  let key: RecordKey
  let row: RowView
  /// Place in preorder of the org that owns the record, -1 when unknown.
  let place: Int32
  let entity: Entity
  let tables: PathTables

  func value(_ item: ItemID) -> Value { row.value(item) }
  func value(along path: FieldPath) -> Value { tables.value(path, self) }

  func isUnder(_ item: ItemID?, orgCode: Text) -> Bool? {
    let view = tables.view
    guard let top = OrgExtent.org(code: orgCode, in: view.directory, knownTo: view.visible) else { return nil }
    guard let item else { return place < 0 ? nil : place >= top.start && place < top.end }
    guard case .reference(let org) = row.value(item) else { return nil }
    return tables.view.directory.contains(org, under: top)
  }
}

/// Fields of related records, gathered as a scan needs them: children of a partition in one pass, references one by one
/// and remembered. One per query.
final class PathTables {
  let view: QueryView
  private var children: [String: [RecordID: Value]] = [:]
  private var references: [Referred: RowView?] = [:]
  private var failure: QueryError?

  private struct Referred: Hashable {
    let partition: PartitionID
    let key: RecordKey
  }

  /// How many referred records are remembered before the memory is given back.
  private static let referencesMax = 65_536

  init(_ view: QueryView) { self.view = view }

  /// What went wrong while following paths; checked after each record, since expressions cannot throw.
  func check() throws(QueryError) { if let failure { throw failure } }

  func value(_ path: FieldPath, _ source: RecordSource) -> Value {
    do { return try follow(path, source) } catch {
      failure = failure ?? error
      return .null
    }
  }

  private func follow(_ path: FieldPath, _ source: RecordSource) throws(QueryError) -> Value {
    // The usual path is one step to a child, and a whole partition asks for it: one scan instead of a seek a row.
    if path.steps.count == 1, case .child(let entity, let condition) = path.steps[0] {
      let name = "\(source.partition.value)/\(path.source)"
      if children[name] == nil { children[name] = try gather(source.partition, entity, condition, path.item) }
      return children[name]?[source.key.record] ?? .null
    }
    var partition = source.partition
    var key = source.key
    var row: RowView? = source.row
    var entity = source.entity
    for step in path.steps {
      guard let current = row else { return .null }
      switch step {
      case .reference(let item):
        guard let record = current.value(item).firstReference, let target = entity.item(item)?.type.target,
          let next = view.catalog.entity(target)
        else { return .null }
        key = RecordKey(entity: target, record: record)
        // Superiors lie in other domains; the directory knows which. Everything else is looked for in its own.
        if next.name == "org" { partition = view.directory.org(record)?.partition ?? partition }
        // The org that owns a record is in scope when the record is; any other record is judged by itself.
        let isOwner = item == entity.ownerItem
        entity = next
        if !isOwner, GateDefect.active != .pathLeavesScope, let visible = view.visible {
          guard let target = try referred(partition, key) else { return .null }
          var finder = OwnerFinder(view, next)
          guard try visible.contains(finder.place(partition, key, target)) else { return .null }
        }
      case .parent:
        guard let parent = entity.parent, let next = view.catalog.entity(parent) else { return .null }
        key = RecordKey(entity: parent, record: key.record)
        entity = next
      case .child: return .null
      }
      row = try referred(partition, key)
    }
    return row?.value(path.item) ?? .null
  }

  private func referred(_ partition: PartitionID, _ key: RecordKey) throws(QueryError) -> RowView? {
    let referred = Referred(partition: partition, key: key)
    if let known = references[referred] { return known }
    if references.count >= PathTables.referencesMax { references.removeAll(keepingCapacity: true) }
    let row = try view.row(partition, key)
    references[referred] = .some(row)
    return row
  }

  private func gather(
    _ partition: PartitionID, _ entityID: EntityID, _ condition: String, _ item: ItemID
  ) throws(QueryError) -> [RecordID: Value] {
    guard let entity = view.catalog.entity(entityID) else { return [:] }
    let expression: CheckedExpression
    do { expression = try view.catalog.check(expression: condition, on: entity, expecting: .bool) } catch {
      throw .expression(condition, offset: error.offset, error)
    }
    var values: [RecordID: Value] = [:]
    try view.scan(partition, entityID) { (key, row) throws(QueryError) in
      let source = RecordSource(partition: partition, key: key, row: row, place: -1, entity: entity, tables: self)
      let isTrue = expression.truth(source, today: view.today) == true
      try check()
      if isTrue { values[key.record] = row.value(item) }
      return true
    }
    return values
  }
}

/// Which org owns a record.
struct OwnerFinder {
  let view: QueryView
  let entity: Entity
  private var lastParent: (key: RecordKey, place: Int32)?

  init(_ view: QueryView, _ entity: Entity) {
    self.view = view
    self.entity = entity
  }

  /// The owning org's place in preorder, -1 when unknown.
  mutating func place(_ partition: PartitionID, _ key: RecordKey, _ row: RowView) throws(QueryError) -> Int32 {
    try place(partition, key, row, entity)
  }

  private mutating func place(
    _ partition: PartitionID, _ key: RecordKey, _ row: RowView, _ entity: Entity
  ) throws(QueryError) -> Int32 {
    if let parentID = entity.parent, let parent = view.catalog.entity(parentID) {
      let parentKey = RecordKey(entity: parentID, record: key.record)
      if let last = lastParent, last.key == parentKey { return last.place }
      guard let parentRow = try view.row(partition, parentKey) else { return -1 }
      let place = try place(partition, parentKey, parentRow, parent)
      lastParent = (parentKey, place)
      return place
    }
    guard let owner = entity.ownerItem else { return view.directory.position(key.record) }
    guard case .reference(let org) = row.value(owner) else { return -1 }
    return view.directory.position(org)
  }
}
