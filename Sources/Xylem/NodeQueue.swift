import Access
import Engine
import Formats
import Foundation
import Messages
import Primitives
import Replication

/// A record that is set aside, here or above.
public struct QueueLine: Sendable {
  public let partition: PartitionID
  /// Code of the root org of its domain.
  public let rootOrgCode: Text
  public let entity: String
  public let key: RecordKey
  public let reason: QuarantineTicket.Reason
  /// The item that is wrong, by name; nil when it is not about one.
  public let item: String?
  /// The last commit of the owner that was set aside; 0 for a damaged row.
  public let sequence: UInt64
  public let count: Int
  public let skipped: Text?
  /// How many levels above this node it is set aside; 0 is here.
  public let level: Int

  /// What the record is called in the queue.
  public var record: String { key.text }
}

extension Node {
  /// Every record that is set aside here, and those of our own subtree that ancestors told us they set aside.
  public func queue(scope: Scope) async throws(Failure) -> [QueueLine] {
    let catalog = catalog
    return try await thread.perform { engine in
      let visible = engine.partitions(visibleIn: scope)
      var codes = [engine.identity.partition: engine.identity.rootOrgCode]
      for assignment in engine.knownAssignments { codes[assignment.partition] = assignment.rootOrgCode }
      let own = engine.tickets.map { ReportedTicket(level: 0, ticket: $0) }
      return (own + engine.ticketsAbove.tickets).filter { visible?.contains($0.ticket.partition) ?? true }.map {
        let ticket = $0.ticket
        let entity = catalog.entity(ticket.key.entity)
        return QueueLine(
          partition: ticket.partition, rootOrgCode: codes[ticket.partition] ?? "",
          entity: entity?.name ?? "entity \(ticket.key.entity.value)", key: ticket.key, reason: ticket.reason,
          item: ticket.item.value == 0 ? nil : entity?.item(ticket.item)?.name ?? "item \(ticket.item.value)",
          sequence: ticket.sequence.value, count: Int(ticket.count), skipped: ticket.skipped, level: Int($0.level))
      }
    }
  }

  /// Looks again at a record that is set aside here; a row that is damaged or gone is made anew from the signed log
  /// that this store holds.
  ///
  /// - Returns: whether it is part of answers again. Durable on return, the row too.
  /// - Throws: `XYL-NOD-0006` when no record of that name is set aside here, `XYL-NOD-0004` when others are being made
  ///   anew.
  public func retry(_ record: String, actor: String) async throws(Failure) -> Bool {
    let (rowKey, ticket) = try await ticket(record)
    if ticket.reason != .damaged {
      let isClosed = try await thread.performDurably { engine in
        let isClosed = try engine.retry(rowKey)
        if isClosed { try engine.audit("retry: record \(record) is in answers again", actor) }
        return (isClosed, engine.lastSequence)
      }
      if isClosed || ticket.reason == .wrongKind { return isClosed }
    }
    // A change that came between reading the log and putting the row is read the next time.
    for _ in 0..<3 {
      let outcome = try await mend([rowKey], of: ticket.partition, actor: actor) { _, _ in }
      if outcome.changedMeanwhile == 0 { return outcome.repaired > 0 }
    }
    return false
  }

  /// Decides to live with a record that is set aside: it stays out of answers and alarms no more; its owner is
  /// told why.
  /// Durable on return, with a line in this node's own log.
  ///
  /// - Throws: `XYL-NOD-0006` when no record of that name is set aside here.
  public func skip(_ record: String, why: String, actor: String) async throws(Failure) {
    let (rowKey, _) = try await ticket(record)
    try await thread.performDurably { engine in
      try engine.skip(rowKey, why: Text(why))
      try engine.audit("skip: record \(record): \(why)", actor)
      return ((), engine.lastSequence)
    }
  }

  private func ticket(_ record: String) async throws(Failure) -> (rowKey: Bytes, ticket: QuarantineTicket) {
    let found = try await thread.perform { engine in engine.tickets.first { $0.key.text == record } }
    guard let found else { throw Failure(.nodeRecordNotFound, ["entity": "queue", "record": record]) }
    return (Keys.row(found.partition, found.key), found)
  }
}

extension Engine {
  /// A commit without operations in our own log that says who did what.
  fileprivate func audit(_ text: String, _ actor: String) throws(EngineError) {
    _ = try commit([], actor: Text(actor), reason: Text(text), clock: NodeClock.milliseconds)
  }
}
