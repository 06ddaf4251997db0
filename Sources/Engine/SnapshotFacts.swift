import Formats
import Primitives
import Replication

/// Where a snapshot stands on its way.
public struct SnapshotTransfer: Hashable, Sendable {
  /// What is done now.
  public enum Stage: String, Hashable, Sendable {
    /// The owner waits for a quiet moment, then scans its domain.
    case making
    /// Chunks go to the parent.
    case sending
    /// Chunks come.
    case receiving
    /// Every chunk is here; a quiet moment is waited for, or rows are written.
    case taking
  }
  public let stage: Stage
  public let partition: PartitionID
  /// Code of the domain's root org; empty when it is not known yet.
  public let rootOrgCode: Text
  /// Chunks that are durable at the receiver, as far as known here, and all; 0 while the snapshot is being made.
  public let chunks: (done: Int, all: Int)
  /// Rows of the snapshot, and bytes as they travel.
  public let rows: UInt64
  public let byteCount: UInt64

  public static func == (left: SnapshotTransfer, right: SnapshotTransfer) -> Bool {
    left.stage == right.stage && left.partition == right.partition && left.chunks == right.chunks
      && left.rootOrgCode == right.rootOrgCode && left.rows == right.rows && left.byteCount == right.byteCount
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(stage)
    hasher.combine(partition)
    hasher.combine(chunks.done)
  }
}

/// Something about a snapshot that an operator reads in the log.
public enum SnapshotNote: Hashable, Sendable {
  /// The announced step: frames are not there, or too dear, and the domain goes as a snapshot.
  case made(rows: UInt64, chunks: Int, byteCount: UInt64)
  /// A row of our own could not be read: frames go instead.
  case notMade
  case offered(partition: PartitionID, last: Sequence64, isDownward: Bool)
  /// Chunks begin to come, or go on behind those that are here.
  case receiving(partition: PartitionID, rows: UInt64, chunks: Int, here: Int)
  /// Taken; rows follow. Replaced older rows or not.
  case taken(partition: PartitionID, last: Sequence64, rows: UInt64, replaces: Bool)
  /// Every row and entry is written.
  case installed(partition: PartitionID)
}

extension Engine {
  /// Snapshots on their way, in the order of their partitions.
  public var snapshotTransfers: [SnapshotTransfer] {
    var all: [SnapshotTransfer] = []
    for id in linkOrder {
      guard case .up(let uplink) = links[id], let partition = uplink.snapshotDue else { continue }
      if let base = snapshots.bases[partition] {
        all.append(transfer(.sending, base.manifest, Int(snapshots.asked[id] ?? 0)))
      } else {
        all.append(
          SnapshotTransfer(
            stage: .making, partition: partition, rootOrgCode: identity.rootOrgCode, chunks: (0, 0),
            rows: UInt64(rowCounts(partition).reduce(0) { $0 + $1.rows }), byteCount: 0))
      }
    }
    for partition in snapshots.receiving.keys.sorted() {
      guard let receipt = snapshots.receiving[partition]?.receipt else { continue }
      all.append(transfer(receipt.isComplete ? .taking : .receiving, receipt.manifest, receipt.durable))
    }
    for partition in snapshots.untouched {
      guard let manifest = snapshots.bases[partition]?.manifest else { continue }
      all.append(transfer(.taking, manifest, manifest.facts.chunks.count))
    }
    return all
  }

  private func transfer(
    _ stage: SnapshotTransfer.Stage, _ manifest: SnapshotManifest, _ done: Int
  ) -> SnapshotTransfer {
    let partition = manifest.facts.partition
    return SnapshotTransfer(
      stage: stage, partition: partition, rootOrgCode: code(of: partition),
      chunks: (done, manifest.facts.chunks.count), rows: manifest.rows, byteCount: manifest.byteCount)
  }

  /// The code of a domain's root org; empty when it is not known here.
  public func code(of partition: PartitionID) -> Text {
    partition == identity.partition ? identity.rootOrgCode : assignments[partition]?.rootOrgCode ?? ""
  }

  /// Partitions whose log begins behind a snapshot here, with the place; sorted.
  public var snapshotBases: [(partition: PartitionID, last: Sequence64)] {
    snapshots.bases.keys.sorted().compactMap { partition in
      guard let base = snapshots.bases[partition], base.covered != nil else { return nil }
      return (partition, base.manifest.current.last)
    }
  }

  /// What is to be written to the log about snapshots since the last call, oldest first.
  public func takeSnapshotNotes() -> [SnapshotNote] {
    defer { snapshots.notes.removeAll(keepingCapacity: true) }
    return snapshots.notes
  }
}
