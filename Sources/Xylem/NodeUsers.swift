import Access
import Engine
import Formats
import Messages
import Ports
import Primitives

/// Who acts: the user, or nil for the socket's owner, and the session.
public struct Actor: Sendable {
  public let user: User?
  /// The session of the request; nil for the socket's owner.
  public let session: SessionTable.Session?
  public let scope: Scope

  /// Somebody with a scope.
  public init(user: User?, session: SessionTable.Session?, scope: Scope) {
    self.user = user
    self.session = session
    self.scope = scope
  }

  /// An entry about what this one did.
  public func entry(
    _ act: AuditAct, org: RecordID? = nil, count: UInt64 = 0, detail: Text = "", records: [RecordKey] = []
  ) -> AuditEntry.Draft {
    AuditEntry.Draft(
      act, actor: scope.actor, session: session?.number ?? 0, org: org, count: count, detail: detail, records: records)
  }
}

extension Node {
  /// The users of this node's domain, by name.
  public func users(scope: Scope) async throws(Failure) -> [User] {
    try require(.users, of: scope)
    return try await knownUsers()
  }

  /// Whether somebody decides on rights here: the operator of the socket is an administrator like any other then.
  public func hasSecurityOfficer() async throws(Failure) -> Bool {
    let today = today
    return try await knownUsers().contains { user in
      !user.isLocked && user.grants(on: today).contains { $0.role == .securityOfficer }
    }
  }

  func knownUsers() async throws(Failure) -> [User] {
    let (known, generation) = access.users
    if let known { return known }
    // A node that still pulls its history back may get users that it has not yet.
    let isSettled = try await thread.perform { $0.standing == .writing }
    let partition = identity.partition
    let found = try await read(Authoriser.embedder("users")) { _, moment in
      try UserRecords.read(moment.snapshot.reader, partition)
    }
    if isSettled { access.keep(found, readAt: generation) }
    return found
  }

  func user(named name: String) async throws(Failure) -> User {
    guard let user = try await knownUsers().first(where: { $0.name.string == name }) else {
      throw Failure(.accessUnknownUser, ["user": name])
    }
    return user
  }

  func require(_ verb: Verbs, of scope: Scope) throws(Failure) {
    guard scope.verbs.isSuperset(of: verb) else {
      let names = verb.names.joined(separator: ", ")
      throw Failure(.accessForbidden, ["action": names, "action.zh": names])
    }
  }

  /// Makes changes of users: the commit and its audit entries are durable together on return.
  private func changeUsers(
    _ actor: Actor, _ reason: String, _ entries: [AuditEntry.Draft], secret: (user: RecordID, sealed: Bytes)? = nil,
    _ operations: [Formats.Operation]
  ) async throws(Failure) {
    let (log, name) = (auditLog, actor.scope.actor)
    try await thread.performWritten { engine in
      if !operations.isEmpty {
        _ = try engine.commit(
          operations, actor: name, reason: Text(reason), clock: NodeClock.milliseconds)
      }
      if let secret { engine.keep(MetaKey.userSecret(secret.user), secret.sealed) }
      log.append(entries, to: engine)
    }
    // Read anew: what the store has is what counts.
    if !operations.isEmpty { access.forgetUsers() }
  }

  /// Adds a user without any right.
  ///
  /// - Parameters:
  ///   - home: code of the home org, one of this node's domain.
  ///   - password: chosen by the administrator, to be changed at the first login.
  /// - Throws: `XYL-ACC-0010` when the name is taken, `XYL-ACC-0008` for a bad password, `XYL-QRY-0006` for an unknown
  ///   org.
  public func addUser(
    _ name: String, label: String, home: String, password: String, by actor: Actor
  ) async throws(Failure) {
    try require(.users, of: actor.scope)
    guard User.isName(Text(name)), name != Authoriser.operatorName.string else {
      throw Failure(
        .apiBadParameter, ["parameter": "user", "expected": "1…64 bytes: letters, digits, . _ -", "found": name])
    }
    guard try await !knownUsers().contains(where: { $0.name.string == name }) else {
      throw Failure(.accessUserExists, ["user": name])
    }
    let partition = identity.partition
    let found = try await thread.perform { engine -> (org: OrgDirectory.Org, id: RecordID)? in
      guard let org = engine.directory.org(code: Text(home)), org.partition == partition else { return nil }
      return (org, engine.mint())
    }
    guard let (org, id) = found else { throw Failure(.queryUnknownOrg, ["org": home]) }
    let user = User(
      id: id, name: Text(name), label: Text(label.precomposedStringWithCanonicalMapping), home: org.id,
      isLocked: false, grants: [])
    let sealed = try await sealedSecret(password, of: user)
    try await changeUsers(
      actor, "user added",
      [actor.entry(.userAdded, org: org.id, detail: user.name, records: [UserRecords.key(id)])],
      secret: (id, sealed), [UserRecords.insertion(user)])
  }

  private func sealedSecret(_ password: String, of user: User) async throws(Failure) -> Bytes {
    try AccessDesk.requireStrong(password, for: user)
    let bytes = try AccessDesk.bytes(password)
    let access = access
    return try await access.inTurn {
      let hash = PasswordHash(bytes, salt: AccessDesk.random(PasswordHash.saltByteCount))
      return access.seal(UserSecret(password: hash, mustChange: true), of: user.id)
    }
  }

