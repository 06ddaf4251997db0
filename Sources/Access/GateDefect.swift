/// A check that a test leaves out, to prove that some other test sees it missing. Debug builds only: in a release build
/// ``active`` is nil for good, and every question about it is gone.
public enum GateDefect: String, Hashable, Sendable, CaseIterable {
  /// Every scope sees every org.
  case extentIsIgnored
  /// Masked items are shown.
  case maskIsLeftOut
  /// Masked items may be computed with.
  case maskedIsComputed
  /// Every entity may be read.
  case entityIsIgnored
  /// A path leads out of the scope.
  case pathLeavesScope
  /// A demand on related records counts those outside.
  case relatedLeavesScope
  /// An org outside is known by its code.
  case codeOutsideIsKnown
  /// Records without a known org are shown where a partition is whole.
  case unplacedIsShown
  /// Columns answer what only rows can judge.
  case columnsAnswerAll
  /// A grant holds after its last day.
  case endedGrantHolds
  /// A locked user gets a scope.
  case lockedIsServed
  /// One person may be all administrators.
  case rolesAreJoined
  /// Several grants show what one of them shows.
  case classesAreJoined
  /// The operator stays all-mighty.
  case operatorStays

  #if DEBUG
    /// Set for one run by a test.
    @TaskLocal public static var active: GateDefect?
  #else
    /// Never set.
    @inline(__always) public static var active: GateDefect? { nil }
  #endif
}
