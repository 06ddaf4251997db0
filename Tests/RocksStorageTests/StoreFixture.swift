import Foundation
import Glibc
import Ports
import Primitives
import Rocks
import RocksStorage
import Testing

/// Directories under one root that goes with the test.
final class Workspace {
  let root: String

  init() throws {
    let shared = "/dev/shm"
    let base = FileManager.default.isWritableFile(atPath: shared) ? shared : NSTemporaryDirectory()
    root = "\(base)/xylem-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  func remove() { try? FileManager.default.removeItem(atPath: root) }

  func path(_ name: String) -> String { "\(root)/\(name)" }

  /// A fresh copy of the store at `source`.
  func copy(_ source: String, to name: String) throws -> String {
    let target = path(name)
    try? FileManager.default.removeItem(atPath: target)
    try FileManager.default.copyItem(atPath: source, toPath: target)
    return target
  }
}

/// The files of a store by what they are.
enum FileKind: String, CaseIterable, Sendable {
  case table
  case log
  case manifest
  case current
  case sidecar
  case node

  /// The files of this kind, relative to the store's directory, the largest log first.
  func files(in directory: String) throws -> [String] {
    let rocks = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/rocks").sorted().map { "rocks/\($0)" }
    switch self {
    case .table: return rocks.filter { $0.hasSuffix(".sst") }
    case .log:
      let logs = rocks.filter { $0.hasSuffix(".log") }
      return try logs.sorted {
        try FileBytes.read("\(directory)/\($0)").count > FileBytes.read("\(directory)/\($1)").count
      }
    case .manifest: return rocks.filter { $0.hasPrefix("rocks/MANIFEST-") }
    case .current: return ["rocks/CURRENT"]
    case .sidecar: return ["HEAD"]
    case .node: return ["NODE"]
    }
  }
}

enum FileBytes {
  static func read(_ path: String) throws -> Bytes { Bytes(try Data(contentsOf: URL(fileURLWithPath: path))) }

  static func write(_ bytes: Bytes, _ path: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: path)) }

  static func flip(_ path: String, at offset: Int, _ mask: UInt8) throws {
    var bytes = try read(path)
    bytes[offset] ^= mask
    try write(bytes, path)
  }

  /// Every file below `directory` but the lock, with its bytes.
  static func all(_ directory: String) throws -> [String: Bytes] {
    var found: [String: Bytes] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: directory) where name != "NODE.lock" {
      var isDirectory: ObjCBool = false
      let path = "\(directory)/\(name)"
      if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
        found[name] = try read(path)
      }
    }
    return found
  }
}

/// A store with table files and a write-ahead log, and what is in it.
struct StoreFixture {
  static let node = NodeID(77)
  static let identity = StoreIdentity(node: node, network: "test", rootOrgCode: "033001", created: "2026-05-04 12:00")
  static let expected = ExpectedIdentity(node: node, network: "test")

  static var options: StoreOptions {
    var options = StoreOptions()
    options.freeBytesMin = .mebibytes(1)
    // A cache of its own: the shared one would still hold, under the file's identity, the blocks from before the
    // damage.
    options.cache = BlockCache(capacity: .mebibytes(2))
    return options
  }

  let directory: String
  let content: [Keyspace: [Bytes: Bytes]]
  let head: StoreHead

  static func key(_ number: Int) -> Bytes {
    var writer = ByteWriter()
    writer.u64(UInt64(number))
    return writer.bytes
  }

  static func logHead(_ number: Int) -> LogHead {
    LogHead(
      log: LogID(node: node, incarnation: 1), sequence: Sequence64(UInt64(number)),
      applied: ApplySequence(UInt64(number)),
      hash: Digest256(Bytes(repeating: UInt8(truncatingIfNeeded: number), count: 32)))
  }

  /// The fixture's log head is the number of its last log key.
  @Sendable static func readHead(_ reader: any StoreReader) throws(StoreError) -> LogHead? {
    guard let last = try reader.last(.log, from: [], to: nil) else { return nil }
    return logHead(Int(last.key[6]) << 8 | Int(last.key[7]))
  }

  static func open(_ directory: String) throws(OpenError) -> RocksStore {
    try RocksStore.open(directory: directory, expecting: expected, options: options, readHead: readHead)
  }

  /// Writes batches `numbers` and acknowledges each.
  static func write(_ numbers: Range<Int>, to store: RocksStore, _ content: inout [Keyspace: [Bytes: Bytes]]) throws {
    var random = SeededRandom(seed: UInt64(numbers.lowerBound))
    for number in numbers {
      var batch = WriteBatch()
      for space in [Keyspace.rows, .log, .order, .meta] {
        let value = (0..<40).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
        batch.put(space, key(number), value)
        content[space, default: [:]][key(number)] = value
      }
      try store.write(batch, .synced)
      try store.acknowledge(logHead(number))
    }
  }

  /// Batches 1…300 and an index in table files, 301…400 in the write-ahead log.
  static func make(_ workspace: Workspace) throws -> StoreFixture {
    var content: [Keyspace: [Bytes: Bytes]] = [:]
    let first = try RocksStore.initialise(directory: workspace.path("first"), identity: identity, options: options)
    try write(1..<301, to: first, &content)
    var derived = WriteBatch()
    for number in 1..<100 {
      derived.put(.index, key(number), key(number))
      content[.index, default: [:]][key(number)] = key(number)
    }
    try first.write(derived, .rebuildable)
    let directory = workspace.path("store")
    // A checkpoint flushes, so its content is in table files.
    try first.checkpoint(to: directory)
    first.close()
    let second = try open(directory)
    try write(301..<401, to: second, &content)
    let head = second.head
    second.close()
    return StoreFixture(directory: directory, content: content, head: head)
  }

  /// Reads everything, by scans and by keys, each of which must give all or throw.
  ///
  /// - Returns: whether anything threw.
  func readsRightOrThrows(_ store: any StoreReader, _ what: String) throws -> Bool {
    var threw = false
    for space in Keyspace.allCases {
      let expected = content[space] ?? [:]
      var found: [Bytes: Bytes] = [:]
      do throws(StoreError) {
        try store.scan(space, from: [], to: nil) { key, value in
          found[Bytes(key)] = Bytes(value)
          return true
        }
        #expect(
          found == expected, "\(what): a scan of keyspace \(space.rawValue) gave \(found.count) of \(expected.count)")
      } catch {
        threw = true
      }
      for (key, value) in expected {
        do throws(StoreError) {
          let found = try store.get(space, key)
          #expect(found == value, "\(what): a read in keyspace \(space.rawValue)")
        } catch {
          threw = true
        }
      }
    }
    return threw
  }

  /// What opening and reading a damaged copy came to.
  enum Outcome: Hashable {
    case refused
    case readThrew
    case intact
  }

  /// Opens a damaged copy: refused with nothing changed on disk, or every read right or thrown.
  func judge(_ damaged: String, _ what: String) throws -> Outcome {
    let before = try FileBytes.all(damaged)
    let store: RocksStore
    do throws(OpenError) {
      store = try StoreFixture.open(damaged)
    } catch {
      #expect(!"\(error)".isEmpty)
      #expect(try FileBytes.all(damaged) == before, "\(what): a refused opening changed files")
      return .refused
    }
    defer { store.close() }
    return try readsRightOrThrows(store, what) ? .readThrew : .intact
  }
}
