import Foundation
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM end the daemons we started before they end us: a demonstration leaves nothing running behind.
enum Interruption {
  private static let running = Mutex<(processes: [pid_t], isEnding: Bool)>(([], false))

  /// Watches for the signals from now on; once is enough.
  static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // The default action would end us before the handler runs. A handler, not SIG_IGN: daemons would inherit that.
      signal(number) { _ in }
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      // The handler holds its own source: there is nobody else who would.
      source.setEventHandler {
        withExtendedLifetime(source) { end(number) }
      }
      source.resume()
    }
  }

  /// Remembers a daemon; one that starts while everything ends is ended with the rest.
  static func started(_ process: pid_t) {
    let isEnding = running.withLock { state in
      state.processes.append(process)
      return state.isEnding
    }
    if isEnding { kill(process, SIGTERM) }
  }
  static func allEnded() { running.withLock { $0.processes = [] } }

  private static func end(_ number: Int32) {
    let processes = running.withLock { state in
      state.isEnding = true
      return state.processes
    }
    for process in processes { kill(process, SIGTERM) }
    // They finish what was begun; whoever does not within ten seconds has a fault that its log tells of.
    for _ in 0..<100 where processes.contains(where: { kill($0, 0) == 0 }) { usleep(100_000) }
    for process in running.withLock({ $0.processes }) { kill(process, SIGKILL) }
    exit(128 + number)
  }
}
