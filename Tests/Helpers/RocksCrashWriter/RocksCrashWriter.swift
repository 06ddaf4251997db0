import Glibc
import Ports
import Primitives
import RocksStorage

/// Writes batch after batch to a store and prints each number once its write returned, until it is killed.
/// `RocksStorageTests` kill it. Batch n puts n under rows, log and meta at once, and then, without the log, into the
/// index with its cursor.
///
/// Usage: rocks-crash-writer DIRECTORY
@main
struct RocksCrashWriter {
  static func main() {
    guard CommandLine.arguments.count == 2 else { exit(2) }
    do {
      try run(CommandLine.arguments[1])
    } catch {
      print("error \(error)")
      exit(1)
    }
  }

  private static func run(_ directory: String) throws {
    let identity = StoreIdentity(node: NodeID(9), network: "crash", rootOrgCode: "0330", created: "2026-01-01")
    var options = StoreOptions()
    options.freeBytesMin = .mebibytes(1)
    options.sidecarSyncMilliseconds = 5
    let store =
      access(directory, F_OK) == 0
      ? try RocksStore.open(
        directory: directory, expecting: ExpectedIdentity(node: identity.node), options: options,
        readHead: { _ throws(StoreError) in nil })
      : try RocksStore.initialise(directory: directory, identity: identity, options: options)
    var number: UInt64 = 0
    if let last = try store.get(.meta, [1]) {
      var reader = ByteReader(last)
      number = try reader.u64()
    }
    report("ready")
    // Values of changing size, so that memtables fill and switch while the kill comes.
    var random = SeededRandom(seed: number)
    while true {
      number += 1
      var writer = ByteWriter()
      writer.u64(number)
      let key = writer.bytes
      var batch = WriteBatch()
      batch.put(.rows, key, Bytes(repeating: UInt8(truncatingIfNeeded: number), count: random.below(20_000)))
      batch.put(.log, key, Bytes(repeating: UInt8(truncatingIfNeeded: number), count: random.below(200_000)))
      batch.put(.meta, [1], key)
      try store.write(batch, .synced)
      report("\(number)")
      var derived = WriteBatch()
      derived.put(.index, [1] + key, Bytes(repeating: 7, count: random.below(100_000)))
      derived.put(.index, [0], key)
      try store.write(derived, .rebuildable)
    }
  }

  /// One line in one system call, so that what was printed is what the reader gets.
  private static func report(_ text: String) {
    let line = Bytes((text + "\n").utf8)
    _ = line.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
  }
}
