import Messages

/// Which node a machine is meant to be.
public enum BenchProfile: String, Codable, CaseIterable, Sendable {
  /// A township or a grass-roots site: 2,000 members, any old office machine.
  case township
  /// A county: 35,000 members, a dozen children.
  case county
  /// A city: 340,000 members, 700 nodes below it.
  case city
  /// A province or more: several cities' worth of changes at the same time.
  case nation

  /// How many members a benchmark works with unless told otherwise.
  public var members: Int {
    switch self {
    case .township: 2_000
    case .county: 35_000
    case .city, .nation: 340_000
    }
  }

  /// The profile in words.
  public var label: Phrase {
    switch self {
    case .township: Phrase("乡镇", "township")
    case .county: Phrase("县区", "county")
    case .city: Phrase("城市", "city")
    case .nation: Phrase("全国", "nation")
    }
  }
}

/// What is measured, how it is told, and what each profile asks of it.
///
/// The bars are ours: a profile's busiest hour (a first load, the day the annual report is due) must take minutes, and
/// a person who asks must not wait. A machine below a bar works all the same, slower.
public struct BenchKind: Sendable {
  public let key: String
  public let label: Phrase
  /// Whether less is better: times and sizes.
  public let isLowerBetter: Bool
  /// In the order of ``BenchProfile/allCases``; nil when nothing is asked of this figure.
  private let bars: [Double]?

  private init(_ key: String, _ label: Phrase, atMost bars: [Double]) {
    self.key = key
    self.label = label
    isLowerBetter = true
    self.bars = bars
  }

  private init(_ key: String, _ label: Phrase, atLeast bars: [Double]) {
    self.key = key
    self.label = label
    isLowerBetter = false
    self.bars = bars
  }

  private init(told key: String, _ label: Phrase) {
    self.key = key
    self.label = label
    isLowerBetter = true
    bars = nil
  }

  /// What the profile asks; nil when it asks nothing.
  public func bar(_ profile: BenchProfile) -> Double? {
    guard let bars, let place = BenchProfile.allCases.firstIndex(of: profile) else { return nil }
    return bars[place]
  }

  /// Whether a figure is good enough for a profile; nil when the profile asks nothing.
  public func meets(_ value: Double, _ profile: BenchProfile) -> Bool? {
    bar(profile).map { isLowerBetter ? value <= $0 : value >= $0 }
  }

  /// Every figure there is, in the order in which they are told.
  public static let all: [BenchKind] = [
    .init("disk.sync", Phrase("追加 4 KiB 并落盘", "append 4 KiB and sync"), atMost: [60, 30, 15, 5]),
    .init("disk.group", Phrase("追加 64 KiB 并落盘", "append 64 KiB and sync"), atLeast: [1, 5, 20, 80]),
    .init("disk.write", Phrase("顺序写", "sequential write"), atLeast: [20, 60, 150, 500]),
    .init("disk.read", Phrase("随机读 4 KiB", "random reads of 4 KiB"), atLeast: [80, 500, 3_000, 20_000]),
    .init("import.members", Phrase("导入党员", "members imported"), atLeast: [200, 1_000, 5_000, 20_000]),
    .init(told: "import.disk", Phrase("每名党员占用磁盘", "disk a member")),
    .init(told: "import.memory", Phrase("本进程内存", "memory of this process")),
    .init("import.open", Phrase("重新打开", "opening again"), atMost: [2_000, 2_000, 2_000, 2_000]),
    .init("commit.rate", Phrase("64 个并发提交", "commits of 64 callers"), atLeast: [100, 500, 2_000, 10_000]),
    .init("commit.time", Phrase("单次提交", "one commit among them"), atMost: [1_000, 400, 200, 50]),
    .init("query.record", Phrase("按身份证号查一人", "one record by citizen id"), atMost: [50, 20, 10, 5]),
    .init(
      "query.people", Phrase("按姓名和出生日期查 37 人", "37 people by name and birth date"),
      atMost: [100, 50, 20, 10]),
    .init(
      "query.first", Phrase("首次统计（装入列）", "first statistic (loads columns)"), atMost: [2_000, 5_000, 20_000, 20_000]),
    .init(
      "query.table", Phrase("性别 × 学历统计", "sex × education, a new condition each time"), atMost: [500, 200, 100, 50]),
    .init(
      "query.villages", Phrase("三年未发展党员的村", "villages without a new member for 3 years"), atMost: [500, 300, 150, 50]),
    .init(
      "query.page", Phrase("一县按姓名排序取 50 人", "50 of a county sorted by name"),
      atMost: [1_000, 500, 300, 100]),
    .init(
      "replicate.members", Phrase("两级复制到顶", "members replicated over two links"), atLeast: [150, 700, 3_000, 10_000]),
    .init(
      "replicate.time", Phrase("提交在顶级落盘并回报", "a commit durable at the top and told back"),
      atMost: [1_000, 400, 150, 50]),
  ]

  /// The kind of a figure.
  public static func of(_ key: String) -> BenchKind? { all.first { $0.key == key } }
}
