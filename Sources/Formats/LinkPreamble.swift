import Primitives

/// What carriers say to each other beside the engines' ``LinkMessage``s, in the same framing: `length u32 · type u8 ·
/// payload` with types from 240 on.
///
/// A connection begins with a challenge of the parent and the child's proof. Only then do the engines hear of the link.
public enum LinkPreamble: Hashable, Sendable {
  /// First word of the parent: 32 random bytes, used once.
  case challenge(nonce: Bytes)
  /// First word of the child: the key it signs frames with, and that key's signature over
  /// ``statement(network:nonce:parent:child:)``.
  case proof(key: PublicKey, signature: Bytes)
  /// From the parent, at any time: one authority's deny list, a text.
  case denyList(Bytes)
  /// From the child, at any time: it asks for a certificate with a later end, for the key of the one it showed.
  case renewalRequest
  /// The parent's answer: PEM, the new certificate and the authorities below the root.
  case renewal(Bytes)

  /// Types below belong to ``LinkMessage``.
  public static let firstType: UInt8 = 240
  /// The largest of the two messages before a link is open, type and payload.
  public static let proofBytesMax = 1 + PublicKey.byteCount + PublicKey.signatureByteCount
  /// Bytes of a nonce.
  public static let nonceByteCount = 32

  /// What the child's frame key signs: this key, in this network, on a connection between these two certificates, for
  /// this challenge. Whoever relays the challenge to an honest child is a third certificate: the proof does not fit.
  ///
  /// - Parameters:
  ///   - parent: SHA-256 of the parent's certificate; 32 zero bytes on a link without certificates.
  ///   - child: SHA-256 of the child's.
  public static func statement(network: String, nonce: Bytes, parent: Bytes, child: Bytes) -> Bytes {
    require(
      nonce.count == nonceByteCount && parent.count == 32 && child.count == 32, "a statement has parts of fixed size")
    var writer = ByteWriter(capacity: 160)
    writer.raw(Array("XYP1".utf8))
    writer.raw(nonce)
    writer.raw(parent)
    writer.raw(child)
    writer.text(network)
    return writer.bytes
  }

  /// The message with its length in front.
  public func encoded() -> Bytes {
    var writer = ByteWriter(capacity: 128)
    switch self {
    case .challenge(let nonce):
      writer.u32(UInt32(1 + nonce.count))
      writer.u8(240)
      writer.raw(nonce)
    case .proof(let key, let signature):
      writer.u32(UInt32(1 + key.bytes.count + signature.count))
      writer.u8(241)
      writer.raw(key.bytes)
      writer.raw(signature)
    case .denyList(let text):
      writer.u32(UInt32(1 + text.count))
      writer.u8(242)
      writer.raw(text)
    case .renewalRequest:
      writer.u32(1)
      writer.u8(243)
    case .renewal(let text):
      writer.u32(UInt32(1 + text.count))
      writer.u8(244)
      writer.raw(text)
    }
    return writer.bytes
  }

  /// Reads type and payload, without the length.
  ///
  /// - Throws: for anything ``encoded()`` does not write.
  public init(_ bytes: Bytes) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    switch try reader.u8() {
    case 240: self = .challenge(nonce: try reader.raw(LinkPreamble.nonceByteCount))
    case 241:
      let at = reader.offset
      guard let key = PublicKey(exactly: try reader.raw(PublicKey.byteCount)) else {
        throw MalformedBytes("a public key", at: at)
      }
      self = .proof(key: key, signature: try reader.raw(PublicKey.signatureByteCount))
    case 242:
      self = .denyList(Bytes(bytes[1...]))
      return
    case 243: self = .renewalRequest
    case 244:
      self = .renewal(Bytes(bytes[1...]))
      return
    default: throw MalformedBytes("a type of message between carriers", at: 0)
    }
    try reader.finish()
  }
}
