import Access
import Catalog
import Foundation
import Formats
import Glibc
import Ports
import Primitives
import Query
import RocksStorage
import Statistics

/// What statistics cost a node: `statistics-meter [MEMBERS [DIRECTORY [csv]]]`.
///
/// Stores the invented city, loads its columns, asks the questions of the bars with another literal each time, and says
/// what columns take and what following changes costs. With `csv` the same rows are left in DIRECTORY for
/// `Benchmarks/statistics/beside_duckdb.py`.
@main
struct Meter {
  static func main() throws {
    let arguments = CommandLine.arguments
    let members = arguments.count > 1 ? Int(arguments[1]) ?? 340_000 : 340_000
    let base = arguments.count > 2 ? arguments[2] : FileManager.default.currentDirectoryPath
    let directory = "\(base)/statistics-meter-\(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let city = try InventedCity(members: members)
    let store = try RocksStore.initialise(
      directory: directory,
      identity: StoreIdentity(node: NodeID(1), network: "meter", rootOrgCode: "033", created: "2026-01-01 00:00"))
    defer { store.close() }
    try city.write { try store.write($0, .synced) }
    print("\(city.memberCount) members, \(city.directory.orgs.count) orgs, \(city.partitions.count) partitions")
    var meter = try Meter(city: city, store: store)
    try meter.load()
    try meter.ask()
    try meter.reports()
    try meter.follow()
    if arguments.count > 3, arguments[3] == "csv" { try CSVFiles(city, store).write(to: base) }
  }

  let city: InventedCity
  let store: RocksStore
  let columns = ColumnStore(catalog: .bundled)
  let scope = Authoriser.embedder("meter")
  private let today: CivilDate
  private var number = 0

  private init(city: InventedCity, store: RocksStore) throws {
    self.city = city
    self.store = store
    guard let today = CivilDate(iso: "2005-09-30") else { throw MeterError("a day") }
    self.today = today
  }

  // MARK: Loading

  private func load() throws {
    for name in ["member", "org", "unit"] {
      guard let entity = Catalog.bundled.entity(named: name) else { continue }
      let cost = try Cost {
        try store.withSnapshot { reader in
          try columns.load([entity.id], from: reader, partitions: city.partitions)
        }
      }
      print("load \(name):", milliseconds(cost.seconds), "ms,", milliseconds(cost.processor), "ms of the processor")
    }
    guard let member = Catalog.bundled.entity(named: "member") else { return }
    let own = Double(columns.byteCount(member.id)) / Double(city.memberCount)
    let all = Double(columns.byteCount) / Double(city.memberCount)
    print(
      String(
        format: "bytes a member: %.1f with its education and keys, %.1f with orgs, units and dictionaries", own, all))
  }

  // MARK: Questions

  private struct Asked {
    var entity = "member"
    var condition: String?
    var under: Text?
    var with: [String] = []
    var without: [String] = []
    var by: [String] = []
    var figures: [(Measure.Kind, String)] = []
  }

  private mutating func ask() throws {
    let counties = city.directory.orgs.filter { $0.depth == 1 && $0.end - $0.start > 20 }
    try time("sex × education", rows: true) { _ in Asked(by: ["sex", "edu.highest"]) }
    try time("sex × education of the older") { number in
      Asked(condition: "birth_date < \(1950 + number % 30)-0\(1 + number % 9)-01", by: ["sex", "edu.highest"])
    }
    try time("decade × sex × nation × education, mean", rows: true) { _ in
      Asked(
        by: ["decade(birth_date)", "sex", "nation", "edu.highest"], figures: [(.mean, "year(join_date)")])
    }
    try time("one county by education", rows: true) { number in
      Asked(under: counties[number % counties.count].code, by: ["edu.highest"])
    }
    try time("villages without a new member", rows: true) { number in
      Asked(
        entity: "org", with: ["host_unit_ids: unit_category = '16'"],
        without: ["member: join_date >= 2002-0\(1 + number % 9)-\(10 + number % 18)"])
    }
  }

