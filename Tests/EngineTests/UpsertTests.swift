import Catalog
import Engine
import Formats
import Ports
import Primitives
import Testing

private let today = CivilDate(days: 13_000)

private func entity(_ name: String) throws -> Entity { try #require(Catalog.bundled.entity(named: name)) }

/// A row with these items; references as labels.
private func row(
  _ entity: Entity, _ values: [String: Value], labels: [String: Text] = [:], parent: Text? = nil
) throws -> UpsertRow {
  var all = [Value](repeating: .null, count: entity.items.count)
  for item in entity.items { all[Int(item.id.value) - 1] = values[item.name] ?? .null }
  let references = try labels.sorted { $0.key < $1.key }.map { name, label in
    (item: try #require(entity.item(named: name)?.id), labels: [label])
  }
  return UpsertRow(values: all, references: references, parent: parent)
}

extension Bench {
  /// Upserts rows whose file has these columns.
  fileprivate func upsert(
    _ entity: Entity, _ rows: [UpsertRow], _ columns: [String], rules: MergeRules? = nil,
    permits: (@Sendable (RecordID) -> Bool)? = nil
  ) throws -> [UpsertOutcome] {
    let items = columns.compactMap { entity.item(named: $0)?.id }
    return try engine.upsert(
      entity, rows, items: items, rules: rules, actor: "t", reason: "import", batch: 1, clock: 5, permits: permits
    ).outcomes
  }

  /// The member whose citizen id is this text.
  fileprivate func holder(_ card: Text) throws -> RecordKey? {
    let member = try entity("member")
    let item = member.item(named: "id_card")?.id
    guard let natural = engine.naturalKey(member, parent: nil, { $0 == item ? .text(card) : .null }) else { return nil }
    return try engine.record(holding: natural)
  }

  fileprivate func view(_ key: RecordKey) throws -> RowView { try #require(try engine.ownRow(key)) }
}

@Suite struct UpsertTests {
  private let columns = ["id_card", "name", "job_code", "is_migrant_worker", "branch_code"]

  private func member(_ number: Int, job: Value = "0111", name: Value = "张三") throws -> UpsertRow {
    try row(
      entity("member"),
      ["id_card": .text("\(number)"), "name": name, "job_code": job, "is_migrant_worker": false],
      labels: ["branch_code": "033"])
  }

  @Test("upsert: new, the same, changed; by key, over writes, index flushes and a crash")
  func outcomes() throws {
    let bench = try Bench(7, "033")
    let member = try entity("member")
    for number in 0..<3 {
      #expect(try bench.upsert(member, [self.member(number)], columns) == [.inserted])
      #expect(try bench.upsert(member, [self.member(number)], columns) == [.unchanged])
      try bench.write()
      #expect(try bench.upsert(member, [self.member(number)], columns) == [.unchanged])
      try bench.flushDerived()
      #expect(try bench.upsert(member, [self.member(number, job: "012")], columns) == [.updated])
      try bench.checkpoint()
      #expect(try bench.upsert(member, [self.member(number, job: "012")], columns) == [.unchanged])
    }
    #expect(try bench.upsert(member, [self.member(1, job: .null)], columns) == [.updated])
    #expect(try bench.upsert(member, [self.member(9), self.member(9)], columns) == [.inserted, .rejected(.duplicate)])
    #expect(bench.engine.rowCount(Bench.member) == 4)
  }

  @Test("upsert: who writes for one org adds there, and neither takes nor gives away nor touches another's")
  func permits() throws {
    let bench = try Bench(7, "033")
    let (member, org, education) = (try entity("member"), try entity("org"), try entity("member_edu"))
    func branch(_ code: Text, under: Text) throws -> UpsertRow {
      try row(org, ["org_code": .text(code), "org_name": .text(code)], labels: ["parent_org_code": under])
    }
    func person(_ number: Int, _ branch: Text?, job: Value = "0111") throws -> UpsertRow {
      try row(
        member, ["id_card": .text("\(number)"), "name": "张三", "job_code": job],
        labels: branch.map { ["branch_code": $0] } ?? [:])
    }
    let orgColumns = ["org_code", "org_name", "parent_org_code"]
    let columns = ["id_card", "name", "job_code", "branch_code"]
    _ = try bench.upsert(org, [branch("033001", under: "033"), branch("033002", under: "033")], orgColumns)
    _ = try bench.upsert(member, [person(2, "033002")], columns)
    let directory = bench.engine.directory
    let own = try #require(directory.org(code: "033001")?.id)
    let permits: @Sendable (RecordID) -> Bool = { $0 == own }
    let outside = UpsertOutcome.rejected(.outsideScope)
    // New ones: in the own org only; one that names none would be the root's.
    let new = try [person(1, "033001"), person(3, "033002"), person(4, nil)]
    #expect(try bench.upsert(member, new, columns, permits: permits) == [.inserted, outside, outside])
    try bench.checkpoint()
    // Another's: neither changed nor taken over. The own: changed, not given away.
    let others = try [person(2, "033002", job: "012"), person(2, "033001")]
    for row in others { #expect(try bench.upsert(member, [row], columns, permits: permits) == [outside]) }
    #expect(try bench.upsert(member, [person(1, "033002")], columns, permits: permits) == [outside])
    #expect(try bench.upsert(member, [person(1, "033001", job: "012")], columns, permits: permits) == [.updated])
    let some = ["id_card", "job_code"]
    #expect(try bench.upsert(member, [person(1, nil, job: "013")], some, permits: permits) == [.updated])
    #expect(try bench.upsert(member, [person(2, nil, job: "013")], some, permits: permits) == [outside])
    // Parts go by their whole, orgs by themselves and by what they hang under.
    let keys = try #require(education.naturalKeys.first).compactMap { education.item($0)?.name }
    let schools = try [1, 2].map { number in
      var values: [String: Value] = [:]
      for name in keys {
        switch education.item(named: name)?.type {
        case .int: values[name] = .int(1)
        case .date: values[name] = .date(CivilDate(days: 1))
        default: values[name] = "1"
        }
      }
      return try row(education, values, parent: "\(number)")
    }
    #expect(try bench.upsert(education, schools, keys, permits: permits) == [.inserted, outside])
    let orgs = try [
      branch("033001001", under: "033001"), branch("033003", under: "033"), branch("033002", under: "033001"),
    ]
    #expect(try bench.upsert(org, orgs, orgColumns, permits: permits) == [.inserted, outside, outside])
  }

  @Test("upsert: only the items that differ are in the log, with what they were")
  func changes() throws {
    let bench = try Bench(7, "033")
    let member = try entity("member")
    _ = try bench.upsert(member, [self.member(1)], columns)
    _ = try bench.upsert(member, [self.member(1, job: "012", name: "张三丰")], columns)
    let key = try #require(try bench.holder("1"))
    let view = try bench.view(key)
    let places = try ["name", "job_code"].map { name in
      let item = try #require(member.item(named: name))
      return (section: Engine.section(item.fieldClass), item: item.id)
    }
    func changes(_ value: (ItemID) -> Value) -> [FieldChange] {
      view.changes(places, holds: { $1.value == value($0) }, value)
    }
    let same = changes { $0 == places[0].item ? "张三丰" : "012" }
    #expect(same.isEmpty)
    let other = changes { $0 == places[0].item ? "张三" : .null }
    #expect(other.map(\.old) == ["张三丰", "012"] && other.map(\.new) == ["张三", .null])
  }

  @Test("upsert: a key that a commit takes away or gives to another is not remembered wrongly")
  func keysThatMove() throws {
    let bench = try Bench(7, "033")
    let member = try entity("member")
    let card = try #require(member.item(named: "id_card"))
    _ = try bench.upsert(member, [self.member(1), self.member(2)], columns)
    func key(_ text: Text) throws -> RecordKey? { try bench.holder(text) }
    let (first, second) = (try #require(try key("1")), try #require(try key("2")))
    try bench.commit([Operation(second, .delete)])
    #expect(try key("2") == nil)
    let change = FieldChange(Engine.section(card.fieldClass), card.id, old: "1", new: "2")
    try bench.commit([Operation(first, .update([change]))])
    #expect(try key("2") == first && key("1") == nil)
    #expect(try bench.upsert(member, [self.member(2), self.member(1)], columns) == [.unchanged, .inserted])
    try bench.checkpoint()
    #expect(try key("2") == first && key("1") != nil)
  }

  @Test("upsert: children count on under their parent, whatever order parents come in and whatever was deleted")
  func children() throws {
    let bench = try Bench(7, "033")
    let member = try entity("member")
    let education = try entity("member_edu")
    let keyItems = try #require(education.naturalKeys.first).compactMap { education.item($0)?.name }
    _ = try bench.upsert(member, (1...4).map { try self.member($0) }, columns)
    func school(_ parent: Int, _ number: Int) throws -> UpsertRow {
      var values: [String: Value] = [:]
      for name in keyItems {
        switch education.item(named: name)?.type {
        case .int: values[name] = .int(Int64(number))
        case .date: values[name] = .date(CivilDate(days: Int32(number)))
        default: values[name] = .text("\(number)")
        }
      }
      return try row(education, values, parent: "\(parent)")
    }
    func add(_ rows: [(Int, Int)]) throws -> [UpsertOutcome] {
      try bench.upsert(education, rows.map { try school($0.0, $0.1) }, keyItems)
    }
    func count(_ parent: Int) throws -> UInt32 {
      let record = try #require(try bench.holder(Text("\(parent)"))).record
      return try bench.engine.lastOrdinal(education.id, of: record)
    }
    #expect(try add([(3, 1), (3, 2), (1, 1), (4, 1)]) == [.inserted, .inserted, .inserted, .inserted])
    #expect(try (1...4).map(count) == [1, 0, 2, 1])
    try bench.checkpoint()
    #expect(try (1...4).map(count) == [1, 0, 2, 1])
    #expect(try add([(2, 1), (3, 1), (3, 3), (4, 2)]) == [.inserted, .unchanged, .inserted, .inserted])
    #expect(try (1...4).map(count) == [1, 1, 3, 2])
    #expect(try add([(5, 1)]) == [.rejected(.unknownParent("5"))])
    let last = try #require(try bench.holder("4")).record
    try bench.commit([1, 2].map { Operation(RecordKey(entity: education.id, record: last, ordinal: $0), .delete) })
    try bench.checkpoint()
    #expect(try add([(4, 1), (3, 1)]) == [.inserted, .unchanged])
    #expect(bench.engine.rowCount(education.id) == 6)
  }

  @Test("upsert: some columns change those items of records that are there, and make no record")
  func someColumns() throws {
    let bench = try Bench(7, "033")
    let member = try entity("member")
    _ = try bench.upsert(member, (1...3).map { try self.member($0) }, columns)
    try bench.checkpoint()
    let some = ["id_card", "job_code"]
    let rules = MergeRules(
      member, in: .bundled, items: some.compactMap { member.item(named: $0)?.id }, today: today)
    func post(_ number: Int, _ job: Value) throws -> UpsertRow {
      try row(member, ["id_card": .text("\(number)"), "job_code": job])
    }
    // '0164' is a migrant worker's post, which the record denies; '0111' it has already.
    let outcomes = try bench.upsert(
      member, [post(1, "012"), post(2, "0164"), post(3, "0111"), post(4, "012")], some, rules: rules)
    #expect(outcomes[0] == .updated && outcomes[2] == .unchanged && outcomes[3] == .rejected(.unknownRecord))
    guard case .rejected(.refused(let failure)) = outcomes[1] else {
      Issue.record("\(outcomes[1])")
      return
    }
    #expect(failure.item == member.item(named: "is_migrant_worker")?.id)
    #expect(bench.engine.rowCount(Bench.member) == 3)
    let key = try #require(try bench.holder("1"))
    let view = try bench.view(key)
    func value(_ name: String) -> Value { member.item(named: name).map { view.value($0.id) } ?? .null }
    #expect(value("job_code") == "012")
    #expect(value("name") == "张三")
    #expect(value("branch_code") == .reference(bench.identity.rootOrg))
  }
}
