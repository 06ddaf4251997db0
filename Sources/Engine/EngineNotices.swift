import Formats
import Primitives
import Replication

/// What people see of dispatches.
public struct DispatchFacts: Hashable, Sendable {
  public let head: Dispatch.Head
  /// How many links the origin lies above this node; 0 is this node.
  public let distance: Int
  /// Whether it is for this node, or only passes through.
  public let isForUs: Bool
  public let isRead: Bool
  public let isRecalled: Bool
  /// What this node and those below it counted.
  public let counts: DispatchCounts
}

extension Engine {
  /// Dispatches that are held here, own and come, without those that stand for a state (the directory); by id.
  public var dispatchFacts: [DispatchFacts] {
    dispatches.held.keys.sorted().compactMap { facts(of: $0) }.filter { !$0.head.hasTopic }
  }

  /// What is known of one dispatch; nil when it is not here.
  public func facts(of id: DispatchID) -> DispatchFacts? {
    guard let held = dispatches.held[id] else { return nil }
    return DispatchFacts(
      head: held.head, distance: Int(held.distance), isForUs: held.isForUs, isRead: held.isRead,
      isRecalled: held.isRecalled, counts: dispatches.counts(id))
  }

  /// The text of a notice or correction request; nil for another kind, one that is withdrawn or not here.
  public func notice(_ id: DispatchID) throws(EngineError) -> NoticeBody? {
    guard let held = dispatches.held[id], !held.isRecalled,
      held.head.kind == DispatchKind.notice || held.head.kind == DispatchKind.correction
    else { return nil }
    return try? NoticeBody(try dispatch(id).body)
  }

  /// Dispatches that came and could not be believed, since this engine was opened.
  public var dispatchesRefused: Int { dispatches.refused }

  /// Whose signatures this node believes, from the top down to itself; nil before a parent told.
  public var ancestors: [LinkMessage.Ancestry.Top]? { dispatches.ancestry?.domains }
}
