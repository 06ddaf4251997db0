import AdminProtocol
import Hummingbird

/// Reports.
extension AdminRouting {
  /// The answer to a request about reports; nil for any other.
  func answerReports(_ request: Request, _ words: [String]) async throws -> Response? {
    guard request.method == .post, words.count == 3, words.starts(with: ["v1", "reports"]) else { return nil }
    switch words[2] {
    case "forms":
      return try json(
        request, await backend.reportForms(try await read(request, ReportRequest.self, ReportRequest.members)))
    case "build":
      return try json(
        request, await backend.reportBuild(try await read(request, ReportRequest.self, ReportRequest.members)))
    case "check":
      return try json(
        request, await backend.reportCheck(try await read(request, ReportRequest.self, ReportRequest.members)))
    case "drill":
      return try json(
        request, await backend.reportDrill(try await read(request, ReportDrillRequest.self, ReportDrillRequest.members))
      )
    default: return nil
    }
  }
}
