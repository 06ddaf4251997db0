import Primitives

/// A node of the plan's network.
public struct PlannedNode: Hashable, Sendable {
  /// Level of the root organisation.
  public enum Kind: String, Hashable, Sendable {
    case city, county, township, grassroots
  }

  /// ASCII, unique, stable across seeds except for the grass-roots nodes of the full plan: `yinzhou-jiangshan`.
  public let name: String
  /// What people call it: the root organisation's name without 中共.
  public let displayName: String
  public let kind: Kind
  /// Code of its root organisation; the directory of its files.
  public let orgCode: String
  /// Position of the parent in ``CityPlan/nodes``; nil for the city.
  public let parent: Int?
  let root: Int
}

/// An application for membership, as far as the plan decides it.
struct Applicant: Sendable {
  let person: Person
  let branch: Int
}

/// A synthetic Ningbo of September 2005: who exists and where, from one seed.
///
/// Everything follows from `seed` and `members`; the node plan only decides which directory a row is written to. Making
/// a plan costs about half a second and 60 MB at full scale; rows are drawn when they are written, each branch from a
/// stream of its own, so the order of writing does not matter. No person is real.
public struct CityPlan: Sendable {
  /// The day of the data set: nothing lies after it.
  public static let today = day(2005, 9, 30)

  public let seed: UInt64
  public let nodePlan: NodePlan
  /// The counts that every seed meets exactly, organisations apart: see ``organisationCount``.
  public let figures: CityFigures
  /// Superiors first.
  public let nodes: [PlannedNode]

  let territories: [Territory]
  let units: [Unit]
  let organisations: [Organisation]
  let members: [Member]
  /// By branch, in the order of organisations.
  let applicants: [Applicant]
  /// Activity records, by organisation.
  let activityCounts: [Int]
  /// Organisations of each node, superiors first.
  let organisationsOfNode: [[Int]]
  /// Units listed with each node.
  let unitsOfNode: [[Int]]
  /// Positions in `applicants`, by node.
  let applicantsOfNode: [[Int]]

  /// - Parameters:
  ///   - members: 340,000 for the published city; other counts scale with it.
  ///   - nodes: how the organisations are spread over nodes.
  /// - Throws: ``CityPlanError`` when `members` does not suit the network; ask again within its bound.
  public init(seed: UInt64, members: Int = CityFigures.fullMembers, nodes: NodePlan) throws(CityPlanError) {
    guard members >= nodes.minimumMembers else { throw .tooFewMembers(minimum: nodes.minimumMembers) }
    guard members <= CityPlan.maximumMembers else { throw .tooManyMembers(maximum: CityPlan.maximumMembers) }
    let root = SeededRandom(seed: seed)
    figures = CityFigures(members: members)
    let isComplete = members >= NodePlan.full.minimumMembers
    territories = Territory.all(isComplete: isComplete)
    var organisationTree = CityPlan.makeTree(figures, nodes, territories, isComplete: isComplete, root)
    var sizes = root.stream("sizes")
    organisationTree.giveSizes(members: members, random: &sizes)
    let network = NetworkMaker(
      organisations: organisationTree.organisations, units: organisationTree.units, territories: territories,
      plan: nodes)
    var maker = MemberMaker(
      figures, organisations: network.organisations, territories: territories, today: CityPlan.today,
      random: root.stream("members"))
    self.members = maker.makeMembers()
    applicants = CityPlan.makeApplicants(
      figures, network.organisations, territories, &maker, root.stream("applicants"))
    activityCounts = CityPlan.spreadActivities(figures, network.organisations, root.stream("activities"))
    self.seed = seed
    nodePlan = nodes
    self.nodes = network.nodes
    organisations = network.organisations
    units = organisationTree.units
    organisationsOfNode = CityPlan.grouped(organisations.map(\.node), count: network.nodes.count)
    let nodeOf = organisations.map(\.node)
    unitsOfNode = CityPlan.grouped(units.map { nodeOf[$0.organisation] }, count: network.nodes.count)
    applicantsOfNode = CityPlan.grouped(applicants.map { nodeOf[$0.branch] }, count: network.nodes.count)
  }

  /// Beyond this, organisation codes would need a fourth digit a level.
  public static let maximumMembers = 1_000_000

  /// 20,900 at full scale; at small scales more than the share when the network needs them.
  public var organisationCount: Int { organisations.count }

  private static func makeTree(
    _ figures: CityFigures, _ nodes: NodePlan, _ territories: [Territory], isComplete: Bool, _ root: SeededRandom
  ) -> OrganisationTree {
    var unitMaker = UnitMaker(territories: territories, random: root.stream("units"))
    unitMaker.make(figures)
    let isTiny = figures.organisationsShare < 400
    let ownBranches = territories.map { $0.ownBranches(isComplete: isComplete, isTiny: isTiny) }
    let forms = FormPlan(
      figures, nodes: nodes, units: unitMaker.units, ownUnits: unitMaker.ownUnits, upperCount: territories.count,
      ownBranches: ownBranches.reduce(0, +), random: root.stream("forms"))
    var tree = OrganisationTree(
      territories: territories, units: unitMaker.units, ownUnits: unitMaker.ownUnits, forms: forms,
      random: root.stream("tree"))
    tree.build(ownBranches: ownBranches)
    return tree
  }

  private static func makeApplicants(
    _ figures: CityFigures, _ organisations: [Organisation], _ territories: [Territory], _ maker: inout MemberMaker,
    _ stream: SeededRandom
  ) -> [Applicant] {
    var random = stream
    let weights = organisations.map { organisation -> Double in
      guard organisation.isBranch, !organisation.isRetiree else { return 0 }
      return Double(organisation.size) * random.fraction() * (organisation.community == .university ? 6 : 1)
    }
    var applicants: [Applicant] = []
    for (branch, count) in apportion(figures.applicants, weights: weights).enumerated() {
      let organisation = organisations[branch]
      for _ in 0..<count {
        let county = territories[organisation.territory].county
        let person = maker.makeApplicant(community: organisation.community, county: county)
        applicants.append(Applicant(person: person, branch: branch))
      }
    }
    return applicants
  }

  private static func spreadActivities(
    _ figures: CityFigures, _ organisations: [Organisation], _ stream: SeededRandom
  ) -> [Int] {
    var random = stream
    return apportion(figures.activities, weights: organisations.map { _ in 0.3 + 2 * random.fraction() })
  }

  private static func grouped(_ nodeOf: [Int], count: Int) -> [[Int]] {
    var groups = [[Int]](repeating: [], count: count)
    for (index, node) in nodeOf.enumerated() { groups[node].append(index) }
    return groups
  }
}
