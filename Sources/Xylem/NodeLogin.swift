import Access
import Engine
import Formats
import Foundation
import Messages
import Ports
import Primitives

extension Node {
  /// What a login gives.
  public struct Login: Sendable {
    /// 64 hexadecimal digits; whoever has it is the user.
    public let token: String
    public let user: User
    public let mustChangePassword: Bool
    /// Whether a second factor must be set up before anything else.
    public let mustAddSecondFactor: Bool
  }

  /// Checks who somebody is.
  ///
  /// Wrong name, wrong password, wrong code and a locked user are one answer, and cost the same time. Five failures
  /// lock a user for 15 minutes; they are counted before the answer.
  ///
  /// - Parameter code: of the authenticator; needed once one is set up.
  /// - Throws: `XYL-ACC-0001`; `XYL-ACC-0006` when name and password are right and the code is missing; `XYL-ACC-0012`
  ///   when too many wait.
  public func login(_ name: String, password: String, code: UInt32?) async throws(Failure) -> Login {
    let refused = Failure(.accessLogin)
    let bytes: Bytes
    do { bytes = try AccessDesk.bytes(password) } catch { throw refused }
    let user = try await knownUsers().first { $0.name.string == name }
    let (access, store, log, today) = (access, store, auditLog, today)
    let thread = thread
    // What a password check decides is stored before the next one begins, so that no two count from the same number.
    let outcome = try await access.inTurn { () throws -> LoginOutcome in
      guard let user, var secret = try access.secret(of: user.id, store) else {
        _ = AccessDesk.nobody.fits(bytes)
        return .refused
      }
      let now = NodeClock.milliseconds
      let fits = secret.password.fits(bytes)
      if secret.login.isLocked(at: now) || user.isLocked { return .refused }
      guard fits else {
        secret.login.fail(at: now)
        try thread.keepNow(MetaKey.userSecret(user.id), access.seal(secret, of: user.id))
        return .refused
      }
      if secret.isCodeConfirmed {
        guard let code else { return .needsCode }
        let taken = CodeWindow.step(of: code, now: OneTimeCode.step(at: now), last: secret.lastStep) {
          OneTimeCode.code(secret.codeSecret, step: $0)
        }
        guard let taken else {
          secret.login.fail(at: now)
          try thread.keepNow(MetaKey.userSecret(user.id), access.seal(secret, of: user.id))
          return .refused
        }
        secret.lastStep = taken
      }
      secret.login.clear()
      try thread.keepNow(MetaKey.userSecret(user.id), access.seal(secret, of: user.id))
      return .done(user, mustChange: secret.mustChange, hasCode: secret.isCodeConfirmed)
    }
    let records = user.map { [UserRecords.key($0.id)] } ?? []
    switch outcome {
    case .refused:
      // The name as typed may be a password in the wrong field: only a known user is named.
      try await audit([
        AuditEntry.Draft(.loginFailed, actor: user?.name ?? "unknown", records: records)
      ])
      throw refused
    case .needsCode: throw Failure(.accessCodeNeeded)
    case .done(let user, let mustChange, let hasCode):
      let (token, number) = access.open(user.id, hasSecondFactor: hasCode, mustChangePassword: mustChange)
      let draft = AuditEntry.Draft(.login, actor: user.name, session: number, records: records)
      try await thread.performWritten { engine in log.append([draft], to: engine) }
      return Login(
        token: token, user: user, mustChangePassword: mustChange,
        mustAddSecondFactor: !hasCode && user.needsSecondFactor(on: today))
    }
  }

  private enum LoginOutcome: Sendable {
    case refused
    case needsCode
    case done(User, mustChange: Bool, hasCode: Bool)
  }

  /// Who a token belongs to, used now.
  ///
  /// - Parameters:
  ///   - isForNewcomers: whether the request is allowed before the password is changed and the second factor set up.
  ///   - verb: what the request takes.
  ///   - reason: why masked items shall be shown; nil leaves them masked.
  /// - Throws: `XYL-ACC-0002` without a session that holds, `XYL-ACC-0007`, `XYL-ACC-0015`, `XYL-ACC-0003`,
  ///   `XYL-ACC-0005`.
  public func actor(
    token: String, for verb: Verbs, isForNewcomers: Bool, reason: Text? = nil
  ) async throws(Failure) -> Actor {
    func ended(_ zh: String, _ en: String) -> Failure { Failure(.accessSession, ["reason": en, "reason.zh": zh]) }
    guard let session = access.session(token) else {
      throw ended(
        "会话不存在、闲置超过 15 分钟或节点已重启", "it does not exist, was idle for 15 minutes, or the node was restarted")
    }
    guard let user = try await knownUsers().first(where: { $0.id == session.user }), !user.isLocked else {
      throw ended("用户已被锁定", "the user is locked")
    }
    if !isForNewcomers {
      if session.mustChangePassword { throw Failure(.accessPasswordChange) }
      if user.needsSecondFactor(on: today), !session.hasSecondFactor { throw Failure(.accessSecondFactor) }
    }
    do throws(AccessDenial) {
      let scope = try Authoriser.scope(of: user, verb: verb, reason: reason, today: today)
      return Actor(user: user, session: session, scope: scope)
    } catch { throw Node.failure(of: error) }
  }

