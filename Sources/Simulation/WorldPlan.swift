import Engine
import Primitives

/// What one simulated run is made of. The same plan gives the same run, event for event.
public struct WorldPlan: Sendable {
  /// A bug that a run plants in the world around the engines, to prove that the oracles see it.
  public enum Mutant: String, Hashable, Sendable, CaseIterable {
    /// A store says "synced" and has nothing.
    case storeDropsSyncedBatch
    /// A batch is reported as synced before it is written.
    case syncIsReportedEarly
    /// A line hands over two frames in the wrong order.
    case lineReorders
    /// A store keeps the index cursor of a batch and loses its entries.
    case storeKeepsCursorOnly
    /// A package leaves its node before the record of its number is durable.
    case packageLeavesEarly
    /// A store keeps the rows' cursor of a batch and loses its rows and counts.
    case storeKeepsRowsCursorOnly
    /// An ancestor takes its moment one batch too late.
    case momentIsLate
    /// An owner says one position and holds a moment behind it.
    case positionIsEarly
    /// An ancestor takes its own digests for the owner's.
    case differencesAreOverlooked
    /// An owner's answer lacks its last digest.
    case answersAreCut
    /// Repairs are planned and not made.
    case repairIsSkipped
    /// A pass over the store tells of no rotten row.
    case scrubForgetsRows
    /// Records that were made anew are believed to be on the disk before they are.
    case ticketsCloseEarly
    /// Tickets never reach the store.
    case ticketsAreLost
    /// An ancestor's tickets never reach the owner.
    case ticketsAreNotTold
    // Bugs of the engine itself, each described at Engine.Defect; known to debug builds only.
    case successionIsNotChecked
    case closedLogIsTaken
    case recoveringStoreWrites
    case standingIsForgotten
    case incarnationIsReused
    case mintIsReused
    case recalledIsNotVerified
    case toldSignerIsBelieved
    case recoveringParentWelcomes
    case welcomeIsForgetful
    case recallEndsEarly
    case twinIsWelcomed
    case helloTakesOver
    case manifestIsNotVerified
    case chunkIsNotVerified
    case snapshotSaysLater
    case replacedRowsStay
    case cursorPassesSnapshot
    case framesOvertakeSnapshot
    case dispatchLeavesEarly
    case dispatchIsTakenTwice
    case dispatchIsNotVerified
    case outboxNeverBeginsAnew
    case recallIsIgnored
    case audienceIsIgnored
    case receiptsAreAdded
    case frozenIsChanged
    case bothCopiesCount
    case sourceLetsGoEarly
    case voidAfterDecision
    case targetInsertsEarly

    /// Whether rot and poison must be planted for it to show.
    var needsRot: Bool {
      switch self {
      case .differencesAreOverlooked, .answersAreCut, .repairIsSkipped, .scrubForgetsRows, .ticketsAreLost,
        .ticketsAreNotTold, .ticketsCloseEarly:
        true
      default: false
      }
    }

    /// Whether snapshots must be taken for it to show.
    var needsSnapshots: Bool {
      switch self {
      case .manifestIsNotVerified, .chunkIsNotVerified, .snapshotSaysLater, .replacedRowsStay, .cursorPassesSnapshot,
        .framesOvertakeSnapshot:
        true
      default: false
      }
    }

    /// Whether it shows only where no disk is replaced: records move there, and what was withdrawn stays so.
    public var needsLastingDisks: Bool {
      switch self {
      case .recallIsIgnored, .frozenIsChanged, .bothCopiesCount, .sourceLetsGoEarly, .voidAfterDecision,
        .targetInsertsEarly:
        true
      default: false
      }
    }

    /// Whether it is a bug of the engine, which only debug builds have.
    public var isEnginesOwn: Bool { defect != nil }

    /// The engine's own bug of this name, when it is one.
    var defect: Defect? { Defect(rawValue: rawValue) }
  }

