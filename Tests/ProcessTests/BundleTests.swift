import AdminClient
import AdminProtocol
import Foundation
import Messages
import Primitives
import Testing

// Goal: two real daemons without any link end equal by files, and a kill in the middle of it changes nothing.

@Suite(
  .enabled(if: FileManager.default.isExecutableFile(atPath: programs + "/xylemd"), "xylemd is not beside the tests"))
struct BundleTests {
  /// A top and a child of it that have no link in their configurations.
  private static func alone(_ folder: String) async throws -> Chain {
    let chain = try await Chain(folder, [("033010", "中共慈溪市委员会"), ("033010018", "中共慈溪市周巷镇委员会")])
    for number in chain.codes.indices {
      let text = try String(contentsOfFile: chain.configuration(number), encoding: .utf8)
      let kept = text.split(separator: "\n").filter { !$0.contains("link:") && !$0.contains("127.0.0.1") }
      try (kept.joined(separator: "\n") + "\n").write(
        toFile: chain.configuration(number), atomically: true, encoding: .utf8)
    }
    return chain
  }

  private static func introduce(_ chain: Chain) async throws {
    let (parent, child) = (chain.client(0), chain.client(1))
    let (above, below) = (try await parent.card(), try await child.card())
    #expect(try await parent.introduce(.init(file: "c", text: below.text)).neighbours.map(\.role) == ["child"])
    #expect(try await child.introduce(.init(file: "p", text: above.text)).neighbours.map(\.role) == ["parent"])
  }

  /// Imports units, orgs and the first rows of the generated members at the child.
  private static func importMembers(_ chain: Chain, _ folder: String, _ rows: Int) async throws {
    let data = folder + "/data/033010018"
    if !FileManager.default.fileExists(atPath: data) {
      #expect(try await run("xylem-fleet", ["generate", "--members", "4000", folder + "/data"]).status == 0)
    }
    let lines = try String(contentsOfFile: data + "/member.csv", encoding: .utf8).split(whereSeparator: \.isNewline)
    try (lines.prefix(rows + 1).joined(separator: "\n") + "\n").write(
      toFile: folder + "/members.csv", atomically: true, encoding: .utf8)
    for (entity, path) in [
      ("unit", data + "/unit.csv"), ("org", data + "/org.csv"), ("member", folder + "/members.csv"),
    ] {
      let file = try FileChunks(path: path)
      try await chain.client(1).importFile(entity, name: path, chunks: file, size: file.length) { line in
        if let summary = line.summary { #expect(summary.rejected < summary.rows) }
      }
    }
  }

  private static func digests(_ chain: Chain, _ number: Int, of partition: String) async throws -> [String] {
    try await chain.client(number).verify().digests.filter { $0.partition == partition }
      .map { "\($0.entity) \($0.rows) \($0.digest)" }.sorted()
  }

  private static func expectEqual(_ chain: Chain) async throws {
    let partition = try await chain.client(1).status().partition
    let there = try await digests(chain, 1, of: partition)
    #expect(try await digests(chain, 0, of: partition) == there && !there.isEmpty)
  }

  @Test("bundles: two daemons without a link end equal, and the child knows what is safe after a restart")
  func equal() async throws {
    try await withFolder { folder in
      let chain = try await BundleTests.alone(folder)
      try await chain.start(0)
      try await chain.start(1)
      do {
        try await BundleTests.introduce(chain)
        try await BundleTests.importMembers(chain, folder, 60)
        let package = try #require(try await chain.client(1).exportPackage(ExportRequest()))
        let taken = try await chain.client(0).importPackage(package, file: "one.xyb")
        #expect(taken.kind == "up" && taken.number == 1 && !taken.already)
        try await BundleTests.expectEqual(chain)
        var receipt = ExportRequest()
        receipt.to = "033010018"
        let back = try #require(try await chain.client(0).exportPackage(receipt))
        let known = try await chain.client(1).importPackage(back, file: "back.xyb")
        #expect(known.kind == "back" && known.position == taken.position)
        await chain.end(1, SIGKILL)
        await chain.end(0, SIGKILL)
        try await chain.start(0)
        try await chain.start(1)
        let status = try await chain.client(1).status()
        #expect(status.parentSequence == status.sequence && status.rootSequence == status.sequence)
        #expect(try await chain.client(1).exportPackage(ExportRequest()) == nil)
        #expect(try await chain.client(0).importPackage(package, file: "one.xyb").already)
        try await BundleTests.expectEqual(chain)
      } catch {
        await chain.endAll()
        throw error
      }
      await chain.endAll()
    }
  }

  @Test("bundles: a daemon killed while it takes a package takes the same file again and ends equal")
  func killed() async throws {
    try await withFolder { folder in
      let chain = try await BundleTests.alone(folder)
      try await chain.start(0)
      try await chain.start(1)
      do {
        try await BundleTests.introduce(chain)
        for round in 0..<4 {
          try await BundleTests.importMembers(chain, folder, 15 * (round + 1))
          let package = try #require(try await chain.client(1).exportPackage(ExportRequest()))
          let client = chain.client(0)
          async let first = { try? await client.importPackage(package, file: "x.xyb") }()
          try await Task.sleep(for: .milliseconds(round * 5))
          await chain.end(0, SIGKILL)
          _ = await first
          try await chain.start(0)
          let taken = try await chain.client(0).importPackage(package, file: "x.xyb")
          #expect(taken.number == UInt64(round + 1))
          try await BundleTests.expectEqual(chain)
        }
      } catch {
        await chain.endAll()
        throw error
      }
      await chain.endAll()
    }
  }

  @Test("bundles: the daemon refuses damaged, foreign and unknown files with their codes, and changes nothing")
  func refusals() async throws {
    try await withFolder { folder in
      let chain = try await BundleTests.alone(folder)
      try await chain.start(0)
      try await chain.start(1)
      do {
        let (parent, child) = (chain.client(0), chain.client(1))
        await #expect(throws: Failure.self) { try await child.exportPackage(ExportRequest()) }
        try await BundleTests.introduce(chain)
        try await BundleTests.importMembers(chain, folder, 20)
        let package = try #require(try await child.exportPackage(ExportRequest()))
        var flipped = package
        flipped[flipped.count - 100] ^= 1
        let cases: [([UInt8], AdminClient, ErrorCode)] = [
          (flipped, parent, .linkPackageDamaged), (Array(package.dropLast()), parent, .linkPackageDamaged),
          (Array("not a package at all".utf8), parent, .linkPackageDamaged), ([], parent, .linkPackageDamaged),
          (package, child, .linkPackageNotForUs),
        ]
        for (bytes, client, code) in cases {
          var found: ErrorCode?
          do throws(Failure) { _ = try await client.importPackage(bytes, file: "f.xyb") } catch { found = error.code }
          #expect(found == code)
        }
        let rows = try await parent.tree().nodes.first { $0.code == "033010018" }?.rows
        #expect(rows == 0)
        #expect(try await !parent.importPackage(package, file: "f.xyb", dryRun: true).already)
        #expect(try await parent.tree().nodes.first { $0.code == "033010018" }?.rows == 0)
      } catch {
        await chain.endAll()
        throw error
      }
      await chain.endAll()
    }
  }
}
