import Access
import Catalog
import Formats
import Ports
import Primitives
import Replication

/// What a store says about its node.
struct Recovered {
  let identity: NodeIdentity
  let applied: ApplySequence
  let mintNext: UInt64
  let rowsCursor: ApplySequence
  let indexCursor: ApplySequence
  let heads: [LogID: LogState]
  /// As of `rowsCursor`.
  let counts: [RowCounts.Key: Int]
  let quarantine: QuarantineTable

  /// A node that has nothing yet.
  init(new identity: NodeIdentity) {
    self.identity = identity
    applied = .zero
    mintNext = 1
    rowsCursor = .zero
    indexCursor = .zero
    heads = [:]
    counts = [:]
    quarantine = QuarantineTable()
  }

  init(store: any Store, catalog: Catalog) throws(EngineError) {
    func number(_ space: Keyspace, _ key: Bytes) throws(EngineError) -> UInt64? {
      let bytes: Bytes?
      do { bytes = try store.get(space, key) } catch { throw .store(error) }
      guard let bytes else { return nil }
      var reader = ByteReader(bytes)
      guard let value = try? reader.u64() else { throw .corrupt("number at \(key.hex)") }
      return value
    }
    let identityBytes: Bytes?
    do { identityBytes = try store.get(.meta, MetaKey.identity) } catch { throw .store(error) }
    guard let identityBytes else { throw .corrupt("the store has no identity") }
    do { identity = try NodeIdentity(identityBytes) } catch { throw .corrupt("identity: \(error.expected)") }
    applied = ApplySequence(try number(.meta, MetaKey.applied) ?? 0)
    mintNext = try number(.meta, MetaKey.mint) ?? 1
    rowsCursor = ApplySequence(try number(.rows, RowsKey.cursor) ?? 0)
    indexCursor = ApplySequence(try number(.index, IndexKey.cursor) ?? 0)
    var heads: [LogID: LogState] = [:]
    var counts: [RowCounts.Key: Int] = [:]
    var damage: String?
    do {
      try store.scan(.meta, from: MetaKey.heads, to: MetaKey.heads.prefixEnd()) { key, value in
        var reader = ByteReader(Bytes(key), from: 1, to: key.count)
        guard let number = try? reader.u64(), let log = LogID(exactly: number), let state = try? LogState(Bytes(value))
        else {
          damage = "head at \(Bytes(key).hex)"
          return false
        }
        heads[log] = state
        return true
      }
      try store.scan(.rows, from: RowsKey.counts, to: RowsKey.counts.prefixEnd()) { key, value in
        var reader = ByteReader(Bytes(key), from: RowsKey.counts.count, to: key.count)
        var valueReader = ByteReader(Bytes(value))
        guard let number = try? reader.u64(), let partition = PartitionID(exactly: number),
          let entity = try? reader.u8(), let count = try? valueReader.varint()
        else {
          damage = "row count at \(Bytes(key).hex)"
          return false
        }
        counts[.init(partition: partition, entity: EntityID(entity))] = Int(clamping: count)
        return true
      }
    } catch { throw .store(error) }
    if let damage { throw .corrupt(damage) }
    self.heads = heads
    self.counts = counts
    quarantine = try Recovered.tickets(store)
  }

  private static func tickets(_ store: any Store) throws(EngineError) -> QuarantineTable {
    var table = QuarantineTable()
    var damage: String?
    do {
      try store.scan(.meta, from: MetaKey.tickets, to: MetaKey.tickets.prefixEnd()) { key, value in
        guard let ticket = try? QuarantineTicket(Bytes(value), rowKey: Bytes(key.dropFirst())) else {
          damage = "ticket at \(Bytes(key).hex)"
          return false
        }
        table.set(ticket)
        return true
      }
    } catch { throw .store(error) }
    if let damage { throw .corrupt(damage) }
    return table
  }
}

