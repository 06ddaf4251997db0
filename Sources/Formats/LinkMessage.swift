import Primitives

/// What two nodes say to each other. On the wire: `length u32 · type u8 · payload`; the length counts type and payload.
public enum LinkMessage: Hashable, Sendable {
  /// First word of the child.
  case hello(Hello)
  /// The parent's answer: where to go on.
  case welcome(Welcome)
  /// One frame, byte for byte as its owner made it.
  case frame(Bytes)
  /// What is durable above, and how much more may be sent.
  case acknowledgement(Acknowledgement)
  /// Signs of life of the child and of everything below it.
  case heartbeat([NodeStatus])
  /// The last word before a link is closed for a reason the other side must know.
  case refusal(Refusal)
  /// A snapshot that must be taken before the frames behind it; either way.
  case snapshotOffer(SnapshotOffer)
  /// Which chunks of it may come.
  case snapshotWant(SnapshotWant)
  /// One chunk.
  case snapshotPart(SnapshotPart)
  /// What became of the offer.
  case snapshotOutcome(SnapshotOutcome)
  /// What an ancestor asks about the owner's rows; from above.
  case question(VerificationQuestion)
  /// The owner's answer; from below.
  case answer(VerificationAnswer)
  /// Every record of the child's subtree that is set aside above, the first ``ticketsMax`` of `count`; from above.
  case tickets([ReportedTicket], count: UInt32)
  /// The child asks for what it lacks of its own and of what lies below.
  case recall(Recall)
  /// Frames that the child asked for.
  case recalled(Recalled)
  /// Whether somebody is still there.
  case presence(Presence)
  /// Whose signatures the child may believe; from above.
  case ancestry(Ancestry)
  /// How far the child took the parent's outbox; from below.
  case outboxPosition(OutboxPosition)
  /// What the parent's outbox holds next; from above.
  case dispatches(Dispatches)
  /// How many took and read what came down; from below.
  case receipts([Receipt])

  /// Most tickets in one message.
  public static let ticketsMax = 200
  /// No message is larger than the largest frame with its type.
  public static let bytesMax = FrameHeader.frameBytesMax + 64
  /// Version of the link protocol spoken here.
  public static let protocolVersion: UInt16 = 1

  /// A position in a log: everything up to `last` is there, and `hash` is the hash of the frame that ends there.
  public struct Position: Hashable, Sendable {
    public let log: LogID
    public let last: Sequence64
    public let hash: Digest256

    public init(log: LogID, last: Sequence64, hash: Digest256) {
      self.log = log
      self.last = last
      self.hash = hash
    }
  }

  public struct Hello: Hashable, Sendable {
    /// No code of an org is longer, in bytes.
    public static let codeBytesMax = 64
    /// Hash of the network's name.
    public let network: UInt64
    public let log: LogID
    public let partition: PartitionID
    public let epoch: Epoch
    /// What the child signs with; the parent records it in the assignment and then takes no other.
    public let key: PublicKey
    /// Root org of the child's domain, and the org it hangs under, as codes.
    public let rootOrgCode: Text
    public let parentOrgCode: Text
    /// Every log the child holds, its own and those below.
    public let logs: [LogID]

    public init(
      network: UInt64, log: LogID, partition: PartitionID, epoch: Epoch, key: PublicKey, rootOrgCode: Text,
      parentOrgCode: Text, logs: [LogID]
    ) {
      self.network = network
      self.log = log
      self.partition = partition
      self.epoch = epoch
      self.key = key
      self.rootOrgCode = rootOrgCode
      self.parentOrgCode = parentOrgCode
      self.logs = logs
    }
  }

  public struct Welcome: Hashable, Sendable {
    public let node: NodeID
    /// Where the parent stands in each of the child's logs that it has anything of.
    public let positions: [Position]
    /// Bytes of frames that the child may send in all on this link.
    public let credit: UInt64

    public init(node: NodeID, positions: [Position], credit: UInt64) {
      self.node = node
      self.positions = positions
      self.credit = credit
    }
  }

  /// How far one log is durable at one level above the receiver.
  public struct Watermark: Hashable, Sendable {
    /// 1 is the receiver's parent, 2 its parent, and so on; ``root`` is the top of the network.
    public let level: UInt8
    public let log: LogID
    public let last: Sequence64

    public static let root: UInt8 = 255

    public init(level: UInt8, log: LogID, last: Sequence64) {
      self.level = level
      self.log = log
      self.last = last
    }
  }

  public struct Acknowledgement: Hashable, Sendable {
    public let watermarks: [Watermark]
    /// Bytes of frames that the child may send in all on this link; never falls.
    public let credit: UInt64

    public init(watermarks: [Watermark], credit: UInt64) {
      self.watermarks = watermarks
      self.credit = credit
    }
  }

  /// The newest sign of life of one node; relayed upward unchanged, newest per log kept.
  public struct NodeStatus: Hashable, Sendable {
    public let log: LogID
    /// Head of the node's own log when it spoke.
    public let last: Sequence64
    /// The node's clock when it spoke, milliseconds since 1970.
    public let time: UInt64
    /// Rows the node owns.
    public let rows: UInt64
    /// Bytes the node has sent to its parent since it started, all messages and headers included.
    public let bytesSent: UInt64
    public let rootOrgCode: Text

