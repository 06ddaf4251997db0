import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication
import Simulation
import Testing

// Goal: what came by snapshot is what frames would have made: rows, counts, entries, assignments, heads; and what comes
// next follows it.

@Suite struct SnapshotTests {
  private func members(_ bench: Bench, _ numbers: Range<Int>) throws {
    for number in numbers { try bench.commit([bench.insertion(Text("33020319800101\(1000 + number)"))]) }
    try bench.sync()
  }

  private func small(_ benches: Bench...) {
    for bench in benches {
      bench.engine.firstSyncRowsMin = 5
      bench.engine.snapshotChunkBytes = 500
    }
  }

  private func digest(_ bench: Bench, _ partition: PartitionID) throws -> RowDigest {
    try bench.sync()
    var digest = RowDigest()
    let prefix = Keys.partition(partition)
    let hashing = Hashing()
    try bench.store.scan(.rows, from: prefix, to: prefix.prefixEnd()) { key, value in
      digest.add(key: key, value: value, with: hashing)
      return true
    }
    return digest
  }

  private func expectEqual(_ owner: Bench, _ other: Bench) throws {
    #expect(try digest(owner, owner.identity.partition) == digest(other, owner.identity.partition))
    #expect(other.engine.head(of: owner.log) == owner.engine.head(of: owner.log))
    let rows = { (bench: Bench) in
      bench.engine.rowCounts(owner.identity.partition).filter { $0.rows > 0 }.map { "\($0.entity.value) \($0.rows)" }
    }
    #expect(rows(owner) == rows(other))
  }

