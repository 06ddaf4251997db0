import Access
import Catalog
import Engine
import Formats
import Foundation
import Messages
import Ports
import Primitives
import RocksStorage

/// What the comparison of one domain's replica with its owner came to.
public struct PartitionVerification: Sendable {
  /// One entity on both sides.
  public struct EntityLine: Sendable {
    public let entity: String
    public let rowsHere: UInt64
    public let rowsAtOwner: UInt64
    public let isEqual: Bool
    /// Smallest key ranges that differ, and the records in them.
    public let ranges: Int
    public let different: Int
    public let missing: Int
    public let extra: Int
    /// Records of the entity that are set aside here: the reason of a difference, often.
    public let setAside: Int
  }

  /// One record that differs.
  public struct RecordLine: Sendable {
    public let entity: String
    public let record: String
    /// `different`, `missing` (here) or `extra` (here).
    public let kind: String
    /// What a repair does: `replace`, `insert` or `delete`; nil when it can do nothing.
    public let action: String?
  }

  public let partition: PartitionID
  public let rootOrgCode: Text
  public let name: Text
  /// The commit of the owner's log at which both were compared; nil when they were not.
  public let sequence: UInt64?
  public let entities: [EntityLine]
  public let records: [RecordLine]
  /// Differences were left out of `records`.
  public let isCut: Bool
  public let repaired: RepairOutcome?
  /// Why there is no result.
  public let failure: Failure?

  /// Whether both were compared and hold the same.
  public var isEqual: Bool { failure == nil && entities.allSatisfy(\.isEqual) }
}

/// What a verification does with the differences it finds.
public enum RepairMode: Sendable {
  case no
  /// Says what a repair would do.
  case plan
  /// Makes the rows of the replica anew from the owner's signed log, which it holds.
  case repair
}

extension Node {
  /// How long the owner may take to answer one question: it may have to scan millions of rows for it.
  private static let answerSecondsMax = 300
  /// How long one comparison may take, however often its owner answers: others wait behind it.
  private static let comparisonSecondsMax: TimeInterval = 4 * 3600

  /// Compares the replicas of domains below with their owners, one after the other, each at one position of its log.
  ///
  /// - Parameters:
  ///   - code: code of the root org of the one node meant; nil for every node below this one.
  ///   - repair: what to do with differences; a repair writes a line into this node's own log.
  ///   - tell: called with each result as it comes.
  /// - Throws: `XYL-NOD-0005` when no node below has that org as its root.
  public func verify(
    node code: String? = nil, repair: RepairMode = .no, actor: String, scope: Scope,
    tell: (PartitionVerification) async throws -> Void
  ) async throws(Failure) {
    let targets = try await targets(code, scope)
    do {
      for target in targets { try await tell(await verify(target, repair, actor)) }
    } catch { throw Failure(anyError: error) }
  }

  private struct Target: Sendable {
    let partition: PartitionID
    let code: Text
    let name: Text
  }

  private func targets(_ code: String?, _ scope: Scope) async throws(Failure) -> [Target] {
    let targets = try await tree(scope: scope).filter { $0.depth > 0 }.map {
      Target(partition: $0.partition, code: $0.rootOrgCode, name: $0.name)
    }
    guard let code else { return targets }
    guard let target = targets.first(where: { $0.code.string == code }) else {
      throw Failure(.nodeUnknownOrg, ["org": code])
    }
    return [target]
  }

  private func verify(_ target: Target, _ mode: RepairMode, _ actor: String) async -> PartitionVerification {
    let id = UInt64.random(in: 1...UInt64.max)
    let events = hub.events(id)
    defer { hub.end(id) }
    do {
      let outcome = try await converse(id, events, target.partition)
      defer { outcome.moment.release() }
      try await thread.perform { $0.noteComparison(of: target.partition, differing: outcome.differing) }
      // The log may go on, and the owner need not wait, while rows are made anew.
      try await thread.perform { $0.endVerification(id: id) }
      let repairable = mode == .no ? [] : try await repairable(outcome, target.partition)
      var repaired: RepairOutcome?
      if mode == .repair, !outcome.comparison.findings.isEmpty {
        var done = try await mend(
          repairable.map { Keys.row(target.partition, $0) }, of: target.partition, actor: actor
        ) { [log] done, total in
          log.info("repairing", metadata: ["partition": "\(target.code.string)", "rows": "\(done) of \(total)"])
        }
        done.refuse(outcome.comparison.findings.count - repairable.count)
        repaired = done
        log.notice(
          "repaired", metadata: ["partition": "\(target.code.string)", "rows": "\(done.repaired)"])
        if done.changedMeanwhile == 0, done.refused == 0, !outcome.comparison.isCut {
          try await thread.perform { $0.noteComparison(of: target.partition, differing: nil) }
        }
      }
      return report(target, outcome, Set(repairable), repaired)
    } catch {
      let failure = Failure(anyError: error)
      try? await thread.perform { $0.endVerification(id: id) }
      return PartitionVerification(
        partition: target.partition, rootOrgCode: target.code, name: target.name, sequence: nil, entities: [],
        records: [], isCut: false, repaired: nil, failure: failure)
    }
  }

  private struct Outcome: Sendable {
    let position: LinkMessage.Position
    let moment: HeldSnapshot
    let comparison: RangeComparison
    let setAside: [QuarantineTicket]
    var differing: Int? { comparison.isEqual ? nil : max(1, comparison.findings.count) }
  }

