import Crypto
import Foundation
import Primitives
import X509

/// Where a node's certificate, its key, its authorities and the deny lists lie.
public struct CredentialFiles: Hashable, Sendable {
  /// PEM: the node's certificate, then the authorities between it and one of ``authorities``.
  public var certificate: String
  /// PEM, without a passphrase, readable by its owner only.
  public var key: String
  /// PEM: the authorities that are believed.
  public var authorities: String
  /// Deny lists; a missing file is an empty one.
  public var denied: String

  /// Four paths; the deny lists lie beside the certificate when they are not named.
  public init(certificate: String, key: String, authorities: String, denied: String? = nil) {
    self.certificate = certificate
    self.key = key
    self.authorities = authorities
    let folder = certificate.lastIndex(of: "/").map { String(certificate[...$0]) } ?? ""
    self.denied = denied ?? folder + "revoked.txt"
  }
}

/// What a node shows on links and judges others by.
public struct Credentials: Sendable {
  /// The node's certificate and those between it and an authority, leaf first.
  public let chain: [Bytes]
  /// The private key, PEM.
  public let keyText: String
  /// The authorities, whose names a server may tell its clients.
  public let authorities: [Bytes]
  /// The node's own certificate, found good.
  public let own: VerifiedNode
  /// When the own certificate began.
  public let start: Date
  /// Judges the others; its network is that of the own certificate.
  public var verifier: PeerVerifier

  /// Reads the files and checks them against each other: the key is the certificate's, the certificate is a node's and
  /// good at `now`, and its chain leads to one of the authorities.
  ///
  /// - Throws: the first file that cannot be used, with why.
  public static func load(_ files: CredentialFiles, at clock: Date) async throws(FileProblem) -> Credentials {
    let certificates = try Pem.certificates(SmallFile.text(files.certificate), file: files.certificate)
    let keyText = try SmallFile.text(files.key, isSecret: true)
    let key = try Pem.key(keyText, file: files.key)
    guard key.publicKey == certificates[0].publicKey else {
      throw FileProblem(files.key, .unusable("it is not the key of the certificate in \(files.certificate)"))
    }
    let authorities = try Pem.certificates(SmallFile.text(files.authorities), file: files.authorities)
    guard authorities.allSatisfy(\.isAuthority) else {
      throw FileProblem(files.authorities, .unusable("it holds a certificate that is no authority's"))
    }
    guard let name = certificates[0].nodeName else {
      throw FileProblem(files.certificate, .unusable("\(CertificateProblem.notForNodes)"))
    }
    var verifier = PeerVerifier(authorities: authorities, network: name.network, denied: DenyLists())
    // Whatever is signed by an authority was signed in the past, however slow our clock is.
    var now = max(clock, certificates[0].notValidBefore)
    verifier.denied = try await deniedLists(files.denied, verifier, now)
    now = verifier.time(now)
    do throws(CertificateProblem) {
      let own = try await verifier.verify(certificates, at: now)
      return Credentials(
        chain: try ders(certificates, files.certificate), keyText: keyText,
        authorities: try ders(authorities, files.authorities), own: own, start: certificates[0].notValidBefore,
        verifier: verifier)
    } catch {
      let hint = error == .unknownAuthority ? " (\(files.authorities), and what stands behind it in its file)" : ""
      throw FileProblem(files.certificate, .unusable("\(error)\(hint)"))
    }
  }

  private static func ders(_ certificates: [Certificate], _ file: String) throws(CertificateProblem) -> [Bytes] {
    do { return try certificates.map { try $0.der } } catch { throw .malformed(file) }
  }

  /// The deny lists of a file, those that our authorities signed.
  private static func deniedLists(
    _ path: String, _ verifier: PeerVerifier, _ now: Date
  ) async throws(FileProblem) -> DenyLists {
    guard access(path, F_OK) == 0 else { return DenyLists() }
    guard let lists = DenyLists(try SmallFile.text(path)) else {
      throw FileProblem(path, .unusable("it is no deny list, or its signature does not fit"))
    }
    for list in lists.lists where !(await verifier.admits(list, at: now)) {
      throw FileProblem(path, .unusable("a list in it is not signed by an authority of ours"))
    }
    return lists
  }

  /// When the own certificate is to be renewed: at two thirds of its life.
  public var renewalDue: Date { start + own.end.timeIntervalSince(start) * 2 / 3 }

  /// The time to judge certificates by: the clock's, or when that is behind, the latest that an authority of ours has
  /// signed and we hold: a root 400 days ahead at most, any other authority a day. So a clock that was set back does not
  /// bring back what has ended, and an authority whose clock is years ahead ends nobody's certificate.
  public func time(_ clock: Date) -> Date { verifier.time(max(clock, start)) }

  /// Stores an answer to our request for renewal in the certificate's file: a certificate of the same node and key,
  /// good now, with a later end.
  ///
  /// - Throws: `.unusable` for anything else; the file is as it was then.
  public func storeRenewal(_ text: String, in files: CredentialFiles, at now: Date) async throws(FileProblem) -> Date {
    let fresh = try Pem.certificates(text, file: files.certificate)
    let key = try Pem.key(keyText, file: files.key)
    do throws(CertificateProblem) {
      let node = try await verifier.verify(fresh, at: now)
      guard node.name == own.name, fresh[0].publicKey == key.publicKey, node.end > own.end else {
        throw .malformed("not our node, our key and a later end")
      }
    } catch { throw FileProblem(files.certificate, .unusable("the renewal: \(error)")) }
    try SmallFile.write(text, to: files.certificate, mode: 0o644, replaces: true)
    return fresh[0].notValidAfter
  }

  /// Whole days until the own certificate ends; negative afterwards.
  public func daysLeft(at now: Date) -> Int { Int((own.end.timeIntervalSince(now) / 86_400).rounded(.down)) }
}
