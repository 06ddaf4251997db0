import Foundation
import Glibc
import Synchronization

/// Ctrl-C and SIGTERM end the daemons we started before they end us: a demonstration leaves nothing running behind.
enum Interruption {
  private static let running = Mutex<[pid_t]>([])

  /// Watches for the signals from now on; once is enough.
  static func watch() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // The default action would end us before the handler runs.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      // The handler holds its own source: there is nobody else who would.
      source.setEventHandler {
        withExtendedLifetime(source) { end(number) }
      }
      source.resume()
    }
  }

  static func started(_ process: pid_t) { running.withLock { $0.append(process) } }
  static func allEnded() { running.withLock { $0 = [] } }

  private static func end(_ number: Int32) {
    let processes = running.withLock { $0 }
    for process in processes { kill(process, SIGTERM) }
    // They finish what was begun; whoever does not within ten seconds has a fault that its log tells of.
    for process in processes {
      for _ in 0..<200 where waitpid(process, nil, WNOHANG) == 0 { usleep(50_000) }
    }
    exit(128 + number)
  }
}
