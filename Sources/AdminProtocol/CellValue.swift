/// One cell of a tabular answer: a JSON null, boolean, integer or text. Codes, ids, dates and decimals are texts.
public enum CellValue: Codable, Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int)
  case text(String)

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    }
  }
}

/// What a column holds.
public enum ColumnType: String, Codable, Hashable, Sendable {
  case text, int, decimal, bool, date, minute, code, org, record, list
}

/// A column of a tabular answer.
public struct AnswerColumn: Codable, Hashable, Sendable {
  /// What a code of the column means, for the codes that occur.
  public struct CodeLabel: Codable, Hashable, Sendable {
    public var code: String
    public var zh: String
    public var en: String
    public init(code: String, zh: String, en: String) {
      self.code = code
      self.zh = zh
      self.en = en
    }
  }

  /// As asked for: the name of an item, a path or an expression.
  public var name: String
  public var labelZh: String
  public var labelEn: String
  public var type: ColumnType
  /// Sorted by code; nil when the column holds no codes.
  public var codes: [CodeLabel]?

  public init(_ name: String, zh: String, en: String, type: ColumnType, codes: [CodeLabel]? = nil) {
    self.name = name
    labelZh = zh
    labelEn = en
    self.type = type
    self.codes = codes
  }

  private enum CodingKeys: String, CodingKey {
    case name, type, codes
    case labelZh = "label_zh"
    case labelEn = "label_en"
  }
}
