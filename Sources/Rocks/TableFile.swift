import CRocksDB
import Glibc
import Primitives

/// How the table files of one family are written outside a database; made once, used for every file.
public final class TableFormat: Sendable {
  /// Where files of this format end up, which decides what packing them is worth.
  public enum Stay: Sendable {
    /// Merged with others soon: packed fast.
    case short
    /// Nothing of theirs is there yet, so they stay as they are: packed well.
    case long
  }

  // SAFETY: rocksdb_options_t is only read after `init`; each writer copies what it needs (rocksdb/sst_file_writer.h).
  fileprivate nonisolated(unsafe) let options: OptionsPointer

  /// The format of `family`, which must be the one its database was opened with.
  public init(_ family: FamilyOptions, stay: Stay) throws(RocksError) {
    // The cache is for reading; a writer never asks it.
    options = try OptionsPointer.tables(family, stay: stay)
  }
}

/// Writes one table file outside a database, for `Database.ingest`.
///
/// Keys come in ascending bytewise order, each once. A file that is not finished is removed.
public struct TableFileWriter: ~Copyable {
  private let pointer: OpaquePointer
  private let environment: OpaquePointer
  private let path: String
  private var isWhole = false
  /// Keys so far.
  public private(set) var count = 0

  /// Begins a file; nothing may be at `path`.
  public init(_ path: String, _ format: TableFormat) throws(RocksError) {
    self.path = path
    // rocksdb/c.h: both return a new object, never null; the writer copies the options.
    environment = rocksdb_envoptions_create()!
    pointer = rocksdb_sstfilewriter_create(environment, format.options.pointer)!
    let writer = pointer
    try checked { rocksdb_sstfilewriter_open(writer, path, $0) }
  }

  deinit {
    rocksdb_sstfilewriter_destroy(pointer)
    rocksdb_envoptions_destroy(environment)
    if !isWhole { unlink(path) }
  }

  /// Sets `key` to `value`.
  public mutating func put(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws(RocksError) {
    let writer = pointer
    try checked { error in
      key.withChars { key, keyCount in
        value.withChars { rocksdb_sstfilewriter_put(writer, key, keyCount, $0, $1, error) }
      }
    }
    count += 1
  }

  /// Removes `key`, which need not be there.
  public mutating func delete(_ key: UnsafeRawBufferPointer) throws(RocksError) {
    let writer = pointer
    try checked { error in key.withChars { rocksdb_sstfilewriter_delete(writer, $0, $1, error) } }
    count += 1
  }

  /// Ends the file and syncs it.
  ///
  /// - Requires: at least one key.
  public consuming func finish() throws(RocksError) {
    let writer = pointer
    try checked { rocksdb_sstfilewriter_finish(writer, $0) }
    isWhole = true
  }
}

extension Database {
  /// Takes whole table files into `family`: all of them or, when it throws, none. Durable on return, and newer than
  /// everything written before.
  ///
  /// The memtable of the family is flushed first: what was written to it without the log must not be lost when the
  /// files, which are newer, survive, and releases before 7.10 can misorder files that overlap a memtable.
  ///
  /// - Requires: nobody else writes to `family` meanwhile; the files lie on the database's file system and are not used
  ///   again: on success they are gone from their paths.
  public func ingest(_ paths: [String], into family: Family) throws(RocksError) {
    guard !paths.isEmpty else { return }
    try flush(family)
    let options = rocksdb_ingestexternalfileoptions_create()!
    defer { rocksdb_ingestexternalfileoptions_destroy(options) }
    rocksdb_ingestexternalfileoptions_set_move_files(options, 1)
    let handle = handle(of: family)
    let names = paths.map { strdup($0) }
    defer { for name in names { free(name) } }
    let constNames = names.map { UnsafePointer<CChar>($0) }
    try use { () throws(RocksError) in
      try checked { rocksdb_ingest_external_file_cf(pointer, handle, constNames, constNames.count, options, $0) }
    }
  }
}
