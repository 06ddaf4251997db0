import Catalog
import Formats
import Primitives

/// What one domain must hold, kept apart from the engine: every commit the engine took, and the records that they make.
struct DomainModel {
  struct Taken {
    let log: LogID
    let sequence: Sequence64
    let operations: [Formats.Operation]
  }

  private(set) var taken: [Taken] = []
  /// Record → its fields by item.
  private(set) var records: [RecordKey: [ItemID: Value]] = [:]
  /// Keys of records in the order in which they appeared; what random picks are made from.
  private(set) var keys: [RecordKey] = []

  mutating func take(_ commit: Taken) {
    taken.append(commit)
    for operation in commit.operations { apply(operation) }
  }

  private mutating func apply(_ operation: Formats.Operation) {
    switch operation.change {
    case .insert(let fields):
      var items: [ItemID: Value] = [:]
      for field in fields { items[field.item] = field.value }
      records[operation.key] = items
      keys.append(operation.key)
    case .update(let changes):
      for change in changes { records[operation.key]?[change.item] = change.new.isNull ? nil : change.new }
    case .delete:
      records[operation.key] = nil
      keys.removeAll { $0 == operation.key }
    }
  }

  func keys(of entity: EntityID) -> [RecordKey] { keys.filter { $0.entity == entity } }
  func value(_ key: RecordKey, _ item: ItemID) -> Value { records[key]?[item] ?? .null }
}
