import Access
import Messages
import Testing
import Xylem

private let scope = Authoriser.embedder("test")

@Suite struct ChangePageTests {
  /// A node with commits of one, three and two changes behind the one that made it.
  private func node(_ pad: Scratchpad, _ name: String) async throws -> Node {
    try Node.create(at: "\(pad.path)/\(name)", network: "test", code: "033", name: "市委", parentCode: "")
    var options = Node.Options()
    options.today = CivilDate(iso: "2005-09-30")
    let node = try await Node.open(at: "\(pad.path)/\(name)", options: options)
    let root = node.identity.rootOrg
    for count in [1, 3, 2] {
      _ = try await node.commit(as: "zhang", reason: "\(count)") { builder in
        for number in 0..<count { _ = try builder.insert("applicant", applicant(count * 10 + number, root)) }
      }
    }
    return node
  }

  private func applicant(_ number: Int, _ org: RecordID) -> [String: Value] {
    [
      "applicant_name": .text(Text("申请人\(number)")), "id_card": .text(Text(citizenID(number))),
      "sex": .text(number % 2 == 0 ? "2" : "1"), "birth_date": .date(CivilDate(days: 3653)), "nation": "01",
      "edu_code": "21", "job_code": "2", "org_code": .reference(org), "apply_date": .date(CivilDate(days: 12_544)),
      "is_league_member": false, "stage": "10", "talk_date": .date(CivilDate(days: 12_554)),
    ]
  }

  @Test(
    "changes: pages of any size tell every change once, in order, and end where everything is told",
    arguments: [1, 2, 4, 100])
  func pages(limit: Int) async throws {
    let pad = try Scratchpad()
    let node = try await node(pad, "a")
    var seen: [UInt64] = []
    var cursor: ChangeCursor?
    while true {
      let page = try await node.changePage(since: cursor, limit: limit, scope: scope)
      #expect(page.entries.count <= limit)
      seen += page.entries.map(\.change.cursor)
      // What a sink kept as text goes on where it was.
      cursor = ChangeCursor(page.cursor.text)
      #expect(cursor == page.cursor)
      if page.isAtEnd { break }
    }
    var whole: [UInt64] = []
    for try await change in node.changes(scope: scope) {
      whole.append(change.cursor)
      if whole.count == 7 { break }
    }
    #expect(seen == whole)
    let entry = try await node.changePage(since: nil, limit: 3, scope: scope).entries[2]
    let rest = try await node.changePage(since: entry.cursor, scope: scope)
    #expect(rest.entries.map(\.change.cursor) == Array(whole[3...]))
    #expect(try await node.changePage(since: cursor, scope: scope).entries.isEmpty)
    await node.close()
  }

  @Test("changes: a cursor of another node is refused, and waiting ends with a change")
  func cursors() async throws {
    let pad = try Scratchpad()
    let (first, second) = (try await node(pad, "a"), try await node(pad, "b"))
    let page = try await first.changePage(since: nil, scope: scope)
    await #expect(throws: Failure.self) { try await second.changePage(since: page.cursor, scope: scope) }
    for text in ["", "x", "1-2-3", page.cursor.text + " ", page.cursor.text.uppercased() + "G"] {
      #expect(ChangeCursor(text) == nil, "\(text)")
    }
    async let woken = first.waitForChanges(after: page.cursor, seconds: 60)
    _ = try await first.commit(as: "zhang") { try $0.update(page.entries[1].change.operation.key, ["nation": "11"]) }
    #expect(await woken)
    let more = try await first.changePage(since: page.cursor, scope: scope)
    #expect(more.entries.count == 1 && more.entries[0].change.actor == "zhang")
    await first.close()
    await second.close()
  }
}
