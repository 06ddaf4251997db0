import Access
import Catalog
import Messages
import Primitives
import Query
import Statistics

// Questions over many records: from columns where they can say it, else from rows. Both give the same answer.

/// A question as it runs: checked.
private struct PreparedQuestion {
  let selection: Selection
  let columns: [AnswerColumn]
  let order: [SortColumn]
  let measures: [Measure]
  /// What is evaluated for every record; what only found records show may come from their rows.
  let perRecord: [CheckedExpression]
  /// Whether columns are of use: the first rows in the order of storage are read as fast as they are found.
  let wantsColumns: Bool
  /// Whether the answer shows records, of which columns know a part only.
  let showsRows: Bool
  /// How the scope shows each column; none of a count's is masked.
  let masks: [Mask]

  /// Records that are found.
  init(finding question: Question, _ columns: [String], _ order: [Question.Order], _ gate: ReadGate, _ catalog: Catalog)
    throws(QueryError)
  {
    selection = try PreparedQuestion.selection(question, catalog)
    self.columns = try PreparedQuestion.columns(columns, selection.entity, catalog)
    let sorted = try PreparedQuestion.columns(order.map(\.by), selection.entity, catalog)
    self.order = zip(sorted, order).map { SortColumn($0, isDescending: $1.isDescending) }
    measures = []
    perRecord = self.order.map(\.expression)
    let narrows = selection.condition != nil || !selection.related.isEmpty || selection.under != nil
    wantsColumns = !question.readsRows && (narrows || !order.isEmpty)
    showsRows = true
    try gate.check(selection)
    masks = try gate.masks(self.columns, order: self.order, on: selection.entity)
  }

  /// Records that are counted.
  init(
    counting question: Question, _ columns: [String], _ figures: [Question.Figure], _ gate: ReadGate,
    _ catalog: Catalog
  ) throws(QueryError) {
    selection = try PreparedQuestion.selection(question, catalog)
    self.columns = try PreparedQuestion.columns(columns, selection.entity, catalog)
    order = []
    var measures: [Measure] = []
    for figure in figures {
      measures.append(try Measure(figure.kind.measure, figure.of, on: selection.entity, catalog: catalog))
    }
    self.measures = measures
    perRecord = self.columns.map(\.expression) + measures.map(\.column.expression)
    wantsColumns = !question.readsRows
    showsRows = false
    try gate.check(selection)
    try gate.check(self.columns, measures, on: selection.entity)
    masks = []
  }

  private static func selection(_ question: Question, _ catalog: Catalog) throws(QueryError) -> Selection {
    try Selection(
      question.entity, condition: question.condition, under: question.under.map { Text($0) }, with: question.with,
      without: question.without, catalog: catalog)
  }

  private static func columns(
    _ texts: [String], _ entity: Entity, _ catalog: Catalog
  ) throws(QueryError) -> [AnswerColumn] {
    var columns: [AnswerColumn] = []
    for text in texts { columns.append(try AnswerColumn(text, on: entity, catalog: catalog)) }
    return columns
  }
}

extension Question.Figure.Kind {
  fileprivate var measure: Measure.Kind {
    switch self {
    case .sum: .sum
    case .mean: .mean
    case .min: .min
    case .max: .max
    case .distinct: .distinct
    }
  }
}

extension Node {
  /// Records with the columns asked for: item names, paths (`edu.highest`) or expressions.
  ///
  /// - Parameters:
  ///   - order: the first `limit` rows of all in this order come back, null first; without one, in the order of
  ///     storage.
  ///   - limit: at most so many rows, 1…100,000.
  public func find(
    _ question: Question, columns: [String], order: [Question.Order] = [], limit: Int = 100, scope: Scope
  ) async throws(Failure) -> Answer {
    let limit = min(max(limit, 1), 100_000)
    return try await ask(scope) { gate, catalog in
      try PreparedQuestion(finding: question, columns, order, gate, catalog)
    } columns: { asked, question, view in
      try asked.find(&question, view, limit)
    } rows: { asked, view in
      try view.find(asked.selection, columns: asked.columns, order: asked.order, limit: limit)
    } answer: { asked, found, moment, explanation in
      let visible = scope.extent(in: moment.directory)
      return Answer(
        columns: zip(asked.columns, asked.masks).map { column, mask in
          .init(name: column.name, label: column.label, type: mask == .none ? column.type : .text)
        },
        rows: found.map { row in row.values.map { moment.display($0, visible) } }, applied: moment.applied.value,
        explanation: explanation, records: found.map(\.key))
    }
  }

  /// How many records a question has.
  public func count(_ question: Question, scope: Scope) async throws(Failure) -> Int {
    guard case .int(let count)? = try await tally(question, by: [], scope: scope).rows.first?.first else { return 0 }
    return Int(count)
  }

