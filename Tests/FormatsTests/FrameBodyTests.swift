import Formats
import Primitives
import Testing

private let log = LogID(node: NodeID(7), incarnation: 1)
private let partition = PartitionID(0x7_0001)

private func seal(_ commits: [Commit], with codec: FrameCodec) -> Frame {
  codec.seal(
    commits, network: 1, log: log, partition: partition, epoch: Epoch(1), catalog: 0xABCD, first: Sequence64(5),
    previous: .zero)
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
      let frame = seal(commits, with: codec)
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

  @Test("frame: a row put together from columns has the bytes its owner wrote (200 seeds)")
  func sameRowBytes() throws {
    let codec = FrameCodec()
    let origin = Row.Origin(catalog: 0xABCD, log: log, sequence: Sequence64(5))
    for seed in 0..<200 {
      var source = RandomOperations(random: SeededRandom(seed: UInt64(seed)))
      let operations = (1...50).map { Operation(source.key($0), .insert(source.fields(permille: 700))) }
      let commit = Commit(actor: "a", reason: "", batch: 0, time: .zero, operations: operations)
      var owned: [RecordKey: Bytes] = [:]
      for operation in operations {
        guard case .insert(let fields) = operation.change else { continue }
        let key = Keys.row(partition, operation.key)
        owned[operation.key] = Row.encode(key: key, origin: origin, fields: fields, with: codec.hashing)
      }
      let body = try codec.open(codec.parse(seal([commit], with: codec).bytes))
      body.forEachOperation { group, row in
        let key = Keys.row(partition, group.key(row))
        #expect(group.encodeRow(row, key: key, origin: origin, with: codec.hashing) == owned[group.key(row)])
      }
    }
  }

  @Test("frame: any flipped byte of the body is refused by hash, and of the header never traps")
  func flips() throws {
    let codec = FrameCodec()
    var source = RandomOperations(random: SeededRandom(seed: 9))
    let frame = seal(source.commits(), with: codec)
    for position in frame.bytes.indices {
      var bytes = frame.bytes
      bytes[position] ^= 0x10
      if position >= FrameHeader.byteCount {
        #expect(throws: FrameError.bodyHash) { try codec.parse(bytes) }
      } else if let parsed = try? codec.parse(bytes) {
        #expect(parsed.hash != frame.hash, "header byte \(position) is covered by the chain")
      }
    }
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
