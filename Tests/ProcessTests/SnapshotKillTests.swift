import AdminClient
import AdminProtocol
import Foundation
import Messages
import Primitives
import Synchronization
import Testing

/// Real processes, real stores: domains that were filled alone go up by snapshot through `kill -9`.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: programs + "/xylemd"), "xylemd is not beside the tests"))
struct SnapshotKillTests {
  private static let killsMin = ProcessInfo.processInfo.environment["XYLEM_SOAK"] == nil ? 12 : 200

  @Test(
    "kill -9: daemons of four levels die at random during first syncs by snapshot; the top ends equal with every owner",
    .timeLimit(.minutes(15)))
  func killsDuringSnapshots() async throws {
    try await withFolder { folder in
      let data = folder + "/data"
      #expect(try await run("xylem-fleet", ["generate", "--members", "16000", data]).status == 0)
      let nodes = [
        ("033", "市委"), ("033010", "慈溪市委"), ("033010018", "周巷镇党委"), ("033010018001", "白鹤屿村党委"),
      ]
      let chain = try await Chain(folder + "/n", nodes)
      for node in 0..<4 {
        let text = try String(contentsOfFile: chain.configuration(node), encoding: .utf8)
        try (text + "  snapshot_rows: 20\n").write(
          toFile: chain.configuration(node), atomically: true, encoding: .utf8)
      }
      do { try await play(chain, data) } catch {
        await chain.endAll()
        throw error
      }
      await chain.endAll()
    }
  }

  /// Each node takes its files while nobody else runs.
  private func fill(_ chain: Chain, _ data: String) async throws {
    for node in 0..<4 {
      try await chain.start(node)
      for entity in ["unit", "org", "member", "member_edu"] {
        let path = "\(data)/\(chain.codes[node])/\(entity).csv"
        guard FileManager.default.fileExists(atPath: path) else { continue }
        let file = try FileChunks(path: path)
        let hasEnded = Mutex(false)
        try await chain.client(node, seconds: 120).importFile(entity, name: path, chunks: file, size: file.length) {
          line in if line.summary != nil { hasEnded.withLock { $0 = true } }
        }
        #expect(hasEnded.withLock { $0 }, "\(path)")
      }
      #expect(await chain.end(node, SIGTERM) == 0)
    }
  }

  private func play(_ chain: Chain, _ data: String) async throws {
    try await fill(chain, data)
    for node in 0..<4 { try await chain.start(node) }
    var random = SeededRandom(seed: 20_051_124)
    var kills = 0
    while kills < SnapshotKillTests.killsMin {
      try await Task.sleep(for: .milliseconds(Int64(10 + random.below(200))))
      let victim = Int(random.below(4))
      #expect(await chain.end(victim, SIGKILL) == SIGKILL)
      kills += 1
      try await chain.start(victim)
    }
    try await waitForTop(chain)
    let top = try await chain.client(0).verify().digests
    for node in 1..<4 {
      let own = try await chain.client(node).verify()
      let digests = own.digests.filter { $0.partition == own.partition }
      #expect(digests.count >= 2)
      for digest in digests { #expect(top.contains(digest), "\(chain.codes[node]) \(digest)") }
    }
    let status = try await chain.client(0).status()
    #expect(status.logsBeginAt?.isEmpty == false, "the top took no snapshot")
    #expect(status.snapshots?.isEmpty == true)
    #expect(chain.log(0).contains("a snapshot was taken") && chain.log(1).contains("goes up as a snapshot"))
    // Whoever took a snapshot goes on with frames.
    let answer = try await chain.client(0).doctor()
    #expect(!answer.checks.contains { $0.name == "snapshot" })
  }

  private func waitForTop(_ chain: Chain) async throws {
    for _ in 0..<3000 {
      var isDone = true
      for node in 1..<chain.codes.count {
        let status = try await chain.client(node).status()
        if status.rootSequence < status.sequence { isDone = false }
      }
      if isDone { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    for node in 0..<4 { Issue.record("\(chain.codes[node]): \(chain.log(node).suffix(1500))") }
  }
}
