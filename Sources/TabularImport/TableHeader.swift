import Catalog
import Messages
import Primitives

/// What each column of a file is.
///
/// A column is known by its item's Chinese label or English name, in any order; full-width signs, surrounding blanks
/// and the case of names make no difference. A child record's file names the parent by the first item of the parent's
/// natural key, under that item's label or name; has the child an item of that label too, the first such column is the
/// parent. Computed items may be there, for exports hold them: their cells are not read. So are the columns that our
/// own rejects file puts in front.
///
/// A row may carry one child record of a kind beside its own: the child's columns are named with the child's entity in
/// front, `学历学位.学历` or `member_edu.edu_code`. They make a header of their own, whose parent is the row's key.
struct TableHeader {
  enum Column: Hashable {
    /// Position of an item in its entity.
    case item(Int)
    case parent
    case ignored
  }

  let columns: [Column]
  /// As the catalog writes them, for messages.
  let labels: [String]
  /// Items to be stored, in the order of the columns.
  let items: [ItemID]
  /// Labels of computed items whose cells are ignored.
  let computed: [String]
  /// Labels of columns that a new record needs and the file lacks. Then its rows change records that are there, which
  /// the key's columns name.
  let missing: [String]
  /// Headers of child records that the rows carry, in the order of their first columns; each has this header's columns.
  private(set) var companions: [(entity: Entity, header: TableHeader)] = []

  /// Why a file is refused for its first row.
  struct Refusal: Error { let problems: [RowProblem] }

  /// Columns of a rejects file.
  static let rejectLabels = ["行", "列", "值", "原因", "建议"]

  /// - Parameter children: entities whose records lie under the entity's.
  init(
    _ cells: [String], _ entity: Entity, _ parentKey: Item?, children: [Entity] = [], place: [(String, String)]
  ) throws(Refusal) {
    var matcher = Matcher(entity: entity, parentKey: parentKey, place: place)
    let carried = cells.map { TableHeader.carried($0, children) }
    for (cell, child) in zip(cells, carried) {
      if child == nil { matcher.add(cell) } else { matcher.pass(cell) }
    }
    matcher.demandRequired()
    if matcher.known == 0 { throw Refusal(problems: [TableHeader.noHeader(cells, entity, place)]) }
    var problems = matcher.problems
    var companions: [(entity: Entity, header: TableHeader)] = []
    for position in children.indices where carried.contains(where: { $0?.child == position }) {
      let child = children[position]
      do {
        let header = try TableHeader(child, carried.map { $0?.child == position ? $0?.name : nil }, of: matcher)
        companions.append((child, header))
      } catch { problems += error.problems }
    }
    guard problems.isEmpty else { throw Refusal(problems: problems) }
    self.init(matcher)
    self.companions = companions
  }

  /// The header of child records that rows carry.
  ///
  /// - Parameter cells: the child's own names; nil in columns of others.
  private init(_ child: Entity, _ cells: [String?], of parent: Matcher) throws(Refusal) {
    guard let key = parent.entity.firstKeyItem,
      let keyColumn = parent.columns.firstIndex(of: .item(Int(key.id.value) - 1))
    else {
      let missing = RowProblem(
        .importMissingColumn, column: parent.entity.firstKeyItem?.label.zh ?? parent.entity.label.zh, parent.place)
      throw Refusal(problems: [missing])
    }
    var matcher = Matcher(entity: child, parentKey: nil, place: parent.place)
    for (column, cell) in cells.enumerated() {
      if column == keyColumn {
        matcher.addParent(key.label.zh)
      } else if let cell {
        matcher.add(cell)
      } else {
        matcher.pass("")
      }
    }
    matcher.demandRequired()
    guard matcher.problems.isEmpty else { throw Refusal(problems: matcher.problems) }
    self.init(matcher)
  }

  private init(_ matcher: Matcher) {
    let entity = matcher.entity
    columns = matcher.columns
    labels = matcher.labels
    computed = matcher.computed
    missing = matcher.missing
    items = columns.compactMap { column in
      if case .item(let position) = column { entity.items[position].id } else { nil }
    }
  }

  /// Which child a column belongs to, and its name there.
  private static func carried(_ cell: String, _ children: [Entity]) -> (child: Int, name: String)? {
    let parts = cell.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let entity = key(String(parts[0]))
    let child = children.firstIndex { key($0.label.zh) == entity || key($0.name) == entity }
    return child.map { ($0, String(parts[1])) }
  }

  /// The key under which a column is looked up.
  static func key(_ name: String) -> String { Bytes(name.utf8)[...].trimmed.folded.string.lowercased() }

