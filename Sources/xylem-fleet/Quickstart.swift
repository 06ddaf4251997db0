import AdminClient
import AdminProtocol
import ArgumentParser
import Console
import Foundation
import Messages
import Workloads

/// The whole idea in one command: a four-level network of separate processes, real-sized data, proof of equality,
/// answers.
struct Quickstart: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quickstart",
    abstract: "Runs a network on this machine, imports a city, proves equality, asks three questions.",
    discussion: """
      xylem-fleet quickstart --members 20000
      xylem-fleet quickstart --data my-files --keep
      """)

  @Option(help: "Members of the generated city; every other figure scales.") var members = 340_000
  @Option(help: "small: 56 nodes; full: 700.") var nodes = "small"
  @Option(help: "Seed of the generated city.") var seed: UInt64 = 1
  @Option(help: "Someone's files in the same layout (Docs/DATA.md) instead of generated ones.") var data: String?
  @Option(help: "Where everything goes; must not exist.") var directory = "xylem-quickstart"
  @Option(help: "The day that rules take for today; else the data's own, or the clock's.") var today: String?
  @Flag(help: "Leave the network running and say how to talk to it.") var keep = false
  @Option(help: "Writes the figures as JSON.") var json: String?
  @Option(help: "zh or en.") var lang: String?

  func run() async throws {
    let out = Console.Output.standard(language: lang.flatMap { Language(rawValue: $0) })
    Interruption.watch()
    do { try await perform(out) } catch let failure as Failure {
      out.report(failure)
      throw ExitCode(failure.exitCode)
    }
  }

  private func perform(_ out: Console.Output) async throws {
    let started = ContinuousClock.now
    let home = URL(fileURLWithPath: directory).path
    guard !FileManager.default.fileExists(atPath: home) else {
      throw Failure(.storageNotEmpty, ["directory": home])
    }
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    let files = try data ?? generate(home + "/data", out)
    let network = try Network(directory: files)
    let expected = try ExpectedFigures(directory: files, network: network)
    let binaries = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    let fleet = try Fleet(
      network: network, directory: home + "/nodes", binaries: binaries, today: today ?? expected.today)
    do {
      try await show(fleet, files, expected, home, started, out)
    } catch {
      await fleet.stop()
      throw error
    }
    if keep {
      out.say(
        "\nThe network runs on. Talk to the city:\n  \(binaries)/xylemctl --socket \(fleet.socket(network.root)) tree")
      out.say("Stop it:\n  pkill -TERM -f \(home)/nodes")
    } else {
      await fleet.stop()
    }
  }

  /// No process but the city's may be larger: a grassroots site has an old machine.
  private static let residentBytesMax = 300_000_000

  private func generate(_ path: String, _ out: Console.Output) throws -> String {
    guard let plan = NodePlan(rawValue: nodes) else {
      throw Failure(.clientBadArgument, ["argument": "--nodes", "expected": "small, full", "found": nodes])
    }
    let city: CityPlan
    do { city = try CityPlan(seed: seed, members: members, nodes: plan) } catch {
      throw Failure(
        .clientBadArgument,
        ["argument": "--members", "expected": "2000…\(CityPlan.maximumMembers)", "found": "\(members)"])
    }
    let bar = out.progress("data", total: city.nodes.count, unit: .items(Phrase("节点", "nodes")))
    _ = try city.write(to: path) { done in bar.advance(to: done) }
    bar.finish()
    return path
  }

  // The order is the story: network, import by phases, equality, figures, questions. Split only where a part stands
  // alone.
  private func show(
    _ fleet: Fleet, _ files: String, _ expected: ExpectedFigures, _ home: String, _ started: ContinuousClock.Instant,
    _ out: Console.Output
  ) async throws {
    let network = fleet.network
    let startBar = out.progress("start", total: network.nodes.count, unit: .items(Phrase("节点", "nodes")))
    try await fleet.start { startBar.advance(to: $0) }
    startBar.finish()

    let root = fleet.client(network.root)
    let sampler = Sampler(fleet.client(network.root))
    let sampling = Task { await sampler.run() }
    var totals = ImportTotals()
    let importStart = ContinuousClock.now
    let bar = out.progress("import", total: nil, unit: .items(Phrase("行", "rows")))
    let told: @Sendable (Int) -> Void = { rows in
      sampler.imported(rows)
      bar.add(rows)
    }
    try await fleet.importPhase(files, ["unit", "org"], into: &totals, rowsTold: told)
    try await fleet.waitForRoot()
    // Member rows alone between two looks at the leaves' senders: bytes of other rows do not blur the figure.
    let before = try await leafBytes(fleet)
    try await fleet.importPhase(files, ["member"], into: &totals, rowsTold: told)
    try await fleet.waitForRoot()
    let after = try await leafBytes(fleet)
    let leafRows = network.nodes.filter(\.isLeaf).reduce(0) { $0 + (totals.byNode[$1.code] ?? 0) }
    try await fleet.importPhase(
      files, ["member_edu", "applicant", "activity", "hardship", "floating"], into: &totals, rowsTold: told)
    try await fleet.waitForRoot()
    bar.finish()
    let rejectText = "file,line,column,code,reason\n" + totals.rejectLines.sorted().joined(separator: "\n") + "\n"
    try rejectText.write(toFile: home + "/rejects.csv", atomically: true, encoding: .utf8)
    let importSeconds = seconds(since: importStart)
    try await Task.sleep(for: .milliseconds(1200))
    sampling.cancel()

    let tree = try await root.tree()
    try out.table(treeTable(tree, out.language), TableStyle(.table))
    let digests = try await compareDigests(fleet, root)
    let planted = PlantedRow.read(directory: files)
    let questions = Questions(client: root, expected: expected)
    let answers = try await questions.ask()
    let bytesPerRow = leafRows > 0 ? Double(after - before) / Double(leafRows) : 0
    let rate = Double(totals.inserted) / importSeconds

    var figures: [(name: String, expected: String, found: String)] = []
    let status = try await root.status()
    for (entity, rows) in expected.counts {
      let found = status.rows.first { $0.entity == entity }
      figures.append((found?.labelZH ?? entity, Human.exact(rows), Human.exact(found?.rows ?? 0)))
    }
    figures += answers.flatMap(\.figures)
    let membersAtCity = status.rows.first { $0.entity == "member" }?.rows ?? 0
    let membersExpected = expected.counts.first { $0.entity == "member" }?.rows ?? totals.byEntity["member"] ?? 0
    if let planted { figures.append(("被拒的行 rejects", Human.exact(planted.count), Human.exact(totals.rejects.count))) }
    try printFigures(figures, out)
    for answer in answers {
      out.say(String(format: "%@  %.1f ms", answer.question, answer.milliseconds))
      for line in answer.lines.prefix(3) { out.say("    " + line) }
    }
    let memory = try await largestMemory(fleet)
    out.say("digests: \(digests.compared) compared, \(digests.different) different")
    if let planted { out.say("rejects equal the planted list: \(planted == totals.rejects)") }
    out.say(
      String(
        format: "wire: %.1f bytes per member row · %.0f rows/s · largest node but the city %@ · city %@",
        bytesPerRow, rate, Human.bytes(memory.others), Human.bytes(memory.city)))
    let report = HTMLReport(
      title: "Xylem quickstart: \(network.nodes.count) nodes, \(Human.exact(membersAtCity)) members", tree: tree,
      samples: sampler.samples,
      facts: [
        ("摘要一致 · Digests equal", "\(digests.compared - digests.different) of \(digests.compared)"),
        ("每行字节 · Bytes per member row on the wire", String(format: "%.1f", bytesPerRow)),
        ("每秒行数 · Rows per second", Human.exact(Int(rate))),
        ("用时 · Import, seconds", String(format: "%.1f", importSeconds)),
        ("最大内存 · Largest process but the city", Human.bytes(memory.others)),
        ("市委内存 · City's process", Human.bytes(memory.city)),
      ], figures: figures, answers: answers.map { ($0.question, $0.milliseconds, $0.lines) })
    try report.text.write(toFile: home + "/report.html", atomically: true, encoding: .utf8)
    out.say("report: \(home)/report.html")
    let total = seconds(since: started)
    if let json {
      let object: [String: Any] = [
        "members_at_city": membersAtCity, "members_expected": membersExpected, "rejects": totals.rejects.count,
        "rejects_expected": planted?.count ?? NSNull(),
        "rejects_equal": planted.map { $0 == totals.rejects } ?? NSNull(),
        "digests_equal": digests.different == 0 && digests.compared > 0, "wire_bytes_per_row": bytesPerRow,
        "rows_per_second": rate, "seconds_total": total,
        "resident_bytes_city": memory.city, "resident_bytes_others_max": memory.others,
        "answers": answers.map { ["question": $0.question, "milliseconds": $0.milliseconds, "lines": $0.lines] },
      ]
      try JSONSerialization.data(withJSONObject: object, options: [.prettyPrinted, .sortedKeys]).write(
        to: URL(fileURLWithPath: json))
    }
    let figuresFit = figures.allSatisfy { $0.expected == $0.found }
    if memory.others > Quickstart.residentBytesMax {
      out.warn("a process other than the city holds \(Human.bytes(memory.others)), more than 300 MB")
      throw ExitCode(2)
    }
    if digests.compared == 0 || digests.different > 0 || membersAtCity != membersExpected
      || planted.map({ $0 != totals.rejects }) == true
      || !figuresFit
    {
      if let planted { explain(planted, totals.rejects, out) }
      throw Failure(.verifyDifferent, ["count": "\(max(1, digests.different))", "peer": "city", "scope": "quickstart"])
    }
    out.say(String(format: "done in %.1f s", total))
  }

  private func explain(_ planted: Set<PlantedRow>, _ found: Set<PlantedRow>, _ out: Console.Output) {
    for row in planted.subtracting(found).sorted().prefix(5) {
      out.warn("planted, not refused: \(row.file):\(row.line)")
    }
    for row in found.subtracting(planted).sorted().prefix(5) {
      out.warn("refused, not planted: \(row.file):\(row.line)")
    }
  }

  private func printFigures(_ figures: [(name: String, expected: String, found: String)], _ out: Console.Output) throws
  {
    var table = Table(
      [
        Column("figure", title: "Figure"), Column("seed", title: "Seed", alignment: .right),
        Column("found", title: "Found", alignment: .right),
      ])
    for figure in figures { table.append([.text(figure.name), .text(figure.expected), .text(figure.found)]) }
    try out.table(table, TableStyle(.table))
  }

  private func leafBytes(_ fleet: Fleet) async throws -> UInt64 {
    // Signs of life carry the senders' counts once a second.
    try await Task.sleep(for: .milliseconds(2500))
    let root = fleet.client(fleet.network.root)
    let leaves = Set(fleet.network.nodes.filter(\.isLeaf).map(\.code))
    return try await root.tree().nodes.filter { leaves.contains($0.code) }.reduce(0) { $0 + $1.bytesSent }
  }

  /// Every process hashes its own stored rows; the city's hashes of the same partitions must be equal.
  private func compareDigests(_ fleet: Fleet, _ root: AdminClient) async throws -> (compared: Int, different: Int) {
    let city = try await root.verify()
    var compared = 0
    var different = 0
    for node in fleet.network.nodes.dropFirst() {
      let client = fleet.client(node)
      let own = try await client.verify()
      for digest in own.digests where digest.partition == own.partition {
        compared += 1
        if !city.digests.contains(digest) { different += 1 }
      }
    }
    return (compared, different)
  }

  private func largestMemory(_ fleet: Fleet) async throws -> (others: Int, city: Int) {
    var others = 0
    var city = 0
    for node in fleet.network.nodes {
      let client = fleet.client(node)
      let bytes = try await client.status().residentBytes
      if node.parentCode == nil { city = bytes } else { others = max(others, bytes) }
    }
    return (others, city)
  }

  private func seconds(since start: ContinuousClock.Instant) -> Double {
    let elapsed = ContinuousClock.now - start
    return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  }
}

/// The node tree as a table for the terminal.
func treeTable(_ tree: TreeResponse, _ language: Language) -> Table {
  let zh = language == .zh
  var table = Table([
    Column("name", title: zh ? "节点" : "Node"), Column("code", title: zh ? "代码" : "Code"),
    Column("rows", title: zh ? "记录" : "Records", alignment: .right),
    Column("sent", title: zh ? "已发" : "Sent", alignment: .right),
    Column("lag", title: zh ? "滞后" : "Lag", alignment: .right),
    Column("state", title: zh ? "状态" : "State"),
  ])
  for (node, prefix) in zip(tree.nodes, treePrefixes(depths: tree.nodes.map(\.depth))) {
    table.append([
      .text(prefix + node.name), .text(node.code), .text(Human.exact(node.rows)),
      .text(Human.bytes(Int(clamping: node.bytesSent))), .integer(Int(clamping: node.lag)), .text(node.state),
    ])
  }
  return table
}
