import Messages

extension Table {
  /// `{"schema":…,"rows":[…]}`, or the bare array when the table names no schema; one line.
  func json() -> String {
    var json = JSONText()
    func writeRows(_ json: inout JSONText) {
      json.array { json in
        for row in rows { write(row, to: &json) }
      }
    }
    if let schema {
      json.object { json in
        json.member("schema", string: schema)
        json.key("rows")
        writeRows(&json)
      }
    } else {
      writeRows(&json)
    }
    return json.text + "\n"
  }

  func jsonLines() -> String {
    var json = JSONText()
    for row in rows {
      write(row, to: &json)
      json.endLine()
    }
    return json.text
  }

  private func write(_ row: [Cell], to json: inout JSONText) {
    json.object { json in
      for (column, cell) in zip(columns, row) {
        json.key(column.key)
        switch cell.content {
        case .null: json.null()
        case .text(let text): json.string(text)
        case .integer(let value): json.int(value)
        case .decimal(let digits): if JSONText.isNumber(digits) { json.number(digits) } else { json.string(digits) }
        case .flag(let value): json.bool(value)
        }
      }
    }
  }

  /// RFC 4180, with LF line ends unless it is for Excel.
  func csv(_ style: TableStyle) -> String {
    let lineEnd = style.isForExcel ? "\r\n" : "\n"
    var text = style.isForExcel ? "\u{FEFF}" : ""
    if style.showsHeader { text += columns.map { csvField($0.key) }.joined(separator: ",") + lineEnd }
    for row in rows {
      text += row.map { csvField($0, style) }.joined(separator: ",") + lineEnd
    }
    return text
  }

  private func csvField(_ cell: Cell, _ style: TableStyle) -> String {
    var text = cell.exact
    if style.isForTerminal { text = printable(text) }
    let isNumber = cell.isNumber && JSONText.isNumber(text)
    if style.neutralizesFormulas && !isNumber && startsLikeFormula(text) { text = "'" + text }
    return csvField(text)
  }

  private func csvField(_ text: String) -> String {
    // By scalar: "\r\n" is one Character, which neither "\r" nor "\n" would match.
    let needsQuotes = text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
    return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
  }
}

/// The first characters that make spreadsheets read a text as a formula (OWASP, "CSV Injection"), full-width forms
/// included.
private func startsLikeFormula(_ text: String) -> Bool {
  guard let first = text.unicodeScalars.first else { return false }
  return ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"].contains(first)
}
