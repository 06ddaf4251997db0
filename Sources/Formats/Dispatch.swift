import Primitives

/// Names a dispatch for good: the log of the node that made it, and a number drawn there, 48 bits.
public struct DispatchID: Hashable, Comparable, Sendable {
  public let origin: LogID
  public let number: UInt64

  /// The dispatch `number` of `origin`.
  public init(origin: LogID, number: UInt64) {
    self.origin = origin
    self.number = number
  }

  public static func < (left: DispatchID, right: DispatchID) -> Bool {
    left.origin != right.origin ? left.origin < right.origin : left.number < right.number
  }

  /// What people call it: node in hexadecimal, incarnation, number in hexadecimal.
  public var text: String {
    "\(String(origin.node.value, radix: 16))-\(origin.incarnation)-\(String(number, radix: 16))"
  }

  /// Reads what ``text`` says; nil for anything else.
  public init?(text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let node = UInt64(parts[0], radix: 16).flatMap({ NodeID(exactly: $0) }),
      let incarnation = UInt16(parts[1]), incarnation > 0, let number = UInt64(parts[2], radix: 16)
    else { return nil }
    self.init(origin: LogID(node: node, incarnation: incarnation), number: number)
    guard self.text == text else { return nil }
  }

  /// `log u64 · number u64`
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: DispatchID.byteCount)
    writer.u64(origin.value)
    writer.u64(number)
    return writer.bytes
  }

  /// How many bytes ``encoded`` has.
  public static let byteCount = 16
}

extension ByteReader {
  /// What ``DispatchID/encoded`` wrote.
  public mutating func dispatchID() throws(MalformedBytes) -> DispatchID {
    let at = offset
    guard let log = LogID(exactly: try u64()) else { throw MalformedBytes("a log id", at: at) }
    return DispatchID(origin: log, number: try u64())
  }
}

/// What a dispatch is about. Numbers are append-only; a kind that a release does not know is kept and relayed
/// untouched.
public enum DispatchKind {
  /// A text for people: ``NoticeBody``.
  public static let notice: UInt16 = 1
  /// Orgs of one domain, for whoever must name orgs elsewhere: ``DirectoryBody``.
  public static let directory: UInt16 = 2
  /// Another dispatch of the same node is withdrawn: its id.
  public static let recall: UInt16 = 3
  /// An ancestor asks an owner to correct a record: ``NoticeBody`` with the record.
  public static let correction: UInt16 = 4
  /// A record with all that belongs to it is offered to another domain: ``HandoverOffer``.
  public static let offer: UInt16 = 5
  /// What became of a hand-over: ``HandoverDecision``.
  public static let decision: UInt16 = 6
}

/// For whom a dispatch is; decides its way. Every node below the origin can tell where it must go from this alone.
public enum Audience: Hashable, Sendable {
  /// An org with the partition whose owner keeps it.
  public struct Place: Hashable, Sendable {
    public let org: RecordID
    public let partition: PartitionID
    /// An org of `partition`.
    public init(org: RecordID, partition: PartitionID) {
      self.org = org
      self.partition = partition
    }
  }
  /// Every node whose domain lies at or under an org, and the one whose domain the org is part of.
  case subtree(Place)
  /// Every node so many links below the origin; 1 are its children.
  case level(UInt8)
  /// The nodes whose domains have these orgs; at most ``placesMax``.
  case list([Place])
  /// Of a later release: it goes everywhere below, and is for nobody here.
  case other(UInt8, Bytes)

  /// Most orgs of a list.
  public static let placesMax = 1024

  func write(to writer: inout ByteWriter) {
    func place(_ place: Place) {
      writer.u64(place.org.mint)
      writer.u64(place.org.counter)
      writer.u64(place.partition.value)
    }
    switch self {
    case .subtree(let top):
      writer.u8(1)
      place(top)
    case .level(let level):
      writer.u8(2)
      writer.u8(level)
    case .list(let places):
      writer.u8(3)
      writer.count(places.count)
      for each in places { place(each) }
    case .other(let kind, let bytes):
      writer.u8(kind)
      writer.raw(bytes)
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    func place(_ reader: inout ByteReader) throws(MalformedBytes) -> Place {
      let org = RecordID(mint: try reader.u64(), counter: try reader.u64())
      let at = reader.offset
      guard let partition = PartitionID(exactly: try reader.u64()) else { throw MalformedBytes("a partition", at: at) }
      return Place(org: org, partition: partition)
    }
    let at = reader.offset
    let kind = try reader.u8()
    switch kind {
    case 0: throw MalformedBytes("an audience", at: at)
    case 1: self = .subtree(try place(&reader))
    case 2: self = .level(try reader.u8())
    case 3:
      let count = try reader.count(bytesEach: 24)
      guard count <= Audience.placesMax else { throw MalformedBytes("\(Audience.placesMax) orgs at most", at: at) }
      var places: [Place] = []
      for _ in 0..<count { places.append(try place(&reader)) }
      self = .list(places)
    default: self = .other(kind, try reader.raw(reader.remaining))
    }
  }
}

/// Something an ancestor says to nodes below it: signed once by its origin, relayed unchanged, taken once by each node.
///
/// Docs/FORMATS.md draws the bytes: head, audience, signature over both, body. The head names the body's hash, so the
/// signature covers every byte; what is withdrawn loses its body and keeps its signed head.
public struct Dispatch: Hashable, Sendable {
  /// What a dispatch says of itself.
  public struct Head: Hashable, Sendable {
    public let id: DispatchID
    /// See ``DispatchKind``.
    public let kind: UInt16
    /// Hash of the network's name.
    public let network: UInt64
    /// The origin's clock, milliseconds since 1970: a label.
    public let time: UInt64
    /// A later dispatch of the same origin, kind and topic takes the place of this one; (0, 0) is no topic.
    public let topic: RecordID
    public let audience: Audience
    /// ``PublicKey/id`` of the signer.
    public let keyID: UInt32
    public let bodyByteCount: Int
    public let bodyHash: Digest256

