import Ports
import Primitives

/// All keyspaces at one moment.
struct SimulatedStoreState {
  /// In the order of the keyspaces' numbers.
  var maps = Keyspace.allCases.map { _ in SimulatedStoreMap() }

  subscript(_ space: Keyspace) -> SimulatedStoreMap {
    get { maps[Int(space.rawValue)] }
    _modify { yield &maps[Int(space.rawValue)] }
  }

  mutating func apply(_ change: WriteBatch.Change) {
    switch change {
    case .put(let space, let key, let value): self[space].put(key, value)
    case .delete(let space, let key): self[space].delete(key)
    case .deleteRange(let space, let from, let to): self[space].deleteRange(from: from, to: to)
    }
  }
}

extension WriteBatch.Change {
  var simulatedSpace: Keyspace {
    switch self {
    case .put(let space, _, _), .delete(let space, _), .deleteRange(let space, _, _): space
    }
  }
}

/// A key whose bytes at rest are damaged.
struct SimulatedDamage: Equatable {
  let space: Keyspace
  let key: Bytes

  func error() -> StoreError { .corrupt("simulated damage in keyspace \(space.rawValue)") }
}

/// Reads of one moment.
final class SimulatedStoreView: StoreReader {
  private let state: SimulatedStoreState
  private let damage: [SimulatedDamage]
  private var isOpen = true

  init(_ state: SimulatedStoreState, _ damage: [SimulatedDamage]) {
    self.state = state
    self.damage = damage
  }

  func end() { isOpen = false }

  private func requireOpen() { require(isOpen, "a view of a store is used after its closure returned") }

  private func check(_ space: Keyspace, _ key: Bytes) throws(StoreError) {
    if damage.isEmpty { return }
    let asked = SimulatedDamage(space: space, key: key)
    if damage.contains(asked) { throw asked.error() }
  }

  func get(_ space: Keyspace, _ key: Bytes) throws(StoreError) -> Bytes? {
    requireOpen()
    try check(space, key)
    return state[space].value(key)
  }

  func scan(
    _ space: Keyspace, from: Bytes, to: Bytes?,
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) -> Bool
  ) throws(StoreError) {
    requireOpen()
    var met: SimulatedDamage?
    state[space].forEach(from: from, to: to) { key, value in
      if !damage.isEmpty, let found = damage.first(where: { $0.space == space && $0.key == key }) {
        met = found
        return false
      }
      return key.withUnsafeBytes { key in value.withUnsafeBytes { body(key, $0) } }
    }
    if let met { throw met.error() }
  }

  func last(_ space: Keyspace, from: Bytes, to: Bytes?) throws(StoreError) -> (key: Bytes, value: Bytes)? {
    requireOpen()
    if let to, !from.precedes(to) { return nil }
    guard let found = state[space].last(before: to), !found.key.precedes(from) else { return nil }
    try check(space, found.key)
    return found
  }
}
