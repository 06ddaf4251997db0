/// What goes down the tree for people: `GET /v1/notices`, and the answer of every request about one.
public struct NoticesResponse: Codable, Sendable {
  /// A notice, correction request or recall.
  public struct Notice: Codable, Sendable {
    /// What one child told of it.
    public struct Child: Codable, Sendable {
      /// Code of the child's root org.
      public var code: String
      /// Nodes at and below the child that are meant, that have it, and where it was read.
      public var meant: Int
      public var delivered: Int
      public var read: Int
      /// A child's word.
      public init(code: String, meant: Int, delivered: Int, read: Int) {
        self.code = code
        self.meant = meant
        self.delivered = delivered
        self.read = read
      }
    }
    public var id: String
    /// `notice`, `correction`, `recall`, or `kind N` of a later release.
    public var kind: String
    /// Milliseconds since 1970 by the sender's clock.
    public var time: UInt64
    /// Code of the domain that sent it, and how many links it lies above; 0 is this node.
    public var from: String
    public var levelsAbove: Int
    /// Whom it is for: `under CODE`, `level N` or codes.
    public var audience: String
    public var title: String?
    public var text: String?
    /// The record that a correction request is about.
    public var record: String?
    public var forThisNode: Bool
    public var read: Bool
    public var recalled: Bool
    /// Nodes at and below this one that are meant, that have it, and where it was read.
    public var meant: Int
    public var delivered: Int
    public var readCount: Int
    public var children: [Child]

    /// A notice as the node sees it.
    public init(
      id: String, kind: String, time: UInt64, from: String, levelsAbove: Int, audience: String, title: String?,
      text: String?, record: String?, forThisNode: Bool, read: Bool, recalled: Bool, meant: Int, delivered: Int,
      readCount: Int, children: [Child]
    ) {
      self.id = id
      self.kind = kind
      self.time = time
      self.from = from
      self.levelsAbove = levelsAbove
      self.audience = audience
      self.title = title
      self.text = text
      self.record = record
      self.forThisNode = forThisNode
      self.read = read
      self.recalled = recalled
      self.meant = meant
      self.delivered = delivered
      self.readCount = readCount
      self.children = children
    }
  }
  public var schema = "xylem/notices/v1"
  public var notices: [Notice]
  /// For a dry run: how many nodes are meant.
  public var meant: Int?
  /// Notices, newest first.
  public init(notices: [Notice], meant: Int? = nil) {
    self.notices = notices
    self.meant = meant
  }
}

/// `POST /v1/notices`: says something to nodes below. Exactly one of `under`, `level`, `to` and `about` says to whom.
public struct NoticeRequest: Codable, Sendable {
  public var title: String
  public var text: String
  /// Code of an org: everybody at or under it.
  public var under: String?
  /// Everybody so many links below.
  public var level: Int?
  /// Codes of orgs: their owners.
  public var to: [String]?
  /// A record whose owner shall correct it: `entity/key` with its natural key, or its name.
  public var about: String?
  public var dryRun: Bool?

  /// A request; what is nil is not asked.
  public init(
    title: String, text: String, under: String? = nil, level: Int? = nil, to: [String]? = nil, about: String? = nil,
    dryRun: Bool? = nil
  ) {
    self.title = title
    self.text = text
    self.under = under
    self.level = level
    self.to = to
    self.about = about
    self.dryRun = dryRun
  }
  /// The members it may have.
  public static let members = ["title", "text", "under", "level", "to", "about", "dryRun"]
}

/// `POST /v1/notices/{id}`: `read` or `recall`.
public struct NoticeActionRequest: Codable, Sendable {
  public var action: String
  /// What is done.
  public init(action: String) { self.action = action }
  /// The members it may have.
  public static let members = ["action"]
}
