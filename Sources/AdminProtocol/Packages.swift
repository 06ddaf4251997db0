/// A node's card: `GET /v1/card`.
public struct CardResponse: Codable, Sendable {
  public var schema = "xylem/card/v1"
  /// The card's file.
  public var text: String
  /// What people compare, in groups of four digits.
  public var fingerprint: String
  public var node: String
  public var code: String
  public var name: String

  /// One card with what a person wants to see of it.
  public init(text: String, fingerprint: String, node: String, code: String, name: String) {
    self.text = text
    self.fingerprint = fingerprint
    self.node = node
    self.code = code
    self.name = name
  }
}

/// `POST /v1/neighbours`: a neighbour's card.
public struct IntroduceRequest: Codable, Sendable {
  /// The file's name, for messages.
  public var file: String
  public var text: String
  /// Forget the card known so far in its place.
  public var replace: Bool?
  /// `parent` or `child`; absent when the codes tell.
  public var role: String?

  /// The card in `text`.
  public init(file: String, text: String, replace: Bool = false, role: String? = nil) {
    self.file = file
    self.text = text
    self.replace = replace
    self.role = role
  }

  /// The members a request may have.
  public static let members = ["file", "text", "replace", "role"]
}

/// Nodes that packages are exchanged with: `GET /v1/neighbours`, and what `POST` answers.
public struct NeighboursResponse: Codable, Sendable {
  /// One neighbour.
  public struct Neighbour: Codable, Sendable {
    /// `parent` or `child`.
    public var role: String
    public var node: String
    public var code: String
    public var name: String
    public var fingerprint: String
    /// The last package made for it, and the last one taken from it; 0 before the first.
    public var sent: UInt64
    public var taken: UInt64

    /// A neighbour as the node knows it.
    public init(
      role: String, node: String, code: String, name: String, fingerprint: String, sent: UInt64, taken: UInt64
    ) {
      self.role = role
      self.node = node
      self.code = code
      self.name = name
      self.fingerprint = fingerprint
      self.sent = sent
      self.taken = taken
    }
  }
  public var schema = "xylem/neighbours/v1"
  public var neighbours: [Neighbour]

  /// All of them, in the order given.
  public init(neighbours: [Neighbour]) { self.neighbours = neighbours }
}

/// `POST /v1/packages/export`: which package to make. The answer is the file, or status 204 when there is nothing to
/// send.
public struct ExportRequest: Codable, Sendable {
  /// Root org code of the neighbour; absent, the parent.
  public var to: String?
  /// Begin after this commit of the node's own log.
  public var fromPosition: UInt64?
  /// Everything that is here.
  public var all: Bool?
  /// The package of this number once more.
  public var again: UInt64?
  /// The rest of an export whose last package said that more follows.
  public var following: Bool?

  /// What the parent has not acknowledged; the members narrow or widen it.
  public init() {}

  /// The members a request may have.
  public static let members = ["to", "fromPosition", "all", "again", "following"]
}

/// What an import did: `POST /v1/packages/import`.
public struct PackageResponse: Codable, Sendable {
  public var schema = "xylem/package/v1"
  /// `up` or `back`.
  public var kind: String
  public var number: UInt64
  public var sender: String
  /// The package's hash in groups.
  public var hash: String
  /// Nothing in it was new.
  public var already: Bool
  /// Packages before it that never came; nothing of theirs is missing.
  public var skipped: UInt64
  /// `up`: how far the sender's log is here. `back`: how far ours is at the parent.
  public var position: UInt64
  public var dryRun: Bool
  public var frames: UInt64
  public var commits: UInt64

  /// The outcome of one import.
  public init(
    kind: String, number: UInt64, sender: String, hash: String, already: Bool, skipped: UInt64, position: UInt64,
    dryRun: Bool, frames: UInt64, commits: UInt64
  ) {
    self.kind = kind
    self.number = number
    self.sender = sender
    self.hash = hash
    self.already = already
    self.skipped = skipped
    self.position = position
    self.dryRun = dryRun
    self.frames = frames
    self.commits = commits
  }
}
