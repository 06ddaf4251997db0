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
  private var touched: Set<RecordKey> = []
  private var deleted: Set<RecordKey> = []
  /// Natural keys that this commit gives to records.
  private var claimed: [Bytes: RecordKey] = [:]
  /// Last ordinals that this commit gave, by child entity and parent.
  private var ordinals: [RecordKey: UInt32] = [:]

  fileprivate init(_ engine: Engine, today: CivilDate) {
    self.engine = engine
    self.today = today
  }

  /// Adds a record and returns its key.
  ///
  /// - Parameters:
  ///   - entity: its English name in the catalog.
  ///   - parent: for a child record (education, dues …) the record it belongs to, of this commit or here already.
  ///   - values: by item name; absent items stay empty. Required items, types and rules are checked.
  /// - Throws: `XYL-QRY-0002`/`0003` for unknown names, `XYL-NOD-0012` for a rule that refuses, `XYL-NOD-0011` when a
  ///   record has the same natural key, `XYL-NOD-0006` when the parent is not here.
  public mutating func insert(
    _ entity: String, under parent: RecordKey? = nil, _ values: [String: Value]
  ) throws(Failure) -> RecordKey {
    let entity = try find(entity)
    guard entity.parent == parent?.entity else {
      let expected = entity.parent.flatMap { engine.catalog.entity($0)?.name }.map { "a \($0) record" } ?? "no record"
      throw Failure(
        .apiBadParameter,
        ["parameter": "under", "expected": expected, "found": parent.map { "\($0.text)" } ?? "no record"])
    }
    var items = try resolve(entity, values)
    if let owner = entity.ownerItem, !items.contains(where: { $0.0 == owner }) {
      items.append((owner, .reference(engine.identity.rootOrg)))
    }
    let value: (ItemID) -> Value = { item in items.first { $0.0 == item }?.1 ?? .null }
    try check(entity, value)
    let key = try newKey(entity, parent)
    try claim(entity, key, value)
    touched.insert(key)
    operations.append(Formats.Operation(key, .insert(engine.sorted(items, of: entity.id))))
    return key
  }

  /// Changes items of a record of this node's own domain; `.null` empties one.
  ///
  /// - Throws: `XYL-NOD-0006` when the record is not here, `XYL-NOD-0012` for a rule that refuses, `XYL-NOD-0011` when
  ///   another record has the natural key that this one would get, `XYL-API-0006` when this commit changed the record
  ///   already.
  public mutating func update(_ key: RecordKey, _ values: [String: Value]) throws(Failure) {
    guard let entity = engine.catalog.entity(key.entity) else {
      throw Failure(.queryUnknownEntity, ["entity": "\(key.entity.value)"])
    }
    let items = try resolve(entity, values)
    try once(key)
    let row = try current(key)
    let changes = items.compactMap { item, value -> FieldChange? in
      let old = row.value(item)
      let section = Engine.section(entity.item(item)?.fieldClass ?? .b)
      return old == value ? nil : FieldChange(section, item, old: old, new: value)
    }.sorted { ($0.section, $0.item) < ($1.section, $1.item) }
    if changes.isEmpty { return }
    let value: (ItemID) -> Value = { item in changes.first { $0.item == item }?.new ?? row.value(item) }
    try check(entity, value)
    try claim(entity, key, value)
    touched.insert(key)
    operations.append(Formats.Operation(key, .update(changes)))
  }

  /// Removes a record of this node's own domain. Members are never removed in practice: they leave by a change record.
  ///
  /// - Throws: `XYL-NOD-0006` when the record is not here, `XYL-API-0006` when this commit changed it already or
  ///   it has child records.
  public mutating func delete(_ key: RecordKey) throws(Failure) {
    try once(key)
    _ = try current(key)
    guard key.record != engine.identity.rootOrg else {
      throw Failure(
        .apiBadParameter,
        ["parameter": "record", "expected": "any record but the domain's root org", "found": key.text])
    }
    // Children without their parent could not be reached by anybody: they go first, in a commit of their own.
    for entity in engine.catalog.entities where entity.parent == key.entity {
      let last = try lastOrdinal(entity.id, of: key.record)
      guard last == 0 else {
        throw Failure(
          .apiBadParameter,
          ["parameter": "record", "expected": "a record without \(entity.name) records", "found": key.text])
      }
    }
    touched.insert(key)
    deleted.insert(key)
    operations.append(Formats.Operation(key, .delete))
  }

  /// One operation a record: two would need an order that no replica is told.
  private func once(_ key: RecordKey) throws(Failure) {
    guard touched.contains(key) else { return }
    throw Failure(
      .apiBadParameter, ["parameter": "record", "expected": "one change of a record in a commit", "found": key.text])
  }

  private func current(_ key: RecordKey) throws(Failure) -> RowView {
    do throws(EngineError) {
      guard let found = try engine.ownRow(key) else { throw EngineError.notFound(key) }
      return found
    } catch { throw Failure(anyError: error) }
  }

  private mutating func newKey(_ entity: Entity, _ parent: RecordKey?) throws(Failure) -> RecordKey {
    guard let parent else { return RecordKey(entity: entity.id, record: engine.mint()) }
    if deleted.contains(parent) { throw Failure(anyError: EngineError.notFound(parent)) }
    if !touched.contains(parent) { _ = try current(parent) }
    let ordinal = try lastOrdinal(entity.id, of: parent.record) + 1
    ordinals[RecordKey(entity: entity.id, record: parent.record)] = ordinal
    return RecordKey(entity: entity.id, record: parent.record, ordinal: ordinal)
  }

  private func lastOrdinal(_ entity: EntityID, of parent: RecordID) throws(Failure) -> UInt32 {
    if let given = ordinals[RecordKey(entity: entity, record: parent)] { return given }
    do throws(EngineError) { return try engine.lastOrdinal(entity, of: parent) } catch {
      throw Failure(anyError: error)
    }
  }

  /// Refuses a natural key that another record has.
  private mutating func claim(
    _ entity: Entity, _ key: RecordKey, _ value: (ItemID) -> Value
  ) throws(Failure) {
    let parent = entity.parent == nil ? nil : key.record
    guard let natural = engine.naturalKey(entity, parent: parent, value) else { return }
    var holder = claimed[natural]
    if holder == nil {
      do throws(EngineError) { holder = try engine.record(holding: natural) } catch { throw Failure(anyError: error) }
    }
    guard holder == nil || holder == key else {
      let names = (entity.naturalKeys.first { !$0.map(value).contains(.null) } ?? []).compactMap { entity.item($0) }
      throw Failure(
        .nodeDuplicate,
        [
          "entity": entity.name, "key": names.map(\.name).joined(separator: ", "), "record": holder?.text ?? "-",
        ])
    }
    claimed[natural] = key
  }

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
    return items
  }

  private func check(_ entity: Entity, _ value: @escaping (ItemID) -> Value) throws(Failure) {
    let failures = RecordChecker(entity, in: engine.catalog).failures(of: ClosureFields(value: value), today: today)
    if let refusal = failures.first(where: { $0.severity == .refusal }) {
      throw Failure(
        .nodeRuleFailed,
        ["rule": refusal.name, "text": refusal.message.en, "text.zh": refusal.message.zh, "entity": entity.name])
    }
  }
}

