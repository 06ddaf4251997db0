import Primitives

/// Keys of every keyspace. Integers are big-endian, so bytewise order is the order of the numbers.
///
/// Docs/FORMATS.md draws them; Tests/FormatsTests keeps their bytes golden.
public enum Keys {
  /// `partition u64 · entity u8 · mint u64 · counter u64 · ordinal u32`
  public static let rowByteCount = 29

  public static func row(_ partition: PartitionID, _ key: RecordKey) -> Bytes {
    var writer = ByteWriter(capacity: rowByteCount)
    appendRow(partition, key, to: &writer)
    return writer.bytes
  }

  /// Appends what ``row(_:_:)`` returns.
  static func appendRow(_ partition: PartitionID, _ key: RecordKey, to writer: inout ByteWriter) {
    writer.u64(partition.value)
    writer.u8(key.entity.value)
    writer.u64(key.record.mint)
    writer.u64(key.record.counter)
    writer.u32(key.ordinal)
  }

  /// Every row of a partition starts with this.
  public static func partition(_ partition: PartitionID) -> Bytes {
    var writer = ByteWriter(capacity: 8)
    writer.u64(partition.value)
    return writer.bytes
  }

  /// Every row of one entity of a partition starts with this.
  public static func entity(_ partition: PartitionID, _ entity: EntityID) -> Bytes {
    Keys.partition(partition) + [entity.value]
  }

  /// Every child record of one entity under `record` starts with this.
  public static func children(_ partition: PartitionID, _ entity: EntityID, of record: RecordID) -> Bytes {
    Bytes(row(partition, RecordKey(entity: entity, record: record)).dropLast(4))
  }

  /// The partition and record key in a row's key, or nil when the bytes are no row key.
  public static func parseRow(_ bytes: UnsafeRawBufferPointer) -> (partition: PartitionID, key: RecordKey)? {
    guard bytes.count == rowByteCount, let partition = PartitionID(exactly: bigEndian64(bytes, 0)) else { return nil }
    let record = RecordID(mint: bigEndian64(bytes, 9), counter: bigEndian64(bytes, 17))
    let ordinal = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 25, as: UInt32.self))
    return (partition, RecordKey(entity: EntityID(bytes[8]), record: record, ordinal: ordinal))
  }

  /// `log u64 · last sequence u64`: the frame that holds sequence s is the first at or after `frame(log, s)`.
  public static func frame(_ log: LogID, last: Sequence64) -> Bytes {
    var writer = ByteWriter(capacity: 16)
    writer.u64(log.value)
    writer.u64(last.value)
    return writer.bytes
  }

  /// Every frame of a log starts with this.
  public static func log(_ log: LogID) -> Bytes {
    var writer = ByteWriter(capacity: 8)
    writer.u64(log.value)
    return writer.bytes
  }

  /// The log and last sequence in a frame's key.
  public static func parseFrame(_ bytes: Bytes) -> (log: LogID, last: Sequence64)? {
    var reader = ByteReader(bytes)
    guard bytes.count == 16, let log = try? reader.u64(), let last = try? reader.u64(), let id = LogID(exactly: log)
    else { return nil }
    return (id, Sequence64(last))
  }

  /// Where the snapshot of a partition at a position of its log stands in the apply order; every chunk of it starts
  /// with this: `0 u64 · partition u64 · log u64 · last u64`. No log has id 0, so these keys lie before every frame.
  public static func snapshot(_ partition: PartitionID, _ log: LogID, _ last: Sequence64) -> Bytes {
    var writer = ByteWriter(capacity: 36)
    writer.raw(snapshots(of: partition))
    writer.u64(log.value)
    writer.u64(last.value)
    return writer.bytes
  }

  /// One chunk, with its number u32.
  public static func snapshotChunk(
    _ partition: PartitionID, _ log: LogID, _ last: Sequence64, number: UInt32
  ) -> Bytes {
    var writer = ByteWriter(capacity: 36)
    writer.raw(snapshot(partition, log, last))
    writer.u32(number)
    return writer.bytes
  }

  /// Every chunk of any snapshot of a partition starts with this.
  public static func snapshots(of partition: PartitionID) -> Bytes {
    Bytes(repeating: 0, count: 8) + Keys.partition(partition)
  }

  /// The partition in ``snapshot(_:_:_:)``; nil when the bytes are something else.
  public static func parseSnapshot(_ bytes: Bytes) -> PartitionID? {
    var reader = ByteReader(bytes)
    guard bytes.count == 32, let zero = try? reader.u64(), zero == 0, let partition = try? reader.u64() else {
      return nil
    }
    return PartitionID(exactly: partition)
  }

  /// `apply sequence u64`
  public static func order(_ sequence: ApplySequence) -> Bytes {
    var writer = ByteWriter(capacity: 8)
    writer.u64(sequence.value)
    return writer.bytes
  }

  /// The apply sequence in an order key.
  public static func parseOrder(_ bytes: UnsafeRawBufferPointer) -> ApplySequence? {
    bytes.count == 8 ? ApplySequence(bigEndian64(bytes, 0)) : nil
  }

  private static func bigEndian64(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
}

