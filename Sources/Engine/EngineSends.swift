import Formats
import Primitives
import Replication

/// What leaves: acknowledgements to children, frames and heartbeats to the parent.
extension Engine {
  /// After a batch is synced: tells each child what of its logs is durable here, and grants as much again as it used.
  func acknowledgeWritten() {
    var written = flyingAcknowledgements
    flyingAcknowledgements = []
    // Second copies that came while the first was being written: no batch of their own carries them.
    if heldAcknowledgements.contains(where: isDurable) {
      written.append(contentsOf: heldAcknowledgements.filter(isDurable))
      heldAcknowledgements.removeAll(where: isDurable)
    }
    acknowledge(written)
  }

  func isDurable(_ frame: (link: LinkID, log: LogID, last: Sequence64)) -> Bool {
    frame.last <= durableHeads[frame.log]?.last ?? .zero
  }

  func acknowledge(_ frames: [(link: LinkID, log: LogID, last: Sequence64)]) {
    var byLink: [LinkID: [LogID: Sequence64]] = [:]
    for (id, log, last) in frames { byLink[id, default: [:]][log] = last }
    for id in linkOrder {
      guard let logs = byLink[id], case .down(var downlink) = links[id] else { continue }
      let next = admission.granted(
        id, received: downlink.received, unused: downlink.credit - Swift.min(downlink.credit, downlink.received))
      downlink.credit = Swift.max(downlink.credit, downlink.applied + admission.window(id))
      links[id] = .down(downlink)
      if let next { grant(next) }
      var marks: [LinkMessage.Watermark] = []
      for log in logs.keys.sorted() {
        guard let last = logs[log] else { continue }
        marks.append(.init(level: 1, log: log, last: last))
        if isRoot { marks.append(.init(level: LinkMessage.Watermark.root, log: log, last: last)) }
      }
      send(.acknowledgement(.init(watermarks: marks, credit: downlink.credit)), on: id)
    }
  }

  /// A child has a large window now: it learns of it without having to wait for its next frame.
  func grant(_ id: LinkID) {
    guard case .down(var downlink) = links[id] else { return }
    downlink.credit = Swift.max(downlink.credit, downlink.applied + admission.window(id))
    links[id] = .down(downlink)
    send(.acknowledgement(.init(watermarks: [], credit: downlink.credit)), on: id)
  }

  /// Lets frames leave for the parent as credit allows, and heartbeats when they are due.
  ///
  /// - Parameter framesMax: how many frames at most before the driver looks after other things.
  public func pump(clock: UInt64, framesMax: Int = 64) throws(EngineError) {
    self.clock = clock
    try applyWaiting()
    try admitWaiting(clock)
    try answerRecalls()
    try pumpSnapshots()
    tellTickets(clock: clock)
    try makeDirectory(clock: clock)
    try advanceHandovers(clock: clock)
    try pumpOutboxes()
    for id in linkOrder {
      guard case .up(var uplink) = links[id], uplink.isStreaming else { continue }
      var frames = 0
      while frames < framesMax {
        let next: Bytes?
        do { next = try uplink.nextFrame(durable: durableApplied, from: self) } catch let ending as Uplink.Ending {
          if case .refuse(let refusal) = ending { refuse(id, refusal) }
          return
        } catch let error as EngineError { throw error } catch {
          requirementFailed("an uplink throws two kinds of errors")
        }
        guard let next else { break }
        send(.frame(next), on: id)
        frames += 1
      }
      links[id] = .up(uplink)
      if clock >= lastHeartbeat + Engine.heartbeatInterval || clock < lastHeartbeat {
        lastHeartbeat = clock
        sendHeartbeat(on: id, clock)
      }
    }
    try offerSnapshots()
  }

  /// Signs of life of others in one heartbeat; the rest follows with the next, the oldest first.
  static let statusesMax = 512

  private func sendHeartbeat(on id: LinkID, _ clock: UInt64) {
    var list = [ownStatus(clock)]
    for log in statusChanged.prefix(Engine.statusesMax) { if let status = statuses[log] { list.append(status) } }
    statusChanged.removeFirst(Swift.min(statusChanged.count, Engine.statusesMax))
    send(.heartbeat(list), on: id)
  }

  /// Our own sign of life.
  public func ownStatus(_ clock: UInt64) -> LinkMessage.NodeStatus {
    let rows = rowCounts(identity.partition).reduce(0) { $0 + $1.rows }
    return .init(
      log: identity.log, last: durableSequence, time: clock, rows: UInt64(rows), bytesSent: bytesSent,
      rootOrgCode: identity.rootOrgCode)
  }

  func send(_ message: LinkMessage, on id: LinkID) {
    let bytes = message.encoded()
    if case .up = links[id] { bytesSent += UInt64(bytes.count) }
    sends.append((id, bytes))
  }

  func refuse(_ id: LinkID, _ refusal: LinkMessage.Refusal) {
    // Who is not ready yet, or must wait for it, is nobody's fault.
    if refusal.reason != .notReady { refusals += 1 }
    if let log = otherLog(of: id) { note(refusal, of: log) }
    send(.refusal(refusal), on: id)
    close(id)
  }

  func close(_ id: LinkID) {
    closings.append(id)
    disconnected(id)
  }

  /// Bytes to be sent, in order per link; the caller sends them all.
  public func takeSends() -> [(link: LinkID, bytes: Bytes)] {
    defer { sends.removeAll(keepingCapacity: true) }
    return sends
  }

  /// Links to be closed after their bytes were sent.
  public func takeClosings() -> [LinkID] {
    defer { closings.removeAll(keepingCapacity: true) }
    return closings
  }
}