  @Test("first sync: a domain of many rows goes up as one snapshot, and then by frames")
  func firstSync() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    small(parent, child)
    try members(child, 0..<40)
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    try settle([wire])
    #expect(parent.engine.snapshotFigures.taken == 1 && child.engine.snapshotFigures.made == 1)
    #expect(parent.engine.snapshotFigures.chunksReceived > 5)
    try expectEqual(child, parent)
    #expect(try parent.entries().count == child.entries().count)
    #expect(child.engine.watermark(child.log, level: 1) == child.engine.durableSequence)
    // Its own frames are all there: the snapshot did its work.
    #expect(try FrameHeader(frame: child.frames()[0]).first == Sequence64(1))
    #expect(try child.store.get(.meta, MetaKey.base(child.identity.partition)) == nil)
    try child.commit([child.insertion("330203198001019999")])
    try settle([wire])
    try expectEqual(child, parent)
    try parent.crash()
    try expectEqual(child, parent)
    #expect(try parent.frames(of: child.log).count == 1)
  }

  @Test("first sync: below the bound it goes by frames, and so does what the parent has a part of")
  func byFrames() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    child.engine.firstSyncRowsMin = 50
    try members(child, 0..<20)
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    try settle([wire])
    wire.cut()
    child.engine.firstSyncRowsMin = 5
    try members(child, 20..<40)
    wire.connect()
    try settle([wire])
    #expect(parent.engine.snapshotFigures.taken == 0 && child.engine.snapshotFigures.made == 0)
    try expectEqual(child, parent)
  }

  @Test("relay: a grandparent takes the same snapshot, with the owner's signature, in its place among the frames")
  func relay() throws {
    let top = try Bench(1, "033")
    let middle = try Bench(2, "033001", under: "033")
    let leaf = try Bench(3, "033001001", under: "033001")
    small(top, middle, leaf)
    try members(leaf, 0..<40)
    try members(middle, 100..<110)
    let up = Wire(middle, top, link: 1)
    let down = Wire(leaf, middle, link: 2)
    up.connect()
    try settle([up])
    down.connect()
    try settle([up, down])
    try members(leaf, 40..<45)
    try settle([up, down])
    #expect(top.engine.snapshotFigures.taken == 2 && middle.engine.snapshotFigures.taken == 1)
    for bench in [top, middle] { try expectEqual(leaf, bench) }
    try expectEqual(middle, top)
    #expect(leaf.engine.watermark(leaf.log, level: LinkMessage.Watermark.root) == leaf.engine.durableSequence)
  }

  @Test("lost child: an empty disk gets the snapshot and the tail back, and goes on under a new incarnation")
  func lostChild() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    small(parent, child)
    try members(child, 0..<40)
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    try settle([wire])
    try members(child, 40..<50)
    try settle([wire])
    wire.cut()
    let empty = SimulatedStore()
    try Engine.initialiseEmpty(empty, identity: child.identity)
    let back = try Bench(over: empty, of: child)
    small(back)
    let again = Wire(back, parent, link: 2)
    again.connect()
    try settle([again])
    #expect(back.engine.standing == .writing && back.engine.identity.incarnation == 2)
    #expect(back.engine.snapshotFigures.taken == 1 && back.engine.rowCount(Bench.member) == 50)
    #expect(try back.lookup("330203198001011007") != nil)
    try back.commit([back.insertion("330203198001019998")])
    try settle([again])
    #expect(try digest(back, child.identity.partition) == digest(parent, child.identity.partition))
    try back.crash()
    #expect(try digest(back, child.identity.partition) == digest(parent, child.identity.partition))
  }

  @Test("lost parent: a new disk above is filled from its children, what they hold of others included")
  func lostParent() throws {
    let middle = try Bench(2, "033001")
    let leaf = try Bench(3, "033001001", under: "033001")
    small(middle, leaf)
    try members(leaf, 0..<30)
    let wire = Wire(leaf, middle, link: 1)
    wire.connect()
    try settle([wire])
    wire.cut()
    try members(leaf, 30..<33)
    let other = try Bench(4, "033001")
    small(other)
    let again = Wire(leaf, other, link: 2)
    again.connect()
    try settle([again])
    #expect(other.engine.snapshotFigures.taken == 1)
    try expectEqual(leaf, other)
  }

  @Test("behind: a parent put back to before a snapshot takes it again over its older rows")
  func replaces() throws {
    let top = try Bench(1, "033")
    let middle = try Bench(2, "033001", under: "033")
    let leaf = try Bench(3, "033001001", under: "033001")
    small(top, middle, leaf)
    leaf.engine.firstSyncRowsMin = 1000
    try members(leaf, 0..<10)
    let up = Wire(middle, top, link: 1)
    let down = Wire(leaf, middle, link: 2)
    up.connect()
    down.connect()
    try settle([up, down])
    // The top has ten members by frames. Then the leaf's middle is another machine, which gets a snapshot of twenty.
    try leaf.commit([leaf.change(leaf.lookup("330203198001011003").unwrapped, "name", .text("张伟"), .text("李娜"))])
    try leaf.commit([Operation(leaf.lookup("330203198001011004").unwrapped, .delete)])
    up.cut()
    down.cut()
    try members(leaf, 10..<30)
    let empty = SimulatedStore()
    try Engine.initialise(empty, identity: middle.identity, catalog: .bundled, key: middle.key, clock: 1)
    let other = try Bench(over: empty, of: middle)
    small(other)
    leaf.engine.firstSyncRowsMin = 5
    let newDown = Wire(leaf, other, link: 3)
    newDown.connect()
    try settle([newDown])
    #expect(other.engine.snapshotFigures.taken == 1)
    let newUp = Wire(other, top, link: 4)
    newUp.connect()
    try settle([newDown, newUp])
    #expect(top.engine.snapshotFigures.replaced == 1)
    try expectEqual(leaf, top)
    #expect(try top.entries().count == leaf.entries().count)
    #expect(try top.lookupBelow("330203198001011004", leaf.identity.partition) == nil)
  }

  @Test("resume: a line that breaks and a crash cost at most a window of chunks, and the same snapshot goes on")
  func resume() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    small(parent, child)
    child.engine.snapshotChunkBytes = 200
    try members(child, 0..<60)
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    for round in 0..<200 where parent.engine.rowCounts(child.identity.partition).isEmpty {
      try step(wire)
      if round % 7 == 6 {
        wire.cut()
        if round % 2 == 0 { try parent.crash() } else { try child.crash() }
        small(parent, child)
        wire.connect()
      }
    }
    try settle([wire])
    try expectEqual(child, parent)
    let chunks = try chunkCount(parent, child.identity.partition)
    #expect(chunks > SnapshotReceipt.window)
    #expect(parent.engine.snapshotFigures.taken == 1 || parent.engine.snapshotFigures.chunksResumed > 0)
  }

  @Test("crash: between the taking of a snapshot and its last row opening makes the same rows", arguments: 0..<6)
  func crashOnTheWay(_ batches: Int) throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    small(parent, child)
    try members(parent, 200..<230)
    try members(child, 0..<60)
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    while parent.engine.rowCounts(child.identity.partition).isEmpty { try step(wire) }
    // Taken, and in the open batch.
    try parent.write()
    for _ in 0..<batches {
      guard let batch = try parent.engine.takeDerivedWrites(all: false) else { break }
      try parent.store.write(batch, .rebuildable)
    }
    try parent.crash(losing: [.both, .rows, .index, .nothing][batches % 4])
    #expect(batches > 2 || parent.engine.snapshotFigures.restarted == 1)
    try expectEqual(child, parent)
    #expect(try parent.entries(of: child.identity.partition) == child.entries().count)
    small(parent)
    wire.cut()
    wire.connect()
    try settle([wire])
    try expectEqual(child, parent)
  }

  @Test("forged: a snapshot that its owner did not sign, or with another chunk, changes nothing")
  func forged() throws {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    let stranger = try Bench(7, "033009", under: "033")
    small(child, parent)
    try members(child, 0..<20)
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    var manifest: SnapshotManifest?
    while manifest == nil {
      for bench in [child, parent] {
        try bench.sync()
        try bench.engine.pump(clock: 10)
        for (link, bytes) in bench.engine.takeSends() {
          let message = try LinkMessage(Bytes(bytes[4...]))
          if case .snapshotOffer(let offer) = message {
            manifest = try SnapshotManifest(offer.manifest, with: Hashing())
            continue
          }
          let other = bench === child ? parent : child
          try other.engine.received(Bytes(bytes[4...]), on: link, clock: 10)
        }
      }
    }
    let honest = try #require(manifest)
    let forged = SnapshotManifest(honest.facts, signer: stranger.key, with: Hashing())
    try parent.receive(.snapshotOffer(.init(manifest: forged.bytes, signer: stranger.identity.key)))
    #expect(try parent.refusal() == .badSignature)
    wire.cut()
    wire.connect()
    try parent.receive(child.hello())
    _ = try parent.sent()
    try parent.receive(.snapshotOffer(.init(manifest: honest.bytes, signer: stranger.identity.key)))
    try parent.sync()
    try parent.engine.pump(clock: 10)
    guard case .snapshotWant? = try parent.sent().last else {
      Issue.record("an honest offer is taken whatever key is told with it")
      return
    }
    try parent.receive(.snapshotPart(.init(snapshot: honest.id, number: 0, bytes: [1, 2, 3])))
    #expect(try parent.refusal() == .badSignature)
    #expect(parent.engine.rowCounts(child.identity.partition).isEmpty)
  }

  /// One round of both ends.
  private func step(_ wire: Wire) throws {
    for bench in [wire.child, wire.parent] {
      try bench.write()
      while let batch = try bench.engine.takeDerivedWrites(all: false) { try bench.store.write(batch, .rebuildable) }
      try bench.engine.pump(clock: 10)
      if !bench.engine.rowCounts(wire.child.identity.partition).isEmpty, bench === wire.parent { return }
      for (link, bytes) in bench.engine.takeSends() where link.value == wire.link {
        let other = bench === wire.child ? wire.parent : wire.child
        try other.engine.received(Bytes(bytes[4...]), on: link, clock: 10)
      }
    }
  }

  private func chunkCount(_ bench: Bench, _ partition: PartitionID) throws -> Int {
    var count = 0
    let prefix = Keys.snapshots(of: partition)
    try bench.store.scan(.log, from: prefix, to: prefix.prefixEnd()) { _, _ in
      count += 1
      return true
    }
    return count
  }
}

