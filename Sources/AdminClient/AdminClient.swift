import AdminProtocol
import AsyncHTTPClient
import Foundation
import Messages
import NIOCore

/// Calls a node over its Unix socket. A value: connections belong to the process and end with it.
///
/// Every call ends: with its answer, with the daemon's own failure, with `clientTimedOut` after the deadline, or with
/// `clientUnreachable` when nobody answers. The last two may be repeated.
public struct AdminClient: Sendable {
  /// The daemon's `admin.socket`.
  public let socketPath: String
  private let seconds: Int
  /// The session's token; without one the daemon knows the caller by who opened the socket.
  public var token: String?
  /// Why masked items shall be shown; goes into the daemon's audit log.
  public var unmaskReason: String?

  private static let questions = connections(silence: nil)
  private static let imports = connections(silence: .seconds(Int64(silenceSecondsMax)))
  /// A daemon that imports tells its progress; one that says nothing for so long is taken for dead.
  private static let silenceSecondsMax = 120
  /// An answer longer than this is refused: it does not come from our daemon.
  private static let answerBytesMax = StrictJSON.Limits.answer.bytesMax
  /// `sun_path` of sockaddr_un holds 108 bytes with the final zero (unix(7)).
  private static let socketPathMax = 107

  /// Connects at the first call.
  ///
  /// - Parameters:
  ///   - socketPath: at most 107 bytes.
  ///   - seconds: deadline of one request; imports have none, they report progress.
  public init(socketPath: String, seconds: Int = 60) {
    self.socketPath = socketPath
    self.seconds = seconds
  }

  private static func connections(silence: TimeAmount?) -> HTTPClient {
    var configuration = HTTPClient.Configuration()
    configuration.timeout.connect = .seconds(5)
    configuration.timeout.read = silence
    configuration.redirectConfiguration = .disallow
    // A daemon that is not there is reported at once, not after five seconds of trying.
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }

  /// What runs.
  public func version() async throws(Failure) -> VersionResponse { try await get("version") }
  /// The node at a glance.
  public func status() async throws(Failure) -> StatusResponse { try await get("status") }
  /// The node and all below it.
  public func tree() async throws(Failure) -> TreeResponse { try await get("tree") }
  /// The node's checks.
  public func doctor() async throws(Failure) -> DoctorResponse { try await get("doctor") }
  /// Digests by scan: takes as long as reading every row.
  public func verify() async throws(Failure) -> VerifyResponse { try await post("verify", [String: String]()) }
  /// One node below against the copy of it here, and what to do about differences.
  public func compare(_ request: CompareRequest) async throws(Failure) -> CompareResponse {
    try await post("compare", request)
  }
  /// Records that are set aside.
  public func queue() async throws(Failure) -> QueueResponse { try await get("queue") }
  /// Looks again at a record that is set aside, or skips it.
  public func queueAction(_ record: String, _ request: QueueActionRequest) async throws(Failure) -> QueueActionResponse
  {
    try await post("queue/\(escaped(record))", request)
  }
  /// Asks for a pass over the store now; see the status for its end.
  public func scrub() async throws(Failure) -> ScrubResponse { try await post("scrub", [String: String]()) }
  /// Until what a token names is durable at a level.
  public func wait(_ request: WaitRequest) async throws(Failure) -> WaitResponse { try await post("wait", request) }
  /// Makes a backup below a directory of the daemon's machine; takes as long as copying the store.
  public func backup(_ request: BackupRequest) async throws(Failure) -> BackupResponse {
    try await post("backup", request)
  }
  /// The domains directly below.
  public func domains() async throws(Failure) -> DomainResponse { try await get("domain") }
  /// Gives a domain directly below to another owner.
  public func reclaim(_ request: ReclaimRequest) async throws(Failure) -> DomainResponse {
    try await post("domain/reclaim", request)
  }
  /// Records, a count or, with `by`, counts.
  public func query(_ request: QueryRequest) async throws(Failure) -> TableResponse { try await post("query", request) }
  /// People by name and birth date.
  public func match(_ request: MatchRequest) async throws(Failure) -> TableResponse { try await post("match", request) }
  /// One record by natural key.
  public func record(_ entity: String, _ key: String) async throws(Failure) -> TableResponse {
    try await get("records/\(escaped(entity))/\(escaped(key))")
  }

