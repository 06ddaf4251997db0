import Catalog
import Messages
import Primitives
import Testing

@testable import TabularImport

private func refusal(_ entity: String, _ header: String) throws -> [RowProblem] {
  let imported = try parse(entity, header + "\r\na,b\r\n")
  #expect(imported.rows.isEmpty && imported.parser.rowsRead == 0)
  #expect(imported.rejects.map(\.line) == [1])
  return imported.rejects.first?.problems ?? []
}

@Suite struct TableHeaderTests {
  @Test("header: labels or names in any order, blanks and width apart")
  func forms() throws {
    let member = MemberCells(1)
    let names = ["性别": " sex ", "姓名": "　姓名", "民族": "NATION", "出生日期": "\"出生日期\""]
    let header = member.cells.reversed().map { names[$0.label] ?? $0.label }.joined(separator: ",")
    let row = member.cells.reversed().map(\.cell).joined(separator: ",")
    let imported = try parse("member", "\u{FEFF}" + header + "\n" + row)
    #expect(imported.rows.count == 1, "\(imported.rejects.first?.problems.map(\.reason.zh) ?? [])")
    let unit = try #require(Catalog.bundled.entity(named: "unit"))
    let found = try TableHeader(
      ["统一社会信用代码（组织机构代码）"] + unit.items.dropFirst().map(\.name).filter { $0 != "unit_uscc" } + ["单位名称"],
      unit, nil, place: [])
    #expect(found.labels.first == "统一社会信用代码(组织机构代码)")
  }

  @Test("header: an unknown, doubled or missing column refuses the file at line 1, with what was meant")
  func refusals() throws {
    let header = MemberCells().header
    let unknown = try refusal("member", header + ",出声日期")
    #expect(unknown.map(\.code) == [.importUnknownColumn])
    #expect(unknown.first?.column == "出声日期")
    #expect(unknown.first?.failure.value(of: "suggestion") == "出生日期")
    #expect(try refusal("member", header + ",姓 名称呼").first?.failure.value(of: "suggestion") == nil)
    let doubled = try refusal("member", header + ",sex")
    #expect(doubled.map(\.code) == [.importDuplicateColumn])
    #expect(doubled.first?.column == "性别")
    let missing = try refusal("member", header.replacing("公民身份号码,", with: ""))
    #expect(missing.map(\.code) == [.importMissingColumn])
    #expect(missing.first?.column == "公民身份号码")
    let both = try refusal("member", header.replacing("公民身份号码", with: "号码"))
    #expect(both.map(\.code) == [.importUnknownColumn, .importMissingColumn])
    #expect(try refusal("member", "公民身份号码").contains { $0.code == .importMissingColumn && $0.column == "姓名" })
  }

