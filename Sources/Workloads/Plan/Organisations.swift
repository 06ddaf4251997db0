import Primitives

/// An organisation of the plan, superiors first in the array.
struct Organisation: Sendable {
  let code: String
  let name: String
  /// ORG_CAT.
  let category: String
  /// Position of the superior; nil for the city committee.
  let parent: Int?
  let territory: Int
  /// Its own host units; empty when it stands in the same unit as its superior.
  let hosts: [Int]
  /// Units in which its members work or study: its own or its superior's.
  let workUnits: [Int]
  let community: Community
  let isRetiree: Bool
  let isFloating: Bool
  /// Position of the unit whose whole party organisation this is, for village statistics.
  let isUnitRoot: Bool
  /// Position of the node that holds it, set when the network is cut.
  var node = 0
  /// Members directly in it: 0 unless it is a branch.
  var size = 0
  /// Position of its first member in the plan's members; where its members would stand when it has none.
  var firstMember = 0

  var isBranch: Bool { category == "631" || category == "632" }
  var members: Range<Int> { firstMember..<firstMember + size }
}

/// What kind of people a branch has: decides who is a farmer, a student, retired.
enum Community: Int, Sendable, CaseIterable {
  case organ, institution, university, publicEnterprise, village, community, privateNonEnterprise, enterprise, joint

  init(_ unitClass: UnitClass) {
    self =
      switch unitClass {
      case .organ: .organ
      case .institution: .institution
      case .university: .university
      case .publicEnterprise: .publicEnterprise
      case .village: .village
      case .community: .community
      case .privateNonEnterprise: .privateNonEnterprise
      case .enterprise50, .enterprise100: .enterprise
      }
  }
}

/// How a unit is organised.
enum OrganisationForm: Sendable {
  /// A committee with branches, some of them below general branches.
  case committee(branches: Int, generalBranches: Int)
  /// A general branch with branches.
  case generalBranch(branches: Int)
  case branch
}

/// Decides which units have which organisation, so that the counts of committees, general branches and branches come
/// out.
struct FormPlan {
  /// By unit; nil for a unit without an organisation of its own.
  private(set) var forms: [OrganisationForm?]
  /// Groups of units that share a branch.
  private(set) var joints: [[Int]] = []
  private(set) var organisationCount = 0

  private let units: [Unit]
  private var random: SeededRandom
  private var free: [[Int]]

  /// How often each class of unit has a committee, a general branch, shares a branch, has one branch; counts at full
  /// scale.
  private static let committeeWeights: [Double] = [200, 330, 15, 290, 100, 18, 0, 0, 40]
  private static let generalBranchWeights: [Double] = [0, 60, 0, 50, 880, 150, 0, 0, 20]
  private static let jointWeights: [Double] = [200, 1000, 0, 700, 0, 0, 60, 400, 40]
  private static let branchWeights: [Double] = [900, 1500, 0, 900, 0, 0, 90, 350, 200]

  /// - Parameter ownUnits: units whose organisation is that of a territory; they take no part.
  init(
    _ figures: CityFigures, nodes: NodePlan, units: [Unit], ownUnits: [Int?], upperCount: Int, ownBranches: Int,
    random: SeededRandom
  ) {
    self.units = units
    self.random = random
    forms = [OrganisationForm?](repeating: nil, count: units.count)
    var isOwn = [Bool](repeating: false, count: units.count)
    for case let unit? in ownUnits { isOwn[unit] = true }
    free = UnitClass.allCases.map { unitClass in
      units.indices.filter { units[$0].unitClass == unitClass && !isOwn[$0] && !units[$0].isSite }
    }
    for index in free.indices { free[index].shuffle(using: &self.random) }
    plan(figures, nodes, upperCount, ownBranches)
  }

