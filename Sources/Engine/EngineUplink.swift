import Formats
import Primitives
import Replication

/// What comes down from the parent.
extension Engine {
  func receivedFromParent(
    _ message: LinkMessage, _ current: Uplink, _ id: LinkID, _ clock: UInt64
  ) throws(EngineError) {
    var uplink = current
    parentHeard = clock
    do {
      switch message {
      case .welcome(let welcome):
        if let node = peers[id]?.node, node != welcome.node {
          throw Uplink.Ending.refuse(.init(.wrongCertificate, "the certificate is another node's"))
        }
        // What waits for its frame is part of the history that the parent's is compared with.
        sealOpenCommits()
        let outcome = try uplink.received(
          welcome, standing: .init(own: identity.log, isRecovering: standing == .recovering),
          offered: heads.keys.sorted(), end: durableApplied, from: self)
        links[id] = .up(uplink)
        lastParentFailure = nil
        if case .recalls(let recall) = outcome {
          if lacksOwn(welcome) { beginRecovering() }
          send(.recall(recall), on: id)
        }
        // Told again in full, if there is anything to tell.
        if !reportedAbove.isEmpty { receivedTickets([], 0) }
        note(welcome.positions.map { .init(level: 1, log: $0.log, last: $0.last) })
        beginFirstSync(id)
      case .recalled(let recalled): try receivedRecalled(recalled, uplink, id, clock)
      case .presence(let presence) where !presence.isAnswer:
        send(.presence(.init(number: presence.number, isAnswer: true)), on: id)
      case .acknowledgement(let acknowledgement):
        uplink.received(acknowledgement)
        links[id] = .up(uplink)
        note(acknowledgement.watermarks)
      case .refusal(let refusal):
        lastParentFailure = refusal
        if refusal.reason == .fenced || refusal.reason == .twin || refusal.reason == .diverged && uplink.isRecalling {
          fence(refusal)
        }
        close(id)
      case .tickets(let tickets, let count): receivedTickets(tickets, count)
      case .question(let question): receivedQuestion(question, id)
      case .ancestry(let ancestry): received(ancestry)
      case .dispatches(let some):
        if let refusal = try received(some, on: id) { throw Uplink.Ending.refuse(refusal) }
      default: refuse(id, .init(.malformed, "a message out of turn"))
      }
    } catch let ending as Uplink.Ending {
      if case .refuse(let refusal) = ending {
        lastParentFailure = refusal
        // An isolated life goes on alone until a person has reconciled it; any other stops here.
        if refusal.reason == .fenced || refusal.reason == .diverged && !isIsolated { fence(refusal) }
        refuse(id, refusal)
      }
    } catch let error as EngineError { throw error } catch { requirementFailed("an uplink throws two kinds of errors") }
  }

  /// Whether the parent holds more of our own logs than we do.
  func lacksOwn(_ welcome: LinkMessage.Welcome) -> Bool {
    welcome.positions.contains { position in
      position.log.node == identity.node && position.last > heads[position.log]?.last ?? .zero
    }
  }

  /// Remembers what is durable above and tells the children whose logs they are.
  func note(_ marks: [LinkMessage.Watermark]) {
    for mark in marks {
      if mark.level == 1, mark.last > watermark(mark.log, level: 1) { parentProgress = clock }
      if mark.level == LinkMessage.Watermark.root {
        rootWatermarks[mark.log] = Swift.max(rootWatermarks[mark.log] ?? .zero, mark.last)
        continue
      }
      guard mark.level >= 1, mark.level < 32 else { continue }
      var levels = watermarks[mark.log] ?? []
      while levels.count < Int(mark.level) { levels.append(.zero) }
      levels[Int(mark.level) - 1] = Swift.max(levels[Int(mark.level) - 1], mark.last)
      watermarks[mark.log] = levels
    }
    for id in linkOrder {
      guard case .down(let downlink) = links[id] else { continue }
      let relayed = marks.filter { mark in
        // Levels that nobody has are not passed on: a level more, and they would be the root's.
        downlink.logs.contains(mark.log) && (mark.level == LinkMessage.Watermark.root || (1..<32).contains(mark.level))
      }.map { mark in
        LinkMessage.Watermark(
          level: mark.level == LinkMessage.Watermark.root ? mark.level : mark.level + 1, log: mark.log, last: mark.last)
      }
      if !relayed.isEmpty { send(.acknowledgement(.init(watermarks: relayed, credit: downlink.credit)), on: id) }
    }
  }
}
