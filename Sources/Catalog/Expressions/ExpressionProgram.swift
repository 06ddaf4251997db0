import Primitives

/// A checked expression in the form the evaluator runs: nodes in an array that name each other by position, items by
/// id. A class, so that copying an expression costs one count; immutable, so that every thread may run it at once.
final class ExpressionProgram: Sendable {
  /// Children stand before their parents.
  let nodes: [ExpressionNode]
  /// Children of nodes that have more than two.
  let operands: [Int32]
  let constants: [Value]
  let lists: [ValueList]
  let paths: [FieldPath]
  let root: Int32

  init(
    nodes: [ExpressionNode], operands: [Int32], constants: [Value], lists: [ValueList], paths: [FieldPath], root: Int32
  ) {
    self.nodes = nodes
    self.operands = operands
    self.constants = constants
    self.lists = lists
    self.paths = paths
    self.root = root
  }
}

/// One step of a program. Holds positions only and no counted reference, so reading one from the array is a plain copy.
enum ExpressionNode: Sendable {
  case constant(Int32)
  case today
  case item(ItemID)
  case path(Int32)
  case not(Int32)
  case all(first: Int32, count: Int32)
  case any(first: Int32, count: Int32)
  case compare(Comparison, Int32, Int32)
  case member(Int32, list: Int32)
  case isEmpty(Int32)
  /// The organisation in this item, or the one that owns the record, lies under the code in the constant.
  case under(ItemID?, code: Int32)
  case negate(Int32)
  case arithmetic(Arithmetic, Int32, Int32)
  /// Multiplies to bring two numbers to one scale.
  case rescale(Int32, factor: Int64)
  case addMonths(Int32, Int32)
  case addDays(Int32, Int32)
  case daysBetween(Int32, Int32)
  case call(ExpressionFunction, first: Int32)
  /// `round`: half away from zero, after dividing by the divisor.
  case round(Int32, divisor: Int64)
  case choose(Int32, Int32, Int32)
  case coalesce(Int32, Int32)
}

/// The values of an `in {…}`, sorted, for binary search.
enum ValueList: Sendable {
  case texts([Text])
  /// Ranges that neither touch nor overlap: whole numbers, unscaled decimals or days.
  case ranges([ClosedRange<Int64>])

  /// Logarithmic in the length of the list; nil when the value is of another kind, which includes null.
  func contains(_ value: Value) -> Bool? {
    switch (self, value) {
    case (.texts(let texts), .text(let text)): ValueList.search(texts, text)
    case (.ranges(let ranges), .int(let number)), (.ranges(let ranges), .decimal(let number)):
      ValueList.search(ranges, number)
    case (.ranges(let ranges), .date(let date)): ValueList.search(ranges, Int64(date.days))
    default: nil
    }
  }

  private static func search(_ texts: [Text], _ text: Text) -> Bool {
    var low = 0
    var high = texts.count
    while low < high {
      let middle = (low + high) / 2
      if texts[middle] < text { low = middle + 1 } else { high = middle }
    }
    return low < texts.count && texts[low] == text
  }

  private static func search(_ ranges: [ClosedRange<Int64>], _ number: Int64) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(number)
  }
}
