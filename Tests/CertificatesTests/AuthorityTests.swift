import Foundation
import Primitives
import Testing

@testable import Certificates

/// A scratch folder.
func withFolder<R>(_ body: (String) async throws -> R) async throws -> R {
  let path = "/tmp/xylem-certificates-\(UInt32.random(in: 0 ... .max))"
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

private func mode(_ path: String) throws -> Int {
  (try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int) ?? -1
}

private func openssl(_ arguments: [String]) throws -> (status: Int32, text: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
  process.arguments = arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: output, as: UTF8.self))
}

private let hasOpenSSL = FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")

@Suite struct AuthorityTests {
  private let now = Date()

  private func files(_ folder: String) -> CredentialFiles {
    CredentialFiles(
      certificate: folder + "/node.crt", key: folder + "/node.key", authorities: folder + "/authorities.crt")
  }

  @Test(
    "names: every network's name has one spelling in a certificate, and only that is read",
    arguments: ["ningbo", "宁波 2005", "a:b/c%", "x"])
  func names(network: String) throws {
    let name = NodeName(network: network, node: NodeID(0xAB))
    #expect(NodeName(uri: name.uri) == name)
    #expect(name.uri.utf8.allSatisfy { $0 < 128 } && name.uri.hasSuffix(":node:0000000000ab"))
    for wrong in [
      name.uri + ":", name.uri.uppercased(), name.uri + "0", "xylem:%61:node:0000000000ab", "xylem:n:user:zhang",
      "xylem::node:0000000000ab", "xylem:n:node:000000000000", "xylem:n:node:+000000000ab",
    ] { #expect(NodeName(uri: wrong) == nil, "\(wrong)") }
  }

  @Test("authority: keys are secret, certificates are not, and what is issued loads and is written down")
  func issue() async throws {
    try await withFolder { folder in
      let ca = try AuthorityFolder.create(folder + "/ca", network: "n", name: "City", days: 3650, now: now)
      let issued = try ca.issue(to: NodeID(7), label: "033001", into: folder + "/node", now: now)
      for key in ["/ca/ca.key", "/node/node.key"] { #expect(try mode(folder + key) == 0o600) }
      for open in ["/ca/ca.crt", "/node/node.crt", "/node/authorities.crt"] {
        #expect(try mode(folder + open) == 0o644)
      }
      let credentials = try await Credentials.load(files(folder + "/node"), at: now)
      #expect(credentials.own.name == NodeName(network: "n", node: NodeID(7)))
      #expect(credentials.own.serial == issued.serial)
      // A certificate counts whole seconds, a clock parts of them.
      #expect((89...90).contains(credentials.daysLeft(at: now)))
      #expect(try ca.issued().map(\.label) == ["033001"])
      // A folder that holds an authority, and a node's key, are never written over.
      #expect(throws: FileProblem.self) {
        try AuthorityFolder.create(folder + "/ca", network: "n", name: "City", days: 1, now: now)
      }
      #expect(throws: FileProblem.self) {
        try ca.issue(to: NodeID(7), label: "033001", into: folder + "/node", now: now)
      }
    }
  }

