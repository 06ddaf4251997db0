/// `POST /v1/backup`: makes a backup below a directory of the daemon's machine.
public struct BackupRequest: Codable, Sendable {
  public var directory: String
  /// A request for one backup.
  public init(directory: String) { self.directory = directory }
  /// The members it may have.
  public static let members = ["directory"]
}

/// A backup that was made.
public struct BackupResponse: Codable, Sendable {
  public var schema = "xylem/backup/v1"
  public var path: String
  public var files: Int
  public var bytes: Int
  /// Where the node's own log stood, and how many frames were applied in all.
  public var sequence: UInt64
  public var applied: UInt64
  public var microseconds: Int
  /// A backup with its figures.
  public init(path: String, files: Int, bytes: Int, sequence: UInt64, applied: UInt64, microseconds: Int) {
    self.path = path
    self.files = files
    self.bytes = bytes
    self.sequence = sequence
    self.applied = applied
    self.microseconds = microseconds
  }
}

/// `POST /v1/domain/reclaim`: gives a domain directly below to another owner in the next epoch.
public struct ReclaimRequest: Codable, Sendable {
  /// Code of the domain's root org.
  public var code: String
  /// The new owner: its node id and its public key, both in hexadecimal; without them nobody may write until another
  /// call names one.
  public var node: String?
  public var key: String?
  /// The epoch the new owner was created with; absent, the next.
  public var epoch: Int?
  /// A request; what is nil is left to the node.
  public init(code: String, node: String? = nil, key: String? = nil, epoch: Int? = nil) {
    self.code = code
    self.node = node
    self.key = key
    self.epoch = epoch
  }
  /// The members it may have.
  public static let members = ["code", "node", "key", "epoch"]
}

/// Who owns the domains below: `GET /v1/domain`, and what a reclaim made.
public struct DomainResponse: Codable, Sendable {
  /// One domain with its owner.
  public struct Domain: Codable, Sendable {
    public var code: String
    public var partition: String
    public var node: String
    public var epoch: Int
    public var key: String
    /// A domain as its assignment says.
    public init(code: String, partition: String, node: String, epoch: Int, key: String) {
      self.code = code
      self.partition = partition
      self.node = node
      self.epoch = epoch
      self.key = key
    }
  }
  public var schema = "xylem/domain/v1"
  public var domains: [Domain]
  /// Domains sorted by code.
  public init(domains: [Domain]) { self.domains = domains }
}
