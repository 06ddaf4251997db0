import AdminProtocol
import Catalog
import Messages
import Xylem

/// The catalog as tables: what there is to ask for, with the words people use for it.
extension NodeBackend {
  /// Entities, or with a name the items of one.
  func catalog(entity: String?) async throws -> TableResponse {
    guard let name = entity else { return entities() }
    try requireEntity(name)
    guard let entity = node.catalog.entity(named: name) else { return entities() }
    let key = entity.naturalKeys.first ?? []
    return CatalogTables.table(
      [
        ("item", "信息项", "Item"), ("label", "名称", "Label"), ("type", "类型", "Type"), ("need", "必填", "Needed"),
        ("class", "级别", "Class"), ("key", "主键", "Key"),
      ],
      entity.items.map { item in
        let need: String? =
          switch item.requirement {
          case .required: "always"
          case .optional: item.derivation == nil ? nil : "computed"
          case .when(let condition): "when \(condition.source)"
          }
        return [
          item.name, item.label.zh, typeText(item.type), need, "\(item.fieldClass)".uppercased(),
          key.contains(item.id) ? "✓" : nil,
        ]
      })
  }

  /// Code tables, or with a name the codes of one.
  func codes(table: String?) async throws -> TableResponse {
    guard let name = table else {
      return CatalogTables.table(
        [("table", "代码表", "Table"), ("codes", "代码数", "Codes"), ("first", "例", "Example")],
        node.catalog.codeTables.map { table in
          [table.name, "\(table.codes.count)", table.codes.first.map { "\($0.code) \($0.label.zh)" }]
        })
    }
    guard let table = node.catalog.codeTable(name) else {
      throw Failure(
        .apiNotFound,
        fields: [.init(name: "path", value: name)]
          + (suggestion(for: name, among: node.catalog.codeTables.map(\.name)).map {
            [.init(name: "suggestion", value: $0)]
          } ?? []))
    }
    return CatalogTables.table(
      [("code", "代码", "Code"), ("label", "名称", "Label"), ("english", "英文", "English")],
      table.codes.map { [$0.code, $0.label.zh, $0.label.en] })
  }

  private func entities() -> TableResponse {
    CatalogTables.table(
      [
        ("entity", "实体", "Entity"), ("label", "名称", "Label"), ("parent", "属于", "Part of"), ("items", "信息项", "Items"),
        ("key", "主键", "Key"), ("relations", "可经由", "Reaches"),
      ],
      node.catalog.entities.map { entity in
        let key = (entity.naturalKeys.first ?? []).compactMap { entity.item($0)?.name }.joined(separator: ", ")
        return [
          entity.name, entity.label.zh, entity.parent.flatMap { node.catalog.entity($0)?.name },
          "\(entity.items.count)", key.isEmpty ? nil : key,
          entity.relations.isEmpty ? nil : entity.relations.map(\.name).joined(separator: ", "),
        ]
      })
  }

  private func typeText(_ type: ItemType) -> String {
    switch type {
    case .text: "text"
    case .code(let table): "code \(table)"
    case .date: "date"
    case .minute: "date and time"
    case .int: "number"
    case .bool: "yes or no"
    case .decimal(let scale): "number with \(scale) decimals"
    case .reference(let entity): "→ \(node.catalog.entity(entity)?.name ?? "?")"
    case .references(let entity): "→ many \(node.catalog.entity(entity)?.name ?? "?")"
    }
  }
}

enum CatalogTables {
  /// A table of texts; nothing was read for it.
  static func table(_ columns: [(name: String, zh: String, en: String)], _ rows: [[String?]]) -> TableResponse {
    TableResponse(
      columns: columns.map { .init(name: $0.name, labelZH: $0.zh, labelEN: $0.en) }, rows: rows, microseconds: 0,
      applied: 0)
  }
}
