import Primitives

/// Turns a draft into a catalog and refuses every draft that would break an invariant of ``Catalog``.
///
/// Two passes, because rules name items of entities that stand further down: first entities with their items, then,
/// against those, every expression.
struct CatalogBuilder {
  private let draft: CatalogDraft
  private var entityIDs: [String: EntityID] = [:]
  private var tableNames: Set<String> = []
  /// The catalog without requirements and rules: what expressions are checked against.
  private var skeleton = Catalog(entities: [], codeTables: [])

  /// - Throws: the first thing that is wrong, with its place in the text.
  static func build(_ draft: CatalogDraft) throws(CatalogError) -> Catalog {
    var builder = CatalogBuilder(draft: draft)
    let tables = try builder.tables()
    try builder.nameEntities()
    var bare: [Entity] = []
    for entity in draft.entities { bare.append(try builder.bareEntity(entity)) }
    builder.skeleton = Catalog(entities: bare, codeTables: tables)
    var entities: [Entity] = []
    for (entity, bare) in zip(draft.entities, bare) { entities.append(try builder.entity(entity, bare)) }
    return Catalog(entities: entities, codeTables: tables)
  }

  private init(draft: CatalogDraft) { self.draft = draft }

  // MARK: Names

  private mutating func tables() throws(CatalogError) -> [CodeTable] {
    var tables: [CodeTable] = []
    for table in draft.tables {
      guard isName(table.name.text, first: 0x41...0x5A), tableNames.insert(table.name.text).inserted else {
        throw table.name.error("a code table needs an upper-case name of its own, not \(table.name.text)")
      }
      var codes: Set<String> = []
      for code in table.codes {
        guard !code.code.isEmpty, codes.insert(code.code).inserted else {
          throw table.name.error("code '\(code.code)' of \(table.name.text) is empty or occurs twice")
        }
      }
      tables.append(CodeTable(name: table.name.text, codes: table.codes, isOpen: table.isOpen))
    }
    return tables
  }

  private mutating func nameEntities() throws(CatalogError) {
    var used: Set<UInt8> = []
    for entity in draft.entities {
      try need(entity.name)
      guard (1...199).contains(entity.id), used.insert(entity.id).inserted else {
        throw entity.name.error("entity ids are 1…199 and each is used once; \(entity.id) is not free")
      }
      guard entityIDs.updateValue(EntityID(entity.id), forKey: entity.name.text) == nil else {
        throw entity.name.error("entity \(entity.name.text) occurs twice")
      }
    }
    for entity in draft.entities {
      guard let parent = entity.parent else { continue }
      guard let draft = draft.entities.first(where: { $0.name.text == parent.text }), draft.parent == nil else {
        throw parent.error("\(parent.text) is no entity that can have children")
      }
    }
  }

  private func need(_ name: Located) throws(CatalogError) {
    guard isName(name.text, first: 0x61...0x7A), !ExpressionParser.reserved.contains(name.text) else {
      throw name.error("'\(name.text)' is no free name: lower-case letters, digits and _, not a word of the language")
    }
  }

