import Certificates
import Foundation
import Logging
import Messages
import Ports
import Primitives
import Transport

extension ListenError: FailureConvertible {
  /// An address in use is the operator's to mend, as is a certificate; anything else the system said is told as it is.
  public var failure: Failure {
    switch self {
    case .addressInUse(let address): Failure(.configPortInUse, ["address": "\(address)", "key": "link.listen"])
    case .refused(let address, let number):
      Failure(.storageIO, ["operation": "listen", "reason": "errno \(number)", "file": "\(address)"])
    case .otherNode(let certificate, let store):
      Failure(
        .configCertificate,
        ["key": "tls.certificate", "file": "-", "reason": "it names \(certificate), the store is \(store)"])
    case .security(let reason):
      Failure(.configCertificate, ["key": "tls.certificate", "file": "-", "reason": reason])
    case .stopped: Failure(.nodeStopping)
    }
  }
}

/// Live links for a node of this process: give the carrier to `Node.open`.
public enum Links {
  /// The PEM files of a node, under a name that needs no further import.
  public typealias Files = CredentialFiles

  /// How links are protected.
  public enum Protection: Sendable {
    /// TLS 1.3 with certificates at both ends; the files are read again when they change.
    ///
    /// - Parameters:
    ///   - files: PEM files, as `xylemctl cert issue` writes them.
    ///   - parentNode: the only node that may be the parent; nil believes any node's certificate of the network.
    ///   - issuer: the folder of the authority that renews certificates of children; nil renews none.
    case certificates(_ files: CredentialFiles, parentNode: NodeID? = nil, issuer: String? = nil)
    /// No encryption and no certificates, on the loopback device only: for tests.
    case insecurePlaintextForTests
  }

  /// A carrier that will listen for children and dial the parent once the node starts it; until then it holds nothing.
  ///
  /// - Parameters:
  ///   - listen: `ADDRESS:PORT` for children, or nil for a node without children.
  ///   - parent: `HOST:PORT` of the parent, or nil at the top of the network.
  /// - Throws: `XYL-CFG-0018` and `XYL-CFG-0014` with the key of the file that cannot be used; `XYL-CFG-0003` for an
  ///   address; `XYL-CFG-0013` for a plaintext address off this machine. Starting it throws `ListenError`.
  public static func carrier(
    listen: String?, parent: String?, protection: Protection, log: Logger = Logger(label: "xylem.link")
  ) async throws(Failure) -> any LinkCarrier {
    var options: TCPCarrier.Options
    let reach: LinkAddress.Reach
    switch protection {
    case .certificates(let files, let parentNode, let issuer):
      do throws(FileProblem) {
        let credentials = try await Credentials.load(files, at: Date())
        options = TCPCarrier.Options(.certificates(credentials, files: files, parentNode: parentNode))
        if let issuer { _ = try AuthorityFolder.open(issuer) }
        options.issuer = issuer
      } catch { throw failure(error, files) }
      reach = .anywhere
    case .insecurePlaintextForTests:
      options = TCPCarrier.Options(.plaintextForTests)
      reach = .loopback
    }
    if let listen { options.listen = try address(listen, "link.listen", reach) }
    if let parent { options.parent = try address(parent, "link.parent", reach) }
    return TCPCarrier(options, log: log)
  }

  private static func address(
    _ text: String, _ key: String, _ reach: LinkAddress.Reach
  ) throws(Failure) -> LinkAddress {
    do throws(LinkAddressError) { return try LinkAddress(text, reach: reach) } catch {
      switch error {
      case .malformed:
        throw Failure(.configWrongType, ["key": key, "expected": "HOST:PORT", "found": text])
      case .notLoopback: throw Failure(.configPlaintextNotLoopback, ["key": key, "address": text])
      }
    }
  }

  private static func failure(_ problem: FileProblem, _ files: CredentialFiles) -> Failure {
    let key =
      switch problem.path {
      case let path where ![files.certificate, files.key, files.authorities, files.denied].contains(path): "tls.issuer"
      case files.key: "tls.key"
      case files.authorities: "tls.authorities"
      case files.denied: "tls.revoked"
      default: "tls.certificate"
      }
    switch problem.kind {
    case .exposed(let mode):
      return Failure(.configSecretExposed, ["file": problem.path, "mode": mode, "key": key])
    case .system(let reason), .unusable(let reason):
      return Failure(.configCertificate, ["key": key, "file": problem.path, "reason": reason])
    case .exists: return Failure(.configCertificate, ["key": key, "file": problem.path, "reason": "it exists"])
    }
  }
}
