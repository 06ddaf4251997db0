import CCrypto
import Primitives

/// An Ed25519 public key: who may be believed to have made a frame or an assignment.
public struct PublicKey: Hashable, Sendable {
  public static let byteCount = 32
  public static let signatureByteCount = 64

  /// Exactly 32 bytes.
  public let bytes: Bytes

  /// The key in `bytes`, or nil unless they are 32: the door for keys that come from outside. Whether they are a point
  /// of the curve shows when a signature is checked.
  public init?(exactly bytes: Bytes) {
    guard bytes.count == PublicKey.byteCount else { return nil }
    self.bytes = bytes
  }

  /// The first 4 bytes of the key's SHA-256: names a key in a frame header. Never proof: two keys may share it.
  public var id: UInt32 { Hashing().digest(bytes).bytes[0..<4].reduce(0) { $0 << 8 | UInt32($1) } }

  /// Whether `signature` was made over exactly `message` by the holder of this key; about 0.1 ms.
  public func isValid(_ signature: Bytes, over message: Bytes) -> Bool {
    guard signature.count == PublicKey.signatureByteCount else { return false }
    // NULL for bytes that are no key, and when memory is exhausted: nothing they could have signed either way.
    guard let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count) else { return false }
    defer { EVP_PKEY_free(key) }
    guard let context = EVP_MD_CTX_new() else { return false }
    defer { EVP_MD_CTX_free(context) }
    return EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
      && EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}

/// A node's Ed25519 key pair, made of a secret seed of 32 bytes. Signing is deterministic: one seed and one message
/// give one signature.
public final class SigningKey: @unchecked Sendable {
  // SAFETY: the key is made once, never changed, freed in deinit; libcrypto locks nothing on it because EVP_DigestSign
  // only reads it, and every call has a context of its own.
  private let key: OpaquePointer
  public let publicKey: PublicKey
  /// ``PublicKey/id`` of the public half.
  public let id: UInt32

  /// How many bytes a seed has.
  public static let seedByteCount = 32

  /// - Parameter seed: from a good source of randomness, kept secret; nil comes back unless it has 32 bytes.
  public init?(seed: Bytes) {
    guard seed.count == SigningKey.seedByteCount,
      let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)
    else { return nil }
    var bytes = Bytes(repeating: 0, count: PublicKey.byteCount)
    var count = bytes.count
    guard EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1, let publicKey = PublicKey(exactly: bytes) else {
      EVP_PKEY_free(key)
      return nil
    }
    self.key = key
    self.publicKey = publicKey
    id = publicKey.id
  }

  deinit { EVP_PKEY_free(key) }

  /// The 64 bytes of the signature over `message`; about 0.05 ms.
  public func sign(_ message: Bytes) -> Bytes {
    guard let context = EVP_MD_CTX_new() else { requirementFailed("memory for a signing context") }
    defer { EVP_MD_CTX_free(context) }
    var signature = Bytes(repeating: 0, count: PublicKey.signatureByteCount)
    var count = signature.count
    let isDone =
      EVP_DigestSignInit(context, nil, nil, nil, key) == 1
      && EVP_DigestSign(context, &signature, &count, message, message.count) == 1
    // EVP_DigestSign(3): with a valid Ed25519 key and room for the signature only memory can lack.
    require(isDone && count == signature.count, "Ed25519 signs lent bytes")
    return signature
  }

  /// 32 secret bytes for another purpose, which only the holder of this key can make; `purpose` keeps them apart.
  func derived(_ purpose: String) -> Bytes {
    var seed = Bytes(repeating: 0, count: SigningKey.seedByteCount)
    var count = seed.count
    // EVP_PKEY_get_raw_private_key(3) gives an Ed25519 key's seed back.
    require(EVP_PKEY_get_raw_private_key(key, &seed, &count) == 1, "an Ed25519 key has a seed")
    return KeyDerivation.derive(seed, salt: Bytes("xylem".utf8), info: Bytes(purpose.utf8))
  }
}
