import Primitives

/// What a child says and hears that may hold less than its parent does: a restored store, an empty disk, a parent put
/// back itself.
extension LinkMessage {
  /// The child asks for frames at or below its own partition that the parent holds and it does not.
  public struct Recall: Hashable, Sendable {
    /// Where the child stands in each log it has anything of; the parent proves that they are its own history.
    public let positions: [Position]
    /// Where to go on, as the answer before said; zero to begin.
    public let cursor: ApplySequence

    /// A question from where the child stands.
    public init(positions: [Position], cursor: ApplySequence) {
      self.positions = positions
      self.cursor = cursor
    }
  }

  /// The parent's answer: frames as their owners made them, in the order in which the parent applied them, so that an
  /// assignment comes before what it allows.
  public struct Recalled: Hashable, Sendable {
    /// Which key signed a log of the child's partition, for logs of its earlier owners.
    public struct Signer: Hashable, Sendable {
      public let log: LogID
      public let key: PublicKey
      /// A log with its key.
      public init(log: LogID, key: PublicKey) {
        self.log = log
        self.key = key
      }
    }
    public let frames: [Bytes]
    public let signers: [Signer]
    /// Where the next recall goes on.
    public let cursor: ApplySequence
    /// Whether the parent has nothing more.
    public let isLast: Bool

    /// One answer.
    public init(frames: [Bytes], signers: [Signer], cursor: ApplySequence, isLast: Bool) {
      self.frames = frames
      self.signers = signers
      self.cursor = cursor
      self.isLast = isLast
    }
  }

  /// The parent asks an older link of a node whether somebody is still there, when another machine says that it is
  /// that node; who is there says the number back.
  public struct Presence: Hashable, Sendable {
    public let number: UInt64
    public let isAnswer: Bool

    /// A question or its answer.
    public init(number: UInt64, isAnswer: Bool) {
      self.number = number
      self.isAnswer = isAnswer
    }
  }
}

extension LinkMessage.Recall {
  func encode(to writer: inout ByteWriter) {
    writer.u64(cursor.value)
    writer.count(positions.count)
    for position in positions {
      writer.u64(position.log.value)
      writer.u64(position.last.value)
      writer.raw(position.hash.bytes)
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    cursor = ApplySequence(try reader.u64())
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

extension LinkMessage.Recalled {
  func encode(to writer: inout ByteWriter) {
    writer.u64(cursor.value)
    writer.u8(isLast ? 1 : 0)
    writer.count(signers.count)
    for signer in signers {
      writer.u64(signer.log.value)
      writer.raw(signer.key.bytes)
    }
    writer.count(frames.count)
    for frame in frames {
      writer.u32(UInt32(frame.count))
      writer.raw(frame)
    }
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    cursor = ApplySequence(try reader.u64())
    isLast = try reader.flag()
    var signers: [Signer] = []
    for _ in 0..<(try reader.count(bytesEach: 8 + PublicKey.byteCount)) {
      let log = try reader.logID()
      let at = reader.offset
      guard let key = PublicKey(exactly: try reader.raw(PublicKey.byteCount)) else {
        throw MalformedBytes("a public key", at: at)
      }
      signers.append(Signer(log: log, key: key))
    }
    self.signers = signers
    var frames: [Bytes] = []
    for _ in 0..<(try reader.count(bytesEach: 4 + FrameHeader.byteCount)) {
      frames.append(Bytes(try reader.raw(Int(try reader.u32()))))
    }
    self.frames = frames
  }
}

extension LinkMessage.Presence {
  func encode(to writer: inout ByteWriter) {
    writer.u64(number)
    writer.u8(isAnswer ? 1 : 0)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    number = try reader.u64()
    isAnswer = try reader.flag()
  }
}

extension ByteReader {
  fileprivate mutating func flag() throws(MalformedBytes) -> Bool {
    let at = offset
    switch try u8() {
    case 0: return false
    case 1: return true
    default: throw MalformedBytes("0 or 1", at: at)
    }
  }
}
