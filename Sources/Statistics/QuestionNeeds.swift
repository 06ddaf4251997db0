import Catalog
import Primitives
import Query

/// What a question needs of columns, known from the catalog alone: nothing is loaded for a question that rows will have
/// to answer in any case.
public struct QuestionNeeds {
  private let catalog: Catalog
  /// The entities whose columns are read, sorted.
  public private(set) var entities: [EntityID] = []

  /// - Parameters:
  ///   - expressions: what is evaluated for each record, besides the selection's own.
  ///   - readsPlace: whether scope or subtree ask where records stand.
  /// - Throws: the first thing read that is never a column.
  public init(
    _ selection: Selection, _ expressions: [CheckedExpression], readsPlace: Bool, _ catalog: Catalog
  ) throws(NotInColumns) {
    self.catalog = catalog
    var all = [selection.entity.id]
    for expression in expressions { try add(expression, selection.entity, &all) }
    if let condition = selection.condition { try add(condition, selection.entity, &all) }
    if readsPlace { addOwner(of: selection.entity, &all) }
    for related in selection.related {
      all.append(related.entity.id)
      try add(related.condition, related.entity, &all)
      switch related.link {
      case .referredBy(let item): try require(item, selection.entity, named: nil)
      case .ownedUnder: addOwner(of: related.entity, &all)
      }
    }
    for id in all.sorted() where entities.last != id { entities.append(id) }
  }

  private func add(_ expression: CheckedExpression, _ entity: Entity, _ all: inout [EntityID]) throws(NotInColumns) {
    for item in expression.referencedItems { try require(item, entity, named: nil) }
    for path in expression.paths { try add(path, entity, &all) }
    if expression.asksTree { addOwner(of: entity, &all) }
  }

  private func add(_ path: FieldPath, _ entity: Entity, _ all: inout [EntityID]) throws(NotInColumns) {
    var current = entity
    for step in path.steps {
      let next: EntityID?
      switch step {
      case .reference(let item):
        next = current.item(item)?.type.target
      case .parent: next = current.parent
      case .child(let child, _):
        // Joined into its parent's columns.
        guard let entity = catalog.entity(child) else { throw NotInColumns(name: path.source) }
        return try require(path.item, entity, named: path.source)
      }
      guard let next, let entity = catalog.entity(next) else { throw NotInColumns(name: path.source) }
      all.append(next)
      current = entity
    }
    try require(path.item, current, named: path.source)
  }

  private func require(_ id: ItemID, _ entity: Entity, named name: String?) throws(NotInColumns) {
    guard let item = entity.item(id), item.derivation == nil, Coding.plan(item.type) != nil else {
      throw NotInColumns(name: name ?? entity.item(id)?.name ?? "item \(id.value)")
    }
  }

  private func addOwner(of entity: Entity, _ all: inout [EntityID]) {
    var current = entity
    while let parent = current.parent, let next = catalog.entity(parent) {
      all.append(parent)
      current = next
    }
  }
}
