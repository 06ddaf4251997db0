import Certificates
import Foundation
import NIOCore
import Ports
import Primitives
import Testing

@testable import Transport

/// Links under TLS: who is let in, who is not and why, and what happens to links that stand.
@Suite(.serialized) struct SecurityTests {
  /// A parent, node 1, and a child, node 2, that `adjust` may spoil; `body` sees both.
  private func withLink(
    city: TestCity, childCity: TestCity? = nil, parentNode: UInt64? = nil, childIdentity: LinkIdentity? = nil,
    adjustParent: (inout TCPCarrier.Options) -> Void = { _ in },
    adjustChild: (inout TCPCarrier.Options) -> Void = { _ in },
    _ body: (_ parent: Running, _ child: Running) async throws -> Void
  ) async throws {
    var upper = try await city.options(1)
    upper.listen = try anyPort()
    adjustParent(&upper)
    let parent = try await Running(upper, as: speaker(1))
    var lower = try await (childCity ?? city).options(2, parentNode: parentNode)
    lower.parent = try address(parent.carrier)
    adjustChild(&lower)
    let child = try await Running(lower, as: childIdentity ?? speaker(2))
    let result: Result<Void, any Error>
    do { result = .success(try await body(parent, child)) } catch { result = .failure(error) }
    await child.stop()
    await parent.stop()
    try result.get()
  }

  @Test("tls: both sides hear each other, know each other's node, and the parent the child's key")
  func talk() async throws {
    try await withLink(city: TestCity(), parentNode: 1) { parent, child in
      #expect(await eventually { !parent.events.childLinks.isEmpty && !child.events.parentLinks.isEmpty })
      child.carrier.send(framed([1, 2, 3]), on: child.events.parentLinks[0])
      parent.carrier.send(framed(Bytes(repeating: 4, count: 1 << 20)), on: parent.events.childLinks[0])
      #expect(await eventually { parent.events.received == [[1, 2, 3]] })
      #expect(await eventually { child.events.received.map(\.count) == [1 << 20] })
      guard case .childConnected(_, let peer)? = parent.events.all.first,
        case .parentConnected(_, let upper)? = child.events.all.first
      else { throw Missed.meeting }
      #expect(peer == LinkPeer(node: NodeID(2), key: speaker(2).key))
      #expect(upper == LinkPeer(node: NodeID(1)))
      // TLS adds 22 bytes to a record of 16 KiB; the handshake with two certificates is a few KiB.
      #expect(parent.carrier.bytesSent > 1 << 20 && parent.carrier.bytesSent < (1 << 20) + 8000)
    }
  }

  @Test("tls: a child of another authority is refused, both sides say why, and nobody hears of a link")
  func otherAuthority() async throws {
    try await withLink(city: TestCity(), childCity: TestCity()) { parent, child in
      // The child judges first: it does not know the parent's authority either.
      #expect(await eventually { child.reasons.contains("no authority of ours issued it") })
      #expect(await eventually { !parent.reasons.all.isEmpty })
      #expect(parent.events.all.isEmpty && child.events.all.isEmpty)
    }
  }

  /// A child that believes everybody, so that it is the parent who judges.
  private func trusting(_ city: TestCity, _ stranger: TestCity) async throws -> TCPCarrier.Options {
    var options = try await stranger.options(2)
    let files = try stranger.files(2)
    let both =
      try String(contentsOfFile: files.authorities, encoding: .utf8)
      + String(contentsOfFile: city.files(1).authorities, encoding: .utf8)
    try both.write(toFile: files.authorities, atomically: true, encoding: .utf8)
    options.security = .certificates(try await Credentials.load(files, at: stranger.started), files: nil)
    return options
  }

  @Test("tls: the parent itself refuses a certificate of another authority")
  func strangerAtParent() async throws {
    let city = try TestCity()
    let stranger = try TestCity()
    let options = try await trusting(city, stranger)
    try await withLink(city: city, adjustChild: { $0.security = options.security }) { parent, child in
      #expect(await eventually { parent.reasons.contains("no authority of ours issued it") })
      #expect(await eventually { child.reasons.contains("the peer refused our certificate") })
      #expect(parent.events.all.isEmpty && child.events.all.isEmpty)
    }
  }

