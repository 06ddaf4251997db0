import Primitives

/// The owner's signed word on what its partition held at one position of its log: where the logs stood, how many rows
/// there were of each entity, and the SHA-256 of every chunk of them.
///
/// Whoever holds the chunks can prove each of them by this and the owner's key alone, so relays pass both on as they
/// came, upward and downward. `XYS1`, drawn in Docs/FORMATS.md.
public struct SnapshotManifest: Hashable, Sendable {
  /// Where one log of the partition stood.
  public struct LogEnd: Hashable, Sendable {
    public let log: LogID
    public let last: Sequence64
    /// Hash of the frame that ends there: what the log's next frame names.
    public let hash: Digest256
    public let time: HybridTime

    /// A place in a log.
    public init(log: LogID, last: Sequence64, hash: Digest256, time: HybridTime) {
      self.log = log
      self.last = last
      self.hash = hash
      self.time = time
    }
  }

  /// One part of the key range: from its first key up to the next part's.
  public struct Chunk: Hashable, Sendable {
    /// Key of the first row, without the partition.
    public let first: Bytes
    public let rows: UInt32
    /// As it travels and lies, and unpacked.
    public let byteCount: UInt32
    public let byteCountUnpacked: UInt32
    /// Of the packed bytes.
    public let digest: Digest256

    /// What a chunk must be.
    public init(first: Bytes, rows: UInt32, byteCount: UInt32, byteCountUnpacked: UInt32, digest: Digest256) {
      self.first = first
      self.rows = rows
      self.byteCount = byteCount
      self.byteCountUnpacked = byteCountUnpacked
      self.digest = digest
    }
  }

  /// How many rows an entity has.
  public struct Count: Hashable, Sendable {
    public let entity: EntityID
    public let rows: UInt64
    /// A count of rows.
    public init(entity: EntityID, rows: UInt64) {
      self.entity = entity
      self.rows = rows
    }
  }

  /// Everything that is signed.
  public struct Facts: Hashable, Sendable {
    /// Hash of the network's name.
    public let network: UInt64
    public let partition: PartitionID
    /// The owner's epoch when it signed.
    public let epoch: Epoch
    /// First 4 bytes of the catalog version.
    public let catalog: UInt32
    /// Every log of the partition in the order of its owners' lives; the last one is the one that is written.
    public let logs: [LogEnd]
    /// By entity, ascending; entities without rows are left out.
    public let counts: [Count]
    /// In the order of keys, without a gap.
    public let chunks: [Chunk]

    /// What an owner says of its partition.
    public init(
      network: UInt64, partition: PartitionID, epoch: Epoch, catalog: UInt32, logs: [LogEnd], counts: [Count],
      chunks: [Chunk]
    ) {
      self.network = network
      self.partition = partition
      self.epoch = epoch
      self.catalog = catalog
      self.logs = logs
      self.counts = counts
      self.chunks = chunks
    }
  }

  /// What a decoder takes; checked before anything is allocated for it.
  public enum Limits {
    /// 64 GiB of rows at a MiB each.
    public static let chunks = 65_536
    /// A partition changes hands or is restored this often at most.
    public static let logs = 65_536
    /// One chunk, packed, and unpacked; a single row larger than a chunk's aim is a chunk of its own.
    public static let chunkBytes = 8 << 20
    public static let chunkRows = 65_536
    /// A manifest as a whole: it is one message.
    public static let bytes = 8 << 20
  }

  public let facts: Facts
  /// First 4 bytes of SHA-256 of the signer's public key.
  public let keyID: UInt32
  /// The whole, as it lies and travels.
  public let bytes: Bytes
  /// SHA-256 of what is signed: names the snapshot.
  public let id: Digest256

  private static let magic: UInt32 = 0x5859_5331
  private static let version: UInt8 = 1

  /// Signs what the owner says.
  ///
  /// - Requires: at least one log; first keys ascend.
  public init(_ facts: Facts, signer: SigningKey, with hashing: Hashing) {
    require(!facts.logs.isEmpty, "a snapshot stands at the end of a log")
    self.facts = facts
    keyID = signer.id
    let signed = SnapshotManifest.signedBytes(facts, keyID)
    id = hashing.digest(signed)
    bytes = signed + signer.sign(signed)
  }

