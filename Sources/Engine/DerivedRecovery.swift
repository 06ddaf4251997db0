import Catalog
import Formats
import Ports
import Primitives

/// What opening makes again of rows, counts and indexes: what a crash took of them, bounded by what waits in memory
/// and in memtables.
extension Engine {
  /// Brings rows, counts and indexes from their cursors to the last applied frame, in the store.
  ///
  /// The two were lost independently of each other. Indexes that are behind the rows are brought to them first, while
  /// the rows are still what they were at their cursor; from there on frames are applied as they were the first time,
  /// and only entries that the index has already are left out. Idempotent: a crash on the way costs nothing but time.
  func recoverDerived() throws(EngineError) {
    if rows.cursor > applied || index.cursor > applied { try forgetDerived() }
    if mustReinstall { return try recoverWithSnapshots() }
    if index.cursor < rows.cursor { try catchUpIndexes() }
    let indexed = index.cursor
    var unreadable: [Bytes] = []
    var sequence = rows.cursor
    while sequence < applied {
      sequence = sequence.next
      // A taking that came to nothing more than its place: another one followed it.
      if try snapshot(at: sequence) != nil { continue }
      let (frame, body) = try openFrame(at: sequence)
      let scratch: Scratch
      do { scratch = try apply(frame, body) } catch {
        guard case .notFound(let key) = error else { throw error }
        throw .corrupt("frame \(sequence.value) of the apply order changes \(key), which is not there")
      }
      derive(scratch, index: sequence > indexed)
      // What was set aside the first time stands in its ticket, which was synced with the frame; what has become of the
      // ticket since stands there too. But a row may have rotted since.
      for change in scratch.quarantine {
        if case .open(let ticket) = change, ticket.reason == .damaged {
          unreadable.append(Keys.row(ticket.partition, ticket.key))
        }
      }
      if rows.openByteCount >= Engine.runBytesMax { try storeDerived(upTo: sequence) }
    }
    try storeDerived(upTo: applied)
    for rowKey in unreadable where try isUnreadable(rowKey) { setAsideDamaged(rowKey) }
  }

  /// Whether there is a row that cannot be read: one that rotted keeps nobody from opening.
  private func isUnreadable(_ rowKey: Bytes) throws(EngineError) -> Bool {
    do {
      _ = try currentView(rowKey, Scratch())
      return false
    } catch {
      switch error {
      case .corrupt, .store(.corrupt): return true
      default: throw error
      }
    }
  }

  /// Empties rows and indexes, which are ahead of the log: an operator accepted that its end was lost, and what
  /// followed from it must go too. All is made again from the frames that are left.
  ///
  /// Synced, and both at once: until the log has grown past the old cursors nothing else would tell, after a crash,
  /// that what lies behind them follows from frames that are gone.
  private func forgetDerived() throws(EngineError) {
    var batch = WriteBatch()
    var zero = ByteWriter(capacity: 8)
    zero.u64(0)
    for (space, cursor) in [(Keyspace.rows, RowsKey.cursor), (.index, IndexKey.cursor)] {
      batch.deleteRange(space, from: [], to: Bytes(repeating: 0xFF, count: Keys.rowByteCount + 1))
      batch.put(space, cursor, zero.bytes)
    }
    do { try store.write(batch, .synced) } catch { throw .store(error) }
    rows = DerivedWrites(.rows, cursorKey: RowsKey.cursor, cursor: .zero, bytesMax: Engine.runBytesMax)
    index = DerivedWrites(.index, cursorKey: IndexKey.cursor, cursor: .zero, bytesMax: Engine.runBytesMax)
    counts = RowCounts([:])
  }

  /// Writes everything derived so far, from frames up to `sequence`.
  private func storeDerived(upTo sequence: ApplySequence) throws(EngineError) {
    rows.taken()
    index.taken()
    counts.taken()
    rows.written(upTo: Swift.max(sequence, rows.cursor))
    index.written(upTo: Swift.max(sequence, index.cursor))
    counts.written()
    do {
      while let batch = try takeDerivedWrites(all: true) { try store.write(batch, .rebuildable) }
    } catch let error as EngineError { throw error } catch let error as StoreError { throw .store(error) } catch {
      requirementFailed("rows and their store throw their own errors")
    }
  }

  private func openFrame(at sequence: ApplySequence) throws(EngineError) -> (frame: Frame, body: FrameBody) {
    let frame = try readFrame(at: sequence)
    do { return (frame, try codec.open(frame)) } catch { throw .corrupt("frame \(sequence.value) of the apply order") }
  }

