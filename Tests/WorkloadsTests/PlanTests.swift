import Catalog
import Primitives
import Testing

@testable import Workloads

/// What can be seen without writing a file: figures, tree, network, distributions.
@Suite struct PlanTests {
  static let full = Result { try CityPlan(seed: 1, nodes: .small) }

  @Test func `plan: 340,000 members give the published figures exactly`() throws {
    let plan = try PlanTests.full.get()
    let totals = WorkloadEntity.allCases.map { entity in
      plan.nodes.indices.reduce(0) { $0 + plan.rowCount(of: entity, node: $1) }
    }
    #expect(totals == [14_000, 20_900, 340_000, 340_000, 18_000, 36_000, 3_883, 2_836])
    let figures = CityCounts(plan).figures
    func figure(_ name: String) -> Int? { figures.first { $0.name == name }?.count }
    #expect(figure("degree_holders") == 10_633)
    #expect(figure("women") == 68_000)
    #expect(figure("minorities") == 1_020)
    #expect(figure("college_and_above") == 91_800)
    #expect(figure("age_to_35") == 74_800)
    #expect(figure("age_36_to_60") == 166_600)
    #expect(figure("age_above_60") == 98_600)
    #expect(figure("probationary") == 11_220)
    #expect(figure("unit_public_economy") == 8_472)
    #expect(figure("unit_community") == 367)
    #expect(figure("unit_private_non_enterprise") == 214)
    #expect((figure("unit_village") ?? 0) > 3_000)
    #expect((figure("unit_enterprise_50_99") ?? 0) >= 1_500)
    #expect(figure("org_category_621") == 1_310)
    #expect((figure("org_category_631") ?? 0) + (figure("org_category_632") ?? 0) == 18_370)
    for (occupation, share) in zip(Occupation.allCases, Occupation.shares) {
      #expect(figure("occupation_\(occupation)") == 340 * share)
    }
  }

  @Test func `plan: branches have 3 to 60 members, half of them about 15`() throws {
    let plan = try PlanTests.full.get()
    let sizes = plan.organisations.filter(\.isBranch).map(\.size).sorted()
    #expect(sizes.first ?? 0 >= 3 && sizes.last ?? 0 <= 60)
    #expect((14...17).contains(sizes[sizes.count / 2]))
    #expect(sizes.reduce(0, +) == 340_000)
  }

  @Test func `plan: the same seed gives the same people in both networks (340,000 members)`() throws {
    let small = try PlanTests.full.get()
    let large = try CityPlan(seed: 1, nodes: .full)
    #expect(small.organisations.map(\.code) == large.organisations.map(\.code))
    #expect(small.members.map(\.person.idCard) == large.members.map(\.person.idCard))
    #expect(large.nodes.count == 700)
    let kinds = [PlannedNode.Kind.city, .county, .township, .grassroots].map { kind in
      large.nodes.count { $0.kind == kind }
    }
    #expect(kinds == [1, 11, 162, 526])
    #expect(Set(large.nodes.map(\.name)).count == 700)
  }

