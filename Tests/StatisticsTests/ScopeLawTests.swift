import Access
import Catalog
import Formats
import Foundation
import Primitives
import Query
import Testing

@testable import Statistics

/// Goal: what lies outside a scope tells nothing inside. Method: pairs of databases that are equal inside the scope and
/// different outside, the same random questions to both, over rows and over columns; every answer, count, order and
/// error must be the same. And each check of the gate left out in turn must show.
///
/// `XYLEM_PAIRS` says how many pairs; left out, as many as fit into some seconds.
@Suite struct ScopeLawTests {
  private static let seconds = 8.0

  @Test("scope: what differs outside the scope changes no answer, no count, no order and no error")
  func interference() throws {
    let wanted = ProcessInfo.processInfo.environment["XYLEM_PAIRS"].flatMap { Int($0) }
    let end = Date(timeIntervalSinceNow: ScopeLawTests.seconds)
    var pairs = 0
    var seed: UInt64 = 1
    while wanted.map({ pairs < $0 }) ?? (Date() < end) {
      let found = try ScopeLaw(seed: seed).run(questions: 30)
      #expect(found.difference == nil, "seed \(seed): \(found.difference ?? "")")
      pairs += found.pairs
      seed += 1
    }
    #expect(pairs >= 30, "\(pairs) pairs")
  }

  @Test("scope: somebody's answer is what of everybody's answer lies in the scope", arguments: 1...4)
  func differential(seed: UInt64) throws {
    let law = try ScopeLaw(seed: seed)
    for number in 0..<60 {
      let difference = try law.filtered(number: UInt64(number))
      #expect(difference == nil, "seed \(seed): \(difference ?? "")")
    }
  }

  @Test(
    "mutants: a check of the gate that is left out shows",
    arguments: [
      GateDefect.extentIsIgnored, .maskIsLeftOut, .maskedIsComputed, .entityIsIgnored, .pathLeavesScope,
      .relatedLeavesScope, .unplacedIsShown, .columnsAnswerAll,
    ])
  func mutants(defect: GateDefect) throws {
    #if DEBUG
      var isFound = false
      for seed in 1...150 as ClosedRange<UInt64> where !isFound {
        let law = try ScopeLaw(seed: seed)
        isFound = try GateDefect.$active.withValue(defect) {
          try law.run(questions: 40).difference != nil || law.masks() != nil
        }
      }
      #expect(isFound, "\(defect) is not seen")
    #endif
  }

  @Test("masks: a masked item shows its mask and nothing may be computed with it (every item of class C and D)")
  func masks() throws { #expect(try ScopeLaw(seed: 3).masks() == nil) }
}

/// Two worlds and a scope.
private struct ScopeLaw {
  let here: ColumnWorld
  let there: ColumnWorld
  let scope: Scope
  let seed: UInt64

  init(seed: UInt64) throws {
    self.seed = seed
    var (here, there) = (try ColumnWorld(seed: seed), try ColumnWorld(seed: seed))
    for count in [150, 40, 200, 400] where count < 100 || here.directory.orgs.count < 2 {
      try here.change(count)
      try there.change(count)
    }
    var random = SeededRandom(seed: seed).stream("scope")
    var scope = Authoriser.embedder("somebody")
    let orgs = here.directory.orgs
    let org = try #require(orgs.isEmpty ? nil : orgs[random.below(orgs.count)])
    scope = try #require(Authoriser.narrowed(scope, to: org.id, in: here.directory))
    if random.chance(permille: 500) { scope = Authoriser.masked(scope, clear: [.a, .b]) }
    self.scope = scope
    try there.scramble(outside: scope, seed: seed &* 77)
    self.here = here
    self.there = there
  }

  /// - Returns: how many questions were asked of both, and the first on which they differ.
  func run(questions count: Int) throws -> (pairs: Int, difference: String?) {
    var questions = RandomQuestions(random: SeededRandom(seed: seed).stream("questions"), world: here)
    for number in 0..<count {
      let drawn = questions.draw()
      let (one, other) = (answers(drawn, here), answers(drawn, there))
      if one != other { return (number, "\(drawn)\n\(one)\n\(other)") }
    }
    return (count, nil)
  }

  /// Everything that is told of a question, as text.
  private func answers(_ drawn: RandomQuestions.Question, _ world: ColumnWorld) -> [String] {
    [told { try tally(drawn, world) }, told { try rows(drawn, world) }, told { try columns(drawn, world) }]
  }

  private func told(_ body: () throws -> String) -> String {
    do { return try body() } catch { return "error \(error)" }
  }

  private func selection(_ drawn: RandomQuestions.Question, _ world: ColumnWorld) throws -> Selection {
    try Selection(
      drawn.entity, condition: drawn.condition, under: drawn.under, with: drawn.with, without: drawn.without,
      catalog: world.catalog)
  }

  private func parts(
    _ drawn: RandomQuestions.Question, _ entity: Entity, _ world: ColumnWorld
  ) throws -> ([AnswerColumn], [Measure]) {
    let by = try drawn.by.map { try AnswerColumn($0, on: entity, catalog: world.catalog) }
    let measures = try drawn.figures.map { text in
      let words = text.split(separator: " ", maxSplits: 1).map(String.init)
      let kind = try #require(Measure.Kind(rawValue: words[0]))
      return try Measure(kind, words[1], on: entity, catalog: world.catalog)
    }
    return (by, measures)
  }

  private func tally(_ drawn: RandomQuestions.Question, _ world: ColumnWorld) throws -> String {
    let selection = try selection(drawn, world)
    let (by, measures) = try parts(drawn, selection.entity, world)
    return "\(try world.view(scope).tally(selection, by: by, measures: measures))"
  }

