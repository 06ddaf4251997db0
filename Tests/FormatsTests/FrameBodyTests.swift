import Formats
import Primitives
import Testing

private let log = LogID(node: NodeID(7), incarnation: 1)
private let partition = PartitionID(0x7_0001)

/// The key that a seed of one repeated byte makes.
func testKey(_ byte: UInt8 = 7) throws -> SigningKey {
  try #require(SigningKey(seed: Bytes(repeating: byte, count: SigningKey.seedByteCount)))
}

private func seal(_ commits: [Commit], with codec: FrameCodec) throws -> Frame {
  codec.seal(
    commits, network: 1, log: log, partition: partition, epoch: Epoch(1), catalog: 0xABCD, first: Sequence64(5),
    previous: .zero, key: try testKey())
}

/// Operations by commit, sorted by key: within a commit every record has at most one, so the order says nothing.
private func sorted(_ operations: [Operation]) -> [Operation] { operations.sorted { $0.key < $1.key } }

@Suite struct FrameBodyTests {
  @Test("frame: commits survive seal, parse and open (300 seeds)")
  func roundTrip() throws {
    let codec = FrameCodec()
    for seed in 0..<300 {
      var source = RandomOperations(random: SeededRandom(seed: UInt64(seed)))
      let commits = source.commits()
      let frame = try seal(commits, with: codec)
      let body = try codec.open(codec.parse(frame.bytes))
      #expect(body.commits.map(\.actor) == commits.map(\.actor))
      #expect(body.commits.map(\.reason) == commits.map(\.reason))
      #expect(body.commits.map(\.time) == commits.map(\.time))
      #expect(body.commits.map(\.batch) == commits.map(\.batch))
      var found = [[Operation]](repeating: [], count: commits.count)
      var order: [Int] = []
      body.forEachOperation { group, row in
        found[group.commit(row)].append(group.operation(row))
        order.append(group.commit(row))
      }
      #expect(order == order.sorted(), "operations come in commit order")
      #expect(found.map(sorted) == commits.map { sorted($0.operations) })
    }
  }

  @Test("frame: rows put together from columns have the bytes and entries of the owner's (200 seeds)")
  func sameRowBytes() throws {
    let codec = FrameCodec()
    for seed in 0..<200 {
      var source = RandomOperations(random: SeededRandom(seed: UInt64(seed)))
      var owned: [Bytes: Bytes] = [:]
      var fields: [Bytes: [Field]] = [:]
      let commits = (0..<1 + seed % 3).map { number in
        let operations = (1...40).map { counter in
          Operation(source.key(number * 40 + counter), .insert(source.fields(permille: 700)))
        }
        for operation in operations {
          guard case .insert(let list) = operation.change else { continue }
          let key = Keys.row(partition, operation.key)
          let origin = Row.Origin(catalog: 0xABCD, log: log, sequence: Sequence64(130 + UInt64(number)))
          owned[key] = Row.encode(key: key, origin: origin, fields: list, with: codec.hashing)
          fields[key] = list
        }
        return Commit(actor: "a", reason: "", batch: 0, time: .zero, operations: operations)
      }
      let body = try codec.open(codec.parse(seal(commits, with: codec).bytes))
      var seen = 0
      for group in body.groups {
        let rows = GroupRows(
          group, partition, catalog: 0xABCD, log: log, first: Sequence64(130), with: codec.hashing)
        for row in 0..<group.rows {
          let (key, value) = rows.withRow(row) { (Bytes($0), Bytes($1)) }
          #expect(key == Keys.row(partition, group.key(row)))
          let same = owned[key] == value
          #expect(same, "seed \(seed), row \(row)")
          for column in group.columns {
            let field = fields[key]?.first { $0.section == column.section && $0.item == column.item }
            #expect(column.hasCell(row) == (field != nil))
            var entry = ByteWriter()
            var expected = ByteWriter()
            column.appendIndexKey(row, to: &entry)
            IndexKey.append(field?.value ?? .null, to: &expected)
            #expect(entry.bytes == expected.bytes)
          }
          seen += 1
        }
      }
      #expect(seen == owned.count)
    }
  }

  @Test("frame: runs are every row once, in commit order (300 seeds)")
  func runs() throws {
    let codec = FrameCodec()
    for seed in 0..<300 {
      var source = RandomOperations(random: SeededRandom(seed: UInt64(seed)))
      let body = try codec.open(codec.parse(seal(source.commits(), with: codec).bytes))
      var expected: [Formats.Operation] = []
      var commits: [Int] = []
      body.forEachOperation { group, row in
        expected.append(group.operation(row))
        commits.append(group.commit(row))
      }
      var found: [Formats.Operation] = []
      var foundCommits: [Int] = []
      for run in body.runs() {
        #expect(run.startsCommit == (foundCommits.last.map { $0 != run.commit } ?? false))
        for row in run.rows {
          found.append(body.groups[run.group].operation(row))
          foundCommits.append(run.commit)
        }
      }
      let isSame = found == expected && foundCommits == commits
      #expect(isSame, "seed \(seed)")
    }
  }

