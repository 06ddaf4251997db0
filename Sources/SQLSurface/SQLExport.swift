import Catalog
import Primitives

/// What an export of everything consists of: each table with the statement that reads it.
public enum SQLExport {
  /// A table and how it is read.
  public struct Table: Sendable {
    public let name: String
    public let query: String
  }

  /// Room for a nation's rows and a slow disk; memory stays that of one statement.
  public static var limits: SQLLimits {
    var limits = SQLLimits()
    limits.seconds = SQLLimits.secondsRange.upperBound
    limits.rows = SQLLimits.rowsRange.upperBound
    return limits
  }

  /// Every table of a catalog: first what explains the others, then the entities with their hidden columns but for
  /// labels, which are in `codes`.
  public static func tables(_ catalog: Catalog) -> [Table] {
    let lists = Lists.all.map { Table(name: $0.name, query: "select * from \($0.name)") }
    let entities = catalog.entities.map { entity in
      let columns = TableSchema(entity, catalog).columns.filter { column in
        if case .label = column.source { false } else { true }
      }
      let names = columns.map { "\"\($0.name)\"" }.joined(separator: ", ")
      return Table(name: entity.name, query: "select \(names) from \"\(entity.name)\"")
    }
    return lists + entities
  }
}
