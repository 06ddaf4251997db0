import Formats
import Ports
import Primitives

/// The rows that the engine itself reads when it opens: assignments and orgs of every domain it holds.
///
/// They follow from signed frames like all others. One that is damaged is made from the log again, in memory, and gets
/// a ticket: a flipped bit in a foreign row keeps no node shut, and what mends it is the way of every damaged row.
extension Engine {
  /// Every row of an entity of a partition, the damaged ones as the log leaves them; without those that may not be
  /// what they are. Of a damaged row whose frames cannot be read either, the ticket is all that remains.
  ///
  /// - Complexity: a scan of the entity; one of the partition's logs when something is damaged.
  func forEachTreeRow(
    _ partition: PartitionID, _ entity: EntityID, _ body: (RecordKey, RowView) -> Void
  ) throws(EngineError) {
    var sound: [RecordKey: RowView] = [:]
    var isDamaged = false
    let from = Keys.entity(partition, entity)
    do {
      try store.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
        if let (_, recordKey) = Keys.parseRow(key), Row.isIntact(key: key, value: value, with: codec.hashing),
          let view = try? RowView(Bytes(value))
        {
          sound[recordKey] = view
        } else {
          isDamaged = true
        }
        return true
      }
    } catch {
      // A block that cannot be read: nobody knows which rows stood in it.
      guard case .corrupt = error else { throw .store(error) }
      isDamaged = true
    }
    if isDamaged {
      for (key, view) in try rowsOfLog(partition, entity) where sound[key] == nil {
        let rowKey = Keys.row(partition, key)
        switch try state(of: rowKey) {
        // What got lost whole is no damage: the next comparison with its owner finds it.
        case .absent: continue
        case .sound: break
        case .damaged: setAsideDamaged(rowKey)
        }
        sound[key] = view
      }
    }
    for key in sound.keys.sorted() where quarantine[Keys.row(partition, key)]?.reason != .notAllowed {
      if let view = sound[key] { body(key, view) }
    }
  }

  private enum StoredState {
    case absent
    case sound
    case damaged
  }

  private func state(of rowKey: Bytes) throws(EngineError) -> StoredState {
    do {
      guard let row = try store.get(.rows, rowKey) else { return .absent }
      let isIntact = rowKey.withUnsafeBytes { key in
        row.withUnsafeBytes { Row.isIntact(key: key, value: $0, with: codec.hashing) }
      }
      return isIntact ? .sound : .damaged
    } catch {
      guard case .corrupt = error else { throw .store(error) }
      return .damaged
    }
  }

  /// The rows of an entity as the logs of a partition leave them, in the order of their keys. Frames that cannot be
  /// read are passed over: what stands in them has its ticket.
  private func rowsOfLog(
    _ partition: PartitionID, _ entity: EntityID
  ) throws(EngineError) -> [(key: RecordKey, view: RowView)] {
    var rows: [RecordKey: RowView] = [:]
    if let base = snapshots.bases[partition], base.covered != nil {
      _ = try unlessDamaged { () throws(EngineError) -> Bool? in try addRows(of: base.manifest, entity, &rows) }
    }
    for log in try LogReplay(store).inOrder(logs(of: partition)) {
      let from = snapshots.floors[log].map { Keys.frame(log, last: $0.last.next) } ?? Keys.log(log)
      do {
        try store.scan(.log, from: from, to: Keys.log(log).prefixEnd()) { _, value in
          if let frame = try? codec.parse(Bytes(value.dropFirst(8))), let body = try? codec.open(frame) {
            fold(frame.header, body, entity, &rows)
          }
          return true
        }
      } catch {
        guard case .corrupt = error else { throw .store(error) }
      }
    }
    return rows.keys.sorted().compactMap { key in rows[key].map { (key, $0) } }
  }

  /// What the snapshot that a partition's logs begin behind has of an entity.
  private func addRows(
    of manifest: SnapshotManifest, _ entity: EntityID, _ rows: inout [RecordKey: RowView]
  ) throws(EngineError) -> Bool {
    for number in manifest.facts.chunks.indices {
      let bytes = try chunk(number, of: manifest)
      do {
        try forEachRow(bytes, number, of: manifest) { key, row in
          guard let (_, recordKey) = Keys.parseRow(key), recordKey.entity == entity else { return }
          rows[recordKey] = try? RowView(Bytes(row))
        }
      } catch { throw .corrupt("chunk \(number) of a snapshot: \(error.expected)") }
    }
    return true
  }

  private func fold(
    _ header: FrameHeader, _ body: FrameBody, _ entity: EntityID, _ rows: inout [RecordKey: RowView]
  ) {
    guard body.groups.contains(where: { $0.entity == entity }) else { return }
    body.forEachOperation { group, row in
      guard group.entity == entity else { return }
      let key = group.key(row)
      let rowKey = Keys.row(header.partition, key)
      let origin = Row.Origin(
        catalog: header.catalog, log: header.log, sequence: Sequence64(header.first.value + UInt64(group.commit(row))))
      let made: Bytes?
      switch group.operation(row).change {
      case .insert(let fields):
        made = Row.encode(key: rowKey, origin: origin, fields: fields, with: codec.hashing)
      case .update(let changes):
        made = rows[key]?.applying(changes, key: rowKey, origin: origin, with: codec.hashing)
      case .delete: made = nil
      }
      rows[key] = made.flatMap { try? RowView($0) }
    }
  }
}
