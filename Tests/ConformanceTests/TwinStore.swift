import Ports
import Primitives

/// The deliberately dumb twin: one unsorted list of entries a keyspace, sorted when asked.
struct TwinStore {
  private var values: [Keyspace: [Bytes: Bytes]] = [:]
  static let derived: [Keyspace] = [.rows, .index]
  /// What each derived keyspace may look like after a crash: after each prefix of its rebuildable batches.
  private var candidates: [Keyspace: [[Bytes: Bytes]]] = [.rows: [[:]], .index: [[:]]]

  mutating func apply(_ batch: WriteBatch, _ durability: Durability) {
    for change in batch.changes { TwinStore.apply(change, &values) }
    switch durability {
    case .synced:
      // A synced change is kept on top of whichever prefix survives.
      for space in TwinStore.derived {
        candidates[space] = candidates[space]?.map { candidate in
          var alone: [Keyspace: [Bytes: Bytes]] = [space: candidate]
          for change in batch.changes { TwinStore.apply(change, &alone) }
          return alone[space] ?? [:]
        }
      }
    case .rebuildable:
      for space in TwinStore.derived where batch.changes.first?.space == space {
        candidates[space]?.append(values[space] ?? [:])
      }
    }
  }

  private static func apply(_ change: WriteBatch.Change, _ values: inout [Keyspace: [Bytes: Bytes]]) {
    switch change {
    case .put(let space, let key, let value): values[space, default: [:]][key] = value
    case .delete(let space, let key): values[space, default: [:]][key] = nil
    case .deleteRange(let space, let from, let to):
      values[space] = values[space, default: [:]].filter { key, _ in
        key.lexicographicallyPrecedes(from) || !key.lexicographicallyPrecedes(to)
      }
    }
  }

  /// Takes over what a new life found of a derived keyspace.
  mutating func adopt(_ space: Keyspace, _ entries: [Entry]) {
    let found = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
    values[space] = found
    candidates[space] = [found]
  }

  func mayHaveSurvived(_ space: Keyspace, _ entries: [Entry]) -> Bool {
    (candidates[space] ?? []).contains { TwinStore.sorted($0) == entries }
  }

  func entries(_ space: Keyspace, from: Bytes = [], to: Bytes? = nil) -> [Entry] {
    TwinStore.sorted(values[space] ?? [:]).filter { entry in
      !entry.key.lexicographicallyPrecedes(from) && (to.map { entry.key.lexicographicallyPrecedes($0) } ?? true)
    }
  }

  private static func sorted(_ values: [Bytes: Bytes]) -> [Entry] {
    values.map { Entry(key: $0.key, value: $0.value) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
  }
}

extension WriteBatch.Change {
  var space: Keyspace {
    switch self {
    case .put(let space, _, _), .delete(let space, _), .deleteRange(let space, _, _): space
    }
  }
}
