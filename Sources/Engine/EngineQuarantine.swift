import Formats
import Ports
import Primitives
import Replication

/// What this replica cannot take of a frame is set aside record by record; the frame and the rest of it go their way.
///
/// 1. A ticket and what it speaks of are one batch with the frame.
/// 2. Stored bytes are never changed for it: a digest counts a row that is set aside like any other.
/// 3. A ticket closes when the owner makes the record whole again or deletes it, when a repair did, or when
///    ``retry(_:)`` finds it sound. Skipping it silences the alarm and leaves the record out of answers.
extension Engine {
  /// One update or delete of a frame.
  ///
  /// - Parameter wrong: an item of the group that takes no value of the kind that the group puts there.
  func applyChange(
    _ group: OperationGroup, _ row: Int, _ partition: PartitionID, _ origin: Row.Origin, _ wrong: ItemID?,
    _ scratch: Scratch
  ) throws(EngineError) {
    let recordKey = group.key(row)
    let key = Keys.row(partition, recordKey)
    func setAside(_ reason: QuarantineTicket.Reason, _ item: ItemID = ItemID(0)) {
      scratch.change(
        .open(
          QuarantineTicket(
            partition: partition, key: recordKey, reason: reason, item: item, log: origin.log,
            sequence: origin.sequence)))
    }
    do {
      if group.kind == .update {
        try update(partition, recordKey, key, group.fieldChanges(row), origin, scratch)
        if let wrong { return setAside(.wrongKind, wrong) }
        guard isSetAside(key, scratch), let view = try currentView(key, scratch) else { return }
        if kinds.firstWrong(recordKey.entity, view) == nil { scratch.change(.close(key)) }
      } else {
        try delete(partition, recordKey, key, scratch)
        if isSetAside(key, scratch) { scratch.change(.close(key)) }
      }
    } catch {
      switch error {
      case .notFound:
        let wasSetAside = isSetAside(key, scratch)
        if group.kind == .delete {
          // The log counted the record when it came, and so did we: what got lost here was never taken off.
          scratch.count(partition, recordKey.entity, -1)
          scratch.lose(key, recordKey.entity)
          if wasSetAside { return scratch.change(.close(key)) }
        }
        setAside(.absent)
      case .corrupt, .store(.corrupt):
        guard group.kind == .delete else { return setAside(.damaged) }
        // Nobody needs to read what goes. Its entries are found by where they lead.
        scratch.lose(key, recordKey.entity)
        scratch.put(key, nil)
        scratch.count(partition, recordKey.entity, -1)
        scratch.change(.close(key))
      default: throw error
      }
    }
  }

  /// Sets aside the inserted rows that have a cell in one of the `wrong` columns, and closes the tickets of others.
  func noteInserts(
    _ group: OperationGroup, _ rows: Range<Int>, _ partition: PartitionID, _ origin: Row.Origin, _ wrong: [Column],
    _ scratch: Scratch
  ) {
    if wrong.isEmpty, quarantine.isEmpty, scratch.quarantine.isEmpty { return }
    for row in rows {
      let recordKey = group.key(row)
      if let column = wrong.first(where: { $0.hasCell(row) }) {
        scratch.change(
          .open(
            QuarantineTicket(
              partition: partition, key: recordKey, reason: .wrongKind, item: column.item, log: origin.log,
              sequence: origin.sequence)))
      } else {
        let key = Keys.row(partition, recordKey)
        if isSetAside(key, scratch) { scratch.change(.close(key)) }
      }
    }
  }

  private func isSetAside(_ key: Bytes, _ scratch: Scratch) -> Bool {
    scratch.isSetAside(key) ?? (!quarantine.isEmpty && quarantine[key] != nil)
  }

  /// Whether the tickets fit that a frame of `partition` would leave: those it closes make room for those it opens.
  func hasRoom(_ scratch: Scratch, _ partition: PartitionID) -> Bool {
    var seen: Set<Bytes> = []
    var more = 0
    for change in scratch.quarantine where seen.insert(change.rowKey).inserted {
      let was = quarantine[change.rowKey] != nil
      let stays = scratch.isSetAside(change.rowKey) ?? was
      if was != stays { more += stays ? 1 : -1 }
    }
    guard more > 0 else { return true }
    let child = directChild(above: partition)
    let share = quarantine.countsByPartition.reduce(0) { sum, each in
      directChild(above: each.partition) == child ? sum + each.count : sum
    }
    return share + more <= QuarantineTable.ticketsMax && quarantine.count + more <= QuarantineTable.ticketsMaxInAll
  }

