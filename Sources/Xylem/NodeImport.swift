import Access
import Catalog
import Engine
import Formats
import Foundation
import Messages
import Primitives
import TabularImport

/// What an import tells while it runs.
public enum ImportEvent: Sendable {
  case progress(rows: Int, bytes: Int)
  /// The file's first row as it came, once, before any reject of a row: a rejects file repeats it.
  case header(Bytes)
  case reject(RowReject)
  /// A commit is durable here: how many of its records are new or changed, and where it landed. Told in order, only
  /// when ``ImportOptions/tellsCommits`` asks for it.
  case committed(records: Int, sequence: UInt64)
}

/// How an import is done.
public struct ImportOptions: Sendable {
  /// Checks and decides everything, writes nothing.
  public var dryRun = false
  /// How many rows become one commit; a row goes with the child records that it carries. Rows with so many of them, or
  /// so long, that a commit cannot hold them become several under one batch id.
  public var commitRows = 1000
  /// Whether commits have exactly so many rows, but for the last and where a commit cannot hold them, and every durable
  /// one is told; the parts of one that had to be parted are told as one. Without it what came is committed as it
  /// comes.
  public var tellsCommits = false

  /// The usual ones.
  public init() {}

  /// What ``commitRows`` may be: a commit holds at most 4,096 records, and a row a few.
  public static let commitRowsRange = 1...1000
}

/// What an import did.
public struct ImportSummary: Sendable {
  public var inserted = 0
  public var updated = 0
  public var unchanged = 0
  public var rejected = 0
  /// Child records that rows carried: new and changed ones.
  public var children = 0
  /// Rules that warned.
  public var warnings = 0
  public var rows: Int { inserted + updated + unchanged + rejected }
  public var seconds: Double = 0
  /// Where the last commit landed; 0 when nothing was written.
  public var sequence: UInt64 = 0
}

extension Node {
  /// How many commits may wait for their sync before the import waits too.
  private static let commitsUnconfirmedMax = 64
  /// How long a commit waits for others before its sync.
  private static let confirmationDelay = Duration.milliseconds(20)

  /// Imports a CSV file: the good rows are in and durable on return, each bad one was told with line, column, reason
  /// and remedy. Importing the same file again changes nothing. Memory stays flat: while one chunk is worked off the
  /// next is read, and neither waits for a sync.
  ///
  /// A file that has the columns of a key and some others, but not all that a new record needs, changes those items of
  /// records that are there; each record must then keep the rules that read them. A row without a record is rejected
  /// and told what a new one needs.
  ///
  /// A row may carry one child record of each kind, in columns named with the child's entity in front (`学历学位.学历`):
  /// both are one commit.
  ///
  /// - Parameters:
  ///   - entity: English name of the entity.
  ///   - file: the file's name, for messages.
  ///   - scope: rows about records of orgs outside it are rejected; nil for the whole domain.
  ///   - chunks: the file's bytes, UTF-8 (with or without BOM), GB18030, or UTF-16 with a BOM.
  ///   - tell: called in order; the import waits for it.
  /// - Throws: `XYL-QRY-0002` for an unknown entity, `XYL-API-0006` for a size of commits out of range, `XYL-IMP-0023`
  ///   after more rejects than ``Options/importRejectsMax``, storage failures; rows taken before a failure stay.
  public func importTable<Chunks: AsyncSequence & Sendable>(
    _ entity: String, file: String, chunks: Chunks, actor: String, scope: Scope? = nil,
    options how: ImportOptions = ImportOptions(),
    tell: (ImportEvent) async throws -> Void
  ) async throws(Failure) -> ImportSummary where Chunks.Element == Bytes {
    guard let entity = catalog.entity(named: entity) else { throw Failure(.queryUnknownEntity, ["entity": entity]) }
    let range = ImportOptions.commitRowsRange
    guard range.contains(how.commitRows) else {
      throw Failure(
        .apiBadParameter,
        [
          "parameter": "commit_rows", "expected": "\(range.lowerBound)…\(range.upperBound)",
          "found": "\(how.commitRows)",
        ])
    }
    var parser = ImportParser(
      entity: entity, file: file, catalog: catalog, today: today,
      normalise: { $0.precomposedStringWithCanonicalMapping }, makeDecoder: { IconvDecoder($0) })
    var run = ImportRun(entity: entity, file: file, batch: nextBatch(), actor: Text(actor), scope: scope, how: how)
    let started = Date()
    var bytes = 0
    var lastTold = started
    let upload = Upload(chunks)
    run.news = upload.news
    do {
      news: for await news in upload.events {
        switch news {
        case .bytes(let chunk):
          bytes += chunk.count
          parser.feed(chunk)
          try await workOff(&parser, &run, tell)
          upload.next()
          if Date().timeIntervalSince(lastTold) > 0.5 {
            lastTold = Date()
            try await tell(.progress(rows: run.summary.rows, bytes: bytes))
          }
        case .worked(let number): if run.chunks == number { try await settle(&run, tell) }
        case .synced(let sequence):
          try await tellCommits(upTo: sequence, &run, tell)
          awaitSync(&run)
        case .failed(let failure): throw failure
        case .end: break news
        }
      }
      parser.finish()
      try await workOff(&parser, &run, tell)
      try await settle(&run, tell)
      if run.summary.sequence > 0 { try await confirm(upTo: run.summary.sequence, &run, tell) }
      await upload.stop()
    } catch {
      await upload.stop()
      // A chunk under way is taken or refused by itself; nobody hears of it after this import failed.
      _ = await run.underWay?.work.result
      throw Failure(anyError: error)
    }
    var summary = run.summary
    // A row told twice with the same bytes changes nothing the second time.
    summary.unchanged += parser.rowsRepeated
    summary.warnings = parser.warnings
    summary.seconds = Date().timeIntervalSince(started)
    return summary
  }

