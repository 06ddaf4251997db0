import Primitives
import Testing

@testable import Formats

// Goal: a package is what its header says or is refused, whatever happened to the file; only the recipient opens it.

private let network: UInt64 = 7
private let sender = LogID(node: NodeID(0x1234_5678_9ABC), incarnation: 1)
private let partition = PartitionID(0x1234_5678_9ABC_0001)

/// A package of two frames for the node whose key has this seed byte.
func samplePackage(
  to recipient: UInt8 = 2, number: UInt64 = 1, previous: Digest256 = .zero, kind: PackageHeader.Kind = .up,
  padding: Int = 0
) throws -> Package {
  let signer = try #require(SigningKey(seed: Bytes(repeating: 1, count: 32)))
  let reader = try #require(SigningKey(seed: Bytes(repeating: recipient, count: 32)))
  let codec = FrameCodec()
  var body = PackageBody()
  var hash = Digest256.zero
  var facts = PackageHeader.Facts(
    kind: kind, network: network, sender: sender, senderPartition: partition, senderCode: "033001",
    recipient: NodeID(9), recipientCode: "033", recipientKey: SealingKey(of: reader).publicKey, number: number,
    previous: previous, created: 1_127_000_000_000, catalog: 0xCAFE_0001, release: "0.1.0")
  for sequence in 1...2 as ClosedRange<UInt64> {
    let record = RecordID(sender, counter: sequence)
    let name = Text("张三" + String(repeating: "好", count: padding))
    let commit = Commit(
      actor: "clerk", reason: "", batch: 0, time: HybridTime(milliseconds: 1_127_000_000_000 + sequence),
      operations: [
        Operation(RecordKey(entity: EntityID(3), record: record), .insert([Field(.general, ItemID(2), .text(name))]))
      ])
    let frame = codec.seal(
      [commit], network: network, log: sender, partition: partition, epoch: Epoch(1), catalog: 1,
      first: Sequence64(sequence), previous: hash, key: signer)
    hash = frame.hash
    body.frames.append(frame.bytes)
  }
  facts.starts = [.init(log: sender, last: .zero)]
  facts.ends = [.init(log: sender, last: Sequence64(2), hash: hash)]
  body.watermarks = [.init(level: 255, log: sender, last: Sequence64(1))]
  return try PackageKeys(signer).seal(facts, body)
}

private func key(_ seed: UInt8) throws -> SigningKey {
  try #require(SigningKey(seed: Bytes(repeating: seed, count: 32)))
}

@Suite struct PackageTests {
  @Test("package: the recipient reads back what was sealed, and the header counts it")
  func opens() throws {
    let package = try Package(samplePackage().bytes)
    #expect(try package.isSigned(by: key(1).publicKey) && !package.isSigned(by: key(2).publicKey))
    let body = try package.open(with: SealingKey(of: key(2)))
    #expect(body.frames.count == 2 && body.watermarks.count == 1)
    let header = package.header
    #expect(header.frames == 2 && header.commits == 2 && header.facts.number == 1)
    #expect(header.counts == [.init(entity: EntityID(3), inserted: 2, updated: 0, deleted: 0)])
    #expect(header.firstTime == 1_127_000_000_001 && header.lastTime == 1_127_000_000_002)
    #expect(header.start(of: sender) == .zero && header.facts.ends[0].last == Sequence64(2))
  }

  @Test("package: the same facts and frames give the same bytes, other facts other keys")
  func deterministic() throws {
    #expect(try samplePackage().bytes == samplePackage().bytes)
    let (first, second) = (try samplePackage(), try samplePackage(number: 2))
    #expect(first.header.ephemeral != second.header.ephemeral && first.hash != second.hash)
  }

  @Test("package: another node's key opens nothing")
  func otherRecipient() throws {
    let package = try samplePackage()
    #expect(throws: PackageFault.notForUs) { try package.open(with: SealingKey(of: key(3))) }
  }

  @Test("package: every flipped bit is found, in header, signature or body")
  func flips() throws {
    let bytes = try samplePackage().bytes
    let (reader, signer) = (try SealingKey(of: key(2)), try key(1).publicKey)
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 1 << UInt8(place % 8)
      var isTaken = false
      if let package = try? Package(damaged), package.isSigned(by: signer), (try? package.open(with: reader)) != nil {
        isTaken = true
      }
      #expect(!isTaken, "byte \(place)")
    }
  }

  @Test("package: a file cut anywhere, or one that goes on, says so")
  func cuts() throws {
    let bytes = try samplePackage().bytes
    for count in 0..<bytes.count {
      #expect(throws: PackageFault.self, "\(count)") {
        let package = try Package(Bytes(bytes[..<count]))
        try package.checkBody()
      }
    }
    let cut = try Package(Bytes(bytes.dropLast(5)))
    #expect(throws: PackageFault.cut(have: bytes.count - 5, expected: bytes.count)) { try cut.checkBody() }
    let padded = try Package(bytes + [0])
    #expect(throws: PackageFault.padded(extra: 1)) { try padded.checkBody() }
  }

  @Test("package: damage in a long body is told by its chunk")
  func chunks() throws {
    let package = try samplePackage(padding: 1)
    #expect(package.header.chunks.count == 1)
    // Frames of one text compress to nothing; a long body is made of bytes that do not.
    var body = PackageBody()
    var random = SeededRandom(seed: 1)
    body.rows = (0..<3).map { _ in
      .init(
        key: Bytes(repeating: 1, count: Keys.rowByteCount),
        row: (0..<(1 << 20)).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }
    var facts = package.header.facts
    facts.kind = .back
    let long = try PackageKeys(key(1)).seal(facts, body)
    #expect(long.header.chunks.count == 4)
    #expect(try long.open(with: SealingKey(of: key(2))).rows == body.rows)
    var damaged = long.bytes
    damaged[damaged.count - (2 << 20)] ^= 1
    let read = try Package(damaged)
    #expect(throws: PackageFault.chunk(2, of: 4)) { try read.checkBody() }
  }

  @Test("package: one of a later format names its version")
  func newer() throws {
    var bytes = try samplePackage().bytes
    bytes[4] = 2
    #expect(throws: PackageFault.newer(2)) { try Package(bytes) }
  }

  @Test("package: header bytes of every kind of nonsense are refused and never trap")
  func hostile() throws {
    let bytes = try samplePackage().bytes
    var random = SeededRandom(seed: 5)
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0...random.below(4) {
        damaged[12 + random.below(300)] = UInt8(truncatingIfNeeded: random.next())
      }
      if let package = try? Package(damaged) {
        #expect(try !package.isSigned(by: key(1).publicKey) || damaged == bytes)
      }
    }
  }
}

