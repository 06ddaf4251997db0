import Glibc
import Ports
import Primitives
import Rocks
import Synchronization

/// The engine's store on one RocksDB in one directory.
///
/// What it owns: `NODE` (whose store), `NODE.lock` (who has it open), `HEAD` (what was acknowledged, ``Sidecar``),
/// `rocks/` and `runs/` (table files on their way into it).
///
/// 1. A store is created by ``initialise(directory:identity:options:)`` only; opening never creates.
/// 2. A synced batch that `write` returned from is on the device, counted inside the database and, separately, in
///    `HEAD`.
/// 3. Opening writes nothing before the database was found to hold everything `HEAD` counts.
/// 4. After a write or sync whose outcome is unknown every later write is refused until the store is opened again,
///    because the operating system may have dropped the bytes and would report the next sync as good.
/// 5. Of the rebuildable batches of one keyspace a crash keeps the first ones, never one without those before it.
/// 6. Damage is thrown, never served: checksums are verified on each read, and a scan that returned is complete.
public final class RocksStore: Store, Sendable {
  private struct Writer {
    /// Synced batches so far; the next one carries this + 1.
    var batches: UInt64
    /// The head the caller acknowledged last.
    var log: LogHead?
  }

  /// Whose store it is.
  public let identity: StoreIdentity
  /// What opening noticed without refusing.
  public let report: OpenReport
  let database: Database
  let directory: StoreDirectory
  let sidecar: Sidecar
  private let lock: DirectoryLock
  /// Below this much free space nothing is written, in bytes.
  public let freeBytesMin: Int
  /// Free bytes on the store's device; nil when the system does not say.
  public var freeBytes: Int? {
    do throws(FileFailure) { return try directory.freeBytes() } catch { return nil }
  }
  /// The store's directory.
  public var path: String { directory.path }
  let cache: BlockCache
  private let rowRuns: RunFormats
  private let indexRuns: RunFormats
  private let writer: Mutex<Writer>
  private let poison = Mutex<String?>(nil)
  private let timer = Mutex<TimerThread?>(nil)

  init(
    _ database: Database, _ directory: StoreDirectory, _ identity: StoreIdentity, _ report: OpenReport,
    _ sidecar: Sidecar, _ lock: DirectoryLock, _ options: StoreOptions
  ) throws(RocksError) {
    rowRuns = try RunFormats(.rows)
    indexRuns = try RunFormats(.index)
    self.database = database
    self.directory = directory
    self.identity = identity
    self.report = report
    self.sidecar = sidecar
    self.lock = lock
    freeBytesMin = options.freeBytesMin.value
    cache = options.cache
    writer = Mutex(Writer(batches: report.head.batches, log: report.head.log))
    timer.withLock { timer in
      timer = TimerThread(milliseconds: options.sidecarSyncMilliseconds) { [weak self] in self?.tick() }
    }
  }

  deinit { close() }

  /// Closes the database, with what is only in memory flushed and the sidecar synced. Idempotent; the next opener may
  /// follow.
  ///
  /// - Requires: no view of this thread is open; views of other threads are waited for, at most 30 s.
  public func close() {
    guard let timer = timer.withLock({ timer in timer.take() }) else { return }
    timer.stop()
    database.close()
    // After the database, whose closing may flush and so lengthen the manifest.
    tick()
    lock.release()
  }

  private func tick() {
    do throws(FileFailure) {
      try sidecar.observe(directory)
      try sidecar.sync()
    } catch {
      stopWriting("the acknowledged head cannot be kept: \(error.text)")
    }
  }

  /// Makes the sidecar durable now instead of within a second.
  public func syncSidecar() throws(StoreError) {
    do throws(FileFailure) {
      try sidecar.observe(directory)
      try sidecar.sync()
    } catch {
      stopWriting("the acknowledged head cannot be kept: \(error.text)")
      throw .unavailable(error.text)
    }
  }

  /// What was acknowledged last.
  public var head: StoreHead { sidecar.head }

  /// Records the log's head as acknowledged, so that a later opening notices when the database holds less. To be called
  /// after the write that made it durable returned, and before anyone is told.
  ///
  /// Cost: one 4 KiB write into the file system's cache.
  ///
  /// - Requires: `head` covers the head acknowledged before.
  public func acknowledge(_ head: LogHead) throws(StoreError) {
    try writer.withLock { writer throws(StoreError) in
      writer.log = head
      try record(StoreHead(batches: writer.batches, log: head))
    }
  }

  private func record(_ head: StoreHead) throws(StoreError) {
    do throws(FileFailure) {
      try sidecar.acknowledge(head)
    } catch {
      stopWriting("the acknowledged head cannot be kept: \(error.text)")
      throw .outcomeUnknown(error.text)
    }
  }

  /// Why writes are refused, once they are; only opening again mends it.
  public var poisonedBecause: String? { poison.withLock { $0 } }

  private func stopWriting(_ reason: String) { poison.withLock { $0 = $0 ?? reason } }

  /// See `Store`. A synced batch is on the device and counted in the sidecar on return; one sync a call.
  public func write(_ batch: WriteBatch, _ durability: Durability) throws(StoreError) {
    guard !batch.isEmpty else { return }
    guard !database.isClosed else { throw .unavailable("the store is closed") }
    if let reason = poisonedBecause { throw .outcomeUnknown("refused, nothing was written: earlier, \(reason)") }
    try requireSpace(for: batch)
    try writer.withLock { writer throws(StoreError) in
      switch durability {
      case .rebuildable:
        let space = RocksStore.space(ofRebuildable: batch)
        if let run = SortedRun(batch, in: space) {
          try ingest(run, space)
        } else {
          try apply(rocksBatch(batch), .unlogged)
        }
      case .synced:
        var changes = rocksBatch(batch)
        let next = writer.batches + 1
        changes.put(OwnRecord.family, OwnRecord.batches, OwnRecord.encode(batches: next))
        try apply(changes, .synced)
        writer.batches = next
        try record(StoreHead(batches: next, log: writer.log))
      }
    }
  }

