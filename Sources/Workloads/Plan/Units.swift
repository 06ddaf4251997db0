import Catalog
import Primitives

/// A unit of the register: an office, a school, a village, an enterprise.
struct Unit: Sendable {
  let unitClass: UnitClass
  /// Position in the plan's territories.
  let territory: Int
  /// Names its organisations: `姜山镇周韩村`.
  let stem: String
  let name: String
  /// UNIT_CAT.
  let category: String
  /// Organisation code of 2005 or unified code; unique.
  let key: String
  /// Whether the city-wide site of its county in the small plan.
  let isSite: Bool
  /// UNIT_ORG_STATE, set when the tree is built.
  var organisationState = "53"
  /// Position of the organisation in whose node's directory the unit is listed.
  var organisation = 0
  /// Members who work or study here, an upper bound known before they are made.
  var members = 0
}

/// Makes the plan's units: how many of each class stand where, what they are called.
struct UnitMaker {
  private let territories: [Territory]
  private var random: SeededRandom
  private(set) var units: [Unit] = []
  /// Position of the unit whose organisation the territory's own is, by territory.
  private(set) var ownUnits: [Int?]
  private var stems: Set<String> = []
  /// Spreads organisation codes over all 8-digit numbers without repeating one: the factor shares no divisor with 10^8.
  private let codeFactor = 61_803_399
  private let codeOffset: Int

  init(territories: [Territory], random: SeededRandom) {
    self.territories = territories
    self.random = random
    ownUnits = [Int?](repeating: nil, count: territories.count)
    codeOffset = self.random.below(100_000_000)
  }

  mutating func make(_ figures: CityFigures) {
    var left = figures.unitClasses
    makeOwnUnits(&left[UnitClass.organ.rawValue])
    makeSites(&left)
    for unitClass in UnitClass.allCases {
      let count = left[unitClass.rawValue]
      let weights = territories.map { $0.weight(of: unitClass) * (0.6 + 0.8 * random.fraction()) }
      for (territory, count) in apportion(count, weights: weights).enumerated() {
        for _ in 0..<count { append(unitClass, territory, named: nil, isSite: false) }
      }
    }
  }

  /// The offices whose organisations form the upper tree, as far as organs suffice: at small scales the rest have none.
  private mutating func makeOwnUnits(_ left: inout Int) {
    let wanting = territories.indices.filter { territories[$0].unitName != nil }
    for territory in wanting.prefix(left) {
      ownUnits[territory] = units.count
      append(.organ, territory, named: territories[territory].unitName, isSite: false)
      left -= 1
    }
  }

  /// One large site per county, in the last of its townships that are nodes of the small plan.
  private mutating func makeSites(_ left: inout [Int]) {
    for (index, county) in County.all.enumerated() {
      guard
        let territory = territories.lastIndex(where: { $0.county == index && $0.township?.isNodeInSmallPlan == true })
      else { requirementFailed("\(county.name) has no township that is a node") }
      let choices = [county.site, .publicEnterprise, .village, .institution, .enterprise100]
      guard let unitClass = choices.first(where: { left[$0.rawValue] > 0 }) else {
        requirementFailed("no unit is left for the site of \(county.name)")
      }
      left[unitClass.rawValue] -= 1
      append(unitClass, territory, named: nil, isSite: true)
    }
  }

  private mutating func append(_ unitClass: UnitClass, _ territory: Int, named given: String?, isSite: Bool) {
    let place = territories[territory]
    var naming = given.map { (stem: $0, suffix: "", category: "41") } ?? UnitNaming.compose(unitClass, place, &random)
    for attempt in 2... {
      if stems.insert(naming.stem).inserted { break }
      // Syllables ran out for this place: a second unit of the name gets a number, as clerks do.
      naming =
        attempt % 8 == 0
        ? (naming.stem + String(attempt), naming.suffix, naming.category)
        : UnitNaming.compose(unitClass, place, &random)
    }
    units.append(
      Unit(
        unitClass: unitClass, territory: territory, stem: naming.stem, name: naming.stem + naming.suffix,
        category: naming.category, key: nextKey(place), isSite: isSite))
  }

