/// A bug that a simulation plants in the engine itself, to prove that the oracles see it. Debug builds only: in a
/// release build ``active`` is nil for good, and every check of it is gone.
public enum Defect: String, Hashable, Sendable, CaseIterable {
  /// A log's first frame is taken without the record that says what it follows.
  case successionIsNotChecked
  /// Frames of a log that another one follows are still taken.
  case closedLogIsTaken
  /// A store that was put back commits before it has its tail.
  case recoveringStoreWrites
  /// That a store is recovering, or fenced, is not written down.
  case standingIsForgotten
  /// A store that pulled its tail goes on in the same log's name with a life that exists already.
  case incarnationIsReused
  /// A new life mints ids under the name of the old one.
  case mintIsReused
  /// Frames pulled back from the parent are taken without looking at their signature.
  case recalledIsNotVerified
  /// A key that the parent tells is believed for what we made ourselves.
  case toldSignerIsBelieved
  /// A store that lacks its own tail welcomes children.
  case recoveringParentWelcomes
  /// A welcome names only the logs that the child offered.
  case welcomeIsForgetful
  /// A child that pulled its first frames believes that it has all.
  case recallEndsEarly
  /// A second machine of one identity is welcomed beside the first.
  case twinIsWelcomed
  /// A hello is believed whatever the assignment says.
  case helloTakesOver

  #if DEBUG
    /// Set for one run by the simulation's thread; engines run in that thread alone.
    @TaskLocal public static var active: Defect?
  #else
    /// Never set.
    @inline(__always) public static var active: Defect? { nil }
  #endif
}
