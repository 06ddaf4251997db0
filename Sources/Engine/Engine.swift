import Access
import Catalog
import Formats
import Ports
import Primitives
import Replication

/// A whole node as one synchronous, deterministic machine over a store: no thread, clock, disk or socket of its own.
///
/// Invariants:
/// 1. A sequence given out by ``commit(_:actor:reason:batch:clock:)`` is durable once ``durableSequence`` reached it,
///    never before; nothing that is not durable is sent or acknowledged.
/// 2. Frames, apply order and heads of one group are one batch, synced. Rows with their counts, and indexes, follow
///    from the frames, each behind a cursor of its own; a crash costs what was not written of them, and opening makes
///    it again.
/// 3. A frame is applied whole, once, in the order of its log, and only when the assignment of its partition names its
///    node, its epoch and the key that signed it.
///
/// The owner drives it from one thread: events in (commits, messages, ticks), then ``takeWrites()`` → write →
/// ``written()``, then ``takeDerivedWrites(all:)`` until it has none, then ``takeSends()``. It may batch events
/// before a write, and must not reorder.
public final class Engine {
  /// Changes when a new incarnation begins.
  public private(set) var identity: NodeIdentity
  /// Whether commits are taken, and why not.
  public internal(set) var standing = Standing.writing
  public let catalog: Catalog
  /// First 4 bytes of the catalog version (SHA-256 of its canonical bytes).
  public let catalogID: UInt32
  /// Which children may link; nil allows any.
  public let childrenAllowed: [ChildPermit]?

  let store: any Store
  let codec = FrameCodec()
  /// Signs our own frames and the assignments of our children.
  let key: SigningKey
  let entries: IndexEntries
  let kinds: ValueKinds
  let orgItems: OrgItems
  let networkHash: UInt64

  // State that mirrors the store, changed together with the open batch.
  var writes = PendingWrites()
  var durableRows = DurableRows()
  var rows: DerivedWrites
  var index: DerivedWrites
  var counts: RowCounts
  var heads: [LogID: LogState] = [:]
  /// Heads as far as they are synced: what others are told.
  var durableHeads: [LogID: LogState] = [:]
  /// Logs that the open batch moves, and where the flying batch moves them.
  private var openLogs: [LogID] = []
  private var flyingHeads: [(log: LogID, head: LogState)] = []
  var assignments = AssignmentTable()
  /// Partition → the partition whose rows hold its assignment: the way up the tree.
  var holders: [PartitionID: PartitionID] = [:]
  var orgEntries: [RecordID: OrgDirectory.Entry] = [:]
  /// Orgs of our own domain by code.
  var ownOrgs: [Text: RecordID] = [:]
  var directoryIsStale = true
  private var directoryCache = OrgDirectory.empty
  var mintNext: UInt64
  var mintIsChanged = false
  /// What commits did to the children of records, by child entity and parent, while it is not in the stored rows.
  var openOrdinals: [RecordKey: OpenOrdinal] = [:]
  /// By child entity, the last record that has such children, in the order of keys: at or after the true one.
  var lastParents: [EntityID: RecordID] = [:]
  /// Natural keys of our domain seen lately.
  var keyCache = KeyCache()
  var newKeys: NewKeyFilter
  /// Rows that the running upsert read, by row key: its commit does not read them again.
  var viewsRead: [HashedKey: RowView] = [:]
  /// Last apply sequence handed out, and the last that is durable.
  var applied: ApplySequence
  public internal(set) var durableApplied: ApplySequence
  private var inFlightApplied: ApplySequence?

  // Our own log.
  /// The log that the store's durable identity names.
  private var durableLog: LogID
  /// With what the log opens whose first frame is made next.
  var openingSuccession: Succession?
  private var openCommits: [CommitDraft] = []
  private var openCommitBytes = 0
  private var openOperations = 0
  /// The last sequence given to a commit.
  public private(set) var lastSequence: Sequence64
  /// Our commits up to here are durable.
  public private(set) var durableSequence: Sequence64
  private var inFlightSequence: Sequence64?
  var time: HybridTime

  /// Records set aside here, and what ancestors told of records that are set aside there.
  var quarantine = QuarantineTable()
  var reportedAbove: [ReportedTicket] = []
  var reportedAboveCount: UInt32 = 0
  var ticketsChanged = false
  var lastTickets: UInt64 = 0
  var verifications = Verifications()
  var snapshots = Snapshots()
  let snapshotCompression = Compression(level: SnapshotChunk.compressionLevel)
  var mendings = Mendings()
  var queues = FrameQueues()
  var admission = Admission()

