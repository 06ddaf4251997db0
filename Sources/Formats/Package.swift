import Primitives

/// Why a file is no package that can be used. The file's fault or the sender's; never ours.
public enum PackageFault: Error, Hashable, Sendable {
  /// Not a package at all, or a header that does not parse.
  case malformed(MalformedBytes)
  /// A later release made it; its version.
  case newer(UInt8)
  /// The file ends early: so many bytes of so many are there.
  case cut(have: Int, expected: Int)
  /// The file goes on after its end.
  case padded(extra: Int)
  /// A chunk of the body is not the one the header names; counted from 1.
  case chunk(Int, of: Int)
  /// The sender's key did not sign this header.
  case signature
  /// The body is sealed to another key.
  case notForUs
  /// The body opens, and does not hold what the header says.
  case content(String)
}

/// A package as it lies in a file: header, signature, sealed body.
public struct Package: Sendable {
  public let header: PackageHeader
  /// SHA-256 of the signed bytes: names the package, and is the next one's `previous`.
  public let hash: Digest256
  let file: Bytes
  private let signedByteCount: Int
  private var bodyStart: Int { signedByteCount + PublicKey.signatureByteCount }

  /// Reads a file's header; the body may be damaged still (``checkBody(with:)``), and the signature is unchecked.
  public init(_ file: Bytes) throws(PackageFault) {
    var reader = ByteReader(file)
    let length: Int
    do throws(MalformedBytes) {
      guard try reader.u32() == PackageHeader.magic else { throw MalformedBytes("a package", at: 0) }
      let version = try reader.u8()
      guard try reader.u8() == PackageHeader.suite || version != PackageHeader.version else {
        throw MalformedBytes("a suite this release knows", at: 5)
      }
      _ = try reader.u16()
      length = Int(try reader.u32())
      guard version == PackageHeader.version else { throw MalformedBytes("version \(version)", at: Package.newerMark) }
    } catch {
      if error.offset == Package.newerMark { throw .newer(file[4]) }
      throw file.count < 12 ? .cut(have: file.count, expected: 12) : .malformed(error)
    }
    guard length >= 12, length <= PackageHeader.byteCountMax else {
      throw .malformed(MalformedBytes("a header of at most \(PackageHeader.byteCountMax) bytes", at: 8))
    }
    guard file.count >= length + PublicKey.signatureByteCount else {
      throw .cut(have: file.count, expected: length + PublicKey.signatureByteCount)
    }
    do { header = try PackageHeader(file, length: length) } catch { throw .malformed(error) }
    signedByteCount = length
    self.file = file
    hash = file.withUnsafeBytes { Hashing().digest(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
  }

  private static let newerMark = -1

  /// How many bytes the whole file has.
  public var byteCount: Int { bodyStart + header.bodyByteCount }

  /// Whether the holder of `key` signed the header.
  public func isSigned(by key: PublicKey) -> Bool {
    header.keyID == key.id
      && key.isValid(Bytes(file[signedByteCount..<bodyStart]), over: Bytes(file[..<signedByteCount]))
  }

  /// Holds length and every chunk of the body against the header.
  ///
  /// - Throws: `.cut`, `.padded`, `.chunk`: the copy is damaged, the package itself may be sound.
  public func checkBody(with hashing: Hashing = Hashing()) throws(PackageFault) {
    let present = Swift.min(file.count, byteCount) - bodyStart
    for (number, expected) in header.chunks.enumerated() {
      let start = number * PackageHeader.chunkByteCount
      let end = Swift.min(start + PackageHeader.chunkByteCount, header.bodyByteCount)
      guard end <= present else { break }
      let digest = file.withUnsafeBytes {
        hashing.digest(UnsafeRawBufferPointer(rebasing: $0[bodyStart + start..<bodyStart + end]))
      }
      guard digest == expected else { throw .chunk(number + 1, of: header.chunks.count) }
    }
    guard file.count >= byteCount else { throw .cut(have: file.count, expected: byteCount) }
    guard file.count == byteCount else { throw .padded(extra: file.count - byteCount) }
  }

  /// Opens the body of a package whose signature the caller has checked.
  ///
  /// - Throws: ``checkBody(with:)``'s, `.notForUs` for another recipient's, `.content` for a body that is not what the
  ///   header says.
  public func open(with key: SealingKey) throws(PackageFault) -> PackageBody {
    try checkBody()
    guard header.facts.recipientKey == key.publicKey, let shared = key.shared(with: header.ephemeral) else {
      throw .notForUs
    }
    let secret = Package.bodyKey(shared, header.ephemeral, header.facts)
    guard let plain = SegmentCipher.open(file[bodyStart..<byteCount], key: secret) else { throw .notForUs }
    let body: PackageBody
    do { body = try PackageBody(plain) } catch { throw .content("\(error.expected) at \(error.offset)") }
    guard UInt64(body.frames.count) == header.frames else {
      throw .content("\(header.frames) frames, not \(body.frames.count)")
    }
    return body
  }

  /// The key of one body: bound to both public halves and to what the package says it is.
  static func bodyKey(_ shared: Bytes, _ ephemeral: SealingPublicKey, _ facts: PackageHeader.Facts) -> Bytes {
    var info = ByteWriter(capacity: 64)
    info.raw("XYB1 body".utf8)
    info.u8(facts.kind.rawValue)
    info.u64(facts.network)
    info.u64(facts.sender.value)
    info.u64(facts.recipient.value)
    info.u64(facts.number)
    return KeyDerivation.derive(shared, salt: ephemeral.bytes + facts.recipientKey.bytes, info: info.bytes)
  }
}

/// The keys of a node that makes and opens packages.
public struct PackageKeys: Sendable {
  public let signing: SigningKey
  public let sealing: SealingKey

  /// Both pairs of the node that signs with `signer`.
  public init(_ signer: SigningKey) {
    signing = signer
    sealing = SealingKey(of: signer)
  }

  /// Seals a body into a whole file.
  ///
  /// The same facts and body give the same bytes: the ephemeral key is made from the node's secret, the facts and
  /// the body, so that a package that got lost can be made again under its number, and a pure machine needs no
  /// random numbers. Cost: frames are opened once to be counted, then encryption and hashing.
  ///
  /// - Throws: `.content` for a frame that does not open, or a recipient key that is no point.
  public func seal(_ facts: PackageHeader.Facts, _ body: PackageBody) throws(PackageFault) -> Package {
    let codec = FrameCodec()
    let contents: PackageContents
    do { contents = try PackageContents(body.frames, with: codec) } catch { throw .content("frame: \(error)") }
    let plain = body.encoded
    var purpose = ByteWriter(capacity: 256)
    purpose.raw("XYB1 ephemeral".utf8)
    purpose.raw(facts.recipientKey.bytes)
    purpose.u8(facts.kind.rawValue)
    purpose.u64(facts.sender.value)
    purpose.u64(facts.number)
    purpose.u64(facts.created)
    purpose.raw(facts.previous.bytes)
    purpose.raw(codec.hashing.digest(plain).bytes)
    let ephemeral = SealingKey(secret: signing.derived(codec.hashing.digest(purpose.bytes).bytes.hex))
    guard let shared = ephemeral.shared(with: facts.recipientKey) else { throw .content("the recipient's package key") }
    let sealed = SegmentCipher.seal(plain, key: Package.bodyKey(shared, ephemeral.publicKey, facts))
    let header = PackageHeader(
      facts: facts, keyID: signing.id, ephemeral: ephemeral.publicKey, contents: contents, sealed: sealed,
      hashing: codec.hashing)
    let signed = header.signedBytes()
    return try Package(signed + signing.sign(signed) + sealed)
  }
}

extension Package {
  /// The whole file.
  public var bytes: Bytes { file }
}
