import Certificates
import Foundation
import Primitives
import Testing

/// Whole daemons under TLS, and strangers that knock.
@Suite(
  .serialized,
  .enabled(if: FileManager.default.isExecutableFile(atPath: programs + "/xylemd"), "xylemd is not beside the tests"))
struct TLSTests {
  private func withChain(_ body: (Chain) async throws -> Void) async throws {
    try await withFolder { folder in
      let chain = try await Chain(folder, [("033", "市委"), ("033001", "区委")])
      do { try await body(chain) } catch {
        await chain.endAll()
        throw error
      }
      await chain.endAll()
    }
  }

  private func eventually(seconds: Double = 10, _ condition: () async throws -> Bool) async throws -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
      if try await condition() { return true }
      try await Task.sleep(for: .milliseconds(50))
    }
    return try await condition()
  }

  /// Whether the top hears the child.
  private func isLinked(_ chain: Chain) async throws -> Bool {
    try await chain.client(0).status().children > 0
  }

  private func knock(_ chain: Chain, _ arguments: [String]) async throws -> Ended {
    try await run(
      "timeout",
      ["5", "openssl", "s_client", "-connect", "127.0.0.1:\(chain.port(0))", "-quiet"] + arguments, folder: "/usr/bin")
  }

  @Test(
    "tls: without a certificate, with another authority's, an ended and a revoked one nobody comes in, with the reason",
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"))
  func strangers() async throws {
    try await withChain { chain in
      let now = Date()
      let city = try AuthorityFolder.open(chain.ca)
      let other = try AuthorityFolder.create(
        chain.folder + "/other", network: "chain", name: "other", days: 10, now: now)
      _ = try other.issue(to: NodeID(5), label: "x", into: chain.folder + "/foreign", now: now)
      _ = try city.issue(to: NodeID(6), label: "x", into: chain.folder + "/ended", now: now - 100 * 86_400)
      let lost = try city.issue(to: NodeID(7), label: "x", into: chain.folder + "/lost", now: now)
      _ = try city.revoke([lost.serial], reason: "laptop stolen", now: now)
      try FileManager.default.removeItem(atPath: chain.tls(0) + "/revoked.txt")
      try FileManager.default.copyItem(atPath: city.denyListFile, toPath: chain.tls(0) + "/revoked.txt")
      try await chain.start(0)
      for (name, reason) in [
        ("", "it has none"), ("foreign", "no authority of ours issued it"), ("ended", "it ended at"),
        ("lost", "was revoked: laptop stolen"),
      ] {
        let home = "\(chain.folder)/\(name)"
        let shown = name.isEmpty ? [] : ["-cert", home + "/node.crt", "-key", home + "/node.key"]
        let found = try await knock(chain, shown)
        #expect(found.status != 0, "\(found.text)")
        #expect(try await eventually { chain.log(0).contains(reason) }, "\(reason) in \(chain.log(0)) \(found.text)")
      }
      _ = try await knock(chain, ["-tls1_2"])
      #expect(try await eventually { chain.log(0).contains("does not speak TLS 1.3") })
      #expect(chain.log(0).contains("XYL-LNK-0006"))
      // The door is open for who belongs here all the while.
      try await chain.start(1)
      #expect(try await eventually { try await isLinked(chain) })
    }
  }

  @Test("tls: a revocation at the top ends a link that stands, and a restart does not bring it back")
  func revocation() async throws {
    try await withChain { chain in
      for node in 0..<2 { try await chain.start(node) }
      #expect(try await eventually { try await isLinked(chain) })
      let listed = try await run("xylemctl", ["cert", "list", "--ca", chain.ca, "-o", "csv"])
      let child = try #require(listed.text.split(separator: "\n").first { $0.contains(",033001,") })
      let serial = String(child.prefix { $0 != "," })
      let revoked = try await run(
        "xylemctl", ["cert", "revoke", "--ca", chain.ca, "--serial", serial, "--reason", "stolen"])
      #expect(revoked.status == 0, "\(revoked.text)")
      let begun = ContinuousClock.now
      try FileManager.default.removeItem(atPath: chain.tls(0) + "/revoked.txt")
      try FileManager.default.copyItem(atPath: chain.ca + "/revoked.txt", toPath: chain.tls(0) + "/revoked.txt")
      #expect(try await eventually { chain.log(0).contains("was revoked: stolen") })
      #expect(ContinuousClock.now - begun < .seconds(6))
      #expect(try await eventually { try await !isLinked(chain) })
      #expect(await chain.end(0, SIGTERM) == 0)
      try await chain.start(0)
      try await Task.sleep(for: .seconds(2))
      #expect(try await !isLinked(chain))
    }
  }

  @Test("tls: a daemon does not start with a key others may read, another's key or another node's certificate")
  func files() async throws {
    try await withChain { chain in
      let key = chain.tls(0) + "/node.key"
      func refused(_ words: String...) async throws {
        let found = try await run(
          "xylemd", ["serve", "--config", chain.configuration(0)], environment: ["XYLEM_LANG": "en"])
        #expect(found.status != 0)
        for word in words { #expect(found.text.contains(word), "\(word) in \(found.text)") }
      }
      chmod(key, 0o644)
      try await refused("XYL-CFG-0014", "0644", key)
      chmod(key, 0o600)
      let files = ["node.crt", "node.key"]
      func swap(_ name: String) throws {
        let (a, b) = ("\(chain.tls(0))/\(name)", "\(chain.tls(1))/\(name)")
        try FileManager.default.moveItem(atPath: a, toPath: a + ".old")
        try FileManager.default.copyItem(atPath: b, toPath: a)
      }
      try swap(files[1])
      try await refused("XYL-CFG-0018", "tls.key (\(chain.configuration(0)):", "it is not the key of the certificate")
      try swap(files[0])
      try await refused("XYL-CFG-0018", "tls.certificate", "it names xylem:chain:node:")
    }
  }

  @Test("tls: the test option is loud, and stays on this machine")
  func plaintext() async throws {
    try await withFolder { folder in
      let made = try await run(
        "xylemd", ["init", "--directory", folder + "/d", "--network", "n", "--code", "033", "--name", "市委"])
      #expect(made.status == 0)
      let found = try await run(
        "xylemd",
        ["serve", "--directory", folder + "/d", "--listen", "0.0.0.0:7001", "--insecure-plaintext-for-tests"],
        environment: ["XYLEM_LANG": "en"])
      #expect(found.status == 64 && found.text.contains("XYL-CFG-0013"), "\(found.text)")
      let bare = try await run(
        "xylemd", ["serve", "--directory", folder + "/d", "--listen", "127.0.0.1:7001"],
        environment: ["XYLEM_LANG": "en"])
      #expect(bare.status == 64 && bare.text.contains("tls.certificate"), "\(bare.text)")
    }
  }
}
