import Catalog
import Engine
import Formats
import Primitives
import Workloads

/// Members of the invented city with their education, as operations of one child's domain.
struct City {
  /// Sealed frames: members and their educations in turn.
  let frames: [Bytes]
  let members: Int

  /// - Parameters:
  ///   - rows: of one frame, which holds one commit.
  ///   - engine: whose catalog sorts the fields.
  init(members: Int, rows: Int, engine: Engine, child: NodeIdentity, key: SigningKey) throws {
    let plan = try CityPlan(seed: 1, members: members, nodes: .small)
    var records: [Text: RecordKey] = [:]
    var inserts: [Formats.Operation] = []
    for node in plan.nodes.indices {
      try plan.visitRows(of: .member, node: node) { row in
        let record = RecordID(child.log, counter: UInt64(inserts.count + 1))
        let fields = try City.fields(row.row, .member, engine)
        let operation = Formats.Operation(RecordKey(entity: fields.entity, record: record), .insert(fields.list))
        records[City.text(row.row, WorkloadEntity.member.column("id_card"))] = operation.key
        inserts.append(operation)
      }
    }
    var educations: [RecordKey: Formats.Operation] = [:]
    for node in plan.nodes.indices {
      try plan.visitRows(of: .memberEdu, node: node) { row in
        let fields = try City.fields(row.row, .memberEdu, engine)
        guard let parent = records[City.text(row.row, 0)] else { throw MeterError("an education without its member") }
        let key = RecordKey(entity: fields.entity, record: parent.record, ordinal: 1)
        educations[parent] = Formats.Operation(key, .insert(fields.list))
      }
    }
    let codec = FrameCodec()
    var frames: [Bytes] = []
    var previous = Digest256.zero
    var first = Sequence64(1)
    func seal(_ operations: [Formats.Operation]) {
      let commit = Commit(
        actor: "meter", reason: "", batch: 0, time: HybridTime(milliseconds: first.value), operations: operations)
      let frame = codec.seal(
        [commit], network: Engine.networkHash(child.network), log: child.log, partition: child.partition,
        epoch: child.epoch,
        catalog: engine.catalogID, first: first, previous: previous, key: key)
      frames.append(frame.bytes)
      previous = frame.hash
      first = first.next
    }
    for start in stride(from: 0, to: inserts.count, by: rows) {
      let part = Array(inserts[start..<min(start + rows, inserts.count)])
      seal(part)
      seal(part.compactMap { educations[$0.key] })
    }
    self.frames = frames
    self.members = inserts.count
  }

  private static func text(_ row: RowBuilder, _ column: Int) -> Text {
    Text(String(decoding: row.cell(column).filter { $0 != UInt8(ascii: "\"") }, as: UTF8.self))
  }

  private static func fields(
    _ row: RowBuilder, _ kind: WorkloadEntity, _ engine: Engine
  ) throws -> (entity: EntityID, list: [Field]) {
    guard let entity = engine.catalog.entity(named: kind.name) else { throw MeterError("no entity \(kind.name)") }
    var values: [(ItemID, Value)] = []
    for (column, name) in kind.columns.enumerated() where name != "parent" {
      let cell = text(row, column)
      guard !cell.isEmpty else { continue }
      guard let item = entity.item(named: name) else { throw MeterError("no item \(name)") }
      values.append((item.id, try value(cell.string, item.type)))
    }
    return (entity.id, engine.sorted(values, of: entity.id))
  }

  private static func value(_ cell: String, _ type: ItemType) throws -> Value {
    switch type {
    case .text, .code: return .text(Text(cell))
    case .date:
      let parts = cell.split(separator: "-").compactMap { Int($0) }
      if parts.count == 3, let date = CivilDate(year: parts[0], month: parts[1], day: parts[2]) { return .date(date) }
    case .minute: if let minute = CivilMinute(iso: cell) { return .minute(minute) }
    case .int: if let number = Int64(cell) { return .int(number) }
    case .bool: return .bool(cell == "是")
    case .decimal: if let number = Int64(cell.filter { $0 != "." }) { return .decimal(number) }
    case .reference: return .reference(record(cell))
    case .references: return .references(cell.split(separator: "|").map { record(String($0)) })
    }
    throw MeterError("a cell of another type")
  }

  /// Some record: a reference's bytes count here, not where it leads.
  private static func record(_ key: String) -> RecordID {
    RecordID(mint: 1 << 16 | 1, counter: key.utf8.reduce(0) { $0 &* 131 &+ UInt64($1) } & 0xFF_FFFF)
  }
}

/// Why the meter cannot measure.
struct MeterError: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
