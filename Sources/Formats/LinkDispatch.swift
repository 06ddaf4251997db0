import Primitives

/// What goes down a link beside acknowledgements, and what comes back of it.
extension LinkMessage {
  /// Who owns what on the way from the top, or the highest known, down to the receiver: whose signatures it may
  /// believe. Each step is the assignment that the owner of the step before signed; the last is the receiver's own.
  public struct Ancestry: Hashable, Sendable {
    /// A domain with its owner.
    public struct Top: Hashable, Sendable {
      public let partition: PartitionID
      public let owner: NodeID
      public let epoch: Epoch
      public let key: PublicKey
      /// A domain that nobody above assigned.
      public init(partition: PartitionID, owner: NodeID, epoch: Epoch, key: PublicKey) {
        self.partition = partition
        self.owner = owner
        self.epoch = epoch
        self.key = key
      }
    }
    /// An assignment, as the row of the partition above holds it.
    public struct Step: Hashable, Sendable {
      public let domain: Top
      public let mount: RecordID
      public let rootOrgCode: Text
      public let signature: Bytes
      /// An assignment by its parts.
      public init(domain: Top, mount: RecordID, rootOrgCode: Text, signature: Bytes) {
        self.domain = domain
        self.mount = mount
        self.rootOrgCode = rootOrgCode
        self.signature = signature
      }
    }
    public let top: Top
    public let steps: [Step]

    /// A tree has no more levels.
    public static let stepsMax = 32

    /// The way from `top` down.
    public init(top: Top, steps: [Step]) {
      self.top = top
      self.steps = steps
    }
  }

  /// How far a child took a parent's outbox: what it asks to go on from, and what it acknowledges; durable there.
  public struct OutboxPosition: Hashable, Sendable {
    /// Which outbox: the parent's log that began it, and when. A child that has taken nothing names generation 0.
    public let stream: OutboxStream
    public let last: UInt64

    /// Everything up to `last` was taken.
    public init(stream: OutboxStream, last: UInt64) {
      self.stream = stream
      self.last = last
    }
  }

  /// Some of an outbox, in order.
  public struct Dispatches: Hashable, Sendable {
    public let stream: OutboxStream
    /// The number of the first in the outbox.
    public let first: UInt64
    /// ``Dispatch`` by its bytes; empty for one that is gone.
    public let list: [Bytes]

    /// `list` from number `first` on.
    public init(stream: OutboxStream, first: UInt64, list: [Bytes]) {
      self.stream = stream
      self.first = first
      self.list = list
    }
  }

  /// How many nodes of the sender's subtree took a dispatch that is for them, and where somebody read it.
  public struct Receipt: Hashable, Sendable {
    public let id: DispatchID
    public let delivered: UInt32
    public let read: UInt32

    /// Counts of one dispatch.
    public init(id: DispatchID, delivered: UInt32, read: UInt32) {
      self.id = id
      self.delivered = delivered
      self.read = read
    }
  }

  /// Most receipts in one message.
  public static let receiptsMax = 512
}

/// One life of the queue that a parent keeps for a child.
public struct OutboxStream: Hashable, Sendable {
  /// The parent's log; 0 before any.
  public let log: UInt64
  /// When it was begun, by the parent's clock, and always above the one before: two lives of a store that was put back
  /// never mean the same.
  public let generation: UInt64

  /// An outbox begun by `log`.
  public init(log: UInt64, generation: UInt64) {
    self.log = log
    self.generation = generation
  }

  /// What a child names that has taken nothing.
  public static let none = OutboxStream(log: 0, generation: 0)

  /// Appends `log u64 · generation u64`.
  public func write(to writer: inout ByteWriter) {
    writer.u64(log)
    writer.u64(generation)
  }

  /// Reads what ``write(to:)`` wrote.
  public init(_ reader: inout ByteReader) throws(MalformedBytes) {
    log = try reader.u64()
    generation = try reader.u64()
  }
}

extension LinkMessage.Ancestry {
  func encode(to writer: inout ByteWriter) {
    func domain(_ domain: Top) {
      writer.u64(domain.partition.value)
      writer.u64(domain.owner.value)
      writer.u32(domain.epoch.value)
      writer.raw(domain.key.bytes)
    }
    domain(top)
    writer.count(steps.count)
    for step in steps {
      domain(step.domain)
      writer.u64(step.mount.mint)
      writer.u64(step.mount.counter)
      writer.text(step.rootOrgCode.string)
      writer.raw(step.signature)
    }
  }

  /// The bytes it has in a message, without the message's type.
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 512)
    encode(to: &writer)
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    try self.init(&reader)
    try reader.finish()
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    func domain(_ reader: inout ByteReader) throws(MalformedBytes) -> Top {
      let at = reader.offset
      guard let partition = PartitionID(exactly: try reader.u64()), let owner = NodeID(exactly: try reader.u64())
      else { throw MalformedBytes("a partition and its owner", at: at) }
      let epoch = Epoch(try reader.u32())
      guard let key = PublicKey(exactly: try reader.raw(PublicKey.byteCount)) else {
        throw MalformedBytes("a public key", at: at)
      }
      return Top(partition: partition, owner: owner, epoch: epoch, key: key)
    }
    top = try domain(&reader)
    let at = reader.offset
    let count = try reader.count(bytesEach: 133)
    guard count <= LinkMessage.Ancestry.stepsMax else { throw MalformedBytes("so many levels at most", at: at) }
    var steps: [Step] = []
    for _ in 0..<count {
      let domain = try domain(&reader)
      let mount = RecordID(mint: try reader.u64(), counter: try reader.u64())
      let code = Text(try reader.text())
      steps.append(
        Step(
          domain: domain, mount: mount, rootOrgCode: code, signature: try reader.raw(PublicKey.signatureByteCount)))
    }
    self.steps = steps
  }
}

extension LinkMessage.OutboxPosition {
  func encode(to writer: inout ByteWriter) {
    stream.write(to: &writer)
    writer.varint(last)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    stream = try OutboxStream(&reader)
    last = try reader.varint()
  }
}

extension LinkMessage.Dispatches {
  func encode(to writer: inout ByteWriter) {
    stream.write(to: &writer)
    writer.varint(first)
    writer.count(list.count)
    for bytes in list {
      writer.u32(UInt32(bytes.count))
      writer.raw(bytes)
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    stream = try OutboxStream(&reader)
    let at = reader.offset
    first = try reader.varint()
    guard first > 0, first < 1 << 62 else { throw MalformedBytes("a place in an outbox", at: at) }
    var list: [Bytes] = []
    for _ in 0..<(try reader.count(bytesEach: 4)) { list.append(try reader.raw(Int(try reader.u32()))) }
    self.list = list
  }
}

extension LinkMessage.Receipt {
  func encode(to writer: inout ByteWriter) {
    writer.raw(id.encoded)
    writer.u32(delivered)
    writer.u32(read)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    id = try reader.dispatchID()
    delivered = try reader.u32()
    read = try reader.u32()
  }

  static func list(_ reader: inout ByteReader) throws(MalformedBytes) -> [LinkMessage.Receipt] {
    let at = reader.offset
    let count = try reader.count(bytesEach: 24)
    guard count <= LinkMessage.receiptsMax else { throw MalformedBytes("so many receipts at most", at: at) }
    var list: [LinkMessage.Receipt] = []
    for _ in 0..<count { list.append(try LinkMessage.Receipt(&reader)) }
    return list
  }
}
