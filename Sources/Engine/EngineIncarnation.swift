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
    guard !lineage.isTorn(identity.partition) else { throw .corrupt("which of its own logs is the last is lost") }
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

  /// Reads which log each partition is written in now: from the first frame of each log, which its owner signed once.
  /// Rows are their owner's to change, also those that say what a log follows: one only stands in for a frame that
  /// cannot be read.
  func loadLineage() throws(EngineError) {
    var logs: [PartitionID: [LogID]] = [:]
    for log in heads.keys.sorted() { if let head = heads[log] { logs[head.partition, default: []].append(log) } }
    for partition in logs.keys.sorted() {
      var openings: [(log: LogID, succession: Succession?)] = []
      for log in logs[partition] ?? [] { openings.append((log, try opening(of: log, partition))) }
      lineage.restore(partition, openings)
    }
  }

  private func opening(of log: LogID, _ partition: PartitionID) throws(EngineError) -> Succession? {
    let first = try unlessDamaged { () throws(EngineError) in try frame(of: log, holding: Sequence64.zero.next) }
    if let first, first.header.first == Sequence64.zero.next, let body = try? codec.open(first) {
      return Succession(opening: log, in: body)
    }
    let row = Keys.row(partition, Succession.key(log))
    if snapshots.floors[log] != nil, let base = snapshots.bases[partition] {
      // Its frames lie behind a snapshot, which was taken only because its successions fit.
      let made = try SnapshotRows(store, with: codec.hashing).rows([row], of: base)[row]
      return made.flatMap { try? RowView($0) }.flatMap { Succession($0.value) }
    }
    let view = try unlessDamaged { () throws(EngineError) in try currentView(row, Scratch()) }
    guard let view, let succession = Succession(view.value), succession.log == log else { return nil }
    return succession
  }

  /// What `read` finds; nil as well where the bytes at rest are damaged.
  func unlessDamaged<Found>(_ read: () throws(EngineError) -> Found?) throws(EngineError) -> Found? {
    do { return try read() } catch {
      switch error {
      case .corrupt, .store(.corrupt): return nil
      default: throw error
      }
    }
  }

  /// Sets aside what a frame does to records of successions, but for the one that opens its log: the rows follow the
  /// frame, what they mean was said in the opening.
  func noteSuccessions(_ group: OperationGroup, _ rows: Range<Int>, _ header: FrameHeader, _ scratch: Scratch) {
    for row in rows {
      let commit = group.commit(row)
      let opens = group.kind == .insert && commit == 0 && header.first == Sequence64.zero.next
      if opens, group.key(row) == Succession.key(header.log) { continue }
      scratch.change(
        .open(
          QuarantineTicket(
            partition: header.partition, key: group.key(row), reason: .notAllowed, log: header.log,
            sequence: Sequence64(header.first.value + UInt64(commit)))))
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
    case .torn:
      return (
        .init(.diverged, Text("partition \(header.partition.value): which of its logs here is the last is lost")), nil
      )
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
