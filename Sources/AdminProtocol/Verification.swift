/// `POST /v1/compare`: one node below against this node's copy of it.
public struct CompareRequest: Codable, Sendable {
  /// Code of the root org of the node.
  public var node: String
  /// `no`, `plan` or `repair`; absent, `no`.
  public var repair: String?

  public init(node: String, repair: String? = nil) {
    self.node = node
    self.repair = repair
  }

  public static let members = ["node", "repair"]
}

/// What the comparison of one node with its copy here came to.
public struct CompareResponse: Codable, Sendable {
  /// One entity on both sides.
  public struct Entity: Codable, Sendable {
    public var entity: String
    public var rowsHere: UInt64
    public var rowsAtOwner: UInt64
    public var equal: Bool
    /// Smallest key ranges that differ.
    public var ranges: Int
    /// Records with other values, lacking here, and only here.
    public var different: Int
    public var missing: Int
    public var extra: Int
    /// Records set aside here.
    public var quarantined: Int
    public init(
      entity: String, rowsHere: UInt64, rowsAtOwner: UInt64, equal: Bool, ranges: Int, different: Int, missing: Int,
      extra: Int, quarantined: Int
    ) {
      self.entity = entity
      self.rowsHere = rowsHere
      self.rowsAtOwner = rowsAtOwner
      self.equal = equal
      self.ranges = ranges
      self.different = different
      self.missing = missing
      self.extra = extra
      self.quarantined = quarantined
    }
  }

  /// One record that differs.
  public struct Record: Codable, Sendable {
    public var entity: String
    public var record: String
    /// `different`, `missing` or `extra`, as seen here.
    public var kind: String
    /// `replace`, `insert` or `delete`; absent when nothing is planned.
    public var action: String?
    public init(entity: String, record: String, kind: String, action: String?) {
      self.entity = entity
      self.record = record
      self.kind = kind
      self.action = action
    }
  }

  /// What a repair did.
  public struct Repaired: Codable, Sendable {
    public var repaired: Int
    /// Changed since they were compared: compare again.
    public var changedMeanwhile: Int
    /// The owner's answer was no row of its log.
    public var refused: Int
    public init(repaired: Int, changedMeanwhile: Int, refused: Int) {
      self.repaired = repaired
      self.changedMeanwhile = changedMeanwhile
      self.refused = refused
    }
  }

  public var schema = "xylem/compare/v1"
  public var partition: String
  public var code: String
  public var name: String
  /// The commit of the owner's log at which both were compared; absent when they were not.
  public var sequence: UInt64?
  public var equal: Bool
  public var entities: [Entity]
  public var records: [Record]
  /// There are more than `records` names.
  public var cut: Bool
  public var repaired: Repaired?
  /// Why there is no result.
  public var problem: ImportLine.Problem?
  public var microseconds: Int

  public init(
    partition: String, code: String, name: String, sequence: UInt64?, equal: Bool, entities: [Entity],
    records: [Record], cut: Bool, repaired: Repaired?, problem: ImportLine.Problem?, microseconds: Int
  ) {
    self.partition = partition
    self.code = code
    self.name = name
    self.sequence = sequence
    self.equal = equal
    self.entities = entities
    self.records = records
    self.cut = cut
    self.repaired = repaired
    self.problem = problem
    self.microseconds = microseconds
  }
}

/// How fresh an answer is.
public struct FreshnessResponse: Codable, Sendable {
  /// One domain the answer covers.
  public struct Domain: Codable, Sendable {
    public var code: String
    /// Commits of its owner that the answer has, and how many more its owner had told of.
    public var sequence: UInt64
    public var lag: UInt64
    /// Milliseconds since nothing was lacking; absent when the owner was not heard of since the start.
    public var age: UInt64?
    public var state: String
    public init(code: String, sequence: UInt64, lag: UInt64, age: UInt64?, state: String) {
      self.code = code
      self.sequence = sequence
      self.lag = lag
      self.age = age
      self.state = state
    }
  }

