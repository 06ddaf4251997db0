import Primitives

/// How a snapshot travels, upward to a parent that lacks a partition and downward to a child that lost its disk: the
/// holder offers, the receiver asks for chunks as far as it has made them durable, the holder sends them.
extension LinkMessage {
  /// A snapshot that the receiver needs before the frames that follow it.
  public struct SnapshotOffer: Hashable, Sendable {
    /// The owner's manifest, as it came.
    public let manifest: Bytes
    /// Downward only: the key of the owner that signed it, for a child that takes back what an earlier owner of its
    /// partition made. Whoever can judge by assignments does not believe it.
    public let signer: PublicKey

    /// An offer.
    public init(manifest: Bytes, signer: PublicKey) {
      self.manifest = manifest
      self.signer = signer
    }
  }

  /// Which chunks may be sent. Asking again costs nothing: the holder keeps nothing in mind.
  public struct SnapshotWant: Hashable, Sendable {
    public let snapshot: Digest256
    public let from: UInt32
    public let count: UInt32

    /// `count` chunks from number `from` on.
    public init(snapshot: Digest256, from: UInt32, count: UInt32) {
      self.snapshot = snapshot
      self.from = from
      self.count = count
    }

    /// A holder sends at most so many for one request.
    public static let countMax: UInt32 = 16
  }

  /// One chunk, as the manifest names it.
  public struct SnapshotPart: Hashable, Sendable {
    public let snapshot: Digest256
    public let number: UInt32
    public let bytes: Bytes

    /// A chunk.
    public init(snapshot: Digest256, number: UInt32, bytes: Bytes) {
      self.snapshot = snapshot
      self.number = number
      self.bytes = bytes
    }
  }

  /// What became of an offer.
  public struct SnapshotOutcome: Hashable, Sendable {
    /// How an offer ended.
    public enum State: UInt8, Hashable, Sendable {
      /// Everything up to its position is durable here: frames may follow.
      case taken = 1
      /// The holder has it no more: connect again.
      case gone = 2
    }
    public let snapshot: Digest256
    public let state: State

    /// An outcome.
    public init(snapshot: Digest256, state: State) {
      self.snapshot = snapshot
      self.state = state
    }
  }
}

extension LinkMessage.SnapshotOffer {
  func encode(to writer: inout ByteWriter) {
    writer.raw(signer.bytes)
    writer.block(manifest)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    guard let signer = PublicKey(exactly: try reader.raw(PublicKey.byteCount)) else {
      throw MalformedBytes("a public key", at: 1)
    }
    self.signer = signer
    manifest = try reader.block()
  }
}

extension LinkMessage.SnapshotWant {
  func encode(to writer: inout ByteWriter) {
    writer.raw(snapshot.bytes)
    writer.u32(from)
    writer.u32(count)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    snapshot = Digest256(try reader.raw(Digest256.byteCount))
    from = try reader.u32()
    count = try reader.u32()
  }
}

extension LinkMessage.SnapshotPart {
  func encode(to writer: inout ByteWriter) {
    writer.raw(snapshot.bytes)
    writer.u32(number)
    writer.block(bytes)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    snapshot = Digest256(try reader.raw(Digest256.byteCount))
    number = try reader.u32()
    let at = reader.offset
    bytes = try reader.block()
    guard bytes.count <= SnapshotManifest.Limits.chunkBytes else { throw MalformedBytes("a chunk's bytes", at: at) }
  }
}

extension LinkMessage.SnapshotOutcome {
  func encode(to writer: inout ByteWriter) {
    writer.raw(snapshot.bytes)
    writer.u8(state.rawValue)
  }

  init(_ reader: inout ByteReader) throws(MalformedBytes) {
    snapshot = Digest256(try reader.raw(Digest256.byteCount))
    let at = reader.offset
    guard let state = State(rawValue: try reader.u8()) else { throw MalformedBytes("taken or gone", at: at) }
    self.state = state
  }
}
