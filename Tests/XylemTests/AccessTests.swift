import Access
import Formats
import Foundation
import Testing
import Xylem

private let first = "first-Password-1"
private let second = "second-Password-2"

/// A top node with one user of each kind that a test needs.
private final class Office {
  let pad: Scratchpad
  var node: Node
  private var options = Node.Options()

  init() async throws {
    pad = try Scratchpad()
    try Node.create(at: pad.path + "/node", network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    options.today = CivilDate(iso: "2005-09-30")
    node = try await Node.open(at: pad.path + "/node", options: options)
  }

  func reopen() async throws {
    await node.close()
    node = try await Node.open(at: pad.path + "/node", options: options)
  }

  func addUser(_ name: String, _ role: Role?, by actor: Actor? = nil) async throws {
    var actor = actor
    if actor == nil { actor = try await node.operatorActor(for: .users) }
    let who = try #require(actor)
    try await node.addUser(name, label: "某人", home: "033", password: first, by: who)
    if let role { try await node.grant(role, at: "033", until: nil, to: name, reason: "test", by: who) }
  }

  /// Logs in, changes the first password, sets up a second factor when one is needed.
  func admit(_ name: String) async throws -> String {
    let login = try await node.login(name, password: first, code: nil)
    #expect(login.mustChangePassword)
    let actor = try await node.actor(token: login.token, for: .know, isForNewcomers: true)
    try await node.changePassword(from: first, to: second, actor)
    if login.mustAddSecondFactor {
      let secret = bytes(base32: try await node.beginSecondFactor(actor))
      try await node.confirmSecondFactor(OneTimeCode.code(secret, step: OneTimeCode.step(at: now)), actor)
    }
    return login.token
  }
}

private var now: UInt64 { UInt64(Date().timeIntervalSince1970 * 1000) }

private func bytes(base32 text: String) -> Bytes {
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

private func code(_ body: () async throws -> Void) async -> String {
  do {
    try await body()
    return "done"
  } catch { return (error as? Failure)?.code.rawValue ?? "\(error)" }
}

@Suite struct UserTests {
  @Test("users: who is new changes the password and sets up a second factor before anything else")
  func newcomers() async throws {
    let office = try await Office()
    try await office.addUser("wang", .dataAdmin)
    let login = try await office.node.login("wang", password: first, code: nil)
    #expect(login.mustChangePassword && login.mustAddSecondFactor)
    let node = office.node
    #expect(
      await code { _ = try await node.actor(token: login.token, for: .query, isForNewcomers: false) } == "XYL-ACC-0007")
    let actor = try await node.actor(token: login.token, for: .know, isForNewcomers: true)
    #expect(await code { try await node.changePassword(from: "wrong", to: second, actor) } == "XYL-ACC-0001")
    #expect(await code { try await node.changePassword(from: first, to: "short", actor) } == "XYL-ACC-0008")
    #expect(await code { try await node.changePassword(from: first, to: "wang-is-here-1", actor) } == "XYL-ACC-0008")
    try await node.changePassword(from: first, to: second, actor)
    #expect(
      await code { _ = try await node.actor(token: login.token, for: .query, isForNewcomers: false) } == "XYL-ACC-0015")
    let secret = bytes(base32: try await node.beginSecondFactor(actor))
    #expect(secret.count == OneTimeCode.secretByteCount)
    let step = OneTimeCode.step(at: now)
    try await node.confirmSecondFactor(OneTimeCode.code(secret, step: step), actor)
    let scope = try await node.actor(token: login.token, for: .query, isForNewcomers: false).scope
    #expect(scope.verbs == Role.dataAdmin.rights.verbs && scope.clear == [.a, .b] && !scope.isWhole)
    // From now on the password alone does not do, and no code does twice.
    #expect(await code { _ = try await node.login("wang", password: second, code: nil) } == "XYL-ACC-0006")
    #expect(
      await code { _ = try await node.login("wang", password: second, code: OneTimeCode.code(secret, step: step)) }
        == "XYL-ACC-0001")
    _ = try await node.login("wang", password: second, code: OneTimeCode.code(secret, step: step + 1))
    await node.close()
  }

  @Test("users: five wrong passwords lock, also over a restart; unknown users are answered alike")
  func lockout() async throws {
    let office = try await Office()
    try await office.addUser("li", .secretary)
    for _ in 0..<5 {
      let node = office.node
      #expect(await code { _ = try await node.login("li", password: "wrong-Password", code: nil) } == "XYL-ACC-0001")
      #expect(
        await code { _ = try await node.login("nobody", password: "wrong-Password", code: nil) } == "XYL-ACC-0001")
    }
    let node = office.node
    #expect(await code { _ = try await node.login("li", password: first, code: nil) } == "XYL-ACC-0001")
    try await office.reopen()
    let again = office.node
    #expect(await code { _ = try await again.login("li", password: first, code: nil) } == "XYL-ACC-0001")
    try await again.setLocked(false, "li", reason: "asked", by: try await again.operatorActor(for: .grants))
    _ = try await again.login("li", password: first, code: nil)
    await again.close()
  }

  @Test("users: revoking, locking and a restart end what a session may do at the next request")
  func revocation() async throws {
    let office = try await Office()
    try await office.addUser("zhao", .collector)
    let token = try await office.admit("zhao")
    var node = office.node
    _ = try await node.actor(token: token, for: .query, isForNewcomers: false)
    #expect(await code { _ = try await node.actor(token: token, for: .audit, isForNewcomers: false) } == "XYL-ACC-0003")
    #expect(
      await code { _ = try await node.actor(token: token, for: .query, isForNewcomers: false, reason: "x") }
        == "XYL-ACC-0005")
    let chief = try await node.operatorActor(for: .grants)
    try await node.revoke(.collector, at: "033", from: "zhao", reason: "left", by: chief)
    #expect(await code { _ = try await node.actor(token: token, for: .query, isForNewcomers: false) } == "XYL-ACC-0003")
    try await node.grant(.collector, at: "033", until: nil, to: "zhao", reason: "back", by: chief)
    _ = try await node.actor(token: token, for: .query, isForNewcomers: false)
    try await node.setLocked(true, "zhao", reason: "gone", by: chief)
    #expect(await code { _ = try await node.actor(token: token, for: .know, isForNewcomers: true) } == "XYL-ACC-0002")
    try await office.reopen()
    node = office.node
    #expect(await code { _ = try await node.actor(token: token, for: .know, isForNewcomers: true) } == "XYL-ACC-0002")
    let users = try await node.users(scope: Authoriser.embedder("test"))
    #expect(users.map(\.name) == ["zhao"] && users[0].isLocked && users[0].grants.count == 1)
    await node.close()
  }

  @Test("users: the first security officer ends the operator's might, and three administrators are three people")
  func separation() async throws {
    let office = try await Office()
    try await office.addUser("anquan", .securityOfficer)
    let node = office.node
    for verb in [Verbs.query, .record, .grants, .audit, .change] {
      #expect(await code { _ = try await node.operatorActor(for: verb) } == "XYL-ACC-0003")
    }
    _ = try await node.operatorActor(for: .operate)
    let token = try await office.admit("anquan")
    let sec = try await node.actor(token: token, for: .grants, isForNewcomers: false)
    try await office.addUser("aud", .auditor, by: sec)
    for role in [Role.nodeAdmin, .securityOfficer, .leader] {
      #expect(
        await code { try await node.grant(role, at: "033", until: nil, to: "aud", reason: "x", by: sec) }
          == "XYL-ACC-0011")
    }
    #expect(
      await code { try await node.grant(.leader, at: "033", until: nil, to: "anquan", reason: "x", by: sec) }
        == "XYL-ACC-0003")
    // The operator may help a security officer back in, nobody else.
    let owner = try await node.operatorActor(for: .users)
    #expect(await code { try await node.resetPassword("aud", to: first, by: owner) } == "XYL-ACC-0003")
    try await node.resetPassword("anquan", to: first, by: owner)
    #expect(
      await code { _ = try await node.actor(token: token, for: .grants, isForNewcomers: false) } == "XYL-ACC-0002")
    await node.close()
  }

  @Test("users: frames carry names and grants, and nothing that proves anybody")
  func frames() async throws {
    let office = try await Office()
    try await office.addUser("qian", .leader)
    let node = office.node
    var told: [String] = []
    for try await change in node.changes(scope: Authoriser.embedder("test")) {
      if change.operation.key.entity.value > 200 { told.append("\(change.operation)") }
      if told.count == 2 { break }
    }
    #expect(told[0].contains("qian") && told[1].contains("LEADER"))
    #expect(!told.joined().lowercased().contains("password") && told.joined().utf8.count < 2000)
    await node.close()
  }
}

