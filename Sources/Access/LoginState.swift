/// What is remembered of a user's failed logins. Pure: the time is an argument, the keeper stores it before anybody is
/// answered, so that a crash forgives nothing.
public struct LoginState: Hashable, Sendable {
  /// Failures in a row that lock.
  public static let failuresMax: UInt8 = 5
  /// Milliseconds for which they do: 15 minutes.
  public static let lockMilliseconds: UInt64 = 15 * 60_000

  public private(set) var failures: UInt8
  /// Milliseconds; 0 when not locked. A clock set back makes a lock longer, never shorter.
  public private(set) var lockedUntil: UInt64

  /// As it was stored; for a new user nothing failed.
  public init(failures: UInt8 = 0, lockedUntil: UInt64 = 0) {
    self.failures = failures
    self.lockedUntil = lockedUntil
  }

  /// Whether nobody is let in now, whatever he knows.
  public func isLocked(at now: UInt64) -> Bool { now < lockedUntil }

  /// A login that was not locked out failed.
  public mutating func fail(at now: UInt64) {
    failures += 1
    guard failures >= LoginState.failuresMax else { return }
    failures = 0
    lockedUntil = now + LoginState.lockMilliseconds
  }

  /// A login succeeded, or an administrator let the user in again.
  public mutating func clear() { self = LoginState() }
}

/// One-time codes that were used: none is taken twice.
public enum CodeWindow {
  /// Steps of 30 s by which a clock may differ, either way.
  public static let steps: UInt64 = 1

  /// The step of a code that may be taken now; nil for none.
  ///
  /// - Parameters:
  ///   - code: as typed.
  ///   - now: the step that it is now.
  ///   - last: the step of the last code that was taken; only later ones are.
  ///   - expected: the code of a step.
  public static func step(
    of code: UInt32, now: UInt64, last: UInt64, expected: (UInt64) -> UInt32
  ) -> UInt64? {
    let first = now > steps ? now - steps : 0
    for step in first...now + steps where step > last && expected(step) == code { return step }
    return nil
  }
}
