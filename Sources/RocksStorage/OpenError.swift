import Ports
import Primitives

/// How much a store holds, as far as it can be counted: what the database says against what was acknowledged.
public struct StoreHead: Hashable, Sendable, CustomStringConvertible {
  /// Synced batches since the store was made.
  public let batches: UInt64
  /// The log's head, once there is a log.
  public let log: LogHead?

  /// The head made of its parts.
  public init(batches: UInt64, log: LogHead?) {
    self.batches = batches
    self.log = log
  }

  /// Whether everything acknowledged at `other` is there.
  public func covers(_ other: StoreHead) -> Bool {
    guard batches >= other.batches else { return false }
    guard let acknowledged = other.log else { return true }
    return log?.covers(acknowledged) ?? false
  }

  /// For an operator: the counts, the log, the first bytes of the hash.
  public var description: String {
    guard let log else { return "batch \(batches), no log" }
    return "batch \(batches), log \(log.log.node.value).\(log.log.incarnation) sequence \(log.sequence.value)"
      + " (\(Bytes(log.hash.bytes.prefix(6)).hex)), applied \(log.applied.value)"
  }
}

/// Why a store was not opened. Nothing was written unless the case says so.
public enum OpenError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No store at this path.
  case notAStore(directory: String)
  /// A store is created in a missing or empty directory only.
  case notEmpty(directory: String)
  /// A file the store needs is gone.
  case missing(file: String)
  /// A file's bytes are not what was written.
  case damaged(file: String, detail: String)
  /// Others than its owner may read a secret file.
  case exposed(file: String, mode: String)
  /// The store is another node's.
  case wrongIdentity(found: StoreIdentity, expected: ExpectedIdentity)
  /// Written by a newer release.
  case newerFormat(found: Int, supported: Int)
  /// Another process has it open; nil when it did not say which.
  case inUse(process: Int32?)
  /// The file system cannot keep our promises.
  case unsuitableFileSystem(String)
  /// The database is intact but shorter than what was acknowledged.
  case behind(found: StoreHead, acknowledged: StoreHead)
  /// Too little space to open for writing; RocksDB would abort the process. Reading is possible: `openReadOnly`.
  case full(free: ByteCount, needed: ByteCount)
  /// RocksDB runs with other options than asked.
  case optionsNotInForce(String)
  /// The device or the operating system failed in another way.
  case unavailable(String)

  /// What happened and what to do.
  public var description: String {
    switch self {
    case .notAStore(let directory):
      "\(directory) holds no store: its NODE file is missing. Check the path; if the file was lost, restore it from a"
        + " backup."
    case .notEmpty(let directory):
      "\(directory) is not empty, so no store is created in it. If an earlier creation was interrupted, remove it"
        + " first."
    case .missing(let file):
      "\(file) is missing. Nothing was written. Set the directory aside and restore from the parent or a backup."
    case .damaged(let file, let detail):
      "\(file) is damaged: \(detail). Nothing was written. Set the directory aside and restore from the parent or a"
        + " backup."
    case .exposed(let file, let mode):
      "\(file) can be read by others, its mode is \(mode). Run chmod 600 \(file)."
    case .wrongIdentity(let found, let expected):
      "this store belongs to node \(found.node.value) (\(found.rootOrgCode)) of \(found.network), expected \(expected)."
        + " Check which directory is mounted here."
    case .newerFormat(let found, let supported):
      "the store has format \(found), this release reads up to \(supported). Run the newer release."
    case .inUse(let process):
      "the store is open in \(process.map { "process \($0)" } ?? "another process"). Stop it first."
    case .unsuitableFileSystem(let reason):
      "the file system cannot hold a store: \(reason). Use a local ext4, xfs or btrfs."
    case .behind(let found, let acknowledged):
      "the database ends before what was acknowledged: found \(found); acknowledged \(acknowledged)."
        + " Nothing was written. Repair from the parent, or accept the shorter head and begin a new log."
    case .full(let free, let needed):
      "\(free.value) bytes are free, \(needed.value) are needed to open for writing. Make room; reading is possible."
    case .optionsNotInForce(let detail):
      "RocksDB did not take the options asked for: \(detail)"
    case .unavailable(let detail):
      detail
    }
  }

  /// What a failed call means for a caller who opens.
  init(_ failure: FileFailure) {
    self = failure.isMissing ? .missing(file: failure.path) : .unavailable(failure.text)
  }
}

/// Runs calls of the operating system for a caller who opens.
func opening<Value>(_ body: () throws(FileFailure) -> Value) throws(OpenError) -> Value {
  do throws(FileFailure) { return try body() } catch { throw OpenError(error) }
}
