import Foundation
import Primitives
import SwiftASN1
import X509

/// An authority on disk: what `xylemctl cert` works on.
///
/// | file | content |
/// |---|---|
/// | `ca.key` | its private key, mode 0600 |
/// | `ca.crt` | its certificate, then those above it up to the root |
/// | `authorities.crt` | the root's certificate: what nodes believe |
/// | `issued` | what it issued and called back (``IssuedIndex``) |
/// | `revoked.txt` | its signed deny list |
///
/// A certificate is written down before it is handed out, and a revocation before its list is signed: after a crash the
/// index knows more than was handed out, never less. Two commands at a time wait for each other.
public final class AuthorityFolder {
  /// The folder.
  public let path: String
  /// The authority itself.
  public let authority: Authority
  private var indexFile: String { "\(path)/issued" }
  /// The signed deny list.
  public var denyListFile: String { "\(path)/revoked.txt" }

  private init(_ path: String, _ authority: Authority) {
    self.path = path
    self.authority = authority
  }

  /// Held while a command changes the folder.
  private func lock() throws(FileProblem) -> FileLock { try FileLock("\(path)/lock") }

  /// Makes a root, or an authority below `parent`, in a missing or empty folder.
  public static func create(
    _ path: String, network: String, name: String, days: Int, below parent: AuthorityFolder? = nil, now: Date
  ) throws(FileProblem) -> AuthorityFolder {
    guard !network.isEmpty, network.utf8.count <= 128, singleLine(network) == network else {
      throw FileProblem(path, .unusable("a network's name has 1 to 128 bytes in one line"))
    }
    try SmallFile.makeFolder(path)
    for name in ["ca.key", "ca.crt", "issued"] where access("\(path)/\(name)", F_OK) == 0 {
      throw FileProblem("\(path)/\(name)", .exists)
    }
    let authority: Authority
    do {
      if let parent {
        authority = try parent.authority.subordinate(name: name, days: days, now: now)
        let lock = try parent.lock()
        try parent.note(authority.certificate, node: nil, label: name)
        lock.release()
      } else {
        authority = try Authority.root(network: network, name: name, days: days, now: now)
      }
    } catch { throw problem(error, path) }
    let folder = AuthorityFolder(path, authority)
    do {
      try SmallFile.write(Pem.text(authority.key), to: "\(path)/ca.key", mode: 0o600, replaces: false)
      let chain = try Pem.text([authority.certificate] + authority.above)
      try SmallFile.write(chain, to: "\(path)/ca.crt", mode: 0o644, replaces: false)
      try SmallFile.write(authority.rootText, to: "\(path)/authorities.crt", mode: 0o644, replaces: true)
      try SmallFile.write(
        "\(IssuedIndex.firstLine)\nnetwork: \(network)\n", to: folder.indexFile, mode: 0o644, replaces: false)
      try folder.signDenyList(sequence: 1, now: now)
    } catch { throw problem(error, path) }
    return folder
  }

  /// Opens an authority.
  public static func open(_ path: String) throws(FileProblem) -> AuthorityFolder {
    let chain = try Pem.certificates(SmallFile.text("\(path)/ca.crt"), file: "\(path)/ca.crt")
    let key = try Pem.key(SmallFile.text("\(path)/ca.key", isSecret: true), file: "\(path)/ca.key")
    guard key.publicKey == chain[0].publicKey, chain[0].isAuthority else {
      throw FileProblem("\(path)/ca.key", .unusable("it is not the key of ca.crt beside it"))
    }
    let index = try IssuedIndex(SmallFile.text("\(path)/issued"), file: "\(path)/issued")
    let authority = Authority(
      network: index.network, certificate: chain[0], key: key, above: Array(chain.dropFirst()))
    return AuthorityFolder(path, authority)
  }

  /// Everything it issued, oldest first.
  public func issued() throws(FileProblem) -> [IssuedCertificate] {
    try IssuedIndex(SmallFile.text(indexFile), file: indexFile).certificates
  }

  /// Makes a key and a certificate for a node and writes `node.key`, `node.crt`, `authorities.crt` and `revoked.txt`
  /// into a folder.
  public func issue(
    to node: NodeID, label: String, days: Int = Authority.Life.nodeDays, into folder: String, now: Date
  ) throws(FileProblem) -> IssuedCertificate {
    let lock = try self.lock()
    defer { lock.release() }
    try SmallFile.makeFolder(folder)
    let key = Authority.newKey()
    do {
      try SmallFile.write(Pem.text(key), to: "\(folder)/node.key", mode: 0o600, replaces: false)
    } catch { throw AuthorityFolder.problem(error, folder) }
    return try issue(key.publicKey, node, label, days, into: folder, now: now)
  }

  /// Makes a certificate for the key of a request (``CertificateRequest``), written as by
  /// ``issue(to:label:days:into:now:)`` without the key, which never leaves its node.
  ///
  /// - Throws: `.unusable` for a request that its own key did not sign, or of another network.
  public func issue(
    request file: String, days: Int = Authority.Life.nodeDays, into folder: String, now: Date
  ) throws(FileProblem) -> IssuedCertificate {
    let lock = try self.lock()
    defer { lock.release() }
    let request = try CertificateRequest.read(file)
    guard request.name.network.utf8.elementsEqual(authority.network.utf8) else {
      throw FileProblem(file, .unusable("it is for the network \(request.name.network), not \(authority.network)"))
    }
    try SmallFile.makeFolder(folder)
    return try issue(request.publicKey, request.name.node, request.label, days, into: folder, now: now)
  }

