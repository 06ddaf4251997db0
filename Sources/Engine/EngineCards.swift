import Formats
import Primitives
import Replication

/// Neighbours that are known by their card, for exchange by file.
extension Engine {
  /// This node's own card.
  public var card: NodeCard {
    NodeCard(
      network: identity.network, log: identity.log, partition: identity.partition, epoch: identity.epoch,
      rootOrgCode: identity.rootOrgCode, rootOrgName: identity.rootOrgName, parentOrgCode: identity.parentOrgCode,
      signer: key)
  }

  /// Every neighbour whose card is here, sorted by node.
  public var packagePeers: [PackagePeer] {
    packages.peers.keys.sorted().compactMap { packages.peers[$0] }
  }

  /// The number of the last package made for a neighbour, and of the last one taken from it; 0 before the first.
  public func packageNumbers(_ node: NodeID) -> (sent: UInt64, taken: UInt64) {
    let log = packages.taken.keys.sorted().last { $0.node == node }
    return (packages.sent[node]?.facts.number ?? 0, log.flatMap { packages.taken[$0]?.number } ?? 0)
  }

  /// Takes a neighbour's card. A child gets its assignment now, by the same checks as one that dials (permits, keys,
  /// owners); a parent's keys are believed from here on, so people compare the card's fingerprint first.
  ///
  /// Durable with the next batch. The same card again changes nothing.
  ///
  /// - Parameters:
  ///   - role: what the node is to us; nil when the codes tell: it hangs below one of our orgs, or we below its root
  ///     org.
  ///   - replacing: forget the parent known so far and what it acknowledged, or the child's earlier card.
  /// - Returns: what the node is to us.
  /// - Throws: `.wrongNetwork`, `.notANeighbour`, `.otherPeerKnown` without `replacing`, `.refused` for a child that
  ///   may
  ///   not be one.
  public func introduce(
    _ card: NodeCard, as role: PackagePeer.Role? = nil, replacing: Bool = false, clock: UInt64
  ) throws(PackageError) -> PackagePeer.Role {
    guard Engine.networkHash(card.network) == networkHash else { throw .wrongNetwork }
    let node = card.log.node
    guard node != identity.node, let role = role ?? roleByCodes(card), role == .child || !isRoot else {
      throw .notANeighbour(card.rootOrgCode)
    }
    let peer = PackagePeer(role: role, card: card)
    if packages.peers[node] == peer { return role }
    if !replacing {
      if let known = packages.peers[node] { throw .otherPeerKnown(known.card.rootOrgCode) }
      if role == .parent, let parent = packages.parent { throw .otherPeerKnown(parent.card.rootOrgCode) }
    }
    if role == .child { try welcome(card, clock) } else { forgetParent(unless: node) }
    packages.peers[node] = peer
    writes.put(.meta, MetaKey.card(node), peer.encoded)
    return role
  }

  private func roleByCodes(_ card: NodeCard) -> PackagePeer.Role? {
    if ownOrgs[card.parentOrgCode] != nil { return .child }
    return card.rootOrgCode == identity.parentOrgCode ? .parent : nil
  }

  /// Another parent has nothing of what this one acknowledged.
  private func forgetParent(unless node: NodeID) {
    guard let parent = packages.parent, parent.card.log.node != node else { return }
    packages.peers[parent.card.log.node] = nil
    forget(MetaKey.card(parent.card.log.node))
    for log in watermarks.keys.sorted() {
      for level in (watermarks[log] ?? []).indices { forget(MetaKey.watermark(log, level: UInt8(level + 1))) }
    }
    for log in rootWatermarks.keys.sorted() { forget(MetaKey.watermark(log, level: LinkMessage.Watermark.root)) }
    watermarks = [:]
    rootWatermarks = [:]
  }

  /// Removes a key of `Keyspace.meta` with the open batch.
  func forget(_ key: Bytes) { writes.delete(.meta, key) }

  /// What a child that dials would say, said by its card on a line that nobody carries.
  private func welcome(_ card: NodeCard, _ clock: UInt64) throws(PackageError) {
    let hello = LinkMessage.Hello(
      network: networkHash, log: card.log, partition: card.partition, epoch: card.epoch, key: card.signingKey,
      rootOrgCode: card.rootOrgCode, parentOrgCode: card.parentOrgCode, logs: [card.log])
    links[.package] = .unknown
    linkOrder.append(.package)
    do { try receivedHello(hello, .package, clock) } catch { throw .engine(error) }
    if let refusal = endPackageLine() { throw .refused(refusal) }
  }

  /// Ends the line that a package stands for, and says with which refusal the engine ended it before, if it did.
  func endPackageLine() -> LinkMessage.Refusal? {
    var refusal: LinkMessage.Refusal?
    for (link, bytes) in sends where link == .package {
      if case .refusal(let told) = try? LinkMessage(Bytes(bytes.dropFirst(4))) { refusal = told }
    }
    sends.removeAll { $0.link == .package }
    closings.removeAll { $0 == .package }
    disconnected(.package)
    return refusal
  }
}

extension LinkID {
  /// The line that a package stands for while it is taken; no carrier gives this number away.
  static let package = LinkID(.max)
}
