import Catalog
import Formats
import Primitives

/// Gathers rows as columns, straight from bytes: for rows about which there is nothing to say.
///
/// It takes a row only when every cell has the plain form of its kind, every check holds and no rule warns. Any other
/// row it leaves alone; then ``RowMapper`` looks at it, which knows every form and every word, and what it makes of the
/// row is appended here as values. Both ways give the same cells: forms that are new are read by the mapper's own
/// ``CellMapper``, and the tests hold one way against the other.
struct RowGatherer {
  /// Rows gathered since the last ``take()``.
  private(set) var rows = 0

  private let entity: Entity
  private let cells: CellMapper
  private let check: RowCheck
  /// By column of the file.
  private var sources: [Source]
  private var columns: [CellColumn]
  private var labels: [LabelColumn]
  private var parents: CellColumn?
  /// By item position, its column of the file; -1 for an item that the file does not have.
  private let sourceOfItem: [Int]
  /// Items that an empty cell breaks a rule of, and that the file has no column for: no row is clean then.
  private let isNeverClean: Bool
  /// By item position, whether the row at hand has a cell, and what rules between items read of it.
  private var isPresent: [Bool]
  private var values: [Value]
  private let isRead: [Bool]

  private enum Role {
    case ignored, parent
    /// Free text and identifiers.
    case text, code, citizen
    /// Codes: the same few texts again and again.
    case dictionary
    case date
    /// Minutes, flags, numbers: read once a form.
    case number
    case labels
  }

  /// One column of the file.
  private struct Source {
    let role: Role
    let kind: CellMapper.Kind
    /// Of the item.
    let position: Int
    /// In `columns` or `labels`.
    let slot: Int
    /// Cells as they came, for those that repeat, with what they mean and what rules see of it.
    var forms = TextDictionary()
    var meanings: [Int64] = []
    var seen: [Value] = []
    /// The texts of `meanings`.
    var texts = TextDictionary()
    /// The labels of `meanings`.
    var lists: [[Text]] = []
    /// How much it remembers.
    var remembers: Int { Swift.max(meanings.count, texts.count, lists.count) }
  }

  /// How many different cells of a column are remembered from chunk to chunk.
  private static let formsMax = 4096
  /// Cells that mean nothing, such as blanks.
  private static let empty = Int64.min

  /// - Parameter mapper: who looks at rows that are not clean.
  init(_ mapper: RowMapper, _ catalog: Catalog) {
    let entity = mapper.entity
    let header = mapper.header
    let check = RowCheck(
      mapper.checker, today: mapper.today, filledIn: entity.items.filter { entity.isFilledIn($0) }.map(\.id))
    self.entity = entity
    self.check = check
    cells = mapper.cells
    var columns: [CellColumn] = []
    var labels: [LabelColumn] = []
    var sourceOfItem = [Int](repeating: -1, count: entity.items.count)
    sources = header.columns.enumerated().map { column, meaning in
      switch meaning {
      case .ignored: return Source(role: .ignored, kind: .text, position: 0, slot: 0)
      case .parent:
        let kind = entity.parent.flatMap { CellMapper.Kind.key(of: $0, catalog) }
        return Source(role: .parent, kind: .reference(kind), position: 0, slot: 0)
      case .item(let position):
        let item = entity.items[position]
        let kind = CellMapper.Kind(item, entity, catalog)
        sourceOfItem[position] = column
        let role = RowGatherer.role(kind)
        guard let cells = ColumnKind(item.type) else {
          labels.append(LabelColumn(item.id))
          return Source(role: role, kind: kind, position: position, slot: labels.count - 1)
        }
        columns.append(CellColumn(item.id, cells, hasDictionary: role == .dictionary))
        return Source(role: role, kind: kind, position: position, slot: columns.count - 1)
      }
    }
    self.columns = columns
    self.labels = labels
    self.sourceOfItem = sourceOfItem
    parents = entity.parent == nil ? nil : CellColumn(ItemID(1), .text)
    isPresent = [Bool](repeating: false, count: entity.items.count)
    values = [Value](repeating: .null, count: entity.items.count)
    var isRead = [Bool](repeating: false, count: entity.items.count)
    for position in check.positionsRead { isRead[position] = true }
    self.isRead = isRead
    isNeverClean = entity.items.indices.contains { position in
      sourceOfItem[position] < 0 && !check.isCleanWhenEmpty(position)
    }
  }

  private static func role(_ kind: CellMapper.Kind) -> Role {
    switch kind {
    case .text: .text
    case .identifier(.citizen): .citizen
    case .identifier(.code): .code
    case .code: .dictionary
    case .date: .date
    case .minute, .flag, .number: .number
    case .reference, .references: .labels
    }
  }

  // MARK: A clean row

  /// Appends the row when it is clean; else changes nothing.
  ///
  /// - Requires: a row without fault, with the header's number of cells.
  mutating func takeClean(_ row: CSVRow) -> Bool {
    if isNeverClean { return false }
    for column in sources.indices {
      if takeCell(row, column) { continue }
      removeRows(downTo: rows)
      return false
    }
    guard check.isClean(RowFields(values), isPresent), parents?.hasCell(rows) ?? true else {
      removeRows(downTo: rows)
      return false
    }
    rows += 1
    return true
  }

