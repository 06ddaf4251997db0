import Primitives

/// The signed part of a package: frames and acknowledgements between two nodes by file. Docs/FORMATS.md draws it.
///
/// Everybody may read it, the body only the recipient. It names the SHA-256 of every MiB of the sealed body, so the
/// signature over it covers every byte of the file, and a damaged copy is known by its place.
public struct PackageHeader: Hashable, Sendable {
  /// "XYB1"
  public static let magic: UInt32 = 0x5859_4231
  public static let version: UInt8 = 1
  /// SHA-256, Ed25519, X25519, HKDF-SHA-256, ChaCha20-Poly1305.
  public static let suite: UInt8 = 1
  /// What a file name ends with.
  public static let fileExtension = "xyb"
  /// Sealed bytes that one hash of the header covers.
  public static let chunkByteCount = 1 << 20
  /// A header with more bytes is refused: 20,000 logs with their positions fit.
  public static let byteCountMax = 2 << 20
  /// Sealed bodies are never longer: 64 MiB of frames, one of which may overdraw.
  public static let bodyByteCountMax = 100 << 20
  /// A whole file is never longer.
  public static let fileByteCountMax = byteCountMax + bodyByteCountMax + 1024

  /// Which way a package goes.
  public enum Kind: UInt8, Hashable, Sendable {
    /// From a child to its parent: frames that the parent has not acknowledged.
    case up = 1
    /// From a parent to its child: what is durable there and above, and the child's assignment.
    case back = 2
  }

  /// How far a log was known to the sender to have come at the recipient: the package's frames begin after it.
  public struct Start: Hashable, Sendable {
    public let log: LogID
    public let last: Sequence64

    /// Everything up to `last` of `log` is expected to be there.
    public init(log: LogID, last: Sequence64) {
      self.log = log
      self.last = last
    }
  }

  /// How many changes of one entity's records the frames hold, for people.
  public struct Count: Hashable, Sendable {
    public let entity: EntityID
    public let inserted: UInt64
    public let updated: UInt64
    public let deleted: UInt64

    /// Changes of `entity`.
    public init(entity: EntityID, inserted: UInt64, updated: UInt64, deleted: UInt64) {
      self.entity = entity
      self.inserted = inserted
      self.updated = updated
      self.deleted = deleted
    }
  }

  /// What a package is, before it is sealed.
  public struct Facts: Hashable, Sendable {
    public var kind: Kind
    /// Hash of the network's name.
    public var network: UInt64
    public var sender: LogID
    public var senderPartition: PartitionID
    public var senderCode: Text
    public var recipient: NodeID
    public var recipientCode: Text
    /// What the body is sealed to.
    public var recipientKey: SealingPublicKey
    /// Counts the packages of the sender's log to this recipient, from 1.
    public var number: UInt64
    /// Hash of the package before this one; zero for the first.
    public var previous: Digest256
    /// Whether the next number continues the same export.
    public var hasMore: Bool
    /// Milliseconds since 1970 by the sender's clock; a label.
    public var created: UInt64
    public var catalog: UInt32
    /// The sender's release, for whoever cannot read what it made.
    public var release: Text
    /// `up`: where the frames begin, by log, sorted. `back`: empty.
    public var starts: [Start]
    /// `up`: where they end. `back`: what is durable at the sender of the recipient's logs.
    public var ends: [LinkMessage.Position]
    /// `back`: the last package of the recipient that the sender took; else 0.
    public var answers: UInt64

    /// A package without positions; the caller fills in what it has.
    public init(
      kind: Kind, network: UInt64, sender: LogID, senderPartition: PartitionID, senderCode: Text, recipient: NodeID,
      recipientCode: Text, recipientKey: SealingPublicKey, number: UInt64, previous: Digest256, created: UInt64,
      catalog: UInt32, release: Text
    ) {
      self.kind = kind
      self.network = network
      self.sender = sender
      self.senderPartition = senderPartition
      self.senderCode = senderCode
      self.recipient = recipient
      self.recipientCode = recipientCode
      self.recipientKey = recipientKey
      self.number = number
      self.previous = previous
      hasMore = false
      self.created = created
      self.catalog = catalog
      self.release = release
      starts = []
      ends = []
      answers = 0
    }
  }

