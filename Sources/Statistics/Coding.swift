import Catalog
import Formats
import Primitives

/// How the values of an item become codes: numbers by counting from a base, texts and references by a dictionary that
/// all items with the same table or the same entity share. 0 is null.
final class Coding {
  enum Kind: Hashable {
    /// Codes in the order of the numbers: base, base + 1, … are 1, 2, …; base − 1 is −1.
    case number(CellKind, base: Int64)
    case bool
    case dictionary(ofReferences: Bool)
  }

  let kind: Kind
  let dictionary: ValueDictionary?

  /// 1 January 1960: two bytes hold the days from 1870 to 2049.
  static let dateBase: Int64 = -3653

  init(_ kind: Kind) {
    self.kind = kind
    if case .dictionary(let ofReferences) = kind {
      dictionary = ValueDictionary(holdsReferences: ofReferences)
    } else {
      dictionary = nil
    }
  }

  /// How items of a type are coded, and the name under which they share a coding; nil for free texts, which stay in
  /// their rows.
  static func plan(_ type: ItemType) -> (name: String, kind: Kind)? {
    switch type {
    case .text: nil
    case .code(let table): ("code \(table)", .dictionary(ofReferences: false))
    case .reference(let entity): ("reference \(entity.value)", .dictionary(ofReferences: true))
    case .references(let entity): ("references \(entity.value)", .dictionary(ofReferences: false))
    case .date: ("date", .number(.date, base: dateBase))
    case .minute: ("minute", .number(.minute, base: 0))
    case .int: ("int", .number(.int, base: 0))
    case .decimal: ("decimal", .number(.decimal, base: 0))
    case .bool: ("bool", .bool)
    }
  }

  /// The code of the cell at hand; nil when no code can say it: a number that is too far from the base, or a value of
  /// another kind than the item's, as only a record that does not fit its catalog has.
  func code(_ cells: RowCells) -> Int32? {
    switch kind {
    case .number(let cellKind, let base):
      guard cells.kind == cellKind, let number = cells.number else { return nil }
      return Coding.code(number, base: base)
    case .bool: return cells.kind == .false ? 1 : cells.kind == .true ? 2 : nil
    case .dictionary:
      guard let dictionary else { return nil }
      if let text = cells.text { return dictionary.code(text: text) }
      if let record = cells.reference { return dictionary.code(reference: record) }
      return dictionary.code(cells.value)
    }
  }

  private static func code(_ number: Int64, base: Int64) -> Int32? {
    let (distance, overflow) = number.subtractingReportingOverflow(base)
    // The outermost codes stay free: a threshold beyond all codes is one of them.
    guard !overflow, distance < Int64(Int32.max) - 1, distance > Int64(Int32.min) else { return nil }
    return Int32(distance >= 0 ? distance + 1 : distance)
  }

  /// What a code means.
  func value(_ code: Int32) -> Value {
    guard code != 0 else { return .null }
    switch kind {
    case .number(let cellKind, let base):
      let number = Coding.number(code, base: base)
      return switch cellKind {
      case .date: .date(CivilDate(days: Int32(truncatingIfNeeded: number)))
      case .minute: .minute(CivilMinute(minutes: number))
      case .decimal: .decimal(number)
      default: .int(number)
      }
    case .bool: return .bool(code == 2)
    case .dictionary: return dictionary?.values[Int(code)] ?? .null
    }
  }

  @inline(__always)
  static func number(_ code: Int32, base: Int64) -> Int64 { base + Int64(code) - (code > 0 ? 1 : 0) }

  /// Where `value` stands among the codes, which may lie between two that occur or beyond all; nil when the codes have
  /// no order or are of another kind.
  func threshold(_ value: Value) -> Int64? {
    guard case .number(let cellKind, let base) = kind else { return nil }
    let number: Int64
    switch (cellKind, value) {
    case (.date, .date(let date)): number = Int64(date.days)
    case (.minute, .minute(let minute)): number = minute.minutes
    case (.int, .int(let units)), (.decimal, .decimal(let units)): number = units
    default: return nil
    }
    let (distance, overflow) = number.subtractingReportingOverflow(base)
    if overflow { return nil }
    return distance >= 0 && distance < Int64.max ? distance + 1 : distance
  }
}
