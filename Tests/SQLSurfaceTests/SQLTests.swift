import Access
import Messages
import Primitives
import SQLSurface
import Testing
import Xylem

@Suite struct SQLTests {
  private func thing(_ serial: Int, _ org: RecordID, _ more: [String: Value] = [:]) -> [String: Value] {
    more.merging(["serial": .int(Int64(serial)), "owning_org": .reference(org)]) { first, _ in first }
  }

  @Test("sql: every type has its form; star shows the items, hidden columns answer to their names")
  func forms() async throws {
    try await SQLWorld.with { world in
      let orgs = try await world.orgs()
      let org = try #require(orgs["033001"])
      let values: [String: Value] = [
        "name": "甲", "colour": "2", "made": .date(CivilDate(days: 12_000)),
        "seen": .minute(CivilMinute(CivilDate(days: 12_000), minute: 61)), "weight": .decimal(1234), "good": true,
        "amount": 21,
      ]
      let things = [thing(1, org, values), thing(2, org)]
      let first = try await world.node.commit(as: "test") { builder in
        let first = try builder.insert("thing", things[0])
        _ = try builder.insert("thing", things[1].merging(["friend": .reference(first.record)]) { $1 })
        _ = try builder.insert("part", under: first, ["label": "轮", "size": 3])
        return first
      }.value
      let row = try await world.rows("select * from thing where serial = 1")
      #expect(
        row == [
          [
            .integer(1), .text("甲"), .text("2"), .null, .text("2002-11-09"), .text("2002-11-09 01:01"), .real(12.34),
            .integer(1), .integer(21), .integer(42), .null,
          ]
        ])
      let hidden = try await world.rows("select _id, org, colour_label, owning_org from thing order by serial")
      let id = "\(String(first.record.mint, radix: 16))-\(first.record.counter)"
      #expect(hidden[0] == [.text(id), .text("033001"), .text("绿"), .text("033001")])
      #expect(hidden[1][2] == .null)
      let joined = try await world.rows(
        "select b.serial, a.name, p.label from thing b join thing a on b.friend = a._id "
          + "join part p on p._parent = a._id"
      )
      #expect(joined == [[.integer(2), .text("甲"), .text("轮")]])
      #expect(try await world.rows("select p.org, p._id from part p") == [[.text("033001"), .text(id + "-1")]])
      let lists = try await world.rows(
        "select count(*) from xylem_columns where table_name = 'thing' and is_hidden = 1")
      #expect(lists == [[.integer(5)]])
    }
  }

  @Test("sql: the org tree as a table and as functions; an unknown org is told")
  func tree() async throws {
    try await SQLWorld.with { world in
      let orgs = try await world.orgs()
      let things = ["033", "033001", "033001001", "033001001", "033002"].enumerated().compactMap { number, code in
        orgs[code].map { thing(number, $0) }
      }
      _ = try await world.node.commit(as: "test") { for thing in things { _ = try $0.insert("thing", thing) } }
      let under = "select serial from thing where under(org, '033001') order by serial"
      #expect(try await world.rows(under) == [[.integer(1)], [.integer(2)], [.integer(3)]])
      #expect(try await world.plan(under)[0].contains("under(org)"))
      #expect(
        try await world.rows("select ancestor(org, 1) a, count(*) from thing group by a") == [
          [.null, .integer(1)], [.text("033001"), .integer(3)], [.text("033002"), .integer(1)],
        ])
      #expect(
        try await world.rows("select org, parent, level, org_name(org) from org_tree order by place") == [
          [.text("033"), .null, .integer(0), .text("市委")],
          [.text("033001"), .text("033"), .integer(1), .text("海曙")],
          [.text("033001001"), .text("033001"), .integer(2), .text("海曙一支部")],
          [.text("033002"), .text("033"), .integer(1), .text("江东")],
        ])
      #expect(
        try await world.rows("select label('COLOUR', '3'), label('colour', 3, 'en')")[0] == [.text("蓝"), .text("blue")])
      #expect(await world.refusal("select 1 from thing where under(org, '0339')")?.code == .queryUnknownOrg)
    }
  }

  @Test("sql: a scope shows its subtree in every table, function and plan, and nothing of the rest")
  func scope() async throws {
    try await SQLWorld.with { world in
      let orgs = try await world.orgs()
      let codes = ["033", "033001", "033001001", "033002"]
      let things = codes.enumerated().compactMap { number, code in orgs[code].map { thing(number, $0, ["name": "n"]) } }
      _ = try await world.node.commit(as: "test") { builder in
        for thing in things {
          let key = try builder.insert("thing", thing)
          _ = try builder.insert("part", under: key, ["size": 1])
        }
      }
      let entries = codes.map { code in
        OrgDirectory.Entry(
          id: orgs[code] ?? world.node.identity.rootOrg, code: Text(code), name: "", category: "",
          partition: world.node.identity.partition,
          parent: code == "033" ? nil : orgs[code.count > 6 ? "033001" : "033"])
      }
      let scope = try #require(
        Authoriser.narrowed(
          world.everything, to: orgs["033001"] ?? RecordID(mint: 0, counter: 0), in: OrgDirectory(entries)))
      for question in [
        "select serial from thing order by serial", "select serial from thing where name = 'n' order by serial",
        "select serial from thing where serial in (0, 1, 2, 3) order by serial",
        "select t.serial from part p join thing t on t._id = p._parent order by 1",
        "select serial from thing where under(org, '033') order by serial",
        "select serial from thing group by colour, serial",
      ] {
        #expect(try await world.rows(question, scope: scope) == [[.integer(1)], [.integer(2)]], "\(question)")
      }
      #expect(try await world.rows("select org, parent from org_tree", scope: scope)[0] == [.text("033001"), .null])
      #expect(try await world.rows("select org_code from org order by 1", scope: scope).count == 2)
      #expect(
        try await world.rows("select org_name('033002'), ancestor('033001001', 0)", scope: scope) == [[.null, .null]])
      await #expect(throws: Failure.self) {
        try await world.rows("select 1 from thing where under(org, '033002')", scope: scope)
      }
    }
  }

  @Test("sql: an item that the scope has masked reads as null wherever a statement names it")
  func masks() async throws {
    try await SQLWorld.with { world in
      let root = world.node.identity.rootOrg
      let values = thing(1, root)
      _ = try await world.node.commit(as: "test") { builder in
        let key = try builder.insert("thing", values)
        _ = try builder.insert("part", under: key, ["label": "轮", "secret": "canary"])
      }
      let masked = Authoriser.masked(world.everything, clear: [.a, .b])
      let one: [[SQLValue]] = [[.integer(1)]]
      let none: [[SQLValue]] = [[.integer(0)]]
      for (question, open, hidden) in [
        ("select count(*) from part where secret = 'canary'", one, none),
        ("select count(*) from part where secret like 'can%'", one, none),
        ("select count(*) from part where secret > 'a'", one, none),
        ("select count(*) from part where secret is null", none, one),
        ("select count(secret) from part", one, none), ("select count(distinct secret) from part", one, none),
        ("select label from part order by secret", [[.text("轮")]], [[.text("轮")]]),
        ("select max(secret) from part", [[.text("canary")]], [[.null]]),
        ("select group_concat(secret) from part group by secret", [[.text("canary")]], [[.null]]),
        ("select p.secret from thing t left join part p on p._parent = t._id", [[.text("canary")]], [[.null]]),
      ] {
        #expect(try await world.rows(question) == open, "\(question)")
        #expect(try await world.rows(question, scope: masked) == hidden, "\(question)")
      }
      let (all, some) = (
        try await world.rows("select * from part"), try await world.rows("select * from part", scope: masked)
      )
      #expect(!"\(some)".contains("canary") && "\(all)".contains("canary"))
    }
  }

  @Test("sql: what is not reading is refused by name; so are recursion, second statements and unknown names")
  func refusals() async throws {
    try await SQLWorld.with { world in
      let notAllowed = [
        "insert into thing(serial) values (1)", "update thing set serial = 2", "delete from thing",
        "attach 'x' as y", "pragma user_version", "select * from pragma_table_info('thing')", "create table x(a)",
        "create temp view v as select 1", "drop table thing", "begin", "savepoint x", "vacuum", "analyze", "reindex",
        "select load_extension('x')", "create virtual table f using fts5(a)",
        "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
      ]
      for text in notAllowed { #expect(await world.refusal(text)?.code == .sqlNotAllowed, "\(text)") }
      func refusal(_ text: String, _ code: ErrorCode, _ field: String? = nil, _ value: String? = nil) async {
        let failure = await world.refusal(text)
        #expect(failure?.code == code, "\(text): \(String(describing: failure))")
        if let field { #expect(failure?.value(of: field) == value, "\(text): \(String(describing: failure))") }
      }
      await refusal("select * from thingg", .sqlUnknownTable, "suggestion", "thing")
      await refusal("select colur from thing", .sqlUnknownColumn, "suggestion", "colour")
      await refusal("select 名, colur from thing", .sqlUnknownColumn, "position", "8")
      await refusal("select \"blue\" from thing", .sqlUnknownColumn)
      await refusal("select undr(org, '1') from thing", .queryUnknownFunction, "suggestion", "under")
      await refusal("select 1 fro thing x", .sqlSyntax, "position", "14")
      await refusal("select 1; select 2", .sqlOneStatement, "position", "10")
      await refusal("select 'a", .sqlSyntax)
      await refusal("  -- nothing", .sqlSyntax)
      await refusal("select ?", .sqlParameters, "expected", "1")
      await refusal("select abs(-9223372036854775808)", .sqlFailed)
      #expect(await world.refusal("select 1; -- that is all\n /* or so */ ;") == nil)
      // A connection that refused something serves the next.
      let again = try await world.rows("select 1")
      #expect(again == [[.integer(1)]])
    }
  }

  @Test("sql: hostile texts end in a refusal, not in the process")
  func hostile() async throws {
    try await SQLWorld.with { world in
      let deep = String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000)
      #expect(await world.refusal("select " + deep)?.code == .sqlSyntax)
      #expect(await world.refusal("select " + String(repeating: "1+", count: 50_000) + "1") != nil)
      #expect(await world.refusal("select '" + String(repeating: "x", count: 1 << 20) + "'")?.code == .sqlSyntax)
      #expect(await world.refusal("select zeroblob(1 << 30)") != nil)
      #expect(await world.refusal("select 'a\0b'")?.code == .sqlSyntax)
      // A list of 25,000 is no attack, and is answered.
      let many = (0..<25_000).map(String.init).joined(separator: ",")
      let found = try await world.rows("select count(*) from thing where serial in (\(many))")
      #expect(found == [[.integer(0)]])
    }
  }

  @Test("sql: limits of time, rows and memory are named; an answer that nobody reads ends")
  func limits() async throws {
    try await SQLWorld.with { world in
      _ = try await world.node.commit(as: "test") { builder in
        for number in 0..<300 { _ = try builder.insert("thing", ["serial": .int(Int64(number)), "name": "x"]) }
      }
      var limits = SQLLimits()
      limits.seconds = 1
      let endless = "select count(*) from thing a, thing b, thing c, thing d"
      #expect(await world.refusal(endless, limits: limits)?.code == .queryTimedOut)
      limits = SQLLimits()
      limits.rows = 299
      #expect(await world.refusal("select serial from thing", limits: limits)?.value(of: "maximum") == "299")
      #expect(await world.refusal("select serial from thing limit 299", limits: limits) == nil)
      limits = SQLLimits()
      limits.memory = .mebibytes(4)
      let heavy = "select a.name || b.serial || c.serial from thing a, thing b, thing c order by 1 desc"
      #expect(await world.refusal(heavy, limits: limits)?.code == .sqlMemory)
      do {
        let answer = try await world.sql.query(
          SQLStatement("select 1 from thing a, thing b, thing c"), scope: world.everything)
        for try await piece in answer.rows {
          #expect(!piece.isEmpty)
          break
        }
      }
      // Nothing holds the two threads any more: both serve again at once.
      for _ in 0..<4 { #expect(try await world.rows("select 1") == [[.integer(1)]]) }
    }
  }

  @Test("sql: a statement reads one moment, whatever is committed meanwhile; closing the node ends it")
  func oneMoment() async throws {
    try await SQLWorld.with { world in
      _ = try await world.node.commit(as: "test") { builder in
        for number in 0..<2000 { _ = try builder.insert("thing", ["serial": .int(Int64(number)), "name": "x"]) }
      }
      for question in ["select name, serial from thing", "select serial from thing order by serial"] {
        let answer = try await world.sql.query(SQLStatement(question), scope: world.everything)
        var iterator = answer.rows.makeAsyncIterator()
        var count = try await iterator.next()?.count ?? 0
        _ = try await world.node.commit(as: "test") {
          _ = try $0.insert("thing", ["serial": .int(Int64.random(in: 10_000...(.max))), "name": "y"])
        }
        while let piece = try await iterator.next() { count += piece.count }
        let now = try await world.rows("select count(*) from thing")
        #expect(now == [[.integer(Int64(count + 1))]])
      }
      let answer = try await world.sql.query(
        SQLStatement("select a.serial from thing a, thing b"), scope: world.everything)
      await world.node.close()
      await #expect(throws: Failure.self) { try await answer.all() }
    }
  }
}
