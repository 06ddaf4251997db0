import AdminProtocol
import Foundation
import Messages
import Testing

@testable import ReportFiles

@Suite struct ReportFilesTests {
  private func line(
    _ id: String, _ zh: String, depth: Int = 0, heading: Bool = false, working: Bool = false
  ) -> ReportLineResponse {
    ReportLineResponse(id: id, labelZH: zh, labelEN: id.uppercased(), depth: depth, heading: heading, working: working)
  }

  private var table: ReportTableResponse {
    ReportTableResponse(
      id: "T7", titleZH: "学生<党员>", titleEN: "Students", unitZH: "人", unitEN: "persons", flow: false,
      rows: [
        line("all", "总计"), line("aux", "辅助", working: true), line("group", "其中", heading: true),
        line("a", "甲,乙", depth: 1),
      ],
      columns: [
        line("n", "总数"), line("new", "本年发展"), line("w", "女", depth: 1), line("h", "学历", heading: true),
        line("e1", "研究生", depth: 1), line("e2", "本科", depth: 1), line("x", "辅助", working: true),
      ], kinds: ["cccckkc", "ccccccc", "-------", "cct-k-c"],
      values: [
        [5, 2, 1, nil, 3, nil, 9], [1, 1, 1, 1, 1, 1, 1], Array(repeating: nil, count: 7), [4, 1, 1, nil, nil, nil, 9],
      ],
      notesZH: ["注一"], notesEN: ["One"])
  }

  private var report: ReportResponse {
    ReportResponse(
      orgCode: "033", orgName: "中共宁波市委", year: 2005, firstDate: "2005-01-01", finalDate: "2005-12-31",
      tables: [table], applied: 7, missing: nil, microseconds: 1)
  }

  @Test("sheet: a column with parts stands beside them as their total, a heading spans its parts")
  func headings() {
    let sheet = ReportSheet(table, .zh)
    #expect(sheet.headingRows == 2 && sheet.columnCount == 5)
    let found = sheet.headings.map { "\($0.row),\($0.column) \($0.rowSpan)x\($0.columnSpan) \($0.text)" }
    #expect(
      found == [
        "0,0 2x1 总数", "1,1 1x1 合计", "1,2 1x1 女", "0,1 1x2 本年发展", "1,3 1x1 研究生", "1,4 1x1 本科",
        "0,3 1x2 学历",
      ])
    // Every place of the heading is covered once.
    var covered = [Int](repeating: 0, count: 10)
    for heading in sheet.headings {
      for row in heading.row..<heading.row + heading.rowSpan {
        for column in heading.column..<heading.column + heading.columnSpan { covered[row * 5 + column] += 1 }
      }
    }
    #expect(covered.allSatisfy { $0 == 1 })
  }

  @Test("sheet: lines that are worked with are not printed; cells tell figures, what is missing and what is none")
  func rows() {
    let sheet = ReportSheet(table, .zh)
    #expect(sheet.rows.map(\.text) == ["总计", "其中", "甲,乙"])
    #expect(sheet.rows.map(\.number) == [1, nil, 2])
    #expect(sheet.rows[0].cells == [.value(5), .value(2), .value(1), .value(3), .missing])
    #expect(sheet.rows[1].cells == Array(repeating: .none, count: 5))
    #expect(sheet.rows[2].cells == [.value(4), .value(1), .value(1), .missing, .none])
    #expect(sheet.name == "表7" && ReportSheet(table, .en).name == "Table 7")
  }

  @Test("csv: ids first, labels quoted where they must be, nothing for what is missing")
  func csv() {
    let lines = ReportCSV.text(table, .zh).split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "row,项目,n,new,w,e1,e2")
    #expect(lines[2] == "all,总计,5,2,1,3,")
    #expect(lines[3] == "a,\"甲,乙\",4,1,1,,")
    #expect(lines.count == 5 && lines[4].isEmpty)
  }

  @Test("html: one page with everything in it, and nothing that a title could smuggle in")
  func html() {
    let html = ReportHTML.text(report, .zh)
    #expect(html.contains("<h1>学生&lt;党员&gt;</h1>") && !html.contains("<党员>"))
    #expect(html.contains("<th rowspan=\"1\" colspan=\"2\">本年发展</th>"))
    #expect(html.contains("@page { size: A4 landscape;") && !html.contains("http") && !html.contains("<script"))
    #expect(html.contains("填报单位:中共宁波市委(033)") && html.contains("计量单位:人"))
  }

  @Test("workbook: it is written, and a place that takes no file is said")
  func workbook() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "xyl-\(UUID().uuidString).xlsx").path
    defer { do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record("\(error)") } }
    var told: [Int] = []
    try ReportWorkbook.write(report, to: path, .zh) { told.append($0) }
    let bytes = try Data(contentsOf: URL(filePath: path))
    #expect(bytes.starts(with: Data("PK".utf8)) && bytes.count > 4000 && told == [1])
    #expect(throws: Failure.self) { try ReportWorkbook.write(report, to: "/nowhere/at/all.xlsx", .zh) }
  }
}
