import Glibc
import Ports
import Primitives
import Rocks

/// What opening noticed without refusing.
public struct OpenReport: Hashable, Sendable {
  /// Where the database stands.
  public let head: StoreHead
  /// The file system forgets with the power: fit for tests only.
  public let isVolatile: Bool
  /// A slot of the sidecar did not decode: the trace of a crash or of damage; the other slot told.
  public let sidecarSlotDamaged: Bool
  /// The end of the log was accepted as lost and nothing in the store says so yet: whoever opens it marks the node as
  /// recovering, then calls ``RocksStore/forgetAccepted()``, before anything else is written.
  public let isAccepted: Bool
}

/// Reads the log's head from a store: the caller knows its format, the store does not. Nil when there is no log yet.
public typealias HeadReader = (any StoreReader) throws(StoreError) -> LogHead?

extension RocksStore {
  /// Creates a store. The NODE file appears last, so an interrupted creation is not taken for a store.
  ///
  /// - Parameter prepare: writes what else a store must hold before it counts as one.
  /// - Requires: `directory` is missing (its parent is there) or empty.
  /// - Throws: `.notEmpty` before anything is written; other cases may leave a part that must be removed by hand.
  public static func initialise(
    directory path: String, identity: StoreIdentity, options: StoreOptions = StoreOptions(),
    prepare: (RocksStore) throws -> Void = { _ in }
  ) throws(OpenError) -> RocksStore {
    let directory = StoreDirectory(path: path)
    let names = try opening { () throws(FileFailure) in
      if mkdir(path, 0o700) != 0 && errno != EEXIST { throw FileFailure("create", path) }
      return try PosixFile.names(in: path)
    }
    guard names.isEmpty else { throw .notEmpty(directory: path) }
    let isVolatile = try checkFileSystem(directory)
    try checkSpace(directory, options)
    let lock = try DirectoryLock(directory)
    let database = try openDatabase(directory, .create, options)
    do {
      var batch = ChangeBatch(database)
      batch.put(OwnRecord.family, OwnRecord.identity, identity.encoded)
      batch.put(OwnRecord.family, OwnRecord.batches, OwnRecord.encode(batches: 0))
      try database.write(batch, .synced)
      try Sidecar.place(SidecarRecord(node: identity.node), in: directory)
      let sidecar = try openSidecar(directory, identity)
      let report = OpenReport(
        head: StoreHead(batches: 0, log: nil), isVolatile: isVolatile, sidecarSlotDamaged: false, isAccepted: false)
      try directory.clearRuns()
      let store = try RocksStore(database, directory, identity, report, sidecar, lock, options)
      try prepare(store)
      try PosixFile.place(identity.encoded, at: directory.nodeFile, in: path)
      return store
    } catch let error as RocksError {
      throw openError(error, directory)
    } catch let failure as FileFailure {
      throw OpenError(failure)
    } catch let error as OpenError {
      throw error
    } catch {
      throw .unavailable("\(error)")
    }
  }

  /// Opens a store for reading and writing.
  ///
  /// First looks without writing: identity, lock, sidecar, manifest, then the database read-only with everything its
  /// log still gives. Only a database that holds all that was acknowledged is opened for writing.
  ///
  /// - Parameter readHead: reads the log's head; called once, on the read-only database.
  /// - Throws: `OpenError`; nothing was written but the lock file.
  public static func open(
    directory path: String, expecting: ExpectedIdentity, options: StoreOptions = StoreOptions(), readHead: HeadReader
  ) throws(OpenError) -> RocksStore {
    let directory = StoreDirectory(path: path)
    let identity = try directory.identity()
    guard expecting.admits(identity) else { throw .wrongIdentity(found: identity, expected: expecting) }
    let isVolatile = try checkFileSystem(directory)
    let lock = try DirectoryLock(directory)
    let finding = try Sidecar.read(directory, of: identity.node)
    let found = try inspect(directory, identity, finding.record, options, readHead)
    guard found.covers(finding.record.head) else {
      throw .behind(found: found, acknowledged: finding.record.head)
    }
    try checkSpace(directory, options)
    try opening { () throws(FileFailure) in try directory.clearRuns() }
    let database = try openDatabase(directory, .existing, options)
    let report = OpenReport(
      head: found, isVolatile: isVolatile, sidecarSlotDamaged: finding.slotsDamaged > 0,
      isAccepted: finding.record.isAccepted)
    let sidecar = try openSidecar(directory, identity, found)
    do throws(RocksError) {
      return try RocksStore(database, directory, identity, report, sidecar, lock, options)
    } catch { throw openError(error, directory) }
  }

  /// Accepts, by an operator's decision, that a database is shorter than what was acknowledged, or that its sidecar is
  /// lost: writes a new sidecar that says what the database holds, and that it was accepted. The two cannot come apart:
  /// who opens the store next, after whatever crash, is told by ``OpenReport/isAccepted`` to begin a new log first.
  ///
  /// - Parameter accepted: the head the operator saw, as `OpenError.behind` or `openReadOnly` named it.
  /// - Throws: `.behind` when the database holds something else than `accepted`; nothing was written then.
  public static func acceptHead(
    _ accepted: StoreHead, directory path: String, expecting: ExpectedIdentity, options: StoreOptions = StoreOptions(),
    readHead: HeadReader
  ) throws(OpenError) {
    let directory = StoreDirectory(path: path)
    let identity = try directory.identity()
    guard expecting.admits(identity) else { throw .wrongIdentity(found: identity, expected: expecting) }
    let lock = try DirectoryLock(directory)
    defer { lock.release() }
    let found = try inspect(directory, identity, SidecarRecord(node: identity.node), options, readHead)
    guard found == accepted else { throw .behind(found: found, acknowledged: accepted) }
    var record = SidecarRecord(node: identity.node)
    record.head = found
    record.isAccepted = true
    try opening { () throws(FileFailure) in try Sidecar.place(record, in: directory) }
  }

