import Catalog
import Messages
import Primitives

/// A row that passed every check of its own; references are still labels.
public struct ImportRow: Sendable {
  /// Physical line on which it begins; the first line of the file is 1.
  public let line: Int
  /// By item position; null for empty cells, for items without a column and for references.
  public let values: [Value]
  /// Natural-key texts of the records referred to, for items that refer to any, in the order of the columns.
  public let references: [(item: ItemID, labels: [Text])]
  /// For a child record: its parent's natural key.
  public let parent: Text?
  /// The row as it came, without line end: for the rejects file, should the store refuse the row.
  public let raw: Bytes
}

/// One thing that is wrong with a row or a header.
public struct RowProblem: Hashable, Sendable {
  /// The column's label; nil when the row as a whole is meant.
  public let column: String?
  /// What stood there, cut at ``valueBytesMax``. For the clerk's own rejects file, never for logs.
  public let value: String?
  /// The code with the fields of its texts, among them `file` and `row`.
  public let failure: Failure
  /// What is wrong: what the catalogue of messages says, or something more exact.
  public let reason: Phrase
  /// What to do.
  public let remedy: Phrase

  /// What kind of problem.
  public var code: ErrorCode { failure.code }

  /// How much of a cell is quoted.
  public static let valueBytesMax = 200

  /// - Parameters:
  ///   - fields: those of the code's texts besides `column` and `value`.
  ///   - reason: nil for the catalogue's own words.
  init(
    _ code: ErrorCode, column: String? = nil, value: String? = nil, _ fields: [(String, String)] = [],
    reason: Phrase? = nil, remedy: Phrase? = nil
  ) {
    self.column = column
    self.value = value.map(RowProblem.cut)
    var all = fields.map { Failure.Field(name: $0.0, value: $0.1) }
    if let column { all.append(.init(name: "column", value: column)) }
    if let value = self.value { all.append(.init(name: "value", value: value)) }
    failure = Failure(code, fields: all)
    let zh = failure.text(.zh)
    let en = failure.text(.en)
    self.reason =
      reason ?? Phrase(zh.what + (zh.why.map { "；\($0)" } ?? ""), en.what + (en.why.map { "; \($0)" } ?? ""))
    self.remedy = remedy ?? Phrase(zh.remedy, en.remedy)
  }

  /// At most ``valueBytesMax`` bytes, whole characters.
  private static func cut(_ value: String) -> String {
    guard value.utf8.count > valueBytesMax else { return value }
    var bytes = value.utf8.prefix(valueBytesMax)
    while let last = bytes.last, last & 0xC0 == 0x80 { bytes = bytes.dropLast() }
    if let last = bytes.last, last >= 0xC0 { bytes = bytes.dropLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// A row that was not taken, and why. Values are for the clerk's own rejects file, never for logs.
public struct RowReject: Sendable {
  /// Physical line on which the row begins; 1 for a refused header.
  public let line: Int
  /// Where the row begins, in bytes of the file's text as UTF-8 without a byte order mark; nil when only the store
  /// knows it.
  public let offset: Int?
  /// All that is wrong with the row in the order of its columns, at most ``problemsMax``; at least one.
  public let problems: [RowProblem]
  /// The row as it came, of one that is too long the first 4 KiB.
  public let raw: String

  /// How many problems of one row are told.
  public static let problemsMax = 20

  /// - Requires: at least one problem.
  init(line: Int, offset: Int, problems: [RowProblem], raw: some Collection<UInt8>) {
    require(!problems.isEmpty, "a reject has a reason")
    self.line = line
    self.offset = offset
    self.problems = Array(problems.prefix(RowReject.problemsMax))
    self.raw = String(decoding: raw, as: UTF8.self)
  }

  /// A row that the store refused after the parser took it.
  public init(line: Int, column: String?, value: String?, failure: Failure, raw: String) {
    self.line = line
    offset = nil
    let given = [column.map { _ in "column" }, value.map { _ in "value" }].compactMap { $0 }
    let fields = failure.fields.filter { !given.contains($0.name) }.map { ($0.name, $0.value) }
    problems = [RowProblem(failure.code, column: column, value: value, fields)]
    self.raw = raw
  }

  /// A row that could only change a record, of which there is none.
  ///
  /// - Parameter missing: ``ImportParser/missingColumns``.
  public init(line: Int, unknownRecordLacking missing: [String], file: String, raw: String) {
    let columns = missing.joined(separator: "、")
    self.line = line
    offset = nil
    problems = [
      RowProblem(
        .importMissingColumn, [("file", file), ("row", "\(line)"), ("column", columns)],
        reason: Phrase(
          "没有这条记录；新建还需要这些列：\(columns)",
          "There is no such record; to make one these columns are needed too: \(columns)"),
        remedy: Phrase("核对标识列，或补上这些列", "Check the key's column, or add the columns"))
    ]
    self.raw = raw
  }

  /// The first problem's column; nil when the row as a whole is meant.
  public var column: String? { problems[0].column }
  /// What stands in ``column``, cut.
  public var value: String? { problems[0].value }
  /// The first problem as a failure.
  public var failure: Failure { problems[0].failure }
}
