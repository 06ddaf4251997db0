import CRocksDB

/// Changes that RocksDB applies all or none, in order.
public struct ChangeBatch: ~Copyable {
  let pointer: OpaquePointer = rocksdb_writebatch_create()!
  private let database: Database

  /// An empty batch for `database`; its families are that database's.
  public init(_ database: Database) { self.database = database }

  deinit { rocksdb_writebatch_destroy(pointer) }

  /// Sets `key` to `value`.
  public mutating func put(_ family: Family, _ key: [UInt8], _ value: [UInt8]) {
    let handle = database.handle(of: family)
    key.withChars { key, keyCount in
      value.withChars { rocksdb_writebatch_put_cf(pointer, handle, key, keyCount, $0, $1) }
    }
  }

  /// Sets a lent `key` to a lent `value`.
  public mutating func put(_ family: Family, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) {
    let handle = database.handle(of: family)
    key.withChars { key, keyCount in
      value.withChars { rocksdb_writebatch_put_cf(pointer, handle, key, keyCount, $0, $1) }
    }
  }

  /// Removes a lent `key`, which need not be there.
  public mutating func delete(_ family: Family, _ key: UnsafeRawBufferPointer) {
    let handle = database.handle(of: family)
    key.withChars { rocksdb_writebatch_delete_cf(pointer, handle, $0, $1) }
  }

  /// Removes `key`, which need not be there.
  public mutating func delete(_ family: Family, _ key: [UInt8]) {
    let handle = database.handle(of: family)
    key.withChars { rocksdb_writebatch_delete_cf(pointer, handle, $0, $1) }
  }

  /// Removes `from ..< to`; an empty or reversed range removes nothing.
  ///
  /// A reversed range is left out here because 7.8.3 accepts it into the write-ahead log and fails afterwards.
  public mutating func deleteRange(_ family: Family, from: [UInt8], to: [UInt8]) {
    guard from.lexicographicallyPrecedes(to) else { return }
    let handle = database.handle(of: family)
    from.withChars { from, fromCount in
      to.withChars { rocksdb_writebatch_delete_range_cf(pointer, handle, from, fromCount, $0, $1) }
    }
  }
}