  /// Brings every rebuildable write so far to the device: on return no crash takes any of them back.
  ///
  /// Cost: what is in memory of the derived keyspaces becomes files; readers are not held up.
  ///
  /// - Throws: `.full`, or `.unavailable`: nothing that was written before is lost by it.
  public func storeDerived() throws(StoreError) {
    guard !database.isClosed else { throw .unavailable("the store is closed") }
    for space in Keyspace.allCases where space.isDerived {
      do throws(RocksError) { try database.flush(space.family) } catch {
        throw error.kind == .noSpace ? .full(error.status) : .unavailable(error.status)
      }
    }
  }

  /// The one keyspace of a rebuildable batch.
  private static func space(ofRebuildable batch: WriteBatch) -> Keyspace {
    var space: Keyspace?
    batch.forEach { change, _ in
      let known = space ?? change.space
      require(change.space == known && known.isDerived, "a rebuildable write touches one derived keyspace only")
      space = known
    }
    guard let space else { requirementFailed("a batch that is not empty") }
    return space
  }

  private func ingest(_ run: SortedRun, _ space: Keyspace) throws(StoreError) {
    let paths: [String]
    do throws(RocksError) {
      paths = try run.write(to: directory.runs, space == .rows ? rowRuns : indexRuns)
    } catch {
      // Nothing of it reached the database.
      throw error.kind == .noSpace ? .full(error.status) : .unavailable(error.status)
    }
    do throws(RocksError) {
      try database.ingest(paths, into: space.family)
    } catch {
      SortedRun.remove(paths)
      stopWriting(error.status)
      throw .outcomeUnknown(error.status)
    }
  }

  private func rocksBatch(_ batch: WriteBatch) -> ChangeBatch {
    var changes = ChangeBatch(database)
    batch.forEach { change, _ in
      let family = change.space.family
      switch change.kind {
      case .put: changes.put(family, change.key, change.value)
      case .delete: changes.delete(family, change.key)
      case .deleteRange: changes.deleteRange(family, from: Bytes(change.key), to: Bytes(change.value))
      }
    }
    return changes
  }

  private func requireSpace(for batch: WriteBatch) throws(StoreError) {
    guard freeBytesMin > 0 else { return }
    let needed = freeBytesMin + batch.byteCount * 2
    let free: Int
    do throws(FileFailure) { free = try directory.freeBytes() } catch { throw .unavailable(error.text) }
    if free < needed { throw .full("\(free) bytes are free, \(needed) are needed to write on") }
  }

  private func apply(_ changes: borrowing ChangeBatch, _ mode: Database.WriteMode) throws(StoreError) {
    do throws(RocksError) {
      try database.write(changes, mode)
    } catch {
      // A batch is one record of the log. When appending it failed, its end is not in the file, so recovery drops it
      // whole; without a log nothing was kept at all. RocksDB takes writes again by itself when space returns.
      if error.kind == .noSpace && (mode == .unlogged || error.status.contains("While append")) {
        throw .full(error.status)
      }
      stopWriting(error.status)
      throw .outcomeUnknown(error.status)
    }
  }

  /// See `StoreReader`.
  public func get(_ space: Keyspace, _ key: Bytes) throws(StoreError) -> Bytes? {
    guard !database.isClosed else { throw .unavailable("the store is closed") }
    do throws(RocksError) { return try database.get(space.family, key) } catch { throw StoreError(reading: error) }
  }

  /// See `StoreReader`. A view of the moment it began.
  public func scan(
    _ space: Keyspace, from: Bytes, to: Bytes?,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) {
    try database.reading { view throws(StoreError) in try view.scan(space, from: from, to: to, body) }
  }

  /// See `StoreReader`.
  public func last(_ space: Keyspace, from: Bytes, to: Bytes?) throws(StoreError) -> (key: Bytes, value: Bytes)? {
    try database.reading { view throws(StoreError) in try view.last(space, from: from, to: to) }
  }

  /// This very moment, to be read later and elsewhere; `close` waits until it is released.
  ///
  /// - Throws: `.unavailable` after `close`.
  public func holdSnapshot() throws(StoreError) -> HeldSnapshot {
    guard !database.isClosed else { throw .unavailable("the store is closed") }
    return HeldSnapshot(database.holdView())
  }

  /// See `Store`. The view stops the process when it is used after the closure; `close` waits for it.
  public func withSnapshot<Result>(_ body: (any StoreReader) throws -> Result) throws -> Result {
    guard !database.isClosed else { throw StoreError.unavailable("the store is closed") }
    return try database.withView(isolated: true) { try body(RocksView(view: $0)) }
  }
}

/// A moment of a store that is kept until it is released, or let go of.
public final class HeldSnapshot: Sendable {
  private let held: HeldView

  init(_ held: HeldView) { self.held = held }

  /// Reads that moment; not to be used after ``release()``.
  public var reader: any StoreReader { RocksView(view: held.view) }

  /// Gives the moment back.
  public func release() { held.release() }
}
