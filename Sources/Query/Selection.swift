import Access
import Catalog
import Formats
import Primitives

/// Which records: an entity, a condition, a subtree, and what must or must not exist beside them.
public struct Selection: Sendable {
  public let entity: Entity
  public let condition: CheckedExpression?
  /// Code of the org whose subtree is meant; nil for all that the scope allows.
  public let under: Text?
  public let related: [Related]

  /// A demand on other records.
  public struct Related: Sendable {
    public enum Link: Sendable {
      /// Records of the entity that this item of the record refers to.
      case referredBy(ItemID)
      /// For orgs: records whose owner lies in the org's subtree.
      case ownedUnder
    }
    public let link: Link
    public let entity: Entity
    public let condition: CheckedExpression
    /// Whether at least one must exist (true) or none may (false).
    public let mustExist: Bool
  }

  /// Checks the parts of a selection as people write them.
  ///
  /// - Parameters:
  ///   - with: `NAME: condition`, where NAME is an item that refers to other records, or (for orgs) an entity: at least
  ///     one such record fulfils the condition.
  ///   - without: the same; none does.
  /// - Throws: `.unknownEntity`, `.unknownItem`, `.expression`.
  public init(
    _ entityName: String, condition: String?, under: Text?, with: [String] = [], without: [String] = [],
    catalog: Catalog
  ) throws(QueryError) {
    guard let entity = catalog.entity(named: entityName) else { throw .unknownEntity(entityName) }
    self.entity = entity
    if let condition {
      self.condition = try Selection.check(condition, entity, catalog)
    } else {
      self.condition = nil
    }
    self.under = under
    var related: [Related] = []
    for (texts, mustExist) in [(with, true), (without, false)] {
      for text in texts { related.append(try Selection.related(text, mustExist, entity, catalog)) }
    }
    self.related = related
  }

  /// The orgs to look at: what the scope allows of the subtree asked for; nil for everything.
  ///
  /// - Throws: `.unknownOrg`, `.ambiguousOrg`.
  public func extent(_ scope: Scope, in directory: OrgDirectory) throws(QueryError) -> OrgExtent? {
    try scope.extent(under: under, in: directory)
  }

  private static func check(_ text: String, _ entity: Entity, _ catalog: Catalog) throws(QueryError)
    -> CheckedExpression
  {
    do { return try catalog.check(expression: text, on: entity, expecting: .bool) } catch {
      throw .expression(text, offset: error.offset, error)
    }
  }

  private static func related(
    _ text: String, _ mustExist: Bool, _ entity: Entity, _ catalog: Catalog
  ) throws(QueryError) -> Related {
    guard let colon = text.firstIndex(of: ":") else { throw .unknownItem(text) }
    let name = trimmed(text[..<colon])
    let condition = String(text[text.index(after: colon)...])
    if let item = entity.item(named: name) {
      switch item.type {
      case .reference(let target), .references(let target):
        guard let other = catalog.entity(target) else { throw .unknownItem(name) }
        return Related(
          link: .referredBy(item.id), entity: other, condition: try check(condition, other, catalog),
          mustExist: mustExist)
      default: throw .unknownItem(name)
      }
    }
    guard entity.name == "org", let other = catalog.entity(named: name) else { throw .unknownItem(name) }
    return Related(
      link: .ownedUnder, entity: other, condition: try check(condition, other, catalog), mustExist: mustExist)
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}

extension QueryView {
  /// Calls `body` for every record of the selection, partition by partition in key order, until it returns false.
  ///
  /// - Parameter expressions: what `body` evaluates; whether they ask for the tree decides what it costs.
  func forEach(
    _ selection: Selection, evaluating expressions: [CheckedExpression] = [],
    _ body: (RecordSource) throws(QueryError) -> Bool
  ) throws(QueryError) {
    try ReadGate(scope, catalog).check(selection)
    let extent = try selection.extent(scope, in: directory)
    let tables = PathTables(self)
    var gates: [RelatedGate] = []
    for related in selection.related { gates.append(try RelatedGate(related, self, tables)) }
    let needsPlace =
      selection.condition?.asksTree ?? false || !gates.isEmpty || expressions.contains(where: \.asksTree)
    for (partition, whole) in partitions(in: extent) {
      var finder = OwnerFinder(self, selection.entity)
      var goOn = true
      try scan(partition, selection.entity.id) { (key, row) throws(QueryError) in
        var place: Int32 = -1
        if needsPlace || !whole {
          place = try finder.place(partition, key, row)
          if let extent, !whole, !extent.contains(place) { return true }
        }
        let source = RecordSource(
          partition: partition, key: key, row: row, place: place, entity: selection.entity, tables: tables)
        if let condition = selection.condition {
          let truth = condition.truth(source, today: today)
          try tables.check()
          if truth != true { return true }
        }
        for gate in gates where try !gate.passes(source) { return true }
        goOn = try body(source)
        return goOn
      }
      if !goOn { return }
    }
  }
}

/// One demand on other records, prepared so that each record's test is a look-up.
private struct RelatedGate {
  private let related: Selection.Related
  /// Records that fulfil the condition, for references.
  private let records: [RecordID: Bool]
  /// How many records that fulfil the condition are owned before each place in preorder.
  private let sums: [Int32]

