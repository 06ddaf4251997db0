import Formats
import Primitives
import Testing

// Columns that real tables have: names, addresses, dialled numbers, dates that follow other dates. Each encoding must
// give back what went in, with and without a dictionary, and take no lie for granted.

private let log = LogID(node: NodeID(7), incarnation: 1)

/// Rows as a clerk would type them, drawn from a seed.
private struct Table {
  var random: SeededRandom

  private mutating func pick(_ text: String) -> String { String(Array(text)[random.below(text.count)]) }

  mutating func name() -> Text {
    switch random.below(20) {
    case 0: Text("𠮷" + pick("一二三"))
    case 1: "O'Hara"
    default: Text(pick("王陈张李欧龘") + pick("德福国海靐") + (random.chance(permille: 700) ? pick("明华英娟") : ""))
    }
  }

  mutating func address() -> Text {
    switch random.below(6) {
    case 0: Text("宁波市\(pick("海江北"))路\(random.below(500))号\(random.below(60))幢0\(random.below(9))室")
    case 1: Text("\(random.next())")
    case 2: "无"
    case 3: Text("0574-\(8_000_000 + random.below(999_999))")
    default: Text("\(pick("东西"))村\(1 + random.below(18))组\(1 + random.below(240))号")
    }
  }

  mutating func commit(_ rows: Int) -> Commit {
    let birth = (0..<rows).map { _ in Int32(random.below(30_000)) - 15_000 }
    let operations = (0..<rows).map { row -> Operation in
      let join = birth[row] + 6600 + Int32(random.below(9000))
      var fields = [
        Field(.general, ItemID(1), .text(name())), Field(.general, ItemID(2), .date(CivilDate(days: birth[row]))),
        Field(.general, ItemID(3), .date(CivilDate(days: join))),
      ]
      if random.chance(permille: 800) {
        fields.append(Field(.general, ItemID(4), .date(CivilDate(days: join + 365 + Int32(random.below(40))))))
      }
      if random.chance(permille: 600) { fields.append(Field(.general, ItemID(5), .text(name()))) }
      fields.append(Field(.general, ItemID(6), .int(Int64(random.below(20)) * 1_000_003)))
      fields.append(Field(.personal, ItemID(7), .text(address())))
      return Operation(
        RecordKey(entity: EntityID(3), record: RecordID(log, counter: UInt64(row) * 3)), .insert(fields))
    }
    return Commit(actor: "a", reason: "", batch: 1, time: HybridTime(milliseconds: 9), operations: operations)
  }
}

@Suite struct ColumnTests {
  @Test("columns: names, addresses, numbers and dates come back (200 seeds, 1 to 700 rows)", arguments: [false, true])
  func roundTrip(_ hasDictionary: Bool) throws {
    let dictionary: FrameDictionary? = hasDictionary ? .current : nil
    for seed in 0..<200 {
      var table = Table(random: SeededRandom(seed: UInt64(seed)))
      let commit = table.commit(1 + seed * 7 % 700)
      let body = try FrameBody(FrameBody.encode([commit], dictionary: dictionary), dictionary: dictionary)
      var found: [Operation] = []
      body.forEachOperation { group, row in found.append(group.operation(row)) }
      let isEqual = found == commit.operations
      #expect(isEqual, "seed \(seed)")
    }
  }

  @Test("columns: flipped, cut and overwritten bytes are errors or other rows, never traps (3,600 cases)")
  func hostile() {
    var random = SeededRandom(seed: 11)
    for seed in 0..<12 {
      var table = Table(random: SeededRandom(seed: UInt64(seed)))
      let bytes = FrameBody.encode([table.commit(20 + seed * 30)], dictionary: .current)
      for round in 0..<300 {
        var damaged = bytes
        switch round % 3 {
        case 0: damaged[random.below(damaged.count)] ^= 1 << UInt8(random.below(8))
        case 1: damaged.removeLast(1 + random.below(damaged.count))
        // Where the modes, widths and counts are.
        default: damaged[random.below(Swift.min(damaged.count, 200))] = UInt8(random.below(256))
        }
        guard let body = try? FrameBody(damaged, dictionary: .current) else { continue }
        body.forEachOperation { group, row in _ = group.operation(row) }
      }
    }
  }

  /// A body of one commit and one group of inserts whose rows all have the same record; `columns` follow its header.
  private func body(rows: Int, columns count: Int, _ columns: (inout ByteWriter) -> Void) -> Bytes {
    var writer = ByteWriter()
    func constant(_ value: Int64) {
      writer.u8(0)
      writer.zigzag(value)
      writer.u8(0)
    }
    writer.u8(1)
    writer.count(1)
    writer.count(1)
    writer.text("")
    for value in [0, 0, 0, 0, Int64(rows)] { constant(value) }
    writer.count(1)
    writer.u8(3)
    writer.u8(1)
    writer.count(rows)
    writer.count(1)
    writer.u64(0x1_0001)
    constant(0)
    constant(1)
    writer.u8(0)
    writer.count(count)
    columns(&writer)
    return writer.bytes
  }

  @Test("columns: a few bytes that stand for gigabytes of cells are refused")
  func cellBomb() throws {
    func constants(_ count: Int) -> Bytes {
      body(rows: 1 << 16, columns: count) { writer in
        for item in 1...count {
          writer.u8(1)
          writer.count(item)
          writer.raw([2, 0, 0, 0, 0])
        }
      }
    }
    #expect(try FrameBody(constants(64)).groups[0].columns.count == 64)
    #expect(throws: MalformedBytes.self) { try FrameBody(constants(2000)) }
    #expect(throws: MalformedBytes.self) { try FrameBody(self.body(rows: 1 << 17, columns: 0) { _ in }) }
  }

  @Test("columns: a long shape that every row repeats is refused before memory is gone")
  func shapeBomb() {
    let bytes = body(rows: 1 << 16, columns: 1) { writer in
      writer.raw([1, 1, 1, 0, 4])
      writer.count(1)
      writer.u8(0)
      writer.zigzag(4096)
      writer.u8(0)
      writer.raw(Bytes(repeating: 0x61, count: 4096))
      writer.raw([0, 0, 0])
    }
    #expect(throws: MalformedBytes("shorter texts", at: 49)) { try FrameBody(bytes) }
  }

  @Test("columns: a body made with a dictionary is not the same without it, and says so or differs")
  func otherDictionary() throws {
    var table = Table(random: SeededRandom(seed: 5))
    let commit = table.commit(100)
    let bytes = FrameBody.encode([commit], dictionary: .current)
    guard let body = try? FrameBody(bytes) else { return }
    var found: [Operation] = []
    body.forEachOperation { group, row in found.append(group.operation(row)) }
    let isEqual = found == commit.operations
    #expect(!isEqual)
  }
}
