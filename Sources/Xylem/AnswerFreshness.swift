import Access
import Engine
import Formats
import Foundation
import Messages
import Primitives
import Query
import Replication

/// How fresh an answer is: what it could know of each domain it covers.
public struct AnswerFreshness: Sendable {
  /// One domain the answer covers.
  public struct DomainLine: Sendable {
    public let partition: PartitionID
    public let rootOrgCode: Text
    /// Commits of its owner's log that the answer has.
    public let sequence: UInt64
    public let lag: UInt64
    /// Milliseconds since all that its owner had told of was here; nil when it was never heard of since the start.
    public let age: UInt64?
    public let state: LinkState

    init(_ partition: PartitionID, _ rootOrgCode: Text, _ freshness: Freshness) {
      self.partition = partition
      self.rootOrgCode = rootOrgCode
      sequence = freshness.sequence
      lag = freshness.lag
      age = freshness.age
      state = LinkState(freshness.verdict)
    }
  }

  public let domains: [DomainLine]
  /// Records of these domains that the answer leaves out because they are set aside.
  public let setAside: Int
  /// The moment as a token: another answer that waits for it has at least this. Nil when the answer covers more domains
  /// than a token names (``PositionToken/entriesMax``): one that named some of them would promise too much.
  public let token: String?

  /// From this age on a domain is called stale when nobody says another.
  public static let staleAfter: UInt64 = 60_000

  /// The oldest age; nil when one domain was never heard of.
  public var oldestAge: UInt64? { domains.contains { $0.age == nil } ? nil : domains.compactMap(\.age).max() ?? 0 }

  /// Domains older than `age` milliseconds, or never heard of.
  public func stale(after age: UInt64 = staleAfter) -> [DomainLine] {
    domains.filter { $0.age.map { $0 > age } ?? true }
  }
}

extension ReadMoment {
  /// How fresh these domains are.
  ///
  /// - Parameter whole: those of which records set aside are counted: the others may have them outside the scope.
  func freshness(of partitions: [PartitionID], whole: [PartitionID]) -> AnswerFreshness {
    let counted = Set(whole)
    let covered = Set(partitions)
    var entries: [PositionToken.Entry] = []
    let domains = freshness.filter { covered.contains($0.partition) }.map { entry in
      if let log = entry.freshness.log {
        entries.append(.init(log: log, last: Sequence64(entry.freshness.sequence)))
      }
      return AnswerFreshness.DomainLine(entry.partition, codes[entry.partition] ?? "", entry.freshness)
    }
    let count = setAside.count { row in
      row.withUnsafeBytes { Keys.parseRow($0) }.map { counted.contains($0.partition) } ?? false
    }
    return AnswerFreshness(
      domains: domains, setAside: count,
      token: entries.count <= PositionToken.entriesMax ? PositionToken(entries).text : nil)
  }
}

extension Node {
  /// How fresh an answer would be that covers the subtree of an org, or everything in the scope.
  ///
  /// - Throws: `XYL-QRY-0006` for an unknown org.
  public func freshness(under: String? = nil, scope: Scope) async throws(Failure) -> AnswerFreshness {
    try await read(scope) { view, moment in
      let partitions = try view.partitions(under: under.map { Text($0) })
      return moment.freshness(of: partitions, whole: view.wholly(partitions))
    }
  }

  /// Returns when everything that a token names is durable here, or at a level above.
  ///
  /// - Throws: `XYL-API-0006` for what is no token, `XYL-NOD-0016` after `seconds` without that.
  public func wait(token text: String, level: Level, seconds: Int) async throws(Failure) {
    guard let token = PositionToken(text) else {
      throw Failure(.apiBadParameter, ["parameter": "token", "expected": "a token that an answer gave", "found": text])
    }
    let number: UInt8? =
      switch level {
      case .local: nil
      case .parent: 1
      case .root: LinkMessage.Watermark.root
      }
    let limit = Date(timeIntervalSinceNow: TimeInterval(seconds))
    while true {
      let isThere = try await thread.perform { engine in
        guard let number else { return engine.covers(token.entries) }
        return token.entries.allSatisfy { engine.watermark($0.log, level: number) >= $0.last }
      }
      if isThere { return }
      guard Date() < limit else {
        throw Failure(.nodeNotAcknowledged, ["level": "\(level)", "seconds": "\(seconds)"])
      }
      do { try await Task.sleep(for: .milliseconds(50)) } catch { throw Failure(.nodeStopping) }
    }
  }

  /// A token for everything that this node has committed itself so far and is durable: give it to whoever must read it.
  public func token() async throws(Failure) -> String {
    try await thread.perform { engine in
      PositionToken([.init(log: engine.identity.log, last: engine.durableSequence)]).text
    }
  }
}
