/// What a node runs: `GET /v1/version`.
public struct VersionResponse: Codable, Sendable {
  public var schema = "xylem/version/v1"
  public var version: String
  public var node: String
  public var protocolVersion: Int
  public var frameVersion: Int
  public var rowVersion: Int
  /// SHA-256 of the catalog, first 4 bytes in hexadecimal.
  public var catalog: String

  public init(
    version: String, node: String, protocolVersion: Int, frameVersion: Int, rowVersion: Int, catalog: String
  ) {
    self.version = version
    self.node = node
    self.protocolVersion = protocolVersion
    self.frameVersion = frameVersion
    self.rowVersion = rowVersion
    self.catalog = catalog
  }
}

/// The node itself: `GET /v1/status`.
public struct StatusResponse: Codable, Sendable {
  public struct Rows: Codable, Sendable {
    public var entity: String
    public var labelZH: String
    public var labelEN: String
    public var rows: Int
    public init(entity: String, labelZH: String, labelEN: String, rows: Int) {
      self.entity = entity
      self.labelZH = labelZH
      self.labelEN = labelEN
      self.rows = rows
    }
  }
  public var schema = "xylem/status/v1"
  public var node: String
  public var network: String
  public var partition: String
  public var rootOrgCode: String
  public var rootOrgName: String
  public var parentOrgCode: String
  public var rows: [Rows]
  /// Commits of the node's own log: made, durable here, at the parent, at the root.
  public var sequence: UInt64
  public var durableSequence: UInt64
  public var parentSequence: UInt64
  public var rootSequence: UInt64
  /// Frames applied here, own and others'.
  public var applied: UInt64
  /// Frames that wait to be sent to the parent.
  public var backlog: UInt64
  public var linkedToParent: Bool
  /// Why the last link to the parent ended, when either side said so.
  public var parentRefusal: String?
  public var children: Int
  public var secondsUp: Double
  public var residentBytes: Int
  /// idle, ok, slow, stalled, broken or diverged: the node's own stream to its parent.
  public var parentState: String?
  /// How fresh the domains below are here.
  public var freshness: FreshnessResponse?
  /// Records set aside here, those somebody decided to live with, and those of this subtree set aside above.
  public var quarantined: Int?
  public var skipped: Int?
  public var quarantinedAbove: Int?
  /// Rows of entities that came with a newer catalog.
  public var unknownRows: Int?
  /// Children that catch up at full speed, those that wait for it, frames that wait to be applied, heartbeats dropped.
  public var catchingUp: Int?
  public var waitingToCatchUp: Int?
  public var waitingFrames: Int?
  public var heartbeatsDropped: Int?
  public var scrub: ScrubResponse?
  /// writing, recovering, opening or fenced.
  public var standing: String?
  /// Why the node is fenced.
  public var standingReason: String?
  /// The log was begun without asking the parent: to be reconciled.
  public var isolated: Bool?
  /// Which life of the store, from 1.
  public var incarnation: Int?
  /// What only a person can set right, oldest first.
  public var incidents: [Incident]?
  /// Snapshots on their way.
  public var snapshots: [Snapshot]?
  /// Domains whose log begins behind a snapshot here, each as `CODE at SEQUENCE`.
  public var logsBeginAt: [String]?
  /// Days since a backup was put back and found whole; absent when never.
  public var daysSinceProof: Int?

  /// A domain that goes as a whole instead of by its log.
  public struct Snapshot: Codable, Sendable {
    /// making, sending, receiving or taking.
    public var stage: String
    /// Code of the domain's root org.
    public var code: String
    /// Chunks that are durable at the receiver, and all.
    public var done: Int
    public var chunks: Int
    public var rows: UInt64
    public var bytes: UInt64
    /// Where a snapshot stands on its way.
    public init(stage: String, code: String, done: Int, chunks: Int, rows: UInt64, bytes: UInt64) {
      self.stage = stage
      self.code = code
      self.done = done
      self.chunks = chunks
      self.rows = rows
      self.bytes = bytes
    }
  }

  /// Two machines or two histories under one name.
  public struct Incident: Codable, Sendable {
    public var reason: String
    public var log: String
    /// Milliseconds since 1970 by the node's clock.
    public var time: UInt64
    public var detail: String
    /// An incident as the node wrote it down.
    public init(reason: String, log: String, time: UInt64, detail: String) {
      self.reason = reason
      self.log = log
      self.time = time
      self.detail = detail
    }
  }

