import Primitives

/// A record that a store cannot answer with, and why.
///
/// The bytes are not withheld: the frame that brought it is stored, relayed and hashed. Only its owner mends it.
public struct QuarantineTicket: Hashable, Sendable {
  /// Why a record was set aside. Numbers are part of the disk and wire formats.
  public enum Reason: UInt8, Hashable, Sendable, CaseIterable {
    /// A change of a record that is not here: earlier rows got lost, or the owner never sent one.
    case absent = 1
    /// A value of another kind than the catalog gives the item.
    case wrongKind = 2
    /// The stored row fails its checksum, or its block cannot be read.
    case damaged = 3
    /// A record of the engine's own that its writer may not make so: an assignment of another's partition, a
    /// succession that opens no log. The row is there; it means nothing.
    case notAllowed = 4
  }

  public let partition: PartitionID
  public let key: RecordKey
  public let reason: Reason
  /// The item that is wrong; 0 when it is not about one.
  public let item: ItemID
  /// The last commit of the owner that was set aside; zero for a damaged row.
  public let log: LogID
  public let sequence: Sequence64
  /// How many operations were set aside.
  public let count: UInt32
  /// Why somebody decided to live with it; nil while nobody did. The record stays out of answers.
  public let skipped: Text?

  public init(
    partition: PartitionID, key: RecordKey, reason: Reason, item: ItemID = ItemID(0), log: LogID, sequence: Sequence64,
    count: UInt32 = 1, skipped: Text? = nil
  ) {
    self.partition = partition
    self.key = key
    self.reason = reason
    self.item = item
    self.log = log
    self.sequence = sequence
    self.count = count
    self.skipped = skipped
  }

  /// The ticket with one more operation set aside.
  public func followed(by later: QuarantineTicket) -> QuarantineTicket {
    QuarantineTicket(
      partition: partition, key: key, reason: later.reason == .damaged ? reason : later.reason, item: later.item,
      log: later.log, sequence: Swift.max(sequence, later.sequence), count: count &+ 1, skipped: skipped)
  }

  /// The ticket as somebody's decision leaves it.
  public func skipping(_ why: Text) -> QuarantineTicket {
    QuarantineTicket(
      partition: partition, key: key, reason: reason, item: item, log: log, sequence: sequence, count: count,
      skipped: why)
  }

  // MARK: Bytes

  /// Appends everything but the key: what a store and a message hold (Docs/FORMATS.md).
  func write(to writer: inout ByteWriter) {
    writer.u8(reason.rawValue)
    writer.u16(item.value)
    writer.u64(log.value)
    writer.varint(sequence.value)
    writer.varint(UInt64(count))
    writer.u8(skipped == nil ? 0 : 1)
    if let skipped { writer.text(skipped.string) }
  }

  /// The value under ``MetaKey/ticket(_:)``.
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 32)
    write(to: &writer)
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote for the row with `rowKey`.
  public init(_ bytes: Bytes, rowKey: Bytes) throws(MalformedBytes) {
    guard let (partition, key) = rowKey.withUnsafeBytes({ Keys.parseRow($0) }) else {
      throw MalformedBytes("a row key", at: 0)
    }
    var reader = ByteReader(bytes)
    try self.init(&reader, partition, key)
    try reader.finish()
  }

  init(_ reader: inout ByteReader, _ partition: PartitionID, _ key: RecordKey) throws(MalformedBytes) {
    guard let reason = Reason(rawValue: try reader.u8()) else { throw MalformedBytes("a reason", at: 0) }
    let item = ItemID(try reader.u16())
    guard let log = LogID(exactly: try reader.u64()) else { throw MalformedBytes("a log id", at: 3) }
    let sequence = Sequence64(try reader.varint())
    let count = UInt32(clamping: try reader.varint())
    let skipped: Text? = try reader.u8() == 0 ? nil : Text(try reader.text())
    self.init(
      partition: partition, key: key, reason: reason, item: item, log: log, sequence: sequence, count: count,
      skipped: skipped)
  }
}