  /// Questions and answers until the records that differ are known.
  private func converse(
    _ id: UInt64, _ events: AsyncStream<VerificationHub.Event>, _ partition: PartitionID
  ) async throws -> Outcome {
    guard try await thread.perform({ $0.beginVerification(id: id, of: partition) }) else {
      throw Node.failure(.unreachable, partition)
    }
    let watchdog = Watchdog(seconds: Node.answerSecondsMax) { [hub] in hub.end(id) }
    defer { watchdog.stop() }
    var iterator = events.makeAsyncIterator()
    func next() async throws -> VerificationHub.Event {
      guard let event = await iterator.next() else { throw Node.failure(.gone, partition) }
      watchdog.feed()
      if case .failed(let why) = event { throw Node.failure(why, partition) }
      return event
    }
    let limit = Date(timeIntervalSinceNow: Node.comparisonSecondsMax)
    guard case .moment(let moment, let position) = try await next() else { throw Node.failure(.gone, partition) }
    do {
      var comparison = RangeComparison(partition)
      var number: UInt32 = 0
      func ask(_ kind: VerificationQuestion.Kind) async throws -> VerificationAnswer.Kind {
        number += 1
        let question = VerificationQuestion(id: id, number: number, partition: partition, kind)
        try await thread.perform { $0.ask(question) }
        // One question, one answer: whoever sends others is not listened to any longer.
        guard case .answered(let answer) = try await next(), answer.number == number, Date() < limit else {
          throw Node.failure(.gone, partition)
        }
        return answer.kind
      }
      var question: VerificationQuestion.Kind? = comparison.first
      while let asked = question {
        let answer = try await ask(asked)
        let before = comparison
        (comparison, question) = try await readers.perform {
          var comparison = before
          let question = try comparison.received(answer, moment.reader)
          return (comparison, question)
        }
      }
      let finished = comparison
      let tickets = try await thread.perform { $0.tickets.filter { $0.partition == partition } }
      return Outcome(
        position: position, moment: moment, comparison: finished, setAside: tickets)
    } catch {
      moment.release()
      throw error
    }
  }

  /// Records that differ and of which our log says something else than what is stored here. What an answer says a row
  /// should be is nobody's word: only the log is signed by its owner. The engine's own records are its business.
  private func repairable(_ outcome: Outcome, _ partition: PartitionID) async throws -> [RecordKey] {
    let keys = outcome.comparison.findings.map(\.key).filter { $0.entity.value < 200 }
    guard !keys.isEmpty else { return [] }
    let logs = try await thread.perform { $0.logs(of: partition) }
    let moment = outcome.moment
    return try await readers.perform {
      let made = try LogReplay(moment.reader).made(keys.map { Keys.row(partition, $0) }, logs: logs)
      return zip(keys, made).filter { pair in pair.1.isUnlike(moment.reader) }.map(\.0)
    }
  }

  private func report(
    _ target: Target, _ outcome: Outcome, _ repairable: Set<RecordKey>, _ repaired: RepairOutcome?
  ) -> PartitionVerification {
    let comparison = outcome.comparison
    func name(_ entity: EntityID) -> String { catalog.entity(entity)?.name ?? "entity \(entity.value)" }
    let entities = comparison.entities.map { line in
      func count(_ kind: RangeComparison.Finding.Kind) -> Int {
        comparison.findings.count { $0.key.entity == line.entity && $0.kind == kind }
      }
      return PartitionVerification.EntityLine(
        entity: name(line.entity), rowsHere: line.rowsHere, rowsAtOwner: line.rowsAtOwner, isEqual: line.isEqual,
        ranges: line.ranges, different: count(.different), missing: count(.missing), extra: count(.extra),
        setAside: outcome.setAside.count { $0.key.entity == line.entity })
    }
    let records = comparison.findings.map { finding in
      let action: String? =
        switch finding.kind {
        case .different: "replace"
        case .missing: "insert"
        case .extra: "delete"
        }
      return PartitionVerification.RecordLine(
        entity: name(finding.key.entity), record: finding.key.text, kind: finding.kind.rawValue,
        action: repairable.contains(finding.key) ? action : nil)
    }
    return PartitionVerification(
      partition: target.partition, rootOrgCode: target.code, name: target.name,
      sequence: outcome.position.last.value, entities: entities, records: records, isCut: comparison.isCut,
      repaired: repaired, failure: nil)
  }

  private static func failure(_ why: VerificationFailure, _ partition: PartitionID) -> Failure {
    let peer = String(partition.value, radix: 16)
    switch why {
    case .unreachable:
      return Failure(.linkUnreachable, ["address": peer, "reason": "no link leads there now"])
    case .busy: return Failure(.nodeBusy, ["queue": "verification", "limit": "\(VerificationHub.momentsMax)"])
    case .gone: return Failure(.verifyIncomparable, ["peer": peer, "reason": "it did not answer in time"])
    case .damagedAtOwner:
      return Failure(.storageCorrupt, ["reason": "a row is damaged at its owner", "file": "rows of \(peer)"])
    case .diverged: return Failure(.linkDiverged, ["node": peer, "sequence": "-"])
    }
  }
}

/// Ends something that nobody fed for so long.
private final class Watchdog: Sendable {
  private let task: Task<Void, Never>
  private let bowl: Bowl

  private actor Bowl {
    var fed = Date()
    func feed() { fed = Date() }
  }

  init(seconds: Int, _ bark: @escaping @Sendable () -> Void) {
    let bowl = Bowl()
    self.bowl = bowl
    task = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: .seconds(1))
        if await bowl.fed.addingTimeInterval(TimeInterval(seconds)) < Date() { return bark() }
      }
    }
  }

  func feed() { Task { [bowl] in await bowl.feed() } }
  func stop() { task.cancel() }
}
