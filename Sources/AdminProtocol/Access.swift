/// `POST /v1/session`: who somebody is.
public struct LoginRequest: Codable, Sendable {
  public var user: String
  public var password: String
  /// Six digits of the authenticator, once one is set up.
  public var code: String?

  /// A login.
  public init(user: String, password: String, code: String? = nil) {
    self.user = user
    self.password = password
    self.code = code
  }

  /// The members it may have.
  public static let members = ["user", "password", "code"]
}

/// What a login gives.
public struct LoginResponse: Codable, Sendable {
  public var schema = "xylem/login/v1"
  public var token: String
  public var user: String
  /// The password must be changed before anything else.
  public var mustChangePassword: Bool
  /// A second factor must be set up before anything else.
  public var mustAddSecondFactor: Bool

  /// An answer to a login.
  public init(token: String, user: String, mustChangePassword: Bool, mustAddSecondFactor: Bool) {
    self.token = token
    self.user = user
    self.mustChangePassword = mustChangePassword
    self.mustAddSecondFactor = mustAddSecondFactor
  }
}

/// A role over the subtree of an org.
public struct GrantLine: Codable, Sendable {
  public var role: String
  /// Code of the org; for MEMBER the id of the record.
  public var place: String
  /// The last day, `YYYY-MM-DD`; absent without end.
  public var until: String?
  public var holds: Bool

  /// A grant as it is shown.
  public init(role: String, place: String, until: String?, holds: Bool) {
    self.role = role
    self.place = place
    self.until = until
    self.holds = holds
  }
}

/// `GET /v1/session`: who asks, and what he may do.
public struct WhoamiResponse: Codable, Sendable {
  public var schema = "xylem/whoami/v1"
  public var user: String
  public var label: String
  public var grants: [GrantLine]
  public var verbs: [String]
  /// Field classes shown as they are.
  public var clear: [String]
  public var mustChangePassword: Bool
  public var mustAddSecondFactor: Bool

  /// Who asks.
  public init(
    user: String, label: String, grants: [GrantLine], verbs: [String], clear: [String], mustChangePassword: Bool,
    mustAddSecondFactor: Bool
  ) {
    self.user = user
    self.label = label
    self.grants = grants
    self.verbs = verbs
    self.clear = clear
    self.mustChangePassword = mustChangePassword
    self.mustAddSecondFactor = mustAddSecondFactor
  }
}

/// `POST /v1/session/password`.
public struct PasswordRequest: Codable, Sendable {
  public var old: String
  public var new: String

  /// A change of one's own password.
  public init(old: String, new: String) {
    self.old = old
    self.new = new
  }

  /// The members it may have.
  public static let members = ["old", "new"]
}

/// `POST /v1/session/totp`: without a code draws a secret, with one sets it in force.
public struct SecondFactorRequest: Codable, Sendable {
  public var code: String?

  /// A step of setting up an authenticator.
  public init(code: String? = nil) { self.code = code }

  /// The members it may have.
  public static let members = ["code"]
}

/// What an authenticator is told.
public struct SecondFactorResponse: Codable, Sendable {
  public var schema = "xylem/totp/v1"
  /// In base 32; absent when a code set it in force.
  public var secret: String?
  /// For a QR code: `otpauth://totp/…`.
  public var uri: String?

  /// An answer to a step.
  public init(secret: String? = nil, uri: String? = nil) {
    self.secret = secret
    self.uri = uri
  }
}

/// A user as administrators see one.
public struct UserLine: Codable, Sendable {
  public var user: String
  public var label: String
  /// Code of the home org.
  public var home: String
  public var locked: Bool
  public var grants: [GrantLine]

  /// A user as shown.
  public init(user: String, label: String, home: String, locked: Bool, grants: [GrantLine]) {
    self.user = user
    self.label = label
    self.home = home
    self.locked = locked
    self.grants = grants
  }
}

/// `GET /v1/users`.
public struct UsersResponse: Codable, Sendable {
  public var schema = "xylem/users/v1"
  public var users: [UserLine]

  /// Some users.
  public init(users: [UserLine]) { self.users = users }
}

/// `POST /v1/users`.
public struct UserRequest: Codable, Sendable {
  public var user: String
  public var label: String
  public var home: String
  public var password: String

  /// A user to be added.
  public init(user: String, label: String, home: String, password: String) {
    self.user = user
    self.label = label
    self.home = home
    self.password = password
  }

  /// The members it may have.
  public static let members = ["user", "label", "home", "password"]
}

/// `POST /v1/users/{user}/{action}`: `grant`, `revoke`, `lock`, `unlock`, `password`.
public struct UserActionRequest: Codable, Sendable {
  public var role: String?
  public var place: String?
  public var until: String?
  public var reason: String?
  public var password: String?

