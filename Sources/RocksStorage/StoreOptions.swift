import Ports
import Primitives
import Rocks

/// The knobs of a store. One validated struct, so that a configuration can name every bound.
public struct StoreOptions: Sendable {
  /// All write buffers together.
  public var writeBuffersTotal: ByteCount = .mebibytes(32)
  /// The write-ahead log is kept below this.
  public var logTotal: ByteCount = .mebibytes(64)
  /// Open table files at most.
  public var openFilesMax = 128
  /// Where blocks are cached; shared by all stores of the process unless replaced.
  public var cache = BlockCache.shared
  /// Below this much free space, beside twice the batch, writes are refused with `.full`, and a start with
  /// `OpenError.full`: RocksDB needs room for flushes, and its build here aborts the process when it opens on a full
  /// device.
  public var freeBytesMin: ByteCount = .mebibytes(128)
  /// How often the sidecar reaches the device, in milliseconds.
  public var sidecarSyncMilliseconds = 1000

  /// The defaults, for one node on a small machine.
  public init() {}

  /// Gives the store a block cache of its own, of this size.
  public mutating func setCache(_ capacity: ByteCount) { cache = BlockCache(capacity: capacity) }

  var database: DatabaseOptions {
    var options = DatabaseOptions()
    options.writeBuffersTotal = writeBuffersTotal
    options.logTotal = logTotal
    options.openFilesMax = openFilesMax
    options.cache = cache
    return options
  }

  /// The column families in the order of their numbers: 0 is RocksDB's "default", which holds the store's own records.
  /// What lies in the write buffers of rows and index is lost in a crash and made again by the next opening.
  static let families: [FamilyOptions] = [
    FamilyOptions("default", writeBuffer: .kibibytes(256)),
    FamilyOptions("rows", writeBuffer: .mebibytes(4), bloomBitsPerKey: 10, youngFilesMerged: 8),
    // Frames are compressed already.
    FamilyOptions("log", writeBuffer: .mebibytes(8), compression: .none, block: .kibibytes(16)),
    FamilyOptions("order", writeBuffer: .mebibytes(1)),
    FamilyOptions("meta", writeBuffer: .mebibytes(1), bloomBitsPerKey: 10),
    FamilyOptions("index", writeBuffer: .mebibytes(4), bloomBitsPerKey: 10, youngFilesMerged: 8),
  ]
}

extension Keyspace {
  /// The column family that holds the keyspace.
  var family: Family { Family(Int(rawValue) + 1) }
}

/// The store's own records, in RocksDB's "default" family.
enum OwnRecord {
  static let family = Family(0)
  /// Counts the synced batches, big-endian.
  static let batches = Bytes("batches".utf8)
  /// The bytes of the NODE file.
  static let identity = Bytes("identity".utf8)

  static func encode(batches: UInt64) -> Bytes {
    var writer = ByteWriter(capacity: 8)
    writer.u64(batches)
    return writer.bytes
  }
}

extension StoreError {
  /// What a failed read means for the engine.
  init(reading error: RocksError) {
    switch error.kind {
    case .corruption, .notFound: self = .corrupt(error.status)
    case .noSpace, .busy, .device, .invalidArgument, .other: self = .unavailable(error.status)
    }
  }
}