  /// Counts by columns, one row a combination, the count behind them, then the figures; sorted. Without columns, one
  /// row about all records.
  ///
  /// - Parameter figures: sums, means and the like of expressions; records where they are null do not count for them.
  public func tally(
    _ question: Question, by columns: [String], figures: [Question.Figure] = [], scope: Scope
  ) async throws(Failure) -> Answer {
    try await ask(scope) { gate, catalog in
      try PreparedQuestion(counting: question, columns, figures, gate, catalog)
    } columns: { asked, question, _ in
      let tally = try question.prepareTally(by: asked.columns, measures: asked.measures)
      return try question.tally(tally)
    } rows: { asked, view in
      try view.tally(asked.selection, by: asked.columns, measures: asked.measures)
    } answer: { asked, found, moment, explanation in
      let visible = scope.extent(in: moment.directory)
      var groups = found
      if asked.columns.isEmpty, groups.isEmpty {
        // Nobody is counted: still one row, which says so.
        let none = asked.measures.map { $0.kind == .distinct ? Value.int(0) : .null }
        groups = [TallyGroup(values: [], count: 0, figures: none)]
      }
      let count = Answer.Column(name: "count", label: Label(zh: "数量", en: "Count"), type: .int)
      let figures = asked.measures.map { Answer.Column(name: $0.name, label: $0.label, type: $0.type) }
      return Answer(
        columns: asked.columns.map { .init(name: $0.name, label: $0.label, type: $0.type) } + [count] + figures,
        rows: groups.map { group in
          group.values.map { moment.display($0, visible) } + [.int(Int64(group.count))]
            + group.figures.map { moment.display($0, visible) }
        }, applied: moment.applied.value, explanation: explanation, records: [])
    }
  }

  /// What the columns of this node take in memory, in bytes; 0 while no question needed them.
  public var columnByteCount: Int { columns.byteCount }

  // MARK: Ways

  /// Runs a question on a reader thread: over columns, or when something in it is none, over rows of the same moment.
  private func ask<Found>(
    _ scope: Scope, prepare: @escaping @Sendable (ReadGate, Catalog) throws -> PreparedQuestion,
    columns: @escaping @Sendable (PreparedQuestion, inout ColumnQuestion, QueryView) throws -> Found,
    rows: @escaping @Sendable (PreparedQuestion, QueryView) throws -> Found,
    answer: @escaping @Sendable (PreparedQuestion, Found, ReadMoment, Explanation) -> Answer
  ) async throws(Failure) -> Answer {
    let catalog = catalog
    let today = today
    let thread = thread
    let keeper = self.columns
    let gate = ReadGate(scope, catalog)
    @Sendable func view(_ moment: ReadMoment) -> QueryView {
      QueryView(
        reader: moment.snapshot.reader, catalog: catalog, directory: moment.directory, partitions: moment.partitions,
        scope: scope, today: today, setAside: moment.leftOut)
    }
    do {
      return try await readers.perform {
        let asked = try prepare(gate, catalog)
        var missing = asked.wantsColumns ? gate.reasonForRows(asked.selection, asked.expressions) : nil
        if asked.wantsColumns, missing == nil {
          do {
            let needs = try QuestionNeeds(asked.selection, asked.perRecord, readsPlace: true, catalog)
            return try keeper.ask(thread, needing: needs.entities, readsRows: asked.showsRows) { store, moment in
              let extent = try asked.selection.extent(scope, in: moment.directory)
              var question = try ColumnQuestion(
                asked.selection, store, ColumnMoment(directory: moment.directory, extent: extent, today: today))
              let found = try columns(asked, &question, view(moment))
              let explanation = Explanation(
                source: .columns, missing: nil,
                // How many were passed over is known to who may see them.
                recordsLookedAt: scope.isWhole ? question.rowsLookedAt : nil)
              return answer(asked, found, moment, explanation)
            }
          } catch let error as NotInColumns { missing = error.name }
        }
        let moment = try thread.momentNow()
        defer { moment.snapshot.release() }
        let found = try rows(asked, view(moment))
        return answer(asked, found, moment, Explanation(source: .rows, missing: missing, recordsLookedAt: nil))
      }
    } catch { throw Failure(anyError: error) }
  }
}

extension PreparedQuestion {
  /// Everything that is evaluated, shown columns among it.
  fileprivate var expressions: [CheckedExpression] { perRecord + columns.map(\.expression) }

  /// The records, from columns as far as those know them and from rows for the rest.
  fileprivate func find(_ question: inout ColumnQuestion, _ view: QueryView, _ limit: Int) throws -> [FoundRecord] {
    let records =
      if order.isEmpty {
        question.records(limit: limit)
      } else {
        question.records(try question.prepareOrder(order), limit: limit)
      }
    let reader = RecordReader(view, selection.entity)
    return try records.map { record in
      let chosen = ChosenRecord(partition: record.partition, key: record.key)
      var values: [Value] = []
      for (column, mask) in zip(columns, masks) {
        let value = mask == .whole ? .null : try reader.value(of: column.expression, chosen) { record.value($0) }
        values.append(mask.apply { value })
      }
      return FoundRecord(partition: record.partition, key: record.key, values: values)
    }
  }
}
