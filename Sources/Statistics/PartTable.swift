import Access
import Catalog
import Primitives

/// What a question gives to all its evaluators.
struct QuestionContext {
  let today: CivilDate
  let directory: OrgDirectory
}

/// A part of an expression as a function of the codes of its inputs.
///
/// It is evaluated once for each combination of codes that occurs, by the one evaluator of expressions, and looked up
/// from then on: a condition over 340,000 members is worked out for two sexes, or for the 30,000 days they were born.
final class PartTable {
  /// More combinations than this are not tabled: the table would not stay in the caches.
  static let sizeMax = 1 << 18

  let part: ExpressionPart
  let inputs: [ColumnInput]
  let size: Int
  private let strides: [Int]
  private let source: InputSource
  private let today: CivilDate

  /// Nil when there are too many combinations.
  init?(_ part: ExpressionPart, _ inputs: [ColumnInput], _ context: QuestionContext) {
    var strides: [Int] = []
    var size = 1
    for input in inputs {
      strides.append(size)
      let span = Int(input.range.upperBound) - Int(input.range.lowerBound) + 1
      guard span <= PartTable.sizeMax / size else { return nil }
      size *= span
    }
    self.part = part
    self.inputs = inputs
    self.size = size
    self.strides = strides
    source = InputSource(inputs, context.directory)
    today = context.today
  }

  /// Writes where each picked row stands in the table.
  func places(_ picks: Picks, to out: UnsafeMutablePointer<Int32>) {
    for (number, input) in inputs.enumerated() {
      let (codes, base, stride) = (input.codes, input.range.lowerBound, Int32(strides[number]))
      if number == 0 {
        for place in 0..<picks.count { out[place] = codes[Int(picks.rows[place])] &- base }
      } else {
        for place in 0..<picks.count { out[place] &+= (codes[Int(picks.rows[place])] &- base) &* stride }
      }
    }
  }

  private func turn(to place: Int) {
    var rest = place
    for (number, input) in inputs.enumerated() {
      let span = Int(input.range.upperBound) - Int(input.range.lowerBound) + 1
      source.codes[number] = Int32(truncatingIfNeeded: rest % span) + input.range.lowerBound
      rest /= span
    }
  }

  func value(_ place: Int) -> Value {
    turn(to: place)
    return part.evaluate(source, today: today)
  }

  func truth(_ place: Int) -> Bool? {
    turn(to: place)
    return part.truth(source, today: today)
  }
}

/// A part of an expression that is evaluated row by row, from columns: what no table can hold.
final class PartRows {
  let part: ExpressionPart
  private let source: InputSource
  private let today: CivilDate

  init(_ part: ExpressionPart, _ inputs: [ColumnInput], _ context: QuestionContext) {
    self.part = part
    source = InputSource(inputs, context.directory)
    today = context.today
  }

  private func turn(to row: Int) {
    for (number, input) in source.inputs.enumerated() { source.codes[number] = input.codes[row] }
  }

  func value(_ row: Int) -> Value {
    turn(to: row)
    return part.evaluate(source, today: today)
  }

  func truth(_ row: Int) -> Bool? {
    turn(to: row)
    return part.truth(source, today: today)
  }
}
