import Access
import Catalog
import Engine
import Formats
import Messages
import Ports
import Primitives
import Query

/// Why somebody may read a record, or why not.
public struct AccessExplanation: Sendable {
  public let isAllowed: Bool
  /// What was looked at, in order.
  public let steps: [(holds: Bool, text: Phrase)]
}

extension Node {
  /// The code of an org, or for people's eyes the number of any other record.
  public func code(of record: RecordID) async throws(Failure) -> String {
    try await thread.perform { engine in
      engine.directory.org(record)?.code.string ?? "\(String(record.mint, radix: 16))-\(record.counter)"
    }
  }

  /// Whether a user may read a record, and by which grant; says nothing of what is in it.
  ///
  /// - Throws: `XYL-ACC-0009` for an unknown user, `XYL-NOD-0006` for an unknown record.
  public func explain(
    _ name: String, entity entityName: String, key: String, by actor: Actor
  ) async throws(Failure) -> AccessExplanation {
    try require(.users, of: actor.scope)
    let user = try await user(named: name)
    guard let entity = catalog.entity(named: entityName) else {
      throw Failure(.queryUnknownEntity, ["entity": entityName])
    }
    let whole = Authoriser.embedder("explain")
    let today = today
    let found = try await read(whole) { view, moment -> (key: RecordKey, place: Int32, directory: OrgDirectory)? in
      guard let found = try view.lookUp(entity, index: 0, values: [.text(Text(key))], limit: 1).first else {
        return nil
      }
      return (found.key, try view.place(found.partition, found.key, found.row, entity), moment.directory)
    }
    guard let found else { throw Failure(.nodeRecordNotFound, ["entity": entityName, "record": key]) }
    // Who asks learns that the record exists, and where it stands.
    try await audit([actor.entry(.identityCheck, count: 1, detail: Text("explain \(name)"), records: [found.key])])
    var steps: [(holds: Bool, text: Phrase)] = []
    if user.isLocked { steps.append((false, Phrase("用户已被锁定", "the user is locked"))) }
    for grant in user.grants {
      let rights = grant.role.rights
      let org = found.directory.org(grant.place)
      let place = org?.code.string ?? "-"
      let head = (zh: "\(grant.role.rawValue) @ \(place)：", en: "\(grant.role.rawValue) @ \(place): ")
      let isInside =
        grant.role == .member
        ? grant.place == found.key.record
        : org.map { found.place >= $0.start && found.place < $0.end } ?? false
      if !grant.holds(on: today) {
        steps.append((false, Phrase(head.zh + "已到期", head.en + "ended")))
      } else if !rights.verbs.contains(.record) {
        steps.append((false, Phrase(head.zh + "该角色不读记录", head.en + "the role reads no records")))
      } else if let entities = rights.entities, !entities.contains(entityName) {
        steps.append((false, Phrase(head.zh + "该角色不读 \(entityName)", head.en + "the role does not read \(entityName)")))
      } else if !isInside {
        steps.append((false, Phrase(head.zh + "记录不在其下级", head.en + "the record is not in its subtree")))
      } else {
        let classes = rights.clear.names.joined()
        let more = rights.unmaskable.names.joined()
        steps.append(
          (
            true,
            Phrase(
              head.zh + "可读，明文 \(classes)" + (more.isEmpty ? "" : "，凭理由 \(more)"),
              head.en + "reads it, \(classes) in the clear" + (more.isEmpty ? "" : ", \(more) with a reason"))
          ))
      }
    }
    if user.grants.isEmpty { steps.append((false, Phrase("没有授权", "no grant"))) }
    // The decision is the gate's own, not this list's.
    var isAllowed = false
    if let scope = try? Authoriser.scope(of: user, verb: .record, today: today), scope.reads(entity: entityName) {
      isAllowed = scope.owns(found.key.record) || scope.extent(in: found.directory)?.contains(found.place) ?? true
    }
    return AccessExplanation(isAllowed: isAllowed, steps: steps)
  }

