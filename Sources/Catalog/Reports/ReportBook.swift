import Primitives

/// The forms and checks of a report, read from text against a catalog. A value, made once.
///
/// Invariants, established by ``load(parts:catalog:)``: form ids are unique, line ids are unique among a form's rows
/// and
/// among its columns; every predicate parsed and type-checked against the entity it is about and none asks for the day
/// on which it is read; formulas name lines of their side and end; checks name forms and lines that exist.
public struct ReportBook: Sendable {
  /// In the order of their numbers.
  public let forms: [ReportForm]
  public let checks: [ReportCheck]
  let catalog: Catalog
  private let positions: [String: Int]

  init(forms: [ReportForm], checks: [ReportCheck], catalog: Catalog) {
    self.forms = forms
    self.checks = checks
    self.catalog = catalog
    positions = Dictionary(uniqueKeysWithValues: forms.enumerated().map { ($1.id, $0) })
  }

  /// The form of this id.
  public func form(_ id: String) -> ReportForm? { positions[id].map { forms[$0] } }

  /// Reads forms and checks; the format is described in `ReportTextReader.swift`.
  ///
  /// - Throws: the first error with part, line and column.
  public static func load(parts: [CatalogPart], catalog: Catalog) throws(CatalogError) -> ReportBook {
    var reader = ReportTextReader()
    for part in parts { try reader.read(part) }
    var forms: [ReportForm] = []
    for draft in reader.forms {
      guard !forms.contains(where: { $0.id == draft.id.text }) else {
        throw draft.id.error("a form of this id stands above")
      }
      forms.append(try ReportFormBuilder(draft, catalog).form())
    }
    // T2 before T10, wherever they stand in the text.
    forms.sort { ($0.id.utf8.count, $0.id) < ($1.id.utf8.count, $1.id) }
    let book = ReportBook(forms: forms, checks: [], catalog: catalog)
    var checks: [ReportCheck] = []
    for draft in reader.forms {
      for check in draft.checks {
        guard !checks.contains(where: { $0.id == check.id.text }) else {
          throw check.id.error("a check of this id stands above")
        }
        checks.append(try ReportCheck(check, form: draft.id.text, book))
      }
    }
    return ReportBook(forms: forms, checks: checks, catalog: catalog)
  }
}

/// From a draft to a form whose every text was checked.
struct ReportFormBuilder {
  private let draft: ReportFormDraft
  private let catalog: Catalog
  /// Any period will do: a text's type does not depend on it.
  static let sample = ReportPeriod(year: 2005)

  init(_ draft: ReportFormDraft, _ catalog: Catalog) {
    self.draft = draft
    self.catalog = catalog
  }

  func form() throws(CatalogError) -> ReportForm {
    guard let from = draft.source else { throw draft.id.error("the form does not say what it counts ('of')") }
    let source = try source(from)
    let rows = try lines(draft.rows, source, draft.columns)
    let columns = try lines(draft.columns, source, draft.rows)
    return ReportForm(
      id: draft.id.text, label: draft.label, unit: draft.unit, isFlow: draft.isFlow, rows: rows, columns: columns,
      notes: draft.notes, source: source)
  }

  func source(_ draft: ReportSourceDraft) throws(CatalogError) -> ReportSource {
    let entity = try entity(draft.entity)
    if let condition = draft.condition { try check(condition, entity, .bool) }
    return ReportSource(entity: entity.name, condition: draft.condition?.text)
  }

  private func entity(_ name: Located) throws(CatalogError) -> Entity {
    guard let entity = catalog.entity(named: name.text) else { throw name.error("there is no entity \(name.text)") }
    return entity
  }

  private func check(_ text: Located, _ entity: Entity, _ type: ExpressionType?) throws(CatalogError) {
    let checked: CheckedExpression
    do {
      checked = try catalog.check(expression: Self.sample.fill(text.text), on: entity, expecting: type)
    } catch { throw text.error(error) }
    guard !checked.whole.inputs.readsToday else {
      throw text.error("a report is of its period, not of the day it is made: say final_date instead of today or age")
    }
  }

