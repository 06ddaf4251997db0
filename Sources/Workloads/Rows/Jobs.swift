import Primitives

/// Codes that follow from what somebody does: JOB, FRONTLINE, STRATUM.
enum Jobs {
  static func code(
    _ occupation: Occupation, _ community: Community, _ join: CivilDate, _ schooling: Schooling,
    _ random: inout SeededRandom
  ) -> String {
    switch occupation {
    case .worker: worker(community, &random)
    case .farmer: random.pick(["111", "111", "111", "111", "111", "111", "111", "119", "113", "113", "112"])
    case .professional: professional(community, &random)
    case .government: random.pick(["0111", "0111", "0111", "0112", "011"])
    case .student: student(schooling, &random)
    case .retired:
      join < day(1949, 10, 1) && random.chance(permille: 800)
        ? "41" : random.pick(["42", "42", "42", "42", "42", "42", "42", "42", "42", "44", "43"])
    case .other:
      community == .community && random.chance(permille: 400)
        ? "52" : random.pick(["53", "53", "54", "57", "57", "55", "58", "59", "59"])
    }
  }

  private static func worker(_ community: Community, _ random: inout SeededRandom) -> String {
    switch community {
    case .organ: random.pick(["0161", "0161", "0164"])
    case .institution, .university: random.pick(["0162", "0162", "0162", "0164"])
    case .publicEnterprise: random.pick(["0163", "0163", "0163", "0163", "0164"])
    case .privateNonEnterprise: random.pick(["0252", "0252", "0253"])
    case .enterprise: random.pick(["0251", "0251", "0253"])
    case .village, .community: random.pick(["0251", "0253", "0253", "0164", "0163"])
    case .joint: random.pick(["0163", "0251", "0162", "0253"])
    }
  }

  private static func professional(_ community: Community, _ random: inout SeededRandom) -> String {
    switch community {
    case .organ: random.pick(["012", "013"])
    case .institution, .university: random.pick(["012", "013", "013", "013"])
    case .publicEnterprise: random.pick(["014", "015", "015"])
    case .privateNonEnterprise: random.pick(["023", "024", "024"])
    case .enterprise: random.pick(["021", "021", "022"])
    case .village, .community: random.pick(["021", "022", "015", "013"])
    case .joint: random.pick(["014", "015", "021", "022", "013"])
    }
  }

  private static func student(_ schooling: Schooling, _ random: inout SeededRandom) -> String {
    schooling.rawValue <= 1
      ? random.pick(["311", "312", "313"])
      : random.pick(["321", "321", "321", "323", "323", "323", "322", "331", "333", "341"])
  }

  static func frontline(_ job: String, _ random: inout SeededRandom) -> String? {
    let line: String? =
      switch job {
      case "0163", "0164", "0251", "0253", "015", "022": "01"
      case "111", "112", "119": "02"
      case "013", "024": random.chance(permille: 800) ? "03" : "04"
      case "0111", "0112", "011": "05"
      default: nil
      }
    guard let line else { return random.chance(permille: 300) ? "9" : nil }
    let draw = random.below(100)
    return draw < 62 ? line : draw < 85 ? "9" : nil
  }

  static func stratum(_ job: String, _ random: inout SeededRandom) -> String? {
    guard random.chance(permille: 350) else { return nil }
    return switch job {
    case "021": random.pick(["41", "49", "49", "2"])
    case "022": random.pick(["1", "1", "2"])
    case "024": "5"
    case "53": random.pick(["31", "31", "39"])
    case "54": random.pick(["6", "6", "5"])
    default: nil
    }
  }
}
