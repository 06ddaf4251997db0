import Foundation
import Ports
import Primitives
import RocksStorage
import Testing

/// Goal: no damage to any file is served as good, shortens a scan that reports completeness, or becomes an empty store.
/// Method: one small store; each case damages a copy of it, opens it and compares everything with what was written.
@Suite("damage")
struct DamageTests {
  private static let placesAKind = 24

  /// How many of the flips must be noticed by refusing to open; every byte of these files carries meaning under a
  /// checksum.
  private func refusedAtLeast(_ kind: FileKind) -> Int {
    switch kind {
    case .log, .manifest, .current, .node: DamageTests.placesAKind
    // Data blocks show when they are read; a flip in one slot of the sidecar leaves the other slot.
    case .table, .sidecar: 0
    }
  }

  @Test("damage: one flipped bit at 24 places is refused or thrown, never served", arguments: FileKind.allCases)
  func flips(_ kind: FileKind) throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let files = try kind.files(in: fixture.directory)
    try #require(!files.isEmpty)
    var random = SeededRandom(seed: UInt64(kind.rawValue.utf8.count))
    var outcomes: [StoreFixture.Outcome: Int] = [:]
    for place in 0..<DamageTests.placesAKind {
      let file = kind == .log ? files[0] : files[place % files.count]
      let copy = try workspace.copy(fixture.directory, to: "copy")
      let count = try FileBytes.read("\(copy)/\(file)").count
      // Spread over the file: a random byte of each of as many parts as there are places.
      let offset = min(count - 1, (place * count + random.below(count)) / DamageTests.placesAKind)
      try FileBytes.flip("\(copy)/\(file)", at: offset, 1 << UInt8(random.below(8)))
      outcomes[try fixture.judge(copy, "\(file) flipped at \(offset) of \(count)"), default: 0] += 1
    }
    #expect(outcomes[.refused, default: 0] >= refusedAtLeast(kind), "\(outcomes)")
    if kind == .table { #expect(outcomes[.readThrew, default: 0] + outcomes[.refused, default: 0] > 15, "\(outcomes)") }
    if kind == .sidecar { #expect(outcomes[.readThrew] == nil, "\(outcomes)") }
  }

  @Test("damage: a file cut at 12 places is refused or thrown, never served", arguments: FileKind.allCases)
  func cuts(_ kind: FileKind) throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    for file in try kind.files(in: fixture.directory).prefix(3) {
      let bytes = try FileBytes.read("\(fixture.directory)/\(file)")
      // The empty second log of an opening has nothing to cut.
      if bytes.isEmpty { continue }
      for place in 0..<12 {
        let copy = try workspace.copy(fixture.directory, to: "copy")
        let kept = place == 11 ? bytes.count - 1 : bytes.count * place / 11
        if kept == bytes.count { continue }
        try FileBytes.write(Bytes(bytes[..<kept]), "\(copy)/\(file)")
        let outcome = try fixture.judge(copy, "\(file) cut to \(kept) of \(bytes.count)")
        // The sidecar's older slot is the first half or the second.
        if kind != .sidecar { #expect(outcome == .refused, "\(file) cut to \(kept) of \(bytes.count)") }
      }
    }
  }

  @Test("damage: each file deleted in turn is missed, twice, and nothing else is deleted")
  func deletions() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    // RocksDB writes these anew; nothing is read from them.
    let expendable = ["rocks/OPTIONS-", "rocks/IDENTITY", "rocks/LOCK", "rocks/LOG", "NODE.lock"]
    let all = try FileBytes.all(fixture.directory)
    #expect(all.count >= 10)
    for (file, bytes) in all {
      let copy = try workspace.copy(fixture.directory, to: "copy")
      try FileManager.default.removeItem(atPath: "\(copy)/\(file)")
      let isExpendable = expendable.contains { file.hasPrefix($0) } || file.hasSuffix(".log") && bytes.isEmpty
      let outcome = try fixture.judge(copy, "\(file) deleted")
      #expect(outcome == (isExpendable ? .intact : .refused), "\(file) deleted")
      if !isExpendable { #expect(try fixture.judge(copy, "\(file) deleted, again") == .refused) }
    }
  }

  @Test("damage: a missing directory is named and not made")
  func missingDirectories() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let copy = try workspace.copy(fixture.directory, to: "copy")
    try FileManager.default.removeItem(atPath: "\(copy)/rocks")
    #expect(throws: OpenError.missing(file: "\(copy)/rocks/CURRENT")) { try StoreFixture.open(copy) }
    #expect(!FileManager.default.fileExists(atPath: "\(copy)/rocks"))
    let nowhere = workspace.path("nowhere")
    #expect(throws: OpenError.notAStore(directory: nowhere)) { try StoreFixture.open(nowhere) }
    #expect(!FileManager.default.fileExists(atPath: nowhere))
  }

