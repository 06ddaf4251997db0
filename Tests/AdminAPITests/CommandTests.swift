import AdminProtocol
import Foundation
import Messages
import Testing

@Suite struct CommandTests {
  @Test("query: a table for people shows what codes mean, and Chinese stands in columns")
  func queryTable() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let zh = await run(["query", "member", "--socket", socket, "-o", "table"], language: .zh)
      #expect(zh.status == 0)
      #expect(zh.data == "姓名    性别  年龄\n欧阳𬭬  女      36\n=1+1    男       —\n")
      #expect(zh.talk == "2 行，用时 1 毫秒\n")
      let en = await run(["--socket", socket, "-q", "query", "member", "-o", "table", "--no-headers"])
      #expect(en.data == "欧阳𬭬  female  36\n=1+1    male     —\n")
      #expect(en.talk.isEmpty)
    }
  }

  @Test("query: csv keeps codes and defuses formulas, json is exact and never localised")
  func queryData() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let csv = await run(["query", "member", "--socket", socket])
      #expect(csv.data == "name,sex,age\n欧阳𬭬,2,36\n'=1+1,1,\n")
      #expect(csv.talk.isEmpty)
      let json = await run(["query", "member", "--socket", socket, "-o", "json"], language: .zh)
      #expect(
        json.data
          == "{\"schema\":\"xylemctl/query/v1\",\"rows\":[{\"name\":\"欧阳𬭬\",\"sex\":\"2\",\"age\":36},{\"name\":\"=1+1\",\"sex\":\"1\",\"age\":null}]}\n"
      )
      let some = await run(["query", "member", "--socket", socket, "--columns", "age,name"])
      #expect(some.data.hasPrefix("age,name\n36,欧阳𬭬\n"))
    }
  }

  @Test("query: conditions, order and grouping reach the daemon; commas inside expressions do not divide")
  func questions() async throws {
    let backend = FakeBackend()
    try await withServer(backend) { (_: String, socket: String) async throws in
      _ = await run(["query", "member", "--where", "sex = '2'", "--order", "-age,name", "--socket", socket])
      _ = await run(["stat", "member", "--by", "sex,if(age > 60, 'a,b', 'c')", "--socket", socket])
    }
    #expect(
      backend.requests == [
        #"member where sex = '2' order ["-age", "name"] by []"#,
        #"member where - order [] by ["sex", "if(age > 60, \'a,b\', \'c\')"]"#,
      ])
  }

  @Test(
    "errors: code, why and try for people in both languages; problem details for programs; the code decides the exit")
  func errors() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let en = await run(["query", "membr", "--socket", socket])
      #expect(en.status == 64 && en.data.isEmpty)
      #expect(
        en.talk
          == "error[XYL-QRY-0002]: There is no entity “membr”\n  why: Did you mean “member”?\n  try: List the entities with xylemctl catalog\n"
      )
      let zh = await run(["query", "membr", "--socket", socket], language: .zh)
      #expect(zh.talk.hasPrefix("错误[XYL-QRY-0002]：没有名为“membr”的实体\n  原因：是否想写“member”？\n"))
      let json = await run(["query", "membr", "--socket", socket, "-o", "json"])
      #expect(json.talk.contains("\"code\":\"XYL-QRY-0002\"") && json.talk.contains("\"exit\":64"))
      #expect(await run(["get", "member", "nobody", "--socket", socket]).status == 3)
    }
    let gone = await run(["status", "--socket", "/tmp/xylem-nobody.sock"])
    #expect(gone.status == 5 && gone.talk.contains("XYL-CLI-0001"))
  }

  @Test("usage: a mistyped command is suggested, a bad option exits with 64, help is data")
  func usage() async {
    let typo = await run(["statsu"])
    #expect(typo.status == 64 && typo.talk.contains("Did you mean “status”?"))
    #expect(await run(["query", "member", "--limit", "0"]).status == 64)
    #expect(await run(["query"]).status == 64)
    let help = await run(["query", "--help"])
    #expect(help.status == 0 && help.talk.isEmpty && help.data.contains("EXAMPLES:"))
    #expect(await run(["--help", "--lang", "zh"]).data.contains("示例："))
    #expect(await run(["--version"]).data == Release.version + "\n")
    #expect(await run(["help", "exit-codes", "-o", "csv"]).status != 1)
    #expect(await run(["completion", "bash"]).data.contains("xylemctl"))
    #expect(await run(["completion", "dos"]).status == 64)
  }

  @Test("status, tree, version: one fact sheet, one tree, exact figures for programs")
  func overview() async throws {
    try await withServer(FakeBackend(lag: 60)) { (_: String, socket: String) async throws in
      let status = await run(["status", "--socket", socket, "-o", "table"])
      #expect(status.data.contains("Node              033001 中共海曙区委 (7b)\n"))
      #expect(status.data.contains("Member            61,240\n"))
      #expect(status.data.contains("Parent            033 — unknownChild\n"))
      let row = await run(["status", "--socket", socket, "--columns", "backlog,rows_member,resident_bytes"])
      #expect(row.data == "backlog,rows_member,resident_bytes\n10,61240,52428800\n")
      let json = await run(["status", "--socket", socket, "-o", "json"])
      #expect(json.data.contains("\"schema\":\"xylem/status/v1\"") && json.data.hasSuffix("}\n"))
      let tree = await run(
        ["tree", "--socket", socket, "-o", "table", "--columns", "state,code,name,lag"], language: .zh)
      #expect(tree.data == "状态    代码    名称          落后\n正常    033     中共宁波市委     0\n已断开  033001  └─ 海曙         60\n")
      let version = await run(["version", "--socket", socket])
      #expect(version.data == "client,daemon,node,protocol,frame,row,catalog\n0.1.0,0.1.0,7b,1,2,3,c0de\n")
    }
    let alone = await run(["version", "--socket", "/tmp/xylem-nobody.sock"])
    #expect(alone.status == 0 && alone.data == "client,daemon\n0.1.0,\n")
  }

  @Test("doctor: problems exit with 2, warnings do not", arguments: [("ok", 0), ("warn", 0), ("fail", 2)])
  func doctor(result: String, status: Int32) async throws {
    try await withServer(FakeBackend(doctorResult: result)) { (_: String, socket: String) async throws in
      let found = await run(["doctor", "--socket", socket])
      #expect(found.status == status)
      #expect(found.data == "result,name,detail,try\nok,storage,fine,\n\(result),disk,3 GiB left,free space\n")
    }
  }

  @Test("import: rejects go to a file and, ten of them, to the person; exit 2")
  func rejects() async throws {
    try await withServer { (folder: String, socket: String) async throws in
      let path = folder + "/members.csv"
      try String(repeating: "x\n", count: 20).write(toFile: path, atomically: true, encoding: .utf8)
      let found = await run(["import", "member", path, "--socket", socket])
      #expect(found.status == 2)
      #expect(
        found.data.hasPrefix(
          "rows,inserted,updated,unchanged,rejected,warnings,sequence,dry_run,milliseconds\n20,8,0,0,12,0,41,false,250\n"
        ))
      #expect(
        found.talk.contains("12 rows rejected, written to \(path).rejects.csv") && found.talk.contains("… 2 more"))
      // Decoded by hand: Foundation's file reader drops the byte order mark.
      let file = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + ".rejects.csv")), as: UTF8.self)
      let lines = file.components(separatedBy: "\r\n")
      #expect(lines.count == 14)
      #expect(lines[0] == "\u{FEFF}行,列,值,原因,建议,姓名,性别")
      #expect(lines[1] == "2,性别,\"x,\"\"0\"\"\",not a code,correct it,王0,\"x,\"\"0\"\"\"")
      var facts = stat()
      #expect(stat(path + ".rejects.csv", &facts) == 0 && facts.st_mode & 0o077 == 0)
    }
  }

  @Test("import: a clean run exits with 0 and leaves no rejects of an earlier one; a dry run says so")
  func cleanImport() async throws {
    let backend = FakeBackend()
    try await withServer(backend) { (folder: String, socket: String) async throws in
      let path = folder + "/good.csv"
      try "a\nb\n".write(toFile: path, atomically: true, encoding: .utf8)
      try "old".write(toFile: path + ".rejects.csv", atomically: true, encoding: .utf8)
      // What never began, or only looked, leaves a clerk's work where it is; the input is never its own rejects file.
      #expect(await run(["import", "membr", path, "--socket", socket]).status != 0)
      #expect(await run(["import", "member", path, "--socket", folder + "/nobody"]).status != 0)
      #expect(await run(["import", "member", path, "--socket", socket, "--dry-run"]).status == 0)
      #expect(await run(["import", "member", path, "--rejects", path, "--socket", socket]).status == 64)
      #expect(try String(contentsOfFile: path + ".rejects.csv", encoding: .utf8) == "old")
      try "mine".write(toFile: folder + "/named.csv", atomically: true, encoding: .utf8)
      let named = await run([
        "import", "member", path, "--rejects", folder + "/named.csv", "--socket", socket, "--dry-run",
      ])
      #expect(named.status == 0 && named.talk.contains("nothing was written"))
      #expect(try String(contentsOfFile: folder + "/named.csv", encoding: .utf8) == "mine")
      #expect(await run(["import", "member", path, "--socket", socket]).status == 0)
      #expect(!FileManager.default.fileExists(atPath: path + ".rejects.csv"))
      #expect(await run(["import", "member", folder + "/none.csv", "--socket", socket]).status == 3)
    }
    #expect(
      backend.requests == [
        "import member good.csv true", "import member good.csv true", "import member good.csv false",
      ])
  }

  @Test("match: a list in people's spelling of dates, quotes and both headings")
  func match() async throws {
    let backend = FakeBackend()
    try await withServer(backend) { (folder: String, socket: String) async throws in
      let path = folder + "/list.csv"
      try "\u{FEFF}序号,姓名,出生日期\r\n1,甲,1990/1/2\r\n2,\"乙\",19900102\r\n\r\n3,丙,1990年12月3日\r\n".write(
        toFile: path, atomically: true, encoding: .utf8)
      let found = await run(["match", path, "--socket", socket, "-q"])
      #expect(found.status == 0)
      #expect(found.data.components(separatedBy: "\n")[1] == "甲,1990-01-02,,,3-1-1-0")
      try "a,b\n1,2\n".write(toFile: path, atomically: true, encoding: .utf8)
      #expect(await run(["match", path, "--socket", socket]).status == 2)
    }
    #expect(backend.requests == ["甲 1990-01-02, 乙 1990-01-02, 丙 1990-12-03"])
  }

  @Test("verify: two nodes that agree, that differ, and one that is behind")
  func verify() async throws {
    try await withServer(FakeBackend()) { (folder: String, here: String) async throws in
      try await serving(FakeBackend(), folder + "/same.sock") { () async throws in
        let same = await run(["verify", "--socket", here, "--against", folder + "/same.sock"])
        #expect(same.status == 0)
        #expect(same.data == "partition,entity,rows_here,rows_there,result\n7c,member,5,5,same\n7c,org,2,2,same\n")
      }
      try await serving(FakeBackend(digest: "ab"), folder + "/other.sock") { () async throws in
        let other = await run(["verify", "--socket", here, "--against", folder + "/other.sock"])
        #expect(other.status == 2 && other.data.contains("7c,member,5,5,different\n"))
      }
      try await serving(FakeBackend(digest: "ab", lag: 3), folder + "/late.sock") { () async throws in
        let late = await run(["verify", "--socket", here, "--against", folder + "/late.sock"])
        #expect(late.status == 5 && late.talk.contains("XYL-VER-0002"))
      }
      #expect(
        await run(["verify", "--digests", "--socket", here]).data.hasPrefix(
          "partition,entity,rows,digest\n7c,member,5,aa\n"))
    }
  }

  @Test("verify: nodes below are compared one by one; differences exit with 2, a repair of all of them with 0")
  func verifyBelow() async throws {
    let equal = FakeBackend()
    try await withServer(equal) { (_: String, socket: String) async throws in
      let all = await run(["verify", "--socket", socket, "-o", "csv"])
      #expect(all.status == 0 && all.data.contains("033001,海曙,member,4,5,equal,0,0,0,0,0,12\n"))
      #expect(await run(["verify", "--node", "999", "--socket", socket]).status == 3)
    }
    #expect(equal.requests == ["compare 033001 no"])
    let differing = FakeBackend(lag: 3)
    try await withServer(differing) { (_: String, socket: String) async throws in
      let found = await run(["verify", "--repair", "--dry-run", "--socket", socket, "-o", "table"])
      #expect(found.status == 2 && found.data.contains("3-7c0001-9-0") && found.data.contains("insert the owner's"))
      let repaired = await run(["verify", "--node", "033001", "--repair", "--socket", socket, "-o", "json"])
      #expect(repaired.status == 0 && repaired.data.contains("\"repaired\":1"))
    }
    #expect(differing.requests == ["compare 033001 plan", "compare 033001 repair"])
  }

  @Test("queue and wait: listed, retried, skipped with a reason, waited for")
  func queue() async throws {
    let backend = FakeBackend()
    try await withServer(backend) { (_: String, socket: String) async throws in
      let list = await run(["queue", "--socket", socket, "-o", "csv"])
      #expect(list.status == 0 && list.data.contains("3-7c0001-9-0,033001,member,absent,,12,2,0,\n"))
      #expect(await run(["queue", "retry", "3-7c0001-9-0", "--socket", socket]).status == 0)
      #expect(await run(["queue", "retry", "x", "--socket", socket]).status == 2)
      #expect(await run(["queue", "skip", "x", "--socket", socket]).status == 64)
      #expect(await run(["queue", "skip", "x", "--reason", "known", "--socket", socket]).status == 0)
      #expect(await run(["wait", "x1abc", "--level", "root", "--socket", socket]).status == 0)
    }
    #expect(
      backend.requests == [
        "queue retry 3-7c0001-9-0 -", "queue retry x -", "queue skip x known", "wait x1abc root",
      ])
  }

  @Test("socket: the environment names it when the command line does not")
  func environment() async throws {
    try await withServer { (_: String, socket: String) async throws in
      #expect(await run(["version"], environment: ["XYLEM_SOCKET": socket]).data.contains("7b"))
    }
  }
}
