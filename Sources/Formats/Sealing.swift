import CCrypto
import Primitives

/// HKDF with SHA-256 (RFC 5869), by the system's libcrypto.
enum KeyDerivation {
  /// 32 bytes from a secret.
  ///
  /// - Requires: no argument is empty: libcrypto takes an empty salt for a missing one.
  static func derive(_ secret: Bytes, salt: Bytes, info: Bytes) -> Bytes {
    require(!secret.isEmpty && !salt.isEmpty && !info.isEmpty, "a key is derived from something")
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else {
      requirementFailed("libcrypto offers HKDF")
    }
    defer { EVP_PKEY_CTX_free(context) }
    var out = Bytes(repeating: 0, count: 32)
    var count = out.count
    let isDone =
      EVP_PKEY_derive_init(context) == 1
      && EVP_PKEY_CTX_set_hkdf_md(context, EVP_sha256()) == 1
      && EVP_PKEY_CTX_set1_hkdf_salt(context, salt, Int32(salt.count)) == 1
      && EVP_PKEY_CTX_set1_hkdf_key(context, secret, Int32(secret.count)) == 1
      && EVP_PKEY_CTX_add1_hkdf_info(context, info, Int32(info.count)) == 1
      && EVP_PKEY_derive(context, &out, &count) == 1
    require(isDone && count == out.count, "HKDF of lent bytes cannot fail")
    return out
  }
}

/// An X25519 public key: to whom a package can be sealed.
public struct SealingPublicKey: Hashable, Sendable {
  public static let byteCount = 32

  /// Exactly 32 bytes.
  public let bytes: Bytes

  /// The key in `bytes`, or nil unless they are 32.
  public init?(exactly bytes: Bytes) {
    guard bytes.count == SealingPublicKey.byteCount else { return nil }
    self.bytes = bytes
  }
}

/// A node's X25519 key pair, which opens the packages that are for it.
public final class SealingKey: @unchecked Sendable {
  // SAFETY: the key is made once, never changed, freed in deinit; every call has a context of its own.
  private let key: OpaquePointer
  public let publicKey: SealingPublicKey

  /// The pair of the node that signs with `signer`: derived, so that a node has one secret to keep
  /// (Docs/Decisions/0028).
  public convenience init(of signer: SigningKey) { self.init(secret: signer.derived("package key 1")) }

  /// - Requires: 32 bytes; X25519 clamps them itself.
  init(secret: Bytes) {
    guard let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, secret, secret.count) else {
      requirementFailed("32 bytes are an X25519 key")
    }
    var bytes = Bytes(repeating: 0, count: SealingPublicKey.byteCount)
    var count = bytes.count
    guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, let publicKey = SealingPublicKey(exactly: bytes) else {
      requirementFailed("an X25519 key has a public half")
    }
    self.key = key
    self.publicKey = publicKey
  }

  deinit { EVP_PKEY_free(key) }

  /// What both holders can make of each other's public half; nil when `other` is no usable point.
  func shared(with other: SealingPublicKey) -> Bytes? {
    guard let peer = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, other.bytes, other.bytes.count) else {
      return nil
    }
    defer { EVP_PKEY_free(peer) }
    guard let context = EVP_PKEY_CTX_new(key, nil) else { return nil }
    defer { EVP_PKEY_CTX_free(context) }
    var out = Bytes(repeating: 0, count: 32)
    var count = out.count
    // Points of small order give zero, which libcrypto refuses (RFC 7748 §6.1).
    guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, peer) == 1,
      EVP_PKEY_derive(context, &out, &count) == 1, count == out.count
    else { return nil }
    return out
  }
}

/// ChaCha20-Poly1305 (RFC 8439) over segments of 64 KiB in the STREAM construction: the nonce is the segment's
/// number, 11 bytes, and a last byte that is 1 for the last segment. So segments cannot be left out, swapped or cut
/// off unnoticed, and one key seals one body.
enum SegmentCipher {
  static let segmentByteCount = 64 << 10
  static let tagByteCount = 16

