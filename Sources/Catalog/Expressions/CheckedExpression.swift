import Primitives

/// Where an expression reads a record's fields from.
public protocol FieldSource {
  /// The item's content, null when the record lacks it. Must be of the item's type: a value of another type counts as
  /// unknown. For an item that the query layer computes (``Item/isLocalDerivation`` is false), the computed value.
  func value(_ item: ItemID) -> Value

  /// The content at the end of a path to another record, null when there is none. A source that sees one record only
  /// keeps the default, null, which leaves every rule over other records unknown, that is accepted.
  func value(along path: FieldPath) -> Value

  /// Whether an organisation lies in the subtree of the organisation with this code; the organisation is the one in
  /// `item`, or the one that owns the record when `item` is nil. The default knows no tree and answers nil, unknown.
  func isUnder(_ item: ItemID?, orgCode: Text) -> Bool?
}

extension FieldSource {
  /// Sees no other record.
  public func value(along path: FieldPath) -> Value { .null }

  /// Knows no tree.
  public func isUnder(_ item: ItemID?, orgCode: Text) -> Bool? { nil }
}

/// The way from one record to a field of another: `secretary.birth_date`, `member.join_date` from a member's child
/// record.
public struct FieldPath: Hashable, Sendable {
  /// One step from a record to another.
  public enum Step: Hashable, Sendable {
    /// To the record that this item refers to, the first when it refers to several.
    case reference(ItemID)
    /// To the record that owns this child record.
    case parent
    /// To the one child record of this entity for which the expression (source text, on the child) is true.
    case child(EntityID, where: String)
  }
  /// As written.
  public let source: String
  /// At least one.
  public let steps: [Step]
  /// The entity at the end.
  public let entity: EntityID
  /// The field there. When it is derived, its derived value is meant.
  public let item: ItemID
}

/// An expression that parsed and type-checked against one entity of one catalog.
public struct CheckedExpression: Sendable {
  /// As written.
  public let source: String
  /// What ``evaluate(_:today:)`` yields when it does not yield null; nil when it always yields null.
  public let type: ExpressionType?
  /// The items that it reads from the record, derivations resolved; sorted, without repetition.
  public let referencedItems: [ItemID]
  /// The fields of other records that it reads, in order of first use.
  public var paths: [FieldPath] { program.paths }
  /// Whether it asks for the organisation tree (`under`).
  public let asksTree: Bool

  let program: ExpressionProgram

  /// Whether it calls the function of this name, such as `gb11643`. Linear in the expression, without looking into its
  /// text: imports ask it of every rule for every file.
  public func calls(_ function: String) -> Bool {
    guard let wanted = ExpressionFunction(rawValue: function) else { return false }
    return program.nodes.contains { if case .call(wanted, _) = $0 { true } else { false } }
  }

  /// The expression's value for one record; null is unknown. Never traps: arithmetic that leaves its range is unknown.
  ///
  /// - Parameter today: the day that `today` stands for.
  /// - Complexity: linear in the source, and in the length of texts that it looks into; does not allocate for
  ///   comparisons.
  public func evaluate(_ fields: some FieldSource, today: CivilDate) -> Value {
    ExpressionEvaluation(program, today: today).value(program.root, fields)
  }

  /// ``evaluate(_:today:)`` of a condition: true, false, or nil for unknown. Faster than evaluating.
  public func truth(_ fields: some FieldSource, today: CivilDate) -> Bool? {
    ExpressionEvaluation(program, today: today).truth(program.root, fields)
  }
}

extension Catalog {
  /// Parses and type-checks an expression over the records of one entity.
  ///
  /// - Parameters:
  ///   - source: the text, in NFC like every text of the engine.
  ///   - expected: the type it must have, or nil for any. A decimal of any scale passes as decimal, a code as text.
  ///   - limits: what the source may cost; ``ExpressionLimits/standard`` for what people type.
  /// - Throws: the first error with its offset; show both to whoever wrote the expression.
  public func check(
    expression source: String, on entity: Entity, expecting expected: ExpressionType?,
    limits: ExpressionLimits = .standard
  ) throws(ExpressionError) -> CheckedExpression {
    var checker = ExpressionChecker(catalog: self, entity: entity, limits: limits)
    return try checker.check(source, expecting: expected)
  }
}
