import Access
import AdminProtocol
import Formats
import Messages
import Primitives
import Xylem

/// Sessions, users and rights of a real node, as protocol types.
extension NodeBackend {
  func login(_ request: LoginRequest) async throws -> LoginResponse {
    let login = try await node.login(request.user, password: request.password, code: try code(request.code))
    return LoginResponse(
      token: login.token, user: login.user.name.string, mustChangePassword: login.mustChangePassword,
      mustAddSecondFactor: login.mustAddSecondFactor)
  }

  /// Six digits as a number.
  private func code(_ text: String?) throws -> UInt32? {
    guard let text else { return nil }
    guard text.utf8.count == 6, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let code = UInt32(text) else {
      throw Failure(.apiBadParameter, ["parameter": "code", "expected": "six digits"])
    }
    return code
  }

  func logout() async throws -> DoneResponse {
    try await node.logout(actor)
    return DoneResponse()
  }

  func whoami() async throws -> WhoamiResponse {
    let user = actor.user
    var grants: [GrantLine] = []
    if let user { for grant in user.grants { grants.append(try await line(grant)) } }
    return WhoamiResponse(
      user: scope.actor.string, label: user?.label.string ?? "", grants: grants, verbs: scope.verbs.names,
      clear: scope.clear.names, mustChangePassword: actor.session?.mustChangePassword ?? false,
      mustAddSecondFactor: user.map {
        $0.needsSecondFactor(on: node.today) && !(actor.session?.hasSecondFactor ?? false)
      } ?? false)
  }

  func password(_ request: PasswordRequest) async throws -> DoneResponse {
    try requireSession()
    try await node.changePassword(from: request.old, to: request.new, actor)
    return DoneResponse()
  }

  func secondFactor(_ request: SecondFactorRequest) async throws -> SecondFactorResponse {
    try requireSession()
    if let code = try code(request.code) {
      try await node.confirmSecondFactor(code, actor)
      return SecondFactorResponse()
    }
    let secret = try await node.beginSecondFactor(actor)
    let code = node.identity.rootOrgCode
    return SecondFactorResponse(
      secret: secret, uri: "otpauth://totp/xylem-\(code):\(scope.actor)?secret=\(secret)&issuer=xylem-\(code)")
  }

  private func requireSession() throws {
    guard actor.session != nil else {
      throw Failure(
        .accessSession,
        ["reason": "the socket's owner has no password here", "reason.zh": "套接字的所有者在此没有口令"])
    }
  }

  func users(_ name: String?) async throws -> UsersResponse {
    var lines: [UserLine] = []
    for user in try await node.users(scope: scope) where name.map({ $0 == user.name.string }) ?? true {
      var grants: [GrantLine] = []
      for grant in user.grants { grants.append(try await line(grant)) }
      lines.append(
        UserLine(
          user: user.name.string, label: user.label.string, home: try await node.code(of: user.home),
          locked: user.isLocked, grants: grants))
    }
    if let name, lines.isEmpty { throw Failure(.accessUnknownUser, ["user": name]) }
    return UsersResponse(users: lines)
  }

  private func line(_ grant: Grant) async throws -> GrantLine {
    GrantLine(
      role: grant.role.rawValue, place: try await node.code(of: grant.place), until: grant.until?.description,
      holds: grant.holds(on: node.today))
  }

  func addUser(_ request: UserRequest) async throws -> DoneResponse {
    try await node.addUser(
      request.user, label: request.label, home: request.home, password: request.password, by: actor)
    return DoneResponse()
  }

  func userAction(_ user: String, _ action: String, _ request: UserActionRequest) async throws -> DoneResponse {
    let reason = request.reason ?? ""
    guard reason.utf8.count <= 500 else {
      throw Failure(.apiBadParameter, ["parameter": "reason", "expected": "at most 500 bytes"])
    }
    switch action {
    case "grant":
      let (role, place) = try roleAndPlace(request)
      var until: CivilDate?
      if let text = request.until {
        until = CivilDate(iso: text)
        guard until != nil else {
          throw Failure(.apiBadParameter, ["parameter": "until", "expected": "YYYY-MM-DD", "found": text])
        }
      }
      try await node.grant(role, at: place, until: until, to: user, reason: reason, by: actor)
    case "revoke":
      let (role, place) = try roleAndPlace(request)
      try await node.revoke(role, at: place, from: user, reason: reason, by: actor)
    case "lock": try await node.setLocked(true, user, reason: reason, by: actor)
    case "unlock": try await node.setLocked(false, user, reason: reason, by: actor)
    case "password":
      guard let password = request.password else {
        throw Failure(.apiBadParameter, ["parameter": "password", "expected": "the new password"])
      }
      try await node.resetPassword(user, to: password, by: actor)
    default:
      throw Failure(
        .apiBadParameter,
        ["parameter": "action", "expected": "grant, revoke, lock, unlock, password", "found": action])
    }
    return DoneResponse()
  }

