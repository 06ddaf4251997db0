import Formats
import Primitives

/// What a node knows of one hand-over: the parts whose rows it holds, and what the arbiter told from above.
///
/// 1. There is one place where it is decided: the arbiter's commit of `decided` or `void`. Nothing else can undo
///    either, so an acceptance and a withdrawal that cross each other end in one of the two everywhere.
/// 2. The target has the record, and the arbiter has seen it there, before the source lets go: every store that holds
///    both domains sees it come before it goes, and hides the source's copy in between.
/// 3. Every step follows from what is known, not from what just happened: a message that comes twice, late or after a
///    restore leads to the same step or to none.
///
/// States: source prepared → voidAsked → released | voided; target accepted → inserted | voided, or refused; arbiter
/// offered → decided → finalised, or offered → void.
public struct Handover: Hashable, Sendable {
  public var source: HandoverRecord?
  public var target: HandoverRecord?
  public var arbiter: HandoverRecord?
  /// What came down: offered, decided, finalised or void; nil for nothing yet.
  public var told: HandoverRecord.State?

  /// Nothing known.
  public init() {}

  /// Which parts this node writes.
  public struct Roles: Hashable, Sendable {
    public let isSource: Bool
    public let isTarget: Bool
    public let isArbiter: Bool

    /// The roles of a node.
    public init(isSource: Bool, isTarget: Bool, isArbiter: Bool) {
      self.isSource = isSource
      self.isTarget = isTarget
      self.isArbiter = isArbiter
    }
  }

  /// What to do next.
  public enum Step: Hashable, Sendable {
    /// Arbiter: look at the rows, then ask the target, or undo it when they are not what the source froze.
    case offer
    /// Arbiter: nothing moves.
    case void(Text)
    /// Arbiter: it moves.
    case decide
    /// Arbiter: it has moved.
    case finalise
    /// Target: look whether it fits, then accept or refuse.
    case answer
    /// Target: take the rows.
    case insert
    /// Target: forget that it accepted.
    case forget
    /// Source: let go of the rows.
    case release
    /// Source: go on as before.
    case thaw
  }

  /// What all parts say.
  public var facts: HandoverRecord.Facts? { source?.facts ?? arbiter?.facts ?? target?.facts }

  /// What the arbiter said last, as this node knows: by its row, or by what came down.
  public var decision: HandoverRecord.State? { arbiter?.state ?? told }

  /// Whether the source's rows may not be changed.
  public var isFrozen: Bool { source.map { $0.state == .prepared || $0.state == .voidAsked } ?? false }

  /// Whether the source's copy must not count: the target's is here too.
  public var isSourceHidden: Bool { isFrozen && target?.state == .inserted }

  /// Whether nothing more will happen, as far as is known here.
  public var isOver: Bool {
    (source?.state.isFinal ?? true) && (target?.state.isFinal ?? true) && (arbiter?.state.isFinal ?? true)
  }

  /// The next step of a node with these roles; nil when it has to wait.
  ///
  /// - Parameters:
  ///   - hasOffer: whether the rows came down, or lie here.
  ///   - clock: the node's, in milliseconds; only an arbiter's decides whether time is up.
  public func step(_ roles: Roles, hasOffer: Bool, clock: UInt64) -> Step? {
    if roles.isArbiter, let step = arbiterStep(clock) { return step }
    if roles.isTarget, let step = targetStep(hasOffer) { return step }
    if roles.isSource, let step = sourceStep { return step }
    return nil
  }

  private func arbiterStep(_ clock: UInt64) -> Step? {
    guard let arbiter else {
      switch source?.state {
      case .prepared: return .offer
      case .voidAsked: return .void("withdrawn before it was offered")
      // An arbiter that lost what it had decided: the source went on, so the target must not wait.
      case .voided: return target?.state == .accepted ? .void("undone before") : nil
      default: return nil
      }
    }
    switch arbiter.state {
    case .offered:
      switch target?.state {
      case .refused, .voided: return .void(target?.reason ?? "")
      // Decided in an earlier life of an arbiter that was put back.
      case .inserted: return .decide
      // Both came in before a decision: what the source wants holds, for nothing has moved.
      case .accepted: return source?.state == .voidAsked ? .void(source?.reason ?? "") : .decide
      default: break
      }
      if source?.state == .voidAsked { return .void(source?.reason ?? "") }
      let expires = arbiter.facts.expires
      return expires > 0 && clock >= expires ? .void("expired before it was accepted") : nil
    case .decided: return target?.state == .inserted ? .finalise : nil
    default: return nil
    }
  }

  private func targetStep(_ hasOffer: Bool) -> Step? {
    switch target?.state {
    case nil: return hasOffer && (decision == .offered) ? .answer : nil
    case .accepted:
      switch decision {
      case .decided, .finalised: return hasOffer ? .insert : nil
      case .void: return .forget
      default: return nil
      }
    default: return nil
    }
  }

  private var sourceStep: Step? {
    guard isFrozen else { return nil }
    switch decision {
    case .finalised: return .release
    case .void: return .thaw
    default: return nil
    }
  }
}
