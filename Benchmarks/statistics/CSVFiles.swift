import Catalog
import Formats
import Foundation
import Ports
import Primitives
import RocksStorage

/// The same rows as flat files, for `beside_duckdb.py` beside the sources.
struct CSVFiles {
  private let city: InventedCity
  private let store: RocksStore

  init(_ city: InventedCity, _ store: RocksStore) {
    self.city = city
    self.store = store
  }

  func write(to directory: String) throws {
    var orgs = "org_code,place,last_place\n"
    for org in city.directory.orgs { orgs += "\(org.code),\(org.start),\(org.end - 1)\n" }
    try save(orgs, "\(directory)/org.csv")
    try save(
      try table("member", ["sex", "birth_date", "nation", "join_date", "branch_code"]), "\(directory)/member.csv")
    try save(try table("member_edu", ["edu_code", "is_highest"]), "\(directory)/member_edu.csv")
    try save(try table("unit", ["unit_category"]), "\(directory)/unit.csv")
    try save(try hosts(), "\(directory)/org_unit.csv")
  }

  private func save(_ text: String, _ path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }

  /// The records of an entity: `id`, then items; references to orgs as their place.
  private func table(_ name: String, _ items: [String]) throws -> String {
    guard let entity = Catalog.bundled.entity(named: name) else { throw MeterError("no entity \(name)") }
    let ids = try items.map { item in
      guard let found = entity.item(named: item) else { throw MeterError("no item \(item)") }
      return found.id
    }
    var text = "id," + items.joined(separator: ",") + "\n"
    try visit(entity) { key, row in
      text += CSVFiles.id(key.record)
      for id in ids { text += "," + cell(row.value(id)) }
      text += "\n"
    }
    return text
  }

  private func hosts() throws -> String {
    guard let org = Catalog.bundled.entity(named: "org"), let item = org.item(named: "host_unit_ids")?.id else {
      throw MeterError("orgs name their units")
    }
    var text = "place,unit\n"
    try visit(org) { key, row in
      guard case .references(let units) = row.value(item) else { return }
      for unit in units { text += "\(city.directory.position(key.record)),\(CSVFiles.id(unit))\n" }
    }
    return text
  }

  private func visit(_ entity: Entity, _ body: (RecordKey, RowView) throws -> Void) throws {
    var failure: (any Error)?
    for partition in city.partitions {
      let from = Keys.entity(partition, entity.id)
      try store.scan(.rows, from: from, to: from.prefixEnd()) { key, value in
        do {
          guard let (_, recordKey) = Keys.parseRow(key) else { throw MeterError("a row key") }
          try body(recordKey, try RowView(Bytes(value)))
          return true
        } catch {
          failure = error
          return false
        }
      }
    }
    if let failure { throw failure }
  }

  private static func id(_ record: RecordID) -> String { "\(record.mint)-\(record.counter)" }

  private func cell(_ value: Value) -> String {
    switch value {
    case .text(let text): text.string
    case .date(let date): date.description
    case .bool(let flag): flag ? "true" : "false"
    case .reference(let record): "\(city.directory.position(record))"
    default: ""
    }
  }
}
