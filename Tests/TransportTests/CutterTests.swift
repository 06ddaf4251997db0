import NIOCore
import Primitives
import Testing

@testable import Transport

/// The cutter against the definition: messages laid end to end, cut at random, come out as they went in.
@Suite struct CutterTests {
  private func cut(_ stream: Bytes, pieces: (Int) -> Int, bytesMax: Int = 1 << 20) throws -> [Bytes] {
    var cutter = MessageCutter(bytesMax: bytesMax)
    var messages: [Bytes] = []
    var rest = stream[...]
    while !rest.isEmpty {
      let count = max(1, min(rest.count, pieces(rest.count)))
      var buffer = ByteBuffer(bytes: rest.prefix(count))
      rest = rest.dropFirst(count)
      while let message = try cutter.next(&buffer) { messages.append(message) }
      // One expectation a byte would take longer than the cutting.
      guard buffer.readableBytes == 0 else { throw Missed.bytes(buffer.readableBytes) }
    }
    return messages
  }

  @Test("cutting: whatever the pieces, the same messages come out", arguments: 0..<10)
  func law(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let messages = (0..<20).map { _ in
      Bytes((0..<Int.random(in: 1...600, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
    }
    let stream = messages.flatMap(framed)
    #expect(try cut(stream, pieces: { _ in 1 }) == messages)
    #expect(try cut(stream, pieces: { $0 }) == messages)
    #expect(try cut(stream, pieces: { _ in Int.random(in: 1...1000, using: &random) }) == messages)
  }

  @Test(
    "cutting: lengths outside 1…limit are refused when their four bytes are there", arguments: [0, 101, UInt32.max])
  func refuses(length: UInt32) throws {
    var cutter = MessageCutter(bytesMax: 100)
    var early = ByteBuffer()
    early.writeInteger(length)
    guard var first = early.readSlice(length: 3) else { throw Missed.bytes(3) }
    let nothing = try cutter.next(&first)
    #expect(nothing == nil)
    #expect(throws: MessageCutter.Violation.length(length)) { try cutter.next(&early) }
  }

  @Test("cutting: lengths of 1 and of the limit itself pass", arguments: [1, 100])
  func limits(length: Int) throws {
    let message = Bytes(repeating: 7, count: length)
    #expect(try cut(framed(message), pieces: { $0 }, bytesMax: 100) == [message])
    #expect(try cut(framed(message), pieces: { _ in 3 }, bytesMax: 100) == [message])
  }

  @Test("cutting: memory follows what arrives, not what is announced")
  func memory() throws {
    var cutter = MessageCutter(bytesMax: TCPCarrier.Options().messageBytesMax)
    var header = ByteBuffer()
    header.writeInteger(UInt32(34 << 20))
    let nothing = try cutter.next(&header)
    #expect(nothing == nil)
    #expect(cutter.capacity == 0)
    for arrived in 1...100 {
      var part = ByteBuffer(repeating: 1, count: 1000)
      let unfinished = try cutter.next(&part)
      #expect(unfinished == nil)
      #expect(cutter.capacity <= 2 * 1000 * arrived + 64)
    }
  }

  @Test("cutting: a whole message keeps no spare memory worth naming")
  func tight() throws {
    let message = Bytes(repeating: 1, count: 1_000_000)
    let whole = try #require(try cut(framed(message), pieces: { _ in 65_536 }).first)
    #expect(whole.capacity <= 1_000_000 + 8192)
  }
}
