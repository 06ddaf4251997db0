import Formats
import Foundation
import Primitives
import Testing

// Goal: a snapshot's bytes are the published ones, every row comes back, and nothing that is not exactly one is taken.

@Suite struct SnapshotFormatTests {
  private static let log = LogID(node: NodeID(0x1234_5678_9ABC), incarnation: 1)
  private static let partition = PartitionID(0x1234_5678_9ABC_0001)
  private let hashing = Hashing()
  private let compression = Compression(level: SnapshotChunk.compressionLevel)

  /// Rows of two entities, some with a common beginning of their keys.
  private func rows(_ count: Int) -> [(key: Bytes, row: Bytes)] {
    (0..<count).map { number in
      let key = RecordKey(
        entity: EntityID(number < count / 2 ? 3 : 10),
        record: RecordID(SnapshotFormatTests.log, counter: UInt64(number * 7 + 1)), ordinal: UInt32(number % 3))
      let bytes = Keys.row(SnapshotFormatTests.partition, key)
      let fields = [Field(.general, ItemID(2), .text(Text("张三 \(number)")))]
      let origin = Row.Origin(catalog: 7, log: SnapshotFormatTests.log, sequence: Sequence64(UInt64(number + 1)))
      return (bytes, Row.encode(key: bytes, origin: origin, fields: fields, with: hashing))
    }
  }

  private func cut(
    _ rows: [(key: Bytes, row: Bytes)], aim: Int
  ) -> (packed: [Bytes], chunks: [SnapshotManifest.Chunk], counts: [SnapshotManifest.Count]) {
    var chunker = SnapshotChunker(bytesAim: aim, compression: compression, hashing: hashing)
    var packed: [Bytes] = []
    for (key, row) in rows {
      key.withUnsafeBytes { key in
        row.withUnsafeBytes { row in if let chunk = chunker.add(key, row) { packed.append(chunk) } }
      }
    }
    let (last, counts) = chunker.finish()
    if let last { packed.append(last) }
    return (packed, chunker.chunks, counts)
  }

  private func read(
    _ packed: Bytes, _ number: Int, _ chunks: [SnapshotManifest.Chunk], next: Bytes? = nil
  ) throws(MalformedBytes) -> [(key: Bytes, row: Bytes)] {
    var rows: [(key: Bytes, row: Bytes)] = []
    let after = number + 1 < chunks.count ? chunks[number + 1].first : next
    try SnapshotChunk.forEachRow(
      packed, chunks[number], before: after, of: SnapshotFormatTests.partition, with: compression
    ) { key, row in rows.append((Bytes(key), Bytes(row))) }
    return rows
  }

  private func manifest(_ rows: [(key: Bytes, row: Bytes)], aim: Int) throws -> SnapshotManifest {
    let (_, chunks, counts) = cut(rows, aim: aim)
    let ends = [
      SnapshotManifest.LogEnd(
        log: SnapshotFormatTests.log, last: Sequence64(300), hash: Digest256(Bytes(repeating: 9, count: 32)),
        time: HybridTime(milliseconds: 1_127_000_000_000))
    ]
    return SnapshotManifest(
      .init(
        network: 7, partition: SnapshotFormatTests.partition, epoch: Epoch(2), catalog: 0xCAFE_0001, logs: ends,
        counts: counts, chunks: chunks), signer: try testKey(), with: hashing)
  }

  @Test("snapshot: every row comes back in order, whatever a chunk's size (1 to 5,000 rows)")
  func rowsComeBack() throws {
    for (count, aim) in [(1, 100), (2, 1), (40, 300), (500, 1000), (5000, 1 << 20)] {
      let rows = rows(count)
      let (packed, chunks, counts) = cut(rows, aim: aim)
      #expect(packed.count == chunks.count)
      var back: [(key: Bytes, row: Bytes)] = []
      for number in chunks.indices {
        #expect(hashing.digest(packed[number]) == chunks[number].digest)
        back += try read(packed[number], number, chunks)
      }
      #expect(back.map(\.key) == rows.map(\.key) && back.map(\.row) == rows.map(\.row))
      #expect(counts.reduce(0) { $0 + $1.rows } == UInt64(count))
      #expect(chunks.reduce(0) { $0 + Int($1.rows) } == count)
    }
  }

  @Test("snapshot: a chunk that is cut, changed, in another place or of another count is refused")
  func chunksAreExact() throws {
    let rows = rows(60)
    let (packed, chunks, _) = cut(rows, aim: 900)
    try #require(chunks.count >= 3)
    for length in 0..<packed[0].count {
      #expect(throws: MalformedBytes.self) { try read(Bytes(packed[0][..<length]), 0, chunks) }
    }
    var wrongCount = chunks
    for rows in [chunks[0].rows - 1, chunks[0].rows + 1] {
      wrongCount[0] = .init(
        first: chunks[0].first, rows: rows, byteCount: chunks[0].byteCount,
        byteCountUnpacked: chunks[0].byteCountUnpacked, digest: chunks[0].digest)
      #expect(throws: MalformedBytes.self) { try read(packed[0], 0, wrongCount) }
    }
    // Another chunk's bytes do not begin where this one must.
    #expect(throws: MalformedBytes.self) { try read(packed[1], 0, chunks) }
    // A next chunk that begins inside this one.
    var early = chunks
    early[1] = .init(
      first: Bytes(rows[1].key[8...]), rows: chunks[1].rows, byteCount: chunks[1].byteCount,
      byteCountUnpacked: chunks[1].byteCountUnpacked, digest: chunks[1].digest)
    #expect(throws: MalformedBytes.self) { try read(packed[0], 0, early) }
    // Lengths inside are never believed.
    var random = SeededRandom(seed: 5)
    let body = try compression.decompress(
      packed[0], from: 0, to: packed[0].count, size: Int(chunks[0].byteCountUnpacked))
    for _ in 0..<2000 {
      var changed = body
      changed[random.below(changed.count)] = UInt8(truncatingIfNeeded: random.next())
      let again = compression.compress(changed)
      _ = try? read(again, 0, chunks)
    }
  }

