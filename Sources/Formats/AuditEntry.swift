import Primitives

/// What an audit entry is about. Numbers are for life.
public enum AuditAct: UInt8, Hashable, Sendable, CaseIterable {
  case start = 1
  case login = 2
  case loginFailed = 3
  case logout = 4
  case refusal = 5
  case read = 6
  case query = 7
  case unmasking = 8
  case importBegun = 9
  case importEnded = 10
  case userAdded = 11
  case granted = 12
  case revoked = 13
  case locked = 14
  case unlocked = 15
  case password = 16
  case secondFactor = 17
  case identityCheck = 18
  case operation = 19
  case exchange = 20
  case keyUse = 21
  case restore = 22
  case clockJump = 23
  case auditRead = 24
}

/// One entry of a node's audit chain: who did what, when, to which records. Holds ids and counts, no personal data; the
/// one exception is what a person typed as a reason.
///
///     version u8 = 1 · number u64 · time u64 · incarnation u16 · act u8 · session u32 · actor text ·
///     org mint u64 · org counter u64 · count u64 · detail text · record count varint ·
///     (entity u8 · mint u64 · counter u64 · ordinal u32) … · previous 32
///
/// Its hash is the SHA-256 of these bytes. Each entry names the hash of the one before, so that none can be changed,
/// put in or left out without every later one being another.
public struct AuditEntry: Hashable, Sendable {
  public static let version: UInt8 = 1
  /// Records that one entry names at most; an act on more has their count only.
  public static let recordsMax = 1000
  /// Bytes of actor and detail at most.
  public static let textBytesMax = 512

  /// From 1, without gaps.
  public let number: UInt64
  /// The node's clock in milliseconds: a label. The order is that of the numbers.
  public let time: UInt64
  /// Which life of the store.
  public let incarnation: UInt16
  public let act: AuditAct
  /// First four bytes of the hash of the session's token; 0 for the socket's owner and the node itself.
  public let session: UInt32
  public let actor: Text
  /// The org that the act is about; nil for none.
  public let org: RecordID?
  /// Rows of an answer or a change.
  public let count: UInt64
  /// A route, a code, a role, a reason.
  public let detail: Text
  public let records: [RecordKey]
  /// The hash of the entry before; zero for the first.
  public let previous: Digest256

  /// What somebody did, before it has its place in a chain.
  public struct Draft: Hashable, Sendable {
    public var act: AuditAct
    public var actor: Text
    public var session: UInt32
    public var org: RecordID?
    public var count: UInt64
    public var detail: Text
    public var records: [RecordKey]

    /// An act; texts are cut to what an entry holds.
    public init(
      _ act: AuditAct, actor: Text, session: UInt32 = 0, org: RecordID? = nil, count: UInt64 = 0, detail: Text = "",
      records: [RecordKey] = []
    ) {
      self.act = act
      self.actor = actor
      self.session = session
      self.org = org
      self.count = count
      self.detail = detail
      self.records = records
    }
  }

  /// The draft in its place.
  public init(_ draft: Draft, number: UInt64, time: UInt64, incarnation: UInt16, previous: Digest256) {
    self.number = number
    self.time = time
    self.incarnation = incarnation
    self.previous = previous
    act = draft.act
    session = draft.session
    actor = AuditEntry.cut(draft.actor)
    org = draft.org
    count = draft.count
    detail = AuditEntry.cut(draft.detail)
    records = Array(draft.records.prefix(AuditEntry.recordsMax))
  }

  private static func cut(_ text: Text) -> Text {
    if text.byteCount <= textBytesMax { return text }
    var short = text.string
    while short.utf8.count > textBytesMax - 3 { short.removeLast() }
    return Text(short + "…")
  }