extension Engine {
  /// Writes the first state of a new node into an empty store: identity, the root org, the first frame.
  ///
  /// - Parameters:
  ///   - key: the pair whose public half `identity` names.
  ///   - clock: milliseconds; a label.
  /// - Throws: `.corrupt` when the store is not empty; `.wrongKey`.
  public static func initialise(
    _ store: any Store, identity: NodeIdentity, catalog: Catalog, key: SigningKey, clock: UInt64
  ) throws(EngineError) {
    let known: Bytes?
    do { known = try store.get(.meta, MetaKey.identity) } catch { throw .store(error) }
    guard known == nil else { throw .corrupt("the store has a node already") }
    let engine = try Engine(Recovered(new: identity), store: store, catalog: catalog, key: key, childrenAllowed: nil)
    _ = try engine.commit([engine.rootOrgInsertion()], actor: "system", reason: "init", clock: clock)
    guard var batch = engine.takeWrites() else { requirementFailed("a commit makes a batch") }
    // One batch: a crash leaves an empty store or a whole node, never an identity without its root org.
    batch.put(.meta, MetaKey.identity, identity.encoded)
    do { try store.write(batch, .synced) } catch { throw .store(error) }
  }

  /// Writes an empty store of a node that has a history elsewhere: the machine that replaces a lost one. Opened, it is
  /// read-only until its parent has handed the history back.
  ///
  /// - Throws: `.corrupt` when the store is not empty.
  public static func initialiseEmpty(_ store: any Store, identity: NodeIdentity) throws(EngineError) {
    do {
      guard try store.get(.meta, MetaKey.identity) == nil else {
        throw EngineError.corrupt("the store has a node already")
      }
      var batch = WriteBatch()
      batch.put(.meta, MetaKey.identity, identity.encoded)
      batch.put(.meta, MetaKey.standing, StandingMark.recovering.encoded)
      try store.write(batch, .synced)
    } catch let error as StoreError { throw .store(error) } catch let error as EngineError { throw error } catch {
      requirementFailed("a store throws its own errors")
    }
  }

  /// Fields in row order: by the section of their class, then by item.
  public func sorted(_ values: [(ItemID, Value)], of entity: EntityID) -> [Field] {
    guard let entity = catalog.entity(entity) else { requirementFailed("entity \(entity.value) is in the catalog") }
    return values.compactMap { item, value -> Field? in
      value.isNull ? nil : Field(Engine.section(entity.item(item)?.fieldClass ?? .b), item, value)
    }.sorted { ($0.section, $0.item) < ($1.section, $1.item) }
  }

  /// Which section of a row holds items of a class.
  public static func section(_ fieldClass: FieldClass) -> Section {
    switch fieldClass {
    case .a, .b: .general
    case .c: .personal
    case .d: .restricted
    }
  }

  /// Reads assignments and orgs of every partition into memory.
  func loadTree() throws(EngineError) {
    for partition in partitions {
      try forEachTreeRow(partition, Assignment.entity) { key, view in
        if let assignment = Assignment(view.value) {
          if key == Assignment.key(assignment.partition) {
            assignments.set(assignment)
            holders[assignment.partition] = partition
          } else {
            assignments.remember(assignment)
          }
        }
      }
      try loadOrgs(partition)
    }
    directoryIsStale = true
  }

  /// Every intact row of an entity of a partition.
  func forEachRow(
    _ partition: PartitionID, _ entity: EntityID, _ body: (RecordKey, RowView) -> Void
  ) throws(EngineError) {
    let from = Keys.entity(partition, entity)
    var damage: String?
    do {
      try store.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
        guard let (_, recordKey) = Keys.parseRow(key), Row.isIntact(key: key, value: value, with: codec.hashing),
          let view = try? RowView(Bytes(value))
        else {
          damage = "row \(Bytes(key).hex)"
          return false
        }
        body(recordKey, view)
        return true
      }
    } catch { throw .store(error) }
    if let damage { throw .corrupt(damage) }
  }

  /// The frame applied as number `sequence`, parsed.
  func readFrame(at sequence: ApplySequence) throws(EngineError) -> Frame {
    guard let (_, _, bytes) = try frame(at: sequence) else { throw .corrupt("frame \(sequence.value) is missing") }
    do { return try codec.parse(bytes) } catch { throw .corrupt("frame \(sequence.value) of the apply order") }
  }
}