  public let facts: Facts
  /// ``PublicKey/id`` of the key that signed.
  public let keyID: UInt32
  /// The sender's half of the key agreement for this package.
  public let ephemeral: SealingPublicKey
  public let frames: UInt64
  public let commits: UInt64
  /// Times of the first and the last commit in it, milliseconds; 0 without frames.
  public let firstTime: UInt64
  public let lastTime: UInt64
  /// By entity, sorted; entities without changes are left out.
  public let counts: [Count]
  /// Of the sealed body.
  public let bodyByteCount: Int
  /// SHA-256 of each ``chunkByteCount`` bytes of the sealed body, the last one shorter.
  public let chunks: [Digest256]

  /// What happened to the named log in this package: where its frames begin, or nil.
  public func start(of log: LogID) -> Sequence64? { facts.starts.first { $0.log == log }?.last }
}

/// The bytes.
extension PackageHeader {
  /// Everything that is signed; the signature and the body follow.
  func signedBytes() -> Bytes {
    var writer = ByteWriter(capacity: 1024)
    writer.u32(PackageHeader.magic)
    writer.u8(PackageHeader.version)
    writer.u8(PackageHeader.suite)
    writer.u8(facts.kind.rawValue)
    writer.u8(facts.hasMore ? 1 : 0)
    writer.u32(0)
    writer.text(facts.release.string)
    writer.u64(facts.network)
    writer.u64(facts.sender.value)
    writer.u64(facts.senderPartition.value)
    writer.u64(facts.recipient.value)
    writer.u64(facts.number)
    writer.raw(facts.previous.bytes)
    writer.u64(facts.created)
    writer.u32(facts.catalog)
    writer.u32(keyID)
    writer.raw(ephemeral.bytes)
    writer.raw(facts.recipientKey.bytes)
    writer.text(facts.senderCode.string)
    writer.text(facts.recipientCode.string)
    writer.varint(facts.answers)
    writer.varint(frames)
    writer.varint(commits)
    writer.varint(firstTime)
    writer.varint(lastTime)
    writer.count(facts.starts.count)
    for start in facts.starts {
      writer.u64(start.log.value)
      writer.u64(start.last.value)
    }
    writer.count(facts.ends.count)
    for end in facts.ends {
      writer.u64(end.log.value)
      writer.u64(end.last.value)
      writer.raw(end.hash.bytes)
    }
    writer.count(counts.count)
    for count in counts {
      writer.u8(count.entity.value)
      writer.varint(count.inserted)
      writer.varint(count.updated)
      writer.varint(count.deleted)
    }
    writer.u32(UInt32(bodyByteCount))
    writer.count(chunks.count)
    for chunk in chunks { writer.raw(chunk.bytes) }
    let length = UInt32(writer.bytes.count)
    for index in 0..<4 { writer.bytes[8 + index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - index * 8)) }
    return writer.bytes
  }

  /// Reads the signed bytes of a file that begins with them.
  ///
  /// - Parameter length: how many they are, as the file says.
  init(_ file: Bytes, length: Int) throws(MalformedBytes) {
    var reader = ByteReader(file, from: 0, to: length)
    _ = try reader.raw(6)
    guard let kind = Kind(rawValue: try reader.u8()) else { throw MalformedBytes("a kind of package", at: 6) }
    let flags = try reader.u8()
    guard flags < 2 else { throw MalformedBytes("flags of version 1", at: 7) }
    _ = try reader.u32()
    let release = Text(try reader.text())
    let network = try reader.u64()
    let sender = try reader.log()
    let partition = try reader.partition()
    let recipient = try reader.node()
    let number = try reader.u64()
    guard number > 0, number < .max else { throw MalformedBytes("a number from 1", at: reader.offset - 8) }
    let previous = Digest256(try reader.raw(Digest256.byteCount))
    let created = try reader.u64()
    let catalog = try reader.u32()
    keyID = try reader.u32()
    ephemeral = try reader.sealingKey()
    let recipientKey = try reader.sealingKey()
    var facts = Facts(
      kind: kind, network: network, sender: sender, senderPartition: partition, senderCode: Text(try reader.text()),
      recipient: recipient, recipientCode: Text(try reader.text()), recipientKey: recipientKey, number: number,
      previous: previous, created: created, catalog: catalog, release: release)
    facts.hasMore = flags == 1
    facts.answers = try reader.varint()
    frames = try reader.varint()
    commits = try reader.varint()
    firstTime = try reader.varint()
    lastTime = try reader.varint()
    for _ in 0..<(try reader.count(bytesEach: 16)) {
      facts.starts.append(Start(log: try reader.log(), last: Sequence64(try reader.u64())))
    }
    for _ in 0..<(try reader.count(bytesEach: 48)) {
      facts.ends.append(
        .init(
          log: try reader.log(), last: Sequence64(try reader.u64()),
          hash: Digest256(try reader.raw(Digest256.byteCount))))
    }
    // One position a log, in one order: two would be two statements.
    for logs in [facts.starts.map(\.log), facts.ends.map(\.log)] where !zip(logs, logs.dropFirst()).allSatisfy(<) {
      throw MalformedBytes("logs in order, each once", at: reader.offset)
    }
    var counts: [Count] = []
    for _ in 0..<(try reader.count(bytesEach: 4)) {
      counts.append(
        Count(
          entity: EntityID(try reader.u8()), inserted: try reader.varint(), updated: try reader.varint(),
          deleted: try reader.varint()))
    }
    let lengthAt = reader.offset
    bodyByteCount = Int(try reader.u32())
    guard (SegmentCipher.tagByteCount...PackageHeader.bodyByteCountMax).contains(bodyByteCount) else {
      throw MalformedBytes("a body of at most \(PackageHeader.bodyByteCountMax) bytes", at: lengthAt)
    }
    var chunks: [Digest256] = []
    for _ in 0..<(try reader.count(bytesEach: Digest256.byteCount)) {
      chunks.append(Digest256(try reader.raw(Digest256.byteCount)))
    }
    guard chunks.count == (bodyByteCount + PackageHeader.chunkByteCount - 1) / PackageHeader.chunkByteCount else {
      throw MalformedBytes("one hash for each MiB of the body", at: lengthAt)
    }
    try reader.finish()
    self.facts = facts
    self.counts = counts
    self.chunks = chunks
  }

  init(
    facts: Facts, keyID: UInt32, ephemeral: SealingPublicKey, contents: PackageContents, sealed: Bytes, hashing: Hashing
  ) {
    self.facts = facts
    self.keyID = keyID
    self.ephemeral = ephemeral
    frames = contents.frames
    commits = contents.commits
    firstTime = contents.firstTime
    lastTime = contents.lastTime
    counts = contents.counts
    bodyByteCount = sealed.count
    chunks = stride(from: 0, to: sealed.count, by: PackageHeader.chunkByteCount).map { start in
      let end = Swift.min(start + PackageHeader.chunkByteCount, sealed.count)
      return sealed.withUnsafeBytes { hashing.digest(UnsafeRawBufferPointer(rebasing: $0[start..<end])) }
    }
  }
}

extension ByteReader {
  mutating func log() throws(MalformedBytes) -> LogID {
    let at = offset
    guard let log = LogID(exactly: try u64()) else { throw MalformedBytes("a log id", at: at) }
    return log
  }

  mutating func partition() throws(MalformedBytes) -> PartitionID {
    let at = offset
    guard let partition = PartitionID(exactly: try u64()) else { throw MalformedBytes("a partition", at: at) }
    return partition
  }

  mutating func node() throws(MalformedBytes) -> NodeID {
    let at = offset
    guard let node = NodeID(exactly: try u64()) else { throw MalformedBytes("a node id", at: at) }
    return node
  }

  mutating func sealingKey() throws(MalformedBytes) -> SealingPublicKey {
    let at = offset
    guard let key = SealingPublicKey(exactly: try raw(SealingPublicKey.byteCount)) else {
      throw MalformedBytes("a package key", at: at)
    }
    return key
  }
}