  /// Reads a manifest. Whose signature it carries is checked by ``isSigned(by:)``.
  ///
  /// - Throws: for anything ``init(_:signer:with:)`` does not make.
  public init(_ bytes: Bytes, with hashing: Hashing) throws(MalformedBytes) {
    guard bytes.count <= Limits.bytes else { throw MalformedBytes("a manifest of at most 8 MiB", at: 0) }
    var reader = ByteReader(bytes)
    guard try reader.u32() == SnapshotManifest.magic else { throw MalformedBytes("XYS1", at: 0) }
    guard try reader.u8() == SnapshotManifest.version else { throw MalformedBytes("manifest version 1", at: 4) }
    guard try reader.u8() == 1 else { throw MalformedBytes("suite 1", at: 5) }
    guard try reader.u16() == 0 else { throw MalformedBytes("no flags", at: 6) }
    let network = try reader.u64()
    guard let partition = PartitionID(exactly: try reader.u64()) else { throw MalformedBytes("a partition", at: 16) }
    let epoch = Epoch(try reader.u32())
    let catalog = try reader.u32()
    keyID = try reader.u32()
    let logs = try SnapshotManifest.logs(&reader)
    let counts = try SnapshotManifest.counts(&reader)
    let chunks = try SnapshotManifest.chunks(&reader)
    let end = reader.offset
    _ = try reader.raw(PublicKey.signatureByteCount)
    try reader.finish()
    let rows = chunks.reduce(UInt64(0)) { $0 + UInt64($1.rows) }
    var counted: UInt64 = 0
    for count in counts {
      let (sum, overflows) = counted.addingReportingOverflow(count.rows)
      guard !overflows else { throw MalformedBytes("counts that fit their chunks", at: end) }
      counted = sum
    }
    guard rows == counted else { throw MalformedBytes("counts that fit their chunks", at: end) }
    facts = Facts(
      network: network, partition: partition, epoch: epoch, catalog: catalog, logs: logs, counts: counts,
      chunks: chunks)
    self.bytes = bytes
    id = bytes.withUnsafeBytes { hashing.digest(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
  }

  /// Whether the holder of `key` made this.
  public func isSigned(by key: PublicKey) -> Bool {
    let end = bytes.count - PublicKey.signatureByteCount
    return key.id == keyID && key.isValid(Bytes(bytes[end...]), over: Bytes(bytes[..<end]))
  }

  /// The log that is written, where it stood.
  public var current: LogEnd { facts.logs[facts.logs.count - 1] }
  /// Rows of all entities.
  public var rows: UInt64 { facts.counts.reduce(0) { $0 + $1.rows } }
  /// Bytes of all chunks as they travel.
  public var byteCount: UInt64 { facts.chunks.reduce(0) { $0 + UInt64($1.byteCount) } }
  /// Where a log stood; nil for one that the partition did not have.
  public func end(of log: LogID) -> LogEnd? { facts.logs.first { $0.log == log } }

  // MARK: Bytes

  private static func signedBytes(_ facts: Facts, _ keyID: UInt32) -> Bytes {
    var writer = ByteWriter(capacity: 128 + facts.chunks.count * 72)
    writer.u32(magic)
    writer.u8(version)
    writer.u8(1)
    writer.u16(0)
    writer.u64(facts.network)
    writer.u64(facts.partition.value)
    writer.u32(facts.epoch.value)
    writer.u32(facts.catalog)
    writer.u32(keyID)
    writer.count(facts.logs.count)
    for end in facts.logs {
      writer.u64(end.log.value)
      writer.u64(end.last.value)
      writer.raw(end.hash.bytes)
      writer.u64(end.time.value)
    }
    writer.count(facts.counts.count)
    for count in facts.counts {
      writer.u8(count.entity.value)
      writer.varint(count.rows)
    }
    writer.count(facts.chunks.count)
    for chunk in facts.chunks {
      writer.block(chunk.first)
      writer.varint(UInt64(chunk.rows))
      writer.varint(UInt64(chunk.byteCount))
      writer.varint(UInt64(chunk.byteCountUnpacked))
      writer.raw(chunk.digest.bytes)
    }
    return writer.bytes
  }

  private static func logs(_ reader: inout ByteReader) throws(MalformedBytes) -> [LogEnd] {
    let at = reader.offset
    let count = try reader.count(bytesEach: 56)
    guard count > 0, count <= Limits.logs else { throw MalformedBytes("1 to 65,536 logs", at: at) }
    var logs: [LogEnd] = []
    for _ in 0..<count {
      logs.append(
        LogEnd(
          log: try reader.logID(), last: Sequence64(try reader.u64()),
          hash: Digest256(try reader.raw(Digest256.byteCount)), time: HybridTime(value: try reader.u64())))
    }
    return logs
  }

  private static func counts(_ reader: inout ByteReader) throws(MalformedBytes) -> [Count] {
    var counts: [Count] = []
    for _ in 0..<(try reader.count(bytesEach: 2)) {
      let at = reader.offset
      let entity = EntityID(try reader.u8())
      guard counts.last.map({ $0.entity < entity }) ?? true else { throw MalformedBytes("entities in order", at: at) }
      counts.append(Count(entity: entity, rows: try reader.varint()))
    }
    return counts
  }

  private static func chunks(_ reader: inout ByteReader) throws(MalformedBytes) -> [Chunk] {
    let start = reader.offset
    let count = try reader.count(bytesEach: 57)
    guard count <= Limits.chunks else { throw MalformedBytes("at most 65,536 chunks", at: start) }
    var chunks: [Chunk] = []
    chunks.reserveCapacity(count)
    for _ in 0..<count {
      let at = reader.offset
      let first = try reader.block()
      let rows = try reader.varint()
      let byteCount = try reader.varint()
      let unpacked = try reader.varint()
      guard first.count == SnapshotChunk.keyByteCount, chunks.last.map({ $0.first.precedes(first) }) ?? true,
        (1...UInt64(Limits.chunkRows)).contains(rows), (1...UInt64(Limits.chunkBytes)).contains(byteCount),
        (1...UInt64(Limits.chunkBytes)).contains(unpacked)
      else { throw MalformedBytes("a chunk in the order of keys and within its limits", at: at) }
      chunks.append(
        Chunk(
          first: first, rows: UInt32(rows), byteCount: UInt32(byteCount), byteCountUnpacked: UInt32(unpacked),
          digest: Digest256(try reader.raw(Digest256.byteCount))))
    }
    return chunks
  }
}
