import Primitives

/// Collects what only the written rows show, and puts the expected answers together.
struct Census {
  private let plan: CityPlan
  /// Hash of name and birth date of every member seen.
  private var people: [UInt64] = []
  private let candidates: [Int]
  private var candidateNames: [(name: String, hash: UInt64)?]

  /// How many people the acceptance question names.
  static let namedPersons = 37
  static let villagesSince = CityPlan.today.adding(years: -3)
  /// The county of the table by sex and education: Yinzhou.
  private static let tableCounty = 5

  init(_ plan: CityPlan) {
    self.plan = plan
    people.reserveCapacity(plan.members.count)
    var random = SeededRandom(seed: plan.seed).stream("named persons")
    var chosen: [Int] = []
    // Three times as many as needed: those who share name and birth date with somebody fall out.
    while chosen.count < Census.namedPersons * 3 {
      let position = random.below(plan.members.count)
      if !chosen.contains(position) { chosen.append(position) }
    }
    candidates = chosen
    candidateNames = [(name: String, hash: UInt64)?](repeating: nil, count: chosen.count)
  }

  /// Notes the name of the member at `position`.
  mutating func note(name: ArraySlice<UInt8>, of position: Int) {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    hash = (hash ^ UInt64(UInt32(bitPattern: plan.members[position].person.birth.days))) &* 0x0000_0100_0000_01B3
    people.append(hash)
    if let index = candidates.firstIndex(of: position) {
      candidateNames[index] = (String(decoding: name, as: UTF8.self), hash)
    }
  }

  /// - Requires: every member was noted once.
  func expected(planted: Int) -> Expected {
    let villages = villagesWithoutNewMembers()
    let nodes = plan.nodes.indices.map { node in
      Expected.NodeCounts(
        node: plan.nodes[node].name, orgCode: plan.nodes[node].orgCode,
        rows: WorkloadEntity.allCases.map { plan.rowCount(of: $0, node: node) })
    }
    return Expected(
      seed: plan.seed, nodePlan: plan.nodePlan.rawValue, today: CityPlan.today.description, nodes: nodes,
      figures: CityCounts(plan).figures, planted: planted, villagesSince: Census.villagesSince.description,
      villagesWithoutNewMembers: villages, namedPersons: named(),
      educationCounty: "033" + ordinal(Census.tableCounty + 1), educationTable: educationTable())
  }

  private func named() -> [Expected.NamedPerson] {
    let sorted = people.sorted()
    var found: [(position: Int, person: Expected.NamedPerson)] = []
    for (index, position) in candidates.enumerated() where found.count < Census.namedPersons {
      guard let (name, hash) = candidateNames[index], count(hash, in: sorted) == 1 else { continue }
      let branch = plan.organisations.partitioningIndex { $0.firstMember + $0.size > position }
      found.append(
        (
          position,
          Expected.NamedPerson(
            name: name, birthDate: plan.members[position].person.birth.description,
            branchCode: plan.organisations[branch].code)
        ))
    }
    require(found.count == Census.namedPersons, "only \(found.count) of the named people are unique")
    return found.sorted { $0.position < $1.position }.map(\.person)
  }

  private func count(_ hash: UInt64, in sorted: [UInt64]) -> Int {
    let first = sorted.partitioningIndex { $0 >= hash }
    return sorted[first...].prefix { $0 == hash }.count
  }

  private func villagesWithoutNewMembers() -> [String] {
    var newest = [CivilDate?](repeating: nil, count: plan.organisations.count)
    for position in plan.organisations.indices.reversed() {
      let organisation = plan.organisations[position]
      for member in organisation.members {
        newest[position] = max(newest[position] ?? plan.members[member].join, plan.members[member].join)
      }
      if let parent = organisation.parent, let date = newest[position] {
        newest[parent] = max(newest[parent] ?? date, date)
      }
    }
    return plan.organisations.indices.compactMap { position in
      let organisation = plan.organisations[position]
      guard organisation.community == .village, organisation.isUnitRoot, let date = newest[position] else { return nil }
      return date < Census.villagesSince ? organisation.code : nil
    }
  }

  private func educationTable() -> [Expected.EducationCell] {
    var counts = [[Int]](repeating: [Int](repeating: 0, count: 100), count: 2)
    for organisation in plan.organisations where plan.territories[organisation.territory].county == Census.tableCounty {
      for position in organisation.members {
        let member = plan.members[position]
        counts[member.person.isFemale ? 1 : 0][Int(member.eduCode)] += 1
      }
    }
    var cells: [Expected.EducationCell] = []
    for sex in 0..<2 {
      for code in 10..<100 where counts[sex][code] > 0 {
        cells.append(Expected.EducationCell(sex: String(sex + 1), eduCode: String(code), count: counts[sex][code]))
      }
    }
    return cells
  }
}

extension Array {
  /// First position from which on `belongs` holds.
  ///
  /// - Requires: once true, `belongs` stays true.
  func partitioningIndex(_ belongs: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// Figures that can be counted from the plan alone.
struct CityCounts {
  let figures: [Expected.Figure]

  init(_ plan: CityPlan) {
    var figures: [Expected.Figure] = []
    func add(_ name: String, _ count: Int) { figures.append(Expected.Figure(name: name, count: count)) }
    func members(_ name: String, _ isCounted: (Member) -> Bool) { add(name, plan.members.count(where: isCounted)) }
    members("women") { $0.person.isFemale }
    members("minorities") { $0.person.nation != 1 }
    members("probationary") { $0.isProbationary }
    members("degree_holders") { $0.hasDegree }
    members("college_and_above") { $0.schooling.rawValue <= Schooling.college.rawValue }
    let bands = [("age_to_35", 0...35), ("age_36_to_60", 36...60), ("age_above_60", 61...150)]
    for (name, ages) in bands {
      members(name) { ages.contains($0.person.birth.fullYears(to: CityPlan.today)) }
    }
    for occupation in Occupation.allCases { members("occupation_\(occupation)") { $0.occupation == occupation } }
    for category in ["300", "400", "500", "611", "621", "631", "632"] {
      add("org_category_\(category)", plan.organisations.count { $0.category == category })
    }
    for unitClass in UnitClass.allCases {
      add("unit_" + unitClass.name, plan.units.count { $0.unitClass == unitClass })
    }
    add("unit_public_economy", plan.figures.publicUnits)
    self.figures = figures
  }
}
