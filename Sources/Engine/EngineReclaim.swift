import Formats
import Primitives
import Replication

/// How a partition below us changes hands.
extension Engine {
  /// What the owner above may not do with a partition.
  public enum ReclaimError: Error, Hashable, Sendable {
    /// No partition with this root org hangs below our own.
    case unknown(Text)
    /// An epoch that was already given.
    case epochGiven(Epoch)
    case engine(EngineError)
  }

  /// The assignment of the partition whose root org has this code and that hangs directly below our own; nil when there
  /// is none.
  public func assignment(rootOrgCode code: Text) -> Assignment? {
    assignments.all.first { $0.rootOrgCode == code && holders[$0.partition] == identity.partition }
  }

  /// Gives a partition below us to another owner in the next epoch: a machine that replaces a lost one, or ourselves,
  /// which nobody can write as. Its writer so far is fenced from this commit on, here and at every ancestor; the
  /// assignment that held before stays as a record, so that its frames can be proved for as long as they lie anywhere.
  ///
  /// - Parameter epoch: which epoch, when the new owner was told one; nil takes the next.
  /// - Returns: the new assignment; durable with the commit.
  public func reclaim(
    _ partition: PartitionID, for owner: NodeID, key ownerKey: PublicKey, epoch: Epoch? = nil, actor: Text,
    clock: UInt64
  ) throws(ReclaimError) -> (assignment: Assignment, sequence: Sequence64) {
    guard let known = assignments[partition], holders[partition] == identity.partition else {
      throw .unknown(Text("partition \(partition.value)"))
    }
    // After the last epoch there is none: the child that named it keeps what it has.
    let next = epoch ?? Epoch(known.epoch.value &+ 1)
    guard next > known.epoch else { throw .epochGiven(known.epoch) }
    let assignment = Assignment(
      partition: partition, owner: owner, epoch: next, key: ownerKey, mount: known.mount,
      rootOrgCode: known.rootOrgCode, network: networkHash, holder: identity.partition, signer: key)
    let changes = zip(known.fields, assignment.fields).filter { $0.value != $1.value }.map {
      FieldChange($0.section, $0.item, old: $0.value, new: $1.value)
    }
    let sequence: Sequence64
    do {
      sequence = try commit(
        [
          Operation(Assignment.key(partition), .update(changes)),
          Operation(Assignment.formerKey(partition, known.epoch), .insert(known.fields)),
        ], actor: actor, reason: "reclaim", clock: clock)
    } catch { throw .engine(error) }
    // What the new owner makes may arrive before the next write: in the apply order it comes after this.
    sealOpenCommits()
    for id in linkOrder {
      guard case .down(let downlink) = links[id], downlink.partition == partition else { continue }
      refuse(
        id,
        .init(
          .fenced,
          Text(
            "the partition is node \(owner.value)'s in epoch \(next.value), this is node \(downlink.child.node.value)"))
      )
    }
    return (assignment, sequence)
  }
}
