/// The body of `POST /v1/query`.
public struct QueryRequest: Codable, Hashable, Sendable {
  public var entity: String
  /// In the expression language.
  public var condition: String?
  /// Code of an org: only its subtree.
  public var under: String?
  /// Item names, paths or expressions; nil shows the entity's main items.
  public var select: [String]?
  /// Item names, `-` in front for descending; nil leaves the order of storage.
  public var order: [String]?
  /// At most so many rows, 1…100,000.
  public var limit: Int?
  /// Also how many there are in all.
  public var count: Bool?
  /// How it will be answered, without answering.
  public var explain: Bool?

  public init(_ entity: String, where condition: String? = nil, under: String? = nil) {
    self.entity = entity
    self.condition = condition
    self.under = under
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case entity, under, select, order, limit, count, explain
    case condition = "where"
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.onlyKnown(CodingKeys.self)
    entity = try fields.decode(String.self, forKey: .entity)
    condition = try fields.decodeIfPresent(String.self, forKey: .condition)
    under = try fields.decodeIfPresent(String.self, forKey: .under)
    select = try fields.decodeIfPresent([String].self, forKey: .select)
    order = try fields.decodeIfPresent([String].self, forKey: .order)
    limit = try fields.decodeIfPresent(Int.self, forKey: .limit)
    count = try fields.decodeIfPresent(Bool.self, forKey: .count)
    explain = try fields.decodeIfPresent(Bool.self, forKey: .explain)
  }
}

/// The body of `POST /v1/stat`: counts by the values of some columns.
public struct StatRequest: Codable, Hashable, Sendable {
  public var entity: String
  public var by: [String]
  public var under: String?
  public var condition: String?

  public init(_ entity: String, by: [String], where condition: String? = nil, under: String? = nil) {
    self.entity = entity
    self.by = by
    self.condition = condition
    self.under = under
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case entity, by, under
    case condition = "where"
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.onlyKnown(CodingKeys.self)
    entity = try fields.decode(String.self, forKey: .entity)
    by = try fields.decode([String].self, forKey: .by)
    under = try fields.decodeIfPresent(String.self, forKey: .under)
    condition = try fields.decodeIfPresent(String.self, forKey: .condition)
  }
}

/// How fresh the data of one node is in an answer.
public struct Freshness: Codable, Hashable, Sendable {
  public var node: String
  public var code: String
  /// Since the node last spoke; nil for the node that answers.
  public var ageSeconds: Int?
  /// How far its log is applied here.
  public var position: Int

  public init(node: String, code: String, ageSeconds: Int?, position: Int) {
    self.node = node
    self.code = code
    self.ageSeconds = ageSeconds
    self.position = position
  }

  private enum CodingKeys: String, CodingKey {
    case node, code, position
    case ageSeconds = "age_seconds"
  }
}

/// The answer to a query or a statistic.
public struct TableResponse: AdminAnswer, Hashable {
  public static let schemaName = "xylem/table/v1"
  public var schema = TableResponse.schemaName
  public var columns: [AnswerColumn]
  /// Each as long as `columns`.
  public var rows: [[CellValue]]
  /// How many there are in all, when asked for.
  public var total: Int?
  public var freshness: [Freshness]
  public var elapsedMicroseconds: Int
  /// How the question is answered, a step a line, when asked for.
  public var plan: [String]?

  public init(
    columns: [AnswerColumn], rows: [[CellValue]], total: Int? = nil, freshness: [Freshness] = [],
    elapsedMicroseconds: Int, plan: [String]? = nil
  ) {
    self.columns = columns
    self.rows = rows
    self.total = total
    self.freshness = freshness
    self.elapsedMicroseconds = elapsedMicroseconds
    self.plan = plan
  }

  private enum CodingKeys: String, CodingKey {
    case schema, columns, rows, total, freshness, plan
    case elapsedMicroseconds = "elapsed_microseconds"
  }
}
