import NIOCore
import Primitives

/// Cuts incoming bytes into messages.
///
/// 1. A length of 0 or over the limit is refused as soon as its four bytes are there.
/// 2. Memory grows with the bytes that arrive, never with what a length announces: at most twice what is there.
/// 3. A message that arrived whole is copied once, out of the read buffer.
struct MessageCutter {
  enum Violation: Error, Hashable { case length(UInt32) }

  private let bytesMax: Int
  private var header: UInt32 = 0
  private var headerBytes = 0
  /// The message under way, once its header is whole.
  private var message: Bytes = []
  private var missing = 0

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// Memory held for the message under way.
  var capacity: Int { message.capacity }

  /// The next whole message in `incoming`, without its length; nil when all of `incoming` is taken.
  mutating func next(_ incoming: inout ByteBuffer) throws(Violation) -> Bytes? {
    if missing == 0 {
      while headerBytes < 4, let byte: UInt8 = incoming.readInteger() {
        header = header << 8 | UInt32(byte)
        headerBytes += 1
      }
      guard headerBytes == 4 else { return nil }
      guard header >= 1, header <= UInt32(clamping: bytesMax) else { throw .length(header) }
      let length = Int(header)
      if let whole = incoming.readBytes(length: length) {
        (header, headerBytes) = (0, 0)
        return whole
      }
      missing = length
    }
    let take = min(missing, incoming.readableBytes)
    guard take > 0, let part = incoming.readSlice(length: take) else { return nil }
    reserve(for: take)
    message.append(contentsOf: part.readableBytesView)
    missing -= take
    guard missing == 0 else { return nil }
    defer { (header, headerBytes, message) = (0, 0, []) }
    return message
  }

  /// Doubles, but never beyond the end of the message, so that a whole message holds no spare memory.
  private mutating func reserve(for count: Int) {
    let needed = message.count + count
    guard needed > message.capacity else { return }
    message.reserveCapacity(min(message.count + missing, max(needed, 2 * message.count)))
  }
}
