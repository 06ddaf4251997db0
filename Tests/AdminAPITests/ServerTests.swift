import AdminAPI
import AdminClient
import AdminProtocol
import Foundation
import Logging
import Messages
import Testing

private func request(
  _ line: String, host: String = "localhost", type: String? = nil, body: String = ""
) -> String {
  var text = "\(line) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n"
  if let type { text += "Content-Type: \(type)\r\n" }
  if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
  return text + "\r\n" + body
}

@Suite struct ServerTests {
  @Test("server: the socket belongs to its owner alone and is gone afterwards")
  func socketFile() async throws {
    try await withFolder { folder in
      let socket = folder + "/x.sock"
      try await serving(FakeBackend(), socket) { () async throws in
        var facts = stat()
        #expect(stat(socket, &facts) == 0)
        #expect(facts.st_mode & 0o777 == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["x.sock"])
      }
      #expect(!FileManager.default.fileExists(atPath: socket))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test("server: a dead daemon's socket is replaced, a live one's and a plain file are not")
  func stale() async throws {
    try await withFolder { folder in
      let dead = folder + "/dead.sock"
      let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
      var address = sockaddr_un()
      address.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(dead.utf8)) }
      withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          #expect(bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0)
        }
      }
      close(descriptor)
      try await serving(FakeBackend(), dead) { () async throws in
        #expect(try await AdminClient(socketPath: dead).version().node == "7b")
        let second = AdminServer(backend: FakeBackend(), socketPath: dead, log: Logger(label: "test"))
        let failure = await #expect(throws: Failure.self) { try await second.run() }
        #expect(failure?.code == .configPortInUse)
        #expect(try await AdminClient(socketPath: dead).version().node == "7b")
      }
      let file = folder + "/file"
      try Data("precious".utf8).write(to: URL(fileURLWithPath: file))
      let third = AdminServer(backend: FakeBackend(), socketPath: file, log: Logger(label: "test"))
      await #expect(throws: Failure.self) { try await third.run() }
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
    }
  }

  @Test("server: what is wrong with a request is told with our code and status")
  func refusals() async throws {
    try await withServer { (_: String, socket: String) async throws in
      func status(_ text: String, _ status: Int, _ code: ErrorCode, _ more: String = "") async throws {
        let answer = try await exchange(socket, text)
        #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(text)\n\(answer)")
        #expect(answer.contains("\"code\":\"\(code.rawValue)\""), "\(answer)")
        #expect(answer.lowercased().contains("content-type: application/problem+json"))
        #expect(more.isEmpty || answer.contains(more), "\(answer)")
      }
      let json = "application/json"
      try await status(request("GET /v1/statsu"), 404, .apiNotFound, "/v1/status")
      try await status(request("POST /v1/status", type: json, body: "{}"), 405, .apiMethodNotAllowed, "GET")
      try await status(request("GET /v1/query"), 405, .apiMethodNotAllowed, "POST")
      try await status(request("GET /v1/status", host: "evil.example"), 400, .apiBadParameter)
      try await status(request("GET /v1/status?x=1"), 400, .apiBadParameter)
      try await status(request("GET /v1/records/member/%FF"), 400, .apiBadParameter)
      try await status(request("POST /v1/query", type: "text/plain", body: "{}"), 415, .apiMediaType)
      try await status(request("POST /v1/query", body: "{}"), 415, .apiMediaType)
      try await status(
        request("POST /v1/query", type: json, body: "{\"entity\":\"member\",\"entity\":\"org\"}"), 400, .apiBadJSON)
      try await status(
        request("POST /v1/query", type: json, body: "{\"entity\":\"member\",\"limit\":1.0}"), 400, .apiBadJSON)
      try await status(
        request("POST /v1/query", type: json, body: "{\"entity\":\"member\",\"admin\":true}"), 400, .apiBadParameter)
      try await status(request("POST /v1/verify", type: json, body: "{\"repair\":true}"), 400, .apiBadParameter)
      try await status(request("POST /v1/query", type: json, body: "{\"entity\":\"x\"}"), 400, .queryUnknownEntity)
      try await status(request("POST /v1/import/x", type: "text/csv", body: "a"), 400, .queryUnknownEntity)
      try await status(request("POST /v1/import/member", type: json, body: "a"), 415, .apiMediaType)
      try await status(
        request("POST /v1/import/member?dry_run=yes", type: "text/csv", body: "a"), 400, .apiBadParameter)
      let long = String(repeating: " ", count: 2 << 20) + "{}"
      try await status(request("POST /v1/query", type: json, body: long), 413, .apiBodyTooLarge)
    }
  }

  @Test("server: the text of a foreign error stays inside")
  func secrets() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let answer = try await exchange(
        socket, request("POST /v1/query", type: "application/json", body: "{\"entity\":\"broken\"}"))
      #expect(answer.hasPrefix("HTTP/1.1 500 ") && answer.contains("XYL-API-0001"))
      #expect(!answer.contains("password"))
    }
  }

  @Test("server: garbage and endless headers end the connection, and the next request is served")
  func garbage() async throws {
    try await withServer { (_: String, socket: String) async throws in
      #expect(try await exchange(socket, "\u{1}\u{2}not http\r\n\r\n").hasPrefix("HTTP/1.1 400"))
      let header = "X-Long: " + String(repeating: "a", count: 100_000)
      #expect(
        !(try await exchange(socket, "GET /v1/version HTTP/1.1\r\nHost: localhost\r\n\(header)\r\n\r\n")).contains(
          "200 OK"))
      #expect(try await exchange(socket, request("GET /v1/version")).hasPrefix("HTTP/1.1 200"))
    }
  }

  @Test("import: a large file goes through in pieces, events come in order, the summary last")
  func importStream() async throws {
    try await withServer { (folder: String, socket: String) async throws in
      let path = folder + "/good.csv"
      let line = String(repeating: "x", count: 99) + "\n"
      try String(repeating: line, count: 200_000).write(toFile: path, atomically: true, encoding: .utf8)
      let chunks = try FileChunks(path: path)
      let lines = try await AdminClient(socketPath: socket).importLines(
        "member", ImportParameters(file: chunks.name), chunks: chunks, size: chunks.length)
      var progress: [Int] = []
      var summary: ImportLine.Summary?
      for try await line in lines {
        #expect(summary == nil)
        if let bytes = line.progress?.bytes { progress.append(bytes) }
        summary = line.summary ?? summary
      }
      #expect(summary?.rows == 200_000)
      #expect(progress.last == 20_000_000)
      #expect(progress == progress.sorted() && progress.count > 50)
    }
  }

  @Test("import: a failure after the answer began is the daemon's own failure")
  func lateFailure() async throws {
    try await withServer { (folder: String, socket: String) async throws in
      let path = folder + "/half.csv"
      try "a\nb\n".write(toFile: path, atomically: true, encoding: .utf8)
      let chunks = try FileChunks(path: path)
      let failure = await #expect(throws: Failure.self) {
        for try await _ in try await AdminClient(socketPath: socket).importLines(
          "member", ImportParameters(file: chunks.name), chunks: chunks, size: nil)
        {}
      }
      #expect(failure?.code == .storageFull && failure?.value(of: "reserve") == "2")
    }
  }

  @Test("client: a deadline ends a request that takes too long, with exit code 5")
  func deadline() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let client = AdminClient(socketPath: socket, seconds: 1)
      let failure = await #expect(throws: Failure.self) { try await client.query(QueryRequest(entity: "slow")) }
      #expect(failure?.code == .clientTimedOut && failure?.exitCode == 5)
    }
  }

  @Test("client: keys with slashes, question marks and Chinese arrive as they are")
  func keys() async throws {
    let backend = FakeBackend()
    try await withServer(backend) { (_: String, socket: String) async throws in
      #expect(try await AdminClient(socketPath: socket).record("member", "甲/乙?").rows == [["name", "甲"]])
    }
    #expect(backend.requests == ["member 甲/乙?"])
  }
}
