import Catalog
import Primitives
import Testing

@testable import TabularImport

// A row may carry one child record of each kind, in columns named with the child's entity in front.

@Suite struct CompanionTests {
  private static func first(_ table: String) -> String { Catalog.bundled.codeTable(table)?.codes.first?.code ?? "" }

  /// Members with their education: a cell list each, nil for one without.
  private func text(_ rows: [(member: MemberCells, education: [String]?)], prefix: String = "学历学位.") -> String {
    let labels = ["学历序号", "学历", "教育类别", "毕业院校", "是否最高学历"].map { prefix + $0 }
    var text = MemberCells().header + "," + labels.joined(separator: ",") + "\r\n"
    for row in rows {
      let cells = row.member.cells.map(\.cell) + (row.education ?? Array(repeating: "", count: labels.count))
      var line: Bytes = []
      CSVText.append(row: cells, to: &line)
      text += String(decoding: line, as: UTF8.self)
    }
    return text
  }

  private var education: [String] {
    ["1", CompanionTests.first("EDU"), CompanionTests.first("EDU_MODE"), "宁波大学", "是"]
  }

  /// Children by row.
  private func children(_ text: String, closely: Bool = false) throws -> (
    rows: [ImportRow], carried: [Int: ImportRow], rejects: [RowReject]
  ) {
    let entity = try #require(Catalog.bundled.entity(named: "member"))
    var parser = ImportParser(
      entity: entity, file: "f.csv", catalog: .bundled, today: today,
      normalise: { $0.precomposedStringWithCanonicalMapping })
    parser.looksCloselyAtEveryRow = closely
    parser.feed(Bytes(text.utf8))
    parser.finish()
    let (rows, rejects) = parser.next(1000)
    var carried: [Int: ImportRow] = [:]
    for companion in rows.companions {
      let alone = ImportChunk(
        companion.entity, companion.table, lines: companion.rows.map { rows.line(Int($0)) }, raw: [],
        rawEnds: companion.rows.map { _ in 0 })
      for (place, row) in companion.rows.enumerated() { carried[Int(row)] = alone.row(place) }
    }
    return (rows.rows, carried, rejects)
  }

  @Test("carried: a member's education stands in the member's row, under the member's key (both ways of reading)")
  func carries() throws {
    for (closely, prefix) in [(false, "学历学位."), (true, "学历学位."), (false, "Member_Edu.")] {
      let members = (0..<6).map { MemberCells($0) }
      let found = try children(
        text(members.enumerated().map { ($1, $0 == 3 ? nil : education) }, prefix: prefix), closely: closely)
      #expect(found.rows.count == 6 && found.rejects.isEmpty, "\(found.rejects.map(\.failure.logText))")
      #expect(found.carried.keys.sorted() == [0, 1, 2, 4, 5])
      for (row, child) in found.carried {
        #expect(child.parent?.string == members[row]["公民身份号码"])
        #expect(child.values.contains("宁波大学") && child.values.contains(.int(1)) && child.values.contains(.bool(true)))
      }
    }
  }

  @Test("carried: a row with a bad child is refused whole, and told of both its faults")
  func refuses() throws {
    var bad = education
    bad[1] = "zz"
    let rows: [(MemberCells, [String]?)] = [
      (MemberCells(1), education), (MemberCells(2), bad), (MemberCells(3).with("民族", "zz"), bad),
      (MemberCells(4), education),
    ]
    let found = try children(text(rows))
    #expect(found.rows.count == 2 && found.carried.keys.sorted() == [0, 1])
    #expect(found.carried[1]?.parent?.string == MemberCells(4)["公民身份号码"])
    #expect(found.rejects.map(\.line) == [3, 4] && found.rejects.map(\.problems.count) == [1, 2])
    #expect(found.rejects[0].failure.code == .importWrongCode)
  }

  @Test("carried: a key that cannot be read is told once, though the child's parent is the same cell")
  func badKey() throws {
    let found = try children(text([(MemberCells(1).with("公民身份号码", "3.3E+17"), education)]))
    #expect(found.rows.isEmpty && found.rejects.first?.problems.count == 1)
  }

  @Test("carried: without the key's column, or with an unknown column of the child, the file is refused")
  func headers() throws {
    let noKey = try parse("member", "姓名,学历学位.学历\n张三,21\n")
    #expect(noKey.parser.isRefused)
    let unknown = try parse("member", MemberCells().header + ",学历学位.鞋码\n")
    #expect(unknown.rejects.first?.failure.code == .importUnknownColumn)
    let lacking = try parse("member", MemberCells().header + ",学历学位.学历\n")
    #expect(lacking.rejects.first?.problems.allSatisfy { $0.code == .importMissingColumn } == true)
  }
}
