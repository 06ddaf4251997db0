import Primitives

/// The schema as versioned data: entities, items, code tables and rules. A value; two catalogs are equal when their
/// canonical bytes are.
///
/// Invariants, established by the loader and relied on everywhere:
/// 1. Entity, item and code-table names are unique in their place; ids are never reused.
/// 2. An entity's items are sorted by id; every reference names an existing entity; every code item names an existing
///   table.
/// 3. Every rule and every requirement parsed and type-checked.
public struct Catalog: Sendable {
  /// Sorted by id.
  public let entities: [Entity]
  /// Sorted by name.
  public let codeTables: [CodeTable]

  private let entityPositions: [Int]
  private let entityNames: [String: Int]
  private let tableNames: [String: Int]

  /// - Requires: the invariants above; use the loader for anything that comes from text.
  init(entities: [Entity], codeTables: [CodeTable]) {
    self.entities = entities.sorted { $0.id < $1.id }
    self.codeTables = codeTables.sorted { $0.name < $1.name }
    var positions = [Int](repeating: -1, count: 256)
    var names: [String: Int] = [:]
    for (position, entity) in self.entities.enumerated() {
      require(positions[Int(entity.id.value)] == -1, "entity id \(entity.id.value) is used twice")
      positions[Int(entity.id.value)] = position
      names[entity.name] = position
    }
    entityPositions = positions
    entityNames = names
    tableNames = Dictionary(uniqueKeysWithValues: self.codeTables.enumerated().map { ($1.name, $0) })
  }

  /// The entity with this id, or nil when this catalog does not know it (a newer node may).
  public func entity(_ id: EntityID) -> Entity? {
    let position = entityPositions[Int(id.value)]
    return position < 0 ? nil : entities[position]
  }

  /// The entity with this English name (`member`, `org` …).
  public func entity(named name: String) -> Entity? { entityNames[name].map { entities[$0] } }

  /// The code table with this name (`SEX`, `EDU` …).
  public func codeTable(_ name: String) -> CodeTable? { tableNames[name].map { codeTables[$0] } }
}

/// A name in both languages. Chinese is data, English is for developers and operators.
public struct Label: Hashable, Sendable {
  public let zh: String
  public let en: String
  public init(zh: String, en: String) {
    self.zh = zh
    self.en = en
  }
}

/// A kind of record with its items.
public struct Entity: Sendable {
  public let id: EntityID
  /// English, snake case, unique (`member_edu`).
  public let name: String
  public let label: Label
  /// The entity whose records own this one's (`member` for `member_edu`), or nil for a record of its own.
  public let parent: EntityID?
  /// For a record of its own: the item that holds the org whose domain owns the record; nil for `org`, which owns
  /// itself.
  public let ownerItem: ItemID?
  /// Sorted by id; ids count from 1 without reuse.
  public let items: [Item]
  /// What identifies a record to a clerk, best first: the first whose items are all present counts. For a child record
  /// the parent is part of every key without being named. Makes imports idempotent.
  public let naturalKeys: [[ItemID]]
  /// Items that queries look records up by; each is kept as a sorted index.
  public let indexes: [IndexDefinition]
  /// Checks of one record by itself, in the order in which a clerk should read the failures.
  public let rules: [Rule]
  /// Checks that read other records along paths (`member.join_date`), in the same order: for a field source that can
  /// follow paths.
  public let relatedRules: [Rule]
  /// What the catalog demands but an expression cannot check, each waiting for a feature of the engine.
  public let laterRules: [LaterRule]
  /// Names under which expressions reach other records.
  public let relations: [Relation]
  /// Second names of items, for expressions only.
  public let aliases: [Alias]

  /// All rules as declared, which the two lists above divide.
  let declaredRules: [Rule]
  private let itemNames: [String: ItemID]

