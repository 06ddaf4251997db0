import Catalog
import Foundation
import Messages
import Primitives
import Testing

@testable import TabularImport

@Suite struct ImportParserTests {
  @Test(
    "import: good rows give dense values, labels for references, and their lines (chunks)", arguments: [1, 7, 65_536])
  func good(chunk: Int) throws {
    let imported = try parse("member", file((0..<5).map { MemberCells($0) }), chunk: chunk)
    #expect(imported.rejects.isEmpty, "\(imported.rejects.flatMap(\.problems).map(\.reason.zh))")
    #expect(imported.rows.map(\.line) == [2, 3, 4, 5, 6])
    let entity = imported.parser.entity
    let row = try #require(imported.rows.first)
    func value(_ name: String) -> Value? { entity.item(named: name).map { row.values[Int($0.id.value) - 1] } }
    #expect(row.values.count == entity.items.count)
    #expect(value("name") == .text("王小明"))
    #expect(value("birth_date") == CivilDate(iso: "1980-01-01").map { .date($0) })
    #expect(value("former_name") == .null)
    #expect(value("phone") == .null, "an item without a column")
    #expect(row.references.map(\.labels) == [["001002003"]])
    #expect(row.references.first?.item == entity.item(named: "branch_code")?.id)
    #expect(imported.parser.items.count == 20)
    #expect(imported.parser.rowsAccepted == 5)
    #expect(String(decoding: row.raw, as: UTF8.self) + "\r\n" == MemberCells(0).row)
  }

  @Test(
    "import: each bad cell is told with line, column, code and a reason in both languages",
    arguments: [
      ("公民身份号码", "330203198001011234", ErrorCode.importBadCheckDigit),
      ("公民身份号码", "3.30203E+17", .importRuleFailed), ("公民身份号码", "", .importEmptyRequired),
      ("性别", "男的", .importWrongCode), ("民族", "99", .importWrongCode), ("出生日期", "2005-02-30", .importBadDate),
      ("出生日期", "29221", .importBadDate), ("姓名", "王\u{200B}明", .importControlCharacter),
      ("姓名", "", .importEmptyRequired), ("姓名", "Wang", .importRuleFailed), ("所在党支部", " ", .importEmptyRequired),
      ("手机号码", "1.38E+10", .importRuleFailed), ("手机号码", "12345", .importRuleFailed),
      ("入党介绍人一", "", .importEmptyRequired), ("加入党组织日期", "2005.7", .importBadDate),
    ])
  func badCells(column: String, cell: String, code: ErrorCode) throws {
    let text = file([MemberCells(1), MemberCells(2).with(column, cell), MemberCells(3)])
    let imported = try parse("member", text)
    #expect(imported.rows.map(\.line) == [2, 4])
    let reject = try #require(imported.rejects.first)
    #expect(imported.rejects.count == 1)
    #expect(reject.line == 3)
    #expect(reject.offset == Array((MemberCells().header + "\r\n" + MemberCells(1).row).utf8).count)
    let problem = try #require(reject.problems.first { $0.code == code }, "\(reject.problems.map(\.code))")
    #expect(problem.column == column)
    #expect(problem.value == (cell.isEmpty || cell == " " ? nil : cell))
    #expect(problem.failure.value(of: "row") == "3")
    #expect(!problem.reason.zh.contains("…") && !problem.reason.zh.contains("{"))
    #expect(!problem.reason.en.contains("…") && !problem.remedy.en.isEmpty)
    let log = problem.failure.logText
    #expect(cell.utf8.count < 3 || !log.contains(cell), "a log holds no content: \(log)")
  }

  @Test("import: a number that a spreadsheet ruined names Excel")
  func excel() throws {
    let imported = try parse("member", file([MemberCells(1).with("公民身份号码", "3.30212E+17")]))
    let problem = try #require(imported.rejects.first?.problems.first)
    #expect(problem.reason.zh.contains("Excel") && problem.reason.en.contains("Excel"))
    #expect(imported.rejects.first?.problems.count == 1, "rules do not speak about a cell that could not be read")
  }

  @Test("import: all that is wrong with a row is told at once, at most 20 things")
  func several() throws {
    let row = MemberCells(1).with("性别", "x").with("出生日期", "1980.1").with("民族", "").with("姓名", "A")
    let problems = try #require(try parse("member", file([row])).rejects.first?.problems)
    #expect(problems.map(\.column) == ["性别", "出生日期", "民族", "姓名", "姓名"])
    var worst = MemberCells(1)
    for index in worst.cells.indices { worst.cells[index].cell = "\u{200B}" }
    let many = try #require(try parse("member", file([worst])).rejects.first?.problems)
    #expect(many.count <= RowReject.problemsMax && many.count > 10)
  }

  @Test("import: faults of a row's structure are told with its line, and the rest is read")
  func structure() throws {
    let good = MemberCells(1).row
    let open = "\"" + MemberCells(2).row
    let short = "a,b,c\r\n"
    let nul = MemberCells(3).with("姓名", "王\u{0}").row
    let text = MemberCells().header + "\r\n" + open + good + short + nul + MemberCells(4).row
    let imported = try parse("member", text)
    #expect(imported.rows.map(\.line) == [3, 6])
    #expect(imported.rejects.map(\.line) == [2, 4, 5])
    #expect(imported.rejects.map(\.failure.code) == [.importOpenQuote, .importRaggedRow, .importControlCharacter])
    #expect(imported.rejects.map(\.column) == ["党员编号", nil, "姓名"])
    #expect(imported.parser.rowsRead == 5)
  }