  /// Nine in ten carry the organisation code of 2005, the rest the unified code of today that contains one.
  private mutating func nextKey(_ place: Territory) -> String {
    let number = (codeOffset + units.count * codeFactor) % 100_000_000
    let body = String(String(100_000_000 + number).dropFirst())
    let code = body + String(OrganisationCode.checkDigit(of: body) ?? "?")
    guard random.chance(permille: 100) else { return body + "-" + code.suffix(1) }
    let first17 = "91" + place.region.prefix(6) + code
    return first17 + String(UnifiedSocialCreditCode.checkDigit(of: first17) ?? "?")
  }
}

/// What units are called, and their category.
enum UnitNaming {
  static func compose(
    _ unitClass: UnitClass, _ place: Territory, _ random: inout SeededRandom
  ) -> (stem: String, suffix: String, category: String) {
    let local = place.localPlace
    let brand = PlaceNames.brand(&random)
    switch unitClass {
    case .organ:
      let (office, category) = random.pick(offices)
      return ((place.kind == .city || place.county == nil ? "宁波市" : local) + random.pick(fields) + office, "", category)
    case .institution:
      let (kind, category) = institutions.draw(&random)
      return (local + brand + kind, "", category)
    case .university:
      return ("宁波" + brand + random.pick(["学院", "职业技术学院", "大学", "师范学院", "高等专科学校"]), "", "303")
    case .publicEnterprise:
      let category = random.pick(["211", "211", "212", "212", "221", "221", "221", "213", "214", "222"])
      let owner = category.hasPrefix("22") ? local : random.pick(["宁波", local])
      return (owner + brand + random.pick(trades), "", category)
    case .village:
      return (place.localPlace + PlaceNames.village(&random), "村民委员会", "16")
    case .community:
      let isTown = place.township?.isSubdistrict != true
      return (place.localPlace + PlaceNames.community(&random), "居民委员会", isTown ? "15" : "12")
    case .privateNonEnterprise:
      return (local + brand + random.pick(["民办学校", "幼儿园", "老年公寓", "职业培训学校", "文化艺术中心", "诊所"]), "", "53")
    case .enterprise50, .enterprise100:
      let category = random.pick(["231", "231", "231", "231", "231", "231", "232", "233"])
      return ("宁波" + brand + PlaceNames.product(&random) + random.pick(["有限公司", "有限公司", "厂", "股份有限公司"]), "", category)
    }
  }

  private static let offices = [
    ("局", "41"), ("局", "41"), ("局", "41"), ("委员会", "41"), ("办公室", "41"), ("办公室", "42"), ("联合会", "43"), ("分局", "41"),
  ]
  private static let fields = """
    财政 民政 司法 公安 人事 劳动和社会保障 国土资源 建设 交通 水利 农业 林业 海洋与渔业 对外贸易 文化广电 体育 统计 审计 环境保护 规划 工商 质量技术监督 \
    药品监督 安全生产监督 旅游 物价 粮食 档案 信访 机关事务 城市管理 计划生育 科学技术 发展计划 民族宗教 侨务 气象 地震 供销 妇女 青年 残疾人 归侨 工商业 文学艺术 \
    科学 法制 人民防空 国税 地税
    """.split(separator: " ").map(String.init)
  private static let institutions = Weighted<(String, String)>([
    (("小学", "305"), 26), (("初级中学", "304"), 12), (("中学", "304"), 9), (("幼儿园", "306"), 8), (("卫生院", "307"), 10),
    (("医院", "307"), 6), (("社区卫生服务中心", "307"), 4), (("文化站", "309"), 5), (("农业技术推广站", "301"), 5),
    (("水利管理站", "319"), 4), (("研究所", "302"), 2), (("广播电视站", "308"), 3), (("体育中心", "310"), 1), (("敬老院", "319"), 3),
    (("土地管理所", "319"), 4), (("职业高级中学", "304"), 4),
  ])
  private static let trades = [
    "供销社", "粮油公司", "供电公司", "自来水公司", "公交公司", "商业总公司", "建筑工程公司", "石化公司", "港务公司", "轮船公司", "百货公司", "农机厂", "机床厂", "纺织厂",
    "化肥厂", "水泥厂", "印刷厂", "信用社", "电信公司", "邮政支局", "盐业公司", "食品公司", "物资公司", "医药公司", "渔业公司", "资产经营公司",
  ]
}
