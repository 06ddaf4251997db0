import AdminProtocol
import Hummingbird
import Messages
import NIOCore

/// What the HTTP interface asks of a node. ``NodeBackend`` is the real one; tests put figures of their own behind the
/// socket.
///
/// Every method throws a ``Failure``, which becomes problem details; any other error becomes `apiInternal` with a
/// reference into the log. Calls come from any task, several at a time.
public protocol AdminBackend: AccessBackend, SQLBackend, ChangesBackend, HealthBackend,
  ReportBackend
{
  /// The backend as the caller of one request may use it: every read of it takes the scope that the caller has for the
  /// route. Called once a request, before its body is read.
  ///
  /// - Throws: why the caller may not use the route; it is in the audit log then.
  func admit(_ caller: Caller, to route: Route) async throws -> Self
  /// Tells that a request of an admitted caller was refused after all, for the audit log.
  func refused(_ failure: Failure, route: Route) async
  /// `GET /v1/version`.
  func version() async throws -> VersionResponse
  /// `GET /v1/status`.
  func status() async throws -> StatusResponse
  /// `GET /v1/tree`.
  func tree() async throws -> TreeResponse
  /// `GET /v1/doctor`.
  func doctor() async throws -> DoctorResponse
  /// `POST /v1/verify`.
  func verify() async throws -> VerifyResponse
  /// `POST /v1/compare`.
  func compare(_ request: CompareRequest) async throws -> CompareResponse
  /// `GET /v1/queue`.
  func queue() async throws -> QueueResponse
  /// `POST /v1/queue/{record}`.
  func queueAction(_ record: String, _ request: QueueActionRequest) async throws -> QueueActionResponse
  /// `POST /v1/scrub`.
  func scrub() async throws -> ScrubResponse
  /// `POST /v1/wait`.
  func wait(_ request: WaitRequest) async throws -> WaitResponse
  /// `POST /v1/query`.
  func query(_ request: QueryRequest) async throws -> TableResponse
  /// `POST /v1/match`.
  func match(_ request: MatchRequest) async throws -> TableResponse
  /// `GET /v1/records/{entity}/{key}`.
  func record(_ entity: String, _ key: String) async throws -> TableResponse
  /// `GET /v1/catalog` and `/v1/catalog/{entity}`: entities, or the items of one.
  func catalog(entity: String?) async throws -> TableResponse
  /// `GET /v1/codes` and `/v1/codes/{table}`: code tables, or the codes of one.
  func codes(table: String?) async throws -> TableResponse
  /// `GET /v1/card`.
  func card() async throws -> CardResponse
  /// `GET /v1/neighbours`.
  func neighbours() async throws -> NeighboursResponse
  /// `POST /v1/neighbours`.
  func introduce(_ request: IntroduceRequest) async throws -> NeighboursResponse
  /// `POST /v1/packages/export`: the file, nil when there is nothing to send.
  func exportPackage(_ request: ExportRequest) async throws -> [UInt8]?
  /// `POST /v1/packages/import`.
  func importPackage(_ bytes: [UInt8], file: String, dryRun: Bool) async throws -> PackageResponse
  /// `GET /v1/notices`.
  func notices() async throws -> NoticesResponse
  /// `GET /v1/notices/{id}`.
  func notice(_ id: String) async throws -> NoticesResponse
  /// `POST /v1/notices`.
  func sendNotice(_ request: NoticeRequest) async throws -> NoticesResponse
  /// `POST /v1/notices/{id}`.
  func noticeAction(_ id: String, _ request: NoticeActionRequest) async throws -> NoticesResponse
  /// `GET /v1/handovers`.
  func handovers() async throws -> HandoversResponse
  /// `GET /v1/handovers/{id}`.
  func handover(_ id: String) async throws -> HandoversResponse
  /// `POST /v1/handovers`.
  func startHandover(_ request: HandoverRequest) async throws -> HandoversResponse
  /// `POST /v1/handovers/{id}/void`.
  func voidHandover(_ id: String, _ request: HandoverVoidRequest) async throws -> HandoversResponse
  /// `POST /v1/backup`.
  func backup(_ request: BackupRequest) async throws -> BackupResponse
  /// `GET /v1/domain`: the domains directly below.
  func domains() async throws -> DomainResponse
  /// `POST /v1/domain/reclaim`.
  func reclaim(_ request: ReclaimRequest) async throws -> DomainResponse
  /// Refuses an entity that does not exist, before an import's answer begins.
  func requireEntity(_ name: String) throws
  /// `POST /v1/import/{entity}`: reads `body` as it works it off and tells progress and rejects in order.
  ///
  /// - Parameter tell: waits for a client that lags; throws when it is gone, which ends the import between two commits.
  /// - Returns: what was done; it is durable then, as far as the parameters ask.
  func importTable(
    _ entity: String, _ parameters: ImportParameters, body: ImportBody, tell: (ImportLine) async throws -> Void
  ) async throws -> ImportLine.Summary
}

/// The bytes of an uploaded file, handed out as they arrive; the sender waits while nobody asks. Iterate it once.
public struct ImportBody: AsyncSequence, Sendable {
  let body: RequestBody

  /// Starts at the beginning; only the first iteration sees everything.
  public func makeAsyncIterator() -> Iterator { Iterator(chunks: body.makeAsyncIterator()) }

  /// Hands the parts out in order.
  public struct Iterator: AsyncIteratorProtocol {
    var chunks: RequestBody.AsyncIterator
    /// The next bytes; nil at the end.
    ///
    /// - Throws: when the client is gone before the end.
    public mutating func next() async throws -> [UInt8]? {
      try await chunks.next().map { Array($0.readableBytesView) }
    }
  }
}