  /// Entities, or with a name the items of one.
  public func catalog(_ entity: String?) async throws(Failure) -> TableResponse {
    try await get("catalog" + (entity.map { "/" + escaped($0) } ?? ""))
  }
  /// Code tables, or with a name the codes of one.
  public func codes(_ table: String?) async throws(Failure) -> TableResponse {
    try await get("codes" + (table.map { "/" + escaped($0) } ?? ""))
  }

  /// Notices that came and that were sent.
  public func notices() async throws(Failure) -> NoticesResponse { try await get("notices") }
  /// One notice, with what every child told of it.
  public func notice(_ id: String) async throws(Failure) -> NoticesResponse { try await get("notices/\(escaped(id))") }
  /// Sends a notice to nodes below.
  public func sendNotice(_ request: NoticeRequest) async throws(Failure) -> NoticesResponse {
    try await post("notices", request)
  }
  /// Reads or recalls a notice.
  public func noticeAction(_ id: String, _ request: NoticeActionRequest) async throws(Failure) -> NoticesResponse {
    try await post("notices/\(escaped(id))", request)
  }

  /// Hand-overs that are not over.
  public func handovers() async throws(Failure) -> HandoversResponse { try await get("handovers") }
  /// One hand-over, on its way or over.
  public func handover(_ id: String) async throws(Failure) -> HandoversResponse {
    try await get("handovers/\(escaped(id))")
  }
  /// Begins to hand a record over, or says what would move.
  public func startHandover(_ request: HandoverRequest) async throws(Failure) -> HandoversResponse {
    try await post("handovers", request)
  }
  /// Asks for a hand-over to be undone.
  public func voidHandover(_ id: String, _ request: HandoverVoidRequest) async throws(Failure) -> HandoversResponse {
    try await post("handovers/\(escaped(id))/void", request)
  }

  /// The node's own card.
  public func card() async throws(Failure) -> CardResponse { try await get("card") }
  /// Nodes that packages are exchanged with.
  public func neighbours() async throws(Failure) -> NeighboursResponse { try await get("neighbours") }
  /// Gives the node a neighbour's card; answers with the neighbour.
  public func introduce(_ request: IntroduceRequest) async throws(Failure) -> NeighboursResponse {
    try await post("neighbours", request)
  }

  /// Forms of a report; with tables named, what each cell counts.
  public func reportForms(_ request: ReportRequest) async throws(Failure) -> ReportFormsResponse {
    try await post("reports/forms", request)
  }
  /// Filled tables.
  public func reportBuild(_ request: ReportRequest) async throws(Failure) -> ReportResponse {
    try await post("reports/build", request)
  }
  /// How the checks of a report came out.
  public func reportCheck(_ request: ReportRequest) async throws(Failure) -> ReportChecksResponse {
    try await post("reports/check", request)
  }
  /// The records behind a cell or a check.
  public func reportDrill(_ request: ReportDrillRequest) async throws(Failure) -> ReportDrillResponse {
    try await post("reports/drill", request)
  }

  /// Makes a package: the whole file, or nil when there is nothing to send.
  public func exportPackage(_ request: ExportRequest) async throws(Failure) -> [UInt8]? {
    var outgoing = HTTPClientRequest(url: url("packages/export"))
    outgoing.method = .POST
    outgoing.headers.add(name: "content-type", value: "application/json")
    outgoing.body = .bytes(ByteBuffer(bytes: try StrictJSON.encode(request)))
    let outcome = try await exchange("packages/export", outgoing, seconds: max(seconds, AdminClient.packageSecondsMax))
    if outcome.status == 204 { return nil }
    guard outcome.status == 200 else { throw problem(outcome.status, outcome.bytes) }
    return outcome.bytes
  }

  /// Hands a package to the node and returns when it is taken and durable.
  public func importPackage(
    _ bytes: [UInt8], file: String, dryRun: Bool = false
  ) async throws(Failure) -> PackageResponse {
    let path = "packages/import?file=\(escaped(file))&dry_run=\(dryRun ? 1 : 0)"
    var request = HTTPClientRequest(url: url(path))
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/octet-stream")
    request.body = .bytes(ByteBuffer(bytes: bytes))
    let outcome = try await exchange("packages/import", request, seconds: max(seconds, AdminClient.packageSecondsMax))
    guard outcome.status == 200 else { throw problem(outcome.status, outcome.bytes) }
    return try StrictJSON.decodeAnswer(PackageResponse.self, outcome.bytes, from: socketPath)
  }

