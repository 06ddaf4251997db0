import Foundation
import Glibc
import Primitives
import Rocks
import Testing

/// Goal: table files made outside are taken whole and in the order of their coming, whatever else was written, and a
/// crash after that keeps them together with what was before them.
@Suite("rocks table files")
struct TableFileTests {
  private static let families = [
    FamilyOptions("default", writeBuffer: .kibibytes(256)),
    FamilyOptions("rows", writeBuffer: .mebibytes(1), bloomBitsPerKey: 10),
  ]
  private static let rows = Family(1)

  private let path: String
  private let database: Database

  init() throws {
    let shared = "/dev/shm"
    let base = FileManager.default.isWritableFile(atPath: shared) ? shared : NSTemporaryDirectory()
    path = "\(base)/xylem-tables-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    database = try Database(path: "\(path)/db", mode: .create, families: TableFileTests.families)
  }

  private func end() {
    database.close()
    try? FileManager.default.removeItem(atPath: path)
  }

  private static func key(_ number: Int) -> [UInt8] { Array("key\(number + 100_000)".utf8) }

  /// A file of `numbers`, each with `value`, or removed where that is nil.
  private func file(_ name: String, _ numbers: [Int], _ value: [UInt8]?, stay: TableFormat.Stay = .long) throws
    -> String
  {
    let file = "\(path)/\(name)"
    var writer = try TableFileWriter(file, TableFormat(TableFileTests.families[1], stay: stay))
    for number in numbers {
      try TableFileTests.key(number).withUnsafeBytes { key in
        if let value {
          try value.withUnsafeBytes { try writer.put(key, $0) }
        } else {
          try writer.delete(key)
        }
      }
    }
    #expect(writer.count == numbers.count)
    try writer.finish()
    return file
  }

  private func value(_ number: Int) throws -> [UInt8]? {
    try database.get(TableFileTests.rows, TableFileTests.key(number))
  }

  @Test("rocks: files are taken whole, newer than what was there, and are gone from where they lay")
  func taken() throws {
    defer { end() }
    var batch = ChangeBatch(database)
    for number in 0..<100 { batch.put(TableFileTests.rows, TableFileTests.key(number), [1]) }
    try database.write(batch, .synced)
    let files = [
      try file("a", Array(0..<50), [2]), try file("b", Array(90..<95), nil),
      try file("c", Array(200..<300), [3], stay: .short),
    ]
    try database.ingest(files, into: TableFileTests.rows)
    #expect(try value(0) == [2] && value(49) == [2] && value(50) == [1] && value(89) == [1])
    #expect(try value(90) == nil && value(94) == nil && value(95) == [1])
    #expect(try value(200) == [3] && value(299) == [3] && value(300) == nil)
    #expect(files.allSatisfy { access($0, F_OK) != 0 })
    // And older than what comes after.
    var later = ChangeBatch(database)
    later.put(TableFileTests.rows, TableFileTests.key(0), [9])
    try database.write(later, .unlogged)
    #expect(try value(0) == [9])
  }

  @Test("rocks: a copy of the disk after files were taken holds what was written without the log before them")
  func orderOfSurvival() throws {
    defer { end() }
    var batch = ChangeBatch(database)
    batch.put(TableFileTests.rows, TableFileTests.key(7), [7])
    try database.write(batch, .unlogged)
    // Does not overlap the memtable, so RocksDB itself would see no need to flush it.
    try database.ingest([try file("a", [500], [5])], into: TableFileTests.rows)
    try FileManager.default.copyItem(atPath: "\(path)/db", toPath: "\(path)/copy")
    let copy = try Database(path: "\(path)/copy", mode: .readOnly, families: TableFileTests.families)
    defer { copy.close() }
    #expect(try copy.get(TableFileTests.rows, TableFileTests.key(500)) == [5])
    #expect(try copy.get(TableFileTests.rows, TableFileTests.key(7)) == [7])
  }

  @Test("rocks: a file that ends half or out of order leaves nothing on the disk")
  func unfinished() throws {
    defer { end() }
    do {
      var writer = try TableFileWriter("\(path)/half", TableFormat(TableFileTests.families[1], stay: .long))
      try [UInt8]([1]).withUnsafeBytes { try writer.put($0, $0) }
      #expect(access("\(path)/half", F_OK) == 0)
    }
    #expect(access("\(path)/half", F_OK) != 0)
    #expect(throws: RocksError.self) { try file("reversed", [2, 1], [0]) }
    #expect(throws: RocksError.self) { try file("twice", [1, 1], [0]) }
    #expect(throws: RocksError.self) { try file("empty", [], [0]) }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["db"])
  }

  @Test("rocks: of several files one of which is damaged none is taken")
  func allOrNone() throws {
    defer { end() }
    let good = try file("a", Array(0..<50), [2])
    let bad = try file("b", Array(100..<150), [2])
    try Data(repeating: 0, count: 500).write(to: URL(fileURLWithPath: bad))
    #expect(throws: RocksError.self) { try database.ingest([good, bad], into: TableFileTests.rows) }
    #expect(try value(0) == nil && value(100) == nil)
  }
}
