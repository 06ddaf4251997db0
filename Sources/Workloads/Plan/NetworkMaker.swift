import Primitives

/// Cuts the tree into nodes: every county and its node townships, and the largest sites below them.
struct NetworkMaker {
  private(set) var nodes: [PlannedNode] = []
  private(set) var organisations: [Organisation]

  init(organisations: [Organisation], units: [Unit], territories: [Territory], plan: NodePlan) {
    self.organisations = organisations
    let sites = NetworkMaker.sites(organisations, units, plan)
    var isSite = [Bool](repeating: false, count: organisations.count)
    for site in sites { isSite[site] = true }
    var sitesOfNode: [Int: Int] = [:]
    for position in organisations.indices {
      let organisation = organisations[position]
      let superior = organisation.parent.map { self.organisations[$0].node }
      let territory = territories[organisation.territory]
      let isTerritoryRoot = organisation.code == territory.orgCode
      if isTerritoryRoot, let kind = NetworkMaker.kind(territory, plan) {
        append(position, NetworkMaker.name(territory), kind, superior)
      } else if isSite[position], let superior {
        sitesOfNode[superior, default: 0] += 1
        let name = nodes[superior].name + "-site" + String(sitesOfNode[superior, default: 0])
        append(position, name, .grassroots, superior)
      } else {
        self.organisations[position].node = superior ?? 0
      }
    }
  }

  private mutating func append(_ root: Int, _ name: String, _ kind: PlannedNode.Kind, _ parent: Int?) {
    let organisation = organisations[root]
    organisations[root].node = nodes.count
    nodes.append(
      PlannedNode(
        name: name, displayName: String(organisation.name.dropFirst(2)), kind: kind, orgCode: organisation.code,
        parent: parent, root: root))
  }

  private static func kind(_ territory: Territory, _ plan: NodePlan) -> PlannedNode.Kind? {
    switch territory.kind {
    case .city: .city
    case .county: .county
    case .township: plan == .full || territory.township?.isNodeInSmallPlan == true ? .township : nil
    case .department, .working: nil
    }
  }

  private static func name(_ territory: Territory) -> String {
    guard let county = territory.county else { return "ningbo" }
    let prefix = County.all[county].pinyin
    return territory.township.map { prefix + "-" + $0.pinyin } ?? prefix
  }

  /// The sites of the counties, then the organisations of units with several branches and most members.
  private static func sites(_ organisations: [Organisation], _ units: [Unit], _ plan: NodePlan) -> [Int] {
    var totals = organisations.map(\.size)
    for position in organisations.indices.reversed() {
      if let parent = organisations[position].parent { totals[parent] += totals[position] }
    }
    let candidates = organisations.indices.filter { organisations[$0].isUnitRoot && !organisations[$0].isBranch }
    func isSite(_ position: Int) -> Bool { organisations[position].hosts.contains { units[$0].isSite } }
    let ordered = candidates.sorted { left, right in
      if isSite(left) != isSite(right) { return isSite(left) }
      return totals[left] != totals[right] ? totals[left] > totals[right] : left < right
    }
    require(ordered.count >= plan.grassrootsNodes, "only \(ordered.count) sites for the \(plan.rawValue) plan")
    return Array(ordered.prefix(plan.grassrootsNodes))
  }
}
