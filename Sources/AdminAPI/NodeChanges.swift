import AdminProtocol
import Catalog
import Formats
import Messages
import Primitives
import Xylem

/// The change feed of a real node.
extension NodeBackend {
  func changes(since text: String?, limit: Int) async throws -> ChangesPage {
    let page = try await node.changePage(since: try text.map(cursor), limit: limit, scope: scope)
    return ChangesPage(
      changes: page.entries.map { line($0.change, $0.cursor) }, next: page.cursor.text, atEnd: page.isAtEnd)
  }

  func waitForChanges(after text: String, seconds: Int) async throws -> Bool {
    await node.waitForChanges(after: try cursor(text), seconds: seconds)
  }

  private func cursor(_ text: String) throws(Failure) -> ChangeCursor {
    guard let cursor = ChangeCursor(text) else {
      throw Failure(.apiBadParameter, ["parameter": "since", "expected": "a cursor that a change bore", "found": text])
    }
    return cursor
  }

  private func line(_ change: Change, _ cursor: ChangeCursor) -> ChangeLine {
    let key = change.operation.key
    let entity = node.catalog.entity(key.entity)
    let root = id(key.record)
    let operation: String
    var values: [String: SQLCell]?
    var old: [String: SQLCell]?
    switch change.operation.change {
    case .insert(let fields):
      operation = "insert"
      values = named(fields.map { ($0.item, $0.value) }, entity)
    case .update(let changes):
      operation = "update"
      values = named(changes.map { ($0.item, $0.new) }, entity)
      old = named(changes.map { ($0.item, $0.old) }, entity)
    case .delete: operation = "delete"
    }
    return ChangeLine(
      cursor: cursor.text, operation: operation, entity: change.entity,
      record: key.ordinal == 0 ? root : "\(root)-\(key.ordinal)", parent: key.ordinal == 0 ? nil : root,
      partition: hex(change.partition.value), sequence: change.sequence, actor: change.actor.string,
      reason: change.reason.string, time: change.time, catalog: hex(UInt64(change.catalog)), values: values, old: old)
  }

  private func id(_ record: RecordID) -> String { "\(hex(record.mint))-\(record.counter)" }

  /// Values by item; an item of a newer catalog goes by its number.
  private func named(_ fields: [(ItemID, Value)], _ entity: Entity?) -> [String: SQLCell] {
    var cells: [String: SQLCell] = [:]
    for (id, value) in fields {
      let item = entity?.item(id)
      cells[item?.name ?? "item \(id.value)"] = cell(value, item?.type)
    }
    return cells
  }

  private func cell(_ value: Value, _ type: ItemType?) -> SQLCell {
    switch value {
    case .null: .null
    case .bool(let flag): .integer(flag ? 1 : 0)
    case .int(let number): .integer(number)
    default: text(value, type.flatMap { ExpressionType($0) }).map { .text($0) } ?? .null
    }
  }
}
