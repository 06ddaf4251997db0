import Primitives

// The catalog's text: one thing a line, indentation tells what belongs to what, `#` begins a comment line.
// A line that is indented by six or more continues the line above.
//
//   codes SEX [open]                                   a table; further blocks of the same name continue it
//     1 男 | Male
//   entity member 3 党员 | Member
//     owner branch_code                                or: parent member
//     key id_card                                      natural keys, best first
//     index 1 name_birth name birth_date
//     relation branch reference branch_code            or: relation edu child member_edu where is_highest
//     alias joined join_date
//     item birth_date date required B 出生日期 | Date of birth        `system` instead of `item` for what is not counted
//       when EXPRESSION                                 condition of a `conditional` item
//       derived EXPRESSION                              over this record; or: computed WORDS, from other records
//       refuse [from DATE] EXPRESSION | 中文 | English  or: warn …
//       later FEATURE | WORDS

/// One part of a catalog text, named for errors.
public struct CatalogPart: Sendable {
  public let name: String
  public let text: String
  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }
}

extension CatalogPart {
  /// Hands out the lines in order, each joined with those that continue it; blank lines and comments are left out.
  func forEachLine(_ take: (inout CatalogLine) throws(CatalogError) -> Void) throws(CatalogError) {
    var number = 0
    var pending: CatalogLine?
    for bytes in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let line = CatalogLine(bytes, of: text.utf8, CatalogPosition(part: name, line: number, column: 1))
      if line.isBlank { continue }
      if line.indent >= CatalogLine.continuationIndent, pending?.extend(to: bytes.endIndex) != nil { continue }
      if var ready = pending { try take(&ready) }
      pending = line
    }
    if var ready = pending { try take(&ready) }
  }
}

extension Catalog {
  /// Reads a catalog from one text. The format is described at the top of this file.
  ///
  /// - Throws: the first error with line and column.
  public static func load(text: String) throws(CatalogError) -> Catalog {
    try load(parts: [CatalogPart(name: "catalog", text: text)])
  }

  /// Reads a catalog from several texts in order; each begins a block of its own.
  public static func load(parts: [CatalogPart]) throws(CatalogError) -> Catalog {
    var reader = CatalogTextReader()
    for part in parts { try reader.read(part) }
    return try CatalogBuilder.build(reader.draft)
  }
}

/// Reads lines into a draft.
struct CatalogTextReader {
  private(set) var draft = CatalogDraft()
  private var tablePositions: [String: Int] = [:]
  private enum Block {
    case none
    case table(Int)
    case entity
  }
  private var block = Block.none

  mutating func read(_ part: CatalogPart) throws(CatalogError) {
    block = .none
    try part.forEachLine { line throws(CatalogError) in try read(&line) }
  }

  private mutating func read(_ line: inout CatalogLine) throws(CatalogError) {
    let indent = line.indent
    switch (indent, block) {
    case (0, _): try heading(&line)
    case (2, .table(let position)): try code(&line, of: position)
    case (2, .entity): try member(&line)
    case (4, .entity): try detail(&line)
    default: throw CatalogError("unexpected indentation of \(indent)", at: line.position)
    }
  }

  private mutating func heading(_ line: inout CatalogLine) throws(CatalogError) {
    let word = try line.word()
    switch word.text {
    case "codes":
      let name = try line.word()
      let open = line.optionalWord()
      if let open, open.text != "open" { throw open.error("only 'open' may follow the table's name") }
      if let known = tablePositions[name.text] {
        if open != nil { draft.tables[known].isOpen = true }
        block = .table(known)
      } else {
        tablePositions[name.text] = draft.tables.count
        block = .table(draft.tables.count)
        draft.tables.append(TableDraft(name: name, isOpen: open != nil))
      }
    case "entity":
      let name = try line.word()
      let number = try line.word()
      guard let id = UInt8(number.text) else { throw number.error("an entity id is a number from 1 to 199") }
      draft.entities.append(EntityDraft(name: name, id: id, label: try line.label()))
      block = .entity
    default: throw word.error("expected 'codes' or 'entity'")
    }
  }

