import AdminProtocol
import Foundation
import Hummingbird
import Logging
import Messages
import NIOCore
import Xylem

/// From a request to the backend's answer. Nothing here decides anything about data.
///
/// 1. What is refused is refused before the body is read: host, path, method, parameters, media type.
/// 2. Every answer is JSON; a failure is problem details with our code, and never the text of a foreign error.
/// 3. A log never sees a path: it may hold a citizen id.
/// 4. Nothing is answered without a row in ``routes``: the row says what the caller must be allowed to do, the backend
///    admits the caller or throws, and only the admitted backend is asked. A route of another file is a row in a list
///    of that file, added to ``routes``, and a case in its own `answer…` function.
struct AdminRouting<Backend: AdminBackend>: HTTPResponder {
  typealias Context = AdminContext

  let backend: Backend
  let log: Logger

  private static var pathBytesMax: Int { 4096 }
  /// Who may be meant by a request: nothing else than this daemon. A web page that lured a browser here names another
  /// host.
  private static var hosts: [String] { ["", "localhost", "xylemd"] }
  @Sendable func respond(to request: Request, context: AdminContext) async throws -> Response {
    do { return try await answer(request, context) } catch {
      let failure = error as? Failure ?? unexpected(error, log)
      log.notice("refused", metadata: ["code": "\(failure.code.rawValue)", "method": "\(request.method.rawValue)"])
      var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
      if failure.code == .apiMethodNotAllowed { headers[.allow] = failure.value(of: "allowed") }
      return Response(
        status: .init(code: failure.httpStatus), headers: headers,
        body: .init(byteBuffer: ByteBuffer(string: failure.problemJSON())))
    }
  }

  private func answer(_ request: Request, _ context: AdminContext) async throws -> Response {
    guard Self.hosts.contains(request.head.authority ?? "") else {
      throw Failure(
        .apiBadParameter, ["parameter": "Host", "expected": "localhost", "found": request.head.authority ?? ""])
    }
    guard (request.head.path ?? "").utf8.count <= Self.pathBytesMax else {
      throw Failure(.apiBadParameter, ["parameter": "path", "expected": "at most \(Self.pathBytesMax) bytes"])
    }
    let path = request.uri.path
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
    let words = try segments.map(decoded)
    guard let route = Route.all.first(where: { $0.method == request.method.rawValue && $0.fits(words) }) else {
      throw unknown(request.method, path, words)
    }
    let admitted = AdminRouting(
      backend: try await backend.admit(try await context.caller(request), to: route), log: log)
    do { return try await admitted.dispatch(request, words) } catch {
      if let failure = error as? Failure { await admitted.backend.refused(failure, route: route) }
      throw error
    }
  }

  /// The answer to a request whose caller was admitted.
  private func dispatch(_ request: Request, _ words: [String]) async throws -> Response {
    switch (request.method, words.count) {
    case (.get, 2) where words == ["v1", "version"]: return try json(request, await backend.version())
    case (.get, 2) where words == ["v1", "status"]: return try json(request, await backend.status())
    case (.get, 2) where words == ["v1", "tree"]: return try json(request, await backend.tree())
    case (.get, 2) where words == ["v1", "doctor"]: return try json(request, await backend.doctor())
    case (.post, 2) where words == ["v1", "verify"]:
      _ = try await read(request, [String: String].self, [])
      return try json(request, await backend.verify())
    case (.post, 2) where words == ["v1", "compare"]:
      return try json(
        request, await backend.compare(try await read(request, CompareRequest.self, CompareRequest.members)))
    case (.get, 2) where words == ["v1", "queue"]: return try json(request, await backend.queue())
    case (.post, 3) where words.starts(with: ["v1", "queue"]):
      let action = try await read(request, QueueActionRequest.self, QueueActionRequest.members)
      return try json(request, await backend.queueAction(words[2], action))
    case (.post, 2) where words == ["v1", "scrub"]:
      _ = try await read(request, [String: String].self, [])
      return try json(request, await backend.scrub())
    case (.post, 2) where words == ["v1", "wait"]:
      return try json(request, await backend.wait(try await read(request, WaitRequest.self, WaitRequest.members)))
    case (.post, 2) where words == ["v1", "query"]:
      return try json(request, await backend.query(try await read(request, QueryRequest.self, QueryRequest.members)))
    case (.post, 2) where words == ["v1", "match"]:
      return try json(request, await backend.match(try await read(request, MatchRequest.self, MatchRequest.members)))
    case (.get, 2) where words == ["v1", "catalog"], (.get, 3) where words.starts(with: ["v1", "catalog"]):
      return try json(request, await backend.catalog(entity: words.count == 3 ? words[2] : nil))
    case (.get, 2) where words == ["v1", "codes"], (.get, 3) where words.starts(with: ["v1", "codes"]):
      return try json(request, await backend.codes(table: words.count == 3 ? words[2] : nil))
    case (.post, 2) where words == ["v1", "backup"]:
      return try json(request, await backend.backup(try await read(request, BackupRequest.self, BackupRequest.members)))
    case (.get, 2) where words == ["v1", "domain"]: return try json(request, await backend.domains())
    case (.post, 3) where words == ["v1", "domain", "reclaim"]:
      return try json(
        request, await backend.reclaim(try await read(request, ReclaimRequest.self, ReclaimRequest.members)))
    case (.get, 4) where words.starts(with: ["v1", "records"]):
      return try json(request, await backend.record(words[2], words[3]))
    case (.post, 3) where words.starts(with: ["v1", "import"]): return try beginImport(request, words[2])
    default:
      if let answer = try await answerPackages(request, words) { return answer }
      if let answer = try await answerNotices(request, words) { return answer }
      if let answer = try await answerHandovers(request, words) { return answer }
      if let answer = try await answerAccess(request, words) { return answer }
      if let answer = try await answerSQL(request, words) { return answer }
      if let answer = try await answerChanges(request, words) { return answer }
      if let answer = try await answerHealth(request, words) { return answer }
      if let answer = try await answerReports(request, words) { return answer }
      throw unknown(request.method, request.uri.path, words)
    }
  }

