import Ports
import Primitives

/// The deliberately dumb twin: one unsorted list of entries a keyspace, sorted when asked.
struct TwinStore {
  private var values: [Keyspace: [Bytes: Bytes]] = [:]
  /// What the index may look like after a crash: after each prefix of the rebuildable batches.
  private(set) var indexCandidates: [[Bytes: Bytes]] = [[:]]

  mutating func apply(_ batch: WriteBatch, _ durability: Durability) {
    for change in batch.changes { TwinStore.apply(change, &values) }
    switch durability {
    case .synced:
      // A synced change is kept on top of whichever prefix survives.
      for index in indexCandidates.indices {
        var alone: [Keyspace: [Bytes: Bytes]] = [.index: indexCandidates[index]]
        for change in batch.changes { TwinStore.apply(change, &alone) }
        indexCandidates[index] = alone[.index] ?? [:]
      }
    case .rebuildable:
      indexCandidates.append(values[.index] ?? [:])
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

  /// Takes over what a new life found of the index.
  mutating func adoptIndex(_ entries: [Entry]) {
    let found = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, $0.value) })
    values[.index] = found
    indexCandidates = [found]
  }

  func mayHaveSurvived(_ entries: [Entry]) -> Bool {
    indexCandidates.contains { TwinStore.sorted($0) == entries }
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
