import Foundation
import Glibc
import Ports
import Primitives
import RocksStorage
import Testing

/// Goal: no acknowledged batch is lost and none is torn when a real process is killed. Method: rocks-crash-writer
/// prints each number after its write returned; it is killed at a random moment, the store opened and counted, and the
/// next life goes on.
@Suite("crash", .serialized)
struct CrashTests {
  private static let rounds = 24

  private static func writer(_ directory: String) throws -> (process: Process, output: FileHandle) {
    // Next to the test's own executable, where the build puts the helper the test target depends on.
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(
      "rocks-crash-writer")
    process.arguments = [directory]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    return (process, pipe.fileHandleForReading)
  }

  /// Reads until the process printed its first line.
  private static func ready(_ output: FileHandle) throws -> Data {
    var text = Data()
    while !text.contains(0x0A) {
      let part = output.availableData
      try #require(!part.isEmpty, "the writer ended before it was ready")
      text += part
    }
    return text
  }

  private static func numbers(_ store: RocksStore, _ space: Keyspace, prefix: Bytes = []) throws -> [UInt64] {
    var found: [UInt64] = []
    try store.scan(space, from: prefix, to: prefix.isEmpty ? nil : prefix.prefixEnd()) { key, _ in
      found.append(key.dropFirst(prefix.count).reduce(0) { $0 << 8 | UInt64($1) })
      return true
    }
    return found
  }

  @Test("crash: kill -9 at random moments of 24 lives loses no acknowledged batch and leaves derived data whole")
  func kills() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let directory = workspace.path("store")
    var random = SeededRandom(seed: 11)
    var total: UInt64 = 0
    var behind = 0
    for round in 0..<CrashTests.rounds {
      let (process, output) = try CrashTests.writer(directory)
      var text = try CrashTests.ready(output)
      usleep(UInt32(500 + random.below(120_000)))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      text += output.readDataToEndOfFile()
      let lines = String(decoding: text, as: UTF8.self).split(separator: "\n")
      #expect(lines.first == "ready", "round \(round): \(lines.first ?? "")")
      let acknowledged = UInt64(lines.last ?? "") ?? total
      var options = StoreOptions()
      options.freeBytesMin = .mebibytes(1)
      let store = try RocksStore.open(
        directory: directory, expecting: ExpectedIdentity(node: NodeID(9)), options: options,
        readHead: { _ throws(StoreError) in nil })
      let logged = try CrashTests.numbers(store, .log)
      #expect(logged.count >= acknowledged, "round \(round): acknowledged \(acknowledged), found \(logged.count)")
      total = UInt64(logged.count)
      #expect(logged == Array(1..<total + 1))
      #expect(store.head.batches == total)
      let last = try store.get(.meta, [1]).map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
      #expect(last == logged.last)
      // Each derived keyspace is whole up to its cursor, and never ahead of the log.
      for space in [Keyspace.rows, .index] {
        let numbers = try CrashTests.numbers(store, space, prefix: [1])
        let cursor = try store.get(space, [0]).map { $0.reduce(0) { $0 << 8 | UInt64($1) } } ?? 0
        #expect(numbers == Array(1..<cursor + 1), "round \(round): \(space) up to \(cursor)")
        #expect(cursor <= total)
        behind += cursor < total ? 1 : 0
        // What a kill left half is gone.
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(directory)/runs").isEmpty)
      }
      store.close()
    }
    #expect(total > UInt64(CrashTests.rounds))
    #expect(behind > 0, "no kill ever came between the log's sync and what follows from it")
  }

  @Test("crash: a second process is refused and told who has the store; after its death it may enter")
  func otherProcess() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let directory = workspace.path("store")
    let (process, output) = try CrashTests.writer(directory)
    _ = try CrashTests.ready(output)
    func open() throws(OpenError) -> RocksStore {
      var options = StoreOptions()
      options.freeBytesMin = .mebibytes(1)
      return try RocksStore.open(
        directory: directory, expecting: ExpectedIdentity(), options: options, readHead: { _ throws(StoreError) in nil }
      )
    }
    #expect(throws: OpenError.inUse(process: process.processIdentifier)) { try open() }
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    try open().close()
  }
}
