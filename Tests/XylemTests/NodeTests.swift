import Access
import Foundation
import Testing
import Xylem

/// A directory that is gone when the test is.
final class Scratchpad {
  let path: String
  init() throws {
    path = NSTemporaryDirectory() + "xylem-test-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
}

private let scope = Authoriser.embedder("test")

func applicant(_ number: Int, org: RecordID) -> [String: Value] {
  [
    "applicant_name": .text(Text("申请人\(number)")), "id_card": .text(Text(citizenID(number))),
    "sex": .text(number % 2 == 0 ? "2" : "1"), "birth_date": .date(CivilDate(iso: "1980-01-02")!),
    "nation": .text("01"), "edu_code": .text("21"), "job_code": .text("2"), "org_code": .reference(org),
    "apply_date": .date(CivilDate(iso: "2004-05-06")!), "is_league_member": .bool(false), "stage": .text("10"),
    "talk_date": .date(CivilDate(iso: "2004-05-16")!),
  ]
}

/// A valid citizen id of someone born on 1980-01-02: the serial's parity is the sex.
func citizenID(_ number: Int) -> String {
  let serial = String(1000 + number % 1000).suffix(3)
  let digits = Array("\(330203 + number / 1000)19800102\(serial)".utf8).map { Int($0 - 48) }
  let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  let sum = zip(digits, weights).reduce(0) { $0 + $1.0 * $1.1 }
  return digits.map(String.init).joined() + String(Array("10X98765432")[sum % 11])
}

@Suite struct NodeTests {
  @Test("node: a commit is there after close and open, and the change feed tells it")
  func reopen() async throws {
    let pad = try Scratchpad()
    let directory = pad.path + "/node"
    try Node.create(at: directory, network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-09-30")
    var node = try await Node.open(at: directory, options: options)
    let root = node.identity.rootOrg
    let (key, position) = try await node.commit(as: "zhang", reason: "登记") {
      try $0.insert("applicant", applicant(1, org: root))
    }
    #expect(position.sequence == 2)
    try await node.commit(as: "zhang") { try $0.update(key, ["nation": .text("22")]) }
    await node.close()
    node = try await Node.open(at: directory, options: options)
    #expect(try await node.count(Question("applicant", where: "nation = '22'"), scope: scope) == 1)
    #expect(try await node.count(Question("applicant", where: "nation = '01'"), scope: scope) == 0)
    let found = try #require(try await node.record("applicant", key: citizenID(1), scope: scope))
    #expect(found.count == 1 && found[0].key == key)
    var told: [String] = []
    for try await change in node.changes(scope: scope) {
      told.append("\(change.sequence) \(change.entity) \(change.actor)")
      if told.count == 3 { break }
    }
    #expect(told == ["1 org system", "2 applicant zhang", "3 applicant zhang"])
    await node.close()
  }

  @Test("node: a rule refuses, and nothing is changed")
  func refused() async throws {
    let pad = try Scratchpad()
    try Node.create(at: pad.path + "/node", network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    let node = try await Node.open(at: pad.path + "/node")
    var values = applicant(1, org: node.identity.rootOrg)
    values["id_card"] = .text("330203198001021234")
    let bad = values
    await #expect(throws: Failure.self) { try await node.commit(as: "zhang") { try $0.insert("applicant", bad) } }
    #expect(try await node.count(Question("applicant"), scope: scope) == 0)
    await node.close()
    await #expect(throws: Failure.self) { try await node.count(Question("applicant"), scope: scope) }
  }

  @Test("node: one natural key, one record; one commit, one change of a record; children have a parent")
  func keys() async throws {
    let pad = try Scratchpad()
    try Node.create(at: pad.path + "/node", network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-09-30")
    let node = try await Node.open(at: pad.path + "/node", options: options)
    let root = node.identity.rootOrg
    func code(_ body: @escaping @Sendable (inout CommitBuilder) throws -> Void) async -> String? {
      do {
        try await node.commit(as: "zhang", body)
        return nil
      } catch { return error.code.rawValue }
    }
    let (first, second) = try await node.commit(as: "zhang") {
      (try $0.insert("applicant", applicant(1, org: root)), try $0.insert("applicant", applicant(2, org: root)))
    }.value
    #expect(await code { _ = try $0.insert("applicant", applicant(1, org: root)) } == "XYL-NOD-0011")
    #expect(
      await code {
        _ = try $0.insert("applicant", applicant(3, org: root))
        _ = try $0.insert("applicant", applicant(3, org: root))
      } == "XYL-NOD-0011")
    #expect(await code { try $0.update(second, ["id_card": .text(Text(citizenID(1)))]) } == "XYL-NOD-0011")
    #expect(
      await code {
        try $0.update(first, ["nation": .text("22")])
        try $0.update(first, ["nation": .text("11")])
      } == "XYL-API-0006")
    #expect(await code { _ = try $0.insert("applicant", under: first, applicant(4, org: root)) } == "XYL-API-0006")
    #expect(await code { _ = try $0.insert("member_edu", ["edu_code": .text("11")]) } == "XYL-API-0006")
    let gone = first
    #expect(await code { try $0.delete(gone) } == nil)
    #expect(await code { try $0.delete(gone) } == "XYL-NOD-0006")
    #expect(await code { _ = try $0.insert("applicant", applicant(1, org: root)) } == nil)
    await #expect(throws: Failure.self) {
      try await node.commit(as: String(repeating: "长", count: 86)) { try $0.delete(second) }
    }
    await #expect(throws: Failure.self) {
      try await node.commit(as: "zhang", reason: String(repeating: "x", count: 2049)) { try $0.delete(second) }
    }
    #expect(try await node.count(Question("applicant"), scope: scope) == 2)
    await node.close()
  }

