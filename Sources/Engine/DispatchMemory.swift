import Formats
import Primitives
import Replication

/// A dispatch as this node has it.
struct HeldDispatch {
  let head: Dispatch.Head
  /// How many links the origin lies above us; 0 is ours.
  let distance: UInt8
  /// Whether it is for this node, or only on its way through.
  let isForUs: Bool
  var isRead = false
  /// Withdrawn by its origin: the signed head is kept, the body is gone.
  var isRecalled = false

  /// `flags u8 (1 for us, 2 read, 4 recalled) · distance u8`, in front of the dispatch's bytes.
  var prefix: Bytes { [(isForUs ? 1 : 0) | (isRead ? 2 : 0) | (isRecalled ? 4 : 0), distance] }

  /// How many nodes took and read it, this one alone.
  var own: DispatchCounts { DispatchCounts(delivered: isForUs ? 1 : 0, read: isRead ? 1 : 0) }
}

/// In how many nodes a dispatch was taken by one that it is for, and read by somebody.
public struct DispatchCounts: Hashable, Sendable {
  public var delivered: UInt32 = 0
  public var read: UInt32 = 0

  mutating func add(_ other: DispatchCounts) {
    delivered = delivered &+ other.delivered
    read = read &+ other.read
  }

  mutating func remove(_ other: DispatchCounts) {
    delivered = delivered &- other.delivered
    read = read &- other.read
  }
}

/// What the children told of one dispatch: the last word of each, and the sum of them.
struct DispatchTally {
  private(set) var sum = DispatchCounts()
  private var children: [PartitionID: DispatchCounts] = [:]

  /// The last word of a child.
  func counts(_ child: PartitionID) -> DispatchCounts? { children[child] }

  /// Takes a child's word; false when it is the same as before. Constant time.
  mutating func set(_ counts: DispatchCounts, of child: PartitionID) -> Bool {
    let known = children[child]
    if known == counts { return false }
    if let known { sum.remove(known) }
    sum.add(counts)
    children[child] = counts
    return true
  }
}

/// What an engine knows of dispatches, mirrored from `Keyspace.meta` and changed together with the open batch.
struct DispatchMemory {
  /// What a parent keeps, for the time of a link, of what it sent there.
  struct Lane {
    /// Sent and not acknowledged, with their bytes.
    var inFlight: [(place: UInt64, byteCount: Int)] = []
    /// The last place sent.
    var sent: UInt64
    var byteCount: Int { inFlight.reduce(0) { $0 + $1.byteCount } }
  }

  struct Topic: Hashable {
    let node: NodeID
    let kind: UInt16
    let topic: RecordID
  }

  /// Whose signatures we believe.
  var ancestry: LinkMessage.Ancestry?
  var held: [DispatchID: HeldDispatch] = [:]
  /// Bytes that the store does not have yet, and whose they are in the open and in the flying batch.
  var fresh: [DispatchID: Bytes] = [:]
  var openFresh: [DispatchID] = []
  private var flyingFresh: [DispatchID] = []
  /// The newest dispatch of each topic.
  var topics: [Topic: DispatchID] = [:]
  /// By dispatch, what withdrew it.
  var recalls: [DispatchID: DispatchID] = [:]
  /// Live dispatches of our own without a topic.
  var ownCount = 0

  // Down.
  var outboxes: [PartitionID: Outbox] = [:]
  var lanes: [LinkID: Lane] = [:]
  /// Generations of outboxes that were dropped.
  var dropped: [PartitionID: UInt64] = [:]
  /// Outboxes that have entries which are not durable.
  var openOutboxes: Set<PartitionID> = []

  // Up.
  var cursor = InboxCursor()
  var flyingCursor = InboxCursor()
  var durableCursor = InboxCursor()
  /// The link to the parent on which something was told, and the position.
  var told: (link: LinkID, cursor: InboxCursor)?
  /// Receipts in packages that the parent has not answered, by package number.
  var unanswered: [(number: UInt64, receipts: [LinkMessage.Receipt])] = []
  var tallies: [DispatchID: DispatchTally] = [:]
  /// Dispatches whose counts the open batch changes; with the counts, those of the flying one.
  var openReceipts: [DispatchID] = []
  var flyingReceipts: [LinkMessage.Receipt] = []
  /// What may be told, by dispatch, and which of it the parent was not told.
  var durableReceipts: [DispatchID: LinkMessage.Receipt] = [:]
  var untold: [DispatchID] = []

  /// Domains directly below our own, sorted; nil when an assignment changed since.
  var children: [PartitionID]?
  /// Domains whose orgs changed since the directory was made; the top of the network alone keeps them.
  var staleDomains: Set<PartitionID> = []
  var directoryMade: UInt64 = 0
  /// The link on which something came that could not be believed: nothing more is taken there.
  var deaf: LinkID?
  /// Dispatches that came and could not be believed, since this engine was opened.
  var refused = 0

  /// What we and those below counted of a dispatch.
  func counts(_ id: DispatchID) -> DispatchCounts {
    var counts = held[id]?.own ?? DispatchCounts()
    if let tally = tallies[id] { counts.add(tally.sum) }
    return counts
  }

  /// What was done so far goes with the batch that is taken now.
  mutating func batchTaken() {
    flyingCursor = cursor
    swap(&flyingFresh, &openFresh)
    openFresh.removeAll(keepingCapacity: true)
    for child in openOutboxes.sorted() { outboxes[child]?.taken() }
    flyingReceipts = openReceipts.map { id in
      let counts = counts(id)
      return .init(id: id, delivered: counts.delivered, read: counts.read)
    }
    openReceipts.removeAll(keepingCapacity: true)
  }

  /// The batch that was taken last is durable.
  mutating func batchWritten() {
    durableCursor = flyingCursor
    for id in flyingFresh where !openFresh.contains(id) { fresh[id] = nil }
    flyingFresh.removeAll(keepingCapacity: true)
    for child in openOutboxes.sorted() {
      guard var outbox = outboxes[child] else { continue }
      outbox.written()
      if outbox.durable == outbox.last { openOutboxes.remove(child) }
      outboxes[child] = outbox
    }
    for receipt in flyingReceipts {
      durableReceipts[receipt.id] = receipt
      untold.append(receipt.id)
    }
    flyingReceipts = []
  }
}
