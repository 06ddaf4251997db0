import Messages

/// What may stand behind `GET /v1/changes?`.
public struct ChangesParameters: Hashable, Sendable {
  /// How the feed goes on at its end.
  public enum Feed: String, Hashable, Sendable, CaseIterable {
    /// It ends when everything that was durable is told.
    case normal
    /// It waits for more.
    case continuous
    /// As continuous, in the form of server-sent events.
    case eventsource
  }

  /// A cursor that a change bore; nil from the beginning of what the log keeps.
  public var since: String?
  public var feed = Feed.normal
  /// The feed ends after so many changes; nil never.
  public var limit: Int?
  /// Seconds after which a feed that waits shows that it lives.
  public var heartbeat = 30

  public init() {}

  /// What may be given; others are refused.
  public static let names = ["since", "feed", "limit", "heartbeat"]
  public static let heartbeatRange = 1...3600

  /// Names and values, those that differ from the defaults.
  public var pairs: [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    if let since { pairs.append(("since", since)) }
    if feed != .normal { pairs.append(("feed", feed.rawValue)) }
    if let limit { pairs.append(("limit", "\(limit)")) }
    if heartbeat != 30 { pairs.append(("heartbeat", "\(heartbeat)")) }
    return pairs
  }
}

/// One change of one record, as the feed tells it: with its old values, so that a sink can check what it has.
public struct ChangeLine: Codable, Sendable {
  /// Where to go on after this change.
  public var cursor: String
  /// `insert`, `update`, or `delete`: then the record is gone, and `values` is absent.
  public var operation: String
  public var entity: String
  /// Of a child record: its parent's id, a dash, its number.
  public var record: String
  public var parent: String?
  /// The domain that owns the record, and the commit's place in its owner's log.
  public var partition: String
  public var sequence: UInt64
  public var actor: String
  public var reason: String
  /// Milliseconds since 1970 at the owner: a label, never an order.
  public var time: UInt64
  /// The catalog with which the change was made.
  public var catalog: String
  /// New values by item: dates as ISO texts, decimals as texts, references as record ids; null for what was emptied.
  public var values: [String: SQLCell]?
  /// For updates, what the items held before.
  public var old: [String: SQLCell]?

  public init(
    cursor: String, operation: String, entity: String, record: String, parent: String?, partition: String,
    sequence: UInt64, actor: String, reason: String, time: UInt64, catalog: String, values: [String: SQLCell]?,
    old: [String: SQLCell]?
  ) {
    self.cursor = cursor
    self.operation = operation
    self.entity = entity
    self.record = record
    self.parent = parent
    self.partition = partition
    self.sequence = sequence
    self.actor = actor
    self.reason = reason
    self.time = time
    self.catalog = catalog
    self.values = values
    self.old = old
  }
}

/// The last line of a feed that ended: where to go on, and why it ended if it had to.
public struct ChangesEnd: Codable, Sendable {
  /// Where to go on.
  public var next: String?
  /// Whether everything that was durable is told.
  public var atEnd: Bool?
  public var problem: ImportLine.Problem?

  public init(next: String?, atEnd: Bool?, problem: ImportLine.Problem? = nil) {
    self.next = next
    self.atEnd = atEnd
    self.problem = problem
  }
}

/// Some changes of a feed, before they become lines.
public struct ChangesPage: Sendable {
  public var changes: [ChangeLine]
  /// Where to go on.
  public var next: String
  public var atEnd: Bool

  public init(changes: [ChangeLine], next: String, atEnd: Bool) {
    self.changes = changes
    self.next = next
    self.atEnd = atEnd
  }
}