  @Test(
    "openssl: believes chains of two and three certificates, their purposes and their ends", .enabled(if: hasOpenSSL))
  func secondOpinion() async throws {
    try await withFolder { folder in
      let root = try AuthorityFolder.create(folder + "/root", network: "宁波", name: "City", days: 3650, now: now)
      _ = try root.issue(to: NodeID(7), label: "033", into: folder + "/a", now: now)
      let county = try AuthorityFolder.create(
        folder + "/county", network: "宁波", name: "County", days: 3650, below: root, now: now)
      _ = try county.issue(to: NodeID(8), label: "033001", into: folder + "/b", now: now)
      for (node, more) in [("a", []), ("b", ["-untrusted", folder + "/b/node.crt"])] {
        for purpose in ["sslclient", "sslserver"] {
          let found = try openssl(
            ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", folder + "/root/authorities.crt"] + more
              + ["\(folder)/\(node)/node.crt"])
          #expect(found.status == 0, "\(found.text)")
        }
        let later = String(Int(now.timeIntervalSince1970) + 91 * 86_400)
        let late = try openssl(
          ["verify", "-attime", later, "-CAfile", folder + "/root/authorities.crt"] + more
            + ["\(folder)/\(node)/node.crt"])
        #expect(late.text.contains("certificate has expired"), "\(late.text)")
        _ = try await Credentials.load(files("\(folder)/\(node)"), at: now)
      }
      let text = try openssl(["x509", "-noout", "-text", "-in", folder + "/b/node.crt"]).text
      for part in [
        "URI:xylem:%E5%AE%81%E6%B3%A2:node:000000000008", "CA:FALSE", "prime256v1", "ecdsa-with-SHA256",
        "TLS Web Server Authentication, TLS Web Client Authentication", "Digital Signature",
      ] { #expect(text.contains(part), "\(part) in \(text)") }
      // The chain without its middle leads nowhere, and says so.
      let whole = try String(contentsOfFile: folder + "/b/node.crt", encoding: .utf8)
      let end = try #require(whole.range(of: "-----END CERTIFICATE-----\n")?.upperBound)
      try String(whole[..<end]).write(toFile: folder + "/b/node.crt", atomically: true, encoding: .utf8)
      await #expect {
        _ = try await Credentials.load(files(folder + "/b"), at: now)
      } throws: { "\($0)".contains("no authority of ours issued it") }
    }
  }

