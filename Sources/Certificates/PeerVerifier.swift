import Crypto
import Foundation
import Primitives
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

/// A certificate that was found good.
public struct VerifiedNode: Hashable, Sendable {
  /// Whose it is.
  public let name: NodeName
  /// When it ends.
  public let end: Date
  /// SHA-256 of the certificate.
  public let fingerprint: Bytes
  /// Hexadecimal digits.
  public let serial: String
}

/// Judges certificates of nodes: a chain to an authority, its time, its kind, its network, and no deny list that names
/// it.
///
/// The chain is built and checked by swift-certificates (RFC 5280); what makes a node's certificate is checked here.
public struct PeerVerifier: Sendable {
  let authorities: [Certificate]
  /// The network whose nodes are accepted.
  public let network: String
  /// What authorities have called back.
  public var denied: DenyLists

  init(authorities: [Certificate], network: String, denied: DenyLists) {
    self.authorities = authorities
    self.network = network
    self.denied = denied
  }

  /// Judges a chain as a peer shows it, leaf first; about 0.3 ms a signature.
  ///
  /// - Parameter now: the time that the certificates must be good at.
  /// - Throws: the first thing that is wrong.
  public func verify(_ chain: [Bytes], at now: Date) async throws(CertificateProblem) -> VerifiedNode {
    guard !chain.isEmpty else { throw .missing }
    // A chain of ours has three; more is somebody who wants us to work.
    guard chain.count <= 8 else { throw .malformed("a chain of \(chain.count) certificates") }
    let certificates: [Certificate]
    do { certificates = try chain.map { try Certificate(derEncoded: $0) } } catch {
      throw .malformed("not the bytes of a certificate")
    }
    return try await verify(certificates, at: now)
  }

  func verify(_ certificates: [Certificate], at now: Date) async throws(CertificateProblem) -> VerifiedNode {
    let leaf = certificates[0]
    // Before the chain, because these are what an operator meets and must be told apart.
    try PeerVerifier.checkTime(leaf, now)
    for certificate in certificates.dropFirst() { try PeerVerifier.checkTime(certificate, now) }
    let path = try await path(of: leaf, through: Array(certificates.dropFirst()), at: now)
    guard let name = leaf.nodeName else { throw .notForNodes }
    guard name.network.utf8.elementsEqual(network.utf8) else { throw .otherNetwork(name.network) }
    for (certificate, issuer) in zip(path, path.dropFirst()) {
      if let denial = denied.denial(of: certificate.serial, by: issuer.keyDigest) {
        throw .revoked(serial: certificate.serial, reason: denial.reason)
      }
    }
    do {
      return VerifiedNode(
        name: name, end: leaf.notValidAfter, fingerprint: Bytes(SHA256.hash(data: try leaf.der)), serial: leaf.serial)
    } catch { throw .malformed("not the bytes of a certificate") }
  }

  private static func checkTime(_ certificate: Certificate, _ now: Date) throws(CertificateProblem) {
    if now > certificate.notValidAfter { throw .expired(end: certificate.notValidAfter, now: now) }
    if now < certificate.notValidBefore { throw .notYetValid(start: certificate.notValidBefore, now: now) }
  }

  /// The signatures from a certificate to one of our authorities, both included.
  func path(
    of leaf: Certificate, through others: [Certificate], at now: Date
  ) async throws(CertificateProblem) -> [Certificate] {
    var verifier = Verifier(rootCertificates: CertificateStore(authorities)) {
      RFC5280Policy(fixedExpiryValidationTime: now)
    }
    switch await verifier.validate(leaf: leaf, intermediates: CertificateStore(others)) {
    case .validCertificate(let path): return Array(path)
    case .couldNotValidate: throw .unknownAuthority
    }
  }
}
