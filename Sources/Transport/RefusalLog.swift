import Logging
import NIOCore
import Synchronization

/// Tells of connections that were refused, at most so many a minute: strangers must not fill a disk with their visits.
final class RefusalLog: Sendable {
  private struct State {
    var windowStart = NIODeadline.now()
    var told = 0
    var left = 0
  }
  static let toldMax = 60

  private let log: Logger
  private let state = Mutex(State())

  init(_ log: Logger) { self.log = log }

  /// - Parameter code: of Messages, for people who look the line up.
  func refused(_ address: SocketAddress?, _ code: String, _ reason: String) {
    let (isTold, left) = state.withLock { state -> (Bool, Int) in
      if .now() - state.windowStart > .minutes(1) {
        defer { state = State(told: 1) }
        return (true, state.left)
      }
      guard state.told < RefusalLog.toldMax else {
        state.left += 1
        return (false, 0)
      }
      state.told += 1
      return (true, 0)
    }
    guard isTold else { return }
    if left > 0 { log.warning("refused connections that were not told of", metadata: ["count": "\(left)"]) }
    log.warning(
      "connection refused",
      metadata: [
        "code": "\(code)", "address": "\(address.map(plain) ?? "-")", "reason": "\(reason)",
      ])
  }

  private func plain(_ address: SocketAddress) -> String {
    "\(address.ipAddress ?? "-"):\(address.port ?? 0)"
  }
}