  public init(
    node: String, network: String, partition: String, rootOrgCode: String, rootOrgName: String, parentOrgCode: String,
    rows: [Rows], sequence: UInt64, durableSequence: UInt64, parentSequence: UInt64, rootSequence: UInt64,
    applied: UInt64, backlog: UInt64, linkedToParent: Bool, parentRefusal: String?, children: Int, secondsUp: Double,
    residentBytes: Int
  ) {
    self.node = node
    self.network = network
    self.partition = partition
    self.rootOrgCode = rootOrgCode
    self.rootOrgName = rootOrgName
    self.parentOrgCode = parentOrgCode
    self.rows = rows
    self.sequence = sequence
    self.durableSequence = durableSequence
    self.parentSequence = parentSequence
    self.rootSequence = rootSequence
    self.applied = applied
    self.backlog = backlog
    self.linkedToParent = linkedToParent
    self.parentRefusal = parentRefusal
    self.children = children
    self.secondsUp = secondsUp
    self.residentBytes = residentBytes
  }
}

/// This node and all below it: `GET /v1/tree`.
public struct TreeResponse: Codable, Sendable {
  public struct Node: Codable, Sendable {
    public var node: String
    public var partition: String
    public var code: String
    public var name: String
    public var depth: Int
    /// Rows of the node's domain held here, and how many the node said it owns.
    public var rows: Int
    public var rowsAtOwner: UInt64
    public var bytesSent: UInt64
    /// Commits the node had made when it last spoke that are not here yet.
    public var lag: UInt64
    /// Milliseconds since the node last spoke; absent for the node asked.
    public var age: UInt64?
    /// Milliseconds since all that the node had told of was here; absent when that was never so.
    public var freshAge: UInt64?
    /// idle, ok, slow, stalled, broken, diverged or unknown.
    public var state: String
    public init(
      node: String, partition: String, code: String, name: String, depth: Int, rows: Int, rowsAtOwner: UInt64,
      bytesSent: UInt64, lag: UInt64, age: UInt64?, state: String
    ) {
      self.node = node
      self.partition = partition
      self.code = code
      self.name = name
      self.depth = depth
      self.rows = rows
      self.rowsAtOwner = rowsAtOwner
      self.bytesSent = bytesSent
      self.lag = lag
      self.age = age
      self.state = state
    }
  }
  public var schema = "xylem/tree/v1"
  public var nodes: [Node]
  public init(nodes: [Node]) { self.nodes = nodes }
}

/// Digests of stored rows by partition and entity: `POST /v1/verify`.
public struct VerifyResponse: Codable, Sendable {
  public struct Digest: Codable, Sendable, Hashable {
    public var partition: String
    public var entity: String
    public var rows: UInt64
    /// 128-bit sum of row hashes, hexadecimal.
    public var digest: String
    public init(partition: String, entity: String, rows: UInt64, digest: String) {
      self.partition = partition
      self.entity = entity
      self.rows = rows
      self.digest = digest
    }
  }
  public var schema = "xylem/verify/v1"
  public var node: String
  public var partition: String
  public var digests: [Digest]
  public var microseconds: Int
  public init(node: String, partition: String, digests: [Digest], microseconds: Int) {
    self.node = node
    self.partition = partition
    self.digests = digests
    self.microseconds = microseconds
  }
}

/// An answer as a table: queries, tallies, matches, one record's fields.
public struct TableResponse: Codable, Sendable {
  /// What a code means.
  public struct Code: Codable, Sendable {
    public var code: String
    public var labelZH: String
    public var labelEN: String
    public init(code: String, labelZH: String, labelEN: String) {
      self.code = code
      self.labelZH = labelZH
      self.labelEN = labelEN
    }
  }
  public struct Column: Codable, Sendable {
    public var name: String
    public var labelZH: String
    public var labelEN: String
    /// Whether values are numbers.
    public var isNumber: Bool
    /// For a column of codes: those that occur in the rows, sorted; else absent.
    public var codes: [Code]?
    public init(name: String, labelZH: String, labelEN: String, isNumber: Bool = false, codes: [Code]? = nil) {
      self.codes = codes
      self.name = name
      self.labelZH = labelZH
      self.labelEN = labelEN
      self.isNumber = isNumber
    }
  }
  /// Where an answer was read: `columns` in memory, or stored `rows`.
  public struct Source: Codable, Sendable {
    public var source: String
    /// For rows: what the question reads that is no column.
    public var missing: String?
    /// For columns: how many records were looked at.
    public var records: Int?
    public init(source: String, missing: String?, records: Int?) {
      self.source = source
      self.missing = missing
      self.records = records
    }
  }
  public var schema = "xylem/table/v1"
  public var columns: [Column]
  /// Values as text; absent values are null.
  public var rows: [[String?]]
  public var microseconds: Int
  /// Apply sequence of the moment answered from.
  public var applied: UInt64
  /// How fresh the answer is, at least.
  public var freshness: FreshnessResponse?
  /// For questions over many records.
  public var explain: Source?
  public init(
    columns: [Column], rows: [[String?]], microseconds: Int, applied: UInt64, explain: Source? = nil
  ) {
    self.explain = explain
    self.columns = columns
    self.rows = rows
    self.microseconds = microseconds
    self.applied = applied
  }
}

