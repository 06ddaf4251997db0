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
    let missing = try refusal("member", header.replacing("姓名,", with: ""))
    #expect(missing.map(\.code) == [.importMissingColumn])
    #expect(missing.first?.column == "姓名")
    let both = try refusal("member", header.replacing("姓名", with: "名字"))
    #expect(both.map(\.code) == [.importUnknownColumn, .importMissingColumn])
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
