import Access
import Engine
import Formats
import Foundation
import Messages
import Ports
import Primitives
import RocksStorage
import Synchronization

/// Users and sessions of one node, and the one place where passwords are checked.
///
/// 1. One password is hashed at a time, 16 MiB each, on a thread of its own; ``waitingMax`` wait, more are refused.
/// 2. A user who does not exist costs as much time as one who does.
/// 3. Failures are stored before anybody is answered.
final class AccessDesk: Sendable {
  /// Logins that wait for the one whose password is being checked.
  static let waitingMax = 50

  private struct State {
    var users: [User]?
    /// How often users changed: what was read before a change is not kept after it.
    var generation: UInt64 = 0
    var sessions = SessionTable()
    var waiting = 0
    /// Refusals of callers nobody knows, noted in the minute that began then, and those that were not.
    var strangers = (since: UInt64(0), noted: 0, dropped: UInt64(0))
  }

  private let state = Mutex(State())
  private let hashing = DispatchQueue(label: "xylem-passwords")
  let key: SigningKey

  init(key: SigningKey) { self.key = key }

  // MARK: Users

  /// What was read last, nil when it must be read, and how often it changed.
  var users: (known: [User]?, generation: UInt64) { state.withLock { ($0.users, $0.generation) } }

  /// Keeps what was read, unless it changed since.
  func keep(_ users: [User], readAt generation: UInt64) {
    state.withLock { state in if state.generation == generation { state.users = users } }
  }

  /// Users changed.
  func forgetUsers() {
    state.withLock { state in
      state.users = nil
      state.generation += 1
    }
  }

  // MARK: Sessions

  /// Random bytes of the system: getrandom(2).
  static func random(_ count: Int) -> Bytes { (0..<count).map { _ in UInt8.random(in: 0...255) } }

  /// Opens a session and returns its token, which is nowhere kept.
  func open(_ user: RecordID, hasSecondFactor: Bool, mustChangePassword: Bool) -> (token: String, number: UInt32) {
    let token = AccessDesk.random(32).hex
    let session = SessionTable.Session(
      digest: AccessDesk.digest(token), user: user, opened: NodeClock.milliseconds, hasSecondFactor: hasSecondFactor,
      mustChangePassword: mustChangePassword)
    state.withLock { $0.sessions.open(session) }
    return (token, session.number)
  }

  static func digest(_ token: String) -> Digest256 { Hashing().digest(Bytes(token.utf8)) }

  /// The session of a token, used now.
  func session(_ token: String) -> SessionTable.Session? {
    // Longer than any of ours: not worth a hash.
    guard token.utf8.count == 64 else { return nil }
    let digest = AccessDesk.digest(token)
    return state.withLock { $0.sessions.use(digest, at: NodeClock.milliseconds) }
  }

  func change(_ session: SessionTable.Session, _ body: @Sendable (inout SessionTable.Session) -> Void) {
    state.withLock { $0.sessions.change(session.digest, body) }
  }

  func end(_ session: SessionTable.Session) { state.withLock { $0.sessions.end(session.digest) } }

  func endAll(of user: RecordID, except session: SessionTable.Session? = nil) {
    state.withLock { $0.sessions.endAll(of: user, except: session?.digest) }
  }

  /// Refusals of callers without a session that are noted in a minute: who can open the socket must not be able to fill
  /// the disk.
  private static let strangersPerMinute = 60

  /// Whether one more refusal of somebody unknown is noted, and then how many were not before it.
  func noteStranger() -> UInt64? {
    let now = NodeClock.milliseconds
    return state.withLock { state in
      if now >= state.strangers.since + 60_000 || now < state.strangers.since {
        state.strangers = (now, 0, state.strangers.dropped)
      }
      guard state.strangers.noted < AccessDesk.strangersPerMinute else {
        state.strangers.dropped += 1
        return nil
      }
      state.strangers.noted += 1
      defer { state.strangers.dropped = 0 }
      return state.strangers.dropped
    }
  }

  // MARK: Passwords

  /// Runs `body`, which hashes, when its turn comes.
  ///
  /// - Throws: `XYL-ACC-0012` when too many wait.
  func inTurn<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws(Failure) -> Result {
    let isAdmitted = state.withLock { state in
      guard state.waiting < AccessDesk.waitingMax else { return false }
      state.waiting += 1
      return true
    }
    guard isAdmitted else { throw Failure(.accessBusy, ["limit": "\(AccessDesk.waitingMax)"]) }
    defer { state.withLock { $0.waiting -= 1 } }
    do {
      return try await withCheckedThrowingContinuation { continuation in
        hashing.async { continuation.resume(with: Swift.Result { try body() }) }
      }
    } catch { throw Failure(anyError: error) }
  }

  /// A hash that no password fits, for users who do not exist.
  static let nobody = PasswordHash(Bytes("nobody".utf8), salt: random(PasswordHash.saltByteCount))

  /// The bytes that are hashed of a password: in one normal form, so that every keyboard gives the same.
  ///
  /// - Throws: `XYL-ACC-0008` for what cannot be one.
  static func bytes(_ password: String) throws(Failure) -> Bytes {
    func weak(_ zh: String, _ en: String) -> Failure { Failure(.accessWeakPassword, ["reason": en, "reason.zh": zh]) }
    // Before anything is worked out about a text of any length.
    guard password.utf8.count <= 512 else { throw weak("太长", "too long") }
    let text = password.precomposedStringWithCompatibilityMapping
    guard !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
      throw weak("含控制字符", "it holds a control character")
    }
    return Bytes(text.utf8)
  }

  /// Refuses a new password that is too easy.
  static func requireStrong(_ password: String, for user: User) throws(Failure) {
    func weak(_ zh: String, _ en: String) -> Failure { Failure(.accessWeakPassword, ["reason": en, "reason.zh": zh]) }
    _ = try bytes(password)
    guard (10...128).contains(password.count) else { throw weak("长度不是 10 到 128 个字符", "not 10 to 128 characters") }
    var kinds: Set<Int> = []
    for character in password { kinds.insert(character.isNumber ? 0 : character.isLetter ? 1 : 2) }
    guard kinds.count >= 2 else { throw weak("只有一类字符", "only one kind of characters") }
    guard Set(password).count >= 5 else { throw weak("字符太少重复太多", "fewer than five different characters") }
    guard !password.lowercased().contains(user.name.string.lowercased()) else {
      throw weak("含用户名", "it holds the user's name")
    }
  }

  // MARK: Secrets

  func seal(_ secret: UserSecret, of user: RecordID) -> Bytes {
    LocalSeal.seal(secret.encoded, salt: AccessDesk.random(16), purpose: MetaKey.userSecret(user), by: key)
  }

  /// - Throws: `.corrupt` when it was not sealed by this node for this user.
  func secret(of user: RecordID, _ store: any StoreReader) throws -> UserSecret? {
    guard let sealed = try store.get(.meta, MetaKey.userSecret(user)) else { return nil }
    guard let plain = LocalSeal.open(sealed, purpose: MetaKey.userSecret(user), by: key) else {
      throw StoreError.corrupt("what proves a user")
    }
    do { return try UserSecret(plain) } catch { throw StoreError.corrupt("what proves a user") }
  }
}
