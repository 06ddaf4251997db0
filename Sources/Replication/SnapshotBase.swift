import Formats
import Primitives

/// A snapshot that a store holds whole, and what it is to the store.
public struct SnapshotBase: Hashable, Sendable {
  /// The stretch of the apply order that it stands for: frames of the partition there are not held, or count no more.
  public struct Covered: Hashable, Sendable {
    public let first: ApplySequence
    public let last: ApplySequence

    /// - Requires: `first` is no later than `last`.
    public init(first: ApplySequence, last: ApplySequence) {
      require(first <= last, "a stretch of the apply order")
      self.first = first
      self.last = last
    }
  }

  public let manifest: SnapshotManifest
  /// Nil for an owner's own making while all of its frames are here: it waits to be taken by the parent and is then
  /// forgotten.
  public let covered: Covered?

  /// A snapshot as a store holds it.
  public init(manifest: SnapshotManifest, covered: Covered?) {
    self.manifest = manifest
    self.covered = covered
  }

  private static let version: UInt8 = 1

  /// As it lies in `meta`: `version u8 = 1 · first u64 · last u64 (both 0 = none) · manifest`.
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: manifest.bytes.count + 17)
    writer.u8(SnapshotBase.version)
    writer.u64(covered?.first.value ?? 0)
    writer.u64(covered?.last.value ?? 0)
    writer.raw(manifest.bytes)
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes, with hashing: Hashing) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == SnapshotBase.version else { throw MalformedBytes("version 1", at: 0) }
    let (first, last) = (try reader.u64(), try reader.u64())
    guard first <= last, (first == 0) == (last == 0) else { throw MalformedBytes("a stretch", at: 1) }
    covered = first == 0 ? nil : Covered(first: ApplySequence(first), last: ApplySequence(last))
    manifest = try SnapshotManifest(try reader.raw(reader.remaining), with: hashing)
  }
}

/// Whether a first sync goes by snapshot.
///
/// Frames cost a receiver a signature check, a decoding and an insertion for every row; a snapshot costs its owner a
/// scan and a file besides. Below ten thousand rows nobody notices either, and frames keep the history above.
public enum FirstSync {
  /// The parent has nothing of the partition, and the partition has at least so many rows: then its owner makes a
  /// snapshot instead of sending its log from the beginning.
  public static let rowsMin = 10_000
}

/// What of a snapshot has arrived and what may come: the receiver's machine, without I/O.
///
/// 1. Chunks are asked for, sent and made durable in the order of their numbers: what is durable is a count.
/// 2. At most ``window`` chunks beyond the durable ones are asked for: so many are sent again after a crash or a line
///    that broke, and so many wait in memory.
public struct SnapshotReceipt: Sendable {
  /// Chunks that may be on their way or unsynced.
  public static let window = 16

  /// What a chunk that arrives is to the receipt.
  public enum Place: Hashable, Sendable {
    case next
    /// Here already.
    case duplicate
    /// Nobody asked for it.
    case stray
  }

  public let manifest: SnapshotManifest
  /// Chunks that are here, and those of them that are synced.
  public private(set) var received: Int
  public private(set) var durable: Int
  private var flying: Int
  private var asked: Int

  /// - Parameter durable: so many chunks are in the store.
  public init(_ manifest: SnapshotManifest, durable: Int) {
    self.manifest = manifest
    self.durable = durable
    received = durable
    flying = durable
    asked = durable
  }

  private var chunks: Int { manifest.facts.chunks.count }
  /// Every chunk is synced.
  public var isComplete: Bool { durable == chunks }

  /// Another link carries it from here on: what was asked for on the last one does not come.
  public mutating func reconnect() { asked = received }

  /// What to ask for now, or nil: half a window at once at least, so that a chunk is not a round trip.
  public mutating func want() -> (from: UInt32, count: UInt32)? {
    let limit = Swift.min(chunks, durable + SnapshotReceipt.window)
    guard asked < limit, limit == chunks || limit - asked >= SnapshotReceipt.window / 2 else { return nil }
    defer { asked = limit }
    return (UInt32(asked), UInt32(limit - asked))
  }

  /// What chunk `number` is.
  public func place(of number: UInt32) -> Place {
    if number < received { return .duplicate }
    return Int(number) == received && received < asked ? .next : .stray
  }

  /// The next chunk was checked and goes into the open batch.
  public mutating func take() { received += 1 }
  /// The open batch is being written.
  public mutating func taken() { flying = received }
  /// It is synced.
  public mutating func written() { durable = flying }
}