  /// What an import carries from chunk to chunk.
  private struct ImportRun {
    let entity: Entity
    let file: String
    let batch: UInt64
    let actor: Text
    let scope: Scope?
    let how: ImportOptions
    let dryRun: DryRunRecords?
    var summary = ImportSummary()
    /// Whether the header was told.
    var hasHeader = false
    /// What the file has columns for, by table: the entity's own first, then those of child records.
    var items: [[ItemID]] = []
    /// By table, for a file that lacks columns of a new record.
    var rules: [MergeRules?] = []
    var missingColumns: [String] = []
    /// The chunk that the node's thread works on while the next is read: two are in memory, never more.
    var underWay: Chunk?
    /// How many chunks were handed to the thread.
    var chunks = 0
    /// Commits that were not told yet, oldest first.
    var unconfirmed: [(records: Int, sequence: UInt64)] = []
    /// Up to where somebody waits for the sync.
    var awaited: UInt64 = 0
    /// Where work that ends by itself is told.
    var news: (@Sendable (ImportNews) -> Void)?

    struct Chunk {
      let rows: ImportChunk
      let work: Task<Work, any Error>
    }

    /// What the node's thread made of a chunk.
    struct Work: Sendable {
      let outcomes: [[UpsertOutcome]]
      let sequence: Sequence64?
      /// Our commits are durable up to here.
      let durable: Sequence64
    }

    init(entity: Entity, file: String, batch: UInt64, actor: Text, scope: Scope?, how: ImportOptions) {
      self.entity = entity
      self.file = file
      self.batch = batch
      self.actor = actor
      self.scope = scope
      self.how = how
      dryRun = how.dryRun ? DryRunRecords() : nil
    }
  }

  private func workOff(
    _ parser: inout ImportParser, _ run: inout ImportRun, _ tell: (ImportEvent) async throws -> Void
  ) async throws {
    while true {
      // Each row may carry a record of every kind that the header names: mostly they fit, and none has to be parted.
      let rowsMax = Commit.Limits.operations / Swift.max(1, run.items.count)
      let (rows, rejects) = parser.next(Swift.min(run.how.commitRows, rowsMax), isExact: run.how.tellsCommits)
      if !run.hasHeader, let header = parser.header {
        run.hasHeader = true
        try await tell(.header(header))
        begin(parser, &run)
      }
      if rows.isEmpty && rejects.isEmpty { return }
      try await settle(&run, tell)
      for reject in rejects { try await refuse(reject, &run, tell) }
      if !rows.isEmpty { start(rows, &run) }
    }
  }

