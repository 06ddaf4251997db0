/// Records on their way between domains: `GET /v1/handovers`, and the answer of every request about one.
public struct HandoversResponse: Codable, Sendable {
  /// One hand-over, as far as this node sees.
  public struct Handover: Codable, Sendable {
    public var id: String
    /// What moves: the record's name.
    public var record: String
    /// Codes of the source's and the target's root orgs, and of the org it goes to; nil where they are not known here.
    public var source: String?
    public var target: String?
    public var org: String?
    /// How far each part has come, by the part's own word: nil where its row is not here.
    public var sourceState: String?
    public var targetState: String?
    public var arbiterState: String?
    /// What came down from the arbiter.
    public var told: String?
    /// Why it was refused, undone, or asked back.
    public var reason: String?
    /// Until when it may be accepted, milliseconds since 1970; 0 never ends.
    public var expires: UInt64
    /// Whether this node's copy may not be changed, and whether it does not count because the target's is here.
    public var frozenHere: Bool
    public var hiddenHere: Bool

    /// A hand-over as the node sees it.
    public init(
      id: String, record: String, source: String?, target: String?, org: String?, sourceState: String?,
      targetState: String?, arbiterState: String?, told: String?, reason: String?, expires: UInt64, frozenHere: Bool,
      hiddenHere: Bool
    ) {
      self.id = id
      self.record = record
      self.source = source
      self.target = target
      self.org = org
      self.sourceState = sourceState
      self.targetState = targetState
      self.arbiterState = arbiterState
      self.told = told
      self.reason = reason
      self.expires = expires
      self.frozenHere = frozenHere
      self.hiddenHere = hiddenHere
    }
  }
  /// What a hand-over would move.
  public struct Plan: Codable, Sendable {
    public var record: String
    public var org: String
    public var orgName: String
    public var rows: Int
    public var bytes: Int
    /// A plan by its figures.
    public init(record: String, org: String, orgName: String, rows: Int, bytes: Int) {
      self.record = record
      self.org = org
      self.orgName = orgName
      self.rows = rows
      self.bytes = bytes
    }
  }
  public var schema = "xylem/handovers/v1"
  public var handovers: [Handover]
  /// For a dry run.
  public var plan: Plan?
  /// Hand-overs, by id.
  public init(handovers: [Handover], plan: Plan? = nil) {
    self.handovers = handovers
    self.plan = plan
  }
}

/// `POST /v1/handovers`: begins to hand a record over.
public struct HandoverRequest: Codable, Sendable {
  /// The record: `entity/key` with its natural key, or its name `entity-mint-counter-0`.
  public var record: String
  /// Code of the org that it goes to.
  public var to: String
  /// How many days it may wait to be accepted; 0 for ever, absent 90.
  public var days: Int?
  public var dryRun: Bool?

  /// A request; what is nil is left to the node.
  public init(record: String, to: String, days: Int? = nil, dryRun: Bool? = nil) {
    self.record = record
    self.to = to
    self.days = days
    self.dryRun = dryRun
  }
  /// The members it may have.
  public static let members = ["record", "to", "days", "dryRun"]
}

/// `POST /v1/handovers/{id}/void`: asks for one to be undone.
public struct HandoverVoidRequest: Codable, Sendable {
  public var reason: String
  /// Why.
  public init(reason: String) { self.reason = reason }
  /// The members it may have.
  public static let members = ["reason"]
}
