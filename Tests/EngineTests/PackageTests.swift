import Engine
import Formats
import Ports
import Primitives
import Replication
import Testing

// Goal: nodes that never meet on a network end equal by files, whatever happens to the files on their way.

extension Bench {
  /// Makes the next package, syncs its record, and returns it.
  func export(
    to code: Text? = nil, _ scope: PackageScope = .unacknowledged, bytesMax: Int = Engine.packageBytesMax
  ) throws -> Package? {
    try write()
    guard let draft = try engine.draftPackage(to: code, scope, clock: 7, release: "test", bytesMax: bytesMax) else {
      return nil
    }
    let package = try draft.seal()
    try engine.recordSent(draft, package.hash)
    try write()
    return package
  }

  /// Takes a file as a driver does; returns whether anything in it was new.
  @discardableResult
  func take(_ bytes: Bytes, framesAtOnce: Int = .max) throws -> Bool {
    let ticket = try engine.judge(Package(bytes))
    let body = try ticket.open()
    if ticket.isAlready { return false }
    if ticket.header.facts.kind == .back {
      try engine.takeReturn(body, of: ticket)
    } else {
      var rest = body.frames[...]
      while !rest.isEmpty {
        let some = rest.prefix(framesAtOnce)
        try engine.take(some, of: ticket)
        try write()
        rest = rest.dropFirst(some.count)
      }
      try engine.finish(ticket)
    }
    try write()
    return true
  }

  /// What the engine says of a file that it does not take.
  func refusal(of bytes: Bytes) throws -> PackageError? {
    do {
      _ = try engine.judge(Package(bytes))
      return nil
    } catch let error as PackageError { return error } catch let fault as PackageFault { return .fault(fault) }
  }

  /// Rows by key, to compare two stores.
  func rows(_ partition: PartitionID) throws -> RowDigest {
    try flushDerived()
    var digest = RowDigest()
    let hashing = Hashing()
    let from = Keys.partition(partition)
    try store.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
      digest.add(key: key, value: value, with: hashing)
      return true
    }
    return digest
  }

  /// Commits one member.
  func addMember(_ number: Int) throws {
    try commit([insertion(Text("33010119800101\(1000 + number)"))])
  }
}

/// A parent and a child that gave each other their cards.
private func introduced() throws -> (parent: Bench, child: Bench) {
  let parent = try Bench(1, "033")
  let child = try Bench(2, "033001", under: "033")
  #expect(try parent.engine.introduce(child.engine.card, clock: 3) == .child)
  #expect(try child.engine.introduce(parent.engine.card, clock: 3) == .parent)
  try parent.write()
  try child.write()
  return (parent, child)
}

private func expectEqual(_ one: Bench, _ other: Bench, _ partition: PartitionID) throws {
  #expect(try one.rows(partition) == other.rows(partition))
}

@Suite struct PackageTests {
  @Test("packages: two nodes without any network end equal, and the child knows it after the return package")
  func ceremony() throws {
    let (parent, child) = try introduced()
    for number in 0..<5 { try child.addMember(number) }
    let up = try #require(try child.export())
    #expect(up.header.facts.number == 1 && up.header.commits == 6)
    #expect(try parent.take(up.bytes))
    try expectEqual(parent, child, child.identity.partition)
    #expect(child.engine.watermark(child.log, level: 1) == .zero && child.engine.backlog == 6)
    let back = try #require(try parent.export(to: "033001"))
    #expect(back.header.facts.answers == 1)
    #expect(try child.take(back.bytes))
    for level in [1, LinkMessage.Watermark.root] {
      #expect(child.engine.watermark(child.log, level: level) == Sequence64(6), "level \(level)")
    }
    #expect(try child.export() == nil && child.engine.backlog == 0)
    try child.crash()
    try parent.crash()
    #expect(child.engine.watermark(child.log, level: 1) == Sequence64(6))
    #expect(try child.export() == nil)
    try child.addMember(9)
    let second = try #require(try child.export())
    #expect(second.header.facts.number == 2 && second.header.commits == 1 && second.header.facts.previous == up.hash)
    #expect(try parent.take(second.bytes))
    try expectEqual(parent, child, child.identity.partition)
  }

  @Test("packages: without a card nothing is made and nothing is taken")
  func unknown() throws {
    let (parent, child) = try introduced()
    let stranger = try Bench(3, "033002", under: "033")
    #expect(throws: PackageError.unknownPeer("parent")) { try stranger.export() }
    _ = try stranger.engine.introduce(parent.engine.card, clock: 1)
    let package = try #require(try stranger.export())
    #expect(try parent.refusal(of: package.bytes) == .unknownPeer("033002"))
    #expect(try child.refusal(of: package.bytes) == .notForUs("033"))
  }

