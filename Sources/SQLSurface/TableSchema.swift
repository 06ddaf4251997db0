import Catalog
import Messages
import Primitives

/// An entity as a table: which columns it has, where their values come from, how they are declared.
///
/// `select *` shows the items. Hidden from it, and there for whoever names them: `_id`, `_parent` (of child records),
/// `org` (code of the org that owns the record), what the engine adds, and a label for every code. What is computed
/// from
/// other records has no column.
struct TableSchema: Sendable {
  struct Column: Sendable {
    enum Source: Sendable {
      case item(Item)
      case derived(Item, CheckedExpression)
      /// What the item's code means.
      case label(Item, CodeTable)
      case id
      case parent
      case org
    }
    let name: String
    let label: Label
    let type: String
    let isHidden: Bool
    let source: Source
  }

  let entity: Entity
  let columns: [Column]
  private let places: [ItemID: Int]
  /// Where `_id`, `_parent` and `org` stand; `org` is absent when an item bears the name.
  let idColumn: Int?
  let parentColumn: Int?
  let orgColumn: Int?

  init(_ entity: Entity, _ catalog: Catalog) {
    self.entity = entity
    var columns: [Column] = []
    for isSystem in [false, true] {
      if isSystem { columns += TableSchema.own(entity) }
      for item in entity.items where item.isInformationItem != isSystem {
        guard let source = TableSchema.source(item, entity, catalog) else { continue }
        columns.append(
          Column(
            name: item.name, label: item.label, type: TableSchema.type(item.type), isHidden: isSystem, source: source))
      }
    }
    for item in entity.items {
      guard case .code(let name) = item.type, let table = catalog.codeTable(name), item.derivation == nil,
        entity.item(named: item.name + "_label") == nil
      else { continue }
      let label = Label(zh: item.label.zh + "名称", en: item.label.en + " (label)")
      columns.append(
        Column(
          name: item.name + "_label", label: label, type: "TEXT", isHidden: true, source: .label(item, table)))
    }
    self.columns = columns
    var places: [ItemID: Int] = [:]
    var own: [String: Int] = [:]
    for (place, column) in columns.enumerated() {
      switch column.source {
      case .item(let item), .derived(let item, _): places[item.id] = place
      case .id, .parent, .org: own[column.name] = place
      case .label: break
      }
    }
    self.places = places
    idColumn = own["_id"]
    parentColumn = own["_parent"]
    orgColumn = own["org"]
  }

  private static func source(_ item: Item, _ entity: Entity, _ catalog: Catalog) -> Column.Source? {
    guard item.derivation != nil else { return .item(item) }
    guard item.isLocalDerivation,
      let expression = try? catalog.check(expression: item.name, on: entity, expecting: nil)
    else { return nil }
    return .derived(item, expression)
  }

  private static func own(_ entity: Entity) -> [Column] {
    var columns = [
      Column(name: "_id", label: Label(zh: "记录号", en: "Record id"), type: "TEXT", isHidden: true, source: .id)
    ]
    if entity.parent != nil {
      columns.append(
        Column(
          name: "_parent", label: Label(zh: "所属记录号", en: "Parent record"), type: "TEXT", isHidden: true,
          source: .parent))
    }
    if entity.item(named: "org") == nil {
      columns.append(
        Column(name: "org", label: Label(zh: "所属组织", en: "Owning org"), type: "TEXT", isHidden: true, source: .org))
    }
    return columns
  }

  private static func type(_ type: ItemType) -> String {
    switch type {
    case .int, .bool: "INTEGER"
    case .decimal: "REAL"
    case .text, .code, .date, .minute, .reference, .references: "TEXT"
    }
  }

  /// The column that shows an item, nil when none does.
  func column(of item: ItemID) -> Int? { places[item] }

  /// Whether codes in memory may say what the column shows: whether they do, only the columns of a moment know.
  func mayBeCoded(_ column: Int) -> Bool {
    switch columns[column].source {
    case .item(let item):
      switch item.type {
      case .text, .references: false
      default: true
      }
    case .label, .org: true
    // Ids come with the columns, but not as something to test.
    case .derived, .id, .parent: false
    }
  }

  /// What SQLite is told of the table.
  var declaration: String {
    let columns = columns.map { "\"\($0.name)\" \($0.type)\($0.isHidden ? " HIDDEN" : "")" }
    return "CREATE TABLE x(\(columns.joined(separator: ", ")))"
  }
}

/// An id as SQL shows it and takes it: `mint-counter`, of a child record `mint-counter-ordinal`.
enum RecordText {
  static func text(_ record: RecordID, ordinal: UInt32 = 0) -> String {
    let id = "\(String(record.mint, radix: 16))-\(record.counter)"
    return ordinal == 0 ? id : "\(id)-\(ordinal)"
  }

  /// Nil for what ``text(_:ordinal:)`` never writes.
  static func parse(_ text: String) -> (record: RecordID, ordinal: UInt32)? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let mint = UInt64(parts[0], radix: 16), let counter = UInt64(parts[1])
    else { return nil }
    guard let ordinal = parts.count == 3 ? UInt32(parts[2]) : 0 else { return nil }
    let record = RecordID(mint: mint, counter: counter)
    return self.text(record, ordinal: ordinal) == text ? (record, ordinal) : nil
  }
}
