import Crypto
import Primitives
import SwiftASN1
import X509

/// Texts of certificates and keys.
enum Pem {
  /// Every certificate of a PEM text, in order; at least one.
  static func certificates(_ text: String, file: String) throws(FileProblem) -> [Certificate] {
    let documents: [PEMDocument]
    let certificates: [Certificate]
    do {
      documents = try PEMDocument.parseMultiple(pemString: text)
      certificates = try documents.filter { $0.discriminator == Certificate.defaultPEMDiscriminator }.map {
        try Certificate(pemDocument: $0)
      }
    } catch { throw FileProblem(file, .unusable("it is no PEM text of certificates")) }
    guard !certificates.isEmpty else { throw FileProblem(file, .unusable("it holds no certificate")) }
    return certificates
  }

  static func key(_ text: String, file: String) throws(FileProblem) -> Certificate.PrivateKey {
    do { return try Certificate.PrivateKey(pemEncoded: text) } catch {
      throw FileProblem(file, .unusable("it is no private key in PEM without a passphrase"))
    }
  }

  static func text(_ certificates: [Certificate]) throws -> String {
    try certificates.map { try $0.serializeAsPEM().pemString + "\n" }.joined()
  }

  static func text(_ key: Certificate.PrivateKey) throws -> String { try key.serializeAsPEM().pemString + "\n" }
}

extension Certificate {
  /// The certificate's bytes.
  var der: Bytes {
    get throws { try serializeAsPEM().derBytes }
  }

  /// The serial number as lower-case hexadecimal digits, two a byte.
  var serial: String { Bytes(serialNumber.bytes).hex }

  /// SHA-256 of its subject's public key: names an authority whatever certificate it has.
  var keyDigest: Bytes { Bytes(SHA256.hash(data: publicKey.subjectPublicKeyInfoBytes)) }

  /// Whether it may issue others.
  var isAuthority: Bool {
    if case .isCertificateAuthority = try? extensions.basicConstraints { true } else { false }
  }

  /// The node it names; nil unless it is a node's: one URI of ours, for both ends of a connection, and no authority.
  var nodeName: NodeName? {
    guard !isAuthority, let names = try? extensions.subjectAlternativeNames, names.count == 1,
      case .uniformResourceIdentifier(let uri)? = names.first, let name = NodeName(uri: uri),
      let usages = try? extensions.extendedKeyUsage, usages.contains(.serverAuth), usages.contains(.clientAuth)
    else { return nil }
    return name
  }
}
