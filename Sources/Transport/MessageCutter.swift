import Formats
import NIOCore

/// Cuts incoming bytes into messages. A length over the limit is refused when its four bytes are there, and memory
/// grows with the bytes that arrive, never with what a length announces.
struct MessageCutter {
  enum Violation: Error { case length(UInt32) }

  private var buffer = ByteBuffer()

  /// Takes what arrived and calls `body` for every whole message, without its length.
  mutating func feed(_ incoming: inout ByteBuffer, _ body: ([UInt8]) -> Void) throws {
    if buffer.readableBytes == 0 { buffer = incoming } else { buffer.writeBuffer(&incoming) }
    while let length: UInt32 = buffer.getInteger(at: buffer.readerIndex) {
      guard length >= 1, length <= UInt32(LinkMessage.bytesMax) else { throw Violation.length(length) }
      guard buffer.readableBytes >= 4 + Int(length) else { break }
      buffer.moveReaderIndex(forwardBy: 4)
      guard let bytes = buffer.readBytes(length: Int(length)) else { break }
      body(bytes)
    }
    if buffer.readableBytes == 0 { buffer.clear() } else { buffer.discardReadBytes() }
  }
}