  @Test("tls: a certificate that ended by the parent's clock is refused with both times")
  func ended() async throws {
    try await withLink(city: TestCity(), adjustParent: { $0.now = { Date() + 100 * 86_400 } }) { parent, child in
      #expect(await eventually { parent.reasons.contains("it ended at") && parent.reasons.contains("XYL-LNK-0006") })
      #expect(parent.events.all.isEmpty)
    }
  }

  @Test("tls: a certificate that has not begun is refused with both times")
  func notBegun() async throws {
    let city = try TestCity()
    _ = try city.authority.issue(
      to: NodeID(2), label: "x", into: city.folder + "/2", now: city.started + 10 * 86_400)
    try await withLink(city: city) { parent, child in
      #expect(await eventually { parent.reasons.contains("it begins at") && parent.reasons.contains("XYL-LNK-0006") })
      #expect(parent.events.all.isEmpty)
    }
  }

  @Test(
    "tls: a clock a year behind locks nobody out, and does not bring back what ended before an authority last signed")
  func clockBehind() async throws {
    let city = try TestCity()
    try await withLink(city: city, adjustParent: { $0.now = { Date() - 365 * 86_400 } }) { parent, _ in
      #expect(await eventually { !parent.events.childLinks.isEmpty })
    }
    let other = try TestCity(now: Date() - 100 * 86_400)
    let (files, clock) = (try other.files(2), other.started + 50 * 86_400)
    let lost = try other.authority.issue(to: NodeID(3), label: "x", into: other.folder + "/3", now: clock)
    _ = try other.authority.revoke([lost.serial], reason: "lost", now: Date())
    try FileManager.default.removeItem(atPath: files.denied)
    try FileManager.default.copyItem(atPath: other.authority.denyListFile, toPath: files.denied)
    // The list in its folder was signed today, so today it is, whatever the clock says.
    await #expect { _ = try await Credentials.load(files, at: clock) } throws: { "\($0)".contains("it ended at") }
    try FileManager.default.removeItem(atPath: files.denied)
    _ = try await Credentials.load(files, at: clock)
  }

  @Test("tls: another network's node is refused, though the authority is believed")
  func otherNetwork() async throws {
    let city = try TestCity()
    let other = try TestCity(network: "other")
    let files = try city.files(1)
    let both =
      try String(contentsOfFile: files.authorities, encoding: .utf8)
      + String(contentsOfFile: other.files(2).authorities, encoding: .utf8)
    try both.write(toFile: files.authorities, atomically: true, encoding: .utf8)
    let options = try await trusting(city, other)
    try await withLink(
      city: city, childIdentity: speaker(2, network: "other"), adjustChild: { $0.security = options.security }
    ) { parent, child in
      // Each finds the other in another network; whose alarm comes first is chance.
      #expect(await eventually { child.reasons.contains("it is for the network test") })
      #expect(parent.events.all.isEmpty && child.events.all.isEmpty)
    }
  }

  @Test("tls: a parent that is not the one named is refused by the child")
  func otherParent() async throws {
    try await withLink(city: TestCity(), parentNode: 9) { parent, child in
      #expect(await eventually { child.reasons.contains("it is for node 000000000001, not 000000000009") })
      #expect(parent.events.all.isEmpty && child.events.all.isEmpty)
    }
  }

  @Test("tls: a certificate without the frame key is refused: both must be stolen")
  func withoutFrameKey() async throws {
    let thief = LinkIdentity(network: "test", node: NodeID(2), key: speaker(2).key) { speaker(7).sign($0) }
    try await withLink(city: TestCity(), childIdentity: thief) { parent, _ in
      #expect(await eventually { parent.reasons.contains("its frame key did not sign our challenge") })
      #expect(parent.events.all.isEmpty)
    }
  }