extension Optional {
  fileprivate var unwrapped: Wrapped { get throws { try #require(self) } }
}

extension Bench {
  /// Frames of another's log that are here.
  fileprivate func frames(of log: LogID) throws -> [Bytes] {
    var frames: [Bytes] = []
    try store.scan(.log, from: Keys.log(log), to: Keys.log(log).prefixEnd()) { _, value in
      frames.append(Bytes(value[8...]))
      return true
    }
    return frames
  }

  /// Entries of members that lead into a partition.
  fileprivate func entries(of partition: PartitionID) throws -> Int {
    var count = 0
    try store.scan(.index, from: [1, 3], to: [1, 4]) { key, value in
      let target = value.isEmpty ? Bytes(key.suffix(Keys.rowByteCount)) : Bytes(value)
      if target.starts(with: Keys.partition(partition)) { count += 1 }
      return true
    }
    return count
  }

  fileprivate func lookupBelow(_ card: Text, _ partition: PartitionID) throws -> RecordKey? {
    var writer = ByteWriter()
    writer.raw(IndexKey.prefix(Bench.member, 0))
    writer.u8(0)
    IndexKey.append(.text(card), to: &writer)
    writer.u64(partition.value)
    return try store.get(.index, writer.bytes)?.withUnsafeBytes { Keys.parseRow($0)?.key }
  }
}
