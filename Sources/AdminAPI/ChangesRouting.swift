import AdminProtocol
import Hummingbird
import Messages
import NIOCore

/// What the HTTP interface asks of a node for its change feed.
public protocol ChangesBackend: Sendable {
  /// Changes after a cursor; an unknown one is refused.
  func changes(since cursor: String?, limit: Int) async throws -> ChangesPage
  /// Returns when there may be more, or after `seconds`; false when the node is closing.
  func waitForChanges(after cursor: String, seconds: Int) async throws -> Bool
}

/// The change feed: lines of JSON or server-sent events, from any cursor, for as long as the reader wants. The node
/// reads on only when the reader took what there was.
extension AdminRouting {

  private static var pageChanges: Int { 500 }

  /// The answer to a request for changes; nil for any other.
  func answerChanges(_ request: Request, _ words: [String]) async throws -> Response? {
    guard request.method == .get, words == ["v1", "changes"] else { return nil }
    let asked = try changesParameters(request)
    // Read before the head is sent: a cursor that is refused has its status.
    let first = try await page(asked, asked.since, asked.limit)
    let isEvents = asked.feed == .eventsource
    let (backend, log) = (backend, log)
    return Response(
      status: .ok,
      headers: [
        .contentType: isEvents ? "text/event-stream" : "application/x-ndjson", .cacheControl: "no-store",
      ],
      body: ResponseBody { writer in
        func write(_ text: String) async throws { try await writer.write(ByteBuffer(string: text)) }
        do {
          var page = first
          var left = asked.limit
          while true {
            for change in page.changes { try await write(text(change, isEvents)) }
            if let limit = left { left = limit - page.changes.count }
            if left == 0 || (page.atEnd && asked.feed == .normal) { break }
            if page.atEnd {
              guard try await backend.waitForChanges(after: page.next, seconds: asked.heartbeat) else { break }
              let next = try await self.page(asked, page.next, left)
              // A line that says nothing: whoever reads knows that the feed lives, and we that somebody reads.
              if next.changes.isEmpty { try await write(isEvents ? ":\n\n" : "\n") }
              page = next
            } else {
              page = try await self.page(asked, page.next, left)
            }
          }
          let next = page.changes.last.map { left == 0 ? $0.cursor : page.next } ?? page.next
          try await write(end(ChangesEnd(next: next, atEnd: page.atEnd), isEvents))
        } catch {
          let failure = error as? Failure ?? unexpected(error, log)
          try await write(end(ChangesEnd(next: nil, atEnd: nil, problem: .init(failure)), isEvents))
        }
        try await writer.finish(nil)
      })
  }

  private func page(_ asked: ChangesParameters, _ since: String?, _ left: Int?) async throws -> ChangesPage {
    try await backend.changes(since: since, limit: min(left ?? Self.pageChanges, Self.pageChanges))
  }

  private func text(_ change: ChangeLine, _ isEvents: Bool) throws -> String {
    let json = String(decoding: try StrictJSON.encode(change), as: UTF8.self)
    return isEvents ? "id: \(change.cursor)\nevent: change\ndata: \(json)\n\n" : json + "\n"
  }

  private func end(_ end: ChangesEnd, _ isEvents: Bool) throws -> String {
    let json = String(decoding: try StrictJSON.encode(end), as: UTF8.self)
    return isEvents ? "event: end\ndata: \(json)\n\n" : json + "\n"
  }

  private func changesParameters(_ request: Request) throws(Failure) -> ChangesParameters {
    let given = try parameters(request, ChangesParameters.names)
    func refusal(_ name: String, _ expected: String) -> Failure {
      Failure(.apiBadParameter, ["parameter": name, "expected": expected, "found": given[name] ?? ""])
    }
    var asked = ChangesParameters()
    asked.since = given["since"]
    guard let feed = ChangesParameters.Feed(rawValue: given["feed"] ?? "normal") else {
      throw refusal("feed", ChangesParameters.Feed.allCases.map(\.rawValue).joined(separator: ", "))
    }
    asked.feed = feed
    if request.headers[.accept]?.contains("text/event-stream") ?? false { asked.feed = .eventsource }
    if asked.feed == .eventsource,
      let last = request.headers.first(where: { $0.name.canonicalName == "last-event-id" })
    {
      // A browser that connects again says what it saw last.
      asked.since = last.value
    }
    if let text = given["limit"] {
      guard let limit = Int(text), limit > 0 else { throw refusal("limit", "an integer from 1") }
      asked.limit = limit
    }
    if let text = given["heartbeat"] {
      let range = ChangesParameters.heartbeatRange
      guard let seconds = Int(text), range.contains(seconds) else {
        throw refusal("heartbeat", "\(range.lowerBound)…\(range.upperBound)")
      }
      asked.heartbeat = seconds
    }
    return asked
  }
}
