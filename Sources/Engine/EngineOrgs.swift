import Access
import Formats
import Primitives
import Replication

/// The org tree, as rows of many domains make it: each has its own orgs to say, and nobody else's.
///
/// 1. An org is the domain's whose log minted its id; where that log is unknown, the domain's that wrote it down first.
///    A row of another domain under the same id is kept, set aside, and means nothing.
/// 2. A domain's root org hangs where its assignment says, among the orgs of the domain that made the assignment.
/// 3. Every other org hangs below an org of its own domain.
extension Engine {
  /// Sets aside the orgs of a frame that are another domain's, and those of others whose ids turn out to be its own.
  func keepOwnOrgs(_ scratch: Scratch, _ header: FrameHeader) throws(EngineError) {
    let partition = header.partition
    let touched = scratch.orgs
    scratch.orgs = []
    for (_, key) in touched {
      guard let known = orgEntries[key.record], known.partition != partition else {
        scratch.orgs.append((partition, key))
        continue
      }
      let rowKey = Keys.row(partition, key)
      guard try currentView(rowKey, scratch) != nil else {
        scratch.change(.close(rowKey))
        continue
      }
      guard isMinted(key.record, by: partition, header.log) else {
        scratch.change(.open(ticket(partition, key, header.log, header.last)))
        continue
      }
      // Who was there first had no right to the id.
      let log = logs(of: known.partition).last ?? header.log
      scratch.change(.open(ticket(known.partition, key, log, heads[log]?.last ?? .zero)))
      scratch.orgs.append((partition, key))
    }
  }

  private func ticket(
    _ partition: PartitionID, _ key: RecordKey, _ log: LogID, _ sequence: Sequence64
  ) -> QuarantineTicket {
    QuarantineTicket(partition: partition, key: key, reason: .notAllowed, log: log, sequence: sequence)
  }

  /// Whether a partition's log made this id.
  ///
  /// - Parameter log: one of its logs that may have no frame here yet.
  private func isMinted(_ record: RecordID, by partition: PartitionID, _ log: LogID? = nil) -> Bool {
    if record.mint == partition.value || record.mint == log?.value { return true }
    return LogID(exactly: record.mint).flatMap { heads[$0]?.partition } == partition
  }

  /// Takes the orgs of a snapshot over, in place of those that its partition had, and sets aside what is another
  /// domain's.
  func takeOrgs(
    _ orgs: [(key: RecordKey, view: RowView)], of partition: PartitionID, at end: SnapshotManifest.LogEnd
  ) {
    for id in orgEntries.keys.sorted() where orgEntries[id]?.partition == partition { orgEntries[id] = nil }
    if partition == identity.partition { ownOrgs = [:] }
    for (key, view) in orgs {
      if let known = orgEntries[key.record] {
        guard isMinted(key.record, by: partition, end.log) else {
          note([.open(ticket(partition, key, end.log, end.last))])
          continue
        }
        let log = logs(of: known.partition).last ?? end.log
        note([.open(ticket(known.partition, key, log, heads[log]?.last ?? .zero))])
      }
      orgEntries[key.record] = orgItems.entry(key.record, partition, view.value)
      guard partition == identity.partition, case .text(let code) = view.value(orgItems.code) else { continue }
      ownOrgs[code] = key.record
    }
    directoryIsStale = true
    orgsChanged(in: partition)
  }

  /// Takes the orgs of a partition's rows over; of two with one id, the one that ``keepOwnOrgs(_:_:)`` keeps.
  func loadOrgs(_ partition: PartitionID) throws(EngineError) {
    try forEachTreeRow(partition, orgItems.entity) { key, view in
      guard orgEntries[key.record] == nil || isMinted(key.record, by: partition) else { return }
      orgEntries[key.record] = orgItems.entry(key.record, partition, view.value)
      if partition == identity.partition, case .text(let code) = view.value(orgItems.code) {
        ownOrgs[code] = key.record
      }
    }
  }

  /// An org row of a partition was touched.
  func noteOrg(_ partition: PartitionID, _ key: RecordKey, _ scratch: Scratch) throws(EngineError) {
    let isOwn = partition == identity.partition
    // A code that the org no longer has must not lead to it.
    if isOwn, let old = orgEntries[key.record]?.code, ownOrgs[old] == key.record { ownOrgs[old] = nil }
    directoryIsStale = true
    orgsChanged(in: partition)
    guard let view = try currentView(Keys.row(partition, key), scratch) else {
      orgEntries[key.record] = nil
      return
    }
    orgEntries[key.record] = orgItems.entry(key.record, partition, view.value)
    if isOwn, case .text(let code) = view.value(orgItems.code) { ownOrgs[code] = key.record }
  }

  /// An org with the place that it may have.
  func mounted(_ entry: OrgDirectory.Entry) -> OrgDirectory.Entry {
    let root = Engine.rootOrg(entry.partition)
    let parent: RecordID?
    if let above = entry.parent, entry.id != root {
      // What is not here yet may come; what is here and another's is not for this domain to hang something below.
      let isAnothers = orgEntries[above].map { $0.partition != entry.partition } ?? false
      parent = isAnothers ? root : above
    } else if let assignment = assignments[entry.partition], let holder = holders[entry.partition] {
      let isAnothers = orgEntries[assignment.mount].map { $0.partition != holder } ?? false
      parent = isAnothers ? Engine.rootOrg(holder) : assignment.mount
    } else {
      parent = entry.parent
    }
    guard parent != entry.parent else { return entry }
    return OrgDirectory.Entry(
      id: entry.id, code: entry.code, name: entry.name, category: entry.category, partition: entry.partition,
      parent: parent)
  }

  /// The root org of a domain: the first id of the mint that the partition is named after, whoever owns it.
  public static func rootOrg(_ partition: PartitionID) -> RecordID { RecordID(mint: partition.value, counter: 0) }
}