    /// Whether later ones replace it.
    public var hasTopic: Bool { topic != Dispatch.noTopic }
  }

  /// Stands for no topic.
  public static let noTopic = RecordID(mint: 0, counter: 0)
  /// Bodies are never longer.
  public static let bodyBytesMax = 1 << 20
  /// Audiences are never longer.
  static let audienceBytesMax = 32 << 10

  public let head: Head
  /// Head, audience and signature, and the body unless the dispatch was withdrawn.
  public let bytes: Bytes
  private let signedByteCount: Int

  /// Whether the body is there.
  public var isWhole: Bool { bytes.count > headByteCount || head.bodyByteCount == 0 }
  /// The body; empty when it was withdrawn.
  public var body: Bytes { Bytes(bytes[headByteCount...]) }
  /// The same without its body.
  public var withdrawn: Bytes { Bytes(bytes[..<headByteCount]) }
  private var headByteCount: Int { signedByteCount + PublicKey.signatureByteCount }

  private static let magic: UInt32 = 0x5859_4431
  private static let fixedByteCount = 98

  /// Makes and signs a dispatch.
  ///
  /// - Requires: a body of at most ``bodyBytesMax`` bytes, an audience of at most ``Audience/placesMax`` orgs.
  public init(
    _ id: DispatchID, kind: UInt16, network: UInt64, time: UInt64, topic: RecordID = Dispatch.noTopic,
    audience: Audience, body: Bytes, key: SigningKey, hashing: Hashing
  ) {
    require(body.count <= Dispatch.bodyBytesMax, "a dispatch's body is within its limit")
    let hash = hashing.digest(body)
    var place = ByteWriter(capacity: 32)
    audience.write(to: &place)
    require(place.bytes.count <= Dispatch.audienceBytesMax, "an audience is within its limit")
    var writer = ByteWriter(capacity: Dispatch.fixedByteCount + place.bytes.count + 64 + body.count)
    writer.u32(Dispatch.magic)
    writer.u8(1)
    writer.u8(1)
    writer.u16(kind)
    writer.u64(network)
    writer.u64(id.origin.value)
    writer.u64(id.number)
    writer.u64(time)
    writer.u64(topic.mint)
    writer.u64(topic.counter)
    writer.u32(key.id)
    writer.u32(UInt32(body.count))
    writer.raw(hash.bytes)
    writer.u16(UInt16(place.bytes.count))
    writer.raw(place.bytes)
    signedByteCount = writer.bytes.count
    head = Head(
      id: id, kind: kind, network: network, time: time, topic: topic, audience: audience, keyID: key.id,
      bodyByteCount: body.count, bodyHash: hash)
    bytes = writer.bytes + key.sign(writer.bytes) + body
  }

  /// Reads a dispatch and holds its body, when it has one, against its head; the signature is unchecked.
  ///
  /// - Throws: for anything that no release wrote.
  public init(_ bytes: Bytes, hashing: Hashing) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u32() == Dispatch.magic, try reader.u8() == 1, try reader.u8() == 1 else {
      throw MalformedBytes("a dispatch, version 1, suite 1", at: 0)
    }
    let kind = try reader.u16()
    let network = try reader.u64()
    let id = try reader.dispatchID()
    let time = try reader.u64()
    let topic = RecordID(mint: try reader.u64(), counter: try reader.u64())
    let keyID = try reader.u32()
    let bodyByteCount = Int(try reader.u32())
    guard bodyByteCount <= Dispatch.bodyBytesMax else { throw MalformedBytes("a body within its limit", at: 60) }
    let bodyHash = Digest256(try reader.raw(Digest256.byteCount))
    let length = Int(try reader.u16())
    guard length <= Dispatch.audienceBytesMax, length <= reader.remaining else {
      throw MalformedBytes("an audience within its limit", at: 96)
    }
    var inner = ByteReader(bytes, from: reader.offset, to: reader.offset + length)
    let audience = try Audience(&inner)
    try inner.finish()
    _ = try reader.skip(length)
    signedByteCount = reader.offset
    _ = try reader.skip(PublicKey.signatureByteCount)
    let body = try reader.raw(reader.remaining)
    guard body.isEmpty || body.count == bodyByteCount && hashing.digest(body) == bodyHash else {
      throw MalformedBytes("the body that the head names", at: signedByteCount + PublicKey.signatureByteCount)
    }
    head = Head(
      id: id, kind: kind, network: network, time: time, topic: topic, audience: audience, keyID: keyID,
      bodyByteCount: bodyByteCount, bodyHash: bodyHash)
    self.bytes = bytes
  }

  /// Whether the holder of `key` made it: head, audience and, by its hash, the body.
  public func isSigned(by key: PublicKey) -> Bool {
    head.keyID == key.id
      && key.isValid(
        Bytes(bytes[signedByteCount..<headByteCount]), over: Bytes(bytes[..<signedByteCount]))
  }
}
