import Catalog
import Formats
import Ports
import Primitives
import Replication

/// Beginning and undoing hand-overs: what the owner of a record asks for.
extension Engine {
  /// What a hand-over would move.
  public struct HandoverPlan: Hashable, Sendable {
    public let record: RecordKey
    public let target: FoundOrg
    /// Rows, the record's own and its child records'.
    public let rows: Int
    public let bytes: Int
  }

  /// How long a hand-over may wait to be accepted when nobody says otherwise, in milliseconds: the three months
  /// for which a letter of introduction is valid at most (中组发〔2004〕10号).
  public static let handoverMilliseconds: UInt64 = 90 * 86_400_000

  /// Looks what a hand-over would move, and whether it may begin.
  public func planHandover(_ record: RecordKey, to code: Text) throws(HandoverRefusal) -> HandoverPlan {
    let (rows, target) = try aggregate(record, to: code)
    return HandoverPlan(
      record: record, target: target, rows: rows.count, bytes: rows.reduce(0) { $0 + $1.key.count + $1.row.count })
  }

  /// Begins to hand a record over: from this commit on it may not be changed here until the decision has come back.
  ///
  /// - Parameters:
  ///   - milliseconds: how long it may wait to be accepted, by the arbiter's clock; 0 for ever.
  /// - Returns: the hand-over's id, and the commit.
  /// - Throws: why it may not begin.
  public func startHandover(
    _ record: RecordKey, to code: Text, milliseconds: UInt64 = Engine.handoverMilliseconds, actor: Text, clock: UInt64
  ) throws(HandoverRefusal) -> (id: RecordID, sequence: Sequence64) {
    guard standing.mayCommit else { throw .engine(.readOnly(standing)) }
    let (rows, target) = try aggregate(record, to: code)
    do throws(EngineError) {
      let keys = rows.compactMap { row in row.key.withUnsafeBytes { Keys.parseRow($0)?.key } }
      let facts = HandoverRecord.Facts(
        id: mint(), record: record, source: identity.partition, target: target.place,
        hash: HandoverOffer.hash(rows, with: codec.hashing), expires: milliseconds == 0 ? 0 : clock &+ milliseconds)
      let part = HandoverRecord(facts, .source, .prepared, rows: HandoverRows.text(keys))
      let sequence = try take(
        [Operation(part.key, .insert(part.fields))], actor: actor, reason: "handover", batch: 0, clock: clock)
      return (facts.id, sequence)
    } catch { throw .engine(error) }
  }

  /// Asks for a hand-over of ours to be undone; the arbiter decides, unless it has decided already.
  ///
  /// - Throws: `.unknown` when no such hand-over of ours waits.
  public func voidHandover(
    _ id: RecordID, reason: Text, actor: Text, clock: UInt64
  ) throws(HandoverRefusal) -> Sequence64 {
    guard let source = handovers.known[id]?.source, source.facts.source == identity.partition,
      source.state == .prepared || source.state == .voidAsked
    else { throw .unknown(id) }
    if source.state == .voidAsked { return lastSequence }
    guard standing.mayCommit else { throw .engine(.readOnly(standing)) }
    let asked = source.becoming(.voidAsked, reason: reason.isEmpty ? "withdrawn by the source" : reason)
    do {
      return try take(
        [Operation(asked.key, .update(asked.changes(from: source)))], actor: actor, reason: "handover", batch: 0,
        clock: clock)
    } catch { throw .engine(error) }
  }

  private func aggregate(
    _ record: RecordKey, to code: Text
  ) throws(HandoverRefusal) -> (rows: [HandoverOffer.StoredRow], target: FoundOrg) {
    let target: FoundOrg?
    let isHere: Bool
    do throws(EngineError) {
      target = try findOrg(code: code)
      isHere = try currentRow(Keys.row(identity.partition, record), Scratch()) != nil
    } catch { throw .engine(error) }
    guard let entity = catalog.entity(record.entity), entity.parent == nil, entity.ownerItem != nil,
      entity.id != orgItems.entity, record.ordinal == 0
    else { throw .notMovable(record.entity) }
    guard isHere else { throw .unknownRecord(record) }
    if let id = frozen(record) { throw .moving(id) }
    guard let target else { throw .unknownOrg(code) }
    guard target.place.partition != identity.partition else { throw .sameDomain }
    let rows: [HandoverOffer.StoredRow]
    do throws(EngineError) { rows = try aggregateRows(record, entity) } catch { throw .engine(error) }
    let bytes = rows.reduce(0) { $0 + $1.key.count + $1.row.count + 4 }
    guard bytes <= HandoverOffer.bytesMax, rows.count < Commit.Limits.operations else {
      throw .tooLarge(rows: rows.count, bytes: bytes)
    }
    return (rows, target)
  }

  /// A record of ours with all its child records, as they lie, sorted by key.
  private func aggregateRows(
    _ record: RecordKey, _ entity: Entity
  ) throws(EngineError) -> [HandoverOffer.StoredRow] {
    var keys = [record]
    for child in catalog.entities where child.parent == entity.id {
      let last = try lastOrdinal(child.id, of: record.record)
      guard last > 0 else { continue }
      for ordinal in 1...last { keys.append(RecordKey(entity: child.id, record: record.record, ordinal: ordinal)) }
    }
    var rows: [HandoverOffer.StoredRow] = []
    for key in keys.sorted() {
      let rowKey = Keys.row(identity.partition, key)
      guard let row = try currentRow(rowKey, Scratch()) else { continue }
      rows.append(.init(key: rowKey, row: row))
    }
    return rows
  }
}
