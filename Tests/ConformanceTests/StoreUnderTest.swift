import Foundation
import Ports
import Primitives
import RocksStorage
import Simulation

/// Every implementation of the port.
enum StoreKind: String, CaseIterable, Sendable {
  case simulated
  case rocks
}

/// A store with its life: it can be ended and begun again.
final class StoreUnderTest {
  private(set) var store: any Store
  private let kind: StoreKind
  private let directory: String

  init(_ kind: StoreKind) throws {
    self.kind = kind
    directory = TemporaryDirectory.fresh()
    switch kind {
    case .simulated: store = SimulatedStore()
    case .rocks:
      store = try RocksStore.initialise(
        directory: directory,
        identity: StoreIdentity(node: NodeID(7), network: "conformance", rootOrgCode: "0330", created: "2026-01-01"),
        options: StoreUnderTest.options)
    }
  }

  /// Ends the last life and removes what it left; to be called when a test is done.
  func end() {
    (store as? RocksStore)?.close()
    try? FileManager.default.removeItem(atPath: directory)
  }

  private static var options: StoreOptions {
    var options = StoreOptions()
    options.freeBytesMin = .mebibytes(1)
    return options
  }

  /// Ends this life of the store, by a crash where the implementation can, and begins the next.
  func reopen(using random: inout SeededRandom) throws {
    switch kind {
    case .simulated: (store as? SimulatedStore)?.crash(using: &random)
    case .rocks:
      (store as? RocksStore)?.close()
      store = try RocksStore.open(
        directory: directory, expecting: ExpectedIdentity(node: NodeID(7)), options: StoreUnderTest.options,
        readHead: { _ throws(StoreError) in nil })
    }
  }
}

enum TemporaryDirectory {
  /// A path that does not exist yet, in memory where the machine has such a place.
  static func fresh() -> String {
    let shared = "/dev/shm"
    let base = FileManager.default.isWritableFile(atPath: shared) ? shared : NSTemporaryDirectory()
    return "\(base)/xylem-\(UUID().uuidString)"
  }
}

/// A key with its value, comparable in expectations.
struct Entry: Hashable {
  let key: Bytes
  let value: Bytes
}

extension StoreReader {
  /// Everything in a range.
  func entries(_ space: Keyspace, from: Bytes = [], to: Bytes? = nil) throws(StoreError) -> [Entry] {
    var found: [Entry] = []
    try scan(space, from: from, to: to) { key, value in
      found.append(Entry(key: Bytes(key), value: Bytes(value)))
      return true
    }
    return found
  }
}

extension Store {
  /// One synced put.
  func put(_ space: Keyspace, _ key: Bytes, _ value: Bytes) throws(StoreError) {
    var batch = WriteBatch()
    batch.put(space, key, value)
    try write(batch, .synced)
  }
}
