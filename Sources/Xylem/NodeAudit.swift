import Access
import Engine
import Formats
import Messages
import Ports
import Primitives

/// What an audit entry says, for people and programs.
public struct AuditLine: Sendable {
  public let entry: AuditEntry
  /// Hash of the entry: what an auditor notes.
  public let hash: Digest256
}

/// Whether the chain holds, and where it stands.
public struct AuditReport: Sendable {
  public let entries: UInt64
  public let heads: UInt64
  /// Number and hash of the last entry.
  public let last: UInt64
  public let hash: Digest256
  /// The last entry that a signed head covers.
  public let covered: UInt64
}

extension Node {
  /// Appends entries to the node's audit chain; they are durable on return.
  ///
  /// - Throws: storage failures; the act that they record must not be told then.
  public func audit(_ drafts: [AuditEntry.Draft]) async throws(Failure) {
    guard !drafts.isEmpty else { return }
    let auditLog = auditLog
    try await thread.performWritten { engine in auditLog.append(drafts, to: engine) }
  }

  /// Appends entries about plain reading: durable within 50 ms, while the answer goes its way.
  public func auditSoon(_ drafts: [AuditEntry.Draft]) async throws(Failure) {
    guard !drafts.isEmpty else { return }
    guard let isFirst = auditLog.wait(drafts) else { return try await audit(drafts) }
    guard isFirst else { return }
    Task { [self] in
      try? await Task.sleep(for: .milliseconds(AuditLog.waitingMilliseconds))
      // A node that cannot write ends by itself, and says so.
      try? await auditWaiting()
    }
  }

  /// Appends entries that are durable no later than whatever is committed after this returned.
  public func auditAhead(_ drafts: [AuditEntry.Draft]) async throws(Failure) {
    let auditLog = auditLog
    try await thread.perform { engine in auditLog.append(drafts, to: engine) }
  }

  /// Brings what waits into the chain.
  func auditWaiting() async throws(Failure) {
    guard auditLog.hasWaiting else { return }
    let auditLog = auditLog
    try await thread.performWritten { engine in auditLog.append([], to: engine) }
  }

  /// Entries of the chain, oldest first.
  ///
  /// - Parameters:
  ///   - after: the number before the first; 0 from the beginning.
  ///   - limit: at most so many.
  ///   - matches: only those that it says yes to.
  public func auditEntries(
    after: UInt64 = 0, limit: Int, scope: Scope, where matches: @escaping @Sendable (AuditEntry) -> Bool = { _ in true }
  ) async throws(Failure) -> [AuditLine] {
    try requireAudit(scope)
    return try await readAudit { reader in
      var lines: [AuditLine] = []
      let hashing = Hashing()
      try NodeAudit.forEach(reader, after: after) { bytes in
        let entry: AuditEntry
        do { entry = try AuditEntry(bytes) } catch { throw StoreError.corrupt("an audit entry") }
        if matches(entry) { lines.append(AuditLine(entry: entry, hash: hashing.digest(bytes))) }
        return lines.count < limit
      }
      return lines
    }
  }

  /// Follows the whole chain and checks every head.
  ///
  /// - Throws: `XYL-ACC-0014` with the entry at which it breaks.
  public func verifyAudit(scope: Scope) async throws(Failure) -> AuditReport {
    try requireAudit(scope)
    let (network, node, key) = (Engine.networkHash(identity.network), identity.node, auditLog.key.publicKey)
    return try await readAudit { reader in
      var verifier = AuditVerifier(after: 0, hash: .zero, key: key, network: network, node: node)
      try NodeAudit.follow(reader, after: 0) { bytes, isHead in
        if isHead { try NodeAudit.check(bytes, &verifier) } else { try verifier.add(bytes) }
        return true
      }
      return AuditReport(
        entries: verifier.entries, heads: verifier.heads, last: verifier.last.number, hash: verifier.last.hash,
        covered: verifier.covered)
    }
  }

