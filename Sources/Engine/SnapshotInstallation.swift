import Catalog
import Formats
import Ports
import Primitives
import Replication

/// The rows and index entries of a snapshot on their way into the store, a few MiB at a time.
///
/// Entries that old rows left behind go first, of all chunks, then what the snapshot brings: a natural key may have
/// passed from a record of one chunk to a record of another.
struct SnapshotInstallation {
  enum Step {
    /// Old rows of this chunk's range go, with their entries.
    case clearing(Int)
    /// Rows of this chunk come.
    case filling(Int)
  }

  let manifest: SnapshotManifest
  var step: Step
  /// In the order of keys: a chunk's rows come so.
  var rows = WriteBatch()
  /// Sorts entries; repeats the cursor that the index has.
  var entries: DerivedWrites
  private let indexCursor: ApplySequence

  /// Bytes of entries that are sorted and written at once: large, for each run spreads over the whole index.
  static let entryBytesMax = 32 << 20

  init(_ manifest: SnapshotManifest, hasOldRows: Bool, indexCursor: ApplySequence) {
    self.manifest = manifest
    self.indexCursor = indexCursor
    step = hasOldRows ? .clearing(0) : .filling(0)
    entries = DerivedWrites(
      .index, cursorKey: IndexKey.cursor, cursor: indexCursor, bytesMax: SnapshotInstallation.entryBytesMax)
  }

  /// What is to be written now: a full run, or, at the end, whatever is left.
  mutating func full(isEnd: Bool) -> WriteBatch? {
    if rows.byteCount >= Engine.runBytesMax || isEnd && !rows.isEmpty {
      defer { rows = WriteBatch() }
      return rows
    }
    guard entries.openByteCount >= SnapshotInstallation.entryBytesMax || isEnd && entries.openByteCount > 0 else {
      return nil
    }
    entries.taken()
    entries.written(upTo: indexCursor)
    return entries.flush()
  }
}

extension Engine {
  /// The next batch of a snapshot that was taken, durably; nil when none waits.
  func installationBatch() throws(EngineError) -> WriteBatch? {
    if Defect.active == .cursorPassesSnapshot, rows.needsFlush { return rows.flush(first: counts.flush()) }
    while let partition = snapshots.untouched.first {
      guard let base = snapshots.bases[partition], let covered = base.covered, covered.last <= durableApplied else {
        return nil
      }
      var installation: SnapshotInstallation
      if let begun = snapshots.installation {
        installation = begun
      } else {
        installation = SnapshotInstallation(
          base.manifest, hasOldRows: try hasRows(partition), indexCursor: index.cursor)
      }
      var batch = installation.full(isEnd: false)
      var isEnd = false
      while batch == nil, !isEnd {
        isEnd = try advance(&installation)
        batch = installation.full(isEnd: isEnd)
      }
      if let batch {
        snapshots.installation = installation
        return batch
      }
      snapshots.installation = nil
      snapshots.untouched.removeFirst()
      snapshots.flushIsDue = true
      snapshots.rowsWereReplaced = true
      snapshots.note(.installed(partition: partition))
    }
    return nil
  }

  private func hasRows(_ partition: PartitionID) throws(EngineError) -> Bool {
    let prefix = Keys.partition(partition)
    do { return try store.last(.rows, from: prefix, to: prefix.prefixEnd()) != nil } catch { throw .store(error) }
  }

  /// Takes one chunk's step.
  ///
  /// - Returns: whether the one before was the last.
  private func advance(_ installation: inout SnapshotInstallation) throws(EngineError) -> Bool {
    let count = installation.manifest.facts.chunks.count
    switch installation.step {
    case .clearing(count): installation.step = .filling(0)
    case .clearing(let number):
      if Defect.active != .replacedRowsStay { try clear(number, &installation) }
      installation.step = .clearing(number + 1)
    case .filling(count): return true
    case .filling(let number):
      try fill(number, &installation)
      installation.step = .filling(number + 1)
    }
    return false
  }

  private func fill(_ number: Int, _ installation: inout SnapshotInstallation) throws(EngineError) {
    let manifest = installation.manifest
    let bytes = try chunk(number, of: manifest)
    var damage: String?
    do {
      try forEachRow(bytes, number, of: manifest) { key, row in
        guard let (partition, recordKey) = Keys.parseRow(key), let view = try? RowView(Bytes(row)) else {
          return damage = "a row"
        }
        installation.rows.put(.rows, key, row)
        entries.put(partition, recordKey, view, key, to: &installation.entries)
      }
    } catch { damage = error.expected }
    if let damage { throw .corrupt("chunk \(number) of partition \(manifest.facts.partition.value): \(damage)") }
  }

  private func clear(_ number: Int, _ installation: inout SnapshotInstallation) throws(EngineError) {
    let manifest = installation.manifest
    let (partition, chunks) = (manifest.facts.partition, manifest.facts.chunks)
    let prefix = Keys.partition(partition)
    let from = number == 0 ? prefix : prefix + chunks[number].first
    let to = number + 1 < chunks.count ? prefix + chunks[number + 1].first : prefix.prefixEnd()
    var new: [Bytes: Bytes] = [:]
    let bytes = try chunk(number, of: manifest)
    do { try forEachRow(bytes, number, of: manifest) { key, row in new[Bytes(key)] = Bytes(row) } } catch {
      throw .corrupt("chunk \(number) of partition \(partition.value): \(error.expected)")
    }
    var unreadable: [EntityID: Set<Bytes>] = [:]
    do {
      try store.scan(.rows, from: from, to: to) { key, row in
        let whole = Bytes(key)
        let kept = new[whole]
        if let kept, kept.elementsEqual(row) { return true }
        if kept == nil { installation.rows.delete(.rows, whole) }
        guard let (_, recordKey) = Keys.parseRow(key) else { return true }
        if Row.isIntact(key: key, value: row, with: codec.hashing), let view = try? RowView(Bytes(row)) {
          let old = entries.entries(partition, recordKey, view.value)
          installation.entries.add(old.map { IndexChange(key: $0.key, target: nil) })
        } else {
          unreadable[recordKey.entity, default: []].insert(whole)
        }
        return true
      }
    } catch { throw .store(error) }
    for entity in unreadable.keys.sorted() {
      installation.entries.add(try entriesLeading(to: unreadable[entity] ?? [], entity))
    }
  }
}