  private mutating func code(_ line: inout CatalogLine, of table: Int) throws(CatalogError) {
    let code = try line.word()
    draft.tables[table].codes.append(CodeTable.Code(code: code.text, label: try line.label()))
  }

  private mutating func member(_ line: inout CatalogLine) throws(CatalogError) {
    let current = draft.entities.count - 1
    let word = try line.word()
    switch word.text {
    case "parent": draft.entities[current].parent = try line.word()
    case "owner": draft.entities[current].owner = try line.word()
    case "key": draft.entities[current].keys.append(try line.words())
    case "alias": draft.entities[current].aliases.append(AliasDraft(name: try line.word(), item: try line.word()))
    case "index":
      let number = try line.word()
      guard let value = UInt8(number.text) else { throw number.error("an index number is 1…255") }
      draft.entities[current].indexes.append(
        IndexDraft(number: value, name: try line.word(), items: try line.words()))
    case "relation": draft.entities[current].relations.append(try relation(&line))
    case "item": draft.entities[current].items.append(try item(&line, isInformationItem: true))
    case "system": draft.entities[current].items.append(try item(&line, isInformationItem: false))
    default: throw word.error("'\(word.text)' does not belong into an entity")
    }
  }

  private func relation(_ line: inout CatalogLine) throws(CatalogError) -> RelationDraft {
    let name = try line.word()
    let kind = try line.word()
    switch kind.text {
    case "reference": return RelationDraft(name: name, target: .reference(try line.word()))
    case "child":
      let child = try line.word()
      let keyword = try line.word()
      guard keyword.text == "where" else { throw keyword.error("expected 'where'") }
      return RelationDraft(name: name, target: .child(child, where: try line.rest()))
    default: throw kind.error("expected 'reference' or 'child'")
    }
  }

  private func item(_ line: inout CatalogLine, isInformationItem: Bool) throws(CatalogError) -> ItemDraft {
    let name = try line.word()
    let type = try line.word()
    let word = try line.word()
    let requirement: ItemDraft.Requirement
    switch word.text {
    case "required": requirement = .required
    case "optional": requirement = .optional
    // Its `when` line follows; until then the word itself stands there, which no checker accepts.
    case "conditional": requirement = .when(word)
    default: throw word.error("expected 'required', 'optional' or 'conditional'")
    }
    let letter = try line.word()
    guard let position = ["A", "B", "C", "D"].firstIndex(of: letter.text) else {
      throw letter.error("a field class is A, B, C or D")
    }
    return ItemDraft(
      name: name, label: try line.label(), type: type, requirement: requirement,
      fieldClass: FieldClass.allCases[position], isInformationItem: isInformationItem)
  }

  private mutating func detail(_ line: inout CatalogLine) throws(CatalogError) {
    let entity = draft.entities.count - 1
    let item = draft.entities[entity].items.count - 1
    let word = try line.word()
    guard item >= 0 else { throw word.error("no item stands above this line") }
    switch word.text {
    case "when": draft.entities[entity].items[item].requirement = .when(try line.rest())
    case "derived":
      draft.entities[entity].items[item].derivation = try line.rest()
      draft.entities[entity].items[item].isLocalDerivation = true
    case "computed": draft.entities[entity].items[item].derivation = try line.rest()
    case "refuse": draft.entities[entity].items[item].rules.append(try rule(&line, .refusal))
    case "warn": draft.entities[entity].items[item].rules.append(try rule(&line, .warning))
    case "later":
      let columns = try line.columns(2)
      draft.entities[entity].items[item].later.append(LaterDraft(feature: columns[0], intent: columns[1].text))
    default: throw word.error("'\(word.text)' does not belong under an item")
    }
  }

