import Primitives

extension CityPlan {
  func visitMembers(
    _ node: Int, _ root: SeededRandom, _ file: inout FileRows, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    for index in organisationsOfNode[node] where organisations[index].isBranch {
      let branch = organisations[index]
      var random = root.stream("member/" + branch.code)
      for position in branch.members {
        var name = ""
        try file.emit(visit) { row in
          let writer = MemberWriter(self, branch, position, members[position].person)
          name = writer.name(&random)
          writer.write(number: memberNumber(position), name: name, &row, &random)
        } writeBad: { row, kind, planter in
          let person = members[position].person
          let stranger = kind == .duplicateKey ? person : person.phantom(&planter.random)
          let writer = MemberWriter(self, branch, position, stranger)
          var other = writer.name(&planter.random)
          while other == name { other = writer.name(&planter.random) }
          writer.write(number: strangerNumber(&planter.random), name: other, &row, &planter.random)
        }
      }
    }
  }

  /// Twelve digits; a member's number says nothing about where or when.
  func memberNumber(_ position: Int) -> String {
    // The factor shares no divisor with 10^8, so no two positions give the same number.
    let spread = (position &* 38_196_601 &+ Int(seed % 100_000_000)) % 100_000_000
    return "3302" + String(100_000_000 + spread).dropFirst()
  }

  private func strangerNumber(_ random: inout SeededRandom) -> String {
    "3303" + String(100_000_000 + random.below(100_000_000)).dropFirst()
  }
}

/// Draws the row of one member.
struct MemberWriter {
  private let plan: CityPlan
  private let branch: Organisation
  private let territory: Territory
  private let position: Int
  private let member: Member
  private let person: Person
  private let today = CityPlan.today

  init(_ plan: CityPlan, _ branch: Organisation, _ position: Int, _ person: Person) {
    self.plan = plan
    self.branch = branch
    self.position = position
    self.person = person
    member = plan.members[position]
    territory = plan.territories[branch.territory]
  }

  func name(_ random: inout SeededRandom) -> String {
    PersonNames.compose(birthYear: person.birth.components.year, isFemale: person.isFemale, &random)
  }

  func write(number: String, name: String, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    let age = person.birth.fullYears(to: today)
    let job = Jobs.code(member.occupation, branch.community, member.join, member.schooling, &random)
    row.plain(number)
    row.plain(name)
    row.plain(
      random.chance(permille: 12) ? PersonNames.compose(birthYear: 1940, isFemale: person.isFemale, &random) : nil)
    row.plain(person.idCard)
    row.plain(person.isFemale ? "2" : "1")
    row.date(person.birth)
    row.code(Int(person.nation), width: 2)
    row.plain(nativePlace(&random))
    row.flag(random.chance(permille: 600) ? random.below(2000) == 0 : nil)
    row.plain(marital(age, &random))
    row.plain(random.chance(permille: 900) ? health(age, &random) : nil)
    row.date(workStart(&random))
    row.plain(job)
    writeWork(job, &row, &random)
    writeBranch(&row, &random)
    writePrivate(age, &row, &random)
  }

  private func writeWork(_ job: String, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    let hasUnit = !branch.workUnits.isEmpty && random.chance(permille: branch.community == .community ? 500 : 920)
    row.plain(hasUnit ? plan.units[branch.workUnits[position % branch.workUnits.count]].key : nil)
    let isMigrant = job == "0164" || job == "0253"
    row.flag(isMigrant ? true : random.chance(permille: 450) ? false : nil)
    let isStaff = job.hasPrefix("0")
    row.flag(isStaff && random.chance(permille: 500) ? random.chance(permille: 40) : nil)
    row.plain(Jobs.frontline(job, &random))
    row.plain(Jobs.stratum(job, &random))
  }