  init(_ related: Selection.Related, _ view: QueryView, _ tables: PathTables) throws(QueryError) {
    self.related = related
    var records: [RecordID: Bool] = [:]
    var counts = [Int32](repeating: 0, count: view.directory.orgs.count + 1)
    // A record that is referred to may lie outside the scope: it neither fulfils a demand nor spoils one. What an org
    // of the scope owns lies inside.
    var visible: OrgExtent?
    if case .referredBy = related.link, GateDefect.active != .relatedLeavesScope { visible = view.visible }
    for partition in view.partitions {
      var finder = OwnerFinder(view, related.entity)
      try view.scan(partition, related.entity.id) { (key, row) throws(QueryError) in
        if let visible, try !visible.contains(finder.place(partition, key, row)) { return true }
        let source = RecordSource(
          partition: partition, key: key, row: row, place: -1, entity: related.entity, tables: tables)
        let isTrue = related.condition.truth(source, today: view.today) == true
        try tables.check()
        guard isTrue else { return true }
        switch related.link {
        case .referredBy: records[key.record] = true
        case .ownedUnder:
          let place = try finder.place(partition, key, row)
          if place >= 0 { counts[Int(place) + 1] += 1 }
        }
        return true
      }
    }
    var total: Int32 = 0
    for place in counts.indices {
      total += counts[place]
      counts[place] = total
    }
    self.records = records
    sums = counts
  }

  func passes(_ source: RecordSource) throws(QueryError) -> Bool {
    let exists: Bool
    switch related.link {
    case .referredBy(let item):
      switch source.value(item) {
      case .reference(let record): exists = records[record] != nil
      case .references(let list): exists = list.contains { records[$0] != nil }
      default: exists = false
      }
    case .ownedUnder:
      guard let org = source.tables.view.directory.org(source.key.record) else { return !related.mustExist }
      exists = sums[Int(org.end)] > sums[Int(org.start)]
    }
    return exists == related.mustExist
  }
}

extension Scope {
  /// The orgs of a subtree that may be seen; nil for everything.
  ///
  /// - Parameter under: code of the subtree's top; nil for all that the scope allows.
  /// - Throws: `.unknownOrg`, for an org that the scope does not know of as for one that does not exist;
  ///   `.ambiguousOrg` when two that it knows of have the code.
  func extent(under: Text?, in directory: OrgDirectory) throws(QueryError) -> OrgExtent? {
    let allowed = extent(in: directory)
    guard let under else { return allowed }
    let found = directory.orgs(code: under).filter { allowed?.knows($0) ?? true }
    guard let org = found.first else { throw .unknownOrg(under) }
    guard found.count == 1 else {
      let names = found.map { org -> Text in
        // Of an org above the scope no more shows than that it is there.
        guard allowed?.contains(org.start) ?? true else { return org.code }
        let above = org.parent.flatMap { directory.org($0)?.code.string } ?? ""
        return Text(above.isEmpty ? org.name.string : "\(org.name) (\(above))")
      }
      throw .ambiguousOrg(under, names[0], names[1])
    }
    let asked = org.start..<org.end
    return allowed?.clamped(to: asked) ?? OrgExtent([asked], countsUnplaced: true)
  }
}
