import Formats
import Ports
import Primitives
import Replication

/// Outboxes by file: a return package carries what waits for the child, the child's next package says how far it has
/// come. Every return package begins where the child was last known to stand, so one that gets lost costs nothing.
extension Engine {
  /// Bytes of dispatches in one return package; one may overdraw.
  static let packageDispatchesMax = 16 << 20

  /// What a return package says down: whose signatures count, then what waits.
  func messages(for child: PartitionID) throws(EngineError) -> [LinkMessage] {
    guard let ancestry = ancestry(for: child) else { return [] }
    if dispatches.outboxes[child]?.stream.log != identity.log.value { beginOutbox(of: child) }
    var messages = [LinkMessage.ancestry(ancestry)]
    if let outbox = dispatches.outboxes[child],
      let some = try some(of: outbox, after: outbox.acknowledged, bytesMax: Engine.packageDispatchesMax).0
    {
      messages.append(.dispatches(some))
    }
    return messages
  }

  /// What a package to the parent says of its outbox and of receipts.
  var messagesForParent: [LinkMessage] {
    var messages = [
      LinkMessage.outboxPosition(.init(stream: dispatches.durableCursor.stream, last: dispatches.durableCursor.last))
    ]
    let receipts = untoldReceipts
    if !receipts.isEmpty { messages.append(.receipts(receipts)) }
    return messages
  }

  /// Remembers what a package said, so that it can be made again with the same bytes.
  func recordMessages(_ draft: PackageDraft) {
    let facts = draft.facts
    writes.put(
      .meta, MetaKey.sentMessages(identity.log, to: facts.recipient, facts.number),
      PackageBody.encode(draft.body.messages))
    for case .receipts(let receipts) in draft.body.messages { told(receipts) }
  }

  func messagesSent(to node: NodeID, _ number: UInt64) throws(EngineError) -> [LinkMessage] {
    guard let bytes = try value(.meta, MetaKey.sentMessages(identity.log, to: node, number)) else { return [] }
    do { return try PackageBody.messages(bytes) } catch { throw .corrupt("what package \(number) said of outboxes") }
  }

  /// Takes what a child's package says.
  func take(_ messages: [LinkMessage], ofChild child: PartitionID) {
    for message in messages {
      switch message {
      case .outboxPosition(let position): receivedPosition(position, child, on: nil)
      case .receipts(let receipts): receivedReceipts(receipts, of: child)
      default: continue
      }
    }
  }

  /// Takes what the parent's package says. Places that do not follow are left for the next one: the parent begins where
  /// it knows us to stand.
  func take(messages: [LinkMessage]) throws(EngineError) {
    for message in messages {
      switch message {
      case .ancestry(let ancestry): received(ancestry)
      case .dispatches(let some): if try received(some) != nil { dispatches.refused += 1 }
      default: continue
      }
    }
  }
}