extension Engine: FrameSource {
  public func head(of log: LogID) -> LogState? { heads[log] }

  public func hash(of log: LogID, endingAt last: Sequence64) throws(EngineError) -> Digest256? {
    guard let head = heads[log] else { return nil }
    if head.last == last { return head.hash }
    if let floor = snapshots.floors[log], floor.last == last { return floor.hash }
    guard let bytes = try value(.log, Keys.frame(log, last: last)) else { return nil }
    do { return try codec.parse(Bytes(bytes[8...])).hash } catch {
      throw .corrupt("frame \(last.value) of log \(log.value)")
    }
  }

  public func applySequence(of log: LogID, after last: Sequence64) throws(EngineError) -> ApplySequence? {
    if let floor = snapshots.floors[log], last < floor.last { return floor.first }
    var found: ApplySequence?
    do {
      try store.scan(.log, from: Keys.frame(log, last: last.next), to: Keys.log(log).prefixEnd()) { _, value in
        if value.count >= 8 {
          found = ApplySequence(UInt64(bigEndian: value.loadUnaligned(fromByteOffset: 0, as: UInt64.self)))
        }
        return false
      }
    } catch { throw .store(error) }
    return found
  }

  public func frame(
    at sequence: ApplySequence
  ) throws(EngineError) -> (log: LogID, last: Sequence64, bytes: Bytes)? {
    guard let key = try value(.order, Keys.order(sequence)), let (log, last) = Keys.parseFrame(key),
      let bytes = try value(.log, key), bytes.count > 8
    else { return nil }
    return (log, last, Bytes(bytes[8...]))
  }

  func value(_ space: Keyspace, _ key: Bytes) throws(EngineError) -> Bytes? {
    do { return try store.get(space, key) } catch { throw .store(error) }
  }
}

extension Engine {
  /// The head of a store's own log, read without opening an engine: what a sidecar is compared with.
  ///
  /// - Returns: nil for a store without a node.
  public static func readHead(_ reader: any StoreReader) throws(StoreError) -> Ports.LogHead? {
    guard let identityBytes = try reader.get(.meta, MetaKey.identity), let identity = try? NodeIdentity(identityBytes)
    else { return nil }
    var applied = ApplySequence.zero
    if let bytes = try reader.get(.meta, MetaKey.applied) {
      var number = ByteReader(bytes)
      guard let value = try? number.u64() else { throw .corrupt("the last apply sequence") }
      applied = ApplySequence(value)
    }
    guard let bytes = try reader.get(.meta, MetaKey.head(identity.log)) else {
      return Ports.LogHead(log: identity.log, sequence: .zero, applied: applied, hash: .zero)
    }
    guard let state = try? LogState(bytes) else { throw .corrupt("the head of the node's log") }
    return Ports.LogHead(log: identity.log, sequence: state.last, applied: applied, hash: state.hash)
  }
}

extension Engine {
  /// A row of our own domain as the next commit would see it, or nil.
  public func ownRow(_ key: RecordKey) throws(EngineError) -> RowView? {
    try currentView(Keys.row(identity.partition, key), Scratch())
  }

  /// The partition whose rows hold the assignment of `partition`: the domain above it.
  public func holder(of partition: PartitionID) -> PartitionID? { holders[partition] }

  /// How far the newest log of a node has come here.
  public func sequence(ofNode node: NodeID) -> UInt64 {
    heads.keys.sorted().last { $0.node == node }.flatMap { heads[$0]?.last.value } ?? 0
  }
}