  /// A package of 64 MiB may hold a million rows to be opened or applied.
  private static let packageSecondsMax = 1800

  /// Sends a file's bytes and hands out the answer's lines as they come; the last one is a summary.
  ///
  /// - Parameters:
  ///   - chunks: read as the daemon takes them: memory stays flat.
  ///   - size: nil when it is not known.
  /// - Throws: the daemon's refusal, or that it cannot be reached. Failures after the first line come out of the
  ///   lines; rows taken before stay.
  public func importLines<Chunks: AsyncSequence & Sendable>(
    _ entity: String, _ parameters: ImportParameters, chunks: Chunks, size: Int64?
  ) async throws(Failure) -> ImportLines where Chunks.Element == [UInt8] {
    try requirePath()
    let query = parameters.pairs.map { "\($0.name)=\(escaped($0.value))" }.joined(separator: "&")
    var request = HTTPClientRequest(url: url("import/\(escaped(entity))?\(query)"))
    request.method = .POST
    request.headers.add(name: "content-type", value: "text/csv")
    request.body = .stream(chunks.map { ByteBuffer(bytes: $0) }, length: size.map { .known($0) } ?? .unknown)
    let response: HTTPClientResponse
    do { response = try await AdminClient.imports.execute(prepared(request), deadline: .distantFuture) } catch {
      throw failure(of: error, "import")
    }
    guard response.status == .ok else { throw await problem(response) }
    return ImportLines(body: response.body, client: self)
  }

  /// ``importLines(_:_:chunks:size:)``, each line given to `body`, which the daemon waits for.
  public func importFile<Chunks: AsyncSequence & Sendable>(
    _ entity: String, name: String, dryRun: Bool = false, chunks: Chunks, size: Int64?,
    _ body: (ImportLine) async throws -> Void
  ) async throws(Failure) where Chunks.Element == [UInt8] {
    let parameters = ImportParameters(file: name, dryRun: dryRun)
    let lines = try await importLines(entity, parameters, chunks: chunks, size: size)
    do { for try await line in lines { try await body(line) } } catch { throw failure(of: error, "import") }
  }

  // MARK: Requests

  private func requirePath() throws(Failure) {
    guard !socketPath.isEmpty, socketPath.utf8.count <= AdminClient.socketPathMax else {
      throw Failure(
        .clientBadArgument,
        ["argument": "--socket", "expected": "1…\(AdminClient.socketPathMax) bytes", "found": socketPath])
    }
  }

