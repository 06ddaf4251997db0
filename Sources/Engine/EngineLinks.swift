import Formats
import Ports
import Primitives
import Replication

/// A live connection, numbered by whoever carries it.
public struct LinkID: Hashable, Comparable, Sendable {
  public let value: UInt64
  public init(_ value: UInt64) { self.value = value }
  public static func < (left: LinkID, right: LinkID) -> Bool { left.value < right.value }
}

/// One link as the engine sees it.
enum Link {
  /// To our parent.
  case up(Uplink)
  /// From a child that has not said hello.
  case unknown
  /// From somebody who says to be a node whose older link stands: that one is asked first.
  case waiting(WaitingHello)
  /// From a known child.
  case down(Downlink)
}

/// The parent's side of a link: who the child is, and what it may still send.
struct Downlink {
  let child: LogID
  let partition: PartitionID
  var credit: UInt64
  /// Frame bytes that came in, and those of them that are applied: credit follows the second.
  var received: UInt64 = 0
  var applied: UInt64 = 0
  /// Logs that came, or were announced, through this link: whose watermarks it wants.
  var logs: [LogID] = []
  var heartbeats = TokenBucket(size: Downlink.heartbeatsMax)
  var recalls = TokenBucket(size: Engine.recallsMax)

  /// Heartbeats that a child may send at once; one more comes back every ``Engine/heartbeatInterval``.
  static let heartbeatsMax = 10
}

extension Engine {
  /// How often a heartbeat leaves, in milliseconds.
  public static let heartbeatInterval: UInt64 = 1000
  /// Recalls of one link that are answered at once; beyond that one every ``recallInterval``: an answer may read 4,096
  /// frames and make a MiB, and others want their turn.
  public static let recallsMax = 32
  /// In milliseconds: 50 MiB of history a second at most to one child.
  public static let recallInterval: UInt64 = 20
  /// Corrections of its assignment that a child may cause at once by saying hello with other words; each is a commit.
  public static let helloCommitsMax = 8
  /// How often it may cause one more, in milliseconds.
  public static let helloCommitInterval: UInt64 = 60_000

  /// The link to our parent was dialled and stands.
  ///
  /// - Parameter peer: what the carrier found out about it.
  public func parentConnected(_ id: LinkID, peer: LinkPeer = LinkPeer()) {
    // Nothing that a fenced store says is wanted: an operator must decide first.
    if case .fenced = standing { return closings.append(id) }
    links[id] = .up(Uplink())
    peers[id] = peer
    parentHeard = clock
    linkOrder.append(id)
    let offered = heads.keys.sorted()
    send(
      .hello(
        .init(
          network: networkHash, log: identity.log, partition: identity.partition, epoch: identity.epoch,
          key: key.publicKey, rootOrgCode: identity.rootOrgCode, parentOrgCode: identity.parentOrgCode, logs: offered)),
      on: id)
  }

  /// Somebody dialled us.
  ///
  /// - Parameter peer: what the carrier found out about it; its hello must say the same.
  public func childConnected(_ id: LinkID, peer: LinkPeer = LinkPeer()) {
    links[id] = .unknown
    peers[id] = peer
    linkOrder.append(id)
  }

  /// The carrier lost the link, or closed it as we asked.
  public func disconnected(_ id: LinkID) {
    links[id] = nil
    peers[id] = nil
    linkOrder.removeAll { $0 == id }
    heldAcknowledgements.removeAll { $0.link == id }
    flyingAcknowledgements.removeAll { $0.link == id }
    queues.forget(id)
    forgetVerifications(of: id)
    snapshots.forget(id)
    if let next = admission.forget(id) { grant(next) }
    heldRecalls.removeAll { $0.link == id }
    forgetLane(id)
  }

  /// One message without its length. What it means is done; what it cannot mean closes the link with a reason.
  ///
  /// - Throws: only for our own trouble (store, damage): the link is not to blame and stays.
  public func received(_ bytes: Bytes, on id: LinkID, clock: UInt64) throws(EngineError) {
    guard let link = links[id] else { return }
    self.clock = clock
    let message: LinkMessage
    do { message = try LinkMessage(bytes) } catch {
      return refuse(id, .init(.malformed, Text("expected \(error.expected) at \(error.offset)")))
    }
    if try takesSnapshot(message, link, id, clock) { return }
    switch (link, message) {
    case (.up(let uplink), _): try receivedFromParent(message, uplink, id, clock)
    case (.unknown, .hello(let hello)): try receivedHello(hello, id, clock)
    case (.down(let downlink), .frame(let frame)): try receivedFrame(frame, downlink, id)
    case (.down, .recall(let recall)): try receivedRecall(recall, id)
    case (.down, .presence(let presence)) where presence.isAnswer: receivedPresence(presence, id)
    case (.down(var downlink), .heartbeat(let list)):
      let isTaken = downlink.heartbeats.take(at: clock, every: Engine.heartbeatInterval)
      links[id] = .down(downlink)
      guard isTaken else { return heartbeatsDropped += 1 }
      receivedStatuses(list, below: downlink.partition, clock)
      // Our own sign of life: a child whose parent falls silent drops the line.
      send(.acknowledgement(.init(watermarks: [], credit: downlink.credit)), on: id)
    case (.down, .answer(let answer)): receivedAnswer(answer, id)
    case (.down(let downlink), .outboxPosition(let position)): receivedPosition(position, downlink.partition, on: id)
    case (.down(let downlink), .receipts(let receipts)): receivedReceipts(receipts, of: downlink.partition)
    case (_, .refusal): close(id)
    default: refuse(id, .init(.malformed, "a message out of turn"))
    }
  }
}
