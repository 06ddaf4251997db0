import Primitives

/// One table of a report as the catalog states it: rows and columns with predicates, and what a cell counts.
///
/// A cell is the records of its source for which the predicates of its row and of its column are both **true**; unknown
/// counts nowhere, so a record without a date of birth is in the total and in no band of age, and a check tells.
public struct ReportForm: Sendable {
  /// As people cite it: `T2`.
  public let id: String
  public let label: Label
  /// What cells count: persons, organisations.
  public let unit: Label
  /// Whether it tells what happened during the period; else how things stood on its last day.
  public let isFlow: Bool
  /// All lines of every regime, in the form's order; ``ReportPlan`` takes those in force.
  public let rows: [ReportLine]
  public let columns: [ReportLine]
  public let notes: [Label]
  /// What is counted where neither row nor column says otherwise.
  let source: ReportSource
}

/// A row or a column of a form.
public struct ReportLine: Sendable {
  /// What checks and commands call it, unique among the form's rows or columns.
  public let id: String
  /// 0 at the top. A line below another one is a part of it: its predicate holds besides those above it.
  public let depth: Int
  public let label: Label
  /// The first and last day of a period's end for which the line stands in the form; nil without bound.
  public let from: CivilDate?
  public let until: CivilDate?
  /// It groups others and has no cells.
  public let isHeading: Bool
  /// It is worked with and not printed: a part of a total that the form does not show.
  public let isWorking: Bool
  /// Its cells are keyed in: the catalog has no items to count them from.
  public let isKeyed: Bool
  /// Ids of the lines on the other side that it has cells with; empty for all.
  public let only: [String]
  /// What its cells are made of, when they are not counted: other lines of the same side.
  public let formula: [ReportTerm]

  /// Its own predicate by the entity it is about; empty when it is true for all.
  let predicates: [(entity: String, text: String)]
  let source: ReportSource?
  let measure: ReportMeasure?
}

/// Which records are looked at: an entity, and a condition with the placeholders of a period.
struct ReportSource: Hashable, Sendable {
  let entity: String
  let condition: String?
}

/// What a cell tells of its records.
public enum ReportMeasure: Hashable, Sendable {
  case count
  /// The sum of a whole-number expression; null adds nothing.
  case sum(String)
  /// How many different values an expression has; null is none.
  case distinct(String)
}

/// A line in a formula, added or taken away.
public struct ReportTerm: Hashable, Sendable {
  public let id: String
  public let isSubtracted: Bool
}

/// A period that a report is about. Its texts say `first_date` and `final_date`, which have the ten characters of the
/// dates they stand for: positions in errors stay what they are.
public struct ReportPeriod: Hashable, Sendable {
  public let first: CivilDate
  public let last: CivilDate

  /// The calendar year.
  ///
  /// - Requires: a year from 1921 to 9999.
  public init(year: Int) {
    first = CivilDate(iso: "\(year)-01-01") ?? CivilDate(days: 0)
    last = CivilDate(iso: "\(year)-12-31") ?? CivilDate(days: 0)
    require(first < last, "a report's year has four digits")
  }

  /// Any days, both in the period.
  ///
  /// - Requires: `first <= last`.
  public init(first: CivilDate, last: CivilDate) {
    require(first <= last, "a period has its first day first")
    self.first = first
    self.last = last
  }

  /// The text with dates for the placeholders, on one line, as people are shown it.
  func question(_ text: String) -> String {
    fill(text).split(whereSeparator: { $0 == "\n" || $0 == " " }).joined(separator: " ")
  }

  /// The text with dates for the placeholders, as long as before.
  func fill(_ text: String) -> String {
    var result = ""
    var word = ""
    func flush() {
      switch word {
      case "first_date": result += first.description
      case "final_date": result += last.description
      default: result += word
      }
      word = ""
    }
    for character in text {
      if character == "_" || character.isLetter || character.isNumber {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }
}