  /// The partition directly below ours in whose subtree `partition` hangs; itself where the way is not known.
  private func directChild(above partition: PartitionID) -> PartitionID {
    var current = partition
    for _ in 0..<32 {
      guard let holder = holders[current], holder != identity.partition else { return current }
      current = holder
    }
    return partition
  }

  /// Puts the tickets into the open batch.
  func note(_ changes: [QuarantineChange]) {
    for change in changes {
      switch change {
      case .open(let ticket): put(quarantine.add(ticket))
      case .close(let rowKey): closeTicket(rowKey)
      }
    }
  }

  private func put(_ ticket: QuarantineTicket) {
    writes.put(.meta, MetaKey.ticket(Keys.row(ticket.partition, ticket.key)), ticket.encoded)
    ticketsChanged = true
  }

  func closeTicket(_ rowKey: Bytes) {
    guard quarantine.remove(rowKey) != nil else { return }
    writes.delete(.meta, MetaKey.ticket(rowKey))
    ticketsChanged = true
  }

  /// Removes the entries of rows that went unread: one pass over the entries of each entity, however many rows went.
  /// Where the index cannot be read itself, its entries stay and lead to nothing, which whoever follows them sees: a
  /// damaged block of derived data keeps no frame out.
  func dropEntries(ofLost scratch: Scratch) throws(EngineError) {
    var rows: [EntityID: Set<Bytes>] = [:]
    for (entity, rowKey) in scratch.lost { rows[entity, default: []].insert(rowKey) }
    for entity in rows.keys.sorted() {
      scratch.removeEntriesBefore(
        try entriesLeading(to: rows[entity] ?? [], entity, isTolerant: true))
    }
  }

  /// Index entries that lead to rows, found without reading the rows: a pass over the entity's entries.
  ///
  /// - Parameter isTolerant: what stands behind a damaged block is left out, instead of `.store` being thrown.
  func entriesLeading(
    to rows: Set<Bytes>, _ entity: EntityID, isTolerant: Bool = false
  ) throws(EngineError) -> [IndexChange] {
    let from = Bytes(IndexKey.prefix(entity, 0).dropLast())
    var entries: [IndexChange] = []
    do {
      try store.scan(.index, from: from, to: from.prefixEnd()) { key, value in
        let target = value.isEmpty ? Bytes(key.suffix(Keys.rowByteCount)) : Bytes(value)
        if rows.contains(target) { entries.append(.init(key: Bytes(key), target: nil)) }
        return true
      }
    } catch {
      guard isTolerant, case .corrupt = error else { throw .store(error) }
    }
    // Those that have not reached the store.
    index.forEachPut { key, value in
      let target = value.isEmpty ? Bytes(key.suffix(Keys.rowByteCount)) : Bytes(value)
      if rows.contains(target) { entries.append(.init(key: Bytes(key), target: nil)) }
    }
    return entries
  }

  // MARK: What operators do

  /// Every record set aside here, by row key.
  public var tickets: [QuarantineTicket] { quarantine.all }

  /// Keys of the rows that no answer may use, sorted.
  public var rowsSetAside: [Bytes] { quarantine.rowKeys }

  /// Records of our subtree that ancestors set aside, as far as they told us, and how many there are in all.
  public var ticketsAbove: (tickets: [ReportedTicket], count: UInt32) { (reportedAbove, reportedAboveCount) }

  /// Looks at a record again: with a newer catalog, or after a repair, it may be sound.
  ///
  /// - Returns: whether its ticket is closed; durable with the next batch.
  /// - Throws: `.notFound` when the record is not set aside; `.store`.
  public func retry(_ rowKey: Bytes) throws(EngineError) -> Bool {
    guard let ticket = quarantine[rowKey] else { throw notSetAside(rowKey) }
    // Whoever may not make a record so is the one to take it back.
    guard ticket.reason != .notAllowed else { return false }
    let view: RowView?
    do { view = try currentView(rowKey, Scratch()) } catch {
      switch error {
      case .corrupt, .store(.corrupt): return false
      default: throw error
      }
    }
    // A record that is not here is only right when its owner deleted it: the last change set aside says so.
    guard let view else {
      guard ticket.reason == .absent, try lastChangeIsDeletion(ticket) else { return false }
      closeTicket(rowKey)
      return true
    }
    guard ticket.reason != .absent, kinds.firstWrong(ticket.key.entity, view) == nil else { return false }
    closeTicket(rowKey)
    return true
  }