  /// What is done with a user.
  public init(
    role: String? = nil, place: String? = nil, until: String? = nil, reason: String? = nil, password: String? = nil
  ) {
    self.role = role
    self.place = place
    self.until = until
    self.reason = reason
    self.password = password
  }

  /// The members it may have.
  public static let members = ["role", "place", "until", "reason", "password"]
}

/// `POST /v1/access/explain`: may this user read that record?
public struct ExplainRequest: Codable, Sendable {
  public var user: String
  public var entity: String
  public var key: String

  /// A question about a right.
  public init(user: String, entity: String, key: String) {
    self.user = user
    self.entity = entity
    self.key = key
  }

  /// The members it may have.
  public static let members = ["user", "entity", "key"]
}

/// Why, or why not.
public struct ExplainResponse: Codable, Sendable {
  /// One step of the decision.
  public struct Step: Codable, Sendable {
    public var holds: Bool
    public var zh: String
    public var en: String

    /// What was looked at, and whether it is for the user.
    public init(holds: Bool, zh: String, en: String) {
      self.holds = holds
      self.zh = zh
      self.en = en
    }
  }
  public var schema = "xylem/explain/v1"
  public var allowed: Bool
  public var steps: [Step]

  /// A decision.
  public init(allowed: Bool, steps: [Step]) {
    self.allowed = allowed
    self.steps = steps
  }
}

/// `POST /v1/identity`: at which committee a citizen id is registered.
public struct IdentityRequest: Codable, Sendable {
  public var id: String

  /// A question about one id.
  public init(id: String) { self.id = id }

  /// The members it may have.
  public static let members = ["id"]
}

/// Whether, and where; nothing else.
public struct IdentityResponse: Codable, Sendable {
  public var schema = "xylem/identity/v1"
  public var exists: Bool
  public var code: String?
  public var name: String?

  /// An answer.
  public init(exists: Bool, code: String? = nil, name: String? = nil) {
    self.exists = exists
    self.code = code
    self.name = name
  }
}

/// `POST /v1/audit`: entries of the chain.
public struct AuditRequest: Codable, Sendable {
  /// The number before the first; absent, the last entries.
  public var after: UInt64?
  public var limit: Int?
  public var act: String?
  public var user: String?
  /// A record's id as answers show it, or an entity and a natural key: who saw it.
  public var record: String?
  public var entity: String?
  public var key: String?

  /// Everything.
  public init() {}

  /// The members it may have.
  public static let members = ["after", "limit", "act", "user", "record", "entity", "key"]
  /// Entries of one answer at most.
  public static let limitMax = 10_000
}

/// Entries of the chain.
public struct AuditResponse: Codable, Sendable {
  /// One entry.
  public struct Entry: Codable, Sendable {
    public var number: UInt64
    /// Milliseconds since 1970.
    public var time: UInt64
    public var act: String
    public var actor: String
    /// In hexadecimal; empty for the socket's owner.
    public var session: String
    /// Code of the org, or its id when it is unknown here.
    public var org: String?
    public var count: UInt64
    public var detail: String
    public var records: [String]
    public var hash: String
    /// For a question about one record: whether the entry names it, or only counts rows it may be among.
    public var named: Bool?

    /// An entry as shown.
    public init(
      number: UInt64, time: UInt64, act: String, actor: String, session: String, org: String?, count: UInt64,
      detail: String, records: [String], hash: String, named: Bool?
    ) {
      self.number = number
      self.time = time
      self.act = act
      self.actor = actor
      self.session = session
      self.org = org
      self.count = count
      self.detail = detail
      self.records = records
      self.hash = hash
      self.named = named
    }
  }
  public var schema = "xylem/audit/v1"
  public var entries: [Entry]

  /// Some entries.
  public init(entries: [Entry]) { self.entries = entries }
}

/// `POST /v1/audit/verify`.
public struct AuditVerifyResponse: Codable, Sendable {
  public var schema = "xylem/audit-verify/v1"
  public var entries: UInt64
  public var heads: UInt64
  public var last: UInt64
  public var hash: String
  public var covered: UInt64
  /// The node's public key: what an auditor checks exports with.
  public var key: String

  /// A chain that holds.
  public init(entries: UInt64, heads: UInt64, last: UInt64, hash: String, covered: UInt64, key: String) {
    self.entries = entries
    self.heads = heads
    self.last = last
    self.hash = hash
    self.covered = covered
    self.key = key
  }
}

/// `POST /v1/audit/export`.
public struct AuditExportRequest: Codable, Sendable {
  /// The number before the first; absent, the whole chain.
  public var after: UInt64?

  /// An export.
  public init(after: UInt64? = nil) { self.after = after }

  /// The members it may have.
  public static let members = ["after"]
}

/// An answer that says nothing but that it is done.
public struct DoneResponse: Codable, Sendable {
  public var schema = "xylem/done/v1"
  public var done = true

  /// It is done.
  public init() {}
}
