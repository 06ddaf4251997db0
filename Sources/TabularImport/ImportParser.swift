import Catalog
import Messages
import Primitives

/// A row that passed every check of its own; references are still labels.
public struct ImportRow: Sendable {
  public let line: Int
  /// By item position; null for empty cells and for references.
  public let values: [Value]
  public let references: [(item: ItemID, labels: [Text])]
  /// For a child record: its parent's natural key.
  public let parent: Text?
}

/// A row that was not taken, and why. Values are for the clerk's own rejects file, never for logs.
public struct RowReject: Sendable {
  public let line: Int
  /// The column's label; nil when the row as a whole is meant.
  public let column: String?
  /// What stood there, cut at 200 characters.
  public let value: String?
  /// What is wrong and what to do, in both languages.
  public let failure: Failure
  /// The row as it came, cut at 4 KiB.
  public let raw: String

  public init(line: Int, column: String?, value: String?, failure: Failure, raw: String) {
    self.line = line
    self.column = column
    self.value = value
    self.failure = failure
    self.raw = raw
  }
}

/// Reads one table file: chunks in, checked rows and rejects out, memory flat.
public struct ImportParser {
  public let entity: Entity
  /// Items that the file has columns for, once the header was read.
  public private(set) var items: [ItemID] = []
  /// Warnings by rule that rows were accepted with.
  public private(set) var warnings = 0
  public private(set) var rowsRead = 0

  private let file: String
  private let catalog: Catalog
  private let today: CivilDate
  private let cells: CellParser
  private let checker: RecordChecker
  private var reader = CSVReader()
  private var columns: [Column]?
  private var isRefused = false
  private var isFirstChunk = true
  /// Natural keys of the rows read, with their lines: about 100 bytes a row.
  private var keysSeen: [String: Int] = [:]

  private enum Column {
    case item(Item)
    case parent
    /// Columns that our own rejects file added.
    case ignored
  }

  /// Columns of a rejects file, skipped when it comes back mended.
  public static let rejectColumns = ["行", "列", "值", "原因", "建议"]

  /// - Parameters:
  ///   - file: the file's name, for messages.
  ///   - today: the day that rules see.
  ///   - normalise: text to NFC.
  public init(
    entity: Entity, file: String, catalog: Catalog, today: CivilDate, normalise: @escaping @Sendable (String) -> String
  ) {
    self.entity = entity
    self.file = file
    self.catalog = catalog
    self.today = today
    cells = CellParser(catalog: catalog, normalise: normalise)
    checker = RecordChecker(entity, in: catalog)
  }

  public mutating func feed(_ chunk: Bytes) {
    if isFirstChunk {
      isFirstChunk = false
      // A byte order mark is no part of the first label.
      reader.feed(chunk.starts(with: [0xEF, 0xBB, 0xBF]) ? Bytes(chunk.dropFirst(3)) : chunk)
    } else {
      reader.feed(chunk)
    }
  }

  public mutating func finish() { reader.finish() }

  /// Up to `limit` rows of what was fed.
  ///
  /// - Returns: both empty when more bytes are needed, or at the end.
  public mutating func next(_ limit: Int) -> (rows: [ImportRow], rejects: [RowReject]) {
    var rows: [ImportRow] = []
    var rejects: [RowReject] = []
    while rows.count + rejects.count < limit, let row = reader.next() {
      if isRefused { continue }
      guard columns != nil else {
        rejects += readHeader(row)
        continue
      }
      rowsRead += 1
      switch check(row) {
      case .success(let row): rows.append(row)
      case .failure(let reject): rejects.append(reject.reject)
      }
    }
    return (rows, rejects)
  }

  private struct Rejected: Error { let reject: RowReject }

  // MARK: Header

