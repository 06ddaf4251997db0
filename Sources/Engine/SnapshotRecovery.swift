import Formats
import Ports
import Primitives
import Replication

/// What opening does when a crash came between the taking of a snapshot and the end of its rows.
///
/// Rows of its partition are then those from before, those of the snapshot, or any mixture, and of index entries nobody
/// knows which were written: rows are put anew from the chunks, and all indexes are built anew from the rows. That is
/// dear, and as rare as a crash within the seconds that an installation takes.
extension Engine {
  /// Whether a snapshot must be put into rows or indexes again.
  var mustReinstall: Bool {
    let behind = Swift.min(rows.cursor, index.cursor)
    return snapshots.bases.keys.sorted().contains { partition in
      snapshots.bases[partition]?.covered.map { $0.last > behind } ?? false
    }
  }

  /// ``recoverDerived()`` with snapshots on the way.
  func recoverWithSnapshots() throws(EngineError) {
    snapshots.figures.restarted += 1
    // First: from here on a crash finds no index that could be taken for a whole one.
    try emptyIndex()
    var sequence = rows.cursor
    while sequence < applied {
      sequence = sequence.next
      if let place = try snapshot(at: sequence) {
        guard let base = snapshots.bases[place.partition], base.covered?.last == sequence else { continue }
        try storeRows(upTo: ApplySequence(sequence.value - 1))
        try putRows(of: base.manifest)
        continue
      }
      let frame = try readFrame(at: sequence)
      // What a later snapshot stands for.
      guard snapshots.bases[frame.header.partition]?.covered?.last ?? .zero < sequence else { continue }
      do { derive(try apply(frame, try codec.open(frame)), index: false) } catch let error as EngineError {
        guard case .notFound(let key) = error else { throw error }
        throw .corrupt("frame \(sequence.value) of the apply order changes \(key), which is not there")
      } catch { throw .corrupt("frame \(sequence.value) of the apply order") }
      if rows.openByteCount >= Engine.runBytesMax { try storeRows(upTo: sequence) }
    }
    try storeRows(upTo: applied)
    try buildIndex()
  }

  private func storeRows(upTo sequence: ApplySequence) throws(EngineError) {
    rows.taken()
    counts.taken()
    rows.written(upTo: Swift.max(sequence, rows.cursor))
    counts.written()
    guard rows.needsFlush else { return }
    do { try store.write(rows.flush(first: counts.flush()), .rebuildable) } catch { throw .store(error) }
  }

  private func putRows(of manifest: SnapshotManifest) throws(EngineError) {
    let prefix = Keys.partition(manifest.facts.partition)
    var batch = WriteBatch()
    batch.deleteRange(.rows, from: prefix, to: prefix.prefixEnd() ?? [])
    do { try store.write(batch, .rebuildable) } catch { throw .store(error) }
    batch = WriteBatch()
    for number in manifest.facts.chunks.indices {
      let bytes = try chunk(number, of: manifest)
      do { try forEachRow(bytes, number, of: manifest) { key, row in batch.put(.rows, key, row) } } catch {
        throw .corrupt("chunk \(number) of partition \(manifest.facts.partition.value): \(error.expected)")
      }
      guard batch.byteCount >= Engine.runBytesMax || number + 1 == manifest.facts.chunks.count else { continue }
      do { try store.write(batch, .rebuildable) } catch { throw .store(error) }
      batch = WriteBatch()
    }
    note(countsOf: manifest)
  }

  private func emptyIndex() throws(EngineError) {
    var batch = WriteBatch()
    batch.deleteRange(.index, from: [], to: [0xFF])
    do { try store.write(batch, .rebuildable) } catch { throw .store(error) }
    index = DerivedWrites(.index, cursorKey: IndexKey.cursor, cursor: .zero, bytesMax: Engine.runBytesMax)
  }

  /// Every entry from the rows, a bounded part at a time; only the last one moves the cursor.
  private func buildIndex() throws(EngineError) {
    for partition in partitions {
      for (entity, _) in rowCounts(partition) {
        var failure: StoreError?
        try forEachRow(partition, entity) { key, view in
          guard failure == nil else { return }
          index.add(entries.entries(partition, key, view.value))
          guard index.openByteCount >= SnapshotInstallation.entryBytesMax else { return }
          do throws(StoreError) { try storeIndex(upTo: .zero) } catch { failure = error }
        }
        if let failure { throw .store(failure) }
      }
    }
    do { try storeIndex(upTo: applied) } catch { throw .store(error) }
  }

  private func storeIndex(upTo sequence: ApplySequence) throws(StoreError) {
    index.taken()
    index.written(upTo: sequence)
    try store.write(index.flush(), .rebuildable)
  }
}
