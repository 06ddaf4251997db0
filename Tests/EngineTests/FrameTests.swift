import Catalog
import Engine
import Formats
import Primitives
import Replication
import Testing

// What a parent does with frames: each exactly once, in order, and only from who may write the partition.

@Suite struct FrameTests {
  /// A parent that has welcomed a child on link 1, and the child.
  private func pair() throws -> (parent: Bench, child: Bench) {
    let parent = try Bench(1, "033")
    let child = try Bench(2, "033001", under: "033")
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    try parent.write()
    _ = parent.engine.takeSends()
    return (parent, child)
  }

  private func acknowledged(_ bench: Bench, _ log: LogID) throws -> Sequence64? {
    var last: Sequence64?
    for case .acknowledgement(let acknowledgement) in try bench.sent() {
      for mark in acknowledgement.watermarks where mark.log == log && mark.level == 1 { last = mark.last }
    }
    return last
  }

  @Test("frame: applied whole and acknowledged when it is synced, not before")
  func applied() throws {
    let (parent, child) = try pair()
    try child.commit([child.insertion("1")])
    try child.write()
    for frame in try child.frames() { try parent.receive(.frame(frame)) }
    #expect(try acknowledged(parent, child.log) == nil)
    #expect(parent.engine.head(of: child.log) == child.engine.head(of: child.log))
    try parent.write()
    #expect(try acknowledged(parent, child.log) == Sequence64(2))
    #expect(parent.engine.rowCounts(child.identity.partition).map(\.rows) == [1, 1])
  }

  @Test("frame: a second copy changes nothing and is acknowledged at once when it is durable")
  func duplicate() throws {
    let (parent, child) = try pair()
    let frame = try child.frames()[0]
    try parent.receive(.frame(frame))
    try parent.receive(.frame(frame))
    try parent.write()
    #expect(try acknowledged(parent, child.log) == Sequence64(1))
    let applied = parent.engine.durableApplied
    try parent.receive(.frame(frame))
    #expect(parent.engine.takeWrites() == nil && parent.engine.durableApplied == applied)
    #expect(try acknowledged(parent, child.log) == Sequence64(1), "no later batch would say it")
  }

  @Test("frame: a second copy while the first is being written is acknowledged with it")
  func duplicateInFlight() throws {
    let (parent, child) = try pair()
    let frame = try child.frames()[0]
    try parent.receive(.frame(frame))
    let batch = try #require(parent.engine.takeWrites())
    parent.engine.disconnected(LinkID(1))
    parent.engine.childConnected(LinkID(1))
    try parent.receive(child.hello())
    try parent.receive(.frame(frame))
    #expect(try acknowledged(parent, child.log) == nil)
    try parent.store.write(batch, .synced)
    parent.engine.written()
    try parent.write()
    #expect(try acknowledged(parent, child.log) == Sequence64(1))
  }

  @Test("frame: a missing one before it is a gap")
  func gap() throws {
    let (parent, child) = try pair()
    try child.commit([child.insertion("1")])
    try child.write()
    try parent.receive(.frame(try child.frames()[1]))
    #expect(try parent.refusal() == .gap)
    #expect(parent.engine.head(of: child.log) == nil && parent.engine.takeWrites() == nil)
  }

  @Test("frame: the same place with another history is a fork", arguments: [false, true])
  func fork(_ continues: Bool) throws {
    let (parent, child) = try pair()
    try parent.receive(.frame(try child.frames()[0]))
    let other =
      continues
      ? child.seal([try child.insertion("9")], first: 2, previous: Digest256(Bytes(repeating: 7, count: 32)))
      : child.seal([try child.insertion("9")])
    try parent.receive(.frame(other.bytes))
    #expect(try parent.refusal() == .diverged)
    #expect(parent.engine.head(of: child.log)?.last == Sequence64(1))
  }