  @Test("packages: cards of another network, of oneself and of no neighbour are refused; another parent only by will")
  func cards() throws {
    let (parent, child) = try introduced()
    let elsewhere = NodeCard(
      network: "elsewhere", log: parent.log, partition: parent.identity.partition, epoch: Epoch(1),
      rootOrgCode: "033", rootOrgName: "", parentOrgCode: "", signer: parent.key)
    #expect(throws: PackageError.wrongNetwork) { try child.engine.introduce(elsewhere, clock: 1) }
    #expect(throws: PackageError.notANeighbour("033")) {
      try parent.engine.introduce(parent.engine.card, clock: 1)
    }
    let grandchild = try Bench(4, "033001001", under: "033001")
    #expect(throws: PackageError.notANeighbour("033001001")) {
      try parent.engine.introduce(grandchild.engine.card, clock: 1)
    }
    #expect(throws: PackageError.notANeighbour("033001")) {
      try parent.engine.introduce(child.engine.card, as: .parent, clock: 1)
    }
  }

  @Test("packages: a node that moves to another parent sends it everything, whatever the old one acknowledged")
  func moved() throws {
    let (parent, child) = try introduced()
    try child.addMember(1)
    try parent.take(try #require(try child.export()).bytes)
    try child.take(try #require(try parent.export(to: "033001")).bytes)
    #expect(try child.export() == nil)
    let other = try Bench(5, "034")
    #expect(throws: PackageError.notANeighbour("034")) { try child.engine.introduce(other.engine.card, clock: 1) }
    #expect(throws: PackageError.otherPeerKnown("033")) {
      try child.engine.introduce(other.engine.card, as: .parent, clock: 1)
    }
    #expect(try child.engine.introduce(other.engine.card, as: .parent, replacing: true, clock: 1) == .parent)
    #expect(try other.engine.introduce(child.engine.card, as: .child, clock: 1) == .child)
    try other.write()
    try child.write()
    try child.crash()
    #expect(child.engine.packagePeers.map(\.card.rootOrgCode) == ["034"])
    #expect(child.engine.watermark(child.log, level: 1) == .zero)
    let package = try #require(try child.export())
    #expect(package.header.facts.number == 1 && package.header.commits == 2)
    #expect(try other.take(package.bytes))
    try expectEqual(other, child, child.identity.partition)
  }

  @Test("packages: a relay's long export is several packages, and together they hold everything once")
  func parts() throws {
    let city = try Bench(1, "033")
    let county = try Bench(2, "033001", under: "033")
    let township = try Bench(3, "033001001", under: "033001")
    for (below, above) in [(county, city), (township, county)] {
      _ = try above.engine.introduce(below.engine.card, clock: 1)
      _ = try below.engine.introduce(above.engine.card, clock: 1)
    }
    for number in 0..<6 {
      try township.addMember(number)
      try township.write()
      try county.addMember(100 + number)
      try county.write()
    }
    try county.take(try #require(try township.export()).bytes, framesAtOnce: 2)
    var part = try #require(try county.export(bytesMax: 1))
    var frames = part.header.frames
    var count = 1
    while part.header.facts.hasMore {
      #expect(try city.take(part.bytes))
      part = try #require(try county.export(.following, bytesMax: 1))
      frames += part.header.frames
      count += 1
    }
    #expect(try city.take(part.bytes))
    #expect(frames == UInt64(county.engine.durableApplied.value) && count == Int(frames))
    for node in [county, township] { try expectEqual(city, node, node.identity.partition) }
  }

  @Test("packages: a child that the operator registered with another key is not introduced")
  func permits() throws {
    let child = try Bench(2, "033001", under: "033")
    let permit = try #require(ChildPermit("033001=\(Bench.key(3).publicKey.bytes.hex)"))
    let parent = try Bench(1, "033", childrenAllowed: [permit])
    #expect(throws: PackageError.refused(.init(.wrongKey, "033001 is registered here with another key"))) {
      try parent.engine.introduce(child.engine.card, clock: 1)
    }
    #expect(parent.engine.packagePeers.isEmpty && parent.engine.knownAssignments.isEmpty)
    #expect(parent.engine.takeSends().isEmpty && parent.engine.takeClosings().isEmpty)
  }

  @Test("packages: the same file twice, or an old one late, changes nothing")
  func replay() throws {
    let (parent, child) = try introduced()
    try child.addMember(1)
    let first = try #require(try child.export())
    try child.addMember(2)
    let second = try #require(try child.export())
    #expect(second.header.facts.number == 2 && second.header.commits == 3, "it holds what the first one held")
    #expect(try parent.take(second.bytes), "number 1 was lost, nothing is missing")
    let applied = parent.engine.durableApplied
    for package in [first, second, first] { #expect(try !parent.take(package.bytes)) }
    #expect(parent.engine.durableApplied == applied)
    try expectEqual(parent, child, child.identity.partition)
  }

  @Test("packages: a gap is refused with the number that is missing, and the lost one can be made again byte for byte")
  func gap() throws {
    let (parent, child) = try introduced()
    for number in 0..<20 {
      try child.addMember(number)
      try child.write()
    }
    var parts: [Package] = []
    repeat {
      let part = try #require(try child.export(parts.isEmpty ? .unacknowledged : .after(lastEnd(parts)), bytesMax: 1))
      parts.append(part)
    } while parts[parts.count - 1].header.facts.hasMore
    #expect(parts.count == 21 && parts[3].header.facts.number == 4)
    #expect(try parent.take(parts[0].bytes))
    #expect(
      try parent.refusal(of: parts[2].bytes)
        == .gap(
          log: child.log, isOwnLog: true, have: Sequence64(1), start: Sequence64(2), number: 3, expected: 2))
    try child.crash()
    let again = try #require(try child.export(.again(2)))
    #expect(again.bytes == parts[1].bytes)
    #expect(try parent.take(again.bytes) && parent.take(parts[2].bytes))
    #expect(throws: PackageError.unknownNumber(99)) { try child.export(.again(99)) }
    let rest = try #require(try child.export(.everything))
    #expect(try parent.take(rest.bytes))
    try expectEqual(parent, child, child.identity.partition)
  }

  private func lastEnd(_ parts: [Package]) -> Sequence64 {
    parts.last?.header.facts.ends.first?.last ?? .zero
  }

  @Test("packages: what a link brought meanwhile is not applied twice, in either order")
  func twoPaths() throws {
    let (parent, child) = try introduced()
    try child.addMember(1)
    let package = try #require(try child.export())
    let wire = Wire(child, parent, link: 1)
    wire.connect()
    try settle([wire])
    let applied = parent.engine.durableApplied
    #expect(try !parent.take(package.bytes) && parent.engine.durableApplied == applied)
    try child.addMember(2)
    let next = try #require(try child.export())
    #expect(next.header.commits == 1, "the link acknowledged the rest")
    #expect(try parent.take(next.bytes))
    try settle([wire])
    #expect(parent.engine.refusals == 0 && child.engine.watermark(child.log, level: 1) == child.engine.lastSequence)
    try expectEqual(parent, child, child.identity.partition)
  }

  @Test("packages: a crash in the middle leaves whole frames, and the same file finishes the work")
  func interrupted() throws {
    let (parent, child) = try introduced()
    for number in 0..<6 {
      try child.addMember(number)
      try child.write()
    }
    let package = try #require(try child.export())
    let ticket = try parent.engine.judge(package)
    try parent.engine.take(ticket.open().frames[..<3], of: ticket)
    try parent.write()
    #expect(throws: PackageError.self) { try parent.engine.finish(ticket) }
    try parent.crash()
    #expect(parent.engine.head(of: child.log)?.last == Sequence64(3))
    #expect(try parent.take(package.bytes))
    try expectEqual(parent, child, child.identity.partition)
    #expect(parent.engine.packageNumbers(child.identity.node).taken == 1)
  }

  @Test("packages: a county takes a township's files and forwards them by its own, up to the city")
  func relay() throws {
    let city = try Bench(1, "033")
    let county = try Bench(2, "033001", under: "033")
    let township = try Bench(3, "033001001", under: "033001")
    for (below, above) in [(county, city), (township, county)] {
      _ = try above.engine.introduce(below.engine.card, clock: 1)
      _ = try below.engine.introduce(above.engine.card, clock: 1)
    }
    for number in 0..<3 { try township.addMember(number) }
    try county.take(try #require(try township.export()).bytes)
    try city.take(try #require(try county.export()).bytes)
    try expectEqual(city, township, township.identity.partition)
    try county.take(try #require(try city.export(to: "033001")).bytes)
    try township.take(try #require(try county.export(to: "033001001")).bytes)
    let last = township.engine.lastSequence
    #expect(township.engine.watermark(township.log, level: 1) == last)
    #expect(township.engine.watermark(township.log, level: 2) == last)
    #expect(township.engine.watermark(township.log, level: LinkMessage.Watermark.root) == last)
  }

  @Test("packages: one node's signature under another's header is found out before anything is opened")
  func forged() throws {
    let (parent, child) = try introduced()
    try child.addMember(1)
    let draft = try #require(try child.engine.draftPackage(clock: 1, release: ""))
    let forged = try PackageKeys(Bench.key(9)).seal(draft.facts, draft.body)
    #expect(try parent.refusal(of: forged.bytes) == .fault(.signature))
  }

  @Test("packages: a sender whose store was put back is found by its numbers or its log")
  func restored() throws {
    let (parent, child) = try introduced()
    let twin = try introduced().child
    try child.addMember(1)
    try parent.take(try #require(try child.export()).bytes)
    try twin.addMember(2)
    let other = try #require(try twin.export())
    #expect(try parent.refusal(of: other.bytes) == .broken(number: 1))
    try twin.addMember(3)
    let next = try #require(try twin.export())
    #expect(try parent.refusal(of: next.bytes) == .broken(number: 2))
    try parent.write()
    let back = try #require(try parent.export(to: "033001"))
    let ticket = try twin.engine.judge(back)
    #expect(throws: PackageError.self) { try twin.engine.takeReturn(ticket.open(), of: ticket) }
    #expect(twin.engine.watermark(twin.log, level: 1) == .zero)
  }

  @Test("packages: an older return package never takes back what a newer one said")
  func lateReceipt() throws {
    let (parent, child) = try introduced()
    try child.addMember(1)
    try parent.take(try #require(try child.export()).bytes)
    let old = try #require(try parent.export(to: "033001"))
    try child.addMember(2)
    try parent.take(try #require(try child.export()).bytes)
    let new = try #require(try parent.export(to: "033001"))
    #expect(try child.take(new.bytes))
    #expect(try !child.take(old.bytes))
    #expect(child.engine.watermark(child.log, level: 1) == Sequence64(3))
  }

  @Test("packages: a return package that names another owner or epoch fences the child")
  func fenced() throws {
    let (parent, child) = try introduced()
    try child.addMember(1)
    let package = try #require(try child.export())
    let heir = try Bench(8, "033001", under: "033")
    let assignment = parent.assignment(of: child.identity.partition, to: heir, epoch: 2)
    let known = try #require(parent.engine.knownAssignments.first)
    let changes = zip(known.fields, assignment.fields).filter { $0.value != $1.value }.map {
      FieldChange($0.section, $0.item, old: $0.value, new: $1.value)
    }
    try parent.commit([Operation(Assignment.key(child.identity.partition), .update(changes))])
    try parent.write()
    #expect(try parent.refusal(of: package.bytes) == .fenced("033001"))
    let back = try #require(try parent.export(to: "033001"))
    let ticket = try child.engine.judge(back)
    let reclaimed = PackageError.reclaimed(owner: heir.identity.node, epoch: Epoch(2))
    #expect(throws: reclaimed) { try child.engine.takeReturn(ticket.open(), of: ticket) }
    // What nobody above would ever take is not taken here either, and a crash changes nothing of it.
    for _ in 0..<2 {
      #expect(throws: EngineError.readOnly(child.engine.standing)) { try child.addMember(9) }
      guard case .fenced = child.engine.standing else {
        Issue.record("\(child.engine.standing)")
        return
      }
      try child.write()
      try child.crash()
    }
    #expect(child.engine.incidents.map(\.reason) == [.fenced])
  }

  @Test("packages: a frame that a link would refuse is refused from a file too")
  func badFrame() throws {
    let (parent, child) = try introduced()
    try child.write()
    let draft = try #require(try child.engine.draftPackage(clock: 1, release: ""))
    // Another node's partition, in a package that the child signed.
    let foreign = parent.seal([], first: 1, key: child.key)
    var body = draft.body
    body.frames.append(foreign.bytes)
    var facts = draft.facts
    facts.starts = [.init(log: parent.log, last: .zero)] + facts.starts
    facts.ends = [.init(log: parent.log, last: Sequence64(1), hash: foreign.hash)] + facts.ends
    let package = try draft.keys.seal(facts, body)
    #expect(throws: (any Error).self) { try parent.take(package.bytes) }
    #expect(parent.engine.packageNumbers(child.identity.node).taken == 0)
  }
}
