import Formats
import Primitives

extension Assignment {
  /// The assignment that a step of an ancestry tells.
  public init(_ step: LinkMessage.Ancestry.Step) {
    partition = step.domain.partition
    owner = step.domain.owner
    epoch = step.domain.epoch
    key = step.domain.key
    mount = step.mount
    rootOrgCode = step.rootOrgCode
    signature = step.signature
  }

  /// This assignment as a step of an ancestry.
  public var step: LinkMessage.Ancestry.Step {
    .init(
      domain: .init(partition: partition, owner: owner, epoch: epoch, key: key), mount: mount,
      rootOrgCode: rootOrgCode, signature: signature)
  }
}

extension LinkMessage.Ancestry {
  /// Why an ancestry that came from a parent cannot be believed.
  public enum Fault: Error, Hashable, Sendable {
    /// It does not end with us.
    case notOurs
    /// A step is not signed by the owner of the step before.
    case signature(PartitionID)
    /// It leaves out, or gives another key to, whom we believed highest so far: the top of a network is replaced by
    /// people, not by what a neighbour says.
    case otherTop
  }

  /// Every domain from the top to the receiver's own.
  public var domains: [Top] { [top] + steps.map(\.domain) }

  /// Holds it against the receiver and against what it believed before.
  ///
  /// The first ancestry is believed as the link's or the card's proof of the parent's identity allows; from then on the
  /// highest domain known, with its key, must be part of every later one.
  public func check(
    network: UInt64, receiver: Top, before known: LinkMessage.Ancestry?
  ) throws(Fault) {
    let domains = domains
    guard let last = domains.last, !steps.isEmpty, last == receiver else { throw .notOurs }
    if let known {
      guard domains.contains(where: { $0.partition == known.top.partition && $0.key == known.top.key }) else {
        throw .otherTop
      }
    }
    for (number, step) in steps.enumerated() {
      let above = domains[number]
      guard Assignment(step).isSigned(by: above.key, network: network, holder: above.partition) else {
        throw .signature(step.domain.partition)
      }
    }
  }

  /// The domain above us whose owner a dispatch names as its origin, by the key that it names, and how many links that
  /// lies above; nil when there is none. Its signature is not checked here.
  public func domain(of dispatch: Dispatch) -> (domain: Top, distance: Int)? {
    let domains = domains
    for (number, domain) in domains.dropLast().enumerated() {
      guard domain.owner == dispatch.head.id.origin.node, domain.key.id == dispatch.head.keyID else { continue }
      return (domain, domains.count - 1 - number)
    }
    return nil
  }
}
