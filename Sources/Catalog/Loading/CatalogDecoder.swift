import Primitives

/// Why bytes are no catalog: they are broken, or what they say is refused.
public enum CatalogBytesError: Error, Hashable, Sendable {
  /// Not the canonical form of any catalog; discard them and ask the sender again.
  case malformed(MalformedBytes)
  /// A format version that this build does not know; update before using this catalog.
  case unknownVersion(UInt16)
  /// Well-formed, but a catalog that breaks an invariant; report it to whoever issued it.
  case refused(CatalogError)
}

extension Catalog {
  /// Reads what ``canonicalBytes`` wrote. Safe for bytes from anywhere: counts are bounded by the bytes that are left,
  /// every name and expression is checked as in ``load(text:)``.
  public init(canonicalBytes bytes: Bytes) throws(CatalogBytesError) {
    var decoder = CatalogDecoder(reader: ByteReader(bytes))
    let draft: CatalogDraft
    let version: UInt16
    do {
      version = try decoder.version()
      draft = version == CatalogFormat.version ? try decoder.catalog() : CatalogDraft()
    } catch {
      throw .malformed(error)
    }
    guard version == CatalogFormat.version else { throw .unknownVersion(version) }
    do {
      self = try CatalogBuilder.build(draft)
    } catch {
      throw .refused(error)
    }
  }
}

/// Reads version 1 of the format into a draft.
private struct CatalogDecoder {
  var reader: ByteReader

  mutating func version() throws(MalformedBytes) -> UInt16 {
    guard try reader.u32() == CatalogFormat.magic else { throw MalformedBytes("a catalog's magic number", at: 0) }
    return try reader.u16()
  }

  mutating func catalog() throws(MalformedBytes) -> CatalogDraft {
    var draft = CatalogDraft()
    for _ in 0..<(try reader.count(bytesEach: 3)) { draft.tables.append(try table()) }
    for _ in 0..<(try reader.count(bytesEach: 11)) { draft.entities.append(try entity()) }
    try reader.finish()
    return draft
  }

  private mutating func located() throws(MalformedBytes) -> Located {
    Located(text: try reader.text(), position: CatalogPosition())
  }

  private mutating func optional() throws(MalformedBytes) -> Located? {
    let text = try located()
    return text.text.isEmpty ? nil : text
  }

  private mutating func list() throws(MalformedBytes) -> [Located] {
    var list: [Located] = []
    for _ in 0..<(try reader.count()) { list.append(try located()) }
    return list
  }

  private mutating func pair() throws(MalformedBytes) -> (Located, Located) {
    let start = reader.offset
    let list = try list()
    guard list.count == 2 else { throw MalformedBytes("a pair", at: start) }
    return (list[0], list[1])
  }

  private mutating func label() throws(MalformedBytes) -> Label {
    Label(zh: try reader.text(), en: try reader.text())
  }

  private mutating func flag() throws(MalformedBytes) -> Bool {
    let start = reader.offset
    switch try reader.u8() {
    case 0: return false
    case 1: return true
    default: throw MalformedBytes("0 or 1", at: start)
    }
  }

  private mutating func table() throws(MalformedBytes) -> TableDraft {
    var table = TableDraft(name: try located(), isOpen: try flag())
    for _ in 0..<(try reader.count(bytesEach: 3)) {
      table.codes.append(CodeTable.Code(code: try reader.text(), label: try label()))
    }
    return table
  }

  private mutating func entity() throws(MalformedBytes) -> EntityDraft {
    let id = try reader.u8()
    var entity = EntityDraft(name: try located(), id: id, label: try label())
    entity.parent = try optional()
    entity.owner = try optional()
    for _ in 0..<(try reader.count()) { entity.keys.append(try list()) }
    for _ in 0..<(try reader.count(bytesEach: 3)) {
      let number = try reader.u8()
      entity.indexes.append(IndexDraft(number: number, name: try located(), items: try list()))
    }
    for _ in 0..<(try reader.count(bytesEach: 3)) { entity.relations.append(try relation()) }
    for _ in 0..<(try reader.count()) {
      let (name, item) = try pair()
      entity.aliases.append(AliasDraft(name: name, item: item))
    }
    for _ in 0..<(try reader.count(bytesEach: 10)) { entity.items.append(try item()) }
    return entity
  }

  private mutating func relation() throws(MalformedBytes) -> RelationDraft {
    let name = try located()
    let start = reader.offset
    switch try reader.u8() {
    case 1: return RelationDraft(name: name, target: .reference(try located()))
    case 2: return RelationDraft(name: name, target: .child(try located(), where: try located()))
    default: throw MalformedBytes("a kind of relation", at: start)
    }
  }

  private mutating func item() throws(MalformedBytes) -> ItemDraft {
    let name = try located()
    let label = try label()
    let type = try located()
    let requirement = try requirement()
    let start = reader.offset
    guard let fieldClass = FieldClass(rawValue: try reader.u8()) else {
      throw MalformedBytes("a field class", at: start)
    }
    var item = ItemDraft(
      name: name, label: label, type: type, requirement: requirement, fieldClass: fieldClass,
      isInformationItem: try flag())
    let derivationStart = reader.offset
    switch try reader.u8() {
    case 0: break
    case 1:
      item.derivation = try located()
      item.isLocalDerivation = true
    case 2: item.derivation = try located()
    default: throw MalformedBytes("a kind of derivation", at: derivationStart)
    }
    for _ in 0..<(try reader.count(bytesEach: 5)) { item.rules.append(try rule()) }
    for _ in 0..<(try reader.count(bytesEach: 3)) {
      let (feature, intent) = try pair()
      item.later.append(LaterDraft(feature: feature, intent: intent.text))
    }
    return item
  }

  private mutating func requirement() throws(MalformedBytes) -> ItemDraft.Requirement {
    let start = reader.offset
    switch try reader.u8() {
    case 1: return .required
    case 2: return .optional
    case 3: return .when(try located())
    default: throw MalformedBytes("a requirement", at: start)
    }
  }

  private mutating func rule() throws(MalformedBytes) -> RuleDraft {
    let condition = try located()
    let start = reader.offset
    guard let severity = Rule.Severity(rawValue: try reader.u8()) else { throw MalformedBytes("a severity", at: start) }
    return RuleDraft(condition: condition, severity: severity, from: try optional(), message: try label())
  }
}
