import Access
import Foundation
import Testing
import Xylem

private let scope = Authoriser.embedder("test")

@Suite struct NodeStatisticsTests {
  private func open(_ pad: Scratchpad) async throws -> Node {
    try Node.create(at: pad.path + "/node", network: "test", code: "033", name: "中共宁波市委员会", parentCode: "")
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-09-30")
    return try await Node.open(at: pad.path + "/node", options: options)
  }

  private func applicant(_ number: Int, _ org: RecordID) throws -> [String: Value] {
    let birth = try #require(CivilDate(iso: "1980-01-02"))
    let applied = try #require(CivilDate(iso: "2004-0\(1 + number % 6)-06"))
    return [
      "applicant_name": .text(Text("申请人\(number)")), "id_card": .text(Text(citizenID(number))),
      "sex": .text(number % 2 == 0 ? "2" : "1"), "birth_date": .date(birth), "nation": .text("01"),
      "edu_code": .text("21"), "job_code": .text("2"), "org_code": .reference(org), "apply_date": .date(applied),
      "is_league_member": .bool(false), "stage": .text("10"), "talk_date": .date(applied.adding(days: 10)),
    ]
  }

  private func twins(_ node: Node, _ question: Question, by: [String], _ figures: [Question.Figure] = []) async throws {
    var slow = question
    slow.readsRows = true
    let columns = try await node.tally(question, by: by, figures: figures, scope: scope)
    let rows = try await node.tally(slow, by: by, figures: figures, scope: scope)
    #expect(columns.explanation.source == .columns && rows.explanation.source == .rows)
    #expect(columns.rows == rows.rows)
    #expect(columns.columns.map(\.name) == rows.columns.map(\.name))
  }

  @Test("statistics: columns follow every commit, and say what rows say")
  func follows() async throws {
    let pad = try Scratchpad()
    let node = try await open(pad)
    let root = node.identity.rootOrg
    #expect(node.columnByteCount == 0)
    try await twins(node, Question("applicant"), by: ["sex"])
    var keys: [RecordKey] = []
    for number in 0..<40 {
      let values = try applicant(number, root)
      keys.append(try await node.commit(as: "zhang") { try $0.insert("applicant", values) }.value)
      if number % 4 == 3 {
        let key = keys[number - 1]
        try await node.commit(as: "zhang") { try $0.update(key, ["nation": .text("22")]) }
        let gone = keys[number - 2]
        try await node.commit(as: "zhang") { try $0.delete(gone) }
      }
      guard number % 5 == 0 else { continue }
      try await twins(
        node, Question("applicant", where: "apply_date >= 2004-02-01 or nation = '22'"), by: ["sex", "nation"],
        [.init(.min, of: "apply_date"), .init(.mean, of: "month(apply_date)"), .init(.distinct, of: "stage")])
      try await twins(node, Question("applicant", where: "org under '033'", under: "033"), by: [])
    }
    #expect(try await node.count(Question("applicant"), scope: scope) == 30)
    #expect(node.columnByteCount > 0)
    let answer = try await node.tally(
      Question("applicant", where: "sex = '9' or 1 = 2"), by: [], figures: [.init(.sum, of: "day(apply_date)")],
      scope: scope)
    #expect(answer.rows == [[.int(0), .null]])
    await node.close()
    await #expect(throws: Failure.self) { try await node.count(Question("applicant"), scope: scope) }
  }

  @Test("statistics: what is no column is read from rows, and the answer says which item made it so")
  func fallsBack() async throws {
    let pad = try Scratchpad()
    let node = try await open(pad)
    let values = try applicant(1, node.identity.rootOrg)
    try await node.commit(as: "zhang") { try $0.insert("applicant", values) }
    let answer = try await node.tally(
      Question("applicant", where: "starts_with(applicant_name, '申请人')"), by: ["sex"], scope: scope)
    #expect(answer.explanation == Explanation(source: .rows, missing: "applicant_name", recordsLookedAt: nil))
    #expect(answer.rows == [[.text("1"), .int(1)]])
    let found = try await node.find(
      Question("applicant", where: "sex = '1'"), columns: ["applicant_name", "org_code"],
      order: [.init(by: "apply_date")], scope: scope)
    #expect(found.explanation.source == .columns)
    #expect(found.rows == [[.text("申请人1"), .text("033")]])
    await node.close()
  }

  @Test("statistics: commits and questions at the same time never show a commit by half")
  func together() async throws {
    let pad = try Scratchpad()
    let node = try await open(pad)
    let root = node.identity.rootOrg
    let writer = Task {
      for number in 0..<60 {
        let (first, second) = (try applicant(number * 2, root), try applicant(number * 2 + 1, root))
        try await node.commit(as: "zhang") {
          _ = try $0.insert("applicant", first)
          _ = try $0.insert("applicant", second)
        }
      }
    }
    var last = 0
    while last < 120 {
      let answer = try await node.tally(Question("applicant"), by: ["sex"], scope: scope)
      let counts = answer.rows.map { row -> Int in if case .int(let count) = row[1] { Int(count) } else { -1 } }
      // Each commit brings one of either sex.
      #expect(counts.isEmpty || counts.count == 2 && counts[0] == counts[1], "\(counts)")
      #expect(counts.reduce(0, +) >= last)
      last = counts.reduce(0, +)
    }
    try await writer.value
    await node.close()
  }
}
