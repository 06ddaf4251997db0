import Catalog
import Messages
import Primitives

/// Reads one table file: bytes in, checked rows and rejects out.
///
/// Memory stays flat but for about 50 bytes a row that find records told twice: a chunk, one row's limit, and what one
/// call of ``next(_:)`` returns. A row is taken whole or not at all, and all that is wrong with it is told at once. A
/// file whose first row is no header of the entity is refused as a whole: one reject for line 1, then nothing.
public struct ImportParser {
  /// The most bytes of rows that one call of ``next(_:)`` returns, but for its last row.
  public static let batchBytesMax = 4 << 20

  public let entity: Entity
  /// Items that the file has columns for, once the header was read; computed ones left out.
  public private(set) var items: [ItemID] = []
  /// Labels of columns that are not read, because the system computes them.
  public private(set) var computedColumns: [String] = []
  /// Labels of columns that a new record needs and the file lacks: its rows can only change records that are there.
  public private(set) var missingColumns: [String] = []
  /// The header as it came, for ``RejectsFile``; nil until it was read.
  public private(set) var header: Bytes?
  /// Whether the file was refused as a whole: whatever follows is not looked at.
  public private(set) var isRefused = false
  /// Rows after the header, good and bad, empty lines left out.
  public private(set) var rowsRead = 0
  public private(set) var rowsAccepted = 0
  public private(set) var rowsRejected = 0
  /// Rows that have the same bytes as an earlier one; neither returned nor refused.
  public private(set) var rowsRepeated = 0
  /// How often each rule warned about a row that was accepted, and each repair was made; in order of first use.
  public private(set) var warningCounts: [(name: String, count: Int)] = []

  private let file: String
  private let catalog: Catalog
  private let today: CivilDate
  private let cells: CellMapper
  private var intake: TextIntake
  private var reader = CSVReader()
  private var row = CSVRow()
  private var mapper: RowMapper?
  private var labels: [String] = []
  private var ledger = KeyLedger()
  private var warningPositions: [String: Int] = [:]
  private var isFinished = false
  /// Found outside the rows: an encoding, an empty file.
  private var pending: [RowReject] = []

  /// - Parameters:
  ///   - file: the file's name, for messages.
  ///   - today: the day that rules see.
  ///   - normalise: text to NFC; called for the few texts that may not be.
  ///   - makeDecoder: a decoder for an encoding other than UTF-8, or nil when it is not supported. Without any, such
  ///     files are refused.
  public init(
    entity: Entity, file: String, catalog: Catalog, today: CivilDate,
    normalise: @escaping @Sendable (String) -> String,
    makeDecoder: @escaping (TextEncoding) -> (any TextDecoder)? = { _ in nil }
  ) {
    self.entity = entity
    self.file = file
    self.catalog = catalog
    self.today = today
    cells = CellMapper(normalise: normalise)
    intake = TextIntake(makeDecoder: makeDecoder)
  }

  /// How many warnings there were in all.
  public var warnings: Int { warningCounts.reduce(0) { $0 + $1.count } }
  /// How the file is encoded, once 64 KiB or all of it were seen.
  public var encoding: TextEncoding? { intake.encoding }

  /// Takes the next bytes of the file as they are, of any number. Call ``next(_:)`` after each until it returns
  /// nothing, for memory to stay flat.
  public mutating func feed(_ chunk: Bytes) {
    if isRefused { return }
    take(intake.take(chunk))
  }

  /// No more bytes come. Call ``next(_:)`` once more until it returns nothing.
  public mutating func finish() {
    if isFinished { return }
    isFinished = true
    if !isRefused { take(intake.finish()) }
    reader.finish()
  }

  private mutating func take(_ outcome: TextIntake.Outcome) {
    switch outcome {
    case .text(let text): reader.feed(text)
    case .refused: refuse([RowProblem(.importEncoding, place(1) + [("encoding", "UTF-8, GB18030"), ("offset", "0")])])
    }
  }