  /// Each node's parent by number; node 0 is the root, and a parent has a smaller number than its children.
  public let parents: [Int?]
  public let seed: UInt64
  /// How long faults and work go on, in virtual milliseconds.
  public var safetyMilliseconds: UInt64 = 15_000
  /// How long the fleet may take to converge once everything is healed, in virtual milliseconds.
  public var convergenceMillisecondsMax: UInt64 = 60_000
  /// Chance, in a thousand, that a node dies at any one effect of a step.
  public var crashPermille = 1
  /// Chance, in a thousand, that a frame is damaged or forged on its way.
  public var corruptionPermille = 3
  /// Whether lines are cut and stalled, nodes die and clocks jump of themselves.
  public var breaks = true
  /// Whether some nodes have no network, or a stick beside it: files go between them and their parents.
  public var carriesFiles = false
  /// Whether rot, loss and poison are planted in the healed fleet, to be found and mended.
  public var rots = false
  /// Whether domains are so large that they are synced by snapshot: every one of two rows is.
  public var takesSnapshots = false
  /// Whether operators copy disks, put old ones back, wipe nodes and start copies.
  public var operates = true
  /// Whether they do: a node that has files only cannot ask its parent back.
  ///
  /// Nor where rot is planted: what was planted in a disk that an operator replaces is gone, and nothing could be held
  /// against it.
  var hasOperators: Bool { operates && !carriesFiles && !rots }
  /// Whether records move between domains. Not where disks are replaced: an arbiter that loses what it decided, with
  /// no one above to ask, breaks what no protocol can mend; nor where rot is planted, in rows that could move away.
  var moves: Bool { !hasOperators && !rots }
  public var mutant: Mutant?
  /// How many bytes of frames a parent hands back in one answer: so few that a history takes many.
  public var recallBytesMax = 1
  /// Whether second machines do not hear what a parent says it has, and send what they have all the same; half of them
  /// began a life of their own without asking. The parent is the last that can tell.
  public var hasDeafClones = true

  /// - Requires: node 0 has no parent, every other one has a parent with a smaller number.
  public init(parents: [Int?], seed: UInt64, mutant: Mutant? = nil) {
    require(!parents.isEmpty && parents[0] == nil, "node 0 is the root")
    for number in parents.indices.dropFirst() {
      require((parents[number] ?? number) < number, "the parent of node \(number) comes before it")
    }
    self.parents = parents
    self.seed = seed
    self.mutant = mutant
    rots = mutant?.needsRot ?? false
    takesSnapshots = mutant?.needsSnapshots ?? false
    recallBytesMax = 1 + Int(seed * 977 % 6000)
  }

  /// Nodes in a row, each under the one before.
  public static func chain(_ count: Int, seed: UInt64, mutant: Mutant? = nil) -> WorldPlan {
    WorldPlan(parents: (0..<count).map { $0 == 0 ? nil : $0 - 1 }, seed: seed, mutant: mutant)
  }

  /// A root, two nodes below it, and one below each of them.
  public static func tree(seed: UInt64) -> WorldPlan { WorldPlan(parents: [nil, 0, 0, 1, 2], seed: seed) }
}

/// How often what happened: a run in which a rare thing never happens proves nothing about it.
public struct WorldFigures: Hashable, Sendable {
  public internal(set) var commits = 0
  public internal(set) var frames = 0
  public internal(set) var crashes = 0
  /// Crashes that lost a batch which was taken and not written.
  public internal(set) var crashesInFlight = 0
  /// Restarts that had lost index entries which were written.
  public internal(set) var restartsBehind = 0
  /// Restarts that had lost rows which were written.
  public internal(set) var restartsBehindRows = 0
  public internal(set) var cuts = 0
  public internal(set) var stalls = 0
  /// Frames with a flipped bit in their body, and in their header or signature.
  public internal(set) var damagedFrames = 0
  public internal(set) var damagedHeaders = 0
  /// Frames with a changed header that somebody else signed.
  public internal(set) var forgedFrames = 0
  /// Frames that reached a node which had them.
  public internal(set) var duplicateFrames = 0
  public internal(set) var slowWrites = 0
  /// Times that rows and indexes had to go to the disk because so many frames had come since.
  public internal(set) var storings = 0
  public internal(set) var clockJumps = 0
  /// Commits that gave one record's natural key to another.
  public internal(set) var keyHandovers = 0
  /// Comparisons of a replica with its owner that ended, and those that a fault cut short.
  public internal(set) var verifications = 0
  public internal(set) var verificationsCut = 0
  /// What was said to those below, withdrawn and read; copies damaged or forged on their way.
  public internal(set) var dispatches = 0
  public internal(set) var dispatchRecalls = 0
  public internal(set) var dispatchReads = 0
  public internal(set) var dispatchesDamaged = 0
  /// Records handed over: begun, asked back, ended by moving and by not moving; commits refused for a frozen record.
  public internal(set) var handovers = 0
  public internal(set) var handoversAskedBack = 0
  public internal(set) var handoversMoved = 0
  public internal(set) var handoversVoided = 0
  public internal(set) var frozenCommits = 0
  /// Moments at which a store held both copies and one of them did not count.
  public internal(set) var copiesHidden = 0
  var hasMoves = false

