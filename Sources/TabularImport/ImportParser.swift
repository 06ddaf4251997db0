import Catalog
import Formats
import Messages
import Primitives

/// Reads one table file: bytes in, checked rows and rejects out.
///
/// Memory stays flat but for about 50 bytes a row that find records told twice: a chunk, one row's limit, and what one
/// call of ``next(_:isExact:)`` returns. A row is taken whole or not at all, and all that is wrong with it is told at
/// once. A file whose first row is no header of the entity is refused as a whole: one reject for line 1, then nothing.
public struct ImportParser {
  /// The most bytes of rows that one call of ``next(_:isExact:)`` returns, but for its last row.
  public static let batchBytesMax = 4 << 20

  public let entity: Entity
  /// Items that the file has columns for, once the header was read; computed ones left out.
  public private(set) var items: [ItemID] = []
  /// Labels of columns that are not read, because the system computes them.
  public private(set) var computedColumns: [String] = []
  /// Labels of columns that a new record needs and the file lacks: its rows can only change records that are there.
  public private(set) var missingColumns: [String] = []
  /// Which child records the rows carry, in the order of ``ImportChunk/companions``: once the header was read.
  public var carried: [(entity: Entity, items: [ItemID], missingColumns: [String])] {
    companions.map { ($0.entity, $0.header.items, $0.header.missing) }
  }
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
  /// Of the rows that are being read, with their lines and how they came.
  private var gatherer: RowGatherer?
  private var companions: [CompanionReader] = []
  private var lines: [Int] = []
  private var rawRows: Bytes = []
  private var rawEnds: [Int] = []
  /// For tests that hold one way of reading rows against the other.
  var looksCloselyAtEveryRow = false
  private var labels: [String] = []
  private var ledger = KeyLedger()
  private var warningPositions: [String: Int] = [:]
  private var isFinished = false
  /// Of the rows that are being read.
  private var rejects: [RowReject] = []
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

  /// Takes the next bytes of the file as they are, of any number. Call ``next(_:isExact:)`` after each until it returns
  /// nothing, for memory to stay flat.
  public mutating func feed(_ chunk: Bytes) {
    if isRefused { return }
    take(intake.take(chunk))
  }

  /// No more bytes come. Call ``next(_:isExact:)`` once more until it returns nothing.
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
  /// - Parameter isExact: rows that are fewer than `limit` wait for more, but at the file's end and when they are many
  ///   bytes: for commits of a size that was asked for.
  /// - Returns: both empty when more bytes are needed, or at the end.
  public mutating func next(_ limit: Int, isExact: Bool = false) -> (rows: ImportChunk, rejects: [RowReject]) {
    while !isRefused, lines.count + rejects.count < limit, rawRows.count < ImportParser.batchBytesMax {
      guard reader.next(into: &row) else { break }
      guard let mapper else {
        readHeader()
        continue
      }
      rowsRead += 1
      switch check(mapper) {
      case .accepted:
        lines.append(row.line)
        rawRows.append(contentsOf: row.raw)
        rawEnds.append(rawRows.count)
      case .rejected(let reject): rejects.append(reject)
      case .repeated: rowsRepeated += 1
      }
    }
    if isFinished, !isRefused, mapper == nil { refuse([RowProblem(.importEmpty, place(1))]) }
    if isExact, !isFinished, !isRefused, lines.count + rejects.count < limit,
      rawRows.count < ImportParser.batchBytesMax
    {
      return (ImportChunk(entity, TableChunk(rows: 0, columns: [], labels: [], parents: nil)), [])
    }
    let told = rejects + pending
    (rejects, pending) = ([], [])
    rowsAccepted += lines.count
    rowsRejected += told.count
    return (takeChunk(), told)
  }

  private mutating func takeChunk() -> ImportChunk {
    let table = gatherer?.take() ?? TableChunk(rows: 0, columns: [], labels: [], parents: nil)
    var carried: [ImportChunk.Companion] = []
    for position in companions.indices { carried.append(companions[position].take()) }
    let chunk = ImportChunk(entity, table, companions: carried, lines: lines, raw: rawRows, rawEnds: rawEnds)
    let (count, bytes) = (lines.count, rawRows.count)
    (lines, rawRows, rawEnds) = ([], [], [])
    lines.reserveCapacity(count)
    rawRows.reserveCapacity(bytes)
    rawEnds.reserveCapacity(count)
    return chunk
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
        (0..<row.count).map { row.string($0) }, entity, parentKey,
        children: catalog.entities.filter { $0.parent == entity.id }, place: place(row.line))
      header = Bytes(row.raw)
      items = found.items
      computedColumns = found.computed
      missingColumns = found.missing
      labels = found.labels
      reader.columns = found.columns.count
      let mapper = RowMapper(
        entity: entity, header: found, catalog: catalog, file: file, today: today, cells: cells)
      gatherer = RowGatherer(mapper, catalog)
      companions = found.companions.map {
        CompanionReader($0.entity, $0.header, catalog, file: file, today: today, cells)
      }
      self.mapper = mapper
    } catch { refuse(error.problems) }
  }

  // MARK: Rows

  private enum Verdict {
    /// The gatherer has it.
    case accepted
    case rejected(RowReject)
    case repeated
  }

  private mutating func check(_ mapper: RowMapper) -> Verdict {
    if let fault = row.fault {
      let column = row.faultCell.flatMap { $0 < labels.count ? labels[$0] : nil }
      return reject([RowProblem(fault, column: column, line: row.line, offset: row.offset, place: place(row.line))])
    }
    var print = Fingerprint()
    print.add(row.raw)
    let rowPrint = print.value.0
    if !looksCloselyAtEveryRow, takeClean() {
      guard let key = gatherer?.lastKey() else { return .accepted }
      switch ledger.find(key.fingerprint, row: rowPrint) {
      case .new:
        ledger.insert(key.fingerprint, row: rowPrint, line: row.line)
        return .accepted
      case .same:
        removeLast()
        return .repeated
      case .other: removeLast()
      }
    }
    return lookClosely(mapper, rowPrint)
  }

  /// Gathers the row with the children it carries when all of it is clean.
  private mutating func takeClean() -> Bool {
    guard gatherer?.takeClean(row) == true else { return false }
    for position in companions.indices where companions[position].isCarried(row) {
      if companions[position].takeClean(row, lines.count) { continue }
      removeLast()
      return false
    }
    return true
  }

  private mutating func removeLast() {
    gatherer?.removeLast()
    for position in companions.indices { companions[position].removeRows(from: lines.count) }
  }

  /// The way of a row that has faults, warnings, or cells in need of a change.
  private mutating func lookClosely(_ mapper: RowMapper, _ rowPrint: UInt64) -> Verdict {
    let outcome = mapper.map(row)
    var problems = outcome.problems
    let carried = companions.map { $0.isCarried(row) ? $0.mapper.map(row) : nil }
    // A key that cannot be read is told once.
    for case let child? in carried { problems += child.problems.filter { !problems.contains($0) } }
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
    gatherer?.append(outcome, row)
    for (position, child) in carried.enumerated() {
      guard let child else { continue }
      for name in child.warnings { countWarning(name) }
      companions[position].append(child, row, lines.count)
    }
    return .accepted
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
