import Messages

/// How far an import is.
public struct ImportProgress: Codable, Hashable, Sendable {
  public var rows: Int
  /// Of the file, read so far.
  public var bytes: Int
  public init(rows: Int, bytes: Int) {
    self.rows = rows
    self.bytes = bytes
  }
}

/// A row that was not taken, for one reason; a row with two mistakes is told twice.
public struct ImportReject: Codable, Hashable, Sendable {
  /// Line of the file, from 1; the header is line 1.
  public var line: Int
  public var column: String
  public var value: String
  /// `XYL-IMP-…`.
  public var code: String
  public var reasonZh: String
  public var reasonEn: String
  public var tryZh: String
  public var tryEn: String

  public init(
    line: Int, column: String, value: String, code: String, reasonZh: String, reasonEn: String, tryZh: String, tryEn: String
  ) {
    self.line = line
    self.column = column
    self.value = value
    self.code = code
    self.reasonZh = reasonZh
    self.reasonEn = reasonEn
    self.tryZh = tryZh
    self.tryEn = tryEn
  }

  private enum CodingKeys: String, CodingKey {
    case line, column, value, code
    case reasonZh = "reason_zh"
    case reasonEn = "reason_en"
    case tryZh = "try_zh"
    case tryEn = "try_en"
  }
}

/// What an import did, or with `dryRun` would have done.
public struct ImportSummary: AdminAnswer, Hashable {
  public static let schemaName = "xylem/import/v1"
  public var schema = ImportSummary.schemaName
  public var inserted: Int
  public var updated: Int
  public var unchanged: Int
  public var rejected: Int
  public var warnings: Int
  public var rows: Int
  public var seconds: Double
  /// Of this node's log after the last commit; nil for a dry run.
  public var position: Int?
  public var dryRun: Bool

  public init(
    inserted: Int, updated: Int, unchanged: Int, rejected: Int, warnings: Int, rows: Int, seconds: Double, position: Int?,
    dryRun: Bool
  ) {
    self.inserted = inserted
    self.updated = updated
    self.unchanged = unchanged
    self.rejected = rejected
    self.warnings = warnings
    self.rows = rows
    self.seconds = seconds
    self.position = position
    self.dryRun = dryRun
  }

  private enum CodingKeys: String, CodingKey {
    case schema, inserted, updated, unchanged, rejected, warnings, rows, seconds, position
    case dryRun = "dry_run"
  }
}

/// One line of the answer to an import: exactly one member, named after the case. `summary` or `failure` is the last.
public enum ImportEvent: Codable, Hashable, Sendable {
  case progress(ImportProgress)
  case reject(ImportReject)
  case summary(ImportSummary)
  /// The import stopped after its answer had begun; what was committed before stays, and importing again doubles nothing.
  case failure(EmbeddedProblem)

  private enum CodingKeys: String, CodingKey { case progress, reject, summary, failure }

  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    if let progress = try fields.decodeIfPresent(ImportProgress.self, forKey: .progress) {
      self = .progress(progress)
    } else if let reject = try fields.decodeIfPresent(ImportReject.self, forKey: .reject) {
      self = .reject(reject)
    } else if let summary = try fields.decodeIfPresent(ImportSummary.self, forKey: .summary) {
      self = .summary(summary)
    } else {
      self = .failure(try fields.decode(EmbeddedProblem.self, forKey: .failure))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .progress(let progress): try fields.encode(progress, forKey: .progress)
    case .reject(let reject): try fields.encode(reject, forKey: .reject)
    case .summary(let summary): try fields.encode(summary, forKey: .summary)
    case .failure(let problem): try fields.encode(problem, forKey: .failure)
    }
  }
}

/// What is imported, from the address and the query of the request.
public struct ImportRequest: Hashable, Sendable {
  public var entity: String
  /// What the file is called, for messages; nil when nobody said.
  public var file: String?
  /// Validates all of it and changes nothing.
  public var dryRun: Bool
  public init(_ entity: String, file: String? = nil, dryRun: Bool = false) {
    self.entity = entity
    self.file = file
    self.dryRun = dryRun
  }
}
