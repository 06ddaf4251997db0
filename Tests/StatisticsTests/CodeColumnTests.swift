import Primitives
import Testing

@testable import Statistics

@Suite struct CodeColumnTests {
  @Test("columns of codes: whatever is appended, set and picked is read back, at every width", arguments: 1...8)
  func widths(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var column = CodeColumn()
    var twin: [Int32] = []
    let reach: [Int32] = [1, 200, 300, 40_000, 100_000, .max - 2]
    for step in 0..<3000 {
      let bound = reach[min(step / 500, Int(seed) % reach.count)]
      var code = Int32(random.below(Int(bound)))
      if seed % 2 == 0, random.chance(permille: 10) { code = -code }
      if twin.isEmpty || random.chance(permille: 700) {
        column.append(code)
        twin.append(code)
      } else {
        let row = random.below(twin.count)
        column[row] = code
        twin[row] = code
      }
      if step % 700 == 699 {
        let picked = (0..<Int32(twin.count)).filter { _ in random.chance(permille: 800) }
        column = column.picking(picked)
        twin = picked.map { twin[Int($0)] }
        column.trim()
      }
    }
    #expect(column.count == twin.count)
    #expect(twin.indices.map { column[$0] } == twin)
    let out = BlockBuffer<Int32>(filledWith: 0)
    let rows = twin.count / 3..<min(twin.count, twin.count / 3 + blockRows)
    column.unpack(rows, to: out.pointer)
    #expect(rows.indices.map { out.pointer[$0 - rows.lowerBound] } == Array(twin[rows]))
  }

  @Test("columns of codes: a column with one value takes no memory for its rows")
  func constant() {
    var column = CodeColumn()
    for _ in 0..<1000 { column.append(7) }
    #expect(column.byteCount == 0 && column[999] == 7)
    column.append(8)
    #expect(column.byteCount < 1400 && column[999] == 7 && column[1000] == 8)
  }

  @Test("row keys: found whatever order they came in, and picked in the order of keys", arguments: 1...6)
  func keys(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var keys = RowKeys()
    var twin: [RowKeys.Key] = []
    for _ in 0..<2000 {
      let counter = random.chance(permille: 5) ? UInt64(1) << 40 | random.next() >> 40 : UInt64(random.below(5000))
      let key = RowKeys.Key(
        RecordID(mint: UInt64(1 + random.below(3)), counter: counter), UInt32(random.below(3)))
      guard !twin.contains(key) else { continue }
      keys.append(key)
      twin.append(key)
      if random.chance(permille: 2) {
        let order = keys.order
        keys = keys.picking(order)
        twin.sort()
        #expect(keys.isSorted)
      }
    }
    for (position, key) in twin.enumerated() {
      #expect(keys.key(position) == key)
      #expect(keys.position(key, hint: random.below(twin.count)) == position)
    }
    #expect(keys.position(RowKeys.Key(RecordID(mint: 9, counter: 1), 0)) == nil)
    #expect(keys.order.map { keys.key(Int($0)) } == twin.sorted())
  }

  @Test("groups: a few numbers side by side or many interned make the same groups")
  func groups() {
    var random = SeededRandom(seed: 3)
    for width in 0...4 {
      for bound in [2, 9, 700] {
        var table = GroupTable(width: width)
        var twin: [[Int32]: Int] = [:]
        let out = BlockBuffer<Int32>(filledWith: 0)
        let buffers = (0..<width).map { _ in BlockBuffer<Int32>(filledWith: 0) }
        for _ in 0..<5 {
          for buffer in buffers { for row in 0..<500 { buffer.pointer[row] = Int32(random.below(bound)) } }
          let isWithin = table.load(
            buffers.map { UnsafePointer($0.pointer) }, counts: buffers.map { _ in bound }, rows: 500,
            groupsMax: 100_000, to: out.pointer)
          #expect(isWithin)
          for row in 0..<500 {
            let numbers = buffers.map { $0.pointer[row] }
            let group = twin[numbers] ?? twin.count
            twin[numbers] = group
            #expect(Int(out.pointer[row]) == group && Array(table.numbers(group)) == numbers)
          }
        }
        #expect(table.count == twin.count)
      }
    }
  }
}