  private mutating func readHeader(_ row: CSVRow) -> [RowReject] {
    var columns: [Column] = []
    var names: [String] = []
    func refuse(_ code: ErrorCode, _ column: String?) -> [RowReject] {
      let reason = column.map { "column “\($0)”" } ?? "the first line is no header"
      let failure = Failure(
        code, ["file": file, "entity": entity.label.zh, "reason": reason, "column": column ?? "", "row": "1"])
      return [
        RowReject(
          line: row.line, column: column, value: nil, failure: failure, raw: String(decoding: row.raw, as: UTF8.self))
      ]
    }
    if row.fault != nil {
      isRefused = true
      return refuse(.importWrongHeader, nil)
    }
    let parentLabel = entity.parent.flatMap { catalog.entity($0) }.flatMap { parent in
      parent.naturalKeys.first?.first.flatMap { parent.item($0) }
    }
    for cell in row.cells {
      let name = CellParser.trimmed(CellParser.folded(cell))
      if names.contains(name) && name != parentLabel?.label.zh {
        isRefused = true
        return refuse(.importDuplicateColumn, name)
      }
      if let parentLabel, [parentLabel.label.zh, parentLabel.name].contains(name), !names.contains(name) {
        columns.append(.parent)
      } else if let item = entity.items.first(where: { $0.label.zh == name || $0.name == name }) {
        columns.append(.item(item))
      } else if ImportParser.rejectColumns.contains(name) {
        columns.append(.ignored)
      } else {
        isRefused = true
        return refuse(.importWrongHeader, name)
      }
      names.append(name)
    }
    let present = columns.compactMap { column -> ItemID? in if case .item(let item) = column { item.id } else { nil } }
    let hasParent = columns.contains { if case .parent = $0 { true } else { false } }
    if entity.parent != nil && !hasParent {
      isRefused = true
      return refuse(.importMissingColumn, parentLabel?.label.zh)
    }
    for item in entity.items where !present.contains(item.id) && item.derivation == nil && item.id != entity.ownerItem {
      if case .required = item.requirement {
        isRefused = true
        return refuse(.importMissingColumn, item.label.zh)
      }
    }
    items = present.filter { entity.item($0)?.derivation == nil }
    self.columns = columns
    reader.columns = columns.count
    return []
  }

  // MARK: Rows

  private mutating func check(_ row: CSVRow) -> Result<ImportRow, Rejected> {
    let raw = String(decoding: row.raw.prefix(4096), as: UTF8.self)
    func rejected(_ code: ErrorCode, _ column: String?, _ value: String?, _ more: [Failure.Field] = []) -> Rejected {
      let cut = value.map { String($0.prefix(200)) }
      let fields = [
        Failure.Field(name: "file", value: file), .init(name: "row", value: "\(row.line)"),
        .init(name: "column", value: column ?? ""), .init(name: "value", value: cut ?? ""),
      ]
      return Rejected(
        reject: RowReject(
          line: row.line, column: column, value: cut, failure: Failure(code, fields: fields + more), raw: raw))
    }
    if let fault = row.fault {
      let (code, more) = ImportParser.describe(fault)
      return .failure(rejected(code, nil, nil, more))
    }
    var values = [Value](repeating: .null, count: entity.items.count)
    var references: [(item: ItemID, labels: [Text])] = []
    var parent: Text?
    for (column, cell) in zip(columns ?? [], row.cells) {
      switch column {
      case .ignored: continue
      case .parent:
        let text = CellParser.folded(CellParser.trimmed(cell))
        if text.isEmpty { return .failure(rejected(.importEmptyRequired, ImportParser.parentColumn, cell)) }
        parent = Text(text)
      case .item(let item):
        switch cells.parse(cell, item) {
        case .value(let value): values[Int(item.id.value) - 1] = value
        case .labels(let labels): if !labels.isEmpty { references.append((item.id, labels)) }
        case .fault(let code):
          var more: [Failure.Field] = []
          if case .code(let table) = item.type { more.append(.init(name: "table", value: table)) }
          if case .decimal(let scale) = item.type { more.append(.init(name: "decimals", value: "\(scale)")) }
          return .failure(rejected(code, item.label.zh, cell, more))
        }
      }
    }
    upgradeCitizenID(&values)
    if let firstRow = firstRow(of: values, references, parent, row.line) {
      return .failure(
        rejected(
          .importDuplicateKey, nil, nil,
          [.init(name: "firstRow", value: "\(firstRow)"), .init(name: "key", value: "-")]))
    }
    for failure in checker.failures(of: ImportFields(values: standIns(values, references)), today: today) {
      guard failure.severity == .refusal else {
        warnings += 1
        continue
      }
      if failure.item == entity.ownerItem && failure.name.hasSuffix(".required") { continue }
      let item = entity.item(failure.item)
      let place = zip(columns ?? [], row.cells).first { column, _ in
        if case .item(let found) = column { found.id == failure.item } else { false }
      }
      let code: ErrorCode = failure.name.hasSuffix(".required") ? .importEmptyRequired : .importRuleFailed
      return .failure(
        rejected(
          code, item?.label.zh, place?.1,
          [.init(name: "rule", value: failure.name), .init(name: "text", value: failure.message.zh)]))
    }
    return .success(ImportRow(line: row.line, values: values, references: references, parent: parent))
  }

