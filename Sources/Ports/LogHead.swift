import Primitives

/// How far a store has come: its log's last commit and its last applied frame.
public struct LogHead: Hashable, Sendable {
  /// The log the store writes now.
  public let log: LogID
  /// The last commit in it; zero before the first.
  public let sequence: Sequence64
  /// The last frame applied, own and foreign; never goes back, not even when a new log is begun.
  public let applied: ApplySequence
  /// The log's chain hash at `sequence`.
  public let hash: Digest256

  /// The head made of its parts.
  public init(log: LogID, sequence: Sequence64, applied: ApplySequence, hash: Digest256) {
    self.log = log
    self.sequence = sequence
    self.applied = applied
    self.hash = hash
  }

  /// Whether a store at this head has everything that was acknowledged at `other`: the same log as far or further, or a
  /// later log of the same node, and nothing applied is missing. Two hashes at one sequence are two histories: not
  /// covered.
  public func covers(_ other: LogHead) -> Bool {
    guard log.node == other.log.node, applied >= other.applied else { return false }
    if log != other.log { return log.incarnation > other.log.incarnation }
    return sequence > other.sequence || sequence == other.sequence && hash == other.hash
  }
}
