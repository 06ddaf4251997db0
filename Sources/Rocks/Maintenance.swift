import CRocksDB
import Glibc

extension Database {
  /// Writes the memtable of `family` to a file and waits for it.
  public func flush(_ family: Family) throws(RocksError) {
    let options = rocksdb_flushoptions_create()!
    defer { rocksdb_flushoptions_destroy(options) }
    rocksdb_flushoptions_set_wait(options, 1)
    let handle = handle(of: family)
    try use { () throws(RocksError) in try checked { rocksdb_flush_cf(pointer, options, handle, $0) } }
  }

  /// Makes an openable copy of this moment at `path`, by hard links on one file system. Flushes first, so that data
  /// written without the log is in it.
  ///
  /// - Requires: nothing exists at `path`; its parent does.
  public func checkpoint(to path: String) throws(RocksError) {
    try use { () throws(RocksError) in
      let object = try checked { rocksdb_checkpoint_object_create(pointer, $0) }
      guard let object else { throw RocksError(.other, "no checkpoint object") }
      defer { rocksdb_checkpoint_object_destroy(object) }
      try checked { rocksdb_checkpoint_create(object, path, 0, $0) }
    }
  }

  /// A whole number RocksDB keeps about `family`, such as "rocksdb.estimate-num-keys", or nil when it knows none.
  public func property(_ name: String, of family: Family) throws(RocksError) -> UInt64? {
    let handle = handle(of: family)
    return try use { () throws(RocksError) in
      var value: UInt64 = 0
      return rocksdb_property_int_cf(pointer, handle, name, &value) == 0 ? value : nil
    }
  }

  /// A text RocksDB keeps about itself, such as "rocksdb.stats", or nil when it knows none.
  public func text(_ name: String) throws(RocksError) -> String? {
    try use { () throws(RocksError) in
      guard let text = rocksdb_property_value(pointer, name) else { return nil }
      defer { rocksdb_free(text) }
      return String(cString: text)
    }
  }

  /// About how many bytes of files the keys `from ..< to` take; memtables do not count.
  public func approximateSize(_ family: Family, from: [UInt8], to: [UInt8]) throws(RocksError) -> UInt64 {
    guard from.lexicographicallyPrecedes(to) else { return 0 }
    let handle = handle(of: family)
    return try use { () throws(RocksError) in
      var size: UInt64 = 0
      try checked { error in
        from.withChars { from, fromCount in
          to.withChars { to, toCount in
            rocksdb_approximate_sizes_cf(pointer, handle, 1, [from], [fromCount], [to], [toCount], &size, error)
          }
        }
      }
      return size
    }
  }

  /// A table file that the current state needs.
  public struct LiveFile: Hashable, Sendable {
    /// The name inside the database directory, such as "000012.sst".
    public let name: String
    /// The size the manifest says it has, in bytes.
    public let byteCount: Int
    /// The column family's name.
    public let family: String
  }

  /// Every table file that the current state needs.
  public func liveFiles() throws(RocksError) -> [LiveFile] {
    try use { () throws(RocksError) in
      // rocksdb/c.h: a new object, never null; the texts in it live as long as it does.
      let list = rocksdb_livefiles(pointer)!
      defer { rocksdb_livefiles_destroy(list) }
      return (0..<rocksdb_livefiles_count(list)).map { index in
        let name = String(cString: rocksdb_livefiles_name(list, index))
        let family = String(cString: rocksdb_livefiles_column_family_name(list, index))
        return LiveFile(
          name: name.hasPrefix("/") ? String(name.dropFirst()) : name, byteCount: rocksdb_livefiles_size(list, index),
          family: family)
      }
    }
  }
}

/// The newest OPTIONS file of the database at `path`.
func optionsInForce(path: String) throws(RocksError) -> OptionsFile {
  guard let directory = opendir(path) else { throw RocksError(.device, "cannot list \(path): \(posixText(errno))") }
  defer { closedir(directory) }
  var newest: (number: UInt64, name: String)?
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    guard name.hasPrefix("OPTIONS-"), let number = UInt64(name.dropFirst("OPTIONS-".count)) else { continue }
    if number > newest?.number ?? 0 { newest = (number, name) }
  }
  guard let newest else { throw RocksError(.notFound, "no OPTIONS file in \(path) after opening") }
  let file = open("\(path)/\(newest.name)", O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw RocksError(.device, "cannot open \(newest.name): \(posixText(errno))") }
  defer { Glibc.close(file) }
  var bytes: [UInt8] = []
  var part = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = Glibc.read(file, &part, part.count)
    guard count >= 0 else { throw RocksError(.device, "cannot read \(newest.name): \(posixText(errno))") }
    if count == 0 { break }
    bytes += part[..<count]
  }
  return OptionsFile(text: String(decoding: bytes, as: UTF8.self))
}

private func posixText(_ number: Int32) -> String { String(cString: strerror(number)) }
