import Access
import Catalog
import Primitives

/// The items of `org` that the engine itself reads.
struct OrgItems {
  let entity: EntityID
  let code: ItemID
  let name: ItemID
  let category: ItemID
  let parent: ItemID

  /// - Requires: the catalog has the entity `org` with these items; every catalog for this engine does.
  init(_ catalog: Catalog) {
    guard let org = catalog.entity(named: "org"), let code = org.item(named: "org_code")?.id,
      let name = org.item(named: "org_name")?.id, let category = org.item(named: "org_category")?.id,
      let parent = org.item(named: "parent_org_code")?.id
    else { requirementFailed("the catalog describes org with code, name, category and parent") }
    entity = org.id
    self.code = code
    self.name = name
    self.category = category
    self.parent = parent
  }

  func entry(_ id: RecordID, _ partition: PartitionID, _ value: (ItemID) -> Value) -> OrgDirectory.Entry {
    func text(_ item: ItemID) -> Text { if case .text(let text) = value(item) { text } else { "" } }
    var above: RecordID?
    if case .reference(let record) = value(parent) { above = record }
    return OrgDirectory.Entry(
      id: id, code: text(code), name: text(name), category: text(category), partition: partition, parent: above)
  }
}
