import Primitives

/// A relation between cells that must hold (hard), or should and else needs a written reason (soft).
public struct ReportCheck: Sendable {
  /// How the sides must stand to each other.
  public enum Relation: String, Sendable { case equal = "=", atMost = "<=", atLeast = ">=" }

  /// Cells added up, or a number.
  struct Term: Hashable, Sendable {
    let isSubtracted: Bool
    /// The number that stands here; nil for cells.
    let number: Int64?
    let form: String
    /// Ids; `*` stands for each line in turn.
    let rows: [String]
    let columns: [String]
  }

  /// As people cite it: `T1.3`.
  public let id: String
  /// The form it is stated with.
  public let form: String
  public let isHard: Bool
  public let label: Label
  /// As written.
  public let formula: String
  public let relation: Relation
  let left: [Term]
  let right: [Term]
  let explanation: ReportSource?

  /// The forms it reads, each once, in order of first use.
  public var forms: [String] {
    var forms: [String] = []
    for term in left + right where term.number == nil && !forms.contains(term.form) { forms.append(term.form) }
    return forms
  }

  /// The records to look at when it fails, as a question may ask for them; nil when none are named.
  public func explanation(_ period: ReportPeriod) -> (entity: String, condition: String)? {
    explanation.map { ($0.entity, period.question($0.condition ?? "true")) }
  }
}

/// One application of a check: for one line when it is about each line.
public struct ReportFinding: Sendable {
  public let check: ReportCheck
  /// The row or column it is about; nil when about none in particular.
  public let line: ReportLine?
  public let left: Int64
  public let right: Int64
  /// Left less right.
  public var difference: Int64 { left &- right }
  /// Whether the sides stand to each other as they must.
  public var holds: Bool {
    switch check.relation {
    case .equal: left == right
    case .atMost: left <= right
    case .atLeast: left >= right
    }
  }
}

extension ReportCheck {
  /// Works the check out.
  ///
  /// - Parameter table: the filled form of an id; the check is skipped (an empty answer) when one is not there.
  public func findings(_ table: (String) -> ReportTable?) -> [ReportFinding] {
    var tables: [String: ReportTable] = [:]
    for form in forms {
      guard let found = table(form) else { return [] }
      tables[form] = found
    }
    guard let first = left.first, let main = tables[first.form]?.plan else { return [] }
    let lines: [ReportLine?]
    if first.rows == ["*"] {
      lines = main.rows.filter { !$0.isHeading && $0.only.isEmpty }
    } else if first.columns == ["*"] {
      lines = main.columns.filter { !$0.isHeading && $0.only.isEmpty }
    } else {
      lines = [nil]
    }
    return lines.map { line in
      func side(_ terms: [Term]) -> Int64 {
        terms.reduce(0) { sum, term in
          let part = term.number ?? tables[term.form].map { ReportCheck.sum(term, $0, line?.id) } ?? 0
          return term.isSubtracted ? sum &- part : sum &+ part
        }
      }
      return ReportFinding(check: self, line: line, left: side(left), right: side(right))
    }
  }

  /// Lines that are not in force and cells not keyed in count as 0.
  private static func sum(_ term: Term, _ table: ReportTable, _ line: String?) -> Int64 {
    func places(_ ids: [String], _ find: (String) -> Int?) -> [Int] {
      ids.compactMap { find($0 == "*" ? line ?? "" : $0) }
    }
    var sum: Int64 = 0
    for row in places(term.rows, table.plan.row) {
      for column in places(term.columns, table.plan.column) { sum &+= table.value(row, column) ?? 0 }
    }
    return sum
  }

  // MARK: Reading

  init(_ draft: ReportCheckDraft, form: String, _ book: ReportBook) throws(CatalogError) {
    id = draft.id.text
    self.form = form
    isHard = draft.isHard
    label = draft.label
    formula = draft.formula.text.split(whereSeparator: { $0 == "\n" || $0 == " " }).joined(separator: " ")
    var found: (relation: Relation, left: Substring, right: Substring)?
    for relation in [Relation.atMost, .atLeast, .equal] {
      let sides = draft.formula.text.split(separator: relation.rawValue, omittingEmptySubsequences: false)
      if sides.count == 2 {
        found = (relation, sides[0], sides[1])
        break
      }
    }
    guard let found else { throw draft.formula.error("expected two sides with =, <= or >= between them") }
    relation = found.relation
    left = try ReportCheck.terms(found.left, draft.formula, book)
    right = try ReportCheck.terms(found.right, draft.formula, book)
    if let source = draft.explanation {
      explanation = try ReportFormBuilder(ReportFormDraft(id: draft.id, label: draft.label), book.catalog).source(
        source)
    } else {
      explanation = nil
    }
  }

  private static func terms(
    _ text: Substring, _ place: Located, _ book: ReportBook
  ) throws(CatalogError) -> [Term] {
    var terms: [Term] = []
    var sign = false
    var isExpected = true
    // Spaces stand between terms and nowhere else.
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      if word == "+" || word == "-" {
        guard !isExpected else { throw place.error("a cell is expected before \(word)") }
        sign = word == "-"
        isExpected = true
        continue
      }
      guard isExpected else { throw place.error("'+' or '-' is expected before \(word)") }
      terms.append(try term(word, sign, place, book))
      isExpected = false
    }
    guard !isExpected || text.allSatisfy({ $0 == " " }) else { throw place.error("the formula ends too early") }
    if terms.isEmpty { throw place.error("a side is empty; write T1[row,column]") }
    return terms
  }

  private static func term(
    _ word: Substring, _ isSubtracted: Bool, _ place: Located, _ book: ReportBook
  ) throws(CatalogError) -> Term {
    if let number = Int64(word) {
      return Term(isSubtracted: isSubtracted, number: number, form: "", rows: [], columns: [])
    }
    let parts = word.split(separator: "[")
    guard parts.count == 2, parts[1].last == "]" else { throw place.error("a cell is written T1[row,column]: \(word)") }
    let ids = parts[1].dropLast().split(separator: ",")
    guard ids.count == 2 else { throw place.error("a cell has a row and a column: \(word)") }
    guard let form = book.form(String(parts[0])) else { throw place.error("there is no form \(parts[0])") }
    func lines(_ text: Substring, _ lines: [ReportLine]) throws(CatalogError) -> [String] {
      let ids = text.split(separator: "+").map(String.init)
      for id in ids where id != "*" && !lines.contains(where: { $0.id == id }) {
        throw place.error("\(form.id) has no line \(id)")
      }
      return ids
    }
    return Term(
      isSubtracted: isSubtracted, number: nil, form: form.id, rows: try lines(ids[0], form.rows),
      columns: try lines(ids[1], form.columns))
  }
}
