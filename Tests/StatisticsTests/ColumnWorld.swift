import Access
import Catalog
import Formats
import Ports
import Primitives
import Query
import Simulation
import Testing

@testable import Statistics

/// Random records of a few entities over several partitions, in a store and, change by change, in columns.
struct ColumnWorld {
  let catalog = Catalog.bundled
  let store = SimulatedStore()
  var columns: ColumnStore
  var random: SeededRandom
  let today: CivilDate
  let partitions = [PartitionID(7 << 16 | 1), PartitionID(8 << 16 | 1), PartitionID(9 << 16 | 1)]
  private(set) var directory = OrgDirectory.empty
  /// Living records by entity, in no order that means something.
  private(set) var living: [String: [(partition: PartitionID, key: RecordKey)]] = [:]
  private var counter: UInt64 = 0
  private let hashing = Hashing()
  private var batch = WriteBatch()
  /// Values of another kind than the catalog's now and then.
  var isHostile = false

  /// Entities of their own, and those whose records belong to another's.
  var roots = ["org", "unit", "member"]
  var children = ["member_edu", "dues", "org_term"]
  /// Codes of orgs given besides those that questions know.
  private var codes = 0
  /// How many of the partitions are used.
  var partitionsMax = 3
  /// How many codes of a table occur.
  var codesMax = 4

  init(seed: UInt64) throws {
    random = SeededRandom(seed: seed)
    columns = ColumnStore(catalog: catalog)
    today = try #require(CivilDate(iso: "2005-09-30"))
  }