  /// At most 60 ASCII characters, the first of a range, then letters, digits and underscores.
  private func isName(_ name: String, first: ClosedRange<UInt8>) -> Bool {
    guard let start = name.utf8.first, first.contains(start), name.utf8.count <= 60 else { return false }
    return name.utf8.allSatisfy { first.contains($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
  }

  // MARK: First pass

  private func bareEntity(_ draft: EntityDraft) throws(CatalogError) -> Entity {
    var items: [Item] = []
    var names: Set<String> = []
    for item in draft.items {
      try need(item.name)
      guard names.insert(item.name.text).inserted, items.count < Int(UInt16.max) else {
        throw item.name.error("item \(item.name.text) occurs twice")
      }
      items.append(
        Item(
          id: ItemID(UInt16(items.count + 1)), name: item.name.text, label: item.label, type: try type(item.type),
          requirement: .optional, fieldClass: item.fieldClass, isInformationItem: item.isInformationItem,
          derivation: item.derivation?.text, isLocalDerivation: item.isLocalDerivation))
    }
    var aliases: [Alias] = []
    for alias in draft.aliases {
      try need(alias.name)
      guard names.insert(alias.name.text).inserted else { throw alias.name.error("\(alias.name.text) occurs twice") }
      aliases.append(Alias(name: alias.name.text, item: try find(alias.item, in: items).id))
    }
    return Entity(
      id: EntityID(draft.id), name: draft.name.text, label: draft.label,
      parent: draft.parent.flatMap { entityIDs[$0.text] }, ownerItem: try owner(draft, items), items: items,
      naturalKeys: try keys(draft, items), indexes: try indexes(draft, items), rules: [],
      relations: try relations(draft, items, names), aliases: aliases)
  }

  private func find(_ name: Located, in items: [Item]) throws(CatalogError) -> Item {
    guard let item = items.first(where: { $0.name == name.text }) else { throw name.error("no item \(name.text)") }
    return item
  }

  private func type(_ type: Located) throws(CatalogError) -> ItemType {
    let parts = type.text.split(separator: ":", maxSplits: 1).map(String.init)
    switch (parts.first ?? "", parts.count > 1 ? parts[1] : nil) {
    case ("text", nil): return .text
    case ("date", nil): return .date
    case ("minute", nil): return .minute
    case ("int", nil): return .int
    case ("bool", nil): return .bool
    case ("code", let table?) where tableNames.contains(table): return .code(table: table)
    case ("decimal", let scale?):
      if let scale = UInt8(scale), (1...6).contains(scale) { return .decimal(scale: scale) }
    case ("ref", let entity?): if let id = entityIDs[entity] { return .reference(id) }
    case ("refs", let entity?): if let id = entityIDs[entity] { return .references(id) }
    default: break
    }
    throw type.error("no type \(type.text)")
  }

  private func owner(_ draft: EntityDraft, _ items: [Item]) throws(CatalogError) -> ItemID? {
    guard let owner = draft.owner else {
      // Domains are domains of orgs: only the org itself and children need no item that names one.
      guard draft.parent != nil || draft.name.text == "org" else {
        throw draft.name.error("\(draft.name.text) needs an owner item")
      }
      return nil
    }
    let item = try find(owner, in: items)
    guard draft.parent == nil, case .reference(let target) = item.type, target == entityIDs["org"] else {
      throw owner.error("an owner item belongs to a record of its own and refers to org")
    }
    return item.id
  }

  private func keys(_ draft: EntityDraft, _ items: [Item]) throws(CatalogError) -> [[ItemID]] {
    var keys: [[ItemID]] = []
    for key in draft.keys {
      var ids: [ItemID] = []
      for name in key { ids.append(try stored(name, in: items)) }
      keys.append(ids)
    }
    return keys
  }

  private func indexes(_ draft: EntityDraft, _ items: [Item]) throws(CatalogError) -> [IndexDefinition] {
    var indexes: [IndexDefinition] = []
    for index in draft.indexes {
      try need(index.name)
      guard index.number > 0, !indexes.contains(where: { $0.number == index.number || $0.name == index.name.text })
      else { throw index.name.error("index \(index.number) \(index.name.text): number and name are used once") }
      var ids: [ItemID] = []
      for name in index.items { ids.append(try stored(name, in: items)) }
      guard !ids.isEmpty else { throw index.name.error("index \(index.name.text) has no items") }
      indexes.append(IndexDefinition(number: index.number, name: index.name.text, items: ids))
    }
    return indexes
  }

  /// An item that is stored, for keys: derived items have no bytes, lists no order.
  private func stored(_ name: Located, in items: [Item]) throws(CatalogError) -> ItemID {
    let item = try find(name, in: items)
    if item.derivation != nil { throw name.error("\(name.text) is derived and cannot be part of a key") }
    if case .references = item.type { throw name.error("\(name.text) is a list and cannot be part of a key") }
    return item.id
  }

  private func relations(
    _ draft: EntityDraft, _ items: [Item], _ names: Set<String>
  ) throws(CatalogError) -> [Relation] {
    var relations: [Relation] = []
    for relation in draft.relations {
      try need(relation.name)
      guard !names.contains(relation.name.text), !relations.contains(where: { $0.name == relation.name.text }) else {
        throw relation.name.error("\(relation.name.text) occurs twice")
      }
      switch relation.target {
      case .reference(let name):
        let item = try find(name, in: items)
        guard item.type.target != nil else { throw name.error("\(name.text) refers to no record") }
        relations.append(Relation(name: relation.name.text, target: .reference(item.id)))
      case .child(let child, let selector):
        guard let id = entityIDs[child.text],
          self.draft.entities.contains(where: { $0.id == id.value && $0.parent?.text == draft.name.text })
        else { throw child.error("\(child.text) is no child of \(draft.name.text)") }
        relations.append(Relation(name: relation.name.text, target: .child(id, where: selector.text)))
      }
    }
    return relations
  }

  // MARK: Second pass

  private func entity(_ draft: EntityDraft, _ bare: Entity) throws(CatalogError) -> Entity {
    try checkRelations(draft)
    var items: [Item] = []
    var rules: [Rule] = []
    var later: [LaterRule] = []
    for (item, bareItem) in zip(draft.items, bare.items) {
      try checkDerivation(item, bareItem, bare)
      items.append(try finished(item, bareItem, bare))
      for (position, rule) in item.rules.enumerated() {
        rules.append(try self.rule(rule, position + 1, bareItem, bare))
      }
      for entry in item.later {
        guard CatalogBuilder.features.contains(entry.feature.text) else {
          throw entry.feature.error("no feature \(entry.feature.text)")
        }
        later.append(LaterRule(item: bareItem.id, feature: entry.feature.text, intent: entry.intent))
      }
    }
    return Entity(
      id: bare.id, name: bare.name, label: bare.label, parent: bare.parent, ownerItem: bare.ownerItem, items: items,
      naturalKeys: bare.naturalKeys, indexes: bare.indexes, rules: rules, laterRules: later,
      relations: bare.relations, aliases: bare.aliases)
  }

  /// What a rule may wait for.
  static let features = ["references", "uniqueness", "counting", "hierarchy", "history", "register"]

  private func checked(
    _ source: Located, on entity: Entity, _ type: ExpressionType
  ) throws(CatalogError) -> CheckedExpression {
    do {
      return try skeleton.check(expression: source.text, on: entity, expecting: type)
    } catch {
      throw source.error(error)
    }
  }

  private func checkRelations(_ draft: EntityDraft) throws(CatalogError) {
    for relation in draft.relations {
      guard case .child(let child, let selector) = relation.target, let entity = skeleton.entity(named: child.text)
      else { continue }
      _ = try checked(selector, on: entity, .bool)
    }
  }

  private func checkDerivation(_ draft: ItemDraft, _ item: Item, _ entity: Entity) throws(CatalogError) {
    guard let derivation = draft.derivation, draft.isLocalDerivation else { return }
    _ = try checked(derivation, on: entity, ExpressionType(item.type))
  }

  private func finished(_ draft: ItemDraft, _ item: Item, _ entity: Entity) throws(CatalogError) -> Item {
    let requirement: Requirement =
      switch draft.requirement {
      case .required: .required
      case .optional: .optional
      case .when(let condition): .when(try checked(condition, on: entity, .bool))
      }
    return Item(
      id: item.id, name: item.name, label: item.label, type: item.type, requirement: requirement,
      fieldClass: item.fieldClass, isInformationItem: item.isInformationItem, derivation: item.derivation,
      isLocalDerivation: item.isLocalDerivation)
  }

  private func rule(
    _ draft: RuleDraft, _ number: Int, _ item: Item, _ entity: Entity
  ) throws(CatalogError) -> Rule {
    var from: CivilDate?
    if let text = draft.from {
      from = CivilDate(iso: text.text)
      if from == nil { throw text.error("no such day: \(text.text)") }
    }
    return Rule(
      name: "\(entity.name).\(item.name).\(number)", item: item.id,
      condition: try checked(draft.condition, on: entity, .bool), severity: draft.severity, from: from,
      message: draft.message)
  }
}
