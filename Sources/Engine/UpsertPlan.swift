import Catalog
import Formats
import Primitives

/// Holds an update against the rules when its rows have some of the columns only: what was left out stays as it is in
/// the record, and only the record as a whole can break a rule.
public struct MergeRules: Sendable {
  private let entity: Entity
  private let checker: RecordChecker
  private let today: CivilDate

  /// - Parameters:
  ///   - items: those the file has columns for: only what reads one of them is checked again.
  ///   - today: the day that rules see.
  public init(_ entity: Entity, in catalog: Catalog, items: [ItemID], today: CivilDate) {
    self.entity = entity
    // A record that was found by one item has that item already.
    let key = entity.naturalKeys.first.flatMap { $0.count == 1 ? $0[0] : nil }
    checker = RecordChecker(entity, in: catalog, .touching(items.filter { $0 != key }))
    self.today = today
  }

  /// Why the record must not become what the changes make of it, or nil. What was wrong before and reads nothing that
  /// changes is not held against them.
  func refusal(_ view: RowView, _ changes: [FieldChange]) -> RecordFailure? {
    checker.failures(of: MergedFields(view: view, changes: changes), today: today).first { failure in
      guard failure.severity == .refusal else { return false }
      var read = [failure.item]
      if let rule = entity.rules.first(where: { $0.name == failure.name }) {
        read = rule.condition.referencedItems
      } else if case .when(let condition) = entity.item(failure.item)?.requirement {
        read += condition.referencedItems
      }
      return changes.contains { read.contains($0.item) }
    }
  }

  private struct MergedFields: FieldSource {
    let view: RowView
    let changes: [FieldChange]
    func value(_ item: ItemID) -> Value { changes.first { $0.item == item }?.new ?? view.value(item) }
  }
}

/// What a dry run found that it would have made: later chunks may refer to it. Records that nothing of their own kind
/// refers to are not remembered, so that memory stays flat.
public final class DryRunRecords: @unchecked Sendable {
  // SAFETY: touched by the engine's thread only, one chunk after the other.
  fileprivate(set) var keys: [HashedKey: RecordKey] = [:]

  public init() {}

  func add(_ chunk: UpsertChunk) {
    guard chunk.references.contains(where: { $0?.entity.id == chunk.entity.id }) else { return }
    keys.merge(chunk.keys) { $1 }
  }
}

/// What all rows of one `upsert` share, and what they leave behind. A class, so that a row's work copies none of it.
final class UpsertChunk {
  typealias Place = (section: Section, item: ItemID)

  let entity: Entity
  let rules: MergeRules?
  /// What a row sets in a record that is there, in row order.
  let updated: [Place]
  /// The same for a new record, which gets its owner even when the file does not tell it.
  let inserted: [Place]
  /// How labels are found, by item position; nil for items that refer to nothing.
  let references: [Reference?]
  let parent: Reference?

  var operations: [Operation] = []
  /// Natural keys that earlier rows of the chunk inserted or changed, with the record.
  var keys: [HashedKey: RecordKey] = [:]
  /// In a dry run, what earlier chunks would have made.
  var earlier: DryRunRecords?
  /// Last ordinals given in this chunk, by parent.
  var ordinals: [RecordID: UInt32] = [:]

  /// The entity that labels stand for records of.
  final class Reference {
    let entity: Entity
    /// The item by whose text a record is named; nil when it has no natural key.
    let item: ItemID?
    let isList: Bool

    init?(_ target: EntityID, isList: Bool, _ catalog: Catalog) {
      guard let entity = catalog.entity(target) else { return nil }
      self.entity = entity
      self.isList = isList
      item = entity.naturalKeys.first?.first
    }
  }

  init(_ entity: Entity, items: [ItemID], _ catalog: Catalog, _ rules: MergeRules?) {
    self.entity = entity
    self.rules = rules
    func places(_ items: [ItemID]) -> [Place] {
      items.compactMap { id -> Place? in
        guard let item = entity.item(id), item.derivation == nil else { return nil }
        return (Engine.section(item.fieldClass), id)
      }.sorted { ($0.section, $0.item) < ($1.section, $1.item) }
    }
    updated = places(items)
    inserted = places(items + [entity.ownerItem].compactMap { $0 }.filter { !items.contains($0) })
    references = entity.items.map { item in
      switch item.type {
      case .reference(let target): Reference(target, isList: false, catalog)
      case .references(let target): Reference(target, isList: true, catalog)
      default: nil
      }
    }
    parent = entity.parent.flatMap { Reference($0, isList: false, catalog) }
  }
}
