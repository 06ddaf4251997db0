import Access
import Catalog
import Formats
import Ports
import Primitives
import Workloads

/// The invented city as stored rows, one partition a node of its network, with references that lead somewhere.
final class InventedCity {
  let plan: CityPlan
  let partitions: [PartitionID]
  private(set) var directory = OrgDirectory.empty
  private(set) var memberCount = 0
  private let catalog = Catalog.bundled
  private let hashing = Hashing()
  private var counter: UInt64 = 0
  private var orgs: [String: RecordID] = [:]
  private var units: [String: RecordID] = [:]
  private var members: [String: RecordID] = [:]

  init(members: Int) throws {
    plan = try CityPlan(seed: 1, members: members, nodes: members < 34_000 ? .small : .full)
    partitions = plan.nodes.indices.map { PartitionID(UInt64($0 + 1) << 16 | 1) }
  }

  /// Hands out every row, put by put, in batches of about a thousand.
  func write(_ body: (WriteBatch) throws -> Void) throws {
    var batch = WriteBatch()
    func flush() throws {
      try body(batch)
      batch = WriteBatch()
    }
    var entries: [OrgDirectory.Entry] = []
    // Orgs first by code, so that members and units find theirs.
    for node in plan.nodes.indices {
      plan.visitRows(of: .org, node: node) { row in orgs[text(row.row, .org, "org_code")] = mint(node) }
      plan.visitRows(of: .unit, node: node) { row in units[text(row.row, .unit, "unit_uscc")] = mint(node) }
    }
    for entity in [WorkloadEntity.unit, .org, .member, .memberEdu] {
      for node in plan.nodes.indices {
        try plan.visitRows(of: entity, node: node) { row in
          let (key, fields) = try record(row.row, entity, node)
          let rowKey = Keys.row(partitions[node], key)
          let log = LogID(node: NodeID(UInt64(node + 1)), incarnation: 1)
          let origin = Row.Origin(catalog: 1, log: log, sequence: Sequence64(1))
          batch.put(.rows, rowKey, Row.encode(key: rowKey, origin: origin, fields: fields, with: hashing))
          if batch.count == 1000 { try flush() }
          if entity == .member { memberCount += 1 }
          guard entity == .org else { return }
          let parent = orgs[text(row.row, .org, "parent_org_code")]
          entries.append(
            OrgDirectory.Entry(
              id: key.record, code: Text(text(row.row, .org, "org_code")), name: Text(text(row.row, .org, "org_name")),
              category: Text(text(row.row, .org, "org_category")), partition: partitions[node], parent: parent))
        }
      }
    }
    try flush()
    directory = OrgDirectory(entries)
  }

  private func mint(_ node: Int) -> RecordID {
    counter += 1
    return RecordID(LogID(node: NodeID(UInt64(node + 1)), incarnation: 1), counter: counter)
  }

  private func text(_ row: RowBuilder, _ kind: WorkloadEntity, _ item: String) -> String {
    InventedCity.text(row, kind.column(item))
  }

  private static func text(_ row: RowBuilder, _ column: Int) -> String {
    String(decoding: row.cell(column).filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
  }

  private func record(_ row: RowBuilder, _ kind: WorkloadEntity, _ node: Int) throws -> (RecordKey, [Field]) {
    guard let entity = catalog.entity(named: kind.name) else { throw MeterError("no entity \(kind.name)") }
    var fields: [Field] = []
    for (column, name) in kind.columns.enumerated() where name != "parent" {
      let cell = InventedCity.text(row, column)
      guard !cell.isEmpty, let item = entity.item(named: name), let value = value(cell, item.type) else { continue }
      fields.append(Field(InventedCity.section(item.fieldClass), item.id, value))
    }
    fields.sort { ($0.section, $0.item) < ($1.section, $1.item) }
    let record: RecordID
    var ordinal: UInt32 = 0
    switch kind {
    case .org: record = orgs[text(row, .org, "org_code")] ?? mint(node)
    case .unit: record = units[text(row, .unit, "unit_uscc")] ?? mint(node)
    case .member:
      record = mint(node)
      members[text(row, .member, "id_card")] = record
    default:
      guard let parent = members[InventedCity.text(row, 0)] else { throw MeterError("an education without its member") }
      record = parent
      ordinal = 1
    }
    return (RecordKey(entity: entity.id, record: record, ordinal: ordinal), fields)
  }

  private func value(_ cell: String, _ type: ItemType) -> Value? {
    switch type {
    case .text, .code: return .text(Text(cell))
    case .date: return CivilDate(iso: cell).map(Value.date)
    case .minute: return CivilMinute(iso: cell).map(Value.minute)
    case .int: return Int64(cell).map(Value.int)
    case .bool: return .bool(cell == "是")
    case .decimal: return Int64(cell.filter { $0 != "." }).map(Value.decimal)
    case .reference(let target): return reference(cell, target).map(Value.reference)
    case .references(let target):
      return .references(cell.split(separator: "|").compactMap { reference(String($0), target) })
    }
  }

  private func reference(_ key: String, _ target: EntityID) -> RecordID? {
    switch catalog.entity(target)?.name {
    case "org": orgs[key]
    case "unit": units[key]
    default: nil
    }
  }

  private static func section(_ fieldClass: FieldClass) -> Section {
    switch fieldClass {
    case .a, .b: .general
    case .c: .personal
    case .d: .restricted
    }
  }
}

/// Why the meter cannot measure.
struct MeterError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
