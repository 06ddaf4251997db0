import AdminProtocol
import Foundation
import Hummingbird
import Logging
import Messages
import NIOCore
import ServiceLifecycle
import Xylem

/// The HTTP interface of a node on a Unix socket that only its owner may open.
///
/// Every answer is JSON; errors are `application/problem+json` with our codes. Nothing here decides anything: requests
/// become calls of ``Node``, answers become types of AdminProtocol.
public struct AdminServer: Service {
  let node: Node
  let socketPath: String
  let log: Logger

  /// - Parameter socketPath: where to listen; a stale socket of a dead process is replaced.
  public init(node: Node, socketPath: String, log: Logger) {
    self.node = node
    self.socketPath = socketPath
    self.log = log
  }

  /// Serves until the task is cancelled or the process is asked to stop.
  public func run() async throws {
    try? FileManager.default.removeItem(atPath: socketPath)
    // The socket appears with the process's mask: nobody else may open it, not even for a moment.
    let mask = umask(0o177)
    defer { umask(mask) }
    let application = Application(
      router: router(),
      configuration: ApplicationConfiguration(address: .unixDomainSocket(path: socketPath), serverName: "xylemd"),
      logger: log)
    try await application.run()
  }

  private func router() -> Router<BasicRequestContext> {
    let router = Router(context: BasicRequestContext.self)
    router.addMiddleware { ProblemMiddleware(log: log) }
    let routes = AdminRoutes(node: node)
    let v1 = router.group("v1")
    v1.get("version") { _, _ in try JSONAnswer(routes.version()) }
    v1.get("status") { _, _ in try JSONAnswer(await routes.status()) }
    v1.get("tree") { _, _ in try JSONAnswer(await routes.tree()) }
    v1.get("doctor") { _, _ in try JSONAnswer(await routes.doctor()) }
    v1.post("verify") { _, _ in try JSONAnswer(await routes.verify()) }
    v1.post("query") { request, _ in
      let body = try await read(request, QueryRequest.self, QueryRequest.members)
      return try JSONAnswer(await routes.query(body))
    }
    v1.post("match") { request, _ in
      let body = try await read(request, MatchRequest.self, MatchRequest.members)
      return try JSONAnswer(await routes.match(body))
    }
    v1.get("records/:entity/:key") { _, context in
      try JSONAnswer(await routes.record(context.parameters.require("entity"), context.parameters.require("key")))
    }
    v1.post("import/:entity") { request, context in
      let entity = try context.parameters.require("entity")
      let file = request.uri.queryParameters["file"].map(String.init) ?? "file"
      return routes.importAnswer(
        entity, file: file, dryRun: request.uri.queryParameters["dry_run"] == "1", body: request.body)
    }
    return router
  }

  private func read<Body: Decodable>(_ request: Request, _ type: Body.Type, _ members: [String]) async throws -> Body {
    guard request.headers[.contentType]?.hasPrefix("application/json") == true else {
      throw Failure(
        .apiMediaType,
        ["type": request.headers[.contentType] ?? "", "accepted": "application/json", "path": request.uri.path])
    }
    let buffer: ByteBuffer
    do { buffer = try await request.body.collect(upTo: StrictJSON.Limits.request.bytesMax) } catch {
      throw Failure(.apiBodyTooLarge, ["maximum": "\(StrictJSON.Limits.request.bytesMax)"])
    }
    return try StrictJSON.decode(type, Array(buffer.readableBytesView), members: members)
  }
}

/// A body of JSON with its headers.
struct JSONAnswer: ResponseGenerator {
  let bytes: Data

  init(_ value: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    bytes = try encoder.encode(value)
  }

  func response(from request: Request, context: some RequestContext) -> Response {
    Response(
      status: .ok, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
  }
}

/// Turns whatever a route throws into problem details; what is not ours becomes a reference in the log, never a text
/// outside.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = BasicRequestContext
  let log: Logger

  func handle(
    _ request: Request, context: Context, next: (Request, Context) async throws -> Response
  ) async throws -> Response {
    do { return try await next(request, context) } catch let failure as Failure {
      log.notice("refused", metadata: ["path": "\(request.uri.path)", "failure": "\(failure.logText)"])
      return problem(failure)
    } catch let error as HTTPError {
      let failure =
        error.status == .notFound
        ? Failure(.apiNotFound, ["path": request.uri.path, "method": request.method.rawValue])
        : Failure(.apiBadParameter, ["parameter": "-", "expected": "-", "found": "\(error.status.code)"])
      return problem(failure)
    } catch {
      log.error("a request failed", metadata: ["path": "\(request.uri.path)", "error": "\(error)"])
      return problem(Failure(.apiInternal, ["reference": context.id]))
    }
  }

  private func problem(_ failure: Failure) -> Response {
    Response(
      status: .init(code: failure.httpStatus), headers: [.contentType: "application/problem+json"],
      body: .init(byteBuffer: ByteBuffer(string: failure.problemJSON())))
  }
}