  private func writeBranch(_ row: inout RowBuilder, _ random: inout SeededRandom) {
    let join = member.join
    let groups = plan.partyGroups(branch)
    row.plain(branch.code)
    row.number(groups > 0 && random.chance(permille: 900) ? 1 + random.below(groups) : nil)
    let isOwn = random.chance(permille: 450)
    let entry = isOwn ? join : join.adding(days: random.below(Int(today.days - join.days) + 1))
    row.date(entry)
    row.plain(isOwn ? "101" : MemberWriter.entryKinds.draw(&random))
    row.plain(member.isProbationary ? "2" : "1")
    row.plain("1")
    row.date(join)
    row.plain(joinKind(&random))
    row.plain(random.chance(permille: 600) ? (isOwn ? branch.name : otherBranch(&random)) : nil)
    let first = PersonNames.composeAny(&random)
    var second = PersonNames.composeAny(&random)
    while second == first { second = PersonNames.composeAny(&random) }
    let hasSponsors = join >= day(1982, 9, 6)
    row.plain(hasSponsors ? first : nil)
    row.plain(hasSponsors ? second : nil)
    writeConversion(join, &row, &random)
    row.number(random.chance(permille: 10) ? random.within(-24...24) : nil)
  }

  private static let entryKinds = Weighted<String>([("131", 35), ("161", 35), ("151", 15), ("141", 10), ("181", 5)])

  private func writeConversion(_ join: CivilDate, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    guard !member.isProbationary else {
      row.empty()
      row.plain(random.chance(permille: 500) ? "6" : nil)
      return
    }
    // Chapter 3.2: members who joined then had no probation.
    if join < day(1923, 6, 10) || (day(1928, 6, 18)...day(1945, 4, 22)).contains(join)
      || (day(1969, 4, 1)...day(1977, 8, 11)).contains(join)
    {
      row.date(join)
      row.empty()
      return
    }
    let due = join.adding(years: 1)
    let draw = random.below(1000)
    let late = draw < 930 ? random.below(46) : draw < 990 ? 30 + random.below(150) : 183 + random.below(180)
    let isPossible = due.adding(days: late) <= today
    row.date(min(today, due.adding(days: late)))
    row.plain(!isPossible || draw < 930 ? (random.chance(permille: 800) ? "1" : nil) : draw < 990 ? "5" : "3")
  }

  private func writePrivate(_ age: Int, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    row.plain(householdRegion(&random))
    row.plain(random.chance(permille: 550) ? policeStation(&random) : nil)
    row.plain(address(&random))
    row.plain(random.chance(permille: age < 65 ? 680 : 250) ? PhoneNumbers.mobile(&random) : nil)
    row.plain(random.chance(permille: 550) ? PhoneNumbers.landline(&random) : nil)
    row.plain(random.chance(permille: 400) ? archive(&random) : nil)
    row.plain(random.below(2000) == 0 ? random.pick(["05", "06", "07", "08", "10"]) : nil)
    let isLost = random.below(700) == 0
    row.date(isLost ? today.adding(days: -200 - random.below(900)) : nil)
    row.plain(isLost ? random.pick(["1", "1", "2", "3", "4", "6", "7"]) : nil)
  }

  private func address(_ random: inout SeededRandom) -> String {
    if branch.community == .village, let unit = branch.workUnits.first, random.chance(permille: 880) {
      return "宁波市" + plan.units[unit].stem + "\(1 + random.below(18))组\(1 + random.below(240))号"
    }
    let county =
      territory.county == nil || random.chance(permille: 80) ? random.below(County.all.count) : territory.county ?? 0
    let place =
      territory.county == county && territory.township != nil ? territory.place : "宁波市" + County.all[county].name
    let room =
      random.chance(permille: 700)
      ? "\(1 + random.below(60))幢\((1 + random.below(18)) * 100 + 1 + random.below(4))室" : ""
    return place + PlaceNames.road(&random) + "\(1 + random.below(500))号" + room
  }

