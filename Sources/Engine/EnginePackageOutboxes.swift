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
      let some = try some(
        of: outbox, for: child, after: outbox.acknowledged, bytesMax: Engine.packageDispatchesMax
      ).0
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
    let receipts = receiptsForParent
    if !receipts.isEmpty { messages.append(.receipts(receipts)) }
    return messages
  }

  /// What the parent was not told, or told by a package that it has not answered; the newest word of each.
  private var receiptsForParent: [LinkMessage.Receipt] {
    var list = untoldReceipts
    var seen = Set(list.map(\.id))
    for package in dispatches.unanswered {
      for receipt in package.receipts where list.count < LinkMessage.receiptsMax && seen.insert(receipt.id).inserted {
        if let newest = dispatches.durableReceipts[receipt.id] { list.append(newest) }
      }
    }
    return list
  }

  /// The parent answered our packages up to a number.
  func answered(_ number: UInt64) { dispatches.unanswered.removeAll { $0.number <= number } }

  /// Whether the parent should hear something of its outbox though no frame waits for it: a receipt is worth a package,
  /// how far the outbox was taken travels with the next one.
  var hasNewsForParent: Bool { !receiptsForParent.isEmpty }

  /// Remembers what a package said, so that it can be made again with the same bytes.
  func recordMessages(_ draft: PackageDraft) {
    let facts = draft.facts
    writes.put(
      .meta, MetaKey.sentMessages(identity.log, to: facts.recipient, facts.number),
      PackageBody.encode(draft.body.messages))
    for message in draft.body.messages {
      switch message {
      case .receipts(let receipts):
        told(receipts)
        // The newest word is in the newest package: older ones need no answer for it.
        dispatches.unanswered = dispatches.unanswered.compactMap { package in
          let rest = package.receipts.filter { old in !receipts.contains { $0.id == old.id } }
          return rest.isEmpty ? nil : (package.number, rest)
        }
        dispatches.unanswered.append((facts.number, receipts))
      default: continue
      }
    }
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
