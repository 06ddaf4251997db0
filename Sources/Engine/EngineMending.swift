import Formats
import Primitives
import Replication

/// What became of records that were made anew.
public struct RepairOutcome: Hashable, Sendable {
  public internal(set) var repaired = 0
  /// Something changed the record since the log was read: look again.
  public internal(set) var changedMeanwhile = 0
  /// The signed log says what is stored here already, or makes no sense for the record: whatever told a difference,
  /// a repair has nothing to put in its place.
  public internal(set) var refused = 0

  public init() {}

  /// Adds another part of the same work.
  public static func += (left: inout RepairOutcome, right: RepairOutcome) {
    left.repaired += right.repaired
    left.changedMeanwhile += right.changedMeanwhile
    left.refused += right.refused
  }

  /// Counts a record for which the log had nothing to offer.
  public mutating func refuse(_ count: Int) { refused += count }
}

/// Records that are being made anew beside the engine's thread.
struct Mendings {
  struct Mending {
    /// Records that no operation has touched since the mending began.
    var untouched: Set<Bytes>
    /// Records whose rows were put, with the tickets that stand until those rows are on the disk.
    var put: [(rowKey: Bytes, ticket: QuarantineTicket)] = []
  }

  private(set) var open: [UInt64: Mending] = [:]
  private var lastNumber: UInt64 = 0

  var isEmpty: Bool { open.isEmpty }

  mutating func begin(_ rowKeys: [Bytes]) -> UInt64 {
    lastNumber += 1
    open[lastNumber] = Mending(untouched: Set(rowKeys))
    return lastNumber
  }

  mutating func end(_ id: UInt64) -> Mending? { open.removeValue(forKey: id) }

  func isUntouched(_ rowKey: Bytes, _ id: UInt64) -> Bool { open[id]?.untouched.contains(rowKey) ?? false }

  mutating func touch(_ rowKey: Bytes) { for id in open.keys.sorted() { open[id]?.untouched.remove(rowKey) } }

  mutating func put(_ rowKey: Bytes, _ ticket: QuarantineTicket, _ id: UInt64) {
    open[id]?.put.append((rowKey, ticket))
  }

  /// The tickets that stand until rows are on the disk.
  var standing: [(rowKey: Bytes, ticket: QuarantineTicket)] { open.keys.sorted().flatMap { open[$0]?.put ?? [] } }
}

/// Rows made anew from the signed log, by a driver that reads it beside the engine's thread.
///
/// 1. The records are named before the driver takes its snapshot (``beginMending(_:)``): a row made of that snapshot is
///    put only where no operation came since, so that nothing older replaces anything newer.
/// 2. Rows are derived data that no frame brings again. Their tickets stand until the driver has them on the disk
///    (``mendedIsStored(_:)``): a crash before leaves the ticket, never a damaged row without one.
/// 3. Counters are left alone: they count what the log did, and the log did not change.
extension Engine {
  /// So many mendings at a time.
  public static let mendingsMax = 4

  /// Names the records that will be made anew. The driver then takes a snapshot of everything durable, lets
  /// ``LogReplay`` make the rows, puts them by ``mend(_:_:actor:clock:)``, brings rows and indexes to the disk and says
  /// ``mendedIsStored(_:)``; or gives up by ``endMending(_:)``.
  ///
  /// - Returns: what to call the mending; nil when ``mendingsMax`` are under way.
  public func beginMending(_ rowKeys: [Bytes]) -> UInt64? {
    mendings.open.count < Engine.mendingsMax ? mendings.begin(rowKeys) : nil
  }

  /// Gives a mending up: rows that were put stay, and so do their tickets.
  public func endMending(_ id: UInt64) { _ = mendings.end(id) }

