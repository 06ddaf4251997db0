import Access
import Catalog
import Foundation
import Messages
import Primitives
import SQLSurface
import Xylem

/// A node whose catalog is what a test file creates, in a directory that is gone afterwards.
final class TestWorld {
  private let directory: String
  private let node: Node
  private let sql: SQLService
  private let tables: [String: MadeTable]
  private let scope = Authoriser.embedder("xylem-slt")

  /// What every catalog of this engine has; the owner of test rows is no information item, so `select *` leaves it out.
  private static let orgs = """
    codes CATEGORY open
      1 组织 | Organisation
    entity org 1 组织 | Organisation
      key org_code
      item org_code text required A 代码 | Code
      item org_name text required A 名称 | Name
      item org_category code:CATEGORY optional A 类别 | Category
      item parent_org_code ref:org optional A 上级 | Superior

    """

  /// - Throws: when a catalog or a store cannot be made.
  init(_ file: TestFile) async throws {
    var tables: [String: MadeTable] = [:]
    var order: [MadeTable] = []
    var indexes: [String: [[String]]] = [:]
    for record in file.records {
      guard case .statement = record.kind, let made = try? StatementReader.read(record.sql) else { continue }
      switch made {
      case .table(let table):
        if tables[table.name] == nil { order.append(table) }
        tables[table.name] = table
      case .index(let table, let columns): indexes[table, default: []].append(columns)
      case .rows: break
      }
    }
    self.tables = tables
    let catalog = try Catalog.load(text: TestWorld.text(order, indexes))
    directory = NSTemporaryDirectory() + "xylem-slt-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let store = directory + "/node"
    _ = try Node.create(at: store, network: "slt", code: "1", name: "test", parentCode: "", catalog: catalog)
    var options = Node.Options()
    options.catalog = catalog
    node = try await Node.open(at: store, options: options)
    sql = SQLService(node)
  }

  private static func text(_ tables: [MadeTable], _ indexes: [String: [[String]]]) -> String {
    var text = orgs
    for (number, table) in tables.enumerated() {
      text += "entity \(table.name) \(number + 2) 表 | Table\n  owner owning_org\n"
      for column in table.columns where column.isKey { text += "  key \(column.name)\n" }
      for (number, columns) in (indexes[table.name] ?? []).enumerated() {
        text += "  index \(number + 1) i\(number + 1) \(columns.joined(separator: " "))\n"
      }
      for column in table.columns { text += "  item \(column.name) \(column.type) optional A 列 | Column\n" }
      text += "  system owning_org ref:org optional A 所属 | Owner\n"
    }
    return text
  }

  /// Closes the node and removes its files.
  func end() async throws {
    await node.close()
    try FileManager.default.removeItem(atPath: directory)
  }

  // MARK: Statements

  /// Plays a statement that makes something: what is created is in the catalog already, rows become commits.
  func play(_ text: String) async throws {
    // No text of the files holds a semicolon. An index is dropped by not using it: the answers are the same.
    for statement in text.split(separator: ";") where !statement.allSatisfy(\.isWhitespace) {
      if statement.drop(while: \.isWhitespace).lowercased().hasPrefix("drop index") { continue }
      try await playOne(String(statement))
    }
  }

  private func playOne(_ text: String) async throws {
    switch try StatementReader.read(text) {
    case .table, .index: return
    case .rows(let name, let columns, let values):
      guard let table = tables[name] else { throw NotPlayed(reason: "an insert into a table that is not created") }
      let rows = try await query(values)
      let names = columns.isEmpty ? table.columns.map(\.name) : columns
      var records: [[String: Value]] = []
      for row in rows {
        var record: [String: Value] = [:]
        for (name, value) in zip(names, row) {
          guard let column = table.columns.first(where: { $0.name == name }) else {
            throw NotPlayed(reason: "an insert of a column that is not created")
          }
          record[name] = try TestWorld.value(value, column.type)
        }
        records.append(record)
      }
      let inserted = records
      _ = try await node.commit(as: "slt") { builder in
        for record in inserted { _ = try builder.insert(name, record) }
      }
    }
  }

  /// A value as the item's type stores it, with the affinity that SQLite would apply.
  private static func value(_ value: SQLValue, _ type: String) throws(NotPlayed) -> Value {
    switch (type, value) {
    case (_, .null): return .null
    case ("int", .integer(let number)): return .int(number)
    case ("int", .real(let number)): if let whole = Int64(exactly: number) { return .int(whole) }
    case ("int", .text(let text)): if let number = Int64(text) { return .int(number) }
    case ("text", .text(let text)): return .text(Text(text))
    case ("text", .integer(let number)): return .text(Text("\(number)"))
    default: break
    }
    throw NotPlayed(reason: "a value of another type than its column")
  }

  /// A question's rows.
  func query(_ text: String) async throws(Failure) -> [[SQLValue]] {
    try await sql.query(SQLStatement(text), scope: scope).all()
  }

  /// How a question is read.
  func plan(_ text: String) async throws(Failure) -> [String] {
    try await sql.query(SQLStatement(text), scope: scope).head.plan
  }
}