  /// Takes over what the header says.
  private func begin(_ parser: ImportParser, _ run: inout ImportRun) {
    run.missingColumns = parser.missingColumns
    for (entity, items, missing) in [(run.entity, parser.items, parser.missingColumns)] + parser.carried {
      run.items.append(items)
      run.rules.append(missing.isEmpty ? nil : MergeRules(entity, in: catalog, items: items, today: today))
    }
  }

  private func refuse(
    _ reject: RowReject, _ run: inout ImportRun, _ tell: (ImportEvent) async throws -> Void
  ) async throws {
    run.summary.rejected += 1
    try await tell(.reject(reject))
    // Most likely shifted columns or a wrong encoding: better stopped than ten thousand reasons that say the same.
    if run.summary.rejected > options.importRejectsMax {
      throw Failure(.importTooManyRejects, ["maximum": "\(options.importRejectsMax)", "file": run.file])
    }
  }

  /// Hands a chunk to the node's thread.
  private func start(_ rows: ImportChunk, _ run: inout ImportRun) {
    let tables: [(Entity, TableChunk, [Int32]?)] =
      [(run.entity, rows.table, nil)] + rows.companions.map { ($0.entity, $0.table, $0.rows) }
    let (thread, items, rules, actor, scope, batch, dryRun) = (
      thread, run.items, run.rules, run.actor, run.scope, run.batch, run.dryRun
    )
    let work = Task {
      try await thread.perform(patiently: true) { engine in
        // Judged anew for every commit: an org may move while a long file is read.
        let directory = engine.directory
        let permits = scope?.extent(in: directory).map { extent in
          { @Sendable (org: RecordID) in extent.contains(directory.position(org)) }
        }
        let upserts = tables.enumerated().map { position, table in
          UpsertTable(
            table.0, table.1, items: items[position], rules: rules[position], carriers: table.2,
            permits: permits)
        }
        let (outcomes, sequence) = try engine.upsertInParts(
          upserts, actor: actor, reason: "import", batch: batch, clock: NodeClock.milliseconds, dryRun: dryRun)
        return ImportRun.Work(outcomes: outcomes, sequence: sequence, durable: engine.durableSequence)
      }
    }
    run.underWay = ImportRun.Chunk(rows: rows, work: work)
    run.chunks += 1
    guard run.how.tellsCommits, let news = run.news else { return }
    let number = run.chunks
    Task {
      _ = await work.result
      news(.worked(number))
    }
  }

  /// Waits for the chunk under way and tells what became of its rows.
  private func settle(_ run: inout ImportRun, _ tell: (ImportEvent) async throws -> Void) async throws {
    guard let chunk = run.underWay else { return }
    run.underWay = nil
    let work = try await chunk.work.value
    let outcomes = work.outcomes
    // Of each row, what the store says of it or of a child that it carries: told once.
    var refused: [(row: Int, why: UpsertRejection, entity: Entity)] = []
    var isRefused: Set<Int> = []
    var records = 0
    for (row, outcome) in outcomes[0].enumerated() {
      guard case .rejected(let why) = outcome else { continue }
      refused.append((row, why, run.entity))
      isRefused.insert(row)
    }
    for (companion, outcomes) in zip(chunk.rows.companions, outcomes.dropFirst()) {
      for (position, outcome) in outcomes.enumerated() {
        let row = Int(companion.rows[position])
        switch outcome {
        case .inserted, .updated:
          run.summary.children += 1
          records += 1
        case .rejected(let why):
          if isRefused.insert(row).inserted { refused.append((row, why, companion.entity)) }
        case .unchanged: break
        }
      }
    }
    for (row, outcome) in outcomes[0].enumerated() {
      if outcome == .inserted || outcome == .updated { records += 1 }
      // A row whose child was refused counts as refused, though its own record is there.
      if isRefused.contains(row) { continue }
      switch outcome {
      case .inserted: run.summary.inserted += 1
      case .updated: run.summary.updated += 1
      case .unchanged, .rejected: run.summary.unchanged += 1
      }
    }
    for (row, why, entity) in refused.sorted(by: { $0.row < $1.row }) {
      try await refuse(describe(why, chunk.rows, row, entity, run), &run, tell)
    }
    guard let sequence = work.sequence else { return }
    run.summary.sequence = sequence.value
    run.unconfirmed.append((records, sequence.value))
    try await tellCommits(upTo: work.durable.value, &run, tell)
    awaitSync(&run)
    if run.unconfirmed.count > Node.commitsUnconfirmedMax {
      try await confirm(upTo: run.unconfirmed[0].sequence, &run, tell)
    }
  }