  func escaped(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: AdminClient.unreserved) ?? ""
  }

  /// RFC 3986 §2.3: what never needs an escape.
  private static let unreserved = CharacterSet(
    charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

  func url(_ path: String) -> String { "http+unix://\(escaped(socketPath))/v1/\(path)" }

  private func prepared(_ request: HTTPClientRequest) -> HTTPClientRequest {
    var request = request
    // HTTP/1.1 demands one; the socket's path would only puzzle a log.
    request.headers.replaceOrAdd(name: "host", value: "localhost")
    if let token { request.headers.replaceOrAdd(name: "authorization", value: "Bearer \(token)") }
    if let unmaskReason { request.headers.replaceOrAdd(name: "xylem-unmask-reason", value: escaped(unmaskReason)) }
    request.headers.replaceOrAdd(name: "user-agent", value: "xylemctl/\(Release.version)")
    return request
  }

  func get<Answer: Decodable & Sendable>(_ path: String) async throws(Failure) -> Answer {
    try await perform(path, HTTPClientRequest(url: url(path)))
  }

  func post<Answer: Decodable & Sendable>(_ path: String, _ body: some Encodable) async throws(Failure)
    -> Answer
  {
    var request = HTTPClientRequest(url: url(path))
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/json")
    request.body = .bytes(ByteBuffer(bytes: try StrictJSON.encode(body)))
    return try await perform(path, request)
  }

  private func perform<Answer: Decodable & Sendable>(
    _ operation: String, _ request: HTTPClientRequest
  ) async throws(Failure) -> Answer {
    let outcome = try await exchange(operation, request, seconds: seconds)
    guard outcome.status == 200 else { throw problem(outcome.status, outcome.bytes) }
    return try StrictJSON.decodeAnswer(Answer.self, outcome.bytes, from: socketPath)
  }

  func exchange(
    _ operation: String, _ request: HTTPClientRequest, seconds: Int
  ) async throws(Failure) -> (status: UInt, bytes: [UInt8]) {
    try requirePath()
    let request = prepared(request)
    do {
      // The client's own deadline ends with the head of the answer; this one covers the body as well.
      return try await within(seconds) {
        let response = try await AdminClient.questions.execute(request, deadline: .distantFuture)
        let body = try await response.body.collect(upTo: AdminClient.answerBytesMax)
        return (response.status.code, Array(body.readableBytesView))
      }
    } catch { throw failure(of: error, operation) }
  }

  /// The body of an answer that comes line by line; nothing limits how long it takes but the daemon.
  func stream(_ path: String, body: [UInt8]?) async throws(Failure) -> HTTPClientResponse.Body {
    try requirePath()
    var request = HTTPClientRequest(url: url(path))
    request.headers.add(name: "accept", value: "application/x-ndjson")
    if let body {
      request.method = .POST
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    let response: HTTPClientResponse
    do { response = try await AdminClient.questions.execute(prepared(request), deadline: .distantFuture) } catch {
      throw failure(of: error, path)
    }
    guard response.status == .ok else { throw await problem(response) }
    return response.body
  }

  private func problem(_ response: HTTPClientResponse) async -> Failure {
    do {
      let body = response.body
      let bytes = try await within(seconds) { Array(try await body.collect(upTo: 1 << 20).readableBytesView) }
      return problem(response.status.code, bytes)
    } catch { return failure(of: error, "request") }
  }

  private struct Problem: Decodable {
    let code: String
    let detail: String?
    let fields: [String: String]?
  }

  func problem(_ status: UInt, _ bytes: [UInt8]) -> Failure {
    do {
      let problem = try StrictJSON.decodeAnswer(Problem.self, bytes, from: socketPath)
      return failure(problem.code, problem.fields ?? [:], detail: problem.detail)
    } catch { return Failure(.clientBadResponse, ["address": socketPath, "reason": "HTTP status \(status)"]) }
  }

  /// A failure of the daemon, to be shown in this user's language; a code this program does not know keeps the
  /// daemon's words.
  func failure(_ code: String, _ fields: [String: String], detail: String? = nil) -> Failure {
    guard let known = ErrorCode(rawValue: code) else {
      return Failure(
        .clientBadResponse, ["address": socketPath, "reason": [code, detail ?? ""].joined(separator: " ")])
    }
    return Failure(known, fields: fields.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) })
  }

  /// What a caller is told of an error of the connection; a ``Failure`` stays what it is.
  public func failure(of error: any Error, _ operation: String) -> Failure {
    if let failure = error as? Failure { return failure }
    if error is DeadlineExceeded || isTimeout(error) {
      return Failure(
        .clientTimedOut,
        ["operation": operation, "seconds": "\(operation == "import" ? AdminClient.silenceSecondsMax : seconds)"])
    }
    if error is NIOTooManyBytesError {
      return Failure(.clientBadResponse, ["address": socketPath, "reason": "an answer without end"])
    }
    let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
    return Failure(.clientUnreachable, ["address": socketPath, "reason": reason])
  }

  private func isTimeout(_ error: any Error) -> Bool {
    guard let error = error as? HTTPClientError else { return false }
    return error == .deadlineExceeded || error == .readTimeout || error == .connectTimeout
  }
}

struct DeadlineExceeded: Error {}

/// The result of `work`, unless it takes longer.
private func within<Result: Sendable>(
  _ seconds: Int, _ work: @escaping @Sendable () async throws -> Result
) async throws -> Result {
  try await withThrowingTaskGroup(of: Result.self) { group in
    group.addTask { try await work() }
    group.addTask {
      try await Task.sleep(for: .seconds(seconds))
      throw DeadlineExceeded()
    }
    defer { group.cancelAll() }
    guard let result = try await group.next() else { throw DeadlineExceeded() }
    return result
  }
}
