import Primitives

/// Builds the tree of organisations, superiors first, and tells every unit where it is listed.
struct OrganisationTree {
  private(set) var organisations: [Organisation] = []
  private(set) var units: [Unit]
  private let territories: [Territory]
  private let ownUnits: [Int?]
  private let forms: FormPlan
  /// Subordinates given a number so far, by organisation.
  private var subordinates: [Int] = []
  private var random: SeededRandom

  init(territories: [Territory], units: [Unit], ownUnits: [Int?], forms: FormPlan, random: SeededRandom) {
    self.territories = territories
    self.units = units
    self.ownUnits = ownUnits
    self.forms = forms
    self.random = random
  }

  mutating func build(ownBranches: [Int]) {
    let children = childTerritories()
    let unitsOf = unitsByTerritory()
    append(territory: 0, children, unitsOf, ownBranches, parent: nil)
  }

  private func childTerritories() -> [[Int]] {
    var children = [[Int]](repeating: [], count: territories.count)
    for (index, territory) in territories.enumerated() {
      if let parent = territory.parent { children[parent].append(index) }
    }
    return children
  }

  private func unitsByTerritory() -> [[Int]] {
    var lists = [[Int]](repeating: [], count: territories.count)
    for (index, unit) in units.enumerated() { lists[unit.territory].append(index) }
    return lists
  }

  private mutating func append(
    territory index: Int, _ children: [[Int]], _ unitsOf: [[Int]], _ ownBranches: [Int], parent: Int?
  ) {
    let territory = territories[index]
    let hosts = ownUnits[index].map { [$0] } ?? []
    let position = organisations.count
    organisations.append(
      Organisation(
        code: territory.orgCode, name: territory.organisationName, category: territory.category, parent: parent,
        territory: index, hosts: hosts, workUnits: hosts, community: .organ, isRetiree: false, isFloating: false,
        isUnitRoot: false))
    // Township codes keep their place among all townships, also in plans that leave some out.
    let last = children[index].last.flatMap { Int(territories[$0].orgCode.suffix(3)) } ?? 0
    subordinates.append(last)
    for child in children[index] { append(territory: child, children, unitsOf, ownBranches, parent: position) }
    for unit in unitsOf[index] {
      units[unit].organisation = position
      if ownUnits[index] == unit {
        units[unit].organisationState = "10"
      } else {
        append(unit: unit, parent: position)
      }
    }
    appendJoints(territory: index, parent: position)
    appendOwnBranches(ownBranches[index], parent: position)
  }

  private mutating func appendJoints(territory index: Int, parent: Int) {
    let joints = forms.joints.filter { units[$0[0]].territory == index }
    for (number, joint) in joints.enumerated() {
      let name = "中共" + territories[index].localPlace + "第\(number + 1)联合支部委员会"
      let position = append(
        name: name, category: "632", parent: parent, hosts: joint, workUnits: joint, community: .joint, isUnitRoot: true
      )
      for unit in joint {
        units[unit].organisation = position
        units[unit].organisationState = "40"
      }
    }
  }

  private mutating func appendOwnBranches(_ count: Int, parent: Int) {
    let stem = String(organisations[parent].name.dropLast(3))
    let names = ["机关支部委员会", "离退休干部支部委员会", "流动党员支部委员会"]
    for number in 0..<count {
      _ = append(
        name: stem + names[number], category: "631", parent: parent, hosts: [],
        workUnits: organisations[parent].workUnits, community: .organ, isRetiree: number == 1, isFloating: number == 2)
    }
  }

