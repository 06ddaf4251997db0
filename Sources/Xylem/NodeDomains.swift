import Engine
import Formats
import Messages
import Primitives

/// Who owns the domains below this node.
extension Node {
  /// A domain directly below, as its assignment says.
  public struct Domain: Hashable, Sendable {
    /// Code of its root org.
    public let code: String
    /// The id its rows have kept since its first owner.
    public let partition: PartitionID
    public let owner: NodeID
    /// Counts its owners; an older one is fenced.
    public let epoch: Epoch
    /// What the owner signs with.
    public let key: PublicKey
  }

  /// Every domain directly below, sorted by code.
  public func domainsBelow() async throws(Failure) -> [Domain] {
    try await thread.perform { engine in
      engine.knownAssignments.filter { engine.holder(of: $0.partition) == engine.identity.partition }.map {
        Domain(
          code: $0.rootOrgCode.string, partition: $0.partition, owner: $0.owner, epoch: $0.epoch, key: $0.key)
      }.sorted { $0.code < $1.code }
    }
  }

  /// Takes a domain from its owner, who is fenced from this commit on at every node above, and gives it to another; to
  /// this node itself when nobody is named, under which nobody can write it.
  ///
  /// The new owner's machine gets everything that reached this node by `xylemd recover`; what the old one had not sent
  /// stays on it as evidence.
  ///
  /// - Parameter epoch: the epoch the new owner was created with; nil takes the next.
  /// - Returns: the domain as it is from now on, durable.
  /// - Throws: `XYL-NOD-0005` when no domain with this code hangs directly below, `XYL-NOD-0010` for an epoch that was
  ///   given before, `XYL-NOD-0015`/`0008` when this node may not write.
  public func reclaim(
    code: String, for owner: (node: NodeID, key: PublicKey)?, epoch: UInt32? = nil, actor: String
  ) async throws(Failure) -> Domain {
    try await thread.performDurably { engine in
      guard let known = engine.assignment(rootOrgCode: Text(code)) else {
        throw Failure(.nodeUnknownOrg, ["org": code])
      }
      do {
        let made = try engine.reclaim(
          known.partition, for: owner?.node ?? engine.identity.node, key: owner?.key ?? engine.identity.key,
          epoch: epoch.map { Epoch($0) }, actor: Text(actor), clock: NodeClock.milliseconds)
        let assignment = made.assignment
        return (
          Domain(
            code: code, partition: assignment.partition, owner: assignment.owner, epoch: assignment.epoch,
            key: assignment.key), made.sequence
        )
      } catch let error as Engine.ReclaimError {
        switch error {
        case .unknown: throw Failure(.nodeUnknownOrg, ["org": code])
        case .epochGiven(let epoch):
          throw Failure(
            .apiBadParameter,
            ["parameter": "epoch", "expected": "more than \(epoch.value)", "found": "\(epoch.value)"])
        case .engine(let error): throw error
        }
      }
    }
  }
}