  /// How long a body of `count` bytes is when sealed.
  static func sealedByteCount(_ count: Int) -> Int {
    count + Swift.max(1, (count + segmentByteCount - 1) / segmentByteCount) * tagByteCount
  }

  /// - Requires: `key` has 32 bytes and seals nothing else.
  static func seal(_ plain: Bytes, key: Bytes) -> Bytes {
    guard let context = EVP_CIPHER_CTX_new() else { requirementFailed("memory for a cipher context") }
    defer { EVP_CIPHER_CTX_free(context) }
    var sealed = Bytes(repeating: 0, count: sealedByteCount(plain.count))
    var isDone = true
    plain.withUnsafeBufferPointer { plain in
      sealed.withUnsafeMutableBufferPointer { sealed in
        var (read, written, number) = (0, 0, UInt64(0))
        repeat {
          let count = Swift.min(segmentByteCount, plain.count - read)
          let isLast = read + count == plain.count
          var length: Int32 = 0
          isDone =
            isDone && EVP_EncryptInit_ex2(context, EVP_chacha20_poly1305(), key, nonce(number, isLast), nil) == 1
          if count > 0, let from = plain.baseAddress, let to = sealed.baseAddress {
            isDone = isDone && EVP_EncryptUpdate(context, to + written, &length, from + read, Int32(count)) == 1
          }
          if let to = sealed.baseAddress {
            isDone =
              isDone && EVP_EncryptFinal_ex(context, to + written + count, &length) == 1
              && EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_GET_TAG, Int32(tagByteCount), to + written + count) == 1
          }
          read += count
          written += count + tagByteCount
          number += 1
        } while read < plain.count
      }
    }
    require(isDone, "ChaCha20-Poly1305 seals lent bytes")
    return sealed
  }

  /// The body, or nil when any bit of it, or the key, is another.
  static func open(_ sealed: ArraySlice<UInt8>, key: Bytes) -> Bytes? {
    let full = segmentByteCount + tagByteCount
    let rest = sealed.count % full
    guard !sealed.isEmpty, rest == 0 || rest >= tagByteCount else { return nil }
    let segments = (sealed.count + full - 1) / full
    guard let context = EVP_CIPHER_CTX_new() else { requirementFailed("memory for a cipher context") }
    defer { EVP_CIPHER_CTX_free(context) }
    var plain = Bytes(repeating: 0, count: sealed.count - segments * tagByteCount)
    var isGood = true
    sealed.withUnsafeBufferPointer { sealed in
      plain.withUnsafeMutableBufferPointer { plain in
        var scrap: (UInt8, UInt8) = (0, 0)
        for number in 0..<segments where isGood {
          let from = number * full
          let count = Swift.min(full, sealed.count - from) - tagByteCount
          guard let start = sealed.baseAddress.map({ $0 + from }) else { return }
          var tag = Bytes(UnsafeBufferPointer(start: start + count, count: tagByteCount))
          var length: Int32 = 0
          isGood =
            EVP_DecryptInit_ex2(
              context, EVP_chacha20_poly1305(), key, nonce(UInt64(number), number == segments - 1), nil) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagByteCount), &tag) == 1
          if count > 0, let to = plain.baseAddress {
            isGood =
              isGood
              && EVP_DecryptUpdate(context, to + number * segmentByteCount, &length, start, Int32(count)) == 1
          }
          isGood = isGood && EVP_DecryptFinal_ex(context, &scrap.0, &length) == 1
        }
      }
    }
    return isGood ? plain : nil
  }

  private static func nonce(_ number: UInt64, _ isLast: Bool) -> Bytes {
    var writer = ByteWriter(capacity: 12)
    writer.raw([0, 0, 0])
    writer.u64(number)
    writer.u8(isLast ? 1 : 0)
    return writer.bytes
  }
}
