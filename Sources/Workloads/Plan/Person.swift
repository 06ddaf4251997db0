import Catalog
import Primitives

/// What decides who somebody is; everything else is drawn when the row is written.
struct Person: Sendable {
  let birth: CivilDate
  /// The digits before the date in the citizen id: where the id was issued.
  let idRegion: UInt8
  /// Odd for men, even for women; unique together with region and birth date.
  let serial: UInt16
  let isFemale: Bool
  /// NATION.
  let nation: UInt8

  /// The citizen id with its check character.
  var idCard: String {
    var body = CitizenRegions.codes[Int(idRegion)]
    let (year, month, day) = birth.components
    body += String(year * 10_000 + month * 100 + day)
    body += String(String(1000 + Int(serial)).dropFirst())
    return body + String(CitizenID.checkDigit(of: body) ?? "?")
  }

  /// Somebody with the same sex and birthday whose id nobody of the plan has: planted rows use them.
  ///
  /// Serials of planned people go up to ``CitizenRegistry/serialLimit``.
  func phantom(_ random: inout SeededRandom) -> Person {
    let free = 999 - CitizenRegistry.serialLimit
    let serial = CitizenRegistry.serialLimit + 2 + random.below(free / 2 - 1) * 2 + (isFemale ? 0 : 1)
    return Person(birth: birth, idRegion: idRegion, serial: UInt16(serial), isFemale: isFemale, nation: nation)
  }
}

/// A member of the plan.
struct Member: Sendable {
  let person: Person
  let join: CivilDate
  let occupation: Occupation
  let schooling: Schooling
  /// EDU, a leaf code.
  let eduCode: UInt8
  let hasDegree: Bool
  let isHardship: Bool
  let isFloating: Bool
  let isProbationary: Bool
}

/// The columns of the published occupations.
enum Occupation: UInt8, Sendable, CaseIterable {
  case worker, farmer, professional, government, student, retired, other
  /// Per thousand of members.
  static let shares = [120, 350, 220, 80, 20, 170, 40]
}

enum AgeBand: Int, Sendable, CaseIterable {
  case to35, to60, above60
  static let shares = [220, 490, 290]
}

/// Groups of the highest education; college and above are the first three: 27 %.
enum Schooling: UInt8, Sendable, CaseIterable {
  case postgraduate, undergraduate, college, secondary, juniorMiddle, primary
  static let shares = [9, 81, 180, 300, 310, 120]
}

/// When members joined; the last is the year of probation.
enum JoinPeriod: Int, Sendable, CaseIterable {
  case before1949, to1966, to1976, to2002, to2004, probation

  /// First and last day.
  var days: (first: CivilDate, last: CivilDate) {
    switch self {
    case .before1949: (day(1925, 1, 1), day(1949, 9, 30))
    case .to1966: (day(1949, 10, 1), day(1966, 4, 30))
    case .to1976: (day(1966, 5, 1), day(1976, 10, 31))
    case .to2002: (day(1976, 11, 1), day(2002, 10, 31))
    case .to2004: (day(2002, 11, 1), day(2004, 9, 30))
    case .probation: (day(2004, 10, 1), day(2005, 9, 30))
    }
  }

  /// Per thousand of full members; probationary ones are counted by themselves.
  static let shares = [9, 130, 178, 611, 72]
}

func day(_ year: Int, _ month: Int, _ day: Int) -> CivilDate {
  guard let date = CivilDate(year: year, month: month, day: day) else {
    requirementFailed("the calendar has no \(year)-\(month)-\(day)")
  }
  return date
}

/// First six digits of citizen ids: codes of the counties, some as they were before they became districts or cities,
/// and of places that people move from.
enum CitizenRegions {
  static let codes = [
    "330203", "330204", "330205", "330206", "330211", "330212", "330225", "330226", "330281", "330282", "330283",
    "330227",
    "330224", "330222", "330219", "330621", "330625", "331022", "331023", "330902", "330921", "330106", "330302",
    "330726",
    "330522", "320602", "310101", "360302", "340823", "341281", "410105", "420106", "513021", "522101", "610103",
    "230103",
  ]
  private static let olderCodes: [Int: UInt8] = [5: 11, 10: 12, 9: 13, 8: 14]

  static func draw(county: Int?, birthYear: Int, _ random: inout SeededRandom) -> UInt8 {
    if random.chance(permille: 90) { return UInt8(15 + random.below(codes.count - 15)) }
    let home = county.flatMap { random.chance(permille: 850) ? $0 : nil } ?? random.below(11)
    if birthYear < 1968, let older = olderCodes[home], random.chance(permille: 600) { return older }
    return UInt8(home)
  }
}

/// Hands out citizen ids so that no two are equal.
struct CitizenRegistry {
  /// The highest serial of a planned person.
  static let serialLimit = 880
  private static let slots = serialLimit / 2
  private var used: [UInt64: UInt16] = [:]

  init(capacity: Int) { used.reserveCapacity(capacity) }

  mutating func register(
    birth: CivilDate, isFemale: Bool, nation: UInt8, county: Int?, _ random: inout SeededRandom
  ) -> Person {
    let region = CitizenRegions.draw(county: county, birthYear: birth.components.year, &random)
    let group = UInt64(region) << 33 | UInt64(UInt32(bitPattern: birth.days)) << 1 | (isFemale ? 1 : 0)
    let count = Int(used[group, default: 0])
    require(count < CitizenRegistry.slots, "more than \(CitizenRegistry.slots) births on one day in one place")
    used[group] = UInt16(count + 1)
    // A start that depends on the group and a step without a common divisor visit every slot once.
    let start = Int((group &* 0x9E37_79B9_7F4A_7C15) >> 40) % CitizenRegistry.slots
    let slot = (start + count * 37) % CitizenRegistry.slots
    return Person(
      birth: birth, idRegion: region, serial: UInt16(slot * 2 + (isFemale ? 2 : 1)), isFemale: isFemale, nation: nation)
  }
}
