import Catalog
import Messages
import Primitives

/// What can be wrong with a single cell.
enum CellFault: Hashable {
  /// A character that nobody sees, or the mark of a lost one.
  case unwanted(Unicode.Scalar)
  case code(table: String, suggestions: [String])
  case date(DateFault)
  /// How many decimals the item takes.
  case number(decimals: Int)
  case flag
  /// A spreadsheet turned a long number into `3.30212E+17`: the last digits are lost.
  case scientific
}

extension RowProblem {
  /// A cell's fault in words.
  init(_ fault: CellFault, column: String, value: String, place: [(String, String)]) {
    switch fault {
    case .unwanted(let scalar) where scalar == "\u{FFFD}":
      self.init(
        .importControlCharacter, column: column, value: value, place + [("character", "U+FFFD")],
        reason: Phrase("“\(column)”中有转码时丢失的字符", "“\(column)” holds a character that an earlier conversion lost"),
        remedy: Phrase("从原文件重新导出，或补上该字", "Export it again from the original file, or fill in the character"))
    case .unwanted(let scalar):
      let digits = String(scalar.value, radix: 16, uppercase: true)
      let name = "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
      self.init(.importControlCharacter, column: column, value: value, place + [("character", name)])
    case .code(let table, let suggestions):
      let more = suggestions.isEmpty ? [] : [("suggestion", suggestions.joined(separator: "、"))]
      self.init(.importWrongCode, column: column, value: value, place + [("table", table)] + more)
    case .date(let fault):
      self.init(.importBadDate, column: column, value: value, place, reason: RowProblem.reason(fault, value))
    case .number(let decimals):
      self.init(.importBadNumber, column: column, value: value, place + [("decimals", "\(decimals)")])
    case .flag:
      self.init(.importBadBool, column: column, value: value, place)
    case .scientific:
      let reason = Phrase(
        "Excel 把“\(column)”变成了科学计数“\(value)”，末尾的数字已经丢失",
        "Excel turned “\(column)” into the scientific number “\(value)”; its last digits are lost")
      self.init(
        .importRuleFailed, column: column, value: value, place + [("rule", "excel"), ("text", reason.zh)],
        reason: reason,
        remedy: Phrase(
          "先把该列设为“文本”格式，再重新填写号码", "Format the column as Text first, then enter the number again"))
    }
  }

  private static func reason(_ fault: DateFault, _ value: String) -> Phrase {
    switch fault {
    case .form: Phrase("“\(value)”不是可识别的日期写法", "“\(value)” is in no form of a date that is known")
    case .noDay: Phrase("“\(value)”没有写明年、月、日", "“\(value)” does not give year, month and day")
    case .shortYear: Phrase("“\(value)”的年份只有两位", "The year of “\(value)” has two digits only")
    case .noSuchDay: Phrase("日历上没有“\(value)”这一天", "The calendar has no day “\(value)”")
    case .serial:
      Phrase("“\(value)”是 Excel 的日期序号，不是日期", "“\(value)” is a serial number of Excel, not a date")
    case .time: Phrase("“\(value)”没有写明时和分", "“\(value)” does not give hour and minute")
    }
  }

  /// A row's fault in words.
  init(_ fault: RowFault, column: String?, line: Int, offset: Int, place: [(String, String)]) {
    switch fault {
    case .ragged(let cells, let expected):
      self.init(.importRaggedRow, column: nil, place + [("count", "\(cells)"), ("expected", "\(expected)")])
    case .openQuote: self.init(.importOpenQuote, column: column, place)
    case .strayQuote: self.init(.importStrayQuote, column: column, place)
    case .tooLong:
      let maximum = column == nil ? CSVReader.rowBytesMax : CSVReader.fieldBytesMax
      self.init(
        .importTooLong, column: column, place + [("length", "> \(maximum)"), ("maximum", "\(maximum)")],
        reason: Phrase(
          column.map { "“\($0)”超过 \(maximum) 字节" } ?? "该行超过 \(maximum) 字节",
          column.map { "“\($0)” is longer than \(maximum) bytes" } ?? "The row is longer than \(maximum) bytes"))
    case .notUTF8:
      self.init(.importEncoding, column: column, place + [("encoding", "UTF-8"), ("offset", "\(offset)")])
    case .control(let byte):
      self.init(
        .importControlCharacter, column: column ?? "", place + [("character", "U+00" + [byte].hex.uppercased())])
    }
  }
}