  /// Appends one cell; false when it needs a closer look.
  @inline(__always)
  private mutating func takeCell(_ row: CSVRow, _ column: Int) -> Bool {
    let (from, to) = row.cells[column]
    let role = sources[column].role
    if role == .ignored { return true }
    if from == to { return takeNothing(column) }
    return row.bytes.withUnsafeBufferPointer { all in
      let bytes = UnsafeBufferPointer(rebasing: all[from..<to])
      switch role {
      case .ignored: return true
      case .parent:
        guard case .reference(let kind) = sources[column].kind,
          kind == nil ? PlainCell.isText(bytes) : PlainCell.isIdentifier(bytes, isCitizen: kind == .citizen)
        else { return false }
        parents?.append(text: bytes)
        return true
      case .text: return PlainCell.isText(bytes) && takeText(bytes, column)
      case .code: return PlainCell.isIdentifier(bytes, isCitizen: false) && takeText(bytes, column)
      case .citizen: return PlainCell.isIdentifier(bytes, isCitizen: true) && takeText(bytes, column)
      case .date:
        guard let days = PlainCell.days(bytes) else { return takeForm(row, bytes, column) }
        return takeNumber(days, column) { .date(CivilDate(days: Int32(truncatingIfNeeded: $0))) }
      case .dictionary, .number, .labels: return takeForm(row, bytes, column)
      }
    }
  }

  private mutating func takeNothing(_ column: Int) -> Bool {
    let position = sources[column].position
    switch sources[column].role {
    case .ignored: return true
    case .parent: return false
    case .labels: labels[sources[column].slot].append(-1)
    default: columns[sources[column].slot].appendNothing()
    }
    isPresent[position] = false
    if isRead[position] { values[position] = .null }
    return check.isCleanWhenEmpty(position)
  }

  @inline(__always)
  private mutating func takeText(_ bytes: UnsafeBufferPointer<UInt8>, _ column: Int) -> Bool {
    let position = sources[column].position
    guard check.isClean(position, text: bytes) else { return false }
    columns[sources[column].slot].append(text: bytes)
    isPresent[position] = true
    if isRead[position] { values[position] = .text(Text(String(decoding: bytes, as: UTF8.self))) }
    return true
  }

  @inline(__always)
  private mutating func takeNumber(_ number: Int64, _ column: Int, _ value: (Int64) -> Value) -> Bool {
    let position = sources[column].position
    guard check.isClean(position, number: number, value) else { return false }
    columns[sources[column].slot].append(number: number)
    isPresent[position] = true
    if isRead[position] { values[position] = value(number) }
    return true
  }

  /// A cell whose form may have come before.
  private mutating func takeForm(_ row: CSVRow, _ bytes: UnsafeBufferPointer<UInt8>, _ column: Int) -> Bool {
    let form: Int
    if let known = sources[column].forms.known(bytes) {
      form = Int(known)
    } else {
      guard let found = learn(row.cell(column), bytes, column) else { return false }
      form = found
    }
    let position = sources[column].position
    let meaning = sources[column].meanings[form]
    if meaning == RowGatherer.empty { return takeNothing(column) }
    switch sources[column].role {
    case .labels: labels[sources[column].slot].append(Int32(truncatingIfNeeded: meaning))
    case .dictionary: columns[sources[column].slot].append(textNumbered: Int32(truncatingIfNeeded: meaning))
    default: columns[sources[column].slot].append(number: meaning)
    }
    isPresent[position] = true
    if isRead[position] { values[position] = sources[column].seen[form] }
    return true
  }

  /// Reads a form for the first time and remembers it when it is clean.
  private mutating func learn(_ cell: CellBytes, _ bytes: UnsafeBufferPointer<UInt8>, _ column: Int) -> Int? {
    var isRepaired = false
    let outcome = cells.map(cell, sources[column].kind) { _ in isRepaired = true }
    guard !isRepaired, let (meaning, seen) = meaning(outcome, column) else { return nil }
    let position = sources[column].position
    guard meaning == RowGatherer.empty || RowGatherer.isClean(check, position, meaning, seen) else { return nil }
    _ = sources[column].forms.number(bytes)
    sources[column].meanings.append(meaning)
    sources[column].seen.append(seen)
    return sources[column].meanings.count - 1
  }

  private static func isClean(_ check: RowCheck, _ position: Int, _ meaning: Int64, _ seen: Value) -> Bool {
    switch seen {
    case .text(let text):
      var string = text.string
      return string.withUTF8 { check.isClean(position, text: $0) }
    case .reference, .references: return check.isClean(position, references: seen)
    default: return check.isClean(position, number: meaning) { _ in seen }
    }
  }

