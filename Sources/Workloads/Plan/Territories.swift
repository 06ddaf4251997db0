import Primitives

/// A place of the upper tree: the city, a county, a township, a county's department or a city working committee.
struct Territory: Sendable {
  enum Kind: Hashable, Sendable {
    case city, county, township
    /// Below a county: its office of organs, education, health and economy, in this order.
    case department(Int)
    /// Below the city: committees that the city committee sends out.
    case working(Int)
  }

  let kind: Kind
  /// Position in ``County/all``; nil for the city and its working committees.
  let county: Int?
  let township: Township?
  /// Position of the superior territory; nil for the city.
  let parent: Int?
  let orgCode: String
  /// Region code that its records carry.
  let region: String
  /// Where its people live, for addresses and names: `宁波市鄞州区姜山镇`.
  let place: String

  /// Names the territory inside the city: `鄞州区姜山镇`.
  var localPlace: String { kind == .city ? place : String(place.dropFirst(3)) }
}

extension Territory {
  /// All territories, superiors first.
  ///
  /// - Parameter isComplete: false for the smallest plans, which keep only the townships that are nodes.
  static func all(isComplete: Bool) -> [Territory] {
    var territories = [
      Territory(
        kind: .city, county: nil, township: nil, parent: nil, orgCode: "033", region: "330200", place: "宁波市")
    ]
    for (index, county) in County.all.enumerated() {
      let code = "033" + ordinal(index + 1)
      let position = territories.count
      let place = "宁波市" + county.name
      territories.append(
        Territory(
          kind: .county, county: index, township: nil, parent: 0, orgCode: code, region: county.code, place: place))
      for (place, township) in county.townships.enumerated() where isComplete || township.isNodeInSmallPlan {
        territories.append(
          Territory(
            kind: .township, county: index, township: township, parent: position, orgCode: code + ordinal(place + 1),
            region: county.region(of: township), place: "宁波市" + county.name + township.name))
      }
      for department in 0..<(isComplete ? 4 : 0) {
        territories.append(
          Territory(
            kind: .department(department), county: index, township: nil, parent: position,
            orgCode: code + ordinal(county.townships.count + department + 1), region: county.code, place: place))
      }
    }
    for committee in 0..<(isComplete ? workingNames.count : 0) {
      territories.append(
        Territory(
          kind: .working(committee), county: nil, township: nil, parent: 0,
          orgCode: "033" + ordinal(County.all.count + committee + 1), region: "330200", place: "宁波市"))
    }
    return territories
  }

  static let workingNames = [
    "市级机关工作委员会", "市教育工作委员会", "市国有资产监督管理工作委员会", "市卫生工作委员会", "市交通工作委员会",
    "大榭开发区工作委员会", "宁波保税区工作委员会", "宁波国家高新区工作委员会", "东钱湖旅游度假区工作委员会",
  ]
  static let departmentNames = ["直属机关工作委员会", "教育局委员会", "卫生局委员会", "经济贸易局委员会"]

  var organisationName: String {
    switch kind {
    case .city: "中共宁波市委员会"
    case .county: "中共" + (place.hasSuffix("区") ? place : localPlace) + "委员会"
    case .township: "中共" + localPlace + "委员会"
    case .department(let index): "中共" + localPlace + Territory.departmentNames[index]
    case .working(let index):
      "中共" + (Territory.workingNames[index].hasPrefix("市") ? "宁波" : "") + Territory.workingNames[index]
    }
  }

  /// ORG_CAT of the territory's own organisation.
  var category: String {
    switch kind {
    case .city: "300"
    case .county: "400"
    case .working, .department(0): "500"
    case .township, .department: "611"
    }
  }

  /// ORG_CLASSIFY of the territory's own organisation.
  var level: String {
    switch kind {
    case .city, .working: "3"
    case .county, .department: "4"
    case .township: township?.level ?? "9"
    }
  }

  /// The unit whose organisation this is, or nil when it has none of its own.
  var unitName: String? {
    switch kind {
    case .city: "中共宁波市委办公厅"
    case .county: "中共" + localPlace + "委办公室"
    case .township: localPlace + (township?.isSubdistrict == true ? "办事处" : "人民政府")
    case .department(let index) where index > 0: localPlace + Territory.departmentNames[index].dropLast(3)
    case .department, .working: nil
    }
  }

  /// Branches of its own staff, directly below its organisation.
  func ownBranches(isComplete: Bool, isTiny: Bool) -> Int {
    switch kind {
    case .city, .county: isTiny ? 0 : isComplete ? 3 : 1
    case .township: isComplete ? 3 : 1
    case .department, .working: 1
    }
  }

  /// How much of a class of units is found here, before chance.
  func weight(of unitClass: UnitClass) -> Double {
    switch kind {
    case .city, .county: 0
    case .township: townshipWeight(of: unitClass)
    case .department(let index): departmentWeight(index, of: unitClass)
    case .working(let index): workingWeight(index, of: unitClass)
    }
  }

  private var countyWeight: Double { county.map { County.all[$0].weight } ?? 0 }

  private func townshipWeight(of unitClass: UnitClass) -> Double {
    guard let township, let county else { return 0 }
    let share = countyWeight / Double(County.all[county].townships.count)
    let isUrban = township.isUrban
    let isTown = !township.isSubdistrict
    switch unitClass {
    case .organ: return share * 0.5
    case .institution: return share
    case .university: return isUrban || township.isSubdistrict ? share * 0.3 : 0
    case .publicEnterprise: return share * (isUrban ? 1.5 : 1)
    case .village: return isUrban ? 0 : share * (isTown ? 1 : 0.5)
    case .community: return isUrban ? share * 2 : share * (isTown ? 0.25 : 0.9)
    case .privateNonEnterprise: return share * (isUrban ? 1.5 : 0.6)
    case .enterprise50, .enterprise100: return share * (isUrban ? 0.5 : 1)
    }
  }

  private func departmentWeight(_ index: Int, of unitClass: UnitClass) -> Double {
    switch (index, unitClass) {
    case (0, .organ): countyWeight * 2.5
    case (1, .institution): countyWeight
    case (1, .privateNonEnterprise), (2, .institution): countyWeight * 0.4
    case (3, .publicEnterprise): countyWeight * 0.8
    default: 0
    }
  }

  private func workingWeight(_ index: Int, of unitClass: UnitClass) -> Double {
    switch (index, unitClass) {
    case (0, .organ): 60
    case (1, .institution), (3, .institution): 12
    case (1, .university): 70
    case (2, .publicEnterprise): 30
    case (4, .publicEnterprise): 14
    case (5..., .enterprise100), (5..., .enterprise50): 4
    case (5..., .institution), (5..., .publicEnterprise): 3
    default: 0
    }
  }
}

/// Three digits, the width of one level in an organisation code.
func ordinal(_ number: Int) -> String {
  require(number >= 1 && number <= 999, "an organisation has at most 999 direct subordinates, not \(number)")
  return String(String(number + 1000).dropFirst())
}