  /// Prints the median of many runs, and of one over rows.
  private mutating func time(_ title: String, rows: Bool = false, _ asked: (Int) -> Asked) throws {
    var times: [Double] = []
    var processor: [Double] = []
    var answer: [TallyGroup] = []
    for run in 0..<31 {
      let question = asked(run)
      let cost = try Cost { answer = try ask(question) }
      times.append(cost.seconds)
      processor.append(cost.processor)
    }
    times.sort()
    processor.sort()
    var line = title.padding(toLength: 44, withPad: " ", startingAt: 0)
    line += String(format: "%8.2f ms (least %.2f)", times[15] * 1000, times[0] * 1000)
    line += String(format: "  processor %7.2f", processor[15] * 1000)
    if rows {
      var twin: [TallyGroup] = []
      let cost = try Cost { twin = try askRows(asked(30)) }
      line += String(format: "  rows %6.0f ms", cost.processor * 1000) + (twin == answer ? "  equal" : "  DIFFERENT")
    }
    print(line)
  }

  private func prepared(_ asked: Asked) throws -> (Selection, [AnswerColumn], [Measure]) {
    let selection = try Selection(
      asked.entity, condition: asked.condition, under: asked.under, with: asked.with, without: asked.without,
      catalog: .bundled)
    return (
      selection, try asked.by.map { try AnswerColumn($0, on: selection.entity, catalog: .bundled) },
      try asked.figures.map { try Measure($0, $1, on: selection.entity, catalog: .bundled) }
    )
  }

  private func ask(_ asked: Asked) throws -> [TallyGroup] {
    let (selection, by, measures) = try prepared(asked)
    let moment = ColumnMoment(
      directory: city.directory, extent: try selection.extent(scope, in: city.directory), today: today)
    var question = try ColumnQuestion(selection, columns, moment)
    let tally = try question.prepareTally(by: by, measures: measures)
    return try question.tally(tally)
  }

  private func askRows(_ asked: Asked) throws -> [TallyGroup] {
    let (selection, by, measures) = try prepared(asked)
    return try store.withSnapshot { reader in
      let view = QueryView(
        reader: reader, catalog: .bundled, directory: city.directory, partitions: city.partitions, scope: scope,
        today: today)
      return try view.tally(selection, by: by, measures: measures)
    }
  }

  // MARK: Following

  /// What it costs to follow rows that are there already, as updates, and new ones into empty columns.
  private func follow() throws {
    var batches: [WriteBatch] = []
    var batch = WriteBatch()
    var rows = 0
    for entity in ["member", "member_edu"] {
      guard let id = Catalog.bundled.entity(named: entity)?.id else { continue }
      var taken = 0
      for partition in city.partitions where taken < 40_000 {
        let from = Keys.entity(partition, id)
        try store.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
          batch.put(.rows, key, value)
          rows += 1
          taken += 1
          if batch.count == 200 {
            batches.append(batch)
            batch = WriteBatch()
          }
          return taken < 40_000
        }
      }
    }
    batches.append(batch)
    var isFollowed = true
    let updates = Cost { for batch in batches { isFollowed = columns.apply(batch) && isFollowed } }
    let fresh = ColumnStore(catalog: .bundled)
    if let member = Catalog.bundled.entity(named: "member")?.id {
      try store.withSnapshot { try fresh.load([member], from: $0, partitions: []) }
    }
    let inserts = Cost { for batch in batches { isFollowed = fresh.apply(batch) && isFollowed } }
    guard isFollowed else { throw MeterError("columns could not follow") }
    for (title, cost) in [("updates", updates), ("inserts", inserts)] {
      print(
        "follow \(title) of member and education:",
        String(format: "%.2f µs of the processor a row", cost.processor * 1e6 / Double(rows)))
    }
  }

  private func milliseconds(_ seconds: Double) -> String { String(format: "%.0f", seconds * 1000) }
}

/// Wall and processor time of a piece of work, background threads included.
struct Cost {
  let seconds: Double
  let processor: Double

  init(_ body: () throws -> Void) rethrows {
    let clock = ContinuousClock.now
    let before = Cost.processorSeconds
    try body()
    processor = Cost.processorSeconds - before
    let elapsed = (ContinuousClock.now - clock).components
    seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18
  }

  private static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
