import Access
import AdminAPI
import Foundation
import Messages
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().path

@Suite struct RouteTests {
  @Test("routes: the table in the manual is the table in force; print it with XYLEM_MATRIX=1")
  func manual() throws {
    if ProcessInfo.processInfo.environment["XYLEM_MATRIX"] != nil {
      try FileHandle.standardOutput.write(contentsOf: Data((Route.matrix + "\n").utf8))
    }
    let text = try String(contentsOfFile: root + "/Docs/SECURITY.md", encoding: .utf8)
    #expect(text.contains(Route.matrix), "Docs/SECURITY.md lacks the table of routes and roles")
  }

  @Test("routes: each has one row, and only the login and what supervisors ask take nothing")
  func rows() {
    #expect(Set(Route.all.map { "\($0.method) \($0.path)" }).count == Route.all.count)
    #expect(Route.all.filter { $0.verb.isEmpty }.map(\.path) == ["/v1/session", "/livez", "/readyz", "/openapi.json"])
    let newcomers = Route.all.filter { $0.isForNewcomers && !$0.path.hasPrefix("/v1/session") }
    #expect(newcomers.map(\.path) == ["/v1/version", "/livez", "/readyz", "/openapi.json"])
  }

  @Test("routes: every row is answered by something, and nothing is answered without a row")
  func answered() async throws {
    try await withServer { _, socket in
      for route in Route.all {
        let path = route.path.replacing(/\{[a-z]+\}/, with: "x")
        let found = try await exchange(
          socket, "\(route.method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        // A body that is missing, a record that is not there: anything but an unknown route.
        #expect(!found.contains("XYL-API-0002") && !found.contains("XYL-API-0001"), "\(route.path): \(found)")
      }
      for path in ["/v1/sessions", "/v1/users/a/b/c", "/v1/audit/x", "/v1", "/v2/status", "/metricz"] {
        let found = try await exchange(socket, "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        #expect(found.contains("XYL-API-0002") || found.contains("XYL-API-0003"), "\(path): \(found)")
      }
    }
  }

  @Test("callers: a token and a reason reach the backend, a strange credential is refused")
  func callers() async throws {
    let backend = FakeBackend()
    try await withServer(backend) { _, socket in
      let head = "GET /v1/version HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
      _ = try await exchange(
        socket, head + "Authorization: Bearer abc\r\nXylem-Unmask-Reason: %E6%9F%A5%E4%BF%A1\r\n\r\n")
      let basic = try await exchange(socket, head + "Authorization: Basic abc\r\n\r\n")
      #expect(basic.contains("XYL-API-0008"))
      let long = try await exchange(
        socket, head + "Xylem-Unmask-Reason: \(String(repeating: "x", count: 501))\r\n\r\n")
      #expect(long.contains("XYL-API-0006"))
    }
    #expect(backend.requests == ["unmask 查信", "token abc"])
  }

  @Test("commands: a login is kept in a file of mode 0600, sent with what follows, and gone after the logout")
  func login() async throws {
    let backend = FakeBackend()
    try await withServer(backend) { folder, socket in
      let session = folder + "/session"
      let environment = ["XYLEM_SESSION": session]
      let whoami = await run(["whoami", "--socket", socket, "-o", "json"], environment: environment)
      #expect(whoami.status == 0 && whoami.data.contains("SECRETARY"))
      try await withUnsafeInput("right\n") {
        let login = await run(["login", "甲", "--password-stdin", "--socket", socket], environment: environment)
        #expect(login.status == 0, "\(login.talk)")
      }
      let facts = try FileManager.default.attributesOfItem(atPath: session)
      #expect(facts[.posixPermissions] as? Int == 0o600)
      _ = await run(["user", "list", "--socket", socket], environment: environment)
      // What others could have written is not believed.
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: session)
      _ = await run(["user", "list", "--socket", socket], environment: environment)
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: session)
      let logout = await run(["logout", "--socket", socket], environment: environment)
      #expect(logout.status == 0 && !FileManager.default.fileExists(atPath: session))
    }
    let token = "token " + String(repeating: "ab", count: 32)
    #expect(backend.requests == ["login 甲 right -", token, "users -", "users -", token, "logout"])
  }

  @Test("commands: unmasking takes a reason, and says it to the daemon")
  func unmasking() async throws {
    let backend = FakeBackend()
    try await withServer(backend) { _, socket in
      #expect(await run(["query", "member", "--unmask", "--socket", socket]).status == 64)
      let found = await run(["query", "member", "--unmask", "--reason", "信访 7", "--socket", socket])
      #expect(found.status == 0)
    }
    #expect(backend.requests.first == "unmask 信访 7")
  }
}

/// Puts a text in the place of standard input while `body` runs.
private func withUnsafeInput(_ text: String, _ body: () async throws -> Void) async throws {
  let pipe = Pipe()
  try pipe.fileHandleForWriting.write(contentsOf: Data(text.utf8))
  try pipe.fileHandleForWriting.close()
  let kept = dup(STDIN_FILENO)
  dup2(pipe.fileHandleForReading.fileDescriptor, STDIN_FILENO)
  defer {
    dup2(kept, STDIN_FILENO)
    close(kept)
  }
  try await body()
}
