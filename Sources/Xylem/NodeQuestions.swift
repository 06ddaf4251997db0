import Access
import Catalog
import Engine
import Formats
import Messages
import Ports
import Primitives
import Query

/// An answer as a table.
public struct Answer: Sendable {
  public struct Column: Sendable {
    public let name: String
    public let label: Label
    public let type: ExpressionType?
  }
  public let columns: [Column]
  public let rows: [[Value]]
  /// Everything this node had applied when the answer was made.
  public let applied: UInt64
}

/// What a question is about; texts are in the expression language (Docs/EXPRESSIONS.md).
public struct Question: Sendable {
  public var entity: String
  public var condition: String?
  /// Code of an org: only its subtree.
  public var under: String?
  /// `NAME: condition` that some related record must fulfil, see ``Selection``.
  public var with: [String] = []
  /// `NAME: condition` that no related record may fulfil.
  public var without: [String] = []
  /// What rows are sorted by.
  public struct Order: Hashable, Sendable {
    /// An item's name, a path or an expression.
    public var by: String
    public var isDescending: Bool

    public init(by: String, isDescending: Bool = false) {
      self.by = by
      self.isDescending = isDescending
    }
  }

  public init(_ entity: String, where condition: String? = nil, under: String? = nil) {
    self.entity = entity
    self.condition = condition
    self.under = under
  }
}

/// A person found by some of what is known of them.
public struct Match: Sendable {
  public let record: RecordKey
  public let partition: PartitionID
  public let name: Text
  public let birthDate: CivilDate?
  public let branch: OrgDirectory.Org?
}

/// A record, or a child record of it, with its fields.
public struct RecordPart: Sendable {
  public let entity: Entity
  public let key: RecordKey
  public let fields: [(item: Item, value: Value)]
}