  private static func noHeader(_ cells: [String], _ entity: Entity, _ place: [(String, String)]) -> RowProblem {
    let separators = [("\t", "制表符", "a tab"), (";", "分号", "a semicolon"), ("，", "全角逗号", "a full-width comma")]
    let found = cells.count > 1 ? nil : separators.first { cells.first?.contains($0.0) == true }
    let reason =
      if let found {
        Phrase("列之间是\(found.1)，应为英文逗号", "The columns are separated by \(found.2) instead of a comma")
      } else {
        Phrase(
          "第一行没有一个“\(entity.label.zh)”的列名", "The first line holds no name of a column of “\(entity.name)”")
      }
    return RowProblem(
      .importWrongHeader, place + [("entity", entity.label.zh), ("reason", reason.zh)], reason: reason)
  }

  private struct Matcher {
    let entity: Entity
    let parentKey: Item?
    let place: [(String, String)]
    private let positions: [String: Int]
    private(set) var columns: [Column] = []
    private(set) var labels: [String] = []
    private(set) var computed: [String] = []
    private(set) var problems: [RowProblem] = []
    private(set) var known = 0
    private(set) var missing: [String] = []

    init(entity: Entity, parentKey: Item?, place: [(String, String)]) {
      self.entity = entity
      self.parentKey = parentKey
      self.place = place
      var positions: [String: Int] = [:]
      for (position, item) in entity.items.enumerated() { positions[key(item.name)] = position }
      // Labels go before names: they are what people see.
      for (position, item) in entity.items.enumerated() { positions[key(item.label.zh)] = position }
      self.positions = positions
    }

    /// A column of somebody else.
    mutating func pass(_ label: String) {
      columns.append(.ignored)
      labels.append(label)
    }

    /// The column of the record's parent.
    mutating func addParent(_ label: String) { add(.parent, label) }

    mutating func add(_ cell: String) {
      let name = key(cell)
      if let parentKey, !columns.contains(.parent), name == key(parentKey.label.zh) || name == key(parentKey.name) {
        add(.parent, parentKey.label.zh)
      } else if let position = positions[name] {
        add(position)
      } else if rejectLabels.contains(name) {
        add(.ignored, name)
      } else if let parentKey, name == key(parentKey.label.zh) || name == key(parentKey.name) {
        fail(RowProblem(.importDuplicateColumn, column: cell, place))
      } else {
        unknown(cell)
      }
    }

    private mutating func add(_ position: Int) {
      let item = entity.items[position]
      if item.derivation != nil {
        add(.ignored, item.label.zh)
        computed.append(item.label.zh)
      } else if columns.contains(.item(position)) {
        fail(RowProblem(.importDuplicateColumn, column: item.label.zh, place))
      } else {
        add(.item(position), item.label.zh)
      }
    }

    private mutating func add(_ column: Column, _ label: String) {
      if !rejectLabels.contains(label) { known += 1 }
      columns.append(column)
      labels.append(label)
    }

    private mutating func unknown(_ cell: String) {
      let names = entity.items.map(\.label.zh) + [parentKey?.label.zh].compactMap { $0 } + entity.items.map(\.name)
      let meant = Suggestions.name(Bytes(cell.utf8)[...].trimmed.folded.string, among: names)
      fail(RowProblem(.importUnknownColumn, column: cell, place + (meant.map { [("suggestion", $0)] } ?? [])))
    }

    private mutating func fail(_ problem: RowProblem) {
      problems.append(problem)
      columns.append(.ignored)
      labels.append(problem.column ?? "")
    }

    /// What every record must have, but for what the engine fills in: the owner of a record that clerks do not own by
    /// hand.
    ///
    /// A file that names its records by a whole key, and has something to say about them, may leave the rest out.
    mutating func demandRequired() {
      if let parentKey, !columns.contains(.parent) {
        problems.append(RowProblem(.importMissingColumn, column: parentKey.label.zh, place))
      }
      let namesRecords = entity.naturalKeys.contains { key in
        key.allSatisfy { columns.contains(.item(Int($0.value) - 1)) }
          && columns.contains {
            if case .item(let position) = $0 { !key.contains(entity.items[position].id) } else { false }
          }
      }
      for (position, item) in entity.items.enumerated() where !columns.contains(.item(position)) {
        guard case .required = item.requirement, item.derivation == nil, !entity.isFilledIn(item) else { continue }
        if namesRecords {
          missing.append(item.label.zh)
        } else {
          problems.append(RowProblem(.importMissingColumn, column: item.label.zh, place))
        }
      }
    }
  }
}

extension Entity {
  /// Whether the engine fills the item in when it is empty: the org that holds the record, where it is no information
  /// item.
  func isFilledIn(_ item: Item) -> Bool { item.id == ownerItem && !item.isInformationItem }
}