  /// Up to `limit` rows, good and bad together, of what was fed.
  ///
  /// - Returns: both empty when more bytes are needed, or at the end.
  public mutating func next(_ limit: Int) -> (rows: [ImportRow], rejects: [RowReject]) {
    var rows: [ImportRow] = []
    var rejects: [RowReject] = []
    var bytes = 0
    while !isRefused, rows.count + rejects.count < limit, bytes < ImportParser.batchBytesMax {
      guard reader.next(into: &row) else { break }
      guard let mapper else {
        readHeader()
        continue
      }
      rowsRead += 1
      bytes += row.rawCount
      switch check(mapper) {
      case .accepted(let accepted): rows.append(accepted)
      case .rejected(let reject): rejects.append(reject)
      case .repeated: rowsRepeated += 1
      }
    }
    if isFinished, !isRefused, mapper == nil { refuse([RowProblem(.importEmpty, place(1))]) }
    rejects += pending
    pending = []
    rowsAccepted += rows.count
    rowsRejected += rejects.count
    return (rows, rejects)
  }

  private func place(_ line: Int) -> [(String, String)] { [("file", file), ("row", "\(line)")] }

  private mutating func refuse(_ problems: [RowProblem]) {
    isRefused = true
    pending.append(RowReject(line: 1, offset: 0, problems: problems, raw: row.raw))
    // What was read ahead will not be looked at.
    reader = CSVReader()
  }

  // MARK: Header

  private mutating func readHeader() {
    if let fault = row.fault {
      return refuse([RowProblem(fault, column: nil, line: row.line, offset: row.offset, place: place(row.line))])
    }
    let parentKey = entity.parent.flatMap { catalog.entity($0)?.firstKeyItem }
    do {
      let found = try TableHeader(
        (0..<row.count).map { row.string($0) }, entity, parentKey, place: place(row.line))
      header = Bytes(row.raw)
      items = found.items
      computedColumns = found.computed
      missingColumns = found.missing
      labels = found.labels
      reader.columns = found.columns.count
      mapper = RowMapper(
        entity: entity, header: found, catalog: catalog, file: file, today: today, cells: cells)
    } catch { refuse(error.problems) }
  }

  // MARK: Rows

  private enum Verdict {
    case accepted(ImportRow)
    case rejected(RowReject)
    case repeated
  }

  private mutating func check(_ mapper: RowMapper) -> Verdict {
    if let fault = row.fault {
      let column = row.faultCell.flatMap { $0 < labels.count ? labels[$0] : nil }
      return reject([RowProblem(fault, column: column, line: row.line, offset: row.offset, place: place(row.line))])
    }
    let outcome = mapper.map(row)
    var problems = outcome.problems
    var print = Fingerprint()
    print.add(row.raw)
    let rowPrint = print.value.0
    let key = NaturalKey(entity, outcome)
    if let key {
      switch ledger.find(key.fingerprint, row: rowPrint) {
      case .new: break
      case .same: return .repeated
      case .other(let line):
        problems.append(
          RowProblem(
            .importDuplicateKey, place(row.line) + [("firstRow", "\(line)"), ("key", key.label(entity))]))
      }
    }
    guard problems.isEmpty else { return reject(problems) }
    if let key { ledger.insert(key.fingerprint, row: rowPrint, line: row.line) }
    for name in outcome.warnings { countWarning(name) }
    return .accepted(
      ImportRow(
        line: row.line, values: outcome.values, references: outcome.references, parent: outcome.parent,
        raw: Bytes(row.raw)))
  }

  private func reject(_ problems: [RowProblem]) -> Verdict {
    .rejected(RowReject(line: row.line, offset: row.offset, problems: problems, raw: row.raw))
  }

  private mutating func countWarning(_ name: String) {
    if let position = warningPositions[name] {
      warningCounts[position].count += 1
    } else {
      warningPositions[name] = warningCounts.count
      warningCounts.append((name, 1))
    }
  }
}