  private mutating func append(unit index: Int, parent: Int) {
    guard let form = forms.forms[index] else {
      if units[index].organisationState == "53", random.chance(permille: 400) {
        units[index].organisationState = random.chance(permille: 150) ? "51" : "52"
      }
      return
    }
    let unit = units[index]
    let stem = unit.stem.hasPrefix("中共") ? unit.stem : "中共" + unit.stem
    let (suffix, category, state): (String, String, String) =
      switch form {
      case .committee: ("委员会", "611", "10")
      case .generalBranch: ("总支部委员会", "621", "20")
      case .branch: ("支部委员会", "631", "30")
      }
    units[index].organisationState = state
    let root = append(
      name: stem + suffix, category: category, parent: parent, hosts: [index], workUnits: [index],
      community: Community(unit.unitClass), isUnitRoot: true)
    units[index].organisation = root
    switch form {
    case .branch: break
    case .generalBranch(let branches):
      appendBranches(branches, stem: stem, parent: root)
    case .committee(let branches, let generalBranches):
      let shares = apportion(branches, weights: [Double](repeating: 1, count: generalBranches + 1))
      for number in 0..<generalBranches {
        let general = append(
          name: stem + "第\(number + 1)总支部委员会", category: "621", parent: root, hosts: [], workUnits: [index],
          community: Community(unit.unitClass))
        appendBranches(shares[number], stem: stem + "第\(number + 1)总支", parent: general)
      }
      appendBranches(shares[generalBranches], stem: stem, parent: root)
    }
  }

  private mutating func appendBranches(_ count: Int, stem: String, parent: Int) {
    let community = organisations[parent].community
    let canRetire = community != .village && community != .community && count >= 3
    for number in 0..<count {
      let isRetiree = canRetire && number == count - 1 && random.chance(permille: 500)
      _ = append(
        name: stem + (isRetiree ? "离退休" : "第\(number + 1)") + "支部委员会", category: "631", parent: parent, hosts: [],
        workUnits: organisations[parent].workUnits, community: community, isRetiree: isRetiree)
    }
  }

  private mutating func append(
    name: String, category: String, parent: Int, hosts: [Int], workUnits: [Int], community: Community,
    isRetiree: Bool = false, isFloating: Bool = false, isUnitRoot: Bool = false
  ) -> Int {
    subordinates[parent] += 1
    subordinates.append(0)
    organisations.append(
      Organisation(
        code: organisations[parent].code + ordinal(subordinates[parent]), name: name, category: category,
        parent: parent,
        territory: organisations[parent].territory, hosts: hosts, workUnits: workUnits, community: community,
        isRetiree: isRetiree, isFloating: isFloating, isUnitRoot: isUnitRoot))
    return organisations.count - 1
  }

  /// Gives each branch a size: log-normal with median 15, cut to 3…60, adjusted so that the sizes sum to `members`.
  mutating func giveSizes(members: Int, random: inout SeededRandom) {
    let branches = organisations.indices.filter { organisations[$0].isBranch }
    require(
      members >= branches.count * 3 && members <= branches.count * 60, "\(branches.count) branches for \(members)")
    var rest = members
    for branch in branches {
      organisations[branch].size = OrganisationTree.sizes.draw(&random)
      rest -= organisations[branch].size
    }
    while rest != 0 {
      let branch = branches[random.below(branches.count)]
      let size = organisations[branch].size + (rest > 0 ? 1 : -1)
      guard (3...60).contains(size) else { continue }
      organisations[branch].size = size
      rest += rest > 0 ? -1 : 1
    }
    var first = 0
    for position in organisations.indices {
      organisations[position].firstMember = first
      first += organisations[position].size
      countMembers(of: position)
    }
  }

  private mutating func countMembers(of position: Int) {
    let workUnits = organisations[position].workUnits
    for unit in workUnits {
      units[unit].members += (organisations[position].size + workUnits.count - 1) / workUnits.count
    }
  }

  /// Shares of sizes 3, 4 … 60 in 100,000: a log-normal distribution with median 15 and sigma 0.74, rounded to whole
  /// persons.
  private static let sizes = Weighted<Int>(
    [
      1754, 2832, 3710, 4326, 4700, 4874, 4900, 4817, 4662, 4459, 4228, 3983, 3734, 3488, 3248, 3019, 2802, 2597, 2406,
      2228, 2061, 1908, 1766, 1635, 1513, 1402, 1299, 1205, 1117, 1036, 962, 895, 831, 772, 720, 670, 624, 582, 542,
      507,
      473, 443, 413, 387, 362, 340, 318, 298, 280, 262, 247, 232, 218, 205, 193, 182, 172, 161,
    ].enumerated().map { ($0 + 3, $1) })
}
