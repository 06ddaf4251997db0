import Engine
import Formats
import Messages
import Primitives
import Replication

/// A hand-over as people see it.
public struct HandoverLine: Sendable {
  public let facts: HandoverFacts
  /// What people call it.
  public var name: String { handoverName(facts.facts.id) }
  /// Codes of the two domains' root orgs and of the org that the record goes to; nil where nobody told here.
  public let source: String?
  public let target: String?
  public let org: String?
}

/// What people call a hand-over: the mint in hexadecimal, and the number.
func handoverName(_ id: RecordID) -> String { "\(String(id.mint, radix: 16))-\(id.counter)" }

/// Reads what ``handoverName(_:)`` gives; nil for anything else.
private func handoverID(_ name: String) -> RecordID? {
  let parts = name.split(separator: "-", omittingEmptySubsequences: false)
  guard parts.count == 2, let mint = UInt64(parts[0], radix: 16), let counter = UInt64(parts[1]) else { return nil }
  return RecordID(mint: mint, counter: counter)
}

extension Node {
  /// Hand-overs that are not over, as far as this node sees: its own, those it decides, those between domains below.
  public func handovers() async throws(Failure) -> [HandoverLine] {
    try await thread.perform { engine in try engine.openHandovers.map { try engine.handoverLine($0) } }
  }

  /// One hand-over, open or over.
  ///
  /// - Throws: `XYL-NOD-0020` when nothing of it is here.
  public func handover(_ name: String) async throws(Failure) -> HandoverLine {
    try await thread.perform { engine in
      guard let id = handoverID(name), let facts = try engine.handover(id) else {
        throw Failure(.nodeHandoverUnknown, ["handover": name])
      }
      return try engine.handoverLine(facts)
    }
  }

  /// What a hand-over of a record to an org would move; changes nothing.
  ///
  /// - Throws: as ``startHandover(record:to:days:actor:)``.
  public func planHandover(record: String, to code: String) async throws(Failure) -> Engine.HandoverPlan {
    try await thread.perform { engine in
      guard let key = RecordKey(text: record) else {
        throw Failure(.nodeRecordNotFound, ["entity": "-", "record": record])
      }
      do throws(HandoverRefusal) { return try engine.planHandover(key, to: Text(code)) } catch {
        throw Failure(handover: error)
      }
    }
  }

  /// Begins to hand a record with all that belongs to it to the domain of an org. Durable on return; from then on
  /// changes of the record are refused here with `XYL-NOD-0013` until the decision has come back.
  ///
  /// - Parameters:
  ///   - record: its name, `entity-mint-counter-0`.
  ///   - days: how long it may wait to be accepted; 0 for ever.
  /// - Throws: `XYL-NOD-0006` for an unknown record, `XYL-NOD-0005` for an unknown org, `XYL-NOD-0013` when it is on
  ///   its way already, `XYL-NOD-0021` for what cannot be handed over, `XYL-NOD-0022` when it is too large.
  public func startHandover(
    record: String, to code: String, days: Int = 90, actor: String
  ) async throws(Failure) -> HandoverLine {
    guard (0...3650).contains(days) else {
      throw Failure(.apiBadParameter, ["parameter": "days", "expected": "0…3650", "found": "\(days)"])
    }
    return try await thread.performDurably { engine in
      guard let key = RecordKey(text: record) else {
        throw Failure(.nodeRecordNotFound, ["entity": "-", "record": record])
      }
      do throws(HandoverRefusal) {
        let begun = try engine.startHandover(
          key, to: Text(code), milliseconds: UInt64(days) * 86_400_000, actor: Text(actor),
          clock: NodeClock.milliseconds)
        return (try engine.line(begun.id), begun.sequence)
      } catch { throw Failure(handover: error) }
    }
  }

  /// Asks for a hand-over that this node began to be undone; its arbiter decides, unless it has decided already.
  /// Durable on return, and on its way.
  ///
  /// - Throws: `XYL-NOD-0020` when no such hand-over of this node waits.
  public func voidHandover(_ name: String, reason: String, actor: String) async throws(Failure) -> HandoverLine {
    try await thread.performDurably { engine in
      guard let id = handoverID(name) else { throw Failure(.nodeHandoverUnknown, ["handover": name]) }
      do throws(HandoverRefusal) {
        let sequence = try engine.voidHandover(
          id, reason: Text(reason), actor: Text(actor), clock: NodeClock.milliseconds)
        return (try engine.line(id), sequence)
      } catch { throw Failure(handover: error) }
    }
  }
}

extension Engine {
  fileprivate func line(_ id: RecordID) throws(HandoverRefusal) -> HandoverLine {
    do throws(EngineError) {
      guard let facts = try handover(id) else { throw EngineError.corrupt("hand-over \(handoverName(id))") }
      return try handoverLine(facts)
    } catch { throw .engine(error) }
  }

  fileprivate func handoverLine(_ facts: HandoverFacts) throws(EngineError) -> HandoverLine {
    func root(_ partition: PartitionID) throws(EngineError) -> String? {
      try orgCode(.init(org: RecordID(mint: partition.value, counter: 0), partition: partition))?.string
    }
    return HandoverLine(
      facts: facts, source: try root(facts.facts.source), target: try root(facts.facts.target.partition),
      org: try orgCode(facts.facts.target)?.string)
  }
}

extension Failure {
  init(handover error: HandoverRefusal) {
    switch error {
    case .unknownRecord(let key): self.init(.nodeRecordNotFound, ["entity": "\(key.entity.value)", "record": key.text])
    case .notMovable(let entity):
      self.init(
        .nodeHandoverNotPossible,
        [
          "reason": "records of entity \(entity.value) are not handed over", "reason.zh": "实体 \(entity.value) 的记录不能转接",
        ])
    case .unknownOrg(let code): self.init(.nodeUnknownOrg, ["org": code.string])
    case .sameDomain:
      self.init(
        .nodeHandoverNotPossible,
        [
          "reason": "the org is in this node's own domain: change the record's org instead",
          "reason.zh": "该组织就在本节点管理范围内，直接修改记录所属组织即可",
        ])
    case .moving(let id):
      self.init(.nodeRecordFrozen, ["entity": "-", "record": "-", "transfer": handoverName(id)])
    case .tooLarge(let rows, let bytes):
      self.init(
        .nodeHandoverTooLarge,
        ["rows": "\(rows)", "bytes": "\(bytes)", "maximum": "\(HandoverOffer.bytesMax)"])
    case .unknown(let id): self.init(.nodeHandoverUnknown, ["handover": handoverName(id)])
    case .engine(let error): self.init(engine: error)
    }
  }
}