  /// - Requires: item ids are 1…items.count in order.
  public init(
    id: EntityID, name: String, label: Label, parent: EntityID?, ownerItem: ItemID?, items: [Item],
    naturalKeys: [[ItemID]], indexes: [IndexDefinition], rules: [Rule], laterRules: [LaterRule] = [],
    relations: [Relation] = [], aliases: [Alias] = []
  ) {
    for (position, item) in items.enumerated() {
      require(
        Int(item.id.value) == position + 1, "\(name).\(item.name) has id \(item.id.value), expected \(position + 1)")
    }
    self.id = id
    self.name = name
    self.label = label
    self.parent = parent
    self.ownerItem = ownerItem
    self.items = items
    self.naturalKeys = naturalKeys
    self.indexes = indexes
    self.rules = rules.filter { $0.condition.paths.isEmpty }
    relatedRules = rules.filter { !$0.condition.paths.isEmpty }
    declaredRules = rules
    self.laterRules = laterRules
    self.relations = relations
    self.aliases = aliases
    itemNames = Dictionary(uniqueKeysWithValues: items.map { ($0.name, $0.id) })
  }

  /// The item with this id, or nil when this catalog does not know it.
  public func item(_ id: ItemID) -> Item? {
    id.value >= 1 && Int(id.value) <= items.count ? items[Int(id.value) - 1] : nil
  }

  /// The item with this English name.
  public func item(named name: String) -> Item? { itemNames[name].flatMap { item($0) } }
}

/// A field of an entity.
public struct Item: Sendable {
  public let id: ItemID
  /// English, snake case, unique within the entity (`birth_date`).
  public let name: String
  public let label: Label
  public let type: ItemType
  public let requirement: Requirement
  public let fieldClass: FieldClass
  /// One of the 274 information items; false for keys that the engine adds (a child's number, a unit's registering
  /// org).
  public let isInformationItem: Bool
  /// Set when the item is computed on read and never stored or typed in: the source text of an expression over the
  /// record when ``isLocalDerivation``, else what the query layer computes from other records, in words.
  public let derivation: String?
  /// Whether the derivation is an expression over the same record: expressions that name the item then read through it.
  public let isLocalDerivation: Bool

  public init(
    id: ItemID, name: String, label: Label, type: ItemType, requirement: Requirement, fieldClass: FieldClass,
    isInformationItem: Bool, derivation: String?, isLocalDerivation: Bool = false
  ) {
    self.id = id
    self.name = name
    self.label = label
    self.type = type
    self.requirement = requirement
    self.fieldClass = fieldClass
    self.isInformationItem = isInformationItem
    self.derivation = derivation
    self.isLocalDerivation = isLocalDerivation
  }
}

/// What an item holds.
public enum ItemType: Hashable, Sendable {
  case text
  /// A code of the named table; stored as text. Prefix codes (region, job, org category) order as their hierarchy.
  case code(table: String)
  case date
  case minute
  case int
  case bool
  /// An integer of `10^-scale` units.
  case decimal(scale: UInt8)
  case reference(EntityID)
  case references(EntityID)

  /// The entity it refers to; nil for what is no reference.
  public var target: EntityID? {
    switch self {
    case .reference(let entity), .references(let entity): entity
    default: nil
    }
  }
}

/// Whether a record may lack the item.
public enum Requirement: Sendable {
  case required
  case optional
  /// Required when the expression holds; its source text and checked form.
  case when(CheckedExpression)
}

/// Who may see the field: A public inside, B internal, C personal, D restricted until decision.
public enum FieldClass: UInt8, Hashable, Sendable, CaseIterable {
  case a = 1
  case b, c, d
}

/// A sorted index over some items of one entity.
public struct IndexDefinition: Hashable, Sendable {
  /// Number within the entity, from 1, never reused. 0 is the natural key.
  public let number: UInt8
  public let name: String
  public let items: [ItemID]
  public init(number: UInt8, name: String, items: [ItemID]) {
    self.number = number
    self.name = name
    self.items = items
  }
}
