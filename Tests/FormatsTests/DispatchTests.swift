import Formats
import Foundation
import Primitives
import Testing

@Suite struct DispatchTests {
  private static let log = LogID(node: NodeID(0x1234_5678_9ABC), incarnation: 1)
  private static let partition = PartitionID(0x1234_5678_9ABC_0001)
  private static let place = Audience.Place(org: RecordID(log, counter: 0), partition: partition)
  private static let id = DispatchID(origin: log, number: 0x9C41_D2E0_7A55)

  private static func dispatch(_ audience: Audience, _ body: Bytes) throws -> Dispatch {
    Dispatch(
      id, kind: DispatchKind.notice, network: 7, time: 1_127_000_000_000, audience: audience, body: body,
      key: try testKey(), hashing: Hashing())
  }

  private static func samples() throws -> [(name: String, bytes: Bytes)] {
    let record = RecordKey(entity: EntityID(3), record: RecordID(log, counter: 5))
    let notice = NoticeBody(title: "年报", text: "12 月 20 日前", subject: .init(partition: partition, key: record))
    let directory = DirectoryBody(
      partition: partition, owner: NodeID(9), epoch: Epoch(2), above: place,
      orgs: [.init(id: RecordID(log, counter: 0), code: "033001", name: "海曙区委", parent: nil)])
    let offer = HandoverOffer(
      id: RecordID(log, counter: 8), record: record, source: partition, target: place, hash: .zero, expires: 5,
      rows: [.init(key: Keys.row(partition, record), row: [1, 2, 3])])
    let domain = LinkMessage.Ancestry.Top(
      partition: partition, owner: NodeID(9), epoch: Epoch(1), key: try testKey().publicKey)
    let step = LinkMessage.Ancestry.Step(
      domain: domain, mount: RecordID(log, counter: 0), rootOrgCode: "033001",
      signature: Bytes(repeating: 6, count: 64))
    let stream = OutboxStream(log: log.value, generation: 1_127_000_000_000)
    return [
      ("dispatch-1", try dispatch(.subtree(place), notice.encoded).bytes),
      ("dispatch-list-1", try dispatch(.list([place, place]), []).bytes),
      ("directory-1", directory.encoded), ("offer-1", offer.encoded),
      ("decision-1", HandoverDecision(id: RecordID(log, counter: 8), state: 9, reason: "因").encoded),
      ("link-1-ancestry", LinkMessage.ancestry(.init(top: domain, steps: [step])).encoded()),
      ("link-1-outbox-position", LinkMessage.outboxPosition(.init(stream: stream, last: 300)).encoded()),
      ("link-1-dispatches", LinkMessage.dispatches(.init(stream: stream, first: 9, list: [[1, 2], []])).encoded()),
      ("link-1-receipts", LinkMessage.receipts([.init(id: id, delivered: 3, read: 1)]).encoded()),
    ]
  }

  @Test("dispatch golden: bytes are the published ones")
  func golden() throws {
    let directory = String(#filePath.dropLast("DispatchTests.swift".count)) + "Goldens/"
    for (name, bytes) in try DispatchTests.samples() {
      let path = directory + name + ".hex"
      if ProcessInfo.processInfo.environment["XYLEM_WRITE_GOLDENS"] != nil,
        !FileManager.default.fileExists(atPath: path)
      {
        try (bytes.hex + "\n").write(toFile: path, atomically: true, encoding: .utf8)
      }
      let golden = try String(contentsOfFile: path, encoding: .utf8).filter { !$0.isWhitespace }
      #expect(golden == bytes.hex, "\(name)")
    }
  }

  @Test("dispatch: every format is read back, and nothing shorter or longer")
  func readBack() throws {
    func decode(_ name: String, _ bytes: Bytes) throws -> Bytes {
      switch name {
      case "directory-1": try DirectoryBody(bytes).encoded
      case "offer-1": try HandoverOffer(bytes).encoded
      case "decision-1": try HandoverDecision(bytes).encoded
      default: Bytes(try LinkMessage(bytes).encoded()[4...])
      }
    }
    for (name, whole) in try DispatchTests.samples() where !name.hasPrefix("dispatch") {
      let bytes = name.hasPrefix("link") ? Bytes(whole[4...]) : whole
      #expect(try decode(name, bytes) == bytes, "\(name)")
      for length in 0..<bytes.count {
        #expect(throws: MalformedBytes.self, "\(name) \(length)") { try decode(name, Bytes(bytes[..<length])) }
      }
      #expect(throws: MalformedBytes.self, "\(name)") { try decode(name, bytes + [0]) }
    }
  }

  @Test("dispatch: its signature covers every byte, and without its body it is the same dispatch")
  func signature() throws {
    let hashing = Hashing()
    let key = try testKey().publicKey
    let place = DispatchTests.place
    for audience in [Audience.subtree(place), .level(2), .list([place]), .other(77, [1, 2])] {
      let made = try DispatchTests.dispatch(audience, [1, 2, 3, 4])
      let read = try Dispatch(made.bytes, hashing: hashing)
      #expect(read.head == made.head && read.head.audience == audience && read.body == [1, 2, 3, 4])
      #expect(read.isSigned(by: key))
      let bare = try Dispatch(made.withdrawn, hashing: hashing)
      #expect(!bare.isWhole && bare.head == made.head && bare.isSigned(by: key))
      for position in made.bytes.indices {
        var bytes = made.bytes
        bytes[position] ^= 1
        let isTaken = (try? Dispatch(bytes, hashing: hashing))?.isSigned(by: key) ?? false
        #expect(!isTaken, "byte \(position) is not covered")
      }
    }
  }

  @Test("dispatch: names are read as they are written")
  func names() {
    #expect(DispatchTests.id.text == "123456789abc-1-9c41d2e07a55")
    #expect(DispatchID(text: DispatchTests.id.text) == DispatchTests.id)
    for text in ["", "1-1", "0-1-1", "1-0-1", "1-1-G", "01-1-1", "1-1-1-1"] { #expect(DispatchID(text: text) == nil) }
  }
}
