import Catalog
import Formats
import Primitives

/// Which kind of value each item takes, as far as this node's catalog knows: what a replica must check of an owner's
/// rows, because every expression over them relies on it.
///
/// Asked once a column, never a row. Entities and items that a newer catalog added are not checked: they are kept and
/// passed on as they came.
struct ValueKinds {
  /// By entity, then by item number; nil for what is unknown here.
  private let kinds: [[ColumnKind?]]

  init(_ catalog: Catalog) {
    var kinds = [[ColumnKind?]](repeating: [], count: 256)
    for entity in catalog.entities {
      var items = [ColumnKind?](repeating: nil, count: 1 + (entity.items.map { Int($0.id.value) }.max() ?? 0))
      for item in entity.items { items[Int(item.id.value)] = ValueKinds.kind(item.type) }
      kinds[Int(entity.id.value)] = items
    }
    self.kinds = kinds
  }

  private static func kind(_ type: ItemType) -> ColumnKind {
    switch type {
    case .text, .code: .text
    case .date: .date
    case .minute: .minute
    case .int: .int
    case .bool: .bool
    case .decimal: .decimal
    case .reference: .reference
    case .references: .references
    }
  }

  /// Whether values of this kind may stand at the item.
  func allows(_ kind: ColumnKind, _ entity: EntityID, _ item: ItemID) -> Bool {
    let items = kinds[Int(entity.value)]
    guard kind != .null, Int(item.value) < items.count, let expected = items[Int(item.value)] else { return true }
    return kind == expected
  }

  /// The first item of a row whose value is of another kind than the catalog says; nil for a sound row.
  func firstWrong(_ entity: EntityID, _ row: RowView) -> ItemID? {
    row.fields.first { !allows(ColumnKind(of: $0.value), entity, $0.item) }?.item
  }

  /// The same by the kinds of the cells, for rows as they come by the hundred thousand: no value is read.
  func firstWrongCell(_ entity: EntityID, _ row: RowView) -> ItemID? {
    row.firstItem { item, kind in !allows(kind, entity, item) }
  }

  /// Columns of an insert group with values of a wrong kind.
  func wrongColumns(_ group: OperationGroup) -> [Column] {
    group.columns.filter { !allows($0.kind, group.entity, $0.item) }
  }

  /// The first change of an update group that puts a value of a wrong kind.
  func firstWrongChange(_ group: OperationGroup) -> ItemID? {
    group.changes.first { !allows($0.new.kind, group.entity, $0.new.item) }?.new.item
  }

  /// Whether the entity came with a newer catalog.
  func isUnknown(_ entity: EntityID) -> Bool { kinds[Int(entity.value)].isEmpty }
}
