import Formats
import Primitives

/// Where a store stands in one log.
public struct LogState: Hashable, Sendable {
  public let last: Sequence64
  public let hash: Digest256
  public let time: HybridTime
  public let partition: PartitionID

  /// Before the first frame.
  public static func empty(_ partition: PartitionID) -> LogState {
    LogState(last: .zero, hash: .zero, time: .zero, partition: partition)
  }

  public init(last: Sequence64, hash: Digest256, time: HybridTime, partition: PartitionID) {
    self.last = last
    self.hash = hash
    self.time = time
    self.partition = partition
  }

  /// The head after `frame`.
  public init(after frame: Frame) {
    self.init(
      last: frame.header.last, hash: frame.hash, time: frame.header.time, partition: frame.header.partition)
  }

  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 56)
    writer.u64(last.value)
    writer.raw(hash.bytes)
    writer.u64(time.value)
    writer.u64(partition.value)
    return writer.bytes
  }

  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    last = Sequence64(try reader.u64())
    hash = Digest256(try reader.raw(Digest256.byteCount))
    time = HybridTime(value: try reader.u64())
    guard let partition = PartitionID(exactly: try reader.u64()) else { throw MalformedBytes("a partition", at: 48) }
    self.partition = partition
    try reader.finish()
  }
}

/// What a frame is to a store that stands at `head` of its log.
public enum Continuation: Hashable, Sendable {
  /// Exactly the next one.
  case next
  /// Already applied; a second copy changes nothing.
  case duplicate
  /// Frames between are missing: never skipped, the link starts over from our position.
  case gap
  /// Same place, other history: the log forked.
  case fork

  public init(of frame: Frame, after head: LogState) {
    if frame.header.last <= head.last {
      self = frame.header.last == head.last && frame.hash != head.hash ? .fork : .duplicate
    } else if frame.header.first == head.last.next {
      self = frame.header.previous == head.hash ? .next : .fork
    } else {
      // A frame that begins inside what we have was cut differently by another history.
      self = frame.header.first <= head.last ? .fork : .gap
    }
  }
}