/// Keys of `Keyspace.rows` that are no rows. They lie under partition 0, which no domain has, and so before every row
/// and in no partition's range. Cursor and counts lie in the keyspace they speak of, so all are lost or kept
/// together.
public enum RowsKey {
  /// Apply sequence up to which rows and counts are complete.
  public static let cursor = Bytes(repeating: 0, count: 8)
  /// Every row count starts with this.
  public static let counts: Bytes = cursor + [0x63]  // c
  /// How many rows an entity has in a partition: `partition 0 · c · partition · entity`.
  public static func count(_ partition: PartitionID, _ entity: EntityID) -> Bytes {
    counts + Keys.entity(partition, entity)
  }
  /// Every row is at or after this.
  public static let first: Bytes = Bytes(repeating: 0, count: 7) + [1]
}

/// Keys of `Keyspace.meta`: a letter, then what it is about.
public enum MetaKey {
  /// Who this store belongs to: written once by `init`.
  public static let identity: Bytes = [0x69]  // i
  /// The next counter for record ids minted here.
  public static let mint: Bytes = [0x6D]  // m
  /// The last apply sequence.
  public static let applied: Bytes = [0x6F]  // o

  /// Why the node may not write; nothing for an ordinary store.
  public static let standing: Bytes = [0x6E]  // n
  /// What only a person can set right.
  public static let incidents: Bytes = [0x78]  // x

  /// Head of a log held here: `h · log`.
  public static func head(_ log: LogID) -> Bytes { [0x68] + Keys.log(log) }
  /// First byte of every head.
  public static let heads: Bytes = [0x68]
  /// The ticket of a record that was set aside: `q · row key`.
  public static func ticket(_ rowKey: Bytes) -> Bytes { tickets + rowKey }
  /// First byte of every ticket.
  public static let tickets: Bytes = [0x71]
  /// How far each ancestor level has a log: `w · log · level`.
  public static func watermark(_ log: LogID, level: UInt8) -> Bytes { [0x77] + Keys.log(log) + [level] }
  /// First byte of every watermark.
  public static let watermarks: Bytes = [0x77]
  /// The card of a node that packages go to or come from: `k · node`.
  public static func card(_ node: NodeID) -> Bytes { cards + number(node.value) }
  /// First byte of every card.
  public static let cards: Bytes = [0x6B]
  /// A package that we made: `s · our log · recipient · number`.
  public static func sent(_ log: LogID, to node: NodeID, _ number: UInt64) -> Bytes {
    sent + Keys.log(log) + self.number(node.value) + self.number(number)
  }
  /// First byte of every package that we made.
  public static let sent: Bytes = [0x73]
  /// What a package that we made said of outboxes: `y · our log · recipient · number`.
  public static func sentMessages(_ log: LogID, to node: NodeID, _ number: UInt64) -> Bytes {
    sentMessages(log) + self.number(node.value) + self.number(number)
  }
  /// What all packages of a log said of outboxes begins so.
  public static func sentMessages(_ log: LogID) -> Bytes { [0x79] + Keys.log(log) }
  /// The last package that we took of a log: `t · log`.
  public static func taken(_ log: LogID) -> Bytes { taken + Keys.log(log) }
  /// First byte of every package taken.
  public static let taken: Bytes = [0x74]

