import Access
import Engine
import Formats
import Foundation
import Messages
import Primitives
import Replication

/// How a node's stream to its parent is doing, as seen from above.
public enum LinkState: String, Sendable {
  /// Nothing to send.
  case idle
  /// Data flows, or has just flowed.
  case ok
  /// Data flows, but what arrives is old.
  case slow
  /// The line stands and nothing comes through.
  case stalled
  /// The link is down.
  case broken
  /// The two copies do not agree.
  case diverged
  /// Never heard of since this node started.
  case unknown

  init(_ verdict: LinkVerdict) {
    self =
      switch verdict {
      case .idle: .idle
      case .ok: .ok
      case .slow: .slow
      case .stalled: .stalled
      case .broken: .broken
      case .diverged: .diverged
      case .unknown: .unknown
      }
  }
}

/// One node of the tree below, as this node knows it.
public struct TreeRow: Sendable {
  public let node: NodeID
  public let partition: PartitionID
  public let rootOrgCode: Text
  public let name: Text
  /// 0 for this node.
  public let depth: Int
  /// Rows of the node's own domain held here.
  public let rows: Int
  /// Rows the node said it owns.
  public let rowsAtOwner: UInt64
  public let bytesSent: UInt64
  /// Commits the node had made when it last spoke that are not here yet.
  public let lag: UInt64
  /// Since the node last spoke, in milliseconds; nil for this node and for nodes not heard of.
  public let age: UInt64?
  /// Milliseconds since all that the node had told of was here; nil when that was never so since the start.
  public let freshAge: UInt64?
  public let state: LinkState
}

/// The node itself.
public struct NodeReport: Sendable {
  public let identity: NodeIdentity
  public let rows: [(entity: String, rows: Int)]
  public let sequence: UInt64
  public let durableSequence: UInt64
  public let applied: UInt64
  public let isLinkedToParent: Bool
  public let backlog: UInt64
  /// Why the last link to the parent ended, when somebody said so.
  public let parentRefusal: String?
  public let children: Int
  public let parentSequence: UInt64
  public let rootSequence: UInt64
  public let secondsUp: Double
  public let residentBytes: Int
  /// Free on the store's device; nil when the system does not say.
  public let freeBytes: Int?
  /// Below this the store takes no writes.
  public let freeBytesMin: Int
  /// The store lies where the next loss of power takes it.
  public let isVolatile: Bool
  /// A half of the store's sidecar was found damaged when it was opened.
  public let sidecarSlotDamaged: Bool
  /// How the node's own stream to its parent is doing.
  public let parentState: LinkState
  /// Domains below by state, and the oldest of them in milliseconds; nil when one was never heard of.
  public let domains: AnswerFreshness
  /// Records set aside here and not skipped, those skipped, and those of our subtree that ancestors set aside.
  public let setAside: (open: Int, skipped: Int, above: Int)
  /// Rows of entities that came with a newer catalog.
  public let unknownRows: Int
  /// Children that catch up at full speed, those that wait for it, and frames that wait to be applied.
  public let admission: (catchingUp: Int, waiting: Int, frames: Int)
  public let heartbeatsDropped: Int
  public let scrub: ScrubReport
  /// Whether the node takes commits, and why not.
  public let standing: Standing
  /// The own log was begun without asking the parent.
  public let isIsolated: Bool
  /// What only a person can set right, oldest first.
  public let incidents: [Incident]
  /// Snapshots on their way, and domains whose log begins behind one here.
  public let snapshots: [SnapshotTransfer]
  public let bases: [(rootOrgCode: String, last: UInt64)]
  /// When a backup of this node was last put back and found whole; nil when never.
  public let lastProof: Date?
}

extension Node {
  /// Facts about this node, from memory.
  public func report(scope: Scope) async throws(Failure) -> NodeReport {
    let (catalog, store) = (catalog, store)
    let scrub = scrubReport
    let secondsUp = Date().timeIntervalSince(started)
    return try await thread.perform { engine in
      let visible = engine.partitions(visibleIn: scope)
      let counts = engine.partitions.filter { visible?.contains($0) ?? true }.flatMap { engine.rowCountsSeen($0) }
      let tickets = engine.tickets
      let domains = engine.freshness(clock: NodeClock.milliseconds).filter { visible?.contains($0.partition) ?? true }
      let codes = engine.rootOrgCodes
      return NodeReport(
        identity: engine.identity,
        rows: catalog.entities.map { entity in
          (entity.name, counts.reduce(0) { $0 + ($1.entity == entity.id ? $1.rows : 0) })
        }.filter { $0.1 > 0 },
        sequence: engine.lastSequence.value, durableSequence: engine.durableSequence.value,
        applied: engine.durableApplied.value, isLinkedToParent: engine.isLinkedToParent, backlog: engine.backlog,
        parentRefusal: engine.parentRefusal.map { "\($0.reason): \($0.detail)" },
        children: engine.linkedChildren.count, parentSequence: engine.watermark(engine.identity.log, level: 1).value,
        rootSequence: engine.watermark(engine.identity.log, level: 255).value, secondsUp: secondsUp,
        residentBytes: ProcessFacts.residentBytes, freeBytes: store.freeBytes, freeBytesMin: store.freeBytesMin,
        isVolatile: store.report.isVolatile, sidecarSlotDamaged: store.report.sidecarSlotDamaged,
        parentState: LinkState(engine.parentVerdict(clock: NodeClock.milliseconds)),
        domains: AnswerFreshness(
          domains: domains.map { AnswerFreshness.DomainLine($0.partition, codes[$0.partition] ?? "", $0.freshness) },
          setAside: tickets.count, token: ""),
        setAside: (
          tickets.count { $0.skipped == nil }, tickets.count { $0.skipped != nil }, Int(engine.ticketsAbove.count)
        ),
        unknownRows: counts.reduce(0) { sum, count in
          sum + (count.entity.value < 200 && catalog.entity(count.entity) == nil ? count.rows : 0)
        }, admission: engine.admissionFacts, heartbeatsDropped: engine.heartbeatsDropped, scrub: scrub,
        standing: engine.standing, isIsolated: engine.isIsolated, incidents: engine.incidents,
        snapshots: engine.snapshotTransfers,
        bases: engine.snapshotBases.map { (engine.code(of: $0.partition).string, $0.last.value) },
        lastProof: Backups.lastProof(in: store.path))
    }
  }