  @Test(arguments: [2_000, 2_001, 3_333, 20_000, 33_999, 34_000, 50_000])
  func `plan: scaled cities keep their network and proportions`(members: Int) throws {
    let plan = try CityPlan(seed: 7, members: members, nodes: .small)
    #expect(plan.nodes.count == 56)
    #expect(plan.nodes.filter { $0.kind == .grassroots }.count == 11)
    let counts = plan.nodes.indices.map { plan.rowCount(of: .member, node: $0) }
    #expect(counts.reduce(0, +) == members)
    for (node, count) in zip(plan.nodes, counts) where node.kind == .township || node.kind == .grassroots {
      #expect(count > 0, "\(node.name) has no members")
    }
    #expect(plan.figures.applicants == (18_000 * members + 170_000) / 340_000)
    if members >= 20_000 { #expect(plan.organisationCount == (20_900 * members + 170_000) / 340_000) }
  }

  @Test func `plan: the full network needs 34,000 members, and too many are refused`() throws {
    #expect(try CityPlan(seed: 3, members: 34_000, nodes: .full).nodes.count == 700)
    #expect(throws: CityPlanError.tooFewMembers(minimum: 34_000)) {
      try CityPlan(seed: 1, members: 33_999, nodes: .full)
    }
    #expect(throws: CityPlanError.tooFewMembers(minimum: 2_000)) {
      try CityPlan(seed: 1, members: 1_999, nodes: .small)
    }
    #expect(throws: CityPlanError.tooManyMembers(maximum: 1_000_000)) {
      try CityPlan(seed: 1, members: 1_000_001, nodes: .small)
    }
  }

  @Test func `regions: codes and names are those of the catalog, eight sub-districts given back to Jiangdong`() throws {
    let table = try #require(Catalog.bundled.codeTable("REGION"))
    var townships = 0
    for county in County.all {
      #expect(table.label(of: Text(county.code))?.zh == county.name)
      for township in county.townships {
        #expect(table.label(of: Text(township.code))?.zh == township.name)
        #expect(table.contains(Text(county.region(of: township))))
      }
      #expect(county.townships.filter(\.isNodeInSmallPlan).count == 3)
      #expect(Set(county.townships.map(\.pinyin)).count == county.townships.count)
      townships += county.townships.count
    }
    #expect(townships == 162)
    #expect(table.codes.filter { $0.code.count == 9 }.count == 162)
    #expect(County.all[1].townships.map(\.name).joined() == "百丈街道东胜街道明楼街道白鹤街道东柳街道东郊街道福明街道新明街道")
  }
}

/// Laws of the small mathematics behind the plan.
@Suite struct ApportionTests {
  @Test func `apportion: parts sum to the total and stay within one of the exact share`() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<300 {
      let weights = (0..<1 + random.below(20)).map { _ in random.fraction() }
      let total = random.below(1000)
      let parts = apportion(total, weights: weights)
      #expect(parts.reduce(0, +) == total)
      let sum = weights.reduce(0, +)
      for (part, weight) in zip(parts, weights) { #expect(abs(Double(part) - Double(total) * weight / sum) <= 1) }
    }
  }

  @Test func `apportion: limits hold and what does not fit goes elsewhere`() {
    var random = SeededRandom(seed: 6)
    for _ in 0..<300 {
      let count = 1 + random.below(12)
      let limits = (0..<count).map { _ in random.below(50) }
      let weights = (0..<count).map { _ in random.chance(permille: 300) ? 0 : random.fraction() }
      let total = random.below(400)
      let parts = apportion(total, weights: weights, limits: limits)
      #expect(parts.reduce(0, +) == min(total, limits.reduce(0, +)))
      #expect(zip(parts, limits).allSatisfy { $0 >= 0 && $0 <= $1 })
    }
  }

  @Test func `fitted: tables have exactly the given sums and no count where the seed is zero`() {
    var random = SeededRandom(seed: 8)
    for _ in 0..<200 {
      let seed = (0..<5).map { row in (0..<4).map { column in row == 0 && column == 0 ? 0 : 0.01 + random.fraction() } }
      let table = (0..<5).map { row in (0..<4).map { column in seed[row][column] == 0 ? 0 : random.below(60) } }
      let rows = table.map { $0.reduce(0, +) }
      let columns = (0..<4).map { column in table.reduce(0) { $0 + $1[column] } }
      let found = fitted(seed: seed, rows: rows, columns: columns)
      #expect(found.map { $0.reduce(0, +) } == rows)
      #expect((0..<4).map { column in found.reduce(0) { $0 + $1[column] } } == columns)
      #expect(found[0][0] == 0 && found.allSatisfy { $0.allSatisfy { $0 >= 0 } })
    }
  }

  @Test func `deck: every column comes out as often as planned, in an order that the seed decides`() {
    var random = SeededRandom(seed: 9)
    var deck = Deck([[3, 0, 5], [1, 1, 0]])
    let drawn = (0..<8).map { _ in deck.draw(0, &random) }
    #expect(drawn.sorted() == [0, 0, 0, 2, 2, 2, 2, 2])
  }

  @Test(arguments: [(1.0, 0.0), (8, 3), (0.5, -1), (10, 3.321_928_094_887_362), (0.003, -8.380_821_783_940_931)])
  func `entropy: the logarithm agrees with known values`(value: Double, logarithm: Double) {
    #expect(abs(binaryLogarithm(value) - logarithm) < 1e-12)
  }
}
