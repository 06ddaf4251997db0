import Ports
import Primitives
import Rocks

/// A view of the database in the engine's terms.
struct RocksView: StoreReader {
  let view: View

  func get(_ space: Keyspace, _ key: Bytes) throws(StoreError) -> Bytes? {
    do throws(RocksError) { return try view.get(space.family, key) } catch { throw StoreError(reading: error) }
  }

  func scan(
    _ space: Keyspace, from: Bytes, to: Bytes?,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) {
    do throws(RocksError) {
      try view.scan(space.family, from: from, to: to, body)
    } catch {
      throw StoreError(reading: error)
    }
  }

  func scan(
    _ space: Keyspace, prefixes: [Bytes],
    _ body: (_ prefix: Int, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) {
    do throws(RocksError) {
      try view.scan(space.family, prefixes: prefixes, body)
    } catch {
      throw StoreError(reading: error)
    }
  }

  func last(_ space: Keyspace, from: Bytes, to: Bytes?) throws(StoreError) -> (key: Bytes, value: Bytes)? {
    do throws(RocksError) {
      return try view.last(space.family, from: from, to: to)
    } catch {
      throw StoreError(reading: error)
    }
  }
}

/// Reads of the newest state through an open database; shared by the writing and the read-only store.
extension Database {
  func reading<Value>(_ body: (RocksView) throws(StoreError) -> Value) throws(StoreError) -> Value {
    var result: Result<Value, StoreError> = .failure(.unavailable("the store is closed"))
    guard !isClosed else { return try result.get() }
    do {
      try withView(isolated: false) { view in
        result = Result { () throws(StoreError) in try body(RocksView(view: view)) }
      }
    } catch {
      throw .unavailable("\(error)")
    }
    return try result.get()
  }
}
