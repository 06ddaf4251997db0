import Access
import Catalog
import Primitives
import Query
import Testing

@testable import Statistics

/// Goal: a report counted over columns says, cell by cell, what the plain reader of rows says, for the bundled tables
/// and for forms that nobody would write. Method: random cities whose records are as contradictory as random records
/// are: dates missing or in the wrong order, codes of every kind, children of records that are gone, organisations that
/// hang elsewhere after a change.
@Suite struct ReportLawTests {
  private func world(_ seed: UInt64) throws -> ColumnWorld {
    var world = try ColumnWorld(seed: seed)
    world.roots = ["org", "unit", "member", "applicant", "reward_penalty", "report_cell", "org"]
    world.children = [
      "member_edu", "dues", "org_term", "membership_change", "appraisal", "floating", "overseas", "delegate",
      "party_post", "member_duty",
    ]
    world.codesMax = 60
    return world
  }

  @Test("report: every pass of the 43 tables counts over columns what rows say", arguments: 1...4)
  func bundled(seed: UInt64) throws {
    var world = try world(seed)
    var filled: Set<String> = []
    var counted = 0
    for round in 0..<4 {
      // Few codes, so that conditions on several meet, and all of them.
      world.codesMax = [4, 60, 12, 8][(round + Int(seed)) % 4]
      try world.change(round == 1 ? 40 : 900)
      var random = world.random.stream("reports \(round)")
      for form in ReportBook.bundled.forms {
        let plan = ReportBook.bundled.plan(form, try period(&random))
        for pass in plan.passes {
          let cells = try compare(pass, world, &random, "seed \(seed) \(form.id)")
          counted += cells == nil ? 0 : 1
          if cells?.contains(where: { $0 != 0 }) ?? false { filled.insert(form.id) }
        }
      }
    }
    // A twin that never answers, or answers nothing but zeros, proves nothing.
    #expect(counted > 150 && filled.count > 12, "\(counted) passes over columns; with figures: \(filled.sorted())")
  }

  /// A year, or many: random records have few dates in any one year.
  private func period(_ random: inout SeededRandom) throws -> ReportPeriod {
    let year = ReportPeriod(year: 1950 + random.below(50))
    guard random.chance(permille: 700) else { return year }
    return ReportPeriod(first: year.first, last: CivilDate(days: year.last.days + Int32(random.below(15_000))))
  }

  @Test("report: forms of random conditions count over columns what rows say", arguments: 11...14)
  func random(seed: UInt64) throws {
    var world = try ColumnWorld(seed: seed)
    try world.change(600)
    var random = world.random.stream("forms")
    var questions = RandomQuestions(random: world.random.stream("conditions"), world: world)
    var counted = 0
    for number in 0..<50 {
      var conditions: [String] = []
      while conditions.count < 2 + random.below(8) {
        let drawn = questions.draw()
        guard drawn.entity == "member", let condition = drawn.condition, !condition.contains("today"),
          !condition.contains("age >"), !condition.contains("party_age")
        else { continue }
        conditions.append(condition)
      }
      var text = "form R 随机 | Random\n  of member\n"
      for (place, condition) in conditions.enumerated() {
        text += "  \(place % 2 == 0 ? "row" : "col") l\(place) 行 | Line | \(condition)\n"
        if place == 2, number % 4 == 1 { text += "    sum party_group_no\n" }
        if place == 2, number % 4 == 2 { text += "    distinct job_code\n" }
      }
      text += "  row whole 全 | All\n  col whole 全 | All\n"
      let book: ReportBook
      do {
        book = try ReportBook.load(parts: [CatalogPart(name: "random", text: text)], catalog: world.catalog)
      } catch { continue }
      for pass in book.plan(book.forms[0], ReportPeriod(year: 2005)).passes {
        if try compare(pass, world, &random, "seed \(seed): \(text)") != nil { counted += 1 }
      }
    }
    #expect(counted > 15, "\(counted) passes over columns")
  }

