import Primitives

/// Registry of the catalog's binary format. Names and expression sources, not ids and programs: the decoder builds and
/// checks like the text's reader, so bytes from a stranger can do no more than a text from a stranger.
enum CatalogFormat {
  /// "XYCT".
  static let magic: UInt32 = 0x5859_4354
  /// 1: the first. A new version is a new decoder beside the old one.
  static let version: UInt16 = 1
}

extension Catalog {
  /// The catalog as bytes, the same on every machine for equal catalogs; their SHA-256 is the catalog version that
  /// frames name.
  ///
  /// - Complexity: linear; some 150 kB for the bundled catalog. Keep the result instead of asking twice.
  public var canonicalBytes: Bytes {
    var writer = ByteWriter(capacity: 1 << 17)
    writer.u32(CatalogFormat.magic)
    writer.u16(CatalogFormat.version)
    writer.count(codeTables.count)
    for table in codeTables { writer.table(table) }
    writer.count(entities.count)
    for entity in entities { writer.entity(entity, of: self) }
    return writer.bytes
  }
}

extension ByteWriter {
  fileprivate mutating func label(_ label: Label) {
    text(label.zh)
    text(label.en)
  }

  fileprivate mutating func table(_ table: CodeTable) {
    text(table.name)
    u8(table.isOpen ? 1 : 0)
    count(table.codes.count)
    for code in table.codes {
      text(code.code)
      label(code.label)
    }
  }

  fileprivate mutating func entity(_ entity: Entity, of catalog: Catalog) {
    func name(_ id: ItemID) -> String { entity.item(id)?.name ?? "" }
    func entityName(_ id: EntityID?) -> String { id.flatMap(catalog.entity)?.name ?? "" }
    u8(entity.id.value)
    text(entity.name)
    label(entity.label)
    text(entityName(entity.parent))
    text(entity.ownerItem.map(name) ?? "")
    count(entity.naturalKeys.count)
    for key in entity.naturalKeys { names(key.map(name)) }
    count(entity.indexes.count)
    for index in entity.indexes {
      u8(index.number)
      text(index.name)
      names(index.items.map(name))
    }
    count(entity.relations.count)
    for relation in entity.relations {
      text(relation.name)
      switch relation.target {
      case .reference(let item):
        u8(1)
        text(name(item))
      case .child(let child, let selector):
        u8(2)
        text(entityName(child))
        text(selector)
      }
    }
    count(entity.aliases.count)
    for alias in entity.aliases { names([alias.name, name(alias.item)]) }
    count(entity.items.count)
    for item in entity.items { self.item(item, of: entity, typeName: typeName(item.type, entityName)) }
  }

  private mutating func names(_ names: [String]) {
    count(names.count)
    for name in names { text(name) }
  }

  private func typeName(_ type: ItemType, _ entityName: (EntityID?) -> String) -> String {
    switch type {
    case .text: "text"
    case .code(let table): "code:\(table)"
    case .date: "date"
    case .minute: "minute"
    case .int: "int"
    case .bool: "bool"
    case .decimal(let scale): "decimal:\(scale)"
    case .reference(let entity): "ref:\(entityName(entity))"
    case .references(let entity): "refs:\(entityName(entity))"
    }
  }

  private mutating func item(_ item: Item, of entity: Entity, typeName: String) {
    text(item.name)
    label(item.label)
    text(typeName)
    switch item.requirement {
    case .required: u8(1)
    case .optional: u8(2)
    case .when(let condition):
      u8(3)
      text(condition.source)
    }
    u8(item.fieldClass.rawValue)
    u8(item.isInformationItem ? 1 : 0)
    switch (item.derivation, item.isLocalDerivation) {
    case (nil, _): u8(0)
    case (let source?, true):
      u8(1)
      text(source)
    case (let words?, false):
      u8(2)
      text(words)
    }
    let rules = entity.declaredRules.filter { $0.item == item.id }
    count(rules.count)
    for rule in rules {
      text(rule.condition.source)
      u8(rule.severity.rawValue)
      text(rule.from?.description ?? "")
      label(rule.message)
    }
    let later = entity.laterRules.filter { $0.item == item.id }
    count(later.count)
    for entry in later { names([entry.feature, entry.intent]) }
  }
}
