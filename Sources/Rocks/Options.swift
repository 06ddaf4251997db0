import Primitives

/// One block cache for all databases of the process, so that many stores cannot add up to more than one bound.
public final class BlockCache: @unchecked Sendable {
  // SAFETY: RocksDB's LRU cache locks inside each shard; the pointer never changes and lives as long as this object.
  let pointer: OpaquePointer

  /// The cache that every database uses unless told otherwise: 16 MiB.
  public static let shared = BlockCache(capacity: .mebibytes(16))

  /// A cache of its own.
  public init(capacity: ByteCount) { pointer = makeCache(capacity.value) }

  deinit { destroyCache(pointer) }

  /// Changes the bound; what is over it leaves at once unless pinned.
  public func resize(to capacity: ByteCount) { setCacheCapacity(pointer, capacity.value) }

  /// Bytes held now.
  public var used: ByteCount { ByteCount(cacheUsage(pointer)) }
}

/// How the blocks of a column family are compressed, from the newest level down.
public enum Compression: Hashable, Sendable {
  /// For values that are already compressed.
  case none
  /// lz4 in the two youngest levels, which are rewritten soon, zstd below, where the bytes stay.
  case lz4ThenZstd
}

/// What one column family is tuned for.
public struct FamilyOptions: Hashable, Sendable {
  /// The name, part of the disk format.
  public let name: String
  /// One write buffer; at most two exist, one filling and one being flushed.
  public let writeBuffer: ByteCount
  /// How the blocks are compressed.
  public let compression: Compression
  /// Bits of bloom filter a key; 0 for families that are read by ranges only.
  public let bloomBitsPerKey: Int
  /// Bytes of one uncompressed block: what a point read decompresses.
  public let block: ByteCount
  /// How many overlapping young files are merged at once: a family that is written in large runs has few, and each
  /// merge rewrites what lies below.
  public let youngFilesMerged: Int

  /// The options of the family `name`.
  public init(
    _ name: String, writeBuffer: ByteCount, compression: Compression = .lz4ThenZstd, bloomBitsPerKey: Int = 0,
    block: ByteCount = .kibibytes(8), youngFilesMerged: Int = 4
  ) {
    self.name = name
    self.writeBuffer = writeBuffer
    self.compression = compression
    self.bloomBitsPerKey = bloomBitsPerKey
    self.block = block
    self.youngFilesMerged = youngFilesMerged
  }

  /// What is asked of RocksDB, as its option text. The same lines are looked up in the OPTIONS file after opening.
  var settings: [(key: String, value: String)] {
    [
      ("write_buffer_size", "\(writeBuffer.value)"),
      ("max_write_buffer_number", "2"),
      // A flipped bit in a memtable is found before it reaches a file.
      ("memtable_protection_bytes_per_key", "8"),
      // Reads every finished file back before it counts.
      ("paranoid_file_checks", "true"),
      ("force_consistency_checks", "true"),
      ("level0_file_num_compaction_trigger", "\(youngFilesMerged)"),
      ("level_compaction_dynamic_level_bytes", "true"),
      ("compression_per_level", compressionLevels),
      ("bottommost_compression", compression == .none ? "kNoCompression" : "kZSTD"),
    ]
  }

  private var compressionLevels: String {
    switch compression {
    case .none: "kNoCompression"
    case .lz4ThenZstd: "kLZ4Compression:kLZ4Compression:kZSTD:kZSTD:kZSTD:kZSTD:kZSTD"
    }
  }

  var tableSettings: [(key: String, value: String)] {
    [
      ("block_size", "\(block.value)"),
      ("verify_compression", "true"),
      ("detect_filter_construct_corruption", "true"),
      // Index and filter blocks count against the one cache instead of growing with the data.
      ("cache_index_and_filter_blocks", "true"),
      ("pin_l0_filter_and_index_blocks_in_cache", "true"),
      // Index and filters in parts of 4 KiB under a pinned top, so that a large file needs little of a small cache.
      ("index_type", "kTwoLevelIndexSearch"),
      ("partition_filters", "true"),
      ("metadata_block_size", "4096"),
      ("pin_top_level_index_and_filter", "true"),
      ("checksum", "kXXH3"),
    ] + (bloomBitsPerKey == 0 ? [] : [("filter_policy", "bloomfilter:\(bloomBitsPerKey):false")])
  }
}

/// What a whole database is opened with.
public struct DatabaseOptions: Sendable {
  /// All write buffers of all families together.
  public var writeBuffersTotal: ByteCount = .mebibytes(32)
  /// The write-ahead log is kept below this by flushing the family that holds the oldest part.
  public var logTotal: ByteCount = .mebibytes(64)
  /// Open table files at most; each costs a descriptor.
  public var openFilesMax = 128
  /// Flushes and compactions at once.
  public var backgroundJobs = 2
  /// Where blocks are cached.
  public var cache = BlockCache.shared

  /// The defaults, for one node on a small machine.
  public init() {}

  var settings: [(key: String, value: String)] {
    [
      ("paranoid_checks", "true"),
      ("verify_sst_unique_id_in_manifest", "true"),
      ("flush_verify_memtable_count", "true"),
      ("file_checksum_gen_factory", "FileChecksumGenCrc32cFactory"),
      // Stops at the first damaged record; the caller compares what is left with what was acknowledged.
      ("wal_recovery_mode", "kPointInTimeRecovery"),
      // Off: 7.8.3 can report a log as missing that it deleted itself (facebook/rocksdb pull 10892).
      ("track_and_verify_wals_in_manifest", "false"),
      // Both have detection faults fixed only after 7.8.3.
      ("recycle_log_file_num", "0"),
      ("wal_compression", "kNoCompression"),
      ("avoid_flush_during_shutdown", "false"),
      ("skip_checking_sst_file_sizes_on_db_open", "false"),
      ("db_write_buffer_size", "\(writeBuffersTotal.value)"),
      ("max_total_wal_size", "\(logTotal.value)"),
      ("max_open_files", "\(openFilesMax)"),
      ("max_background_jobs", "\(backgroundJobs)"),
      ("max_file_opening_threads", "2"),
      ("bytes_per_sync", "1048576"),
      ("keep_log_file_num", "4"),
      ("max_log_file_size", "1048576"),
      ("info_log_level", "WARN_LEVEL"),
      ("stats_dump_period_sec", "0"),
      ("stats_persist_period_sec", "0"),
    ]
  }
}
