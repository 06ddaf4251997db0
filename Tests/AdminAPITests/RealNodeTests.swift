import CSQLite
import Foundation
import Logging
import Messages
import Testing
import Xylem

@testable import AdminAPI

@Suite struct RealNodeTests {
  private func applicant(_ idCard: String, _ nation: String, _ org: RecordID) -> [String: Value] {
    [
      "applicant_name": "欧阳𬭬", "id_card": .text(Text(idCard)), "sex": "1", "birth_date": .date(CivilDate(days: 3653)),
      "nation": .text(Text(nation)), "edu_code": "21", "job_code": "2", "org_code": .reference(org),
      "apply_date": .date(CivilDate(days: 12_544)), "is_league_member": false, "stage": "10",
      "talk_date": .date(CivilDate(days: 12_554)),
    ]
  }

  /// A real node with two applicants behind a real socket.
  private func withNode(
    _ body: @escaping @Sendable (_ folder: String, _ socket: String, _ node: Node) async throws -> Void
  ) async throws {
    try await withFolder { folder in
      try Node.create(at: folder + "/node", network: "test", code: "033", name: "市委", parentCode: "")
      var options = Node.Options()
      options.today = CivilDate(iso: "2005-09-30")
      let node = try await Node.open(at: folder + "/node", options: options)
      let root = node.identity.rootOrg
      let rows = [applicant("330203198001021034", "01", root), applicant("330203198001021050", "11", root)]
      _ = try await node.commit(as: "张", reason: "登记") { for row in rows { _ = try $0.insert("applicant", row) } }
      var log = Logger(label: "test")
      log.logLevel = .critical
      let (ready, announce) = AsyncStream<Void>.makeStream()
      let server = AdminServer(
        backend: NodeBackend(node: node), socketPath: folder + "/x.sock", log: log
      ) { announce.finish() }
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          defer { announce.finish() }
          try await server.run()
          return false
        }
        group.addTask {
          for await _ in ready {}
          try await body(folder, folder + "/x.sock", node)
          return true
        }
        while let isDone = try await group.next(), !isDone {}
        group.cancelAll()
      }
      await node.close()
    }
  }

  private func get(_ socket: String, _ path: String) async throws -> String {
    try await exchange(socket, "GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
  }

  @Test("real node: statements and exports come from the records; values have their forms")
  func sql() async throws {
    try await withNode { folder, socket, _ in
      let question =
        "select applicant_name, nation_label, org, birth_date, age(birth_date) from applicant where nation = ? limit 1"
      let answer = await run(["sql", question, "--param", "01", "--socket", socket])
      #expect(
        answer.data
          == "applicant_name,nation_label,org,birth_date,age(birth_date)\n欧阳𬭬,汉族,033,1980-01-02,25\n", "\(answer.talk)")
      let plan = await run([
        "sql", "select nation, count(*) from applicant group by 1", "--explain", "--socket", socket,
      ])
      #expect(plan.talk.contains("columns: grouped by nation"), "\(plan.talk)")
      let refused = await run(["sql", "select * from aplicant", "--socket", socket])
      #expect(refused.talk.contains("Did you mean “applicant”?"))
      let made = await run(["export", "sqlite", folder + "/x.sqlite", "--socket", socket])
      #expect(made.status == 0, "\(made.talk)")
      var database: OpaquePointer?
      #expect(sqlite3_open_v2(folder + "/x.sqlite", &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
      defer { sqlite3_close(database) }
      func count(_ text: String) -> Int32 {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(database, text, -1, &statement, nil) == SQLITE_OK,
          sqlite3_step(statement) == SQLITE_ROW
        else { return -1 }
        return sqlite3_column_int(statement, 0)
      }
      #expect(count("select count(*) from applicant_labelled where nation_label = '汉族'") == 1)
      #expect(count("select count(*) from org_tree") == 1)
      #expect(count("select count(*) from codes where code_table = 'NATION'") > 50)
      #expect(count("select count(*) from member") == 0)
    }
  }

  @Test("real node: the feed tells each change with its values; health and metrics speak of this node")
  func feed() async throws {
    try await withNode { _, socket, node in
      let all = await run(["changes", "--socket", socket])
      let lines = all.data.split(separator: "\n")
      #expect(lines.count == 3, "\(all.data)\(all.talk)")
      #expect(lines.last?.contains("\"actor\":\"张\"") ?? false)
      #expect(lines.last?.contains("\"birth_date\":\"1980-01-02\"") ?? false)
      #expect(lines.last?.contains("\"is_league_member\":0") ?? false)
      let cursor = try #require(all.talk.split(separator: " ").last).trimmingCharacters(in: .newlines)
      let (found, _) = try await node.commit(as: "李") { _ in true }
      #expect(found)
      #expect(await run(["changes", "--since", cursor, "--socket", socket]).data.isEmpty)
      #expect(await run(["changes", "--since", "1-1", "--socket", socket]).talk.contains("XYL-API-0006"))
      let metrics = try await get(socket, "/metrics")
      for line in [
        "xylem_records{kind=\"applicant\"} 2", "xylem_records{kind=\"member\"} 0", "xylem_ready 1",
        "xylem_replication_link_up{peer=\"parent\"} 0", "# TYPE xylem_replication_heartbeats_dropped_total counter",
      ] {
        #expect(metrics.contains(line + "\n"), "\(line)")
      }
      // The rules of the format, and of names: unit last, one type and help a family.
      let units = [
        "_bytes", "_seconds", "_total", "_info", "_ready", "_records", "_sequence", "_commits", "_frames", "_up",
      ]
      for line in metrics.split(separator: "\n") where line.hasPrefix("# TYPE ") {
        let name = line.split(separator: " ")[2]
        #expect(units.contains { name.hasSuffix($0) }, "\(name)")
        #expect(metrics.contains("# HELP \(name) "))
      }
      let ready = try await get(socket, "/readyz?verbose")
      #expect(ready.hasPrefix("HTTP/1.1 200") && ready.contains("[+]writable ok\n[+]disk-space ok\n"))
    }
  }

  @Test("real node: closing it ends the statements that run, and the answer says why")
  func closing() async throws {
    try await withNode { _, socket, node in
      async let answer = run([
        "sql", "select count(*) from xylem_columns a, xylem_columns b, xylem_columns c", "--socket", socket,
      ])
      try await Task.sleep(for: .milliseconds(500))
      await node.close()
      let talk = await answer.talk
      #expect(talk.contains("XYL-NOD-0003"), "\(talk)")
    }
  }
}
