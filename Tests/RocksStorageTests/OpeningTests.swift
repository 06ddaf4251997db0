import Foundation
import Glibc
import Ports
import Primitives
import RocksStorage
import Testing

/// Goal: a store opens only for its owner, once, whole; and refuses before it writes.
@Suite("opening")
struct OpeningTests {
  @Test("opening: what was written and closed is there, with its head")
  func reopened() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let store = try StoreFixture.open(fixture.directory)
    defer { store.close() }
    #expect(store.head == StoreHead(batches: 400, log: StoreFixture.logHead(400)))
    #expect(store.report.head == store.head)
    #expect(!store.report.sidecarSlotDamaged)
    #expect(try !fixture.readsRightOrThrows(store, "reopened"))
    #expect(store.identity == StoreFixture.identity)
  }

  @Test("opening: a wrong node or network is refused before anything is touched")
  func wrongIdentity() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    try FileManager.default.removeItem(atPath: "\(fixture.directory)/NODE.lock")
    for expected in [
      ExpectedIdentity(node: NodeID(1)), ExpectedIdentity(network: "live"),
      ExpectedIdentity(node: NodeID(1), network: "test"),
    ] {
      #expect(throws: OpenError.wrongIdentity(found: StoreFixture.identity, expected: expected)) {
        try RocksStore.open(
          directory: fixture.directory, expecting: expected, options: StoreFixture.options,
          readHead: StoreFixture.readHead)
      }
    }
    #expect(!FileManager.default.fileExists(atPath: "\(fixture.directory)/NODE.lock"))
  }

  @Test("opening: a second opener is refused and told the process; the next one after a close is let in")
  func secondOpener() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let store = try StoreFixture.open(fixture.directory)
    #expect(throws: OpenError.inUse(process: getpid())) { try StoreFixture.open(fixture.directory) }
    store.close()
    store.close()
    try StoreFixture.open(fixture.directory).close()
  }

  @Test("opening: a store is created in a missing or empty directory only")
  func creation() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let directory = workspace.path("new")
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    try RocksStore.initialise(directory: directory, identity: StoreFixture.identity, options: StoreFixture.options)
      .close()
    #expect(throws: OpenError.notEmpty(directory: directory)) {
      try RocksStore.initialise(directory: directory, identity: StoreFixture.identity, options: StoreFixture.options)
    }
    let orphan = workspace.path("no/parent")
    #expect(throws: OpenError.missing(file: orphan)) {
      try RocksStore.initialise(directory: orphan, identity: StoreFixture.identity, options: StoreFixture.options)
    }
  }

  @Test("opening: a creation interrupted before its last file is no store")
  func interruptedCreation() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let directory = workspace.path("new")
    try RocksStore.initialise(directory: directory, identity: StoreFixture.identity, options: StoreFixture.options)
      .close()
    try FileManager.default.removeItem(atPath: "\(directory)/NODE")
    #expect(throws: OpenError.notAStore(directory: directory)) { try StoreFixture.open(directory) }
    #expect(throws: OpenError.notEmpty(directory: directory)) {
      try RocksStore.initialise(directory: directory, identity: StoreFixture.identity, options: StoreFixture.options)
    }
  }

  @Test("opening: a newer format is refused and nothing is written")
  func newerFormat() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    // The checksum line of a file that a newer release wrote; `Checksum` has its own tests.
    let text = String(decoding: try FileBytes.read("\(fixture.directory)/NODE"), as: UTF8.self)
    let body = text.replacing("format: 1", with: "format: 2").split(separator: "\n").dropLast().map { $0 + "\n" }
      .joined()
    try FileBytes.write(Bytes((body + "checksum: \(CRC.hex(Bytes(body.utf8)))\n").utf8), "\(fixture.directory)/NODE")
    let before = try FileBytes.all(fixture.directory)
    #expect(throws: OpenError.newerFormat(found: 2, supported: 1)) { try StoreFixture.open(fixture.directory) }
    #expect(try FileBytes.all(fixture.directory) == before)
  }

  @Test("opening: a database older than its sidecar is refused with both heads; the operator may accept it")
  func behind() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let old = try workspace.copy(fixture.directory, to: "old")
    let store = try StoreFixture.open(fixture.directory)
    var content: [Keyspace: [Bytes: Bytes]] = [:]
    try StoreFixture.write(401..<411, to: store, &content)
    let newer = store.head
    store.close()
    // A backup put back without its sidecar. Everything in it is older; the manifest's number alone would give it away,
    // so take a sidecar that knows the head only.
    try FileManager.default.removeItem(atPath: "\(old)/HEAD")
    try FileManager.default.copyItem(atPath: "\(fixture.directory)/HEAD", toPath: "\(old)/HEAD")
    #expect(try fixture.judge(old, "an older database") == .refused)
    let view = try RocksStore.openReadOnly(
      directory: old, options: StoreFixture.options, readHead: StoreFixture.readHead)
    #expect(view.head == fixture.head)
    #expect(view.acknowledged == newer)
    #expect(!view.findings.isEmpty)
    #expect(try !fixture.readsRightOrThrows(view, "read-only"))
    view.close()
    #expect(throws: OpenError.behind(found: fixture.head, acknowledged: newer)) {
      try RocksStore.acceptHead(
        newer, directory: old, expecting: StoreFixture.expected, options: StoreFixture.options,
        readHead: StoreFixture.readHead)
    }
    try RocksStore.acceptHead(
      fixture.head, directory: old, expecting: StoreFixture.expected, options: StoreFixture.options,
      readHead: StoreFixture.readHead)
    #expect(try fixture.judge(old, "accepted") == .intact)
  }

  @Test("opening: a flip in the middle of the write-ahead log is refused with both heads")
  func flippedLog() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let log = try FileKind.log.files(in: fixture.directory)[0]
    let path = "\(fixture.directory)/\(log)"
    try FileBytes.flip(path, at: try FileBytes.read(path).count / 2, 4)
    do throws(OpenError) {
      try StoreFixture.open(fixture.directory).close()
      Issue.record("opened")
    } catch {
      guard case .behind(let found, let acknowledged) = error else { throw error }
      #expect(acknowledged == fixture.head)
      #expect((300..<400).contains(found.batches))
      #expect(found.log == StoreFixture.logHead(Int(found.batches)))
    }
  }

  @Test("opening: too little space is refused for writing and readable")
  func noSpace() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    var options = StoreFixture.options
    options.freeBytesMin = ByteCount(1 << 60)
    do throws(OpenError) {
      try RocksStore.open(
        directory: fixture.directory, expecting: StoreFixture.expected, options: options,
        readHead: StoreFixture.readHead
      ).close()
      Issue.record("opened")
    } catch {
      guard case .full = error else { throw error }
    }
    let view = try RocksStore.openReadOnly(
      directory: fixture.directory, options: options, readHead: StoreFixture.readHead)
    defer { view.close() }
    #expect(view.findings.isEmpty)
    #expect(try !fixture.readsRightOrThrows(view, "read-only"))
  }

  @Test("opening: read-only changes no file")
  func readOnly() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let before = try FileBytes.all(fixture.directory)
    let view = try RocksStore.openReadOnly(
      directory: fixture.directory, options: StoreFixture.options, readHead: StoreFixture.readHead)
    _ = try fixture.readsRightOrThrows(view, "read-only")
    view.close()
    #expect(try FileBytes.all(fixture.directory) == before)
  }

  @Test("opening: a checkpoint opens with everything, index included, and goes its own way")
  func checkpoint() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let store = try StoreFixture.open(fixture.directory)
    let copy = workspace.path("checkpoint")
    try store.checkpoint(to: copy)
    var content: [Keyspace: [Bytes: Bytes]] = [:]
    try StoreFixture.write(401..<411, to: store, &content)
    store.close()
    #expect(try fixture.judge(copy, "checkpoint") == .intact)
    let again = try StoreFixture.open(copy)
    #expect(again.head == fixture.head)
    #expect(throws: StoreError.self) { try again.checkpoint(to: fixture.directory) }
    again.close()
  }

  @Test("opening: statistics count what is there")
  func statistics() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let store = try StoreFixture.open(fixture.directory)
    defer { store.close() }
    let statistics = try store.statistics()
    #expect(statistics.spaces.map(\.space) == Keyspace.allCases)
    #expect(statistics.spaces[0].keysEstimated == 400)
    #expect(statistics.spaces[0].tableBytes > 90_000)
    #expect(statistics.directoryBytes > 400_000)
    #expect(statistics.head == fixture.head)
  }

  @Test("opening: a closed store says so")
  func closed() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let store = try StoreFixture.open(fixture.directory)
    store.close()
    var batch = WriteBatch()
    batch.put(.rows, [1], [1])
    #expect(throws: StoreError.unavailable("the store is closed")) { try store.write(batch, .synced) }
    #expect(throws: StoreError.unavailable("the store is closed")) { try store.get(.rows, [1]) }
    #expect(throws: StoreError.unavailable("the store is closed")) { try store.last(.rows, from: [], to: nil) }
    #expect(throws: StoreError.self) { try store.withSnapshot { _ in } }
  }
}

/// CRC-32C, bit by bit, apart from the product's table.
enum CRC {
  static func hex(_ bytes: Bytes) -> String {
    var state: UInt32 = .max
    for byte in bytes {
      state ^= UInt32(byte)
      for _ in 0..<8 { state = state & 1 == 0 ? state >> 1 : state >> 1 ^ 0x82F6_3B78 }
    }
    let text = String(~state, radix: 16)
    return String(repeating: "0", count: 8 - text.count) + text
  }
}
