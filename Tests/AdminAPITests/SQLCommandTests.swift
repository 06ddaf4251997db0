import AdminClient
import AdminProtocol
import CSQLite
import Foundation
import Messages
import Testing

@testable import xylemctl

@Suite struct SQLCommandTests {
  @Test("sql: exact numbers and hostile texts travel unharmed, as lines and as one document")
  func forms() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let lines = await run(["sql", "select", "--socket", socket, "-o", "jsonl"])
      #expect(
        lines.data
          == "{\"name\":\"欧阳𬭬\",\"n\":9007199254740993,\"x\":12.34,\"name:1\":null}\n"
          + "{\"name\":\"\\u0001\\\"\\\\\\ufeff\\n\",\"n\":-1,\"x\":1.0,\"name:1\":\"\"}\n")
      let table = await run(["sql", "select", "--explain", "--socket", socket, "-o", "table"])
      #expect(table.data.hasPrefix("name") && table.talk.hasPrefix("2 rows in") && table.talk.contains("SCAN t\n"))
      let answer = try await exchange(
        socket,
        "POST /v1/sql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
          + "Content-Length: 15\r\n\r\n{\"sql\":\"plain\"}")
      #expect(answer.contains("\"rows\":[[\"欧阳𬭬\",9007199254740993,12.34,null],"))
      #expect(answer.contains("\"applied\":7"))
    }
  }

  @Test("sql: a refusal has its status and exit; a limit that is reached late ends the answer with its failure")
  func failures() async throws {
    try await withServer { (_: String, socket: String) async throws in
      let refused = await run(["sql", "refused", "--socket", socket])
      #expect(refused.status == Failure(.sqlNotAllowed).exitStatus.rawValue)
      #expect(refused.talk.contains("writing is not allowed"))
      let zh = await run(["sql", "refused", "--socket", socket], language: .zh)
      #expect(zh.talk.contains("不允许写入"))
      let late = await run(["sql", "late", "--socket", socket])
      #expect(late.status == Failure(.sqlRows).exitStatus.rawValue && late.talk.contains("XYL-QRY-0014"))
      let wrong = try await exchange(
        socket,
        "POST /v1/sql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n"
          + "Content-Length: 21\r\n\r\n{\"sql\":\"a\",\"admin\":1}")
      #expect(wrong.hasPrefix("HTTP/1.1 400") && wrong.contains("XYL-API-0006"))
    }
  }

  @Test("export: an SQLite file with views that say what codes mean; an existing file stays")
  func export() async throws {
    try await withServer { (folder: String, socket: String) async throws in
      let file = folder + "/x.sqlite"
      let made = await run(["export", "sqlite", file, "--socket", socket])
      #expect(made.status == 0, "\(made.talk)")
      var database: OpaquePointer?
      #expect(sqlite3_open_v2(file, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
      defer { sqlite3_close(database) }
      var statement: OpaquePointer?
      let question = "select name, sex_label, _id from member_labelled"
      #expect(sqlite3_prepare_v2(database, question, -1, &statement, nil) == SQLITE_OK)
      #expect(sqlite3_step(statement) == SQLITE_ROW)
      let cells = (0..<3).map { sqlite3_column_text(statement, $0).map { String(cString: $0) } }
      sqlite3_finalize(statement)
      #expect(cells == ["O'Hara", "女", "7-1"])
      var facts = stat()
      #expect(stat(file, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
      #expect(await run(["export", "sqlite", file, "--socket", socket]).status != 0)
      #expect(await run(["export", "xlsx", file, "--socket", socket]).status == 64)
      #expect(!FileManager.default.fileExists(atPath: file + ".part"))
    }
  }

  @Test("sql: statements end at semicolons outside quotes and comments")
  func statements() {
    let text = "select 'a;b' -- c;d\n, \"e;f\"; /* ; */ select 2;\n\n select ''';'"
    #expect(
      SQLText.statements(text) == [
        "select 'a;b' -- c;d\n, \"e;f\"", " /* ; */ select 2", "\n\n select ''';'",
      ])
    #expect(SQLText.end(of: "select 1") == nil)
  }

  @Test("sql: keys edit a line of Chinese as people see it, and names complete as far as they agree")
  func editing() {
    var line = LineBuffer()
    line.insert("slect 党员")
    #expect(line.cellsBefore == 10)
    for _ in 0..<7 { line.left() }
    line.insert("e")
    #expect(line.string == "select 党员" && line.cellsBefore == 2)
    line.end()
    line.cutWord()
    line.cutToStart()
    line.insert("e\u{301}")
    #expect(line.text.count == 1)
    line.backspace()
    line.insert("select birt")
    line.complete(["birth_date", "birth_place", "name"])
    #expect(line.string == "select birth_")
    line.complete(["birth_date", "birth_place", "name"])
    #expect(line.string == "select birth_")
  }
}