@Suite struct SealingTests {
  @Test("sealing: HKDF gives the first bytes of RFC 5869, case 1")
  func hkdf() {
    let out = KeyDerivation.derive(
      Bytes(repeating: 0x0B, count: 22), salt: Bytes(0...0x0C), info: Bytes(0xF0...0xF9))
    #expect(out.hex == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
  }

  @Test("sealing: X25519 makes Bob's key of RFC 7748 §6.1, both sides agree, and it refuses points of small order")
  func x25519() throws {
    let bob = SealingKey(
      secret: try #require(Bytes(hex: "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb")))
    #expect(bob.publicKey.bytes.hex == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
    let other = SealingKey(secret: Bytes(repeating: 1, count: 32))
    #expect(bob.shared(with: other.publicKey) != nil)
    #expect(bob.shared(with: other.publicKey) == other.shared(with: bob.publicKey))
    let zero = try #require(SealingPublicKey(exactly: Bytes(repeating: 0, count: 32)))
    #expect(bob.shared(with: zero) == nil)
  }

  @Test("sealing: bodies of every length around a segment come back; no segment may go, swap or end early")
  func segments() throws {
    let key = Bytes(repeating: 9, count: 32)
    let segment = SegmentCipher.segmentByteCount
    for count in [0, 1, segment - 1, segment, segment + 1, 3 * segment, 3 * segment + 7] {
      let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      let sealed = SegmentCipher.seal(plain, key: key)
      #expect(sealed.count == SegmentCipher.sealedByteCount(count))
      #expect(SegmentCipher.open(sealed[...], key: key) == plain, "\(count)")
      #expect(SegmentCipher.open(sealed[...], key: Bytes(repeating: 8, count: 32)) == nil)
    }
    let sealed = SegmentCipher.seal(Bytes(repeating: 5, count: 3 * segment), key: key)
    let full = segment + SegmentCipher.tagByteCount
    #expect(SegmentCipher.open(sealed[..<full], key: key) == nil)
    #expect(SegmentCipher.open(sealed[full...], key: key) == nil)
    let swapped = Bytes(sealed[full..<2 * full]) + Bytes(sealed[..<full]) + Bytes(sealed[(2 * full)...])
    #expect(SegmentCipher.open(swapped[...], key: key) == nil)
    #expect(SegmentCipher.open([], key: key) == nil && SegmentCipher.open([1, 2, 3], key: key) == nil)
  }
}

@Suite struct NodeCardTests {
  private func card(_ name: Text = "中共宁波市海曙区委员会") throws -> NodeCard {
    NodeCard(
      network: "ningbo", log: sender, partition: partition, epoch: Epoch(1), rootOrgCode: "033001", rootOrgName: name,
      parentOrgCode: "033", signer: try key(1))
  }

  @Test("card: read back it is the same, also after mail changed its line ends")
  func roundTrip() throws {
    let card = try card()
    #expect(try NodeCard(card.text) == card)
    let mailed = card.text.split(separator: "\n").map { $0 + "  " }.joined(separator: "\r\n\r\n")
    #expect(try NodeCard(mailed) == card)
    #expect(card.fingerprint.split(separator: " ").map(\.count) == Array(repeating: 4, count: 8))
    #expect(try card.sealingKey == SealingKey(of: key(1)).publicKey)
  }

  @Test("card: a changed letter anywhere is refused")
  func tampered() throws {
    let text = try card().text
    let lines = text.split(separator: "\n").map(String.init)
    for place in lines.indices.dropFirst() {
      var changed = lines
      let last = changed[place].removeLast()
      changed[place].append(last == "0" ? "1" : "0")
      #expect(throws: MalformedBytes.self, "line \(place + 1)") { try NodeCard(changed.joined(separator: "\n")) }
      changed.remove(at: place)
      #expect(throws: MalformedBytes.self) { try NodeCard(changed.joined(separator: "\n")) }
    }
    #expect(throws: MalformedBytes.self) { try NodeCard("") }
    #expect(throws: MalformedBytes.self) { try NodeCard(String(repeating: "x", count: 5000)) }
  }

  @Test("card: a line break in a name makes no other line")
  func oneLine() throws {
    let card = try card("first\nnode: 1")
    #expect(try NodeCard(card.text).rootOrgName == "first node: 1")
  }
}
