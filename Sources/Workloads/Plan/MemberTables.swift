import Primitives

/// The exact tables that members are drawn from.
///
/// Row and column sums are the published shares, rounded by largest remainder; seeds say how columns lean inside a row.
struct MemberTables {
  /// Community × occupation.
  let occupations: [[Int]]
  /// Occupation × age band.
  let bands: [[Int]]
  /// (Occupation, band) × schooling.
  let schooling: [[Int]]
  /// Band × (man, woman).
  let sexes: [[Int]]
  /// (Students, then bands) × join period.
  let periods: [[Int]]
  /// (Postgraduate, undergraduate) × (none, degree).
  let degrees: [[Int]]
  /// Band × (no, yes).
  let hardship: [[Int]]
  /// (Farmers, workers, other, all the rest) × (no, yes).
  let floating: [[Int]]

  static func cell(_ occupation: Occupation, _ band: AgeBand) -> Int { Int(occupation.rawValue) * 3 + band.rawValue }
  static func periodRow(_ occupation: Occupation, _ band: AgeBand) -> Int {
    occupation == .student ? 0 : band.rawValue + 1
  }
  static func floatingRow(_ occupation: Occupation) -> Int {
    switch occupation {
    case .farmer: 0
    case .worker: 1
    case .other: 2
    default: 3
    }
  }

  init(_ figures: CityFigures, organisations: [Organisation]) {
    let members = figures.members
    var communities = [Int](repeating: 0, count: Community.allCases.count)
    for organisation in organisations { communities[organisation.community.rawValue] += organisation.size }
    let occupationTotals = apportion(members, weights: Occupation.shares.map(Double.init))
    let bandTotals = apportion(members, weights: AgeBand.shares.map(Double.init))
    let schoolingTotals = apportion(members, weights: Schooling.shares.map(Double.init))
    occupations = fitted(seed: MemberTables.occupationSeeds, rows: communities, columns: occupationTotals)
    bands = fitted(seed: MemberTables.bandSeeds, rows: occupationTotals, columns: bandTotals)
    let cells = bands.flatMap { $0 }
    schooling = fitted(seed: MemberTables.schoolingSeeds, rows: cells, columns: schoolingTotals)
    sexes = fitted(
      seed: [[70, 30], [80, 20], [88, 12]], rows: bandTotals, columns: apportion(members, weights: [80, 20]))
    periods = MemberTables.periodTable(figures, bands)
    degrees = fitted(
      seed: [[10, 90], [72, 28]], rows: Array(schoolingTotals[0...1]),
      columns: [schoolingTotals[0] + schoolingTotals[1] - figures.degrees, figures.degrees])
    hardship = fitted(
      seed: [[998, 2], [993, 7], [975, 25]], rows: bandTotals, columns: [members - figures.hardship, figures.hardship])
    let floatingRows = [
      occupationTotals[1], occupationTotals[0], occupationTotals[6],
      occupationTotals[2] + occupationTotals[3] + occupationTotals[4] + occupationTotals[5],
    ]
    floating = fitted(
      seed: [[986, 14], [990, 10], [970, 30], [998, 2]], rows: floatingRows,
      columns: [members - figures.floating, figures.floating])
  }

  private static func periodTable(_ figures: CityFigures, _ bands: [[Int]]) -> [[Int]] {
    let full = apportion(figures.members - figures.probationary, weights: JoinPeriod.shares.map(Double.init))
    let students = bands[Int(Occupation.student.rawValue)].reduce(0, +)
    var rows = [students, 0, 0, 0]
    for (index, row) in bands.enumerated() where index != Int(Occupation.student.rawValue) {
      for band in 0..<3 { rows[band + 1] += row[band] }
    }
    let seeds: [[Double]] = [
      [0, 0, 0, 0, 0.55, 0.45], [0, 0, 0, 0.62, 0.25, 0.13], [0, 0.03, 0.22, 0.68, 0.05, 0.02],
      [0.03, 0.38, 0.26, 0.32, 0.006, 0.002],
    ]
    return fitted(seed: seeds, rows: rows, columns: full + [figures.probationary])
  }

  /// Rows in the order of ``Community``, columns of ``Occupation``. Small numbers keep every small city feasible.
  private static let occupationSeeds: [[Double]] = [
    [0.02, 0.002, 0.05, 0.75, 0.0005, 0.17, 0.01],
    [0.05, 0.002, 0.60, 0.03, 0.01, 0.28, 0.02],
    [0.02, 0.0005, 0.28, 0.01, 0.60, 0.09, 0.002],
    [0.38, 0.002, 0.30, 0.005, 0.0005, 0.30, 0.02],
    [0.05, 0.82, 0.04, 0.002, 0.002, 0.05, 0.03],
    [0.06, 0.04, 0.05, 0.01, 0.002, 0.65, 0.18],
    [0.15, 0.002, 0.65, 0.002, 0.0005, 0.10, 0.10],
    [0.45, 0.01, 0.50, 0.0005, 0.0005, 0.02, 0.03],
    [0.25, 0.01, 0.45, 0.05, 0.0005, 0.20, 0.04],
  ]

  private static let bandSeeds: [[Double]] = [
    [0.32, 0.67, 0.01], [0.12, 0.50, 0.38], [0.38, 0.61, 0.01], [0.35, 0.65, 0], [1, 0, 0], [0, 0.32, 0.68],
    [0.30, 0.55, 0.15],
  ]

  /// Rows are (occupation, band); columns of ``Schooling``.
  private static let schoolingSeeds: [[Double]] = {
    let byOccupation: [[Double]] = [
      [0.0005, 0.02, 0.13, 0.55, 0.28, 0.02], [0.0002, 0.003, 0.03, 0.20, 0.50, 0.27],
      [0.02, 0.25, 0.38, 0.28, 0.07, 0.001], [0.05, 0.38, 0.45, 0.12, 0.005, 0.0005], [0, 0.08, 0.02, 0.90, 0, 0],
      [0.002, 0.04, 0.10, 0.30, 0.35, 0.20], [0.005, 0.08, 0.20, 0.35, 0.30, 0.06],
    ]
    let byBand: [[Double]] = [[2, 2, 1.6, 1, 0.5, 0.05], [1, 1, 1, 1, 1, 0.5], [0.2, 0.35, 0.4, 0.6, 1, 2.5]]
    return byOccupation.flatMap { shares in byBand.map { leaning in zip(shares, leaning).map { $0 * $1 } } }
  }()
}
