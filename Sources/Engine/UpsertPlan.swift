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

/// What a dry run found that it would have made: later chunks may refer to it. Records that nothing later can refer to
/// are not remembered, so that memory stays flat.
public final class DryRunRecords: @unchecked Sendable {
  // SAFETY: touched by the engine's thread only, one chunk after the other.
  fileprivate(set) var keys: [HashedKey: RecordKey] = [:]
  private let remembersAll: Bool

  /// - Parameter remembersAll: for files of several entities that refer to each other; else only records are
  ///   remembered that others of their own kind may refer to.
  public init(remembersAll: Bool = false) { self.remembersAll = remembersAll }

  func add(_ chunk: UpsertChunk) {
    let refersToItself = chunk.entity.items.contains { item in
      switch item.type {
      case .reference(let target), .references(let target): target == chunk.entity.id
      default: false
      }
    }
    if remembersAll || refersToItself { keys.merge(chunk.keys) { $1 } }
  }
}
