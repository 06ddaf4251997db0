/// `GET /v1/doctor`: what was checked and what to do about it.
public struct DoctorResponse: AdminAnswer, Hashable {
  public enum Level: String, Codable, Hashable, Sendable {
    case ok
    case warn
    case fail
  }

  public struct Check: Codable, Hashable, Sendable {
    /// English, one word: `storage`, `disk`, `parent`.
    public var name: String
    public var level: Level
    public var zh: String
    public var en: String
    /// What to type or do next.
    public var tryZh: String?
    public var tryEn: String?

    public init(_ name: String, _ level: Level, zh: String, en: String, tryZh: String? = nil, tryEn: String? = nil) {
      self.name = name
      self.level = level
      self.zh = zh
      self.en = en
      self.tryZh = tryZh
      self.tryEn = tryEn
    }

    private enum CodingKeys: String, CodingKey {
      case name, level, zh, en
      case tryZh = "try_zh"
      case tryEn = "try_en"
    }
  }

  public static let schemaName = "xylem/doctor/v1"
  public var schema = DoctorResponse.schemaName
  public var checks: [Check]
  public init(checks: [Check]) { self.checks = checks }
}

/// `POST /v1/verify`: digests of what is stored, read row by row, and damage found on the way.
public struct VerifyResponse: AdminAnswer, Hashable {
  public struct Digest: Codable, Hashable, Sendable {
    public var partition: String
    /// Code of the partition's root org.
    public var code: String
    public var entity: String
    public var rows: Int
    /// Hexadecimal; equal when the rows are equal, whatever their order.
    public var digest: String
    /// How far the owner's log is applied here. Digests are comparable at equal positions only.
    public var position: Int

    public init(partition: String, code: String, entity: String, rows: Int, digest: String, position: Int) {
      self.partition = partition
      self.code = code
      self.entity = entity
      self.rows = rows
      self.digest = digest
      self.position = position
    }
  }

  public struct Problem: Codable, Hashable, Sendable {
    public var partition: String
    public var entity: String
    public var zh: String
    public var en: String
    public init(partition: String, entity: String, zh: String, en: String) {
      self.partition = partition
      self.entity = entity
      self.zh = zh
      self.en = en
    }
  }

  public static let schemaName = "xylem/verify/v1"
  public var schema = VerifyResponse.schemaName
  public var node: NodeName
  /// Sorted by partition, then entity.
  public var digests: [Digest]
  public var problems: [Problem]
  public init(node: NodeName, digests: [Digest], problems: [Problem]) {
    self.node = node
    self.digests = digests
    self.problems = problems
  }
}

/// The body of `POST /v1/verify`.
public struct VerifyRequest: Codable, Hashable, Sendable {
  private enum CodingKeys: CodingKey, CaseIterable {}
  public init() {}
  public init(from decoder: any Decoder) throws { _ = try decoder.onlyKnown(CodingKeys.self) }
  public func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: CodingKeys.self) }
}
