import Formats
import Primitives
import Replication

/// What can be asked about links.
extension Engine {
  /// Whether the parent has welcomed us on a link that stands.
  public var isLinkedToParent: Bool {
    linkOrder.contains { if case .up(let uplink) = links[$0] { uplink.isStreaming } else { false } }
  }

  /// Frames that are durable here and not sent to the parent; without a link, at least the own commits that the
  /// parent is not known to have.
  public var backlog: UInt64 {
    for id in linkOrder {
      if case .up(let uplink) = links[id], uplink.isStreaming { return uplink.backlog(durable: durableApplied) }
    }
    let there = watermark(identity.log, level: 1)
    return isRoot || there >= durableSequence ? 0 : durableSequence.value - there.value
  }

  /// Why the parent, or we, ended the last link; nil when the last one stands or none was refused.
  public var parentRefusal: LinkMessage.Refusal? { lastParentFailure }

  /// Nodes whose links stand here now, sorted.
  public var linkedChildren: [NodeID] {
    linkOrder.compactMap { if case .down(let downlink) = links[$0] { downlink.child.node } else { nil } }.sorted()
  }

  /// The newest sign of life of every node below, with our clock when it came; sorted by log.
  public var nodeStatuses: [(status: LinkMessage.NodeStatus, seen: UInt64)] {
    statuses.keys.sorted().compactMap { log in statuses[log].map { ($0, statusSeen[log] ?? 0) } }
  }

  // MARK: Verdicts and freshness

  /// After a frame or a sign of life: is everything here that the owner of the log had told of?
  func refreshed(_ log: LogID) {
    guard let status = statuses[log], let seen = statusSeen[log] else { return }
    if heads[log]?.last ?? .zero >= status.last { completeAt[log] = seen }
  }

  private func since(_ moment: UInt64?, _ clock: UInt64) -> UInt64? { moment.map { clock > $0 ? clock - $0 : 0 } }

  /// How the stream of each partition's owner is doing, and how fresh its rows are here; sorted by partition.
  ///
  /// - Parameter clock: now, in milliseconds.
  public func freshness(clock: UInt64) -> [(partition: PartitionID, freshness: Freshness)] {
    var logs: [NodeID: LogID] = [:]
    // The newest life of each owner's store.
    for log in heads.keys.sorted() { logs[log.node] = log }
    for log in statuses.keys.sorted() where logs[log.node].map({ $0 < log }) ?? true { logs[log.node] = log }
    let linked = linkedChildren
    var all = assignments.all.map { assignment in
      (partition: assignment.partition, freshness: freshness(assignment, logs[assignment.owner], linked, clock))
    }
    let own = Freshness(
      log: identity.log, sequence: durableSequence.value, lag: 0, age: 0, verdict: parentVerdict(clock: clock))
    all.append((identity.partition, own))
    return all.sorted { $0.partition < $1.partition }
  }

  private func freshness(
    _ assignment: Assignment, _ log: LogID?, _ linked: [NodeID], _ clock: UInt64
  ) -> Freshness {
    let isDirect = holders[assignment.partition] == identity.partition
    let here = log.flatMap { durableHeads[$0]?.last.value } ?? 0
    let told = log.flatMap { statuses[$0]?.last.value } ?? 0
    let lag = told > here ? told - here : 0
    let age = since(log.flatMap { completeAt[$0] }, clock)
    let facts = LinkVerdict.Facts(
      isLinked: isDirect ? linked.contains(assignment.owner) : nil,
      silence: since(log.flatMap { statusSeen[$0] }, clock), lag: lag,
      standstill: since(log.flatMap { logMoved[$0] }, clock), age: age,
      isDiverged: diverged[assignment.partition] != nil)
    return Freshness(log: log, sequence: here, lag: lag, age: age, verdict: LinkVerdict(facts))
  }

  /// How our own stream to the parent is doing; idle at the top.
  public func parentVerdict(clock: UInt64) -> LinkVerdict {
    if isRoot { return .idle }
    let there = watermark(identity.log, level: 1)
    let isDiverged = [.diverged, .behind, .gap].contains(lastParentFailure?.reason)
    let facts = LinkVerdict.Facts(
      isLinked: isLinkedToParent, silence: parentHeard == 0 ? nil : since(parentHeard, clock),
      lag: durableSequence > there ? durableSequence.value - there.value : 0,
      standstill: parentProgress == 0 ? nil : since(parentProgress, clock),
      age: there >= durableSequence ? 0 : since(Swift.max(parentProgress, parentHeard), clock), isDiverged: isDiverged)
    return LinkVerdict(facts)
  }

  /// Remembers what the last comparison of a partition with its owner said; nil when they were equal.
  public func noteComparison(of partition: PartitionID, differing: Int?) { diverged[partition] = differing }

  /// Children that catch up at full speed, those that wait for it, and frames that wait to be applied.
  public var admissionFacts: (catchingUp: Int, waiting: Int, frames: Int) {
    let counts = admission.counts
    return (counts.catchingUp, counts.waiting, queues.waiting.reduce(0) { $0 + queues.count($1) })
  }

  /// The logs that a partition's rows came from, sorted by id: which is not the order of its owners' lives.
  public func logs(of partition: PartitionID) -> [LogID] {
    heads.keys.sorted().filter { heads[$0]?.partition == partition }
  }

  /// Whether all of these positions are durable here.
  public func covers(_ positions: [PositionToken.Entry]) -> Bool {
    positions.allSatisfy { durableHeads[$0.log]?.last ?? .zero >= $0.last }
  }

  /// Every assignment known here, sorted by partition.
  public var knownAssignments: [Assignment] { assignments.all }
}
