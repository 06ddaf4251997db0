import Access
import Catalog
import Primitives

/// What a scope lets a question read.
///
/// 1. An entity that the scope does not have is refused wherever it is named: as the question's own, along a path, in a
///    demand on related records.
/// 2. An item of a class that the scope has not in the clear may be shown, as its mask. It may not be computed with,
///    compared, sorted by, grouped by or summed: an order or a count would tell what the mask hides.
/// 3. Both are decided by the question and the scope alone, before anything is read, so a refusal tells nothing about
///    records.
public struct ReadGate: Sendable {
  private let scope: Scope
  private let catalog: Catalog

  /// The gate of one scope.
  public init(_ scope: Scope, _ catalog: Catalog) {
    self.scope = scope
    self.catalog = catalog
  }

  /// - Throws: `.entityNotPermitted`, `.masked`.
  public func check(_ selection: Selection) throws(QueryError) {
    try check(selection.entity)
    if let condition = selection.condition { try check(condition, on: selection.entity) }
    for related in selection.related {
      try check(related.entity)
      if case .referredBy(let item) = related.link { try check(item, of: selection.entity) }
      try check(related.condition, on: related.entity)
    }
  }

  /// What groups and figures read.
  ///
  /// - Throws: `.entityNotPermitted`, `.masked`.
  public func check(_ columns: [AnswerColumn], _ measures: [Measure], on entity: Entity) throws(QueryError) {
    for column in columns { try check(column.expression, on: entity) }
    for measure in measures { try check(measure.column.expression, on: entity) }
  }

  /// The mask of each column; what records are sorted by must need none.
  ///
  /// - Throws: `.masked` for an expression over a masked item: only the item itself has a mask; `.entityNotPermitted`.
  public func masks(_ columns: [AnswerColumn], order: [SortColumn], on entity: Entity) throws(QueryError) -> [Mask] {
    for column in order { try check(column.expression, on: entity) }
    var masks: [Mask] = []
    for column in columns { masks.append(try mask(column, on: entity)) }
    return masks
  }

  /// How an item of an entity is shown.
  public func mask(_ item: Item) -> Mask {
    if scope.clear.contains(FieldClasses(item.fieldClass)) || GateDefect.active == .maskIsLeftOut { return .none }
    return item.name == "id_card" ? .citizenID : .whole
  }

  /// Whether somebody with the scope may read records of an entity.
  public func reads(_ entity: Entity) -> Bool { scope.reads(entity: entity.name) }

  /// What in a question only stored rows can judge for somebody who sees a part: whether a record that another refers
  /// to, or an org that the question names, is in scope. Nil when columns may answer.
  public func reasonForRows(_ selection: Selection, _ expressions: [CheckedExpression]) -> String? {
    if scope.isWhole || GateDefect.active == .columnsAnswerAll { return nil }
    var read = (expressions + [selection.condition].compactMap { $0 }).map { ($0, selection.entity) }
    for related in selection.related {
      if case .referredBy = related.link { return related.entity.name }
      read.append((related.condition, related.entity))
    }
    for (expression, entity) in read {
      if expression.asksTree { return "org" }
      for path in expression.paths where leavesRecord(path, from: entity) { return path.source }
    }
    return nil
  }

  /// ``reasonForRows(_:_:)`` of one pass of a report.
  public func reasonForRows(_ pass: ReportPass) -> String? {
    if scope.isWhole || GateDefect.active == .columnsAnswerAll { return nil }
    return reason([pass.condition].compactMap { $0 } + pass.expressions, on: pass.entity)
  }

  private func reason(_ expressions: [CheckedExpression], on entity: Entity) -> String? {
    for expression in expressions {
      if expression.asksTree { return "org" }
      for path in expression.paths where leavesRecord(path, from: entity) { return path.source }
    }
    return nil
  }

  /// Whether a path goes to a record that is not the record's own part, whole or org.
  private func leavesRecord(_ path: FieldPath, from entity: Entity) -> Bool {
    var current: Entity? = entity
    for step in path.steps {
      switch step {
      case .parent: current = current?.parent.flatMap { catalog.entity($0) }
      case .child(let child, _): current = catalog.entity(child)
      case .reference(let item):
        guard let from = current, item == from.ownerItem, case .reference(let target)? = from.item(item)?.type else {
          return true
        }
        current = catalog.entity(target)
      }
    }
    return false
  }

  private func mask(_ column: AnswerColumn, on entity: Entity) throws(QueryError) -> Mask {
    if case .item(let id) = column.expression.whole.form, let item = entity.item(id) { return mask(item) }
    if let path = column.expression.paths.first, path.source == column.name, let end = catalog.entity(path.entity),
      let item = end.item(path.item), item.derivation == nil
    {
      try check(way: path, from: entity)
      return mask(item)
    }
    try check(column.expression, on: entity)
    return .none
  }

  private func check(_ entity: Entity) throws(QueryError) {
    guard reads(entity) else { throw .entityNotPermitted(entity.name) }
  }

  private func check(_ id: ItemID, of entity: Entity) throws(QueryError) {
    guard let item = entity.item(id), GateDefect.active != .maskedIsComputed else { return }
    guard scope.clear.contains(FieldClasses(item.fieldClass)) else { throw .masked(item.name, item.fieldClass) }
  }

  private func check(_ expression: CheckedExpression, on entity: Entity) throws(QueryError) {
    for item in expression.referencedItems { try check(item, of: entity) }
    for path in expression.paths {
      try check(way: path, from: entity)
      if let end = catalog.entity(path.entity) { try check(path.item, of: end) }
    }
  }

  /// Every record on the way to a path's end.
  private func check(way path: FieldPath, from entity: Entity) throws(QueryError) {
    var current: Entity? = entity
    for step in path.steps {
      switch step {
      case .parent: current = current?.parent.flatMap { catalog.entity($0) }
      case .child(let child, _): current = catalog.entity(child)
      case .reference(let id):
        guard let from = current else { return }
        try check(id, of: from)
        if case .reference(let target)? = from.item(id)?.type { current = catalog.entity(target) }
      }
      if let current { try check(current) }
    }
  }
}

extension FieldClasses {
  /// The class of an item as the scope knows it.
  public init(_ fieldClass: FieldClass) {
    switch fieldClass {
    case .a: self = .a
    case .b: self = .b
    case .c: self = .c
    case .d: self = .d
    }
  }
}

/// How a value is shown.
public enum Mask: Hashable, Sendable {
  /// As it is.
  case none
  /// A citizen id: region and last four characters, `330212********1234`.
  case citizenID
  /// Nothing of it, not even whether there is one.
  case whole

  /// What stands for a hidden value.
  public static let hidden: Value = .text("****")

  /// The value as shown; a hidden one is not even computed.
  public func apply(_ value: () -> Value) -> Value {
    switch self {
    case .none: return value()
    case .whole: return Mask.hidden
    case .citizenID:
      guard case .text(let text) = value(), text.byteCount == 18, text.characterCount == 18 else { return Mask.hidden }
      return .text(Text("\(text.string.prefix(6))********\(text.string.suffix(4))"))
    }
  }
}