  private var moved: [(name: String, count: Int)] {
    [
      ("handovers", handovers), ("handoversAskedBack", handoversAskedBack), ("handoversMoved", handoversMoved),
      ("handoversVoided", handoversVoided), ("frozenCommits", frozenCommits), ("copiesHidden", copiesHidden),
    ]
  }
  /// Links that an engine ended for the other side's fault.
  public internal(set) var refusals = 0
  /// Files: how often what happened to one.
  public internal(set) var files = FileFigures()
  var hasFiles = false

  /// What became of packages.
  public struct FileFigures: Hashable, Sendable {
    /// Made for a parent, and for a child.
    public internal(set) var up = 0
    public internal(set) var back = 0
    public internal(set) var lost = 0
    public internal(set) var doubled = 0
    /// Cut, or with a flipped bit.
    public internal(set) var damaged = 0
    /// Signed by a stranger under the sender's name.
    public internal(set) var forged = 0
    /// Carried to another node.
    public internal(set) var astray = 0
    /// Refused, for earlier ones were missing.
    public internal(set) var gaps = 0
    /// Taken, and nothing was new.
    public internal(set) var already = 0
    /// The node died while it took one.
    public internal(set) var interrupted = 0
    /// Made once more under an old number.
    public internal(set) var again = 0

    var named: [(name: String, count: Int)] {
      [
        ("packagesUp", up), ("packagesBack", back), ("packagesLost", lost), ("packagesDoubled", doubled),
        ("packagesDamaged", damaged), ("packagesForged", forged), ("packagesAstray", astray), ("packageGaps", gaps),
        ("packagesAlready", already), ("packagesInterrupted", interrupted), ("packagesAgain", again),
      ]
    }
  }
  /// Disks that were replaced by an older copy, with the store told so and without.
  public internal(set) var restores = 0
  public internal(set) var silentRestores = 0
  /// Restores of a node and of its parent at once.
  public internal(set) var doubleRestores = 0
  /// Stores put back whose operator did not wait for the parent.
  public internal(set) var isolations = 0
  public internal(set) var clones = 0
  /// Welcomes that a second machine did not listen to.
  public internal(set) var deafWelcomes = 0
  /// Nodes rebuilt from nothing by their parent.
  public internal(set) var recovers = 0
  /// Nodes that another machine with another key replaced; the old one runs on.
  public internal(set) var replacements = 0
  /// Frames that a parent handed back, of own logs and of those below.
  public internal(set) var recalledFrames = 0
  /// Answers in which the last frame of a history was signed by a stranger.
  public internal(set) var forgedHistories = 0
  /// New incarnations that were begun.
  public internal(set) var incarnations = 0
  /// Engines that learned that another life holds their partition.
  public internal(set) var fences = 0
  /// Commits that a node did not take because it may not write.
  public internal(set) var refusedCommits = 0

  var hasOperators = false
  /// What happened to snapshots, where domains are synced so.
  public internal(set) var snapshots = Snapshots()
  var hasSnapshots = false

  /// How often what happened to snapshots.
  public struct Snapshots: Hashable, Sendable {
    public internal(set) var engines = SnapshotFigures()
    /// Chunks with a flipped bit, and manifests that a stranger changed and signed.
    public internal(set) var damagedChunks = 0
    public internal(set) var forgedManifests = 0

