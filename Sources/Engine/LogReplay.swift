import Formats
import Ports
import Primitives

/// A record as the log says it is: what only ``LogReplay`` makes, so that no row of anybody's answer can pass for one.
public struct MadeRow: Hashable, Sendable {
  public let rowKey: Bytes
  /// The row; nil when the record ends deleted or never was.
  public let row: Bytes?
  /// Why there is nothing to go by; nil when there is.
  public let fault: String?
  /// Keys of all index entries that lead to the record at the moment that was read.
  let entries: [Bytes]

  /// Whether something else is stored at a moment than the log says, or nothing that can be read.
  public func isUnlike(_ reader: any StoreReader) -> Bool {
    guard fault == nil else { return false }
    do { return try reader.get(.rows, rowKey) != row } catch { return true }
  }
}

/// Makes the rows of a few records anew from the signed log that wrote them, at one moment of a store.
///
/// What may be in a partition's logs was checked frame by frame when it came; nobody's word is taken for a row.
public struct LogReplay {
  private let reader: any StoreReader
  private let codec = FrameCodec()

  /// - Parameter reader: one moment, with indexes complete.
  public init(_ reader: any StoreReader) { self.reader = reader }

  private struct Folded {
    var row: Bytes?
    var fault: String?
  }

  /// What the logs of a partition make of these records.
  ///
  /// - Parameters:
  ///   - rowKeys: all of one partition.
  ///   - logs: every log of it. They are read in the order in which this store took them: ids of logs say nothing about
  ///     whose life came first, once a machine was replaced.
  /// - Throws: `.corrupt` when a frame cannot be read; `.store`.
  /// - Complexity: reads the logs from their first frame, and the index entries of every entity once.
  public func made(_ rowKeys: [Bytes], logs: [LogID]) throws(EngineError) -> [MadeRow] {
    var folded: [Bytes: Folded] = [:]
    for key in rowKeys { folded[key] = Folded() }
    let floors = try takeSnapshot(of: rowKeys, &folded)
    var failure: EngineError?
    for log in try inOrder(logs) {
      let from = floors[log].map { Keys.frame(log, last: $0.next) } ?? Keys.log(log)
      do {
        try reader.scan(.log, from: from, to: Keys.log(log).prefixEnd()) { _, value in
          do throws(EngineError) { try fold(Bytes(value.dropFirst(8)), &folded) } catch { failure = error }
          return failure == nil
        }
      } catch { throw .store(error) }
      if let failure { throw failure }
    }
    let entries = try entries(leadingTo: rowKeys)
    return rowKeys.map {
      MadeRow(rowKey: $0, row: folded[$0]?.row, fault: folded[$0]?.fault, entries: entries[$0] ?? [])
    }
  }

  /// Where the partition's logs begin behind a snapshot, so do its records: the owner signed those rows.
  ///
  /// - Returns: up to where the snapshot stands for each log.
  private func takeSnapshot(
    of rowKeys: [Bytes], _ folded: inout [Bytes: Folded]
  ) throws(EngineError) -> [LogID: Sequence64] {
    let snapshots = SnapshotRows(reader, with: codec.hashing)
    guard let partition = rowKeys.first?.withUnsafeBytes({ Keys.parseRow($0)?.partition }),
      let base = try snapshots.base(of: partition)
    else { return [:] }
    let rows = try snapshots.rows(rowKeys, of: base)
    for key in rowKeys { if let row = rows[key] { folded[key] = Folded(row: row) } }
    var floors: [LogID: Sequence64] = [:]
    for end in base.manifest.facts.logs { floors[end.log] = end.last }
    return floors
  }

  /// The logs that have a frame here, by when their first one was applied. A log takes nothing once another follows it,
  /// so one after the other is the order in which their frames were applied.
  func inOrder(_ logs: [LogID]) throws(EngineError) -> [LogID] {
    var begun: [(applied: UInt64, log: LogID)] = []
    for log in logs {
      do {
        try reader.scan(.log, from: Keys.log(log), to: Keys.log(log).prefixEnd()) { _, value in
          if value.count > 8 {
            begun.append((UInt64(bigEndian: value.loadUnaligned(fromByteOffset: 0, as: UInt64.self)), log))
          }
          return false
        }
      } catch { throw .store(error) }
    }
    return begun.sorted { $0.applied < $1.applied }.map(\.log)
  }

  private func fold(_ bytes: Bytes, _ folded: inout [Bytes: Folded]) throws(EngineError) {
    let frame: Frame
    let body: FrameBody
    do {
      frame = try codec.parse(bytes)
      body = try codec.open(frame)
    } catch { throw .corrupt("a frame of the log: \(error)") }
    let header = frame.header
    body.forEachOperation { group, row in
      let rowKey = Keys.row(header.partition, group.key(row))
      guard var record = folded[rowKey] else { return }
      let sequence = Sequence64(header.first.value + UInt64(group.commit(row)))
      let origin = Row.Origin(catalog: header.catalog, log: header.log, sequence: sequence)
      switch group.operation(row).change {
      case .insert(let fields):
        record = Folded(row: Row.encode(key: rowKey, origin: origin, fields: fields, with: codec.hashing))
      case .update(let changes):
        if let known = record.row, let view = try? RowView(known) {
          record.row = view.applying(changes, key: rowKey, origin: origin, with: codec.hashing)
        } else {
          record.fault = "commit \(sequence.value) of log \(header.log.value) changes a record that is not there"
        }
      case .delete:
        // Whatever was wrong with it before: it is gone.
        record = Folded(
          fault: record.row == nil && record.fault == nil
            ? "commit \(sequence.value) of log \(header.log.value) deletes a record that is not there" : nil)
      }
      folded[rowKey] = record
    }
  }

  /// Entries are found by where they lead: a row that cannot be read does not tell them.
  private func entries(leadingTo rowKeys: [Bytes]) throws(EngineError) -> [Bytes: [Bytes]] {
    var found: [Bytes: [Bytes]] = [:]
    var wanted = Set<Bytes>()
    var entities: [UInt8] = []
    for key in rowKeys where key.count == Keys.rowByteCount {
      wanted.insert(key)
      if !entities.contains(key[8]) { entities.append(key[8]) }
    }
    for entity in entities.sorted() {
      let from = Bytes(IndexKey.prefix(EntityID(entity), 0).dropLast())
      do {
        try reader.scan(.index, from: from, to: from.prefixEnd()) { key, value in
          let target = value.isEmpty ? Bytes(key.suffix(Keys.rowByteCount)) : Bytes(value)
          if wanted.contains(target) { found[target, default: []].append(Bytes(key)) }
          return true
        }
      } catch { throw .store(error) }
    }
    return found
  }
}