  /// The store itself says by now that its node must recover. Durable on return.
  public func forgetAccepted() throws(StoreError) {
    do throws(FileFailure) { try sidecar.forgetAccepted() } catch { throw .unavailable(error.text) }
  }

  /// Opens the database read-only, compares its files with the sidecar's and returns where it stands.
  private static func inspect(
    _ directory: StoreDirectory, _ identity: StoreIdentity, _ known: SidecarRecord, _ options: StoreOptions,
    _ readHead: HeadReader
  ) throws(OpenError) -> StoreHead {
    try DatabaseFiles.checkManifest(directory, known)
    let database = try openDatabase(directory, .readOnly, options)
    defer { database.close() }
    do {
      try DatabaseFiles.check(database, directory, known)
      return try standing(database, directory, identity, readHead)
    } catch let error as RocksError {
      throw openError(error, directory)
    } catch let error as StoreError {
      throw openError(error, directory)
    } catch let error as OpenError {
      throw error
    } catch {
      throw .unavailable("\(error)")
    }
  }

  /// Where an open database stands, after checking that it is this node's.
  static func standing(
    _ database: Database, _ directory: StoreDirectory, _ identity: StoreIdentity, _ readHead: HeadReader
  ) throws -> StoreHead {
    guard let owner = try database.get(OwnRecord.family, OwnRecord.identity),
      let counted = try database.get(OwnRecord.family, OwnRecord.batches)
    else { throw OpenError.damaged(file: directory.rocks, detail: "its identity or batch count is gone") }
    guard owner == identity.encoded else {
      throw OpenError.damaged(file: directory.rocks, detail: "it is not the database that \(directory.nodeFile) names")
    }
    var reader = ByteReader(counted)
    let batches = try reader.u64()
    return StoreHead(
      batches: batches, log: try database.reading { view throws(StoreError) in try readHead(view) })
  }

  private static func openSidecar(
    _ directory: StoreDirectory, _ identity: StoreIdentity, _ head: StoreHead? = nil
  ) throws(OpenError) -> Sidecar {
    let record = try Sidecar.read(directory, of: identity.node).record
    return try opening { () throws(FileFailure) in
      let sidecar = try Sidecar.open(directory, from: record)
      // What the database holds is durable, so it counts as acknowledged from now on.
      if let head { try sidecar.acknowledge(head) }
      try sidecar.observe(directory)
      try sidecar.sync()
      return sidecar
    }
  }

  private static func checkFileSystem(_ directory: StoreDirectory) throws(OpenError) -> Bool {
    switch try opening({ () throws(FileFailure) in try directory.fileSystem() }) {
    case .durable: return false
    case .volatile: return true
    case .unsuitable(let reason): throw .unsuitableFileSystem(reason)
    }
  }

  private static func checkSpace(_ directory: StoreDirectory, _ options: StoreOptions) throws(OpenError) {
    let free = try opening { () throws(FileFailure) in try directory.freeBytes() }
    if free < options.freeBytesMin.value { throw .full(free: ByteCount(free), needed: options.freeBytesMin) }
  }

  static func openDatabase(
    _ directory: StoreDirectory, _ mode: Database.Mode, _ options: StoreOptions
  ) throws(OpenError) -> Database {
    do throws(RocksError) {
      return try Database(
        path: directory.rocks, mode: mode, options: options.database, families: StoreOptions.families)
    } catch {
      throw openError(error, directory)
    }
  }
}

/// What a failed RocksDB call means for a caller who opens.
func openError(_ error: RocksError, _ directory: StoreDirectory) -> OpenError {
  switch error.kind {
  case .corruption: .damaged(file: fileNamed(in: error.status, directory), detail: error.status)
  case .notFound: .missing(file: fileNamed(in: error.status, directory))
  case .busy: .inUse(process: nil)
  case .invalidArgument where error.status.hasPrefix("options not in force"): .optionsNotInForce(error.status)
  case .noSpace, .device, .invalidArgument, .other: .unavailable(error.status)
  }
}

/// What a failed read means for a caller who opens.
func openError(_ error: StoreError, _ directory: StoreDirectory) -> OpenError {
  switch error {
  case .corrupt(let detail): .damaged(file: fileNamed(in: detail, directory), detail: detail)
  case .full(let detail), .outcomeUnknown(let detail), .unavailable(let detail): .unavailable(detail)
  }
}

/// The file below `rocks/` that a status text names, or the directory when it names none.
func fileNamed(in status: String, _ directory: StoreDirectory) -> String {
  for word in status.split(whereSeparator: { " :,()".contains($0) }) {
    guard word.hasPrefix(directory.rocks + "/") else { continue }
    // RocksDB looks for a table under its old ending last and names that one.
    return word.hasSuffix(".ldb") ? word.dropLast(3) + "sst" : String(word)
  }
  return directory.rocks
}
