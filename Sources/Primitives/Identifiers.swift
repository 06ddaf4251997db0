/// A node: one daemon or embedding process with a key pair and a store. 48 bits, drawn at random when the node is
/// created.
///
/// 41,000 nodes collide with probability 3 in a million; the parent refuses a second node with a known id.
public struct NodeID: Hashable, Comparable, Sendable {
  /// The id; the upper 16 bits are always zero.
  public let value: UInt64

  /// - Requires: `value` fits 48 bits and is not zero.
  public init(_ value: UInt64) {
    require(value != 0 && value >> 48 == 0, "a node id is 48 bits and not zero, got \(value)")
    self.value = value
  }

  /// The id in `value`, or nil when it is zero or wider than 48 bits: the door for ids that come from outside.
  public init?(exactly value: UInt64) {
    guard value != 0, value >> 48 == 0 else { return nil }
    self.value = value
  }

  public static func < (left: NodeID, right: NodeID) -> Bool { left.value < right.value }
}

/// One life of one node's store: (node, incarnation ordinal). Names a log.
///
/// A store that is created or restored opens the next ordinal, so that two histories of one node can never be mistaken
/// for each other.
public struct LogID: Hashable, Comparable, Sendable {
  /// Node in the upper 48 bits, incarnation ordinal in the lower 16.
  public let value: UInt64

  /// - Requires: `incarnation` is at least 1.
  public init(node: NodeID, incarnation: UInt16) {
    require(incarnation != 0, "incarnations are numbered from 1")
    value = node.value << 16 | UInt64(incarnation)
  }

  /// The log id in `value`, or nil when its node or incarnation is zero: the door for ids that come from outside.
  public init?(exactly value: UInt64) {
    guard value >> 16 != 0, value & 0xFFFF != 0 else { return nil }
    self.value = value
  }

  /// The node whose log this is.
  public var node: NodeID { NodeID(value >> 16) }
  /// Which life of the node's store, from 1.
  public var incarnation: UInt16 { UInt16(truncatingIfNeeded: value) }

  public static func < (left: LogID, right: LogID) -> Bool { left.value < right.value }
}

/// One domain's rows: the immutable id of a partition, which outlives every change of owner.
///
/// Minted like a record id from the creating node's log id; partition 0 never exists.
public struct PartitionID: Hashable, Comparable, Sendable {
  public let value: UInt64

  /// - Requires: `value` is not zero.
  public init(_ value: UInt64) {
    require(value != 0, "partition 0 does not exist")
    self.value = value
  }

  /// The id in `value`, or nil when it is zero: the door for ids that come from outside.
  public init?(exactly value: UInt64) {
    guard value != 0 else { return nil }
    self.value = value
  }

  public static func < (left: PartitionID, right: PartitionID) -> Bool { left.value < right.value }
}

/// A record's identity for life: (minting node, incarnation ordinal, counter), made offline, never reused, never a
/// path.
public struct RecordID: Hashable, Comparable, Sendable {
  /// The log in which the id was minted.
  public let mint: UInt64
  /// Counts the ids of one mint from 1; 0 is the root org of the minting node.
  public let counter: UInt64

  public init(mint: UInt64, counter: UInt64) {
    self.mint = mint
    self.counter = counter
  }

  /// An id minted by `log`.
  public init(_ log: LogID, counter: UInt64) { self.init(mint: log.value, counter: counter) }

  public static func < (left: RecordID, right: RecordID) -> Bool {
    left.mint != right.mint ? left.mint < right.mint : left.counter < right.counter
  }
}

/// Which kind of record: the entity's number in the catalog, 1…199 for the catalog's own, 200…255 for the engine's.
public struct EntityID: Hashable, Comparable, Sendable {
  public let value: UInt8
  public init(_ value: UInt8) { self.value = value }
  public static func < (left: EntityID, right: EntityID) -> Bool { left.value < right.value }
}

/// Which field of an entity: a number that is never reused, from 1.
public struct ItemID: Hashable, Comparable, Sendable {
  public let value: UInt16
  public init(_ value: UInt16) { self.value = value }
  public static func < (left: ItemID, right: ItemID) -> Bool { left.value < right.value }
}

/// Where a record stands inside its partition: entity, record id, and for a child record its ordinal under that parent.
///
/// A child record (education, dues …) carries its parent's id, so what belongs to one member is one short range per
/// entity.
public struct RecordKey: Hashable, Comparable, Sendable {
  public let entity: EntityID
  /// The record's own id; for a child record, its parent's.
  public let record: RecordID
  /// 0 for a record of its own, from 1 for child records.
  public let ordinal: UInt32

  public init(entity: EntityID, record: RecordID, ordinal: UInt32 = 0) {
    self.entity = entity
    self.record = record
    self.ordinal = ordinal
  }

  public static func < (left: RecordKey, right: RecordKey) -> Bool {
    if left.entity != right.entity { return left.entity < right.entity }
    if left.record != right.record { return left.record < right.record }
    return left.ordinal < right.ordinal
  }
}

/// Counts commits of one log, from 1. 0 is "before the first".
public struct Sequence64: Hashable, Comparable, Sendable {
  public let value: UInt64
  public init(_ value: UInt64) { self.value = value }
  public static let zero = Sequence64(0)
  /// The sequence that follows this one. The last number there is, which only a lie can name, follows itself: a node
  /// must not end over a number that somebody sent.
  public var next: Sequence64 { value == .max ? self : Sequence64(value + 1) }
  public static func < (left: Sequence64, right: Sequence64) -> Bool { left.value < right.value }
}

/// Counts what a store applied, its own commits and others' frames alike, from 1: the order of relay and of index
/// building.
public struct ApplySequence: Hashable, Comparable, Sendable {
  public let value: UInt64
  public init(_ value: UInt64) { self.value = value }
  public static let zero = ApplySequence(0)
  /// The number that follows this one; the last there is follows itself, as in ``Sequence64/next``.
  public var next: ApplySequence { value == .max ? self : ApplySequence(value + 1) }
  public static func < (left: ApplySequence, right: ApplySequence) -> Bool { left.value < right.value }
}

/// How often a partition changed hands; a writer with an older epoch is fenced.
public struct Epoch: Hashable, Comparable, Sendable {
  public let value: UInt32
  public init(_ value: UInt32) { self.value = value }
  public static func < (left: Epoch, right: Epoch) -> Bool { left.value < right.value }
}

/// 256 bits of SHA-256.
public struct Digest256: Hashable, Sendable {
  /// Exactly 32 bytes.
  public let bytes: Bytes

  /// - Requires: 32 bytes.
  public init(_ bytes: Bytes) {
    require(bytes.count == Digest256.byteCount, "a SHA-256 digest has 32 bytes, got \(bytes.count)")
    self.bytes = bytes
  }

  public static let byteCount = 32
  /// 32 zero bytes: the "previous hash" of a log's first frame.
  public static let zero = Digest256(Bytes(repeating: 0, count: byteCount))
}