  // Links.
  var links: [LinkID: Link] = [:]
  var linkOrder: [LinkID] = []
  /// What the carrier found out about who is at the other end.
  var peers: [LinkID: LinkPeer] = [:]
  var sends: [(link: LinkID, bytes: Bytes)] = []
  var closings: [LinkID] = []
  /// What is durable above, by log: index 0 is the parent; and at the root.
  var watermarks: [LogID: [Sequence64]] = [:]
  var rootWatermarks: [LogID: Sequence64] = [:]
  /// The newest sign of life of each node below, under its newest log.
  var statuses: [LogID: LinkMessage.NodeStatus] = [:]
  var statusLogs: [NodeID: LogID] = [:]
  var statusSeen: [LogID: UInt64] = [:]
  var statusChanged: [LogID] = []
  var heldAcknowledgements: [(link: LinkID, log: LogID, last: Sequence64)] = []
  var flyingAcknowledgements: [(link: LinkID, log: LogID, last: Sequence64)] = []
  var lastHeartbeat: UInt64 = 0
  var bytesSent: UInt64 = 0
  var lastParentFailure: LinkMessage.Refusal?
  /// Neighbours by file, and what went to and came from them.
  var packages = PackageMemory()
  /// Our clock at the last event, when a log moved here last, and since when all of it that its owner told of is here.
  var clock: UInt64 = 0
  var logMoved: [LogID: UInt64] = [:]
  var completeAt: [LogID: UInt64] = [:]
  /// Partitions whose last comparison with their owner found so many differences.
  var diverged: [PartitionID: Int] = [:]
  /// When the parent last said anything, and when it last took something.
  var parentHeard: UInt64 = 0
  var parentProgress: UInt64 = 0
  /// Heartbeats beyond what a child may send; nothing was done for them.
  public internal(set) var heartbeatsDropped = 0
  /// Links ended for the other side's fault, since this engine was opened.
  public internal(set) var refusals = 0

  /// An answer to a recall ends after so many bytes of frames: ``RecallAnswer/bytesMax``, or fewer.
  public var recallBytesMax = RecallAnswer.bytesMax
  /// Frames handed to children that had lost them, since this engine was opened.
  public internal(set) var recalls = 0
  /// What only a person can set right, oldest first.
  public internal(set) var incidents: [Incident] = []
  /// Logs that came through a child below which their partition does not hang, and that were not taken.
  var logsLeftOut: Set<LogID> = []
  /// Which log of each partition is written now.
  var lineage = Lineage()
  var presenceNumber: UInt64 = 0
  /// What each child may still make us write down by saying hello.
  var helloCommits: [NodeID: TokenBucket] = [:]
  /// Recalls that wait until everything applied here is durable: what is handed out must be all there is.
  var heldRecalls: [(link: LinkID, recall: LinkMessage.Recall)] = []
  /// What goes down, and came from above.
  var dispatches = DispatchMemory()
  /// Records on their way between domains.
  var handovers = HandoverMemory()

  /// How long commits may gather in one frame before another is begun.
  static let frameOperationsMax = 4096
  static let frameBytesMax = 2 << 20
  /// What one commit may say of values that were there before: with the rest of a frame, below what a body may be.
  static let oldBytesMax = 16 << 20
  /// How many bytes of rows, and of index entries, wait in memory before they are written as one run: what a crash
  /// makes the next opening do again, and what one run holds the thread up for.
  static let runBytesMax = 4 << 20
  /// So many frames may follow what is on the disk of rows and indexes, and so many bytes of frames: what the next
  /// opening applies again at most. Changes of items that no index has never fill the indexes' memory, so that bytes of
  /// entries alone would bound nothing.
  public var framesUnstoredMax: UInt64 = 16_384
  static let logBytesUnstoredMax = 512 << 20
  /// Where rows and indexes were on the disk last, as far as this engine knows, and the bytes of frames since.
  private var storedApplied: ApplySequence
  private var logBytesUnstored = 0

