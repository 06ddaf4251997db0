import Glibc
import Ports
import Primitives
import RocksStorage

/// Writes batch after batch to a store and prints each number once its write returned, until it is killed.
/// `RocksStorageTests` kill it. Batch n puts n under log and meta at once. Rows and index follow behind cursors of
/// their own, each now and then, a few numbers or, as table files, many at a time; a new life goes on from what it
/// finds.
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
    func cursor(_ space: Keyspace) throws -> UInt64 {
      guard let value = try store.get(space, [0]) else { return 0 }
      var reader = ByteReader(value)
      return try reader.u64()
    }
    var cursors = [Keyspace.rows: try cursor(.rows), .index: try cursor(.index)]
    report("ready")
    // Values of changing size, so that memtables fill and switch while the kill comes.
    var random = SeededRandom(seed: number)
    while true {
      number += 1
      var writer = ByteWriter()
      writer.u64(number)
      let key = writer.bytes
      var batch = WriteBatch()
      batch.put(.log, key, Bytes(repeating: UInt8(truncatingIfNeeded: number), count: random.below(200_000)))
      batch.put(.meta, [1], key)
      try store.write(batch, .synced)
      report("\(number)")
      for space in [Keyspace.rows, .index] where random.chance(permille: 400) {
        try store.write(derived(space, (cursors[space] ?? 0) + 1...number, &random), .rebuildable)
        cursors[space] = number
      }
    }
  }

  /// The numbers with their cursor, sorted; one in three times so large that they become table files.
  private static func derived(
    _ space: Keyspace, _ numbers: ClosedRange<UInt64>, _ random: inout SeededRandom
  ) -> WriteBatch {
    let bytesMax = max(1, (random.chance(permille: 330) ? 4_000_000 : 100_000) / numbers.count)
    var batch = WriteBatch()
    func key(_ number: UInt64) -> Bytes {
      var writer = ByteWriter()
      writer.u64(number)
      return writer.bytes
    }
    batch.put(space, [0], key(numbers.upperBound))
    for number in numbers {
      batch.put(space, [1] + key(number), Bytes(repeating: UInt8(number & 0xFF), count: random.below(bytesMax)))
    }
    return batch
  }

  /// One line in one system call, so that what was printed is what the reader gets.
  private static func report(_ text: String) {
    let line = Bytes((text + "\n").utf8)
    _ = line.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
  }
}
