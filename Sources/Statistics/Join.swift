import Catalog
import Primitives

/// Items of a chosen child record as columns of its parent: the highest education of a member, say, as the catalog's
/// relation `edu child member_edu where is_highest` chooses it.
///
/// As a reader of rows sees it: of several children that fulfil the condition the one with the highest ordinal counts.
final class Join {
  /// The relation's path step.
  let child: EntityID
  let condition: String
  let expression: CheckedExpression
  /// How a child's row becomes codes; what the condition reads comes along even when it is no column.
  var items: ItemCodes
  /// Slots of `items` that are columns of the parent.
  let slots: [Int]
  /// Where the parent's columns of this join begin: the chosen child's ordinal, then one for each of `slots`.
  let firstColumn: Int

  /// One child that fulfils the condition.
  struct Candidate {
    let ordinal: UInt32
    /// One for each of `slots`.
    let codes: [Int32]
  }

  /// Nil when the relation is none to a child, or its condition reads more than the child's own columns.
  init?(_ relation: Relation, _ catalog: Catalog, _ codings: inout CodingTable, firstColumn: Int) {
    guard case .child(let child, let condition) = relation.target, let entity = catalog.entity(child),
      let expression = try? catalog.check(expression: condition, on: entity, expecting: .bool),
      expression.paths.isEmpty, !expression.asksTree, !expression.whole.inputs.readsToday
    else { return nil }
    let items = ItemCodes(entity, &codings) { item in
      // Numbers that the engine adds are nobody's statistics.
      item.isInformationItem || expression.referencedItems.contains(item.id)
    }
    guard expression.referencedItems.allSatisfy({ items.slot($0) != nil }) else { return nil }
    self.child = child
    self.condition = condition
    self.expression = expression
    self.items = items
    slots = items.slots.indices.filter { !expression.referencedItems.contains(items.slots[$0].item) }
    self.firstColumn = firstColumn
  }

  /// The slot among the parent's columns that holds an item of the chosen child, or nil.
  func column(_ item: ItemID) -> Int? {
    guard let slot = items.slot(item), let place = slots.firstIndex(of: slot) else { return nil }
    return firstColumn + 1 + place
  }

  /// Whether some child holds what no code can say: in its condition, or in the item of a column.
  func isUnfit(column: Int) -> Bool {
    if expression.referencedItems.contains(where: { items.slot($0).map { items.isUnfit[$0] } ?? true }) { return true }
    return items.isUnfit[slots[column - firstColumn - 1]]
  }

  var columnCount: Int { slots.count + 1 }
}

/// One child's codes as the evaluator of a join's condition reads them.
struct CodesSource: FieldSource {
  let join: Join
  let codes: [Int32]

  func value(_ item: ItemID) -> Value {
    guard let slot = join.items.slot(item) else { return .null }
    return join.items.slots[slot].coding.value(codes[slot])
  }
}
