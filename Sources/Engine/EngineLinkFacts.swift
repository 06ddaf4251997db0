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

  /// Every assignment known here, sorted by partition.
  public var knownAssignments: [Assignment] { assignments.all }
}
