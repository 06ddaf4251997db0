import CRocksDB
import Primitives

/// Reads of one state of a database, lent by ``Database/withView(isolated:_:)`` for the length of a closure.
public final class View {
  private let database: Database
  private let options: ReadOptionsPointer
  private let snapshot: OpaquePointer?
  private var isOpen = true

  init(_ database: Database, _ options: ReadOptionsPointer, snapshot: OpaquePointer?) {
    self.database = database
    self.options = options
    self.snapshot = snapshot
  }

  func end() { isOpen = false }

  private func requireOpen() { require(isOpen, "a view of a database is used after its closure returned") }

  /// The value at `key`, or nil.
  public func get(_ family: Family, _ key: [UInt8]) throws(RocksError) -> [UInt8]? {
    requireOpen()
    return try database.read(family, key, options)
  }

  /// Calls `body` for every key in `from ..< to` (nil = to the end), in bytewise order, until it returns false. The
  /// buffers are lent for the call.
  ///
  /// - Throws: also when the scan met damage after some keys: a scan that returned is complete.
  public func scan(
    _ family: Family, from: [UInt8], to: [UInt8]?,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(RocksError) {
    try withIterator(family, from: from, to: to) { iterator in
      from.withChars { rocksdb_iter_seek(iterator, $0, $1) }
      var count = 0
      while rocksdb_iter_valid(iterator) != 0 {
        let keyBase = rocksdb_iter_key(iterator, &count)
        let key = UnsafeRawBufferPointer(start: keyBase, count: count)
        let valueBase = rocksdb_iter_value(iterator, &count)
        // A closure may take the view along and use it later, never this iterator.
        if !body(key, UnsafeRawBufferPointer(start: valueBase, count: count)) { return }
        rocksdb_iter_next(iterator)
      }
    }
  }

  /// Calls `body` for every key that begins with one of `prefixes`, one prefix after the other; false goes on to the
  /// next.
  /// One iterator serves all: making one costs as much as several seeks. The buffers are lent for the call.
  ///
  /// - Throws: also when a scan met damage after some keys: what returned is complete.
  public func scan(
    _ family: Family, prefixes: [[UInt8]],
    _ body: (_ prefix: Int, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(RocksError) {
    try withIterator(family, from: [], to: nil) { iterator in
      var count = 0
      for (number, prefix) in prefixes.enumerated() {
        prefix.withChars { rocksdb_iter_seek(iterator, $0, $1) }
        while rocksdb_iter_valid(iterator) != 0 {
          let keyBase = rocksdb_iter_key(iterator, &count)
          let key = UnsafeRawBufferPointer(start: keyBase, count: count)
          guard key.starts(with: prefix) else { break }
          let valueBase = rocksdb_iter_value(iterator, &count)
          if !body(number, key, UnsafeRawBufferPointer(start: valueBase, count: count)) { break }
          rocksdb_iter_next(iterator)
        }
        // Invalid before the end means damage, which `withIterator` finds.
        var message: UnsafeMutablePointer<CChar>?
        rocksdb_iter_get_error(iterator, &message)
        if let message {
          rocksdb_free(message)
          return
        }
      }
    }
  }

  /// The last key in `from ..< to` with its value, or nil.
  public func last(
    _ family: Family, from: [UInt8], to: [UInt8]?
  ) throws(RocksError) -> (key: [UInt8], value: [UInt8])? {
    var found: (key: [UInt8], value: [UInt8])?
    try withIterator(family, from: from, to: to) { iterator in
      rocksdb_iter_seek_to_last(iterator)
      guard rocksdb_iter_valid(iterator) != 0 else { return }
      var count = 0
      let keyBase = rocksdb_iter_key(iterator, &count)
      let key = [UInt8](UnsafeRawBufferPointer(start: keyBase, count: count))
      let valueBase = rocksdb_iter_value(iterator, &count)
      found = (key, [UInt8](UnsafeRawBufferPointer(start: valueBase, count: count)))
    }
    return found
  }

  /// Runs `body` with an iterator bounded to the range and checks its error afterwards: the iterator ends, silently, at
  /// the first block that it cannot read.
  private func withIterator(
    _ family: Family, from: [UInt8], to: [UInt8]?, _ body: (OpaquePointer) -> Void
  ) throws(RocksError) {
    requireOpen()
    if let to, !from.lexicographicallyPrecedes(to) { return }
    let handle = database.handle(of: family)
    // Bounds live in the read options, which keep pointing at these bytes: both are alive until the iterator is gone.
    let bounded = ReadOptionsPointer(snapshot: snapshot)
    let status = from.withChars { lower, lowerCount in
      (to ?? []).withChars { upper, upperCount in
        if lowerCount > 0 { rocksdb_readoptions_set_iterate_lower_bound(bounded.pointer, lower, lowerCount) }
        if upperCount > 0 { rocksdb_readoptions_set_iterate_upper_bound(bounded.pointer, upper, upperCount) }
        // rocksdb/c.h: a new object, never null; failures show in iter_get_error.
        let iterator = rocksdb_create_iterator_cf(database.pointer, bounded.pointer, handle)!
        defer { rocksdb_iter_destroy(iterator) }
        body(iterator)
        return Result { () throws(RocksError) in try checked { rocksdb_iter_get_error(iterator, $0) } }
      }
    }
    withExtendedLifetime(bounded) {}
    try status.get()
  }
}

/// A view of one moment that is kept and given back. Taken on one thread, it may be read on another, by one at a time.
public final class HeldView: @unchecked Sendable {
  // SAFETY: RocksDB's snapshots may be read from any thread; whoever holds this hands it on and reads no more itself,
  // and releasing is once only, by the last holder.
  /// The view; not to be used after ``release()``.
  public let view: View
  private var giveBack: (() -> Void)?

  init(_ view: View, giveBack: @escaping () -> Void) {
    self.view = view
    self.giveBack = giveBack
  }

  /// Gives the moment back, so that what it kept from being dropped may go; harmless when repeated.
  public func release() {
    view.end()
    giveBack?()
    giveBack = nil
  }

  deinit { release() }
}