  @Test("snapshot: a manifest is read back, is its signer's, and any changed byte is not")
  func manifestIsSigned() throws {
    let manifest = try manifest(rows(60), aim: 900)
    let back = try SnapshotManifest(manifest.bytes, with: hashing)
    #expect(back == manifest && back.id == manifest.id && back.rows == 60)
    #expect(back.isSigned(by: try testKey().publicKey))
    let stranger = try #require(SigningKey(seed: Bytes(repeating: 3, count: SigningKey.seedByteCount)))
    #expect(!back.isSigned(by: stranger.publicKey))
    for place in manifest.bytes.indices {
      var bytes = manifest.bytes
      bytes[place] ^= 1
      guard let other = try? SnapshotManifest(bytes, with: hashing) else { continue }
      #expect(!other.isSigned(by: try testKey().publicKey), "byte \(place)")
    }
    for length in stride(from: 0, to: manifest.bytes.count, by: 3) {
      #expect(throws: MalformedBytes.self) { try SnapshotManifest(Bytes(manifest.bytes[..<length]), with: hashing) }
    }
    #expect(throws: MalformedBytes.self) { try SnapshotManifest(manifest.bytes + [0], with: hashing) }
  }

  @Test("snapshot: the link's messages are read back, and no cut one is")
  func messages() throws {
    for message in try SnapshotFormatTests.messages() {
      let bytes = Bytes(message.encoded()[4...])
      #expect(try LinkMessage(bytes) == message)
      for length in 0..<bytes.count {
        #expect(throws: MalformedBytes.self) { try LinkMessage(Bytes(bytes[..<length])) }
      }
      #expect(throws: MalformedBytes.self) { try LinkMessage(bytes + [0]) }
    }
  }

  static func messages() throws -> [LinkMessage] {
    let id = Digest256(Bytes(repeating: 4, count: 32))
    return [
      .snapshotOffer(.init(manifest: [1, 2, 3], signer: try testKey().publicKey)),
      .snapshotWant(.init(snapshot: id, from: 3, count: 8)),
      .snapshotPart(.init(snapshot: id, number: 3, bytes: [5, 6])),
      .snapshotOutcome(.init(snapshot: id, state: .taken)),
    ]
  }

  @Test("golden: a published snapshot is read, whatever zstd makes of its rows today")
  func golden() throws {
    let directory = String(#filePath.dropLast("SnapshotFormatTests.swift".count)) + "Goldens/"
    let isWriting = ProcessInfo.processInfo.environment["XYLEM_WRITE_GOLDENS"] != nil
    func golden(_ name: String, _ bytes: Bytes) throws -> Bytes {
      let path = directory + name + ".hex"
      if isWriting, !FileManager.default.fileExists(atPath: path) {
        try (bytes.hex + "\n").write(toFile: path, atomically: true, encoding: .utf8)
      }
      return try #require(Bytes(hex: try String(contentsOfFile: path, encoding: .utf8).filter { !$0.isWhitespace }))
    }
    let rows = rows(6)
    let made = try manifest(rows, aim: 1 << 20)
    let manifest = try SnapshotManifest(try golden("snapshot-manifest-1", made.bytes), with: hashing)
    #expect(manifest.isSigned(by: try testKey().publicKey))
    #expect(manifest.facts.logs == made.facts.logs && manifest.facts.counts == made.facts.counts)
    let chunk = try golden("snapshot-chunk-1", cut(rows, aim: 1 << 20).packed[0])
    #expect(hashing.digest(chunk) == manifest.facts.chunks[0].digest)
    #expect(try read(chunk, 0, manifest.facts.chunks).map(\.row) == rows.map(\.row))
    for (number, message) in try SnapshotFormatTests.messages().enumerated() {
      let name = ["offer", "want", "part", "outcome"][number]
      #expect(try golden("link-1-snapshot-\(name)", message.encoded()) == message.encoded())
    }
    let key = Keys.snapshotChunk(
      SnapshotFormatTests.partition, SnapshotFormatTests.log, Sequence64(300), number: 2)
    #expect(try golden("snapshot-chunk-key-1", key) == key)
    #expect(Keys.parseSnapshot(Bytes(key.dropLast(4))) == SnapshotFormatTests.partition)
    #expect(key.precedes(Keys.log(LogID(node: NodeID(1), incarnation: 1))))
  }
}
