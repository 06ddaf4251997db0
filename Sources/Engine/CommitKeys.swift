import Catalog
import Formats
import Primitives

/// What a caller needs to put a commit together: who holds a natural key, and where a new child record goes.
extension Engine {
  /// The key under which a record of our domain is known to people, or nil when too little of it is known.
  ///
  /// - Parameter parent: for a child record, the record it belongs to.
  public func naturalKey(_ entity: Entity, parent: RecordID?, _ value: (ItemID) -> Value) -> Bytes? {
    entries.naturalKey(entity, identity.partition, parent: parent ?? RecordID(mint: 0, counter: 0), value)
  }

  /// The record that holds a natural key, as the next commit would see it, or nil. Costs a point read at most.
  public func record(holding natural: Bytes) throws(EngineError) -> RecordKey? { try target(natural) }

  /// The last ordinal given to child records of `entity` under `parent`; 0 when there is none.
  public func lastOrdinal(_ entity: EntityID, of parent: RecordID) throws(EngineError) -> UInt32 {
    try lastOrdinal(Keys.children(identity.partition, entity, of: parent))
  }

  /// Remembers the ordinals that a commit gave until its rows can be read from the store.
  func note(ordinalsOf operations: [Operation]) {
    for operation in operations where operation.key.ordinal > 0 {
      guard case .insert = operation.change else { continue }
      let prefix = Keys.children(identity.partition, operation.key.entity, of: operation.key.record)
      openOrdinals[prefix] = Swift.max(openOrdinals[prefix] ?? 0, operation.key.ordinal)
    }
  }
}
