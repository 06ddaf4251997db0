import Access
import Catalog
import Primitives

/// Values of the store as SQL shows them. Dates are ISO texts, decimals are reals, flags 0 and 1, references to orgs
/// their codes, other references ids.
enum CellValue {
  static func sql(_ value: Value, _ type: ItemType, _ directory: OrgDirectory) -> SQLValue {
    switch value {
    case .null: return .null
    case .bool(let flag): return .integer(flag ? 1 : 0)
    case .int(let number): return .integer(number)
    case .decimal(let units): return .real(decimal(units, type))
    case .date(let date): return .text(date.description)
    case .minute(let minute): return .text(minute.description)
    case .text(let text): return .text(text.string)
    case .reference(let record): return .text(reference(record, directory))
    case .references(let records): return .text(records.map { reference($0, directory) }.joined(separator: "|"))
    }
  }

  static func reference(_ record: RecordID, _ directory: OrgDirectory) -> String {
    directory.org(record)?.code.string ?? RecordText.text(record)
  }

  static func scale(_ type: ItemType) -> Double {
    guard case .decimal(let scale) = type else { return 1 }
    return (0..<scale).reduce(1.0) { factor, _ in factor * 10 }
  }

  /// Dividing whole numbers rounds once: 1234 with scale 2 is the real that 12.34 is written as.
  static func decimal(_ units: Int64, _ type: ItemType) -> Double { Double(units) / scale(type) }

  /// What an equality with `value` can mean for a stored item.
  enum Equal {
    case value(Value)
    /// Nothing stored can be equal.
    case nothing
    /// Cannot be said exactly: all must be looked at.
    case unknown
  }

  static func equal(_ value: SQLValue, _ type: ItemType, _ directory: OrgDirectory) -> Equal {
    switch (type, value) {
    case (_, .null): return .nothing
    case (.int, .integer(let number)): return .value(.int(number))
    case (.bool, .integer(let number)): return number == 0 || number == 1 ? .value(.bool(number == 1)) : .nothing
    case (.text, .text(let text)), (.code, .text(let text)): return .value(.text(Text(text)))
    // TEXT affinity: SQLite compares the number's text.
    case (.text, .integer(let number)), (.code, .integer(let number)): return .value(.text(Text("\(number)")))
    case (.date, .text(let text)):
      guard let date = CivilDate(iso: text) else { return .nothing }
      return .value(.date(date))
    case (.minute, .text(let text)):
      guard let minute = CivilMinute(iso: text) else { return .nothing }
      return .value(.minute(minute))
    case (.reference, .text(let text)):
      if let org = directory.org(code: Text(text)) { return .value(.reference(org.id)) }
      guard let (record, ordinal) = RecordText.parse(text), ordinal == 0 else { return .nothing }
      return .value(.reference(record))
    default: return .unknown
    }
  }
}
