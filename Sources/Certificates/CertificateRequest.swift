import Foundation
import Primitives
import SwiftASN1
import X509

/// A node's request for a certificate (PKCS #10), made where the key is, so that the key never travels.
public struct CertificateRequest: Sendable {
  /// The node that asks.
  public let name: NodeName
  /// For people: the code of its root org.
  public let label: String
  let publicKey: Certificate.PublicKey

  /// Makes a key in `folder`/node.key, or takes the one that is there, and writes the request to `folder`/node.csr.
  public static func make(
    _ name: NodeName, label: String, in folder: String
  ) throws(FileProblem) {
    try SmallFile.makeFolder(folder)
    let keyFile = "\(folder)/node.key"
    do {
      let key: Certificate.PrivateKey
      if access(keyFile, F_OK) == 0 {
        key = try Pem.key(SmallFile.text(keyFile, isSecret: true), file: keyFile)
      } else {
        key = Authority.newKey()
        try SmallFile.write(Pem.text(key), to: keyFile, mode: 0o600, replaces: false)
      }
      let wanted = try Certificate.Extensions { SubjectAlternativeNames([.uniformResourceIdentifier(name.uri)]) }
      let request = try CertificateSigningRequest(
        version: .v1, subject: DistinguishedName { CommonName(String(label.prefix(64))) }, privateKey: key,
        attributes: CertificateSigningRequest.Attributes([.init(ExtensionRequest(extensions: wanted))]),
        signatureAlgorithm: .ecdsaWithSHA256)
      try SmallFile.write(
        request.serializeAsPEM().pemString + "\n", to: "\(folder)/node.csr", mode: 0o644, replaces: true)
    } catch { throw AuthorityFolder.problem(error, folder) }
  }

  /// Reads a request and checks that its own key signed it.
  public static func read(_ file: String) throws(FileProblem) -> CertificateRequest {
    let text = try SmallFile.text(file)
    guard let request = try? CertificateSigningRequest(pemEncoded: text),
      request.publicKey.isValidSignature(request.signature, for: request)
    else { throw FileProblem(file, .unusable("it is no request that its own key signed")) }
    guard let names = try? request.attributes.extensionRequest?.extensions.subjectAlternativeNames, names.count == 1,
      case .uniformResourceIdentifier(let uri)? = names.first, let name = NodeName(uri: uri)
    else { throw FileProblem(file, .unusable("it does not name a node")) }
    // CN=033001, without the attribute's name and whatever a terminal might take for a command.
    let label = "\(request.subject)".split(separator: "=", maxSplits: 1).last.map(String.init) ?? name.id
    return CertificateRequest(name: name, label: singleLine(label), publicKey: request.publicKey)
  }
}