  @Test("report: an organisation that moves is counted where it hangs now, and children add up to their parent")
  func additive() throws {
    var world = try world(77)
    // A record lies where its organisation does, as in every real network.
    world.partitionsMax = 1
    var (tops, members) = (0, Int64(0))
    for _ in 0..<4 {
      // Organisations get other superiors now and then; nothing of a member's changes with them.
      try world.change(600)
      for top in world.directory.orgs
      where top.end - top.start > 2 && !top.code.isEmpty && world.directory.org(code: top.code)?.id == top.id {
        // Only who stands somewhere: a record of an unknown organisation counts for the whole node that holds it.
        let text = """
          form A 甲 | A
            of member where org under '\(top.code.string)'
            row all 全 | All
            col all 全 | All
            col women 女 | Women | sex = '2'
          """
        let book = try ReportBook.load(parts: [CatalogPart(name: "sum", text: text)], catalog: world.catalog)
        let pass = book.plan(book.forms[0], ReportPeriod(year: 2005)).passes[0]
        var sum = try count(pass, world, OrgExtent([top.start..<top.start + 1]))
        for child in world.directory.orgs
        where child.parent == top.id && child.start > top.start && child.start < top.end {
          for (place, count) in try count(pass, world, OrgExtent([child.start..<child.end])).enumerated() {
            sum[place] += count
          }
        }
        #expect(try count(pass, world, OrgExtent([top.start..<top.end])) == sum)
        tops += 1
        members += sum[0]
      }
    }
    #expect(tops > 1 && members > 20, "\(tops) organisations, \(members) members")
  }

  @Test("report: an organisation without anybody has a table of zeros, an unknown one none")
  func empty() throws {
    let world = try world(5)
    let form = try #require(ReportBook.bundled.form("T1"))
    let plan = ReportBook.bundled.plan(form, ReportPeriod(year: 2005))
    let view = world.view(Authoriser.embedder("test"))
    let counted = try plan.passes.map { try view.reportCells($0, under: nil) }
    let table = ReportTable(plan, counted: counted) { _, _ in nil }
    #expect(table.values.allSatisfy { $0 == 0 })
    #expect(throws: QueryError.unknownOrg("033999")) { try view.reportCells(plan.passes[0], under: "033999") }
    for check in ReportBook.bundled.checks where check.forms == ["T1"] {
      let findings = check.findings { $0 == "T1" ? table : nil }
      #expect(!findings.isEmpty && findings.count { !$0.holds } == 0, "\(check.id)")
    }
  }

  /// - Returns: the cells, or nil when columns cannot say them.
  private func compare(
    _ pass: ReportPass, _ world: ColumnWorld, _ random: inout SeededRandom, _ text: String
  ) throws -> [Int64]? {
    var scope = Authoriser.embedder("test")
    var under: Text?
    let orgs = world.directory.orgs
    if !orgs.isEmpty {
      if random.chance(permille: 300) {
        let org = orgs[random.below(orgs.count)]
        scope = try #require(Authoriser.narrowed(scope, to: org.id, in: world.directory))
      }
      if random.chance(permille: 500) { under = orgs[random.below(orgs.count)].code }
    }
    let selection = try Selection(pass.entity.name, condition: nil, under: under, catalog: world.catalog)
    do { _ = try selection.extent(scope, in: world.directory) } catch {
      // An org that two have, or nobody: both ways say so.
      #expect(throws: error) { try world.view(scope).reportCells(pass, under: under) }
      return nil
    }
    // Nobody asks columns what only rows can judge for the scope.
    if ReadGate(scope, world.catalog).reasonForRows(pass) != nil { return nil }
    let expected = try world.view(scope).reportCells(pass, under: under)
    do {
      let cells = try count(pass, world, try selection.extent(scope, in: world.directory))
      #expect(cells == expected, "\(text): \(pass.condition?.source ?? "all") under \(under?.string ?? "all")")
      return cells
    } catch {
      guard error is NotInColumns else { throw error }
      return nil
    }
  }

  private func count(_ pass: ReportPass, _ world: ColumnWorld, _ extent: OrgExtent?) throws -> [Int64] {
    let needs = try ReportScan.needs(pass, world.catalog)
    try world.columns.load(needs.entities, from: world.store, partitions: world.partitions)
    var scan = try ReportScan(
      pass, world.columns, ColumnMoment(directory: world.directory, extent: extent, today: world.today))
    return scan.cells()
  }
}