  /// Brings the indexes from their cursor to the rows'.
  ///
  /// The entries that stand in the index speak of each record as it was at the cursor. That state is found by
  /// undoing, newest first, what the log did to the record since: operations carry their old values. So no entry of a
  /// value that came and went stays behind.
  private func catchUpIndexes() throws(EngineError) {
    if index.cursor == .zero {
      try rebuildIndexes()
    } else {
      var touched: [Bytes: [FieldChange]] = [:]
      var born: [Bytes: Bool] = [:]
      var died: [Bytes: Bool] = [:]
      var order: [(PartitionID, RecordKey)] = []
      var sequence = index.cursor
      while sequence < rows.cursor {
        sequence = sequence.next
        let (frame, body) = try openFrame(at: sequence)
        body.forEachOperation { group, row in
          let key = group.key(row)
          let rowKey = Keys.row(frame.header.partition, key)
          if touched[rowKey] == nil {
            touched[rowKey] = []
            order.append((frame.header.partition, key))
          }
          switch group.kind {
          case .insert: if born[rowKey] == nil { born[rowKey] = touched[rowKey]?.isEmpty ?? true }
          case .update:
            // Of an item only its first old value is asked for: memory grows with items, not with how often they
            // change.
            for change in group.fieldChanges(row)
            where touched[rowKey]?.contains(where: { $0.item == change.item }) == false {
              touched[rowKey]?.append(change)
            }
          case .delete:
            if born[rowKey] == nil { died[rowKey] = true }
            born[rowKey] = born[rowKey] ?? false
          }
        }
      }
      // First all that goes, then all that comes: a natural key may have passed from one record to another.
      var lost: [EntityID] = []
      var damaged = Set<Bytes>()
      for (partition, key) in order {
        let rowKey = Keys.row(partition, key)
        guard try isUnreadable(rowKey) else { continue }
        // Its entries are told by where they lead, as those of a record that is gone.
        damaged.insert(rowKey)
        died[rowKey] = true
        setAsideDamaged(rowKey)
      }
      for (partition, key) in order where died[Keys.row(partition, key)] == true && !lost.contains(key.entity) {
        lost.append(key.entity)
      }
      try removeEntries(ofDeleted: died, lost)
      for (partition, key) in order {
        let rowKey = Keys.row(partition, key)
        if born[rowKey] != true, died[rowKey] != true { try removeStale(partition, key, touched[rowKey] ?? []) }
      }
      for (partition, key) in order {
        let rowKey = Keys.row(partition, key)
        guard !damaged.contains(rowKey), let view = try currentView(rowKey, Scratch()) else { continue }
        index.add(entries.entries(partition, key, view.value))
      }
    }
    try storeDerived(upTo: rows.cursor)
  }

  /// Removes the entries that a record had at the cursor.
  private func removeStale(
    _ partition: PartitionID, _ key: RecordKey, _ changes: [FieldChange]
  ) throws(EngineError) {
    let view = try currentView(Keys.row(partition, key), Scratch())
    let stale = entries.entries(partition, key) { item in
      // First change of an item since the cursor names the value the index still has.
      if let change = changes.first(where: { $0.item == item }) { return change.old }
      return view?.value(item) ?? .null
    }
    index.add(stale.map { .init(key: $0.key, target: nil) })
  }

  /// Removes every entry of records that were deleted since the cursor. A deletion carries no values, so their
  /// entries are looked for: one pass over the indexes of each entity that lost a record.
  private func removeEntries(ofDeleted died: [Bytes: Bool], _ entities: [EntityID]) throws(EngineError) {
    for entity in entities {
      let from = Bytes(IndexKey.prefix(entity, 0).dropLast())
      var stale: [IndexChange] = []
      do {
        try store.scan(.index, from: from, to: from.prefixEnd()) { key, value in
          // A natural key points to its row, every other entry ends with it.
          let row = value.isEmpty ? Bytes(key.suffix(Keys.rowByteCount)) : Bytes(value)
          if died[row] == true { stale.append(.init(key: Bytes(key), target: nil)) }
          return true
        }
      } catch { throw .store(error) }
      index.add(stale)
    }
  }

  /// Builds every entry from the rows: for a store whose indexes never reached the disk.
  private func rebuildIndexes() throws(EngineError) {
    for partition in partitions {
      for (entity, _) in rowCounts(partition) {
        let from = Keys.entity(partition, entity)
        var damaged: [Bytes] = []
        do {
          try store.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
            if let (_, recordKey) = Keys.parseRow(key), Row.isIntact(key: key, value: value, with: codec.hashing),
              let view = try? RowView(Bytes(value))
            {
              index.add(entries.entries(partition, recordKey, view.value))
            } else {
              damaged.append(Bytes(key))
            }
            return true
          }
        } catch { throw .store(error) }
        for rowKey in damaged { setAsideDamaged(rowKey) }
      }
    }
  }
}
