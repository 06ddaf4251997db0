// The text of reports, line by line as in the catalog's text: two and four spaces of indentation say what belongs to
// what, six or more continue the line above, `#` begins a comment line.
//
//   stub AGE10 birth                                   lines that forms share; $birth is what the form puts there
//     line a30 30岁及以下 | Up to 30 | $birth > final_date - 31y
//   form T2 党员基本情况 | Members
//     of member where member_state in {'1', '6'}       what is counted
//     unit 人 | persons
//     during                                           what happened in the period; without it: on its last day
//     rows JOB job_code                                a stub's lines as rows; `cols` as columns
//     row id [from DATE] [until DATE] [.…] 中文 | English [| PREDICATE]
//     col …                                            dots: how many levels below; a part of the line above
//       on ENTITY PREDICATE                            the predicate when the cell counts records of this entity
//       of ENTITY [where PREDICATE]                    this line counts other records
//       sum EXPRESSION                                 and adds up this, instead of counting
//       distinct EXPRESSION                            and counts different values of this
//       total a + b - c                                not counted: made of other lines of its side
//       keyed                                          not counted: keyed in
//       heading                                        no cells
//       working                                        not printed
//       only x y                                       cells with these lines of the other side alone
//     note 中文 | English
//     check ID hard|soft 中文 | English | T1[due,n] = T1[last,n] + T1[in,n]
//       explain ENTITY where PREDICATE                 the records that explain a difference

/// Reads report texts into drafts.
struct ReportTextReader {
  private(set) var forms: [ReportFormDraft] = []
  private var stubs: [String: ReportStubDraft] = [:]
  private enum Block {
    case none, form
    case stub(String)
  }
  private enum Member { case none, row, column, check }
  private var block = Block.none
  private var member = Member.none

  mutating func read(_ part: CatalogPart) throws(CatalogError) {
    block = .none
    try part.forEachLine { line throws(CatalogError) in try read(&line) }
  }

  private mutating func read(_ line: inout CatalogLine) throws(CatalogError) {
    let indent = line.indent
    switch (indent, block) {
    case (0, _): try heading(&line)
    case (2, .stub(let name)):
      let word = try line.word()
      guard word.text == "line" else { throw word.error("expected 'line'") }
      let added = try reportLine(&line)
      stubs[name]?.lines.append(added)
    case (2, .form): try element(&line)
    case (4, .stub(let name)):
      guard let last = stubs[name]?.lines.indices.last, var changed = stubs[name]?.lines[last] else {
        throw CatalogError("no line stands above this one", at: line.position)
      }
      try detail(&line, of: &changed)
      stubs[name]?.lines[last] = changed
    case (4, .form): try detail(&line)
    default: throw CatalogError("unexpected indentation of \(indent)", at: line.position)
    }
  }

  private mutating func heading(_ line: inout CatalogLine) throws(CatalogError) {
    let word = try line.word()
    switch word.text {
    case "stub":
      let names = try line.words()
      let stub = ReportStubDraft(name: names[0], parameters: names.dropFirst().map(\.text))
      guard stubs.updateValue(stub, forKey: stub.name.text) == nil else {
        throw stub.name.error("a stub of this name stands above")
      }
      block = .stub(stub.name.text)
    case "form":
      forms.append(ReportFormDraft(id: try line.word(), label: try line.label()))
      block = .form
      member = .none
    default: throw word.error("expected 'stub' or 'form'")
    }
  }

  private mutating func element(_ line: inout CatalogLine) throws(CatalogError) {
    let form = forms.count - 1
    let word = try line.word()
    switch word.text {
    case "of": forms[form].source = try source(&line)
    case "unit": forms[form].unit = try line.label()
    case "during": forms[form].isFlow = true
    case "rows":
      forms[form].rows += try expanded(&line)
      member = .row
    case "cols":
      forms[form].columns += try expanded(&line)
      member = .column
    case "row":
      forms[form].rows.append(try reportLine(&line))
      member = .row
    case "col":
      forms[form].columns.append(try reportLine(&line))
      member = .column
    case "note": forms[form].notes.append(try line.label())
    case "check":
      forms[form].checks.append(try check(&line))
      member = .check
    default: throw word.error("'\(word.text)' does not belong into a form")
    }
  }