  /// Silences the alarm for a record; it stays out of answers, and its owner is told that somebody decided so.
  ///
  /// - Throws: `.notFound` when the record is not set aside.
  public func skip(_ rowKey: Bytes, why: Text) throws(EngineError) {
    guard let ticket = quarantine[rowKey] else { throw notSetAside(rowKey) }
    let skipped = ticket.skipping(why)
    quarantine.set(skipped)
    put(skipped)
  }

  /// Sets a damaged row aside that a scan found; nothing happens when that is done already.
  public func setAsideDamaged(_ rowKey: Bytes) {
    guard quarantine[rowKey] == nil, quarantine.count < QuarantineTable.ticketsMaxInAll,
      let (partition, key) = rowKey.withUnsafeBytes({ Keys.parseRow($0) })
    else { return }
    // The row itself no longer says where it came from.
    let log = heads.keys.sorted().last { heads[$0]?.partition == partition } ?? identity.log
    put(
      quarantine.add(
        QuarantineTicket(partition: partition, key: key, reason: .damaged, log: log, sequence: .zero)))
  }

  private func notSetAside(_ rowKey: Bytes) -> EngineError {
    guard let (_, key) = rowKey.withUnsafeBytes({ Keys.parseRow($0) }) else { return .corrupt("a row key") }
    return .notFound(key)
  }

  private func lastChangeIsDeletion(_ ticket: QuarantineTicket) throws(EngineError) -> Bool {
    var isDeletion = false
    guard let frame = try frame(of: ticket.log, holding: ticket.sequence) else { return false }
    let body: FrameBody
    do { body = try codec.open(frame) } catch { throw .corrupt("a frame of log \(ticket.log.value)") }
    body.forEachOperation { group, row in
      if group.key(row) == ticket.key { isDeletion = group.kind == .delete }
    }
    return isDeletion
  }

  /// The frame of a log that holds a commit, or nil.
  func frame(of log: LogID, holding sequence: Sequence64) throws(EngineError) -> Frame? {
    var bytes: Bytes?
    do {
      try store.scan(.log, from: Keys.frame(log, last: sequence), to: Keys.log(log).prefixEnd()) { _, value in
        bytes = Bytes(value.dropFirst(8))
        return false
      }
    } catch { throw .store(error) }
    guard let bytes else { return nil }
    do { return try codec.parse(bytes) } catch { throw .corrupt("a frame of log \(log.value)") }
  }

  // MARK: Telling the owner

  /// How often tickets are told again when they change, in milliseconds.
  static let ticketsInterval: UInt64 = 1000

  func receivedTickets(_ tickets: [ReportedTicket], _ count: UInt32) {
    reportedAbove = tickets.filter { isBelow($0.ticket.partition, identity.partition) && $0.level < 32 }
    reportedAboveCount = Swift.max(count, UInt32(reportedAbove.count))
    ticketsChanged = true
  }

  /// Tells every child what of its subtree is set aside here and above, when that changed.
  func tellTickets(clock: UInt64) {
    guard ticketsChanged, clock >= lastTickets + Engine.ticketsInterval || clock < lastTickets else { return }
    ticketsChanged = false
    lastTickets = clock
    let told = ticketsByChild()
    for id in linkOrder { tellTickets(on: id, told) }
  }

  func tellTickets(on id: LinkID) { tellTickets(on: id, ticketsByChild()) }

  private func tellTickets(on id: LinkID, _ told: [PartitionID: ToldTickets]) {
    guard case .down(let downlink) = links[id] else { return }
    let own = told[downlink.partition] ?? ToldTickets()
    send(.tickets(own.first, count: own.count), on: id)
  }

  /// What one child is told: the first tickets of its subtree, and how many there are.
  private struct ToldTickets {
    var first: [ReportedTicket] = []
    var count: UInt32 = 0

    mutating func add(_ level: UInt8, _ ticket: QuarantineTicket) {
      count += 1
      if first.count < LinkMessage.ticketsMax { first.append(ReportedTicket(level: level, ticket: ticket)) }
    }
  }

  /// By direct child: one pass over all, however many children there are.
  private func ticketsByChild() -> [PartitionID: ToldTickets] {
    var told: [PartitionID: ToldTickets] = [:]
    for ticket in quarantine.all { told[directChild(above: ticket.partition), default: ToldTickets()].add(1, ticket) }
    for above in reportedAbove {
      told[directChild(above: above.ticket.partition), default: ToldTickets()].add(above.level + 1, above.ticket)
    }
    return told
  }
}