  private func rule(_ line: inout CatalogLine, _ severity: Rule.Severity) throws(CatalogError) -> RuleDraft {
    var from: Located?
    if line.take("from") { from = try line.word() }
    let columns = try line.columns(3)
    return RuleDraft(
      condition: columns[0], severity: severity, from: from, message: Label(zh: columns[1].text, en: columns[2].text))
  }
}

/// One line with the lines that continue it, read from left to right.
struct CatalogLine {
  /// A line indented this far belongs to the line before it.
  static let continuationIndent = 6

  private let whole: String.UTF8View
  private var bytes: Substring.UTF8View
  private let start: CatalogPosition
  private var index: Substring.UTF8View.Index

  init(_ bytes: Substring.UTF8View, of whole: String.UTF8View, _ start: CatalogPosition) {
    self.whole = whole
    self.bytes = bytes
    self.start = start
    index = bytes.startIndex
  }

  /// Takes in the lines up to `end`.
  mutating func extend(to end: Substring.UTF8View.Index) { bytes = whole[bytes.startIndex..<end] }

  /// Empty or a comment.
  var isBlank: Bool {
    guard let first = bytes.first(where: { $0 != 0x20 && $0 != 0x0D }) else { return true }
    return first == UInt8(ascii: "#")
  }

  var indent: Int { bytes.prefix(while: { $0 == 0x20 }).count }

  var position: CatalogPosition { start.advanced(over: bytes[..<index]) }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D }

  private mutating func skipSpaces() {
    while index < bytes.endIndex, isSpace(bytes[index]) { bytes.formIndex(after: &index) }
  }

  private mutating func located(upTo end: Substring.UTF8View.Index) -> Located {
    var last = end
    while last > index, isSpace(bytes[bytes.index(before: last)]) { bytes.formIndex(before: &last) }
    let located = Located(text: String(Substring(bytes[index..<last])), position: position)
    index = end
    return located
  }

  mutating func optionalWord() -> Located? {
    skipSpaces()
    let end = bytes[index...].firstIndex(where: isSpace) ?? bytes.endIndex
    return end == index ? nil : located(upTo: end)
  }

  mutating func word() throws(CatalogError) -> Located {
    guard let word = optionalWord() else { throw CatalogError("the line ends too early", at: position) }
    return word
  }

  mutating func words() throws(CatalogError) -> [Located] {
    var words = [try word()]
    while let next = optionalWord() { words.append(next) }
    return words
  }

  /// Steps over the word if it comes next.
  mutating func take(_ word: String) -> Bool {
    let before = index
    if optionalWord()?.text == word { return true }
    index = before
    return false
  }

  mutating func rest() throws(CatalogError) -> Located {
    skipSpaces()
    guard index < bytes.endIndex else { throw CatalogError("the line ends too early", at: position) }
    return located(upTo: bytes.endIndex)
  }

  /// The rest of the line, cut at `|` into exactly this many parts, none empty.
  mutating func columns(_ count: Int) throws(CatalogError) -> [Located] { try columns(upTo: count, atLeast: count) }

  /// The rest of the line, cut at `|` into as many parts as it has, none empty.
  mutating func columns(upTo most: Int, atLeast least: Int) throws(CatalogError) -> [Located] {
    var columns: [Located] = []
    while true {
      skipSpaces()
      let end = bytes[index...].firstIndex(of: UInt8(ascii: "|"))
      let column = located(upTo: end ?? bytes.endIndex)
      guard !column.text.isEmpty else { throw column.error("nothing stands here") }
      columns.append(column)
      guard let end else { break }
      index = bytes.index(after: end)
    }
    guard (least...most).contains(columns.count) else {
      let expected = least == most ? "\(least)" : "\(least) to \(most)"
      throw CatalogError("expected \(expected) parts between |, found \(columns.count)", at: start)
    }
    return columns
  }

  mutating func label() throws(CatalogError) -> Label {
    let columns = try columns(2)
    return Label(zh: columns[0].text, en: columns[1].text)
  }
}
