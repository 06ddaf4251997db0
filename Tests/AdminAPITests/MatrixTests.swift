import Access
import AdminAPI
import Formats
import Foundation
import Logging
import Messages
import Primitives
import Testing
import Xylem

/// Goal: every route, asked by every role at a real node over its real socket, is open or closed as the table says.
/// Method: one user a role, one request a cell, without a body: who is admitted is then told what the request lacks.
@Suite struct MatrixTests {
  @Test("matrix: every route is open to the roles that the table names, and to no other (every route, every role)")
  func matrix() async throws {
    try await withFolder { folder in
      try Node.create(at: folder + "/n", network: "t", code: "033", name: "中共宁波市委员会", parentCode: "")
      let node = try await Node.open(at: folder + "/n")
      let socket = folder + "/x.sock"
      var log = Logger(label: "test")
      log.logLevel = .critical
      let server = AdminServer(node: node, socketPath: socket, log: log)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        defer { group.cancelAll() }
        for _ in 0..<200 where !FileManager.default.fileExists(atPath: socket) {
          try await Task.sleep(for: .milliseconds(20))
        }
        try await ask(node, socket)
      }
      await node.close()
    }
  }

  private func ask(_ node: Node, _ socket: String) async throws {
    let setup = Actor(user: nil, session: nil, scope: Authoriser.embedder("setup"))
    var closed: UInt64 = 0
    // A member's scope hangs on a record; what it may do is the authoriser's own test.
    for (number, role) in Role.allCases.enumerated() where role != .member {
      let name = "person\(number)"
      try await node.addUser(name, label: "某人", home: "033", password: "first-Phrase-1", by: setup)
      try await node.grant(role, at: "033", until: nil, to: name, reason: "test", by: setup)
      let token = try await admit(name, node)
      for route in Route.all {
        let answer = try await answer(route, socket, token)
        let isOpen = route.isOpen(to: role)
        #expect(answer.contains("XYL-ACC-0003") != isOpen, "\(role) \(route.path): \(answer)")
        #expect(
          !answer.contains("XYL-ACC-0002") && !answer.contains("XYL-API-0001"), "\(role) \(route.path): \(answer)")
        closed += isOpen ? 0 : 1
        let guessed = try await self.answer(route, socket, String(repeating: "ab", count: 32))
        #expect(guessed.contains("XYL-ACC-0002") == !route.verb.isEmpty, "\(route.path): \(guessed)")
      }
      let record = try #require(Route.all.first { $0.path.hasPrefix("/v1/records") })
      let unmasked = try await answer(record, socket, token, "Xylem-Unmask-Reason: test\r\n")
      let code =
        !record.isOpen(to: role) ? "XYL-ACC-0003" : role.rights.unmaskable.isEmpty ? "XYL-ACC-0005" : "XYL-QRY-0002"
      #expect(unmasked.contains(code), "\(role): \(unmasked)")
      closed += code == "XYL-QRY-0002" ? 0 : 1
    }
    let scope = Authoriser.embedder("test")
    let refusals = try await node.auditEntries(limit: 100_000, scope: scope) {
      $0.act == .refusal && $0.actor != "unknown"
    }
    #expect(UInt64(refusals.count) == closed, "each closed cell is in the audit log")
    // Of those who guess a token sixty a minute are noted.
    let strangers = try await node.auditEntries(limit: 100_000, scope: scope) {
      $0.act == .refusal && $0.actor == "unknown"
    }
    #expect(strangers.count >= 60 && strangers.count < 9 * Route.all.count)
    _ = try await node.verifyAudit(scope: scope)
  }

  private func admit(_ name: String, _ node: Node) async throws -> String {
    let login = try await node.login(name, password: "first-Phrase-1", code: nil)
    let actor = try await node.actor(token: login.token, for: .know, isForNewcomers: true)
    try await node.changePassword(from: "first-Phrase-1", to: "second-Phrase-2", actor)
    guard login.mustAddSecondFactor else { return login.token }
    let secret = decoded(try await node.beginSecondFactor(actor))
    let now = UInt64(Date().timeIntervalSince1970 * 1000)
    try await node.confirmSecondFactor(OneTimeCode.code(secret, step: OneTimeCode.step(at: now)), actor)
    return login.token
  }

  private func answer(_ route: Route, _ socket: String, _ token: String, _ more: String = "") async throws -> String {
    let path = route.path.replacing(/\{[a-z]+\}/, with: "x")
    return try await exchange(
      socket,
      "\(route.method) \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer \(token)\r\n"
        + more + "\r\n")
  }

  /// Base 32.
  private func decoded(_ text: String) -> Bytes {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    var (out, bits, count) = (Bytes(), 0, 0)
    for digit in text {
      bits = (bits << 5 | (digits.firstIndex(of: digit) ?? 0)) & 0xFFFF
      count += 5
      if count >= 8 {
        count -= 8
        out.append(UInt8(bits >> count & 255))
      }
    }
    return out
  }
}
