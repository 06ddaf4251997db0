import Primitives

/// A text for people below; of a correction request also the record it is about.
public struct NoticeBody: Hashable, Sendable {
  /// A record of the owner's.
  public struct Subject: Hashable, Sendable {
    public let partition: PartitionID
    public let key: RecordKey
    /// The record `key` of `partition`.
    public init(partition: PartitionID, key: RecordKey) {
      self.partition = partition
      self.key = key
    }
  }
  public let title: Text
  public let text: Text
  public let subject: Subject?

  /// Titles have no more bytes.
  public static let titleBytesMax = 512
  /// Texts have no more bytes.
  public static let textBytesMax = 64 << 10

  /// A notice, or with a subject a correction request.
  public init(title: Text, text: Text, subject: Subject? = nil) {
    self.title = title
    self.text = text
    self.subject = subject
  }

  /// `version u8 = 1 · title · text · subject u8 (1: partition u64 · entity u8 · mint u64 · counter u64 · ordinal u32)`
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 64)
    writer.u8(1)
    writer.text(title.string)
    writer.text(text.string)
    writer.u8(subject == nil ? 0 : 1)
    if let subject { writer.raw(Keys.row(subject.partition, subject.key)) }
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == 1 else { throw MalformedBytes("a notice, version 1", at: 0) }
    title = Text(try reader.text())
    text = Text(try reader.text())
    let at = reader.offset
    switch try reader.u8() {
    case 0: subject = nil
    case 1:
      let key = try reader.raw(Keys.rowByteCount)
      guard let (partition, record) = key.withUnsafeBytes({ Keys.parseRow($0) }) else {
        throw MalformedBytes("a record", at: at)
      }
      subject = Subject(partition: partition, key: record)
    default: throw MalformedBytes("a subject or none", at: at)
    }
    try reader.finish()
  }
}

/// Orgs of one domain as the top of the network knows them: what a node elsewhere needs to name one.
public struct DirectoryBody: Hashable, Sendable {
  /// One org.
  public struct Org: Hashable, Sendable {
    public let id: RecordID
    public let code: Text
    public let name: Text
    /// The org above within the domain; nil for its root.
    public let parent: RecordID?

    /// An org as its row says.
    public init(id: RecordID, code: Text, name: Text, parent: RecordID?) {
      self.id = id
      self.code = code
      self.name = name
      self.parent = parent
    }
  }
  public let partition: PartitionID
  /// The owner and its epoch when this was made.
  public let owner: NodeID
  public let epoch: Epoch
  /// The domain above, and the org under which the root hangs; nil at the top.
  public let above: Audience.Place?
  /// Sorted by id.
  public let orgs: [Org]

  /// So many orgs go into one dispatch; the next topic of the partition takes the rest.
  public static let orgsMax = 2048

  /// A part of a domain's orgs.
  public init(partition: PartitionID, owner: NodeID, epoch: Epoch, above: Audience.Place?, orgs: [Org]) {
    self.partition = partition
    self.owner = owner
    self.epoch = epoch
    self.above = above
    self.orgs = orgs
  }

  /// Docs/FORMATS.md draws it.
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 64 + orgs.count * 64)
    writer.u8(1)
    writer.u64(partition.value)
    writer.u64(owner.value)
    writer.u32(epoch.value)
    writer.u8(above == nil ? 0 : 1)
    if let above {
      writer.u64(above.partition.value)
      writer.u64(above.org.mint)
      writer.u64(above.org.counter)
    }
    writer.count(orgs.count)
    for org in orgs {
      writer.u64(org.id.mint)
      writer.u64(org.id.counter)
      writer.text(org.code.string)
      writer.text(org.name.string)
      writer.u8(org.parent == nil ? 0 : 1)
      if let parent = org.parent {
        writer.u64(parent.mint)
        writer.u64(parent.counter)
      }
    }
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == 1 else { throw MalformedBytes("a directory, version 1", at: 0) }
    func partition(_ reader: inout ByteReader) throws(MalformedBytes) -> PartitionID {
      let at = reader.offset
      guard let partition = PartitionID(exactly: try reader.u64()) else { throw MalformedBytes("a partition", at: at) }
      return partition
    }
    self.partition = try partition(&reader)
    let at = reader.offset
    guard let owner = NodeID(exactly: try reader.u64()) else { throw MalformedBytes("a node id", at: at) }
    self.owner = owner
    epoch = Epoch(try reader.u32())
    switch try reader.u8() {
    case 0: above = nil
    case 1:
      let holder = try partition(&reader)
      above = .init(org: RecordID(mint: try reader.u64(), counter: try reader.u64()), partition: holder)
    default: throw MalformedBytes("a domain above or none", at: reader.offset)
    }
    var orgs: [Org] = []
    for _ in 0..<(try reader.count(bytesEach: 19)) {
      let id = RecordID(mint: try reader.u64(), counter: try reader.u64())
      let code = Text(try reader.text())
      let name = Text(try reader.text())
      var parent: RecordID?
      switch try reader.u8() {
      case 0: break
      case 1: parent = RecordID(mint: try reader.u64(), counter: try reader.u64())
      default: throw MalformedBytes("an org above or none", at: reader.offset)
      }
      orgs.append(Org(id: id, code: code, name: name, parent: parent))
    }
    self.orgs = orgs
    try reader.finish()
  }
}
