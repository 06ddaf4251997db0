import Primitives

/// Who is logged in at this node. In memory only: a restart ends every session, which is what revoking all of them
/// takes. Pure: the time is an argument.
///
/// 1. A token is known by its hash; who reads this process's memory dump learns none.
/// 2. A session ends 15 minutes after its last use, 12 hours after its login, with a logout, and when its user is
///    locked or gets another password.
/// 3. There are at most ``sessionsMax``; the one that was unused longest makes room.
public struct SessionTable: Sendable {
  /// Milliseconds without a request that end a session.
  public static let idleMilliseconds: UInt64 = 15 * 60_000
  /// Milliseconds that end it in any case.
  public static let lifeMilliseconds: UInt64 = 12 * 3_600_000
  /// Sessions at a time.
  public static let sessionsMax = 1000

  /// One login.
  public struct Session: Hashable, Sendable {
    /// SHA-256 of the token.
    public let digest: Digest256
    public let user: RecordID
    public let opened: UInt64
    public fileprivate(set) var used: UInt64
    /// Whether a one-time code was given.
    public var hasSecondFactor: Bool
    /// Whether somebody else knows the password: nothing but a new one is allowed.
    public var mustChangePassword: Bool

    /// First four bytes of the digest: what audit entries call it.
    public var number: UInt32 { digest.bytes[0..<4].reduce(0) { $0 << 8 | UInt32($1) } }

    /// A login at a moment.
    public init(
      digest: Digest256, user: RecordID, opened: UInt64, hasSecondFactor: Bool, mustChangePassword: Bool
    ) {
      self.digest = digest
      self.user = user
      self.opened = opened
      used = opened
      self.hasSecondFactor = hasSecondFactor
      self.mustChangePassword = mustChangePassword
    }

    fileprivate func holds(at now: UInt64) -> Bool {
      // A clock that was set back ends the session too: nobody could say how long it was unused.
      now >= used && now - used < SessionTable.idleMilliseconds && now - opened < SessionTable.lifeMilliseconds
    }
  }

  /// By last use, oldest first.
  private var sessions: [Session] = []

  /// Nobody is logged in.
  public init() {}

  /// How many there are.
  public var count: Int { sessions.count }

  /// Adds a session.
  public mutating func open(_ session: Session) {
    sessions.removeAll { !$0.holds(at: session.opened) }
    if sessions.count >= SessionTable.sessionsMax { sessions.removeFirst() }
    sessions.append(session)
  }

  /// The session of a token, which was used now; nil when there is none that holds.
  ///
  /// - Complexity: linear in the sessions, of which there are few.
  public mutating func use(_ digest: Digest256, at now: UInt64) -> Session? {
    guard let place = sessions.firstIndex(where: { $0.digest == digest }) else { return nil }
    var session = sessions.remove(at: place)
    guard session.holds(at: now) else { return nil }
    session.used = now
    sessions.append(session)
    return session
  }

  /// Changes what a session may do.
  public mutating func change(_ digest: Digest256, _ body: (inout Session) -> Void) {
    guard let place = sessions.firstIndex(where: { $0.digest == digest }) else { return }
    body(&sessions[place])
  }

  /// Ends a session.
  public mutating func end(_ digest: Digest256) { sessions.removeAll { $0.digest == digest } }

  /// Ends the sessions of a user, but for one.
  public mutating func endAll(of user: RecordID, except digest: Digest256? = nil) {
    sessions.removeAll { $0.user == user && $0.digest != digest }
  }
}

/// Compares a wall clock with one that only runs.
public struct ClockWatch: Sendable {
  /// Milliseconds by which they may drift apart between two looks.
  public static let jumpMilliseconds: Int64 = 60_000

  private var wall: UInt64
  private var running: UInt64

  /// Begins with what both say.
  public init(wall: UInt64, running: UInt64) {
    self.wall = wall
    self.running = running
  }

  /// By how many milliseconds the wall clock was set forward (or, negative, back) since the last look; nil when it was
  /// not.
  public mutating func look(wall: UInt64, running: UInt64) -> Int64? {
    let moved = Int64(clamping: wall) - Int64(clamping: self.wall)
    let passed = Int64(clamping: running) - Int64(clamping: self.running)
    self.wall = wall
    self.running = running
    let jump = moved - passed
    return abs(jump) > ClockWatch.jumpMilliseconds ? jump : nil
  }
}
