import Catalog
import Engine
import Formats
import Foundation
import Ports
import Primitives
import RocksStorage
import TabularImport

/// Says what an import costs its owner: processor time per row, apart for reading and checking, for `upsert`, and for
/// writing. One thread and no network, so that a profile shows the owner's path and nothing else.
///
/// Usage: import-cost DATA STORE [CHUNK-ROWS]
///
/// DATA is a node's directory of `xylem-fleet generate`; STORE must be missing. Organisations and units go first,
/// unmeasured; then members, their education, both again (nothing changes), and a new post for every member: once as
/// whole rows, once as key and post alone.
@main
struct ImportCost {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let rows = arguments.count > 3 ? Int(arguments[3]) : 1000, rows > 0 else { exit(2) }
    do {
      var run = try ImportRun(store: arguments[2], root: String(arguments[1].split(separator: "/").last ?? ""), rows)
      try run.file("unit", arguments[1], shown: nil)
      try run.file("org", arguments[1], shown: nil)
      print("file                        rows  parse  upsert  write  whole process (µs of CPU per row)")
      try run.file("member", arguments[1], shown: "member, new")
      try run.file("member_edu", arguments[1], shown: "member_edu, new")
      try run.file("member", arguments[1], shown: "member, unchanged")
      try run.file("member_edu", arguments[1], shown: "member_edu, unchanged")
      let whole = try run.newPosts(arguments[1], isWhole: true)
      try run.bytes("member", whole, shown: "member, post changed")
      let partial = try run.newPosts(arguments[1], isWhole: false)
      try run.bytes("member", partial, shown: "member, key and post only")
      run.close()
    } catch {
      print("error \(error)")
      exit(1)
    }
  }
}

/// A node without thread or links, and a clock of processor time.
struct ImportRun {
  private let store: RocksStore
  private let engine: Engine
  private let chunkRows: Int
  private let today = CivilDate(iso: "2005-09-30") ?? CivilDate(days: 0)

  init(store path: String, root: String, _ chunkRows: Int) throws {
    self.chunkRows = chunkRows
    guard let key = SigningKey(seed: Bytes(repeating: 7, count: SigningKey.seedByteCount)) else { exit(2) }
    let identity = NodeIdentity(
      network: "cost", node: NodeID(7), key: key.publicKey, rootOrgCode: Text(root), rootOrgName: "党组织",
      parentOrgCode: "")
    store = try RocksStore.initialise(
      directory: path,
      identity: StoreIdentity(node: NodeID(7), network: "cost", rootOrgCode: root, created: "2005-09-30"))
    try Engine.initialise(store, identity: identity, catalog: .bundled, key: key, clock: 1)
    engine = try Engine(store: store, catalog: .bundled, key: key)
  }

  func close() { store.close() }

  mutating func file(_ entity: String, _ data: String, shown: String?) throws {
    try bytes(entity, Bytes(try Data(contentsOf: URL(fileURLWithPath: "\(data)/\(entity).csv"))), shown: shown)
  }

  /// Every member with another post of the same kind.
  func newPosts(_ data: String, isWhole: Bool) throws -> Bytes {
    var text = try String(contentsOfFile: data + "/member.csv", encoding: .utf8)
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    var lines = text.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    guard let post = lines[0].firstIndex(of: "工作岗位"), let key = lines[0].firstIndex(of: "公民身份号码") else {
      return []
    }
    for line in lines.indices.dropFirst() where lines[line].count == lines[0].count {
      lines[line][post] = isWhole ? "2" : "012"
    }
    let shown =
      isWhole
      ? lines.map { $0.joined(separator: ",") }
      : lines.compactMap { line in
        line.count == lines[0].count ? "\(line[key]),\(line[post])" : nil
      }
    return Bytes(shown.joined(separator: "\n").utf8)
  }

  mutating func bytes(_ name: String, _ bytes: Bytes, shown: String?) throws {
    guard let entity = Catalog.bundled.entity(named: name) else { exit(2) }
    var parser = ImportParser(
      entity: entity, file: name, catalog: .bundled, today: today,
      normalise: { $0.precomposedStringWithCanonicalMapping })
    var (parse, upsert, write) = (0.0, 0.0, 0.0)
    var counts: [String: Int] = [:]
    var rules: MergeRules?
    let process = clock(CLOCK_PROCESS_CPUTIME_ID)
    var position = 0
    while position <= bytes.count {
      var mark = clock(CLOCK_THREAD_CPUTIME_ID)
      func lap() -> Double {
        let now = clock(CLOCK_THREAD_CPUTIME_ID)
        defer { mark = now }
        return now - mark
      }
      if position == bytes.count {
        parser.finish()
      } else {
        parser.feed(Bytes(bytes[position..<min(position + 1 << 18, bytes.count)]))
      }
      position = position == bytes.count ? position + 1 : min(position + 1 << 18, bytes.count)
      while true {
        let (rows, rejects) = parser.next(chunkRows)
        parse += lap()
        if rows.isEmpty && rejects.isEmpty { break }
        for reject in rejects { counts["refused \(reject.failure.code.rawValue)", default: 0] += 1 }
        if rules == nil, !parser.missingColumns.isEmpty {
          rules = MergeRules(entity, in: .bundled, items: parser.items, today: today)
        }
        let outcomes = try engine.upsert(
          [UpsertTable(entity, rows.table, items: parser.items, rules: rules)], actor: "cost", reason: "import",
          batch: 1, clock: 1
        ).outcomes[0]
        upsert += lap()
        if let batch = engine.takeWrites() {
          try store.write(batch, .synced)
          engine.written()
          try store.acknowledge(engine.durableHead)
        }
        while let batch = try engine.takeDerivedWrites(all: false) { try store.write(batch, .rebuildable) }
        write += lap()
        for outcome in outcomes {
          if case .rejected = outcome {
            counts["refused by the store", default: 0] += 1
          } else {
            counts["\(outcome)", default: 0] += 1
          }
        }
      }
    }
    guard let shown else { return }
    let whole = clock(CLOCK_PROCESS_CPUTIME_ID) - process
    let rows = Double(parser.rowsRead)
    func column(_ seconds: Double) -> String { String(format: "%7.1f", seconds * 1e6 / max(rows, 1)) }
    print(
      shown.padding(toLength: 26, withPad: " ", startingAt: 0), String(format: "%5.0f", rows), column(parse),
      column(upsert),
      column(write), column(parse + upsert + write), column(whole),
      counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
  }

  private func clock(_ which: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(which, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
