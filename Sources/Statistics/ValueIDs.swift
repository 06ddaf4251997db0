import Catalog
import Primitives

/// An expression's values as small numbers, in the order in which they were met: equal values have one number.
final class ValueIDs {
  private enum Form {
    case constant(Int32)
    case table(PartTable)
    case rows(PartRows)
  }

  /// By number.
  private(set) var values: [Value] = []
  private var numbers: [Value: Int32] = [:]
  private var form = Form.constant(0)
  /// By place in the table; −1 for what was not asked yet.
  private var known: [Int32] = []
  private let places = BlockBuffer<Int32>(filledWith: 0)
  private let buffer = BlockBuffer<Int32>(filledWith: 0)

  /// Numbers of the rows picked last.
  var ids: UnsafePointer<Int32> { UnsafePointer(buffer.pointer) }

  init(_ part: ExpressionPart, _ builder: EvaluatorBuilder) throws(NotInColumns) {
    let inputs = try builder.inputs(part)
    if inputs.isEmpty {
      let source = InputSource([], builder.context.directory)
      form = .constant(number(part.evaluate(source, today: builder.context.today)))
    } else if let table = PartTable(part, inputs, builder.context) {
      known = [Int32](repeating: -1, count: table.size)
      form = .table(table)
    } else {
      form = .rows(PartRows(part, inputs, builder.context))
    }
  }

  private func number(_ value: Value) -> Int32 {
    if let known = numbers[value] { return known }
    let number = Int32(truncatingIfNeeded: values.count)
    values.append(value)
    numbers[value] = number
    return number
  }

  /// Finds the numbers of the picked rows of the block that the inputs have loaded.
  func load(_ picks: Picks) {
    let out = buffer.pointer
    switch form {
    case .constant(let number): out.update(repeating: number, count: picks.count)
    case .table(let table):
      table.places(picks, to: places.pointer)
      let places = UnsafePointer(places.pointer)
      known.withUnsafeMutableBufferPointer { known in
        for pick in 0..<picks.count {
          let place = Int(places[pick])
          if known[place] < 0 { known[place] = number(table.value(place)) }
          out[pick] = known[place]
        }
      }
    case .rows(let rows):
      for pick in 0..<picks.count { out[pick] = number(rows.value(Int(picks.rows[pick]))) }
    }
  }
}
