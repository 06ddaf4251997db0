import Catalog
import Primitives
import Query

/// One measure of every group while blocks are worked off.
final class ColumnMeasure {
  private enum Form {
    /// The item itself, whose codes are numbers.
    case direct(ColumnInput, base: Int64)
    case ids(ValueIDs)
  }

  private let measure: Measure
  private let form: Form
  private var sums: [Int128] = []
  private var counts: [Int] = []
  /// Number or code of the best value, when there is one.
  private var best: [Int32?] = []
  private var seen: Set<UInt64> = []
  /// By number of a value: what sums go by; nil for null.
  private var numbers: [Int64?] = []

  init(_ measure: Measure, _ builder: EvaluatorBuilder) throws(NotInColumns) {
    self.measure = measure
    let part = measure.column.expression.whole
    if case .item(let item) = part.form {
      let input = try builder.item(item)
      if case .number(_, let base) = input.coding.kind {
        form = .direct(input, base: base)
        return
      }
    }
    form = .ids(try ValueIDs(part, builder))
  }

  /// Adds the picked rows, whose groups are given.
  func add(_ picks: Picks, groups: UnsafePointer<Int32>, groupCount: Int) {
    grow(to: groupCount)
    switch form {
    case .direct(let input, let base):
      for pick in 0..<picks.count {
        let code = input.codes[Int(picks.rows[pick])]
        guard code != 0 else { continue }
        add(Int(groups[pick]), code) {
          Coding.number(code, base: base)
        } precedes: {
          $0 < $1
        }
      }
    case .ids(let values):
      values.load(picks)
      for value in values.values[numbers.count...] { numbers.append(value.isNull ? nil : Measure.number(value) ?? 0) }
      let ids = values.ids
      for pick in 0..<picks.count {
        let id = ids[pick]
        guard let number = numbers[Int(id)] else { continue }
        add(Int(groups[pick]), id) {
          number
        } precedes: {
          Measure.precedes(values.values[Int($0)], values.values[Int($1)])
        }
      }
    }
  }

  @inline(__always)
  private func add(_ group: Int, _ id: Int32, number: () -> Int64, precedes: (Int32, Int32) -> Bool) {
    switch measure.kind {
    case .sum, .mean:
      sums[group] += Int128(number())
      counts[group] += 1
    case .min: if best[group].map({ precedes(id, $0) }) ?? true { best[group] = id }
    case .max: if best[group].map({ precedes($0, id) }) ?? true { best[group] = id }
    case .distinct:
      if seen.insert(UInt64(group) << 32 | UInt64(UInt32(bitPattern: id))).inserted { counts[group] += 1 }
    }
  }

  private func grow(to count: Int) {
    guard counts.count < count else { return }
    counts += [Int](repeating: 0, count: count - counts.count)
    switch measure.kind {
    case .sum, .mean: sums += [Int128](repeating: 0, count: count - sums.count)
    case .min, .max: best += [Int32?](repeating: nil, count: count - best.count)
    case .distinct: break
    }
  }

  /// The figure of a group.
  func result(_ group: Int) -> Value {
    switch measure.kind {
    case .sum, .mean: return measure.result(sum: sums[group], count: counts[group])
    case .distinct: return .int(Int64(counts[group]))
    case .min, .max:
      guard let id = best[group] else { return .null }
      return switch form {
      case .direct(let input, _): input.coding.value(id)
      case .ids(let values): values.values[Int(id)]
      }
    }
  }
}
