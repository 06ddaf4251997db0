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

  /// What each child told of a dispatch of ours or on its way through us, sorted by domain; children that told nothing
  /// are left out. Beside it, how many nodes at or below the child are meant, as far as is known here.
  public func receipts(of id: DispatchID) -> [(child: PartitionID, meant: Int, counts: DispatchCounts)] {
    guard let held = dispatches.held[id] else { return [] }
    let meant = addressed(held.head.audience, distance: Int(held.distance))
    let tally = dispatches.tallies[id] ?? DispatchTally()
    return childPartitions.compactMap { child in
      let below = meant.count { isBelow($0, child) }
      let counts = tally.counts(child)
      return below == 0 && counts == nil ? nil : (child, below, counts ?? DispatchCounts())
    }
  }

  /// The code of an org that an audience names; nil when nobody told of it here.
  public func orgCode(_ place: Audience.Place) throws(EngineError) -> Text? {
    if let org = directory.org(place.org) { return org.code }
    for id in dispatches.topics.values.sorted() {
      guard let head = dispatches.held[id]?.head, head.kind == DispatchKind.directory,
        head.topic.mint == place.partition.value, let body = try? DirectoryBody(try dispatch(id).body)
      else { continue }
      if let org = body.orgs.first(where: { $0.id == place.org }) { return org.code }
    }
    return nil
  }

  /// The code of the domain whose owner made a dispatch; nil when it is not known here.
  public func originCode(_ head: Dispatch.Head) throws(EngineError) -> Text? {
    let node = head.id.origin.node
    if node == identity.node { return identity.rootOrgCode }
    if let step = dispatches.ancestry?.steps.first(where: { $0.domain.owner == node }) { return step.rootOrgCode }
    guard let top = dispatches.ancestry?.top, top.owner == node else { return nil }
    return try orgCode(.init(org: RecordID(mint: top.partition.value, counter: 0), partition: top.partition))
  }

  /// Which domain holds a record, among those whose rows are here; a point read for each.
  public func domain(of key: RecordKey) throws(EngineError) -> PartitionID? {
    for partition in partitions where try currentRow(Keys.row(partition, key), Scratch()) != nil { return partition }
    return nil
  }

  /// Dispatches that came and could not be believed, since this engine was opened.
  public var dispatchesRefused: Int { dispatches.refused }

  /// Whose signatures this node believes, from the top down to itself; nil before a parent told.
  public var ancestors: [LinkMessage.Ancestry.Top]? { dispatches.ancestry?.domains }
}