  /// A reference that is still a label counts as present, and equal labels as one record (two mentors must differ): the
  /// engine resolves it.
  private func standIns(_ values: [Value], _ references: [(item: ItemID, labels: [Text])]) -> [Value] {
    var checked = values
    var known: [Text] = []
    func stand(_ label: Text) -> RecordID {
      if let place = known.firstIndex(of: label) { return RecordID(mint: 0, counter: UInt64(place)) }
      known.append(label)
      return RecordID(mint: 0, counter: UInt64(known.count - 1))
    }
    for (item, labels) in references {
      let records = labels.map(stand)
      if case .references = entity.item(item)?.type {
        checked[Int(item.value) - 1] = .references(records)
      } else if let first = records.first {
        checked[Int(item.value) - 1] = .reference(first)
      }
    }
    return checked
  }

  /// The line of an earlier row of this file with the same natural key; remembers the row otherwise.
  private mutating func firstRow(
    of values: [Value], _ references: [(item: ItemID, labels: [Text])], _ parent: Text?, _ line: Int
  ) -> Int? {
    for (number, items) in entity.naturalKeys.enumerated() {
      let parts = items.map { item in
        references.first { $0.item == item }.map { $0.labels.map(\.string).joined(separator: "|") }
          ?? (values[Int(item.value) - 1].isNull ? nil : "\(values[Int(item.value) - 1])")
      }
      if parts.contains(nil) { continue }
      let key = "\(number)\u{1}\(parent?.string ?? "")\u{1}" + parts.compactMap { $0 }.joined(separator: "\u{1}")
      if let first = keysSeen[key] { return first }
      keysSeen[key] = line
      return nil
    }
    return nil
  }

  private static let parentColumn = "公民身份号码"

  /// Old citizen ids have 15 digits: the century and the check digit are added, which loses nothing; a lower-case x is
  /// meant as X.
  private func upgradeCitizenID(_ values: inout [Value]) {
    guard let item = entity.item(named: "id_card"), case .text(let text) = values[Int(item.id.value) - 1] else {
      return
    }
    if text.string.hasSuffix("x") {
      values[Int(item.id.value) - 1] = .text(Text(String(text.string.dropLast()) + "X"))
    } else if text.byteCount == 15, let upgraded = CitizenID.upgraded(fifteen: text) {
      values[Int(item.id.value) - 1] = .text(upgraded)
    }
  }

  private static func describe(_ fault: RowFault) -> (ErrorCode, [Failure.Field]) {
    switch fault {
    case .ragged(let cells, let expected):
      (.importRaggedRow, [.init(name: "count", value: "\(cells)"), .init(name: "expected", value: "\(expected)")])
    case .openQuote: (.importOpenQuote, [])
    case .strayQuote: (.importStrayQuote, [])
    case .tooLong:
      (
        .importTooLong,
        [
          .init(name: "length", value: "> \(CSVReader.fieldBytesMax)"),
          .init(name: "maximum", value: "\(CSVReader.fieldBytesMax)"),
        ]
      )
    case .notUTF8: (.importEncoding, [.init(name: "encoding", value: "UTF-8"), .init(name: "offset", value: "?")])
    case .control(let byte):
      (.importControlCharacter, [.init(name: "character", value: "0x" + [byte].hex)])
    }
  }
}

/// A row's values as rules see them.
private struct ImportFields: FieldSource {
  let values: [Value]
  func value(_ item: ItemID) -> Value { Int(item.value) <= values.count ? values[Int(item.value) - 1] : .null }
}