    public init(log: LogID, last: Sequence64, time: UInt64, rows: UInt64, bytesSent: UInt64, rootOrgCode: Text) {
      self.log = log
      self.last = last
      self.time = time
      self.rows = rows
      self.bytesSent = bytesSent
      self.rootOrgCode = rootOrgCode
    }
  }

  public struct Refusal: Hashable, Sendable {
    public enum Reason: UInt16, Hashable, Sendable {
      case malformed = 1
      case protocolVersion = 2
      case wrongNetwork = 3
      case unknownChild = 4
      case notOwner = 5
      case gap = 6
      case diverged = 7
      /// The receiver has more of the sender's own log than the sender: an older store was put back.
      case behind = 8
      case overCredit = 9
      case stopping = 10
      /// The partition is in another epoch: its writer is fenced, or ahead of its assignment.
      case wrongEpoch = 11
      /// Another key than the assignment names.
      case wrongKey = 12
      /// The right key did not sign this.
      case badSignature = 13
      /// Compressed with a dictionary that the receiver does not have.
      case unknownDictionary = 14
      /// The certificate of the connection names another node.
      case wrongCertificate = 15
      /// Another life of this node, or another machine, holds the partition now: this one writes no more.
      case fenced = 32
      /// The node's own link stands and answers: this is a second machine with one identity.
      case twin = 33
      /// The receiver pulls its own history back first; come again.
      case notReady = 34
    }
    public let reason: Reason
    /// In plain words, without personal data.
    public let detail: Text

    public init(_ reason: Reason, _ detail: Text) {
      self.reason = reason
      self.detail = detail
    }
  }
}

extension LinkMessage {
  /// The message with its length in front.
  public func encoded() -> Bytes {
    var writer = ByteWriter(capacity: 64)
    writer.u32(0)
    switch self {
    case .hello(let hello):
      writer.u8(1)
      writer.u16(LinkMessage.protocolVersion)
      writer.u64(hello.network)
      writer.u64(hello.log.value)
      writer.u64(hello.partition.value)
      writer.u32(hello.epoch.value)
      writer.raw(hello.key.bytes)
      writer.text(hello.rootOrgCode.string)
      writer.text(hello.parentOrgCode.string)
      writer.count(hello.logs.count)
      for log in hello.logs { writer.u64(log.value) }
    case .welcome(let welcome):
      writer.u8(2)
      writer.u16(LinkMessage.protocolVersion)
      writer.u64(welcome.node.value)
      writer.u64(welcome.credit)
      writer.count(welcome.positions.count)
      for position in welcome.positions {
        writer.u64(position.log.value)
        writer.u64(position.last.value)
        writer.raw(position.hash.bytes)
      }
    case .frame(let bytes):
      writer.u8(3)
      writer.raw(bytes)
    case .acknowledgement(let acknowledgement):
      writer.u8(4)
      writer.u64(acknowledgement.credit)
      writer.count(acknowledgement.watermarks.count)
      for mark in acknowledgement.watermarks {
        writer.u8(mark.level)
        writer.u64(mark.log.value)
        writer.varint(mark.last.value)
      }
    case .heartbeat(let statuses):
      writer.u8(5)
      writer.count(statuses.count)
      for status in statuses {
        writer.u64(status.log.value)
        writer.varint(status.last.value)
        writer.varint(status.time)
        writer.varint(status.rows)
        writer.varint(status.bytesSent)
        writer.text(status.rootOrgCode.string)
      }
    case .refusal(let refusal):
      writer.u8(6)
      writer.u16(refusal.reason.rawValue)
      writer.text(refusal.detail.string)
    case .snapshotOffer(let offer):
      writer.u8(7)
      offer.encode(to: &writer)
    case .snapshotWant(let want):
      writer.u8(8)
      want.encode(to: &writer)
    case .snapshotPart(let part):
      writer.u8(9)
      part.encode(to: &writer)
    case .snapshotOutcome(let outcome):
      writer.u8(10)
      outcome.encode(to: &writer)
    case .question(let question):
      writer.u8(11)
      question.write(to: &writer)
    case .answer(let answer):
      writer.u8(12)
      answer.write(to: &writer)
    case .tickets(let tickets, let count):
      writer.u8(13)
      writer.u32(count)
      writer.count(tickets.count)
      for ticket in tickets { ticket.write(to: &writer) }
    case .recall(let recall):
      writer.u8(15)
      recall.encode(to: &writer)
    case .recalled(let recalled):
      writer.u8(16)
      recalled.encode(to: &writer)
    case .presence(let presence):
      writer.u8(17)
      presence.encode(to: &writer)
    case .ancestry(let ancestry):
      writer.u8(18)
      ancestry.encode(to: &writer)
    case .outboxPosition(let position):
      writer.u8(19)
      position.encode(to: &writer)
    case .dispatches(let dispatches):
      writer.u8(20)
      dispatches.encode(to: &writer)
    case .receipts(let receipts):
      writer.u8(21)
      writer.count(receipts.count)
      for receipt in receipts { receipt.encode(to: &writer) }
    }
    let length = UInt32(writer.bytes.count - 4)
    for index in 0..<4 { writer.bytes[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - index * 8)) }
    return writer.bytes
  }

  /// Reads type and payload, without the length.
  ///
  /// - Throws: for anything ``encoded()`` does not write.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    switch try reader.u8() {
    case 1: self = .hello(try Hello(&reader))
    case 2: self = .welcome(try Welcome(&reader))
    case 3:
      self = .frame(Bytes(bytes[1...]))
      return
    case 4:
      let credit = try reader.u64()
      var watermarks: [Watermark] = []
      for _ in 0..<(try reader.count(bytesEach: 10)) {
        let level = try reader.u8()
        watermarks.append(
          Watermark(level: level, log: try reader.logID(), last: Sequence64(try reader.varint())))
      }
      self = .acknowledgement(Acknowledgement(watermarks: watermarks, credit: credit))
    case 5:
      var statuses: [NodeStatus] = []
      for _ in 0..<(try reader.count(bytesEach: 13)) {
        statuses.append(
          NodeStatus(
            log: try reader.logID(), last: Sequence64(try reader.varint()), time: try reader.varint(),
            rows: try reader.varint(), bytesSent: try reader.varint(), rootOrgCode: Text(try reader.text())))
      }
      self = .heartbeat(statuses)
    case 6:
      let at = reader.offset
      guard let reason = Refusal.Reason(rawValue: try reader.u16()) else {
        throw MalformedBytes("a reason this release knows", at: at)
      }
      self = .refusal(Refusal(reason, Text(try reader.text())))
    case 7: self = .snapshotOffer(try SnapshotOffer(&reader))
    case 8: self = .snapshotWant(try SnapshotWant(&reader))
    case 9: self = .snapshotPart(try SnapshotPart(&reader))
    case 10: self = .snapshotOutcome(try SnapshotOutcome(&reader))
    case 11: self = .question(try VerificationQuestion(&reader))
    case 12: self = .answer(try VerificationAnswer(&reader))
    case 13:
      let count = try reader.u32()
      var tickets: [ReportedTicket] = []
      for _ in 0..<(try reader.count(bytesEach: 44)) { tickets.append(try ReportedTicket(&reader)) }
      self = .tickets(tickets, count: count)
    case 15: self = .recall(try Recall(&reader))
    case 16: self = .recalled(try Recalled(&reader))
    case 17: self = .presence(try Presence(&reader))
    case 18: self = .ancestry(try Ancestry(&reader))
    case 19: self = .outboxPosition(try OutboxPosition(&reader))
    case 20: self = .dispatches(try Dispatches(&reader))
    case 21: self = .receipts(try Receipt.list(&reader))
    default: throw MalformedBytes("a type of message", at: 0)
    }
    try reader.finish()
  }
}

