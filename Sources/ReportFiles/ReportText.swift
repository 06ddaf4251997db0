import AdminProtocol
import Messages

/// What stands above every table of a report.
public struct ReportTitle: Sendable {
  let organisation: String
  let period: String
  let title: String
  let language: Language

  /// Of an answer.
  public init(_ report: ReportResponse, _ language: Language) {
    self.language = language
    let name = report.orgName.isEmpty ? report.orgCode : report.orgName
    organisation = Phrase("填报单位:\(name)(\(report.orgCode))", "Organisation: \(name) (\(report.orgCode))")[language]
    title = Phrase("\(report.year)年党内统计年报", "Annual report \(report.year)")[language]
    period = Phrase("\(report.finalDate)", "\(report.finalDate)")[language]
  }

  func unit(_ sheet: ReportSheet) -> String {
    Phrase("计量单位:\(sheet.unit)", "Unit: \(sheet.unit)")[language]
  }
}

/// Tables as comma-separated values: one line a row of the form, labels of both sides first.
public enum ReportCSV {
  /// The file of one table: RFC 4180, UTF-8; ids in front, so that programs need no labels.
  public static func text(_ table: ReportTableResponse, _ language: Language) -> String {
    let columns = table.columns.indices.filter { !table.columns[$0].working && !table.columns[$0].heading }
    var lines = [
      (["row", Phrase("项目", "Line")[language]] + columns.map { table.columns[$0].id }).map(quoted).joined(
        separator: ",")
    ]
    lines.append(
      (["", ""] + columns.map { Phrase(table.columns[$0].labelZH, table.columns[$0].labelEN)[language] })
        .map(quoted).joined(separator: ","))
    for (place, row) in table.rows.enumerated() where !row.working && !row.heading {
      let values = columns.map { column -> String in
        guard place < table.values.count, column < table.values[place].count else { return "" }
        return table.values[place][column].map { "\($0)" } ?? ""
      }
      lines.append(
        ([row.id, Phrase(row.labelZH, row.labelEN)[language]] + values).map(quoted).joined(separator: ","))
    }
    return lines.map { $0 + "\r\n" }.joined()
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}

/// Tables as one page that prints: a sheet of paper, or several, for each.
public enum ReportHTML {
  /// The whole file. It needs nothing besides: no script, no other file.
  public static func text(_ report: ReportResponse, _ language: Language) -> String {
    let title = ReportTitle(report, language)
    let sheets = report.tables.map { ReportSheet($0, language) }
    var html = """
      <!DOCTYPE html>
      <html lang="\(language == .zh ? "zh-CN" : "en")">
      <head>
      <meta charset="utf-8">
      <title>\(escaped(title.title)) \(escaped(report.orgName))</title>
      <style>
      \(style)
      </style>
      </head>
      <body>

      """
    for (sheet, table) in zip(sheets, report.tables) { html += section(sheet, table, title) }
    return html + "</body>\n</html>\n"
  }

  private static func section(_ sheet: ReportSheet, _ table: ReportTableResponse, _ title: ReportTitle) -> String {
    let density = sheet.columnCount > 24 ? " dense" : sheet.columnCount > 12 ? " close" : ""
    var html = """
      <section class="sheet\(density)" id="\(escaped(table.id))">
      <h1>\(escaped(sheet.title))</h1>
      <p class="above"><span>\(escaped(title.organisation))</span><span>\(escaped(title.period))</span>\
      <span>\(escaped(sheet.name)) \(escaped(title.unit(sheet)))</span></p>
      <table>
      <colgroup><col class="label"><col class="number">\(String(repeating: "<col>", count: sheet.columnCount))</colgroup>
      <thead>

      """
    for row in 0..<sheet.headingRows {
      html += "<tr>"
      if row == 0 {
        let span = sheet.headingRows
        html += "<th rowspan=\"\(span)\">\(Phrase("项目", "Item")[title.language])</th>"
        html += "<th rowspan=\"\(span)\">\(Phrase("行次", "Line")[title.language])</th>"
      }
      for heading in sheet.headings.filter({ $0.row == row }).sorted(by: { $0.column < $1.column }) {
        html += "<th rowspan=\"\(heading.rowSpan)\" colspan=\"\(heading.columnSpan)\">\(escaped(heading.text))</th>"
      }
      html += "</tr>\n"
    }
    html +=
      "<tr class=\"numbers\"><th>\(Phrase("甲", "A")[title.language])</th><th>\(Phrase("乙", "B")[title.language])</th>"
    html += (0..<sheet.columnCount).map { "<th>\($0 + 1)</th>" }.joined() + "</tr>\n</thead>\n<tbody>\n"
    for row in sheet.rows {
      html += "<tr><td class=\"d\(row.depth)\">\(escaped(row.text))</td><td>\(row.number.map { "\($0)" } ?? "")</td>"
      for cell in row.cells {
        switch cell {
        case .value(let number): html += "<td>\(number)</td>"
        case .missing: html += "<td class=\"missing\"></td>"
        case .none: html += "<td class=\"none\">—</td>"
        }
      }
      html += "</tr>\n"
    }
    html += "</tbody>\n</table>\n"
    for note in sheet.notes { html += "<p class=\"note\">\(escaped(note))</p>\n" }
    return html + "</section>\n"
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in text {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.append(character)
      }
    }
    return result
  }

  /// Table layout is fixed, so that a long heading breaks instead of pushing the table over the paper's edge.
  private static let style = """
    @page { size: A4 landscape; margin: 12mm 10mm; }
    :root { font-family: "Songti SC", "SimSun", "Noto Serif CJK SC", "Noto Sans CJK SC", "WenQuanYi Zen Hei", serif; }
    body { margin: 0; color: #000; background: #fff; }
    .sheet { margin: 0 auto 12mm; width: 277mm; max-width: 100%; break-after: page; }
    .sheet:last-child { break-after: auto; }
    h1 { font-size: 14pt; text-align: center; margin: 4mm 0 2mm; }
    .above { display: flex; justify-content: space-between; font-size: 9pt; margin: 0 0 1mm; gap: 4mm; }
    .note { font-size: 8pt; margin: 1mm 0 0; }
    table { width: 100%; table-layout: fixed; border-collapse: collapse; font-size: 8.5pt; }
    thead { display: table-header-group; }
    tr { break-inside: avoid; }
    col.label { width: 22%; }
    col.number { width: 3.2em; }
    th, td { border: 0.5pt solid #000; padding: 0.4mm 0.8mm; overflow-wrap: anywhere; }
    th { font-weight: normal; text-align: center; }
    td { text-align: right; font-variant-numeric: tabular-nums; }
    td:first-child { text-align: left; }
    td:nth-child(2) { text-align: center; }
    .numbers th { font-size: 75%; }
    .d1 { padding-left: 1em; } .d2 { padding-left: 2em; } .d3 { padding-left: 3em; } .d4 { padding-left: 4em; }
    .none { color: #999; text-align: center; }
    .missing { background: #fff4cc; }
    .close table { font-size: 7pt; } .close col.label { width: 19%; }
    .dense table { font-size: 5.6pt; } .dense col.label { width: 8%; }
    .dense th, .dense td { padding: 0.3mm 0.3mm; }
    @media print { .missing { background: none; } }
    """
}