  private func rows(_ drawn: RandomQuestions.Question, _ world: ColumnWorld) throws -> String {
    let selection = try selection(drawn, world)
    let columns = try selection.entity.items.map {
      try AnswerColumn($0.name, on: selection.entity, catalog: world.catalog)
    }
    let order = try drawn.by.prefix(1).map {
      SortColumn(try AnswerColumn($0, on: selection.entity, catalog: world.catalog), isDescending: true)
    }
    let found = try world.view(scope).find(selection, columns: columns, order: order, limit: 7)
    return found.map { "\($0.key) \($0.values)" }.joined(separator: "\n")
  }

  private func columns(_ drawn: RandomQuestions.Question, _ world: ColumnWorld) throws -> String {
    let selection = try selection(drawn, world)
    let (by, measures) = try parts(drawn, selection.entity, world)
    let gate = ReadGate(scope, world.catalog)
    try gate.check(selection)
    try gate.check(by, measures, on: selection.entity)
    let perRecord = by.map(\.expression) + measures.map(\.column.expression)
    if gate.reasonForRows(selection, perRecord) != nil { return "rows" }
    do {
      var question = try world.question(selection, perRecord, scope)
      let tally = try question.prepareTally(by: by, measures: measures)
      return "\(try question.tally(tally))"
    } catch let error as NotInColumns { return "not in columns \(error.name)" }
  }

  /// What of everybody's records lies in the scope, beside the scope's own answer.
  func filtered(number: UInt64) throws -> String? {
    var questions = RandomQuestions(random: SeededRandom(seed: seed &+ number * 1000).stream("filter"), world: here)
    let drawn = questions.draw()
    let clear = try #require(Authoriser.narrowed(Authoriser.embedder("x"), to: try top(), in: here.directory))
    let selection = try Selection(drawn.entity, condition: drawn.condition, under: nil, catalog: here.catalog)
    // What a question reads of other records may differ by right.
    if ReadGate(clear, here.catalog).reasonForRows(selection, []) != nil { return nil }
    let name = try AnswerColumn(selection.entity.items[0].name, on: selection.entity, catalog: here.catalog)
    let whole = here.view(Authoriser.embedder("root"))
    let extent = try #require(clear.extent(in: here.directory))
    // A record lies in the domain of the org that owns it; some of this world do not, and nobody looks there.
    let partitions = try here.view(clear).partitions(under: nil)
    var expected: [RecordKey] = []
    for record in try whole.find(selection, columns: [name], limit: 100_000) {
      let row = try #require(try here.store.get(.rows, Keys.row(record.partition, record.key)))
      let place = try whole.place(record.partition, record.key, try RowView(row), selection.entity)
      if extent.contains(place), partitions.contains(record.partition) { expected.append(record.key) }
    }
    let found = try here.view(clear).find(selection, columns: [name], limit: 100_000).map(\.key)
    return found == expected ? nil : "\(drawn): \(found.count) and \(expected.count)"
  }

  private func top() throws -> RecordID {
    try #require(here.directory.orgs.first { scope.extent(in: here.directory)?.contains($0.start) ?? false }).id
  }

  /// The first masked item that shows more than its mask, or may be computed with.
  func masks() throws -> String? {
    let scope = Authoriser.masked(Authoriser.embedder("x"), clear: [.a, .b])
    let view = here.view(scope)
    for entity in here.catalog.entities {
      let selection = try Selection(entity.name, condition: nil, under: nil, catalog: here.catalog)
      for item in entity.items where item.fieldClass == .c || item.fieldClass == .d {
        let column = try AnswerColumn(item.name, on: entity, catalog: here.catalog)
        for record in try view.find(selection, columns: [column], limit: 50) where item.derivation == nil {
          if record.values != [Mask.hidden] { return "\(item.name) shows \(record.values)" }
        }
        let condition = try Selection(entity.name, condition: "\(item.name) is null", under: nil, catalog: here.catalog)
        let order = [SortColumn(column, isDescending: false)]
        let name = try AnswerColumn("1", on: entity, catalog: here.catalog)
        let distinct = try? Measure(.distinct, item.name, on: entity, catalog: here.catalog)
        let text = try AnswerColumn("coalesce(\(item.name), \(item.name))", on: entity, catalog: here.catalog)
        let uses: [() throws -> Void] = [
          { _ = try view.count(condition) }, { _ = try view.find(condition, columns: [name], limit: 1) },
          { _ = try view.find(selection, columns: [name], order: order, limit: 1) },
          { _ = try view.tally(selection, by: [column]) }, { _ = try view.find(selection, columns: [text], limit: 1) },
          {
            guard let distinct else { throw QueryError.masked(item.name, item.fieldClass) }
            _ = try view.tally(selection, by: [], measures: [distinct])
          },
        ]
        for (number, use) in uses.enumerated() {
          do {
            try use()
            return "\(entity.name).\(item.name) is used in way \(number)"
          } catch let error as QueryError {
            guard case .masked = error else { return "\(entity.name).\(item.name) in way \(number): \(error)" }
          }
        }
      }
    }
    let user = User(
      id: RecordID(mint: 1, counter: 1), name: "ji", label: "纪", home: try top(), isLocked: false,
      grants: [Grant(ordinal: 1, role: .discipline, place: try top(), until: nil)])
    let few = try Authoriser.scope(of: user, verb: .query, today: here.today)
    do {
      let dues = try Selection("dues", condition: nil, under: nil, catalog: here.catalog)
      _ = try here.view(few).count(dues)
      return "dues are read"
    } catch {
      guard error == .entityNotPermitted("dues") else { return "\(error)" }
    }
    return nil
  }
}