  /// Sees to it that the oldest commit that was not told is heard of when it is durable, though no more rows come. A
  /// moment later, so that several commits share a frame and a sync.
  private func awaitSync(_ run: inout ImportRun) {
    guard run.how.tellsCommits, let oldest = run.unconfirmed.first, oldest.sequence > run.awaited,
      let last = run.unconfirmed.last, let news = run.news
    else { return }
    run.awaited = last.sequence
    Task { [thread] in
      try? await Task.sleep(for: Node.confirmationDelay)
      // A node that stops ends the import elsewhere.
      let synced: Void? = try? await thread.performDurably { _ in ((), Sequence64(last.sequence)) }
      if synced != nil { news(.synced(last.sequence)) }
    }
  }

  /// Returns when the commits up to `sequence` are durable and told.
  private func confirm(
    upTo sequence: UInt64, _ run: inout ImportRun, _ tell: (ImportEvent) async throws -> Void
  ) async throws {
    let wanted = Sequence64(sequence)
    try await thread.performDurably { _ in ((), wanted) }
    try await tellCommits(upTo: sequence, &run, tell)
  }

  private func tellCommits(
    upTo sequence: UInt64, _ run: inout ImportRun, _ tell: (ImportEvent) async throws -> Void
  ) async throws {
    let ready = run.unconfirmed.prefix { $0.sequence <= sequence }.count
    if run.how.tellsCommits {
      for commit in run.unconfirmed[..<ready] {
        try await tell(.committed(records: commit.records, sequence: commit.sequence))
      }
    }
    run.unconfirmed.removeFirst(ready)
  }

  private func describe(
    _ why: UpsertRejection, _ rows: ImportChunk, _ row: Int, _ entity: Entity, _ run: ImportRun
  ) -> RowReject {
    let raw = String(decoding: rows.raw(row), as: UTF8.self)
    let line = rows.line(row)
    let place: KeyValuePairs<String, String> = ["file": run.file, "row": "\(line)"]
    func reject(_ code: ErrorCode, _ column: String?, _ value: String?, _ more: KeyValuePairs<String, String>)
      -> RowReject
    {
      let fields = (Array(place) + Array(more)).map { Failure.Field(name: $0.key, value: $0.value) }
      return RowReject(line: line, column: column, value: value, failure: Failure(code, fields: fields), raw: raw)
    }
    switch why {
    case .unknownReference(let item, let label):
      let found = entity.item(item)
      var target = ""
      switch found?.type {
      case .reference(let entity), .references(let entity): target = catalog.entity(entity)?.label.zh ?? ""
      default: break
      }
      return reject(
        .importUnknownReference, found?.label.zh, label.string,
        ["column": found?.label.zh ?? "", "value": label.string, "entity": target])
    case .unknownParent(let label):
      let parent = entity.parent.flatMap { catalog.entity($0) }
      return reject(
        .importUnknownReference, nil, label.string,
        ["column": parent?.label.zh ?? "", "value": label.string, "entity": parent?.label.zh ?? ""])
    case .noNaturalKey:
      let key = entity.naturalKeys.first?.first.flatMap { entity.item($0) }
      return reject(.importEmptyRequired, key?.label.zh, nil, ["column": key?.label.zh ?? ""])
    case .unknownRecord:
      return RowReject(line: line, unknownRecordLacking: run.missingColumns, file: run.file, raw: raw)
    case .refused(let failure):
      let column = entity.item(failure.item)?.label.zh ?? ""
      if failure.name.hasSuffix(".required") { return reject(.importEmptyRequired, column, nil, ["column": column]) }
      return reject(
        .importRuleFailed, column, nil, ["column": column, "rule": failure.name, "text": failure.message.zh])
    case .frozen(let key, let handover):
      return reject(
        .nodeRecordFrozen, nil, nil,
        ["entity": entity.label.zh, "record": key.text, "transfer": handoverName(handover)])
    case .outsideScope: return reject(.accessImportOutside, nil, nil, [:])
    case .carrier: requirementFailed("a row is told once, for itself")
    case .duplicate: return reject(.importDuplicateKey, nil, nil, ["firstRow": "?", "key": ""])
    }
  }
}