    var named: [(name: String, count: Int)] {
      [
        ("snapshotsMade", engines.made), ("chunksSent", engines.chunksSent), ("chunksResumed", engines.chunksResumed),
        ("snapshotsTaken", engines.taken), ("snapshotsReplaced", engines.replaced),
        ("snapshotsRestarted", engines.restarted), ("damagedChunks", damagedChunks),
        ("forgedManifests", forgedManifests),
      ]
    }
  }

  private var operated: [(name: String, count: Int)] {
    [
      ("restores", restores), ("silentRestores", silentRestores), ("doubleRestores", doubleRestores),
      ("isolations", isolations), ("clones", clones), ("deafWelcomes", deafWelcomes), ("recovers", recovers),
      ("replacements", replacements),
      ("recalledFrames", recalledFrames), ("forgedHistories", forgedHistories), ("incarnations", incarnations),
      ("fences", fences),
      ("refusedCommits", refusedCommits),
    ]
  }

  /// What was planted in a healed fleet, and how many differences were found there.
  public internal(set) var rottenRows = 0
  public internal(set) var lostRows = 0
  public internal(set) var strayRows = 0
  public internal(set) var poisonRecords = 0
  public internal(set) var differences = 0
  /// Machines that died before what was made anew was on their disk.
  public internal(set) var deathsWhileMending = 0

  /// Nothing has happened.
  public init() {}

  /// What happens only where a plan plants it.
  public var planted: [(name: String, count: Int)] {
    [
      ("rottenRows", rottenRows), ("lostRows", lostRows), ("strayRows", strayRows), ("poisonRecords", poisonRecords),
      ("differences", differences), ("deathsWhileMending", deathsWhileMending),
    ]
  }

  /// Every figure with its name, in a fixed order.
  public var named: [(name: String, count: Int)] {
    [
      ("commits", commits), ("frames", frames), ("crashes", crashes), ("crashesInFlight", crashesInFlight),
      ("restartsBehind", restartsBehind), ("restartsBehindRows", restartsBehindRows), ("cuts", cuts),
      ("stalls", stalls), ("damagedFrames", damagedFrames),
      ("damagedHeaders", damagedHeaders), ("forgedFrames", forgedFrames),
      ("duplicateFrames", duplicateFrames), ("slowWrites", slowWrites), ("storings", storings),
      ("clockJumps", clockJumps),
      ("keyHandovers", keyHandovers), ("refusals", refusals), ("verifications", verifications),
      ("verificationsCut", verificationsCut), ("dispatches", dispatches), ("dispatchRecalls", dispatchRecalls),
      ("dispatchReads", dispatchReads), ("dispatchesDamaged", dispatchesDamaged),
    ] + (hasOperators ? operated : []) + (hasFiles ? files.named : [])
      + (hasSnapshots ? snapshots.named : []) + (hasMoves ? moved : [])
  }
}

/// A rule that a run broke.
public struct Violation: Error, Hashable, Sendable {
  /// Short name of the rule: `I1 durable`, `index`, `converge` …
  public let rule: String
  public let detail: String

  init(_ rule: String, _ detail: String) {
    self.rule = rule
    self.detail = detail
  }
}

/// What became of a run.
public struct WorldResult: Sendable {
  public let seed: UInt64
  public let violation: Violation?
  public let figures: WorldFigures
  /// Hash of every event in order and of every store at the end.
  public let hash: UInt64
  /// Virtual milliseconds the run took.
  public let milliseconds: UInt64
  /// Node states and the last events, for a failed run; empty otherwise.
  public let table: String

  /// One line: what a log of many runs shows.
  public var line: String {
    let counts = figures.named.map { "\($0.name)=\($0.count)" }.joined(separator: " ")
    let outcome = violation.map { "FAILED \($0.rule): \($0.detail)" } ?? "ok"
    return "seed=\(seed) \(outcome) time=\(milliseconds)ms hash=\(String(hash, radix: 16)) \(counts)"
  }
}