  @Test("tls: a carrier does not start with another node's certificate")
  func otherNode() async throws {
    let city = try TestCity()
    let carrier = TCPCarrier(try await city.options(2), log: quiet)
    await #expect(throws: ListenError.self) { try await carrier.start(as: speaker(3)) { _ in } }
    await carrier.stop()
  }

  @Test("revocation: refused at the door, with the operator's reason")
  func revokedBefore() async throws {
    let city = try TestCity()
    let files = try city.files(2)
    let serial = try await Credentials.load(files, at: city.started).own.serial
    _ = try city.authority.revoke([serial], reason: "laptop stolen", now: Date())
    try await withLink(city: city) { parent, child in
      #expect(await eventually { parent.reasons.contains("was revoked: laptop stolen") })
      #expect(parent.events.all.isEmpty)
    }
  }

  @Test("revocation: a list that appears at the city ends links two levels below within a heartbeat")
  func revokedMeanwhile() async throws {
    let city = try TestCity()
    var top = try await city.options(1)
    top.listen = try anyPort()
    let root = try await Running(top, as: speaker(1))
    var middle = try await city.options(2)
    middle.listen = try anyPort()
    middle.parent = try address(root.carrier)
    let county = try await Running(middle, as: speaker(2))
    var bottom = try await city.options(3)
    bottom.parent = try address(county.carrier)
    let township = try await Running(bottom, as: speaker(3))
    #expect(await eventually { !county.events.childLinks.isEmpty && !root.events.childLinks.isEmpty })
    let serial = try await Credentials.load(city.files(3), at: city.started).own.serial
    _ = try city.authority.revoke([serial], reason: "stolen", now: Date())
    let begun = ContinuousClock.now
    try FileManager.default.removeItem(atPath: city.files(1).denied)
    try FileManager.default.copyItem(atPath: city.authority.denyListFile, toPath: city.files(1).denied)
    #expect(await eventually { county.events.disconnected == county.events.childLinks })
    #expect(ContinuousClock.now - begun < .seconds(5))
    #expect(await eventually { county.reasons.contains("was revoked: stolen") })
    // The county knows it from its own file after a restart, and the link above was not touched.
    let stored = try String(contentsOfFile: city.files(2).denied, encoding: .utf8)
    #expect(stored.contains(serial))
    #expect(root.events.disconnected.isEmpty)
    for running in [township, county, root] { await running.stop() }
  }

  @Test("hot swap: a renewed certificate is shown to the next peer, and open links stay")
  func hotSwap() async throws {
    let city = try TestCity()
    try await withLink(city: city) { parent, child in
      #expect(await eventually { !parent.events.childLinks.isEmpty })
      let files = try city.files(1)
      let old = try #require(parent.carrier.security?.credentials.own.serial)
      let renewed = try city.authority.renew(files.certificate, now: Date())
      #expect(await eventually { parent.carrier.security?.credentials.own.serial == renewed.serial })
      #expect(renewed.serial != old && parent.events.disconnected.isEmpty)
      // Files that do not fit change nothing.
      try "nonsense".write(toFile: files.certificate, atomically: true, encoding: .utf8)
      #expect(await eventually { parent.reasons.contains("certificates stay as they were") })
      #expect(parent.carrier.security?.credentials.own.serial == renewed.serial)
      parent.carrier.close(parent.events.childLinks[0])
      #expect(await eventually { parent.events.childLinks.count == 2 })
    }
  }

  @Test("renewal: past two thirds of its life a child gets a new certificate over the link, once, and the link stays")
  func renewal() async throws {
    let city = try TestCity(now: Date() - 70 * 86_400)
    try await withLink(
      city: city,
      adjustParent: { $0.issuer = city.folder + "/ca" }, adjustChild: { $0.renewalInterval = .milliseconds(100) }
    ) { parent, child in
      let old = try #require(child.carrier.security?.credentials.own.serial)
      #expect(await eventually { child.carrier.security.map { $0.credentials.own.serial != old } == true })
      #expect(child.carrier.security.map { $0.credentials.daysLeft(at: Date()) >= 89 } == true)
      #expect(parent.events.disconnected.isEmpty && child.events.disconnected.isEmpty)
      try await Task.sleep(for: .milliseconds(400))
      #expect(try city.authority.issued().count == 3)
      #expect(parent.reasons.all.filter { $0.contains("certificate renewed") }.count == 1)
    }
  }