extension Node {
  /// Runs `body` on a reader thread over one moment of everything durable, indexes complete.
  func read<Result: Sendable>(
    _ scope: Scope, _ body: @escaping @Sendable (QueryView, ReadMoment) throws -> Result
  ) async throws(Failure) -> Result {
    let moment = try await thread.momentForReading()
    let catalog = catalog
    let today = today
    do {
      return try await readers.perform {
        defer { moment.snapshot.release() }
        let view = QueryView(
          reader: moment.snapshot.reader, catalog: catalog, directory: moment.directory,
          partitions: moment.partitions, scope: scope, today: today,
          setAside: moment.setAside)
        return try body(view, moment)
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Records with the columns asked for: item names, paths (`edu.highest`) or expressions.
  ///
  /// - Parameters:
  ///   - order: the first `limit` rows of all in this order come back, null first; without one, in the order of storage.
  ///   - limit: at most so many rows, 1…100,000.
  public func find(
    _ question: Question, columns: [String], order: [Question.Order] = [], limit: Int = 100, scope: Scope
  ) async throws(Failure) -> Answer {
    try await read(scope) { view, moment in
      let (selection, answers) = try self.prepare(question, columns)
      let keys = try order.map { order in
        let column = try AnswerColumn(order.by, on: selection.entity, catalog: self.catalog)
        return SortColumn(column, isDescending: order.isDescending)
      }
      let found = try view.find(selection, columns: answers, order: keys, limit: min(max(limit, 1), 100_000))
      return Answer(
        columns: answers.map { .init(name: $0.name, label: $0.label, type: $0.type) },
        rows: found.map { row in row.values.map { moment.display($0) } }, applied: moment.applied.value)
    }
  }

  /// How many records a question has.
  public func count(_ question: Question, scope: Scope) async throws(Failure) -> Int {
    try await read(scope) { view, _ in try view.count(self.prepare(question, []).0) }
  }

  /// Counts by columns, one row a combination, the count last; sorted.
  public func tally(_ question: Question, by columns: [String], scope: Scope) async throws(Failure) -> Answer {
    try await read(scope) { view, moment in
      let (selection, answers) = try self.prepare(question, columns)
      let groups = try view.tally(selection, by: answers)
      let count = Answer.Column(name: "count", label: Label(zh: "数量", en: "Count"), type: .int)
      return Answer(
        columns: answers.map { .init(name: $0.name, label: $0.label, type: $0.type) } + [count],
        rows: groups.map { $0.values.map { moment.display($0) } + [.int(Int64($0.count))] },
        applied: moment.applied.value)
    }
  }

  private func prepare(_ question: Question, _ columns: [String]) throws -> (Selection, [AnswerColumn]) {
    let selection = try Selection(
      question.entity, condition: question.condition, under: question.under.map { Text($0) }, with: question.with,
      without: question.without, catalog: catalog)
    return (selection, try columns.map { try AnswerColumn($0, on: selection.entity, catalog: catalog) })
  }

  /// Members by name and birth date, through the index: one seek a person.
  public func match(
    _ people: [(name: String, birthDate: CivilDate)], scope: Scope
  ) async throws(Failure) -> [[Match]] {
    try await read(scope) { view, moment in
      guard let member = self.catalog.entity(named: "member"),
        let index = member.indexes.first(where: { $0.name == "name_birth" }), let branch = member.ownerItem,
        let name = member.item(named: "name")?.id, let birth = member.item(named: "birth_date")?.id
      else { requirementFailed("the catalog describes member with an index by name and birth date") }
      return try people.map { person in
        let found = try view.lookUp(
          member, index: index.number, values: [.text(Text(person.name)), .date(person.birthDate)], limit: 20)
        return found.map { partition, key, row in
          var org: OrgDirectory.Org?
          if case .reference(let id) = row.value(branch) { org = moment.directory.org(id) }
          var text: Text = ""
          if case .text(let value) = row.value(name) { text = value }
          var date: CivilDate?
          if case .date(let value) = row.value(birth) { date = value }
          return Match(record: key, partition: partition, name: text, birthDate: date, branch: org)
        }
      }
    }
  }

  /// One record by natural key with its child records, or nil.
  ///
  /// - Throws: `XYL-QRY-0002` for an unknown entity, `XYL-API-0006` for one whose records are parts of
  ///   others.
  public func record(_ entityName: String, key: String, scope: Scope) async throws(Failure) -> [RecordPart]? {
    let catalog = catalog
    guard let entity = catalog.entity(named: entityName) else {
      throw Failure(.queryUnknownEntity, ["entity": entityName])
    }
    if let parent = entity.parent.flatMap({ catalog.entity($0) }) {
      throw Failure(
        .apiBadParameter,
        ["parameter": "entity", "expected": "\(parent.name), whose records hold them", "found": entityName])
    }
    return try await read(scope) { view, moment in
      guard let found = try view.lookUp(entity, index: 0, values: [.text(Text(key))], limit: 1).first else {
        return nil
      }
      func part(_ entity: Entity, _ key: RecordKey, _ row: RowView) -> RecordPart {
        let fields = row.fields.compactMap { field in
          entity.item(field.item).map { (item: $0, value: moment.display(field.value)) }
        }
        return RecordPart(entity: entity, key: key, fields: fields)
      }
      var parts = [part(entity, found.key, found.row)]
      for child in catalog.entities where child.parent == entity.id {
        for row in try view.children(found.partition, child.id, of: found.key.record) {
          parts.append(part(child, row.key, row.row))
        }
      }
      return parts
    }
  }

  /// Digests of stored rows, by partition and entity, from one moment: equal at owner and ancestor when both hold the
  /// same.
  ///
  /// - Parameter partitions: nil for every one held here.
  public func digests(
    of partitions: [PartitionID]? = nil, scope: Scope
  ) async throws(Failure) -> [(partition: PartitionID, entity: EntityID, digest: RowDigest)] {
    let counted = try await thread.perform { engine in
      let visible = engine.partitions(visibleIn: scope)
      return engine.partitions.filter { visible?.contains($0) ?? true }.map {
        ($0, engine.rowCounts($0).filter { $0.rows > 0 }.map(\.entity))
      }
    }
    return try await read(scope) { view, _ in
      var digests: [(partition: PartitionID, entity: EntityID, digest: RowDigest)] = []
      for (partition, entities) in counted where partitions?.contains(partition) ?? true {
        for entity in entities { digests.append((partition, entity, try view.digest(partition, entity))) }
      }
      return digests
    }
  }
}

extension ReadMoment {
  /// References to orgs as their codes, which people read; everything else as it is.
  func display(_ value: Value) -> Value {
    switch value {
    case .reference(let record):
      if let org = directory.org(record) { return .text(org.code) }
      return .text("\(String(record.mint, radix: 16))-\(record.counter)")
    default: return value
    }
  }
}