  private func lines(
    _ drafts: [ReportLineDraft], _ form: ReportSource, _ others: [ReportLineDraft]
  ) throws(CatalogError) -> [ReportLine] {
    var lines: [ReportLine] = []
    var above: [ReportLine] = []
    for draft in drafts {
      guard !lines.contains(where: { $0.id == draft.id.text }) else {
        throw draft.id.error("a line of this id stands above")
      }
      guard draft.depth <= above.count else { throw draft.id.error("no line stands one level above this one") }
      above.removeLast(above.count - draft.depth)
      let line = try line(draft, form, above.last)
      for id in draft.only where !others.contains(where: { $0.id.text == id.text }) {
        throw id.error("the other side has no line \(id.text)")
      }
      lines.append(line)
      above.append(line)
    }
    for (line, draft) in zip(lines, drafts) {
      for (term, word) in zip(line.formula, draft.formula.filter { !["+", "-"].contains($0.text) })
      where !lines.contains(where: { $0.id == term.id }) {
        throw word.error("this side has no line \(term.id)")
      }
      guard ends(line, lines, 0) else { throw draft.id.error("the formula leads back to itself") }
    }
    return lines
  }

  private func ends(_ line: ReportLine, _ lines: [ReportLine], _ depth: Int) -> Bool {
    guard depth <= ReportPlan.formulaDepth else { return false }
    return line.formula.allSatisfy { term in
      lines.first { $0.id == term.id }.map { ends($0, lines, depth + 1) } ?? true
    }
  }

  private func line(
    _ draft: ReportLineDraft, _ form: ReportSource, _ above: ReportLine?
  ) throws(CatalogError) -> ReportLine {
    var source = above?.source
    if let own = draft.source { source = try self.source(own) }
    let about = source?.entity ?? form.entity
    var predicates: [(entity: String, text: String)] = []
    if let predicate = draft.predicate {
      if let entity = catalog.entity(named: about) { try check(predicate, entity, .bool) }
      predicates.append((about, predicate.text))
    }
    for (name, predicate) in draft.others {
      try check(predicate, try entity(name), .bool)
      predicates.append((name.text, predicate.text))
    }
    var measure = above?.measure
    if let sum = draft.sum {
      if let entity = catalog.entity(named: about) { try check(sum, entity, .int) }
      measure = .sum(sum.text)
    }
    if let distinct = draft.distinct {
      if let entity = catalog.entity(named: about) { try check(distinct, entity, nil) }
      measure = .distinct(distinct.text)
    }
    return ReportLine(
      id: draft.id.text, depth: draft.depth, label: draft.label, from: try date(draft.from),
      until: try date(draft.until), isHeading: draft.isHeading, isWorking: draft.isWorking,
      isKeyed: draft.isKeyed || above?.isKeyed ?? false,
      only: draft.only.map(\.text), formula: try formula(draft.formula), predicates: predicates, source: source,
      measure: measure)
  }

  private func date(_ word: Located?) throws(CatalogError) -> CivilDate? {
    guard let word else { return nil }
    guard let date = CivilDate(iso: word.text) else { throw word.error("a day is written 2012-11-01") }
    return date
  }

  private func formula(_ words: [Located]) throws(CatalogError) -> [ReportTerm] {
    var terms: [ReportTerm] = []
    var sign: Bool? = false
    for word in words {
      if word.text == "+" || word.text == "-" {
        guard sign == nil else { throw word.error("a line's id is expected here") }
        sign = word.text == "-"
      } else {
        guard let isSubtracted = sign else { throw word.error("'+' or '-' is expected here") }
        terms.append(ReportTerm(id: word.text, isSubtracted: isSubtracted))
        sign = nil
      }
    }
    if sign != nil, let last = words.last { throw last.error("the formula ends too early") }
    return terms
  }
}