  @Test("frame: a partition that the node does not own is refused", arguments: [1, 2, 3])
  func foreignPartition(_ what: Int) throws {
    let (parent, child) = try pair()
    let operation = try child.insertion("9")
    let frame =
      switch what {
      case 1: child.seal([operation], partition: parent.identity.partition)
      case 2: child.seal([operation], partition: PartitionID(77))
      default: child.seal([operation], epoch: 2)
      }
    try parent.receive(.frame(frame.bytes))
    #expect(try parent.refusal() == (what == 3 ? .wrongEpoch : .notOwner))
    #expect(parent.engine.partitions == [parent.identity.partition])
  }

  @Test("frame: a sibling's partition cannot be had by assigning it to oneself")
  func hijack() throws {
    let (parent, child) = try pair()
    let sibling = try Bench(3, "033002", under: "033")
    parent.engine.childConnected(LinkID(2))
    try parent.receive(sibling.hello(), on: 2)
    var last = Digest256.zero
    let partitions = [sibling.identity.partition, parent.identity.partition, child.identity.partition]
    for (number, partition) in partitions.enumerated() {
      let assignment = child.assignment(of: partition, to: child)
      let operation = Operation(Assignment.key(partition), .insert(assignment.fields))
      let frame = child.seal([operation], first: UInt64(number + 1), previous: last)
      last = frame.hash
      try parent.receive(.frame(frame.bytes))
      #expect(try parent.refusal() == nil && parent.engine.tickets.count == number + 1)
      #expect(parent.engine.knownAssignments.map(\.owner) == [child.identity.node, sibling.identity.node])
    }
    #expect(parent.engine.tickets.allSatisfy { $0.reason == .notAllowed })
    try parent.receive(.frame(try sibling.frames()[0]), on: 2)
    #expect(try parent.refusal(on: 2) == nil)
    #expect(parent.engine.head(of: sibling.log)?.last == Sequence64(1))
  }

