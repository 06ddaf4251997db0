/// How many records of each kind a plan holds.
///
/// At ``fullMembers`` these are the published figures of Ningbo in September 2005, exactly. At any other scale each
/// figure is the published one times `members / 340,000`, rounded half up; ``units`` is the sum of its rounded classes,
/// and ``CityPlan/organisationCount`` grows where the network needs more organisations than the share gives.
public struct CityFigures: Hashable, Sendable {
  /// The published number of members, at which every figure is exact.
  public static let fullMembers = 340_000

  public let members: Int
  public let applicants: Int
  public let activities: Int
  public let hardship: Int
  public let floating: Int
  /// Members whose highest education carries a degree.
  public let degrees: Int
  /// Members in their year of probation: 3.3 %.
  public let probationary: Int
  /// Units by class, in the order of ``UnitClass/allCases``.
  public let unitClasses: [Int]
  /// Organisations by the published share: the tree may need more at small scales.
  let organisationsShare: Int
  /// Committees of every rank, general branches and branches, by the published share.
  let committeesShare: Int
  let generalBranchesShare: Int

  /// - Requires: `members` is positive.
  init(members: Int) {
    func share(_ published: Int) -> Int {
      (published * members + CityFigures.fullMembers / 2) / CityFigures.fullMembers
    }
    self.members = members
    applicants = share(18_000)
    activities = share(36_000)
    hardship = share(3_883)
    floating = share(2_836)
    degrees = share(10_633)
    probationary = share(11_220)
    unitClasses = UnitClass.allCases.map { share($0.published) }
    organisationsShare = share(20_900)
    committeesShare = share(1_220)
    generalBranchesShare = share(1_310)
  }

  /// All units: 14,000 at full scale.
  public var units: Int { unitClasses.reduce(0, +) }

  /// Organs, institutions and public enterprises: the published 8,472 units of the public economy.
  public var publicUnits: Int { unitClasses[0...3].reduce(0, +) }
}

/// The network a plan is cut into: which organisations have a node of their own.
public enum NodePlan: String, Hashable, Sendable, CaseIterable {
  /// 56 nodes: the city, 11 counties, 3 townships each, 1 large site each.
  case small
  /// 700 nodes, the network of the end of 2005: the city, 11 counties, 162 townships, 526 grass-roots sites.
  case full

  /// Below this the plan's nodes would have no members of their own.
  public var minimumMembers: Int {
    switch self {
    case .small: 2_000
    case .full: 34_000
    }
  }

  /// How many grass-roots organisations have a node.
  var grassrootsNodes: Int {
    switch self {
    case .small: 11
    case .full: 526
    }
  }
}

/// Why a plan cannot be made.
public enum CityPlanError: Error, Hashable, Sendable {
  /// Fewer members than the network needs; ask for at least `minimum`.
  case tooFewMembers(minimum: Int)
  /// More members than the numbering of members and citizens can keep apart; ask for at most `maximum`.
  case tooManyMembers(maximum: Int)
}

/// What kind of unit, as the published figures count them.
public enum UnitClass: Int, Hashable, Sendable, CaseIterable {
  case organ, institution, university, publicEnterprise
  case village, community, privateNonEnterprise
  /// Non-public enterprises with 50 to 99 staff, and with 100 or more.
  case enterprise50, enterprise100

  /// The first four sum to the published 8,472 units of the public economy, all to 14,000. The text says "3,000+"
  /// villages and "1,500+" enterprises; the surplus is our choice.
  var published: Int {
    switch self {
    case .organ: 1_900
    case .institution: 3_900
    case .university: 15
    case .publicEnterprise: 2_657
    case .village: 3_012
    case .community: 367
    case .privateNonEnterprise: 214
    case .enterprise50: 1_520
    case .enterprise100: 415
    }
  }

  /// How the class is named in `expected.json`.
  public var name: String {
    switch self {
    case .organ: "organ"
    case .institution: "institution"
    case .university: "university"
    case .publicEnterprise: "public_enterprise"
    case .village: "village"
    case .community: "community"
    case .privateNonEnterprise: "private_non_enterprise"
    case .enterprise50: "enterprise_50_99"
    case .enterprise100: "enterprise_100"
    }
  }
}