  /// Notes that somebody was not admitted; of callers without a session at most 60 a minute, with the number of those
  /// left out before.
  ///
  /// - Parameter detail: the code and the route, not what was asked for.
  public func auditRefusal(token: String?, ownsSocket: Bool, detail: Text) async throws(Failure) {
    var name: Text = "unknown"
    if let token {
      if let session = access.session(token) {
        name = try await knownUsers().first { $0.id == session.user }?.name ?? "unknown"
      }
    } else if ownsSocket {
      name = Authoriser.operatorName
    }
    var dropped: UInt64 = 0
    if name == "unknown" {
      guard let before = access.noteStranger() else { return }
      dropped = before
    }
    try await audit([AuditEntry.Draft(.refusal, actor: name, count: dropped, detail: detail)])
  }

  /// What the socket's owner may do.
  public func operatorActor(for verb: Verbs, reason: Text? = nil) async throws(Failure) -> Actor {
    let hasOfficer = try await hasSecurityOfficer()
    do throws(AccessDenial) {
      let scope = try Authoriser.operatorOfSocket(hasSecurityOfficer: hasOfficer, verb: verb, reason: reason)
      return Actor(user: nil, session: nil, scope: scope)
    } catch { throw Node.failure(of: error) }
  }

  static func failure(of denial: AccessDenial) -> Failure {
    switch denial {
    case .verb(let verb):
      let names = verb.names.joined(separator: ", ")
      return Failure(.accessForbidden, ["action": names, "action.zh": names])
    case .unmask: return Failure(.accessUnmask)
    case .locked: return Failure(.accessSession, ["reason": "the user is locked", "reason.zh": "用户已被锁定"])
    }
  }

  /// Ends a session.
  public func logout(_ actor: Actor) async throws(Failure) {
    guard let session = actor.session else { return }
    access.end(session)
    try await audit([actor.entry(.logout)])
  }

  /// Changes one's own password; every other session of the user ends.
  ///
  /// - Throws: `XYL-ACC-0001` when the old one is wrong, `XYL-ACC-0008` when the new one will not do.
  public func changePassword(from old: String, to new: String, _ actor: Actor) async throws(Failure) {
    guard let user = actor.user, let session = actor.session else { throw Failure(.accessSession) }
    try AccessDesk.requireStrong(new, for: user)
    let (oldBytes, newBytes) = (try AccessDesk.bytes(old), try AccessDesk.bytes(new))
    let (access, store, thread) = (access, store, thread)
    let isDone = try await access.inTurn { () throws -> Bool in
      guard var secret = try access.secret(of: user.id, store) else { return false }
      let now = NodeClock.milliseconds
      let isRight = secret.password.fits(oldBytes) && !secret.login.isLocked(at: now) && oldBytes != newBytes
      if isRight {
        secret.password = PasswordHash(newBytes, salt: AccessDesk.random(PasswordHash.saltByteCount))
        secret.mustChange = false
        secret.login.clear()
      } else {
        secret.login.fail(at: now)
      }
      try thread.keepNow(MetaKey.userSecret(user.id), access.seal(secret, of: user.id))
      return isRight
    }
    guard isDone else {
      try await audit([actor.entry(.loginFailed, records: [UserRecords.key(user.id)])])
      throw Failure(.accessLogin)
    }
    access.endAll(of: user.id, except: session)
    access.change(session) { $0.mustChangePassword = false }
    try await audit([actor.entry(.password, detail: "own", records: [UserRecords.key(user.id)])])
  }

  /// Draws a secret for one's authenticator; it counts once a code of it was given.
  ///
  /// - Returns: in base 32, as authenticators take it.
  /// - Throws: `XYL-ACC-0010` when there is one already: a security officer takes it away first.
  public func beginSecondFactor(_ actor: Actor) async throws(Failure) -> String {
    guard let user = actor.user else { throw Failure(.accessSession) }
    let (access, store, thread) = (access, store, thread)
    let text = try await access.inTurn { () throws -> String? in
      guard var secret = try access.secret(of: user.id, store), !secret.isCodeConfirmed else { return nil }
      secret.codeSecret = AccessDesk.random(OneTimeCode.secretByteCount)
      try thread.keepNow(MetaKey.userSecret(user.id), access.seal(secret, of: user.id))
      return OneTimeCode.base32(secret.codeSecret)
    }
    guard let text else { throw Failure(.accessUserExists, ["user": "\(user.name) TOTP"]) }
    return text
  }

  /// Sets the second factor in force with a first code of it.
  ///
  /// - Throws: `XYL-ACC-0001` for a wrong code.
  public func confirmSecondFactor(_ code: UInt32, _ actor: Actor) async throws(Failure) {
    guard let user = actor.user, let session = actor.session else { throw Failure(.accessSession) }
    let (access, store, thread) = (access, store, thread)
    let isDone = try await access.inTurn { () throws -> Bool in
      guard var secret = try access.secret(of: user.id, store), !secret.isCodeConfirmed, !secret.codeSecret.isEmpty
      else { return false }
      let now = OneTimeCode.step(at: NodeClock.milliseconds)
      let taken = CodeWindow.step(of: code, now: now, last: 0) { OneTimeCode.code(secret.codeSecret, step: $0) }
      guard let taken else { return false }
      secret.lastStep = taken
      secret.isCodeConfirmed = true
      try thread.keepNow(MetaKey.userSecret(user.id), access.seal(secret, of: user.id))
      return true
    }
    guard isDone else { throw Failure(.accessLogin) }
    access.change(session) { $0.hasSecondFactor = true }
    try await audit([actor.entry(.secondFactor, detail: "set up", records: [UserRecords.key(user.id)])])
  }
}
