import Ports
import Primitives
import Testing

/// Goal: no order of operations, ends and new lives tells a store from the dumb twin. Method: seeds; a failure names
/// its seed.
@Suite("store against its twin")
struct StoreTwinTests {
  private static let seeds = 200
  private static let stepsASeed = 40

  @Test(
    "store: random batches, reads, crashes and reopenings match the twin (200 seeds)", arguments: StoreKind.allCases)
  func twin(_ kind: StoreKind) throws {
    // One store lives through all seeds, as opening one for each would test little else.
    let subject = try StoreUnderTest(kind)
    defer { subject.end() }
    var twin = TwinStore()
    for seed in 0..<StoreTwinTests.seeds {
      var random = SeededRandom(seed: UInt64(seed))
      for _ in 0..<StoreTwinTests.stepsASeed {
        if random.chance(permille: 650) {
          let durability: Durability = random.chance(permille: 300) ? .rebuildable : .synced
          let batch = StoreTwinTests.batch(&random, durability)
          try subject.store.write(batch, durability)
          twin.apply(batch, durability)
        } else {
          try StoreTwinTests.compareRead(subject.store, twin, &random, seed)
        }
      }
      // Opening costs RocksDB tens of milliseconds; every fifth seed is enough.
      if kind == .simulated || seed % 5 == 0 {
        try subject.reopen(using: &random)
        for space in TwinStore.derived {
          let found = try subject.store.entries(space)
          #expect(twin.mayHaveSurvived(space, found), "seed \(seed): \(space) is no prefix of what was written")
          twin.adopt(space, found)
        }
      }
      try StoreTwinTests.compareAll(subject.store, twin, seed)
    }
  }

  private static func key(_ random: inout SeededRandom) -> Bytes {
    let alphabet: [UInt8] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF]
    return (0..<random.below(4)).map { _ in alphabet[random.below(alphabet.count)] }
  }

  private static func batch(_ random: inout SeededRandom, _ durability: Durability) -> WriteBatch {
    var batch = WriteBatch()
    let derived: Keyspace = random.chance(permille: 500) ? .rows : .index
    if durability == .rebuildable, random.chance(permille: 100) { return sortedRun(&random, derived) }
    for _ in 0..<random.below(12) {
      let space = durability == .rebuildable ? derived : Keyspace.allCases[random.below(Keyspace.allCases.count)]
      switch random.below(10) {
      case 0...6: batch.put(space, key(&random), (0..<random.below(40)).map { _ in UInt8(random.below(256)) })
      case 7...8: batch.delete(space, key(&random))
      default: batch.deleteRange(space, from: key(&random), to: key(&random))
      }
    }
    return batch
  }

  /// Large and sorted: what a store may keep as it is.
  private static func sortedRun(_ random: inout SeededRandom, _ space: Keyspace) -> WriteBatch {
    var batch = WriteBatch()
    let alphabet: [UInt8] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF]
    for first in alphabet {
      for second in alphabet where random.chance(permille: 700) {
        if random.chance(permille: 200) {
          batch.delete(space, [first, second])
        } else {
          batch.put(space, [first, second], Bytes(repeating: UInt8(random.below(256)), count: 60_000))
        }
      }
    }
    return batch
  }

  private static func compareRead(
    _ store: any Store, _ twin: TwinStore, _ random: inout SeededRandom, _ seed: Int
  ) throws {
    let space = Keyspace.allCases[random.below(Keyspace.allCases.count)]
    let from = key(&random)
    let to = random.chance(permille: 300) ? nil : key(&random)
    let expected = twin.entries(space, from: from, to: to)
    #expect(try store.entries(space, from: from, to: to) == expected, "seed \(seed)")
    let last = try store.last(space, from: from, to: to).map { Entry(key: $0.key, value: $0.value) }
    #expect(last == expected.last, "seed \(seed)")
    #expect(try store.get(space, from) == twin.entries(space, from: from, to: from + [0]).first?.value, "seed \(seed)")
  }

  private static func compareAll(_ store: any Store, _ twin: TwinStore, _ seed: Int) throws {
    try store.withSnapshot { view throws in
      for space in Keyspace.allCases { #expect(try view.entries(space) == twin.entries(space), "seed \(seed)") }
    }
  }
}
