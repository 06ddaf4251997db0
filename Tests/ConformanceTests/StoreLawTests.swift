import Ports
import Primitives
import Testing

/// Goal: both stores keep the contract of `Store`. Method: the same laws, each on a fresh store of each kind.
@Suite("store port")
struct StoreLawTests {
  @Test("store: a batch over all keyspaces is there whole", arguments: StoreKind.allCases)
  func wholeBatch(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    var batch = WriteBatch()
    for space in Keyspace.allCases { batch.put(space, [1, space.rawValue], [space.rawValue]) }
    try store.write(batch, .synced)
    for space in Keyspace.allCases {
      #expect(try store.entries(space) == [Entry(key: [1, space.rawValue], value: [space.rawValue])])
    }
  }

  @Test("store: the later change of one key in a batch wins", arguments: StoreKind.allCases)
  func laterWins(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    var batch = WriteBatch()
    batch.put(.rows, [1], [1])
    batch.put(.rows, [1], [2])
    batch.put(.rows, [2], [1])
    batch.delete(.rows, [2])
    batch.delete(.rows, [3])
    batch.put(.rows, [3], [3])
    try store.write(batch, .synced)
    #expect(try store.entries(.rows) == [Entry(key: [1], value: [2]), Entry(key: [3], value: [3])])
  }

  @Test("store: a range removed and then put into holds the puts only", arguments: StoreKind.allCases)
  func rangeThenPut(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    for key in 0..<10 as Range<UInt8> { try store.put(.rows, [key], [key]) }
    var batch = WriteBatch()
    batch.put(.rows, [4], [40])
    batch.deleteRange(.rows, from: [2], to: [8])
    batch.put(.rows, [5], [50])
    try store.write(batch, .synced)
    #expect(try store.entries(.rows).map(\.key) == [[0], [1], [5], [8], [9]])
    #expect(try store.get(.rows, [5]) == [50])
    #expect(try store.get(.rows, [4]) == nil)
  }

  @Test("store: an empty or reversed range removes nothing", arguments: StoreKind.allCases)
  func emptyRange(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    try store.put(.rows, [5], [5])
    var batch = WriteBatch()
    batch.deleteRange(.rows, from: [5], to: [5])
    batch.deleteRange(.rows, from: [9], to: [1])
    batch.deleteRange(.rows, from: [], to: [])
    try store.write(batch, .synced)
    #expect(try store.entries(.rows) == [Entry(key: [5], value: [5])])
    #expect(try store.entries(.rows, from: [9], to: [1]) == [])
    #expect(try store.last(.rows, from: [9], to: [1]) == nil)
    #expect(try store.entries(.rows, from: [], to: []) == [])
  }

  @Test("store: an empty batch is no write", arguments: StoreKind.allCases)
  func emptyBatch(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    try store.write(WriteBatch(), .synced)
    try store.write(WriteBatch(), .rebuildable)
    #expect(try store.entries(.rows) == [])
  }

  private static let awkwardKeys: [Bytes] = [
    [], [0], [0, 0], [0, 0xFF], [1], [1, 0], [0x7F], [0x80], [0xFF], [0xFF, 0], [0xFF, 0xFF], [0xFF, 0xFF, 0],
  ]

  @Test("store: a scan is in bytewise order and within its bounds", arguments: StoreKind.allCases)
  func scanOrder(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    let keys = StoreLawTests.awkwardKeys
    for key in keys.reversed() { try store.put(.order, key, key + [1]) }
    #expect(try store.entries(.order).map(\.key) == keys)
    for (low, from) in keys.enumerated() {
      #expect(try store.entries(.order, from: from).map(\.key) == Array(keys[low...]))
      for (high, to) in keys.enumerated() {
        let expected = low < high ? Array(keys[low..<high]) : []
        #expect(try store.entries(.order, from: from, to: to).map(\.key) == expected)
        let last = try store.last(.order, from: from, to: to)
        #expect(last?.key == expected.last)
        #expect(last?.value == expected.last.map { $0 + [1] })
      }
      #expect(try store.last(.order, from: from, to: nil)?.key == keys.last)
    }
  }

