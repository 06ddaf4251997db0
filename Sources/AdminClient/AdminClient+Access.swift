import AdminProtocol
import AsyncHTTPClient
import Messages
import NIOCore

/// Sessions, users, rights and the audit log.
extension AdminClient {
  /// Logs in; give the token to ``token``.
  public func login(_ request: LoginRequest) async throws(Failure) -> LoginResponse {
    var client = self
    // An old session has no part in a new one.
    client.token = nil
    return try await client.post("session", request)
  }
  /// Ends the session.
  public func logout() async throws(Failure) { _ = try await done("session/end", [String: String]()) }
  /// Who the daemon takes the caller for.
  public func whoami() async throws(Failure) -> WhoamiResponse { try await get("session") }
  /// Changes one's own password.
  public func changePassword(_ request: PasswordRequest) async throws(Failure) {
    _ = try await done("session/password", request)
  }
  /// Sets up an authenticator, in two steps.
  public func secondFactor(_ request: SecondFactorRequest) async throws(Failure) -> SecondFactorResponse {
    try await post("session/totp", request)
  }
  /// All users of the node's domain, or one.
  public func users(_ name: String? = nil) async throws(Failure) -> UsersResponse {
    try await get("users" + (name.map { "/" + escaped($0) } ?? ""))
  }
  /// Adds a user.
  public func addUser(_ request: UserRequest) async throws(Failure) { _ = try await done("users", request) }
  /// Grants, revokes, locks, unlocks, sets a password.
  public func userAction(_ user: String, _ action: String, _ request: UserActionRequest) async throws(Failure) {
    _ = try await done("users/\(escaped(user))/\(escaped(action))", request)
  }
  /// Whether a user may read a record.
  public func explain(_ request: ExplainRequest) async throws(Failure) -> ExplainResponse {
    try await post("access/explain", request)
  }
  /// At which committee a citizen id is registered.
  public func identity(_ request: IdentityRequest) async throws(Failure) -> IdentityResponse {
    try await post("identity", request)
  }
  /// Entries of the audit log.
  public func audit(_ request: AuditRequest) async throws(Failure) -> AuditResponse { try await post("audit", request) }
  /// Lets the daemon follow its own chain.
  public func verifyAudit() async throws(Failure) -> AuditVerifyResponse {
    try await post("audit/verify", [String: String]())
  }
  /// The chain as a file.
  public func exportAudit(_ request: AuditExportRequest) async throws(Failure) -> [UInt8] {
    var outgoing = HTTPClientRequest(url: url("audit/export"))
    outgoing.method = .POST
    outgoing.headers.add(name: "content-type", value: "application/json")
    outgoing.body = .bytes(ByteBuffer(bytes: try StrictJSON.encode(request)))
    let outcome = try await exchange("audit/export", outgoing, seconds: 600)
    guard outcome.status == 200 else { throw problem(outcome.status, outcome.bytes) }
    return outcome.bytes
  }

  private func done(_ path: String, _ body: some Encodable) async throws(Failure) -> DoneResponse {
    try await post(path, body)
  }
}