/// One line of an import's answer; exactly one member is set.
public struct ImportLine: Codable, Sendable {
  public struct Progress: Codable, Sendable {
    public var rows: Int
    public var bytes: Int
  }
  /// The file's first row as it came, told once before any reject: a rejects file repeats it.
  public struct Header: Codable, Sendable {
    public var raw: String
    public init(raw: String) { self.raw = raw }
  }
  /// One thing that is wrong with a rejected row.
  public struct Reason: Codable, Sendable {
    public var column: String?
    public var value: String?
    public var code: String
    public var reasonZH: String
    public var reasonEN: String
    public var tryZH: String
    public var tryEN: String
    public init(
      column: String?, value: String?, code: String, reasonZH: String, reasonEN: String, tryZH: String, tryEN: String
    ) {
      self.column = column
      self.value = value
      self.code = code
      self.reasonZH = reasonZH
      self.reasonEN = reasonEN
      self.tryZH = tryZH
      self.tryEN = tryEN
    }
  }
  /// A row that was not taken.
  public struct Reject: Codable, Sendable {
    /// Physical line on which it begins, from 1.
    public var line: Int
    /// All that is wrong with the row, at least one.
    public var reasons: [Reason]
    /// The row as it came.
    public var raw: String
    public init(line: Int, reasons: [Reason], raw: String) {
      self.line = line
      self.reasons = reasons
      self.raw = raw
    }
  }
  public struct Summary: Codable, Sendable {
    public var inserted: Int
    public var updated: Int
    public var unchanged: Int
    public var rejected: Int
    public var warnings: Int
    public var rows: Int
    public var seconds: Double
    /// Where the last commit landed; 0 when nothing was written.
    public var sequence: UInt64
    public var dryRun: Bool
    /// Names what was written, to wait for elsewhere; absent when nothing was.
    public var token: String?
    /// Child records that rows carried, new and changed ones; nil from a daemon that knows none.
    public var children: Int?
    /// How far the last commit is durable: `local`, `parent` or `root`; nil after a dry run.
    public var level: String?
    public init(
      inserted: Int, updated: Int, unchanged: Int, rejected: Int, warnings: Int, rows: Int, seconds: Double,
      sequence: UInt64, dryRun: Bool, children: Int? = nil, level: String? = nil
    ) {
      self.children = children
      self.level = level
      self.inserted = inserted
      self.updated = updated
      self.unchanged = unchanged
      self.rejected = rejected
      self.warnings = warnings
      self.rows = rows
      self.seconds = seconds
      self.sequence = sequence
      self.dryRun = dryRun
    }
  }
  /// A commit that is durable at the node: told when `commit_rows` was given.
  public struct CommitNote: Codable, Sendable {
    /// New and changed records in it.
    public var records: Int
    /// Where it landed.
    public var sequence: UInt64
    public init(records: Int, sequence: UInt64) {
      self.records = records
      self.sequence = sequence
    }
  }
  /// Set when the import ended early; the rows before stay.
  public struct Problem: Codable, Sendable {
    public var code: String
    public var fields: [String: String]
    public init(code: String, fields: [String: String]) {
      self.code = code
      self.fields = fields
    }
  }
  public var progress: Progress?
  public var header: Header?
  public var reject: Reject?
  public var commit: CommitNote?
  public var summary: Summary?
  public var problem: Problem?

  public static func progress(rows: Int, bytes: Int) -> ImportLine {
    ImportLine(progress: Progress(rows: rows, bytes: bytes))
  }
  public static func header(_ raw: String) -> ImportLine { ImportLine(header: Header(raw: raw)) }
  public static func reject(_ reject: Reject) -> ImportLine { ImportLine(reject: reject) }
  /// A line about a durable commit.
  public static func commit(records: Int, sequence: UInt64) -> ImportLine {
    ImportLine(commit: CommitNote(records: records, sequence: sequence))
  }
  public static func summary(_ summary: Summary) -> ImportLine { ImportLine(summary: summary) }
  public static func problem(_ problem: Problem) -> ImportLine { ImportLine(problem: problem) }
}

/// The checks of a node: `GET /v1/doctor`.
public struct DoctorResponse: Codable, Sendable {
  public struct Check: Codable, Sendable {
    /// `ok`, `warn` or `fail`.
    public var result: String
    public var name: String
    public var detailZH: String
    public var detailEN: String
    public var tryZH: String?
    public var tryEN: String?
    public init(
      result: String, name: String, detailZH: String, detailEN: String, tryZH: String? = nil, tryEN: String? = nil
    ) {
      self.result = result
      self.name = name
      self.detailZH = detailZH
      self.detailEN = detailEN
      self.tryZH = tryZH
      self.tryEN = tryEN
    }
  }
  public var schema = "xylem/doctor/v1"
  public var checks: [Check]
  public init(checks: [Check]) { self.checks = checks }
}
