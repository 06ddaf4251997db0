import Formats
import Primitives
import Testing

@Suite struct VerificationFormatTests {
  private let log = LogID(node: NodeID(0x1234), incarnation: 1)
  private let partition = PartitionID(77)

  @Test("token: read back, and any slip of the pen is refused")
  func token() throws {
    let token = PositionToken([.init(log: log, last: Sequence64(300)), .init(log: log, last: Sequence64(.max))])
    #expect(PositionToken(token.text) == token)
    var refused = 0
    let characters = Array(token.text)
    for place in characters.indices {
      var other = characters
      other[place] = other[place] == "3" ? "4" : "3"
      // The last digit holds bits that mean nothing.
      if PositionToken(String(other)) != token { refused += 1 }
    }
    #expect(refused >= characters.count - 1)
    for text in ["", "x1", "x1zzz", "y" + token.text, token.text + "00000", "x1" + String(repeating: "0", count: 500)] {
      #expect(PositionToken(text) == nil || PositionToken(text)?.text == text, "\(text.prefix(10))")
    }
  }

  @Test("messages: questions, answers and tickets are read back, and no cut one is")
  func messages() throws {
    let range = RowRange(from: [3], to: [4])
    let key = RecordKey(entity: EntityID(3), record: RecordID(log, counter: 9), ordinal: 2)
    let ticket = QuarantineTicket(
      partition: partition, key: key, reason: .wrongKind, item: ItemID(5), log: log, sequence: Sequence64(8), count: 2,
      skipped: "why")
    func question(_ kind: VerificationQuestion.Kind) -> LinkMessage {
      .question(.init(id: 5, number: 6, partition: partition, kind))
    }
    func answer(_ kind: VerificationAnswer.Kind) -> LinkMessage {
      .answer(.init(id: 5, number: 6, partition: partition, kind))
    }
    let messages: [LinkMessage] = [
      question(.begin), question(.entities), question(.split([range], rowsEach: 64)),
      question(.hashes([range, range])),
      question(.rows([[3, 1], []])), question(.end),
      answer(.position(.init(log: log, last: Sequence64(4), hash: .zero))),
      answer(.digests([RangeDigest(range, RowDigest(rows: 3, high: 1, low: 2))])),
      answer(.hashes([.init(key: [3], high: 1, low: 2)])), answer(.rows([.init(key: [3], value: [1, 2, 3])])),
      answer(.failed(.busy)), .tickets([ReportedTicket(level: 2, ticket: ticket)], count: 300),
    ]
    for message in messages {
      let bytes = Bytes(message.encoded()[4...])
      #expect(try LinkMessage(bytes) == message)
      for end in 1..<bytes.count { #expect(throws: MalformedBytes.self) { try LinkMessage(Bytes(bytes[..<end])) } }
    }
    #expect(try QuarantineTicket(ticket.encoded, rowKey: Keys.row(partition, key)) == ticket)
  }
}