  /// The chain after an entry as a file, with a head over its end; the export is an entry of it.
  ///
  /// - Throws: `XYL-API-0004` when it would be larger than a file may be: export it in pieces.
  public func exportAudit(after: UInt64 = 0, actor: Text, session: UInt32, scope: Scope) async throws(Failure) -> Bytes
  {
    try requireAudit(scope)
    let log = auditLog
    let draft = AuditEntry.Draft(.auditRead, actor: actor, session: session, detail: "export after \(after)")
    try await thread.performWritten { engine in log.append([draft], to: engine, sealing: true) }
    let (network, node, key) = (Engine.networkHash(identity.network), identity.node, auditLog.key.publicKey)
    return try await readAudit { reader in
      var hash = Digest256.zero
      if after > 0 {
        guard let bytes = try reader.get(.meta, MetaKey.auditEntry(after)) else {
          throw Failure(.apiBadParameter, ["parameter": "after", "expected": "an entry's number", "found": "\(after)"])
        }
        hash = Hashing().digest(bytes)
      }
      var writer = AuditFile.Writer(network: network, node: node, key: key, after: after, hash: hash)
      // What was appended since the head above is the next export's.
      let (_, last) = try reader.last(.meta, from: MetaKey.auditHeads, to: MetaKey.auditHeads.prefixEnd()) ?? ([], [])
      let end = try AuditHead(last).number
      try NodeAudit.follow(reader, after: after) { bytes, isHead in
        if isHead { writer.head(bytes) } else { writer.entry(bytes) }
        guard writer.byteCount < NodeAudit.exportBytesMax else {
          throw Failure(.apiBodyTooLarge, ["maximum": "\(NodeAudit.exportBytesMax)"])
        }
        return true
      } upTo: {
        end
      }
      return writer.finish()
    }
  }

  private func requireAudit(_ scope: Scope) throws(Failure) {
    guard scope.verbs.contains(.audit) else {
      throw Failure(.accessForbidden, ["action": "read the audit log", "action.zh": "查看审计日志"])
    }
  }

  private func readAudit<Result: Sendable>(
    _ body: @escaping @Sendable (any StoreReader) throws -> Result
  ) async throws(Failure) -> Result {
    try await auditWaiting()
    let store = store
    do {
      return try await readers.perform {
        let snapshot = try store.holdSnapshot()
        defer { snapshot.release() }
        return try body(snapshot.reader)
      }
    } catch let fault as AuditFault {
      throw Failure(.accessAuditBroken, ["number": "\(fault.number)", "reason": fault.reason])
    } catch { throw Failure(anyError: error) }
  }
}

/// Walks over a stored chain.
enum NodeAudit {
  /// Bytes of one export: what an answer of the interface may hold.
  static let exportBytesMax = 48 << 20

  static func check(_ bytes: Bytes, _ verifier: inout AuditVerifier) throws {
    let head: AuditHead
    do { head = try AuditHead(bytes) } catch { throw AuditFault(verifier.last.number, "a head that is none") }
    try verifier.check(head)
  }

  /// Every entry in order until `body` returns false.
  static func forEach(_ reader: any StoreReader, after: UInt64, _ body: (Bytes) throws -> Bool) throws {
    var failure: (any Error)?
    try reader.scan(.meta, from: MetaKey.auditEntry(after + 1), to: MetaKey.auditEntries.prefixEnd()) { _, value in
      do { return try body(Bytes(value)) } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
  }

  /// Entries in order, each followed by its head if it has one.
  static func follow(
    _ reader: any StoreReader, after: UInt64, _ body: (Bytes, Bool) throws -> Bool, upTo end: () -> UInt64? = { nil }
  ) throws {
    var heads: [(number: UInt64, bytes: Bytes)] = []
    var nextHead = 0
    try reader.scan(.meta, from: MetaKey.auditHead(after + 1), to: MetaKey.auditHeads.prefixEnd()) { key, value in
      let number = UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 1, as: UInt64.self))
      heads.append((number, Bytes(value)))
      return true
    }
    let end = end() ?? .max
    var number = after
    try forEach(reader, after: after) { bytes in
      number += 1
      guard number <= end else { return false }
      guard try body(bytes, false) else { return false }
      if nextHead < heads.count, heads[nextHead].number == number {
        nextHead += 1
        return try body(heads[nextHead - 1].bytes, true)
      }
      return true
    }
    // A head without its entry: the chain was cut.
    if nextHead < heads.count, heads[nextHead].number <= end { _ = try body(heads[nextHead].bytes, true) }
  }
}
