import AdminClient
import AdminProtocol
import Foundation
import Messages
import Primitives
import Synchronization
import Testing

/// Real processes, real stores, `kill -9`.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: programs + "/xylemd"), "xylemd is not beside the tests"))
struct KillTests {
  /// How many lives are ended at least; with XYLEM_SOAK a few hundred.
  private static let killsMin = ProcessInfo.processInfo.environment["XYLEM_SOAK"] == nil ? 10 : 300

  /// A file's good rows as files of a few rows, each with the header: small commits that are each acknowledged. The
  /// planted bad rows are left out, for a duplicate of another piece would be a change.
  private static func pieces(_ data: String, _ code: String, _ folder: String, rows: Int) throws -> [String] {
    let name = "\(code)/member.csv"
    var planted: Set<Int> = []
    for row in try String(contentsOfFile: data + "/planted.csv", encoding: .utf8).split(whereSeparator: \.isNewline) {
      let cells = row.split(separator: ",", omittingEmptySubsequences: false)
      if cells.count > 1, cells[0] == name, let line = Int(cells[1]) { planted.insert(line) }
    }
    let text = try String(contentsOfFile: "\(data)/\(name)", encoding: .utf8)
    var lines: [String] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
    where !planted.contains(index + 1) && !line.isEmpty {
      lines.append(String(line))
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try stride(from: 1, to: lines.count, by: rows).enumerated().map { number, start in
      let name = "\(folder)/\(number).csv"
      let body = ([lines[0]] + lines[start..<min(start + rows, lines.count)]).joined(separator: "\n") + "\n"
      try body.write(toFile: name, atomically: true, encoding: .utf8)
      return name
    }
  }

  /// Imports until the daemon says that all of it is in; a daemon that was killed meanwhile is asked again.
  @discardableResult
  private static func importUntilDone(
    _ chain: Chain, _ node: Int, _ entity: String, _ path: String
  ) async throws -> ImportLine.Summary {
    for _ in 0..<400 {
      let found = Mutex<ImportLine.Summary?>(nil)
      do {
        let file = try FileChunks(path: path)
        try await chain.client(node).importFile(entity, name: path, chunks: file, size: file.length) { line in
          if let summary = line.summary { found.withLock { $0 = summary } }
        }
        if let summary = found.withLock({ $0 }) { return summary }
      } catch { try await Task.sleep(for: .milliseconds(30)) }
    }
    Issue.record("\(path) was never taken")
    throw CancellationError()
  }

  private static func waitForTop(_ chain: Chain) async throws {
    for _ in 0..<1500 {
      var isDone = true
      for node in 1..<chain.codes.count {
        let status = try await chain.client(node).status()
        if status.rootSequence < status.sequence { isDone = false }
      }
      if isDone { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("the top does not catch up")
  }

  @Test(
    "kill -9: daemons of four levels die at random during imports; nothing acknowledged is lost or doubled",
    .timeLimit(.minutes(15)))
  func killsDuringImport() async throws {
    try await withFolder { folder in
      let data = folder + "/data"
      #expect(try await run("xylem-fleet", ["generate", "--members", "8000", data]).status == 0)
      let nodes = [
        ("033", "市委"), ("033010", "慈溪市委"), ("033010018", "周巷镇党委"), ("033010018001", "白鹤屿村党委"),
      ]
      let chain = try await Chain(folder + "/n", nodes)
      do { try await play(chain, data, folder) } catch {
        await chain.endAll()
        throw error
      }
      await chain.endAll()
    }
  }

  private func play(_ chain: Chain, _ data: String, _ folder: String) async throws {
    for node in 0..<4 { try await chain.start(node) }
    for node in 0..<4 {
      for entity in ["unit", "org"] {
        let path = "\(data)/\(chain.codes[node])/\(entity).csv"
        if FileManager.default.fileExists(atPath: path) {
          try await KillTests.importUntilDone(chain, node, entity, path)
        }
      }
    }
    var files: [(node: Int, path: String)] = []
    for node in 2..<4 {
      let code = chain.codes[node]
      files += try KillTests.pieces(data, code, "\(folder)/pieces/\(code)", rows: 10)
        .map { (node, $0) }
    }
    #expect(files.count >= 20)
    let acknowledged = Mutex<[Int: Int]>([:])
    let isDone = Mutex(false)
    let importer = Task {
      defer { isDone.withLock { $0 = true } }
      for file in files {
        let summary = try await KillTests.importUntilDone(chain, file.node, "member", file.path)
        acknowledged.withLock { $0[file.node, default: 0] += summary.inserted + summary.updated + summary.unchanged }
      }
    }
    var random = SeededRandom(seed: 20_051_123)
    var kills = 0
    while !isDone.withLock({ $0 }) || kills < KillTests.killsMin {
      try await Task.sleep(for: .milliseconds(Int64(20 + random.below(250))))
      let victim = Int(random.below(4))
      // What was acknowledged before the kill must be there after it.
      let before = acknowledged.withLock { $0[victim, default: 0] }
      #expect(await chain.end(victim, SIGKILL) == SIGKILL)
      kills += 1
      try await chain.start(victim)
      if victim > 1 {
        let rows = try await KillTests.members(chain.client(victim))
        #expect(rows >= before, "\(chain.codes[victim]) acknowledged \(before) members and has \(rows)")
      }
    }
    try await importer.value
    var good = 0
    for node in 2..<4 {
      for file in files where file.node == node {
        let again = try await KillTests.importUntilDone(chain, node, "member", file.path)
        #expect(again.inserted == 0 && again.updated == 0, "\(file.path): \(again)")
        good += again.unchanged
      }
    }
    try await KillTests.waitForTop(chain)
    #expect(try await KillTests.members(chain.client(0)) == good)
    #expect(good > 300 && kills >= KillTests.killsMin)
    let top = try await chain.client(0).verify().digests
    for node in 2..<4 {
      let own = try await chain.client(node).verify()
      let digests = own.digests.filter { $0.partition == own.partition }
      #expect(digests.count >= 2)
      for digest in digests { #expect(top.contains(digest), "\(chain.codes[node]) \(digest)") }
    }
  }

  private static func members(_ client: AdminClient) async throws -> Int {
    try await client.status().rows.first { $0.entity == "member" }?.rows ?? 0
  }
}
