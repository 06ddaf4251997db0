import Formats
import Foundation
import Primitives
import Testing

/// Bytes of every format as they were when the version was published. A difference means that stores and peers of that
/// version are not understood any more: add a version instead. `XYLEM_WRITE_GOLDENS=1 swift test` writes missing files
/// only.
@Suite struct GoldenTests {
  private static let log = LogID(node: NodeID(0x1234_5678_9ABC), incarnation: 1)
  private static let partition = PartitionID(0x1234_5678_9ABC_0001)

  private static var fields: [Field] {
    [
      Field(.general, ItemID(2), .text("张三")), Field(.general, ItemID(5), .text("1")),
      Field(.general, ItemID(6), .date(CivilDate(days: 3653))), Field(.general, ItemID(9), .bool(true)),
      Field(.general, ItemID(40), .reference(RecordID(log, counter: 77))), Field(.personal, ItemID(3), .text("")),
      Field(.personal, ItemID(4), .text("330203198001021013")), Field(.restricted, ItemID(7), .decimal(-1234)),
    ]
  }

  private static func samples() throws -> [(name: String, bytes: Bytes)] {
    let signer = try testKey()
    let codec = FrameCodec()
    let key = RecordKey(entity: EntityID(3), record: RecordID(log, counter: 5))
    let rowKey = Keys.row(partition, key)
    let origin = Row.Origin(catalog: 0xCAFE_0001, log: log, sequence: Sequence64(300))
    let commits = [
      Commit(
        actor: "clerk", reason: "登记", batch: 9, time: HybridTime(milliseconds: 1_127_000_000_000),
        operations: [
          Operation(key, .insert(fields)),
          Operation(
            RecordKey(entity: EntityID(10), record: key.record, ordinal: 1),
            .insert([Field(.general, ItemID(1), .text("21"))])),
        ]),
      Commit(
        actor: "clerk", reason: "", batch: 0, time: HybridTime(milliseconds: 1_127_000_000_007),
        operations: [
          Operation(key, .update([FieldChange(.general, ItemID(5), old: .text("1"), new: .null)])),
          Operation(RecordKey(entity: EntityID(10), record: key.record, ordinal: 1), .delete),
        ]),
    ]
    let status = LinkMessage.NodeStatus(
      log: log, last: Sequence64(300), time: 1_127_000_000_000, rows: 12, bytesSent: 3456, rootOrgCode: "033001")
    let messages: [(String, LinkMessage)] = [
      (
        "hello",
        .hello(
          .init(
            network: 7, log: log, partition: partition, epoch: Epoch(1), key: signer.publicKey, rootOrgCode: "033001",
            parentOrgCode: "033", logs: [log]))
      ),
      (
        "welcome",
        .welcome(.init(node: NodeID(9), positions: [.init(log: log, last: Sequence64(3), hash: .zero)], credit: 4096))
      ),
      (
        "acknowledgement",
        .acknowledgement(.init(watermarks: [.init(level: 255, log: log, last: Sequence64(3))], credit: 9))
      ),
      ("heartbeat", .heartbeat([status])), ("refusal", .refusal(.init(.gap, "why"))),
      (
        "recall",
        .recall(
          .init(
            positions: [.init(log: log, last: Sequence64(3), hash: Digest256(Bytes(repeating: 9, count: 32)))],
            cursor: ApplySequence(7)))
      ),
      (
        "recalled",
        .recalled(
          .init(
            frames: [Bytes(repeating: 5, count: FrameHeader.byteCount)],
            signers: [.init(log: log, key: try testKey().publicKey)], cursor: ApplySequence(8), isLast: true))
      ), ("presence", .presence(.init(number: 5, isAnswer: true))),
    ]
    var all: [(name: String, bytes: Bytes)] = [
      ("row-1", Row.encode(key: rowKey, origin: origin, fields: fields, with: codec.hashing)),
      ("row-key-1", rowKey), ("row-cursor-key-1", RowsKey.cursor),
      ("row-count-key-1", RowsKey.count(partition, EntityID(3))), ("body-1", FrameBody.encode(commits)),
    ]
    all.append(
      (
        "card-1",
        Bytes(
          NodeCard(
            network: "ningbo", log: log, partition: partition, epoch: Epoch(1), rootOrgCode: "033001",
            rootOrgName: "中共宁波市海曙区委员会", parentOrgCode: "033", signer: signer
          ).text.utf8)
      ))
    for (name, message) in messages { all.append(("link-1-\(name)", message.encoded())) }
    for (name, message) in try preambles() { all.append(("link-1-\(name)", message.encoded())) }
    let bytes = (0..<3).map { Bytes(repeating: UInt8($0 + 1), count: 32) }
    let statement = LinkPreamble.statement(network: "宁波", nonce: bytes[0], parent: bytes[1], child: bytes[2])
    all.append(("link-1-statement", statement))
    return all
  }

