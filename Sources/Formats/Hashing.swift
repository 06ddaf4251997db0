import CCrypto
import Primitives

/// SHA-256 by the system's libcrypto. One instance hashes many inputs without allocating a context each time.
///
/// Not thread-safe: one instance per thread.
public final class Hashing {
  // SAFETY: created once and freed in deinit; never leaves this object. libcrypto keeps no pointer into our buffers.
  private let context: OpaquePointer
  private let algorithm: OpaquePointer

  public init() {
    // EVP_MD_CTX_new and EVP_MD_fetch return NULL only when memory is exhausted or the library has no SHA-256 (a FIPS
    // build would have it too): nothing a caller can do.
    guard let context = EVP_MD_CTX_new(), let algorithm = EVP_MD_fetch(nil, "SHA256", nil) else {
      requirementFailed("libcrypto offers SHA-256")
    }
    self.context = context
    self.algorithm = algorithm
  }

  deinit {
    EVP_MD_CTX_free(context)
    EVP_MD_free(algorithm)
  }

  /// The digest of `parts` one after the other.
  public func digest(_ parts: UnsafeRawBufferPointer...) -> Digest256 {
    var out = Bytes(repeating: 0, count: Digest256.byteCount)
    var ok = EVP_DigestInit_ex2(context, algorithm, nil)
    for part in parts where part.count > 0 { ok &= EVP_DigestUpdate(context, part.baseAddress, part.count) }
    ok &= out.withUnsafeMutableBufferPointer { EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
    require(ok == 1, "SHA-256 of lent bytes cannot fail")
    return Digest256(out)
  }

  public func digest(_ bytes: Bytes) -> Digest256 { bytes.withUnsafeBytes { digest($0) } }

  /// The first 8 bytes of the digest of `key` and `value` as a number: the checksum at the end of every row.
  public func checksum(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> UInt64 {
    let pair = halves(key, value)
    return pair.high
  }

  /// The first 16 bytes of the digest of `key` and `value` as two numbers: what ``RowDigest`` sums.
  public func halves(_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> (high: UInt64, low: UInt64) {
    var ok = EVP_DigestInit_ex2(context, algorithm, nil)
    if key.count > 0 { ok &= EVP_DigestUpdate(context, key.baseAddress, key.count) }
    if value.count > 0 { ok &= EVP_DigestUpdate(context, value.baseAddress, value.count) }
    return withUnsafeTemporaryAllocation(byteCount: Digest256.byteCount, alignment: 8) { out in
      ok &= EVP_DigestFinal_ex(context, out.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
      require(ok == 1, "SHA-256 of lent bytes cannot fail")
      return (
        UInt64(bigEndian: out.load(fromByteOffset: 0, as: UInt64.self)),
        UInt64(bigEndian: out.load(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }
}

/// A digest of a set of rows that does not depend on their order: how many, and the 128-bit sum of their SHA-256
/// halves.
///
/// Equal digests of owner and ancestor show that no accident changed a row (who can choose rows freely can find equal
/// sums: tampering is shown by the signed chain, DESIGN "Verification").
public struct RowDigest: Hashable, Sendable {
  public private(set) var rows: UInt64 = 0
  public private(set) var high: UInt64 = 0
  public private(set) var low: UInt64 = 0

  public init() {}
  public init(rows: UInt64, high: UInt64, low: UInt64) {
    self.rows = rows
    self.high = high
    self.low = low
  }

  /// Adds one stored row: its key and its value as they lie in the store.
  public mutating func add(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, with hashing: Hashing) {
    let (high, low) = hashing.halves(key, value)
    add(RowDigest(rows: 1, high: high, low: low))
  }

  public mutating func add(_ other: RowDigest) {
    rows += other.rows
    let (sum, carry) = low.addingReportingOverflow(other.low)
    low = sum
    high = high &+ other.high &+ (carry ? 1 : 0)
  }

  /// 32 hexadecimal digits.
  public var hex: String {
    var writer = ByteWriter(capacity: 16)
    writer.u64(high)
    writer.u64(low)
    return writer.bytes.hex
  }
}

/// SHA-256 of bytes that come in parts, for files that do not fit into memory.
public struct RunningDigest: ~Copyable {
  // SAFETY: made once and freed once; libcrypto keeps no pointer into our buffers.
  private let context: OpaquePointer

  /// A digest of nothing yet.
  public init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex2(context, EVP_sha256(), nil) == 1 else {
      requirementFailed("libcrypto offers SHA-256")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds bytes; they are lent for the call.
  public mutating func update(_ part: UnsafeRawBufferPointer) {
    guard part.count > 0 else { return }
    require(EVP_DigestUpdate(context, part.baseAddress, part.count) == 1, "SHA-256 of lent bytes cannot fail")
  }

  /// The digest of everything added.
  public consuming func finish() -> Digest256 {
    var out = Bytes(repeating: 0, count: Digest256.byteCount)
    let ok = out.withUnsafeMutableBufferPointer { EVP_DigestFinal_ex(context, $0.baseAddress, nil) }
    require(ok == 1, "SHA-256 of lent bytes cannot fail")
    return Digest256(out)
  }
}