  /// The entry's bytes; its hash is of them.
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 160 + records.count * 21)
    writer.u8(AuditEntry.version)
    writer.u64(number)
    writer.u64(time)
    writer.u16(incarnation)
    writer.u8(act.rawValue)
    writer.u32(session)
    writer.text(actor.string)
    writer.u64(org?.mint ?? 0)
    writer.u64(org?.counter ?? 0)
    writer.u64(count)
    writer.text(detail.string)
    writer.count(records.count)
    for record in records {
      writer.u8(record.entity.value)
      writer.u64(record.record.mint)
      writer.u64(record.record.counter)
      writer.u32(record.ordinal)
    }
    writer.raw(previous.bytes)
    return writer.bytes
  }

  /// Reads an entry.
  ///
  /// - Throws: for anything that ``encoded`` does not write.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == AuditEntry.version else { throw MalformedBytes("audit entry version 1", at: 0) }
    number = try reader.u64()
    time = try reader.u64()
    incarnation = try reader.u16()
    let at = reader.offset
    guard let act = AuditAct(rawValue: try reader.u8()) else { throw MalformedBytes("a known act", at: at) }
    self.act = act
    session = try reader.u32()
    actor = Text(try reader.text())
    let (mint, counter) = (try reader.u64(), try reader.u64())
    org = mint == 0 ? nil : RecordID(mint: mint, counter: counter)
    count = try reader.u64()
    detail = Text(try reader.text())
    let many = try reader.count(bytesEach: 21)
    guard many <= AuditEntry.recordsMax, actor.byteCount <= AuditEntry.textBytesMax,
      detail.byteCount <= AuditEntry.textBytesMax
    else { throw MalformedBytes("an entry within its bounds", at: reader.offset) }
    var records: [RecordKey] = []
    records.reserveCapacity(many)
    for _ in 0..<many {
      let entity = EntityID(try reader.u8())
      let record = RecordID(mint: try reader.u64(), counter: try reader.u64())
      records.append(RecordKey(entity: entity, record: record, ordinal: try reader.u32()))
    }
    self.records = records
    previous = Digest256(try reader.raw(Digest256.byteCount))
    try reader.finish()
  }
}

/// A node's word that its chain stood so: what was cut off behind it, or changed before it, is seen by whoever has it.
///
///     "XYAH" u32 · network u64 · node u64 · number u64 · hash 32 · time u64 · signature 64
public struct AuditHead: Hashable, Sendable {
  public let network: UInt64
  public let node: NodeID
  public let number: UInt64
  public let hash: Digest256
  public let time: UInt64
  public let signature: Bytes

  /// Signs where a chain stands.
  public init(network: UInt64, node: NodeID, number: UInt64, hash: Digest256, time: UInt64, signer: SigningKey) {
    self.network = network
    self.node = node
    self.number = number
    self.hash = hash
    self.time = time
    signature = signer.sign(AuditHead.signedBytes(network, node, number, hash, time))
  }

  private static func signedBytes(
    _ network: UInt64, _ node: NodeID, _ number: UInt64, _ hash: Digest256, _ time: UInt64
  ) -> Bytes {
    var writer = ByteWriter(capacity: 80)
    writer.u32(0x5859_4148)
    writer.u64(network)
    writer.u64(node.value)
    writer.u64(number)
    writer.raw(hash.bytes)
    writer.u64(time)
    return writer.bytes
  }

  /// Whether the holder of `key` signed it.
  public func isSigned(by key: PublicKey) -> Bool {
    key.isValid(signature, over: AuditHead.signedBytes(network, node, number, hash, time))
  }

  /// The head's bytes.
  public var encoded: Bytes { AuditHead.signedBytes(network, node, number, hash, time) + signature }

  /// Reads a head; its signature is not checked here.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u32() == 0x5859_4148 else { throw MalformedBytes("an audit head", at: 0) }
    network = try reader.u64()
    guard let node = NodeID(exactly: try reader.u64()) else { throw MalformedBytes("a node id", at: 12) }
    self.node = node
    number = try reader.u64()
    hash = Digest256(try reader.raw(Digest256.byteCount))
    time = try reader.u64()
    signature = try reader.raw(PublicKey.signatureByteCount)
    try reader.finish()
  }
}

extension MetaKey {
  /// An entry of the audit chain: `A · number`.
  public static func auditEntry(_ number: UInt64) -> Bytes { auditEntries + big(number) }
  /// First byte of every audit entry.
  public static let auditEntries: Bytes = [0x41]
  /// A signed head of the audit chain: `B · number`.
  public static func auditHead(_ number: UInt64) -> Bytes { auditHeads + big(number) }
  /// First byte of every audit head.
  public static let auditHeads: Bytes = [0x42]
  /// What proves a user, sealed, never in a frame: `U · mint · counter`.
  public static func userSecret(_ user: RecordID) -> Bytes { userSecrets + big(user.mint) + big(user.counter) }
  /// First byte of every user's secret.
  public static let userSecrets: Bytes = [0x55]

  private static func big(_ value: UInt64) -> Bytes {
    var writer = ByteWriter(capacity: 8)
    writer.u64(value)
    return writer.bytes
  }
}
