import Primitives

/// The signed part of a frame: fixed places, big-endian. Docs/FORMATS.md draws it.
///
/// The frame's hash, which the next frame names as its previous, is the SHA-256 of the header without the signature;
/// the header names the SHA-256 of the compressed body. So the chain covers every byte.
public struct FrameHeader: Hashable, Sendable {
  /// "XYF1"
  public static let magic: UInt32 = 0x5859_4631
  public static let version: UInt8 = 1
  /// Header bytes that are hashed and signed.
  public static let signedByteCount = 144
  /// Header with signature; the body follows.
  public static let byteCount = 208
  /// The one suite: SHA-256 chain, Ed25519 signature. 0 stood for unsigned frames before version 1 was published.
  public static let suite: UInt8 = 1
  /// A whole frame is never larger.
  public static let frameBytesMax = byteCount + (34 << 20)

  /// Hash of the network's name: frames never cross networks.
  public let network: UInt64
  public let log: LogID
  /// Whose rows the frame changes.
  public let partition: PartitionID
  public let epoch: Epoch
  /// First 4 bytes of the catalog version.
  public let catalog: UInt32
  public let first: Sequence64
  public let last: Sequence64
  /// Time of the last commit.
  public let time: HybridTime
  /// Dictionary the body was compressed with; 0 for none.
  public let dictionary: UInt32
  /// ``PublicKey/id`` of the key that signed.
  public let keyID: UInt32
  /// Hash of the log's frame before this one; zero for the first.
  public let previous: Digest256
  public let bodyByteCount: Int
  public let bodyByteCountUnpacked: Int
  public let bodyHash: Digest256

  public init(
    network: UInt64, log: LogID, partition: PartitionID, epoch: Epoch, catalog: UInt32, first: Sequence64,
    last: Sequence64, time: HybridTime, dictionary: UInt32, keyID: UInt32, previous: Digest256, bodyByteCount: Int,
    bodyByteCountUnpacked: Int, bodyHash: Digest256
  ) {
    self.network = network
    self.log = log
    self.partition = partition
    self.epoch = epoch
    self.catalog = catalog
    self.first = first
    self.last = last
    self.time = time
    self.dictionary = dictionary
    self.keyID = keyID
    self.previous = previous
    self.bodyByteCount = bodyByteCount
    self.bodyByteCountUnpacked = bodyByteCountUnpacked
    self.bodyHash = bodyHash
  }

  /// The 144 signed bytes.
  public var signedBytes: Bytes {
    var writer = ByteWriter(capacity: FrameHeader.byteCount)
    writer.u32(FrameHeader.magic)
    writer.u8(FrameHeader.version)
    writer.u8(FrameHeader.suite)
    writer.u16(0)
    writer.u64(network)
    writer.u64(log.value)
    writer.u64(partition.value)
    writer.u32(epoch.value)
    writer.u32(catalog)
    writer.u64(first.value)
    writer.u64(last.value)
    writer.u64(time.value)
    writer.u32(dictionary)
    writer.u32(keyID)
    writer.u32(UInt32(bodyByteCount))
    writer.u32(UInt32(bodyByteCountUnpacked))
    writer.raw(previous.bytes)
    writer.raw(bodyHash.bytes)
    return writer.bytes
  }

  /// Reads a header from the start of a whole frame; the signature is not checked here.
  ///
  /// - Throws: when any field is not what this version writes, or the lengths do not add up to the frame's.
  public init(frame: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(frame)
    guard try reader.u32() == FrameHeader.magic else { throw MalformedBytes("a frame", at: 0) }
    guard try reader.u8() == FrameHeader.version else { throw MalformedBytes("frame version 1", at: 4) }
    guard try reader.u8() == FrameHeader.suite else { throw MalformedBytes("a suite this release knows", at: 5) }
    guard try reader.u16() == 0 else { throw MalformedBytes("no flags", at: 6) }
    network = try reader.u64()
    guard let log = LogID(exactly: try reader.u64()) else { throw MalformedBytes("a log id", at: 16) }
    guard let partition = PartitionID(exactly: try reader.u64()) else { throw MalformedBytes("a partition", at: 24) }
    self.log = log
    self.partition = partition
    epoch = Epoch(try reader.u32())
    catalog = try reader.u32()
    first = Sequence64(try reader.u64())
    last = Sequence64(try reader.u64())
    guard first.value >= 1, last >= first else { throw MalformedBytes("a range of sequences", at: 40) }
    time = HybridTime(value: try reader.u64())
    dictionary = try reader.u32()
    keyID = try reader.u32()
    bodyByteCount = Int(try reader.u32())
    bodyByteCountUnpacked = Int(try reader.u32())
    previous = Digest256(try reader.raw(Digest256.byteCount))
    bodyHash = Digest256(try reader.raw(Digest256.byteCount))
    guard frame.count == FrameHeader.byteCount + bodyByteCount else {
      throw MalformedBytes("a body of \(bodyByteCount) bytes", at: FrameHeader.byteCount)
    }
  }
}
