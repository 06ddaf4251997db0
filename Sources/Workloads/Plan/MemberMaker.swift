import Primitives

/// Draws all members branch by branch from decks, so that every published figure comes out exactly whatever the seed.
///
/// Sums of rows and columns are exact; how a row's people are spread over the columns follows seeds of our own, fitted
/// to both.
struct MemberMaker {
  private let organisations: [Organisation]
  private let territories: [Territory]
  private let today: CivilDate
  private var random: SeededRandom
  private var registry: CitizenRegistry
  private var occupations: Deck
  private var bands: Deck
  private var schooling: Deck
  private var sexes: Deck
  private var periods: Deck
  private var degrees: Deck
  private var hardship: Deck
  private var floating: Deck
  private var minorities: Deck

  init(
    _ figures: CityFigures, organisations: [Organisation], territories: [Territory], today: CivilDate,
    random: SeededRandom
  ) {
    self.organisations = organisations
    self.territories = territories
    self.today = today
    self.random = random
    registry = CitizenRegistry(capacity: figures.members + figures.applicants)
    let tables = MemberTables(figures, organisations: organisations)
    occupations = Deck(tables.occupations)
    bands = Deck(tables.bands)
    schooling = Deck(tables.schooling)
    sexes = Deck(tables.sexes)
    periods = Deck(tables.periods)
    degrees = Deck(tables.degrees)
    hardship = Deck(tables.hardship)
    floating = Deck(tables.floating)
    minorities = Deck(chosen: (figures.members * 3 + 500) / 1000, of: figures.members)
  }

  /// All members in the order of their branches.
  mutating func makeMembers() -> [Member] {
    var members: [Member] = []
    members.reserveCapacity(organisations.reduce(0) { $0 + $1.size })
    for organisation in organisations where organisation.isBranch {
      let county = territories[organisation.territory].county
      for _ in 0..<organisation.size {
        members.append(makeMember(community: organisation.community, county: county))
      }
    }
    return members
  }

  private mutating func makeMember(community: Community, county: Int?) -> Member {
    let occupation = Occupation.allCases[occupations.draw(community.rawValue, &random)]
    let band = AgeBand.allCases[bands.draw(Int(occupation.rawValue), &random)]
    let cell = MemberTables.cell(occupation, band)
    let schooling = Schooling.allCases[schooling.draw(cell, &random)]
    let isFemale = sexes.draw(band.rawValue, &random) == 1
    let period = JoinPeriod.allCases[periods.draw(MemberTables.periodRow(occupation, band), &random)]
    let hasDegree = schooling.rawValue < 2 && degrees.draw(Int(schooling.rawValue), &random) == 1
    let isHardship = hardship.draw(band.rawValue, &random) == 1
    let isFloating = floating.draw(MemberTables.floatingRow(occupation), &random) == 1
    let birth = drawBirth(occupation, band, schooling, period)
    let nation = minorities.draw(0, &random) == 1 ? MemberMaker.minority.draw(&random) : 1
    let person = registry.register(birth: birth, isFemale: isFemale, nation: nation, county: county, &random)
    return Member(
      person: person, join: drawJoin(birth, period), occupation: occupation, schooling: schooling,
      eduCode: drawEduCode(schooling, birth, hasDegree: hasDegree), hasDegree: hasDegree, isHardship: isHardship,
      isFloating: isFloating, isProbationary: period == .probation)
  }

  /// Somebody who has applied; never a member.
  mutating func makeApplicant(community: Community, county: Int?) -> Person {
    let age = community == .university ? 18 + random.below(5) : 19 + random.below(26)
    let birth = today.adding(years: -age).adding(days: -40 - random.below(320))
    let nation = random.chance(permille: 4) ? MemberMaker.minority.draw(&random) : 1
    return registry.register(
      birth: birth, isFemale: random.chance(permille: 380), nation: nation, county: county, &random)
  }

  /// 22 She is a third of Ningbo's minorities.
  private static let minority = Weighted<UInt8>([
    (22, 33), (3, 14), (11, 12), (8, 8), (6, 8), (15, 8), (2, 5), (10, 4), (12, 3), (7, 2), (9, 2), (4, 1),
  ])

  private mutating func drawBirth(
    _ occupation: Occupation, _ band: AgeBand, _ schooling: Schooling, _ period: JoinPeriod
  ) -> CivilDate {
    var (first, last) =
      switch band {
      case .to35: (day(1969, 10, 1), day(1987, 8, 31))
      case .to60: (day(1944, 10, 1), day(1969, 9, 30))
      case .above60: (day(1911, 1, 1), day(1944, 9, 30))
      }
    if occupation == .student {
      (first, last) =
        schooling.rawValue <= 1 ? (day(1977, 1, 1), day(1983, 9, 30)) : (day(1982, 9, 1), day(1987, 8, 31))
    } else if occupation == .retired && band == .to60 {
      last = day(1955, 9, 30)
    }
    let age =
      switch schooling {
      case .postgraduate: 25
      case .undergraduate, .college: 22
      default: 18
      }
    last = min(last, today.adding(years: -age), period.days.last.adding(years: -18).adding(days: -30))
    first = max(first, min(period.days.first.adding(years: -52), last.adding(years: -10)))
    let span = Int(last.days - first.days)
    require(span >= 0, "nobody of \(occupation), \(band), \(schooling) can have joined in \(period)")
    // The old are fewer with every year: the square of a fraction favours the young end.
    let fraction = random.fraction()
    let back = band == .above60 ? fraction * (0.3 + 0.7 * fraction) : fraction
    return last.adding(days: -Int(Double(span) * back))
  }

  /// Most people join young: the earlier part of what is possible is likelier.
  private mutating func drawJoin(_ birth: CivilDate, _ period: JoinPeriod) -> CivilDate {
    let first = max(period.days.first, birth.adding(years: 18).adding(days: 1))
    let span = Int(period.days.last.days - first.days)
    require(span >= 0, "born \(birth), too young for \(period)")
    let fraction = random.fraction()
    return first.adding(days: Int(Double(span) * fraction * (0.4 + 0.6 * fraction)))
  }

  private mutating func drawEduCode(_ schooling: Schooling, _ birth: CivilDate, hasDegree: Bool) -> UInt8 {
    switch schooling {
    case .postgraduate:
      hasDegree ? random.pick([11, 14, 14, 14, 14, 14, 14, 14]) : random.pick([17, 17, 17, 15, 19, 18])
    case .undergraduate:
      hasDegree
        ? 21
        : birth < day(1960, 1, 1) && random.chance(permille: 150) ? 28 : random.pick([21, 21, 21, 21, 21, 21, 22, 23])
    case .college: random.chance(permille: 960) ? 31 : random.pick([32, 33])
    case .secondary: MemberMaker.secondary.draw(&random)
    case .juniorMiddle: random.chance(permille: 900) ? 71 : 73
    case .primary: random.chance(permille: 830) ? 81 : 83
    }
  }

  private static let secondary = Weighted<UInt8>([(41, 420), (61, 430), (44, 70), (47, 60), (63, 12), (43, 8)])
}
