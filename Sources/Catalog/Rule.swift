import Primitives

/// A check of a record: accepted when the condition is true or unknown.
public struct Rule: Sendable {
  /// Stable: `member.birth_date.1`.
  public let name: String
  /// The item to point at in an error.
  public let item: ItemID
  /// What must not be false.
  public let condition: CheckedExpression
  public let severity: Severity
  /// First day of validity; nil means always.
  public let from: CivilDate?
  /// What is wrong, for a clerk, when the condition is false.
  public let message: Label

  /// What happens to a record that breaks the rule.
  public enum Severity: UInt8, Hashable, Sendable {
    /// Accept, and tell.
    case warning = 1
    /// Refuse the record.
    case refusal
  }

  public init(
    name: String, item: ItemID, condition: CheckedExpression, severity: Severity, from: CivilDate?, message: Label
  ) {
    self.name = name
    self.item = item
    self.condition = condition
    self.severity = severity
    self.from = from
    self.message = message
  }
}

/// A demand of the catalog that no expression can check: kept in words until the feature it waits for checks it.
public struct LaterRule: Hashable, Sendable {
  public let item: ItemID
  /// The feature: `references`, `uniqueness`, `counting`, `hierarchy`, `history` or `register`.
  public let feature: String
  /// What must hold.
  public let intent: String

  public init(item: ItemID, feature: String, intent: String) {
    self.item = item
    self.feature = feature
    self.intent = intent
  }
}

/// A name under which expressions reach one other record: `secretary.birth_date`, `edu.highest`.
public struct Relation: Hashable, Sendable {
  /// How the other record is found.
  public enum Target: Hashable, Sendable {
    /// The record that this item refers to.
    case reference(ItemID)
    /// The one child record of this entity for which the expression (source text, on the child) is true.
    case child(EntityID, where: String)
  }
  public let name: String
  public let target: Target

  public init(name: String, target: Target) {
    self.name = name
    self.target = target
  }
}

/// A second name of an item in expressions: `joined` for `join_date`.
public struct Alias: Hashable, Sendable {
  public let name: String
  public let item: ItemID

  public init(name: String, item: ItemID) {
    self.name = name
    self.item = item
  }
}
