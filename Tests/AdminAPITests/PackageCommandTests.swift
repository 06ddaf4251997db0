import AdminProtocol
import Formats
import Foundation
import Messages
import Primitives
import Testing

// Goal: what a clerk types and sees; what is in a package is the business of FormatsTests and EngineTests.

/// A receipt of 033010 for 033010018.
private func samplePackage() throws -> Package {
  let signer = try #require(SigningKey(seed: Bytes(repeating: 1, count: 32)))
  let reader = try #require(SigningKey(seed: Bytes(repeating: 2, count: 32)))
  let log = LogID(node: NodeID(0x7B), incarnation: 1)
  var facts = PackageHeader.Facts(
    kind: .back, network: 7, sender: log, senderPartition: PartitionID(log.value), senderCode: "033010",
    recipient: NodeID(9), recipientCode: "033010018", recipientKey: SealingKey(of: reader).publicKey, number: 12,
    previous: .zero, created: 1_127_000_000_000, catalog: 1, release: "0.1.0")
  facts.answers = 3
  facts.ends = [.init(log: log, last: Sequence64(1234), hash: .zero)]
  return try PackageKeys(signer).seal(facts, PackageBody())
}

private func withFiles<R>(_ body: (String) async throws -> R) async throws -> R {
  let folder = NSTemporaryDirectory() + "xylem-bundle-\(UInt32.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try await body(folder)
}

@Suite struct PackageCommandTests {
  @Test("bundle export: the file is there whole under its name, with a sheet in both languages")
  func export() async throws {
    let package = try samplePackage()
    let backend = FakeBackend(package: package.bytes)
    try await withFiles { folder in
      try await withServer(backend) { (_: String, socket: String) async throws in
        let found = await run([
          "bundle", "export", "--to", "033010018", "--out", folder, "--sheet", folder + "/cover.html", "--socket",
          socket, "-o", "csv", "--columns", "kind,number,from,to,answers",
        ])
        #expect(found.status == 0 && found.data == "kind,number,from,to,answers\nback,12,033010,033010018,3\n")
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(names == ["033010-033010018-0012.xyb", "cover.html"])
      #expect(FileManager.default.contents(atPath: folder + "/" + names[0]).map(Array.init) == package.bytes)
      let sheet = try String(contentsOfFile: folder + "/cover.html", encoding: .utf8)
      #expect(sheet.contains("数据包封面") && sheet.contains("Package cover sheet"))
      #expect(sheet.contains(package.hash.grouped(groups: 16)) && sheet.contains("2005-09-18 07:33"))
    }
    #expect(backend.requests == ["export 033010018 0 false 0"])
  }

  @Test("bundle export: nothing to send is said, and is no failure")
  func nothing() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let found = await run(["bundle", "export", "--socket", socket])
      #expect(found.status == 0 && found.data.isEmpty && found.talk.contains("nothing to export"))
    }
  }

  @Test("bundle inspect: needs no daemon, and a damaged copy exits with 2 and says which part")
  func inspect() async throws {
    let package = try samplePackage()
    try await withFiles { folder in
      let path = folder + "/a.xyb"
      try Data(package.bytes).write(to: URL(fileURLWithPath: path))
      let sound = await run(["bundle", "inspect", path, "-o", "json"])
      #expect(sound.status == 0 && sound.data.contains("\"sound\":true") && sound.data.contains("\"number\":12"))
      var bytes = package.bytes
      bytes[bytes.count - 1] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let flipped = await run(["bundle", "inspect", path, "-o", "table"])
      #expect(flipped.status == 2 && flipped.talk.contains("chunk 1 of 1 does not match its hash"))
      try Data("hello".utf8).write(to: URL(fileURLWithPath: path))
      let other = await run(["bundle", "inspect", path])
      #expect(other.status == 4 && other.talk.contains("XYL-LNK-0015"))
      #expect(await run(["bundle", "inspect", folder + "/none.xyb"]).talk.contains("XYL-CLI-0009"))
    }
  }

  @Test("bundle import: what was taken, what was there already, in both languages; a dry run says so")
  func taken() async throws {
    let backend = FakeBackend()
    try await withFiles { folder in
      let path = folder + "/a.xyb"
      try Data([9]).write(to: URL(fileURLWithPath: path))
      try await withServer(backend) { (_: String, socket: String) async throws in
        let again = await run(["bundle", "import", path, "--socket", socket, "-o", "csv"])
        #expect(again.status == 0 && again.talk.contains("already at 1,234: nothing changed"))
        let zh = await run(["bundle", "import", path, "--socket", socket, "-o", "csv"], language: .zh)
        #expect(zh.talk.contains("早已到 1,234"))
        try Data([8]).write(to: URL(fileURLWithPath: path))
        let dry = await run(["--socket", socket, "bundle", "import", path, "--dry-run", "-o", "json"])
        #expect(dry.data.contains("\"dryRun\":true") && dry.talk.contains("dry run"))
      }
      #expect(backend.requests.last == "import \(path) [8] true")
    }
  }

  @Test("node: card, neighbours and introduction")
  func cards() async throws {
    let backend = FakeBackend()
    try await withFiles { folder in
      try await withServer(backend) { (_: String, socket: String) async throws in
        let card = await run(["node", "card", "--socket", socket, "--out", folder + "/a.xycard"])
        #expect(card.status == 0 && card.talk.contains("fingerprint aaaa bbbb"))
        let text = try String(contentsOfFile: folder + "/a.xycard", encoding: .utf8)
        #expect(text == "xylem node card 1\n")
        let found = await run(["node", "introduce", folder + "/a.xycard", "--socket", socket, "-o", "csv"])
        #expect(found.data.contains("parent,033,市委,7a,4,3,cccc dddd"))
        let list = await run(["node", "neighbours", "--socket", socket, "-o", "table"], language: .zh)
        #expect(list.data.contains("上级"))
      }
      #expect(backend.requests == ["introduce \(folder)/a.xycard xylem node card 1\n false"])
    }
  }
}
