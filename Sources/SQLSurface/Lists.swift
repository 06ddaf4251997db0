import Access
import Catalog
import Primitives

/// The tables besides the catalog's entities.
enum Lists {
  private static func text(_ name: String) -> ListTable.Column { .init(name: name, type: "TEXT") }
  private static func number(_ name: String) -> ListTable.Column { .init(name: name, type: "INTEGER") }

  /// All of them by name.
  static let all: [(name: String, make: @Sendable (SQLConnection) -> VirtualTable)] = [
    ("org_tree", tree), ("codes", codes), ("xylem_tables", tables), ("xylem_columns", columns),
  ]

  /// The org tree as this node knows it, of what the scope allows, in preorder.
  @Sendable private static func tree(_ connection: SQLConnection) -> VirtualTable {
    ListTable(
      connection,
      [
        text("org"), text("name"), text("category"), text("parent"), number("level"), number("place"),
        number("place_end"), text("_id"),
      ]
    ) { run in
      let moment = try run.requireMoment()
      let directory = moment.directory
      let visible = moment.scope.extent(in: directory) ?? OrgExtent([0..<Int32(directory.orgs.count)])
      return directory.orgs.filter { visible.contains($0.start) }.map { org in
        // What lies above the scope is not told.
        let parent = org.parent.flatMap { visible.contains(directory.position($0)) ? directory.org($0) : nil }
        return [
          .text(org.code.string), .text(org.name.string), .text(org.category.string),
          parent.map { .text($0.code.string) } ?? .null, .integer(Int64(org.depth)), .integer(Int64(org.start)),
          .integer(Int64(org.end)), .text(RecordText.text(org.id)),
        ]
      }
    }
  }

  /// Every code of every table.
  @Sendable private static func codes(_ connection: SQLConnection) -> VirtualTable {
    ListTable(connection, [text("code_table"), text("code"), text("label_zh"), text("label_en")]) { run in
      run.catalog.codeTables.flatMap { table in
        table.codes.map { [.text(table.name), .text($0.code), .text($0.label.zh), .text($0.label.en)] }
      }
    }
  }

  @Sendable private static func tables(_ connection: SQLConnection) -> VirtualTable {
    ListTable(
      connection,
      [text("table_name"), text("label_zh"), text("label_en"), text("parent_table"), number("rows_estimated")]
    ) { run in
      run.catalog.entities.map { entity in
        [
          .text(entity.name), .text(entity.label.zh), .text(entity.label.en),
          entity.parent.flatMap { run.catalog.entity($0) }.map { .text($0.name) } ?? .null,
          // How many there are outside is not told either.
          run.isScoped ? .null : .integer(Int64(run.rowCounts[Int(entity.id.value)])),
        ]
      }
        + all.map { [.text($0.name), .null, .null, .null, .null] }
    }
  }

  @Sendable private static func columns(_ connection: SQLConnection) -> VirtualTable {
    ListTable(
      connection,
      [
        text("table_name"), text("column_name"), text("type"), text("label_zh"), text("label_en"), text("code_table"),
        text("refers_to"), number("is_hidden"),
      ]
    ) { run in
      run.schemas.flatMap { schema in
        schema.columns.map { column in
          var table: String?
          var target: String?
          if case .item(let item) = column.source {
            switch item.type {
            case .code(let name): table = name
            case .reference(let id), .references(let id): target = run.catalog.entity(id)?.name
            default: break
            }
          }
          return [
            .text(schema.entity.name), .text(column.name), .text(column.type), .text(column.label.zh),
            .text(column.label.en), table.map { .text($0) } ?? .null, target.map { .text($0) } ?? .null,
            .integer(column.isHidden ? 1 : 0),
          ]
        }
      }
    }
  }
}
