import Catalog
import Engine
import Formats
import Messages
import Primitives

/// The changes of one commit, gathered in a closure: all of them happen or none does.
public struct CommitBuilder {
  fileprivate let engine: Engine
  fileprivate let today: CivilDate
  fileprivate var operations: [Formats.Operation] = []

  /// Adds a record and returns its key.
  ///
  /// - Parameters:
  ///   - entity: its English name in the catalog.
  ///   - values: by item name; absent items stay empty. Required items, types and rules are checked.
  /// - Throws: `XYL-QRY-0002`/`0003` for unknown names, `XYL-NOD-0012` for a rule that refuses.
  public mutating func insert(_ entity: String, _ values: [String: Value]) throws(Failure) -> RecordKey {
    let entity = try find(entity)
    let items = try resolve(entity, values)
    try check(entity) { item in items.first { $0.0 == item }?.1 ?? .null }
    guard entity.parent == nil else {
      throw Failure(
        .apiBadParameter, ["parameter": "entity", "expected": "an entity of its own", "found": entity.name])
    }
    let key = RecordKey(entity: entity.id, record: engine.mint())
    operations.append(Formats.Operation(key, .insert(engine.sorted(items, of: entity.id))))
    return key
  }

  /// Changes items of a record of this node's own domain; `.null` empties one.
  ///
  /// - Throws: `XYL-NOD-0006` when the record is not here, `XYL-NOD-0012` for a rule that refuses.
  public mutating func update(_ key: RecordKey, _ values: [String: Value]) throws(Failure) {
    guard let entity = engine.catalog.entity(key.entity) else {
      throw Failure(.queryUnknownEntity, ["entity": "\(key.entity.value)"])
    }
    let items = try resolve(entity, values)
    let row: RowView
    do {
      guard let found = try engine.ownRow(key) else { throw EngineError.notFound(key) }
      row = found
    } catch { throw Failure(anyError: error) }
    let changes = items.compactMap { item, value -> FieldChange? in
      let old = row.value(item)
      let section = Engine.section(entity.item(item)?.fieldClass ?? .b)
      return old == value ? nil : FieldChange(section, item, old: old, new: value)
    }.sorted { ($0.section, $0.item) < ($1.section, $1.item) }
    if changes.isEmpty { return }
    try check(entity) { item in changes.first { $0.item == item }?.new ?? row.value(item) }
    operations.append(Formats.Operation(key, .update(changes)))
  }

  /// Removes a record of this node's own domain. Members are never removed in practice: they leave by a change record.
  public mutating func delete(_ key: RecordKey) { operations.append(Formats.Operation(key, .delete)) }

  private func find(_ name: String) throws(Failure) -> Entity {
    guard let entity = engine.catalog.entity(named: name) else { throw Failure(.queryUnknownEntity, ["entity": name]) }
    return entity
  }

  private func resolve(_ entity: Entity, _ values: [String: Value]) throws(Failure) -> [(ItemID, Value)] {
    var items: [(ItemID, Value)] = []
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      guard let item = entity.item(named: name) else {
        throw Failure(.queryUnknownItem, ["entity": entity.name, "item": name])
      }
      items.append((item.id, value))
    }
    if let owner = entity.ownerItem, !items.contains(where: { $0.0 == owner }) {
      items.append((owner, .reference(engine.identity.rootOrg)))
    }
    return items
  }

  private func check(_ entity: Entity, _ value: @escaping (ItemID) -> Value) throws(Failure) {
    let failures = RecordChecker(entity, in: engine.catalog).failures(of: ClosureFields(value: value), today: today)
    if let refusal = failures.first(where: { $0.severity == .refusal }) {
      throw Failure(.nodeRuleFailed, ["rule": refusal.name, "text": refusal.message.zh])
    }
  }
}

private struct ClosureFields: FieldSource {
  let value: (ItemID) -> Value
  func value(_ item: ItemID) -> Value { value(item) }
}

extension Node {
  /// Commits what `build` gathers: validated, atomic, durable on return, queued for every ancestor.
  ///
  /// - Parameters:
  ///   - actor: who asks for it.
  ///   - reason: why, in the actor's words.
  /// - Returns: what `build` returned, and where the commit landed; give that to ``wait(for:level:seconds:)``.
  /// - Throws: what the builder throws; `XYL-NOD-0009` for too large a commit; storage failures. Nothing changed then,
  ///   except for `XYL-STO-0003`, where the outcome is unknown.
  @discardableResult
  public func commit<Result: Sendable>(
    as actor: String, reason: String = "", _ build: @escaping @Sendable (inout CommitBuilder) throws -> Result
  ) async throws(Failure) -> (value: Result, position: Position) {
    let today = today
    return try await thread.performDurably { engine in
      var builder = CommitBuilder(engine: engine, today: today)
      let value = try build(&builder)
      guard !builder.operations.isEmpty else { return ((value, Position(sequence: engine.lastSequence.value)), nil) }
      let sequence = try engine.commit(
        builder.operations, actor: Text(actor), reason: Text(reason), clock: NodeClock.milliseconds)
      return ((value, Position(sequence: sequence.value)), sequence)
    }
  }
}
