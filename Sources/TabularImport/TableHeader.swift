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

  /// Why a file is refused for its first row.
  struct Refusal: Error { let problems: [RowProblem] }

  /// Columns of a rejects file.
  static let rejectLabels = ["行", "列", "值", "原因", "建议"]

  init(
    _ cells: [String], _ entity: Entity, _ parentKey: Item?, place: [(String, String)]
  ) throws(Refusal) {
    var matcher = Matcher(entity: entity, parentKey: parentKey, place: place)
    for cell in cells { matcher.add(cell) }
    matcher.demandRequired()
    if matcher.known == 0 { throw Refusal(problems: [TableHeader.noHeader(cells, entity, place)]) }
    guard matcher.problems.isEmpty else { throw Refusal(problems: matcher.problems) }
    columns = matcher.columns
    labels = matcher.labels
    computed = matcher.computed
    missing = matcher.missing
    items = columns.compactMap { column in
      if case .item(let position) = column { entity.items[position].id } else { nil }
    }
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
