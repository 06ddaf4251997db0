import Crypto
import Foundation
import Primitives
import X509

/// An authority in memory: a certificate that may issue others, its key, and the authorities above it.
///
/// All keys are ECDSA on P-256 with SHA-256, which every TLS 1.3 implementation speaks.
public struct Authority: Sendable {
  /// How long what it issues is good.
  public enum Life {
    /// A node's: three months, renewed after two.
    public static let nodeDays = 90
    /// An authority's: ten years.
    public static let authorityDays = 3653
    /// Begins so long before it is issued, in seconds, for clocks that are a little slow.
    static let headStart: TimeInterval = 300
  }

  /// The network whose nodes it names.
  public let network: String
  let certificate: Certificate
  let key: Certificate.PrivateKey
  /// From the next one above to the root.
  let above: [Certificate]

  /// Whether it issued itself.
  public var isRoot: Bool { above.isEmpty }

  /// A new root.
  public static func root(
    network: String, name: String, days: Int = Life.authorityDays, now: Date
  ) throws -> Authority {
    let key = newKey()
    let subject = try subjectName(name)
    let certificate = try Certificate(
      version: .v3, serialNumber: newSerial(), publicKey: key.publicKey, notValidBefore: now - Life.headStart,
      notValidAfter: end(now, days), issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try authorityExtensions(key.publicKey, issuer: key.publicKey, below: 1), issuerPrivateKey: key)
    return Authority(network: network, certificate: certificate, key: key, above: [])
  }

  /// A new authority below this one: it issues to nodes and to nobody else.
  ///
  /// - Requires: a root; the chain has three certificates at most.
  public func subordinate(name: String, days: Int = Life.authorityDays, now: Date) throws -> Authority {
    require(isRoot, "an authority below another issues to nodes only")
    let own = Authority.newKey()
    let issued = try Certificate(
      version: .v3, serialNumber: Authority.newSerial(), publicKey: own.publicKey,
      notValidBefore: now - Life.headStart, notValidAfter: min(Authority.end(now, days), certificate.notValidAfter),
      issuer: certificate.subject, subject: try Authority.subjectName(name), signatureAlgorithm: .ecdsaWithSHA256,
      extensions: try Authority.authorityExtensions(own.publicKey, issuer: key.publicKey, below: 0),
      issuerPrivateKey: key)
    return Authority(network: network, certificate: issued, key: own, above: [certificate] + above)
  }

  /// A node's certificate: it ends when this authority does at the latest.
  ///
  /// - Parameter label: for people, in the subject; nothing rests on it.
  func issue(
    _ name: NodeName, label: String, publicKey: Certificate.PublicKey, days: Int, now: Date
  ) throws -> Certificate {
    let extensions = try Certificate.Extensions {
      Critical(BasicConstraints.notCertificateAuthority)
      Critical(KeyUsage(digitalSignature: true))
      try ExtendedKeyUsage([.serverAuth, .clientAuth])
      SubjectAlternativeNames([.uniformResourceIdentifier(name.uri)])
      SubjectKeyIdentifier(hash: publicKey)
      AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: key.publicKey).keyIdentifier)
    }
    return try Certificate(
      version: .v3, serialNumber: Authority.newSerial(), publicKey: publicKey, notValidBefore: now - Life.headStart,
      notValidAfter: min(Authority.end(now, days), certificate.notValidAfter), issuer: certificate.subject,
      subject: try Authority.subjectName(label), signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions,
      issuerPrivateKey: key)
  }

  /// What a node's certificate file holds: the certificate and every authority below the root.
  func chainText(_ issued: Certificate) throws -> String {
    try Pem.text([issued] + (isRoot ? [] : [certificate] + above.dropLast()))
  }

  /// What a node's file of authorities holds.
  var rootText: String {
    get throws { try Pem.text([above.last ?? certificate]) }
  }

  static func newKey() -> Certificate.PrivateKey { Certificate.PrivateKey(P256.Signing.PrivateKey()) }

  /// 127 random bits with the first bit set: positive and 16 bytes long in every encoding.
  private static func newSerial() -> Certificate.SerialNumber {
    var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
    bytes[0] = bytes[0] & 0x3F | 0x40
    return Certificate.SerialNumber(bytes: bytes)
  }

  private static func end(_ now: Date, _ days: Int) -> Date { now + TimeInterval(days) * 86_400 }

  private static func subjectName(_ name: String) throws -> DistinguishedName {
    // RFC 5280, ub-common-name: 64 characters.
    try DistinguishedName { CommonName(String(name.prefix(64))) }
  }

  private static func authorityExtensions(
    _ own: Certificate.PublicKey, issuer: Certificate.PublicKey, below: Int
  ) throws -> Certificate.Extensions {
    try Certificate.Extensions {
      Critical(BasicConstraints.isCertificateAuthority(maxPathLength: below))
      Critical(KeyUsage(keyCertSign: true, cRLSign: true))
      SubjectKeyIdentifier(hash: own)
      AuthorityKeyIdentifier(keyIdentifier: SubjectKeyIdentifier(hash: issuer).keyIdentifier)
    }
  }
}