  @Test("damage: an error names the file that is gone")
  func namedFiles() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    for kind in FileKind.allCases where kind != .node {
      let copy = try workspace.copy(fixture.directory, to: "copy")
      let file = try kind.files(in: copy)[0]
      try FileManager.default.removeItem(atPath: "\(copy)/\(file)")
      do throws(OpenError) {
        try StoreFixture.open(copy).close()
        Issue.record("opened without \(file)")
      } catch {
        switch error {
        case .missing(let named): #expect(named == "\(copy)/\(file)")
        case .behind: #expect(kind == .log)
        default: Issue.record("\(file): \(error)")
        }
      }
    }
  }

  @Test("damage: an older write-ahead log that another keyspace still needs is missed")
  func olderLog() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let directory = workspace.path("store")
    let store = try RocksStore.initialise(
      directory: directory, identity: StoreFixture.identity, options: StoreFixture.options)
    var content: [Keyspace: [Bytes: Bytes]] = [:]
    try StoreFixture.write(1..<20, to: store, &content)
    // More than one write buffer of the log keyspace: it goes on in a new file while the rows of above stay in the old
    // one.
    for number in 20..<40 {
      var batch = WriteBatch()
      batch.put(.log, StoreFixture.key(number), Bytes(repeating: 5, count: 1 << 20))
      try store.write(batch, .synced)
    }
    store.close()
    let logs = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/rocks").filter { $0.hasSuffix(".log") }
    try #require(logs.count >= 2)
    for log in logs {
      let copy = try workspace.copy(directory, to: "copy")
      try FileManager.default.removeItem(atPath: "\(copy)/rocks/\(log)")
      #expect(throws: OpenError.self, "\(log) deleted") { try StoreFixture.open(copy) }
    }
    try StoreFixture.open(directory).close()
  }

  @Test("damage: another store's files under the right names are refused")
  func swapped() throws {
    let workspace = try Workspace()
    defer { workspace.remove() }
    let fixture = try StoreFixture.make(workspace)
    let other = workspace.path("other")
    try RocksStore.initialise(
      directory: other,
      identity: StoreIdentity(node: NodeID(78), network: "test", rootOrgCode: "033002", created: "2026-05-04 12:00"),
      options: StoreFixture.options
    ).close()
    for part in ["rocks", "NODE", "HEAD"] {
      let copy = try workspace.copy(fixture.directory, to: "copy")
      try FileManager.default.removeItem(atPath: "\(copy)/\(part)")
      try FileManager.default.copyItem(atPath: "\(other)/\(part)", toPath: "\(copy)/\(part)")
      #expect(try fixture.judge(copy, "\(part) of another store") == .refused)
    }
    let tables = try FileKind.table.files(in: fixture.directory)
    let copy = try workspace.copy(fixture.directory, to: "copy")
    try FileBytes.write(try FileBytes.read("\(copy)/\(tables[0])"), "\(copy)/\(tables[1])")
    #expect(try fixture.judge(copy, "one table under another's name") != .intact)
  }
}