  /// The committee that keeps the member with a citizen id, anywhere in what this node holds: its domain's root org.
  /// Nothing else is told; every question is an audit entry, with the record and not the id.
  ///
  /// - Returns: nil when there is none.
  public func committee(of citizenID: String, by actor: Actor) async throws(Failure) -> (code: Text, name: Text)? {
    guard let scope = Authoriser.identityCheck(actor.scope), let member = catalog.entity(named: "member") else {
      throw Failure(.accessForbidden, ["action": "identify", "action.zh": "核对身份"])
    }
    let found = try await read(scope) { view, moment -> (key: RecordKey, code: Text, name: Text)? in
      guard let found = try view.lookUp(member, index: 0, values: [.text(Text(citizenID))], limit: 1).first,
        let code = moment.codes[found.partition]
      else { return nil }
      return (found.key, code, moment.directory.org(code: code)?.name ?? "")
    }
    try await audit([
      actor.entry(.identityCheck, count: found == nil ? 0 : 1, records: found.map { [$0.key] } ?? [])
    ])
    return found.map { ($0.code, $0.name) }
  }

  /// The id of a record by natural key, for questions about the audit log; of the record itself nothing is told.
  public func recordID(_ entityName: String, key: String, by actor: Actor) async throws(Failure) -> RecordKey {
    try require(.audit, of: actor.scope)
    guard let entity = catalog.entity(named: entityName) else {
      throw Failure(.queryUnknownEntity, ["entity": entityName])
    }
    let found = try await read(Authoriser.embedder("audit")) { view, _ in
      try view.lookUp(entity, index: 0, values: [.text(Text(key))], limit: 1).first?.key
    }
    guard let found else { throw Failure(.nodeRecordNotFound, ["entity": entityName, "record": key]) }
    return found
  }

  /// Entries as an auditor asks for them: the last ones, or those after a number, in order.
  ///
  /// - Parameters:
  ///   - record: entries that name it; and answers with many rows, which name none, where it may have been among them.
  public func auditEntries(
    after: UInt64?, limit: Int, act: AuditAct?, user: Text?, record: RecordKey?, by actor: Actor
  ) async throws(Failure) -> [AuditLine] {
    let matches: @Sendable (AuditEntry) -> Bool = { entry in
      if let act, entry.act != act { return false }
      if let user, entry.actor != user { return false }
      guard let record else { return true }
      if entry.records.contains(where: { $0.record == record.record && $0.entity == record.entity }) { return true }
      // Of so many rows an entry has the number only.
      return entry.records.isEmpty && entry.count > 0 && [.query, .unmasking].contains(entry.act)
    }
    if let after { return try await auditEntries(after: after, limit: limit, scope: actor.scope, where: matches) }
    let all = try await auditEntries(after: 0, limit: .max, scope: actor.scope, where: matches)
    return Array(all.suffix(limit))
  }
}

extension RecordKey {
  /// Reads what ``text`` wrote.
  public init?(text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, let entity = UInt8(parts[0]), let mint = UInt64(parts[1], radix: 16),
      let counter = UInt64(parts[2]), let ordinal = UInt32(parts[3])
    else { return nil }
    self.init(entity: EntityID(entity), record: RecordID(mint: mint, counter: counter), ordinal: ordinal)
  }
}

extension Node {
  /// The id of the org with a code; nil when there is none here.
  public func orgID(_ code: String) async throws(Failure) -> RecordID? {
    try await thread.perform { $0.directory.org(code: Text(code))?.id }
  }

  /// Refuses a scope that sees less than all of this node's domain:
  /// what is sent down or handed over is the node's word, not one org's.
  ///
  /// - Throws: `XYL-ACC-0003`.
  public func requireWholeDomain(_ scope: Scope) async throws(Failure) {
    let isWhole = try await thread.perform { engine in
      guard let extent = scope.extent(in: engine.directory) else { return true }
      return extent.contains(engine.directory.position(engine.identity.rootOrg))
    }
    guard isWhole else {
      throw Failure(
        .accessForbidden,
        ["action": "act for the whole of this node's domain", "action.zh": "代表本节点的整个范围办理"])
    }
  }
}
