import Catalog
import Engine
import Formats
import Ports
import Primitives
import Replication

/// Reads a whole store and holds it against itself, knowing formats only: rows are the fold of the logs byte for
/// byte, counters count them, the apply order has no gap, and the indexes hold exactly what a scan of the rows gives.
struct StoreAudit {
  let catalog: Catalog
  let codec: FrameCodec
  let name: String

  /// What the logs make of a store.
  struct Folded {
    struct Record {
      let key: RecordKey
      var fields: [Field]
      var origin: Row.Origin
    }
    /// Row key → record.
    var records: [Bytes: Record] = [:]
    var frames: [(key: Bytes, applied: UInt64)] = []
    var heads: [(log: LogID, state: LogState)] = []
    /// Partitions that begin with a snapshot.
    var bases: [PartitionID] = []
  }

  func check(_ store: any StoreReader) throws(Violation) -> Folded {
    let folded = try fold(store)
    try checkHeads(folded, store)
    try checkOrder(folded, store)
    let rows = try checkRows(folded, store)
    try checkCounters(rows, store)
    try checkIndexes(folded, store)
    return folded
  }

  func read(
    _ store: any StoreReader, _ space: Keyspace, from: Bytes = [], to: Bytes? = nil
  ) throws(Violation) -> [(key: Bytes, value: Bytes)] {
    var all: [(key: Bytes, value: Bytes)] = []
    do {
      try store.scan(space, from: from, to: to) { key, value in
        all.append((Bytes(key), Bytes(value)))
        return true
      }
    } catch { throw Violation("store", "\(name): \(error)") }
    return all
  }

  // MARK: Logs

  private func fold(_ store: any StoreReader) throws(Violation) -> Folded {
    var folded = Folded()
    var last: LogState?
    var lastLog: LogID?
    let floors = try takeSnapshots(of: store, &folded)
    var bodies: [(applied: UInt64, header: FrameHeader, body: FrameBody)] = []
    for (key, value) in try read(store, .log) where Keys.parseFrame(key) != nil {
      let frame: Frame
      let body: FrameBody
      do {
        frame = try codec.parse(Bytes(value[8...]))
        body = try codec.open(frame)
      } catch { throw Violation("I14 damage", "\(name): frame \(key.hex): \(error)") }
      let header = frame.header
      if let floor = floors[header.log], header.last <= floor.last {
        var reader = ByteReader(value)
        folded.frames.append((key, (try? reader.u64()) ?? 0))
        continue
      }
      if lastLog != header.log { last = floors[header.log] }
      guard key == Keys.frame(header.log, last: header.last), header.first == (last?.last ?? .zero).next,
        header.previous == last?.hash ?? .zero
      else { throw Violation("I6 gap", "\(name): log \(header.log.value) at \(header.first.value)") }
      var reader = ByteReader(value)
      let applied = (try? reader.u64()) ?? 0
      folded.frames.append((key, applied))
      bodies.append((applied, header, body))
      last = LogState(after: frame)
      lastLog = header.log
      if let last {
        folded.heads.removeAll { $0.log == header.log }
        folded.heads.append((header.log, last))
      }
    }
    // A partition's logs in the order of its owners' lives, which their ids do not tell.
    for (_, header, body) in bodies.sorted(by: { $0.applied < $1.applied }) {
      try body.forEachOperation { (group, row) throws(Violation) in
        let sequence = Sequence64(header.first.value + UInt64(group.commit(row)))
        let origin = Row.Origin(catalog: header.catalog, log: header.log, sequence: sequence)
        try apply(group.operation(row), origin, header.partition, to: &folded)
      }
    }
    return folded
  }

  private func apply(
    _ operation: Formats.Operation, _ origin: Row.Origin, _ partition: PartitionID, to folded: inout Folded
  ) throws(Violation) {
    let key = Keys.row(partition, operation.key)
    let known = folded.records[key]
    let what = "\(name): entity \(operation.key.entity.value) in commit \(origin.sequence.value) of \(origin.log.value)"
    switch operation.change {
    case .insert(let fields):
      guard known == nil else { throw Violation("stream", "\(what): inserted twice") }
      folded.records[key] = .init(key: operation.key, fields: fields, origin: origin)
    case .update(let changes):
      guard var record = known else { throw Violation("stream", "\(what): change of nothing") }
      for change in changes {
        let old = record.fields.first { $0.item == change.item }?.value ?? .null
        guard old == change.old else {
          throw Violation("stream", "\(what): item \(change.item.value) had another value")
        }
        record.fields.removeAll { $0.item == change.item }
        if !change.new.isNull { record.fields.append(Field(change.section, change.item, change.new)) }
      }
      record.fields.sort { ($0.section, $0.item) < ($1.section, $1.item) }
      record.origin = origin
      folded.records[key] = record
    case .delete:
      guard known != nil else { throw Violation("stream", "\(what): deletion of nothing") }
      folded.records[key] = nil
    }
  }

