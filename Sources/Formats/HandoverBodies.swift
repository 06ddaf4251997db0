import Primitives

/// What an arbiter sends a target: the rows of a record that shall move, as they lie at the source.
public struct HandoverOffer: Hashable, Sendable {
  /// A row with its key.
  public struct StoredRow: Hashable, Sendable {
    /// ``Keys/row(_:_:)`` in the source's partition.
    public let key: Bytes
    public let row: Bytes
    /// The row at `key`.
    public init(key: Bytes, row: Bytes) {
      self.key = key
      self.row = row
    }
  }
  /// The hand-over.
  public let id: RecordID
  public let record: RecordKey
  public let source: PartitionID
  public let target: Audience.Place
  public let hash: Digest256
  public let expires: UInt64
  /// Sorted by key.
  public let rows: [StoredRow]

  /// Rows and keys together are never more bytes.
  public static let bytesMax = Dispatch.bodyBytesMax - 4096

  /// An offer of `rows`.
  public init(
    id: RecordID, record: RecordKey, source: PartitionID, target: Audience.Place, hash: Digest256, expires: UInt64,
    rows: [StoredRow]
  ) {
    self.id = id
    self.record = record
    self.source = source
    self.target = target
    self.hash = hash
    self.expires = expires
    self.rows = rows
  }

  /// What the source froze: keys without their partition, and rows.
  public static func hash(_ rows: [StoredRow], with hashing: Hashing) -> Digest256 {
    var writer = ByteWriter(capacity: rows.reduce(64) { $0 + $1.row.count + 32 })
    for row in rows {
      writer.raw(Bytes(row.key[8...]))
      writer.u32(UInt32(row.row.count))
      writer.raw(row.row)
    }
    return hashing.digest(writer.bytes)
  }

  /// Docs/FORMATS.md draws it.
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: rows.reduce(128) { $0 + $1.row.count + 40 })
    writer.u8(1)
    writer.u64(id.mint)
    writer.u64(id.counter)
    writer.raw(Keys.row(source, record))
    writer.u64(target.partition.value)
    writer.u64(target.org.mint)
    writer.u64(target.org.counter)
    writer.raw(hash.bytes)
    writer.u64(expires)
    writer.count(rows.count)
    for row in rows {
      writer.raw(row.key)
      writer.u32(UInt32(row.row.count))
      writer.raw(row.row)
    }
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == 1 else { throw MalformedBytes("an offer, version 1", at: 0) }
    id = RecordID(mint: try reader.u64(), counter: try reader.u64())
    let at = reader.offset
    let name = try reader.raw(Keys.rowByteCount)
    guard let (source, record) = name.withUnsafeBytes({ Keys.parseRow($0) }),
      let partition = PartitionID(exactly: try reader.u64())
    else { throw MalformedBytes("a record and its target", at: at) }
    self.source = source
    self.record = record
    target = .init(org: RecordID(mint: try reader.u64(), counter: try reader.u64()), partition: partition)
    hash = Digest256(try reader.raw(Digest256.byteCount))
    expires = try reader.u64()
    var rows: [StoredRow] = []
    for _ in 0..<(try reader.count(bytesEach: Keys.rowByteCount + 4)) {
      let key = try reader.raw(Keys.rowByteCount)
      rows.append(StoredRow(key: key, row: try reader.raw(Int(try reader.u32()))))
    }
    self.rows = rows
    try reader.finish()
  }
}

/// What an arbiter tells source and target of a hand-over.
public struct HandoverDecision: Hashable, Sendable {
  public let id: RecordID
  /// The state's number: decided 9, finalised 10, void 11.
  public let state: Int64
  public let reason: Text

  /// What became of `id`.
  public init(id: RecordID, state: Int64, reason: Text) {
    self.id = id
    self.state = state
    self.reason = reason
  }

  /// `version u8 = 1 · mint u64 · counter u64 · state varint · reason text`
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 64)
    writer.u8(1)
    writer.u64(id.mint)
    writer.u64(id.counter)
    writer.varint(UInt64(bitPattern: state))
    writer.text(reason.string)
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == 1 else { throw MalformedBytes("a decision, version 1", at: 0) }
    id = RecordID(mint: try reader.u64(), counter: try reader.u64())
    state = Int64(bitPattern: try reader.varint())
    reason = Text(try reader.text())
    try reader.finish()
  }
}
