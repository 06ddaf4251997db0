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
  /// Where the answer was read.
  public let explanation: Explanation
  /// The records behind the rows, one each; none for counts.
  public let records: [RecordKey]
}

/// How an answer was come by.
public struct Explanation: Hashable, Sendable {
  /// What was read.
  public enum Source: String, Sendable {
    /// Coded items in memory.
    case columns
    /// Every stored row of the partitions that matter.
    case rows
  }

  public let source: Source
  /// For rows: what the question reads that is no column; nil when rows were asked for, or are as good.
  public let missing: String?
  /// For columns: how many records were looked at.
  public let recordsLookedAt: Int?

  /// An explanation, for comparison with one.
  public init(source: Source, missing: String?, recordsLookedAt: Int?) {
    self.source = source
    self.missing = missing
    self.recordsLookedAt = recordsLookedAt
  }
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
  /// Reads every stored row even where columns in memory could answer: the slow twin, to check the other.
  public var readsRows = false
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

  /// A figure of each group beside its count.
  public struct Figure: Hashable, Sendable {
    /// What is worked out; see ``Measure``.
    public enum Kind: String, Sendable, CaseIterable {
      case sum, mean, min, max, distinct
    }
    public var kind: Kind
    /// An item's name, a path or an expression.
    public var of: String

    /// `Figure(.sum, of: "due_amount")`.
    public init(_ kind: Kind, of: String) {
      self.kind = kind
      self.of = of
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
  /// What the record has; of masked items all that it could have, so that nothing tells which it does.
  public let fields: [(item: Item, value: Value, isMasked: Bool)]
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
          setAside: moment.leftOut)
        return try body(view, moment)
      }
    } catch { throw Failure(anyError: error) }
  }

  /// Members by name and birth date, through the index: one seek a person.
  public func match(
    _ people: [(name: String, birthDate: CivilDate)], scope: Scope
  ) async throws(Failure) -> [[Match]] {
    guard scope.reads(entity: "member") else { throw Failure(anyError: QueryError.entityNotPermitted("member")) }
    return try await read(scope) { view, moment in
      guard let member = self.catalog.entity(named: "member"),
        let index = member.indexes.first(where: { $0.name == "name_birth" }), let branch = member.ownerItem,
        let name = member.item(named: "name")?.id, let birth = member.item(named: "birth_date")?.id
      else { requirementFailed("the catalog describes member with an index by name and birth date") }
      let wanted: [[Value]] = people.map { [.text(Text($0.name)), .date($0.birthDate)] }
      return try view.lookUp(member, index: index.number, each: wanted, limit: 20).map { found in
        found.map { partition, key, row in
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
    let gate = ReadGate(scope, catalog)
    guard gate.reads(entity) else { throw Failure(anyError: QueryError.entityNotPermitted(entityName)) }
    return try await read(scope) { view, moment in
      guard let found = try view.lookUp(entity, index: 0, values: [.text(Text(key))], limit: 1).first else {
        return nil
      }
      let visible = scope.extent(in: moment.directory)
      func part(_ entity: Entity, _ key: RecordKey, _ row: RowView) -> RecordPart {
        let masked = entity.items.filter { $0.derivation == nil && gate.mask($0) != .none }
        let fields = row.fields.compactMap { field -> (item: Item, value: Value, isMasked: Bool)? in
          guard let item = entity.item(field.item), gate.mask(item) == .none else { return nil }
          return (item: item, value: moment.display(field.value, visible), isMasked: false)
        }
        let hidden = masked.map { item in
          (item: item, value: gate.mask(item).apply { row.value(item.id) }, isMasked: true)
        }
        return RecordPart(entity: entity, key: key, fields: fields + hidden)
      }
      var parts = [part(entity, found.key, found.row)]
      for child in catalog.entities where child.parent == entity.id && gate.reads(child) {
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
  ///
  /// - Parameter visible: what the reader may see; an org that he may not know of stays a number.
  func display(_ value: Value, _ visible: OrgExtent?) -> Value {
    switch value {
    case .reference(let record):
      if let org = directory.org(record), visible?.knows(org) ?? true { return .text(org.code) }
      return .text("\(String(record.mint, radix: 16))-\(record.counter)")
    default: return value
    }
  }
}