  func entity(_ name: String) throws -> Entity { try #require(catalog.entity(named: name)) }

  /// The code at a place of a table.
  func code(_ table: String, _ place: Int) -> String {
    let codes = catalog.codeTable(table)?.codes ?? []
    return codes.isEmpty ? "" : codes[place % codes.count].code
  }

  // MARK: Changes

  /// Some changes as one durable batch.
  mutating func change(_ count: Int) throws {
    for _ in 0..<count {
      switch random.below(10) {
      case 0...4: try insert()
      case 5...7: try update()
      case 8: try delete()
      default: try move()
      }
    }
    try write()
  }

  mutating func write() throws {
    try store.write(batch, .synced)
    #expect(columns.apply(batch))
    batch = WriteBatch()
    try readDirectory()
  }

  private mutating func insert() throws {
    guard random.chance(permille: 500), let parents = living["member"], !parents.isEmpty else {
      let name = random.chance(permille: 600) ? "member" : roots[random.below(roots.count)]
      let entity = try entity(name)
      counter += 1
      // Ids come from several mints, so that keys do not arrive in order.
      let mint = random.chance(permille: 800) ? UInt64(8 << 16 | 1) : UInt64(5 + random.below(6)) << 16 | 1
      let key = RecordKey(entity: entity.id, record: RecordID(mint: mint, counter: counter))
      return try put(entity, partitions[random.below(partitionsMax)], key, isNew: true)
    }
    let child = try entity(children[random.below(children.count)])
    let parent: (partition: PartitionID, key: RecordKey)
    if child.parent == (try entity("org")).id {
      guard let orgs = living["org"], !orgs.isEmpty else { return }
      parent = orgs[random.below(orgs.count)]
    } else {
      parent = parents[random.below(parents.count)]
    }
    // Some children lie in another partition than their parent, or come before it: no reader finds them there.
    let partition = random.chance(permille: 950) ? parent.partition : partitions[random.below(partitionsMax)]
    let key = RecordKey(entity: child.id, record: parent.key.record, ordinal: UInt32(1 + random.below(4)))
    let isNew = !(living[child.name] ?? []).contains { $0.partition == partition && $0.key == key }
    try put(child, partition, key, isNew: isNew)
  }

  private mutating func update() throws {
    guard let (entity, place) = try pick() else { return }
    let record = living[entity.name, default: []][place]
    try put(entity, record.partition, record.key, isNew: false)
  }

  private mutating func delete() throws {
    guard let (entity, place) = try pick() else { return }
    let record = living[entity.name, default: []][place]
    batch.delete(.rows, Keys.row(record.partition, record.key))
    living[entity.name]?.remove(at: place)
  }

  /// A record, without its children, goes to another partition.
  private mutating func move() throws {
    guard let (entity, place) = try pick() else { return }
    let record = living[entity.name, default: []][place]
    let target = partitions[random.below(partitionsMax)]
    guard !(living[entity.name] ?? []).contains(where: { $0.partition == target && $0.key == record.key }) else {
      return
    }
    batch.delete(.rows, Keys.row(record.partition, record.key))
    living[entity.name]?.remove(at: place)
    try put(entity, target, record.key, isNew: true)
  }

  private mutating func pick() throws -> (Entity, Int)? {
    let names = roots + children
    let name = names[random.below(names.count)]
    guard let all = living[name], !all.isEmpty else { return nil }
    return (try entity(name), random.below(all.count))
  }

  private mutating func put(
    _ entity: Entity, _ partition: PartitionID, _ key: RecordKey, isNew: Bool,
    keeping: (ItemID) -> Value? = { _ in nil }
  ) throws {
    var fields: [Field] = []
    for item in entity.items where item.derivation == nil {
      let value = keeping(item.id) ?? value(item)
      if !value.isNull { fields.append(Field(section(item), item.id, value)) }
    }
    fields.sort { ($0.section, $0.item) < ($1.section, $1.item) }
    let rowKey = Keys.row(partition, key)
    let log = try #require(LogID(exactly: 7 << 16 | 1))
    let origin = Row.Origin(catalog: 1, log: log, sequence: Sequence64(1 + UInt64(random.below(1_000_000))))
    batch.put(.rows, rowKey, Row.encode(key: rowKey, origin: origin, fields: fields, with: hashing))
    if isNew { living[entity.name, default: []].append((partition, key)) }
  }

  private func section(_ item: Item) -> Section {
    switch item.fieldClass {
    case .a, .b: .general
    case .c: .personal
    case .d: .restricted
    }
  }

  // MARK: What somebody may not see

  /// Changes or removes every record outside a scope, whatever it is, and touches none inside. Orgs keep code and
  /// superior, and records the org that owns them: who sees what stays as it is.
  mutating func scramble(outside scope: Scope, seed: UInt64) throws {
    random = SeededRandom(seed: seed)
    let all = view(Authoriser.embedder("all"))
    let extent = try #require(scope.extent(in: directory))
    for name in roots + children {
      let entity = try entity(name)
      let kept = ["org_code", "parent_org_code"].compactMap { entity.item(named: $0)?.id } + [entity.ownerItem]
      for (partition, key) in living[name] ?? [] {
        guard let bytes = try store.get(.rows, Keys.row(partition, key)) else { continue }
        let row = try RowView(bytes)
        if extent.contains(try all.place(partition, key, row, entity)) { continue }
        if name != "org", random.chance(permille: 200) {
          batch.delete(.rows, Keys.row(partition, key))
        } else {
          try put(entity, partition, key, isNew: false) { item in kept.contains(item) ? row.value(item) : nil }
        }
      }
    }
    try write()
  }

  // MARK: Values

  private mutating func value(_ item: Item) -> Value {
    if random.chance(permille: item.name == "org_code" || item.name == "is_highest" ? 20 : 150) { return .null }
    if isHostile, random.chance(permille: 20) { return odd() }
    switch item.type {
    case .text:
      if item.name == "org_code" {
        let code = Text("033" + ["", "001", "002", "001001"][random.below(4)])
        guard !directory.orgs(code: code).isEmpty else { return .text(code) }
        // Two with one code are refused to all who ask: now and then is enough.
        codes += random.chance(permille: 950) ? 1 : 0
        return .text(Text("\(code)\(900 + codes % 100)\(100 + codes / 100 % 900)"))
      }
      return .text(Text("文字\(random.below(50))"))
    case .code(let table): return .text(Text(code(table, random.below(codesMax))))
    case .date:
      let far: [Int32] = [-719_162, 2_932_896, -60_000, 40_000, 0, -1]
      if random.chance(permille: 30) { return .date(CivilDate(days: far[random.below(far.count)])) }
      return .date(CivilDate(days: Int32(random.below(25_000)) - 14_000))
    case .minute: return .minute(CivilMinute(minutes: Int64(random.below(20_000_000))))
    case .int: return .int(Int64(random.below(8)) - (random.chance(permille: 100) ? 5 : 0))
    case .bool: return .bool(random.chance(permille: 500))
    case .decimal: return .decimal(Int64(random.below(100_000)) - 500)
    case .reference(let target): return reference(target).map(Value.reference) ?? .null
    case .references(let target): return .references((0..<random.below(4)).compactMap { _ in reference(target) })
    }
  }

  private mutating func odd() -> Value {
    switch random.below(5) {
    case 0: .int(Int64.max - Int64(random.below(3)))
    case 1: .text("长长的文字,超过十五个字节")
    case 2: .date(CivilDate(days: 3))
    case 3: .reference(RecordID(mint: 1, counter: 2))
    default: .bool(true)
    }
  }

  private mutating func reference(_ target: EntityID) -> RecordID? {
    let name = catalog.entity(target)?.name ?? ""
    guard random.chance(permille: 950), let all = living[name], !all.isEmpty else {
      return RecordID(mint: 99 << 16 | 1, counter: UInt64(random.below(5)))
    }
    return all[random.below(all.count)].key.record
  }

  private mutating func readDirectory() throws {
    let org = try entity("org")
    let items = try ["org_code", "org_name", "org_category", "parent_org_code"].map {
      try #require(org.item(named: $0)).id
    }
    var entries: [RecordID: OrgDirectory.Entry] = [:]
    for (partition, key) in living["org"] ?? [] {
      guard let bytes = try store.get(.rows, Keys.row(partition, key)) else { continue }
      let row = try RowView(bytes)
      func text(_ place: Int) -> Text { if case .text(let text) = row.value(items[place]) { text } else { "" } }
      var parent: RecordID?
      if case .reference(let record) = row.value(items[3]) { parent = record }
      entries[key.record] = OrgDirectory.Entry(
        id: key.record, code: text(0), name: text(1), category: text(2), partition: partition, parent: parent)
    }
    directory = OrgDirectory(entries.keys.sorted().compactMap { entries[$0] })
  }

  // MARK: Both readers

  func view(_ scope: Scope) -> QueryView {
    QueryView(
      reader: store, catalog: catalog, directory: directory, partitions: partitions, scope: scope, today: today)
  }

  /// The question over columns, loaded as far as it needs them.
  func question(_ selection: Selection, _ perRecord: [CheckedExpression], _ scope: Scope) throws -> ColumnQuestion {
    let needs = try QuestionNeeds(selection, perRecord, readsPlace: true, catalog)
    try columns.load(needs.entities, from: store, partitions: partitions)
    let moment = ColumnMoment(
      directory: directory, extent: try selection.extent(scope, in: directory), today: today)
    return try ColumnQuestion(selection, columns, moment)
  }
}
