/// What is known of a person; at least an id card number, a mobile number, or a name.
public struct KnownPerson: Codable, Hashable, Sendable {
  public var name: String?
  /// `1990-01-02`.
  public var birthDate: String?
  public var idCard: String?
  public var mobile: String?

  public init(name: String? = nil, birthDate: String? = nil, idCard: String? = nil, mobile: String? = nil) {
    self.name = name
    self.birthDate = birthDate
    self.idCard = idCard
    self.mobile = mobile
  }

  enum CodingKeys: String, CodingKey, CaseIterable {
    case name, mobile
    case birthDate = "birth_date"
    case idCard = "id_card"
  }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.onlyKnown(CodingKeys.self)
    name = try fields.decodeIfPresent(String.self, forKey: .name)
    birthDate = try fields.decodeIfPresent(String.self, forKey: .birthDate)
    idCard = try fields.decodeIfPresent(String.self, forKey: .idCard)
    mobile = try fields.decodeIfPresent(String.self, forKey: .mobile)
  }
}

/// The body of `POST /v1/match`.
public struct MatchRequest: Codable, Hashable, Sendable {
  /// The most people of one request; more go in several.
  public static let rowsMax = 1000
  public var rows: [KnownPerson]
  public init(rows: [KnownPerson]) { self.rows = rows }

  enum CodingKeys: String, CodingKey, CaseIterable { case rows }

  public init(from decoder: any Decoder) throws {
    rows = try decoder.onlyKnown(CodingKeys.self).decode([KnownPerson].self, forKey: .rows)
  }
}

/// The answer to `POST /v1/match`: one row for each person asked for, in that order.
public struct MatchResponse: AdminAnswer, Hashable {
  public struct Match: Codable, Hashable, Sendable {
    public var record: String
    public var name: String
    public var birthDate: String?
    public var branchCode: String?
    public var branchName: String?
    /// Code of the node that owns the record.
    public var node: String
    /// `sure`, `likely` or `possible`.
    public var certainty: String

    public init(
      record: String, name: String, birthDate: String?, branchCode: String?, branchName: String?, node: String,
      certainty: String
    ) {
      self.record = record
      self.name = name
      self.birthDate = birthDate
      self.branchCode = branchCode
      self.branchName = branchName
      self.node = node
      self.certainty = certainty
    }

    private enum CodingKeys: String, CodingKey {
      case record, name, node, certainty
      case birthDate = "birth_date"
      case branchCode = "branch_code"
      case branchName = "branch_name"
    }
  }

  public struct Row: Codable, Hashable, Sendable {
    public var input: KnownPerson
    public var matches: [Match]
    public init(input: KnownPerson, matches: [Match]) {
      self.input = input
      self.matches = matches
    }
  }

  public static let schemaName = "xylem/match/v1"
  public var schema = MatchResponse.schemaName
  public var rows: [Row]
  public var elapsedMicroseconds: Int
  public init(rows: [Row], elapsedMicroseconds: Int) {
    self.rows = rows
    self.elapsedMicroseconds = elapsedMicroseconds
  }

  private enum CodingKeys: String, CodingKey {
    case schema, rows
    case elapsedMicroseconds = "elapsed_microseconds"
  }
}

/// `GET /v1/records/{entity}/{key}`: one record with its labels and the records it owns.
public struct RecordResponse: AdminAnswer, Hashable {
  public struct Field: Codable, Hashable, Sendable {
    public var name: String
    public var labelZh: String
    public var labelEn: String
    public var type: ColumnType
    public var value: CellValue
    /// What a code or a reference means.
    public var shownZh: String?
    public var shownEn: String?

    public init(
      _ name: String, zh: String, en: String, type: ColumnType, value: CellValue, shownZh: String? = nil,
      shownEn: String? = nil
    ) {
      self.name = name
      labelZh = zh
      labelEn = en
      self.type = type
      self.value = value
      self.shownZh = shownZh
      self.shownEn = shownEn
    }

    private enum CodingKeys: String, CodingKey {
      case name, type, value
      case labelZh = "label_zh"
      case labelEn = "label_en"
      case shownZh = "shown_zh"
      case shownEn = "shown_en"
    }
  }

  /// The records of one child entity.
  public struct Children: Codable, Hashable, Sendable {
    public var entity: String
    public var labelZh: String
    public var labelEn: String
    public var columns: [AnswerColumn]
    public var rows: [[CellValue]]
    public init(entity: String, zh: String, en: String, columns: [AnswerColumn], rows: [[CellValue]]) {
      self.entity = entity
      labelZh = zh
      labelEn = en
      self.columns = columns
      self.rows = rows
    }
    private enum CodingKeys: String, CodingKey {
      case entity, columns, rows
      case labelZh = "label_zh"
      case labelEn = "label_en"
    }
  }

  public static let schemaName = "xylem/record/v1"
  public var schema = RecordResponse.schemaName
  public var entity: String
  public var record: String
  /// Code of the node that owns it.
  public var node: String
  public var fields: [Field]
  public var children: [Children]
  public init(entity: String, record: String, node: String, fields: [Field], children: [Children]) {
    self.entity = entity
    self.record = record
    self.node = node
    self.fields = fields
    self.children = children
  }
}