  private func nativePlace(_ random: inout SeededRandom) -> String? {
    guard random.chance(permille: 930) else { return nil }
    if random.chance(permille: 800) {
      let county = random.chance(permille: 800) ? territory.county ?? random.below(11) : random.below(11)
      return County.all[county].code
    }
    return MemberWriter.provinces.draw(&random)
  }

  private static let provinces = Weighted<String>([
    ("330000", 60), ("320000", 7), ("310000", 4), ("340000", 7), ("360000", 5), ("350000", 2), ("370000", 4),
    ("410000", 3),
    ("420000", 3), ("430000", 2), ("510000", 2), ("440000", 1), ("610000", 1), ("230000", 1), ("210000", 1),
    ("520000", 1),
    ("710000", 1),
  ])

  private func householdRegion(_ random: inout SeededRandom) -> String? {
    guard random.chance(permille: 950) else { return nil }
    if random.chance(permille: 30) { return MemberWriter.provinces.draw(&random) }
    let county = random.chance(permille: 920) ? territory.county ?? random.below(11) : random.below(11)
    return County.all[county].code
  }

  private func policeStation(_ random: inout SeededRandom) -> String {
    let county = County.all[territory.county ?? random.below(11)]
    let township =
      random.chance(permille: 700) ? territory.township ?? random.pick(county.townships) : random.pick(county.townships)
    let short = township.name.hasSuffix("街道") ? township.name.dropLast(2) : township.name.dropLast(1)
    return county.shortName + short + "派出所"
  }

  private func archive(_ random: inout SeededRandom) -> String {
    let county = County.all[territory.county ?? random.below(11)].name
    return switch random.below(5) {
    case 0: county + "人事局"
    case 1: county + "人才服务中心"
    case 2: territory.localPlace + (territory.township == nil ? "组织部" : "党委")
    case 3: county + "委组织部"
    default: branch.workUnits.first.map { plan.units[$0].name } ?? county + "档案馆"
    }
  }

  private func otherBranch(_ random: inout SeededRandom) -> String {
    let county = County.all[random.below(11)]
    return "中共" + county.name + random.pick(county.townships).name + PlaceNames.brand(&random)
      + random.pick(["村支部", "公司支部", "中学支部", "厂支部", "机关支部", "部队支部"])
  }

  private func joinKind(_ random: inout SeededRandom) -> String {
    if random.chance(permille: 3) { return random.pick(["1113", "12", "2"]) }
    guard person.birth.fullYears(to: member.join) <= 28, random.chance(permille: 600) else { return "1112" }
    return member.join >= day(1983, 1, 1) && random.chance(permille: 600) ? "11111" : "1111"
  }

  private func workStart(_ random: inout SeededRandom) -> CivilDate? {
    let share = member.occupation == .farmer ? 450 : member.occupation == .student ? 0 : 900
    guard random.chance(permille: share) else { return nil }
    let least = member.schooling.rawValue <= 1 ? 21 : member.schooling == .college ? 20 : 16
    let start = person.birth.adding(years: least).adding(days: random.below(2200))
    return start <= today ? start : nil
  }

  private func marital(_ age: Int, _ random: inout SeededRandom) -> String? {
    guard random.chance(permille: 880) else { return nil }
    let draw = random.below(1000)
    if age < 30 { return draw < (30 - age) * 90 ? "10" : draw < 985 ? "21" : "40" }
    if age > 65, draw < (age - 60) * 12 { return "30" }
    return draw < 790 ? "21" : draw < 930 ? "20" : draw < 955 ? "22" : draw < 980 ? "40" : draw < 990 ? "10" : "90"
  }

  private func health(_ age: Int, _ random: inout SeededRandom) -> String {
    let draw = random.below(100)
    return draw < (age < 50 ? 96 : age < 65 ? 85 : 55) ? "1" : random.pick(["2", "2", "3", "3", "3", "6"])
  }
}
