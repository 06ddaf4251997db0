/// One text in both languages; `{name}` stands for a field of the failure.
///
/// Both are parameters, so a text that lacks a language does not compile.
public struct Phrase: Hashable, Sendable {
  public let zh: String
  public let en: String

  /// The Chinese text first, then the English.
  public init(_ zh: String, _ en: String) {
    self.zh = zh
    self.en = en
  }

  /// The text in `language`.
  public subscript(language: Language) -> String {
    switch language {
    case .zh: zh
    case .en: en
    }
  }
}

/// What the catalogue says about one ``ErrorCode``: its texts and how programs are told.
///
/// Texts are sentences without a final full stop. `what` names the thing that went wrong, `remedy` what to do or type
/// next. `place` and `why` are left out of a report when a field they name is not given, so a caller that does not know
/// the line number just does not pass it; the fields of `what` and `remedy` are owed by every caller.
public struct Message: Sendable {
  public let title: Phrase
  public let what: Phrase
  /// Where it happened: a file and line, a row and column, a record.
  public let place: Phrase?
  public let why: Phrase?
  public let remedy: Phrase
  public let exit: ExitStatus
  /// The status of an HTTP answer that carries this failure.
  public let httpStatus: Int

  init(
    _ exit: ExitStatus, http httpStatus: Int, title: Phrase, what: Phrase, place: Phrase? = nil, why: Phrase? = nil,
    remedy: Phrase
  ) {
    self.title = title
    self.what = what
    self.place = place
    self.why = why
    self.remedy = remedy
    self.exit = exit
    self.httpStatus = httpStatus
  }

  /// The fields a caller must pass, in order of first use and without repetition.
  public var requiredFields: [String] { fieldNames([what.en, remedy.en]) }
  /// The fields a caller may pass besides: those of `place` and `why` alone.
  public var optionalFields: [String] {
    let required = requiredFields
    return fieldNames([place?.en ?? "", why?.en ?? ""]).filter { !required.contains($0) }
  }
}

extension Phrase {
  static let fileLineColumn = Phrase("{file} 第 {line} 行第 {column} 列", "{file}, line {line}, column {column}")
  static let fileLine = Phrase("{file} 第 {line} 行", "{file}, line {line}")
  static let rowColumn = Phrase("第 {row} 行，“{column}”列", "row {row}, column “{column}”")
  static let row = Phrase("第 {row} 行", "row {row}")
  static let position = Phrase("第 {position} 个字符", "character {position}")
  static let didYouMean = Phrase("是否想写“{suggestion}”？", "Did you mean “{suggestion}”?")
}
