import Primitives

/// How a node's stream is doing, as the node above, or the node itself, sees it.
public enum LinkVerdict: String, Hashable, Sendable, CaseIterable {
  /// Nothing to send, and signs of life.
  case idle
  /// Data flows.
  case ok
  /// Data flows, but what arrives is old.
  case slow
  /// The line stands and nothing comes through: no sign of life, or no progress with work to do.
  case stalled
  /// There is no line.
  case broken
  /// The two histories or the two copies do not agree: somebody has to look.
  case diverged
  /// Never heard of since this node was opened.
  case unknown

  /// From how many milliseconds on what is called what. A heartbeat leaves every second.
  public enum Threshold {
    /// Three heartbeats and the time of a slow sync.
    public static let silence: UInt64 = 5_000
    /// A node further down is heard through others: the minute within which heartbeats come up (DESIGN, heartbeats).
    public static let relayedSilence: UInt64 = 60_000
    /// Work to do and nothing taken for so long.
    public static let standstill: UInt64 = 15_000
    /// Older than this, data that comes in is late.
    public static let late: UInt64 = 10_000
    /// A log that moved within this still flows.
    public static let recent: UInt64 = 3_000
  }

  /// What a verdict is made from; ages in milliseconds by the clock of who judges.
  public struct Facts: Hashable, Sendable {
    /// Whether a line stands; nil when the node is heard through others.
    public var isLinked: Bool?
    /// Since the last sign of life; nil when there was none.
    public var silence: UInt64?
    /// Commits that are known to exist and are not here.
    public var lag: UInt64
    /// Since the log moved here last; nil when it did not since this node was opened.
    public var standstill: UInt64?
    /// Since everything that the owner had told of was here; nil when that was never so.
    public var age: UInt64?
    /// The last link, or the last comparison, said that the copies differ.
    public var isDiverged: Bool

    public init(
      isLinked: Bool?, silence: UInt64?, lag: UInt64, standstill: UInt64?, age: UInt64?, isDiverged: Bool = false
    ) {
      self.isLinked = isLinked
      self.silence = silence
      self.lag = lag
      self.standstill = standstill
      self.age = age
      self.isDiverged = isDiverged
    }
  }

  /// The worst that is true.
  public init(_ facts: Facts) {
    if facts.isDiverged {
      self = .diverged
    } else if facts.isLinked == false {
      self = facts.silence == nil && facts.standstill == nil ? .unknown : .broken
    } else if let silence = facts.silence {
      let limit = facts.isLinked == nil ? Threshold.relayedSilence : Threshold.silence
      if silence > limit {
        self = .stalled
      } else if facts.lag == 0 {
        self = facts.standstill.map { $0 <= Threshold.recent } ?? false ? .ok : .idle
      } else if (facts.standstill ?? .max) > Threshold.standstill, (facts.age ?? .max) > Threshold.standstill {
        self = .stalled
      } else {
        self = (facts.age ?? .max) > Threshold.late ? .slow : .ok
      }
    } else {
      self = facts.isLinked == true ? .stalled : .unknown
    }
  }
}

/// How fresh one subtree's own domain is at a store.
public struct Freshness: Hashable, Sendable {
  /// The owner's present log; nil when nothing of it is known here.
  public let log: LogID?
  /// Commits of the owner's log that are here.
  public let sequence: UInt64
  /// Commits that the owner had told of and that are not here.
  public let lag: UInt64
  /// Milliseconds since everything its owner had told of was here: the answer is as of then. Zero at the owner itself;
  /// nil when it was never heard of since this node was opened.
  public let age: UInt64?
  public let verdict: LinkVerdict

  public init(log: LogID?, sequence: UInt64, lag: UInt64, age: UInt64?, verdict: LinkVerdict) {
    self.log = log
    self.sequence = sequence
    self.lag = lag
    self.age = age
    self.verdict = verdict
  }
}
