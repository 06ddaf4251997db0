import Certificates
import Foundation
import NIOCore
import NIOSSL
import Ports
import Primitives
import Synchronization

/// The certificates of a carrier and what TLS makes of them.
///
/// 1. TLS 1.3 only, both sides with certificates, no early data. Whom a certificate names, its chain, its time and the
///    deny lists are judged by `PeerVerifier`, with a reason for the log; BoringSSL checks the handshake itself.
/// 2. New credentials hold for the next connection. Open links end when their certificate ends or is denied.
final class LinkSecurity: Sendable {
  private struct State {
    var credentials: Credentials
    var server: NIOSSLContext
    var client: NIOSSLContext
  }

  let parentNode: NodeID?
  private let clock: @Sendable () -> Date
  private let closeDeadline: TimeAmount
  private let state: Mutex<State>

  /// - Throws: when BoringSSL cannot use the certificate or its key.
  init(
    _ credentials: Credentials, parentNode: NodeID?, closeDeadline: TimeAmount, now: @escaping @Sendable () -> Date
  ) throws {
    self.parentNode = parentNode
    clock = now
    self.closeDeadline = closeDeadline
    state = Mutex(
      State(
        credentials: credentials, server: try LinkSecurity.context(credentials, isServer: true, closeDeadline),
        client: try LinkSecurity.context(credentials, isServer: false, closeDeadline)))
  }

  /// The time that certificates are judged by.
  func now() -> Date { credentials.time(clock()) }

  var credentials: Credentials { state.withLock { $0.credentials } }

  /// Takes new credentials for the connections to come.
  func replace(_ credentials: Credentials) throws {
    let server = try LinkSecurity.context(credentials, isServer: true, closeDeadline)
    let client = try LinkSecurity.context(credentials, isServer: false, closeDeadline)
    state.withLock { $0 = State(credentials: credentials, server: server, client: client) }
  }

  /// Keeps a deny list that the verifier admits; returns all lists as a file holds them when it was news.
  func take(_ list: DenyList) async -> String? {
    guard credentials.verifier.isOfItsTime(list, by: max(clock(), credentials.start)),
      await credentials.verifier.admits(list, at: now())
    else { return nil }
    return state.withLock { state in
      guard state.credentials.verifier.denied.take(list) else { return nil }
      return state.credentials.verifier.denied.text
    }
  }

  private static func context(
    _ credentials: Credentials, isServer: Bool, _ closeDeadline: TimeAmount
  ) throws -> NIOSSLContext {
    let chain = try credentials.chain.map {
      NIOSSLCertificateSource.certificate(try NIOSSLCertificate(bytes: $0, format: .der))
    }
    let key = NIOSSLPrivateKeySource.privateKey(
      try NIOSSLPrivateKey(bytes: Bytes(credentials.keyText.utf8), format: .pem))
    var configuration =
      isServer
      ? TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
      : TLSConfiguration.makeClientConfiguration()
    configuration.certificateChain = chain
    configuration.privateKey = key
    configuration.minimumTLSVersion = .tlsv13
    configuration.maximumTLSVersion = .tlsv13
    // Asks for a certificate and insists on one; what it says is judged by our callback instead of BoringSSL's judge.
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .certificates(
      try credentials.authorities.map { try NIOSSLCertificate(bytes: $0, format: .der) })
    configuration.shutdownTimeout = closeDeadline
    return try NIOSSLContext(configuration: configuration)
  }

  /// The handler of one connection; what it finds out about the peer is noted in `examination`.
  func handler(isParent: Bool, _ examination: Examination) throws -> NIOSSLHandler {
    let verify: NIOSSLCustomVerificationCallback = { [self] certificates, promise in
      // Chains of ours have three certificates; the rest is not even copied.
      let chain = certificates.prefix(9).map { (try? $0.toDERBytes()) ?? [] }
      let verifier = credentials.verifier
      let expected = isParent ? parentNode : nil
      Task {
        do throws(CertificateProblem) {
          let node = try await verifier.verify(chain, at: now())
          if let expected, node.name.node != expected { throw .otherNode(node.name, expected: expected) }
          examination.note(.success(node), chain)
          promise.succeed(.certificateVerified)
        } catch {
          examination.note(.failure(error), chain)
          promise.succeed(.failed)
        }
      }
    }
    let (server, client) = state.withLock { ($0.server, $0.client) }
    return isParent
      ? try NIOSSLClientHandler(context: client, serverHostname: nil, customVerificationCallback: verify)
      : NIOSSLServerHandler(context: server, customVerificationCallback: verify)
  }
}

/// What was found out about the peer of one connection, and both ends' certificates.
final class Examination: Sendable {
  private struct State {
    var result: Result<VerifiedNode, CertificateProblem>?
    var chain: [Bytes] = []
  }
  /// SHA-256 of the certificate that we showed.
  let own: Bytes
  private let state = Mutex(State())

  init(own: Bytes) { self.own = own }

  func note(_ result: Result<VerifiedNode, CertificateProblem>, _ chain: [Bytes]) {
    state.withLock { $0 = State(result: result, chain: chain) }
  }

  /// The peer, once it was found good.
  var node: VerifiedNode? { state.withLock { try? $0.result?.get() } }
  /// Why the peer was not.
  var problem: CertificateProblem? {
    state.withLock { if case .failure(let problem) = $0.result { problem } else { nil } }
  }
  /// What the peer showed, leaf first.
  var chain: [Bytes] { state.withLock { $0.chain } }
}

/// What went wrong in a handshake, in words for a log.
func handshakeReason(_ error: any Error, _ examination: Examination?) -> String {
  if let problem = examination?.problem { return "the peer's certificate: \(problem)" }
  if case NIOSSLError.uncleanShutdown = error { return "the peer hung up" }
  let text = "\(error)"
  // The names of BoringSSL's reasons, include/openssl/ssl.h. Under TLS 1.3 a server's refusal of our certificate comes
  // when we think that the handshake is over, and as an error of another type.
  let words = [
    ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "the peer's certificate: \(CertificateProblem.missing)"),
    ("UNSUPPORTED_PROTOCOL", "the peer does not speak TLS 1.3"),
    ("PROTOCOL_VERSION", "the peer does not speak TLS 1.3"), ("HTTP_REQUEST", "the peer speaks HTTP, not TLS"),
    ("WRONG_VERSION_NUMBER", "the peer does not speak TLS"), ("ALERT", "the peer refused our certificate (\(text))"),
    ("EOF", "the peer hung up during the handshake"),
  ]
  return words.first { text.contains($0.0) }?.1 ?? text
}
