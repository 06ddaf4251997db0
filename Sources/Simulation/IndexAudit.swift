import Catalog
import Formats
import Ports
import Primitives

extension StoreAudit {
  /// Every index entry, once: the entries that the records should have, made from the catalog alone.
  func checkIndexes(_ folded: Folded, _ store: any StoreReader) throws(Violation) {
    var expected: [(key: Bytes, value: Bytes)] = []
    for rowKey in folded.records.keys.sorted(by: { $0.precedes($1) }) {
      guard let record = folded.records[rowKey], let entity = catalog.entity(record.key.entity) else { continue }
      expected.append(contentsOf: entries(rowKey, record, entity))
    }
    expected.sort { $0.key.precedes($1.key) }
    let stored = try read(store, .index, from: [1])
    for position in 0..<Swift.max(stored.count, expected.count) {
      let have = position < stored.count ? stored[position] : nil
      let want = position < expected.count ? expected[position] : nil
      if have?.key == want?.key, have?.value == want?.value { continue }
      throw Violation("index", "\(name): stands \(have?.key.hex ?? "nothing"), should \(want?.key.hex ?? "nothing")")
    }
  }

  private func entries(_ rowKey: Bytes, _ record: Folded.Record, _ entity: Entity) -> [(key: Bytes, value: Bytes)] {
    func value(_ item: ItemID) -> Value { record.fields.first { $0.item == item }?.value ?? .null }
    var all: [(key: Bytes, value: Bytes)] = []
    for index in entity.indexes where !value(index.items[0]).isNull {
      var writer = ByteWriter()
      writer.raw(IndexKey.prefix(entity.id, index.number))
      for item in index.items { IndexKey.append(value(item), to: &writer) }
      writer.raw(rowKey)
      all.append((writer.bytes, []))
    }
    let complete = entity.naturalKeys.indices.first { number in
      entity.naturalKeys[number].allSatisfy { !value($0).isNull }
    }
    if let complete {
      var writer = ByteWriter()
      writer.raw(IndexKey.prefix(entity.id, 0))
      writer.u8(UInt8(complete))
      if entity.parent != nil { IndexKey.append(.reference(record.key.record), to: &writer) }
      for item in entity.naturalKeys[complete] { IndexKey.append(value(item), to: &writer) }
      writer.raw(rowKey[0..<8])
      all.append((writer.bytes, rowKey))
    }
    return all
  }
}
