import Formats
import Primitives

/// One of the three records of a hand-over: a record with all that belongs to it moves from one domain to another.
///
/// Each part lies as an ordinary row in the partition of who writes it, under the hand-over's one id, and flows up with
/// everything else: the source's half (entity 202), the target's half (203), the arbiter's decision (204). Nobody
/// writes another's.
public struct HandoverRecord: Hashable, Sendable {
  /// Who writes a part.
  public enum Part: UInt8, Hashable, Sendable, CaseIterable {
    case source = 202
    case target = 203
    case arbiter = 204

    /// The engine's entity for the part.
    public var entity: EntityID { EntityID(rawValue) }
  }

  /// How far a part has come. Numbers are append-only.
  public enum State: Int64, Hashable, Sendable {
    /// Source: frozen, waits for the decision.
    case prepared = 1
    /// Source: frozen, and wants it undone.
    case voidAsked = 2
    /// Source: the record is gone from here.
    case released = 3
    /// Source, target: nothing moved.
    case voided = 4
    /// Target: will take it.
    case accepted = 5
    /// Target: cannot take it.
    case refused = 6
    /// Target: the record is here.
    case inserted = 7
    /// Arbiter: the target was asked.
    case offered = 8
    /// Arbiter: it moves. From here on nothing undoes it.
    case decided = 9
    /// Arbiter: it has moved; the source may let go.
    case finalised = 10
    /// Arbiter: it does not move.
    case void = 11

    /// Whether the part has nothing more to do.
    public var isFinal: Bool {
      switch self {
      case .released, .voided, .refused, .inserted, .finalised, .void: true
      case .prepared, .voidAsked, .accepted, .offered, .decided: false
      }
    }
  }

  /// What all three parts say alike.
  public struct Facts: Hashable, Sendable {
    /// Made by the source, which numbers it from its own mint.
    public let id: RecordID
    /// What moves.
    public let record: RecordKey
    public let source: PartitionID
    /// The org that it goes to, with its domain.
    public let target: Audience.Place
    /// SHA-256 of the rows as they lay when the source froze them.
    public let hash: Digest256
    /// Until when it may be accepted, by the arbiter's clock in milliseconds; 0 never ends.
    public let expires: UInt64

    /// A hand-over of `record`.
    public init(
      id: RecordID, record: RecordKey, source: PartitionID, target: Audience.Place, hash: Digest256, expires: UInt64
    ) {
      self.id = id
      self.record = record
      self.source = source
      self.target = target
      self.hash = hash
      self.expires = expires
    }
  }

  public let facts: Facts
  public let part: Part
  public let state: State
  /// Why it was refused or undone, or who asked for it; for people.
  public let reason: Text
  /// Keys of the rows that move, `entity:ordinal,ordinal;entity…`; the source's part only.
  public let rows: Text

  /// A part of a hand-over.
  public init(_ facts: Facts, _ part: Part, _ state: State, reason: Text = "", rows: Text = "") {
    self.facts = facts
    self.part = part
    self.state = state
    self.reason = reason
    self.rows = rows
  }

  /// The record that holds this part.
  public var key: RecordKey { RecordKey(entity: part.entity, record: facts.id) }

  /// The same in another state.
  public func becoming(_ state: State, reason: Text? = nil) -> HandoverRecord {
    HandoverRecord(facts, part, state, reason: reason ?? self.reason, rows: rows)
  }

  /// The part as a record's fields.
  public var fields: [Field] {
    var fields: [Field] = [
      Field(.general, ItemID(1), .int(state.rawValue)),
      Field(.general, ItemID(2), .int(Int64(facts.record.entity.value))),
      Field(.general, ItemID(3), .reference(facts.record.record)),
      Field(.general, ItemID(4), .int(Int64(bitPattern: facts.source.value))),
      Field(.general, ItemID(5), .int(Int64(bitPattern: facts.target.partition.value))),
      Field(.general, ItemID(6), .reference(facts.target.org)),
      Field(.general, ItemID(7), .text(Text(facts.hash.bytes.hex))),
      Field(.general, ItemID(8), .int(Int64(bitPattern: facts.expires))),
    ]
    if !reason.isEmpty { fields.append(Field(.general, ItemID(9), .text(reason))) }
    if !rows.isEmpty { fields.append(Field(.general, ItemID(10), .text(rows))) }
    return fields
  }

  /// What changes from `before` to this.
  public func changes(from before: HandoverRecord) -> [FieldChange] {
    func value(_ fields: [Field], _ item: ItemID) -> Value { fields.first { $0.item == item }?.value ?? .null }
    let (old, new) = (before.fields, fields)
    return (1...10).map { ItemID($0) }.compactMap { item in
      let (was, becomes) = (value(old, item), value(new, item))
      return was == becomes ? nil : FieldChange(.general, item, old: was, new: becomes)
    }
  }

  /// Reads a part from a record's fields; nil when they are none.
  public init?(_ key: RecordKey, _ value: (ItemID) -> Value) {
    guard let part = Part(rawValue: key.entity.value), case .int(let state) = value(ItemID(1)),
      let state = State(rawValue: state), case .int(let entity) = value(ItemID(2)),
      let entityNumber = UInt8(exactly: entity), case .reference(let record) = value(ItemID(3)),
      case .int(let source) = value(ItemID(4)),
      let sourcePartition = PartitionID(exactly: UInt64(bitPattern: source)), case .int(let target) = value(ItemID(5)),
      let targetPartition = PartitionID(exactly: UInt64(bitPattern: target)),
      case .reference(let org) = value(ItemID(6)), case .text(let hash) = value(ItemID(7)),
      let hashBytes = Bytes(hex: hash.string), hashBytes.count == Digest256.byteCount,
      case .int(let expires) = value(ItemID(8))
    else { return nil }
    func text(_ item: ItemID) -> Text { if case .text(let text) = value(item) { text } else { "" } }
    self.init(
      Facts(
        id: key.record, record: RecordKey(entity: EntityID(entityNumber), record: record), source: sourcePartition,
        target: .init(org: org, partition: targetPartition), hash: Digest256(hashBytes),
        expires: UInt64(bitPattern: expires)), part, state, reason: text(ItemID(9)), rows: text(ItemID(10)))
  }
}

/// The keys of an aggregate in words: `12:0;13:1,2`.
public enum HandoverRows {
  /// Keys of one record and its child records, sorted.
  public static func text(_ keys: [RecordKey]) -> Text {
    var parts: [String] = []
    var entity: EntityID?
    for key in keys {
      if key.entity == entity {
        parts[parts.count - 1] += ",\(key.ordinal)"
      } else {
        parts.append("\(key.entity.value):\(key.ordinal)")
        entity = key.entity
      }
    }
    return Text(parts.joined(separator: ";"))
  }

  /// The keys that ``text(_:)`` wrote for a record, at most a commit's; nil for anything else.
  public static func keys(_ text: Text, of record: RecordID) -> [RecordKey]? {
    var keys: [RecordKey] = []
    for part in text.string.split(separator: ";", omittingEmptySubsequences: false) {
      let halves = part.split(separator: ":", omittingEmptySubsequences: false)
      guard halves.count == 2, let entity = UInt8(halves[0]) else { return nil }
      for word in halves[1].split(separator: ",", omittingEmptySubsequences: false) {
        guard let ordinal = UInt32(word), keys.count < Commit.Limits.operations else { return nil }
        keys.append(RecordKey(entity: EntityID(entity), record: record, ordinal: ordinal))
      }
    }
    return keys
  }
}