  private mutating func plan(_ figures: CityFigures, _ nodes: NodePlan, _ upperCount: Int, _ ownBranches: Int) {
    let sites = units.indices.filter { units[$0].isSite }
    let committees = max(0, figures.committeesShare - upperCount)
    let sitesAreCommittees = committees >= sites.count
    // Seven in eight general branches are a unit's own, the rest stand below a committee.
    var generalBranches = figures.generalBranchesShare * 1160 / 1310
    generalBranches = max(generalBranches, nodes.grassrootsNodes - committees, sitesAreCommittees ? 0 : sites.count)
    let nested = sitesAreCommittees ? max(0, figures.generalBranchesShare - generalBranches) : 0
    let committeeUnits =
      (sitesAreCommittees ? sites : [])
      + take(committees - (sitesAreCommittees ? sites.count : 0), FormPlan.committeeWeights)
    let generalUnits =
      (sitesAreCommittees ? [] : sites)
      + take(generalBranches - (sitesAreCommittees ? 0 : sites.count), FormPlan.generalBranchWeights)
    groupJoints(take(figures.units * 2400 / 14_000, FormPlan.jointWeights))
    let multiple = committeeUnits.count + generalUnits.count
    let minimum = upperCount + multiple + nested + ownBranches + joints.count + 2 * multiple
    organisationCount = max(figures.organisationsShare, minimum)
    let branches = organisationCount - upperCount - multiple - nested
    let singles = takeSingles(branches - ownBranches - joints.count - 2 * multiple, figures)
    let inMultiple = branches - ownBranches - joints.count - singles.count
    for unit in singles { forms[unit] = .branch }
    share(inMultiple, nested, committeeUnits, generalUnits)
  }

  /// Takes free units, by class as `weights` say.
  private mutating func take(_ count: Int, _ weights: [Double]) -> [Int] {
    let shares = apportion(max(0, count), weights: weights, limits: free.map(\.count))
    return shares.enumerated().flatMap { takeFree($1, ofClass: $0) }
  }

  private mutating func takeFree(_ count: Int, ofClass index: Int) -> [Int] {
    let taken = Array(free[index].suffix(count))
    free[index].removeLast(count)
    return taken
  }

  /// Every village and community first, then the others.
  private mutating func takeSingles(_ limit: Int, _ figures: CityFigures) -> [Int] {
    var taken: [Int] = []
    for unitClass in [UnitClass.village, .community] {
      let count = min(limit - taken.count, free[unitClass.rawValue].count)
      taken += takeFree(count, ofClass: unitClass.rawValue)
    }
    let others = min(limit - taken.count, figures.units * 3940 / 14_000)
    return taken + take(others, FormPlan.branchWeights)
  }

  /// Two to five units of one place share a branch; a unit that finds no partner stays without.
  private mutating func groupJoints(_ taken: [Int]) {
    var byTerritory: [[Int]] = []
    for unit in taken.sorted(by: { (units[$0].territory, $0) < (units[$1].territory, $1) }) {
      if let last = byTerritory.last?.first, units[last].territory == units[unit].territory {
        byTerritory[byTerritory.count - 1].append(unit)
      } else {
        byTerritory.append([unit])
      }
    }
    for units in byTerritory {
      var rest = units[...]
      while rest.count >= 2 {
        let size = min(rest.count, 2 + random.below(4))
        joints.append(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
    }
  }

  private mutating func share(_ branches: Int, _ nested: Int, _ committeeUnits: [Int], _ generalUnits: [Int]) {
    let multiple = committeeUnits + generalUnits
    let weights = multiple.enumerated().map { position, unit in
      let base: Double =
        switch units[unit].unitClass {
        case .university: 7
        case .village: position < committeeUnits.count ? 1.6 : 1.25
        default: position < committeeUnits.count ? 1.3 : 0.7
        }
      let site: Double = units[unit].isSite ? 3 : 1
      return base * site * (0.4 + random.fraction() + random.fraction() * random.fraction())
    }
    let counts = apportion(branches, weights: weights, minimum: multiple.isEmpty ? 0 : 2)
    var generalBranches = [Int](repeating: 0, count: multiple.count)
    var rest = nested
    let bySize = committeeUnits.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
    for position in bySize where rest > 0 {
      generalBranches[position] = min(rest, counts[position] / 3)
      rest -= generalBranches[position]
    }
    organisationCount -= rest
    for (position, unit) in multiple.enumerated() {
      forms[unit] =
        position < committeeUnits.count
        ? .committee(branches: counts[position], generalBranches: generalBranches[position])
        : .generalBranch(branches: counts[position])
    }
  }
}