  @Test("node: waiting for a parent that is not there ends with its code after its time, and the commit stays")
  func waitTimesOut() async throws {
    let pad = try Scratchpad()
    try Node.create(at: pad.path + "/node", network: "test", code: "033001", name: "中共海曙区委员会", parentCode: "033")
    let node = try await Node.open(at: pad.path + "/node")
    let root = node.identity.rootOrg
    let position = try await node.commit(as: "zhang") { try $0.insert("applicant", applicant(1, org: root)) }.position
    do {
      try await node.wait(for: position, level: .root, seconds: 1)
      Issue.record("nobody was there to acknowledge")
    } catch { #expect(error.code == .nodeNotAcknowledged) }
    #expect(try await node.count(Question("applicant"), scope: scope) == 1)
    async let ended = node.untilStopped()
    await node.close()
    #expect(await ended == nil)
  }

  @Test("node: the first rows of an order come from all rows, equals in the order of storage")
  func order() async throws {
    let pad = try Scratchpad()
    try Node.create(at: pad.path + "/node", network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    let node = try await Node.open(at: pad.path + "/node")
    let root = node.identity.rootOrg
    try await node.commit(as: "zhang") { commit in
      for number in 0..<40 {
        var values = applicant(number, org: root)
        values["nation"] = .text(number % 2 == 0 ? "01" : "22")
        _ = try commit.insert("applicant", values)
      }
    }
    let all = try await node.find(Question("applicant"), columns: ["id_card", "nation"], limit: 100, scope: scope)
    for isDescending in [false, true] {
      let sorted = try await node.find(
        Question("applicant"), columns: ["id_card"],
        order: [.init(by: "nation", isDescending: isDescending), .init(by: "id_card", isDescending: !isDescending)],
        limit: 7, scope: scope)
      let expected = all.rows.sorted { left, right in
        if left[1] != right[1] { return (text(left[1]) < text(right[1])) != isDescending }
        return (text(left[0]) < text(right[0])) == isDescending
      }.prefix(7).map { text($0[0]) }
      #expect(sorted.rows.map { text($0[0]) } == expected)
      #expect(sorted.columns.map(\.name) == ["id_card"])
    }
    let stored = try await node.find(
      Question("applicant"), columns: ["id_card"], order: [.init(by: "id_card is null")], limit: 40, scope: scope)
    #expect(stored.rows == all.rows.map { [$0[0]] })
    await node.close()
  }

  private func text(_ value: Value) -> String { if case .text(let text) = value { text.string } else { "" } }

  @Test("nodes: three levels end equal though every line is cut again and again")
  func threeLevels() async throws {
    let pad = try Scratchpad()
    let board = Switchboard()
    let places = [("033", ""), ("033001", "033"), ("033001004", "033001")]
    var carriers: [SwitchboardCarrier] = []
    var nodes: [Node] = []
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-09-30")
    for (code, parent) in places {
      let directory = pad.path + "/" + code
      try Node.create(at: directory, network: "test", code: code, name: "中共委员会\(code)", parentCode: parent)
      let carrier = board.carrier(parent: carriers.last)
      carriers.append(carrier)
      nodes.append(try await Node.open(at: directory, options: options, carrier: carrier))
    }
    let cutter = Task {
      while !Task.isCancelled {
        try await Task.sleep(for: .milliseconds(30))
        board.cutAll()
      }
    }
    var last: [Node.Position] = []
    for (level, node) in nodes.enumerated() {
      let root = node.identity.rootOrg
      for number in 0..<60 {
        let position = try await node.commit(as: "clerk") { commit in
          for row in 0..<5 { _ = try commit.insert("applicant", applicant(level * 300 + number * 5 + row, org: root)) }
        }.position
        if number == 59 { last.append(position) }
      }
    }
    cutter.cancel()
    try await nodes[2].wait(for: last[2], level: .root)
    try await nodes[1].wait(for: last[1], level: .parent)
    #expect(try await nodes[0].count(Question("applicant"), scope: scope) == 900)
    #expect(try await nodes[0].count(Question("applicant", under: "033001"), scope: scope) == 600)
    #expect(try await nodes[1].count(Question("applicant"), scope: scope) == 600)
    for node in nodes {
      let own = try await node.digests(of: [node.identity.partition], scope: scope)
      for above in nodes where above.identity.rootOrgCode < node.identity.rootOrgCode {
        let theirs = try await above.digests(of: [node.identity.partition], scope: scope)
        #expect(own.map(\.digest) == theirs.map(\.digest))
      }
    }
    let tree = try await nodes[0].tree(scope: scope)
    #expect(tree.map(\.rootOrgCode) == ["033", "033001", "033001004"])
    #expect(tree.map(\.depth) == [0, 1, 2])
    var compared: [PartitionVerification] = []
    try await nodes[0].verify(actor: "test", scope: scope) { compared.append($0) }
    #expect(compared.map(\.rootOrgCode) == ["033001", "033001004"])
    #expect(compared.allSatisfy { $0.isEqual && $0.sequence ?? 0 >= 60 })
    let token = try await nodes[2].token()
    try await nodes[0].wait(token: token, level: .local, seconds: 10)
    try await nodes[2].wait(token: token, level: .root, seconds: 10)
    let fresh = try await nodes[0].freshness(under: "033001", scope: scope)
    #expect(fresh.domains.map(\.rootOrgCode).sorted() == ["033001", "033001004"] && fresh.setAside == 0)
    nodes[1].requestScrub()
    for _ in 0..<200 where nodes[1].scrubReport.passes == 0 { try await Task.sleep(for: .milliseconds(50)) }
    #expect(nodes[1].scrubReport.passes == 1 && nodes[1].scrubReport.damaged == 0)
    for node in nodes { await node.close() }
  }
}
