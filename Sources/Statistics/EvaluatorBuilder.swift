import Catalog
import Primitives

/// Why columns cannot answer a question.
public struct NotInColumns: Error, Hashable, Sendable {
  /// What the question reads that is no column: `address`, `branch.org_name`.
  public let name: String

  /// - Parameter name: as an answer's explanation shows it.
  public init(name: String) { self.name = name }
}

/// Makes evaluators over the columns of one entity, which share what they read.
final class EvaluatorBuilder {
  let entity: EntityColumns
  let context: QuestionContext
  private let store: ColumnStore
  /// Whether a record's place in the tree may be asked: conditions on related records see none.
  private let knowsPlace: Bool
  /// Everything read so far, each once.
  private(set) var inputs: [ColumnInput] = []
  /// Whether something besides the test of the subtree reads where records stand.
  private(set) var isOwnerRead = false

  init(
    _ entity: Entity, _ store: ColumnStore, _ context: QuestionContext, knowsPlace: Bool = true
  ) throws(NotInColumns) {
    guard let columns = store.columns(entity.id) else { throw NotInColumns(name: entity.name) }
    self.entity = columns
    self.store = store
    self.context = context
    self.knowsPlace = knowsPlace
  }

  func item(_ item: ItemID) throws(NotInColumns) -> ColumnInput {
    try input(.item(item), named: entity.entity.item(item)?.name ?? "item \(item.value)") {
      ColumnInput.item(item, entity)
    }
  }

  /// Where the record stands.
  ///
  /// - Parameter isForInterval: only the test of the subtree reads it.
  func owner(isForInterval: Bool = false) throws(NotInColumns) -> ColumnInput {
    isOwnerRead = isOwnerRead || !isForInterval
    return try input(.owner, named: "org") { ColumnInput.owner(entity, store, isAsked: knowsPlace) }
  }

  /// What a part reads.
  func inputs(_ part: ExpressionPart) throws(NotInColumns) -> [ColumnInput] {
    let read = part.inputs
    var found: [ColumnInput] = []
    for id in read.items { found.append(try item(id)) }
    for path in read.paths {
      found.append(try input(.path(path), named: path.source) { ColumnInput.path(path, entity, store) })
    }
    if read.readsOwner { found.append(try owner()) }
    return found
  }

  private func input(
    _ reading: ColumnInput.Reading, named name: String, _ make: () -> ColumnInput?
  ) throws(NotInColumns) -> ColumnInput {
    if let known = inputs.first(where: { $0.reading == reading }) { return known }
    guard let made = make() else { throw NotInColumns(name: name) }
    inputs.append(made)
    return made
  }
}
