import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Messages

struct VerifyCommand: NodeCommand {
  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: "verify",
      abstract: phrase(
        "比对下级节点与本节点所存的副本，找出并修复差异；不同时退出码为 2。",
        "Compares the nodes below with their copies here, finds and repairs differences; exits with 2 on them."),
      discussion: examples([
        "xylemctl verify", "xylemctl verify --node 033001", "xylemctl verify --repair --dry-run",
        "xylemctl verify --deep", "xylemctl verify --against /run/xylem/parent.sock",
      ]))
  }
  @Option(help: ArgumentHelp(phrase("只比对这个节点及其下级。", "This node and those below it only."), valueName: "code"))
  var node: String?
  @Flag(help: ArgumentHelp(phrase("以所有者的行修复本节点的副本。", "Puts the copies here right by their owners' rows.")))
  var repair = false
  @Flag(help: ArgumentHelp(phrase("只说明 --repair 会做什么。", "Only says what --repair would do.")))
  var dryRun = false
  @Flag(
    help: ArgumentHelp(
      phrase("先通读本节点的存储，查校验和、索引、哈希链和签名。", "First reads the whole store here: checksums, indexes, chain, signatures.")))
  var deep = false
  @Flag(help: ArgumentHelp(phrase("只列出本节点存储的摘要。", "Only lists the digests of the store here."))) var digests = false
  @Option(help: ArgumentHelp(phrase("另一个守护进程的套接字。", "The socket of another daemon."), valueName: "socket"))
  var against: String?
  @OptionGroup var options: CommonOptions

  func validate() throws {
    if against != nil && (node != nil || repair || dryRun || deep || digests) {
      throw ValidationError(phrase("--against 不与其他选项同用", "--against stands alone"))
    }
  }

  func perform(_ session: Session) async throws(Failure) -> ExitStatus {
    let here = session.client()
    guard let against else {
      if digests {
        try await show(here, session)
        return .done
      }
      let isSound = deep ? try await readThrough(here, session) : true
      let mode = dryRun ? "plan" : repair ? "repair" : "no"
      let status = try await VerifyBelow(node: node, repair: mode, session: session).run(here)
      return isSound ? status : .problemsFound
    }
    let there = session.client(against)
    var comparison = try await Comparison(here, there)
    // A commit between the two readings looks like a difference: look again before saying so.
    for _ in 0..<2 where comparison.differences > 0 {
      do { try await Task.sleep(for: .seconds(1)) } catch {
        throw Failure(.clientTimedOut, ["operation": "verify", "seconds": "1"])
      }
      comparison = try await Comparison(here, there)
    }
    guard !comparison.rows.isEmpty else {
      throw Failure(
        .verifyIncomparable, ["peer": against, "reason": session.text("两边没有共同的分区", "they hold no partition in common")])
    }
    try session.show(comparison.table(session))
    if comparison.differences == 0 {
      session.output.say(session.text("\(comparison.rows.count) 项一致", "\(comparison.rows.count) digests agree"))
      return .done
    }
    let lag = max(
      try await Comparison.lag(here, comparison.differing), try await Comparison.lag(there, comparison.differing))
    if lag > 0 { throw Failure(.verifyBehind, ["peer": against, "behind": "\(lag)"]) }
    session.output.warn(
      session.text("\(comparison.differences) 处不同", "\(comparison.differences) differences"))
    return .problemsFound
  }

  /// Asks for a pass over the store and waits for its end.
  private func readThrough(_ client: AdminClient, _ session: Session) async throws(Failure) -> Bool {
    let before = try await client.scrub().passes
    while true {
      do { try await Task.sleep(for: .milliseconds(300)) } catch {
        throw Failure(.clientTimedOut, ["operation": "verify", "seconds": "\(options.timeout)"])
      }
      guard let scrub = try await client.status().scrub, scrub.stage != "off" else {
        session.output.warn(session.text("通读已关闭", "the scrub is switched off"))
        return true
      }
      guard scrub.passes > before, scrub.stage == "waiting" else { continue }
      session.output.say(
        session.text(
          "已通读 \(Human.exact(scrub.rows)) 行、\(Human.exact(scrub.frames)) 帧，损坏 \(scrub.damaged) 处",
          "read \(Human.exact(scrub.rows)) rows and \(Human.exact(scrub.frames)) frames: \(scrub.damaged) damaged"))
      for place in scrub.places { session.output.warn(place) }
      return scrub.damaged == 0
    }
  }

  private func show(_ client: AdminClient, _ session: Session) async throws(Failure) {
    let answer = try await client.verify()
    var table = Table(
      [
        Column("partition", title: session.text("分区", "PARTITION")),
        Column("entity", title: session.text("实体", "ENTITY")),
        Column("rows", title: session.text("行数", "ROWS")), Column("digest", title: session.text("摘要", "DIGEST")),
      ], schema: "xylemctl/verify/v1")
    for digest in answer.digests {
      table.append([.text(digest.partition), .text(digest.entity), number(digest.rows), .text(digest.digest)])
    }
    try session.show(table)
  }
}