  @Test("frame: any flipped byte is refused: of the body by its hash, of the header by form or signature")
  func flips() throws {
    let codec = FrameCodec()
    var source = RandomOperations(random: SeededRandom(seed: 9))
    let frame = try seal(source.commits(), with: codec)
    let key = try testKey().publicKey
    for position in frame.bytes.indices {
      var bytes = frame.bytes
      bytes[position] ^= 0x10
      if position >= FrameHeader.byteCount {
        #expect(throws: FrameError.bodyHash) { try codec.parse(bytes) }
      } else if let parsed = try? codec.parse(bytes) {
        let expected = (68..<72).contains(position) ? FrameError.wrongKey(parsed.header.keyID) : .signature
        #expect(throws: expected, "header byte \(position)") { try codec.verify(parsed, by: key) }
        #expect((parsed.hash == frame.hash) == (position >= FrameHeader.signedByteCount))
      }
    }
    try codec.verify(codec.parse(frame.bytes), by: key)
    #expect(throws: FrameError.wrongKey(frame.header.keyID)) { try codec.verify(frame, by: testKey(8).publicKey) }
  }

  @Test("signing: RFC 8032 section 7.1, test 2, and keys that are none")
  func standard() throws {
    let seed = try #require(Bytes(hex: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    let key = try #require(SigningKey(seed: seed))
    #expect(key.publicKey.bytes.hex == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    let signature = key.sign([0x72])
    #expect(
      signature.hex == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    #expect(key.publicKey.isValid(signature, over: [0x72]))
    #expect(!key.publicKey.isValid(signature, over: [0x73]) && !key.publicKey.isValid([], over: [0x72]))
    #expect(SigningKey(seed: []) == nil && PublicKey(exactly: Bytes(repeating: 1, count: 31)) == nil)
    let none = try #require(PublicKey(exactly: Bytes(repeating: 0xFF, count: 32)))
    #expect(!none.isValid(signature, over: [0x72]))
  }

  @Test("frame: hostile bodies under a right hash are errors, never traps (4,000 mutations)")
  func hostile() throws {
    var random = SeededRandom(seed: 3)
    for seed in 0..<40 {
      var source = RandomOperations(random: SeededRandom(seed: UInt64(seed)))
      let body = FrameBody.encode(source.commits())
      for _ in 0..<100 {
        var bytes = body
        for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
        if random.chance(permille: 200) { bytes.removeLast(random.below(bytes.count)) }
        guard let decoded = try? FrameBody(bytes) else { continue }
        decoded.forEachOperation { group, row in _ = group.operation(row) }
      }
    }
  }

  @Test("frame: cut anywhere, or with bytes behind it, it is refused")
  func truncations() throws {
    let codec = FrameCodec()
    var source = RandomOperations(random: SeededRandom(seed: 9))
    let bytes = try seal(source.commits(), with: codec).bytes
    for count in bytes.indices { #expect(throws: FrameError.self) { try codec.parse(Bytes(bytes[..<count])) } }
    #expect(throws: FrameError.self) { try codec.parse(bytes + [0]) }
  }

  @Test("frame: one without a dictionary is opened too; one with a dictionary of a later release says which")
  func dictionaries() throws {
    var source = RandomOperations(random: SeededRandom(seed: 9))
    let commits = source.commits()
    let plain = try seal(commits, with: FrameCodec(dictionary: nil))
    #expect(plain.header.dictionary == 0)
    #expect(try FrameCodec().open(plain).commits.count == commits.count)
    let packed = try seal(commits, with: FrameCodec())
    #expect(packed.header.dictionary == FrameDictionary.current.id)
    var bytes = packed.bytes
    bytes[67] = 99
    let later = try FrameCodec().parse(bytes)
    #expect(throws: FrameError.unknownDictionary(99)) { try FrameCodec().open(later) }
  }

  @Test("compression: a window larger than allowed is refused whatever follows")
  func window() {
    // RFC 8878: magic, descriptor with a content size of 4 bytes and no single segment, window 2^27, size 3, raw block.
    let frame: Bytes = [0x28, 0xB5, 0x2F, 0xFD, 0x80, 17 << 3, 3, 0, 0, 0, 0x19, 0, 0, 1, 2, 3]
    #expect(throws: CompressionError.overLimit) {
      try Compression().decompress(frame, from: 0, to: frame.count, size: 3)
    }
    #expect(throws: CompressionError.malformed) { try Compression().decompress([0x28], from: 0, to: 1, size: 3) }
  }

  @Test("compression: blocks that begin at cuts unpack to the same bytes, wherever the cuts are")
  func cuts() throws {
    var random = SeededRandom(seed: 2)
    let bytes = (0..<20_000).map { UInt8(random.below($0 < 9000 ? 4 : 256)) }
    for cuts in [[], [0], [20_000], [1, 2, 3], [9000], Array(stride(from: 0, to: 20_000, by: 130))] {
      for dictionary in [nil, FrameDictionary.current] {
        let packed = Compression().compress(bytes, cuts: cuts, dictionary: dictionary)
        let found = try Compression().decompress(
          packed, from: 0, to: packed.count, size: bytes.count, dictionary: dictionary)
        #expect(found == bytes)
      }
    }
  }

  @Test("compression: a bomb is refused before it is unpacked")
  func bomb() throws {
    let packed = Compression(level: 19).compress(Bytes(repeating: 0, count: 32 << 20))
    #expect(throws: CompressionError.overLimit) {
      try Compression().decompress(packed, from: 0, to: packed.count, size: 32 << 20)
    }
    #expect(throws: CompressionError.malformed) {
      try Compression().decompress(packed + packed, from: 0, to: packed.count * 2, size: 1000)
    }
  }
}
