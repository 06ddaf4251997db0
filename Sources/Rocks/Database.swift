import CRocksDB
import Glibc
import Primitives

/// A column family of an open database: its place in the list the database was opened with.
public struct Family: Hashable, Sendable {
  let index: Int

  /// Its place.
  public var number: Int { index }

  /// The family at `index` of the list given to `Database.init`; 0 is "default".
  public init(_ index: Int) { self.index = index }
}

/// An open RocksDB.
///
/// Owns the handle and everything RocksDB points into. Reading and writing is possible only between `init` and `close`,
/// and iterators and snapshots only inside a closure, so none outlives the handle: the library of Debian aborts the
/// process when one does. What has no error pointer (`compact_range`) or destroys (`destroy_db`, `repair_db`) is not
/// here.
public final class Database: @unchecked Sendable {
  // SAFETY: rocksdb_t and its family handles may be used from any thread at once (rocksdb/db.h: "a DB is safe for
  // concurrent access from multiple threads"); every stored property is immutable, and `gate` keeps each use apart from
  // the destruction.

  /// How to open; only `create` can make a database.
  public enum Mode: Sendable {
    /// Makes a new database; throws when one is there.
    case create
    /// Opens for writing; throws when there is none or a family is missing.
    case existing
    /// Reads a view of the moment, log included, and writes no byte.
    case readOnly
  }

  let pointer: OpaquePointer
  private let handles: [OpaquePointer]
  private let cache: BlockCache
  private let gate = Gate()
  private let readOptions = ReadOptionsPointer()
  private let syncedWrite = WriteOptionsPointer(sync: true, log: true)
  private let unsyncedWrite = WriteOptionsPointer(sync: false, log: true)
  private let unloggedWrite = WriteOptionsPointer(sync: false, log: false)

  /// Opens the database at `path` with `families`, of which the first must be "default".
  ///
  /// - Throws: `RocksError`; also when an option asked for is not in force afterwards. Nothing stays open then.
  public init(
    path: String, mode: Mode, options: DatabaseOptions = DatabaseOptions(), families: [FamilyOptions]
  ) throws(RocksError) {
    require(families.first?.name == "default", "the first column family is \"default\"")
    let owned = try OptionsPointer.database(options, creating: mode == .create)
    var familyOptions: [OptionsPointer] = []
    for family in families { familyOptions.append(try OptionsPointer.family(family, cache: options.cache)) }
    (pointer, handles) = try openFamilies(
      path: path, readOnly: mode == .readOnly, options: owned, names: families.map(\.name), familyOptions: familyOptions
    )
    cache = options.cache
    if mode != .readOnly {
      let differences = try optionsInForce(path: path).differences(database: options, families: families)
      // Throwing now runs no deinit's close twice: `close` is idempotent and deinit calls it.
      if !differences.isEmpty {
        throw RocksError(.invalidArgument, "options not in force: \(differences.joined(separator: "; "))")
      }
    }
  }

  deinit { close() }

  /// Closes the database; data written without the log is flushed first. Waits until views on other threads end.
  ///
  /// - Requires: no view of this thread is open, and none anywhere for longer than 30 s.
  public func close() {
    gate.shut {
      for handle in handles { rocksdb_column_family_handle_destroy(handle) }
      rocksdb_close(pointer)
    }
  }

  /// Runs `body` while the handle cannot be destroyed.
  ///
  /// - Requires: the database is open.
  @inline(__always)
  func use<Value>(_ body: () throws(RocksError) -> Value) throws(RocksError) -> Value {
    require(gate.enter(), "a database is used after it was closed")
    defer { gate.leave() }
    return try body()
  }

  /// Whether `close` was called.
  public var isClosed: Bool { gate.isShut }

  func handle(of family: Family) -> OpaquePointer {
    require(family.index < handles.count, "column family \(family.index) of \(handles.count)")
    return handles[family.index]
  }

  /// How a write lasts.
  public enum WriteMode: Sendable {
    /// In the log and synced to the device on return.
    case synced
    /// In the log; the operating system may lose it with the power, not with the process.
    case unsynced
    /// In memory until the next flush.
    case unlogged
  }