  /// Puts some of the rows, with their index entries. Leaves a commit without operations in our own log that says who
  /// did what: the audit line, durable with the next batch.
  ///
  /// - Parameter made: rows of one mending; a few hundred at a time keep the thread free.
  /// - Throws: `.readOnly`, nothing was changed then; `.store`.
  public func mend(
    _ id: UInt64, _ made: [MadeRow], actor: Text, clock: UInt64
  ) throws(EngineError) -> RepairOutcome {
    guard standing.mayCommit else { throw .readOnly(standing) }
    var outcome = RepairOutcome()
    let scratch = Scratch()
    var put: [Bytes] = []
    for made in made {
      guard mendings.isUntouched(made.rowKey, id),
        let (partition, key) = made.rowKey.withUnsafeBytes({ Keys.parseRow($0) })
      else {
        outcome.changedMeanwhile += 1
        continue
      }
      let isSo = try isStored(made)
      let isWaiting = quarantine[made.rowKey].map { $0.reason != .wrongKind } ?? false
      guard made.fault == nil, !isSo || isWaiting, try mayBeMade(made, partition, key) else {
        outcome.refused += 1
        continue
      }
      replace(made, partition, key, scratch)
      put.append(made.rowKey)
      outcome.repaired += 1
    }
    guard !put.isEmpty else { return outcome }
    scratch.endCommit()
    try accept(scratch)
    for rowKey in put {
      if quarantine[rowKey] == nil { setAsideDamaged(rowKey) }
      if let ticket = quarantine[rowKey] { mendings.put(rowKey, ticket, id) }
    }
    _ = try commit([], actor: actor, reason: Text("made anew from the log: \(put.count) rows"), clock: clock)
    return outcome
  }

  /// Everything that was put before is on the disk: ends the mending and closes the tickets of its records, with the
  /// next batch.
  ///
  /// - Returns: how many of its records are part of answers again.
  @discardableResult
  public func mendedIsStored(_ id: UInt64) throws(EngineError) -> Int {
    guard let mending = mendings.end(id) else { return 0 }
    var count = 0
    for (rowKey, _) in mending.put {
      let view: RowView?
      do { view = try currentView(rowKey, Scratch()) } catch {
        // Damaged again already: the ticket says so.
        switch error {
        case .corrupt, .store(.corrupt): continue
        default: throw error
        }
      }
      guard let (_, key) = rowKey.withUnsafeBytes({ Keys.parseRow($0) }) else { continue }
      if let view, kinds.firstWrong(key.entity, view) != nil { continue }
      closeTicket(rowKey)
      count += 1
    }
    return count
  }

  /// Operations touched records: a row made of an older moment is not put any more, and a ticket stays whose row is not
  /// on the disk yet.
  func noteTouched(_ scratch: Scratch) {
    guard !mendings.isEmpty else { return }
    scratch.rows.forEach { change, _ in mendings.touch(Bytes(change.key)) }
    for change in scratch.quarantine {
      switch change {
      case .open(let ticket): mendings.touch(Keys.row(ticket.partition, ticket.key))
      case .close(let rowKey): mendings.touch(rowKey)
      }
    }
    for (rowKey, ticket) in mendings.standing where quarantine[rowKey] == nil {
      quarantine.set(ticket)
      writes.put(.meta, MetaKey.ticket(rowKey), ticket.encoded)
      ticketsChanged = true
    }
  }

  /// An assignment is put only where its frame could bring it: by the signature of its holder.
  private func mayBeMade(_ made: MadeRow, _ partition: PartitionID, _ key: RecordKey) throws(EngineError) -> Bool {
    guard key.entity == Assignment.entity, partition != identity.partition else { return true }
    guard made.row != nil, let holder = assignments[partition] else { return false }
    let scratch = Scratch()
    scratch.put(made.rowKey, made.row)
    scratch.assignments.append((partition, key))
    guard let log = logs(of: partition).last, let head = heads[log] else { return false }
    return try assignsOnlyItsOwn(scratch, partition, at: (log, head.last), signedBy: holder.key)
  }

  /// Whether what the log says lies in batch or store already.
  private func isStored(_ made: MadeRow) throws(EngineError) -> Bool {
    if let pending = rows.pending(made.rowKey) { return pending == made.row }
    do { return try store.get(.rows, made.rowKey) == made.row } catch {
      guard case .corrupt = error else { throw .store(error) }
      return false
    }
  }

  /// Puts a row in the place of what is stored. All entries that led to the record go: nothing touched it since they
  /// were read.
  private func replace(_ made: MadeRow, _ partition: PartitionID, _ key: RecordKey, _ scratch: Scratch) {
    scratch.removeEntries(made.entries.map { IndexChange(key: $0, target: nil) })
    scratch.put(made.rowKey, made.row)
    if let row = made.row, let view = try? RowView(row) {
      scratch.addEntries(entries.entries(partition, key, view.value))
      if let wrong = kinds.firstWrong(key.entity, view) {
        scratch.quarantine.append(
          .open(
            QuarantineTicket(
              partition: partition, key: key, reason: .wrongKind, item: wrong, log: view.origin.log,
              sequence: view.origin.sequence)))
      }
    }
    note(partition, key, scratch)
  }
}
