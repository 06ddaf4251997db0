import Catalog
import Engine
import Formats
import Primitives

/// Draws commits for one domain: records of several entities appear, change and go; natural keys stay unique within the
/// domain, but pass from record to record.
struct Workload {
  private let catalog: Catalog
  private let roots: [Entity]
  private let children: [Entity]
  private var random: SeededRandom
  private var nextKey = 0
  private let prefix: String

  init(catalog: Catalog, prefix: String, random: SeededRandom) {
    self.catalog = catalog
    self.prefix = prefix
    self.random = random
    roots = ["member", "member", "member", "org", "unit"].compactMap { catalog.entity(named: $0) }
    children = ["member_edu", "member_duty"].compactMap { catalog.entity(named: $0) }
  }

  /// The next commit's operations, and whether a natural key passes from one record to another in it.
  mutating func commit(_ model: DomainModel, _ engine: Engine) -> (operations: [Formats.Operation], handsOver: Bool) {
    if random.chance(permille: 80), let operations = handOver(model, engine) { return (operations, true) }
    var operations: [Formats.Operation] = []
    var used: [RecordKey] = []
    for _ in 0...random.below(4) {
      guard let operation = draw(model, engine), !used.contains(operation.key) else { continue }
      used.append(operation.key)
      operations.append(operation)
    }
    return (operations, false)
  }

  private mutating func draw(_ model: DomainModel, _ engine: Engine) -> Formats.Operation? {
    switch random.below(10) {
    case 0...2:
      let entity = roots[random.below(roots.count)]
      let key = RecordKey(entity: entity.id, record: engine.mint())
      return Operation(key, .insert(fields(entity, nil, model, engine)))
    case 3...4:
      let entity = children[random.below(children.count)]
      guard let owner = pick(model.keys(of: entity.parent ?? entity.id)) else { return nil }
      let taken = model.keys.filter { $0.entity == entity.id && $0.record == owner.record }.map(\.ordinal)
      // A gap that a deleted record left is filled again: the same key lives twice.
      let ordinal = (1...UInt32(taken.count + 1)).first { !taken.contains($0) } ?? 1
      let key = RecordKey(entity: entity.id, record: owner.record, ordinal: ordinal)
      return Operation(key, .insert(fields(entity, ordinal, model, engine)))
    case 5...8: return update(model, engine)
    default:
      guard let key = pick(model.keys) else { return nil }
      return Operation(key, .delete)
    }
  }

  private mutating func update(_ model: DomainModel, _ engine: Engine) -> Formats.Operation? {
    guard let key = pick(model.keys), let entity = catalog.entity(key.entity) else { return nil }
    var changes: [FieldChange] = []
    for _ in 0...random.below(3) {
      let item = entity.items[random.below(entity.items.count)]
      if item.derivation != nil || changes.contains(where: { $0.item == item.id }) { continue }
      let isKey = entity.naturalKeys.contains { $0.contains(item.id) }
      if isKey && entity.parent != nil { continue }
      let old = model.value(key, item.id)
      let new: Value = isKey ? freshKey(item) : random.chance(permille: 200) ? .null : value(item, model, engine)
      if old != new { changes.append(change(item, old, new)) }
    }
    return changes.isEmpty ? nil : Operation(key, .update(sorted(changes)))
  }

  /// One record takes over another's natural key: the other is deleted, or takes this one's.
  private mutating func handOver(_ model: DomainModel, _ engine: Engine) -> [Formats.Operation]? {
    guard let entity = catalog.entity(named: "member"), let item = entity.naturalKeys.first?.first.flatMap(entity.item),
      let first = pick(model.keys(of: entity.id)), let second = pick(model.keys(of: entity.id)), first != second
    else { return nil }
    let firstKey = model.value(first, item.id)
    let secondKey = model.value(second, item.id)
    switch random.below(3) {
    case 0:
      return [
        Operation(second, .update([change(item, secondKey, firstKey)])),
        Operation(first, .update([change(item, firstKey, secondKey)])),
      ]
    case 1: return [Operation(second, .update([change(item, secondKey, firstKey)])), Operation(first, .delete)]
    default:
      let key = RecordKey(entity: entity.id, record: engine.mint())
      let inserted = fields(entity, nil, model, engine).map {
        $0.item == item.id ? Field($0.section, $0.item, firstKey) : $0
      }
      return [Operation(key, .insert(inserted)), Operation(first, .delete)]
    }
  }

  /// A change of one value of this record, or nil when none comes to mind.
  mutating func change(_ key: RecordKey, _ model: DomainModel) -> Formats.Operation? {
    guard let entity = catalog.entity(key.entity),
      let item = entity.items.first(where: { $0.type == .text && $0.derivation == nil && !isKey($0, entity) })
    else { return nil }
    let old = model.value(key, item.id)
    let new = Value.text(Text("changed \(random.below(1000))"))
    return old == new ? nil : Operation(key, .update([change(item, old, new)]))
  }

  private func isKey(_ item: Item, _ entity: Entity) -> Bool {
    entity.naturalKeys.contains { $0.contains(item.id) }
  }

  // MARK: Values

  private mutating func fields(
    _ entity: Entity, _ ordinal: UInt32?, _ model: DomainModel, _ engine: Engine
  ) -> [Field] {
    var values: [(ItemID, Value)] = []
    for item in entity.items where item.derivation == nil {
      if entity.naturalKeys.contains(where: { $0.contains(item.id) }) {
        values.append((item.id, ordinal.map { .int(Int64($0)) } ?? freshKey(item)))
      } else if random.chance(permille: entity.indexes.contains { $0.items.contains(item.id) } ? 800 : 250) {
        values.append((item.id, value(item, model, engine)))
      }
    }
    return engine.sorted(values, of: entity.id)
  }

  private mutating func freshKey(_ item: Item) -> Value {
    nextKey += 1
    return .text(Text("\(prefix)-\(nextKey)"))
  }

  private mutating func value(_ item: Item, _ model: DomainModel, _ engine: Engine) -> Value {
    // Few different values: they come back, so that index entries come and go and come again.
    let small = random.below(6)
    switch item.type {
    case .text: return .text(["张伟", "王芳", "李娜", "a", "", "刘洋 with a longer text"][small])
    case .code: return .text(["1", "11", "611", "632", "0164", "5"][small])
    case .date: return .date(CivilDate(days: Int32(small * 365 - 700)))
    case .minute: return .minute(CivilMinute(minutes: Int64(small * 1000)))
    case .int: return .int(Int64(small - 2))
    case .bool: return .bool(small % 2 == 0)
    case .decimal: return .decimal(Int64(small * 125 - 300))
    case .reference(let target): return .reference(record(target, model, engine))
    case .references(let target):
      return .references((0..<small % 3).map { _ in record(target, model, engine) })
    }
  }

  private mutating func record(_ entity: EntityID, _ model: DomainModel, _ engine: Engine) -> RecordID {
    let known = model.keys(of: entity)
    return known.isEmpty || random.chance(permille: 100)
      ? engine.identity.rootOrg : known[random.below(known.count)].record
  }

  private func change(_ item: Item, _ old: Value, _ new: Value) -> FieldChange {
    FieldChange(Engine.section(item.fieldClass), item.id, old: old, new: new)
  }

  private func sorted(_ changes: [FieldChange]) -> [FieldChange] {
    changes.sorted { ($0.section, $0.item) < ($1.section, $1.item) }
  }

  private mutating func pick(_ keys: [RecordKey]) -> RecordKey? { keys.isEmpty ? nil : keys[random.below(keys.count)] }
}
