import Formats
import Primitives

/// A package that this node made: kept so that the next one can follow it and a lost one can be made again, byte for
/// byte.
public struct SentPackage: Hashable, Sendable {
  /// Everything about it but its contents, which the log still has.
  public let facts: PackageHeader.Facts
  /// What the next package names as its previous.
  public let hash: Digest256

  /// A package with its hash.
  public init(facts: PackageHeader.Facts, hash: Digest256) {
    self.facts = facts
    self.hash = hash
  }

  /// `version u8 = 1 · hash 32 · kind u8 · flags u8 · number u64 · previous 32 · created u64 · catalog u32 · answers
  /// u64 · recipient key 32 · recipient u64 · sender u64 · partition u64 · network u64 · texts · starts · ends`
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 256)
    writer.u8(1)
    writer.raw(hash.bytes)
    writer.u8(facts.kind.rawValue)
    writer.u8(facts.hasMore ? 1 : 0)
    writer.u64(facts.number)
    writer.raw(facts.previous.bytes)
    writer.u64(facts.created)
    writer.u32(facts.catalog)
    writer.u64(facts.answers)
    writer.raw(facts.recipientKey.bytes)
    writer.u64(facts.recipient.value)
    writer.u64(facts.sender.value)
    writer.u64(facts.senderPartition.value)
    writer.u64(facts.network)
    for text in [facts.release, facts.senderCode, facts.recipientCode] { writer.text(text.string) }
    writer.count(facts.starts.count)
    for start in facts.starts {
      writer.u64(start.log.value)
      writer.u64(start.last.value)
    }
    writer.count(facts.ends.count)
    for end in facts.ends {
      writer.u64(end.log.value)
      writer.u64(end.last.value)
      writer.raw(end.hash.bytes)
    }
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    guard try reader.u8() == 1 else { throw MalformedBytes("a package record of version 1", at: 0) }
    hash = Digest256(try reader.raw(Digest256.byteCount))
    guard let kind = PackageHeader.Kind(rawValue: try reader.u8()) else {
      throw MalformedBytes("a kind of package", at: 33)
    }
    let hasMore = try reader.u8() == 1
    let number = try reader.u64()
    let previous = Digest256(try reader.raw(Digest256.byteCount))
    let (created, catalog, answers) = (try reader.u64(), try reader.u32(), try reader.u64())
    guard let key = SealingPublicKey(exactly: try reader.raw(SealingPublicKey.byteCount)),
      let recipient = NodeID(exactly: try reader.u64()), let sender = LogID(exactly: try reader.u64()),
      let partition = PartitionID(exactly: try reader.u64())
    else { throw MalformedBytes("sender and recipient", at: 95) }
    let network = try reader.u64()
    let (release, senderCode) = (Text(try reader.text()), Text(try reader.text()))
    var facts = PackageHeader.Facts(
      kind: kind, network: network, sender: sender, senderPartition: partition, senderCode: senderCode,
      recipient: recipient, recipientCode: Text(try reader.text()), recipientKey: key, number: number,
      previous: previous, created: created, catalog: catalog, release: release)
    facts.hasMore = hasMore
    facts.answers = answers
    for _ in 0..<(try reader.count(bytesEach: 16)) {
      guard let log = LogID(exactly: try reader.u64()) else { throw MalformedBytes("a log id", at: reader.offset) }
      facts.starts.append(.init(log: log, last: Sequence64(try reader.u64())))
    }
    for _ in 0..<(try reader.count(bytesEach: 48)) {
      guard let log = LogID(exactly: try reader.u64()) else { throw MalformedBytes("a log id", at: reader.offset) }
      let last = Sequence64(try reader.u64())
      facts.ends.append(.init(log: log, last: last, hash: Digest256(try reader.raw(Digest256.byteCount))))
    }
    try reader.finish()
    self.facts = facts
  }
}

/// The last package taken from a sender's log.
public struct TakenPackage: Hashable, Sendable {
  public let number: UInt64
  public let hash: Digest256

  /// Package `number`, which has this hash.
  public init(number: UInt64, hash: Digest256) {
    self.number = number
    self.hash = hash
  }