  /// Opens a node over a store that ``Engine/initialise(_:identity:catalog:key:clock:)`` wrote.
  ///
  /// - Parameter key: the pair the node was created with; kept outside the store.
  /// - Throws: `.corrupt` when what the store holds is not a node's; `.wrongKey`; `.store` when it cannot be read.
  public convenience init(
    store: any Store, catalog: Catalog, key: SigningKey, childrenAllowed: [ChildPermit]? = nil
  ) throws(EngineError) {
    try self.init(
      Recovered(store: store, catalog: catalog), store: store, catalog: catalog, key: key,
      childrenAllowed: childrenAllowed)
  }

  init(
    _ recovered: Recovered, store: any Store, catalog: Catalog, key: SigningKey, childrenAllowed: [ChildPermit]?
  ) throws(EngineError) {
    guard key.publicKey == recovered.identity.key else { throw .wrongKey }
    self.key = key
    self.store = store
    self.catalog = catalog
    self.childrenAllowed = childrenAllowed
    identity = recovered.identity
    durableLog = recovered.identity.log
    catalogID = Engine.catalogID(catalog)
    entries = IndexEntries(catalog: catalog)
    kinds = ValueKinds(catalog)
    quarantine = recovered.quarantine
    orgItems = OrgItems(catalog)
    networkHash = Engine.networkHash(recovered.identity.network)
    rows = DerivedWrites(
      .rows, cursorKey: RowsKey.cursor, cursor: recovered.rowsCursor, bytesMax: Engine.runBytesMax)
    index = DerivedWrites(
      .index, cursorKey: IndexKey.cursor, cursor: recovered.indexCursor, bytesMax: Engine.runBytesMax)
    applied = recovered.applied
    durableApplied = recovered.applied
    storedApplied = Swift.min(recovered.rowsCursor, recovered.indexCursor, recovered.applied)
    newKeys = NewKeyFilter(emptyEntities: [])
    mintNext = recovered.mintNext
    heads = recovered.heads
    durableHeads = recovered.heads
    counts = RowCounts(recovered.counts)
    watermarks = [:]
    let own = recovered.heads[recovered.identity.log]
    lastSequence = own?.last ?? .zero
    durableSequence = lastSequence
    time = own?.time ?? .zero
    try loadSnapshots()
    try recoverDerived()
    try loadLineage()
    try loadTree()
    try loadPackages()
    try loadLastParents()
    try loadDispatches()
    try loadHandovers()
    let domain = identity.partition
    newKeys = NewKeyFilter(
      emptyEntities: (0..<256).map { counts[.init(partition: domain, entity: EntityID(UInt8($0)))] == 0 })
    try loadStanding()
  }