@Suite struct AuditLogTests {
  @Test("audit: what administrators do is in a chain that holds, also for who has an export and the public key")
  func chain() async throws {
    let office = try await Office()
    try await office.addUser("sun", .auditor)
    let node = office.node
    _ = await code { _ = try await node.login("sun", password: "wrong", code: nil) }
    let token = try await office.admit("sun")
    let auditor = try await node.actor(token: token, for: .audit, isForNewcomers: false)
    let lines = try await node.auditEntries(after: 0, limit: 100, scope: auditor.scope)
    #expect(
      lines.map { "\($0.entry.act)" } == [
        "start", "userAdded", "granted", "loginFailed", "login", "password", "secondFactor",
      ])
    #expect(lines.dropFirst().allSatisfy { $0.entry.records.first?.entity.value == 205 })
    let report = try await node.verifyAudit(scope: auditor.scope)
    #expect(report.entries == 7 && report.heads >= 1)
    let file = try await node.exportAudit(actor: "sun", session: 0, scope: auditor.scope)
    let verified = try AuditFile.verify(file, key: node.identity.key)
    #expect(verified.entries == 8 && verified.covered == 8)
    let rest = try await node.exportAudit(after: 8, actor: "sun", session: 0, scope: auditor.scope)
    #expect(try AuditFile.verify(rest, known: (8, verified.last.hash)).entries == 1)
    try await office.reopen()
    let again = office.node
    #expect(try await again.verifyAudit(scope: Authoriser.embedder("test")).entries == 9)
    #expect(await code { _ = try await again.verifyAudit(scope: Authoriser.nobody) } == "XYL-ACC-0003")
    await again.close()
  }

  @Test("audit: a thousand entries have their heads, and a stretch is read back in order")
  func heads() async throws {
    let office = try await Office()
    let node = office.node
    let scope = Authoriser.embedder("test")
    for batch in 0..<11 {
      try await node.audit(
        (0..<100).map { AuditEntry.Draft(.read, actor: "t", count: UInt64(batch * 100 + $0)) })
    }
    let report = try await node.verifyAudit(scope: scope)
    #expect(report.entries == 1101 && report.heads == 2 && report.covered >= 1001)
    let some = try await node.auditEntries(after: 500, limit: 3, scope: scope)
    #expect(some.map(\.entry.number) == [501, 502, 503])
    await node.close()
  }
}
