import Hummingbird
import Messages
import NIOCore

/// What supervisors and monitors ask of a node.
public protocol HealthBackend: Sendable {
  /// The checks of `GET /readyz`, in the order in which they are shown; an error is a check that failed.
  func readiness() async throws -> [HealthCheck]
  /// `GET /metrics`: Prometheus's text format.
  func metrics() async throws -> String
}

/// One check of readiness: a name and whether it holds. No figures, no paths, no names of people or orgs.
public struct HealthCheck: Hashable, Sendable {
  public let name: String
  public let isOK: Bool
  /// Whether the node is not ready without it; a node without its parent is.
  public let isRequired: Bool

  public init(_ name: String, isOK: Bool, isRequired: Bool = true) {
    self.name = name
    self.isOK = isOK
    self.isRequired = isRequired
  }
}

/// Health for machines, which look at the status, and in words for people.
extension AdminRouting {
  /// The answer to a request about health; nil for any other.
  func answerHealth(_ request: Request, _ words: [String]) async throws -> Response? {
    guard request.method == .get, words.count == 1 else { return nil }
    switch words[0] {
    case "livez":
      _ = try parameters(request, [])
      // Whoever answers is alive; restarting helps nobody who only waits for a disk.
      return plain(.ok, "ok\n")
    case "openapi.json":
      _ = try parameters(request, [])
      return plain(.ok, OpenAPI.text, "application/json")
    case "readyz": return try await ready(request)
    case "metrics":
      _ = try parameters(request, [])
      return plain(.ok, try await backend.metrics(), "text/plain; version=0.0.4; charset=utf-8")
    default: return nil
    }
  }

  private func ready(_ request: Request) async throws -> Response {
    let given = try parameters(request, ["verbose", "exclude"])
    let excluded = (given["exclude"] ?? "").split(separator: ",").map(String.init)
    var checks: [HealthCheck]
    do { checks = try await backend.readiness() } catch { checks = [HealthCheck("node", isOK: false)] }
    if let unknown = excluded.first(where: { name in !checks.contains { $0.name == name } }) {
      throw Failure(
        .apiBadParameter,
        ["parameter": "exclude", "expected": checks.map(\.name).joined(separator: ", "), "found": unknown])
    }
    checks.removeAll { excluded.contains($0.name) }
    let isReady = checks.allSatisfy { $0.isOK || !$0.isRequired }
    guard given["verbose"] != nil || !isReady else { return plain(.ok, "ok\n") }
    var text = ""
    for check in checks {
      let word = check.isOK ? "ok" : check.isRequired ? "failed" : "down, which is allowed"
      text += "[\(check.isOK ? "+" : check.isRequired ? "-" : "!")]\(check.name) \(word)\n"
    }
    text += isReady ? "readyz check passed\n" : "readyz check failed\n"
    return plain(isReady ? .ok : .serviceUnavailable, text)
  }

  private func plain(
    _ status: HTTPResponse.Status, _ text: String, _ type: String = "text/plain; charset=utf-8"
  ) -> Response {
    Response(
      status: status, headers: [.contentType: type, .cacheControl: "no-store"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }
}
