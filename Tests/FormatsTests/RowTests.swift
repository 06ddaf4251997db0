import Formats
import Primitives
import Testing

private let log = LogID(node: NodeID(7), incarnation: 1)
private let partition = PartitionID(0x7_0001)

private func origin(_ sequence: UInt64) -> Row.Origin {
  Row.Origin(catalog: 0xABCD, log: log, sequence: Sequence64(sequence))
}

@Suite struct RowTests {
  private let hashing = Hashing()

  @Test("row: fields survive encoding (500 seeds)")
  func roundTrip() throws {
    for seed in 0..<500 {
      var source = RandomOperations(random: SeededRandom(seed: UInt64(seed)))
      let fields = source.fields(permille: 600)
      let key = Keys.row(partition, source.key(seed))
      let bytes = Row.encode(key: key, origin: origin(9), fields: fields, with: hashing)
      #expect(key.withUnsafeBytes { key in bytes.withUnsafeBytes { Row.isIntact(key: key, value: $0, with: hashing) } })
      let view = try RowView(bytes)
      #expect(view.fields == fields)
      #expect(view.origin == origin(9))
      for field in fields { #expect(view.value(field.item) == field.value) }
    }
  }

  @Test("row: a change gives the bytes a fresh encoding of the new content would (500 seeds)")
  func change() throws {
    for seed in 0..<500 {
      var source = RandomOperations(random: SeededRandom(seed: UInt64(seed)))
      let before = source.fields(permille: 500)
      let after = source.fields(permille: 500)
      let key = Keys.row(partition, source.key(seed))
      var changes: [FieldChange] = []
      for section in [Section.general, .personal, .restricted] {
        for item in (1...300).map({ ItemID(UInt16($0)) }) {
          let old = before.first { $0.section == section && $0.item == item }?.value ?? .null
          let new = after.first { $0.section == section && $0.item == item }?.value ?? .null
          if old != new { changes.append(FieldChange(section, item, old: old, new: new)) }
        }
      }
      let row = try RowView(Row.encode(key: key, origin: origin(1), fields: before, with: hashing))
      let changed = row.applying(changes, key: key, origin: origin(2), with: hashing)
      #expect(changed == Row.encode(key: key, origin: origin(2), fields: after, with: hashing))
    }
  }

  @Test("row: one flipped byte anywhere, or another key, fails the checksum")
  func flips() {
    var source = RandomOperations(random: SeededRandom(seed: 1))
    let key = Keys.row(partition, source.key(1))
    let bytes = Row.encode(key: key, origin: origin(1), fields: source.fields(permille: 1000), with: hashing)
    func intact(_ key: Bytes, _ bytes: Bytes) -> Bool {
      key.withUnsafeBytes { key in bytes.withUnsafeBytes { Row.isIntact(key: key, value: $0, with: hashing) } }
    }
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= 1
      #expect(!intact(key, damaged))
    }
    #expect(!intact(Keys.row(partition, source.key(2)), bytes))
  }

  @Test("row: hostile bytes are an error, never a trap (20,000 mutations)")
  func hostile() {
    var random = SeededRandom(seed: 5)
    var source = RandomOperations(random: SeededRandom(seed: 2))
    for _ in 0..<200 {
      let key = Keys.row(partition, source.key(1))
      let bytes = Row.encode(key: key, origin: origin(1), fields: source.fields(permille: 700), with: hashing)
      for _ in 0..<100 {
        var damaged = bytes
        for _ in 0...random.below(3) { damaged[random.below(damaged.count)] = UInt8(truncatingIfNeeded: random.next()) }
        if let view = try? RowView(damaged) { _ = view.fields }
      }
    }
  }

  @Test("keys: index entries sort as their values do (10,000 pairs)")
  func indexOrder() {
    var source = RandomOperations(random: SeededRandom(seed: 4))
    for round in 0..<10_000 {
      let kind = [1, 2, 3, 4, 5, 6, 7][round % 7]
      let left = source.value(kind)
      let right = source.value(kind)
      var leftKey = ByteWriter()
      var rightKey = ByteWriter()
      IndexKey.append(left, to: &leftKey)
      IndexKey.append(right, to: &rightKey)
      #expect(leftKey.bytes.precedes(rightKey.bytes) == less(left, right))
      #expect((leftKey.bytes == rightKey.bytes) == (left == right))
    }
  }

  private func less(_ left: Value, _ right: Value) -> Bool {
    switch (left, right) {
    case (.int(let left), .int(let right)), (.decimal(let left), .decimal(let right)): left < right
    case (.date(let left), .date(let right)): left < right
    case (.minute(let left), .minute(let right)): left < right
    case (.text(let left), .text(let right)): left < right
    default: false
    }
  }
}
