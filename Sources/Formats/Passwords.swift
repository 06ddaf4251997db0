import CCrypto
import Primitives

/// scrypt (RFC 7914) with its parameters beside it, so that they can grow: what a node keeps of a password.
public struct PasswordHash: Hashable, Sendable {
  /// 2^logN blocks of 128·r bytes, p times over.
  public let logN: UInt8
  public let r: UInt8
  public let p: UInt8
  /// Random, ``saltByteCount`` bytes.
  public let salt: Bytes
  public let hash: Bytes

  public static let saltByteCount = 16
  public static let hashByteCount = 32
  /// 16 MiB and about 50 ms: what a village's machine can spare, one login at a time.
  public static let standard: (logN: UInt8, r: UInt8, p: UInt8) = (14, 8, 1)
  /// What is read from a store is believed up to here: 64 MiB.
  static let logNMax: UInt8 = 16

  /// Hashes a password with the standard parameters; takes 16 MiB and about 50 ms.
  ///
  /// - Parameter salt: random, ``saltByteCount`` bytes.
  public init(_ password: Bytes, salt: Bytes) {
    require(salt.count == PasswordHash.saltByteCount, "a salt has 16 bytes")
    let (logN, r, p) = PasswordHash.standard
    self.init(logN: logN, r: r, p: p, salt: salt, hash: PasswordHash.scrypt(password, salt, logN, r, p))
  }

  private init(logN: UInt8, r: UInt8, p: UInt8, salt: Bytes, hash: Bytes) {
    self.logN = logN
    self.r = r
    self.p = p
    self.salt = salt
    self.hash = hash
  }

  /// Whether it is of this password; costs as much as hashing it, whatever the answer.
  public func fits(_ password: Bytes) -> Bool {
    let other = PasswordHash.scrypt(password, salt, logN, r, p)
    return other.count == hash.count && CRYPTO_memcmp(other, hash, hash.count) == 0
  }

  private static func scrypt(_ password: Bytes, _ salt: Bytes, _ logN: UInt8, _ r: UInt8, _ p: UInt8) -> Bytes {
    var out = Bytes(repeating: 0, count: hashByteCount)
    let isDone = password.withUnsafeBytes { password in
      // EVP_PBE_scrypt(3): 0 only for parameters out of range or when memory is exhausted.
      EVP_PBE_scrypt(
        password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count, 1 << UInt64(logN),
        UInt64(r), UInt64(p), 128 << 20, &out, out.count)
    }
    require(isDone == 1, "scrypt with parameters in range")
    return out
  }

  /// `logN u8 · r u8 · p u8 · salt 16 · hash 32`
  public func write(to writer: inout ByteWriter) {
    writer.u8(logN)
    writer.u8(r)
    writer.u8(p)
    writer.raw(salt)
    writer.raw(hash)
  }

  /// Reads what ``write(to:)`` wrote.
  ///
  /// - Throws: for parameters that no writer of ours chose: they would buy memory and time.
  public init(_ reader: inout ByteReader) throws(MalformedBytes) {
    let at = reader.offset
    logN = try reader.u8()
    r = try reader.u8()
    p = try reader.u8()
    guard (10...PasswordHash.logNMax).contains(logN), r == 8, (1...4).contains(p) else {
      throw MalformedBytes("parameters of scrypt", at: at)
    }
    salt = try reader.raw(PasswordHash.saltByteCount)
    hash = try reader.raw(PasswordHash.hashByteCount)
  }
}

/// Time-based one-time passwords (RFC 6238) with SHA-1, six digits and steps of 30 s: what every authenticator shows.
public enum OneTimeCode {
  /// Bytes of a secret (RFC 4226 §4, R6: 160 bits).
  public static let secretByteCount = 20
  /// Milliseconds of a step.
  public static let stepMilliseconds: UInt64 = 30_000

  /// The step that a moment lies in.
  public static func step(at milliseconds: UInt64) -> UInt64 { milliseconds / stepMilliseconds }

  /// The code of a step: 0…999,999.
  public static func code(_ secret: Bytes, step: UInt64) -> UInt32 {
    var writer = ByteWriter(capacity: 8)
    writer.u64(step)
    let digest = MessageCode.hmac("SHA1", key: secret, writer.bytes)
    // RFC 4226 §5.3: four bytes from where the last nibble says, without the sign.
    let offset = Int(digest[digest.count - 1] & 15)
    let number = digest[offset..<offset + 4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7FFF_FFFF
    return number % 1_000_000
  }

  /// The secret as authenticators take it: base 32 (RFC 4648 §6), no padding needed for 20 bytes.
  public static func base32(_ secret: Bytes) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    var text = ""
    var (bits, count) = (0, 0)
    for byte in secret {
      bits = bits << 8 | Int(byte)
      count += 8
      while count >= 5 {
        count -= 5
        text.append(digits[bits >> count & 31])
      }
    }
    if count > 0 { text.append(digits[bits << (5 - count) & 31]) }
    return text
  }
}

/// HMAC by the system's libcrypto.
enum MessageCode {
  /// - Parameter digest: a name that libcrypto knows.
  static func hmac(_ digest: String, key: Bytes, _ message: Bytes) -> Bytes {
    var out = Bytes(repeating: 0, count: 64)
    var count = 0
    // EVP_Q_mac(3): NULL only for an unknown digest or when memory is exhausted.
    let done = EVP_Q_mac(
      nil, "HMAC", nil, digest, nil, key, key.count, message, message.count, &out, out.count, &count)
    require(done != nil, "libcrypto offers HMAC with \(digest)")
    return Bytes(out.prefix(count))
  }
}

/// What a node keeps to itself, sealed under a key that only the holder of its signing key can make: a copy of the
/// store without KEY, a backup for instance, tells nothing of it and cannot be used to try passwords.
public enum LocalSeal {
  private static let version: UInt8 = 1
  private static let saltByteCount = 16

  /// `version u8 = 1 · salt 16 · sealed`
  ///
  /// - Parameters:
  ///   - salt: random, 16 bytes; never used twice.
  ///   - purpose: where it lies; what was sealed for one place does not open in another.
  public static func seal(_ plain: Bytes, salt: Bytes, purpose: Bytes, by signer: SigningKey) -> Bytes {
    require(salt.count == saltByteCount, "a salt has 16 bytes")
    return [version] + salt + SegmentCipher.seal(plain, key: key(salt, purpose, signer))
  }

  /// What was sealed, or nil when any bit, the place or the key is another.
  public static func open(_ sealed: Bytes, purpose: Bytes, by signer: SigningKey) -> Bytes? {
    guard sealed.count > 1 + saltByteCount, sealed[0] == version else { return nil }
    let salt = Bytes(sealed[1..<1 + saltByteCount])
    return SegmentCipher.open(sealed[(1 + saltByteCount)...], key: key(salt, purpose, signer))
  }

  private static func key(_ salt: Bytes, _ purpose: Bytes, _ signer: SigningKey) -> Bytes {
    KeyDerivation.derive(signer.derived("local secrets 1"), salt: salt, info: purpose)
  }
}