  private func checkHeads(_ folded: Folded, _ store: any StoreReader) throws(Violation) {
    let stored = try read(store, .meta, from: MetaKey.heads, to: MetaKey.heads.prefixEnd())
    let heads = folded.heads.sorted { $0.log < $1.log }
    let expected = heads.map { (key: MetaKey.head($0.log), value: $0.state.encoded) }
    guard stored.count == expected.count, zip(stored, expected).allSatisfy({ $0.key == $1.key && $0.value == $1.value })
    else { throw Violation("I2 heads", "\(name): heads are not those of the logs") }
  }

  private func checkOrder(_ folded: Folded, _ store: any StoreReader) throws(Violation) {
    let order = try read(store, .order)
    var frames = folded.frames.sorted { $0.applied < $1.applied }[...]
    for (number, place) in order.enumerated() {
      guard place.key == Keys.order(ApplySequence(UInt64(number + 1))) else {
        throw Violation("I6 apply order", "\(name): at \(number + 1)")
      }
      if let partition = Keys.parseSnapshot(place.value), folded.bases.contains(partition) { continue }
      guard let frame = frames.popFirst(), place.value == frame.key, frame.applied == UInt64(number + 1) else {
        throw Violation("I6 apply order", "\(name): at \(number + 1)")
      }
    }
    guard frames.isEmpty else { throw Violation("I6 apply order", "\(name): \(frames.count) frames without a place") }
  }

  // MARK: Rows

  private struct Counted {
    let partition: PartitionID
    let entity: EntityID
    var rows: UInt64
  }

  private func checkRows(_ folded: Folded, _ store: any StoreReader) throws(Violation) -> [Counted] {
    var counted: [Counted] = []
    let rows = try read(store, .rows, from: RowsKey.first)
    for (key, value) in rows {
      guard let (partition, recordKey) = key.withUnsafeBytes({ Keys.parseRow($0) }), let record = folded.records[key]
      else {
        throw Violation("I5 fold", "\(name): row \(key.hex) comes from no log")
      }
      guard Row.encode(key: key, origin: record.origin, fields: record.fields, with: codec.hashing) == value else {
        throw Violation("I5 fold", "\(name): row \(key.hex) is not what its log says")
      }
      if counted.last?.partition != partition || counted.last?.entity != recordKey.entity {
        counted.append(Counted(partition: partition, entity: recordKey.entity, rows: 0))
      }
      counted[counted.count - 1].rows += 1
    }
    guard rows.count == folded.records.count else {
      throw Violation("I5 fold", "\(name): \(rows.count) rows, \(folded.records.count) in the logs")
    }
    return counted
  }

  private func checkCounters(_ rows: [Counted], _ store: any StoreReader) throws(Violation) {
    var stored: [(key: Bytes, value: Bytes)] = []
    for entry in try read(store, .rows, from: RowsKey.counts, to: RowsKey.counts.prefixEnd()) where entry.value != [0] {
      stored.append(entry)
    }
    guard stored.count == rows.count else {
      throw Violation("I2 counters", "\(name): \(stored.count) counters for \(rows.count) kinds of rows")
    }
    for (counter, counted) in zip(stored, rows) {
      var writer = ByteWriter()
      writer.varint(counted.rows)
      guard counter.key == RowsKey.count(counted.partition, counted.entity), counter.value == writer.bytes else {
        throw Violation("I2 counters", "\(name): entity \(counted.entity.value) has \(counted.rows) rows")
      }
    }
  }

  /// The owner's rows against what its clients wrote.
  func compare(_ folded: Folded, with model: DomainModel, of identity: NodeIdentity) throws(Violation) {
    for key in model.keys {
      let record = folded.records[Keys.row(identity.partition, key)]
      let items = model.records[key] ?? [:]
      guard let record, record.fields.filter({ items[$0.item] == $0.value }).count == items.count,
        record.fields.count == items.count
      else {
        throw Violation("I1 content", "\(name): entity \(key.entity.value) \(key.record.counter) is not as written")
      }
    }
    let prefix = Keys.partition(identity.partition)
    let held = folded.records.keys.filter { $0.starts(with: prefix) && $0[8] < 200 }.count
    guard held == model.keys.count + 1 else {
      throw Violation("I1 content", "\(name): \(held) records, written were \(model.keys.count) and the root org")
    }
  }
}
