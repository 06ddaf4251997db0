import Formats
import Ports
import Primitives
import Testing

@testable import Engine

@Suite struct DurableRowsTests {
  /// What was handed over, applied to `rows`; nil when there was nothing.
  private func follow(_ bench: Bench, _ rows: inout [Bytes: Bytes]) -> Int? {
    guard let batch = bench.engine.takeDurableRows() else { return nil }
    for change in batch.changes {
      switch change {
      case .put(let space, let key, let value):
        #expect(space == .rows)
        rows[key] = value
      case .delete(let space, let key):
        #expect(space == .rows)
        rows[key] = nil
      case .deleteRange: Issue.record("no range is deleted here")
      }
    }
    return batch.count
  }

  private func stored(_ bench: Bench) throws -> [Bytes: Bytes] {
    // What is durable may wait in memory; what the followers take is compared with all of it.
    try bench.flushDerived()
    var rows: [Bytes: Bytes] = [:]
    try bench.store.scan(.rows, from: Keys.partition(PartitionID(1)), to: nil) { key, value in
      rows[Bytes(key)] = Bytes(value)
      return true
    }
    return rows
  }

  @Test("durable rows: nothing is kept until somebody follows, and nothing before it is durable")
  func kept() throws {
    let bench = try Bench(1, "033")
    try bench.commit([try bench.insertion("330203198001011230")])
    try bench.write()
    #expect(bench.engine.takeDurableRows() == nil)
    bench.engine.keepsDurableRows = true
    var rows = try stored(bench)
    try bench.commit([try bench.insertion("330203198001011231")])
    #expect(follow(bench, &rows) == nil)
    try bench.write()
    #expect(follow(bench, &rows) == 1)
    #expect(rows == (try stored(bench)))
    bench.engine.keepsDurableRows = false
    try bench.commit([try bench.insertion("330203198001011232")])
    try bench.write()
    #expect(bench.engine.takeDurableRows() == nil)
  }

  @Test("durable rows: own commits and a child's frames make the follower equal to the store")
  func followed() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.keepsDurableRows = true
    var rows = try stored(parent)
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    var keys: [RecordKey] = []
    for number in 0..<20 {
      let operation = try child.insertion("33020319800101123\(number % 10)", name: "张伟")
      keys.append(operation.key)
      try child.commit([operation])
      if number % 3 == 0 {
        try child.commit([try child.change(keys[number], "name", .text("张伟"), .text("李\(number)"))])
      }
      if number % 5 == 4 { try child.commit([Operation(keys[number - 1], .delete)]) }
      try parent.commit([try parent.insertion("44020319800101\(1000 + number)")])
      if number % 4 == 0 {
        try settle([wire])
        _ = follow(parent, &rows)
      }
    }
    try settle([wire])
    _ = follow(parent, &rows)
    #expect(rows == (try stored(parent)))
  }
}
