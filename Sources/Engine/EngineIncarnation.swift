import Formats
import Ports
import Primitives
import Replication

/// How a node begins a new life in its store.
extension Engine {
  /// The log of our own partition that is written now, as far as this store knows; nil before the first.
  public var currentLog: LogID? { lineage.current(identity.partition) }

  /// Whether our own log was begun without asking the parent: what lay there and not here is to be reconciled.
  public var isIsolated: Bool { lineage.succession(identity.log)?.isIsolated ?? false }

  /// Begins the next incarnation: a log of its own, whose first record says where the one before ended. From then on
  /// an older life of this node is fenced wherever this frame came.
  ///
  /// - Requires: no commit waits for its frame.
  func openIncarnation(isolated: Bool, clock: UInt64) throws(EngineError) {
    var known = UInt16(0)
    for log in heads.keys.sorted() where log.node == identity.node { known = Swift.max(known, log.incarnation) }
    if Defect.active == .incarnationIsReused { known = identity.incarnation }
    guard known < .max else { throw .corrupt("a node has 65,535 incarnations at most") }
    let followed = lineage.current(identity.partition)
    let identity = identity.reborn(as: known + 1)
    beginLog(of: identity)
    // Where every disk with a log was lost its id comes again: what was durable above then was the other one.
    watermarks[identity.log] = nil
    rootWatermarks[identity.log] = nil
    // Packages are numbered by log.
    packages.sent = [:]
    standing = .opening
    writes.put(.meta, MetaKey.identity, identity.encoded)
    writes.delete(.meta, MetaKey.standing)
    let operation: Operation
    if let followed, let head = heads[followed] {
      let succession = Succession(
        log: identity.log, follows: followed, last: head.last, hash: head.hash, isIsolated: isolated)
      operation = Operation(Succession.key(identity.log), .insert(succession.fields))
      openingSuccession = succession
    } else {
      operation = rootOrgInsertion()
    }
    _ = try take([operation], actor: "system", reason: "incarnation", batch: 0, clock: clock)
    sealOpenCommits()
    forgetCaches()
  }

  /// The first record of a domain.
  func rootOrgInsertion() -> Operation {
    Operation(
      RecordKey(entity: orgItems.entity, record: identity.rootOrg),
      .insert(
        sorted(
          [(orgItems.code, .text(identity.rootOrgCode)), (orgItems.name, .text(identity.rootOrgName))],
          of: orgItems.entity)))
  }

  /// Rows of our own domain came from elsewhere: nothing remembered of them holds.
  private func forgetCaches() {
    keyCache = KeyCache()
    newKeys = NewKeyFilter(emptyEntities: [Bool](repeating: false, count: 256))
    for entity in catalog.entities where entity.parent != nil {
      lastParents[entity.id] = RecordID(mint: .max, counter: .max)
    }
  }

  /// The first frame of a log came here or was made here.
  func noteOpening(_ frame: Frame, _ succession: Succession?) {
    guard frame.header.first == Sequence64.zero.next else { return }
    lineage.opened(frame.header.log, frame.header.partition, succession)
  }

  /// Reads which log each partition is written in now.
  func loadLineage() throws(EngineError) {
    for partition in partitions {
      var successions: [Succession] = []
      try forEachRow(partition, Succession.entity) { _, view in
        if let succession = Succession(view.value) { successions.append(succession) }
      }
      let logs = heads.keys.sorted().filter { heads[$0]?.partition == partition }
      for log in logs where !successions.contains(where: { $0.follows == log }) {
        guard lineage.current(partition) == nil else {
          throw .corrupt("partition \(partition.value) has two logs that no other follows")
        }
        lineage.opened(log, partition, nil)
      }
      for succession in successions { lineage.remember(succession) }
    }
  }

  /// Why the frame that would come next in its log may not: an older life or owner wrote it, or a new one does not say
  /// what it follows. Nil when it may.
  func reasonAgainstLog(of frame: Frame, _ body: FrameBody) -> (refusal: LinkMessage.Refusal?, succession: Succession?)
  {
    let header = frame.header
    let log = header.log
    switch lineage.place(of: log, header.partition, isHere: heads[log] != nil) {
    case .current: return (nil, nil)
    case .first:
      return Succession(opening: log, in: body) == nil
        ? (nil, nil) : (.init(.gap, Text("log \(log.value) follows a log that is not here")), nil)
    case .closed(let successor):
      if Defect.active == .closedLogIsTaken { return (nil, nil) }
      return (
        .init(
          .fenced,
          Text(
            "log \(log.node.value).\(log.incarnation) ended, \(successor.node.value).\(successor.incarnation) follows")
        ), nil
      )
    case .unopened(let current):
      let succession = Succession(opening: log, in: body)
      if Defect.active == .successionIsNotChecked { return (nil, succession) }
      guard let head = heads[current] else { return (.init(.gap, "the log before is not here"), nil) }
      return (Lineage.reason(against: succession, opening: log, after: current, at: head), succession)
    }
  }
}
