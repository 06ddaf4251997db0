import Catalog
import Engine
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
}

/// What an import did.
public struct ImportSummary: Sendable {
  public var inserted = 0
  public var updated = 0
  public var unchanged = 0
  public var rejected = 0
  /// Rules that warned.
  public var warnings = 0
  public var rows: Int { inserted + updated + unchanged + rejected }
  public var seconds: Double = 0
  /// Where the last commit landed; 0 when nothing was written.
  public var sequence: UInt64 = 0
}

extension Node {
  /// How many rows become one commit.
  static let importChunkRows = 1000

  /// Imports a CSV file: the good rows are in and durable on return, each bad one was told with line, column, reason
  /// and remedy. Importing the same file again changes nothing. Memory stays flat: while one chunk is worked off the
  /// next is read.
  ///
  /// A file that has the columns of a key and some others, but not all that a new record needs, changes those items of
  /// records that are there; each record must then keep the rules that read them. A row without a record is rejected
  /// and told what a new one needs.
  ///
  /// - Parameters:
  ///   - entity: English name of the entity.
  ///   - file: the file's name, for messages.
  ///   - chunks: the file's bytes, UTF-8 (with or without BOM), GB18030, or UTF-16 with a BOM.
  ///   - dryRun: checks and decides everything, writes nothing.
  ///   - tell: called in order; the import waits for it.
  /// - Throws: `XYL-QRY-0002` for an unknown entity, `XYL-IMP-0023` after more rejects than
  ///   ``Options/importRejectsMax``, storage failures; rows taken before a failure stay.
  public func importTable<Chunks: AsyncSequence & Sendable>(
    _ entity: String, file: String, chunks: Chunks, actor: String, dryRun: Bool = false,
    tell: (ImportEvent) async throws -> Void
  ) async throws(Failure) -> ImportSummary where Chunks.Element == Bytes {
    guard let entity = catalog.entity(named: entity) else { throw Failure(.queryUnknownEntity, ["entity": entity]) }
    var parser = ImportParser(
      entity: entity, file: file, catalog: catalog, today: today,
      normalise: { $0.precomposedStringWithCanonicalMapping }, makeDecoder: { IconvDecoder($0) })
    var run = ImportRun(
      entity: entity, file: file, batch: nextBatch(), actor: Text(actor), dryRun: dryRun ? DryRunRecords() : nil)
    let started = Date()
    var bytes = 0
    var lastTold = started
    do {
      for try await chunk in chunks {
        bytes += chunk.count
        parser.feed(chunk)
        try await workOff(&parser, &run, tell)
        if Date().timeIntervalSince(lastTold) > 0.5 {
          lastTold = Date()
          try await tell(.progress(rows: run.summary.rows, bytes: bytes))
        }
      }
      parser.finish()
      try await workOff(&parser, &run, tell)
      try await settle(&run, tell)
      if run.summary.sequence > 0 {
        let sequence = Sequence64(run.summary.sequence)
        try await thread.performDurably { _ in ((), sequence) }
      }
    } catch {
      // A chunk under way is taken or refused by itself; nobody hears of it after this import failed.
      _ = await run.underWay?.outcomes.result
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
    let dryRun: DryRunRecords?
    var summary = ImportSummary()
    /// Whether the header was told.
    var hasHeader = false
    /// For a file that lacks columns of a new record.
    var rules: MergeRules?
    var missingColumns: [String] = []
    /// The chunk that the node's thread works on while the next is read: two are in memory, never more.
    var underWay: Chunk?

    struct Chunk {
      let rows: [ImportRow]
      let outcomes: Task<(outcomes: [UpsertOutcome], sequence: Sequence64?), any Error>
    }
  }

  private func workOff(
    _ parser: inout ImportParser, _ run: inout ImportRun, _ tell: (ImportEvent) async throws -> Void
  ) async throws {
    while true {
      let (rows, rejects) = parser.next(Node.importChunkRows)
      if !run.hasHeader, let header = parser.header {
        run.hasHeader = true
        try await tell(.header(header))
        if !parser.missingColumns.isEmpty {
          run.missingColumns = parser.missingColumns
          run.rules = MergeRules(run.entity, in: catalog, items: parser.items, today: today)
        }
      }
      if rows.isEmpty && rejects.isEmpty { return }
      try await settle(&run, tell)
      for reject in rejects { try await refuse(reject, &run, tell) }
      if !rows.isEmpty { start(rows, parser.items, &run) }
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
  private func start(_ rows: [ImportRow], _ items: [ItemID], _ run: inout ImportRun) {
    let upserts = rows.map { UpsertRow(values: $0.values, references: $0.references, parent: $0.parent) }
    let (thread, entity, rules, actor, batch, dryRun) = (
      thread, run.entity, run.rules, run.actor, run.batch, run.dryRun
    )
    let outcomes = Task {
      try await thread.perform(patiently: true) { engine in
        try engine.upsert(
          entity, upserts, items: items, rules: rules, actor: actor, reason: "import", batch: batch,
          clock: NodeClock.milliseconds, dryRun: dryRun)
      }
    }
    run.underWay = ImportRun.Chunk(rows: rows, outcomes: outcomes)
  }

  /// Waits for the chunk under way and tells what became of its rows.
  private func settle(_ run: inout ImportRun, _ tell: (ImportEvent) async throws -> Void) async throws {
    guard let chunk = run.underWay else { return }
    run.underWay = nil
    let (outcomes, sequence) = try await chunk.outcomes.value
    if let sequence { run.summary.sequence = sequence.value }
    for (row, outcome) in zip(chunk.rows, outcomes) {
      switch outcome {
      case .inserted: run.summary.inserted += 1
      case .updated: run.summary.updated += 1
      case .unchanged: run.summary.unchanged += 1
      case .rejected(.unknownRecord):
        let raw = String(decoding: row.raw, as: UTF8.self)
        let reject = RowReject(
          line: row.line, unknownRecordLacking: run.missingColumns, file: run.file, raw: raw)
        try await refuse(reject, &run, tell)
      case .rejected(let why): try await refuse(describe(why, row, run.entity, run.file), &run, tell)
      }
    }
  }

  private func describe(_ why: UpsertRejection, _ row: ImportRow, _ entity: Entity, _ file: String) -> RowReject {
    let place: KeyValuePairs<String, String> = ["file": file, "row": "\(row.line)"]
    func reject(_ code: ErrorCode, _ column: String?, _ value: String?, _ more: KeyValuePairs<String, String>)
      -> RowReject
    {
      let fields = (Array(place) + Array(more)).map { Failure.Field(name: $0.key, value: $0.value) }
      return RowReject(
        line: row.line, column: column, value: value, failure: Failure(code, fields: fields),
        raw: String(decoding: row.raw, as: UTF8.self))
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
    case .unknownRecord: return reject(.importMissingColumn, nil, nil, ["column": ""])
    case .refused(let failure):
      let column = entity.item(failure.item)?.label.zh ?? ""
      if failure.name.hasSuffix(".required") { return reject(.importEmptyRequired, column, nil, ["column": column]) }
      return reject(
        .importRuleFailed, column, nil, ["column": column, "rule": failure.name, "text": failure.message.zh])
    case .duplicate: return reject(.importDuplicateKey, nil, nil, ["firstRow": "?", "key": ""])
    }
  }
}
