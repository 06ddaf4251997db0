import CRocksDB
import Primitives

func makeCache(_ bytes: Int) -> OpaquePointer {
  // rocksdb/c.h: both return a new object, never null; the cache copies the options.
  let options = rocksdb_lru_cache_options_create()!
  defer { rocksdb_lru_cache_options_destroy(options) }
  rocksdb_lru_cache_options_set_capacity(options, bytes)
  // Four shards: with the default of 512 KiB a shard, a filter block larger than that is read anew at each point read
  // (measured: four times as slow).
  rocksdb_lru_cache_options_set_num_shard_bits(options, 2)
  return rocksdb_cache_create_lru_opts(options)!
}
func destroyCache(_ cache: OpaquePointer) { rocksdb_cache_destroy(cache) }
func setCacheCapacity(_ cache: OpaquePointer, _ bytes: Int) { rocksdb_cache_set_capacity(cache, bytes) }
func cacheUsage(_ cache: OpaquePointer) -> Int { rocksdb_cache_get_usage(cache) }

/// Owns a `rocksdb_options_t`.
final class OptionsPointer {
  // Every create function of rocksdb/c.h returns a new object, never null.
  let pointer: OpaquePointer = rocksdb_options_create()!

  deinit { rocksdb_options_destroy(pointer) }

  /// Options of the database, which the C API keeps in one object with those of a family.
  static func database(_ options: DatabaseOptions, creating: Bool) throws(RocksError) -> OptionsPointer {
    let base = OptionsPointer()
    let made = try base.adding(options.settings)
    rocksdb_options_set_create_if_missing(made.pointer, creating ? 1 : 0)
    rocksdb_options_set_create_missing_column_families(made.pointer, creating ? 1 : 0)
    rocksdb_options_set_error_if_exists(made.pointer, creating ? 1 : 0)
    return made
  }

  static func family(_ options: FamilyOptions, cache: BlockCache) throws(RocksError) -> OptionsPointer {
    let base = OptionsPointer()
    let table = rocksdb_block_based_options_create()!
    defer { rocksdb_block_based_options_destroy(table) }
    rocksdb_block_based_options_set_block_cache(table, cache.pointer)
    rocksdb_options_set_block_based_table_factory(base.pointer, table)
    let tableText = options.tableSettings.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
    return try base.adding(options.settings + [("block_based_table_factory", "{\(tableText)}")])
  }

  /// Options for table files of a family that are written outside a database.
  static func tables(_ family: FamilyOptions, stay: TableFormat.Stay) throws(RocksError) -> OptionsPointer {
    let made = try OptionsPointer.family(family, cache: BlockCache.shared)
    guard stay == .short, family.compression != .none else { return made }
    // A writer takes the bottommost compression where one is set, else the last level's.
    return try made.adding([
      ("bottommost_compression", "kDisableCompressionOption"), ("compression_per_level", "kLZ4Compression"),
    ])
  }

  /// A copy with the settings applied as text; an unknown name throws, an unknown object may be swallowed, which is why
  /// the OPTIONS file is read back.
  private func adding(_ settings: [(key: String, value: String)]) throws(RocksError) -> OptionsPointer {
    let text = settings.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
    let made = OptionsPointer()
    try checked { rocksdb_get_options_from_string(pointer, text, made.pointer, $0) }
    return made
  }
}

/// Owns a `rocksdb_readoptions_t` with checksums verified; 7.8.3 serves damaged values as good without.
final class ReadOptionsPointer {
  let pointer: OpaquePointer = rocksdb_readoptions_create()!

  init(snapshot: OpaquePointer? = nil) {
    rocksdb_readoptions_set_verify_checksums(pointer, 1)
    if let snapshot { rocksdb_readoptions_set_snapshot(pointer, snapshot) }
  }

  deinit { rocksdb_readoptions_destroy(pointer) }
}

/// Owns a `rocksdb_writeoptions_t`.
final class WriteOptionsPointer {
  let pointer: OpaquePointer = rocksdb_writeoptions_create()!

  init(sync: Bool, log: Bool) {
    rocksdb_writeoptions_set_sync(pointer, sync ? 1 : 0)
    rocksdb_writeoptions_disable_WAL(pointer, log ? 0 : 1)
  }

  deinit { rocksdb_writeoptions_destroy(pointer) }
}
