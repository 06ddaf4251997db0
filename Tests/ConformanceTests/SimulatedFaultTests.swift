import Ports
import Primitives
import Simulation
import Testing

/// Goal: the simulated store fails exactly where it is told to, and a crash loses only what may be lost.
@Suite("simulated store")
struct SimulatedFaultTests {
  private static func batch(_ space: Keyspace, _ key: UInt8) -> WriteBatch {
    var batch = WriteBatch()
    batch.put(space, [key], [key])
    return batch
  }

  @Test("simulated store: a full disk refuses the chosen writes and takes the next")
  func full() throws {
    let store = SimulatedStore()
    store.refuseAsFull(writes: 2..<4)
    var refused: [UInt8] = []
    for key in 1...5 as ClosedRange<UInt8> {
      do throws(StoreError) {
        try store.write(SimulatedFaultTests.batch(.rows, key), .synced)
      } catch {
        guard case .full = error else { throw error }
        refused.append(key)
      }
    }
    #expect(refused == [2, 3])
    #expect(try store.entries(.rows).map(\.key) == [[1], [4], [5]])
  }

  @Test("simulated store: a failed sync shows to nobody, poisons, and is there or not after the crash (64 seeds)")
  func failedSync() throws {
    var present = 0
    for seed in 0..<64 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let store = SimulatedStore()
      store.failSync(number: 2)
      try store.write(SimulatedFaultTests.batch(.rows, 1), .synced)
      for key in 2...4 as ClosedRange<UInt8> {
        #expect(throws: StoreError.self) { try store.write(SimulatedFaultTests.batch(.rows, key), .synced) }
      }
      #expect(try store.entries(.rows).map(\.key) == [[1]])
      store.crash(using: &random)
      let keys = try store.entries(.rows).map(\.key)
      #expect(keys == [[1]] || keys == [[1], [2]])
      present += keys.count - 1
      try store.write(SimulatedFaultTests.batch(.rows, 9), .synced)
    }
    #expect((16...48).contains(present))
  }

  @Test("simulated store: every prefix of the rebuildable batches survives some crash, and nothing but prefixes")
  func prefixes() throws {
    var seen = Set<[Int]>()
    for seed in 0..<200 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let store = SimulatedStore()
      for key in 0..<5 as Range<UInt8> {
        try store.write(SimulatedFaultTests.batch(.index, key), .rebuildable)
        try store.write(SimulatedFaultTests.batch(.rows, key), .rebuildable)
        try store.write(SimulatedFaultTests.batch(.log, key), .synced)
      }
      #expect(store.unsyncedCount(.index) == 5 && store.unsyncedCount(.rows) == 5)
      store.crash(using: &random)
      var kept: [Int] = []
      for space in [Keyspace.index, .rows] {
        let keys = try store.entries(space).map { $0.key[0] }
        #expect(keys == Array(0..<UInt8(keys.count)))
        kept.append(keys.count)
      }
      #expect(try store.entries(.log).count == 5)
      seen.insert(kept)
    }
    // Each keyspace loses what it loses whatever the other does: 36 pairs, of which 200 seeds meet most.
    #expect(Set(seen.map { $0[0] }) == Set(0...5) && Set(seen.map { $0[1] }) == Set(0...5) && seen.count > 25)
  }

  @Test("simulated store: a damaged key throws on each way to it and is mended by a write")
  func damage() throws {
    let store = SimulatedStore()
    for key in 0..<5 as Range<UInt8> { try store.write(SimulatedFaultTests.batch(.log, key), .synced) }
    store.damage(.log, [3])
    #expect(throws: StoreError.self) { try store.get(.log, [3]) }
    #expect(throws: StoreError.self) { try store.entries(.log) }
    #expect(throws: StoreError.self) { try store.last(.log, from: [], to: [4]) }
    #expect(try store.entries(.log, from: [], to: [3]).count == 3)
    #expect(try store.last(.log, from: [], to: nil)?.key == [4])
    try store.write(SimulatedFaultTests.batch(.log, 3), .synced)
    #expect(try store.entries(.log).count == 5)
  }

  @Test("simulated store: a copy of the disk goes its own way")
  func copies() throws {
    let store = SimulatedStore()
    try store.write(SimulatedFaultTests.batch(.rows, 1), .synced)
    let copy = SimulatedStore(copyOf: store)
    try store.write(SimulatedFaultTests.batch(.rows, 2), .synced)
    try copy.write(SimulatedFaultTests.batch(.rows, 3), .synced)
    #expect(try store.entries(.rows).map(\.key) == [[1], [2]])
    #expect(try copy.entries(.rows).map(\.key) == [[1], [3]])
  }

  @Test("simulated store: 100,000 keys in random order are found, in order and after a range is removed")
  func size() throws {
    let store = SimulatedStore()
    var random = SeededRandom(seed: 1)
    var batch = WriteBatch()
    for _ in 0..<100_000 {
      var writer = ByteWriter()
      writer.u64(random.next())
      batch.put(.rows, writer.bytes, writer.bytes)
    }
    try store.write(batch, .synced)
    let all = try store.entries(.rows)
    #expect(all.count == 100_000)
    #expect(zip(all, all.dropFirst()).allSatisfy { $0.key.precedes($1.key) })
    var removal = WriteBatch()
    removal.deleteRange(.rows, from: all[1000].key, to: all[99_000].key)
    try store.write(removal, .synced)
    #expect(try store.entries(.rows) == Array(all[..<1000] + all[99_000...]))
  }
}