extension LinkMessage.Hello {
  fileprivate init(_ reader: inout ByteReader) throws(MalformedBytes) {
    try reader.expectProtocolVersion()
    network = try reader.u64()
    log = try reader.logID()
    let at = reader.offset
    guard let partition = PartitionID(exactly: try reader.u64()) else { throw MalformedBytes("a partition", at: at) }
    self.partition = partition
    epoch = Epoch(try reader.u32())
    let keyAt = reader.offset
    guard let key = PublicKey(exactly: try reader.raw(PublicKey.byteCount)) else {
      throw MalformedBytes("a public key", at: keyAt)
    }
    self.key = key
    rootOrgCode = Text(try reader.text())
    parentOrgCode = Text(try reader.text())
    var logs: [LogID] = []
    for _ in 0..<(try reader.count(bytesEach: 8)) { logs.append(try reader.logID()) }
    self.logs = logs
  }
}

extension LinkMessage.Welcome {
  fileprivate init(_ reader: inout ByteReader) throws(MalformedBytes) {
    try reader.expectProtocolVersion()
    let at = reader.offset
    guard let node = NodeID(exactly: try reader.u64()) else { throw MalformedBytes("a node id", at: at) }
    self.node = node
    credit = try reader.u64()
    var positions: [LinkMessage.Position] = []
    for _ in 0..<(try reader.count(bytesEach: 48)) {
      positions.append(
        LinkMessage.Position(
          log: try reader.logID(), last: Sequence64(try reader.u64()),
          hash: Digest256(try reader.raw(Digest256.byteCount))))
    }
    self.positions = positions
  }
}

extension ByteReader {
  mutating func logID() throws(MalformedBytes) -> LogID {
    let at = offset
    guard let log = LogID(exactly: try u64()) else { throw MalformedBytes("a log id", at: at) }
    return log
  }

  fileprivate mutating func expectProtocolVersion() throws(MalformedBytes) {
    let at = offset
    guard try u16() == LinkMessage.protocolVersion else {
      throw MalformedBytes("link protocol \(LinkMessage.protocolVersion)", at: at)
    }
  }
}
