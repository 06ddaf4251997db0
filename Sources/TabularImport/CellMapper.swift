import Catalog
import Primitives

/// Turns a clerk's cell into a value, or says what is wrong with it.
///
/// Nothing is guessed: what is changed on the way (blanks around, full-width digits, the mark of a spreadsheet, the
/// century of an old citizen id, NFC) loses nothing, everything else is refused with its reason.
struct CellMapper {
  /// Text that identifies: digits and letters mean the same in full width.
  enum Identifier {
    case citizen
    case code
  }

  enum Kind {
    case text
    case identifier(Identifier)
    case code(SharedTable)
    case date, minute, flag
    /// A whole number is a decimal without decimals.
    case number(scale: Int)
    case reference(Identifier?)
    case references(Identifier?)
  }

  enum Outcome {
    case value(Value)
    /// Natural-key texts of the records meant.
    case labels([Text])
    case fault(CellFault)
  }

  /// What was repaired, for the count of warnings.
  enum Repair: String {
    /// A citizen id of 15 digits got its century and check character.
    case fifteenDigits = "fifteen_digits"
    /// Blanks between an identifier's characters were left out.
    case innerBlanks = "inner_blanks"
  }

  let normalise: @Sendable (String) -> String

  func map(_ cell: CellBytes, _ kind: Kind, _ repaired: (Repair) -> Void) -> Outcome {
    let bytes = cell.trimmed
    if bytes.isEmpty { return .value(.null) }
    switch kind {
    case .text: return text(CellMapper.withoutFormulaMark(bytes))
    case .identifier(let identifier): return self.identifier(bytes, identifier, repaired)
    case .code(let shared): return code(bytes, shared.table)
    case .date:
      switch CellDates.date(bytes.folded.withoutTextMark) {
      case .success(let date): return .value(.date(date))
      case .failure(let fault): return .fault(.date(fault))
      }
    case .minute:
      switch CellDates.minute(bytes.folded.withoutTextMark) {
      case .success(let minute): return .value(.minute(minute))
      case .failure(let fault): return .fault(.date(fault))
      }
    case .flag: return CellNumbers.flag(bytes.folded).map { .value(.bool($0)) } ?? .fault(.flag)
    case .number(let scale):
      guard let number = CellNumbers.decimal(bytes.folded.withoutTextMark, scale: scale) else {
        return .fault(.number(decimals: scale))
      }
      return .value(scale == 0 ? .int(number) : .decimal(number))
    case .reference(let identifier): return labels([bytes], identifier, repaired)
    case .references(let identifier):
      return labels(bytes.folded.split(separator: 0x7C), identifier, repaired)
    }
  }

  // MARK: Text

  private func text(_ bytes: CellBytes) -> Outcome {
    let text = bytes.string
    if bytes.isPlain || CellScalars.isPlain(text) { return .value(.text(Text(text))) }
    if let scalar = CellScalars.unwanted(in: text) { return .fault(.unwanted(scalar)) }
    return .value(.text(Text(normalise(text))))
  }

  private func identifier(_ cell: CellBytes, _ identifier: Identifier, _ repaired: (Repair) -> Void) -> Outcome {
    var bytes = cell.folded.withoutTextMark
    if bytes.isScientific { return .fault(.scientific) }
    guard bytes.isASCII else { return text(bytes) }
    if case .citizen = identifier {
      if bytes.contains(0x20) {
        bytes = CellBytes(bytes.filter { $0 != 0x20 })
        repaired(.innerBlanks)
      }
      if bytes.last == 0x78 { bytes = CellBytes(bytes.dropLast() + [0x58]) }
      if bytes.count == 15, let upgraded = CitizenID.upgraded(fifteen: Text(bytes.string)) {
        repaired(.fifteenDigits)
        return .value(.text(upgraded))
      }
    }
    return .value(.text(Text(bytes.string)))
  }

  private func labels(_ cells: [CellBytes], _ kind: Identifier?, _ repaired: (Repair) -> Void) -> Outcome {
    var labels: [Text] = []
    for cell in cells {
      let bytes = cell.trimmed
      if bytes.isEmpty { continue }
      switch kind.map({ identifier(bytes, $0, repaired) }) ?? text(bytes) {
      case .value(.text(let label)): labels.append(label)
      case .value, .labels: continue
      case .fault(let fault): return .fault(fault)
      }
    }
    return .labels(labels)
  }

