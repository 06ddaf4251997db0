import Access
import Engine
import Foundation
import Ports
import Primitives
import Replication
import RocksStorage

/// One moment for reading: everything durable, rows and indexes complete, and what the engine knew of it.
struct ReadMoment: Sendable {
  let directory: OrgDirectory
  let partitions: [PartitionID]
  let applied: ApplySequence
  /// How fresh each partition is, and which rows no answer may use.
  let freshness: [(partition: PartitionID, freshness: Freshness)]
  let codes: [PartitionID: Text]
  let setAside: [Bytes]
  /// Keys of rows whose record another domain has already: left out too, and nothing to be told of.
  let handedOver: [Bytes]
  /// Everything that no answer may use.
  var leftOut: [Bytes] { setAside + handedOver }
  let snapshot: HeldSnapshot
}

/// The node's wall clock: a label, never an order.
enum NodeClock {
  static var milliseconds: UInt64 { UInt64(max(0, Date().timeIntervalSince1970 * 1000)) }
  /// The calendar day in UTC+8.
  static var today: CivilDate { CivilDate(days: Int32(clamping: (Int64(milliseconds / 1000) + 8 * 3600) / 86_400)) }
}
