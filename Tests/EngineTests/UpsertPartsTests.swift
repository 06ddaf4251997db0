import Catalog
import Formats
import Primitives
import Testing

@testable import Engine

// Rows that are more than a commit holds become several commits, each row with what it carries in one.

@Suite struct UpsertPartsTests {
  private let member: Entity
  private let cardItem: ItemID
  private let nameItem: ItemID

  init() throws {
    member = try #require(Catalog.bundled.entity(named: "member"))
    cardItem = try #require(member.item(named: "id_card")?.id)
    nameItem = try #require(member.item(named: "name")?.id)
  }

  private func members(_ numbers: Range<Int>, name: (Int) -> Text) -> UpsertTable {
    let rows = numbers.map { number in
      var values = [Value](repeating: .null, count: member.items.count)
      values[Int(cardItem.value) - 1] = .text(Text("\(number)"))
      values[Int(nameItem.value) - 1] = .text(name(number))
      return UpsertRow(values: values, references: [], parent: nil)
    }
    return UpsertTable(member, TableChunk(member, rows), items: [cardItem, nameItem])
  }

  /// A record of a kind for each of these members, carried by the row in this place.
  private func companions(_ entity: Entity, _ numbers: Range<Int>) throws -> UpsertTable {
    let key = try #require(entity.naturalKeys.first)
    let rows = numbers.map { number in
      var values = [Value](repeating: .null, count: entity.items.count)
      for item in key {
        values[Int(item.value) - 1] =
          switch entity.item(item)?.type {
          case .int: .int(1)
          case .date: .date(CivilDate(days: 1))
          case .minute: .minute(CivilMinute(minutes: 1))
          case .decimal: .decimal(1)
          case .bool: .bool(true)
          default: .text("1")
          }
      }
      return UpsertRow(values: values, references: [], parent: Text("\(number)"))
    }
    return UpsertTable(
      entity, TableChunk(entity, rows), items: key, carriers: numbers.map { Int32($0 - numbers.lowerBound) })
  }

  /// Kinds of records that hang from members and are named by items of their own.
  private func kinds(_ count: Int) throws -> [Entity] {
    let kinds = Catalog.bundled.entities.filter { entity in
      guard entity.parent == member.id, let key = entity.naturalKeys.first, !key.isEmpty else { return false }
      return key.allSatisfy { item in
        switch entity.item(item)?.type {
        case .reference, .references, nil: false
        default: true
        }
      }
    }
    try #require(kinds.count >= count)
    return Array(kinds.prefix(count))
  }

  @Test("upsert: a thousand rows that carry four records each are several commits, nothing twice and nothing lost")
  func wide() throws {
    let bench = try Bench(7, "033")
    let carried = try kinds(4).map { try companions($0, 0..<1000) }
    let tables = [members(0..<1000) { Text("张\($0)") }] + carried
    #expect(throws: EngineError.tooLarge(operations: 5000, bytes: 0)) {
      _ = try bench.engine.upsert(tables, actor: "t", reason: "import", batch: 1, clock: 5)
    }
    let before = bench.engine.lastSequence.value
    let (outcomes, sequence) = try bench.engine.upsertInParts(tables, actor: "t", reason: "import", batch: 1, clock: 5)
    #expect(outcomes.map(\.count) == [1000, 1000, 1000, 1000, 1000])
    #expect(outcomes.allSatisfy { $0.allSatisfy { $0 == .inserted } })
    #expect(sequence?.value == before + 2 && bench.engine.rowCount(member.id) == 1000)
    for table in carried { #expect(bench.engine.rowCount(table.entity.id) == 1000) }
    try bench.checkpoint()
    let again = try bench.engine.upsertInParts(tables, actor: "t", reason: "import", batch: 1, clock: 5)
    #expect(again.outcomes.allSatisfy { $0.allSatisfy { $0 == .unchanged } } && again.sequence == nil)
  }

  @Test("upsert: long rows are parted by their bytes; outcomes stay with their rows")
  func long() throws {
    let bench = try Bench(7, "033")
    let noise = Bench.noise(1 << 20, seed: 3)
    let table = members(0..<6) { $0 == 4 ? "short" : Text(noise + "\($0)") }
    let (outcomes, sequence) = try bench.engine.upsertInParts([table], actor: "t", reason: "import", batch: 1, clock: 5)
    #expect(outcomes == [[UpsertOutcome](repeating: .inserted, count: 6)] && (sequence?.value ?? 0) >= 3)
    // An update that makes every row anew is as large.
    let renamed = members(0..<6) { $0 == 4 ? "short" : Text(noise + "x\($0)") }
    let found = try bench.engine.upsertInParts([renamed], actor: "t", reason: "import", batch: 1, clock: 5).outcomes
    #expect(found[0].map { $0 == .updated } == (0..<6).map { $0 != 4 })
  }

  @Test("upsert: one row that is more than a commit is refused as such")
  func single() throws {
    let bench = try Bench(7, "033")
    let noise = Bench.noise(5 << 20, seed: 3)
    let table = members(0..<1) { _ in Text(noise) }
    #expect(throws: EngineError.self) {
      _ = try bench.engine.upsertInParts([table], actor: "t", reason: "import", batch: 1, clock: 5)
    }
  }
}