private struct ClosureFields: FieldSource {
  let value: (ItemID) -> Value
  func value(_ item: ItemID) -> Value { value(item) }
}

extension Node {
  /// Bytes of a commit's actor: a name or id, not a story.
  static let actorBytesMax = 256
  /// Bytes of a commit's reason: it goes to every ancestor with every commit.
  static let reasonBytesMax = 2048

  /// Commits what `build` gathers: validated, atomic, durable on return, queued for every ancestor.
  ///
  /// - Parameters:
  ///   - actor: who asks for it; at most 256 bytes.
  ///   - reason: why, in the actor's words; at most 2,048 bytes.
  /// - Returns: what `build` returned, and where the commit landed; give that to ``wait(for:level:seconds:)``.
  /// - Throws: what the builder throws; `XYL-NOD-0009` for too large a commit; storage failures. Nothing changed then,
  ///   except for `XYL-STO-0003`, where the outcome is unknown.
  @discardableResult
  public func commit<Result: Sendable>(
    as actor: String, reason: String = "", _ build: @escaping @Sendable (inout CommitBuilder) throws -> Result
  ) async throws(Failure) -> (value: Result, position: Position) {
    for (name, text, most) in [("actor", actor, Node.actorBytesMax), ("reason", reason, Node.reasonBytesMax)]
    where text.utf8.count > most {
      throw Failure(
        .apiBadParameter, ["parameter": name, "expected": "at most \(most) bytes", "found": "\(text.utf8.count)"])
    }
    let today = today
    return try await thread.performDurably { engine in
      var builder = CommitBuilder(engine, today: today)
      let value = try build(&builder)
      guard !builder.operations.isEmpty else { return ((value, Position(sequence: engine.lastSequence.value)), nil) }
      let sequence = try engine.commit(
        builder.operations, actor: Text(actor), reason: Text(reason), clock: NodeClock.milliseconds)
      return ((value, Position(sequence: sequence.value)), sequence)
    }
  }
}
