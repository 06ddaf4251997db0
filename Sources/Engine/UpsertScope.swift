import Catalog
import Formats
import Primitives

/// Imports by somebody who may write for some orgs of the domain only.
extension Engine {
  /// Whether a row is about a record that the writer may not write: it belongs to an org outside now, or would.
  ///
  /// - Parameters:
  ///   - parent: for a child record, its parent, which decides.
  ///   - target: the record that the row changes; nil for a new one.
  func isOutside(
    _ row: Int, _ chunk: UpsertChunk, parent: RecordID, _ target: RecordKey?
  ) throws(EngineError) -> Bool {
    guard let permits = chunk.permits else { return false }
    let entity = chunk.entity
    if let parentID = entity.parent, let above = catalog.entity(parentID) {
      let place = Keys.row(identity.partition, RecordKey(entity: parentID, record: parent))
      // A parent of this very commit was judged by its own row, which rejects what it carries.
      guard let view = try currentView(place, chunk.nothing) else { return false }
      return !owner(above, parent) { view.value($0) }.map(permits, or: false)
    }
    if let target, let view = try currentView(Keys.row(identity.partition, target), chunk.nothing),
      !owner(entity, target.record, { view.value($0) }).map(permits, or: false)
    {
      return true
    }
    // Where the row puts it; a row that does not say leaves a record where it is.
    let item = entity.ownerItem ?? orgItems.parent
    if target != nil, !chunk.updated.contains(where: { $0.item == item }) { return false }
    guard case .reference(let org) = chunk.value(item, row) else { return target == nil }
    return !permits(org)
  }

  /// The org that owns a record: an org owns itself.
  private func owner(_ entity: Entity, _ record: RecordID, _ value: (ItemID) -> Value) -> RecordID? {
    guard let item = entity.ownerItem else { return record }
    if case .reference(let org) = value(item) { return org }
    return nil
  }
}

extension Optional {
  /// What `body` says of the value, or `nothing` without one.
  fileprivate func map<Result>(_ body: (Wrapped) -> Result, or nothing: Result) -> Result {
    switch self {
    case .some(let wrapped): body(wrapped)
    case .none: nothing
    }
  }
}
