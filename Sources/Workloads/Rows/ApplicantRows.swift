import Primitives

extension CityPlan {
  func visitApplicants(
    _ node: Int, _ root: SeededRandom, _ file: inout FileRows, _ visit: (PlannedRow) throws -> Void
  ) rethrows {
    for position in applicantsOfNode[node] {
      let applicant = applicants[position]
      let branch = organisations[applicant.branch]
      let full = fullMembers(of: branch)
      var random = root.stream("applicant/\(position)")
      var name = ""
      try file.emit(visit) { row in
        let writer = ApplicantWriter(self, branch, full, applicant.person)
        name = writer.name(&random)
        writer.write(name: name, formNumber: position, &row, &random)
      } writeBad: { row, kind, planter in
        let stranger =
          kind == .duplicateKey ? applicant.person : applicant.person.phantom(&planter.random)
        let writer = ApplicantWriter(self, branch, full, stranger)
        var other = writer.name(&planter.random)
        while other == name { other = writer.name(&planter.random) }
        writer.write(name: other, formNumber: 9_000_000 + position, &row, &planter.random)
      }
    }
  }
}

/// Draws the row of one applicant: a stage that the years since the 18th birthday allow, and the dates that lead to it.
private struct ApplicantWriter {
  private let plan: CityPlan
  private let branch: Organisation
  private let full: [Int]
  private let person: Person
  private let today = CityPlan.today

  init(_ plan: CityPlan, _ branch: Organisation, _ full: [Int], _ person: Person) {
    self.plan = plan
    self.branch = branch
    self.full = full
    self.person = person
  }

  func name(_ random: inout SeededRandom) -> String {
    PersonNames.compose(birthYear: person.birth.components.year, isFemale: person.isFemale, &random)
  }

  /// Longest way from the application to a stage, in days, as the dates below are drawn.
  private static func longestWay(_ stage: Int) -> Int {
    switch stage {
    case 20: 245
    case 30: 690
    case 35: 770
    default: 31
    }
  }

  private static let stages = Weighted<Int>([(10, 340), (20, 500), (30, 95), (35, 40), (90, 25)])

  private func drawStage(_ since: Int, _ random: inout SeededRandom) -> Int {
    let stage = ApplicantWriter.stages.draw(&random)
    guard full.count >= 3, since > ApplicantWriter.longestWay(stage) else { return stage == 90 ? 90 : 10 }
    return stage
  }

  func write(name: String, formNumber: Int, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    let since = Int(today.days - person.birth.adding(years: 18).days)
    let stage = drawStage(since, &random)
    let least = ApplicantWriter.longestWay(stage)
    let spare = max(1, min(since - least, 1800))
    let apply = today.adding(days: -min(since, least + random.below(spare)))
    let community = branch.community
    let occupation: Occupation =
      switch community {
      case .university: .student
      case .village: .farmer
      case .organ: .government
      case .institution: .professional
      default: random.pick([.worker, .worker, .professional, .other])
      }
    let schooling: Schooling = random.pick([.undergraduate, .college, .college, .secondary, .secondary, .juniorMiddle])
    row.plain(name)
    row.plain(person.idCard)
    row.plain(person.isFemale ? "2" : "1")
    row.date(person.birth)
    row.code(Int(person.nation), width: 2)
    row.plain(eduCode(community == .university ? .secondary : schooling, &random))
    let job = Jobs.code(occupation, community, apply, .secondary, &random)
    row.plain(job)
    row.plain(Jobs.frontline(job, &random))
    row.plain(branch.code)
    row.date(apply)
    row.date(random.chance(permille: 800) ? min(today, apply.adding(days: 1 + random.below(27))) : nil)
    let isLeague = person.birth.fullYears(to: today) <= 28 && random.chance(permille: 600)
    row.flag(isLeague)
    row.flag(isLeague && stage >= 20 && stage < 90 ? random.chance(permille: 750) : nil)
    row.number(stage)
    writeWay(stage, apply, formNumber, &row, &random)
    row.plain(stage == 90 ? random.pick(["1", "2", "4", "4", "9"]) : nil)
  }

  private func eduCode(_ schooling: Schooling, _ random: inout SeededRandom) -> String {
    switch schooling {
    case .postgraduate: "14"
    case .undergraduate: "21"
    case .college: "31"
    case .secondary: random.pick(["61", "61", "41", "44"])
    case .juniorMiddle: "71"
    case .primary: "81"
    }
  }

  /// The dates and facts from the recognition as activist to the approval.
  private func writeWay(
    _ stage: Int, _ apply: CivilDate, _ formNumber: Int, _ row: inout RowBuilder, _ random: inout SeededRandom
  ) {
    let isActivist = (20...50).contains(stage)
    let activist = apply.adding(months: 6).adding(days: random.below(60))
    let first = isActivist ? full[random.below(full.count)] : nil
    var second = isActivist && random.chance(permille: 700) ? full[random.below(full.count)] : nil
    if second == first { second = nil }
    row.date(isActivist ? activist : nil)
    row.plain(first.map { plan.members[$0].person.idCard })
    row.plain(second.map { plan.members[$0].person.idCard })
    row.date(isActivist ? max(activist, today.adding(days: -random.below(170))) : nil)
    let isCandidate = (30...50).contains(stage)
    let candidate = activist.adding(years: 1).adding(days: random.below(60))
    let filed = candidate.adding(days: random.below(15))
    row.date(isCandidate ? candidate : nil)
    row.date(isCandidate ? filed : nil)
    guard stage == 35 else {
      for _ in 0..<11 { row.empty() }
      return
    }
    let review = filed.adding(days: random.below(20))
    row.date(review)
    row.flag(true)
    row.number(40 + random.below(17))
    let examined = review.adding(days: 5 + random.below(25))
    row.date(examined)
    row.number(5 + random.below(6))
    row.joined("2005", "-", String(formNumber + 10_000_000))
    writeMeeting(examined, &row, &random)
  }

  private func writeMeeting(_ examined: CivilDate, _ row: inout RowBuilder, _ random: inout SeededRandom) {
    let meeting = examined.adding(days: 3 + random.below(20))
    guard meeting <= today, random.chance(permille: 500) else {
      for _ in 0..<5 { row.empty() }
      return
    }
    row.date(meeting)
    row.number(full.count)
    row.number(full.count - random.below(max(1, (full.count - 1) / 3)))
    let talk = meeting.adding(days: 1 + random.below(20))
    row.date(talk <= today ? talk : nil)
    row.empty()
  }
}
