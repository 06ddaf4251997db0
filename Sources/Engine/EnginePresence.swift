import Formats
import Primitives
import Replication

/// A hello that waits until an older link of the same node has ended or answered.
struct WaitingHello {
  let hello: LinkMessage.Hello
  let older: LinkID
  let number: UInt64
  var since: UInt64
}

/// Two machines with one identity are told from one machine whose line broke without telling us: the older link is
/// asked, and only somebody who is still there answers.
extension Engine {
  /// How long an older link has to answer, in milliseconds.
  public static let presencePatience: UInt64 = 3000

  func olderLink(of node: NodeID) -> LinkID? {
    linkOrder.first { if case .down(let downlink) = links[$0] { downlink.child.node == node } else { false } }
  }

  func askPresence(on older: LinkID, for hello: LinkMessage.Hello, _ id: LinkID, _ clock: UInt64) {
    presenceNumber += 1
    links[id] = .waiting(WaitingHello(hello: hello, older: older, number: presenceNumber, since: clock))
    send(.presence(.init(number: presenceNumber, isAnswer: false)), on: older)
  }

  /// The older link lives: whoever came later is a second machine.
  func receivedPresence(_ presence: LinkMessage.Presence, _ id: LinkID) {
    for other in linkOrder {
      guard case .waiting(let waiting) = links[other], waiting.older == id, waiting.number == presence.number
      else { continue }
      let log = waiting.hello.log
      refuse(
        other,
        .init(
          .twin,
          Text("node \(log.node.value) is linked and answers; a second machine came as incarnation \(log.incarnation)"))
      )
      return
    }
  }

  /// Welcomes who waited for a link that is gone or does not answer.
  func admitWaiting(_ clock: UInt64) throws(EngineError) {
    for id in linkOrder {
      guard case .waiting(var waiting) = links[id] else { continue }
      let node = waiting.hello.log.node
      if case .down(let downlink) = links[waiting.older], downlink.child.node == node {
        // A clock that was set back must not make anybody wait for a year.
        if clock < waiting.since {
          waiting.since = clock
          links[id] = .waiting(waiting)
        }
        guard clock >= waiting.since + Engine.presencePatience else { continue }
        close(waiting.older)
      }
      links[id] = .unknown
      try receivedHello(waiting.hello, id, clock)
    }
  }

  /// Whose link it is, for an incident; nil when nobody said.
  func otherLog(of id: LinkID) -> LogID? {
    switch links[id] {
    case .down(let downlink): downlink.child
    case .waiting(let waiting): waiting.hello.log
    case .up: identity.log
    case .unknown, nil: nil
    }
  }
}