  @Test("frame: signed by another key, whichever it names, or with any byte flipped, it is refused and changes nothing")
  func signatures() throws {
    let (parent, child) = try pair()
    let frame = child.seal([try child.insertion("9")])
    func refusal(_ bytes: Bytes) throws -> LinkMessage.Refusal.Reason? {
      parent.engine.disconnected(LinkID(1))
      parent.engine.childConnected(LinkID(1))
      try parent.receive(child.hello())
      _ = parent.engine.takeSends()
      try parent.receive(.frame(bytes))
      return try parent.refusal()
    }
    #expect(try refusal(child.seal([try child.insertion("9")], key: Bench.key(9)).bytes) == .wrongKey)
    var forged = child.seal([try child.insertion("9")], key: try Bench.key(9)).bytes
    forged.replaceSubrange(68..<72, with: frame.bytes[68..<72])
    #expect(try refusal(forged) == .badSignature)
    var reasons: [LinkMessage.Refusal.Reason?] = []
    for place in frame.bytes.indices {
      var bytes = frame.bytes
      bytes[place] ^= 0x10
      reasons.append(try refusal(bytes))
    }
    #expect(!reasons.contains(nil), "the byte at \(reasons.firstIndex(of: nil) ?? -1) passed")
    // Network, log, partition, epoch, then what only the signature covers, then the body's hash.
    #expect(reasons[8] == .wrongNetwork && reasons[16] == .notOwner && reasons[24] == .notOwner)
    #expect(reasons[32] == .wrongEpoch && reasons[68] == .wrongKey && reasons[FrameHeader.byteCount] == .malformed)
    for place in [36, 48, 56, 64, 80, 144, 207] { #expect(reasons[place] == .badSignature, "\(place)") }
    #expect(parent.engine.head(of: child.log) == nil && parent.engine.takeWrites() == nil)
    #expect(try refusal(frame.bytes) == nil)
    #expect(parent.engine.head(of: child.log)?.last == Sequence64(1))
  }

  @Test("frame: a dictionary that came with a later release is named as the reason")
  func unknownDictionary() throws {
    let (parent, child) = try pair()
    var bytes = child.seal([try child.insertion("9")]).bytes
    bytes[67] = 99
    bytes.replaceSubrange(144..<208, with: child.key.sign(Bytes(bytes[..<144])))
    try parent.receive(.frame(bytes))
    #expect(try parent.refusal() == .unknownDictionary)
    #expect(parent.engine.head(of: child.log) == nil)
  }

  @Test("frame: an assignment counts only with the signature of who holds it, and no epoch comes back")
  func unsignedAssignment() throws {
    let root = try Bench(1, "033")
    let middle = try Bench(2, "033001", under: "033")
    let leaf = try Bench(3, "033001001", under: "033001")
    func refusal(_ operations: [Formats.Operation], first: UInt64, previous: Digest256) throws -> (
      LinkMessage.Refusal.Reason?, Frame
    ) {
      root.engine.disconnected(LinkID(1))
      root.engine.childConnected(LinkID(1))
      try root.receive(middle.hello())
      _ = root.engine.takeSends()
      let frame = middle.seal(operations, first: first, previous: previous)
      try root.receive(.frame(frame.bytes))
      return (try root.refusal(), frame)
    }
    let key = Assignment.key(leaf.identity.partition)
    let good = middle.assignment(of: leaf.identity.partition, to: leaf, epoch: 2)
    for bad in [
      leaf.assignment(of: leaf.identity.partition, to: leaf), root.assignment(of: leaf.identity.partition, to: leaf),
    ] {
      let (reason, _) = try refusal([Operation(key, .insert(bad.fields))], first: 1, previous: .zero)
      #expect(reason == .notOwner)
    }
    let (reason, frame) = try refusal([Operation(key, .insert(good.fields))], first: 1, previous: .zero)
    #expect(reason == nil && root.engine.knownAssignments.contains(good))
    for next in [
      middle.assignment(of: leaf.identity.partition, to: leaf, epoch: 1),
      middle.assignment(of: leaf.identity.partition, to: middle, epoch: 2),
    ] {
      let changes = zip(good.fields, next.fields).filter { $0.value != $1.value }.map {
        FieldChange($0.section, $0.item, old: $0.value, new: $1.value)
      }
      let (reason, _) = try refusal([Operation(key, .update(changes))], first: 2, previous: frame.hash)
      #expect(reason == .notOwner && root.engine.knownAssignments.contains(good))
    }
    // Without its record nobody would know which epochs were there: it may not go.
    let (gone, _) = try refusal([Operation(key, .delete)], first: 2, previous: frame.hash)
    #expect(gone == .notOwner && root.engine.knownAssignments.contains(good))
  }

  @Test("frame: another network and damaged bytes end the link")
  func bad() throws {
    let child = try Bench(2, "033001", under: "033")
    var damaged = try child.frames()[0]
    damaged[damaged.count - 1] ^= 1
    let cases: [(Bytes, LinkMessage.Refusal.Reason)] = [
      (child.seal([try child.insertion("1")], network: "elsewhere").bytes, .wrongNetwork), (damaged, .malformed),
      ([1, 2, 3], .malformed), ([], .malformed),
    ]
    for (bytes, reason) in cases {
      let (parent, _) = try pair()
      try parent.receive(.frame(bytes))
      #expect(try parent.refusal() == reason)
      #expect(parent.engine.head(of: child.log) == nil)
    }
  }

  @Test("frame: more bytes than were granted end the link")
  func overCredit() throws {
    let (parent, child) = try pair()
    var random = SeededRandom(seed: 1)
    // Printable and as good as incompressible.
    let letters: Bytes = (0..<400_000).map { _ in UInt8(33 + random.below(90)) }
    let name = Text(String(decoding: letters, as: UTF8.self))
    var previous = Digest256.zero
    var refusal: LinkMessage.Refusal.Reason?
    var count: UInt64 = 0
    // Frames that are never written are never granted anew.
    while refusal == nil && count < 100 {
      count += 1
      let frame = child.seal([try child.insertion("\(count)", name: name)], first: count, previous: previous)
      previous = frame.hash
      try parent.receive(.frame(frame.bytes))
      refusal = try parent.refusal()
    }
    #expect(refusal == .overCredit)
  }
}