  /// First 4 bytes of the SHA-256 of the catalog's canonical bytes.
  public static func catalogID(_ catalog: Catalog) -> UInt32 {
    let digest = Hashing().digest(catalog.canonicalBytes).bytes
    return digest[0..<4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// First 8 bytes of the SHA-256 of the network's name.
  public static func networkHash(_ network: Text) -> UInt64 {
    let digest = Hashing().digest(Bytes(network.string.utf8)).bytes
    return digest[0..<8].reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// The org tree as of everything applied, durable or about to be.
  public var directory: OrgDirectory {
    if directoryIsStale {
      let ids = orgEntries.keys.sorted()
      directoryCache = OrgDirectory(ids.compactMap { id in orgEntries[id].map(mounted) })
      directoryIsStale = false
    }
    return directoryCache
  }

  // MARK: Commits

  /// Accepts a commit of our own domain into the open batch and returns its sequence; durable when
  /// ``durableSequence`` gets there.
  ///
  /// - Parameters:
  ///   - operations: at most one per record, fields sorted by section and item; checked against the catalog by the
  ///     caller.
  ///   - inserts: new records besides, by columns; records that `operations` does not name.
  ///   - clock: the node's clock in milliseconds; only a label.
  /// - Throws: `.readOnly`, `.tooLarge`, `.notFound` (update or delete of a record that does not exist), `.store`,
  ///   `.corrupt`.
  public func commit(
    _ operations: [Operation], inserts: [OperationGroup] = [], actor: Text, reason: Text, batch: UInt64 = 0,
    clock: UInt64
  ) throws(EngineError) -> Sequence64 {
    guard standing.mayCommit || Defect.active == .recoveringStoreWrites else { throw .readOnly(standing) }
    try refuseFrozen(operations, inserts)
    return try take(operations, inserts: inserts, actor: actor, reason: reason, batch: batch, clock: clock)
  }

  /// Takes a commit whatever the node's standing is.
  func take(
    _ operations: [Operation], inserts: [OperationGroup] = [], actor: Text, reason: Text, batch: UInt64, clock: UInt64
  ) throws(EngineError) -> Sequence64 {
    let count = inserts.reduce(operations.count) { $0 + $1.rows }
    guard count <= Commit.Limits.operations else { throw .tooLarge(operations: count, bytes: 0) }
    let sequence = lastSequence.next
    let origin = Row.Origin(catalog: catalogID, log: identity.log, sequence: sequence)
    let scratch = Scratch()
    for operation in operations { try apply(operation, origin, to: scratch) }
    for group in inserts { insert(group, origin, to: scratch) }
    scratch.endCommit()
    let bytes = scratch.rows.byteCount
    guard bytes <= Commit.Limits.bytes.value else { throw .tooLarge(operations: count, bytes: bytes) }
    // A change says what was there before, and a frame's body has a limit: 400 long texts may not be cleared at once.
    let oldBytes = operations.reduce(0) { $0 + $1.oldTextByteCount }
    guard oldBytes <= Engine.oldBytesMax else { throw .tooLarge(operations: count, bytes: oldBytes) }
    try accept(scratch)
    note(ordinalsOf: operations, sequence)
    for group in inserts { note(ordinalsOf: group, sequence) }
    note(naturalKeysOf: scratch.index)
    time = time.advanced(clock: clock)
    openCommits.append(
      CommitDraft(
        actor: actor, reason: reason, batch: batch, time: time, operations: operations, inserts: inserts))
    openCommitBytes += bytes + oldBytes
    lastSequence = sequence
    // A commit without operations counts too: a frame holds no more commits than it may hold operations.
    openOperations += Swift.max(1, count)
    if openOperations >= Engine.frameOperationsMax || openCommitBytes >= Engine.frameBytesMax { sealOpenCommits() }
    return sequence
  }

  /// A new record id of our own mint; durable with the next batch.
  public func mint() -> RecordID {
    defer {
      mintNext += 1
      mintIsChanged = true
    }
    if Defect.active == .mintIsReused { return RecordID(mint: identity.partition.value, counter: mintNext) }
    return RecordID(identity.log, counter: mintNext)
  }

  /// Our next commit is the first of another log, with a mint of its own: ids of two lives can never be the same.
  ///
  /// - Requires: no commit waits for its frame.
  func beginLog(of identity: NodeIdentity) {
    require(openCommits.isEmpty, "a log begins when everything of the one before has its frame")
    self.identity = identity
    lastSequence = .zero
    durableSequence = .zero
    if inFlightSequence != nil { inFlightSequence = .zero }
    if Defect.active != .mintIsReused { mintNext = 1 }
    mintIsChanged = true
  }

  /// What was not made in this life came back to us; `log` stands at `state` now.
  func noteOwn(_ log: LogID, _ state: LogState) {
    time = Swift.max(time, state.time)
    if log == identity.log { lastSequence = state.last }
  }

  /// Makes a frame of the commits that wait, so that what is appended next comes after them.
  func sealOpenCommits() {
    guard !openCommits.isEmpty else { return }
    let head = heads[identity.log] ?? .empty(identity.partition)
    let frame = codec.seal(
      drafts: openCommits, network: networkHash, log: identity.log, partition: identity.partition,
      epoch: identity.epoch,
      catalog: catalogID, first: head.last.next, previous: head.hash, key: key)
    openCommits.removeAll(keepingCapacity: true)
    openCommitBytes = 0
    openOperations = 0
    append(frame)
    if head.last == .zero {
      noteOpening(frame, openingSuccession)
      openingSuccession = nil
    }
  }

  /// Puts a frame into log and apply order. The log's value carries the frame's apply sequence in front.
  func append(_ frame: Frame) {
    applied = applied.next
    let log = frame.header.log
    let key = Keys.frame(log, last: frame.header.last)
    var value = ByteWriter(capacity: frame.bytes.count + 8)
    value.u64(applied.value)
    value.raw(frame.bytes)
    writes.put(.log, key, value.bytes)
    writes.put(.order, Keys.order(applied), key)
    place(log, at: LogState(after: frame))
    logBytesUnstored += frame.bytes.count
  }

  /// A log stands elsewhere with the open batch.
  func place(_ log: LogID, at state: LogState) {
    heads[log] = state
    openLogs.append(log)
    writes.put(.meta, MetaKey.head(log), state.encoded)
  }

  // MARK: Writing

  /// The batch to be written and synced next; nil when there is nothing to write or a batch is in flight.
  public func takeWrites() -> WriteBatch? {
    guard !writes.hasInFlight else { return nil }
    sealOpenCommits()
    guard !writes.isOpenEmpty else { return nil }
    if mintIsChanged {
      var writer = ByteWriter(capacity: 8)
      writer.u64(mintNext)
      writes.put(.meta, MetaKey.mint, writer.bytes)
      mintIsChanged = false
    }
    var writer = ByteWriter(capacity: 8)
    writer.u64(applied.value)
    writes.put(.meta, MetaKey.applied, writer.bytes)
    inFlightApplied = applied
    inFlightSequence = lastSequence
    rows.taken()
    index.taken()
    durableRows.taken()
    counts.taken()
    snapshots.taken()
    flyingHeads = openLogs.compactMap { log in heads[log].map { (log, $0) } }
    openLogs.removeAll(keepingCapacity: true)
    flyingAcknowledgements = heldAcknowledgements
    heldAcknowledgements = []
    queues.batchTaken()
    dispatches.batchTaken()
    return writes.take()
  }

  /// The batch from ``takeWrites()`` is synced: its commits are durable, its frames may be sent and acknowledged.
  public func written() {
    guard let applied = inFlightApplied, let sequence = inFlightSequence else {
      requirementFailed("a batch was in flight")
    }
    writes.written()
    durableRows.written()
    rows.written(upTo: applied)
    index.written(upTo: applied)
    counts.written()
    snapshots.written()
    durableApplied = applied
    durableSequence = sequence
    for (log, head) in flyingHeads { durableHeads[log] = head }
    inFlightApplied = nil
    inFlightSequence = nil
    dispatches.batchWritten()
    if durableHeads[identity.log] != nil {
      durableLog = identity.log
      if standing == .opening { standing = .writing }
    }
    acknowledgeWritten()
  }

  /// The head of what is durable, for the store's sidecar.
  ///
  /// Until the first frame of a new log is synced the store's own log is the one before.
  public var durableHead: Ports.LogHead {
    let state = durableHeads[durableLog] ?? .empty(identity.partition)
    return Ports.LogHead(
      log: durableLog, sequence: durableLog == identity.log ? durableSequence : state.last, applied: durableApplied,
      hash: state.hash)
  }

  /// Whether a batch waits to be written.
  public var wantsWrite: Bool { !writes.hasInFlight && (!writes.isOpenEmpty || !openCommits.isEmpty) }
  /// Bytes gathered for the next batch: the driver writes when it is large.
  public var openByteCount: Int { writes.openByteCount + openCommitBytes + rows.openByteCount }

  /// The next batch of rows or index entries that follow from durable frames, to be written as rebuildable; nil when
  /// there is none. To be asked until then after every ``written()``, so that what waits in memory keeps its bound.
  ///
  /// - Parameter all: also when little waits: before somebody reads the store, whose rows and indexes are then those of
  ///   ``durableApplied``, and before it is closed, which spares the next opening the work.
  /// - Requires: the batch reaches the store before the engine is used again; when that fails, the engine is opened
  ///   anew.
  /// - Throws: `.corrupt`, `.store` when a snapshot that was taken cannot be read back.
  public func takeDerivedWrites(all: Bool) throws(EngineError) -> WriteBatch? {
    if let batch = try installationBatch() { return batch }
    let all = all || snapshots.wantsFlush
    if rows.flushIsDue || all && rows.needsFlush {
      openOrdinals = openOrdinals.filter { $0.value.sequence > durableSequence }
      return rows.flush(first: counts.flush())
    }
    if index.flushIsDue || all && index.needsFlush { return index.flush() }
    snapshots.flushIsDue = false
    return nil
  }

  /// Whether so much lies between the disk and what is durable that the driver must bring rows and indexes there now:
  /// everything of ``takeDerivedWrites(all:)``, then its store's files, then ``derivedIsStored()``.
  public var wantsStoring: Bool {
    durableApplied.value - Swift.min(storedApplied, durableApplied).value >= framesUnstoredMax
      || logBytesUnstored >= Engine.logBytesUnstoredMax
  }

  /// Rows and indexes of everything durable are on the disk.
  ///
  /// - Requires: ``takeDerivedWrites(all:)`` had nothing more since the last ``written()``.
  public func derivedIsStored() {
    storedApplied = durableApplied
    logBytesUnstored = 0
  }
}
