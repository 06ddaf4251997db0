import Primitives

/// A parsed expression before its names and types are known.
struct Syntax {
  indirect enum Kind {
    case constant(Value, ExpressionType)
    case null
    case today
    /// One name for an item of the record, several for a path.
    case name([String])
    case not(Syntax)
    case negate(Syntax)
    /// `and`, two or more.
    case all([Syntax])
    /// `or`, two or more.
    case any([Syntax])
    case compare(Comparison, Syntax, Syntax)
    case arithmetic(Arithmetic, Syntax, Syntax)
    case membership(Syntax, [ListEntry])
    case isNull(Syntax)
    case under(Syntax, String)
    case call(String, [Syntax])
  }
  let kind: Kind
  let offset: Int
  /// Levels below and including this one, at most ``ExpressionLimits/depth``.
  let height: Int
}

/// One value of an `in {…}`, or the range from one to another, both included.
struct ListEntry {
  let low: Syntax
  let high: Syntax?
}

/// How two values are compared.
public enum Comparison: UInt8, Sendable {
  case equal, unequal, less, lessOrEqual, greater, greaterOrEqual

  /// Whether the comparison needs an order, not only equality.
  var needsOrder: Bool { self != .equal && self != .unequal }

  /// Whether the comparison holds between two known values.
  @inlinable @inline(__always)
  public func holds<Ordered: Comparable>(_ left: Ordered, _ right: Ordered) -> Bool {
    switch self {
    case .equal: left == right
    case .unequal: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}

enum Arithmetic: UInt8, Sendable {
  case add, subtract, multiply
}
