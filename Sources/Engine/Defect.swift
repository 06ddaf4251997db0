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
  /// A snapshot is taken without looking at its owner's signature.
  case manifestIsNotVerified
  /// A chunk is stored without looking whether it is the one that was signed.
  case chunkIsNotVerified
  /// A snapshot says a position behind that of its rows.
  case snapshotSaysLater
  /// Rows that a snapshot does not have stay when it replaces others.
  case replacedRowsStay
  /// The cursors pass a snapshot before its rows are written.
  case cursorPassesSnapshot
  /// Frames of a partition are applied between a snapshot's taking and its rows.
  case framesOvertakeSnapshot
  /// A child says that it has what came down before that is durable.
  case inboxIsEarly
  /// A dispatch is sent before it is durable at who sends it.
  case dispatchLeavesEarly
  /// A dispatch that comes a second time counts, and goes down, a second time.
  case dispatchIsTakenTwice
  /// Anybody's signature under a dispatch will do.
  case dispatchIsNotVerified
  /// A child that has lost what it had taken is not given it again.
  case outboxNeverBeginsAnew
  /// What is withdrawn stays where it is.
  case recallIsIgnored
  /// A dispatch goes to every child.
  case audienceIsIgnored
  /// A record that is on its way may be changed.
  case frozenIsChanged
  /// Source and target both count while a record moves.
  case bothCopiesCount
  /// The source lets go as soon as it is decided, whether the target has the record or not.
  case sourceLetsGoEarly
  /// An arbiter undoes what it has decided.
  case voidAfterDecision
  /// A target takes the rows when it accepts.
  case targetInsertsEarly
  /// What a child told of a dispatch is added to what it told before.
  case receiptsAreAdded

  #if DEBUG
    /// Set for one run by the simulation's thread; engines run in that thread alone.
    @TaskLocal public static var active: Defect?
  #else
    /// Never set.
    @inline(__always) public static var active: Defect? { nil }
  #endif
}