  /// Exports put an apostrophe before text that a spreadsheet would run as a formula; here it comes off again.
  private static func withoutFormulaMark(_ bytes: CellBytes) -> CellBytes {
    guard bytes.first == 0x27, FormulaMark.isNeeded(bytes.dropFirst()) else { return bytes }
    return bytes.dropFirst()
  }

  // MARK: Codes

  private func code(_ cell: CellBytes, _ table: CodeTable) -> Outcome {
    let text = Text(cell.string)
    if table.contains(text) { return .value(.text(text)) }
    if let code = table.code(labelled: text) { return .value(.text(code)) }
    let bytes = cell.folded.withoutTextMark
    let folded = Text(bytes.string)
    if table.contains(folded) { return .value(.text(folded)) }
    if let code = table.code(labelled: folded) { return .value(.text(code)) }
    if bytes.isScientific { return .fault(.scientific) }
    // Of an open table the rules know the shape of codes that it does not list.
    if table.isOpen && bytes.isASCII { return .value(.text(folded)) }
    if let scalar = CellScalars.unwanted(in: text.string) { return .fault(.unwanted(scalar)) }
    return .fault(.code(table: table.name, suggestions: Suggestions.codes(folded.string, in: table)))
  }
}

/// A code table that is handed on per cell without counting references to its parts.
final class SharedTable: Sendable {
  let table: CodeTable
  init(_ table: CodeTable) { self.table = table }
}

/// The apostrophe that keeps a spreadsheet from running text (OWASP, "CSV Injection").
enum FormulaMark {
  /// Whether the text begins like a formula: `= + - @`, tab, carriage return, and the full-width forms that some take
  /// for them.
  static func isNeeded(_ text: some Collection<UInt8>) -> Bool {
    guard let first = text.first else { return false }
    switch first {
    case 0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D: return true
    // U+FF1D, FF0B, FF0D, FF20.
    case 0xEF: return ["＝", "＋", "－", "＠"].contains { text.starts(with: $0.utf8) }
    default: return false
    }
  }
}

extension CellMapper.Kind {
  /// How an item's cells are read.
  init(_ item: Item, _ entity: Entity, _ catalog: Catalog) {
    switch item.type {
    case .text: self = CellMapper.Kind.identifier(item, entity).map { .identifier($0) } ?? .text
    case .code(let name): self = catalog.codeTable(name).map { .code(SharedTable($0)) } ?? .text
    case .date: self = .date
    case .minute: self = .minute
    case .int: self = .number(scale: 0)
    case .decimal(let scale): self = .number(scale: Int(scale))
    case .bool: self = .flag
    case .reference(let target): self = .reference(CellMapper.Kind.key(of: target, catalog))
    case .references(let target): self = .references(CellMapper.Kind.key(of: target, catalog))
    }
  }

  /// Whether a text item identifies something: its rules check it as a number of a person, unit, organisation or
  /// telephone.
  static func identifier(_ item: Item, _ entity: Entity) -> CellMapper.Identifier? {
    guard item.type == .text else { return nil }
    let rules = entity.rules.lazy.filter { $0.item == item.id }
    func isChecked(by function: String) -> Bool { rules.contains { $0.condition.calls(function) } }
    if isChecked(by: "gb11643") { return .citizen }
    return ["uscc18", "orgcode9", "is_org_code", "mobile", "phone"].contains(where: isChecked) ? .code : nil
  }

  /// How the text that stands for a record of another entity is read: like its first key item.
  static func key(of target: EntityID, _ catalog: Catalog) -> CellMapper.Identifier? {
    guard let entity = catalog.entity(target), let item = entity.firstKeyItem else { return nil }
    return identifier(item, entity)
  }
}

extension Entity {
  /// The item by whose text other files name a record of this entity.
  var firstKeyItem: Item? { naturalKeys.first?.first.flatMap { item($0) } }
}