  private func beginImport(_ request: Request, _ entity: String) throws -> Response {
    let given = try parameters(request, ImportParameters.names)
    func refusal(_ name: String, _ expected: String) -> Failure {
      Failure(.apiBadParameter, ["parameter": name, "expected": expected, "found": given[name] ?? ""])
    }
    var how = ImportParameters(file: given["file"] ?? "-")
    how.dryRun = try flag(given, "dry_run")
    if let text = given["commit_rows"] {
      guard let rows = Int(text), ImportOptions.commitRowsRange.contains(rows) else {
        throw refusal(
          "commit_rows", "\(ImportOptions.commitRowsRange.lowerBound)…\(ImportOptions.commitRowsRange.upperBound)")
      }
      how.commitRows = rows
    }
    guard let level = ImportParameters.Level(rawValue: given["wait"] ?? "local") else {
      throw refusal("wait", ImportParameters.Level.allCases.map(\.rawValue).joined(separator: ", "))
    }
    how.wait = level
    try requireType(request, "text/csv")
    try backend.requireEntity(entity)
    return importAnswer(backend, entity, how, body: request.body, log: log)
  }

  private func unknown(_ method: HTTPRequest.Method, _ path: String, _ words: [String]) -> Failure {
    let same = Route.all.filter { $0.fits(words) }
    if !same.isEmpty {
      let allowed = same.map(\.method).joined(separator: ", ")
      return Failure(.apiMethodNotAllowed, ["path": path, "method": method.rawValue, "allowed": allowed])
    }
    let meant = suggestion(for: path, among: Route.all.map(\.path))
    return Failure(
      .apiNotFound,
      fields: [.init(name: "path", value: path)] + (meant.map { [.init(name: "suggestion", value: $0)] } ?? []))
  }

  // MARK: Parts of a request

  private func decoded(_ text: String) throws(Failure) -> String {
    guard let decoded = text.removingPercentEncoding else {
      throw Failure(.apiBadParameter, ["parameter": "path", "expected": "percent-encoded UTF-8"])
    }
    return decoded
  }

  /// The parameters after `?`, each at most once and none but `known`.
  func parameters(_ request: Request, _ known: [String]) throws(Failure) -> [String: String] {
    var values: [String: String] = [:]
    for pair in (request.uri.query ?? "").split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let name = try decoded(parts[0])
      guard known.contains(name) else {
        let names = known.isEmpty ? "no parameters" : known.joined(separator: ", ")
        throw Failure(.apiBadParameter, ["parameter": name, "expected": names])
      }
      guard values[name] == nil else { throw Failure(.apiBadParameter, ["parameter": name, "expected": "one value"]) }
      values[name] = try decoded(parts.count > 1 ? parts[1] : "")
    }
    return values
  }

  func requireType(_ request: Request, _ type: String) throws(Failure) {
    let given = request.headers[.contentType] ?? ""
    let parts = given.lowercased().split(separator: ";").map { $0.filter { $0 != " " } }
    let hasForeignEncoding = request.headers[.contentEncoding].map { $0 != "identity" } ?? false
    guard parts.first == type, parts.dropFirst().allSatisfy({ $0 == "charset=utf-8" }), !hasForeignEncoding else {
      throw Failure(.apiMediaType, ["path": request.uri.path, "type": given.isEmpty ? "-" : given, "accepted": type])
    }
  }

  func read<Body: Decodable>(_ request: Request, _ type: Body.Type, _ members: [String]) async throws -> Body {
    _ = try parameters(request, [])
    try requireType(request, "application/json")
    let buffer: ByteBuffer
    do { buffer = try await request.body.collect(upTo: StrictJSON.bytesMax) } catch is NIOTooManyBytesError {
      throw Failure(.apiBodyTooLarge, ["maximum": "\(StrictJSON.bytesMax)"])
    }
    return try StrictJSON.decode(type, Array(buffer.readableBytesView), members: members)
  }

  func json(_ request: Request, _ value: some Encodable) throws -> Response {
    if request.method == .get { _ = try parameters(request, []) }
    return Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: try StrictJSON.encode(value))))
  }
}
