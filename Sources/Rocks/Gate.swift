import Glibc
import Primitives
import Synchronization

/// Counts the uses of something that one call destroys, so that no use meets the destruction.
final class Gate: Sendable {
  private static let shutBit = 1 << 62
  private static let waitMicrosecondsMax = 30_000_000
  private let state = Atomic<Int>(0)

  /// Counts one use in; false when the gate is shut.
  @inline(__always)
  func enter() -> Bool {
    if state.add(1, ordering: .acquiring).newValue & Gate.shutBit == 0 { return true }
    leave()
    return false
  }

  @inline(__always)
  func leave() { state.subtract(1, ordering: .releasing) }

  var isShut: Bool { state.load(ordering: .acquiring) & Gate.shutBit != 0 }

  /// Shuts the gate, waits for the uses inside to end, then runs `destroy`; once only.
  ///
  /// - Requires: they end within 30 s; a use that never ends would make the destruction an abort inside RocksDB.
  func shut(_ destroy: () -> Void) {
    if state.bitwiseOr(Gate.shutBit, ordering: .acquiringAndReleasing).oldValue & Gate.shutBit != 0 { return }
    var waited = 0
    while state.load(ordering: .acquiring) != Gate.shutBit {
      require(waited < Gate.waitMicrosecondsMax, "a view of the database is still open 30 s after close was called")
      usleep(500)
      waited += 500
    }
    destroy()
  }
}