  /// Gives a user a role over the subtree of an org that this node holds.
  ///
  /// - Parameters:
  ///   - place: code of the org; for `MEMBER` the citizen id of the member.
  ///   - until: the last day; nil without end.
  /// - Throws: `XYL-ACC-0011` when the roles exclude each other, `XYL-ACC-0010` when the user has it already.
  public func grant(
    _ role: Role, at place: String, until: CivilDate?, to name: String, reason: String, by actor: Actor
  ) async throws(Failure) {
    try require(.grants, of: actor.scope)
    let user = try await user(named: name)
    if let own = actor.user, own.id == user.id {
      // Nobody gives himself anything.
      throw Failure(.accessForbidden, ["action": "grant to themselves", "action.zh": "给自己授权"])
    }
    if let has = user.conflict(with: role, on: today) {
      throw Failure(.accessRoleConflict, ["user": name, "has": has.rawValue, "role": role.rawValue])
    }
    let target = try await target(of: role, at: place)
    if user.grants(on: today).contains(where: { $0.role == role && $0.place == target }) {
      throw Failure(.accessUserExists, ["user": "\(name) \(role.rawValue) \(place)"])
    }
    let grant = Grant(
      ordinal: (user.grants.map(\.ordinal).max() ?? 0) + 1, role: role, place: target, until: until)
    try await changeUsers(
      actor, reason,
      [
        actor.entry(
          .granted, org: target, detail: Text("\(role.rawValue) \(reason)"), records: [UserRecords.key(user.id)])
      ], [UserRecords.insertion(grant, of: user.id, by: actor.scope.actor, reason: Text(reason))])
  }

  /// Takes a role over an org from a user; it ends with the next request.
  ///
  /// - Throws: `XYL-ACC-0009` when the user does not have it.
  public func revoke(
    _ role: Role, at place: String, from name: String, reason: String, by actor: Actor
  ) async throws(Failure) {
    try require(.grants, of: actor.scope)
    let user = try await user(named: name)
    let target = try await target(of: role, at: place)
    let ended = user.grants.filter { $0.role == role && $0.place == target }
    guard !ended.isEmpty else { throw Failure(.accessUnknownUser, ["user": "\(name) \(role.rawValue) \(place)"]) }
    try await changeUsers(
      actor, reason,
      [
        actor.entry(
          .revoked, org: target, detail: Text("\(role.rawValue) \(reason)"), records: [UserRecords.key(user.id)])
      ], ended.map { Formats.Operation(UserRecords.key(user.id, grant: $0.ordinal), .delete) })
  }

  private func target(of role: Role, at place: String) async throws(Failure) -> RecordID {
    if role == .member {
      let found = try await record("member", key: place, scope: Authoriser.embedder("grant"))
      guard let record = found?.first?.key.record else {
        throw Failure(.nodeRecordNotFound, ["entity": "member", "record": place])
      }
      return record
    }
    guard let org = try await thread.perform({ $0.directory.org(code: Text(place))?.id }) else {
      throw Failure(.queryUnknownOrg, ["org": place])
    }
    return org
  }

  /// Shuts a user out, at once, or lets the user in again (which also forgives failed logins).
  public func setLocked(_ isLocked: Bool, _ name: String, reason: String, by actor: Actor) async throws(Failure) {
    // Whoever sees something amiss may shut somebody out; letting in takes the right to grant.
    try require(isLocked ? .users : .grants, of: actor.scope)
    let user = try await user(named: name)
    let (access, store) = (access, store)
    var secret: (RecordID, Bytes)?
    if !isLocked {
      secret = try await access.inTurn {
        guard var secret = try access.secret(of: user.id, store) else { return nil }
        secret.login.clear()
        return (user.id, access.seal(secret, of: user.id))
      }
    }
    try await changeUsers(
      actor, reason,
      [actor.entry(isLocked ? .locked : .unlocked, detail: Text(reason), records: [UserRecords.key(user.id)])],
      secret: secret, user.isLocked == isLocked ? [] : [UserRecords.change(locked: isLocked, of: user.id)])
    if isLocked { access.endAll(of: user.id) }
  }

  /// Gives a user another password, to be changed at the next login, and takes the second factor away: both are lost
  /// together, or asked for by one who should not have them, which the audit shows.
  ///
  /// The socket's owner may do it for a security officer, the last of whom may have lost the password.
  public func resetPassword(_ name: String, to password: String, by actor: Actor) async throws(Failure) {
    let user = try await user(named: name)
    let isLostOfficer = actor.user == nil && user.grants(on: today).contains { $0.role == .securityOfficer }
    if !isLostOfficer { try require(.grants, of: actor.scope) }
    let sealed = try await sealedSecret(password, of: user)
    try await changeUsers(
      actor, "password reset",
      [
        actor.entry(
          .password, detail: isLostOfficer ? "reset of a security officer by the operator" : "reset",
          records: [UserRecords.key(user.id)])
      ], secret: (user.id, sealed), [])
    access.endAll(of: user.id)
  }
}
