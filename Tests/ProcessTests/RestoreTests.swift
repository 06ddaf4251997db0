import AdminClient
import AdminProtocol
import Foundation
import Messages
import Primitives
import Testing

/// Real daemons whose disks are copied, put back, emptied and given away.
@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: programs + "/xylemd"), "xylemd is not beside the tests"))
struct RestoreTests {
  private static func file(_ folder: String, _ name: String, _ cards: Range<Int>) throws -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    var lines = [
      "applicant_name,id_card,sex,birth_date,nation,edu_code,job_code,org_code,apply_date,is_league_member,stage,talk_date"
    ]
    for card in cards {
      let digits = "33020319800102" + String(1000 + card).dropFirst()
      let sum = zip(digits, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
      let check = Array("10X98765432")[sum % 11]
      let sex = card % 2 == 0 ? "2" : "1"
      lines.append("张伟\(card),\(digits)\(check),\(sex),1980-01-02,01,21,2,033010,2004-05-06,否,10,2004-05-16")
    }
    let path = "\(folder)/\(name).csv"
    try (lines.joined(separator: "\n") + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private static func load(_ chain: Chain, _ node: Int, _ path: String) async throws -> Int {
    let ended = try await run(
      "xylemctl", ["import", "applicant", path, "--socket", "\(chain.folder)/\(chain.codes[node]).sock", "-q"])
    #expect(ended.status == 0, "\(ended.text)")
    return try await members(chain, node)
  }

  private static func members(_ chain: Chain, _ node: Int) async throws -> Int {
    try await chain.client(node).status().rows.first { $0.entity == "applicant" }?.rows ?? 0
  }

  /// Waits until a node's status is as wanted.
  private static func wait(
    _ chain: Chain, _ node: Int, _ what: String, _ isSo: (StatusResponse) -> Bool
  ) async throws {
    var last: StatusResponse?
    for _ in 0..<1500 {
      last = try? await chain.client(node).status()
      if let last, isSo(last) { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("\(chain.codes[node]) never \(what): \(String(describing: last))")
  }

  /// The rows of a node's domain are the same at its parent.
  private static func expectEqual(_ chain: Chain, _ node: Int, _ above: Int) async throws {
    let own = try await chain.client(node).verify()
    let top = try await chain.client(above).verify().digests
    let digests = own.digests.filter { $0.partition == own.partition }
    #expect(digests.count >= 2)
    for digest in digests { #expect(top.contains(digest), "\(digest)") }
  }

  private static func withPair(_ body: (Chain, String) async throws -> Void) async throws {
    try await withFolder { folder in
      let chain = try await Chain(folder + "/n", [("033", "市委"), ("033010", "慈溪市委")])
      do {
        for node in 0..<2 { try await chain.start(node) }
        try await body(chain, folder)
      } catch {
        await chain.endAll()
        throw error
      }
      await chain.endAll()
    }
  }

  @Test(
    "restore: a backup made under load is proved, put back, pulls its tail from the parent and ends equal",
    .timeLimit(.minutes(5)))
  func restore() async throws {
    try await RestoreTests.withPair { chain, folder in
      #expect(try await RestoreTests.load(chain, 1, RestoreTests.file(folder, "a", 0..<200)) == 200)
      let more = try RestoreTests.file(folder, "b", 200..<600)
      async let loaded = RestoreTests.load(chain, 1, more)
      let made = try await chain.client(1).backup(BackupRequest(directory: folder + "/backups"))
      #expect(try await loaded == 600)
      #expect(made.path.hasPrefix(folder + "/backups/033010-") && made.files > 5)
      #expect(try await chain.client(1).status().daysSinceProof == nil)
      let data = "\(chain.folder)/033010"
      let proved = try await run(
        "xylemd",
        ["backup", "verify", "--from", made.path, "--key", data + "/KEY", "--scratch", folder, "--remember", data])
      #expect(proved.status == 0 && proved.text.contains("proved"), "\(proved.text)")
      #expect(try await chain.client(1).status().daysSinceProof == 0)
      let list = try await run("xylemctl", ["backup", "list", "--in", folder + "/backups"])
      #expect(list.status == 0 && list.text.contains(made.path), "\(list.text)")
      try await RestoreTests.wait(chain, 1, "reached its parent") { $0.parentSequence == $0.sequence }
      await chain.end(1, SIGTERM)
      // Over a store nothing is restored; a flipped byte is found before anything appears.
      let over = try await run(
        "xylemd", ["restore", "--from", made.path, "--directory", data, "--key", data + "/KEY"])
      #expect(over.text.contains("XYL-STO-0009"), "\(over.text)")
      try FileManager.default.moveItem(atPath: data + "/KEY", toPath: folder + "/KEY")
      try FileManager.default.removeItem(atPath: data)
      try RestoreTests.flip("\(made.path)/rocks/CURRENT")
      let damaged = try await run(
        "xylemd", ["restore", "--from", made.path, "--directory", data, "--key", folder + "/KEY", "--dry-run"])
      #expect(damaged.text.contains("XYL-STO-0012") && damaged.text.contains("CURRENT"), "\(damaged.text)")
      try RestoreTests.flip("\(made.path)/rocks/CURRENT")
      let put = try await run(
        "xylemd", ["restore", "--from", made.path, "--directory", data, "--key", folder + "/KEY"])
      #expect(put.status == 0, "\(put.text)")
      try await chain.start(1)
      try await RestoreTests.wait(chain, 1, "wrote again") { $0.standing == "writing" && $0.incarnation == 2 }
      #expect(try await RestoreTests.members(chain, 1) == 600)
      #expect(try await RestoreTests.load(chain, 1, RestoreTests.file(folder, "c", 600..<610)) == 610)
      try await RestoreTests.wait(chain, 1, "reached its parent again") { $0.parentSequence == $0.sequence }
      try await RestoreTests.expectEqual(chain, 1, 0)
      // Another life later the parent, too, is opened again and knows who is registered.
      for node in [0, 1] {
        await chain.end(node, SIGKILL)
        try await chain.start(node)
      }
      try await RestoreTests.wait(chain, 1, "is linked again") { $0.linkedToParent && $0.standing == "writing" }
    }
  }

  private static func flip(_ path: String) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[bytes.count - 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  @Test(
    "clone: a copied directory started beside the original is refused; the original works on", .timeLimit(.minutes(5)))
  func clone() async throws {
    try await RestoreTests.withPair { chain, folder in
      #expect(try await RestoreTests.load(chain, 1, RestoreTests.file(folder, "a", 0..<50)) == 50)
      await chain.end(1, SIGTERM)
      try FileManager.default.copyItem(atPath: chain.folder + "/033010", toPath: folder + "/copy")
      try await chain.start(1)
      try await RestoreTests.wait(chain, 1, "was linked") { $0.linkedToParent }
      let text = try String(contentsOfFile: chain.configuration(1), encoding: .utf8)
        .replacingOccurrences(of: "\(chain.folder)/033010\n", with: folder + "/copy\n")
        .replacingOccurrences(of: "033010.sock", with: "copy.sock")
        .split(separator: "\n").filter { !$0.contains("listen:") }.joined(separator: "\n")
      try text.write(toFile: folder + "/copy.yaml", atomically: true, encoding: .utf8)
      let twin = Process()
      twin.executableURL = URL(fileURLWithPath: programs + "/xylemd")
      twin.arguments = ["serve", "--config", folder + "/copy.yaml"]
      twin.standardError = FileHandle.nullDevice
      twin.standardInput = FileHandle.nullDevice
      try twin.run()
      defer {
        kill(twin.processIdentifier, SIGKILL)
        twin.waitUntilExit()
      }
      let client = AdminClient(socketPath: chain.folder + "/copy.sock", seconds: 2)
      var status: StatusResponse?
      for _ in 0..<1000 where status?.standing != "fenced" {
        status = try? await client.status()
        try await Task.sleep(for: .milliseconds(20))
      }
      #expect(status?.standing == "fenced", "\(String(describing: status))")
      #expect(twin.isRunning)
      let refused = try await run(
        "xylemctl",
        ["import", "applicant", RestoreTests.file(folder, "b", 50..<60), "--socket", chain.folder + "/copy.sock", "-q"])
      #expect(refused.status != 0 && refused.text.contains("XYL-NOD-0008"), "\(refused.text)")
      let top = try await chain.client(0).status()
      #expect(top.incidents?.map(\.reason) == ["twin"], "\(top)")
      #expect(try await RestoreTests.load(chain, 1, RestoreTests.file(folder, "c", 50..<70)) == 70)
      try await RestoreTests.wait(chain, 1, "reached its parent") { $0.parentSequence == $0.sequence }
      try await RestoreTests.expectEqual(chain, 1, 0)
    }
  }

  @Test(
    "lost machine: its domain is reclaimed, a new machine takes it with its history and ends equal",
    .timeLimit(.minutes(5)))
  func lostMachine() async throws {
    try await RestoreTests.withPair { chain, folder in
      #expect(try await RestoreTests.load(chain, 1, RestoreTests.file(folder, "a", 0..<80)) == 80)
      try await RestoreTests.wait(chain, 1, "reached its parent") { $0.parentSequence == $0.sequence }
      await chain.end(1, SIGKILL)
      let data = "\(chain.folder)/033010"
      try FileManager.default.moveItem(atPath: data, toPath: folder + "/stolen")
      let socket = "\(chain.folder)/033.sock"
      let known = try #require(try await chain.client(0).domains().domains.first)
      #expect(known.code == "033010" && known.epoch == 1)
      let made = try await run(
        "xylemd", ["recover", "--config", chain.configuration(1), "--partition", known.partition, "--epoch", "2"])
      let owner = try #require(made.text.split(whereSeparator: \.isNewline).last.map(String.init))
      #expect(made.status == 0 && owner.contains("="), "\(made.text)")
      let reclaimed = try await run(
        "xylemctl", ["domain", "reclaim", "033010", "--to", owner, "--epoch", "2", "--socket", socket, "-q"])
      #expect(reclaimed.status == 0, "\(reclaimed.text)")
      // A new machine has a certificate of its own: the lost one's names another node.
      try FileManager.default.moveItem(atPath: chain.tls(1), toPath: folder + "/stolen-tls")
      let issued = try await run(
        "xylemd", ["cert", "issue", "--ca", chain.ca, "--directory", data, "--out", chain.tls(1)])
      #expect(issued.status == 0, "\(issued.text)")
      try await chain.start(1)
      try await RestoreTests.wait(chain, 1, "wrote") { $0.standing == "writing" }
      #expect(try await RestoreTests.load(chain, 1, RestoreTests.file(folder, "b", 80..<90)) == 90)
      try await RestoreTests.wait(chain, 1, "reached its parent") { $0.parentSequence == $0.sequence }
      try await RestoreTests.expectEqual(chain, 1, 0)
      await chain.end(1, SIGTERM)
      // The stolen machine comes back: fenced, and what lies there can be listed.
      try FileManager.default.moveItem(atPath: data, toPath: folder + "/new")
      try FileManager.default.moveItem(atPath: folder + "/stolen", toPath: data)
      try FileManager.default.removeItem(atPath: chain.tls(1))
      try FileManager.default.moveItem(atPath: folder + "/stolen-tls", toPath: chain.tls(1))
      try await chain.start(1)
      try await RestoreTests.wait(chain, 1, "was fenced") { $0.standing == "fenced" }
      let evidence = try await run("xylemd", ["evidence", "--directory", data])
      #expect(evidence.status == 0 && evidence.text.contains("张伟79"), "\(evidence.text.suffix(500))")
    }
  }
}
