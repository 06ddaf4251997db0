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
  /// and remedy. Importing the same file again changes nothing. Memory stays flat: chunks are read as they are worked
  /// off.
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
    var summary = ImportSummary()
    let batch = nextBatch()
    let started = Date()
    var bytes = 0
    var lastTold = started
    var hasHeader = false
    do {
      for try await chunk in chunks {
        bytes += chunk.count
        parser.feed(chunk)
        try await workOff(&parser, entity, file, batch, actor, dryRun, &summary, &hasHeader, tell)
        if Date().timeIntervalSince(lastTold) > 0.5 {
          lastTold = Date()
          try await tell(.progress(rows: summary.rows, bytes: bytes))
        }
      }
      parser.finish()
      try await workOff(&parser, entity, file, batch, actor, dryRun, &summary, &hasHeader, tell)
      if summary.sequence > 0 {
        let sequence = Sequence64(summary.sequence)
        try await thread.performDurably { _ in ((), sequence) }
      }
    } catch { throw Failure(anyError: error) }
    // A row told twice with the same bytes changes nothing the second time.
    summary.unchanged += parser.rowsRepeated
    summary.warnings = parser.warnings
    summary.seconds = Date().timeIntervalSince(started)
    return summary
  }

  /// - Parameter hasHeader: whether the header was told.
  private func workOff(
    _ parser: inout ImportParser, _ entity: Entity, _ file: String, _ batch: UInt64, _ actor: String, _ dryRun: Bool,
    _ summary: inout ImportSummary, _ hasHeader: inout Bool, _ tell: (ImportEvent) async throws -> Void
  ) async throws {
    while true {
      let (rows, rejects) = parser.next(Node.importChunkRows)
      if !hasHeader, let header = parser.header {
        hasHeader = true
        try await tell(.header(header))
      }
      if rows.isEmpty && rejects.isEmpty { return }
      for reject in rejects {
        summary.rejected += 1
        try await tell(.reject(reject))
      }
      // Most likely shifted columns or a wrong encoding: better stopped than ten thousand reasons that say the same.
      if summary.rejected > options.importRejectsMax {
        throw Failure(.importTooManyRejects, ["maximum": "\(options.importRejectsMax)", "file": file])
      }
      if rows.isEmpty { continue }
      let items = parser.items
      let upserts = rows.map { UpsertRow(values: $0.values, references: $0.references, parent: $0.parent) }
      let (outcomes, sequence) = try await thread.perform { engine in
        try engine.upsert(
          entity, upserts, items: items, actor: Text(actor), reason: "import", batch: batch,
          clock: NodeClock.milliseconds, dryRun: dryRun)
      }
      if let sequence { summary.sequence = sequence.value }
      for (row, outcome) in zip(rows, outcomes) {
        switch outcome {
        case .inserted: summary.inserted += 1
        case .updated: summary.updated += 1
        case .unchanged: summary.unchanged += 1
        case .rejected(let why):
          summary.rejected += 1
          try await tell(.reject(describe(why, row, entity, file)))
        }
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
    case .duplicate: return reject(.importDuplicateKey, nil, nil, ["firstRow": "?", "key": ""])
    }
  }
}
