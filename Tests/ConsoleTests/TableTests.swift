import Console
import Foundation
import Messages
import Testing

@Suite struct TableTests {
  /// The names people complain about: a rare character, an emoji, a combining mark, full-width digits.
  private func nodes(schema: String? = nil) -> Table {
    var table = Table(
      [
        Column("code", title: "CODE"), Column("name", title: "名称"), Column("members", title: "党员"),
        Column("lag", title: "LAG"),
      ],
      schema: schema)
    table.append([.text("310115"), .text("浦东新区"), .integer(612_408, shown: "612,408"), .text("3 s")])
    table.append([.text("350526"), .text("王𬭬😀"), .integer(-7), .null])
    table.append([.text("53"), .text("cafe\u{301}１２"), .null, .text("2 h\n4 m")])
    return table
  }

  @Test("table: columns stand straight under Chinese, emoji and combining marks; numbers stand right")
  func aligned() throws {
    #expect(
      try nodes().text(TableStyle(.table)) == """
        CODE    名称         党员  LAG
        310115  浦东新区  612,408  3 s
        350526  王𬭬😀         -7  —
        53      cafe\u{301}１２        —  2 h\\n4 m

        """)
  }

  @Test("table: every line but the last column ends at the same cell (widths 20…60)", arguments: 20...60)
  func fits(width: Int) throws {
    var style = TableStyle(.table)
    style.width = width
    let lines = try nodes().text(style).split(separator: "\n")
    // 6 + 8 + 7 + 8 cells and three gaps are the least this table can take.
    for line in lines { #expect(displayWidth(line) <= max(width, 35)) }
    #expect(lines[1].contains("612,408"), "a number is never cut")
  }

  @Test("table: no header, chosen columns in the order asked for")
  func columns() throws {
    var style = TableStyle(.table)
    style.showsHeader = false
    style.columns = ["members", "code"]
    #expect(try nodes().text(style) == "612,408  310115\n     -7  350526\n      —  53\n")
  }

  @Test("table: a column that does not exist is refused with those that do", arguments: TableFormat.allCases)
  func unknownColumn(format: TableFormat) {
    var style = TableStyle(format)
    style.columns = ["nmae"]
    let failure = #expect(throws: Failure.self) { try nodes().text(style) }
    #expect(failure?.code == .clientUnknownColumn)
    #expect(failure?.value(of: "columns") == "code, name, members, lag")
  }

  @Test("json: exact values, keys instead of titles, with and without a schema")
  func json() throws {
    let rows = """
      [{"code":"310115","name":"浦东新区","members":612408,"lag":"3 s"},\
      {"code":"350526","name":"王𬭬😀","members":-7,"lag":null},\
      {"code":"53","name":"cafe\u{301}１２","members":null,"lag":"2 h\\n4 m"}]
      """
    #expect(try nodes().text(TableStyle(.json)) == rows + "\n")
    #expect(
      try nodes(schema: "xylemctl/node-list/v1").text(TableStyle(.json))
        == "{\"schema\":\"xylemctl/node-list/v1\",\"rows\":\(rows)}\n")
    let lines = try nodes().text(TableStyle(.jsonl)).split(separator: "\n")
    #expect(lines.count == 3)
    for line in lines { #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(line.utf8)) } }
  }

  @Test("json: a decimal keeps its digits; what is no number becomes text")
  func decimals() throws {
    var table = Table([Column("a", title: "A"), Column("b", title: "B"), Column("c", title: "C")])
    table.append([.decimal("12.340"), .decimal("012"), .flag(true)])
    #expect(try table.text(TableStyle(.jsonl)) == "{\"a\":12.340,\"b\":\"012\",\"c\":true}\n")
  }

  @Test("csv: quotes where needed, keys as header, nothing for null")
  func csv() throws {
    var table = Table([Column("a", title: "甲"), Column("b", title: "乙")])
    table.append([.text("x,\"y\""), .null])
    table.append([.text("one\r\ntwo"), .decimal("-1.5")])
    #expect(try table.text(TableStyle(.csv)) == "a,b\n\"x,\"\"y\"\"\",\n\"one\r\ntwo\",-1.5\n")
    var excel = TableStyle(.csv)
    excel.isForExcel = true
    #expect(try table.text(excel).hasPrefix("\u{FEFF}a,b\r\n"))
  }

  @Test(
    "csv: what a spreadsheet would take for a formula is neutralised, numbers are not",
    arguments: [
      (Cell.text("=1+1"), "'=1+1"), (.text("+86"), "'+86"), (.text("-x"), "'-x"), (.text("@a"), "'@a"),
      (.text("\tx"), "'\tx"),
      (.text("\rx"), "\"'\rx\""), (.text("＝1"), "'＝1"), (.text("a=1"), "a=1"), (.integer(-5), "-5"),
      (.decimal("-5.5"), "-5.5"),
      (.decimal("-5+cmd"), "'-5+cmd"), (.text("-5"), "'-5"), (.text(""), ""),
    ])
  func formulas(cell: Cell, expected: String) throws {
    var table = Table([Column("a", title: "A"), Column("b", title: "B")])
    table.append([cell, .text("z")])
    var style = TableStyle(.csv)
    style.showsHeader = false
    #expect(try table.text(style) == expected + ",z\n")
    style.neutralizesFormulas = false
    #expect(try !table.text(style).contains("'"))
  }

  @Test("csv: on a terminal, control characters in cells are shown, not obeyed")
  func csvTerminal() throws {
    var table = Table([Column("a", title: "A")])
    table.append([.text("\u{1B}[2Jx")])
    var style = TableStyle(.csv)
    style.isForTerminal = true
    #expect(try table.text(style) == "a\n\\u{1B}[2Jx\n")
  }

  @Test("markdown: bars are escaped, numbers stand right")
  func markdown() throws {
    var table = Table([Column("a", title: "A"), Column("n", title: "N")])
    table.append([.text("x|y"), .integer(1)])
    #expect(try table.text(TableStyle(.md)) == "| A | N |\n| --- | ---: |\n| x\\|y | 1 |\n")
  }

  @Test("format: a table for a person, CSV for a pipe")
  func automatic() {
    #expect(TableFormat.automatic(isTerminal: true) == .table)
    #expect(TableFormat.automatic(isTerminal: false) == .csv)
  }

  @Test("table: no rows, and no columns at all", arguments: TableFormat.allCases)
  func empty(format: TableFormat) throws {
    let noRows = Table([Column("a", title: "A")])
    let expected: [TableFormat: String] = [
      .table: "A\n", .json: "[]\n", .jsonl: "", .csv: "a\n", .md: "| A |\n| --- |\n",
    ]
    #expect(try noRows.text(TableStyle(format)) == expected[format])
    #expect(throws: Never.self) { try Table([]).text(TableStyle(format)) }
  }
}