  private static func preambles() throws -> [(String, LinkPreamble)] {
    let key = try testKey()
    return [
      ("challenge", .challenge(nonce: Bytes(0..<32))),
      ("proof", .proof(key: key.publicKey, signature: key.sign([1, 2, 3]))),
      ("deny-list", .denyList(Bytes("xylem revoked 1\n".utf8))), ("renewal-request", .renewalRequest),
      ("renewal", .renewal(Bytes("-----BEGIN".utf8))),
    ]
  }

  private static var directory: String { String(#filePath.dropLast("GoldenTests.swift".count)) + "Goldens/" }

  @Test("golden: every format's bytes are the published ones")
  func bytes() throws {
    for (name, bytes) in try GoldenTests.samples() {
      let path = GoldenTests.directory + name + ".hex"
      if ProcessInfo.processInfo.environment["XYLEM_WRITE_GOLDENS"] != nil,
        !FileManager.default.fileExists(atPath: path)
      {
        try (bytes.hex + "\n").write(toFile: path, atomically: true, encoding: .utf8)
      }
      let golden = try String(contentsOfFile: path, encoding: .utf8).filter { !$0.isWhitespace }
      #expect(golden == bytes.hex, "\(name)")
    }
  }

  @Test("golden: published link messages are read back")
  func messages() throws {
    for name in ["hello", "welcome", "acknowledgement", "heartbeat", "refusal", "recall", "recalled", "presence"] {
      let bytes = try #require(try GoldenTests.samples().first { $0.name == "link-1-\(name)" }).bytes
      #expect(try LinkMessage(Bytes(bytes[4...])).encoded() == bytes)
    }
  }

  @Test("golden: what carriers say is read back, and nothing shorter, longer or of another type")
  func preambleMessages() throws {
    for (name, message) in try GoldenTests.preambles() {
      let bytes = Bytes(message.encoded()[4...])
      #expect(try LinkPreamble(bytes) == message, "\(name)")
      // Texts go to the end of their message.
      if ["deny-list", "renewal"].contains(name) { continue }
      for length in 0..<bytes.count {
        #expect(throws: MalformedBytes.self) { try LinkPreamble(Bytes(bytes[..<length])) }
      }
      #expect(throws: MalformedBytes.self) { try LinkPreamble(bytes + [0]) }
    }
    for type in UInt8(0)..<240 { #expect(throws: MalformedBytes.self) { try LinkPreamble([type]) } }
  }

  @Test("golden: a published frame is opened, whatever zstd makes of it today")
  func frame() throws {
    let path = GoldenTests.directory + "frame-1.hex"
    let codec = FrameCodec()
    if ProcessInfo.processInfo.environment["XYLEM_WRITE_GOLDENS"] != nil, !FileManager.default.fileExists(atPath: path)
    {
      let commit = Commit(
        actor: "clerk", reason: "", batch: 0, time: HybridTime(milliseconds: 5),
        operations: [
          Operation(
            RecordKey(entity: EntityID(3), record: RecordID(GoldenTests.log, counter: 5)), .insert(GoldenTests.fields))
        ])
      let frame = codec.seal(
        [commit], network: 7, log: GoldenTests.log, partition: GoldenTests.partition, epoch: Epoch(1), catalog: 1,
        first: Sequence64(1), previous: .zero, key: try testKey())
      try (frame.bytes.hex + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
    let text = try String(contentsOfFile: path, encoding: .utf8).filter { !$0.isWhitespace }
    var bytes: Bytes = []
    var index = text.startIndex
    while index < text.endIndex {
      let next = text.index(index, offsetBy: 2)
      bytes.append(try #require(UInt8(text[index..<next], radix: 16)))
      index = next
    }
    let frame = try codec.parse(bytes)
    try codec.verify(frame, by: try testKey().publicKey)
    let body = try codec.open(frame)
    #expect(frame.header.log == GoldenTests.log)
    #expect(body.groups.first?.operation(0).change == .insert(GoldenTests.fields))
  }

  @Test("golden: a published package is opened, whatever zstd makes of its frames today")
  func package() throws {
    let path = GoldenTests.directory + "package-1.hex"
    if ProcessInfo.processInfo.environment["XYLEM_WRITE_GOLDENS"] != nil, !FileManager.default.fileExists(atPath: path)
    {
      try (samplePackage().bytes.hex + "\n").write(toFile: path, atomically: true, encoding: .utf8)
    }
    let text = try String(contentsOfFile: path, encoding: .utf8).filter { !$0.isWhitespace }
    let package = try Package(try #require(Bytes(hex: text)))
    #expect(try package.isSigned(by: testKey(1).publicKey))
    #expect(package.header.facts.senderCode == "033001" && package.header.facts.release == "0.1.0")
    #expect(try package.open(with: SealingKey(of: testKey(2))).frames.count == 2)
  }
}