  /// The snapshot that a partition's log begins behind here, or that waits to be taken by the parent: `b · partition`.
  public static func base(_ partition: PartitionID) -> Bytes { bases + number(partition.value) }
  /// First byte of every such snapshot.
  public static let bases: Bytes = [0x62]
  /// A snapshot of which chunks are coming: `r · partition`.
  public static func receipt(_ partition: PartitionID) -> Bytes { receipts + number(partition.value) }
  /// First byte of every receipt.
  public static let receipts: Bytes = [0x72]
  /// Whose signatures this node believes, as its parent told: `a`.
  public static let ancestry: Bytes = [0x61]
  /// A dispatch, own or come from above: `d · id`.
  public static func dispatch(_ id: DispatchID) -> Bytes { dispatches + id.encoded }
  /// First byte of every dispatch.
  public static let dispatches: Bytes = [0x64]
  /// The head of the outbox of a child: `p · partition`.
  public static func outbox(_ partition: PartitionID) -> Bytes { outboxes + number(partition.value) }
  /// First byte of every head of an outbox.
  public static let outboxes: Bytes = [0x70]
  /// A place in the outbox of a child: `u · partition · number`.
  public static func outboxEntry(_ partition: PartitionID, _ place: UInt64) -> Bytes {
    outboxEntries + number(partition.value) + number(place)
  }
  /// First byte of every place in an outbox.
  public static let outboxEntries: Bytes = [0x75]
  /// How far the parent's outbox was taken: `v`.
  public static let inbox: Bytes = [0x76]
  /// What a child told of a dispatch: `e · id · partition`.
  public static func dispatchReceipt(_ id: DispatchID, _ partition: PartitionID) -> Bytes {
    dispatchReceipts + id.encoded + number(partition.value)
  }
  /// First byte of everything that children told of dispatches.
  public static let dispatchReceipts: Bytes = [0x65]

  private static func number(_ value: UInt64) -> Bytes {
    var writer = ByteWriter(capacity: 8)
    writer.u64(value)
    return writer.bytes
  }
}

/// Keys of `Keyspace.index`. The cursor lies in the keyspace it speaks of, so both are lost or kept together.
public enum IndexKey {
  /// Apply sequence up to which every index is complete.
  public static let cursor: Bytes = [0x00]

  /// Where all entries of one index start: `01 · entity · index number`.
  public static func prefix(_ entity: EntityID, _ number: UInt8) -> Bytes { [0x01, entity.value, number] }

  /// Appends one item's value so that bytewise order is value order and no value is a prefix of another: a kind byte,
  /// then the value; text ends with 00 and escapes 00 as 00 FF.
  public static func append(_ value: Value, to writer: inout ByteWriter) {
    switch value {
    case .null: writer.u8(0)
    case .bool(let flag): writer.raw([1, flag ? 1 : 0])
    case .int(let number), .decimal(let number):
      writer.u8(2)
      writer.u64(UInt64(bitPattern: number) ^ 1 << 63)
    case .date(let date):
      writer.u8(3)
      writer.u32(UInt32(bitPattern: date.days) ^ 1 << 31)
    case .minute(let minute):
      writer.u8(4)
      writer.u64(UInt64(bitPattern: minute.minutes) ^ 1 << 63)
    case .text(let text):
      writer.u8(5)
      var string = text.string
      string.withUTF8 { append($0, to: &writer) }
      writer.u8(0)
    case .reference(let record):
      writer.u8(6)
      writer.u64(record.mint)
      writer.u64(record.counter)
    case .references(let records):
      writer.u8(7)
      writer.u32(UInt32(clamping: records.count))
      for record in records {
        writer.u64(record.mint)
        writer.u64(record.counter)
      }
    }
  }

  /// The bytes of a text, without the kind before and the 00 behind them.
  static func append(_ text: UnsafeBufferPointer<UInt8>, to writer: inout ByteWriter) {
    guard text.contains(0) else { return writer.bytes.append(contentsOf: text) }
    for byte in text {
      writer.u8(byte)
      if byte == 0 { writer.u8(0xFF) }
    }
  }

  /// What an entry's value holds: where the record is.
  public static func target(_ partition: PartitionID, _ key: RecordKey) -> Bytes { Keys.row(partition, key) }
}
