import Formats
import Primitives

/// The first record of a log that goes on where another ended: a new life of a store that was put back, copied or
/// rebuilt, or a new owner of the partition. A row of the engine's entity 201 in the owner's own partition, inserted by
/// the log's first commit, so that the owner's signature covers it and every ancestor checks it.
///
/// It names the one position behind which the earlier log is closed: whoever still writes there is fenced.
public struct Succession: Hashable, Sendable {
  /// The log that begins.
  public let log: LogID
  /// The log it goes on from, and the last frame of it that counts.
  public let follows: LogID
  public let last: Sequence64
  public let hash: Digest256
  /// Begun without asking the parent, by an operator's decision: what lay there and not here is lost until somebody
  /// reconciles the two.
  public let isIsolated: Bool

  /// A log that follows another at a place.
  public init(log: LogID, follows: LogID, last: Sequence64, hash: Digest256, isIsolated: Bool) {
    self.log = log
    self.follows = follows
    self.last = last
    self.hash = hash
    self.isIsolated = isIsolated
  }

  /// The engine's entity for successions.
  public static let entity = EntityID(201)
  private static let logItem = ItemID(1)
  private static let followsItem = ItemID(2)
  private static let lastItem = ItemID(3)
  private static let hashItem = ItemID(4)
  private static let isolatedItem = ItemID(5)

  /// The record that opens `log`.
  public static func key(_ log: LogID) -> RecordKey {
    RecordKey(entity: entity, record: RecordID(mint: log.value, counter: 0))
  }

  /// The record's fields, in order.
  public var fields: [Field] {
    [
      Field(.general, Succession.logItem, .int(Int64(bitPattern: log.value))),
      Field(.general, Succession.followsItem, .int(Int64(bitPattern: follows.value))),
      Field(.general, Succession.lastItem, .int(Int64(bitPattern: last.value))),
      Field(.general, Succession.hashItem, .text(Text(hash.bytes.hex))),
      Field(.general, Succession.isolatedItem, .bool(isIsolated)),
    ]
  }

  /// Reads a succession from a record's fields; nil when they are not those of one.
  public init?(_ value: (ItemID) -> Value) {
    guard case .int(let log) = value(Succession.logItem), let logID = LogID(exactly: UInt64(bitPattern: log)),
      case .int(let follows) = value(Succession.followsItem),
      let followed = LogID(exactly: UInt64(bitPattern: follows)), followed != logID,
      case .int(let last) = value(Succession.lastItem),
      case .text(let hashText) = value(Succession.hashItem), let hashBytes = Bytes(hex: hashText.string),
      hashBytes.count == Digest256.byteCount, case .bool(let isIsolated) = value(Succession.isolatedItem)
    else { return nil }
    self.log = logID
    self.follows = followed
    self.last = Sequence64(UInt64(bitPattern: last))
    self.hash = Digest256(hashBytes)
    self.isIsolated = isIsolated
  }

  /// The succession with which `body` opens `log`: the only operation of its first commit; nil when there is none.
  public init?(opening log: LogID, in body: FrameBody) {
    guard let first = body.commits.first, first.operationCount == 1 else { return nil }
    for group in body.groups where group.entity == Succession.entity && group.kind == .insert {
      for row in 0..<group.rows where group.commit(row) == 0 && group.key(row) == Succession.key(log) {
        guard case .insert(let fields) = group.operation(row).change,
          let succession = Succession({ item in fields.first { $0.item == item }?.value ?? .null }),
          succession.log == log
        else { return nil }
        self = succession
        return
      }
    }
    return nil
  }
}

/// Which log of each partition is the one that is written now, and what closed the others.
public struct Lineage: Sendable {
  /// What a frame's log is to its partition.
  public enum Place: Hashable, Sendable {
    /// The log that is written now.
    case current
    /// The partition has no log yet: this may be its first.
    case first
    /// Nothing of this log is here: it must open with a succession to the log named.
    case unopened(after: LogID)
    /// Another log follows it: nothing is added any more.
    case closed(by: LogID)
    /// Several logs here, and nothing says which of them is the last: none is added to until somebody looked.
    case torn
  }

  private var currents: [PartitionID: LogID] = [:]
  private var torn: Set<PartitionID> = []
  private var successions: [LogID: Succession] = [:]

  /// Nothing is known yet.
  public init() {}

  /// The log of `partition` that is written now.
  public func current(_ partition: PartitionID) -> LogID? { currents[partition] }
  /// With what a log opened; nil for a partition's first log.
  public func succession(_ log: LogID) -> Succession? { successions[log] }

  /// The first frame of `log` was applied.
  public mutating func opened(_ log: LogID, _ partition: PartitionID, _ succession: Succession?) {
    currents[partition] = log
    successions[log] = succession
  }

  /// Takes over the logs of a partition as a store holds them, each with what it opened with; nil for a first log, or
  /// where that is lost.
  public mutating func restore(_ partition: PartitionID, _ openings: [(log: LogID, succession: Succession?)]) {
    var followed: [LogID] = []
    for case let succession? in openings.map(\.succession) {
      successions[succession.log] = succession
      followed.append(succession.follows)
    }
    let ends = openings.map(\.log).filter { !followed.contains($0) }
    currents[partition] = ends.count == 1 ? ends[0] : nil
    if ends.count == 1 || openings.isEmpty { torn.remove(partition) } else { torn.insert(partition) }
  }

  /// Whether nothing says which log of the partition is the last.
  public func isTorn(_ partition: PartitionID) -> Bool { torn.contains(partition) }

  /// What a log is, given whether any frame of it is here.
  public func place(of log: LogID, _ partition: PartitionID, isHere: Bool) -> Place {
    if isTorn(partition) { return .torn }
    guard let current = currents[partition] else { return .first }
    if current == log { return .current }
    return isHere ? .closed(by: current) : .unopened(after: current)
  }

  /// Why a log may not open with `succession` in a store that stands at `head` of the partition's current log; nil when
  /// it may.
  public static func reason(
    against succession: Succession?, opening log: LogID, after current: LogID, at head: LogState
  ) -> LinkMessage.Refusal? {
    let name = "log \(log.node.value).\(log.incarnation)"
    let here = "\(current.node.value).\(current.incarnation)"
    if log.node == current.node, log.incarnation < current.incarnation {
      return .init(.fenced, Text("\(name): \(here) is the registered life of this node"))
    }
    guard let succession else {
      return .init(.fenced, Text("\(name) does not say which log it follows; \(here) is registered"))
    }
    guard succession.follows == current else {
      return .init(
        .fenced, Text("\(name) follows \(succession.follows.node.value).\(succession.follows.incarnation), not \(here)")
      )
    }
    if succession.last < head.last {
      return .init(
        .behind,
        Text("\(name) follows \(succession.last.value) of \(here), \(head.last.value) is here: to be reconciled"))
    }
    guard succession.last == head.last else {
      return .init(.gap, Text("\(name) follows \(succession.last.value) of \(here), only \(head.last.value) is here"))
    }
    return succession.hash == head.hash
      ? nil : .init(.diverged, Text("\(name) follows another history of \(here) at \(head.last.value)"))
  }
}
