import Certificates
import Foundation
import Logging
import Ports
import Primitives
import Synchronization
import Testing

@testable import Transport

/// Reasons that a carrier logged.
final class Reasons: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  func contains(_ text: String) -> Bool { all.contains { $0.contains(text) } }

  var log: Logger { Logger(label: "test") { _ in ReasonsHandler(reasons: self) } }

  private struct ReasonsHandler: LogHandler {
    let reasons: Reasons
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      let more = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      reasons.lines.withLock { $0.append("\(event.message) \(more.joined(separator: " "))") }
    }
  }
}

/// A folder with an authority of the network `test` and the certificates it issues.
final class TestCity {
  let folder: String
  let authority: AuthorityFolder
  let started: Date

  init(network: String = "test", now: Date = Date()) throws {
    folder = "/tmp/xylem-tls-\(UInt32.random(in: 0 ... .max))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    started = now
    authority = try AuthorityFolder.create(
      folder + "/ca", network: network, name: "test root", days: 3650, now: now)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Where a node's files are, issued the first time they are asked for.
  func files(_ node: UInt64) throws -> CredentialFiles {
    let home = "\(folder)/\(node)"
    if !FileManager.default.fileExists(atPath: home + "/node.crt") {
      _ = try authority.issue(to: NodeID(node), label: "node \(node)", into: home, now: started)
    }
    return CredentialFiles(
      certificate: home + "/node.crt", key: home + "/node.key", authorities: home + "/authorities.crt")
  }

  func options(_ node: UInt64, parentNode: UInt64? = nil) async throws -> TCPCarrier.Options {
    let files = try files(node)
    let credentials = try await Credentials.load(files, at: started)
    var options = TCPCarrier.Options(
      .certificates(credentials, files: files, parentNode: parentNode.map { NodeID($0) }))
    options.filesInterval = .milliseconds(50)
    options.closeDeadline = .milliseconds(200)
    options.backOff.mostMilliseconds = 50
    return options
  }
}

/// A carrier that runs as a node, with what it told and logged; stopped by ``stop()``.
struct Running {
  let carrier: TCPCarrier
  let events = Events()
  let reasons = Reasons()

  init(_ options: TCPCarrier.Options, as identity: LinkIdentity) async throws {
    carrier = TCPCarrier(options, log: reasons.log)
    try await carrier.start(as: identity) { [events] in events.note($0) }
  }

  func stop() async { await carrier.stop() }
}