  @Test("store: a scan stops when its body says so", arguments: StoreKind.allCases)
  func scanStops(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    for key in 0..<9 as Range<UInt8> { try store.put(.log, [key], []) }
    var seen: [UInt8] = []
    try store.scan(.log, from: [2], to: nil) { key, _ in
      seen.append(key[0])
      return key[0] < 4
    }
    #expect(seen == [2, 3, 4])
  }

  @Test("store: last of an empty keyspace and before the first key is nothing", arguments: StoreKind.allCases)
  func lastOfNothing(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    #expect(try store.last(.log, from: [], to: nil) == nil)
    try store.put(.log, [5], [5])
    #expect(try store.last(.log, from: [], to: [5]) == nil)
    #expect(try store.last(.log, from: [6], to: nil) == nil)
    #expect(try store.last(.log, from: [5], to: [6])?.value == [5])
  }

  @Test("store: empty keys and values are keys and values", arguments: StoreKind.allCases)
  func emptyKeys(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    #expect(try store.get(.meta, []) == nil)
    try store.put(.meta, [], [])
    #expect(try store.get(.meta, []) == [])
    #expect(try store.entries(.meta) == [Entry(key: [], value: [])])
    #expect(try store.last(.meta, from: [], to: [0])?.key == [])
    var batch = WriteBatch()
    batch.delete(.meta, [])
    try store.write(batch, .synced)
    #expect(try store.get(.meta, []) == nil)
  }

  @Test("store: values of 1 MiB come back whole", arguments: StoreKind.allCases)
  func largeValues(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    defer { subject.end() }
    var random = SeededRandom(seed: 5)
    var values: [Bytes] = []
    for index in 0..<12 as Range<UInt8> {
      let value = (0..<1 << 17).flatMap { _ in withUnsafeBytes(of: random.next(), Array.init) }
      values.append(value)
      try subject.store.put(.rows, [index], value)
    }
    try subject.reopen(using: &random)
    #expect(try subject.store.entries(.rows).map(\.value) == values)
  }

  @Test("store: one keyspace's keys are no other's", arguments: StoreKind.allCases)
  func keyspacesApart(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    for space in Keyspace.allCases { try store.put(space, [1], [space.rawValue]) }
    var batch = WriteBatch()
    batch.deleteRange(.rows, from: [], to: [0xFF])
    try store.write(batch, .synced)
    #expect(try store.get(.rows, [1]) == nil)
    for space in Keyspace.allCases where space != .rows { #expect(try store.get(space, [1]) == [space.rawValue]) }
  }

  @Test("store: a snapshot shows its moment, whatever is written after it", arguments: StoreKind.allCases)
  func snapshotIsolation(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    for key in 0..<200 as Range<UInt8> { try store.put(.rows, [key], [1]) }
    try store.withSnapshot { view in
      let before = try view.entries(.rows)
      var batch = WriteBatch()
      batch.deleteRange(.rows, from: [10], to: [50])
      batch.put(.rows, [60], [2])
      batch.put(.rows, [201], [2])
      try store.write(batch, .synced)
      #expect(try view.entries(.rows) == before)
      #expect(try view.get(.rows, [60]) == [1])
      #expect(try view.last(.rows, from: [], to: nil)?.key == [199])
      #expect(try store.get(.rows, [60]) == [2])
      try store.withSnapshot { later throws in
        #expect(try later.entries(.rows).count == 161)
        #expect(try view.entries(.rows) == before)
      }
    }
  }

  @Test("store: what a snapshot's closure throws and returns comes out", arguments: StoreKind.allCases)
  func snapshotResult(_ kind: StoreKind) throws {
    struct Stop: Error {}
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    #expect(throws: Stop.self) { try store.withSnapshot { _ in throw Stop() } }
    #expect(try store.withSnapshot { try $0.entries(.rows).count } == 0)
  }

  @Test("store: reads inside a scan see the same store", arguments: StoreKind.allCases)
  func nestedReads(_ kind: StoreKind) throws {
    let subject = try StoreUnderTest(kind)
    let store = subject.store
    defer { subject.end() }
    for key in 0..<20 as Range<UInt8> { try store.put(.rows, [key], [key]) }
    var sums: [Int] = []
    try store.withSnapshot { view in
      try view.scan(.rows, from: [], to: nil) { key, _ in
        sums.append((try? view.entries(.rows, from: [], to: Bytes(key)).count) ?? -1)
        return true
      }
    }
    #expect(sums == Array(0..<20))
  }
}