  @Test("renewal: a parent without an authority answers nothing, and the link stays")
  func noIssuer() async throws {
    let city = try TestCity(now: Date() - 70 * 86_400)
    try await withLink(city: city, adjustChild: { $0.renewalInterval = .milliseconds(50) }) { parent, child in
      #expect(await eventually { child.reasons.contains("asked the parent for a renewed certificate") })
      try await Task.sleep(for: .milliseconds(300))
      #expect(parent.events.disconnected.isEmpty && child.events.disconnected.isEmpty)
    }
  }

  @Test("half-open: connections that say nothing are closed in time, and one too many at once")
  func halfOpen() async throws {
    let city = try TestCity()
    try await withLink(
      city: city,
      adjustParent: {
        $0.handshakesPerAddressMax = 3
        $0.handshakeDeadline = .milliseconds(600)
      }
    ) { parent, child in
      #expect(await eventually { !parent.events.childLinks.isEmpty })
      let port = try #require(parent.carrier.port)
      let mute = try (0..<3).map { _ in try RawPeer(port: port, proves: false) }
      #expect(await eventually { parent.reasons.all.isEmpty })
      let oneTooMany = try RawPeer(port: port, proves: false)
      #expect(oneTooMany.readToEnd().bytes.isEmpty)
      #expect(await eventually { parent.reasons.contains("too many connections at a time") })
      #expect(mute.allSatisfy { $0.readToEnd().errno == 0 })
      #expect(parent.reasons.contains("it did not say who it is in time"))
      // The link that stands is untouched, and the places are free again.
      #expect(parent.events.disconnected.isEmpty)
      let late = try RawPeer(port: port, proves: false)
      late.write(Array("GET / HTTP/1.1\r\n\r\n".utf8))
      #expect(await eventually { parent.reasons.contains("the peer speaks HTTP, not TLS") })
    }
  }
}

/// A second implementation knocks: Debian's OpenSSL.
@Suite(
  .serialized,
  .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"), "openssl is not installed"))
struct OpenSSLClientTests {
  private func knock(_ arguments: [String], port: Int) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
            process.arguments =
              ["3", "/usr/bin/openssl", "s_client", "-connect", "127.0.0.1:\(port)", "-quiet"] + arguments
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = pipe
            process.standardInput = FileHandle.nullDevice
            try process.run()
            let output = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: output, as: UTF8.self)
          })
      }
    }
  }

  @Test(
    "openssl: without a certificate, with another authority's or before TLS 1.3 nobody comes in",
    arguments: [
      ([], "it has none"), (["-tls1_2"], "does not speak TLS 1.3"),
      (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], "connection refused"),
    ])
  func refused(arguments: [String], reason: String) async throws {
    let city = try TestCity()
    var options = try await city.options(1)
    options.listen = try anyPort()
    let parent = try await Running(options, as: speaker(1))
    let said = try await knock(arguments, port: try #require(parent.carrier.port))
    #expect(await eventually { parent.reasons.all.contains { $0.contains(reason) } }, "\(parent.reasons.all) \(said)")
    #expect(parent.events.all.isEmpty)
    await parent.stop()
  }

  @Test("openssl: with a good certificate it gets a challenge, and no link without the frame key")
  func challenged() async throws {
    let city = try TestCity()
    var options = try await city.options(1)
    options.listen = try anyPort()
    options.handshakeDeadline = .seconds(1)
    let parent = try await Running(options, as: speaker(1))
    let files = try city.files(2)
    let said = try await knock(
      ["-cert", files.certificate, "-key", files.key, "-CAfile", files.authorities, "-verify_return_error"],
      port: try #require(parent.carrier.port))
    #expect(said.contains("verify return:1"), "\(said)")
    #expect(await eventually { !parent.reasons.all.isEmpty })
    #expect(parent.events.all.isEmpty)
    await parent.stop()
  }
}