/// The digests of two nodes, for every partition that both hold.
struct Comparison {
  typealias Digest = VerifyResponse.Digest
  struct Row {
    let partition: String
    let entity: String
    /// Nil: no rows there.
    let here: Digest?
    let there: Digest?
    let isSame: Bool

    init(_ key: [String], _ here: Digest?, _ there: Digest?) {
      partition = key[0]
      entity = key[1]
      self.here = here
      self.there = there
      isSame = here?.digest == there?.digest && here?.rows == there?.rows
    }
  }

  let rows: [Row]
  // Counted once: computed from the rows' optionals, this property ended the optimiser of Swift 6.3.1
  // (CopyPropagation).
  let differences: Int
  /// Partitions with a difference.
  var differing: [String] { rows.filter { !$0.isSame }.map(\.partition) }

  init(_ here: AdminClient, _ there: AdminClient) async throws(Failure) {
    self.init(try await here.verify(), try await there.verify())
  }

  /// Compares everything that the lower of the two nodes holds: its ancestor must have all of that. Of two nodes that
  /// hold nothing of each other everything is compared, and nothing agrees.
  init(_ one: VerifyResponse, _ other: VerifyResponse) {
    let (here, there) = (one.digests, other.digests)
    func holds(_ node: VerifyResponse, _ partition: String) -> Bool {
      node.digests.contains { $0.partition == partition }
    }
    let lower: [[Digest]] =
      if holds(one, other.partition) { [there] } else if holds(other, one.partition) { [here] } else { [here, there] }
    let shared = Set(lower.flatMap { $0 }.map(\.partition))
    func key(_ digest: Digest) -> [String] { [digest.partition, digest.entity] }
    let left = Dictionary(here.map { (key($0), $0) }) { first, _ in first }
    let right = Dictionary(there.map { (key($0), $0) }) { first, _ in first }
    rows = Set(left.keys).union(right.keys).filter { shared.contains($0[0]) }
      .sorted { $0.lexicographicallyPrecedes($1) }
      .map { Row($0, left[$0], right[$0]) }
    differences = rows.count { !$0.isSame }
  }

  /// The most commits that the node still lacks of any of these partitions.
  static func lag(_ client: AdminClient, _ partitions: [String]) async throws(Failure) -> UInt64 {
    try await client.tree().nodes.filter { partitions.contains($0.partition) }.map(\.lag).max() ?? 0
  }

  func table(_ session: Session) -> Table {
    var table = Table(
      [
        Column("partition", title: session.text("分区", "PARTITION")),
        Column("entity", title: session.text("实体", "ENTITY")),
        Column("rows_here", title: session.text("本方行数", "ROWS HERE")),
        Column("rows_there", title: session.text("对方行数", "ROWS THERE")),
        Column("result", title: session.text("结果", "RESULT")),
      ], schema: "xylemctl/comparison/v1")
    for row in rows {
      table.append([
        .text(row.partition), .text(row.entity), number(row.here?.rows ?? 0), number(row.there?.rows ?? 0),
        row.isSame
          ? .text("same", shown: session.text("一致", "same"))
          : .text("different", shown: session.text("不同", "DIFFERENT")),
      ])
    }
    return table
  }
}