  /// Makes a new certificate for the node and the key of an old one, in its place. The old one stays good until its
  /// end.
  ///
  /// - Throws: `.unusable` when the old one is not of this authority or was revoked.
  public func renew(
    _ file: String, days: Int = Authority.Life.nodeDays, now: Date
  ) throws(FileProblem) -> IssuedCertificate {
    let lock = try self.lock()
    defer { lock.release() }
    let old = try Pem.certificates(SmallFile.text(file), file: file)[0]
    guard let name = old.nodeName, let known = try issued().first(where: { $0.serial == old.serial }) else {
      throw FileProblem(file, .unusable("this authority did not issue it"))
    }
    guard known.revoked == nil else { throw FileProblem(file, .unusable("it was revoked: \(known.reason)")) }
    let folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
    return try issue(old.publicKey, name.node, known.label, days, into: folder, file: file, now: now)
  }

  /// Makes a new certificate for the node and the key of an old one, whose holder has just proved that key.
  ///
  /// - Parameter old: DER.
  /// - Returns: what the node's certificate file is to hold.
  /// - Throws: `.unusable` when the old one is not of this authority or was revoked.
  public func renewal(
    of old: Bytes, days: Int = Authority.Life.nodeDays, now: Date
  ) throws(FileProblem) -> (issued: IssuedCertificate, text: String) {
    let lock = try self.lock()
    defer { lock.release() }
    guard let certificate = try? Certificate(derEncoded: old), let name = certificate.nodeName,
      let known = try issued().first(where: { $0.serial == certificate.serial })
    else { throw FileProblem(indexFile, .unusable("this authority did not issue it")) }
    guard known.revoked == nil else { throw FileProblem(indexFile, .unusable("it was revoked: \(known.reason)")) }
    do {
      let fresh = try authority.issue(
        name, label: known.label, publicKey: certificate.publicKey, days: days, now: now)
      return (try note(fresh, node: name.node, label: known.label), try authority.chainText(fresh))
    } catch { throw AuthorityFolder.problem(error, path) }
  }

  private func issue(
    _ publicKey: Certificate.PublicKey, _ node: NodeID, _ label: String, _ days: Int, into folder: String,
    file: String? = nil, now: Date
  ) throws(FileProblem) -> IssuedCertificate {
    do {
      let certificate = try authority.issue(
        NodeName(network: authority.network, node: node), label: label, publicKey: publicKey, days: days, now: now)
      let entry = try note(certificate, node: node, label: label)
      try SmallFile.write(
        authority.chainText(certificate), to: file ?? "\(folder)/node.crt", mode: 0o644, replaces: true)
      try SmallFile.write(
        authority.rootText, to: "\(folder)/authorities.crt", mode: 0o644, replaces: true, isCopy: true)
      try SmallFile.write(
        SmallFile.text(denyListFile), to: "\(folder)/revoked.txt", mode: 0o644, replaces: true, isCopy: true)
      return entry
    } catch { throw AuthorityFolder.problem(error, folder) }
  }

  @discardableResult
  private func note(_ certificate: Certificate, node: NodeID?, label: String) throws(FileProblem) -> IssuedCertificate {
    let entry = IssuedCertificate(
      serial: certificate.serial, node: node, label: singleLine(label), start: certificate.notValidBefore,
      end: certificate.notValidAfter)
    try SmallFile.append(IssuedIndex.line(entry, network: authority.network), to: indexFile)
    return entry
  }

  /// Calls certificates back and signs the next deny list.
  ///
  /// - Returns: what was called back now, which leaves out what had been before.
  public func revoke(
    _ serials: [String], reason: String, now: Date
  ) throws(FileProblem) -> [IssuedCertificate] {
    let lock = try self.lock()
    defer { lock.release() }
    let before = try issued()
    var fresh: [IssuedCertificate] = []
    for serial in serials {
      guard let known = before.first(where: { $0.serial == serial }) else {
        throw FileProblem(indexFile, .unusable("it has no certificate \(serial)"))
      }
      if known.revoked == nil { fresh.append(known) }
    }
    for certificate in fresh {
      try SmallFile.append(
        IssuedIndex.line(revoked: certificate.serial, time: now, reason: reason), to: indexFile)
    }
    let last = DenyList(try SmallFile.text(denyListFile))?.sequence ?? 0
    try signDenyList(sequence: last + 1, now: now)
    return fresh
  }

  /// Signs the list of what is called back and not yet ended: what has ended is refused by its date.
  private func signDenyList(sequence: UInt64, now: Date) throws(FileProblem) {
    let entries = try issued().compactMap { certificate -> DenyList.Entry? in
      // A day longer, for clocks that are behind.
      guard let revoked = certificate.revoked, certificate.end + 86_400 > now else { return nil }
      return DenyList.Entry(
        serial: certificate.serial, node: certificate.node, time: revoked, reason: certificate.reason)
    }
    do {
      let list = try DenyList.signed(
        network: authority.network, sequence: sequence, time: now, entries: entries, issuer: authority.certificate,
        key: authority.key)
      try SmallFile.write(list.text, to: denyListFile, mode: 0o644, replaces: true)
    } catch { throw AuthorityFolder.problem(error, denyListFile) }
  }

  static func problem(_ error: any Error, _ path: String) -> FileProblem {
    error as? FileProblem ?? FileProblem(path, .unusable("\(error)"))
  }
}

/// Held while a command changes an authority, until ``release()``, the object's end or the process's.
final class FileLock {
  private let descriptor: Int32

  init(_ path: String) throws(FileProblem) {
    descriptor = Foundation.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw .system(path) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw .system(path) }
    }
  }

  /// Lets the next one in.
  func release() { flock(descriptor, LOCK_UN) }

  deinit { close(descriptor) }
}
