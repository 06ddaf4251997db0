import Catalog
import Formats
import Ports
import Primitives

/// What a caller needs to put a commit together: who holds a natural key, and where a new child record goes.
extension Engine {
  /// The key under which a record of our domain is known to people, or nil when too little of it is known.
  ///
  /// - Parameter parent: for a child record, the record it belongs to.
  public func naturalKey(_ entity: Entity, parent: RecordID?, _ value: (ItemID) -> Value) -> Bytes? {
    entries.naturalKey(entity, identity.partition, parent: parent ?? RecordID(mint: 0, counter: 0), value)
  }

  /// The record that holds a natural key, as the next commit would see it, or nil. Costs a point read at most.
  public func record(holding natural: Bytes) throws(EngineError) -> RecordKey? { try target(HashedKey(natural)) }

  /// Where a natural key points: among those seen lately, in entries that wait, then in the store.
  func target(_ natural: HashedKey) throws(EngineError) -> RecordKey? {
    if let known = keyCache.record(natural) { return known }
    if !handovers.reserved.isEmpty, let coming = handovers.reserved[natural] { return coming }
    if natural.bytes.count > 1, newKeys.isNew(EntityID(natural.bytes[1]), natural) { return nil }
    let found: Bytes?
    if let pending = index.pending(natural) { found = pending } else { found = try value(.index, natural.bytes) }
    guard let found else { return nil }
    guard let (_, key) = found.withUnsafeBytes({ Keys.parseRow($0) }) else {
      throw .corrupt("index \(natural.bytes.hex)")
    }
    keyCache.put(natural, key)
    return key
  }

  /// Tells the cache which natural keys a commit of ours made and took away.
  func note(naturalKeysOf changes: WriteBatch) {
    changes.forEach { change, _ in
      guard change.key.count > 2, change.key[2] == 0 else { return }
      let natural = HashedKey(Bytes(change.key))
      if change.kind == .put, let (_, key) = Keys.parseRow(change.value) {
        keyCache.put(natural, key)
        newKeys.insert(key.entity, natural)
      } else {
        keyCache.remove(natural)
      }
    }
  }

  // MARK: Ordinals

  /// The last ordinal given to child records of `entity` under `parent`; 0 when there is none.
  public func lastOrdinal(_ entity: EntityID, of parent: RecordID) throws(EngineError) -> UInt32 {
    guard mayHaveChildren(entity, parent) else { return 0 }
    let open = openOrdinals[RecordKey(entity: entity, record: parent)]
    if let open, !open.hasDeletions { return open.given }
    let prefix = Keys.children(identity.partition, entity, of: parent)
    var last = open?.given ?? 0
    do {
      if let stored = try store.last(.rows, from: prefix, to: prefix.prefixEnd()) {
        last = Swift.max(last, stored.key.withUnsafeBytes { Keys.parseRow($0)?.key.ordinal ?? 0 })
      }
    } catch { throw .store(error) }
    // Some of what was stored or given is gone meanwhile: the last that is left counts, as after the rows are stored.
    while open != nil, last > 0 {
      var key = ByteWriter(capacity: Keys.rowByteCount)
      key.raw(prefix)
      key.u32(last)
      if try currentRow(key.bytes, Scratch()) != nil { break }
      last -= 1
    }
    return last
  }

  /// False when no record of `entity` lies under `parent`: it comes after every parent that has one. So the children
  /// of new records, and of an import in the order of its parents, cost no read to find that they are the first.
  func mayHaveChildren(_ entity: EntityID, _ parent: RecordID) -> Bool {
    guard let last = lastParents[entity] else { return false }
    return parent <= last
  }

  /// Reads for every child entity the last parent that has records of it.
  func loadLastParents() throws(EngineError) {
    for entity in catalog.entities where entity.parent != nil {
      let from = Keys.entity(identity.partition, entity.id)
      do {
        guard let last = try store.last(.rows, from: from, to: from.prefixEnd()) else { continue }
        guard let (_, key) = last.key.withUnsafeBytes({ Keys.parseRow($0) }) else {
          throw EngineError.corrupt("row \(last.key.hex)")
        }
        lastParents[entity.id] = key.record
      } catch let error as StoreError { throw .store(error) } catch let error as EngineError { throw error } catch {
        throw .corrupt("row of entity \(entity.id.value)")
      }
    }
  }

  /// Remembers which ordinals a commit gave and took until its rows can be read from the store.
  func note(ordinalsOf operations: [Operation], _ sequence: Sequence64) {
    for operation in operations where operation.key.ordinal > 0 {
      let children = RecordKey(entity: operation.key.entity, record: operation.key.record)
      switch operation.change {
      case .insert: note(ordinalOf: operation.key, sequence)
      case .delete: openOrdinals[children, default: OpenOrdinal(sequence)].delete(sequence)
      case .update: continue
      }
    }
  }

  func note(ordinalsOf group: OperationGroup, _ sequence: Sequence64) {
    for row in 0..<group.rows {
      let key = group.key(row)
      if key.ordinal > 0 { note(ordinalOf: key, sequence) }
    }
  }

  private func note(ordinalOf key: RecordKey, _ sequence: Sequence64) {
    openOrdinals[RecordKey(entity: key.entity, record: key.record), default: OpenOrdinal(sequence)].give(
      key.ordinal, sequence)
    lastParents[key.entity, default: key.record].raise(to: key.record)
  }
}

extension Comparable {
  fileprivate mutating func raise(to other: Self) { if other > self { self = other } }
}

/// What commits did to the children of one record that the stored rows do not show yet.
struct OpenOrdinal {
  /// The highest ordinal given; 0 when none was.
  private(set) var given: UInt32 = 0
  private(set) var hasDeletions = false
  /// Of the last of these commits.
  private(set) var sequence: Sequence64

  init(_ sequence: Sequence64) { self.sequence = sequence }

  mutating func give(_ ordinal: UInt32, _ sequence: Sequence64) {
    given = Swift.max(given, ordinal)
    self.sequence = sequence
  }

  mutating func delete(_ sequence: Sequence64) {
    hasDeletions = true
    self.sequence = sequence
  }
}