  /// This node and every node below it, in tree order.
  public func tree(scope: Scope) async throws(Failure) -> [TreeRow] {
    try await thread.perform { engine in
      let visible = engine.partitions(visibleIn: scope)
      let now = NodeClock.milliseconds
      let directory = engine.directory
      var children: [PartitionID: [PartitionID]] = [:]
      var assignments: [PartitionID: (owner: NodeID, code: Text)] = [:]
      for assignment in engine.knownAssignments {
        assignments[assignment.partition] = (assignment.owner, assignment.rootOrgCode)
        if let holder = engine.holder(of: assignment.partition) {
          children[holder, default: []].append(assignment.partition)
        }
      }
      var statuses: [NodeID: (status: Formats.LinkMessage.NodeStatus, seen: UInt64)] = [:]
      for entry in engine.nodeStatuses { statuses[entry.status.log.node] = entry }
      let fresh = Dictionary(engine.freshness(clock: now).map { ($0.partition, $0.freshness) }) { first, _ in first }
      var rows: [TreeRow] = []
      func visit(_ partition: PartitionID, _ depth: Int) {
        let isSelf = partition == engine.identity.partition
        let owner = assignments[partition]?.owner ?? engine.identity.node
        let code = assignments[partition]?.code ?? engine.identity.rootOrgCode
        let known = statuses[owner]
        let status = isSelf ? engine.ownStatus(now) : known?.status
        let here = engine.sequence(ofNode: owner)
        let lag = status.map { $0.last.value > here ? $0.last.value - here : 0 } ?? 0
        let rowsHere = engine.rowCounts(partition).reduce(0) { $0 + $1.rows }
        let age = isSelf ? nil : known.map { now > $0.seen ? now - $0.seen : 0 }
        let freshness = fresh[partition]
        if visible?.contains(partition) ?? true {
          rows.append(
            TreeRow(
              node: owner, partition: partition, rootOrgCode: code,
              name: directory.org(Engine.rootOrg(partition))?.name ?? "",
              depth: depth,
              // A node speaks once a second; when all it told of is here, what is here is newer.
              rows: rowsHere, rowsAtOwner: lag == 0 ? UInt64(clamping: rowsHere) : status?.rows ?? 0,
              bytesSent: status?.bytesSent ?? 0, lag: lag, age: age, freshAge: freshness?.age,
              state: freshness.map { LinkState($0.verdict) } ?? .unknown))
        }
        let below = (children[partition] ?? []).sorted {
          (assignments[$0]?.code ?? "") < (assignments[$1]?.code ?? "")
        }
        if depth < 32 { for child in below { visit(child, depth + 1) } }
      }
      visit(engine.identity.partition, 0)
      return rows
    }
  }
}

/// What the operating system says of this process.
public enum ProcessFacts {
  /// Resident memory, from /proc; 0 where that is missing.
  public static var residentBytes: Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    let fields = text.split(separator: " ")
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
  }
}

extension Engine {
  /// The code of each domain's root org.
  var rootOrgCodes: [PartitionID: Text] {
    var codes = [identity.partition: identity.rootOrgCode]
    for assignment in knownAssignments { codes[assignment.partition] = assignment.rootOrgCode }
    return codes
  }

  /// The partitions whose root org lies in a scope; nil when the scope sees everything. For what is told of a domain as
  /// a whole: whoever may see a part of it only is told nothing.
  func partitions(visibleIn scope: Scope) -> Set<PartitionID>? {
    let directory = directory
    guard let extent = scope.extent(in: directory) else { return nil }
    let domains = knownAssignments.map(\.partition) + [identity.partition]
    return Set(domains.filter { extent.contains(directory.position(Engine.rootOrg($0))) })
  }
}
