import Primitives

/// One field of a new record.
public struct Field: Hashable, Sendable {
  public let section: Section
  public let item: ItemID
  /// Not null.
  public let value: Value

  public init(_ section: Section, _ item: ItemID, _ value: Value) {
    self.section = section
    self.item = item
    self.value = value
  }
}

/// One field's way from an old to a new value; null stands for absent.
public struct FieldChange: Hashable, Sendable {
  public let section: Section
  public let item: ItemID
  public let old: Value
  public let new: Value

  public init(_ section: Section, _ item: ItemID, old: Value, new: Value) {
    self.section = section
    self.item = item
    self.old = old
    self.new = new
  }
}

/// One change of one record.
public struct Operation: Hashable, Sendable {
  public enum Change: Hashable, Sendable {
    /// All fields, sorted by section and item, none null.
    case insert([Field])
    /// At least one field, sorted by section and item; both values are carried: the log is the audit trail.
    case update([FieldChange])
    case delete
  }

  public let key: RecordKey
  public let change: Change

  public init(_ key: RecordKey, _ change: Change) {
    self.key = key
    self.change = change
  }
}

extension Operation {
  /// Bytes of the texts that the operation says were there before.
  public var oldTextByteCount: Int {
    guard case .update(let changes) = change else { return 0 }
    return changes.reduce(0) { sum, change in
      if case .text(let text) = change.old { sum + text.string.utf8.count } else { sum }
    }
  }
}

/// An atomic list of operations: who, why, when. The unit that is applied whole or not at all.
public struct Commit: Hashable, Sendable {
  /// Limits on one commit; larger work is several commits under one batch id.
  public enum Limits {
    public static let operations = 4096
    public static let bytes = ByteCount.mebibytes(4)
  }

  /// Who asked for it: a user name, or `system`.
  public let actor: Text
  /// Why, in the actor's words; may be empty.
  public let reason: Text
  /// Groups the commits of one larger piece of work; 0 for none.
  public let batch: UInt64
  public let time: HybridTime
  /// At most one per record.
  public let operations: [Operation]

  public init(actor: Text, reason: Text, batch: UInt64, time: HybridTime, operations: [Operation]) {
    self.actor = actor
    self.reason = reason
    self.batch = batch
    self.time = time
    self.operations = operations
  }
}

/// A commit on its way into a frame: its new records may be given as columns.
public struct CommitDraft {
  public let actor: Text
  public let reason: Text
  public let batch: UInt64
  public let time: HybridTime
  /// Come before the inserts.
  public let operations: [Operation]
  /// Groups of inserts, each of one entity.
  public let inserts: [OperationGroup]
  /// How many records it changes.
  public let operationCount: Int

  public init(
    actor: Text, reason: Text, batch: UInt64, time: HybridTime, operations: [Operation], inserts: [OperationGroup] = []
  ) {
    self.actor = actor
    self.reason = reason
    self.batch = batch
    self.time = time
    self.operations = operations
    self.inserts = inserts
    operationCount = inserts.reduce(operations.count) { $0 + $1.rows }
  }

  /// The same commit.
  public init(_ commit: Commit) {
    self.init(
      actor: commit.actor, reason: commit.reason, batch: commit.batch, time: commit.time,
      operations: commit.operations)
  }
}