  /// A stub's lines with the arguments in their places.
  private func expanded(_ line: inout CatalogLine) throws(CatalogError) -> [ReportLineDraft] {
    let words = try line.words()
    guard let stub = stubs[words[0].text] else { throw words[0].error("there is no stub of this name above") }
    guard stub.parameters.count == words.count - 1 else {
      throw words[0].error("the stub takes \(stub.parameters.count) arguments, not \(words.count - 1)")
    }
    let arguments = zip(stub.parameters, words.dropFirst()).map { (name: $0, text: $1.text) }
    return stub.lines.map { line in
      var line = line
      line.predicate = line.predicate?.filling(arguments)
      line.others = line.others.map { ($0.entity, $0.predicate.filling(arguments)) }
      line.sum = line.sum?.filling(arguments)
      line.distinct = line.distinct?.filling(arguments)
      line.source = line.source.map {
        ReportSourceDraft(entity: $0.entity, condition: $0.condition?.filling(arguments))
      }
      return line
    }
  }

  private func reportLine(_ line: inout CatalogLine) throws(CatalogError) -> ReportLineDraft {
    let id = try line.word()
    let from = line.take("from") ? try line.word() : nil
    let until = line.take("until") ? try line.word() : nil
    var depth = 0
    for dots in 1...4 where line.take(String(repeating: ".", count: dots)) { depth = dots }
    let columns = try line.columns(upTo: 3, atLeast: 2)
    return ReportLineDraft(
      id: id, depth: depth, label: Label(zh: columns[0].text, en: columns[1].text), from: from, until: until,
      predicate: columns.count == 3 ? columns[2] : nil)
  }

  private func source(_ line: inout CatalogLine) throws(CatalogError) -> ReportSourceDraft {
    let entity = try line.word()
    guard line.take("where") else { return ReportSourceDraft(entity: entity, condition: nil) }
    return ReportSourceDraft(entity: entity, condition: try line.rest())
  }

  private func check(_ line: inout CatalogLine) throws(CatalogError) -> ReportCheckDraft {
    let id = try line.word()
    let severity = try line.word()
    guard ["hard", "soft"].contains(severity.text) else { throw severity.error("expected 'hard' or 'soft'") }
    let columns = try line.columns(3)
    return ReportCheckDraft(
      id: id, isHard: severity.text == "hard", label: Label(zh: columns[0].text, en: columns[1].text),
      formula: columns[2])
  }

  private mutating func detail(_ line: inout CatalogLine) throws(CatalogError) {
    let form = forms.count - 1
    switch member {
    case .row:
      let last = forms[form].rows.count - 1
      try detail(&line, of: &forms[form].rows[last])
    case .column:
      let last = forms[form].columns.count - 1
      try detail(&line, of: &forms[form].columns[last])
    case .check:
      let word = try line.word()
      guard word.text == "explain" else { throw word.error("only 'explain' belongs under a check") }
      forms[form].checks[forms[form].checks.count - 1].explanation = try source(&line)
    case .none: throw CatalogError("no line stands above this one", at: line.position)
    }
  }

  private func detail(_ line: inout CatalogLine, of draft: inout ReportLineDraft) throws(CatalogError) {
    let word = try line.word()
    switch word.text {
    case "on": draft.others.append((try line.word(), try line.rest()))
    case "of": draft.source = try source(&line)
    case "sum": draft.sum = try line.rest()
    case "distinct": draft.distinct = try line.rest()
    case "working": draft.isWorking = true
    case "total": draft.formula = try line.words()
    case "only": draft.only = try line.words()
    case "keyed": draft.isKeyed = true
    case "heading": draft.isHeading = true
    default: throw word.error("'\(word.text)' does not belong under a row or column")
    }
  }
}