  /// `number u64 · hash 32`
  public var encoded: Bytes {
    var writer = ByteWriter(capacity: 40)
    writer.u64(number)
    writer.raw(hash.bytes)
    return writer.bytes
  }

  /// Reads what ``encoded`` wrote.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    number = try reader.u64()
    hash = Digest256(try reader.raw(Digest256.byteCount))
    try reader.finish()
  }
}

/// Where a package stands in its sender's series.
public enum SeriesPlace: Hashable, Sendable {
  /// The one that comes next.
  case next
  /// Taken already, or older.
  case again
  /// So many numbers before it never came.
  case skips(UInt64)
  /// Another package of this number was taken, or it follows another than the one taken: two histories.
  case broken

  /// The place of package `number` after what was taken.
  public init(number: UInt64, hash: Digest256, previous: Digest256, after taken: TakenPackage?) {
    let last = taken ?? TakenPackage(number: 0, hash: .zero)
    guard number > last.number else {
      self = number == last.number && hash != last.hash ? .broken : .again
      return
    }
    let skipped = number - last.number - 1
    self = skipped > 0 ? .skips(skipped) : previous == last.hash ? .next : .broken
  }
}

/// How a package's frames meet the logs that are here. Positions decide, numbers only explain: a package that contains
/// what a lost one held is as good as both.
public enum PackageFit: Hashable, Sendable {
  /// Something in it is new, and nothing is missing before it.
  case new
  /// Everything in it is here.
  case already
  /// Commits of `log` after `have` are missing: the package begins after `start`.
  case gap(log: LogID, have: Sequence64, start: Sequence64)
  /// The same place of `log`, another history.
  case diverged(log: LogID, at: Sequence64)

  /// Holds a header's positions against the heads here.
  ///
  /// - Parameter others: logs that are not taken from this sender.
  public init(_ header: PackageHeader, heads: [LogID: LogState], without others: Set<LogID> = []) {
    var isNew = false
    for end in header.facts.ends where !others.contains(end.log) {
      let head = heads[end.log]
      let last = head?.last ?? .zero
      if end.last <= last {
        if end.last == last, last > .zero, end.hash != head?.hash {
          self = .diverged(log: end.log, at: last)
          return
        }
        continue
      }
      // A log without a start is claimed to begin where it ends: nothing here can join it.
      let start = header.start(of: end.log) ?? end.last
      guard start <= last else {
        self = .gap(log: end.log, have: last, start: start)
        return
      }
      isNew = true
    }
    // Frames of one log may need another log's before them: what an earlier part of this export held must be here.
    for start in header.facts.starts where !header.facts.ends.contains(where: { $0.log == start.log }) {
      let last = heads[start.log]?.last ?? .zero
      guard start.last <= last else {
        self = .gap(log: start.log, have: last, start: start.last)
        return
      }
    }
    self = isNew ? .new : .already
  }
}

/// Holds the frames of an opened package against the heads they shall join, before any of them is applied: a package is
/// taken whole or not at all.
public struct PackageChain {
  private var heads: [LogID: LogState]

  /// - Parameter heads: where the store stands.
  public init(heads: [LogID: LogState]) { self.heads = heads }

  /// What is wrong with the frames, in plain words; nil when every one of them is next or there already, and the
  /// logs end where the header says.
  public mutating func fault(_ frames: [Bytes], _ header: PackageHeader, with codec: FrameCodec) -> String? {
    for (number, bytes) in frames.enumerated() {
      let frame: Frame
      do { frame = try codec.parse(bytes) } catch { return "frame \(number + 1): \(error)" }
      let log = frame.header.log
      guard frame.header.network == header.facts.network else { return "frame \(number + 1) is of another network" }
      switch Continuation(of: frame, after: heads[log] ?? .empty(frame.header.partition)) {
      case .next: heads[log] = LogState(after: frame)
      case .duplicate: break
      case .gap: return "frame \(number + 1) does not follow log \(String(log.value, radix: 16))"
      case .fork: return "frame \(number + 1) forks log \(String(log.value, radix: 16))"
      }
    }
    for end in header.facts.ends {
      guard let head = heads[end.log], head.last > end.last || head.last == end.last && head.hash == end.hash else {
        return "log \(String(end.log.value, radix: 16)) does not end at \(end.last.value)"
      }
    }
    return nil
  }
}