  @Test("header: a key's columns and some others name records that are there; what a new one needs is told")
  func someColumns() throws {
    let member = MemberCells(1)
    func some(_ labels: [String], _ cells: [String]? = nil) throws -> Imported {
      try parse(
        "member", labels.joined(separator: ",") + "\n" + (cells ?? labels.map { member[$0] }).joined(separator: ","))
    }
    func code(_ labels: [String], _ cell: String) throws -> [ErrorCode]? {
      try some(labels, [member["公民身份号码"], cell]).rejects.first?.problems.map(\.code)
    }
    let post = try some(["公民身份号码", "工作岗位"])
    #expect(post.rows.count == 1 && post.rejects.isEmpty)
    #expect(post.parser.items.count == 2 && post.parser.missingColumns.first == "党员编号")
    #expect(post.parser.missingColumns.contains("姓名") && !post.parser.missingColumns.contains("曾用名"))
    // What can be said from the columns alone is said: the sex contradicts the number, a required cell is empty, a
    // code is none.
    let other = member["性别"] == "1" ? "2" : "1"
    #expect(try some(["公民身份号码", "性别"], [member["公民身份号码"], other]).rejects.count == 1)
    #expect(
      try code(["公民身份号码", "姓名"], "") == [.importEmptyRequired])
    #expect(
      try code(["公民身份号码", "工作岗位"], "zz") == [.importWrongCode])
    // Rules that also read other items are left to the record: without the sponsors' column nothing is missing.
    #expect(try some(["公民身份号码", "加入党组织日期"]).rows.count == 1)
    #expect(try parse("member", file([member])).parser.missingColumns.isEmpty)
  }

  @Test("header: cells that come again mean the same again")
  func cellsAgain() throws {
    let members = (0..<300).map { number in
      MemberCells(number).with("民族", number % 3 == 0 ? "汉族" : number % 3 == 1 ? "01" : "０１")
        .with("进入支部日期", number % 2 == 0 ? "2010-07-01" : "2010/7/1").with("所在党支部", "00100200\(number % 70)")
    }
    let imported = try parse("member", file(members))
    #expect(
      imported.rejects.isEmpty && imported.rows.count == 300,
      "\(imported.rejects.first?.problems.map(\.reason.zh) ?? [])")
    let entity = imported.parser.entity
    let nation = try #require(entity.item(named: "nation")),
      date = try #require(entity.item(named: "branch_entry_date"))
    #expect(imported.rows.allSatisfy { $0.values[Int(nation.id.value) - 1] == "01" })
    #expect(
      imported.rows.allSatisfy { $0.values[Int(date.id.value) - 1] == .date(CivilDate(iso: "2010-07-01") ?? today) })
    let labels = imported.rows.map { $0.references.first?.labels.first?.string }
    #expect(labels == (0..<300).map { "00100200\($0 % 70)" })
    // A wrong cell is wrong every time.
    let wrong = try parse("member", file((0..<5).map { MemberCells($0).with("民族", "火星") }))
    #expect(wrong.rejects.count == 5 && wrong.rows.isEmpty)
  }

  @Test("header: a first line that is none says what it looks like")
  func noHeader() throws {
    for (text, word) in [("姓名;性别", "分号"), ("姓名\t性别", "制表符"), ("姓名，性别", "全角逗号"), ("王小明,男", "列名")] {
      let problems = try refusal("member", text)
      #expect(problems.map(\.code) == [.importWrongHeader])
      #expect(problems.first?.reason.zh.contains(word) == true)
    }
    #expect(try refusal("member", "\"姓名").map(\.code) == [.importOpenQuote])
    for text in ["", "\u{FEFF}", "\r\n\n"] {
      #expect(try parse("member", text).rejects.map(\.failure.code) == [.importEmpty])
    }
    let headerOnly = try parse("member", MemberCells().header)
    #expect(headerOnly.rejects.isEmpty && headerOnly.parser.header != nil)
  }

  @Test("header: a child's file names its parent by the parent's key")
  func parents() throws {
    let education = try #require(Catalog.bundled.entity(named: "member_edu"))
    let card = MemberCells(1)["公民身份号码"]
    let code = try #require(Catalog.bundled.codeTable("EDU")?.codes.first?.code)
    let required = education.items.filter { if case .required = $0.requirement { true } else { false } }
    func cell(_ item: Item) -> String {
      switch item.type {
      case .int: "1"
      case .code(let table): table == "EDU" ? code : Catalog.bundled.codeTable(table)?.codes.first?.code ?? ""
      case .bool: "是"
      case .date: "2000-07-01"
      default: "某某大学"
      }
    }
    let header = (["公民身份号码"] + required.map(\.label.zh)).joined(separator: ",")
    let row = ([card.lowercased()] + required.map(cell)).joined(separator: ",")
    let imported = try parse("member_edu", header + "\n" + row)
    #expect(imported.rows.first?.parent == Text(card), "\(imported.rejects.first?.problems.map(\.reason.zh) ?? [])")
    let without = try refusal("member_edu", required.map(\.label.zh).joined(separator: ","))
    #expect(without.first?.column == "公民身份号码")
    let empty = try parse("member_edu", header + "\n" + ([" "] + required.map(cell)).joined(separator: ","))
    #expect(empty.rejects.first?.problems.first?.code == .importEmptyRequired)
    #expect(empty.rejects.first?.problems.first?.column == "公民身份号码")
  }

  @Test("header: the first of two columns with the label of the parent's key is the parent")
  func parentFirst() throws {
    let member = try #require(Catalog.bundled.entity(named: "member"))
    let key = try #require(member.firstKeyItem)
    // Members themselves have an item of that label: read as children of members, they show the rule.
    let found = try TableHeader(
      ["公民身份号码"] + MemberCells().cells.map(\.label), member, key, place: [])
    #expect(found.columns.first == .parent)
    #expect(found.items.contains(key.id))
  }

  @Test("header: computed columns are ignored and named, reasons of an earlier file are ignored")
  func computed() throws {
    let member = MemberCells(1)
    let imported = try parse("member", "行,列,值,原因,建议,年龄," + member.header + "\n1,,,,,45," + member.row)
    #expect(imported.rows.count == 1)
    #expect(imported.parser.computedColumns == ["年龄"])
    let age = try #require(imported.parser.entity.item(named: "age"))
    #expect(imported.rows.first?.values[Int(age.id.value) - 1] == .null)
    #expect(!imported.parser.items.contains(age.id))
  }
}
