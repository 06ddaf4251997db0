import AdminProtocol
import Hummingbird
import Messages
import NIOCore

/// What the interface asks of users, rights and the audit log; part of ``AdminBackend``.
public protocol AccessBackend: Sendable {
  /// `POST /v1/session`.
  func login(_ request: LoginRequest) async throws -> LoginResponse
  /// `POST /v1/session/end`.
  func logout() async throws -> DoneResponse
  /// `GET /v1/session`.
  func whoami() async throws -> WhoamiResponse
  /// `POST /v1/session/password`.
  func password(_ request: PasswordRequest) async throws -> DoneResponse
  /// `POST /v1/session/totp`.
  func secondFactor(_ request: SecondFactorRequest) async throws -> SecondFactorResponse
  /// `GET /v1/users`, and `/v1/users/{user}`.
  func users(_ name: String?) async throws -> UsersResponse
  /// `POST /v1/users`.
  func addUser(_ request: UserRequest) async throws -> DoneResponse
  /// `POST /v1/users/{user}/{action}`.
  func userAction(_ user: String, _ action: String, _ request: UserActionRequest) async throws -> DoneResponse
  /// `POST /v1/access/explain`.
  func explain(_ request: ExplainRequest) async throws -> ExplainResponse
  /// `POST /v1/identity`.
  func identity(_ request: IdentityRequest) async throws -> IdentityResponse
  /// `POST /v1/audit`.
  func audit(_ request: AuditRequest) async throws -> AuditResponse
  /// `POST /v1/audit/verify`.
  func verifyAudit() async throws -> AuditVerifyResponse
  /// `POST /v1/audit/export`: the file.
  func exportAudit(_ request: AuditExportRequest) async throws -> [UInt8]
}

extension Route {
  /// Users, rights and the audit log.
  static let accessRoutes = [
    Route("POST", "/v1/session", [], isForNewcomers: true),
    Route("GET", "/v1/session", .know, isForNewcomers: true),
    Route("POST", "/v1/session/end", .know, isForNewcomers: true),
    Route("POST", "/v1/session/password", .know, isForNewcomers: true),
    Route("POST", "/v1/session/totp", .know, isForNewcomers: true),
    Route("GET", "/v1/users", .users), Route("POST", "/v1/users", .users), Route("GET", "/v1/users/{user}", .users),
    // What exactly is done decides which right it takes beyond this one.
    Route("POST", "/v1/users/{user}/{action}", .users), Route("POST", "/v1/access/explain", .users),
    Route("POST", "/v1/identity", .identify), Route("POST", "/v1/audit", .audit),
    Route("POST", "/v1/audit/verify", .audit), Route("POST", "/v1/audit/export", .audit),
  ]
}

extension AdminRouting {
  /// The answer to a request about users, rights or the audit log; nil for any other.
  func answerAccess(_ request: Request, _ words: [String]) async throws -> Response? {
    switch (request.method, words.dropFirst().first, words.dropFirst(2).first) {
    case (_, "session", _): return try await answerSession(request, words)
    case (.get, "users", let name): return try json(request, await backend.users(name))
    case (.post, "users", nil):
      return try json(request, await backend.addUser(try await read(request, UserRequest.self, UserRequest.members)))
    case (.post, "users", let name?) where words.count == 4:
      let action = try await read(request, UserActionRequest.self, UserActionRequest.members)
      return try json(request, await backend.userAction(name, words[3], action))
    case (.post, "access", "explain"):
      return try json(
        request, await backend.explain(try await read(request, ExplainRequest.self, ExplainRequest.members)))
    case (.post, "identity", nil):
      return try json(
        request, await backend.identity(try await read(request, IdentityRequest.self, IdentityRequest.members)))
    case (.post, "audit", nil):
      return try json(request, await backend.audit(try await read(request, AuditRequest.self, AuditRequest.members)))
    case (.post, "audit", "verify"):
      _ = try await read(request, [String: String].self, [])
      return try json(request, await backend.verifyAudit())
    case (.post, "audit", "export"):
      let asked = try await read(request, AuditExportRequest.self, AuditExportRequest.members)
      return Response(
        status: .ok, headers: [.contentType: "application/octet-stream", .cacheControl: "no-store"],
        body: .init(byteBuffer: ByteBuffer(bytes: try await backend.exportAudit(asked))))
    default: return nil
    }
  }

  private func answerSession(_ request: Request, _ words: [String]) async throws -> Response? {
    switch (request.method, words.dropFirst(2).first) {
    case (.post, nil):
      return try json(request, await backend.login(try await read(request, LoginRequest.self, LoginRequest.members)))
    case (.get, nil): return try json(request, await backend.whoami())
    case (.post, "end"):
      _ = try await read(request, [String: String].self, [])
      return try json(request, await backend.logout())
    case (.post, "password"):
      return try json(
        request, await backend.password(try await read(request, PasswordRequest.self, PasswordRequest.members)))
    case (.post, "totp"):
      return try json(
        request,
        await backend.secondFactor(try await read(request, SecondFactorRequest.self, SecondFactorRequest.members)))
    default: return nil
    }
  }
}
