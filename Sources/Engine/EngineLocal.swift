import Formats
import Ports
import Primitives

/// What a node keeps for itself: its audit chain, what proves its users. It lies in `Keyspace.meta`, is in no frame and
/// goes to nobody; only a backup of the store has it.
extension Engine {
  /// Puts a key of the node's own with the open batch: durable together with the commits that were taken before and
  /// after it, up to the next ``takeWrites()``.
  ///
  /// - Requires: a key of an audit entry, an audit head or a user's secret.
  public func keep(_ key: Bytes, _ value: Bytes) {
    require([MetaKey.auditEntries, MetaKey.auditHeads, MetaKey.userSecrets].contains([key.first ?? 0]), "a local key")
    writes.put(.meta, key, value)
  }

  /// Hash of the network's name, as frames and audit heads have it.
  public var network: UInt64 { networkHash }
}
