/// A catalog as written: names not yet resolved, expressions not yet checked. What the text and the binary both become
/// first, so that one builder checks everything, wherever it came from.
struct CatalogDraft {
  var entities: [EntityDraft] = []
  var tables: [TableDraft] = []
}

struct TableDraft {
  let name: Located
  var isOpen: Bool
  var codes: [CodeTable.Code] = []
}

struct EntityDraft {
  let name: Located
  let id: UInt8
  let label: Label
  var parent: Located?
  var owner: Located?
  var keys: [[Located]] = []
  var indexes: [IndexDraft] = []
  var relations: [RelationDraft] = []
  var aliases: [AliasDraft] = []
  var items: [ItemDraft] = []
}

struct IndexDraft {
  let number: UInt8
  let name: Located
  let items: [Located]
}

struct RelationDraft {
  enum Target {
    case reference(Located)
    case child(Located, where: Located)
  }
  let name: Located
  let target: Target
}

struct AliasDraft {
  let name: Located
  let item: Located
}

struct ItemDraft {
  enum Requirement {
    case required
    case optional
    case when(Located)
  }
  let name: Located
  let label: Label
  /// As written: `text`, `code:SEX`, `decimal:2`, `ref:org`.
  let type: Located
  var requirement: Requirement
  let fieldClass: FieldClass
  let isInformationItem: Bool
  var derivation: Located?
  var isLocalDerivation = false
  var rules: [RuleDraft] = []
  var later: [LaterDraft] = []
}

struct RuleDraft {
  let condition: Located
  let severity: Rule.Severity
  let from: Located?
  let message: Label
}

struct LaterDraft {
  let feature: Located
  let intent: String
}
