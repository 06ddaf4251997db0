import Catalog
import Formats
import Primitives

/// Conditions that read the same columns, as one number a record: its class, which says at once which of them are true.
///
/// A table of ten bands of age is one look-up a record instead of ten tests. Classes are worked out by the one
/// evaluator
/// of expressions, once for each combination of codes that occurs, or, where the conditions only compare a date or a
/// number, once for each stretch between their bounds.
final class PredicateGroup {
  private enum Form {
    /// One table of truths a condition, all over the same places.
    case tables([PartTable])
    /// What no table can hold: one condition, worked out for all rows of a block.
    case condition(Condition)
    /// The same for every record.
    case constant
  }

  /// Numbers of the conditions in it, as its owner counts them.
  let members: [Int]
  private let form: Form
  /// Class by place in the tables; −1 for what was not asked yet.
  private var known: [Int32] = []
  /// Places where a stretch begins, ascending, the first 0; empty when each place is asked by itself.
  private var stretches: [Int] = []
  /// By class: which members are true, by their place in `members`.
  private(set) var classes: [[Bool]] = []
  private let buffer = BlockBuffer<Int32>(filledWith: 0)
  private let truths = BlockBuffer<UInt8>(filledWith: 0)

  /// Classes of the rows picked last, in their order.
  var ids: UnsafePointer<Int32> { UnsafePointer(buffer.pointer) }

  private init(_ members: [Int], _ form: Form) {
    self.members = members
    self.form = form
  }

  /// Groups conditions by what they read.
  ///
  /// - Parameter parts: nil for what is always true.
  static func groups(_ parts: [ExpressionPart?], _ builder: EvaluatorBuilder) throws(NotInColumns) -> [PredicateGroup] {
    var read: [(inputs: [ColumnInput], members: [Int])] = []
    var constants: [(member: Int, truth: Bool)] = []
    for (member, part) in parts.enumerated() {
      guard let part else {
        constants.append((member, true))
        continue
      }
      let inputs = try builder.inputs(part)
      if inputs.isEmpty {
        let source = InputSource([], builder.context.directory)
        constants.append((member, part.truth(source, today: builder.context.today) == true))
      } else if let place = read.firstIndex(where: { same($0.inputs, inputs) }) {
        read[place].members.append(member)
      } else {
        read.append((inputs, [member]))
      }
    }
    var groups: [PredicateGroup] = []
    for (inputs, members) in read {
      let tables = members.compactMap { parts[$0].flatMap { PartTable($0, inputs, builder.context) } }
      if tables.count == members.count {
        let group = PredicateGroup(members, .tables(tables))
        group.known = [Int32](repeating: -1, count: tables[0].size)
        group.findStretches(members.compactMap { parts[$0] }, inputs)
        groups.append(group)
        continue
      }
      for member in members {
        guard let part = parts[member] else { continue }
        groups.append(PredicateGroup([member], .condition(try Condition(part, builder))))
      }
    }
    if !constants.isEmpty {
      let group = PredicateGroup(constants.map(\.member), .constant)
      group.classes = [constants.map(\.truth)]
      groups.append(group)
    }
    return groups
  }

  private static func same(_ left: [ColumnInput], _ right: [ColumnInput]) -> Bool {
    left.count == right.count && left.allSatisfy { input in right.contains { $0 === input } }
  }

  private func findStretches(_ parts: [ExpressionPart], _ inputs: [ColumnInput]) {
    guard inputs.count == 1, case .number = inputs[0].coding.kind else { return }
    var codes: [Int64] = [0, 1]
    for part in parts {
      guard let bounds = part.bounds else { return }
      for bound in bounds {
        guard let code = inputs[0].coding.code(ofNumber: bound) else { return }
        codes += [code, code + 1]
      }
    }
    let base = Int64(inputs[0].range.lowerBound)
    var places = codes.compactMap { $0 > base && $0 - base < Int64(known.count) ? Int($0 - base) : nil }
    places.append(0)
    places.sort()
    for place in places where stretches.last != place { stretches.append(place) }
  }

  // MARK: Running

  /// Finds the classes of the picked rows of the block that the inputs have loaded.
  ///
  /// - Parameter all: the numbers from 0 to the last row picked.
  func load(_ picks: Picks, _ all: Picks) {
    let out = buffer.pointer
    switch form {
    case .constant: out.update(repeating: 0, count: picks.count)
    case .tables(let tables):
      tables[0].places(picks, to: out)
      known.withUnsafeMutableBufferPointer { known in
        for pick in 0..<picks.count {
          let place = Int(out[pick])
          if known[place] < 0 { ask(place, tables, &known) }
          out[pick] = known[place]
        }
      }
    case .condition(let condition):
      if classes.isEmpty { classes = [[false], [true]] }
      condition.fill(truths.pointer, all)
      for pick in 0..<picks.count { out[pick] = truths.pointer[Int(picks.rows[pick])] == Truth.yes ? 1 : 0 }
    }
  }

  private func ask(_ place: Int, _ tables: [PartTable], _ known: inout UnsafeMutableBufferPointer<Int32>) {
    let truths = tables.map { $0.truth(place) == true }
    let number: Int32
    if let found = classes.firstIndex(of: truths) {
      number = Int32(truncatingIfNeeded: found)
    } else {
      number = Int32(truncatingIfNeeded: classes.count)
      classes.append(truths)
    }
    guard !stretches.isEmpty else {
      known[place] = number
      return
    }
    var (low, high) = (0, stretches.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if stretches[middle] <= place { low = middle } else { high = middle }
    }
    let end = low + 1 < stretches.count ? stretches[low + 1] : known.count
    for place in stretches[low]..<end { known[place] = number }
  }
}

extension Coding {
  /// The code of a number, which may lie between codes that occur or beyond them; nil when it is too far away to say.
  func code(ofNumber number: Int64) -> Int64? {
    guard case .number(_, let base) = kind else { return nil }
    let (distance, overflow) = number.subtractingReportingOverflow(base)
    guard !overflow, distance < Int64.max - 2 else { return nil }
    return distance >= 0 ? distance + 1 : distance
  }
}