  @Test("request: the key stays where it was made, and a request that was changed is refused")
  func request() async throws {
    try await withFolder { folder in
      let ca = try AuthorityFolder.create(folder + "/ca", network: "n", name: "City", days: 3650, now: now)
      let node = folder + "/node"
      try CertificateRequest.make(NodeName(network: "n", node: NodeID(9)), label: "033001 慈溪", in: node)
      #expect(try mode(node + "/node.key") == 0o600)
      let issued = try ca.issue(request: node + "/node.csr", into: folder + "/out", now: now)
      #expect(issued.node == NodeID(9) && issued.label == "033001 慈溪")
      #expect(!FileManager.default.fileExists(atPath: folder + "/out/node.key"))
      for name in ["node.crt", "authorities.crt"] {
        try FileManager.default.copyItem(atPath: "\(folder)/out/\(name)", toPath: "\(node)/\(name)")
      }
      _ = try await Credentials.load(files(node), at: now)
      try CertificateRequest.make(NodeName(network: "other", node: NodeID(9)), label: "x", in: folder + "/other")
      #expect(throws: FileProblem.self) {
        try ca.issue(request: folder + "/other/node.csr", into: folder + "/out2", now: now)
      }
      // One digit of the base64 text: the signature is over other bytes, or they are no request at all.
      let text = try String(contentsOfFile: node + "/node.csr", encoding: .utf8)
      var bytes = Array(text.utf8)
      bytes[80] = bytes[80] == 0x41 ? 0x42 : 0x41
      try Data(bytes).write(to: URL(fileURLWithPath: node + "/node.csr"))
      #expect(throws: FileProblem.self) { try CertificateRequest.read(node + "/node.csr") }
    }
  }

  @Test("renewal: same node, same key, a new end; not for strangers, and not for what was revoked")
  func renew() async throws {
    try await withFolder { folder in
      let ca = try AuthorityFolder.create(folder + "/ca", network: "n", name: "City", days: 3650, now: now)
      let first = try ca.issue(to: NodeID(7), label: "033001", into: folder + "/node", now: now - 60 * 86_400)
      let second = try ca.renew(folder + "/node/node.crt", now: now)
      let credentials = try await Credentials.load(files(folder + "/node"), at: now)
      #expect(credentials.own.serial == second.serial && second.serial != first.serial && second.end > first.end)
      #expect(try ca.revoke([second.serial], reason: "lost", now: now).map(\.serial) == [second.serial])
      #expect(throws: FileProblem.self) { try ca.renew(folder + "/node/node.crt", now: now) }
      let other = try AuthorityFolder.create(folder + "/ca2", network: "n", name: "Other", days: 3650, now: now)
      #expect(throws: FileProblem.self) { try other.renew(folder + "/node/node.crt", now: now) }
    }
  }

  @Test("renewal: an answer is stored only for the same node and key, with a later end")
  func storedRenewal() async throws {
    try await withFolder { folder in
      let ca = try AuthorityFolder.create(folder + "/ca", network: "n", name: "City", days: 3650, now: now)
      for node in [1, 2] as [UInt64] {
        _ = try ca.issue(to: NodeID(node), label: "x", into: "\(folder)/\(node)", now: now - 70 * 86_400)
      }
      let mine = try await Credentials.load(files(folder + "/1"), at: now)
      let other = try await Credentials.load(files(folder + "/2"), at: now)
      #expect(mine.renewalDue < now)
      let good = try ca.renewal(of: mine.chain[0], now: now)
      let bad = try ca.renewal(of: other.chain[0], now: now).text
      let sooner = try ca.renewal(of: mine.chain[0], days: 5, now: now).text
      for text in [bad, sooner, "gibberish", try String(contentsOfFile: folder + "/ca/ca.crt", encoding: .utf8)] {
        await #expect(throws: FileProblem.self) {
          _ = try await mine.storeRenewal(text, in: files(folder + "/1"), at: now)
        }
      }
      #expect(try await mine.storeRenewal(good.text, in: files(folder + "/1"), at: now) == good.issued.end)
      let fresh = try await Credentials.load(files(folder + "/1"), at: now)
      #expect(fresh.own.serial == good.issued.serial && fresh.renewalDue > now)
      let stranger = try AuthorityFolder.create(folder + "/s", network: "n", name: "S", days: 10, now: now)
      #expect(throws: FileProblem.self) { try stranger.renewal(of: mine.chain[0], now: now) }
      _ = try ca.revoke([good.issued.serial], reason: "lost", now: now)
      #expect(throws: FileProblem.self) { try ca.renewal(of: fresh.chain[0], now: now) }
    }
  }

  @Test("deny list: counted, signed, believed only from our authorities, and older ones change nothing")
  func denyList() async throws {
    try await withFolder { folder in
      let root = try AuthorityFolder.create(folder + "/root", network: "n", name: "City", days: 3650, now: now)
      let county = try AuthorityFolder.create(
        folder + "/county", network: "n", name: "County", days: 3650, below: root, now: now)
      let issued = try county.issue(to: NodeID(8), label: "033001", into: folder + "/node", now: now)
      let before = try #require(DenyList(String(contentsOfFile: county.denyListFile, encoding: .utf8)))
      #expect(before.sequence == 1 && before.entries.isEmpty)
      _ = try county.revoke([issued.serial], reason: "stolen from the\nvan", now: now)
      #expect(try county.revoke([issued.serial], reason: "again", now: now).isEmpty)
      let text = try String(contentsOfFile: county.denyListFile, encoding: .utf8)
      let list = try #require(DenyList(text))
      #expect(list.sequence == 3 && list.entries.map(\.reason) == ["stolen from the van"])
      // Any byte of it that is changed takes the signature away.
      var random = SeededRandom(seed: 5)
      for _ in 0..<200 {
        var bytes = Array(text.utf8)
        bytes[random.below(bytes.count)] ^= UInt8(1 << random.below(7))
        if let changed = String(validating: bytes, as: UTF8.self) { #expect(DenyList(changed) != list) }
      }
      var verifier = try await Credentials.load(files(folder + "/node"), at: now).verifier
      let chain = try await Credentials.load(files(folder + "/node"), at: now).chain
      #expect(await verifier.admits(list, at: now))
      #expect(verifier.denied.take(list) && !verifier.denied.take(before))
      await #expect {
        _ = try await verifier.verify(chain, at: now)
      } throws: { "\($0)".contains("was revoked: stolen from the van") }
      let read = try #require(DenyLists(verifier.denied.text))
      #expect(read == verifier.denied)
      // The county's own list does not deny what the root issued, and a stranger's nothing at all.
      let stranger = try AuthorityFolder.create(folder + "/s", network: "n", name: "S", days: 3650, now: now)
      let foreign = try #require(DenyList(String(contentsOfFile: stranger.denyListFile, encoding: .utf8)))
      #expect(await !verifier.admits(foreign, at: now))
      // The root calls the county back: everything it issued is refused, and so are its lists.
      let countySerial = try #require(try root.issued().first?.serial)
      _ = try root.revoke([countySerial], reason: "key stolen", now: now)
      let rootList = try #require(DenyList(String(contentsOfFile: root.denyListFile, encoding: .utf8)))
      var fresh = try await Credentials.load(files(folder + "/node"), at: now).verifier
      fresh.denied.take(rootList)
      await #expect {
        _ = try await fresh.verify(chain, at: now)
      } throws: { "\($0)".contains("key stolen") }
      #expect(await !fresh.admits(list, at: now))
    }
  }

  @Test("deny list: an authority whose clock is years ahead ends nobody's certificate and is not listened to")
  func denyListAhead() async throws {
    try await withFolder { folder in
      let root = try AuthorityFolder.create(folder + "/root", network: "n", name: "City", days: 36_500, now: now)
      _ = try root.issue(to: NodeID(8), label: "033001", into: folder + "/node", now: now)
      let other = try root.issue(to: NodeID(9), label: "033002", into: folder + "/other", now: now)
      _ = try root.revoke([other.serial], reason: "later", now: now.addingTimeInterval(70 * 365 * 86_400))
      let list = try #require(DenyList(String(contentsOfFile: root.denyListFile, encoding: .utf8)))
      // A node that took it before still judges by its own clock, a day ahead at most, and comes up.
      try DenyLists.write(list.text, to: folder + "/node/revoked.txt")
      let credentials = try await Credentials.load(files(folder + "/node"), at: now)
      #expect(credentials.time(now) == now.addingTimeInterval(86_400))
      #expect(!credentials.verifier.isOfItsTime(list, by: now))
      #expect(credentials.time(list.time) == list.time)
      // The root is believed against a clock a year behind.
      #expect(credentials.time(list.time - 365 * 86_400) == list.time)
      #expect(credentials.verifier.isOfItsTime(list, by: list.time - 365 * 86_400))
    }
  }

  @Test("files: a key others may read, one of another certificate, and what is no PEM are refused with the file's name")
  func files() async throws {
    try await withFolder { folder in
      let ca = try AuthorityFolder.create(folder + "/ca", network: "n", name: "City", days: 3650, now: now)
      for node in [1, 2] as [UInt64] {
        _ = try ca.issue(to: NodeID(node), label: "x", into: "\(folder)/\(node)", now: now)
      }
      let good = files(folder + "/1")
      func refused(_ files: CredentialFiles, at time: Date? = nil) async throws -> FileProblem {
        do throws(FileProblem) {
          _ = try await Credentials.load(files, at: time ?? now)
          throw FileProblem("-", .exists)
        } catch { return error }
      }
      var wrong = good
      wrong.key = folder + "/2/node.key"
      #expect(try await refused(wrong).path == wrong.key)
      wrong = good
      wrong.authorities = folder + "/1/node.crt"
      #expect(try await refused(wrong).path == wrong.authorities)
      wrong = good
      wrong.certificate = folder + "/ca/ca.crt"
      wrong.key = folder + "/ca/ca.key"
      #expect(try await refused(wrong).path == wrong.certificate)
      wrong = good
      wrong.certificate = folder + "/none"
      #expect(try await refused(wrong) == FileProblem(wrong.certificate, .system("No such file or directory")))
      chmod(good.key, 0o640)
      #expect(try await refused(good) == FileProblem(good.key, .exposed(mode: "0640")))
      chmod(good.key, 0o600)
      let late = try await refused(good, at: now + 91 * 86_400)
      #expect("\(late.kind)".contains("it ended at"), "\(late)")
      // A clock that is behind what an authority has signed is known to be wrong, and locks nobody out.
      _ = try await Credentials.load(good, at: now - 400 * 86_400)
      try "gibberish\n".write(toFile: good.denied, atomically: true, encoding: .utf8)
      #expect(try await refused(good).path == good.denied)
    }
  }
}