  /// What a cell means here, and what rules see of it; nil for a fault.
  private mutating func meaning(_ outcome: CellMapper.Outcome, _ column: Int) -> (Int64, Value)? {
    switch outcome {
    case .fault: return nil
    case .labels(let list):
      if list.isEmpty { return (RowGatherer.empty, .null) }
      let item = entity.items[sources[column].position]
      sources[column].lists.append(list)
      return (Int64(sources[column].lists.count - 1), RowMapper.standIn(item, list))
    case .value(let value):
      switch value {
      case .null: return (RowGatherer.empty, .null)
      case .text(let text):
        var string = text.string
        return (Int64(string.withUTF8 { sources[column].texts.number($0) }), value)
      case .int(let number), .decimal(let number): return (number, value)
      case .date(let date): return (Int64(date.days), value)
      case .minute(let minute): return (minute.minutes, value)
      case .bool(let flag): return (flag ? 1 : 0, value)
      case .reference, .references: return nil
      }
    }
  }

  // MARK: Any other row

  /// Appends a row that the mapper took.
  mutating func append(_ outcome: RowMapper.Outcome, _ row: CSVRow) {
    for column in sources.indices {
      let position = sources[column].position
      let slot = sources[column].slot
      switch sources[column].role {
      case .ignored: continue
      case .parent: parents?.append(value: outcome.parent.map(Value.text) ?? .null)
      case .labels:
        let item = entity.items[position].id
        if let list = outcome.references.first(where: { $0.item == item })?.labels {
          sources[column].lists.append(list)
          labels[slot].append(Int32(sources[column].lists.count - 1))
        } else {
          labels[slot].append(-1)
        }
      case .dictionary:
        guard case .text(let text) = outcome.values[position] else {
          columns[slot].appendNothing()
          continue
        }
        var string = text.string
        columns[slot].append(textNumbered: string.withUTF8 { sources[column].texts.number($0) })
      case .text, .code, .citizen, .date, .number: columns[slot].append(value: outcome.values[position])
      }
    }
    rows += 1
  }

  /// Takes the last row away again.
  mutating func removeLast() {
    rows -= 1
    removeRows(downTo: rows)
  }

  private mutating func removeRows(downTo rows: Int) {
    for slot in columns.indices { columns[slot].removeRows(downTo: rows) }
    for slot in labels.indices { labels[slot].removeRows(downTo: rows) }
    parents?.removeRows(downTo: rows)
  }

  // MARK: What was gathered

  /// The fingerprint of the last row's natural key, as ``NaturalKey`` makes it from values, and the key's number; nil
  /// when no key is complete.
  func lastKey() -> (fingerprint: (UInt64, UInt64), number: Int)? {
    let row = rows - 1
    for (number, items) in entity.naturalKeys.enumerated() {
      var print = Fingerprint()
      print.mix(UInt64(number))
      parents?.withText(row) { print.add($0) }
      guard items.allSatisfy({ add($0, row, &print) }) else { continue }
      return (print.value, number)
    }
    return nil
  }

  private func add(_ item: ItemID, _ row: Int, _ print: inout Fingerprint) -> Bool {
    let position = Int(item.value) - 1
    guard sourceOfItem[position] >= 0 else { return false }
    let slot = sources[sourceOfItem[position]].slot
    switch sources[sourceOfItem[position]].role {
    case .ignored, .parent: return false
    case .labels:
      let number = Int(labels[slot].numbers[row])
      if number < 0 { return false }
      for label in sources[sourceOfItem[position]].lists[number] { print.add(label.string.utf8) }
    case .dictionary:
      let number = columns[slot].textNumber(row)
      if number < 0 { return false }
      sources[sourceOfItem[position]].texts.withText(number) { print.add($0) }
    case .text, .code, .citizen: return columns[slot].withText(row) { print.add($0) } != nil
    case .date, .number:
      guard let number = columns[slot].number(row) else { return false }
      print.mix(UInt64(bitPattern: number))
    }
    return true
  }

  /// The rows gathered so far; begins anew.
  mutating func take() -> TableChunk {
    for source in sources where source.role == .dictionary { columns[source.slot].use(source.texts) }
    var told = labels
    for source in sources where source.role == .labels { told[source.slot].use(source.lists) }
    let chunk = TableChunk(rows: rows, columns: columns, labels: told, parents: parents)
    for slot in columns.indices { columns[slot] = columns[slot].emptied(for: rows) }
    for slot in labels.indices { labels[slot] = LabelColumn(labels[slot].item) }
    parents = parents?.emptied(for: rows)
    rows = 0
    for column in sources.indices where sources[column].remembers > RowGatherer.formsMax {
      let source = sources[column]
      sources[column] = Source(role: source.role, kind: source.kind, position: source.position, slot: source.slot)
    }
    return chunk
  }
}

extension ColumnKind {
  /// Of an item's cells; nil for references, which are labels here.
  fileprivate init?(_ type: ItemType) {
    switch type {
    case .text, .code: self = .text
    case .date: self = .date
    case .minute: self = .minute
    case .int: self = .int
    case .decimal: self = .decimal
    case .bool: self = .bool
    case .reference, .references: return nil
    }
  }
}
