import Primitives

extension CityPlan {
  /// One row per member: the highest education.
  func visitEducation(
    _ node: Int, _ root: SeededRandom, _ file: inout FileRows, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    for index in organisationsOfNode[node] where organisations[index].isBranch {
      let branch = organisations[index]
      let writer = EducationWriter(territory: territories[branch.territory])
      var random = root.stream("edu/" + branch.code)
      for position in branch.members {
        try file.emit(visit) { row in
          writer.write(members[position], number: 1, isHighest: true, &row, &random)
        } writeBad: { row, _, planter in
          writer.write(members[position], number: 2, isHighest: false, &row, &planter.random)
        }
      }
    }
  }
}

/// Draws rows of education.
struct EducationWriter {
  let territory: Territory
  private let today = CityPlan.today

  init(territory: Territory) { self.territory = territory }

  /// How an education usually runs: age at the end, years, and whether it can be taken beside work.
  private static func course(_ schooling: Schooling) -> (age: Int, years: Int, atWork: Int) {
    switch schooling {
    case .postgraduate: (25, 3, 350)
    case .undergraduate: (22, 4, 480)
    case .college: (21, 3, 560)
    case .secondary: (18, 3, 120)
    case .juniorMiddle: (15, 3, 0)
    case .primary: (12, 6, 0)
    }
  }

  func write(
    _ member: Member, number: Int, isHighest: Bool, _ row: inout RowBuilder, _ random: inout SeededRandom
  ) {
    let course = EducationWriter.course(member.schooling)
    let mayWork = member.occupation != .student && random.chance(permille: course.atWork)
    let (enrolment, graduation) = dates(member.person.birth, course.age, course.years, atWork: mayWork, &random)
    let isDated = random.chance(permille: 820)
    row.plain(member.person.idCard)
    row.number(number)
    row.code(Int(member.eduCode))
    row.plain(!mayWork ? "1" : random.pick(["2", "2", "2", "3", "9"]))
    row.date(isDated && random.chance(permille: 850) ? enrolment : nil)
    row.date(isDated ? graduation : nil)
    let school = random.chance(permille: 880) ? schoolName(member.schooling, &random) : nil
    row.plain(school)
    let hasMajor = member.schooling.rawValue <= 2 || (member.schooling == .secondary && member.eduCode < 60)
    row.plain(hasMajor && random.chance(permille: 850) ? random.pick(EducationWriter.majors) : nil)
    writeDegree(member, graduation, school, &row, &random)
    row.flag(isHighest)
  }

  private func dates(
    _ birth: CivilDate, _ age: Int, _ years: Int, atWork: Bool, _ random: inout SeededRandom
  ) -> (CivilDate, CivilDate) {
    var year = birth.components.year + age + random.below(3) + (atWork ? random.below(16) : 0)
    let isWinter = atWork && random.chance(permille: 350)
    let month = isWinter ? 1 : random.chance(permille: 700) ? 7 : 6
    let latest = isWinter || month <= 7 ? 2005 : 2004
    if year > latest { year = latest }
    let graduation = day(year, month, month == 6 ? 15 + random.below(16) : 1 + random.below(20))
    let first = max(birth.adding(years: 5), graduation.adding(years: -years - 1))
    let enrolment = day(graduation.components.year - years, isWinter ? 2 : 9, 1 + random.below(20))
    let earlier = enrolment < graduation ? enrolment : day(graduation.components.year - 1, 9, 1)
    return (max(first, earlier), graduation)
  }

  private func writeDegree(
    _ member: Member, _ graduation: CivilDate, _ school: String?, _ row: inout RowBuilder,
    _ random: inout SeededRandom
  ) {
    guard member.hasDegree else {
      for _ in 0..<3 { row.empty() }
      return
    }
    let code =
      switch member.eduCode {
      case 11: 201 + random.below(12)
      case 14: random.chance(permille: 600) ? 301 + random.below(12) : 341 + random.below(11)
      default: 401 + random.below(12)
      }
    row.number(code)
    row.date(min(today, graduation.adding(days: random.below(60))))
    row.plain(random.chance(permille: 900) ? school : nil)
  }

  private func schoolName(_ schooling: Schooling, _ random: inout SeededRandom) -> String {
    switch schooling {
    case .postgraduate, .undergraduate:
      return random.pick(EducationWriter.universities)
    case .college:
      return random.pick(random.chance(permille: 500) ? EducationWriter.universities : EducationWriter.colleges)
    case .secondary, .juniorMiddle, .primary:
      let county = County.all[territory.county ?? random.below(11)]
      let township = territory.township ?? random.pick(county.townships)
      let short = township.name.hasSuffix("街道") ? township.name.dropLast(2) : township.name.dropLast(1)
      let place = random.chance(permille: 800) ? county.shortName + short : county.shortName
      switch schooling {
      case .secondary: return place + random.pick(["中学", "高级中学", "第一中学", "职业高中", "中等专业学校", "技工学校", "卫生学校", "农业学校"])
      case .juniorMiddle: return place + random.pick(["中学", "初级中学", "初中", "第二中学", "农业中学"])
      default: return place + random.pick(["小学", "中心小学", "完全小学", "第一小学"])
      }
    }
  }

  private static let universities = """
    宁波大学 浙江大学 杭州大学 浙江工业大学 浙江师范大学 浙江林学院 浙江财经学院 杭州商学院 浙江农业大学 中国计量学院 杭州电子工业学院 温州大学 绍兴文理学院 \
    复旦大学 同济大学 华东师范大学 上海交通大学 华东政法学院 南京大学 武汉大学 厦门大学 合肥工业大学 中央党校 浙江省委党校 宁波师范学院 中国人民大学 西安交通大学 \
    浙江医科大学 浙江中医学院 上海海运学院 大连海运学院 安徽大学 江西财经大学 四川大学 吉林大学 山东大学 中南财经大学
    """.split(separator: " ").map(String.init)
  private static let colleges = """
    宁波高等专科学校 宁波广播电视大学 浙江广播电视大学 宁波市委党校 宁波教育学院 宁波职业技术学院 浙江纺织职业技术学院 宁波服装职业技术学院 杭州师范学院 \
    浙江万里学院 浙江公安高等专科学校 浙江水利水电专科学校 金华职业技术学院 舟山师范专科学校 绍兴师范专科学校 浙江交通职业技术学院
    """.split(separator: " ").map(String.init)
  private static let majors = """
    行政管理 法律 经济管理 会计 汉语言文学 数学 英语 机械制造 电子技术 计算机应用 临床医学 护理 农学 园艺 水产养殖 土木工程 工商管理 金融 财政 税收 国际贸易 \
    思想政治教育 小学教育 学前教育 物理 化学 生物 历史 地理 体育 美术 音乐 轮机管理 海洋船舶驾驶 纺织工程 服装设计 应用化工 环境工程 电力系统 通信工程 公安管理 \
    社会工作 档案管理 统计 市场营销 旅游管理 人力资源管理 党政管理 水利水电 公路与桥梁
    """.split(separator: " ").map(String.init)
}
