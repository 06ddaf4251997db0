import AdminProtocol
import AsyncHTTPClient
import Foundation
import Messages
import NIOCore
import NIOFoundationCompat

/// Calls a node over its Unix socket. A value: connections belong to the process-wide client.
public struct AdminClient: Sendable {
  private var client: HTTPClient { HTTPClient.shared }
  private let socketPath: String
  private let timeout: TimeAmount

  /// - Parameters:
  ///   - socketPath: the daemon's `admin.socket`.
  ///   - seconds: deadline of one request; imports have none, they report progress.
  public init(socketPath: String, seconds: Int = 60) {
    self.socketPath = socketPath
    timeout = .seconds(Int64(seconds))
  }

  public func version() async throws(Failure) -> VersionResponse { try await get("version") }
  public func status() async throws(Failure) -> StatusResponse { try await get("status") }
  public func tree() async throws(Failure) -> TreeResponse { try await get("tree") }
  public func doctor() async throws(Failure) -> DoctorResponse { try await get("doctor") }
  public func verify() async throws(Failure) -> VerifyResponse { try await post("verify", [String: String]()) }
  public func query(_ request: QueryRequest) async throws(Failure) -> TableResponse { try await post("query", request) }
  public func match(_ request: MatchRequest) async throws(Failure) -> TableResponse { try await post("match", request) }
  /// One record by natural key.
  public func record(_ entity: String, _ key: String) async throws(Failure) -> TableResponse {
    let safe = CharacterSet.alphanumerics
    return try await get(
      "records/\(entity.addingPercentEncoding(withAllowedCharacters: safe) ?? "")/\(key.addingPercentEncoding(withAllowedCharacters: safe) ?? "")"
    )
  }

  /// Sends a file's bytes and hands out the answer's lines as they come.
  ///
  /// - Parameter chunks: the file, read as the daemon takes it: memory stays flat.
  /// - Throws: the daemon's refusal, or that it cannot be reached; rows taken before stay.
  public func importFile<Chunks: AsyncSequence & Sendable>(
    _ entity: String, name: String, dryRun: Bool = false, chunks: Chunks, size: Int64?,
    _ body: (ImportLine) async throws -> Void
  ) async throws(Failure) where Chunks.Element == [UInt8] {
    do {
      let file = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "file"
      var request = HTTPClientRequest(url: url("import/\(entity)?file=\(file)&dry_run=\(dryRun ? 1 : 0)"))
      request.method = .POST
      request.headers.add(name: "content-type", value: "text/csv")
      request.body = .stream(chunks.map { ByteBuffer(bytes: $0) }, length: size.map { .known($0) } ?? .unknown)
      let response = try await client.execute(request, timeout: .hours(12))
      guard response.status == .ok else { throw await problem(response) }
      var rest: [UInt8] = []
      for try await buffer in response.body {
        rest += Array(buffer.readableBytesView)
        while let end = rest.firstIndex(of: 0x0A) {
          let line = try JSONDecoder().decode(ImportLine.self, from: Data(rest[..<end]))
          rest.removeSubrange(...end)
          if let problem = line.problem { throw failure(problem.code, problem.fields) }
          try await body(line)
        }
      }
    } catch { throw AdminClient.failure(error, socketPath) }
  }

  // MARK: Requests

  private func url(_ path: String) -> String {
    let socket = socketPath.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    return "http+unix://\(socket)/v1/\(path)"
  }

  private func get<Answer: Decodable>(_ path: String) async throws(Failure) -> Answer {
    try await perform(HTTPClientRequest(url: url(path)))
  }

  private func post<Answer: Decodable>(_ path: String, _ body: some Encodable) async throws(Failure) -> Answer {
    var request = HTTPClientRequest(url: url(path))
    request.method = .POST
    request.headers.add(name: "content-type", value: "application/json")
    do { request.body = .bytes(ByteBuffer(data: try JSONEncoder().encode(body))) } catch {
      throw Failure(.clientBadArgument, ["argument": path, "expected": "JSON", "found": "-"])
    }
    return try await perform(request)
  }

  private func perform<Answer: Decodable>(_ request: HTTPClientRequest) async throws(Failure) -> Answer {
    do {
      let response = try await client.execute(request, timeout: timeout)
      guard response.status == .ok else { throw await problem(response) }
      let body = try await response.body.collect(upTo: 256 << 20)
      do { return try JSONDecoder().decode(Answer.self, from: body) } catch {
        throw Failure(.clientBadResponse, ["address": socketPath, "reason": "not the expected JSON"])
      }
    } catch { throw AdminClient.failure(error, socketPath) }
  }

  private struct Problem: Decodable {
    let code: String
    let fields: [String: String]
  }

  private func problem(_ response: HTTPClientResponse) async -> Failure {
    guard let body = try? await response.body.collect(upTo: 1 << 20),
      let problem = try? JSONDecoder().decode(Problem.self, from: body)
    else { return Failure(.clientBadResponse, ["address": socketPath, "reason": "status \(response.status.code)"]) }
    return failure(problem.code, problem.fields)
  }

  private func failure(_ code: String, _ fields: [String: String]) -> Failure {
    guard let known = ErrorCode(rawValue: code) else {
      return Failure(.clientBadResponse, ["address": socketPath, "reason": "unknown code \(code)"])
    }
    return Failure(known, fields: fields.sorted { $0.key < $1.key }.map { .init(name: $0.key, value: $0.value) })
  }

  private static func failure(_ error: any Error, _ socket: String) -> Failure {
    if let failure = error as? Failure { return failure }
    if let error = error as? HTTPClientError, error == .deadlineExceeded || error == .connectTimeout {
      return Failure(.clientTimedOut, ["operation": socket, "seconds": "-"])
    }
    return Failure(.clientUnreachable, ["address": socket, "reason": "\(error)"])
  }
}
