/// A failure that a person or a program is told about: a code of the catalogue and the values that fill its texts.
///
/// Layers below throw their own small error types; where a failure reaches a person it is turned into this. The values
/// are for the one who asked and may quote what that person typed; a log gets ``logText``, which leaves quoted content
/// out.
public struct Failure: Error, Hashable, Sendable {
  /// One named value, already in the form a reader wants.
  public struct Field: Hashable, Sendable {
    public let name: String
    public let value: String

    /// - Parameter name: a field of the code's texts, or `NAME.zh` for what it says in Chinese; others are kept and
    ///   reach JSON only.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public let code: ErrorCode
  /// In the order given.
  public let fields: [Field]

  /// A failure with the fields of its texts: `Failure(.configUnknownKey, ["key": key, "file": path, "line": "12"])`.
  ///
  /// Which fields a code owes is ``Message/requiredFields``; a test holds every literal in the sources against it.
  public init(_ code: ErrorCode, _ fields: KeyValuePairs<String, String> = [:]) {
    self.init(code, fields: fields.map { Field(name: $0.key, value: $0.value) })
  }

  /// A failure with fields put together at run time.
  public init(_ code: ErrorCode, fields: [Field]) {
    self.code = code
    self.fields = fields
  }

  /// Whether the same request may succeed later without anybody changing anything.
  public var isRetryable: Bool { code.message.exit == .temporary }
  /// The status a program that ends with this failure exits with.
  public var exitStatus: ExitStatus { code.message.exit }
  /// ``exitStatus`` as a number, for `exit(2)`.
  public var exitCode: Int32 { exitStatus.rawValue }
  /// The status of an HTTP answer that carries this failure.
  public var httpStatus: Int { code.message.httpStatus }

  /// The value of a field, or nil when it was not given; the first when a name was given twice.
  public func value(of name: String) -> String? { fields.first { $0.name == name }?.value }

  /// This failure with one more field: what a caller further out knows (the file, the row).
  public func adding(_ name: String, _ value: String) -> Failure {
    Failure(code, fields: fields + [Field(name: name, value: value)])
  }

  /// The report for a person.
  public func text(_ language: Language) -> FailureText {
    let message = code.message
    // What a layer below says in both languages comes as `reason` and `reason.zh`.
    func lookup(_ name: String) -> String? { value(of: "\(name).\(language)") ?? value(of: name) }
    func fill(_ phrase: Phrase) -> String { filled(phrase[language], lookup).text }
    func fillIfComplete(_ phrase: Phrase?) -> String? {
      guard let phrase else { return nil }
      let result = filled(phrase[language], lookup)
      return result.isComplete ? result.text : nil
    }
    return FailureText(
      code: code, language: language, title: fill(message.title), what: fill(message.what),
      place: fillIfComplete(message.place), why: fillIfComplete(message.why), remedy: fill(message.remedy))
  }

  /// One line for a log: the code, then every field. A field that quotes user content (``quotedFieldNames``) shows its
  /// length only, for a log must not hold personal data.
  public var logText: String {
    var line = code.rawValue
    for field in fields {
      let isQuoted = Failure.quotedFieldNames.contains(field.name)
      line += isQuoted ? " \(field.name)=<\(field.value.count) characters>" : " \(field.name)=\(field.value)"
    }
    return line
  }

  /// Names reserved for what a user supplied: these never reach a log.
  public static let quotedFieldNames = ["value", "text", "found", "duplicate"]

  /// The body of an HTTP error: RFC 9457 problem details (`application/problem+json`), one line, always English:
  /// programs read it, and a client shows the texts of `code` in its own user's language.
  ///
  /// Members: `type`, `title`, `status`, `detail`, `code`, `exit`, `retryable`, `try`, `fields`, and `where` and `why`
  /// when they are known.
  public func problemJSON() -> String {
    let text = text(.en)
    var json = JSONText()
    json.object { json in
      json.member("type", string: "urn:xylem:problem:\(code.rawValue)")
      json.member("title", string: text.title)
      json.member("status", int: httpStatus)
      json.member("detail", string: text.what)
      json.member("code", string: code.rawValue)
      json.member("exit", int: Int(exitCode))
      json.member("retryable", bool: isRetryable)
      if let place = text.place { json.member("where", string: place) }
      if let why = text.why { json.member("why", string: why) }
      json.member("try", string: text.remedy)
      json.key("fields")
      json.object { json in
        // A name given twice would make the object ambiguous to a reader; `value(of:)` takes the first, so does this.
        for (index, field) in fields.enumerated()
        where !fields[..<index].contains(where: { $0.name == field.name }) {
          json.member(field.name, string: field.value)
        }
      }
    }
    return json.text
  }
}

/// A failure as a person reads it, in one language.
public struct FailureText: Hashable, Sendable {
  public let code: ErrorCode
  public let language: Language
  public let title: String
  public let what: String
  /// Where it happened; nil when the failure does not know.
  public let place: String?
  public let why: String?
  /// What to do or type next.
  public let remedy: String

  /// Two to four lines: what with the code, then where, why and what to try, as far as known.
  public var lines: [String] {
    var lines = [language == .zh ? "错误[\(code.rawValue)]：\(what)" : "error[\(code.rawValue)]: \(what)"]
    if let place { lines.append(language == .zh ? "  位置：\(place)" : "  where: \(place)") }
    if let why { lines.append(language == .zh ? "  原因：\(why)" : "  why: \(why)") }
    lines.append(language == .zh ? "  处理：\(remedy)" : "  try: \(remedy)")
    return lines
  }
}

/// An error of a layer that does not know the catalogue of messages, told in its terms by a layer that does.
public protocol FailureConvertible: Error {
  /// What a caller is told.
  var failure: Failure { get }
}
