import AdminClient
import AdminProtocol
import Foundation
import Messages
import Testing

@testable import AdminAPI

private func get(_ path: String, _ more: String = "") -> String {
  "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\(more)\r\n"
}

@Suite struct FeedTests {
  @Test("changes: lines from any cursor, with where to go on; server-sent events bear the cursor as their id")
  func feed() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let all = await run(["changes", "--socket", socket])
      let lines = all.data.split(separator: "\n")
      #expect(lines.count == 5 && lines[1].contains("\"operation\":\"delete\"") && !lines[1].contains("values"))
      #expect(all.talk == "go on with --since c5\n")
      let some = await run(["changes", "--since", "c1", "--limit", "2", "--socket", socket])
      #expect(some.data.split(separator: "\n").map { $0.contains("c2") || $0.contains("c3") } == [true, true])
      #expect(some.talk == "go on with --since c3\n")
      let events = try await exchange(
        socket, get("/v1/changes", "Accept: text/event-stream\r\nLast-Event-ID: c3\r\n"))
      #expect(events.contains("content-type: text/event-stream") || events.contains("Content-Type: text/event-stream"))
      #expect(events.contains("id: c4\nevent: change\ndata: {"))
      #expect(!events.contains("id: c3\n") && events.contains("event: end\n"))
      let gone = await run(["changes", "--since", "x", "--socket", socket])
      #expect(gone.talk.contains("XYL-QRY-0010"))
      for query in ["limit=0", "limit=1e3", "feed=all", "heartbeat=0", "sinse=1"] {
        #expect(try await exchange(socket, get("/v1/changes?\(query)")).hasPrefix("HTTP/1.1 400"), "\(query)")
      }
    }
  }

  @Test("health: alive, ready, and what is not; a parent that is away does not make a node unready")
  func health() async throws {
    func status(_ backend: FakeBackend, _ path: String) async throws -> String {
      try await withServer(backend) { (_: String, socket: String) async throws in try await exchange(socket, get(path))
      }
    }
    let away = try await status(FakeBackend(lag: 5), "/readyz?verbose")
    #expect(away.hasPrefix("HTTP/1.1 200") && away.contains("[+]storage-open ok\n[!]parent-link down"))
    #expect(try await status(FakeBackend(), "/readyz").hasSuffix("ok\n"))
    let broken = try await status(FakeBackend(doctorResult: "fail"), "/readyz")
    #expect(broken.hasPrefix("HTTP/1.1 503") && broken.contains("[-]storage-open failed"))
    #expect(
      try await status(FakeBackend(doctorResult: "fail"), "/readyz?exclude=storage-open").hasPrefix("HTTP/1.1 200"))
    #expect(try await status(FakeBackend(), "/readyz?exclude=nothing").hasPrefix("HTTP/1.1 400"))
    #expect(try await status(FakeBackend(doctorResult: "fail"), "/livez").hasPrefix("HTTP/1.1 200"))
    #expect(try await status(FakeBackend(), "/metrics").contains("version=0.0.4"))
  }

  @Test("openapi: every route is described, and nothing that is none; the document is JSON")
  func openAPI() async throws {
    let described = Set(APIOperation.all.map { "\($0.method) \($0.path)" })
    let served = Set(Route.all.map { "\($0.method.lowercased()) \($0.path)" })
    #expect(served.subtracting(described).isEmpty, "served, not described: \(served.subtracting(described))")
    #expect(described.subtracting(served).isEmpty, "described, not served: \(described.subtracting(served))")
    #expect(APIOperation.all.allSatisfy { Set($0.required).isSubset(of: Set($0.members ?? [])) })
    try await withServer { (_: String, socket: String) async throws in
      let answer = try await exchange(socket, get("/openapi.json"))
      let body = try #require(answer.range(of: "\r\n\r\n")).upperBound
      #expect(throws: Never.self) { try StrictJSON.check(Array(answer[body...].utf8), numbers: .any) }
      // Each answers, with something or with a refusal that is not "no such path".
      for operation in APIOperation.all where operation.method == "get" && operation.pathParameters.isEmpty {
        let answer = try await exchange(socket, get(operation.path))
        #expect(answer.hasPrefix("HTTP/1.1 200"), "\(operation.path)\n\(answer.prefix(200))")
      }
      for operation in APIOperation.all where operation.method == "post" {
        let path = operation.path.replacing("{", with: "").replacing("}", with: "")
        let request =
          "POST \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: a/b\r\nContent-Length: 0\r\n\r\n"
        #expect(try await exchange(socket, request).hasPrefix("HTTP/1.1 415"), "\(operation.path)")
      }
    }
  }

  @Test("metrics: labels and helps are escaped, whole numbers have no point, names bear their unit")
  func metrics() {
    var metrics = MetricsText()
    metrics.add(
      "a_bytes", .gauge, "a\nb\\", [(labels: [("k", "\"\\\n")], value: 12), (labels: [("k", "b")], value: 0.5)])
    metrics.add("b_total", .counter, "b", 3)
    metrics.add("c_seconds", .gauge, "c", nil)
    #expect(
      metrics.text == """
        # HELP xylem_a_bytes a\\nb\\\\
        # TYPE xylem_a_bytes gauge
        xylem_a_bytes{k="\\"\\\\\\n"} 12
        xylem_a_bytes{k="b"} 0.5
        # HELP xylem_b_total b
        # TYPE xylem_b_total counter
        xylem_b_total 3

        """)
  }
}
