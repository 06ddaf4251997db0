/// `POST /v1/query`: records, or with `by` counts.
public struct QueryRequest: Codable, Sendable {
  public var entity: String
  /// A condition in the expression language.
  public var condition: String?
  /// Code of the org whose subtree is meant.
  public var under: String?
  /// `NAME: condition` that some related record must fulfil.
  public var with: [String]?
  /// `NAME: condition` that none may.
  public var without: [String]?
  /// Item names, paths or expressions to show.
  public var select: [String]?
  /// Item names, paths or expressions to sort by, `-` in front for descending; absent, the order of storage.
  public var order: [String]?
  public var limit: Int?
  /// Only how many.
  public var count: Bool?
  /// Counts by these instead of records.
  public var by: [String]?
  /// A token that an answer gave: wait until all of it is here.
  public var atLeast: String?
  /// Refuse an answer over data older than so many seconds.
  public var maxAge: Int?
  /// Figures beside each count: sums of these expressions, and so on. They make a count of the question, without `by`
  /// one of all records.
  public var sum: [String]?
  public var mean: [String]?
  public var min: [String]?
  public var max: [String]?
  /// How many different values each of these has.
  public var distinct: [String]?
  /// Reads every stored row even where columns in memory could answer.
  public var rows: Bool?

  public init(entity: String) { self.entity = entity }

  /// The members a request may have; others are refused, so that a typo never widens a question.
  public static let members = [
    "entity", "condition", "under", "with", "without", "select", "order", "limit", "count", "by", "atLeast", "maxAge",
    "sum", "mean", "min", "max", "distinct", "rows",
  ]
}

/// `POST /v1/match`: people by name and birth date.
public struct MatchRequest: Codable, Sendable {
  public struct Person: Codable, Sendable {
    public var name: String
    /// `YYYY-MM-DD`
    public var birthDate: String
    public init(name: String, birthDate: String) {
      self.name = name
      self.birthDate = birthDate
    }

    public init(from decoder: any Decoder) throws {
      try decoder.refuseUnknownMembers(["name", "birthDate"])
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      name = try fields.decode(String.self, forKey: .name)
      birthDate = try fields.decode(String.self, forKey: .birthDate)
    }
  }
  /// The most people of one request; more go in several.
  public static let peopleMax = 1000
  public var people: [Person]
  public init(people: [Person]) { self.people = people }

  public static let members = ["people"]
}

/// What may stand behind `POST /v1/import/ENTITY?`.
public struct ImportParameters: Hashable, Sendable {
  /// The file's name, for messages.
  public var file = "-"
  /// Checks everything, writes nothing.
  public var dryRun = false
  /// How many rows become one commit; each durable commit is then told in a line of its own. Nil for the daemon's size,
  /// of which nothing is told.
  public var commitRows: Int?
  /// Until where the last commit must be durable before the summary comes.
  public var wait = Level.local

  /// How far a commit is durable.
  public enum Level: String, Hashable, Sendable, CaseIterable {
    case local, parent, root
  }

  /// The usual ones for a file of this name.
  public init(file: String = "-", dryRun: Bool = false) {
    self.file = file
    self.dryRun = dryRun
  }

  /// What may be given; others are refused.
  public static let names = ["file", "dry_run", "commit_rows", "wait"]

  /// Names and values, those that differ from the defaults.
  public var pairs: [(name: String, value: String)] {
    var pairs = [("file", file), ("dry_run", dryRun ? "1" : "0")]
    if let commitRows { pairs.append(("commit_rows", "\(commitRows)")) }
    if wait != .local { pairs.append(("wait", wait.rawValue)) }
    return pairs
  }
}
