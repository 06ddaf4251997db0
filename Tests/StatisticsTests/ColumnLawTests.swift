import Access
import Catalog
import Primitives
import Query
import Testing

@testable import Statistics

/// Goal: columns answer as the stored rows do, whatever was asked and however the records came to be. Method: random
/// changes, over which columns follow batch by batch; random questions; the reader of rows, which knows nothing of
/// columns, beside them.
@Suite struct ColumnLawTests {
  @Test("columns: random questions after random changes are answered as rows answer them", arguments: 1...6)
  func twins(seed: UInt64) throws {
    try run(seed: seed, rounds: 9, isHostile: false)
  }

  @Test("columns: records that do not fit their catalog are answered as rows answer them", arguments: 101...102)
  func hostile(seed: UInt64) throws {
    try run(seed: seed, rounds: 6, isHostile: true)
  }

  private func run(seed: UInt64, rounds: Int, isHostile: Bool) throws {
    var world = try ColumnWorld(seed: seed)
    world.isHostile = isHostile
    var asked = 0
    var answered = 0
    for round in 0..<rounds {
      let count = changes(&world.random, round)
      try world.change(count)
      var questions = RandomQuestions(random: world.random.stream("round \(round)"), world: world)
      var random = world.random.stream("scopes \(round)")
      for _ in 0..<20 {
        asked += 1
        let drawn = questions.draw()
        if try compare(drawn, world, &random, seed) { answered += 1 }
      }
    }
    // A twin that never answers proves nothing.
    if !isHostile { #expect(answered * 10 > asked * 8, "\(answered) of \(asked) questions were answered by columns") }
  }

  /// Few changes and many: positions are appended, reused, sorted anew.
  private func changes(_ random: inout SeededRandom, _ round: Int) -> Int {
    round % 4 == 0 ? 200 + random.below(400) : 1 + random.below(40)
  }

  /// - Returns: whether columns could answer.
  private func compare(
    _ drawn: RandomQuestions.Question, _ world: ColumnWorld, _ random: inout SeededRandom, _ seed: UInt64
  ) throws -> Bool {
    let catalog = world.catalog
    let selection = try Selection(
      drawn.entity, condition: drawn.condition, under: drawn.under, with: drawn.with, without: drawn.without,
      catalog: catalog)
    var scope = Authoriser.embedder("test")
    if random.chance(permille: 300), !world.directory.orgs.isEmpty {
      let org = world.directory.orgs[random.below(world.directory.orgs.count)]
      scope = try #require(Authoriser.narrowed(scope, to: org.id, in: world.directory))
    }
    let by = try drawn.by.map { try AnswerColumn($0, on: selection.entity, catalog: catalog) }
    let measures = try drawn.figures.map { text in
      let space = try #require(text.firstIndex(of: " "))
      let kind = try #require(Measure.Kind(rawValue: String(text[..<space])))
      return try Measure(kind, String(text[text.index(after: space)...]), on: selection.entity, catalog: catalog)
    }
    let view = world.view(scope)
    let text: Comment = "seed \(seed): \(drawn) by \(scope)"
    do { _ = try selection.extent(scope, in: world.directory) } catch {
      #expect(throws: error) { try view.tally(selection, by: by, measures: measures) }
      return true
    }
    let expected = try view.tally(selection, by: by, measures: measures)
    let perRecord = by.map(\.expression) + measures.map(\.column.expression)
    // Nobody asks columns what only rows can judge for the scope.
    if ReadGate(scope, catalog).reasonForRows(selection, perRecord) != nil { return true }
    do {
      var question = try world.question(selection, perRecord, scope)
      let tally = try question.prepareTally(by: by, measures: measures)
      #expect(try question.tally(tally) == expected, text)
      #expect(question.count() == expected.reduce(0) { $0 + $1.count }, text)
      try compareFound(selection, world, view, scope, &random, text)
      return true
    } catch {
      guard error is NotInColumns else { throw error }
      return false
    }
  }

  private func compareFound(
    _ selection: Selection, _ world: ColumnWorld, _ view: QueryView, _ scope: Scope, _ random: inout SeededRandom,
    _ text: Comment
  ) throws {
    let shown = selection.entity.items.prefix(12).map(\.name) + (selection.entity.name == "member" ? ["age"] : [])
    let columns = try shown.map { try AnswerColumn($0, on: selection.entity, catalog: world.catalog) }
    let limit = 1 + random.below(30)
    let sortable = selection.entity.items.filter { $0.derivation == nil && $0.type == .date || $0.type == .int }
    var order: [SortColumn] = []
    if random.chance(permille: 500), !sortable.isEmpty {
      let item = sortable[random.below(sortable.count)].name
      order = [
        SortColumn(
          try AnswerColumn(item, on: selection.entity, catalog: world.catalog),
          isDescending: random.chance(permille: 500))
      ]
    }
    let expected = try view.find(selection, columns: columns, order: order, limit: limit)
    var question = try world.question(selection, order.map(\.expression), scope)
    let records =
      order.isEmpty
      ? question.records(limit: limit) : question.records(try question.prepareOrder(order), limit: limit)
    let reader = RecordReader(view, selection.entity)
    #expect(records.map(\.key) == expected.map(\.key), text)
    #expect(records.map(\.partition) == expected.map(\.partition), text)
    for (record, twin) in zip(records, expected) {
      let chosen = ChosenRecord(partition: record.partition, key: record.key)
      let values = try columns.map { try reader.value(of: $0.expression, chosen) { record.value($0) } }
      #expect(values == twin.values, text)
    }
  }
}
