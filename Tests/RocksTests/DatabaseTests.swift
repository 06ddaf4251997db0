import Foundation
import Primitives
import Rocks
import Testing

/// A directory that goes with the test.
private struct Place {
  let path: String

  init() {
    let shared = "/dev/shm"
    let base = FileManager.default.isWritableFile(atPath: shared) ? shared : NSTemporaryDirectory()
    path = "\(base)/xylem-rocks-\(UUID().uuidString)"
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Goal: the face keeps what it says about lifetimes, modes and damage.
@Suite("rocks database")
struct DatabaseTests {
  private static let families = [
    FamilyOptions("default", writeBuffer: .kibibytes(256)),
    FamilyOptions("rows", writeBuffer: .mebibytes(1), bloomBitsPerKey: 10),
    FamilyOptions("raw", writeBuffer: .mebibytes(1), compression: .none),
  ]
  private static let rows = Family(1)

  private static func open(_ place: Place, _ mode: Database.Mode) throws(RocksError) -> Database {
    // A cache of its own: the shared one would still hold, under the file's identity, the blocks from before the
    // damage.
    var options = DatabaseOptions()
    options.cache = BlockCache(capacity: .mebibytes(2))
    return try Database(path: place.path, mode: mode, options: options, families: families)
  }

  private static func fill(_ database: Database, _ range: Range<Int>) throws {
    var batch = ChangeBatch(database)
    for number in range {
      batch.put(rows, Array("key\(number + 100_000)".utf8), Array(repeating: UInt8(number & 255), count: 200))
    }
    try database.write(batch, .synced)
  }

  @Test("rocks: only create makes a database, and only where none is")
  func modes() throws {
    let place = Place()
    defer { place.remove() }
    for mode in [Database.Mode.existing, .readOnly] {
      do throws(RocksError) {
        try DatabaseTests.open(place, mode).close()
        Issue.record("opened nothing")
      } catch { #expect(error.kind == .notFound, "\(error)") }
    }
    let made = try DatabaseTests.open(place, .create)
    do throws(RocksError) {
      try DatabaseTests.open(place, .existing).close()
      Issue.record("opened twice")
    } catch { #expect(error.kind == .busy, "\(error)") }
    made.close()
    #expect(throws: RocksError.self) { try DatabaseTests.open(place, .create) }
    try DatabaseTests.open(place, .existing).close()
  }

  @Test("rocks: a family that is not there is not made by opening")
  func missingFamily() throws {
    let place = Place()
    defer { place.remove() }
    try DatabaseTests.open(place, .create).close()
    let more = DatabaseTests.families + [FamilyOptions("more", writeBuffer: .mebibytes(1))]
    do throws(RocksError) {
      try Database(path: place.path, mode: .existing, families: more).close()
      Issue.record("opened with a family too many")
    } catch { #expect(error.kind == .invalidArgument, "\(error)") }
  }

  @Test("rocks: the last reference closes, so the next opener may enter")
  func lastReference() throws {
    let place = Place()
    defer { place.remove() }
    do {
      let database = try DatabaseTests.open(place, .create)
      try DatabaseTests.fill(database, 0..<10)
    }
    let again = try DatabaseTests.open(place, .existing)
    #expect(try again.get(DatabaseTests.rows, Array("key100003".utf8)) == Array(repeating: 3, count: 200))
    again.close()
    again.close()
    #expect(again.isClosed)
  }

  @Test("rocks: close waits for a view on another thread")
  func closeWaits() async throws {
    let place = Place()
    defer { place.remove() }
    let database = try DatabaseTests.open(place, .create)
    try DatabaseTests.fill(database, 0..<1000)
    let counted = try await withThrowingTaskGroup(of: Int.self) { group in
      let (began, signal) = AsyncStream.makeStream(of: Void.self)
      group.addTask {
        try database.withView(isolated: true) { view in
          signal.finish()
          usleep(100_000)
          var count = 0
          try view.scan(DatabaseTests.rows, from: [], to: nil) { _, _ in
            count += 1
            return true
          }
          return count
        }
      }
      for await _ in began {}
      database.close()
      return try await group.next()
    }
    #expect(counted == 1000)
  }

  @Test("rocks: a view keeps its moment over writes, flushes and further views")
  func isolation() throws {
    let place = Place()
    defer { place.remove() }
    let database = try DatabaseTests.open(place, .create)
    defer { database.close() }
    try DatabaseTests.fill(database, 0..<100)
    try database.withView(isolated: true) { old in
      var batch = ChangeBatch(database)
      batch.deleteRange(DatabaseTests.rows, from: [], to: [0xFF])
      try database.write(batch, .synced)
      try database.flush(DatabaseTests.rows)
      var count = 0
      try old.scan(DatabaseTests.rows, from: [], to: nil) { _, _ in
        count += 1
        return true
      }
      #expect(count == 100)
      let last = try old.last(DatabaseTests.rows, from: [], to: nil)
      #expect(last?.key == Array("key100099".utf8))
    }
    #expect(try database.get(DatabaseTests.rows, Array("key100001".utf8)) == nil)
  }

  @Test("rocks: a scan over a damaged block throws instead of ending early")
  func damagedBlock() throws {
    let place = Place()
    defer { place.remove() }
    let made = try DatabaseTests.open(place, .create)
    try DatabaseTests.fill(made, 0..<2000)
    try made.flush(DatabaseTests.rows)
    let file = try #require(try made.liveFiles().first { $0.family == "rows" })
    made.close()
    let path = "\(place.path)/\(file.name)"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(bytes.count == file.byteCount)
    bytes[bytes.count / 3] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let database = try DatabaseTests.open(place, .existing)
    defer { database.close() }
    var count = 0
    do {
      try database.withView(isolated: false) { view in
        try view.scan(DatabaseTests.rows, from: [], to: nil) { _, _ in
          count += 1
          return true
        }
      }
      Issue.record("a scan over damage returned after \(count) keys")
    } catch {
      #expect((error as? RocksError)?.kind == .corruption)
      #expect(count < 2000)
    }
  }

  @Test("rocks: a checkpoint holds what was written without the log too")
  func checkpoint() throws {
    let place = Place()
    let copy = Place()
    defer {
      place.remove()
      copy.remove()
    }
    let database = try DatabaseTests.open(place, .create)
    var batch = ChangeBatch(database)
    batch.put(Family(2), [1], [2])
    try database.write(batch, .unlogged)
    try database.checkpoint(to: copy.path)
    #expect(throws: RocksError.self) { try database.checkpoint(to: copy.path) }
    database.close()
    let opened = try Database(path: copy.path, mode: .readOnly, families: DatabaseTests.families)
    defer { opened.close() }
    #expect(try opened.get(Family(2), [1]) == [2])
    var refused = ChangeBatch(opened)
    refused.put(Family(2), [1], [3])
    #expect(throws: RocksError.self) { try opened.write(refused, .synced) }
  }

  @Test("rocks: blocks of all families go through the one cache")
  func cache() throws {
    let place = Place()
    defer { place.remove() }
    var options = DatabaseOptions()
    options.cache = BlockCache(capacity: .mebibytes(4))
    let database = try Database(path: place.path, mode: .create, options: options, families: DatabaseTests.families)
    defer { database.close() }
    try DatabaseTests.fill(database, 0..<2000)
    try database.flush(DatabaseTests.rows)
    for number in 0..<2000 { _ = try database.get(DatabaseTests.rows, Array("key\(number + 100_000)".utf8)) }
    #expect(options.cache.used.value > 100_000)
    #expect(try database.property("rocksdb.estimate-num-keys", of: DatabaseTests.rows) == 2000)
    #expect(try database.property("rocksdb.no-such-thing", of: DatabaseTests.rows) == nil)
    #expect(try database.text("rocksdb.stats")?.isEmpty == false)
    #expect(try database.approximateSize(DatabaseTests.rows, from: [], to: [0xFF]) > 1000)
  }

  private static let escape: @Sendable () throws -> Void = {
    let place = Place()
    let database = try DatabaseTests.open(place, .create)
    place.remove()
    let view = try database.withView(isolated: true) { $0 }
    _ = try view.get(DatabaseTests.rows, [1])
  }

  @Test("rocks: a view kept after its closure, and a closed database, stop the process when used")
  func misuse() async {
    await #expect(processExitsWith: .failure) {
      try DatabaseTests.escape()
    }
    await #expect(processExitsWith: .failure) {
      let place = Place()
      let database = try DatabaseTests.open(place, .create)
      place.remove()
      database.close()
      _ = try database.get(DatabaseTests.rows, [1])
    }
  }
}