  /// Applies `batch` whole or not at all.
  ///
  /// - Throws: after a failed append or sync it is unknown whether the batch will be there when the database opens
  ///   again.
  public func write(_ batch: borrowing ChangeBatch, _ mode: WriteMode) throws(RocksError) {
    let options =
      switch mode {
      case .synced: syncedWrite
      case .unsynced: unsyncedWrite
      case .unlogged: unloggedWrite
      }
    let changes = batch.pointer
    try use { () throws(RocksError) in try checked { rocksdb_write(pointer, options.pointer, changes, $0) } }
  }

  /// Runs `body` with a view of the newest state (`isolated: false`) or of this very moment (`isolated: true`). The
  /// view ends with the closure: kept longer, it stops the process at its next use instead of reading freed memory.
  public func withView<Value>(isolated: Bool, _ body: (View) throws -> Value) throws -> Value {
    require(gate.enter(), "a database is used after it was closed")
    defer { gate.leave() }
    guard isolated else {
      let view = View(self, readOptions, snapshot: nil)
      defer { view.end() }
      return try body(view)
    }
    // rocksdb/c.h: null only for memtables that cannot take snapshots, which we never configure.
    let snapshot = rocksdb_create_snapshot(pointer)!
    defer { rocksdb_release_snapshot(pointer, snapshot) }
    let view = View(self, ReadOptionsPointer(snapshot: snapshot), snapshot: snapshot)
    defer { view.end() }
    return try body(view)
  }

  /// A view of this very moment that outlives the call; the database stays open until it is released.
  public func holdView() -> HeldView {
    require(gate.enter(), "a database is used after it was closed")
    // rocksdb/c.h: null only for memtables that cannot take snapshots, which we never configure.
    let snapshot = rocksdb_create_snapshot(pointer)!
    return HeldView(View(self, ReadOptionsPointer(snapshot: snapshot), snapshot: snapshot)) { [self] in
      rocksdb_release_snapshot(pointer, snapshot)
      gate.leave()
    }
  }

  /// The value at `key` now.
  public func get(_ family: Family, _ key: [UInt8]) throws(RocksError) -> [UInt8]? {
    try use { () throws(RocksError) in try read(family, key, readOptions) }
  }

  func read(_ family: Family, _ key: [UInt8], _ options: ReadOptionsPointer) throws(RocksError) -> [UInt8]? {
    let handle = handle(of: family)
    let pinned = try checked { error in
      key.withChars { rocksdb_get_pinned_cf(pointer, options.pointer, handle, $0, $1, error) }
    }
    guard let pinned else { return nil }
    defer { rocksdb_pinnableslice_destroy(pinned) }
    var count = 0
    let base = rocksdb_pinnableslice_value(pinned, &count)
    return [UInt8](UnsafeRawBufferPointer(start: base, count: count))
  }
}

/// Opens and returns the database with its family handles; on failure RocksDB leaves nothing to release.
private func openFamilies(
  path: String, readOnly: Bool, options: OptionsPointer, names: [String], familyOptions: [OptionsPointer]
) throws(RocksError) -> (OpaquePointer, [OpaquePointer]) {
  let cNames = names.map { strdup($0) }
  defer { for name in cNames { free(name) } }
  let constNames = cNames.map { UnsafePointer<CChar>($0) }
  let pointers = familyOptions.map { Optional($0.pointer) }
  var handles = [OpaquePointer?](repeating: nil, count: names.count)
  let count = Int32(names.count)
  let opened = try checked { error in
    readOnly
      ? rocksdb_open_for_read_only_column_families(
        options.pointer, path, count, constNames, pointers, &handles, 0, error)
      : rocksdb_open_column_families(options.pointer, path, count, constNames, pointers, &handles, error)
  }
  withExtendedLifetime(familyOptions) {}
  // rocksdb/c.cc: without an error the database and every handle are set.
  return (opened!, handles.map { $0! })
}