  public var nodes: Int
  /// Milliseconds; absent when one domain was not heard of since the start.
  public var oldestAge: UInt64?
  /// Codes of the domains older than a minute, or not heard of.
  public var stale: [String]
  /// Records left out because they are set aside.
  public var quarantined: Int
  /// The moment, to wait for elsewhere; absent when the answer covers more than 64 domains, which no token names.
  public var token: String?
  public var domains: [Domain]

  public init(
    nodes: Int, oldestAge: UInt64?, stale: [String], quarantined: Int, token: String?, domains: [Domain]
  ) {
    self.nodes = nodes
    self.oldestAge = oldestAge
    self.stale = stale
    self.quarantined = quarantined
    self.token = token
    self.domains = domains
  }
}

/// The background reading of the store: part of `GET /v1/status`, and `POST /v1/scrub`, which asks for a pass now.
public struct ScrubResponse: Codable, Sendable {
  /// `off`, `waiting`, or what is read now.
  public var stage: String
  public var passes: Int
  /// Seconds since 1970; absent before the first.
  public var started: Double?
  public var finished: Double?
  public var rows: Int
  public var entries: Int
  /// Rows and index entries held against each other.
  public var samples: Int
  public var frames: Int
  public var bytes: Int
  public var damaged: Int
  public var places: [String]

  public init(
    stage: String, passes: Int, started: Double?, finished: Double?, rows: Int, entries: Int, samples: Int,
    frames: Int, bytes: Int, damaged: Int, places: [String]
  ) {
    self.stage = stage
    self.passes = passes
    self.started = started
    self.finished = finished
    self.rows = rows
    self.entries = entries
    self.samples = samples
    self.frames = frames
    self.bytes = bytes
    self.damaged = damaged
    self.places = places
  }
}

/// Records set aside: `GET /v1/queue`.
public struct QueueResponse: Codable, Sendable {
  /// One record that is set aside.
  public struct Item: Codable, Sendable {
    /// What the record is called here.
    public var record: String
    public var code: String
    public var entity: String
    /// `absent`, `wrongKind`, `damaged` or `notAllowed`.
    public var reason: String
    public var item: String?
    public var sequence: UInt64
    public var operations: Int
    /// 0 is here; n is n levels above.
    public var level: Int
    public var skipped: String?
    public init(
      record: String, code: String, entity: String, reason: String, item: String?, sequence: UInt64, operations: Int,
      level: Int, skipped: String?
    ) {
      self.record = record
      self.code = code
      self.entity = entity
      self.reason = reason
      self.item = item
      self.sequence = sequence
      self.operations = operations
      self.level = level
      self.skipped = skipped
    }
  }
  public var schema = "xylem/queue/v1"
  public var items: [Item]
  public init(items: [Item]) { self.items = items }
}

/// `POST /v1/queue/{record}`.
public struct QueueActionRequest: Codable, Sendable {
  /// `retry` or `skip`.
  public var action: String
  /// Why it is skipped; needed for that.
  public var reason: String?

  public init(action: String, reason: String? = nil) {
    self.action = action
    self.reason = reason
  }

  public static let members = ["action", "reason"]
}

/// Whether the record is part of answers again.
public struct QueueActionResponse: Codable, Sendable {
  public var closed: Bool
  public init(closed: Bool) { self.closed = closed }
}

/// `POST /v1/wait`: until what a token names is durable at a level.
public struct WaitRequest: Codable, Sendable {
  public var token: String
  /// `local`, `parent` or `root`; absent, `local`.
  public var level: String?
  public var seconds: Int?

  public init(token: String, level: String? = nil, seconds: Int? = nil) {
    self.token = token
    self.level = level
    self.seconds = seconds
  }

  public static let members = ["token", "level", "seconds"]
  /// The longest that a request may wait.
  public static let secondsMax = 3600
}

/// It was reached.
public struct WaitResponse: Codable, Sendable {
  public var milliseconds: Int
  public init(milliseconds: Int) { self.milliseconds = milliseconds }
}