  private func roleAndPlace(_ request: UserActionRequest) throws -> (Role, String) {
    guard let role = Role(rawValue: request.role ?? "") else {
      throw Failure(
        .apiBadParameter,
        [
          "parameter": "role", "expected": Role.allCases.map(\.rawValue).joined(separator: ", "),
          "found": request.role ?? "",
        ])
    }
    guard let place = request.place else {
      throw Failure(.apiBadParameter, ["parameter": "place", "expected": "code of an org"])
    }
    return (role, place)
  }

  func explain(_ request: ExplainRequest) async throws -> ExplainResponse {
    let explained = try await node.explain(request.user, entity: request.entity, key: request.key, by: actor)
    return ExplainResponse(
      allowed: explained.isAllowed,
      steps: explained.steps.map { .init(holds: $0.holds, zh: $0.text.zh, en: $0.text.en) })
  }

  func identity(_ request: IdentityRequest) async throws -> IdentityResponse {
    guard let found = try await node.committee(of: request.id, by: actor) else {
      return IdentityResponse(exists: false)
    }
    return IdentityResponse(exists: true, code: found.code.string, name: found.name.string)
  }

  // MARK: Audit

  func audit(_ request: AuditRequest) async throws -> AuditResponse {
    let limit = request.limit ?? 100
    guard (1...AuditRequest.limitMax).contains(limit) else {
      throw Failure(
        .apiBadParameter,
        ["parameter": "limit", "expected": "1…\(AuditRequest.limitMax)", "found": "\(limit)"])
    }
    var act: AuditAct?
    if let name = request.act {
      act = AuditAct.allCases.first { "\($0)" == name }
      guard act != nil else {
        let names = AuditAct.allCases.map { "\($0)" }.joined(separator: ", ")
        throw Failure(.apiBadParameter, ["parameter": "act", "expected": names, "found": name])
      }
    }
    let record = try await wanted(request)
    let found = try await node.auditEntries(
      after: request.after, limit: limit, act: act, user: request.user.map { Text($0) }, record: record, by: actor)
    var entries: [AuditResponse.Entry] = []
    for line in found {
      let entry = line.entry
      entries.append(
        .init(
          number: entry.number, time: entry.time, act: "\(entry.act)", actor: entry.actor.string,
          session: entry.session == 0 ? "" : String(entry.session, radix: 16),
          org: try await entry.org.asyncMap { try await node.code(of: $0) }, count: entry.count,
          detail: entry.detail.string, records: entry.records.map(\.text), hash: line.hash.bytes.hex,
          named: record.map { entry.records.contains($0) }))
    }
    return AuditResponse(entries: entries)
  }

  private func wanted(_ request: AuditRequest) async throws -> RecordKey? {
    if let text = request.record {
      guard let key = RecordKey(text: text) else {
        throw Failure(.apiBadParameter, ["parameter": "record", "expected": "a record's id", "found": text])
      }
      return key
    }
    guard let entity = request.entity, let key = request.key else { return nil }
    return try await node.recordID(entity, key: key, by: actor)
  }

  func verifyAudit() async throws -> AuditVerifyResponse {
    let report = try await node.verifyAudit(scope: scope)
    return AuditVerifyResponse(
      entries: report.entries, heads: report.heads, last: report.last, hash: report.hash.bytes.hex,
      covered: report.covered, key: node.identity.key.bytes.hex)
  }

  func exportAudit(_ request: AuditExportRequest) async throws -> [UInt8] {
    try await node.exportAudit(
      after: request.after ?? 0, actor: scope.actor, session: actor.session?.number ?? 0, scope: scope)
  }
}

extension Optional {
  fileprivate func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async throws -> Result? {
    switch self {
    case .none: nil
    case .some(let wrapped): try await body(wrapped)
    }
  }
}
