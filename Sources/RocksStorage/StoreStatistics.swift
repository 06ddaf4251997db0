import Glibc
import Ports
import Primitives
import Rocks

/// What a store holds and takes, for operators; estimates where it says so.
public struct StoreStatistics: Hashable, Sendable {
  /// One keyspace.
  public struct Space: Hashable, Sendable {
    /// Which.
    public let space: Keyspace
    /// Bytes of its table files.
    public let tableBytes: UInt64
    /// Bytes in memory, not yet in a table file.
    public let memoryBytes: UInt64
    /// About how many keys; exact only after compaction.
    public let keysEstimated: UInt64
  }

  /// By keyspace, in the order of their numbers.
  public let spaces: [Space]
  /// Bytes of the write-ahead logs.
  public let logBytes: Int
  /// Bytes of everything in the store's directory.
  public let directoryBytes: Int
  /// Free bytes of the file system.
  public let freeBytes: Int
  /// Bytes in the block cache, which stores of one process share.
  public let cacheBytes: Int
  /// What was acknowledged.
  public let head: StoreHead
}

extension RocksStore {
  /// Counts what the store holds. Cost: one listing of its directory; no data is read.
  public func statistics() throws(StoreError) -> StoreStatistics {
    var spaces: [StoreStatistics.Space] = []
    do {
      for space in Keyspace.allCases {
        func number(_ name: String) throws(RocksError) -> UInt64 { try database.property(name, of: space.family) ?? 0 }
        spaces.append(
          StoreStatistics.Space(
            space: space, tableBytes: try number("rocksdb.live-sst-files-size"),
            memoryBytes: try number("rocksdb.cur-size-all-mem-tables"),
            keysEstimated: try number("rocksdb.estimate-num-keys")))
      }
      let sizes = try [directory.path, directory.rocks].flatMap { path in
        try PosixFile.names(in: path).map { (name: $0, size: try PosixFile.byteCount(at: "\(path)/\($0)") ?? 0) }
      }
      return StoreStatistics(
        spaces: spaces, logBytes: sizes.reduce(0) { $0 + ($1.name.hasSuffix(".log") ? $1.size : 0) },
        directoryBytes: sizes.reduce(0) { $0 + $1.size }, freeBytes: try directory.freeBytes(),
        cacheBytes: cache.used.value, head: head)
    } catch let error as RocksError {
      throw .unavailable(error.status)
    } catch let failure as FileFailure {
      throw .unavailable(failure.text)
    } catch {
      throw .unavailable("\(error)")
    }
  }

  /// Makes a copy of this moment that opens as a store: hard links on one file system, else copies. Synced on return.
  ///
  /// A copy is the same node with the same log. It is for backup and for reading; whoever writes to it must begin a new
  /// log.
  ///
  /// - Requires: nothing is at `path`; its parent directory exists.
  public func checkpoint(to path: String) throws(StoreError) {
    let copy = StoreDirectory(path: path)
    do {
      guard mkdir(path, 0o700) == 0 else { throw FileFailure("create", path) }
      // The count before the data: a sidecar must never be ahead of its database.
      let acknowledged = head
      try database.checkpoint(to: copy.rocks)
      var record = SidecarRecord(node: identity.node)
      record.head = acknowledged
      if let sight = try FileWatch.look(at: copy, known: nil) {
        record.manifest = sight.manifest
        record.closedLogs = sight.closedLogs
      }
      try Sidecar.place(record, in: copy)
      try PosixFile.place(identity.encoded, at: copy.nodeFile, in: path)
    } catch let error as RocksError {
      throw error.kind == .noSpace ? .full(error.status) : .unavailable(error.status)
    } catch let failure as FileFailure {
      throw failure.isFull ? .full(failure.text) : .unavailable(failure.text)
    } catch {
      throw .unavailable("\(error)")
    }
  }
}
