/// One field's content. Null is three-valued: unknown is neither equal nor unequal to anything.
public enum Value: Hashable, Sendable {
  case null
  case bool(Bool)
  case int(Int64)
  /// Unscaled: the catalog knows how many decimals the item has (1234 with scale 2 is 12.34).
  case decimal(Int64)
  case date(CivilDate)
  case minute(CivilMinute)
  /// Free text, or a code of a code table: codes are strings everywhere.
  case text(Text)
  case reference(RecordID)
  case references([RecordID])

  @inlinable public var isNull: Bool { if case .null = self { true } else { false } }

  /// The record it refers to, the first of several; nil for none and for what is no reference.
  public var firstReference: RecordID? {
    switch self {
    case .reference(let record): record
    case .references(let records): records.first
    default: nil
    }
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  /// Text, or a code.
  public init(stringLiteral value: String) { self = .text(Text(value)) }
  /// A whole number; decimals are written `.decimal` with the item's scale.
  public init(integerLiteral value: Int64) { self = .int(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
}