  @Test("import: citizen ids of 15 digits and a small x are repaired, the first with a warning")
  func repairs() throws {
    let member = MemberCells(1)
    let card = member["公民身份号码"]
    let fifteen = card.prefix(6) + card.dropFirst(8).prefix(9)
    let imported = try parse("member", file([member.with("公民身份号码", String(fifteen))]))
    let item = try #require(imported.parser.entity.item(named: "id_card"))
    #expect(imported.rows.first?.values[Int(item.id.value) - 1] == .text(Text(card)))
    #expect(imported.parser.warningCounts.map(\.name) == ["member.id_card.fifteen_digits"])
    #expect(imported.parser.warnings == 1)
  }

  @Test("import: a rule that warns is counted by name, and the row is taken")
  func warnings() throws {
    let members = [MemberCells(1), MemberCells(2)].map { $0.with("出生日期", "1980-01-02") }
    let imported = try parse("member", file(members))
    #expect(imported.rows.count == 2)
    #expect(imported.parser.warningCounts.count == 1)
    #expect(imported.parser.warningCounts.first?.name.hasPrefix("member.birth_date.") == true)
    #expect(imported.parser.warnings == 2)
  }

  @Test("import: one record told twice is refused when it differs, and left out when it does not")
  func duplicates() throws {
    let text = file([MemberCells(1), MemberCells(1).with("姓名", "李小明"), MemberCells(1), MemberCells(2)])
    let imported = try parse("member", text)
    #expect(imported.rows.map(\.line) == [2, 5])
    #expect(imported.parser.rowsRepeated == 1)
    let problem = try #require(imported.rejects.first?.problems.first)
    #expect(problem.code == .importDuplicateKey)
    #expect(problem.failure.value(of: "firstRow") == "2")
    #expect(problem.failure.value(of: "key") == "公民身份号码")
    // A row that was refused holds no key: its mended twin is taken.
    let mended = try parse("member", file([MemberCells(1).with("民族", "99"), MemberCells(1)]))
    #expect(mended.rows.map(\.line) == [3])
  }

  @Test("import: the rejects file, mended, is a file again; and again after a second round")
  func rejectsFile() throws {
    let bad = MemberCells(7).with("民族", "99").with("曾用名", "=cmd|' /C calc'!A0")
    let first = try parse("member", file([MemberCells(1), bad]) + "\"a,b\n")
    var text = try rejectsText(first)
    #expect(text.hasPrefix("\u{FEFF}行,列,值,原因,建议,党员编号,"))
    #expect(text.contains("\r\n3,民族,99,"))
    #expect(text.contains("'=cmd|"), "a spreadsheet must not run it")
    let second = try parse("member", text)
    #expect(second.rejects.map(\.line) == [2, 3])
    #expect(second.rejects.map(\.failure.code) == [.importWrongCode, .importRaggedRow])
    text = try rejectsText(second)
    #expect(text.hasPrefix("\u{FEFF}行,列,值,原因,建议,党员编号,"))
    let mended = try parse("member", text.replacing(",99,", with: ",01,"))
    #expect(mended.rows.count == 1)
    let former = try #require(mended.parser.entity.item(named: "former_name"))
    #expect(mended.rows.first?.values[Int(former.id.value) - 1] == .text("=cmd|' /C calc'!A0"))
  }

  private func rejectsText(_ imported: Imported) throws -> String {
    let file = RejectsFile(header: try #require(imported.parser.header), language: .zh)
    return String(decoding: file.beginning + imported.rejects.flatMap { file.row($0) }, as: UTF8.self)
  }

  @Test("import: memory for a field of 10 MB is that of a row's limit, and the rest is read")
  func hugeField() throws {
    let huge = String(repeating: "0123456789abcdef", count: 10 << 16)
    let imported = try parse("member", file([MemberCells(1), MemberCells(2).with("现居住地", huge), MemberCells(3)]))
    #expect(imported.rows.map(\.line) == [2, 4])
    let reject = try #require(imported.rejects.first)
    #expect(reject.failure.code == .importTooLong)
    #expect(reject.raw.utf8.count <= CSVReader.keptBytesMax)
  }

  @Test(
    "import: strings that break software are stored as they are meant or refused by name",
    .enabled(if: suiteFolder("strings") != nil, "not run: no big list of naughty strings"))
  func naughty() throws {
    let folder = try #require(suiteFolder("strings"))
    let json = try Data(contentsOf: URL(fileURLWithPath: folder + "/blns.json"))
    let strings = try #require(JSONSerialization.jsonObject(with: json) as? [String])
    let item = try #require(Catalog.bundled.entity(named: "member")?.item(named: "join_branch_name"))
    var header = "入党时所在党支部"
    header = MemberCells().header + "," + header
    for string in strings {
      var text = Bytes((header + "\r\n").utf8)
      CSVText.append(row: MemberCells(1).cells.map(\.cell) + [string], to: &text)
      let imported = try parse("member", text)
      #expect(imported.rows.count + imported.rejects.count == 1)
      if let row = imported.rows.first, case .text(let stored) = row.values[Int(item.id.value) - 1] {
        let composed = string.precomposedStringWithCanonicalMapping
        #expect(composed.utf8.count >= stored.byteCount)
        #expect(stored.string.precomposedStringWithCanonicalMapping.utf8.elementsEqual(stored.string.utf8))
        #expect(Bytes(composed.utf8)[...].trimmed.elementsEqual(stored.string.utf8) || composed.hasPrefix("'"))
      }
      for problem in imported.rejects.flatMap(\.problems) { #expect(problem.column == item.label.zh) }
    }
  }
}
